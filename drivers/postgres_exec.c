/* SPDX-License-Identifier: MIT */
/*
 * Running statements on PostgreSQL. A batch is one simple-query message: the server parses all of
 * it first (so a syntax error anywhere runs nothing), then answers each statement with a result
 * that has a command tag, up to the first error. Which statement failed is therefore the number of
 * tags, or, where the server points at a character of the message, the statement there.
 *
 * Rows are read one at a time and thrown away, or handed to the caller, so that memory does not
 * grow with them.
 */
#include "postgres.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define NO_STATEMENT UINT32_MAX
#define NO_START SIZE_MAX                /* of a statement that is only comment: not sent */
#define MESSAGE_MAX ((size_t)0x3ffffff0) /* the server takes less than 1 GiB */
#define TEXT_KEEP ((size_t)1 << 20)      /* a larger buffer is not kept for the next call */
#define COPY_CHUNK 65536u
#define COPY_LOOK_MS 1000                /* between two looks for the answer to COPY */
static const char separator[] = "\n;\n"; /* ends a comment, then the statement */

struct run {
    struct dunlin_conn *c;
    struct dunlin_batch *batch;
    dunlin_row_fn row; /* NULL = rows are only counted */
    void *user;
    int stopped;          /* what row returned, when not 0 */
    uint32_t limit;       /* statements that are sent, from the first on */
    uint32_t next;        /* the one whose tag comes next */
    uint32_t rolled_back; /* a COMMIT that the server answered with ROLLBACK */
    uint64_t tuples;      /* rows of the statement under way */
    bool in_tx;           /* before the message */
    bool extra;           /* more tags than statements */
    bool copy_refused;
    bool no_memory; /* for a row */
    int encoding;   /* of the client, when the message was sent */
    PGresult *failure;
};

/* ---- reading statements -------------------------------------------------------------------- */

/* Where the first token begins, behind blanks and comments (they nest); len when there is none. */
static size_t token_start(const char *sql, size_t len)
{
    size_t i = 0, depth = 0;

    while (i < len) {
        bool pair = i + 1 < len;

        if (pair && sql[i] == '/' && sql[i + 1] == '*') {
            depth++;
            i += 2;
        } else if (depth && pair && sql[i] == '*' && sql[i + 1] == '/') {
            depth--;
            i += 2;
        } else if (depth || memchr(" \t\r\n\f\v", sql[i], 6)) {
            i++;
        } else if (pair && sql[i] == '-' && sql[i + 1] == '-') {
            while (i < len && sql[i] != '\n' && sql[i] != '\r')
                i++;
        } else {
            break;
        }
    }
    return i;
}

static bool word_at(const char *sql, size_t len, size_t at, const char *word)
{
    size_t n = strlen(word);

    if (len - at < n || strncasecmp(sql + at, word, n) != 0)
        return false;
    return len - at == n || !memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$"
                                    "0123456789",
                                    sql[at + n], 64);
}

enum tx_word { TX_OTHER, TX_BEGIN, TX_COMMIT, TX_ROLLBACK };

/* By its first word; PREPARE TRANSACTION and ROLLBACK TO need no distinction where this is used. */
static enum tx_word tx_word(const struct dunlin_stmt *stmt)
{
    static const struct {
        const char *word;
        enum tx_word what;
    } words[] = {{"begin", TX_BEGIN},   {"start", TX_BEGIN},    {"commit", TX_COMMIT},
                 {"end", TX_COMMIT},    {"prepare", TX_COMMIT}, {"rollback", TX_ROLLBACK},
                 {"abort", TX_ROLLBACK}};
    size_t at = token_start(stmt->sql, stmt->len);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (word_at(stmt->sql, stmt->len, at, words[i].word))
            return words[i].what;
    }
    return TX_OTHER;
}

/* How many statements to send. In a failed transaction a COMMIT "succeeds" by rolling back, and the
 * server would go on behind it: nothing may stand there. */
static uint32_t sendable(struct dunlin_conn *c, const struct dunlin_batch *batch)
{
    if (PQtransactionStatus(c->pg) != PQTRANS_INERROR)
        return batch->count;
    for (uint32_t i = 0; i < batch->count; i++) {
        enum tx_word what = tx_word(&batch->stmts[i]);

        if (what == TX_ROLLBACK)
            break;
        if (what == TX_COMMIT)
            return i + 1;
    }
    return batch->count;
}

/* ---- the message --------------------------------------------------------------------------- */

static void text_add(struct dunlin_conn *c, const char *text, size_t len)
{
    memcpy(c->text + c->text_len, text, len);
    c->text_len += len;
}

static bool starts_reserve(struct dunlin_conn *c, uint32_t count)
{
    size_t *starts;

    if (count <= c->starts_cap)
        return true;
    starts = realloc(c->starts, count * sizeof(*starts));
    if (!starts)
        return false;
    c->starts = starts;
    c->starts_cap = count;
    return true;
}

static int message_size(struct run *run, size_t *size, struct dunlin_error *err)
{
    const struct dunlin_host *host = run->c->host;
    size_t total = 1;

    for (uint32_t i = 0; i < run->limit; i++) {
        const struct dunlin_stmt *stmt = &run->batch->stmts[i];
        const char *nul;

        if (stmt->len > MESSAGE_MAX || total + stmt->len + sizeof(separator) > MESSAGE_MAX) {
            run->batch->failed = i;
            return host->fail(err, DUNLIN_KIND_UNSUPPORTED,
                              "the statement makes a message of more than 1 GiB");
        }
        nul = stmt->len ? memchr(stmt->sql, '\0', stmt->len) : NULL;
        if (nul) {
            int kind = host->fail(err, DUNLIN_KIND_SYNTAX, "the statement has a NUL byte in it");

            run->batch->failed = i;
            err->stmt_pos = (uint64_t)(nul - stmt->sql) + 1;
            return kind;
        }
        total += stmt->len + sizeof(separator) - 1;
    }
    *size = total;
    return 0;
}

static int message_build(struct run *run, struct dunlin_error *err)
{
    struct dunlin_conn *c = run->c;
    size_t size = 0;
    int kind = message_size(run, &size, err);

    if (kind)
        return kind;
    if (!starts_reserve(c, run->limit) || !postgres_text_reserve(c, size))
        return c->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    for (uint32_t i = 0; i < run->limit; i++) {
        const struct dunlin_stmt *stmt = &run->batch->stmts[i];

        c->starts[i] = NO_START;
        if (token_start(stmt->sql, stmt->len) == stmt->len)
            continue;
        c->starts[i] = c->text_len;
        text_add(c, stmt->sql, stmt->len);
        text_add(c, separator, sizeof(separator) - 1);
    }
    c->text[c->text_len] = '\0';
    return 0;
}

/* From i on, the first statement that is sent. */
static uint32_t sent_from(const struct run *run, uint32_t i)
{
    while (i < run->limit && run->c->starts[i] == NO_START)
        i++;
    return i;
}

/* The server counts characters of its own encoding, and bytes where it has none. */
static size_t offset_of_character(const struct run *run, size_t number)
{
    const struct dunlin_conn *c = run->c;
    const char *encoding = PQparameterStatus(c->pg, "server_encoding");
    bool bytes = encoding && strcmp(encoding, "SQL_ASCII") == 0;
    size_t at = 0;

    while (number > 1 && at < c->text_len) {
        int n = bytes ? 1 : PQmblen(c->text + at, run->encoding);

        at += n > 0 ? (size_t)n : 1;
        number--;
    }
    return at < c->text_len ? at : c->text_len;
}

/* Turns the server's position in the message into a statement and a position inside it (at most
 * one behind its end). False when there is none. */
static bool position_map(const struct run *run, const char *position, uint32_t *index,
                         uint64_t *pos)
{
    unsigned long number = position ? strtoul(position, NULL, 10) : 0;
    const size_t *starts = run->c->starts;
    size_t at;

    if (number == 0 || run->c->text_len == 0)
        return false;
    at = offset_of_character(run, number);
    *index = NO_STATEMENT;
    for (uint32_t i = 0; i < run->limit; i++) {
        if (starts[i] != NO_START && starts[i] <= at)
            *index = i;
    }
    if (*index == NO_STATEMENT)
        return false;
    *pos = at - starts[*index] + 1;
    if (*pos > run->batch->stmts[*index].len + 1)
        *pos = run->batch->stmts[*index].len + 1;
    return true;
}

/* ---- results ------------------------------------------------------------------------------- */

static bool row_reserve(struct dunlin_conn *c, uint32_t n)
{
    const char **values;
    uint64_t *lens;

    if (n <= c->row_cap)
        return true;
    values = realloc((void *)c->values, n * sizeof(*values));
    if (values)
        c->values = values;
    lens = realloc(c->lens, n * sizeof(*lens));
    if (lens)
        c->lens = lens;
    if (!values || !lens)
        return false;
    c->row_cap = n;
    return true;
}

static void row_give(struct run *run, const PGresult *result, int row)
{
    struct dunlin_conn *c = run->c;
    uint32_t n = (uint32_t)PQnfields(result);

    if (!row_reserve(c, n)) {
        run->no_memory = true;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        bool null = PQgetisnull(result, row, (int)i);

        c->values[i] = null ? NULL : PQgetvalue(result, row, (int)i);
        c->lens[i] = null ? 0 : (uint64_t)PQgetlength(result, row, (int)i);
    }
    run->stopped = run->row(run->user, n, c->values, c->lens);
}

static void rows_take(struct run *run, const PGresult *result)
{
    int n = PQntuples(result);

    run->tuples += (uint64_t)n;
    for (int i = 0; run->row && !run->stopped && !run->no_memory && i < n; i++)
        row_give(run, result, i);
}

/* A result without a tag is a part of one: of a rule that adds queries to a statement. */
static void statement_done(struct run *run, PGresult *result)
{
    const char *tag = PQcmdStatus(result), *rows = PQcmdTuples(result);

    /* Behind a failure of libpq's own the server goes on: what it did is not known. */
    if (!*tag || run->failure)
        return;
    if (run->next >= run->limit) {
        run->extra = true;
        return;
    }
    if (strcmp(tag, "ROLLBACK") == 0 && tx_word(&run->batch->stmts[run->next]) == TX_COMMIT) {
        run->rolled_back = run->next;
        return;
    }
    if (run->batch->rows)
        run->batch->rows[run->next] = *rows ? strtoull(rows, NULL, 10) : run->tuples;
    run->tuples = 0;
    run->next = sent_from(run, run->next + 1);
}

static void copy_drain(struct run *run)
{
    char *data = NULL;

    while (PQgetCopyData(run->c->pg, &data, 0) > 0)
        PQfreemem(data);
}

static void copy_refuse(struct run *run)
{
    run->copy_refused = true;
    (void)PQputCopyEnd(run->c->pg, "there is no data for it in a batch");
}

/* True when the result is kept. */
static bool result_take(struct run *run, PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        rows_take(run, result);
        statement_done(run, result);
        break;
    case PGRES_COMMAND_OK:
        statement_done(run, result);
        break;
    case PGRES_EMPTY_QUERY:
        break;
    case PGRES_COPY_OUT:
        copy_drain(run);
        break;
    case PGRES_COPY_IN:
        copy_refuse(run);
        break;
    case PGRES_COPY_BOTH:
        copy_refuse(run);
        copy_drain(run);
        break;
    default:
        if (run->failure)
            break;
        run->failure = result;
        return true;
    }
    return false;
}

static void results_read(struct run *run)
{
    PGresult *result;

    while ((result = PQgetResult(run->c->pg))) {
        if (!result_take(run, result))
            PQclear(result);
    }
}

/* ---- what came of it ----------------------------------------------------------------------- */

/* Whether what was not answered may be in the database all the same: a COMMIT was under way, or a
 * statement outside a transaction, which commits by itself. */
static bool outcome_unknown(const struct run *run)
{
    bool in_tx = run->in_tx;

    for (uint32_t i = 0; i < run->limit; i++) {
        enum tx_word what = tx_word(&run->batch->stmts[i]);

        if (what == TX_BEGIN)
            in_tx = true;
        if (i >= run->next && (!in_tx || what == TX_COMMIT))
            return true;
        if (what == TX_COMMIT)
            in_tx = false;
    }
    return false;
}

/* libpq did not send all of it, or did not get hold of the answer. Both may still come: the rest
 * with the next message, the answer as that to the next. */
static int break_off(struct dunlin_conn *c, struct dunlin_error *err)
{
    c->broken = true;
    (void)shutdown(PQsocket(c->pg), SHUT_RDWR); /* the server lets go of its locks */
    err->kind = DUNLIN_KIND_LOST;
    return DUNLIN_KIND_LOST;
}

static int outcome_failed(struct run *run, struct dunlin_error *err)
{
    const char *position = PQresultErrorField(run->failure, PG_DIAG_STATEMENT_POSITION);
    uint32_t index = NO_STATEMENT;
    uint64_t pos = 0;
    int kind = postgres_fail(run->c, run->failure, err);

    if (run->copy_refused && kind != DUNLIN_KIND_LOST) {
        kind = run->c->host->fail(err, DUNLIN_KIND_UNSUPPORTED, "COPY FROM STDIN has no data here");
        postgres_copy(err->sqlstate, sizeof(err->sqlstate), "57014");
    }
    if (!run->copy_refused && !PQresultErrorField(run->failure, PG_DIAG_SQLSTATE))
        kind = break_off(run->c, err);
    if (position_map(run, position, &index, &pos) && index >= run->next)
        err->stmt_pos = pos;
    else
        index = run->next;
    run->batch->failed = index < run->limit ? index : NO_STATEMENT;
    if (kind == DUNLIN_KIND_LOST && outcome_unknown(run))
        err->flags |= DUNLIN_ERROR_OUTCOME_UNKNOWN;
    return kind;
}

static int outcome(struct run *run, struct dunlin_error *err)
{
    const struct dunlin_host *host = run->c->host;
    struct dunlin_batch *batch = run->batch;

    batch->completed = run->next >= run->limit ? batch->count : run->next;
    if (run->failure)
        return outcome_failed(run, err);
    if (run->rolled_back != NO_STATEMENT) {
        batch->failed = run->rolled_back;
        return host->fail(err, DUNLIN_KIND_TRANSACTION,
                          "the server rolled back instead of committing");
    }
    if (run->extra || run->next < run->limit)
        return host->fail(err, DUNLIN_KIND_INTERNAL,
                          "the server found %s statements in the text than were sent",
                          run->extra ? "more" : "fewer");
    return 0;
}

static void run_init(struct run *run, struct dunlin_conn *c, struct dunlin_batch *batch)
{
    PGTransactionStatusType tx = PQtransactionStatus(c->pg);

    *run = (struct run){.c = c, .batch = batch, .rolled_back = NO_STATEMENT};
    run->in_tx = tx == PQTRANS_INTRANS || tx == PQTRANS_INERROR;
    run->encoding = PQclientEncoding(c->pg);
    run->limit = sendable(c, batch);
    batch->completed = 0;
    batch->failed = NO_STATEMENT;
    for (uint32_t i = 0; batch->rows && i < batch->count; i++)
        batch->rows[i] = 0;
}

/* Builds and sends the message. *sent = false when there was nothing to send. */
static int message_send(struct run *run, bool *sent, struct dunlin_error *err)
{
    struct dunlin_conn *c = run->c;
    int kind = postgres_begin_call(c, err);

    *sent = false;
    if (kind == 0)
        kind = message_build(run, err);
    if (kind)
        return kind;
    run->next = sent_from(run, 0);
    if (run->next == run->limit)
        return 0;
    if (c->broken ||
        PQstatus(c->pg) == CONNECTION_BAD) { /* known before: nothing of it can have run */
        run->batch->failed = run->next;
        return c->host->fail(err, DUNLIN_KIND_LOST, "the connection is lost");
    }
    if (!PQsendQuery(c->pg, c->text)) {
        kind = postgres_fail_libpq(c, err);
        run->batch->failed = run->next;
        if (kind == DUNLIN_KIND_NOMEM) /* it sends what it has room for as a whole */
            return kind;
        kind = break_off(c, err);
        if (outcome_unknown(run))
            err->flags |= DUNLIN_ERROR_OUTCOME_UNKNOWN;
        return kind;
    }
    (void)PQsetSingleRowMode(c->pg);
    *sent = true;
    return 0;
}

static void text_release(struct dunlin_conn *c)
{
    if (c->text_cap <= TEXT_KEEP)
        return;
    free(c->text);
    c->text = NULL;
    c->text_cap = c->text_len = 0;
}

static int run_finish(struct run *run, struct dunlin_error *err)
{
    int kind;

    results_read(run);
    kind = outcome(run, err);
    PQclear(run->failure);
    run->failure = NULL;
    return kind;
}

static int run_whole(struct run *run, struct dunlin_error *err)
{
    bool sent;
    int kind = message_send(run, &sent, err);

    if (kind == 0 && sent)
        kind = run_finish(run, err);
    else if (kind == 0)
        run->batch->completed = run->batch->count;
    text_release(run->c);
    return kind;
}

/* ---- members ------------------------------------------------------------------------------- */

int postgres_exec(struct dunlin_conn *c, struct dunlin_batch *batch, struct dunlin_error *err)
{
    struct run run;

    run_init(&run, c, batch);
    return run_whole(&run, err);
}

int postgres_query(struct dunlin_conn *c, const char *sql, uint64_t len, dunlin_row_fn row,
                   void *user, struct dunlin_error *err)
{
    struct dunlin_stmt stmt = {.sql = sql, .len = len};
    struct dunlin_batch batch = {.size = sizeof(batch), .count = 1, .stmts = &stmt};
    struct run run;
    int kind;

    run_init(&run, c, &batch);
    run.row = row;
    run.user = user;
    kind = run_whole(&run, err);
    if (kind == 0 && run.no_memory)
        return c->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    return kind ? kind : run.stopped;
}

/* Where memory runs out over the answer to COPY, libpq takes it for one that has not come yet, and
 * would wait for more of it for ever, as the server waits for rows. It looks again when asked. */
static void copy_wait(struct dunlin_conn *c)
{
    struct pollfd socket = {.fd = PQsocket(c->pg), .events = POLLIN};
    int ready;

    while (PQisBusy(c->pg)) {
        ready = poll(&socket, 1, COPY_LOOK_MS);
        if (ready < 0 && errno != EINTR)
            return;
        if (ready > 0 && !PQconsumeInput(c->pg))
            return;
    }
}

int postgres_copy_begin(struct dunlin_conn *c, const struct dunlin_stmt *stmt,
                        struct dunlin_error *err)
{
    struct dunlin_batch batch = {.size = sizeof(batch), .count = 1, .stmts = stmt};
    struct run run;
    PGresult *result;
    bool sent;
    int kind;

    run_init(&run, c, &batch);
    kind = message_send(&run, &sent, err);
    if (kind)
        return kind;
    if (sent)
        copy_wait(c);
    result = sent ? PQgetResult(c->pg) : NULL;
    if (result && PQresultStatus(result) == PGRES_COPY_IN) {
        PQclear(result);
        c->copying = true;
        c->copy_in_tx = run.in_tx;
        return 0;
    }
    if (result && !result_take(&run, result))
        PQclear(result);
    kind = sent ? run_finish(&run, err) : 0;
    if (kind)
        return kind;
    return c->host->fail(err, DUNLIN_KIND_UNSUPPORTED, "the statement takes no data");
}

int postgres_copy_write(struct dunlin_conn *c, const char *data, uint64_t len,
                        struct dunlin_error *err)
{
    if (!c->copying)
        return c->host->fail(err, DUNLIN_KIND_INTERNAL, "no copy was begun");
    while (len) {
        uint64_t n = len < COPY_CHUNK ? len : COPY_CHUNK;

        if (PQputCopyData(c->pg, data, (int)n) != 1) { /* blocks until the server takes it */
            c->copying = PQstatus(c->pg) == CONNECTION_OK;
            return postgres_fail_libpq(c, err);
        }
        data += n;
        len -= n;
    }
    return 0;
}

int postgres_copy_end(struct dunlin_conn *c, const char *abort, uint64_t *rows,
                      struct dunlin_error *err)
{
    struct dunlin_stmt stmt = {.sql = "", .len = 0};
    uint64_t count = 0;
    struct dunlin_batch batch = {.size = sizeof(batch), .count = 1, .stmts = &stmt, .rows = &count};
    struct run run;
    int kind;

    if (!c->copying)
        return c->host->fail(err, DUNLIN_KIND_INTERNAL, "no copy was begun");
    c->copying = false;
    c->text_len = 0; /* positions in the statement were told by copy_begin */
    run_init(&run, c, &batch);
    run.limit = 1;
    run.in_tx = c->copy_in_tx;
    (void)PQputCopyEnd(c->pg, abort); /* should that fail, the results tell why */
    kind = run_finish(&run, err);
    if (abort && kind && strcmp(err->sqlstate, "57014") == 0 && kind != DUNLIN_KIND_LOST)
        err->kind = kind = DUNLIN_KIND_CANCELLED;
    if (rows)
        *rows = count;
    return kind;
}
