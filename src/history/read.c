/* SPDX-License-Identifier: MIT */
/* Reading the table. What the server sends is not trusted: unknown words and numbers are refused.
 */
#include "history/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "history/sql.h"

#define SELECT_MAX 16384u
#define DOWN_HEX_MAX (8u * HISTORY_DOWN_MAX)
#define COLUMNS 14u
#define STOPPED (-1) /* by our own callback; what a driver returns is not negative */

static const char *const status_names[] = {[HISTORY_RUNNING] = "running",
                                           [HISTORY_APPLIED] = "applied",
                                           [HISTORY_PARTIAL] = "partial",
                                           [HISTORY_FAILED] = "failed",
                                           [HISTORY_DEFERRED] = "deferred"};

const char *history_status_name(enum history_status status)
{
    return status_names[status];
}

bool history_reverting(const struct history_row *row)
{
    return row->status != HISTORY_APPLIED && row->statements_hash &&
           strncmp(row->statements_hash, HISTORY_REVERTING, sizeof(HISTORY_REVERTING) - 1) == 0;
}

struct reader {
    struct arena *arena;
    struct history_row *rows;
    size_t count, cap;
    const struct history_table *table;
    struct dunlin_error *err;
};

static bool number_parse(const char *text, int64_t absent, int64_t *out)
{
    char *end;

    if (!text) {
        *out = absent;
        return true;
    }
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *out >= 0;
}

static bool status_parse(const char *text, enum history_status *out)
{
    for (size_t i = 0; text && i < sizeof(status_names) / sizeof(status_names[0]); i++) {
        if (strcmp(text, status_names[i]) == 0) {
            *out = (enum history_status)i;
            return true;
        }
    }
    return false;
}

static int row_refused(struct reader *r, const char *version, const char *what)
{
    error_set(r->err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
              "the row of version %.60s in %s has %s that dunlin did not write",
              version ? version : "NULL", r->table->name, what);
    error_hint(r->err, "was the table changed by hand or by a newer dunlin?");
    return DUNLIN_CONFLICT;
}

/* Growing in the arena would leave every outgrown list behind in it. */
static bool rows_grow(struct reader *r)
{
    size_t cap = r->cap ? r->cap * 2 : 64;
    struct history_row *rows;

    if (r->count < r->cap)
        return true;
    rows = realloc(r->rows, cap * sizeof(*rows));
    if (!rows)
        return false;
    r->rows = rows;
    r->cap = cap;
    return true;
}

static bool rows_settle(struct reader *r, struct history *out)
{
    out->rows = r->count ? arena_calloc(r->arena, r->count, sizeof(*r->rows)) : NULL;
    if (out->rows) {
        memcpy(out->rows, r->rows, r->count * sizeof(*r->rows));
        out->count = r->count;
    }
    return out->rows || !r->count;
}

/* NULL stays NULL; *failed tells out of memory. */
static const char *keep(struct reader *r, const char *text, bool *failed)
{
    const char *copy = text ? arena_strdup(r->arena, text) : NULL;

    if (text && !copy)
        *failed = true;
    return copy;
}

/* What one row after the other has in common is kept once. */
static const char *keep_same(struct reader *r, const char *text, const char *before, bool *failed)
{
    return text && before && strcmp(text, before) == 0 ? before : keep(r, text, failed);
}

static int row_take(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    static const struct history_row none;
    struct reader *r = user;
    const struct history_row *before;
    struct history_row *row;
    int64_t done, total, down;
    bool failed = false;

    (void)lens;
    if (n != COLUMNS || !v[0] || !v[1] || !v[2] || !v[3])
        return row_refused(r, n > 1 ? v[1] : NULL, "columns");
    if (!rows_grow(r))
        return error_nomem(r->err);
    row = &r->rows[r->count];
    before = r->count ? row - 1 : &none;
    *row = none;
    if (!status_parse(v[4], &row->status))
        return row_refused(r, v[1], "a status");
    if (!number_parse(v[6], 0, &done) || !number_parse(v[7], 0, &total) ||
        !number_parse(v[9], -1, &row->duration_ms) || !number_parse(v[13], 0, &down))
        return row_refused(r, v[1], "a number");
    row->source = keep_same(r, v[0], before->source, &failed);
    row->version = keep(r, v[1], &failed);
    row->name = keep(r, v[2], &failed);
    row->kind = keep_same(r, v[3], before->kind, &failed);
    row->checksum = keep(r, v[5], &failed);
    row->applied_at = keep(r, v[8], &failed);
    row->applied_by = keep_same(r, v[10], before->applied_by, &failed);
    row->error = keep(r, v[11], &failed);
    row->statements_hash = keep(r, v[12], &failed);
    row->done = (uint64_t)done;
    row->total = (uint64_t)total;
    row->has_down = down != 0;
    if (failed)
        return error_nomem(r->err);
    r->count++;
    return 0;
}

/* The status is in the error: as a number it would be taken for a kind of error of the server's. */
static int row_read(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    return row_take(user, n, v, lens) ? STOPPED : 0;
}

static void select_sql(struct buf *b, const struct history_table *t)
{
    const struct sql_var applied[] = {{"column", "applied_at"}, {NULL, NULL}};

    buf_adds(b, "SELECT source, version, name, kind, status, checksum, statements_done, "
                "statements_total, ");
    sql_template(b, t->dialect->time_text, applied);
    buf_addf(b,
             ", duration_ms, applied_by, error, statements_hash, "
             "CASE WHEN down_sql IS NULL THEN 0 ELSE 1 END FROM %s",
             t->quoted);
}

/* A table without our columns is somebody else's. */
static int table_foreign(const struct history_table *t, struct dunlin_error *err)
{
    char server[sizeof(err->message)] = "";

    if (err)
        memcpy(server, err->message, sizeof(server));
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_HISTORY,
              "the table %s exists and is not a history table of dunlin", t->name);
    error_detail(err, "%s", server);
    error_hint(err, "dunlin leaves it alone; choose another name with --table NAME");
    return DUNLIN_CONFIG;
}

int history_read(const struct dunlin_driver *driver, struct dunlin_conn *conn,
                 const struct history_table *t, struct arena *arena, struct history *out,
                 struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    struct buf b = BUF_INIT(SELECT_MAX);
    struct reader r = {.arena = arena, .table = t, .err = err ? err : &local};
    bool settled;
    int rc;

    memset(out, 0, sizeof(*out));
    select_sql(&b, t);
    if (b.failed) {
        buf_free(&b);
        return error_nomem(err);
    }
    rc = driver->query(conn, b.data, b.len, row_read, &r, r.err);
    buf_free(&b);
    settled = rc || rows_settle(&r, out);
    free(r.rows);
    if (!settled)
        return error_nomem(err);
    if (rc == STOPPED)
        return r.err->status;
    out->exists = rc != DUNLIN_KIND_MISSING_TABLE;
    if (rc == 0 || rc == DUNLIN_KIND_MISSING_TABLE)
        return DUNLIN_OK;
    if (rc == DUNLIN_KIND_MISSING_COLUMN)
        return table_foreign(t, r.err);
    if (r.err->status == 0)
        r.err->status = (int32_t)status_of_kind((enum dunlin_kind)rc);
    return r.err->status;
}

struct down_reader {
    struct buf hex;
    bool too_long;
};

static int down_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct down_reader *r = user;

    if (n != 1 || !v[0])
        return 0;
    r->too_long = lens[0] >= DOWN_HEX_MAX;
    if (!r->too_long)
        buf_add(&r->hex, v[0], lens[0]);
    return 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Turns hex digits into bytes in place; false when they are not hex digits. */
static bool unhex(struct buf *b)
{
    size_t n = b->len / 2;

    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(b->data[2 * i]);
        int low = hex_digit(b->data[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        b->data[i] = (char)(high << 4 | low);
    }
    b->len = n;
    return true;
}

/* DUNLIN_KIND_HISTORY when it is no such text. */
static int inflate_text(const struct buf *packed, struct arena *arena, char **text, size_t *len)
{
    uLongf size = HISTORY_DOWN_MAX;
    char *whole = malloc(size);
    int z = whole
                ? uncompress((Bytef *)whole, &size, (const Bytef *)packed->data, (uLong)packed->len)
                : Z_MEM_ERROR;

    if (z == Z_OK) {
        *text = arena_strndup(arena, whole, size);
        *len = size;
    }
    free(whole);
    if (z == Z_MEM_ERROR || (z == Z_OK && !*text))
        return DUNLIN_KIND_NOMEM;
    return z == Z_OK ? 0 : DUNLIN_KIND_HISTORY;
}

static int down_text(struct down_reader *r, const char *version, struct arena *arena, char **text,
                     size_t *len, struct dunlin_error *err)
{
    int kind = 0;

    if (r->too_long)
        kind = DUNLIN_KIND_HISTORY;
    else if (r->hex.failed)
        kind = DUNLIN_KIND_NOMEM;
    else if (r->hex.len)
        kind = unhex(&r->hex) ? inflate_text(&r->hex, arena, text, len) : DUNLIN_KIND_HISTORY;
    if (kind == DUNLIN_KIND_NOMEM)
        return error_nomem(err);
    if (!kind)
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
              "the down script kept for version %.60s cannot be read", version);
    error_hint(err, "where its file is the one that was applied, set down_sql to NULL in its row: "
                    "then the file is used");
    return DUNLIN_CONFLICT;
}

int history_read_down(const struct dunlin_driver *driver, struct dunlin_conn *conn,
                      const struct history_table *t, const struct history_row *row,
                      struct arena *arena, char **text, size_t *len, struct dunlin_error *err)
{
    const struct sql_var vars[] = {{"column", "down_sql"}, {NULL, NULL}};
    struct down_reader r = {.hex = BUF_INIT(DOWN_HEX_MAX)};
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    struct buf b = BUF_INIT(SELECT_MAX);
    int rc;

    *text = NULL;
    *len = 0;
    if (!err)
        err = &local;
    buf_adds(&b, "SELECT ");
    sql_template(&b, t->dialect->bytes_hex, vars);
    buf_addf(&b, " FROM %s WHERE ", t->quoted);
    sql_equals(&b, t->dialect, "source", row->source);
    buf_adds(&b, " AND ");
    sql_equals(&b, t->dialect, "version", row->version);
    rc = b.failed ? DUNLIN_KIND_NOMEM : driver->query(conn, b.data, b.len, down_row, &r, err);
    buf_free(&b);
    if (rc) {
        rc = rc == DUNLIN_KIND_NOMEM
                 ? error_nomem(err)
                 : (err->status = (int32_t)status_of_kind((enum dunlin_kind)rc));
    } else {
        rc = down_text(&r, row->version, arena, text, len, err);
    }
    buf_free(&r.hex);
    return rc;
}
