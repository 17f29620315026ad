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

/* By the number; of one number the way up comes first. */
static int by_key(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;
    int order = digits_compare(x->key, y->key);

    return order ? order : (y->up.name != NULL) - (x->up.name != NULL);
}

static int refuse_second(const struct listing *l, const struct migration *first,
                         const struct migration *second, struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "two files of %s have version %s: %s and %s",
              l->folder->path, first->key, second->up.name ? first->up.name : first->down.name,
              second->up.name ? second->up.name : second->down.name);
    error_hint(err, "renumber the newer one, or delete one of them");
    return DUNLIN_BAD_FILE;
}

/* A missing half is an empty step. On the way up it is the other half with nothing of it left, as
 * there has to be some file. */
static void empty_up(struct migration *m)
{
    m->up = m->down;
    m->up.part = PART_UP;
    m->up.first_line = m->up.last_line = UINT32_MAX;
}

/* Every file is a migration of its own so far. */
static int join(struct listing *l, struct dunlin_error *err)
{
    size_t count = 0;

    if (l->count > 1)
        qsort(l->list, l->count, sizeof(*l->list), by_key);
    for (size_t i = 0; i < l->count; i++) {
        struct migration *m = &l->list[i], *before = count ? &l->list[count - 1] : NULL;

        if (!before || strcmp(before->key, m->key) != 0)
            l->list[count++] = *m;
        else if (m->up.name || before->down.name)
            return refuse_second(l, before, m, err);
        else
            before->down = m->down;
    }
    l->count = count;
    for (size_t i = 0; i < count; i++) {
        if (!l->list[i].up.name)
            empty_up(&l->list[i]);
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
        rc = join(&l, err);
    return listing_done(&l, NULL, rc, err);
}

const struct layout golang_migrate_layout = {.name = "golang-migrate",
                                             .tool = "golang-migrate",
                                             .listed = true,
                                             .list = golang_migrate_list};
