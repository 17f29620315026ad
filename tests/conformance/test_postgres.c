/* SPDX-License-Identifier: MIT */
/* What only PostgreSQL does: its protocol's corners, and libpq's parameters. */
#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE "CREATE TABLE conf_t (id integer PRIMARY KEY, v text)"

static bool answer_is(struct suite *s, struct dunlin_conn *conn, const char *sql, const char *want)
{
    (void)ask(s, conn, sql);
    EXPECT(s, s->answer && strcmp(s->answer, want) == 0, "%s: %s, not %s: %s", sql,
           s->answer ? s->answer : "NULL", want, s->err.message);
    return true;
}

/* COMMIT of a failed transaction "succeeds"; and nothing behind it may run. */
static bool test_commit_of_failed(struct suite *s)
{
    const char *const texts[] = {"-- the end\nCOMMIT", "INSERT INTO conf_t VALUES (1, 'a')", NULL};
    struct dunlin_batch batch;
    int kind;

    EXPECT(s, run_sql(s, s->a, TABLE) == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, "BEGIN") == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, "SELECT 1/0") == DUNLIN_KIND_DATA, "%s", s->err.message);
    kind = run_batch(s, s->a, texts, NULL, &batch);
    EXPECT(s, kind == DUNLIN_KIND_TRANSACTION, "kind %d: %s", kind, s->err.message);
    EXPECT(s, batch.completed == 0 && batch.failed == 0, "completed %u failed %u", batch.completed,
           batch.failed);
    EXPECT(s, s->driver->tx_state(s->a) == DUNLIN_TX_IDLE, "not idle");
    return answer_is(s, s->a, "SELECT count(*) FROM conf_t", "0");
}

static bool test_failed_then_rollback(struct suite *s)
{
    const char *const texts[] = {"ROLLBACK", TABLE, "COMMIT", NULL};
    struct dunlin_batch batch;

    EXPECT(s, run_sql(s, s->a, "BEGIN") == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, "SELECT 1/0") != 0, "1/0 worked");
    EXPECT(s, run_sql(s, s->a, "SELECT 1") == DUNLIN_KIND_TRANSACTION, "%s", s->err.message);
    EXPECT(s, run_batch(s, s->a, texts, NULL, &batch) == 0, "%s", s->err.message);
    EXPECT(s, batch.completed == 3, "completed %u", batch.completed);
    return answer_is(s, s->a, "SELECT count(*) FROM conf_t", "0");
}

/* A rule can make one statement give several results; it stays one statement. */
static bool test_rules(struct suite *s)
{
    const char *const setup[] = {
        TABLE, "CREATE RULE r1 AS ON INSERT TO conf_t DO ALSO SELECT generate_series(1, 2) AS one",
        "CREATE RULE r2 AS ON INSERT TO conf_t DO ALSO SELECT 3 AS three",
        "CREATE RULE r3 AS ON DELETE TO conf_t DO INSTEAD NOTHING", NULL};
    const char *const texts[] = {"INSERT INTO conf_t VALUES (1, 'a'), (2, 'b')",
                                 "DELETE FROM conf_t", "SELECT id FROM conf_t",
                                 "INSERT INTO conf_t VALUES (1, 'again')", NULL};
    uint64_t rows[4];
    struct dunlin_batch batch;
    int kind;

    if (!run_all(s, s->a, setup))
        return false;
    kind = run_batch(s, s->a, texts, rows, &batch);
    EXPECT(s, kind == DUNLIN_KIND_DUPLICATE, "kind %d: %s", kind, s->err.message);
    EXPECT(s, batch.completed == 3 && batch.failed == 3, "completed %u failed %u", batch.completed,
           batch.failed);
    EXPECT(s, rows[0] == 2 && rows[1] == 0 && rows[2] == 2, "rows %lu %lu %lu",
           (unsigned long)rows[0], (unsigned long)rows[1], (unsigned long)rows[2]);
    return true;
}

static bool test_copy_out(struct suite *s)
{
    const char *const texts[] = {TABLE, "INSERT INTO conf_t VALUES (1, 'a'), (2, 'b')",
                                 "COPY conf_t TO STDOUT", "SELECT 1", NULL};
    uint64_t rows[4];
    struct dunlin_batch batch;

    EXPECT(s, run_batch(s, s->a, texts, rows, &batch) == 0, "%s", s->err.message);
    EXPECT(s, rows[2] == 2 && batch.completed == 4, "%lu rows, completed %u",
           (unsigned long)rows[2], batch.completed);
    return true;
}

/* The core cuts texts; should it ever cut wrongly, that must not pass for success. */
static bool test_statement_count(struct suite *s)
{
    const char *const fewer[] = {"SELECT 1 /* ", "SELECT 2 */", NULL};
    struct dunlin_batch batch;
    int kind = run_sql(s, s->a, "SELECT 1; SELECT 2");

    EXPECT(s, kind == DUNLIN_KIND_INTERNAL, "more: kind %d: %s", kind, s->err.message);
    kind = run_batch(s, s->a, fewer, NULL, &batch);
    EXPECT(s, kind == DUNLIN_KIND_INTERNAL, "fewer: kind %d: %s", kind, s->err.message);
    kind = run_sql(s, s->a, ";");
    EXPECT(s, kind == DUNLIN_KIND_INTERNAL, "none: kind %d: %s", kind, s->err.message);
    return true;
}

static bool test_error_fields(struct suite *s)
{
    int kind = run_sql(s, s->a,
                       "DO $$BEGIN RAISE EXCEPTION 'what' USING DETAIL = 'why', "
                       "HINT = 'how', ERRCODE = 'AB123'; END$$");

    EXPECT(s, kind == DUNLIN_KIND_SERVER, "kind %d: %s", kind, s->err.message);
    EXPECT(s, strcmp(s->err.message, "what") == 0, "message %s", s->err.message);
    EXPECT(s, strcmp(s->err.detail, "why") == 0, "detail %s", s->err.detail);
    EXPECT(s, strcmp(s->err.hint, "how") == 0, "hint %s", s->err.hint);
    EXPECT(s, strcmp(s->err.sqlstate, "AB123") == 0, "sqlstate %s", s->err.sqlstate);
    EXPECT(s, strstr(s->err.context, "line 1 at RAISE"), "context %s", s->err.context);
    kind = run_sql(s, s->a, "DO $$BEGIN PERFORM nothing FROM conf_absent; END$$");
    EXPECT(s, kind == DUNLIN_KIND_MISSING_TABLE, "kind %d: %s", kind, s->err.message);
    EXPECT(s, strstr(s->err.context, "SELECT nothing"), "context %s", s->err.context);
    return true;
}

/* The end of the text, a place behind an error of an earlier kind, and run-time errors. */
static bool test_positions(struct suite *s)
{
    const char *const texts[] = {"SELECT 'é'", "-- é\nSELECT 'é', nothing FROM pg_class",
                                 "SELECT 1", NULL};
    struct dunlin_batch batch;

    EXPECT(s, run_sql(s, s->a, "CREATE TABLE x (") == DUNLIN_KIND_SYNTAX, "%s", s->err.message);
    EXPECT(s, s->err.stmt_pos == 17, "end: pos %lu", (unsigned long)s->err.stmt_pos);
    EXPECT(s, run_batch(s, s->a, texts, NULL, &batch) == DUNLIN_KIND_MISSING_COLUMN, "%s",
           s->err.message);
    EXPECT(s, batch.completed == 1 && batch.failed == 1, "completed %u failed %u", batch.completed,
           batch.failed);
    EXPECT(s, s->err.stmt_pos == 20, "middle: pos %lu", (unsigned long)s->err.stmt_pos);
    EXPECT(s, run_sql(s, s->a, "SELECT 1/0") == DUNLIN_KIND_DATA && s->err.stmt_pos == 0,
           "run time: pos %lu", (unsigned long)s->err.stmt_pos);
    return true;
}

/* Positions are characters of what the session reads. */
static bool test_latin1(struct suite *s)
{
    const char *const texts[] = {"SELECT '\xe9\xe9'", "SELECT '\xe9', FROM FROM", NULL};
    struct dunlin_batch batch;

    EXPECT(s, run_sql(s, s->a, "SET client_encoding = 'LATIN1'") == 0, "%s", s->err.message);
    EXPECT(s, run_batch(s, s->a, texts, NULL, &batch) == DUNLIN_KIND_SYNTAX, "%s", s->err.message);
    EXPECT(s, batch.failed == 1 && s->err.stmt_pos == 13, "failed %u, pos %lu", batch.failed,
           (unsigned long)s->err.stmt_pos);
    EXPECT(s, run_sql(s, s->a, "DO $$BEGIN RAISE 'caf\xe9'; END$$") == DUNLIN_KIND_SERVER, "%s",
           s->err.message);
    EXPECT(s, strcmp(s->err.message, "caf?") == 0, "message %s", s->err.message);
    return true;
}

/* A database without an encoding counts bytes. */
static bool test_sql_ascii(struct suite *s)
{
    const struct dunlin_param params[] = {{"database", "conf_db"}, {NULL, NULL}};
    struct dunlin_conn *conn = NULL;
    int kind;

    EXPECT(s,
           run_sql(s, s->a,
                   "CREATE DATABASE conf_db ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0") ==
               0,
           "%s", s->err.message);
    EXPECT(s, suite_open(s, params, &conn) == 0, "%s", s->err.message);
    kind = run_sql(s, conn, "SELECT 'éé', FROM FROM");
    s->driver->close(conn);
    EXPECT(s, kind == DUNLIN_KIND_SYNTAX && s->err.stmt_pos == 16, "kind %d, pos %lu: %s", kind,
           (unsigned long)s->err.stmt_pos, s->err.message);
    return true;
}

static bool test_cancel_by_other(struct suite *s)
{
    struct background bg;
    char sql[128];

    (void)ask(s, s->a, "SELECT pg_backend_pid()");
    EXPECT(s, s->answer, "%s", s->err.message);
    (void)snprintf(sql, sizeof(sql), "SELECT pg_cancel_backend(%s)", s->answer);
    if (!background_start(&bg, s, s->a, s->samples->slow))
        return false;
    for (int tries = 0; tries < 100 && !bg.done; tries++) {
        pause_ms(100);
        (void)run_sql(s, s->b, sql);
    }
    EXPECT(s, background_join(&bg) == DUNLIN_KIND_CANCELLED, "kind %d: %s", bg.kind,
           bg.err.message);
    return true;
}

static bool test_idle_timeout(struct suite *s)
{
    EXPECT(s, run_sql(s, s->a, "SET idle_in_transaction_session_timeout = 100") == 0, "%s",
           s->err.message);
    EXPECT(s, run_sql(s, s->a, "BEGIN") == 0, "%s", s->err.message);
    pause_ms(600);
    EXPECT(s, run_sql(s, s->a, "SELECT 1") == DUNLIN_KIND_LOST, "kind %d: %s", s->err.kind,
           s->err.message);
    EXPECT(s, !(s->err.flags & DUNLIN_ERROR_OUTCOME_UNKNOWN), "nothing could have been committed");
    EXPECT(s, s->driver->tx_state(s->a) == DUNLIN_TX_UNKNOWN, "tx_state %d",
           s->driver->tx_state(s->a));
    return true;
}

static bool test_application_name(struct suite *s)
{
    const struct dunlin_param params[] = {
        {"application_name", "conf"}, {"options", "-c work_mem=5MB"}, {NULL, NULL}};
    struct dunlin_conn *conn = NULL;
    bool good;

    if (!answer_is(s, s->a, "SELECT current_setting('application_name')", "dunlin"))
        return false;
    EXPECT(s, suite_open(s, params, &conn) == 0, "%s", s->err.message);
    good = answer_is(s, conn, "SELECT current_setting('application_name')", "conf") &&
           answer_is(s, conn, "SELECT current_setting('work_mem')", "5MB");
    s->driver->close(conn);
    return good;
}

static bool test_socket(struct suite *s)
{
    const struct dunlin_param params[] = {{"host", getenv("DUNLIN_TEST_SOCKET")}, {NULL, NULL}};
    struct dunlin_conn *conn = NULL;
    bool good;

    EXPECT(s, params[0].value, "no socket");
    EXPECT(s, suite_open(s, params, &conn) == 0, "%s", s->err.message);
    good = answer_is(s, conn, "SELECT coalesce(inet_server_port()::text, 'socket')", "socket");
    s->driver->close(conn);
    return good;
}

static bool test_several_hosts(struct suite *s)
{
    char ports[64] = "";
    const struct dunlin_param params[] = {
        {"host", "127.0.0.1,127.0.0.1"}, {"port", ports}, {NULL, NULL}};
    struct dunlin_conn *conn = NULL;

    for (uint32_t i = 0; i < s->url.count; i++) {
        if (strcmp(s->url.params[i].key, "port") == 0)
            (void)snprintf(ports, sizeof(ports), "1,%s", s->url.params[i].value);
    }
    EXPECT(s, suite_open(s, params, &conn) == 0, "%s", s->err.message);
    s->driver->close(conn);
    return true;
}

/* A procedure that commits runs alone, and is refused where it would share a message. */
static bool test_call_commits(struct suite *s)
{
    const char *const texts[] = {"CALL conf_proc()", "SELECT 1", NULL};
    struct dunlin_batch batch;
    int kind;

    EXPECT(s,
           run_sql(s, s->a,
                   "CREATE PROCEDURE conf_proc() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'") == 0,
           "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, "CALL conf_proc()") == 0, "%s", s->err.message);
    kind = run_batch(s, s->a, texts, NULL, &batch);
    EXPECT(s, kind == DUNLIN_KIND_TRANSACTION && batch.failed == 0, "kind %d failed %u: %s", kind,
           batch.failed, s->err.message);
    return true;
}

static bool test_lost_without_commit(struct suite *s)
{
    int kind;

    EXPECT(s, run_sql(s, s->b, "BEGIN") == 0, "%s", s->err.message);
    (void)ask(s, s->b, "SELECT 'SELECT pg_terminate_backend(' || pg_backend_pid() || ')'");
    EXPECT(s, s->answer && run_sql(s, s->a, s->answer) == 0, "%s", s->err.message);
    pause_ms(200);
    kind = run_sql(s, s->b, TABLE);
    EXPECT(s, kind == DUNLIN_KIND_LOST, "kind %d: %s", kind, s->err.message);
    EXPECT(s, !(s->err.flags & DUNLIN_ERROR_OUTCOME_UNKNOWN), "nothing could have been committed");
    kind = run_sql(s, s->b, TABLE); /* known to be gone: not even sent */
    EXPECT(s, kind == DUNLIN_KIND_LOST && !(s->err.flags & DUNLIN_ERROR_OUTCOME_UNKNOWN),
           "kind %d: %s", kind, s->err.message);
    return true;
}

static bool test_lost_in_copy(struct suite *s)
{
    static const char row[] = "1\tone\n";
    struct dunlin_stmt stmt = {.sql = "COPY conf_t FROM STDIN", .len = 22};
    int kind;

    EXPECT(s, run_sql(s, s->a, TABLE) == 0, "%s", s->err.message);
    (void)ask(s, s->b, "SELECT 'SELECT pg_terminate_backend(' || pg_backend_pid() || ')'");
    EXPECT(s, run_sql(s, s->b, "BEGIN") == 0, "%s", s->err.message);
    EXPECT(s, s->driver->copy_begin(s->b, &stmt, &s->err) == 0, "%s", s->err.message);
    EXPECT(s, s->answer && run_sql(s, s->a, s->answer) == 0, "%s", s->err.message);
    pause_ms(200);
    kind = s->driver->copy_write(s->b, row, sizeof(row) - 1, &s->err);
    if (kind == 0)
        kind = s->driver->copy_end(s->b, NULL, NULL, &s->err);
    EXPECT(s, kind == DUNLIN_KIND_LOST, "kind %d: %s", kind, s->err.message);
    EXPECT(s, !(s->err.flags & DUNLIN_ERROR_OUTCOME_UNKNOWN), "nothing could have been committed");
    kind = run_sql(s, s->b, "SELECT 1");
    EXPECT(s, kind == DUNLIN_KIND_LOST, "kind %d: %s", kind, s->err.message);
    kind = s->driver->copy_begin(s->b, &stmt, &s->err);
    EXPECT(s, kind == DUNLIN_KIND_LOST && !(s->err.flags & DUNLIN_ERROR_OUTCOME_UNKNOWN),
           "kind %d: %s", kind, s->err.message);
    return true;
}

/* Between copy_begin and copy_end the connection does nothing else. */
static bool test_copy_exclusive(struct suite *s)
{
    struct dunlin_stmt stmt = {.sql = "COPY conf_t FROM STDIN", .len = 22};
    int kind;

    EXPECT(s, run_sql(s, s->a, TABLE) == 0, "%s", s->err.message);
    EXPECT(s, s->driver->copy_end(s->a, NULL, NULL, &s->err) == DUNLIN_KIND_INTERNAL,
           "ended what never began");
    EXPECT(s, s->driver->copy_write(s->a, "1\tx\n", 4, &s->err) == DUNLIN_KIND_INTERNAL,
           "wrote to what never began");
    EXPECT(s, s->driver->copy_begin(s->a, &stmt, &s->err) == 0, "%s", s->err.message);
    kind = run_sql(s, s->a, "SELECT 1");
    EXPECT(s, kind == DUNLIN_KIND_INTERNAL, "kind %d: %s", kind, s->err.message);
    EXPECT(s, s->driver->copy_end(s->a, NULL, NULL, &s->err) == 0, "%s", s->err.message);
    return answer_is(s, s->a, "SELECT 1", "1");
}

#define MANY 5000u

/* One message, and the one that fails is found. */
static bool test_many_statements(struct suite *s)
{
    static const char good[] = "INSERT INTO conf_t SELECT coalesce(max(id), 0) + 1 FROM conf_t";
    static const char bad[] = "INSERT INTO conf_t VALUES (1)";
    struct dunlin_stmt *stmts = calloc(MANY, sizeof(*stmts));
    struct dunlin_batch batch = {.size = sizeof(batch), .count = MANY, .stmts = stmts};
    int kind;

    EXPECT(s, stmts, "no memory");
    for (uint32_t i = 0; i < MANY; i++) {
        stmts[i].sql = i == MANY - 2 ? bad : good;
        stmts[i].len = i == MANY - 2 ? sizeof(bad) - 1 : sizeof(good) - 1;
    }
    kind = run_sql(s, s->a, TABLE);
    if (kind == 0)
        kind = s->driver->exec(s->a, &batch, &s->err);
    free(stmts);
    EXPECT(
        s, kind == DUNLIN_KIND_DUPLICATE && batch.failed == MANY - 2 && batch.completed == MANY - 2,
        "kind %d completed %u failed %u: %s", kind, batch.completed, batch.failed, s->err.message);
    return answer_is(s, s->a, "SELECT count(*) FROM conf_t", "0");
}

/* SQL in reset and rules knows nothing of the session's search_path. */
static bool test_search_path(struct suite *s)
{
    const char *const change[] = {"CREATE SCHEMA conf_schema",
                                  "CREATE FUNCTION conf_schema.clock_timestamp() RETURNS "
                                  "timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz'",
                                  "SET search_path = conf_schema, pg_catalog", NULL};
    char sql[256];

    if (!run_all(s, s->a, change))
        return false;
    (void)snprintf(sql, sizeof(sql), "SELECT %s IS NULL", s->dialect->now);
    return answer_is(s, s->a, sql, "f");
}

/* Refused before it is looked at: the server would close the connection. */
static bool test_too_large(struct suite *s)
{
    struct dunlin_stmt stmts[] = {{.sql = "SELECT 1", .len = 8},
                                  {.sql = "SELECT 2", .len = (uint64_t)1 << 30}};
    struct dunlin_batch batch = {.size = sizeof(batch), .count = 2, .stmts = stmts};
    int kind = s->driver->exec(s->a, &batch, &s->err);

    EXPECT(s, kind == DUNLIN_KIND_UNSUPPORTED && batch.failed == 1 && batch.completed == 0,
           "kind %d completed %u failed %u: %s", kind, batch.completed, batch.failed,
           s->err.message);
    return answer_is(s, s->a, "SELECT 1", "1");
}

static bool test_encoding(struct suite *s)
{
    const struct dunlin_param params[] = {{"client_encoding", "utf-8"}, {NULL, NULL}};
    struct dunlin_conn *conn = NULL;
    bool good;

    EXPECT(s, suite_open(s, params, &conn) == 0, "%s", s->err.message);
    good = answer_is(s, conn, "SHOW client_encoding", "UTF8");
    s->driver->close(conn);
    return good;
}

const struct suite_test postgres_tests[] = {
    {"commit_of_failed", test_commit_of_failed},
    {"failed_then_rollback", test_failed_then_rollback},
    {"rules", test_rules},
    {"copy_out", test_copy_out},
    {"statement_count", test_statement_count},
    {"error_fields", test_error_fields},
    {"positions", test_positions},
    {"latin1", test_latin1},
    {"sql_ascii", test_sql_ascii},
    {"cancel_by_other", test_cancel_by_other},
    {"idle_timeout", test_idle_timeout},
    {"application_name", test_application_name},
    {"socket", test_socket},
    {"several_hosts", test_several_hosts},
    {"call_commits", test_call_commits},
    {"lost_without_commit", test_lost_without_commit},
    {"lost_in_copy", test_lost_in_copy},
    {"copy_exclusive", test_copy_exclusive},
    {"many_statements", test_many_statements},
    {"search_path", test_search_path},
    {"too_large", test_too_large},
    {"encoding", test_encoding},
    {NULL, NULL},
};
