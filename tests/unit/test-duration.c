/* SPDX-License-Identifier: MIT */
/* Durations: what is read, what is refused, and that what is printed can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/duration.h"

static const struct {
    const char *text;
    uint64_t ms;
    const char *printed;
} goods[] = {
    {"0", 0, "0"},
    {"00", 0, "0"},
    {"0s", 0, "0"},
    {"500ms", 500, "500ms"},
    {"5s", 5000, "5s"},
    {"2m", 120000, "2m"},
    {"1h", 3600000, "1h"},
    {"90s", 90000, "90s"},
    {"60s", 60000, "1m"},
    {"1500ms", 1500, "1500ms"},
    {"007s", 7000, "7s"},
    {"596h", UINT64_C(2145600000), "596h"},
    {"2147483647ms", 2147483647, "2147483647ms"},
    {"00000000000000000000000000000000000000001s", 1000, "1s"},
};

static const char *const bads[] = {"",
                                   "5",
                                   "s",
                                   "ms",
                                   "-1s",
                                   "+1s",
                                   " 1s",
                                   "1s ",
                                   "1 s",
                                   "1.5s",
                                   "1m30s",
                                   "5S",
                                   "5sec",
                                   "5d",
                                   "0x5s",
                                   "2147483648ms",
                                   "597h",
                                   "2147484s",
                                   "18446744073709551616s",
                                   "99999999999999999999999999999999999999h"};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        uint64_t ms = 1;
        char text[DURATION_SIZE];

        if (!duration_parse(goods[i].text, strlen(goods[i].text), &ms))
            fail_msg("%s is refused", goods[i].text);
        assert_int_equal(ms, goods[i].ms);
        duration_print(ms, text);
        assert_string_equal(text, goods[i].printed);
        ms = 1;
        assert_true(duration_parse(text, strlen(text), &ms));
        assert_int_equal(ms, goods[i].ms);
    }
}

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        uint64_t ms = 77;

        if (duration_parse(bads[i], strlen(bads[i]), &ms))
            fail_msg("\"%s\" is accepted", bads[i]);
        assert_int_equal(ms, 77);
    }
}

/* Only len bytes count: options are not NUL-terminated. */
static void test_length(void **state)
{
    uint64_t ms = 0;

    (void)state;
    assert_true(duration_parse("5ms", 3, &ms));
    assert_int_equal(ms, 5);
    assert_true(duration_parse("5ms", 2, &ms));
    assert_int_equal(ms, 300000);
    assert_false(duration_parse("5ms", 1, &ms));
    assert_true(duration_parse("05ms", 1, &ms));
    assert_int_equal(ms, 0);
}

static void test_print_large(void **state)
{
    char text[DURATION_SIZE];

    (void)state;
    duration_print(UINT64_MAX, text);
    assert_string_equal(text, "18446744073709551615ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_print_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
