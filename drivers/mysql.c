/* SPDX-License-Identifier: MIT */
/*
 * The MySQL and MariaDB driver, over libmariadb or libmysqlclient, whichever it is compiled with.
 * Connecting is in mysql_connect.c, what needs no client library in mysql_dialect.c.
 *
 * URL parameters: socket, sslmode (disable, allow, prefer, require, verify-ca, verify-full; as
 * libpq defines them, prefer when absent, allow is prefer), sslrootcert, sslcert, sslkey,
 * connect_timeout in seconds (10), charset (utf8mb4). No option file is read. A server can never
 * ask for a local file, and without a verified server no password leaves in clear text.
 *
 * A batch travels as one message of several statements. Statements whose number of results is not
 * known travel alone, so that the number of results tells exactly which statement failed. Warnings
 * of the last statement of a message are passed on with their text; of those before it only the
 * number is known.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <dunlin/driver.h>
#include <dunlin/version.h>
#include "mysql_connect.h"
#include "mysql_dialect.h"

#ifndef DUNLIN_BUILTIN_ENTRY
#define DUNLIN_BUILTIN_ENTRY dunlin_driver_entry_v1
#endif

#define MESSAGE_MAX ((size_t)1 << 20) /* statements are joined up to here */
#define PACKET_SURE 65536u            /* a server that accepts less than this is not usable */
#define PACKET_EXTRA 8 /* what the client library puts around a statement, rounded up */
/* With a line break before the terminator, which a comment could swallow. It shifts no line number:
 * the server counts from where each statement begins. */
#define SEPARATOR "\n;\n"
#define WARNINGS_SHOWN "20"
#define ANSWER_MICROS 20u /* a server needs longer for most statements */
#define GATHER_MICROS 2000u

struct dunlin_conn {
    MYSQL *my;
    const struct dunlin_host *host;
    struct mysql_settings set;
    unsigned long id; /* of the session, for KILL QUERY */
    int lost;
    int saved;                  /* the session's settings, for reset */
    unsigned long packet_limit; /* of the server, 0 = not asked yet */
    char *message;              /* buffer for joined statements */
    size_t message_size;
    char server[80];
};

static void name_server(struct dunlin_conn *conn)
{
    const char *info = mysql_get_server_info(conn->my);

    /* Old replication clients wanted a 5: MariaDB puts one in front of its own version. */
    if (strncmp(info, "5.5.5-", 6) == 0 && strstr(info, "MariaDB"))
        info += 6;
    snprintf(conn->server, sizeof(conn->server), "%s %.*s",
             strstr(info, "MariaDB") ? "MariaDB" : "MySQL", (int)strspn(info, "0123456789."), info);
}

static void my_close(struct dunlin_conn *conn)
{
    if (!conn)
        return;
    if (conn->my)
        mysql_close(conn->my);
    mysql_driver_settings_free(&conn->set);
    free(conn->message);
    free(conn);
}

static int open_with(struct dunlin_conn *conn, const struct dunlin_param *params, uint32_t nparams,
                     struct dunlin_error *err)
{
    int kind = mysql_driver_settings(&conn->set, conn->host, params, nparams, err);

    if (!kind)
        kind = mysql_driver_connect(&conn->set, conn->host, 1, &conn->my, err);
    if (kind)
        return kind;
    conn->id = mysql_thread_id(conn->my);
    name_server(conn);
    mysql_driver_warn_plaintext(&conn->set, conn->host, conn->my);
    if (!mysql_driver_autocommits(conn->my) && mysql_autocommit(conn->my, 1))
        return mysql_driver_fail(conn->host, conn->my, DUNLIN_KIND_CONNECT, err);
    return 0;
}

static int my_open(const struct dunlin_host *host, const struct dunlin_param *params,
                   uint32_t nparams, struct dunlin_conn **out, struct dunlin_error *err)
{
    struct dunlin_conn *conn = calloc(1, sizeof(*conn));
    int kind;

    if (!conn)
        return host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    conn->host = host;
    kind = open_with(conn, params, nparams, err);
    if (kind)
        my_close(conn);
    else
        *out = conn;
    return kind;
}

static const char *my_server_version(struct dunlin_conn *conn)
{
    return conn->server;
}

/* ---- errors -------------------------------------------------------------------------------- */

/* An error says nothing of the transaction. The answer to any statement tells whether the server
 * has rolled back or committed; libmariadb drops that of a ping. */
static void refresh_status(struct dunlin_conn *conn)
{
    /* A cancel that comes late hits this one. */
    for (int tries = 0; tries < 5 && mysql_query(conn->my, "DO 0"); tries++) {
        if (mysql_driver_error_kind(conn->my) == DUNLIN_KIND_LOST) {
            conn->lost = 1;
            return;
        }
    }
}

/* What was sent of a statement: sql to its end, sent bytes to the end of the message. */
struct place {
    const char *sql;
    size_t len, sent;
};

/* Finds the place in the statement. What the server shows of the statements behind it is taken out
 * of the message: they may be ours, and mean nothing to the reader. */
static void locate(struct dunlin_conn *conn, const struct place *at, int kind,
                   struct dunlin_error *err)
{
    const char *message = mysql_error(conn->my);
    struct mysql_near near;

    if (!mysql_driver_near(message, at->sql, at->len, at->sent, &near))
        return;
    if (near.own < near.len) {
        conn->host->fail(err, kind, "%.*s%.*s' at line %u", (int)(near.text - message), message,
                         (int)near.own, near.text, near.line);
        mysql_driver_codes(conn->my, err);
    }
    err->stmt_line = near.line;
    err->stmt_pos = near.pos;
}

/* Not the server's word: the library had no memory for an answer, or could make nothing of it. What
 * is left of that answer would be taken for the next one. */
static int is_own_error(unsigned number)
{
    return number < 1000 || (number >= 2000 && number < 3000) || (number >= 5000 && number < 6000);
}

/* at: the statement that failed, NULL = not one of the caller's. */
static int fail_running(struct dunlin_conn *conn, const struct place *at, struct dunlin_error *err)
{
    int kind = mysql_driver_error_kind(conn->my);

    mysql_driver_fail(conn->host, conn->my, kind, err);
    if (at)
        locate(conn, at, kind, err);
    if (is_own_error(mysql_errno(conn->my))) {
        mysql_driver_break_off(conn->my); /* the server lets go of its locks */
        kind = DUNLIN_KIND_LOST;
    } else if (kind != DUNLIN_KIND_LOST) {
        refresh_status(conn);
    }
    if (kind == DUNLIN_KIND_LOST || conn->lost) {
        conn->lost = 1;
        kind = DUNLIN_KIND_LOST;
        err->kind = kind;
    }
    return kind;
}

static int fail_lost(struct dunlin_conn *conn, struct dunlin_error *err)
{
    return conn->host->fail(err, DUNLIN_KIND_LOST, "the connection to the server is lost");
}

/* ---- results ------------------------------------------------------------------------------- */

/* Reads one result to its end without keeping it. */
static int drain_result(MYSQL *my, uint64_t *rows)
{
    MYSQL_RES *res = mysql_use_result(my);
    int bad;

    *rows = 0;
    if (!res) {
        const uint64_t changed = mysql_affected_rows(my);

        *rows = changed == UINT64_MAX ? 0 : changed;
        return mysql_field_count(my) || mysql_errno(my) ? -1 : 0;
    }
    while (mysql_fetch_row(res))
        ++*rows;
    bad = mysql_errno(my) ? -1 : 0;
    mysql_free_result(res);
    return bad;
}

static void pass_warnings(struct dunlin_conn *conn)
{
    static const char sql[] = "SHOW WARNINGS LIMIT " WARNINGS_SHOWN;
    MYSQL_RES *res;
    MYSQL_ROW row;

    if (!conn->host->notice || mysql_real_query(conn->my, sql, sizeof(sql) - 1))
        return;
    res = mysql_store_result(conn->my);
    if (!res)
        return;
    while (mysql_num_fields(res) >= 3 && (row = mysql_fetch_row(res))) {
        if (row[0] && row[2])
            conn->host->notice(conn->host->context, row[0], row[2]);
    }
    mysql_free_result(res);
}

/* Creating and dropping with IF [NOT] EXISTS warns all the time. */
static void count_warnings(struct dunlin_conn *conn, const char *word, unsigned n)
{
    char text[64];

    if (!conn->host->notice || strcmp(word, "CREATE") == 0 || strcmp(word, "DROP") == 0)
        return;
    snprintf(text, sizeof(text), "%s: warnings or notes: %u", word, n);
    conn->host->notice(conn->host->context, "Warning", text);
}

/* ---- messages ------------------------------------------------------------------------------ */

/* What the dialect's reset puts back, saved by the first message of a connection: it costs no
 * round trip there. */
static const char save_sql[] =
    "SET @dunlin_sql_mode = @@sql_mode, @dunlin_sql_notes = @@sql_notes,"
    " @dunlin_foreign_key_checks = @@foreign_key_checks,"
    " @dunlin_unique_checks = @@unique_checks,"
    " @dunlin_character_set_client = @@character_set_client,"
    " @dunlin_character_set_results = @@character_set_results,"
    " @dunlin_collation_connection = @@collation_connection,"
    " @dunlin_time_zone = @@time_zone, @dunlin_sql_safe_updates = @@sql_safe_updates,"
    " @dunlin_lock_wait_timeout = @@lock_wait_timeout,"
    " @dunlin_innodb_lock_wait_timeout = @@innodb_lock_wait_timeout,"
    " @dunlin_time = /*M! @@max_statement_time */ /*!50708 @@max_execution_time */";

struct message {
    struct dunlin_batch *batch;
    uint32_t first, count; /* statements of the batch in it */
    enum mysql_form form;  /* of the only statement; ONE where there are several */
    int saving;            /* save_sql stands before them */
    const char *text;
    size_t len;
};

static void shape_of(const struct dunlin_stmt *st, struct mysql_shape *out)
{
    mysql_driver_shape(st->sql, (size_t)st->len, out);
}

/* How many statements from first on the next message takes. */
static void choose(const struct dunlin_conn *conn, struct dunlin_batch *batch, uint32_t first,
                   struct message *m)
{
    const size_t max = conn->packet_limit && conn->packet_limit < 2 * MESSAGE_MAX
                           ? conn->packet_limit / 2
                           : MESSAGE_MAX;
    size_t size = 0;

    memset(m, 0, sizeof(*m));
    m->batch = batch;
    m->first = first;
    for (uint32_t i = first; i < batch->count; i++) {
        const size_t len = (size_t)batch->stmts[i].len + sizeof(SEPARATOR);
        struct mysql_shape shape;

        shape_of(&batch->stmts[i], &shape);
        if (m->count && (shape.form != MYSQL_FORM_ONE || size + len > max))
            return;
        m->count++;
        m->form = shape.form;
        size += len;
        if (shape.form != MYSQL_FORM_ONE || size > max)
            return;
    }
}

static int reserve(struct dunlin_conn *conn, size_t size, struct dunlin_error *err)
{
    char *grown;

    if (size <= conn->message_size)
        return 0;
    grown = realloc(conn->message, size);
    if (!grown)
        return conn->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    conn->message = grown;
    conn->message_size = size;
    return 0;
}

static size_t append(char *to, size_t at, const char *text, size_t len)
{
    if (len)
        memcpy(to + at, text, len);
    memcpy(to + at + len, SEPARATOR, sizeof(SEPARATOR) - 1);
    return at + len + sizeof(SEPARATOR) - 1;
}

static int join(struct dunlin_conn *conn, struct message *m, struct dunlin_error *err)
{
    const struct dunlin_stmt *st = &m->batch->stmts[m->first];
    size_t size = sizeof(save_sql) + sizeof(SEPARATOR), at = 0;
    int kind;

    if (m->count == 1 && !m->saving) {
        m->text = st->sql;
        m->len = (size_t)st->len;
        return 0;
    }
    for (uint32_t i = 0; i < m->count; i++)
        size += (size_t)st[i].len + sizeof(SEPARATOR);
    kind = reserve(conn, size, err);
    if (kind)
        return kind;
    if (m->saving)
        at = append(conn->message, 0, save_sql, sizeof(save_sql) - 1);
    for (uint32_t i = 0; i < m->count; i++)
        at = append(conn->message, at, st[i].sql, (size_t)st[i].len);
    m->text = conn->message;
    m->len = at - (sizeof(SEPARATOR) - 1); /* an empty statement at the end would be an error */
    return 0;
}

/* Where statement number i of the message lies in it. */
static struct place place_of(const struct message *m, uint32_t i)
{
    const struct dunlin_stmt *st = &m->batch->stmts[m->first];
    size_t at = m->saving ? sizeof(save_sql) - 1 + sizeof(SEPARATOR) - 1 : 0;
    struct place place;

    for (uint32_t k = 0; k < i; k++)
        at += (size_t)st[k].len + sizeof(SEPARATOR) - 1;
    place.sql = m->text + at;
    place.len = (size_t)st[i].len;
    place.sent = m->len - at;
    return place;
}

/* Whether the part of the message that was not answered may have committed something. */
static int may_have_committed(int open, const struct message *m, uint32_t i)
{
    for (; i < m->count; i++) {
        struct mysql_shape shape;

        shape_of(&m->batch->stmts[m->first + i], &shape);
        if (strcmp(shape.word, "START") == 0 || strcmp(shape.word, "BEGIN") == 0)
            open = 1;
        else if (!open || !mysql_driver_stays_in_tx(shape.word))
            return 1;
    }
    return 0;
}

/* done: statements of the message that were answered; -1 = not even save_sql was. */
static int fail_message(struct dunlin_conn *conn, const struct message *m, int64_t done,
                        struct dunlin_error *err)
{
    const int in_transaction = mysql_driver_in_transaction(conn->my);
    const uint32_t i = done < 0 ? 0 : (uint32_t)done < m->count ? (uint32_t)done : m->count - 1;
    const struct place at = place_of(m, i);
    const int kind = fail_running(conn, &at, err);

    if (done >= 0)
        m->batch->failed = m->first + i;
    if (kind == DUNLIN_KIND_LOST && may_have_committed(in_transaction, m, i))
        err->flags |= DUNLIN_ERROR_OUTCOME_UNKNOWN;
    return kind;
}

/* Notes what a statement came to. Several results of one are added up. */
static void record(struct dunlin_conn *conn, const struct message *m, uint32_t i, uint64_t rows)
{
    const unsigned warnings = mysql_warning_count(conn->my);
    struct mysql_shape shape;

    if (m->batch->rows && i < m->count)
        m->batch->rows[m->first + i] += rows;
    if (warnings && i + 1 < m->count) {
        shape_of(&m->batch->stmts[m->first + i], &shape);
        count_warnings(conn, shape.word, warnings);
    }
}

static uint64_t micros(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* As mysql_next_result, of which so many more will come. To wake somebody for each of them costs a
 * server on the same machine more than many a statement: where it had to be waited for, the next
 * ones are left to gather. */
static int next_result(struct dunlin_conn *conn, uint64_t expected)
{
    const uint64_t soonest = expected * ANSWER_MICROS, start = micros();
    const int more = mysql_next_result(conn->my);

    if (more == 0 && soonest >= GATHER_MICROS && micros() - start >= ANSWER_MICROS)
        nanosleep(&(struct timespec){.tv_nsec = GATHER_MICROS * 1000}, NULL);
    return more;
}

/* *done as in fail_message. Non-zero = a statement failed. */
static int read_results(struct dunlin_conn *conn, const struct message *m, int64_t *done)
{
    for (;;) {
        uint64_t rows;
        int more;

        if (drain_result(conn->my, &rows))
            return -1;
        if (*done < 0)
            conn->saved = 1;
        else
            record(conn, m, m->form == MYSQL_FORM_ONE ? (uint32_t)*done : 0, rows);
        ++*done;
        more = next_result(conn, *done < m->count ? m->count - (uint64_t)*done : 0);
        if (more)
            return more > 0 ? -1 : 0;
    }
}

/* A statement that is all executable comment is nothing where the comment does not apply, and
 * MySQL calls nothing an error. */
static int is_empty_query(struct dunlin_conn *conn, const struct message *m)
{
    return m->form == MYSQL_FORM_NONE && mysql_errno(conn->my) == 1065;
}

static int send_message(struct dunlin_conn *conn, struct message *m, struct dunlin_error *err)
{
    int64_t done = m->saving ? -1 : 0;
    struct mysql_shape last;

    for (uint32_t i = 0; m->batch->rows && i < m->count; i++)
        m->batch->rows[m->first + i] = 0;
    if ((mysql_real_query(conn->my, m->text, m->len) || read_results(conn, m, &done)) &&
        !is_empty_query(conn, m)) {
        if (m->form == MYSQL_FORM_ONE && done > 0)
            m->batch->completed += (uint32_t)done;
        return fail_message(conn, m, m->form == MYSQL_FORM_ONE || done < 0 ? done : 0, err);
    }
    m->batch->completed += m->count;
    if (m->form == MYSQL_FORM_ONE && done != m->count)
        return conn->host->fail(err, DUNLIN_KIND_INTERNAL,
                                "the server answered %lld times to a message of %u statements",
                                (long long)done, m->count);
    shape_of(&m->batch->stmts[m->first + m->count - 1], &last);
    if (mysql_warning_count(conn->my) && strcmp(last.word, "SHOW") != 0)
        pass_warnings(conn);
    return 0;
}

/* ---- packet limit -------------------------------------------------------------------------- */

/* The server answers what is too large by closing the connection, so it is asked before, once. */
static int ask_packet_limit(struct dunlin_conn *conn, struct dunlin_error *err)
{
    static const char sql[] = "SELECT @@max_allowed_packet";
    MYSQL_RES *res;
    MYSQL_ROW row;

    if (conn->packet_limit)
        return 0;
    if (mysql_real_query(conn->my, sql, sizeof(sql) - 1) || !(res = mysql_store_result(conn->my)))
        return fail_running(conn, NULL, err);
    row = mysql_fetch_row(res);
    conn->packet_limit = row && row[0] ? strtoul(row[0], NULL, 10) : ULONG_MAX;
    mysql_free_result(res);
    return 0;
}

static int check_size(struct dunlin_conn *conn, uint64_t len, struct dunlin_error *err)
{
    int kind;

    if (len < PACKET_SURE)
        return 0;
    kind = ask_packet_limit(conn, err);
    if (kind || len + PACKET_EXTRA <= conn->packet_limit)
        return kind;
    conn->host->fail(err, DUNLIN_KIND_UNSUPPORTED,
                     "the statement has %llu bytes, and the server accepts %lu in one message",
                     (unsigned long long)len, conn->packet_limit);
    snprintf(err->hint, sizeof(err->hint),
             "raise max_allowed_packet on the server (SET GLOBAL max_allowed_packet = .., for "
             "connections made after it), or split the statement");
    return DUNLIN_KIND_UNSUPPORTED;
}

/* The server takes a NUL byte for a character like any other; no other engine does, and in a file
 * it is damage. */
static int has_nul(const char *sql, uint64_t len)
{
    return len && memchr(sql, '\0', (size_t)len) != NULL;
}

static int check_batch(struct dunlin_conn *conn, struct dunlin_batch *batch,
                       struct dunlin_error *err)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < batch->count; i++) {
        total += batch->stmts[i].len;
        if (!has_nul(batch->stmts[i].sql, batch->stmts[i].len))
            continue;
        batch->failed = i;
        return conn->host->fail(err, DUNLIN_KIND_SYNTAX, "the statement holds a NUL byte");
    }
    return total < PACKET_SURE ? 0 : ask_packet_limit(conn, err);
}

/* ---- running ------------------------------------------------------------------------------- */

/* Before a statement that may leave no room for it in the same message. */
static int save_session(struct dunlin_conn *conn, struct dunlin_error *err)
{
    uint64_t rows;

    if (mysql_real_query(conn->my, save_sql, sizeof(save_sql) - 1) || drain_result(conn->my, &rows))
        return fail_running(conn, NULL, err);
    conn->saved = 1;
    return 0;
}

static int exec_from(struct dunlin_conn *conn, struct dunlin_batch *batch, uint32_t first,
                     uint32_t *count, struct dunlin_error *err)
{
    struct message m;
    int kind;

    choose(conn, batch, first, &m);
    *count = m.count;
    kind = check_size(conn, batch->stmts[first].len, err);
    if (kind) {
        batch->failed = first;
        return kind;
    }
    if (!conn->saved && batch->stmts[first].len >= PACKET_SURE)
        kind = save_session(conn, err);
    if (kind)
        return kind;
    m.saving = !conn->saved;
    kind = join(conn, &m, err);
    return kind ? kind : send_message(conn, &m, err);
}

static int my_exec(struct dunlin_conn *conn, struct dunlin_batch *batch, struct dunlin_error *err)
{
    uint32_t count = 0;
    int kind;

    batch->completed = 0;
    batch->failed = UINT32_MAX;
    if (conn->lost)
        return fail_lost(conn, err);
    kind = check_batch(conn, batch, err);
    for (uint32_t i = 0; !kind && i < batch->count; i += count)
        kind = exec_from(conn, batch, i, &count, err);
    return kind;
}

/* *broken: the server ended the rows with an error, which the caller reports. */
static int pass_rows(struct dunlin_conn *conn, MYSQL_RES *res, dunlin_row_fn callback, void *user,
                     int *broken, struct dunlin_error *err)
{
    const unsigned n = mysql_num_fields(res);
    uint64_t *lens = calloc(n + 1u, sizeof(*lens));
    int result = 0;
    MYSQL_ROW row;

    if (!lens)
        return conn->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    while (!result && (row = mysql_fetch_row(res))) {
        const unsigned long *lengths = mysql_fetch_lengths(res);

        for (unsigned i = 0; i < n; i++)
            lens[i] = row[i] ? lengths[i] : 0;
        if (callback)
            result = callback(user, n, (const char *const *)row, lens);
    }
    free(lens);
    *broken = !result && mysql_errno(conn->my);
    return result;
}

/* Whatever is left of the answer: the connection takes no other command before. */
static void drain_rest(MYSQL *my)
{
    uint64_t rows;

    while (mysql_next_result(my) == 0) {
        if (drain_result(my, &rows))
            return;
    }
}

static int my_query(struct dunlin_conn *conn, const char *sql, uint64_t len, dunlin_row_fn callback,
                    void *user, struct dunlin_error *err)
{
    const struct place at = {sql, (size_t)len, (size_t)len};
    MYSQL_RES *res;
    int result, broken = 0;

    if (conn->lost)
        return fail_lost(conn, err);
    result = check_size(conn, len, err);
    if (result)
        return result;
    if (mysql_real_query(conn->my, sql, (unsigned long)len))
        return fail_running(conn, &at, err);
    res = mysql_use_result(conn->my);
    if (res) {
        result = pass_rows(conn, res, callback, user, &broken, err);
        mysql_free_result(res); /* reads what a callback that stopped early has left */
    } else {
        broken = mysql_field_count(conn->my) != 0;
    }
    if (broken)
        return fail_running(conn, &at, err);
    drain_rest(conn->my);
    return result;
}

static int my_tx_state(struct dunlin_conn *conn)
{
    if (conn->lost)
        return DUNLIN_TX_UNKNOWN;
    return mysql_driver_in_transaction(conn->my) ? DUNLIN_TX_OPEN : DUNLIN_TX_IDLE;
}

static int my_cancel(struct dunlin_conn *conn, struct dunlin_error *err)
{
    char sql[48];
    MYSQL *my = NULL;
    int kind = mysql_driver_connect(&conn->set, conn->host, 0, &my, err);

    if (kind)
        return kind;
    snprintf(sql, sizeof(sql), "KILL QUERY %lu", conn->id);
    if (mysql_query(my, sql))
        kind = mysql_driver_fail(conn->host, my, mysql_driver_error_kind(my), err);
    mysql_close(my);
    return kind;
}

/* ---- entry --------------------------------------------------------------------------------- */

static const char *const my_schemes[] = {"mysql", "mariadb", NULL};

static const struct dunlin_driver my_driver = {
    .magic = DUNLIN_DRIVER_MAGIC,
    .abi_major = DUNLIN_ABI_MAJOR,
    .abi_minor = DUNLIN_ABI_MINOR,
    .struct_size = sizeof(struct dunlin_driver),
    .name = "mysql",
    .version = DUNLIN_VERSION,
    .description = "MySQL and MariaDB, over " MYSQL_DRIVER_LIBRARY,
    .schemes = my_schemes,
    .caps = DUNLIN_CAP_BATCH | DUNLIN_CAP_CANCEL,
    .dialect = &mysql_driver_dialect,
    .client_version = mysql_driver_client_version,
    .open = my_open,
    .close = my_close,
    .server_version = my_server_version,
    .exec = my_exec,
    .query = my_query,
    .tx_state = my_tx_state,
    .cancel = my_cancel,
};

const struct dunlin_driver *DUNLIN_BUILTIN_ENTRY(uint32_t host_abi_major);

__attribute__((visibility("default"))) const struct dunlin_driver *
DUNLIN_BUILTIN_ENTRY(uint32_t host_abi_major)
{
    return host_abi_major == DUNLIN_ABI_MAJOR ? &my_driver : NULL;
}
