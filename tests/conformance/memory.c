/* SPDX-License-Identifier: MIT */
/*
 * The sample folder on sqlite::memory:, through the public library in one process: up, again,
 * status, everything down, up again. What SQLite is asked is counted by its own trace, so that
 * "nothing to do is one query" is measured and not believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sqlite3.h>

#include <dunlin/dunlin.h>

static unsigned statements; /* the trace hook has no other place to count in */

static int on_statement(unsigned type, void *user, void *stmt, void *text)
{
    (void)type;
    (void)user;
    (void)stmt;
    (void)text;
    statements++;
    return 0;
}

static int on_open(sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
    (void)message;
    (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, NULL);
}

static int count_applied(const struct dunlin_item *item, void *user)
{
    unsigned *applied = user;

    *applied += item->state == DUNLIN_STATE_APPLIED;
    return 0;
}

static void test_sample(void **state)
{
    struct dunlin_options options = DUNLIN_OPTIONS_INIT;
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    struct dunlin_goal everything = DUNLIN_GOAL_INIT;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    const char *dirs[] = {getenv("DUNLIN_MIGRATIONS")};
    unsigned applied = 0;
    struct dunlin *d;

    (void)state;
    options.url = "sqlite::memory:";
    options.dirs = dirs;
    options.ndirs = 1;
    options.driver_path = getenv("DUNLIN_DRIVER_PATH");
    everything.all = 1;
    if (dunlin_open(&options, &d, &err) != DUNLIN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(dunlin_up(d, NULL, &summary, &err), DUNLIN_OK);
    assert_int_equal(summary.run, 7);

    statements = 0;
    assert_int_equal(dunlin_up(d, NULL, &summary, &err), DUNLIN_OK);
    assert_int_equal(summary.run, 0);
    assert_int_equal(summary.before, 7);
    assert_int_equal(statements, 1);

    assert_int_equal(dunlin_status(d, count_applied, &applied, NULL, &err), DUNLIN_OK);
    assert_int_equal(applied, 7);
    assert_int_equal(dunlin_down(d, &everything, &summary, &err), DUNLIN_OK);
    assert_int_equal(summary.run, 7);
    assert_int_equal(dunlin_up(d, NULL, &summary, &err), DUNLIN_OK);
    assert_int_equal(summary.run, 7);
    dunlin_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sample)};

    sqlite3_auto_extension((void (*)(void))on_open);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
