/* SPDX-License-Identifier: MIT */
#include "run/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define TEXT_MAX ((size_t)2 * 1024 * 1024 * 1024)
#define EXCERPT 120 /* bytes of a statement that its event shows */

void batch_init(struct batch *b, struct run *r)
{
    memset(b, 0, sizeof(*b));
    b->run = r;
    b->text.max = TEXT_MAX;
}

void batch_free(struct batch *b)
{
    buf_free(&b->text);
    free(b->entries);
    free(b->stmts);
    free(b->rows);
    memset(b, 0, sizeof(*b));
}

void batch_clear(struct batch *b)
{
    buf_clear(&b->text);
    b->count = 0;
}

static bool batch_grow(struct batch *b)
{
    size_t cap = b->cap ? b->cap * 2 : 32;
    struct batch_entry *entries;
    struct dunlin_stmt *stmts;
    uint64_t *rows;

    if (b->count < b->cap)
        return true;
    entries = realloc(b->entries, cap * sizeof(*entries));
    if (entries)
        b->entries = entries;
    stmts = realloc(b->stmts, cap * sizeof(*stmts));
    if (stmts)
        b->stmts = stmts;
    rows = realloc(b->rows, cap * sizeof(*rows));
    if (rows)
        b->rows = rows;
    if (!entries || !stmts || !rows)
        return false;
    b->cap = cap;
    return true;
}

static struct batch_entry *entry_add(struct batch *b, enum entry_role role, const char *sql,
                                     size_t len)
{
    struct batch_entry *e;

    if (!batch_grow(b) || !buf_reserve(&b->text, len))
        return NULL;
    e = &b->entries[b->count++];
    memset(e, 0, sizeof(*e));
    e->offset = b->text.len;
    e->len = len;
    e->role = role;
    buf_add(&b->text, sql, len);
    return e;
}

int batch_control(struct batch *b, enum entry_role role, const char *sql, struct dunlin_error *err)
{
    if (!sql)
        return DUNLIN_OK;
    return entry_add(b, role, sql, strlen(sql)) ? DUNLIN_OK : error_nomem(err);
}

int batch_control_buf(struct batch *b, enum entry_role role, const struct buf *sql,
                      struct dunlin_error *err)
{
    if (sql->failed || !entry_add(b, role, buf_str(sql), sql->len))
        return error_nomem(err);
    return DUNLIN_OK;
}

int batch_control_list(struct batch *b, const char *list, struct dunlin_error *err)
{
    while (list && *list) {
        size_t n = strcspn(list, ";");

        if (n && !entry_add(b, ENTRY_CONTROL, list, n))
            return error_nomem(err);
        list += n;
        list += strspn(list, "; ");
    }
    return DUNLIN_OK;
}

int batch_body(struct batch *b, const struct batch_script *of, const struct piece *piece,
               uint32_t number, struct dunlin_error *err)
{
    struct batch_entry *e = entry_add(b, ENTRY_BODY, piece->sql, piece->sql_len);

    if (!e)
        return error_nomem(err);
    e->of = of;
    e->number = number;
    e->line = piece->line;
    e->column = piece->column;
    return DUNLIN_OK;
}

void batch_mark_done(struct batch *b, uint64_t done)
{
    if (b->count)
        b->entries[b->count - 1].done = done;
}

bool batch_full(const struct batch *b)
{
    return b->text.len >= BATCH_BYTES || b->count >= BATCH_STATEMENTS;
}

static void event_statement(struct batch *b, const struct batch_entry *e, uint32_t type,
                            const struct dunlin_error *err)
{
    struct dunlin_event event = {.type = type, .done = e->number, .line = e->line};
    char excerpt[EXCERPT];

    text_copy(excerpt, sizeof(excerpt), b->text.data + e->offset, e->len);
    event.text = excerpt;
    event.total = e->of->total;
    event.error = err;
    event.file = e->of->script->file ? e->of->script->file->path : NULL;
    if (type == DUNLIN_EVENT_STATEMENT_END && !err)
        event.rows = b->rows[e - b->entries];
    run_emit(b->run, &event);
}

/* Accounts for what has completed, and tells about each. */
static void completed(struct batch *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct batch_entry *e = &b->entries[i];

        if (e->done > b->durable)
            b->durable = e->done;
        if (e->role == ENTRY_BEGIN)
            b->opened = true;
        if (e->role != ENTRY_BODY)
            continue;
        b->sent++;
        if (b->run->on_event) {
            event_statement(b, e, DUNLIN_EVENT_STATEMENT_BEGIN, NULL);
            event_statement(b, e, DUNLIN_EVENT_STATEMENT_END, NULL);
        }
    }
}

static void failed(struct batch *b, const struct dunlin_batch *sent, int kind,
                   struct dunlin_error *err)
{
    uint32_t index = sent->failed != UINT32_MAX ? sent->failed : sent->completed;
    const struct batch_entry *e;

    b->failure = (struct batch_failure){.kind = kind, .role = ENTRY_CONTROL};
    if (index >= b->count)
        return;
    e = &b->entries[index];
    b->failure.known = true;
    b->failure.role = e->role;
    b->failure.number = e->number;
    if (e->role != ENTRY_BODY)
        return;
    if (err)
        err->statement = e->number;
    place_fill(e->of, b->text.data + e->offset, e->len, e->line, e->column, err);
    if (b->run->on_event) {
        event_statement(b, e, DUNLIN_EVENT_STATEMENT_BEGIN, NULL);
        event_statement(b, e, DUNLIN_EVENT_STATEMENT_END, err);
    }
}

int batch_send(struct batch *b, struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    struct dunlin_batch sent = {.size = sizeof(sent), .failed = UINT32_MAX};
    int kind;

    if (b->count == 0)
        return DUNLIN_OK;
    if (atomic_load(&b->run->cancelled)) {
        batch_clear(b);
        b->failure = (struct batch_failure){.kind = DUNLIN_KIND_CANCELLED};
        return run_interrupted(err);
    }
    if (!err)
        err = &local;
    for (size_t i = 0; i < b->count; i++) {
        b->stmts[i] = (struct dunlin_stmt){.sql = b->text.data + b->entries[i].offset,
                                           .len = b->entries[i].len};
        b->rows[i] = 0;
    }
    sent.count = (uint32_t)b->count;
    sent.stmts = b->stmts;
    sent.rows = b->rows;
    memset(err, 0, sizeof(*err));
    err->size = sizeof(*err);
    kind = b->run->driver->exec(b->run->conn, &sent, err);
    completed(b, sent.completed);
    if (kind)
        failed(b, &sent, kind, err);
    batch_clear(b);
    return kind ? run_status(b->run, kind, err) : DUNLIN_OK;
}
