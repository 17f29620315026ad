/* SPDX-License-Identifier: MIT */
/*
 * umzug with files of SQL: x.up.sql with x.down.sql, or x.sql with down/x.sql. It knows a migration
 * by the whole name of the file that goes up, and orders by these. Files have no directives.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

/* A time as umzug writes it in front of a new name. */
static bool has_time(const char *name)
{
    static const char form[] = "dddd.dd.ddTdd.dd.dd.";
    size_t stem;

    for (size_t i = 0; form[i]; i++) {
        if (form[i] == 'd' ? name[i] < '0' || name[i] > '9' : name[i] != form[i])
            return false;
    }
    return name_ends(name, ".sql", &stem);
}

static const char *umzug_recognise(struct glance *g)
{
    return glance_name(g, has_time) ? "names that begin with a time as umzug writes it" : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* What follows the time, or another number. */
static const char *words_of(const char *version)
{
    size_t skip = strspn(version, "0123456789.T");

    return skip && version[skip] ? version + skip + strspn(version + skip, "_-") : version;
}

static int up_add(struct listing *l, const char *name, size_t stem, struct dunlin_error *err)
{
    struct migration *m = listing_add(l, name, stem);

    if (!m)
        return error_nomem(err);
    m->name = words_of(m->version);
    m->key = listing_text(l, name, strlen(name), 0, 0);
    return m->key ? listing_file(l, name, PART_UP, &m->up, err) : error_nomem(err);
}

/* The name with its extension is also what a program is known by. */
static int code_add(struct listing *l, const char *name, bool *code, struct dunlin_error *err)
{
    size_t before = l->count;
    int rc = DUNLIN_OK;

    *code = listing_foreign(l, name, &rc, err);
    if (rc || l->count == before)
        return rc;
    l->list[before].name = words_of(l->list[before].version);
    l->list[before].key = listing_text(l, name, strlen(name), 0, 0);
    return l->list[before].key ? DUNLIN_OK : error_nomem(err);
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t stem;
    bool code;
    int rc;

    if (folder)
        return DUNLIN_OK;
    rc = code_add(l, name, &code, err);
    if (rc || code || !name_ends(name, ".sql", &stem) || name_ends(name, ".down.sql", &stem))
        return rc;
    name_ends(name, ".up.sql", &stem);
    return up_add(l, name, stem, err);
}

/* The files that go down; each belongs to one that goes up. */
static int down_entry(struct listing *l, const char *sub, const char *name, size_t stem,
                      struct dunlin_error *err)
{
    char file[600];

    snprintf(file, sizeof(file), "%s%s", sub, name);
    for (size_t i = 0; i < l->count; i++) {
        struct migration *m = &l->list[i];
        bool pair = strlen(m->key) == strlen(m->version) + strlen(".up.sql");

        if (pair == (*sub != '\0') || strlen(m->version) != stem ||
            strncmp(m->version, name, stem) != 0)
            continue;
        return listing_file(l, file, PART_DOWN, &m->down, err);
    }
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/%s has no file beside it that goes up",
              l->folder->path, file);
    error_hint(err, "add it, or delete the file");
    return DUNLIN_BAD_FILE;
}

static int beside(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    size_t stem;

    return folder || !name_ends(name, ".down.sql", &stem) ? DUNLIN_OK
                                                          : down_entry(user, "", name, stem, err);
}

static int below(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    size_t stem;

    return folder || !name_ends(name, ".sql", &stem) ? DUNLIN_OK
                                                     : down_entry(user, "down/", name, stem, err);
}

static int umzug_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                      struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    if (rc == DUNLIN_OK)
        rc = folder_entries(f, NULL, beside, &l, err);
    if (rc == DUNLIN_OK)
        rc = folder_entries(f, "down", below, &l, err);
    return listing_done(&l, by_file, rc, err);
}

const struct layout umzug_layout = {.name = "umzug",
                                    .tool = "umzug",
                                    .listed = true,
                                    .recognise = umzug_recognise,
                                    .list = umzug_list};
