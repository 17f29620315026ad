/* SPDX-License-Identifier: MIT */
/*
 * A changelog of Liquibase in XML or YAML that says which files there are, and in what order. Its
 * elements include, includeAll and property are read; changesets in it cannot run.
 */
#include "source/layouts/liquibase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "source/rewrite.h"

#define FILE_MAX (8u * 1024u * 1024u)
#define DEPTH_MAX 16u

static const char *value_of(const struct element *e, const char *name)
{
    for (size_t i = 0; i < e->count; i++) {
        if (strcmp(e->names[i], name) == 0)
            return e->values[i];
    }
    return NULL;
}

/* ---- what elements say ----------------------------------------------------------------------- */

/* A path as the table has it, and the folder; relative ones begin at the file's own folder. */
static int path_of(struct scan *s, const struct element *e, const char *path, char **out,
                   struct dunlin_error *err)
{
    const char *relative = value_of(e, "relativeToChangelogFile");
    const char *slash = strrchr(s->at.file, '/');
    struct buf b = BUF_INIT(4096);
    int rc;

    if (relative && strcmp(relative, "true") == 0 && slash)
        buf_add(&b, s->at.file, (size_t)(slash - s->at.file) + 1);
    path += strncmp(path, "classpath:", 10) == 0 ? 10 : 0;
    path += strncmp(path, "./", 2) == 0 ? 2 : 0;
    path += strspn(path, "/");
    rc = changelog_expand(s->c, &s->at, path, strlen(path), &b, err);
    while (!rc && b.len && b.data[b.len - 1] == '/')
        b.len--;
    *out = rc ? NULL : scan_copy(s, buf_str(&b), b.len);
    buf_free(&b);
    if (!rc && !*out)
        rc = error_nomem(err);
    if (!rc && (strstr(*out, "..") || strchr(*out, '\\')))
        rc = changelog_refuse(&s->at, err,
                              "give the folder that all paths begin in, with \"/\" between names",
                              "the path %s leaves the folder, or is not plain", *out);
    return rc;
}

/* The names of an includeAll: everything below, in the order of the whole paths. */
struct names {
    struct scan *scan;
    const char *folder;
    char **list;
    size_t count, cap;
};

static int name_add(const char *name, bool folder, void *user, struct dunlin_error *err);

static int names_below(struct names *n, const char *folder, struct dunlin_error *err)
{
    const char *before = n->folder;
    int rc;

    n->folder = folder;
    rc = folder_entries(n->scan->at.folder, folder, name_add, n, err);
    n->folder = before;
    return rc;
}

static int name_add(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct names *n = user;
    char *path = arena_printf(n->scan->c->list.arena, "%s/%s", n->folder, name);

    if (!path)
        return error_nomem(err);
    if (folder)
        return names_below(n, path, err);
    if (n->count == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 64;
        char **list = realloc(n->list, cap * sizeof(*list));

        if (!list)
            return error_nomem(err);
        n->list = list;
        n->cap = cap;
    }
    n->list[n->count++] = path;
    return DUNLIN_OK;
}

static int by_path(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strcmp(*x, *y);
}

static int include_all(struct scan *s, const struct element *e, const char *folder,
                       struct dunlin_error *err)
{
    const char *needed = value_of(e, "errorIfMissingOrEmpty");
    struct names n = {.scan = s};
    int rc;

    if (folder_lacks_folder(s->at.folder, folder))
        return needed && strcmp(needed, "false") == 0
                   ? DUNLIN_OK
                   : changelog_refuse(&s->at, err,
                                      "paths begin in the folder that is given with --dir",
                                      "there is no folder %s", folder);
    rc = names_below(&n, folder, err);
    if (!rc && n.count > 1)
        qsort(n.list, n.count, sizeof(*n.list), by_path);
    for (size_t i = 0; !rc && i < n.count; i++)
        rc = changelog_file(s->c, n.list[i], false, err);
    free(n.list);
    return rc;
}

static int include(struct scan *s, const struct element *e, struct dunlin_error *err)
{
    static const char *const fine[] = {"file", "path", "relativeToChangelogFile",
                                       "errorIfMissingOrEmpty"};
    bool all = strcmp(e->name, "includeAll") == 0;
    const char *path = value_of(e, all ? "path" : "file");
    char *full;
    int rc;

    for (size_t i = 0; i < e->count; i++) {
        size_t k = 0;

        while (k < sizeof(fine) / sizeof(fine[0]) && strcmp(fine[k], e->names[i]) != 0)
            k++;
        if (k == sizeof(fine) / sizeof(fine[0]))
            return changelog_refuse(&s->at, err,
                                    "leave this changelog to Liquibase, or take it out",
                                    "dunlin cannot do what %s says in %s", e->names[i], e->name);
    }
    if (!path)
        return changelog_refuse(&s->at, err, NULL, "%s without %s", e->name, all ? "path" : "file");
    rc = path_of(s, e, path, &full, err);
    if (rc)
        return rc;
    if (all)
        return include_all(s, e, full, err);
    return folder_lacks(s->at.folder, full)
               ? changelog_refuse(&s->at, err, "paths begin in the folder that is given with --dir",
                                  "there is no file %s", full)
               : changelog_file(s->c, full, true, err);
}

int scan_element(struct scan *s, const struct element *e, struct dunlin_error *err)
{
    const char *dbms = value_of(e, "dbms"), *global = value_of(e, "global");

    if (strcmp(e->name, "include") == 0 || strcmp(e->name, "includeAll") == 0)
        return include(s, e, err);
    if (strcmp(e->name, "property") == 0) {
        const char *name = value_of(e, "name"), *value = value_of(e, "value");

        if (!name || !value || value_of(e, "file"))
            return changelog_refuse(&s->at, err, NULL,
                                    "dunlin reads properties with name and value");
        if (dbms && !changelog_dbms(s->at.folder, dbms))
            return DUNLIN_OK;
        return changelog_set(s->c, name, value,
                             global && strcmp(global, "false") == 0 ? s->at.file : NULL, err);
    }
    if (strcmp(e->name, "changeSet") != 0)
        return changelog_refuse(&s->at, err, "dunlin reads include, includeAll and property there",
                                "dunlin cannot read %.100s in a changelog", e->name);
    if (!s->changesets && !s->c->others && s->c->list.nforeign++ < 10)
        buf_addf(&s->c->list.foreign, "%s%s", s->c->list.nforeign > 1 ? ", " : "", s->at.file);
    s->changesets = true;
    return DUNLIN_OK;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool has_end(const char *file, const char *const *ends)
{
    size_t stem;

    for (; *ends; ends++) {
        if (name_ends(file, *ends, &stem))
            return true;
    }
    return false;
}

int changelog_root(struct changelog *c, const char *file, struct dunlin_error *err)
{
    static const char *const xml[] = {".xml", NULL}, *const yaml[] = {".yaml", ".yml", NULL};
    struct scan s = {.c = c, .at = {c->list.folder, file, 1}};
    struct buf text = BUF_INIT(FILE_MAX);
    int rc = folder_read(c->list.folder, file, &text, err);

    if (!rc && !buf_addc(&text, '\0'))
        rc = error_nomem(err);
    s.text = text.data;
    s.end = rc ? NULL : s.text + strlen(s.text);
    if (!rc && !strstr(s.text, "databaseChangeLog"))
        rc = changelog_refuse(&s.at, err, NULL, "this is no changelog of Liquibase");
    else if (!rc && has_end(file, xml))
        rc = scan_xml(&s, err);
    else if (!rc && has_end(file, yaml))
        rc = scan_yaml(&s, err);
    else if (!rc)
        rc = changelog_refuse(&s.at, err, "dunlin reads changelogs in SQL, XML and YAML",
                              "dunlin cannot read changelogs of this kind");
    buf_free(&text);
    return rc;
}

int changelog_file(struct changelog *c, const char *file, bool named, struct dunlin_error *err)
{
    static const char *const others[] = {".xml", ".yaml", ".yml", ".json", NULL};
    static const char *const sql[] = {".sql", ".SQL", NULL};
    struct changelog_place at = {c->list.folder, file, 0};
    int rc;

    if (has_end(file, sql))
        return changelog_sql(c, file, file, err);
    if (!has_end(file, others))
        return named ? changelog_refuse(&at, err, NULL, "dunlin cannot read files of this kind")
                     : DUNLIN_OK;
    if (++c->depth > DEPTH_MAX)
        return changelog_refuse(&at, err, NULL, "changelogs include each other more than %u deep",
                                DEPTH_MAX);
    rc = changelog_root(c, file, err);
    c->depth--;
    return rc;
}
