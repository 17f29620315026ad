/* SPDX-License-Identifier: MIT */
/* What people and log collectors get to see: escaping, errors with a caret, tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli/escape.h"
#include "cli/text_error.h"
#include "cli/text_table.h"

struct escape_case {
    const char *text;
    unsigned flags;
    const char *expected;
};

static const struct escape_case escapes[] = {
    {"", 0, ""},
    {"plain \xc3\xa4 \xe8\xa1\xa8 \xf0\x9f\x90\xa6", 0,
     "plain \xc3\xa4 \xe8\xa1\xa8 \xf0\x9f\x90\xa6"},
    {"\x1b[31mred\x1b[0m", 0, "\\x1b[31mred\\x1b[0m"},
    {"\x1b]52;c;eA==\x07", 0, "\\x1b]52;c;eA==\\x07"},
    {"a\tb\r\nc", 0, "a\\tb\\r\\nc"},
    {"a\tb", ESCAPE_TABS, "a\tb"},
    {"a\nb", ESCAPE_LINES, "a\n    | b"},
    {"a\r\nb\n\n", ESCAPE_LINES, "a\n    | b"},
    {"a\rb", ESCAPE_LINES, "a\\rb"},
    {"ok\n::set-output name=x::y", ESCAPE_LINES, "ok\n    | ::set-output name=x::y"},
    {"::set-output name=x::y", 0, "\\x3a:set-output name=x::y"},
    {" \t::error::x", ESCAPE_TABS, " \t\\x3a:error::x"},
    {"a\n::error::x", ESCAPE_LINES, "a\n    | ::error::x"},
    {"x::text", 0, "x::text"},
    {":: ", 0, "\\x3a: "},
    {": :", 0, ": :"},
    {"##vso[task] ##[error] ## title ###x", 0, "\\x23#vso[task] \\x23#[error] ## title #\\x23#x"},
    {"\x7f\x80\xc2\x80\xc2\x9b", 0, "\\x7f\\x80\\u{80}\\u{9b}"},
    {"\xe2\x80\xae\xe2\x80\x8b\xef\xbb\xbf\xe2\x80\xa8", 0, "\\u{202e}\\u{200b}\\u{feff}\\u{2028}"},
    {"\xf3\xa0\x80\x81", 0, "\\u{e0001}"},
    {"\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe8\xa1", 0,
     "\\xc0\\xaf\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80\\xe8\\xa1"},
};

static void test_escape(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        struct buf b = BUF_INIT(4096);

        escape_add(&b, escapes[i].text, escapes[i].flags);
        assert_string_equal(buf_str(&b), escapes[i].expected);
        buf_free(&b);
    }
}

/* Every byte there is, alone: nothing that a terminal acts on gets through. */
static void test_escape_bytes(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        const char text[2] = {(char)c, '\0'};
        struct buf b = BUF_INIT(64);

        escape_add(&b, text, 0);
        for (size_t i = 0; i < b.len; i++)
            assert_true(b.data[i] >= 0x20 && b.data[i] < 0x7f);
        buf_free(&b);
    }
}

static void test_clean(void **state)
{
    struct buf b = BUF_INIT(64);

    (void)state;
    utf8_clean(&b, "a\xff\xc3\xa4\xc3");
    assert_string_equal(buf_str(&b), "a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd");
    buf_free(&b);
}

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("abc"), 3);
    assert_int_equal(text_width("\xc3\xa4"), 1);
    assert_int_equal(text_width("\xe8\xa1\xa8"), 2);     /* CJK */
    assert_int_equal(text_width("e\xcc\x81"), 1);        /* combining accent */
    assert_int_equal(text_width("\xf0\x9f\x90\xa6"), 2); /* bird */
    assert_int_equal(text_width("\xef\xbc\xa1"), 2);     /* fullwidth A */
}

struct snippet_case {
    const char *source;
    uint32_t caret;
    size_t width;
    const char *line, *marker;
};

static const struct snippet_case snippets[] = {
    {"SELECT x", 8, 72, "SELECT x", "       "},
    {"x", 1, 72, "x", ""},
    {"SELECT x", 0, 72, "SELECT x", ""},
    {"abc", 4, 72, "abc", "   "},  /* behind the end */
    {"abc", 99, 72, "abc", "   "}, /* further behind */
    {"\tSELECT\tx", 9, 72, "\tSELECT\tx", "\t      \t"},
    {"\xe8\xa1\xa8 x", 3, 72, "\xe8\xa1\xa8 x", "   "},
    {"\x1bx", 2, 72, "\\x1bx", "    "},
    {"##[x] y", 7, 72, "\\x23#[x] y", "         "},
    {"\xffx", 2, 72, "\\xffx", "    "},
    {"0123456789abcdef", 1, 10, "0123456789\xe2\x80\xa6", ""},
    {"0123456789abcdef", 16, 10,
     "\xe2\x80\xa6"
     "6789abcdef",
     "          "},
    {"0123456789abcdefghij", 11, 10,
     "\xe2\x80\xa6"
     "456789abcd\xe2\x80\xa6",
     "       "},
};

static void test_snippet(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(snippets) / sizeof(snippets[0]); i++) {
        const struct snippet_case *c = &snippets[i];
        struct buf line = BUF_INIT(4096), marker = BUF_INIT(4096);

        assert_int_equal(text_snippet(&line, &marker, c->source, c->caret, c->width), c->caret > 0);
        assert_string_equal(buf_str(&line), c->line);
        if (c->caret)
            assert_string_equal(buf_str(&marker), c->marker);
        buf_free(&line);
        buf_free(&marker);
    }
}

static void check_error(const struct dunlin_error *error, const char *expected)
{
    struct buf b = BUF_INIT(65536);

    text_error(&b, error, false);
    assert_string_equal(buf_str(&b), expected);
    buf_free(&b);
}

static void test_error(void **state)
{
    struct dunlin_error e = DUNLIN_ERROR_INIT;

    (void)state;
    check_error(&e, "error: failed\n");
    strcpy(e.message, "relation \"userz\" does not exist");
    check_error(&e, "error: relation \"userz\" does not exist\n");
    strcpy(e.sqlstate, "42P01");
    check_error(&e, "error: relation \"userz\" does not exist [42P01]\n");
    e.native = 1146;
    check_error(&e, "error: relation \"userz\" does not exist [42P01 1146]\n");
    e.sqlstate[0] = '\0';
    check_error(&e, "error: relation \"userz\" does not exist [1146]\n");
    strcpy(e.file, "m/0003_x.sql");
    e.statement = 2;
    check_error(&e, "error: m/0003_x.sql: statement 2: relation \"userz\" does not exist [1146]\n");
    e.line = 12;
    e.column = 13;
    e.caret = 13;
    strcpy(e.source_line, "ALTER TABLE userz ADD COLUMN email text;");
    strcpy(e.detail, "d1\nd2");
    strcpy(e.hint, "h");
    strcpy(e.context, "c");
    strcpy(e.state, "s");
    strcpy(e.next, "dunlin up");
    check_error(&e, "error: m/0003_x.sql:12:13: relation \"userz\" does not exist [1146]\n"
                    "    12 | ALTER TABLE userz ADD COLUMN email text;\n"
                    "       |             ^\n"
                    "detail: d1\n"
                    "    | d2\n"
                    "hint: h\n"
                    "where: c\n"
                    "state: s\n"
                    "next: dunlin up\n");
}

static void test_durations(void **state)
{
    static const struct {
        uint64_t micros;
        const char *text;
    } cases[] = {{0, "0 ms"},
                 {400, "0 ms"},
                 {1500, "2 ms"},
                 {999499, "999 ms"},
                 {999500, "1.00 s"},
                 {12345678, "12.34 s"},
                 {60000000, "1 min 00 s"},
                 {187000000, "3 min 07 s"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = BUF_INIT(64);

        text_duration(&b, cases[i].micros);
        assert_string_equal(buf_str(&b), cases[i].text);
        buf_free(&b);
    }
}

static void test_table(void **state)
{
    struct dunlin_item item = {.size = sizeof(item),
                               .state = DUNLIN_STATE_APPLIED,
                               .source = "main",
                               .version = "1",
                               .name = "a",
                               .applied_at = "2026-11-21T09:12:33.250Z",
                               .duration_ms = 12};
    struct buf b = BUF_INIT(65536);
    struct table t;

    (void)state;
    table_init(&t);
    assert_true(table_status_head(&t));
    assert_true(table_status_item(&t, &item));
    item.state = DUNLIN_STATE_PARTIAL;
    item.version = "20";
    item.applied_at = NULL;
    item.duration_ms = -1;
    item.statements_done = 1;
    item.statements_total = 3;
    item.description = "\xe8\xa1\xa8\nx";
    assert_true(table_status_item(&t, &item));
    table_print(&t, &b, false);
    assert_string_equal(buf_str(&b),
                        "version  state        applied at (UTC)     took   description\n"
                        "1        applied      2026-11-21 09:12:33  12 ms  a\n"
                        "20       partial 1/3                              \xe8\xa1\xa8\\nx\n");
    buf_clear(&b);
    item.source = "more";
    assert_true(table_status_item(&t, &item));
    table_print(&t, &b, false);
    assert_non_null(strstr(b.data, "source  version  state"));
    assert_non_null(strstr(b.data, "\nmain    1        applied"));
    assert_non_null(strstr(b.data, "\nmore    20       partial"));
    buf_free(&b);
    table_free(&t);
}

static void test_migration_names(void **state)
{
    static const struct {
        const char *label, *version, *name, *text;
    } cases[] = {{NULL, "0003", "add_users", "0003_add_users"},
                 {"main", "3", "x", "main/3_x"},
                 {NULL, "3", "", "3"},
                 {NULL, "R__views", "views", "R__views"},
                 {NULL, NULL, NULL, "?"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = BUF_INIT(256);

        text_migration(&b, cases[i].label, cases[i].version, cases[i].name);
        assert_string_equal(buf_str(&b), cases[i].text);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),          cmocka_unit_test(test_escape_bytes),
        cmocka_unit_test(test_clean),           cmocka_unit_test(test_width),
        cmocka_unit_test(test_snippet),         cmocka_unit_test(test_error),
        cmocka_unit_test(test_durations),       cmocka_unit_test(test_table),
        cmocka_unit_test(test_migration_names),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
