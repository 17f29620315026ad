/* SPDX-License-Identifier: MIT */
/* Batches: counting, stopping at the first failure, transactions, notices. */
#include "conformance.h"

#include <stdlib.h>
#include <string.h>

#define CREATE "CREATE TABLE conf_t (id INTEGER PRIMARY KEY, v VARCHAR(40))"
#define NONE UINT32_MAX

static bool test_single(struct suite *s)
{
    const char *const texts[] = {CREATE, NULL};
    struct dunlin_batch batch;
    int kind = run_batch(s, s->a, texts, NULL, &batch);

    EXPECT(s, kind == 0, "%s", s->err.message);
    EXPECT(s, batch.completed == 1 && batch.failed == NONE, "completed %u failed %u",
           batch.completed, batch.failed);
    return true;
}

static bool test_batch(struct suite *s)
{
    const char *const texts[] = {CREATE,
                                 "INSERT INTO conf_t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
                                 "UPDATE conf_t SET v = 'x' WHERE id > 1",
                                 "SELECT * FROM conf_t",
                                 "DELETE FROM conf_t WHERE id = 1",
                                 NULL};
    const uint64_t want[] = {0, 3, 2, 3, 1};
    uint64_t rows[5] = {9, 9, 9, 9, 9};
    struct dunlin_batch batch;
    int kind = run_batch(s, s->a, texts, rows, &batch);

    EXPECT(s, kind == 0, "%s", s->err.message);
    EXPECT(s, batch.completed == 5 && batch.failed == NONE, "completed %u failed %u",
           batch.completed, batch.failed);
    for (size_t i = 0; i < 5; i++)
        EXPECT(s, rows[i] == want[i], "statement %zu: %lu rows", i, (unsigned long)rows[i]);
    return true;
}

static bool test_empty_batch(struct suite *s)
{
    const char *const texts[] = {NULL};
    struct dunlin_batch batch;
    int kind = run_batch(s, s->a, texts, NULL, &batch);

    EXPECT(s, kind == 0, "%s", s->err.message);
    EXPECT(s, batch.completed == 0 && batch.failed == NONE, "completed %u failed %u",
           batch.completed, batch.failed);
    return true;
}

/* A comment at a statement's end must not swallow the next one, whatever joins them. */
static bool test_comments(struct suite *s)
{
    const char *const texts[] = {"-- first\n" CREATE " -- end",
                                 "INSERT INTO conf_t VALUES (1, 'a') /* ; */ -- ;",
                                 "-- nothing but this",
                                 "/* or this */",
                                 "INSERT INTO conf_t VALUES (2, ';') -- end",
                                 NULL};
    uint64_t rows[5];
    struct dunlin_batch batch;
    int kind = run_batch(s, s->a, texts, rows, &batch);

    EXPECT(s, kind == 0, "%s", s->err.message);
    EXPECT(s, batch.completed == 5 && rows[1] == 1 && rows[2] == 0 && rows[4] == 1,
           "completed %u, rows %lu %lu %lu", batch.completed, (unsigned long)rows[1],
           (unsigned long)rows[2], (unsigned long)rows[4]);
    return true;
}

/* len counts, not a NUL behind the text. */
static bool test_not_terminated(struct suite *s)
{
    static const char text[] = "SELECT 1 nonsense that is behind the statement";
    struct dunlin_stmt stmt = {.sql = text, .len = 8};
    struct dunlin_batch batch = {.size = sizeof(batch), .count = 1, .stmts = &stmt};
    int kind = s->driver->exec(s->a, &batch, &s->err);

    EXPECT(s, kind == 0, "%s", s->err.message);
    return true;
}

static bool test_nul(struct suite *s)
{
    static const char text[] = "SELECT 'a\0b'";
    struct dunlin_stmt stmts[2] = {{.sql = CREATE, .len = sizeof(CREATE) - 1},
                                   {.sql = text, .len = sizeof(text) - 1}};
    struct dunlin_batch batch = {.size = sizeof(batch), .count = 2, .stmts = stmts};
    int kind = s->driver->exec(s->a, &batch, &s->err);

    EXPECT(s, kind != 0 && s->err.message[0], "a NUL byte was accepted");
    EXPECT(s, batch.failed == 1, "failed %u", batch.failed);
    return true;
}

static bool failure_in_the_middle(struct suite *s, const char *begin, int state)
{
    const char *const texts[] = {
        "INSERT INTO conf_t VALUES (1, 'a')", "INSERT INTO conf_t VALUES (2, 'b')",
        "INSERT INTO conf_t VALUES (1, 'again')", "INSERT INTO conf_t VALUES (3, 'c')", NULL};
    uint64_t rows[4] = {9, 9, 9, 9};
    struct dunlin_batch batch;
    int kind;

    EXPECT(s, run_sql(s, s->a, CREATE) == 0, "%s", s->err.message);
    EXPECT(s, !begin || run_sql(s, s->a, begin) == 0, "%s", s->err.message);
    kind = run_batch(s, s->a, texts, rows, &batch);
    EXPECT(s, kind == DUNLIN_KIND_DUPLICATE && s->err.kind == kind, "kind %d: %s", kind,
           s->err.message);
    EXPECT(s, batch.completed == 2 && batch.failed == 2, "completed %u failed %u", batch.completed,
           batch.failed);
    EXPECT(s, rows[0] == 1 && rows[1] == 1, "rows %lu %lu", (unsigned long)rows[0],
           (unsigned long)rows[1]);
    EXPECT(s, s->driver->tx_state(s->a) == state, "tx_state %d", s->driver->tx_state(s->a));
    roll_back(s, s->a);
    (void)ask(s, s->a, "SELECT count(*) FROM conf_t WHERE id = 3");
    EXPECT(s, s->answer && strcmp(s->answer, "0") == 0, "went on behind the failure");
    return true;
}

static bool test_failure_in_batch(struct suite *s)
{
    return failure_in_the_middle(s, NULL, DUNLIN_TX_IDLE);
}

/* Where a failed statement does not end the transaction it stays open: both are declared. */
static bool test_failure_in_tx(struct suite *s)
{
    bool aborts = strcmp(s->samples->engine, "postgres") == 0;

    return failure_in_the_middle(s, s->dialect->begin, aborts ? DUNLIN_TX_FAILED : DUNLIN_TX_OPEN);
}

/* The driver can be used again after a failure. */
static bool test_after_failure(struct suite *s)
{
    EXPECT(s, run_sql(s, s->a, "SELECT * FROM conf_absent") == DUNLIN_KIND_MISSING_TABLE, "%s",
           s->err.message);
    (void)ask(s, s->a, "SELECT 42");
    EXPECT(s, s->answer && strcmp(s->answer, "42") == 0, "%s", s->err.message);
    return true;
}

static bool test_transaction(struct suite *s)
{
    const char *const texts[] = {s->dialect->begin, "INSERT INTO conf_t VALUES (1, 'a')",
                                 s->dialect->commit, NULL};
    struct dunlin_batch batch;

    EXPECT(s, run_sql(s, s->a, CREATE) == 0, "%s", s->err.message);
    EXPECT(s, run_batch(s, s->a, texts, NULL, &batch) == 0, "%s", s->err.message);
    EXPECT(s, s->driver->tx_state(s->a) == DUNLIN_TX_IDLE, "not idle after commit");
    EXPECT(s, run_sql(s, s->a, s->dialect->begin) == 0, "%s", s->err.message);
    EXPECT(s, s->driver->tx_state(s->a) == DUNLIN_TX_OPEN, "not open after begin");
    EXPECT(s, run_sql(s, s->a, "INSERT INTO conf_t VALUES (2, 'b')") == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, s->dialect->rollback) == 0, "%s", s->err.message);
    EXPECT(s, s->driver->tx_state(s->a) == DUNLIN_TX_IDLE, "not idle after rollback");
    (void)ask(s, s->b, "SELECT count(*) FROM conf_t");
    EXPECT(s, s->answer && strcmp(s->answer, "1") == 0, "%s rows", s->answer ? s->answer : "no");
    return true;
}

static bool test_tx_ddl(struct suite *s)
{
    bool rolls_back = (s->driver->caps & DUNLIN_CAP_TX_DDL) != 0;
    int kind;

    EXPECT(s, run_sql(s, s->a, s->dialect->begin) == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, CREATE) == 0, "%s", s->err.message);
    roll_back(s, s->a);
    kind = run_sql(s, s->a, "SELECT * FROM conf_t");
    EXPECT(s, kind == (rolls_back ? DUNLIN_KIND_MISSING_TABLE : 0), "kind %d: %s", kind,
           s->err.message);
    return true;
}

static bool test_notice(struct suite *s)
{
    EXPECT(s, s->samples->notice, "the engine gives no notices");
    EXPECT(s, run_sql(s, s->a, s->samples->notice) == 0, "%s", s->err.message);
    EXPECT(s, strstr(s->notices, s->samples->notice_text), "notices: %s", s->notices);
    return true;
}

static bool test_big_statement(struct suite *s)
{
    size_t before = strlen(s->samples->big_before), after = strlen(s->samples->big_after);
    size_t big = 16u << 20;
    char *sql = malloc(before + big + after + 1);

    EXPECT(s, sql, "no memory");
    memcpy(sql, s->samples->big_before, before);
    memset(sql + before, 'x', big);
    memcpy(sql + before + big, s->samples->big_after, after + 1);
    (void)ask(s, s->a, sql);
    free(sql);
    if (s->answer) {
        EXPECT(s, strcmp(s->answer, "16777216") == 0, "answer %s", s->answer);
    } else { /* a limit of the server's, but then clearly, and without breaking anything */
        EXPECT(s, s->err.kind == DUNLIN_KIND_UNSUPPORTED, "kind %d: %s", s->err.kind,
               s->err.message);
        EXPECT(s, run_sql(s, s->a, "SELECT 1") == 0, "unusable: %s", s->err.message);
    }
    return true;
}

const struct suite_test exec_tests[] = {
    {"single", test_single},
    {"batch", test_batch},
    {"empty_batch", test_empty_batch},
    {"comments", test_comments},
    {"not_terminated", test_not_terminated},
    {"nul", test_nul},
    {"failure_in_batch", test_failure_in_batch},
    {"failure_in_tx", test_failure_in_tx},
    {"after_failure", test_after_failure},
    {"transaction", test_transaction},
    {"tx_ddl", test_tx_ddl},
    {"notice", test_notice},
    {"big_statement", test_big_statement},
    {NULL, NULL},
};
