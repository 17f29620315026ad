/* SPDX-License-Identifier: MIT */
/* The sinks, fed with every event: the exact lines, and what -q and -v leave of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>
#include "cli/sink.h"

struct capture {
    struct sink_options options;
    char *out, *err;
    size_t out_len, err_len;
    int write_error;
};

static void capture_begin(struct capture *c, enum report report)
{
    memset(c, 0, sizeof(*c));
    c->options.report = report;
    c->options.out = open_memstream(&c->out, &c->out_len);
    c->options.err = open_memstream(&c->err, &c->err_len);
    c->options.write_error = &c->write_error;
    assert_non_null(c->options.out);
    assert_non_null(c->options.err);
}

static void capture_end(struct capture *c, const char *out, const char *err)
{
    fclose(c->options.out);
    fclose(c->options.err);
    assert_string_equal(c->out, out);
    assert_string_equal(c->err, err);
    assert_int_equal(c->write_error, 0);
    free(c->out);
    free(c->err);
}

static void feed(struct sink *sink)
{
    struct dunlin_error error = DUNLIN_ERROR_INIT;
    struct dunlin_event e = {.size = sizeof(e), .direction = DUNLIN_UP};

    strcpy(error.message, "no");
    error.status = DUNLIN_FAILED;
    error.kind = DUNLIN_KIND_SYNTAX;
    e.source = "main";
    e.version = "0003";
    e.name = "add";
    e.kind = "versioned";
    e.file = "m/0003_add.sql";
    for (uint32_t type = 0; type <= DUNLIN_EVENT_DEBUG + 1; type++) {
        e.type = type <= DUNLIN_EVENT_DEBUG ? type : 1000; /* of a newer library */
        e.seq++;
        e.line = 4;
        e.done = 1;
        e.total = 2;
        e.rows = 3;
        e.micros = 12000;
        e.text = "T\x1b##[x]";
        sink_event(sink, &e);
    }
    e.type = DUNLIN_EVENT_MIGRATION_END;
    e.error = &error;
    sink_event(sink, &e);
}

static void run_text(struct capture *c)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    struct sink *sink = sink_text_new(&c->options);

    assert_non_null(sink);
    feed(sink);
    s.run = 3;
    s.before = 14;
    s.total = 17;
    s.micros = 312345;
    sink_done(sink, &s);
    sink_free(sink);
}

static void test_text(void **state)
{
    static const char out[] = "applied   0003_add                                      12 ms\n"
                              "failed    0003_add                                      12 ms\n"
                              "done: 3 applied, 14 already applied, 17 total in 0.31 s\n";
    static const char err[] = "waiting for another run to finish: T\\x1b\\x23#[x]\n"
                              "notice: m/0003_add.sql:4: T\\x1b\\x23#[x]\n"
                              "warning: m/0003_add.sql:4: T\\x1b\\x23#[x]\n";
    struct capture c;

    (void)state;
    capture_begin(&c, REPORT_UP);
    run_text(&c);
    capture_end(&c, out, err);
    capture_begin(&c, REPORT_UP);
    c.options.quiet = true;
    run_text(&c);
    capture_end(&c, "", "warning: m/0003_add.sql:4: T\\x1b\\x23#[x]\n");
    capture_begin(&c, REPORT_UP);
    c.options.verbose = 2;
    run_text(&c);
    capture_end(&c, out,
                "waiting for another run to finish: T\\x1b\\x23#[x]\n"
                "  1/2 m/0003_add.sql:4: T\\x1b\\x23#[x]\n"
                "  1/2 m/0003_add.sql:4: T\\x1b\\x23#[x]  12 ms, 3 rows\n"
                "notice: m/0003_add.sql:4: T\\x1b\\x23#[x]\n"
                "warning: m/0003_add.sql:4: T\\x1b\\x23#[x]\n"
                "debug: m/0003_add.sql:4: T\\x1b\\x23#[x]\n");
}

static void test_text_down(void **state)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    struct capture c;
    struct sink *sink;

    (void)state;
    capture_begin(&c, REPORT_DOWN);
    sink = sink_text_new(&c.options);
    s.run = 2;
    s.total = 15;
    s.micros = 99999;
    sink_done(sink, &s);
    sink_free(sink);
    capture_end(&c, "done: 2 reverted, 15 still applied in 0.10 s\n", "");
}

#define MIGRATION                                                                                  \
    "\"source\":\"main\",\"version\":\"0003\",\"name\":\"add\",\"kind\":\"versioned\","            \
    "\"file\":\"m/0003_add.sql\""
#define PLACE MIGRATION ",\"line\":4"
#define TEXT "\"text\":\"T\\u001B\\u0023#[x]\""
#define FILE_ONLY "\"file\":\"m/0003_add.sql\""

static const char *const json_normal[] = {
    "{\"v\":1,\"event\":\"run_begin\",\"seq\":2,\"direction\":\"up\"," FILE_ONLY
    ",\"migrations\":2}",
    "{\"v\":1,\"event\":\"run_end\",\"seq\":3,\"direction\":\"up\"," FILE_ONLY
    ",\"done\":1,\"micros\":12000}",
    "{\"v\":1,\"event\":\"lock_wait\",\"seq\":4," FILE_ONLY "," TEXT "}",
    "{\"v\":1,\"event\":\"lock_held\",\"seq\":5," FILE_ONLY ",\"micros\":12000}",
    "{\"v\":1,\"event\":\"migration_begin\",\"seq\":6,\"direction\":\"up\"," MIGRATION
    ",\"statements\":2}",
    "{\"v\":1,\"event\":\"migration_end\",\"seq\":7,\"direction\":\"up\"," MIGRATION
    ",\"statements\":2,\"executed\":1,\"micros\":12000}",
    "{\"v\":1,\"event\":\"notice\",\"seq\":11," PLACE "," TEXT "}",
    "{\"v\":1,\"event\":\"warning\",\"seq\":12," PLACE "," TEXT "}",
    "{\"v\":1,\"event\":\"migration_end\",\"seq\":14,\"direction\":\"up\"," MIGRATION
    ",\"statements\":2,\"executed\":1,\"micros\":12000,\"error\":{\"message\":\"no\",\"exit_code\":2,"
    "\"kind\":\"syntax\"}}",
};

static const char *const json_verbose[] = {
    "{\"v\":1,\"event\":\"statement_end\",\"seq\":9," PLACE
    ",\"done\":1,\"statements\":2,\"rows\":3," TEXT ",\"micros\":12000}",
    "{\"v\":1,\"event\":\"progress\",\"seq\":10," MIGRATION ",\"done\":1,\"bytes\":2}",
};

static void test_json_events(void **state)
{
    struct capture c;
    struct sink *sink;
    char expected[8192] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(json_normal) / sizeof(json_normal[0]); i++) {
        strcat(expected, json_normal[i]);
        strcat(expected, "\n");
    }
    capture_begin(&c, REPORT_UP);
    c.options.events = true;
    sink = sink_json_new(&c.options);
    feed(sink);
    sink_free(sink);
    capture_end(&c, expected, "");
    capture_begin(&c, REPORT_UP);
    c.options.events = true;
    c.options.quiet = true;
    sink = sink_json_new(&c.options);
    feed(sink);
    sink_free(sink);
    snprintf(expected, sizeof(expected), "%s\n", json_normal[7]);
    capture_end(&c, expected, "");
    capture_begin(&c, REPORT_STATUS); /* a document has no events */
    sink = sink_json_new(&c.options);
    feed(sink);
    sink_free(sink);
    capture_end(&c, "", "");
}

static void test_json_verbose(void **state)
{
    struct capture c;
    struct sink *sink;

    (void)state;
    capture_begin(&c, REPORT_UP);
    c.options.events = true;
    c.options.verbose = 1;
    sink = sink_json_new(&c.options);
    feed(sink);
    sink_free(sink);
    fflush(c.options.out);
    for (size_t i = 0; i < sizeof(json_verbose) / sizeof(json_verbose[0]); i++)
        assert_non_null(strstr(c.out, json_verbose[i]));
    assert_null(strstr(c.out, "statement_begin"));
    fclose(c.options.out);
    fclose(c.options.err);
    free(c.out);
    free(c.err);
}

static void test_json_documents(void **state)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    struct dunlin_item item = {.size = sizeof(item),
                               .state = DUNLIN_STATE_PENDING,
                               .source = "main",
                               .version = "1",
                               .name = "a\xff",
                               .kind = "versioned",
                               .duration_ms = -1,
                               .statements_total = 2,
                               .transactional = 1};
    struct capture c;
    struct sink *sink;

    (void)state;
    s.before = 4;
    s.total = 5;
    s.pending = 1;
    capture_begin(&c, REPORT_STATUS);
    sink = sink_json_new(&c.options);
    assert_int_equal(sink_item(sink, &item), 0);
    sink_done(sink, &s);
    sink_free(sink);
    capture_end(
        &c,
        "{\"v\":1,\"migrations\":[{\"source\":\"main\",\"version\":\"1\",\"name\":\"a\\uFFFD\","
        "\"kind\":\"versioned\",\"state\":\"pending\",\"statements_done\":0,"
        "\"statements_total\":2}],\"total\":5,\"pending\":1}\n",
        "");
    capture_begin(&c, REPORT_PLAN);
    sink = sink_json_new(&c.options);
    assert_int_equal(sink_item(sink, &item), 0);
    sink_done(sink, &s);
    sink_free(sink);
    capture_end(
        &c,
        "{\"v\":1,\"migrations\":[{\"source\":\"main\",\"version\":\"1\",\"name\":\"a\\uFFFD\","
        "\"kind\":\"versioned\",\"state\":\"pending\",\"direction\":\"up\",\"statements\":2,"
        "\"transactional\":true,\"reversible\":false}],\"to_apply\":1,"
        "\"already_applied\":4}\n",
        "");
}

static void test_json_error(void **state)
{
    struct dunlin_error e = DUNLIN_ERROR_INIT;
    struct capture c;
    struct sink *sink;

    (void)state;
    strcpy(e.message, "bad \xff \"text\"");
    e.status = DUNLIN_PARTIAL;
    e.kind = DUNLIN_KIND_LOST;
    e.flags = DUNLIN_ERROR_OUTCOME_UNKNOWN;
    capture_begin(&c, REPORT_STATUS);
    sink = sink_json_new(&c.options);
    sink_error(sink, &e);
    sink_free(sink);
    capture_end(&c,
                "{\"v\":1,\"error\":{\"message\":\"bad \\uFFFD \\\"text\\\"\",\"exit_code\":3,"
                "\"kind\":\"connection_lost\",\"outcome_unknown\":true}}\n",
                "");
}

/* Each line that comes out is JSON by itself. */
static void test_json_parses(void **state)
{
    struct capture c;
    struct sink *sink;
    size_t lines = 0;

    (void)state;
    capture_begin(&c, REPORT_UP);
    c.options.events = true;
    c.options.verbose = 2;
    sink = sink_json_new(&c.options);
    feed(sink);
    sink_free(sink);
    fflush(c.options.out);
    for (char *line = c.out, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        json_t *doc = json_loadb(line, (size_t)(end - line), 0, NULL);

        assert_non_null(doc);
        assert_int_equal(json_integer_value(json_object_get(doc, "v")), 1);
        assert_non_null(json_string_value(json_object_get(doc, "event")));
        json_decref(doc);
        lines++;
    }
    assert_int_equal(lines, 13);
    fclose(c.options.out);
    fclose(c.options.err);
    free(c.out);
    free(c.err);
}

static void test_full_disk(void **state)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    FILE *full = fopen("/dev/full", "w");
    int error = 0;
    struct sink_options options = {.out = full, .err = stderr, .write_error = &error};
    struct sink *sink;

    (void)state;
    if (!full)
        return; /* only Linux has it */
    sink = sink_text_new(&options);
    sink_fact(sink, "x", "y");
    sink_done(sink, &s);
    sink_free(sink);
    fclose(full);
    assert_int_not_equal(error, 0);
}

static void test_null(void **state)
{
    struct dunlin_event e = {.size = sizeof(e)};

    (void)state;
    sink_event(NULL, &e);
    sink_error(NULL, NULL);
    sink_free(NULL);
    assert_int_equal(sink_item(NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),           cmocka_unit_test(test_text_down),
        cmocka_unit_test(test_json_events),    cmocka_unit_test(test_json_verbose),
        cmocka_unit_test(test_json_documents), cmocka_unit_test(test_json_error),
        cmocka_unit_test(test_json_parses),    cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_null),
    };

    return cmocka_run_group_tests_name("sinks", tests, NULL, NULL);
}
