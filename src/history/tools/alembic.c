/* SPDX-License-Identifier: MIT */
/*
 * alembic: a row for each head, and nothing for what lies before it. That is told by its files:
 * Python, of which two or three assignments are read, which alembic itself writes one to a line.
 * Its history can be taken over, but not shared.
 */
#include "history/tools/tools.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/folder.h"

#define READ "SELECT version_num, NULL, 'applied', NULL, NULL FROM {table} ORDER BY version_num"
#define FILE_MAX_BYTES (4u * 1024u * 1024u)

/* One file. The lists are texts, each with its NUL, and another NUL behind them. */
struct revision {
    const char *id;     /* NULL = the file is none */
    const char *file;   /* without extension */
    const char *words;  /* the name without the id; NULL = nothing else */
    const char *before; /* what it comes after, */
    const char *needs;  /* .. what else it depends on, */
    const char *labels; /* .. and what it is called besides */
    bool applied;
};

struct revisions {
    const struct folder *folder;
    const char *sub;
    struct arena *arena;
    struct revision *list;
    size_t count, cap;
};

/* ---- lines of Python ------------------------------------------------------------------------- */

/* Behind the "=" of an assignment to this name at the start of a line; NULL = there is none. */
static const char *assigned(const char *text, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = text; at; at = strchr(at, '\n')) {
        const char *end;

        at += *at == '\n';
        if (strncmp(at, name, len) != 0 || !*at || !strchr(" \t:=", at[len]) || !at[len])
            continue;
        end = at + len + strcspn(at + len, "=\n");
        if (*end == '=' && end[1] != '=')
            return end + 1;
    }
    return NULL;
}

/* Appends every text in quotes, to the end of the line or of the brackets. */
static void take_texts(const char *at, struct buf *out)
{
    int depth = 0;

    for (; *at && (depth > 0 || *at != '\n'); at++) {
        const char quote = *at;

        if (quote == '#') {
            at += strcspn(at, "\n");
            if (!*at || depth == 0)
                return;
        } else if (strchr("([{", quote)) {
            depth++;
        } else if (strchr(")]}", quote)) {
            depth--;
        } else if (quote == '"' || quote == '\'') {
            const char end[] = {quote, '\n', '\0'};
            size_t len = strcspn(at + 1, end);

            if (len)
                buf_add(out, at + 1, len);
            if (len)
                buf_addc(out, '\0');
            at += len;
            if (at[1] == quote)
                at++;
        }
    }
}

/* The texts of an assignment, in the arena; NULL = out of memory. */
static const char *texts_of(const char *text, const char *name, struct arena *arena)
{
    const char *value = assigned(text, name);
    struct buf b = BUF_INIT(FILE_MAX_BYTES);
    char *copy;

    if (value)
        take_texts(value, &b);
    copy = b.failed ? NULL : arena_calloc(arena, b.len + 1, 1);
    if (copy && b.len)
        memcpy(copy, b.data, b.len);
    buf_free(&b);
    return copy;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int revision_add(struct revisions *r, const char *name, const char *text,
                        struct dunlin_error *err)
{
    struct revision *one;
    const char *behind;

    if (r->count == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 64;
        struct revision *list = arena_calloc(r->arena, cap, sizeof(*list));

        if (!list)
            return error_nomem(err);
        if (r->count)
            memcpy(list, r->list, r->count * sizeof(*list));
        r->list = list;
        r->cap = cap;
    }
    one = &r->list[r->count];
    one->id = texts_of(text, "revision", r->arena);
    one->before = texts_of(text, "down_revision", r->arena);
    one->needs = texts_of(text, "depends_on", r->arena);
    one->labels = texts_of(text, "branch_labels", r->arena);
    one->file = arena_strndup(r->arena, name, strlen(name) - strlen(".py"));
    if (!one->id || !one->before || !one->needs || !one->labels || !one->file)
        return error_nomem(err);
    behind = *one->id ? strstr(one->file, one->id) : NULL;
    if (behind)
        behind += strlen(one->id);
    one->words = !behind ? one->file : *behind && behind[1] ? behind + 1 : NULL;
    r->count += *one->id != '\0';
    return DUNLIN_OK;
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct revisions *r = user;
    struct buf text = BUF_INIT(FILE_MAX_BYTES);
    const char *dot = strrchr(name, '.');
    char way[600];
    int rc;

    if (folder || !dot || strcmp(dot, ".py") != 0 || strncmp(name, "__init__", 8) == 0)
        return DUNLIN_OK;
    snprintf(way, sizeof(way), "%s%s%s", r->sub ? r->sub : "", r->sub ? "/" : "", name);
    rc = folder_read(r->folder, way, &text, err);
    if (!rc)
        rc = revision_add(r, name, buf_str(&text), err);
    buf_free(&text);
    return rc;
}

static int revisions_read(struct revisions *r, struct dunlin_error *err)
{
    static const char *const places[] = {"versions", NULL};
    int rc = DUNLIN_OK;

    for (size_t i = 0; !rc && r->count == 0 && i < 2; i++) {
        r->sub = places[i];
        rc = folder_entries(r->folder, r->sub, entry, r, err);
    }
    if (rc || r->count)
        return rc;
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
              "%s and %s/versions have no files of alembic, which alone tell what came before the "
              "revision that its table names",
              r->folder->path, r->folder->path);
    error_hint(err, "say where they are: --from alembic:DIR");
    return DUNLIN_CONFIG;
}

/* ---- what lies before ------------------------------------------------------------------------ */

static struct revision *find(const struct revisions *r, const char *id)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->list[i].id, id) == 0)
            return &r->list[i];
    }
    for (size_t i = 0; i < r->count; i++) {
        for (const char *label = r->list[i].labels; *label; label += strlen(label) + 1) {
            if (strcmp(label, id) == 0)
                return &r->list[i];
        }
    }
    return NULL;
}

static int unknown(const struct revisions *r, const struct revision *from, const char *id,
                   struct dunlin_error *err)
{
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
              "%s.py comes after revision %s, which no file has", from->file, id);
    error_hint(err, "bring that file back to %s", r->folder->path);
    return DUNLIN_CONFLICT;
}

/* Marks everything that is named, and notes it as work to do. */
static int reach(const struct revisions *r, const struct revision *from, const char *names,
                 struct revision **work, size_t *left, struct dunlin_error *err)
{
    for (; *names; names += strlen(names) + 1) {
        struct revision *one = find(r, names);

        if (!one)
            return unknown(r, from, names, err);
        if (one->applied)
            continue;
        one->applied = true;
        work[(*left)++] = one;
    }
    return DUNLIN_OK;
}

static int ancestors(const struct revisions *r, struct revision **work, size_t left,
                     struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    while (!rc && left) {
        const struct revision *one = work[--left];

        rc = reach(r, one, one->before, work, &left, err);
        if (!rc)
            rc = reach(r, one, one->needs, work, &left, err);
    }
    return rc;
}

/* A row for each that is applied; a head without a file keeps its own. */
static int fold(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err)
{
    struct revisions r = {.folder = rows->folder, .arena = arena};
    struct foreign_row *all;
    struct revision **work;
    size_t left = 0, n = 0;
    int rc;

    if (rows->count == 0)
        return DUNLIN_OK;
    rc = revisions_read(&r, err);
    if (rc)
        return rc;
    work = arena_calloc(arena, r.count + 1, sizeof(*work));
    all = arena_calloc(arena, r.count + rows->count + 1, sizeof(*all));
    if (!work || !all)
        return error_nomem(err);
    for (size_t i = 0; i < rows->count; i++) {
        struct revision *head = find(&r, rows->rows[i].key);

        if (!head)
            all[n++] = rows->rows[i];
        else if (!head->applied)
            work[left++] = head;
        if (head)
            head->applied = true;
    }
    rc = ancestors(&r, work, left, err);
    for (size_t i = 0; !rc && i < r.count; i++) {
        if (r.list[i].applied)
            all[n++] = (struct foreign_row){.key = r.list[i].file, .title = r.list[i].words};
    }
    rows->rows = all;
    rows->count = n;
    return rc;
}

#define HERE                                                                                       \
    {                                                                                              \
        .table = "alembic_version", .read = READ                                                   \
    }

const struct foreign foreign_alembic = {
    .name = "alembic",
    .tool = "alembic",
    .fold = fold,
    .on = {[FOREIGN_POSTGRES] = HERE, [FOREIGN_MYSQL] = HERE, [FOREIGN_SQLITE] = HERE}};
