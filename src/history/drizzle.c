/* SPDX-License-Identifier: MIT */
/*
 * The table in which drizzle-orm up to 0.45 keeps what it has applied: a hash of the file and the
 * journal's time of each. It reads one row, the newest, and runs whatever is newer, so that only
 * rows with these very values let both tools take turns.
 */
#include "history/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "history/sql.h"

#define TABLE "__drizzle_migrations"
#define SQL_MAX 16384u
#define STOPPED (-1) /* by our own callback; what a driver returns is not negative */

enum drizzle_engine { ON_NONE = 0, ON_POSTGRES, ON_MYSQL, ON_SQLITE };

static enum drizzle_engine engine_of(const struct dunlin_driver *driver)
{
    static const char *const names[] = {
        [ON_POSTGRES] = "postgres", [ON_MYSQL] = "mysql", [ON_SQLITE] = "sqlite"};

    for (size_t i = ON_POSTGRES; i <= ON_SQLITE; i++) {
        if (strcmp(driver->name, names[i]) == 0)
            return (enum drizzle_engine)i;
    }
    return ON_NONE;
}

int drizzle_table_init(struct history_table *t, const struct dunlin_driver *driver,
                       const char *spec, struct arena *arena, struct dunlin_error *err)
{
    enum drizzle_engine engine = engine_of(driver);

    if (engine == ON_NONE)
        return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_UNSUPPORTED,
                         "drizzle-orm has no table for databases of the driver %s", driver->name);
    if (!spec)
        spec = engine == ON_POSTGRES ? "drizzle." TABLE : TABLE;
    return history_table_init(t, driver->dialect, spec, arena, err);
}

/* ---- reading -------------------------------------------------------------------------------- */

struct reader {
    struct arena *arena;
    struct drizzle_rows *out;
    size_t cap;
    const struct history_table *table;
    struct dunlin_error *err;
};

/* A number, also one that SQLite shows as "1772352000123.0". */
static bool when_parse(const char *text, int64_t *out)
{
    char *end;

    *out = 0;
    if (!text)
        return true;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno != 0 || end == text)
        return false;
    if (*end == '.')
        end += 1 + strspn(end + 1, "0");
    return *end == '\0';
}

static int row_take(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct reader *r = user;
    struct drizzle_row *row;

    (void)lens;
    if (r->out->count == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 64;
        struct drizzle_row *rows = arena_calloc(r->arena, cap, sizeof(*rows));

        if (!rows)
            return error_nomem(r->err);
        if (r->out->count)
            memcpy(rows, r->out->rows, r->out->count * sizeof(*rows));
        r->out->rows = rows;
        r->cap = cap;
    }
    row = &r->out->rows[r->out->count];
    if (n != 2 || !when_parse(v[1], &row->when))
        return error_set(r->err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                         "a row of %s has a created_at that is no number", r->table->quoted);
    row->hash = arena_strdup(r->arena, v[0] ? v[0] : "");
    if (!row->hash)
        return error_nomem(r->err);
    r->out->count++;
    return 0;
}

/* The status is in the error: as a number it would be taken for a kind of error of the server's. */
static int row_read(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    return row_take(user, n, v, lens) ? STOPPED : 0;
}

int drizzle_read(const struct dunlin_driver *driver, struct dunlin_conn *conn,
                 const struct history_table *t, struct arena *arena, struct drizzle_rows *out,
                 struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    struct reader r = {.arena = arena, .out = out, .table = t, .err = err ? err : &local};
    struct buf b = BUF_INIT(SQL_MAX);
    int rc;

    memset(out, 0, sizeof(*out));
    buf_addf(&b, "SELECT hash, created_at FROM %s ORDER BY created_at", t->quoted);
    if (b.failed)
        return error_nomem(err);
    rc = driver->query(conn, b.data, b.len, row_read, &r, r.err);
    buf_free(&b);
    if (rc == STOPPED)
        return r.err->status;
    out->exists = rc != DUNLIN_KIND_MISSING_TABLE;
    if (rc == 0 || rc == DUNLIN_KIND_MISSING_TABLE)
        return DUNLIN_OK;
    if (r.err->status == 0)
        r.err->status = (int32_t)status_of_kind((enum dunlin_kind)rc);
    return r.err->status;
}

/* ---- writing -------------------------------------------------------------------------------- */

void drizzle_sql_schema(struct buf *b, const struct dunlin_driver *driver,
                        const struct history_table *t)
{
    if (engine_of(driver) != ON_POSTGRES || !t->schema)
        return;
    buf_adds(b, "CREATE SCHEMA IF NOT EXISTS ");
    sql_ident(b, t->dialect, t->schema);
}

void drizzle_sql_table(struct buf *b, const struct dunlin_driver *driver,
                       const struct history_table *t)
{
    const enum drizzle_engine engine = engine_of(driver);

    buf_addf(b,
             "CREATE TABLE IF NOT EXISTS %s (id SERIAL PRIMARY KEY, hash %stext NOT NULL, "
             "created_at %s)",
             t->quoted, engine == ON_POSTGRES ? "pg_catalog." : "",
             engine == ON_SQLITE ? "numeric" : "bigint");
}

void drizzle_sql_insert(struct buf *b, const struct history_entry *e)
{
    buf_addf(b, "INSERT INTO %s (hash, created_at) VALUES ('%s', %" PRId64 ")", e->shared->quoted,
             e->hash, e->when);
}

void drizzle_sql_claim(struct buf *b, const struct history_entry *e)
{
    const char *equal = e->shared->dialect->equal ? e->shared->dialect->equal : "=";

    buf_addf(
        b,
        "INSERT INTO %s (hash, created_at) SELECT '%s', %" PRId64
        " WHERE NOT EXISTS (SELECT 1 FROM %s WHERE hash %s '%s' AND created_at %s %" PRId64 ")",
        e->shared->quoted, e->hash, e->when, e->shared->quoted, equal, e->hash, equal, e->when);
}
