/* SPDX-License-Identifier: MIT */
/*
 * The tables of runners that somebody wrote for one project: a number or a name of what was
 * applied, often when, sometimes whether it worked. What the columns mean is told by their names.
 */
#include "history/tools/tools.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "history/history.h"
#include "history/sql.h"

#define SQL_MAX 65536u

/* ---- columns --------------------------------------------------------------------------------- */

struct collecting {
    struct columns *out;
    struct arena *arena;
    size_t cap;
    bool failed;
};

static int column_take(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct collecting *c = user;
    struct column *column;

    (void)lens;
    if (c->out->count == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 16;
        struct column *list = arena_calloc(c->arena, cap, sizeof(*list));

        c->failed = c->failed || !list;
        if (c->failed)
            return 0;
        if (c->cap)
            memcpy(list, c->out->list, c->cap * sizeof(*list));
        c->out->list = list;
        c->cap = cap;
    }
    column = &c->out->list[c->out->count++];
    column->name = arena_strdup(c->arena, n > 0 && v[0] ? v[0] : "");
    column->type = arena_strdup(c->arena, n > 1 && v[1] ? v[1] : "");
    c->failed = c->failed || !column->name || !column->type;
    return 0;
}

static void columns_sql(struct buf *b, const struct dunlin_driver *driver,
                        const struct history_table *t)
{
    if (strcmp(driver->name, "postgres") == 0) {
        buf_adds(b, "SELECT a.attname, pg_catalog.format_type(a.atttypid, NULL)"
                    " FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=)"
                    " pg_catalog.to_regclass(");
        sql_literal(b, t->dialect, t->quoted);
        buf_adds(b, ") AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped"
                    " ORDER BY a.attnum");
    } else if (strcmp(driver->name, "mysql") == 0) {
        buf_adds(b, "SELECT column_name, data_type FROM information_schema.columns"
                    " WHERE table_schema = ");
        sql_literal(b, t->dialect, t->schema ? t->schema : "");
        buf_adds(b, " AND table_name = ");
        sql_literal(b, t->dialect, t->name);
        buf_adds(b, " ORDER BY ordinal_position");
    } else {
        buf_adds(b, "SELECT name, type FROM pragma_table_info(");
        sql_literal(b, t->dialect, t->name);
        buf_adds(b, ", ");
        sql_literal_or_null(b, t->dialect, t->schema);
        buf_adds(b, ") ORDER BY cid");
    }
}

int foreign_columns(const struct dunlin_driver *driver, struct dunlin_conn *conn,
                    const struct history_table *t, struct arena *arena, struct columns *out,
                    struct dunlin_error *err)
{
    struct collecting c = {.out = out, .arena = arena};
    struct buf b = BUF_INIT(SQL_MAX);
    int kind = DUNLIN_KIND_NOMEM;

    memset(out, 0, sizeof(*out));
    columns_sql(&b, driver, t);
    if (!b.failed)
        kind = driver->query(conn, b.data, b.len, column_take, &c, err);
    if (b.failed || c.failed)
        error_nomem(err);
    else if (kind && err->status == 0)
        err->status = (int32_t)status_of_kind((enum dunlin_kind)kind);
    buf_free(&b);
    return kind || c.failed ? err->status : DUNLIN_OK;
}

const struct column *column_named(const struct columns *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++) {
        if (strcasecmp(c->list[i].name, name) == 0)
            return &c->list[i];
    }
    return NULL;
}

/* The first of the names that is a column. */
static const struct column *first_of(const struct columns *c, const char *const *names,
                                     const struct column *but)
{
    for (; *names; names++) {
        const struct column *found = column_named(c, *names);

        if (found && found != but)
            return found;
    }
    return NULL;
}

/* ---- what they mean -------------------------------------------------------------------------- */

struct meaning {
    const struct column *key, *title, *time, *status;
    const struct column *worked; /* true = it did */
    const struct column *undone; /* not NULL = it was taken back */
};

static bool type_begins(const struct column *c, const char *word)
{
    return strncasecmp(c->type, word, strlen(word)) == 0;
}

static bool is_text(const struct column *c)
{
    return type_begins(c, "char") || type_begins(c, "varchar") || type_begins(c, "text");
}

static void understand(const struct columns *c, struct meaning *out)
{
    static const char *const keys[] = {"version",      "filename",   "file_name", "file",
                                       "script",       "migration",  "name",      "migration_name",
                                       "migration_id", "identifier", "id",        NULL};
    static const char *const times[] = {
        "applied_at",   "executed_at", "run_at",       "migrated_at", "applied_on", "run_on",
        "installed_on", "finished_at", "completed_at", "created_at",  "timestamp",  NULL};
    static const char *const states[] = {"status", "state", NULL};
    static const char *const worked[] = {"success", "succeeded", "is_applied", "applied", NULL};
    static const char *const undone[] = {"rolled_back_at", "reverted_at", "rollback_at", NULL};

    out->key = first_of(c, keys, NULL);
    out->title = first_of(c, keys, out->key);
    if (out->title && strcasecmp(out->title->name, "id") == 0 && !is_text(out->title))
        out->title = NULL; /* it only counts rows */
    out->time = first_of(c, times, NULL);
    out->status = first_of(c, states, NULL);
    out->worked = first_of(c, worked, NULL);
    out->undone = first_of(c, undone, NULL);
}

static int refuse(const struct history_table *t, const char *why, const char *hint,
                  struct dunlin_error *err)
{
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY, "%s %s", t->quoted, why);
    error_hint(err, "%s", hint);
    return DUNLIN_CONFLICT;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void add_column(struct buf *b, const struct history_table *t, const struct column *c)
{
    if (c)
        sql_ident(b, t->dialect, c->name);
    else
        buf_adds(b, "NULL");
    buf_adds(b, ", ");
}

/* As the history wants it, where the type says how. */
static void add_time(struct buf *b, const struct dunlin_driver *driver,
                     const struct history_table *t, const struct column *c)
{
    struct buf name = BUF_INIT(4096);
    bool zone = c && strcasecmp(c->type, "timestamp with time zone") == 0;

    if (c)
        sql_ident(&name, t->dialect, c->name);
    b->failed = b->failed || name.failed;
    if (c && strcmp(driver->name, "sqlite") == 0)
        buf_addf(b,
                 "CASE typeof(%s) WHEN 'text' THEN strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', %s) WHEN "
                 "'integer' THEN strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', CASE WHEN %s > 100000000000 "
                 "THEN %s / 1000.0 ELSE %s END, 'unixepoch') END",
                 buf_str(&name), buf_str(&name), buf_str(&name), buf_str(&name), buf_str(&name));
    else if (c && strcmp(driver->name, "mysql") == 0 &&
             (type_begins(c, "datetime") || type_begins(c, "timestamp")))
        buf_addf(b, "CONCAT(LEFT(DATE_FORMAT(%s, '%%Y-%%m-%%dT%%H:%%i:%%s.%%f'), 23), 'Z')",
                 buf_str(&name));
    else if (c && strcmp(driver->name, "postgres") == 0 && type_begins(c, "timestamp"))
        buf_addf(b, "pg_catalog.to_char(%s%s, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')", buf_str(&name),
                 zone ? " AT TIME ZONE 'UTC'" : "");
    else
        buf_adds(b, "NULL");
    buf_free(&name);
}

/* The columns of on[].read; what is to be judged stands where a checksum and a note do. */
static void read_sql(struct buf *b, const struct dunlin_driver *driver,
                     const struct history_table *t, const struct meaning *m)
{
    buf_adds(b, "SELECT ");
    add_column(b, t, m->key);
    add_column(b, t, m->worked);
    buf_adds(b, "'applied', ");
    add_time(b, driver, t, m->time);
    buf_adds(b, ", ");
    add_column(b, t, m->status);
    if (m->title)
        sql_ident(b, t->dialect, m->title->name);
    else
        buf_adds(b, "NULL");
    buf_adds(b, " FROM {table}");
    if (m->undone) {
        buf_adds(b, " WHERE ");
        sql_ident(b, t->dialect, m->undone->name);
        buf_adds(b, " IS NULL");
    }
    buf_adds(b, " ORDER BY ");
    sql_ident(b, t->dialect, m->key->name);
}

/* ---- judging --------------------------------------------------------------------------------- */

static bool one_of(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (strcasecmp(text, *words) == 0)
            return true;
    }
    return false;
}

/* False where the row says that it is not applied, and why. */
static bool counts(struct foreign_row *row, const struct meaning *m)
{
    static const char *const done[] = {
        "applied", "success", "successful", "succeeded", "complete", "completed", "done",
        "ok",      "up",      "executed",   "migrated",  "finished", "run",       "1",
        "t",       "true",    "yes",        "passed",    NULL};
    static const char *const not_yet[] = {"pending",    "down",        "reverted", "rolled_back",
                                          "rolledback", "rolled back", "undone",   "skipped",
                                          "new",        "rollback",    "ignored",  NULL};
    static const char *const yes[] = {"1", "t", "true", "yes", NULL};

    if (m->status && row->note) {
        if (one_of(row->note, not_yet))
            return false;
        if (!one_of(row->note, done))
            row->state = FOREIGN_FAILED;
    }
    /* A column "applied" is a time as often as an answer. */
    if (m->worked && row->checksum && strlen(row->checksum) <= 5 && !one_of(row->checksum, yes))
        row->state = FOREIGN_FAILED;
    if (row->state == FOREIGN_APPLIED)
        row->note = NULL;
    row->checksum = NULL;
    return true;
}

static int read_as(const struct foreign *f, const struct dunlin_driver *driver,
                   struct dunlin_conn *conn, const struct history_table *t, struct arena *arena,
                   const struct meaning *m, struct foreign_rows *out, struct dunlin_error *err)
{
    struct foreign told = *f;
    struct buf sql = BUF_INIT(SQL_MAX);
    size_t kept = 0;
    int rc;

    read_sql(&sql, driver, t, m);
    told.read = NULL;
    for (size_t i = 0; i < FOREIGN_ENGINES; i++)
        told.on[i].read = buf_str(&sql);
    rc = sql.failed ? error_nomem(err)
                    : foreign_read(&told, driver, conn, t, out->folder, arena, out, err);
    for (size_t i = 0; !rc && i < out->count; i++) {
        if (counts(&out->rows[i], m))
            out->rows[kept++] = out->rows[i];
    }
    out->count = kept;
    buf_free(&sql);
    return rc;
}

static int plain_read(const struct foreign *f, const struct dunlin_driver *driver,
                      struct dunlin_conn *conn, const struct history_table *t, struct arena *arena,
                      struct foreign_rows *out, struct dunlin_error *err)
{
    struct columns columns;
    struct meaning m;
    int rc = foreign_columns(driver, conn, t, arena, &columns, err);

    if (rc || columns.count == 0)
        return rc;
    understand(&columns, &m);
    if (!m.key)
        return refuse(t, "has no column that tells which migration a row is about",
                      "such a column is called version, filename, migration, name or id", err);
    if (column_named(&columns, "dirty") && columns.count == 2)
        return refuse(t, "is a table of golang-migrate, with one row for everything",
                      "adopt it with --from golang-migrate", err);
    return read_as(f, driver, conn, t, arena, &m, out, err);
}

#define HERE                                                                                       \
    {                                                                                              \
        .table = "schema_migrations"                                                               \
    }

const struct foreign foreign_plain = {
    .name = "plain",
    .tool = "the old runner",
    .read = plain_read,
    .on = {[FOREIGN_POSTGRES] = HERE, [FOREIGN_MYSQL] = HERE, [FOREIGN_SQLITE] = HERE}};
