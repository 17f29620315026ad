/* SPDX-License-Identifier: MIT */
/* Texts that are compared with those of the history, and numbers behind the newest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "source/source.h"

static void test_same(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"", "", true},
        {"a", "a", true},
        {"a\nb\n", "a\r\nb\r\n", true},
        {"a\r", "a", false},
        {"a\rb", "ab", false},
        {"a\n", "a", false},
        {"a", "", false},
        {"\r\n", "\n", true},
        {"a\r\r\nb", "a\r\nb", false},
        {"a\n\nb", "a\nb", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *a = cases[i].a, *b = cases[i].b;

        assert_int_equal(plan_same_text(a, strlen(a), b, strlen(b)), cases[i].same);
        assert_int_equal(plan_same_text(b, strlen(b), a, strlen(a)), cases[i].same);
    }
}

/* A down section as it was kept, and as a file has it now. */
static void test_same_down(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"", "-- migrate:down\n", true},
        {"DROP TABLE a;", "-- migrate:down\n\n\tDROP TABLE a;\n\n", true},
        {"-- migrate:down\r\nDROP TABLE a;\r\n", "-- migrate:down\nDROP TABLE a;", true},
        {"-- migrate:down irreversible\n", "-- migrate:down\n", false},
        {"-- migrate:down irreversible\nx", "-- migrate:down irreversible \n\nx\n", true},
        {"DROP TABLE a;", "-- migrate:down\nDROP  TABLE a;", false},
        {"-- migrate:downwards\na", "a", false},
        {"a\n\nb", "a\nb", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *a = cases[i].a, *b = cases[i].b;

        assert_int_equal(plan_same_down(a, strlen(a), b, strlen(b)), cases[i].same);
        assert_int_equal(plan_same_down(b, strlen(b), a, strlen(a)), cases[i].same);
    }
}

static void test_difference(void **state)
{
    static const struct {
        const char *was, *is, *shown;
    } cases[] = {
        {"a\nb\nc\n", "a\nB\nc\n", "-b\n+B\n"},
        {"a\n", "a\nb\n", "+b\n"},
        {"a\nb", "a\n", "-b\n"},
        {"", "x", "+x\n"},
        {"a\na\n", "a\n", "-a\n"},
        {"xb\n", "yb\n", "-xb\n+yb\n"},
        {"a\r\n", "b\r\n", "-a\n+b\n"},
        {"one\ntwo\n", "two\n", "-one\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b = BUF_INIT(4096);

        plan_difference(cases[i].was, strlen(cases[i].was), cases[i].is, strlen(cases[i].is), &b);
        assert_string_equal(buf_str(&b), cases[i].shown);
        buf_free(&b);
    }
}

static void test_numbers(void **state)
{
    static const char now[] = "20261121093000";
    static const struct {
        const char *seen, *next[2];
    } cases[] = {
        {"0007", {"0008", "0009"}},
        {"7", {"8", "9"}},
        {"099", {"100", "101"}},
        {"99", {"100", "101"}},
        {"20260101000000", {now, "20261121093001"}},
        {"20991231235959", {"20991231235960", "20991231235961"}},
        {"12345678901234", {"12345678901235", "12345678901236"}},
    };
    struct numbering full;
    char version[VERSION_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct numbering n;

        numbering_init(&n);
        numbering_seen(&n, "3");
        numbering_seen(&n, cases[i].seen);
        numbering_seen(&n, "0004");
        for (size_t j = 0; j < 2; j++) {
            assert_true(numbering_next(&n, now, version));
            assert_string_equal(version, cases[i].next[j]);
        }
    }
    numbering_init(&full);
    numbering_seen(&full, "9999999999999999999999999999999999999999");
    assert_false(numbering_next(&full, now, version));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_same_down),
        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
