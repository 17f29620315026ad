/* SPDX-License-Identifier: MIT */
/*
 * golang-migrate: N_title.up.EXT and N_title.down.EXT with any extension, known by the number. A
 * missing half is an empty step. Files have no directives.
 */
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

static struct migration *with_number(struct listing *l, const char *name, size_t digits)
{
    for (size_t i = 0; i < l->count; i++) {
        const char *version = digits_trim(l->list[i].version);
        size_t zeros = strspn(name, "0");

        zeros = zeros == digits ? digits - 1 : zeros;
        if (strlen(version) == digits - zeros &&
            strncmp(version, name + zeros, digits - zeros) == 0)
            return &l->list[i];
    }
    return NULL;
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t digits = leading_digits(name), stem;
    enum file_part part = part_of(name, digits, &stem);
    struct source_file *file;
    struct migration *m;

    if (folder || digits == 0 || name[digits] != '_' || part == PART_BY_NAME || stem <= digits)
        return DUNLIN_OK;
    m = with_number(l, name, digits);
    if (!m) {
        m = listing_add(l, name, digits);
        if (!m)
            return error_nomem(err);
        m->key = digits_trim(m->version);
        m->name = listing_text(l, name + digits + 1, stem - digits - 1, 0, 0);
        if (!m->name)
            return error_nomem(err);
    }
    file = part == PART_UP ? &m->up : &m->down;
    if (file->name) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "two files of %s have version %s: %s and "
                  "%s", l->folder->path, m->key, file->name, name);
        error_hint(err, "renumber the newer one, or delete one of them");
        return DUNLIN_BAD_FILE;
    }
    return listing_file(l, name, part, file, err);
}

/* A step down alone has nothing to run upwards. */
static int without_up(struct listing *l, struct dunlin_error *err)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->list[i].up.name)
            continue;
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s has no up file beside it",
                  l->list[i].down.path);
        error_hint(err, "add it, if need be an empty one");
        return DUNLIN_BAD_FILE;
    }
    return DUNLIN_OK;
}

static int golang_migrate_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                               struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    if (rc == DUNLIN_OK)
        rc = without_up(&l, err);
    return listing_done(&l, by_number, rc, err);
}

const struct layout golang_migrate_layout = {.name = "golang-migrate",
                                             .tool = "golang-migrate",
                                             .listed = true,
                                             .list = golang_migrate_list};
