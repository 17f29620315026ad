/* SPDX-License-Identifier: MIT */
/*
 * The command line of Supabase: N_name.sql in supabase/migrations, known by the digits as they are
 * written, in the order of the file names. No directives, and no way down.
 */
#include <string.h>

#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

#define INIT_DIGITS 14u
#define INIT_BEFORE "20211209000000"

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t digits = leading_digits(name), stem;
    struct migration *m;

    if (folder || digits == 0 || name[digits] != '_' || !name_ends(name, ".sql", &stem))
        return DUNLIN_OK;
    m = listing_add(l, name, digits);
    if (!m)
        return error_nomem(err);
    m->name = listing_text(l, name + digits + 1, stem - digits - 1, 0, 0);
    return m->name ? listing_file(l, name, PART_UP, &m->up, err) : error_nomem(err);
}

/* What an early version wrote for a project to begin with is passed over, as the first file. */
static void drop_init(struct listing *l)
{
    size_t first = 0;

    for (size_t i = 1; i < l->count; i++) {
        if (by_file(&l->list[i], &l->list[first]) < 0)
            first = i;
    }
    if (l->count == 0 || strlen(l->list[first].version) < INIT_DIGITS ||
        strcmp(l->list[first].name, "init") != 0 ||
        strcmp(l->list[first].version + strlen(l->list[first].version) - INIT_DIGITS,
               INIT_BEFORE) >= 0)
        return;
    l->list[first] = l->list[--l->count];
}

static int supabase_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                         struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    if (rc == DUNLIN_OK)
        drop_init(&l);
    return listing_done(&l, by_file, rc, err);
}

/* Its folders cannot be told from dunlin's own. */
const struct layout supabase_layout = {
    .name = "supabase", .tool = "Supabase", .listed = true, .list = supabase_list};
