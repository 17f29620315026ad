/* SPDX-License-Identifier: MIT */
/*
 * golang-migrate: N_title.up.EXT and N_title.down.EXT with any extension, known by the number. A
 * missing half is an empty step. Files have no directives.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

/* The direction, and how much of the name stands before it. */
static enum file_part part_of(const char *name, size_t digits, size_t *stem)
{
    static const struct {
        const char *text;
        enum file_part part;
    } words[] = {{".up.", PART_UP}, {".down.", PART_DOWN}};
    enum file_part part = PART_BY_NAME;

    *stem = 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        /* the last one in the name, as ".*" takes as much as it can */
        for (const char *at = name + digits; (at = strstr(at, words[i].text)); at++) {
            if ((size_t)(at - name) > *stem) {
                *stem = (size_t)(at - name);
                part = words[i].part;
            }
        }
    }
    return part;
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t digits = leading_digits(name), stem;
    enum file_part part = part_of(name, digits, &stem);
    struct migration *m;

    if (folder || digits == 0 || name[digits] != '_' || part == PART_BY_NAME || stem <= digits)
        return DUNLIN_OK;
    m = listing_add(l, name, digits);
    if (!m)
        return error_nomem(err);
    m->key = digits_trim(m->version);
    m->name = listing_text(l, name + digits + 1, stem - digits - 1, 0, 0);
    if (!m->name)
        return error_nomem(err);
    return listing_file(l, name, part, part == PART_UP ? &m->up : &m->down, err);
}

/* ---- pairs ----------------------------------------------------------------------------------- */

/* A missing half is an empty step. On the way up it is the other half with nothing of it left, as
 * there has to be some file. */
static void empty_up(struct migration *m)
{
    m->up = m->down;
    m->up.part = PART_UP;
    m->up.first_line = m->up.last_line = UINT32_MAX;
}

static int golang_migrate_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                               struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    if (rc == DUNLIN_OK)
        rc = listing_join(&l, err);
    for (size_t i = 0; rc == DUNLIN_OK && i < l.count; i++) {
        if (!l.list[i].up.name)
            empty_up(&l.list[i]);
    }
    return listing_done(&l, NULL, rc, err);
}

const struct layout golang_migrate_layout = {.name = "golang-migrate",
                                             .tool = "golang-migrate",
                                             .listed = true,
                                             .list = golang_migrate_list};
