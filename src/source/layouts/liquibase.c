/* SPDX-License-Identifier: MIT */
/*
 * Liquibase: changesets in files of formatted SQL, each a migration of its own, known by path, id
 * and author. Their order is that of a root changelog where there is one, else of the files' names.
 */
#include "source/layouts/liquibase.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/rewrite.h"

#define FILE_MAX (64u * 1024u * 1024u)

static bool is_root(const char *name)
{
    static const char *const names[] = {
        "db.changelog-master", "db.changelog-root", "changelog-master", "changelog-root",
        "root-changelog",      "db.changelog",      "changelog"};
    static const char *const ends[] = {".xml", ".yaml", ".yml", ".json"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t n = strlen(names[i]);

        if (strncmp(name, names[i], n) != 0)
            continue;
        for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
            if (strcmp(name + n, ends[k]) == 0)
                return true;
        }
    }
    return false;
}

static const char *liquibase_recognise(struct glance *g)
{
    if (glance_line(g, "--liquibase formatted") || glance_line(g, "-- liquibase formatted"))
        return "a line \"--liquibase formatted sql\"";
    return glance_name(g, is_root) ? "its root changelog" : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

struct files {
    struct changelog c;
    char **list;
    size_t count, cap;
    const char *root;
};

static int root_found(struct files *f, const char *name, struct dunlin_error *err)
{
    const struct folder *folder = f->c.list.folder;

    if (f->root)
        return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                         "%s has two root changelogs, %s and %s", folder->path, f->root, name);
    f->root = arena_strdup(f->c.list.arena, name);
    return f->root ? DUNLIN_OK : error_nomem(err);
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct files *f = user;
    size_t stem;

    if (folder)
        return DUNLIN_OK;
    if (is_root(name))
        return root_found(f, name, err);
    if (!name_ends(name, ".sql", &stem))
        return DUNLIN_OK;
    if (f->count == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 64;
        char **list = arena_calloc(f->c.list.arena, cap, sizeof(*list));

        if (!list)
            return error_nomem(err);
        if (f->count)
            memcpy(list, f->list, f->count * sizeof(*list));
        f->list = list;
        f->cap = cap;
    }
    f->list[f->count] = arena_strdup(f->c.list.arena, name);
    return f->list[f->count++] ? DUNLIN_OK : error_nomem(err);
}

static int by_bytes(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strcmp(*x, *y);
}

static bool is_formatted(const struct files *f, const char *name)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct buf text = BUF_INIT(FILE_MAX);
    bool is = folder_read(f->c.list.folder, name, &text, &ignored) == DUNLIN_OK &&
              changelog_is_sql(buf_str(&text), text.len);

    buf_free(&text);
    return is;
}

static int read_all(struct files *f, enum unnumbered unnumbered, struct dunlin_error *err)
{
    static const char *const below[] = {
        "db/changelog/db.changelog-master.yaml", "db/changelog/db.changelog-master.xml",
        "db/changelog/db.changelog-master.sql",  "changelog/db.changelog-master.yaml",
        "changelog/db.changelog-master.xml",     "changelog/db.changelog-master.sql"};
    const struct folder *folder = f->c.list.folder;
    int rc = DUNLIN_OK;

    for (size_t i = 0; !f->root && !f->count && i < sizeof(below) / sizeof(below[0]); i++)
        f->root = folder_lacks(folder, below[i]) ? NULL : below[i];
    if (f->root)
        return source_refused(folder, changelog_file(&f->c, f->root, true, err), false, err);
    if (f->count == 0) {
        rc = error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                       "%s has neither a root changelog nor a file of formatted SQL", folder->path);
        error_hint(err, "give the folder in which the paths of the changelog begin");
        return source_refused(folder, rc, false, err);
    }
    if (f->count > 1)
        qsort(f->list, f->count, sizeof(*f->list), by_bytes);
    for (size_t i = 0; !rc && i < f->count; i++) {
        if (unnumbered != UNNUMBERED_IGNORE || is_formatted(f, f->list[i]))
            rc = source_refused(folder, changelog_file(&f->c, f->list[i], true, err), false, err);
    }
    return rc;
}

/* A rollback that is the SQL of another changeset. */
static int link_rollbacks(struct listing *l, struct dunlin_error *err)
{
    for (size_t i = 0; i < l->count; i++) {
        struct migration *m = &l->list[i];
        const struct migration *other = NULL;
        const struct changeset *s = m->extra;

        if (s->rollback != ROLLBACK_OTHER)
            continue;
        for (size_t k = 0; k < l->count && !other; k++) {
            if (strcmp(l->list[k].key, s->rollback_key) == 0)
                other = &l->list[k];
        }
        if (!other) {
            const struct changelog_place at = {l->folder, m->up.name, s->first_line};

            return changelog_refuse(&at, err, NULL, "the rollback names %s, which is not there",
                                    s->rollback_key);
        }
        m->down = other->up;
        m->down.part = PART_DOWN;
        m->down.options = m->up.options;
    }
    return DUNLIN_OK;
}

static int liquibase_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                          struct dunlin_error *err)
{
    struct files files = {
        .c = {.list = LISTING_INIT(f, arena), .others = f->foreign_code != FOREIGN_CODE_REFUSE}};
    int rc = folder_entries(f, NULL, entry, &files, err);

    if (!rc)
        rc = read_all(&files, unnumbered, err);
    if (!rc)
        rc = link_rollbacks(&files.c.list, err);
    return listing_done(&files.c.list, NULL, rc, err);
}

/* ---- scripts --------------------------------------------------------------------------------- */

static int liquibase_rewrite(struct rewrite *w, const char *line, size_t len,
                             struct dunlin_error *err)
{
    const struct changeset_script *script = w->file->extra;
    const struct changeset_line *l;
    uint32_t at;

    if (!line || !script) /* a hook is as it is */
        return DUNLIN_OK;
    at = w->line - script->of->first_line;
    l = at < script->of->nlines ? &script->of->lines[at] : NULL;
    if (!l || l->crc != (uint32_t)crc32_z(0, (const Bytef *)line, len))
        return rewrite_refuse(w, err, "leave migration files alone while they run",
                              "%s changed while dunlin was running", w->file->path);
    if (!(l->shown & script->shown))
        rewrite_drop(w);
    else if (at == 0)
        rewrite_text(w, script->head, strlen(script->head));
    else if (l->text)
        rewrite_text(w, l->text, strlen(l->text));
    return DUNLIN_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* "path::id::author" of a changeset in XML, YAML or JSON. */
static bool liquibase_elsewhere(const char *key)
{
    static const char *const ends[] = {".xml", ".yaml", ".yml", ".json"};
    const char *end = strstr(key, "::");

    for (size_t i = 0; end && i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t len = strlen(ends[i]);

        if ((size_t)(end - key) > len && memcmp(end - len, ends[i], len) == 0)
            return true;
    }
    return false;
}

/* ---- checksums ------------------------------------------------------------------------------- */

static int liquibase_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                              struct dunlin_error *err)
{
    const struct changeset *s = m->extra;

    (void)err;
    memcpy(out, s->v9, sizeof(s->v9));
    return DUNLIN_OK;
}

/* A line of those that the changeset itself accepts: "any", or a sum that is stored or its own. */
static bool is_valid(const struct changeset *s, const char *stored)
{
    const char *at = s->valid, *line;
    size_t len;

    while (next_line(&at, &line, &len)) {
        text_trim(&line, &len);
        if (len > 2 && strncmp(line, "1:", 2) == 0) {
            line += 2;
            len -= 2;
        }
        if (text_is(line, len, "any") || text_is(line, len, "all") || text_is(line, len, "*") ||
            text_is(line, len, stored) || text_is(line, len, *stored == '8' ? s->v8 : s->v9))
            return true;
    }
    return false;
}

/* Sums of versions before 8 are not compared by Liquibase either: it replaces them. */
static int liquibase_accepts(const struct migration *m, const char *stored, bool *same,
                             struct dunlin_error *err)
{
    const struct changeset *s = m->extra;

    (void)err;
    *same = strcmp(stored, s->v8) == 0 || strcmp(stored, s->v9) == 0 ||
            (stored[0] >= '1' && stored[0] < '8' && stored[1] == ':') || is_valid(s, stored);
    return DUNLIN_OK;
}

const struct layout liquibase_layout = {.name = "liquibase",
                                        .tool = "Liquibase",
                                        .listed = true,
                                        .whole_lines = true,
                                        .recognise = liquibase_recognise,
                                        .list = liquibase_list,
                                        .rewrite = liquibase_rewrite,
                                        .checksum = liquibase_checksum,
                                        .elsewhere = liquibase_elsewhere,
                                        .accepts = liquibase_accepts};
