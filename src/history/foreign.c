/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "history/foreign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "history/history.h"
#include "history/sql.h"
#include "history/tools/tools.h"

#define SQL_MAX 65536u
#define STOPPED (-1) /* by our own callback; what a driver returns is not negative */
#define PART "\n;\n"

const struct foreign *const foreigns[] = {
    &foreign_alembic,
    &foreign_atlas,
    &foreign_dbmate,
    &foreign_diesel,
    &foreign_drizzle,
    &foreign_drizzle_v1,
    &foreign_flyway,
    &foreign_golang_migrate,
    &foreign_goose,
    &foreign_graphile_migrate,
    &foreign_knex,
    &foreign_liquibase,
    &foreign_node_pg_migrate,
    &foreign_plain,
    &foreign_postgrator,
    &foreign_prisma,
    &foreign_rails,
    &foreign_refinery,
    &foreign_sqitch,
    &foreign_sql_migrate,
    &foreign_sqlx,
    &foreign_supabase,
    &foreign_tern,
    &foreign_umzug,
    NULL,
};

_Static_assert(sizeof(foreigns) / sizeof(foreigns[0]) <= FOREIGNS_MAX + 1, "FOREIGNS_MAX");

const struct foreign *foreign_named(const char *name)
{
    for (size_t i = 0; foreigns[i]; i++) {
        if (strcmp(foreigns[i]->name, name) == 0)
            return foreigns[i];
    }
    return NULL;
}

const struct foreign_on *foreign_on(const struct foreign *f, const struct dunlin_driver *driver)
{
    static const char *const names[FOREIGN_ENGINES] = {
        [FOREIGN_POSTGRES] = "postgres", [FOREIGN_MYSQL] = "mysql", [FOREIGN_SQLITE] = "sqlite"};

    for (size_t i = 0; i < FOREIGN_ENGINES; i++) {
        if (strcmp(driver->name, names[i]) == 0)
            return f->on[i].table ? &f->on[i] : NULL;
    }
    return NULL;
}

static int find_on(const struct foreign *f, const struct dunlin_driver *driver,
                   const struct foreign_on **on, struct dunlin_error *err)
{
    *on = foreign_on(f, driver);
    return *on ? DUNLIN_OK
               : error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_UNSUPPORTED,
                           "%s has no table for databases of the driver %s", f->tool, driver->name);
}

int foreign_table_init(struct history_table *t, const struct foreign *f,
                       const struct dunlin_driver *driver, const char *spec, struct arena *arena,
                       struct dunlin_error *err)
{
    const struct foreign_on *on;
    int rc = find_on(f, driver, &on, err);

    return rc ? rc : history_table_init(t, driver->dialect, spec ? spec : on->table, arena, err);
}

/* ---- reading -------------------------------------------------------------------------------- */

struct reader {
    struct arena *arena;
    struct foreign_rows *out;
    size_t cap;
    const struct history_table *table;
    struct dunlin_error *err;
};

static bool rows_grow(struct reader *r)
{
    size_t cap = r->cap ? r->cap * 2 : 64;
    struct foreign_row *rows;

    if (r->out->count < r->cap)
        return true;
    rows = arena_calloc(r->arena, cap, sizeof(*rows));
    if (!rows)
        return false;
    if (r->out->count)
        memcpy(rows, r->out->rows, r->out->count * sizeof(*rows));
    r->out->rows = rows;
    r->cap = cap;
    return true;
}

/* NULL and the empty text are the same: there is none. */
static const char *keep(struct reader *r, uint32_t n, uint32_t i, const char *const *v, bool *ok)
{
    const char *text = NULL;

    if (i < n && v[i] && *v[i]) {
        text = arena_strdup(r->arena, v[i]);
        *ok = *ok && text;
    }
    return text;
}

static int row_take(struct reader *r, uint32_t n, const char *const *v)
{
    const char *state = n > 2 && v[2] ? v[2] : "applied";
    struct foreign_row *row;
    bool ok = true;

    if (!rows_grow(r))
        return error_nomem(r->err);
    row = &r->out->rows[r->out->count];
    row->key = keep(r, n, 0, v, &ok);
    row->checksum = keep(r, n, 1, v, &ok);
    row->applied_at = keep(r, n, 3, v, &ok);
    row->note = keep(r, n, 4, v, &ok);
    row->title = keep(r, n, 5, v, &ok);
    row->state = strcmp(state, "failed") == 0 ? FOREIGN_FAILED
                 : strcmp(state, "upto") == 0 ? FOREIGN_UP_TO
                                              : FOREIGN_APPLIED;
    if (!row->key)
        row->key = "";
    if (!ok)
        return error_nomem(r->err);
    r->out->count++;
    return DUNLIN_OK;
}

/* The status is in the error: as a number it would be taken for a kind of error of the server's. */
static int row_read(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    (void)lens;
    return row_take(user, n, v) ? STOPPED : 0;
}

#define NO_DATABASE 1049 /* MySQL: the table's schema is missing with it */

static int failed(const struct reader *r, int rc)
{
    if (rc != STOPPED && r->err->status == 0)
        r->err->status = (int32_t)status_of_kind((enum dunlin_kind)rc);
    return r->err->status;
}

static int query_rows(const struct foreign *f, const struct foreign_on *on,
                      const struct dunlin_driver *driver, struct dunlin_conn *conn,
                      struct reader *r)
{
    struct buf b = BUF_INIT(SQL_MAX);
    int rc;

    foreign_sql(&b, on->read, r->table, NULL, NULL);
    if (b.failed) {
        buf_free(&b);
        return error_nomem(r->err);
    }
    rc = driver->query(conn, b.data, b.len, row_read, r, r->err);
    buf_free(&b);
    r->out->exists = rc != DUNLIN_KIND_MISSING_TABLE &&
                     !(rc == DUNLIN_KIND_MISSING && r->err->native == NO_DATABASE);
    if (rc == 0 && f->fold)
        return f->fold(r->out, r->arena, r->err);
    return rc == 0 || !r->out->exists ? DUNLIN_OK : failed(r, rc);
}

int foreign_read(const struct foreign *f, const struct dunlin_driver *driver,
                 struct dunlin_conn *conn, const struct history_table *t,
                 const struct folder *folder, struct arena *arena, struct foreign_rows *out,
                 struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    struct reader r = {.arena = arena, .out = out, .table = t, .err = err ? err : &local};
    const struct foreign_on *on;
    int rc = find_on(f, driver, &on, r.err);

    memset(out, 0, sizeof(*out));
    out->folder = folder;
    if (rc || f->read)
        return rc ? rc : f->read(f, driver, conn, t, arena, out, r.err);
    return query_rows(f, on, driver, conn, &r);
}

/* ---- writing -------------------------------------------------------------------------------- */

enum {
    V_TABLE = 0,
    V_SCHEMA,
    V_NAME,
    V_KEY,
    V_CHECKSUM,
    V_TITLE,
    V_FILE,
    V_VERSION,
    V_USER,
    V_PREVIOUS,
    V_POSITION,
    V_TOTAL,
    V_LOCK,
    V_EQUAL,
    V_MARKED,
    V_COUNT
};

static void literal(struct buf *b, const struct history_table *t, const char *text)
{
    buf_clear(b);
    sql_literal_or_null(b, t->dialect, text);
}

/* One statement, which is copied because a template ends with its text. */
static void part_add(struct buf *b, const char *text, size_t len, const struct sql_var *vars)
{
    struct buf part = BUF_INIT(SQL_MAX);

    if (b->len > 0)
        buf_addc(b, '\0');
    buf_add(&part, text, len);
    if (part.failed)
        b->failed = true;
    else
        sql_template(b, buf_str(&part), vars);
    buf_free(&part);
}

void foreign_sql(struct buf *b, const char *statements, const struct history_table *t,
                 const struct history_entry *e, const char *lock)
{
    static const char *const names[V_COUNT] = {"table",    "schema", "name",    "key",  "checksum",
                                               "title",    "file",   "version", "user", "previous",
                                               "position", "total",  "lock",    "=",    "marked"};
    const char *const texts[V_COUNT] = {
        [V_KEY] = e ? e->key : NULL,          [V_CHECKSUM] = e ? e->sum : NULL,
        [V_TITLE] = e ? e->title : NULL,      [V_FILE] = e ? e->file : NULL,
        [V_VERSION] = e ? e->version : NULL,  [V_USER] = e ? e->applied_by : NULL,
        [V_PREVIOUS] = e ? e->previous : NULL};
    struct sql_var vars[V_COUNT + FOREIGN_MORE_MAX + 1] = {{NULL, NULL}};
    struct buf values[V_COUNT];
    char position[24], total[24];

    for (size_t i = 0; i < V_COUNT; i++) {
        values[i] = (struct buf)BUF_INIT(SQL_MAX);
        literal(&values[i], t, texts[i]);
        b->failed = b->failed || values[i].failed;
        vars[i] = (struct sql_var){names[i], buf_str(&values[i])};
    }
    buf_clear(&values[V_SCHEMA]);
    sql_ident(&values[V_SCHEMA], t->dialect, t->schema ? t->schema : "");
    buf_clear(&values[V_NAME]);
    sql_ident(&values[V_NAME], t->dialect, t->name);
    if (values[V_NAME].len > 2) { /* without the quotes, as part of a longer name */
        buf_drop(&values[V_NAME], 1);
        values[V_NAME].data[--values[V_NAME].len] = '\0';
    }
    vars[V_NAME].value = buf_str(&values[V_NAME]);
    snprintf(position, sizeof(position), "%" PRIu64, e ? e->position : 0);
    snprintf(total, sizeof(total), "%" PRIu64, e ? e->total : 0);
    vars[V_TABLE].value = t->quoted;
    vars[V_SCHEMA].value = buf_str(&values[V_SCHEMA]);
    vars[V_POSITION].value = position;
    vars[V_TOTAL].value = total;
    vars[V_LOCK].value = lock ? lock : "";
    vars[V_MARKED].value = e && e->marked ? "TRUE" : "FALSE";
    vars[V_EQUAL].value = t->dialect->equal ? t->dialect->equal : "=";
    for (size_t i = 0; e && e->more && i < FOREIGN_MORE_MAX && e->more[i].name; i++)
        vars[V_COUNT + i] = e->more[i];
    while (!b->failed && statements && *statements) {
        const char *end = strstr(statements, PART);
        size_t len = end ? (size_t)(end - statements) : strlen(statements);

        part_add(b, statements, len, vars);
        statements = end ? end + strlen(PART) : NULL;
    }
    for (size_t i = 0; i < V_COUNT; i++)
        buf_free(&values[i]);
}
