/* SPDX-License-Identifier: MIT */
/* Streaming the data of COPY FROM STDIN. */
#include "conformance.h"

#include <stdio.h>
#include <string.h>

static bool begin(struct suite *s)
{
    const struct copy_sample *c = s->samples->copy;
    struct dunlin_stmt stmt = {0};

    EXPECT(s, (s->driver->caps & DUNLIN_CAP_COPY) && c, "the driver has no COPY");
    if (s->driver->tx_state(s->a) == DUNLIN_TX_IDLE)
        EXPECT(s, run_sql(s, s->a, c->create) == 0, "%s", s->err.message);
    stmt.sql = c->statement;
    stmt.len = strlen(c->statement);
    EXPECT(s, s->driver->copy_begin(s->a, &stmt, &s->err) == 0, "%s", s->err.message);
    return true;
}

static bool counts(struct suite *s, const char *rows)
{
    (void)ask(s, s->a, s->samples->copy->count);
    EXPECT(s, s->answer && strcmp(s->answer, rows) == 0, "%s rows: %s",
           s->answer ? s->answer : "no", s->err.message);
    return true;
}

/* Byte by byte: no border of a write means anything. */
static bool test_copy(struct suite *s)
{
    uint64_t rows = 0;

    if (!begin(s))
        return false;
    for (const char *c = s->samples->copy->good; *c; c++)
        EXPECT(s, s->driver->copy_write(s->a, c, 1, &s->err) == 0, "%s", s->err.message);
    EXPECT(s, s->driver->copy_end(s->a, NULL, &rows, &s->err) == 0, "%s", s->err.message);
    EXPECT(s, rows == 2, "%lu rows", (unsigned long)rows);
    EXPECT(s, s->driver->tx_state(s->a) == DUNLIN_TX_IDLE, "not idle");
    return counts(s, "2");
}

static bool test_copy_empty(struct suite *s)
{
    uint64_t rows = 9;

    if (!begin(s))
        return false;
    EXPECT(s, s->driver->copy_end(s->a, NULL, &rows, &s->err) == 0, "%s", s->err.message);
    EXPECT(s, rows == 0, "%lu rows", (unsigned long)rows);
    return counts(s, "0");
}

static bool test_copy_bad_row(struct suite *s)
{
    const struct copy_sample *c = s->samples->copy;
    int kind;

    if (!begin(s))
        return false;
    kind = s->driver->copy_write(s->a, c->bad, strlen(c->bad), &s->err);
    if (kind == 0)
        kind = s->driver->copy_end(s->a, NULL, NULL, &s->err);
    EXPECT(s, kind == DUNLIN_KIND_DATA, "kind %d: %s", kind, s->err.message);
    return counts(s, "0");
}

static bool test_copy_abort(struct suite *s)
{
    const struct copy_sample *c = s->samples->copy;
    int kind;

    if (!begin(s))
        return false;
    EXPECT(s, s->driver->copy_write(s->a, c->good, strlen(c->good), &s->err) == 0, "%s",
           s->err.message);
    kind = s->driver->copy_end(s->a, "the caller thought better of it", NULL, &s->err);
    EXPECT(s, kind == DUNLIN_KIND_CANCELLED, "kind %d: %s", kind, s->err.message);
    return counts(s, "0");
}

static bool test_copy_in_tx(struct suite *s)
{
    const struct copy_sample *c = s->samples->copy;
    uint64_t rows = 0;

    EXPECT(s, c, "the driver has no COPY");
    EXPECT(s, run_sql(s, s->a, c->create) == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, s->dialect->begin) == 0, "%s", s->err.message);
    if (!begin(s))
        return false;
    EXPECT(s, s->driver->copy_write(s->a, c->good, strlen(c->good), &s->err) == 0, "%s",
           s->err.message);
    EXPECT(s, s->driver->copy_end(s->a, NULL, &rows, &s->err) == 0, "%s", s->err.message);
    EXPECT(s, s->driver->tx_state(s->a) == DUNLIN_TX_OPEN, "not open");
    roll_back(s, s->a);
    return counts(s, "0");
}

/* 32 MiB in one write of any size, and memory stays bounded by what the server takes. */
static bool test_copy_large(struct suite *s)
{
    const struct copy_sample *c = s->samples->copy;
    static const char row[] = "\tsixty-four bytes or so of text, which is nothing remarkable\n";
    char block[65536];
    size_t used = 0;
    uint64_t rows = 0, n = 0;

    if (!begin(s))
        return false;
    while (n < 500000) {
        used +=
            (size_t)snprintf(block + used, sizeof(block) - used, "%lu%s", (unsigned long)++n, row);
        if (used < sizeof(block) - 100 && n < 500000)
            continue;
        EXPECT(s, s->driver->copy_write(s->a, block, used, &s->err) == 0, "%s", s->err.message);
        used = 0;
    }
    EXPECT(s, s->driver->copy_end(s->a, NULL, &rows, &s->err) == 0, "%s", s->err.message);
    EXPECT(s, rows == n, "%lu rows", (unsigned long)rows);
    EXPECT(s, c->count, "no count");
    return counts(s, "500000");
}

/* What begins a copy must be one; the connection stays usable. */
static bool test_copy_not_a_copy(struct suite *s)
{
    struct dunlin_stmt stmt = {.sql = "SELECT 1", .len = 8};
    struct dunlin_stmt missing = {.sql = "COPY conf_absent FROM STDIN", .len = 27};
    int kind;

    EXPECT(s, s->driver->caps & DUNLIN_CAP_COPY, "the driver has no COPY");
    EXPECT(s, s->driver->copy_begin(s->a, &stmt, &s->err) != 0, "SELECT began a copy");
    kind = s->driver->copy_begin(s->a, &missing, &s->err);
    EXPECT(s, kind == DUNLIN_KIND_MISSING_TABLE, "kind %d: %s", kind, s->err.message);
    EXPECT(s, run_sql(s, s->a, "SELECT 1") == 0, "unusable: %s", s->err.message);
    return true;
}

/* In a batch there is no data for it, and it must not hang. */
static bool test_copy_in_batch(struct suite *s)
{
    const struct copy_sample *c = s->samples->copy;
    struct dunlin_batch batch;

    EXPECT(s, (s->driver->caps & DUNLIN_CAP_COPY) && c, "the driver has no COPY");
    {
        const char *const texts[] = {c->create, c->statement, "SELECT 1", NULL};
        int kind = run_batch(s, s->a, texts, NULL, &batch);

        EXPECT(s, kind == DUNLIN_KIND_UNSUPPORTED, "kind %d: %s", kind, s->err.message);
        EXPECT(s, batch.failed == 1 && batch.completed == 1, "completed %u, failed %u",
               batch.completed, batch.failed);
    }
    EXPECT(s, run_sql(s, s->a, "SELECT 1") == 0, "unusable: %s", s->err.message);
    return true;
}

const struct suite_test copy_tests[] = {
    {"copy", test_copy},
    {"copy_empty", test_copy_empty},
    {"copy_bad_row", test_copy_bad_row},
    {"copy_abort", test_copy_abort},
    {"copy_in_tx", test_copy_in_tx},
    {"copy_large", test_copy_large},
    {"copy_not_a_copy", test_copy_not_a_copy},
    {"copy_in_batch", test_copy_in_batch},
    {NULL, NULL},
};
