/* SPDX-License-Identifier: MIT */
/* UTF-8: what is valid, what is safe to show, and what unsafe text looks like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/utf8.h"

static const struct {
    const char *text;
    size_t len;
    uint32_t code; /* 0 = not valid */
} characters[] = {
    {"A", 1, 'A'},
    {"\x7f", 1, 0x7f},
    {"\xc2\x80", 2, 0x80},
    {"\xc3\xa9", 2, 0xe9},
    {"\xdf\xbf", 2, 0x7ff},
    {"\xe0\xa0\x80", 3, 0x800},
    {"\xe2\x82\xac", 3, 0x20ac},
    {"\xed\x9f\xbf", 3, 0xd7ff},
    {"\xee\x80\x80", 3, 0xe000},
    {"\xef\xbf\xbf", 3, 0xffff},
    {"\xf0\x90\x80\x80", 4, 0x10000},
    {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
    /* not valid */
    {"\x80", 1, 0},
    {"\xbf", 1, 0},
    {"\xc0\x80", 2, 0},         /* too long for NUL */
    {"\xc1\xbf", 2, 0},         /* .. for DEL */
    {"\xe0\x9f\xbf", 3, 0},     /* .. for U+07FF */
    {"\xf0\x8f\xbf\xbf", 4, 0}, /* .. for U+FFFF */
    {"\xed\xa0\x80", 3, 0},     /* a surrogate */
    {"\xf4\x90\x80\x80", 4, 0}, /* above U+10FFFF */
    {"\xf5\x80\x80\x80", 4, 0},
    {"\xff", 1, 0},
    {"\xc3", 1, 0}, /* cut off */
    {"\xe2\x82", 2, 0},
    {"\xf0\x90\x80", 3, 0},
    {"\xc3\x41", 2, 0},
    {"\xe2\x82\x41", 3, 0},
    {"", 0, 0},
};

static void test_decode(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
        uint32_t code = 0;
        size_t n = utf8_decode(characters[i].text, characters[i].len, &code);

        assert_int_equal(n, characters[i].code ? characters[i].len : 0);
        assert_int_equal(code, characters[i].code);
    }
}

static const struct {
    const char *text, *shown;
    size_t size; /* of the buffer */
} escapes[] = {
    {"", "", 64},
    {"plain 'text' \\ \"x\"", "plain 'text' \\ \"x\"", 64},
    {"caf\xc3\xa9 \xf0\x9f\x90\xa6", "caf\xc3\xa9 \xf0\x9f\x90\xa6", 64},
    {"\x1b[31m", "\\x1b[31m", 64},
    {"a\tb\nc\x7f", "a\\x09b\\x0ac\\x7f", 64},
    {"\xc2\x9b", "\\u{009b}", 64},
    {"\xff\xfe", "\\xff\\xfe", 64},
    {"\xe2\x80\xae", "\\u{202e}", 64},
    {"\xd8\x9c\xe2\x81\xa6", "\\u{061c}\\u{2066}", 64},
    {"abcdef", "abc", 4},
    {"ab\xc3\xa9", "ab", 4}, /* not half a character */
    {"a\x1b", "a", 5},       /* not half an escape */
    {"a\x1b", "a\\x1b", 6},
    {"abc", "", 1},
};

static void test_escape(void **state)
{
    char to[64];

    (void)state;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        const char *text = escapes[i].text;

        memset(to, '#', sizeof(to));
        assert_string_equal(text_escape(to, escapes[i].size, text, strlen(text)), escapes[i].shown);
        if (escapes[i].size == sizeof(to))
            assert_int_equal(text_is_safe(text, strlen(text)), strcmp(text, escapes[i].shown) == 0);
    }
    to[0] = '#';
    text_escape(to, 0, "abc", 3);
    assert_int_equal(to[0], '#');
}

static void test_invisible(void **state)
{
    static const uint32_t hidden[] = {0xad,   0x61c,  0x200b, 0x200f,  0x202a, 0x202e,
                                      0x2060, 0x2069, 0xfeff, 0xe0041, 0x3164};
    static const uint32_t shown[] = {0,      ' ',    'a',    0xa0,    0xac,    0xe9,    0x200a,
                                     0x2010, 0x202f, 0xfe0f, 0x1f426, 0xe0100, 0x10ffff};

    (void)state;
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        assert_true(utf8_is_invisible(hidden[i]));
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        assert_false(utf8_is_invisible(shown[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_invisible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
