/* SPDX-License-Identifier: MIT */
#include "run/batch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/secret.h"
#include "run/observe.h"

#define TEXT_MAX ((size_t)2 * 1024 * 1024 * 1024)

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

/* Also inside a text that the statement carries out, such as a DO block. Rows of data are long, and
 * are not looked through. */
static bool names(const struct piece *piece, const struct token *t, const char *word, size_t n)
{
    const char *text = piece->sql + t->offset;
    bool data = piece->tokens->len == 6 && strncasecmp(piece->sql, "INSERT", 6) == 0;

    if (t->kind == TOKEN_WORD)
        return t->len == n && strncasecmp(text, word, n) == 0;
    if (data || (t->kind != TOKEN_STRING && t->kind != TOKEN_QUOTED))
        return false;
    for (size_t i = 0; i + n <= t->len; i++) {
        if ((text[i] | 0x20) == (*word | 0x20) && strncasecmp(text + i, word, n) == 0)
            return true;
    }
    return false;
}

/* Whether a statement names one of the functions that let go of the run lock. */
static bool breaks_lock(const struct dunlin_dialect *d, const struct piece *piece)
{
    const char *word = d->lock_breakers;

    while (word && *word) {
        size_t n = strcspn(word, "|");

        for (uint32_t i = 0; i < piece->ntokens; i++) {
            if (names(piece, &piece->tokens[i], word, n))
                return true;
        }
        word += n + (word[n] == '|');
    }
    return false;
}

int batch_body(struct batch *b, const struct batch_script *of, const struct piece *piece,
               uint32_t number, struct dunlin_error *err)
{
    struct batch_entry *e = entry_add(b, ENTRY_BODY, piece->sql, piece->sql_len);

    if (!e)
        return error_nomem(err);
    if (breaks_lock(b->run->dialect, piece))
        b->run->lock_doubt = true;
    e->of = of;
    e->number = number;
    e->line = piece->line;
    e->column = piece->column;
    e->replaced = piece->replaced;
    e->intact = piece->intact;
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
                            const struct dunlin_event *observed, const struct dunlin_error *err)
{
    struct dunlin_event event = {.type = type, .done = e->number, .line = e->line};
    char excerpt[BATCH_EXCERPT];

    text_copy(excerpt, sizeof(excerpt), b->text.data + e->offset, e->len);
    secret_hide(excerpt, sizeof(excerpt), NULL);
    event.text = excerpt;
    event.total = e->of->total;
    event.error = err;
    event.file = e->of->script->file ? e->of->script->file->path : NULL;
    if (type == DUNLIN_EVENT_STATEMENT_END && !err)
        event.rows = b->rows[e - b->entries];
    if (observed) {
        event.micros = observed->micros;
        event.detail = observed->detail;
    }
    run_emit(b->run, &event);
}

void batch_events(struct batch *b, size_t first, size_t end)
{
    for (size_t i = first; b->run->on_event && i < end; i++) {
        if (b->entries[i].role != ENTRY_BODY)
            continue;
        event_statement(b, &b->entries[i], DUNLIN_EVENT_STATEMENT_BEGIN, NULL, NULL);
        event_statement(b, &b->entries[i], DUNLIN_EVENT_STATEMENT_END, NULL, NULL);
    }
}

void batch_event_failed(struct batch *b, const struct dunlin_error *err)
{
    const struct batch_entry *e = &b->entries[b->failure.index];

    if (!b->run->on_event || !b->failure.known || e->role != ENTRY_BODY)
        return;
    event_statement(b, e, DUNLIN_EVENT_STATEMENT_BEGIN, NULL, NULL);
    event_statement(b, e, DUNLIN_EVENT_STATEMENT_END, NULL, err);
}

void batch_cut(struct batch *b, size_t count)
{
    if (count >= b->count)
        return;
    b->text.len = b->entries[count].offset;
    b->text.failed = false;
    b->count = count;
}

void batch_remove(struct batch *b, size_t index)
{
    b->count--;
    memmove(&b->entries[index], &b->entries[index + 1], (b->count - index) * sizeof(*b->entries));
}

/* Accounts for what has completed, and tells about each. */
static void completed(struct batch *b, size_t first, size_t n, const struct dunlin_event *observed)
{
    for (size_t i = first; i < first + n; i++) {
        const struct batch_entry *e = &b->entries[i];

        if (e->done > b->durable)
            b->durable = e->done;
        if (e->role == ENTRY_BEGIN)
            b->opened = true;
        if (b->passed)
            b->passed(b->passed_user, i);
        if (e->role != ENTRY_BODY)
            continue;
        b->sent++;
        if (b->run->on_event && !b->passed) {
            event_statement(b, e, DUNLIN_EVENT_STATEMENT_BEGIN, NULL, NULL);
            event_statement(b, e, DUNLIN_EVENT_STATEMENT_END, observed, NULL);
        }
    }
}

static void failed(struct batch *b, size_t first, const struct dunlin_batch *sent, int kind,
                   struct dunlin_error *err)
{
    size_t index = first + (sent->failed != UINT32_MAX ? sent->failed : sent->completed);
    const struct batch_entry *e;

    b->failure = (struct batch_failure){.kind = kind, .role = ENTRY_CONTROL, .index = index};
    if (index >= first + sent->count)
        return;
    e = &b->entries[index];
    b->failure.known = true;
    b->failure.role = e->role;
    b->failure.number = e->number;
    if (e->role != ENTRY_BODY)
        return;
    if (err)
        err->statement = e->number;
    if (e->replaced)
        place_replaced(b->text.data + e->offset, e->len, e->intact, err);
    place_fill(e->of, b->text.data + e->offset, e->len, e->line, e->column, err);
    if (!b->passed)
        batch_event_failed(b, err);
}

/* Sends count entries in one message; observed are only those of a rehearsal. */
static int send_part(struct batch *b, size_t first, size_t count, bool observe,
                     struct dunlin_error *err)
{
    struct dunlin_batch sent = {.size = sizeof(sent),
                                .count = (uint32_t)count,
                                .stmts = b->stmts + first,
                                .rows = b->rows + first,
                                .failed = UINT32_MAX};
    struct dunlin_event observed = {.size = sizeof(observed)};
    int kind, rc = observe ? observe_before(b->run, err) : DUNLIN_OK;

    if (rc)
        return rc;
    memset(err, 0, sizeof(*err));
    err->size = sizeof(*err);
    kind = b->run->driver->exec(b->run->conn, &sent, err);
    if (!kind && observe)
        rc = observe_after(b->run, &observed, err);
    completed(b, first, sent.completed, observe && !kind ? &observed : NULL);
    if (kind)
        failed(b, first, &sent, kind, err);
    return kind ? run_status(b->run, kind, err) : rc;
}

/* In a rehearsal each statement of a script goes alone. */
static int send_observed(struct batch *b, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    for (size_t i = 0, n; !rc && i < b->count; i += n) {
        bool body = b->entries[i].role == ENTRY_BODY;

        n = 1;
        while (!body && i + n < b->count && b->entries[i + n].role != ENTRY_BODY)
            n++;
        if (!body)
            observe_stale(b->run);
        rc = send_part(b, i, n, body, err);
    }
    return rc;
}

/* A note that fails, as one that is cancelled does, is sent once more: what it says is true. */
static bool note_again(struct batch *b)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct batch_failure failure = b->failure;
    bool cancelled, sent;

    if (!failure.known || failure.role != ENTRY_NOTE || failure.kind == DUNLIN_KIND_LOST)
        return false;
    cancelled = run_cancel_hold(b->run);
    sent = send_part(b, failure.index, 1, false, &ignored) == DUNLIN_OK;
    run_cancel_release(b->run, cancelled);
    if (sent)
        b->failure.role = ENTRY_CONTROL;
    return sent;
}

static int send_all(struct batch *b, struct dunlin_error *err)
{
    int rc = send_part(b, 0, b->count, false, err);

    while (rc && note_again(b)) {
        size_t next = b->failure.index + 1;

        if (next < b->count && atomic_load(&b->run->cancelled))
            break;
        memset(err, 0, sizeof(*err));
        err->size = sizeof(*err);
        rc = next < b->count ? send_part(b, next, b->count - next, false, err) : DUNLIN_OK;
    }
    return rc;
}

int batch_send(struct batch *b, struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    int rc;

    if (b->count == 0)
        return DUNLIN_OK;
    if (atomic_load(&b->run->cancelled)) {
        batch_clear(b);
        b->failure = (struct batch_failure){.kind = DUNLIN_KIND_CANCELLED};
        return run_stopped(b->run, err);
    }
    if (!err)
        err = &local;
    for (size_t i = 0; i < b->count; i++) {
        b->stmts[i] = (struct dunlin_stmt){.sql = b->text.data + b->entries[i].offset,
                                           .len = b->entries[i].len};
        b->rows[i] = 0;
    }
    rc = b->run->observation ? send_observed(b, err) : send_all(b, err);
    if (!b->passed)
        batch_clear(b);
    return rc;
}

int batch_now(struct run *r, enum entry_role role, const char *sql, struct dunlin_error *err)
{
    struct batch b;
    int rc;

    batch_init(&b, r);
    rc = batch_control(&b, role, sql, err);
    if (!rc)
        rc = batch_send(&b, err);
    batch_free(&b);
    return rc;
}
