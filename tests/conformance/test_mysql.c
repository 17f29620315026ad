/* SPDX-License-Identifier: MIT */
/* What only MySQL and MariaDB do: several statements in a message, whose size they limit. */
#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE "CREATE TABLE conf_t (id INTEGER PRIMARY KEY, v VARCHAR(40))"
#define LARGE 70000u /* more than every server takes unasked */

static bool answer_is(struct suite *s, struct dunlin_conn *conn, const char *sql, const char *want)
{
    (void)ask(s, conn, sql);
    EXPECT(s, s->answer && strcmp(s->answer, want) == 0, "%s: %s, not %s: %s", sql,
           s->answer ? s->answer : "NULL", want, s->err.message);
    return true;
}

/* The core cuts texts by the session's mode, the driver looks at each by the usual one: should they
 * ever differ, that must not pass for success. */
static bool test_statement_count(struct suite *s)
{
    int kind;

    EXPECT(s, run_sql(s, s->a, "SET sql_mode = 'NO_BACKSLASH_ESCAPES'") == 0, "%s", s->err.message);
    kind = run_sql(s, s->a, "SELECT '\\'; SELECT 2 -- '");
    EXPECT(s, kind == DUNLIN_KIND_INTERNAL, "kind %d: %s", kind, s->err.message);
    EXPECT(s, strstr(s->err.message, "answered 2 times to a message of 1 "), "%s", s->err.message);
    return answer_is(s, s->a, "SELECT 3", "3");
}

/* Only of the last statement of a message can be asked what it warned of. */
static bool test_warnings_within(struct suite *s)
{
    const char *const texts[] = {TABLE,
                                 "INSERT INTO conf_t VALUES (1, 'a')",
                                 "INSERT IGNORE INTO conf_t VALUES (1, 'b')",
                                 "DROP TABLE IF EXISTS conf_absent",
                                 "SELECT 1",
                                 NULL};
    struct dunlin_batch batch;

    EXPECT(s, run_batch(s, s->a, texts, NULL, &batch) == 0, "%s", s->err.message);
    EXPECT(s, strcmp(s->notices, "Warning: INSERT: warnings or notes: 1\n") == 0, "notices: %s",
           s->notices);
    return true;
}

/* The connection b is ended by the server, which b does not know yet. */
static bool lose(struct suite *s)
{
    char kill[64];

    (void)ask(s, s->b, s->samples->connection_id);
    EXPECT(s, s->answer, "%s", s->err.message);
    (void)snprintf(kill, sizeof(kill), "KILL %s", s->answer);
    EXPECT(s, run_sql(s, s->a, kill) == 0, "%s", s->err.message);
    pause_ms(200);
    return true;
}

static bool lost_batch(struct suite *s, const char *last, bool unknown)
{
    const char *const texts[] = {"START TRANSACTION", "INSERT INTO conf_t VALUES (1, 'a')", last,
                                 NULL};
    struct dunlin_batch batch;
    int kind;

    if (!lose(s))
        return false;
    kind = run_batch(s, s->b, texts, NULL, &batch);
    EXPECT(s, kind == DUNLIN_KIND_LOST, "kind %d: %s", kind, s->err.message);
    EXPECT(s, !(s->err.flags & DUNLIN_ERROR_OUTCOME_UNKNOWN) == !unknown, "%s: %s", last,
           unknown ? "the outcome is said to be known" : "nothing could have been committed");
    return true;
}

static bool test_lost_with_begin(struct suite *s)
{
    EXPECT(s, run_sql(s, s->a, TABLE) == 0, "%s", s->err.message);
    return lost_batch(s, "UPDATE conf_t SET v = 'b'", false);
}

static bool test_lost_with_commit(struct suite *s)
{
    EXPECT(s, run_sql(s, s->a, TABLE) == 0, "%s", s->err.message);
    return lost_batch(s, "COMMIT", true);
}

static bool test_lost_with_ddl(struct suite *s)
{
    EXPECT(s, run_sql(s, s->a, TABLE) == 0, "%s", s->err.message);
    return lost_batch(s, "CREATE TABLE conf_u (id INTEGER)", true);
}

static bool test_cancel_of_lost(struct suite *s)
{
    int kind;

    if (!lose(s))
        return false;
    kind = s->driver->cancel(s->b, &s->err);
    EXPECT(s, kind && s->err.kind == kind && s->err.native == 1094, "kind %d: %s", kind,
           s->err.message);
    return true;
}

/* A connection's first message saves what reset puts back; a large statement leaves it no room. */
static bool test_large_first(struct suite *s)
{
    struct dunlin_conn *conn = NULL;
    char *sql = malloc(LARGE + 32);
    bool good = false;

    EXPECT(s, sql, "no memory");
    memset(sql, ' ', LARGE);
    memcpy(sql, "SET sql_safe_updates = 1 ", 25);
    sql[LARGE] = '\0';
    if (suite_open(s, NULL, &conn) == 0 && run_sql(s, conn, sql) == 0 &&
        run_sql(s, conn, "SET time_zone = '+05:00'") == 0)
        good = answer_is(s, conn, "SELECT @@sql_safe_updates", "1") &&
               run_sql(s, conn, s->dialect->reset) == 0;
    if (good)
        good = answer_is(s, conn, "SELECT @@sql_safe_updates", "0") &&
               answer_is(s, conn, "SELECT @@time_zone = @@global.time_zone", "1");
    free(sql);
    s->driver->close(conn);
    EXPECT(s, good, "%s %s", s->why, s->err.message);
    return true;
}

/* Fills a connection's messages by half of what the server takes; returns a kind. */
static int run_many(struct suite *s, struct dunlin_conn *conn, uint32_t n, size_t len)
{
    struct dunlin_stmt *stmts = calloc(n, sizeof(*stmts));
    struct dunlin_batch batch = {.size = sizeof(batch), .count = n, .stmts = stmts};
    char *texts = malloc(n * (len + 1));
    int kind = DUNLIN_KIND_NOMEM;

    if (stmts && texts) {
        memset(texts, ' ', n * (len + 1));
        for (uint32_t i = 0; i < n; i++) {
            int used =
                snprintf(texts + i * (len + 1), 64, "INSERT INTO conf_t VALUES (%u, 'x')", i);

            texts[i * (len + 1) + (size_t)used] = ' ';
            stmts[i].sql = texts + i * (len + 1);
            stmts[i].len = len;
        }
        kind = s->driver->exec(conn, &batch, &s->err);
        if (kind == 0 && batch.completed != n)
            kind = DUNLIN_KIND_INTERNAL;
    }
    free(texts);
    free(stmts);
    return kind;
}

/* The server closes a connection whose message is too large: none is. */
static bool test_small_packets(struct suite *s)
{
    struct dunlin_conn *conn = NULL;
    char back[96];
    int kind;
    bool good;

    EXPECT(s, run_sql(s, s->a, TABLE) == 0, "%s", s->err.message);
    (void)ask(s, s->a, "SELECT @@global.max_allowed_packet");
    EXPECT(s, s->answer, "%s", s->err.message);
    (void)snprintf(back, sizeof(back), "SET GLOBAL max_allowed_packet = %s", s->answer);
    EXPECT(s, run_sql(s, s->a, "SET GLOBAL max_allowed_packet = 131072") == 0, "%s",
           s->err.message);
    kind = suite_open(s, NULL, &conn);
    (void)run_sql(s, s->a, back);
    EXPECT(s, kind == 0, "%s", s->err.message);
    kind = run_many(s, conn, 40, 10000);
    good = kind == 0 && run_many(s, conn, 1, 200000) == DUNLIN_KIND_UNSUPPORTED &&
           strstr(s->err.hint, "max_allowed_packet") &&
           answer_is(s, conn, "SELECT COUNT(*) FROM conf_t", "40");
    s->driver->close(conn);
    EXPECT(s, good, "kind %d: %s", kind, s->err.message);
    return true;
}

const struct suite_test mysql_tests[] = {
    {"statement_count", test_statement_count},
    {"warnings_within", test_warnings_within},
    {"lost_with_begin", test_lost_with_begin},
    {"lost_with_commit", test_lost_with_commit},
    {"lost_with_ddl", test_lost_with_ddl},
    {"cancel_of_lost", test_cancel_of_lost},
    {"large_first", test_large_first},
    {"small_packets", test_small_packets},
    {NULL, NULL},
};
