/* SPDX-License-Identifier: MIT */
/*
 * Every beginning of every tricky text, with the flags of every engine: whoever saves or copies
 * half a file gets its statements or an error with a place, and the same however it is read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "lex-run.h"
#include "torture.h"

static uint32_t lines_of(const char *text, size_t len)
{
    uint32_t lines = 1;

    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n' || text[i] == '\r';
    return lines;
}

/* lex_run() itself checks that the pieces put together are the text. */
static void check_prefix(struct lex_run run, const char *text, size_t len)
{
    struct lex_result whole, parts;

    assert_true(lex_run(&run, text, len, &whole));
    if (whole.status != DUNLIN_OK) {
        assert_int_equal(whole.status, DUNLIN_BAD_FILE);
        assert_true(whole.error.message[0] != '\0');
        assert_in_range(whole.error.line, 1, lines_of(text, len));
        assert_in_range(whole.error.column, 1, len + 1);
    }
    run.first = len / 2;
    run.step = 1;
    assert_true(lex_run(&run, text, len, &parts));
    assert_string_equal(buf_str(&parts.transcript), buf_str(&whole.transcript));
    lex_result_free(&parts);
    lex_result_free(&whole);
}

static void check_prefixes(uint64_t flags)
{
    for (size_t i = 0; i < TORTURES; i++) {
        const struct lex_run run = {.flags = (flags | tortures[i].set) & ~tortures[i].clear,
                                    .modes = lex_modes};

        for (size_t len = 0; len <= tortures[i].len; len++) {
            /* of its own size, so that a sanitizer sees a byte too far */
            char *text = malloc(len + 1);

            assert_non_null(text);
            memcpy(text, tortures[i].text, len);
            check_prefix(run, text, len);
            free(text);
        }
    }
}

static void test_postgres(void **state)
{
    (void)state;
    check_prefixes(LEX_POSTGRES_FLAGS);
}

static void test_mysql(void **state)
{
    (void)state;
    check_prefixes(LEX_MYSQL_FLAGS);
}

static void test_sqlite(void **state)
{
    (void)state;
    check_prefixes(LEX_SQLITE_FLAGS);
}

static void test_oracle(void **state)
{
    (void)state;
    check_prefixes((LEX_MYSQL_FLAGS | DUNLIN_LEX_ORACLE) & ~DUNLIN_LEX_DOUBLE_STRING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_postgres),
        cmocka_unit_test(test_mysql),
        cmocka_unit_test(test_sqlite),
        cmocka_unit_test(test_oracle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
