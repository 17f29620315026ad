/* SPDX-License-Identifier: MIT */
/* Opening, closing, and what a lost connection looks like. */
#include "conformance.h"

#include <stdio.h>
#include <string.h>

#define SECRET "hunter2-secret"

static bool test_open_close(struct suite *s)
{
    struct dunlin_conn *conn = NULL;

    EXPECT(s, suite_open(s, NULL, &conn) == 0, "%s", s->err.message);
    EXPECT(s, conn != NULL, "no connection");
    EXPECT(s, s->driver->tx_state(conn) == DUNLIN_TX_IDLE, "not idle");
    s->driver->close(conn);
    s->driver->close(NULL);
    return true;
}

static bool test_versions(struct suite *s)
{
    const char *client = s->driver->client_version();
    const char *server = s->driver->server_version(s->a);

    EXPECT(s, client && strpbrk(client, "0123456789"), "client %s", client ? client : "NULL");
    EXPECT(s, server && strpbrk(server, "0123456789"), "server %s", server ? server : "NULL");
    return true;
}

static bool test_unknown_parameter(struct suite *s)
{
    const struct dunlin_param params[] = {{"no_such_parameter", "1"}, {NULL, NULL}};
    struct dunlin_conn *conn = NULL;
    int kind = suite_open(s, params, &conn);

    s->driver->close(conn);
    EXPECT(s, kind == DUNLIN_KIND_CONFIG, "kind %d: %s", kind, s->err.message);
    EXPECT(s, strstr(s->err.message, "no_such_parameter"), "not named: %s", s->err.message);
    EXPECT(s, conn == NULL, "*out was touched");
    return true;
}

static bool test_near_parameter(struct suite *s)
{
    const struct dunlin_param params[] = {{s->samples->missing_setting, "1"}, {NULL, NULL}};
    struct dunlin_conn *conn = NULL;
    int kind;

    EXPECT(s, s->samples->near_setting, "the driver gives no hint");
    kind = suite_open(s, params, &conn);
    s->driver->close(conn);
    EXPECT(s, kind == DUNLIN_KIND_CONFIG, "kind %d: %s", kind, s->err.message);
    EXPECT(s, strstr(s->err.hint, s->samples->near_setting), "hint: %s", s->err.hint);
    return true;
}

/* An empty value is as good as no parameter. */
static bool test_empty_parameter(struct suite *s)
{
    const struct dunlin_param params[] = {{"password", ""}, {NULL, NULL}};
    struct dunlin_conn *conn = NULL;

    EXPECT(s, suite_open(s, params, &conn) == 0, "%s", s->err.message);
    s->driver->close(conn);
    return true;
}

static bool secret_in(const struct dunlin_error *e)
{
    return strstr(e->message, SECRET) || strstr(e->detail, SECRET) || strstr(e->hint, SECRET) ||
           strstr(e->context, SECRET);
}

static bool one_bad_connection(struct suite *s, const struct bad_connection *bad)
{
    struct dunlin_conn *conn = NULL;
    int kind;

    if (!run_all(s, s->a, bad->setup))
        return false;
    kind = suite_open(s, bad->params, &conn);
    s->driver->close(conn);
    EXPECT(s, kind == bad->kind, "%s: kind %d, not %d: %s", bad->what, kind, bad->kind,
           s->err.message);
    EXPECT(s, s->err.kind == kind, "%s: err.kind is %d", bad->what, s->err.kind);
    EXPECT(s, s->err.message[0] && !strchr(s->err.message, '\n'), "%s: message \"%s\"", bad->what,
           s->err.message);
    EXPECT(s, !secret_in(&s->err), "%s: the password is in the error", bad->what);
    EXPECT(s, conn == NULL, "%s: *out was touched", bad->what);
    return true;
}

static bool test_bad_connections(struct suite *s)
{
    for (const struct bad_connection *bad = s->samples->bad_connections; bad->what; bad++) {
        if (!one_bad_connection(s, bad))
            return false;
    }
    return true;
}

/* Ends connection b from a. */
static bool kill_b(struct suite *s)
{
    char sql[256];
    const char *id;

    EXPECT(s, s->samples->connection_id, "connections cannot be killed");
    id = ask(s, s->b, s->samples->connection_id);
    EXPECT(s, id, "no connection id: %s", s->err.message);
    (void)snprintf(sql, sizeof(sql), "%s%s%s", s->samples->kill_before, id, s->samples->kill_after);
    EXPECT(s, run_sql(s, s->a, sql) == 0, "%s: %s", sql, s->err.message);
    return true;
}

static bool expect_lost(struct suite *s, int kind)
{
    EXPECT(s, kind == DUNLIN_KIND_LOST, "kind %d: %s", kind, s->err.message);
    EXPECT(s, s->err.message[0], "no message");
    EXPECT(s, s->driver->tx_state(s->b) == DUNLIN_TX_UNKNOWN, "tx_state %d",
           s->driver->tx_state(s->b));
    return true;
}

static bool test_lost_idle(struct suite *s)
{
    if (!kill_b(s))
        return false;
    pause_ms(200);
    if (!expect_lost(s, run_sql(s, s->b, "SELECT 1")))
        return false;
    return expect_lost(s, run_sql(s, s->b, "SELECT 1")); /* and it stays lost */
}

static bool test_lost_query(struct suite *s)
{
    if (!kill_b(s))
        return false;
    pause_ms(200);
    EXPECT(s, ask(s, s->b, "SELECT 1") == NULL, "a query was answered");
    return expect_lost(s, s->err.kind);
}

static bool test_lost_commit(struct suite *s)
{
    const char *const texts[] = {"INSERT INTO conf_t VALUES (1, 'x')", s->dialect->commit, NULL};
    struct dunlin_batch batch;
    int kind;

    EXPECT(s, run_sql(s, s->a, "CREATE TABLE conf_t (id INTEGER PRIMARY KEY, v VARCHAR(40))") == 0,
           "%s", s->err.message);
    EXPECT(s, run_sql(s, s->b, s->dialect->begin) == 0, "%s", s->err.message);
    if (!kill_b(s))
        return false;
    pause_ms(200);
    kind = run_batch(s, s->b, texts, NULL, &batch);
    EXPECT(s, s->err.flags & DUNLIN_ERROR_OUTCOME_UNKNOWN, "the outcome is said to be known");
    return expect_lost(s, kind);
}

static bool test_lost_running(struct suite *s)
{
    struct background bg;
    int kind;

    EXPECT(s, s->samples->connection_id, "connections cannot be killed");
    (void)ask(s, s->b, s->samples->connection_id);
    EXPECT(s, s->answer, "no connection id: %s", s->err.message);
    if (!background_start(&bg, s, s->b, s->samples->slow))
        return false;
    pause_ms(300);
    {
        char sql[256];

        (void)snprintf(sql, sizeof(sql), "%s%s%s", s->samples->kill_before, s->answer,
                       s->samples->kill_after);
        kind = run_sql(s, s->a, sql);
    }
    EXPECT(s, background_join(&bg) != 0 && kind == 0, "kill %d: %s", kind, s->err.message);
    s->err = bg.err;
    return expect_lost(s, bg.kind);
}

const struct suite_test connect_tests[] = {
    {"open_close", test_open_close},
    {"versions", test_versions},
    {"unknown_parameter", test_unknown_parameter},
    {"near_parameter", test_near_parameter},
    {"empty_parameter", test_empty_parameter},
    {"bad_connections", test_bad_connections},
    {"lost_idle", test_lost_idle},
    {"lost_query", test_lost_query},
    {"lost_commit", test_lost_commit},
    {"lost_running", test_lost_running},
    {NULL, NULL},
};
