/* SPDX-License-Identifier: MIT */
/*
 * What sqitch's registry says of this project and of others, and what a change is in it: values for
 * the statements in sqitch.c.
 */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "history/foreign.h"
#include "history/sql.h"
#include "history/tools/sqitch.h"
#include "source/layout.h"
#include "source/layouts/sqitch-plan.h"

/* ---- what the registry says ------------------------------------------------------------------ */

/* The second word of a note, which is the project, and what stands behind it. */
static bool note_is(const struct foreign_row *row, const char *what, const char *project,
                    const char **rest)
{
    size_t n = strlen(what), p = strlen(project);
    const char *note = row->note ? row->note : "";

    if (strncmp(note, what, n) != 0 || note[n] != ' ' || strncmp(note + n + 1, project, p) != 0 ||
        note[n + 1 + p] != ' ')
        return false;
    *rest = note + n + p + 2;
    return true;
}

static const struct sqitch_plan *plan_of(const struct folder *f)
{
    const struct sqitch_change *c = f->count ? f->migrations[0].extra : NULL;

    return c ? c->plan : NULL;
}

/* Leaves the rows of this project's changes, and keeps the others for what depends on them. */
int sqitch_fold(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err)
{
    const struct sqitch_plan *plan = plan_of(rows->folder);
    struct foreign_rows *all = arena_alloc(arena, sizeof(*all));
    const char *name;
    size_t kept = 0;

    if (!all)
        return error_nomem(err);
    *all = *rows;
    all->rows = arena_calloc(arena, rows->count + 1, sizeof(*all->rows));
    if (!all->rows)
        return error_nomem(err);
    for (size_t i = 0; i < rows->count; i++) {
        all->rows[i] = rows->rows[i];
        if (!plan || !note_is(&rows->rows[i], "change", plan->project, &name))
            continue;
        rows->rows[kept] = rows->rows[i];
        rows->rows[kept++].note = NULL;
    }
    rows->count = kept;
    rows->extra = all;
    return DUNLIN_OK;
}

/* The change of another project that a change depends on, as far as it is deployed. At a tag it is
 * the last one of the name up to it. */
static const char *find_other(const struct foreign_rows *all, const struct sqitch_depend *d)
{
    const char *name, *found = NULL, *at = NULL;

    for (size_t i = 0; all && d->tag && i < all->count; i++) {
        if (note_is(&all->rows[i], "tag", d->project, &name) && strcmp(name + 1, d->tag) == 0)
            at = all->rows[i].key;
    }
    if (d->tag && (!at || !d->change))
        return at;
    for (size_t i = 0; all && i < all->count; i++) {
        const struct foreign_row *row = &all->rows[i];

        if (d->id ? strncmp(row->note, "change ", 7) == 0 && strcmp(row->key, d->id) == 0
                  : note_is(row, "change", d->project, &name) && strcmp(name, d->change) == 0)
            found = found && !d->tag ? found : row->key;
        if (at && strncmp(row->note, "change ", 7) == 0 && strcmp(row->key, at) == 0)
            break;
    }
    return found;
}

static int refuse(const struct sqitch_change *c, struct dunlin_error *err, const char *hint)
{
    err->status = DUNLIN_CONFLICT;
    err->kind = DUNLIN_KIND_HISTORY;
    error_place(err, c->plan->path, c->line, 1);
    error_hint(err, "%s", hint);
    return DUNLIN_CONFLICT;
}

/* What sqitch asks its registry before it deploys. */
static int check_deploy(const struct foreign_rows *all, const struct sqitch_change *c,
                        struct dunlin_error *err)
{
    const char *rest;

    for (size_t i = 0; i < c->ndepends; i++) {
        const struct sqitch_depend *d = &c->depends[i];
        bool there = d->on || find_other(all, d);

        if (d->on || there != d->conflict)
            continue;
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY, "%s %s %s, which is %sdeployed",
                  c->name, d->conflict ? "conflicts with" : "requires", d->text,
                  there ? "" : "not ");
        return refuse(c, err, "so says the registry of sqitch in this database");
    }
    for (size_t i = 0; all && i < all->count; i++) {
        const struct foreign_row *row = &all->rows[i];

        if (!note_is(row, "project", c->plan->project, &rest) ||
            strcmp(row->key, c->plan->uri ? c->plan->uri : "") == 0)
            continue;
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                  "the registry knows another project %s, with the URI \"%s\"", c->plan->project,
                  row->key);
        return refuse(c, err, "name the project and its URI as they were first deployed");
    }
    return DUNLIN_OK;
}

/* No two changes of a project have one script: the registry would not take the second. */
static int check_script(const struct foreign_ask *ask, const struct sqitch_change *c,
                        struct dunlin_error *err)
{
    const struct foreign_rows *all = ask->rows->extra;
    char sum[FOREIGN_SUM_SIZE] = "";
    const char *name;
    int rc = ask->folder->layout->checksum(ask->migration, sum, err);

    for (size_t i = 0; !rc && all && i < all->count; i++) {
        const struct foreign_row *row = &all->rows[i];

        if (!row->checksum || strcmp(row->checksum, sum) != 0 || strcmp(row->key, c->id) == 0 ||
            !note_is(row, "change", c->plan->project, &name))
            continue;
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                  "the deploy script of %s is that of %s, which is deployed", c->name, name);
        return refuse(c, err, "sqitch takes no two changes with the same script");
    }
    return rc;
}

/* Before it reverts: whatever requires it goes first. That of this project does. */
static int check_revert(const struct foreign_rows *all, const struct sqitch_change *c,
                        struct dunlin_error *err)
{
    const char *name;

    for (size_t i = 0; all && i < all->count; i++) {
        const struct foreign_row *row = &all->rows[i];

        if (!row->note || strncmp(row->note, "depend ", 7) != 0 || strcmp(row->key, c->id) != 0 ||
            note_is(row, "depend", c->plan->project, &name))
            continue;
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                  "a change of another project requires %s: %s", c->name, row->note + 7);
        return refuse(c, err, "revert that first");
    }
    return DUNLIN_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

struct values {
    const struct foreign_ask *ask;
    struct arena *arena;
    struct sql_var *vars;
    size_t count;
    struct buf sql;
    bool failed;
};

/* What is in the buffer becomes a value. */
static void add(struct values *v, const char *name)
{
    const char *value = v->sql.failed ? NULL : arena_strdup(v->arena, buf_str(&v->sql));

    v->failed = v->failed || !value || v->count == FOREIGN_MORE_MAX;
    if (!v->failed)
        v->vars[v->count++] = (struct sql_var){name, value};
    buf_clear(&v->sql);
}

static void text(struct values *v, const char *name, const char *value)
{
    sql_literal_or_null(&v->sql, v->ask->driver->dialect, value);
    add(v, name);
}

static bool is_postgres(const struct values *v)
{
    return strcmp(v->ask->driver->name, "postgres") == 0;
}

/* Only PostgreSQL takes a time with its zone; SQLite keeps the text. */
static const char *time_of(struct values *v, const struct sqitch_planned *p)
{
    char *at = arena_strdup(v->arena, p->date);

    if (at && !is_postgres(v)) {
        at[strcspn(at, "Z")] = '\0';
        if (at[strcspn(at, "T")])
            at[strcspn(at, "T")] = ' ';
    }
    v->failed = v->failed || !at;
    return at;
}

/* Names as the events have them: an array, or one text. */
static void names_item(struct values *v, struct buf *joined, const char *name, const char *between)
{
    if (is_postgres(v)) {
        buf_adds(&v->sql, v->sql.len ? ", " : "ARRAY[");
        sql_literal(&v->sql, v->ask->driver->dialect, name);
    } else {
        buf_addf(joined, "%s%s", joined->len ? between : "", name);
    }
}

static void names_end(struct values *v, struct buf *joined, const char *name)
{
    if (is_postgres(v)) {
        buf_adds(&v->sql, v->sql.len ? "]::pg_catalog.text[]" : "'{}'");
        add(v, name);
    } else {
        text(v, name, buf_str(joined));
    }
    v->failed = v->failed || joined->failed;
    buf_clear(joined);
}

static void event_names(struct values *v, const struct sqitch_change *c)
{
    struct buf joined = BUF_INIT(65536);

    for (size_t i = 0; i < c->ntags; i++)
        names_item(v, &joined, c->plan->tags[c->first_tag + i].name, " ");
    names_end(v, &joined, "event_tags");
    for (int conflict = 0; conflict < 2; conflict++) {
        for (size_t i = 0; i < c->ndepends; i++) {
            if (c->depends[i].conflict == (conflict != 0))
                names_item(v, &joined, c->depends[i].text, ",");
        }
        names_end(v, &joined, conflict ? "event_conflicts" : "event_requires");
    }
    buf_free(&joined);
}

/* A row of values that are selected; the first one names them. */
static void select_row(struct values *v, const char *const *columns, const char *const *texts,
                       size_t n)
{
    bool first = v->sql.len == 0;

    buf_adds(&v->sql, first ? "" : " UNION ALL ");
    for (size_t i = 0; i < n; i++) {
        buf_adds(&v->sql, i ? ", " : "SELECT ");
        sql_literal_or_null(&v->sql, v->ask->driver->dialect, texts[i]);
        if (first)
            buf_addf(&v->sql, " AS %s", columns[i]);
    }
}

static void lists(struct values *v, const struct sqitch_change *c)
{
    static const char *const depend[] = {"t", "d", "i"};
    static const char *const tag[] = {"i", "t", "n", "a", "p", "m"};

    for (size_t i = 0; i < c->ndepends; i++) {
        const struct sqitch_depend *d = &c->depends[i];
        const char *id = d->conflict ? NULL
                         : d->on     ? d->on->id
                                     : find_other(v->ask->rows->extra, d);
        const char *const texts[] = {d->conflict ? "conflict" : "require", d->text, id};

        select_row(v, depend, texts, 3);
    }
    if (c->ndepends == 0)
        buf_adds(&v->sql, "SELECT NULL AS t, NULL AS d, NULL AS i LIMIT 0");
    add(v, "depends");
    for (size_t i = 0; i < c->ntags; i++) {
        const struct sqitch_tag *t = &c->plan->tags[c->first_tag + i];
        const char *const texts[] = {t->id,           t->name,
                                     t->planned.note, time_of(v, &t->planned),
                                     t->planned.name, t->planned.email};

        select_row(v, tag, texts, 6);
    }
    if (c->ntags == 0)
        buf_adds(&v->sql, "SELECT NULL AS i, NULL AS t, NULL AS n, NULL AS a, NULL AS p, NULL AS m"
                          " LIMIT 0");
    add(v, "tags");
}

static void change_values(struct values *v, const struct sqitch_change *c)
{
    text(v, "project", c->plan->project);
    text(v, "uri", c->plan->uri);
    text(v, "change", c->name);
    text(v, "note", c->planned.note);
    text(v, "planned", time_of(v, &c->planned));
    text(v, "planner", c->planned.name);
    text(v, "planner_email", c->planned.email);
    event_names(v, c);
    lists(v, c);
}

int sqitch_more(const struct foreign_ask *ask, struct arena *arena, const struct sql_var **out,
                struct dunlin_error *err)
{
    struct values v = {.ask = ask, .arena = arena, .sql = BUF_INIT(1u << 20)};
    const struct sqitch_change *c = ask->migration ? ask->migration->extra : NULL;
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    struct sqitch_user user;
    int rc = sqitch_user_find(ask->folder, ask->user, arena, &user, err);

    err = err ? err : &local;
    if (!rc && c)
        rc = ask->down ? check_revert(ask->rows->extra, c, err)
                       : check_deploy(ask->rows->extra, c, err);
    if (!rc && c && !ask->down)
        rc = check_script(ask, c, err);
    if (rc)
        return rc;
    v.vars = arena_calloc(arena, FOREIGN_MORE_MAX + 1, sizeof(*v.vars));
    if (!v.vars)
        return error_nomem(err);
    text(&v, "committer", user.name);
    text(&v, "email", user.email);
    if (c)
        change_values(&v, c);
    buf_free(&v.sql);
    *out = v.vars;
    return v.failed ? error_nomem(err) : DUNLIN_OK;
}
