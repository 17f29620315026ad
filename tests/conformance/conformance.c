/* SPDX-License-Identifier: MIT */
/*
 * The program: opens the driver of DUNLIN_TEST_URL, and runs every test with two fresh connections
 * and a clean database. See conformance.h.
 */
#include "conformance.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"

#define TESTS_MAX 128

/* Queries first: what they measure is how far the memory in use grows beyond its peak. */
static const struct suite_test *const groups[] = {
    query_tests, connect_tests, exec_tests, error_tests, dialect_tests, copy_tests, effect_tests};

/* What one cmocka test gets as its initial state. */
struct test_case {
    struct suite *suite;
    const struct suite_test *test;
};

static bool suite_ready(struct suite *s)
{
    s->notices[0] = '\0';
    s->why[0] = '\0';
    if (suite_open(s, NULL, &s->a) || suite_open(s, NULL, &s->b))
        return suite_bad(s, __FILE__, __LINE__, "cannot connect: %s", s->err.message);
    for (const char *const *sql = s->samples->cleanup; *sql; sql++)
        (void)run_sql(s, s->a, *sql);
    s->notices[0] = '\0';
    return true;
}

static void suite_done(struct suite *s)
{
    s->driver->close(s->a);
    s->driver->close(s->b);
    s->a = s->b = NULL;
    free(s->answer);
    s->answer = NULL;
    arena_free(&s->arena);
}

static void suite_run_one(void **state)
{
    struct test_case *c = *state;
    struct suite *s = c->suite;
    const char *reason = quirk(s->samples->engine, c->test->name);
    bool ready = suite_ready(s);
    bool good = ready && c->test->run(s);

    suite_done(s);
    if (!ready || (!good && !reason))
        fail_msg("%s", s->why);
    if (good && reason)
        fail_msg("is declared to deviate (%s), and does not", reason);
    if (reason)
        print_message("# %s deviates: %s (%s)\n", c->test->name, reason, s->why);
}

static const struct engine_samples *samples_of(const char *engine)
{
    static const struct engine_samples *const all[] = {&samples_postgres, &samples_mysql,
                                                       &samples_mariadb, &samples_sqlite};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(all[i]->engine, engine) == 0)
            return all[i];
    }
    return NULL;
}

static int host_fail(struct dunlin_error *err, int kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int host_fail(struct dunlin_error *err, int kind, const char *format, ...)
{
    char text[sizeof(err->message)];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    error_set(err, status_of_kind((enum dunlin_kind)kind), (enum dunlin_kind)kind, "%s", text);
    return kind;
}

static void host_notice(void *context, const char *severity, const char *text)
{
    struct suite *s = context;
    size_t used = strlen(s->notices);

    (void)snprintf(s->notices + used, sizeof(s->notices) - used, "%s: %s\n", severity, text);
}

static bool suite_init(struct suite *s, struct arena *arena, const char *engine, const char *url)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    const struct driver *driver;

    memset(s, 0, sizeof(*s));
    s->host = (struct dunlin_host){
        .size = sizeof(s->host), .context = s, .notice = host_notice, .fail = host_fail};
    s->samples = samples_of(engine);
    if (!s->samples) {
        fprintf(stderr, "no samples for the engine %s\n", engine);
        return false;
    }
    if (url_parse(url, arena, &s->url, &err) ||
        driver_for_scheme(s->url.scheme, getenv("DUNLIN_DRIVER_PATH"), arena, &driver, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    s->driver = &driver->table;
    s->dialect = driver->table.dialect;
    return true;
}

/* Cases and their cmocka entries, side by side. */
struct selection {
    struct test_case cases[TESTS_MAX];
    struct CMUnitTest tests[TESTS_MAX];
    size_t count;
};

static void select_group(struct selection *sel, struct suite *s, const struct suite_test *group,
                         const char *only)
{
    for (const struct suite_test *t = group; t && t->name && sel->count < TESTS_MAX; t++) {
        if (only && !strstr(t->name, only))
            continue;
        sel->cases[sel->count] = (struct test_case){s, t};
        sel->tests[sel->count].name = t->name;
        sel->tests[sel->count].test_func = suite_run_one;
        sel->tests[sel->count].initial_state = &sel->cases[sel->count];
        sel->count++;
    }
}

static int suite_run(struct suite *s, const char *only)
{
    struct selection sel;

    memset(&sel, 0, sizeof(sel));
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
        select_group(&sel, s, groups[g], only);
    select_group(&sel, s, s->samples->own, only);
    return _cmocka_run_group_tests("conformance", sel.tests, sel.count, NULL, NULL);
}

int main(int argc, char **argv)
{
    const char *engine = getenv("DUNLIN_TEST_ENGINE");
    const char *url = getenv("DUNLIN_TEST_URL");
    struct arena arena = ARENA_INIT;
    struct suite suite;
    int failed;

    if (!engine || !url) {
        puts("1..0 # SKIP run under tests/support/with-server");
        return 0;
    }
    if (!suite_init(&suite, &arena, engine, url)) {
        puts("Bail out! the driver cannot be used");
        arena_free(&arena);
        return 1;
    }
    failed = suite_run(&suite, argc > 1 ? argv[1] : NULL);
    arena_free(&arena);
    return failed != 0;
}
