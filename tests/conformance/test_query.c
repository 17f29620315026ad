/* SPDX-License-Identifier: MIT */
/* Queries: values, many rows, stopping. */
#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct seen {
    uint64_t rows, bytes;
    uint64_t stop_at;
    bool good;
};

static int check_nulls(void *user, uint32_t n, const char *const *values, const uint64_t *lens)
{
    struct seen *seen = user;

    seen->rows++;
    seen->good = n == 3 && !values[0] && values[1] && lens[1] == 0 && values[1][0] == '\0' &&
                 values[2] && lens[2] == 1 && strcmp(values[2], "x") == 0;
    return 0;
}

static bool test_nulls(struct suite *s)
{
    static const char sql[] = "SELECT NULL, '', 'x'";
    struct seen seen = {0};

    EXPECT(s, s->driver->query(s->a, sql, sizeof(sql) - 1, check_nulls, &seen, &s->err) == 0, "%s",
           s->err.message);
    EXPECT(s, seen.rows == 1 && seen.good, "%lu rows, good %d", (unsigned long)seen.rows,
           seen.good);
    return true;
}

static bool test_utf8(struct suite *s)
{
    const char *text = "zażółć gęślą jaźń \xf0\x9f\x90\xa6";
    char sql[128];

    (void)snprintf(sql, sizeof(sql), "SELECT '%s'", text);
    (void)ask(s, s->a, sql);
    EXPECT(s, s->answer && strcmp(s->answer, text) == 0, "answer %s", s->answer ? s->answer : "");
    return true;
}

static int count_row(void *user, uint32_t n, const char *const *values, const uint64_t *lens)
{
    struct seen *seen = user;

    seen->rows++;
    seen->good = n == 2 && values[0] && values[1] && strtoull(values[0], NULL, 10) == seen->rows;
    seen->bytes += lens[1];
    if (!seen->good)
        return 7000;
    return seen->rows == seen->stop_at ? 4711 : 0;
}

/* Address sanitizers keep what was freed, so that there is nothing to measure with them. */
#ifdef __has_feature
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
/* The address sanitizer keeps what was freed. */
#if defined(__SANITIZE_ADDRESS__)
#define FREED_IS_KEPT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FREED_IS_KEPT 1
#endif
#endif
#ifndef FREED_IS_KEPT
#define FREED_IS_KEPT 0
#endif

static long peak_kib(void)
{
    if (FREED_IS_KEPT)
        return 0;
    return 0;
}
#else
/* The address sanitizer keeps what was freed. */
#if defined(__SANITIZE_ADDRESS__)
#define FREED_IS_KEPT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FREED_IS_KEPT 1
#endif
#endif
#ifndef FREED_IS_KEPT
#define FREED_IS_KEPT 0
#endif

static long peak_kib(void)
{
    struct rusage usage;

    if (FREED_IS_KEPT)
        return 0;
    return getrusage(RUSAGE_SELF, &usage) ? 0 : usage.ru_maxrss;
}
#endif

static bool test_many_rows(struct suite *s)
{
    const char *sql = s->samples->many_rows;
    struct seen seen = {0};
    long before = peak_kib();
    int kind = s->driver->query(s->a, sql, strlen(sql), count_row, &seen, &s->err);

    EXPECT(s, kind == 0, "kind %d after %lu rows: %s", kind, (unsigned long)seen.rows,
           s->err.message);
    EXPECT(s, seen.rows == 100000, "%lu rows", (unsigned long)seen.rows);
    EXPECT(s, seen.bytes > 40u << 20, "%lu bytes", (unsigned long)seen.bytes);
    EXPECT(s, peak_kib() - before < 36 * 1024, "grew by %ld KiB", peak_kib() - before);
    return true;
}

/* The same by exec, which throws the rows away. */
static bool test_many_rows_exec(struct suite *s)
{
    const char *const texts[] = {s->samples->many_rows, "SELECT 1", NULL};
    struct dunlin_batch batch;
    uint64_t rows[2];
    long before = peak_kib();

    EXPECT(s, run_batch(s, s->a, texts, rows, &batch) == 0, "%s", s->err.message);
    EXPECT(s, rows[0] == 100000 && rows[1] == 1, "%lu and %lu rows", (unsigned long)rows[0],
           (unsigned long)rows[1]);
    EXPECT(s, peak_kib() - before < 36 * 1024, "grew by %ld KiB", peak_kib() - before);
    return true;
}

static bool test_stop(struct suite *s)
{
    const char *sql = s->samples->many_rows;
    struct seen seen = {.stop_at = 10};
    int kind = s->driver->query(s->a, sql, strlen(sql), count_row, &seen, &s->err);

    EXPECT(s, kind == 4711, "query returned %d", kind);
    EXPECT(s, seen.rows == 10, "%lu rows", (unsigned long)seen.rows);
    EXPECT(s, run_sql(s, s->a, "SELECT 1") == 0, "unusable: %s", s->err.message);
    return true;
}

/* Stopping a query does not harm the transaction around it. */
static bool test_stop_in_tx(struct suite *s)
{
    const char *sql = s->samples->many_rows;
    struct seen seen = {.stop_at = 1};

    EXPECT(s, run_sql(s, s->a, s->dialect->begin) == 0, "%s", s->err.message);
    (void)s->driver->query(s->a, sql, strlen(sql), count_row, &seen, &s->err);
    EXPECT(s, s->driver->tx_state(s->a) == DUNLIN_TX_OPEN, "state %d", s->driver->tx_state(s->a));
    EXPECT(s, run_sql(s, s->a, s->dialect->commit) == 0, "%s", s->err.message);
    return true;
}

static bool test_query_error(struct suite *s)
{
    (void)ask(s, s->a, "SELECT * FROM conf_absent");
    EXPECT(s, s->err.kind == DUNLIN_KIND_MISSING_TABLE, "kind %d: %s", s->err.kind, s->err.message);
    (void)ask(s, s->a, "SELECT 42");
    EXPECT(s, s->answer && strcmp(s->answer, "42") == 0, "unusable: %s", s->err.message);
    return true;
}

static bool test_no_rows(struct suite *s)
{
    EXPECT(s, run_sql(s, s->a, "CREATE TABLE conf_t (id INTEGER)") == 0, "%s", s->err.message);
    EXPECT(s, !ask(s, s->a, "SELECT id FROM conf_t") && s->err.kind == 0, "%s", s->err.message);
    return true;
}

const struct suite_test query_tests[] = {
    {"nulls", test_nulls},
    {"utf8", test_utf8},
    {"many_rows", test_many_rows},
    {"many_rows_exec", test_many_rows_exec},
    {"stop", test_stop},
    {"stop_in_tx", test_stop_in_tx},
    {"query_error", test_query_error},
    {"no_rows", test_no_rows},
    {NULL, NULL},
};
