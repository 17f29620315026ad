/* SPDX-License-Identifier: MIT */
/* The statements that write the rows of the table, or of another tool's where that is shared. */
#include "history/history.h"

#include <zlib.h>

#include <dunlin/version.h>
#include "history/foreign.h"
#include "history/sql.h"

static void where_key(struct buf *b, const struct history_table *t, const char *source,
                      const char *version)
{
    buf_adds(b, " WHERE ");
    sql_equals(b, t->dialect, "source", source);
    buf_adds(b, " AND ");
    sql_equals(b, t->dialect, "version", version);
}

/* The down script as a compressed binary literal; NULL where there is none or it is too large. */
static void down_literal(struct buf *b, const struct history_table *t, const char *down, size_t len)
{
    uLongf size = compressBound((uLong)len);
    struct buf packed = BUF_INIT(2 * HISTORY_DOWN_MAX);

    if (!down || len == 0 || len > HISTORY_DOWN_MAX || !buf_reserve(&packed, size)) {
        buf_adds(b, "NULL");
    } else if (compress((Bytef *)packed.data, &size, (const Bytef *)down, (uLong)len) != Z_OK) {
        buf_adds(b, "NULL");
    } else {
        sql_bytes(b, t->dialect, packed.data, size);
    }
    buf_free(&packed);
}

void history_sql_insert(struct buf *b, const struct history_table *t, const struct history_entry *e,
                        enum history_status status)
{
    const struct dunlin_dialect *d = t->dialect;
    const char *const texts[] = {
        e->source, e->version, e->name, e->kind, history_status_name(status), e->checksum};
    const bool whole = e->whole && status == HISTORY_RUNNING;

    if (e->shared) {
        if (status == HISTORY_RUNNING)
            foreign_sql(b, e->shared_claims ? e->foreign->claim : e->foreign->begun, e->shared, e,
                        NULL);
        return;
    }
    buf_addf(b,
             "INSERT INTO %s (source, version, name, kind, status, checksum, statements_done, "
             "statements_total, started_at, applied_by, tool_version, down_sql%s) VALUES (",
             t->quoted, whole ? ", statements_hash" : "");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        sql_literal(b, d, texts[i]);
        buf_adds(b, ", ");
    }
    buf_addf(b, "%llu, %llu, %s, ", (unsigned long long)e->done, (unsigned long long)e->total,
             d->now);
    sql_literal_or_null(b, d, e->applied_by);
    buf_adds(b, ", ");
    sql_literal(b, d, DUNLIN_VERSION);
    buf_adds(b, ", ");
    down_literal(b, t, e->down, e->down_len);
    buf_adds(b, whole ? ", '" HISTORY_WHOLE "')" : ")");
}

void history_sql_remove(struct buf *b, const struct history_table *t, const struct history_row *row)
{
    if (row->shared)
        return;
    buf_addf(b, "DELETE FROM %s", t->quoted);
    where_key(b, t, row->source, row->version);
    buf_adds(b, " AND ");
    sql_equals(b, t->dialect, "status", history_status_name(row->status));
    if (row->checksum) {
        buf_adds(b, " AND ");
        sql_equals(b, t->dialect, "checksum", row->checksum);
    }
}

void history_sql_finish(struct buf *b, const struct history_table *t, const struct history_entry *e)
{
    const struct sql_var vars[] = {{"column", "started_at"}, {NULL, NULL}};

    if (e->shared) {
        if (!e->shared_claims)
            foreign_sql(b, e->foreign->applied, e->shared, e, NULL);
        return;
    }
    buf_addf(b, "UPDATE %s SET status = 'applied', applied_at = %s, duration_ms = ", t->quoted,
             t->dialect->now);
    sql_template(b, t->dialect->elapsed_ms, vars);
    buf_addf(b, ", statements_done = %llu, error = NULL, statements_hash = NULL",
             (unsigned long long)e->total);
    if (e->checksum_late) {
        buf_adds(b, ", checksum = ");
        sql_literal(b, t->dialect, e->checksum);
    }
    where_key(b, t, e->source, e->version);
}

void history_sql_progress(struct buf *b, const struct history_table *t,
                          const struct history_entry *e, uint64_t done, const char *hash)
{
    if (e->shared)
        return;
    buf_addf(b, "UPDATE %s SET statements_done = %llu, statements_hash = '%s'", t->quoted,
             (unsigned long long)done, hash);
    where_key(b, t, e->source, e->version);
}

void history_sql_touch(struct buf *b, const struct history_table *t, const struct history_entry *e)
{
    buf_addf(b, "UPDATE %s SET status = status", t->quoted);
    where_key(b, t, e->source, e->version);
}

void history_sql_status(struct buf *b, const struct history_table *t, const struct history_entry *e,
                        enum history_status status, const char *error)
{
    if (e->shared)
        return;
    buf_addf(b, "UPDATE %s SET status = '%s', statements_total = %llu, checksum = ", t->quoted,
             history_status_name(status), (unsigned long long)e->total);
    sql_literal(b, t->dialect, e->checksum);
    buf_adds(b, ", error = ");
    sql_literal_or_null(b, t->dialect, error);
    where_key(b, t, e->source, e->version);
}

void history_sql_reverting(struct buf *b, const struct history_table *t,
                           const struct history_entry *e)
{
    if (e->shared)
        return;
    buf_addf(b,
             "UPDATE %s SET status = 'running', statements_total = %llu, statements_done = 0, "
             "statements_hash = '%s%s', error = NULL, checksum = ",
             t->quoted, (unsigned long long)e->total, HISTORY_REVERTING,
             e->whole ? HISTORY_WHOLE : "");
    sql_literal(b, t->dialect, e->checksum);
    where_key(b, t, e->source, e->version);
}
