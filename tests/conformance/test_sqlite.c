/* SPDX-License-Identifier: MIT */
/* What only SQLite does: parameters, and statements whose end the library finds itself. */
#include "conformance.h"

#include <limits.h>
#include <string.h>
#include <sys/mman.h>

static bool opens_with(struct suite *s, const char *key, const char *value, const char *sql,
                       const char *want)
{
    const struct dunlin_param params[] = {{key, value}, {NULL, NULL}};
    struct dunlin_conn *conn = NULL;
    bool good;

    EXPECT(s, suite_open(s, params, &conn) == 0, "%s=%s: %s", key, value, s->err.message);
    (void)ask(s, conn, sql);
    good = s->answer && strcmp(s->answer, want) == 0;
    s->driver->close(conn);
    EXPECT(s, good, "%s=%s: %s: %s", key, value, sql, s->answer ? s->answer : s->err.message);
    return true;
}

static bool test_parameters(struct suite *s)
{
    return opens_with(s, "mode", "rwc", "PRAGMA query_only", "0") &&
           opens_with(s, "mode", "rw", "PRAGMA query_only", "0") &&
           opens_with(s, "mode", "ro", "SELECT 1", "1") &&
           opens_with(s, "foreign_keys", "off", "PRAGMA foreign_keys", "0") &&
           opens_with(s, "foreign_keys", "ON", "PRAGMA foreign_keys", "1") &&
           opens_with(s, "busy_timeout", "1234", "PRAGMA busy_timeout", "1234") &&
           opens_with(s, "host", "", "SELECT 1", "1") &&
           opens_with(s, "database", ":memory:", "SELECT 1", "1");
}

/* A text that the core cut too late: its second half must not be lost without a word. */
static bool test_goes_on(struct suite *s)
{
    static const struct {
        const char *sql;
        uint64_t pos; /* 0 = it is one statement */
    } samples[] = {{"CREATE TABLE conf_t (id INTEGER); CREATE TABLE conf_u (id INTEGER)", 34},
                   {"CREATE TABLE conf_t (id INTEGER); nonsense", 34},
                   {"CREATE TABLE conf_t (id INTEGER); -- the end\n /* of it */ ;", 0}};

    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const int kind = run_sql(s, s->a, samples[i].sql);

        EXPECT(s, kind == (samples[i].pos ? DUNLIN_KIND_SYNTAX : 0), "%s: kind %d: %s",
               samples[i].sql, kind, s->err.message);
        EXPECT(s, !kind || s->err.stmt_pos == samples[i].pos, "%s: pos %lu", samples[i].sql,
               (unsigned long)s->err.stmt_pos);
        (void)ask(s, s->a, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'conf_%'");
        EXPECT(s, s->answer && *s->answer == (kind ? '0' : '1'), "%s: %s tables", samples[i].sql,
               s->answer ? s->answer : s->err.message);
    }
    return true;
}

/* More bytes than the library can count: pages that nobody fills. */
static bool test_too_long(struct suite *s)
{
    const size_t len = (size_t)INT_MAX + 1;
    void *text = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    const struct dunlin_stmt stmt = {.sql = text, .len = len};
    struct dunlin_batch batch = {.size = sizeof(batch), .count = 1, .stmts = &stmt};
    int kind;

    EXPECT(s, text != MAP_FAILED, "no address space");
    kind = s->driver->exec(s->a, &batch, &s->err);
    (void)munmap(text, len);
    EXPECT(s, kind == DUNLIN_KIND_DATA, "kind %d: %s", kind, s->err.message);
    EXPECT(s, strstr(s->err.message, "2147483648 bytes is longer than SQLite accepts"), "%s",
           s->err.message);
    EXPECT(s, batch.completed == 0 && batch.failed == 0, "completed %u", batch.completed);
    return true;
}

const struct suite_test sqlite_tests[] = {
    {"parameters", test_parameters},
    {"goes_on", test_goes_on},
    {"too_long", test_too_long},
    {NULL, NULL},
};
