/* SPDX-License-Identifier: MIT */
/*
 * What only a program that uses the library can do, on an SQLite file. A callback that does not
 * want more ends the call, numbers are told without a list, and errors need not be looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <dunlin/dunlin.h>

#include "unit/scratch.h"

struct embedded {
    struct scratch files;
    char url[300];
    const char *dirs[1];
    struct dunlin_options options;
    struct dunlin_error err;
    struct dunlin *d;
};

static void begin(struct embedded *e)
{
    memset(e, 0, sizeof(*e));
    e->options = (struct dunlin_options)DUNLIN_OPTIONS_INIT;
    e->err = (struct dunlin_error)DUNLIN_ERROR_INIT;
    scratch_make(&e->files);
    e->dirs[0] = e->files.path;
    snprintf(e->url, sizeof(e->url), "sqlite:%s/app.db", e->files.path);
    e->options.url = e->url;
    e->options.dirs = e->dirs;
    e->options.ndirs = 1;
    e->options.driver_path = getenv("DUNLIN_DRIVER_PATH");
}

static void open_it(struct embedded *e)
{
    if (dunlin_open(&e->options, &e->d, &e->err) != DUNLIN_OK)
        fail_msg("%s", e->err.message);
}

static void end(struct embedded *e)
{
    dunlin_close(e->d);
    scratch_remove(&e->files);
}

static void add(struct embedded *e, const char *name, const char *text)
{
    scratch_write(&e->files, name, text, strlen(text));
}

static void stopped(struct embedded *e, int rc)
{
    assert_int_equal(rc, DUNLIN_INTERRUPTED);
    assert_string_equal(e->err.message, "interrupted");
}

static int no_more(void *user)
{
    ++*(unsigned *)user;
    return 1;
}

static int no_item(const struct dunlin_item *item, void *user)
{
    (void)item;
    return no_more(user);
}

static int no_rename(const char *from, const char *to, void *user)
{
    (void)from;
    (void)to;
    return no_more(user);
}

static int no_conversion(const struct dunlin_conversion *c, void *user)
{
    (void)c;
    return no_more(user);
}

static int stop_at_warning(const struct dunlin_event *event, void *user)
{
    return event->type == DUNLIN_EVENT_WARNING ? no_more(user) : 0;
}

/* 2_b is applied, 1_a comes before it, 3_c behind. */
static void test_callbacks(void **state)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    struct embedded e;
    unsigned calls = 0;
    char to[300];

    (void)state;
    begin(&e);
    add(&e, "2_b.sql", "CREATE TABLE b (x integer);");
    open_it(&e);
    assert_int_equal(dunlin_up(e.d, NULL, NULL, &e.err), DUNLIN_OK);
    dunlin_close(e.d);
    add(&e, "1_a.sql", "CREATE TABLE a (x integer);");
    add(&e, "3_c.sql", "CREATE TABLE c (x integer);");
    e.options.out_of_order = DUNLIN_ORDER_ALLOW;
    open_it(&e);
    stopped(&e, dunlin_status(e.d, no_item, &calls, NULL, &e.err));
    assert_int_equal(calls, 1);
    stopped(&e, dunlin_plan(e.d, DUNLIN_UP, NULL, no_item, &calls, NULL, &e.err));
    assert_int_equal(calls, 2);
    snprintf(to, sizeof(to), "%s.new", e.files.path);
    stopped(&e, dunlin_convert(e.d, to, 1, no_conversion, &calls, &summary, &e.err));
    assert_int_equal(calls, 3);
    assert_int_equal(summary.run, 0);
    assert_int_equal(dunlin_convert(e.d, to, 1, NULL, NULL, &summary, NULL), DUNLIN_OK);
    assert_int_equal(summary.run, 3);
    /* The files have their new names by then. */
    stopped(&e, dunlin_renumber(e.d, 0, no_rename, &calls, &summary, &e.err));
    assert_int_equal(calls, 4);
    assert_int_equal(summary.run, 2);
    assert_int_equal(access(scratch_path(&e.files, "4_a.sql"), F_OK), 0);
    assert_int_equal(access(scratch_path(&e.files, "5_c.sql"), F_OK), 0);
    end(&e);
}

/* Between two files, as a signal would do it. */
static void test_convert_cancelled(void **state)
{
    static const char changelog[] = "--liquibase formatted sql\n"
                                    "--changeset a:1 runOnChange:true\nSELECT 1;\n"
                                    "--changeset a:2\nSELECT 2;\n";
    struct embedded e;
    unsigned calls = 0;
    char to[300];

    (void)state;
    begin(&e);
    add(&e, "changelog.sql", changelog);
    e.options.layout = "liquibase";
    e.options.on_event = stop_at_warning;
    e.options.user = &calls;
    open_it(&e);
    snprintf(to, sizeof(to), "%s.new", e.files.path);
    stopped(&e, dunlin_convert(e.d, to, 0, NULL, NULL, NULL, &e.err));
    assert_int_equal(calls, 1);
    assert_string_equal(e.err.state, "nothing was written");
    assert_int_equal(access(to, F_OK), -1);
    end(&e);
}

static void test_counts(void **state)
{
    const char *tables[] = {"a", "nowhere"};
    struct embedded e;
    uint64_t found = 99;

    (void)state;
    begin(&e);
    add(&e, "1_a.sql", "CREATE TABLE a (x integer);");
    e.options.required_tables = tables;
    e.options.nrequired_tables = 1;
    open_it(&e);
    assert_int_equal(dunlin_up(e.d, NULL, NULL, &e.err), DUNLIN_OK);
    assert_int_equal(dunlin_check(e.d, NULL, NULL, &found, NULL, &e.err), DUNLIN_OK);
    assert_int_equal(found, 0);
    assert_int_equal(dunlin_mark(e.d, "1", DUNLIN_STATE_EDITED, NULL, &e.err), DUNLIN_USAGE);
    assert_string_equal(e.err.message, "a migration can be marked as applied, pending or failed");
    dunlin_close(e.d);
    add(&e, "1_a.sql", "CREATE TABLE a (x integer, y integer);");
    e.options.nrequired_tables = 2;
    open_it(&e);
    assert_int_equal(dunlin_check(e.d, NULL, NULL, &found, NULL, &e.err), DUNLIN_NO);
    assert_int_equal(found, 1);
    found = 99;
    assert_int_equal(dunlin_verify(e.d, NULL, NULL, &found, NULL, &e.err), DUNLIN_NO);
    assert_int_equal(found, 1);
    end(&e);
}

/* What needs a database does not find one where none was to be looked at. */
static void test_offline(void **state)
{
    struct embedded e;

    (void)state;
    begin(&e);
    add(&e, "1_a.sql", "CREATE TABLE a (x integer);");
    e.options.look = DUNLIN_LOOK_OFFLINE;
    open_it(&e);
    assert_int_equal(dunlin_up(e.d, NULL, NULL, &e.err), DUNLIN_USAGE);
    assert_string_equal(e.err.message, "this needs the database, and it was not connected to");
    assert_int_equal(access(scratch_path(&e.files, "app.db"), F_OK), -1);
    end(&e);
}

static int cancel_at_finding(const struct dunlin_finding *finding, void *user)
{
    struct embedded *e = user;

    assert_string_equal(finding->what, "verify");
    dunlin_cancel(e->d);
    return 0;
}

/* Between two queries of a verify section: the second is not asked. */
static void test_verify_cancelled(void **state)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    struct embedded e;
    uint64_t found = 99;

    (void)state;
    begin(&e);
    add(&e, "1_a.sql",
        "-- migrate:up\nCREATE TABLE a (x integer);\n-- migrate:verify\n"
        "SELECT count(*) = 0 FROM a;\nSELECT count(*) = 0 FROM a;\n");
    add(&e, "2_b.sql", "INSERT INTO a VALUES (1);");
    open_it(&e);
    assert_int_equal(dunlin_up(e.d, NULL, NULL, &e.err), DUNLIN_OK);
    stopped(&e, dunlin_verify(e.d, cancel_at_finding, &e, &found, &summary, &e.err));
    assert_int_equal(found, 1);
    assert_int_equal(summary.run, 1);
    end(&e);
}

static void test_no_url(void **state)
{
    struct dunlin_options options = DUNLIN_OPTIONS_INIT;
    struct dunlin_error err = DUNLIN_ERROR_INIT;

    (void)state;
    assert_int_equal(dunlin_create_database(&options, NULL, &err), DUNLIN_CONFIG);
    assert_string_equal(err.message, "no database URL");
}

/* Nobody says who it is, and on SQLite there is no user: sqitch wants a name and an address. */
static void test_nobody(void **state)
{
    static const char plan[] = "%project=p\n\na 2026-01-02T03:04:05Z Ann <a@b.c>\n";
    char text[65536], host[256] = "", wanted[300];
    struct embedded e;
    bool found = false;
    size_t len;
    FILE *f;

    (void)state;
    begin(&e);
    add(&e, "sqitch.plan", plan);
    add(&e, "deploy/a.sql", "CREATE TABLE a (x integer);");
    e.options.layout = "sqitch";
    e.options.history = DUNLIN_HISTORY_LAYOUT;
    open_it(&e);
    assert_int_equal(dunlin_up(e.d, NULL, NULL, &e.err), DUNLIN_OK);
    (void)gethostname(host, sizeof(host) - 1);
    len = (size_t)snprintf(wanted, sizeof(wanted), "dunlindunlin@%s", host); /* two columns */
    f = fopen(scratch_path(&e.files, "sqitch.db"), "rb");
    assert_non_null(f);
    for (size_t n = fread(text, 1, sizeof(text), f), at = 0; !found && at + len <= n; at++)
        found = memcmp(text + at, wanted, len) == 0;
    fclose(f);
    assert_true(found);
    end(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_callbacks),       cmocka_unit_test(test_convert_cancelled),
        cmocka_unit_test(test_counts),          cmocka_unit_test(test_no_url),
        cmocka_unit_test(test_nobody),          cmocka_unit_test(test_offline),
        cmocka_unit_test(test_verify_cancelled)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
