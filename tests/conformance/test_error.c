/* SPDX-License-Identifier: MIT */
/* Errors: every portable kind, provoked by real statements; places; locks, timeouts, cancel. */
#include "conformance.h"

#include <string.h>

static bool one_kind(struct suite *s, const struct kind_sample *k)
{
    const struct dunlin_param params[] = {{"user", k->user}, {"password", NULL}, {NULL, NULL}};
    struct dunlin_conn *conn = s->a;
    int kind;

    for (const char *const *sql = s->samples->cleanup; *sql; sql++)
        (void)run_sql(s, s->a, *sql);
    if (!run_all(s, s->a, k->setup))
        return false;
    EXPECT(s, !k->user || suite_open(s, params, &conn) == 0, "%s: %s", k->user, s->err.message);
    kind = run_sql(s, conn, k->sql);
    if (conn != s->a)
        s->driver->close(conn);
    roll_back(s, s->a);
    EXPECT(s, kind == k->kind, "%s: kind %d, not %d: %s", k->sql, kind, k->kind, s->err.message);
    EXPECT(s, s->err.kind == kind, "%s: err.kind is %d", k->sql, s->err.kind);
    EXPECT(s, s->err.message[0] && !strchr(s->err.message, '\n'), "%s: message \"%s\"", k->sql,
           s->err.message);
    EXPECT(s, s->err.native || s->err.sqlstate[0], "%s: neither number nor SQLSTATE", k->sql);
    return true;
}

static bool test_kinds(struct suite *s)
{
    for (const struct kind_sample *k = s->samples->kinds; k->sql; k++) {
        if (!one_kind(s, k))
            return false;
    }
    return true;
}

static bool test_syntax_alone(struct suite *s)
{
    for (const struct syntax_sample *x = s->samples->syntax; x->sql; x++) {
        int kind = run_sql(s, s->a, x->sql);

        EXPECT(s, kind == DUNLIN_KIND_SYNTAX, "%s: kind %d: %s", x->sql, kind, s->err.message);
        EXPECT(s, s->err.stmt_pos == x->pos && s->err.stmt_line == x->line, "%s: pos %lu, line %u",
               x->sql, (unsigned long)s->err.stmt_pos, s->err.stmt_line);
    }
    return true;
}

/* The place counts inside the statement, not inside the message. */
static bool test_syntax_in_batch(struct suite *s)
{
    for (const struct syntax_sample *x = s->samples->syntax; x->sql; x++) {
        const char *const texts[] = {"SELECT 'ünïcödé', 1", "\n\nSELECT 2 -- \xe2\x82\xac", x->sql,
                                     "SELECT 4", NULL};
        struct dunlin_batch batch;
        int kind = run_batch(s, s->a, texts, NULL, &batch);

        EXPECT(s, kind == DUNLIN_KIND_SYNTAX, "%s: kind %d: %s", x->sql, kind, s->err.message);
        EXPECT(s, batch.failed == 2, "%s: failed %u", x->sql, batch.failed);
        EXPECT(s, batch.completed == 0 || batch.completed == 2, "%s: completed %u", x->sql,
               batch.completed);
        EXPECT(s, s->err.stmt_pos == x->pos && s->err.stmt_line == x->line, "%s: pos %lu, line %u",
               x->sql, (unsigned long)s->err.stmt_pos, s->err.stmt_line);
    }
    return true;
}

static bool test_locked(struct suite *s)
{
    const struct locked_sample *l = s->samples->locked;
    const char *last = NULL;
    int kind = 0;

    EXPECT(s, l, "the engine has no such lock");
    if (!run_all(s, s->a, l->setup) || !run_all(s, s->a, l->first))
        return false;
    for (size_t i = 0; l->second[i]; i++) {
        EXPECT(s, kind == 0, "%s: %s", last, s->err.message);
        last = l->second[i];
        kind = run_sql(s, s->b, last);
    }
    roll_back(s, s->b);
    roll_back(s, s->a);
    EXPECT(s, kind == DUNLIN_KIND_LOCKED, "%s: kind %d: %s", last ? last : "", kind,
           s->err.message);
    return true;
}

static bool deadlock_ready(struct suite *s, const struct deadlock_sample *d)
{
    if (!run_all(s, s->a, d->setup))
        return false;
    EXPECT(s, run_sql(s, s->a, s->dialect->begin) == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->b, s->dialect->begin) == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, d->a1) == 0, "%s: %s", d->a1, s->err.message);
    EXPECT(s, run_sql(s, s->b, d->b1) == 0, "%s: %s", d->b1, s->err.message);
    return true;
}

static bool test_deadlock(struct suite *s)
{
    const struct deadlock_sample *d = s->samples->deadlock;
    struct background bg;
    int kind;

    EXPECT(s, d, "the engine has no deadlocks");
    if (!deadlock_ready(s, d) || !background_start(&bg, s, s->a, d->a2))
        return false;
    pause_ms(200);
    kind = run_sql(s, s->b, d->b2);
    if (kind)
        roll_back(s, s->b); /* else a waits for b's end */
    else
        (void)run_sql(s, s->b, s->dialect->commit);
    (void)background_join(&bg);
    roll_back(s, s->a);
    roll_back(s, s->b);
    EXPECT(s, (kind == DUNLIN_KIND_DEADLOCK) != (bg.kind == DUNLIN_KIND_DEADLOCK),
           "kinds %d and %d: %s %s", kind, bg.kind, s->err.message, bg.err.message);
    return true;
}

static bool test_timeout(struct suite *s)
{
    const char *last = NULL;
    int kind = 0;

    EXPECT(s, s->samples->timeout[0], "the engine has no statement timeout");
    for (size_t i = 0; s->samples->timeout[i]; i++) {
        EXPECT(s, kind == 0, "%s: %s", last, s->err.message);
        last = s->samples->timeout[i];
        kind = run_sql(s, s->a, last);
    }
    roll_back(s, s->a);
    EXPECT(s, kind == DUNLIN_KIND_TIMEOUT, "kind %d: %s", kind, s->err.message);
    return true;
}

static bool test_cancel(struct suite *s)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct background bg;

    EXPECT(s, s->driver->caps & DUNLIN_CAP_CANCEL, "the driver cannot cancel");
    if (!background_start(&bg, s, s->a, s->samples->slow))
        return false;
    for (int tries = 0; tries < 100 && !bg.done; tries++) {
        pause_ms(100); /* the statement may not have begun yet */
        (void)s->driver->cancel(s->a, &err);
    }
    (void)background_join(&bg);
    EXPECT(s, bg.kind == DUNLIN_KIND_CANCELLED, "kind %d: %s", bg.kind, bg.err.message);
    for (int tries = 0; tries < 20; tries++) /* one that came late may hit the next statement */
        (void)run_sql(s, s->a, "SELECT 1");
    EXPECT(s, run_sql(s, s->a, "SELECT 1") == 0, "unusable: %s", s->err.message);
    return true;
}

static bool test_cancel_idle(struct suite *s)
{
    EXPECT(s, s->driver->caps & DUNLIN_CAP_CANCEL, "the driver cannot cancel");
    EXPECT(s, s->driver->cancel(s->a, &s->err) == 0, "%s", s->err.message);
    pause_ms(200);
    (void)run_sql(s, s->a, "SELECT 1");
    EXPECT(s, run_sql(s, s->a, "SELECT 1") == 0, "unusable: %s", s->err.message);
    return true;
}

const struct suite_test error_tests[] = {
    {"kinds", test_kinds},
    {"syntax_alone", test_syntax_alone},
    {"syntax_in_batch", test_syntax_in_batch},
    {"locked", test_locked},
    {"deadlock", test_deadlock},
    {"timeout", test_timeout},
    {"cancel", test_cancel},
    {"cancel_idle", test_cancel_idle},
    {NULL, NULL},
};
