/* SPDX-License-Identifier: MIT */
/* The pattern language of a dialect's rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "lex-dialects.h"
#include "script/classify.h"

static enum dunlin_effect effect_of(const struct dunlin_rule *rules, enum lex_engine engine,
                                    const char *text)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    enum dunlin_effect effect;
    struct memory_stream stream;
    struct lexer *lx;
    struct piece p;

    memory_stream_init(&stream, text, strlen(text));
    assert_int_equal(lexer_new(&stream.stream, lex_flags[engine], NULL, NULL, 1 << 20, &lx, &err),
                     0);
    assert_int_equal(lexer_next(lx, &p, &err), 0);
    assert_int_equal(p.kind, PIECE_STATEMENT);
    effect = classify(rules, &p);
    lexer_free(lx);
    return effect;
}

static void test_patterns(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"VACUUM", "vacuum full t", true},
        {"VACUUM", "vacuumx", false},
        {"VACUUM", "\"vacuum\"", false}, /* a quoted name is no keyword */
        {"VACUUM", "'vacuum'", false},
        {"VACUUM", "-- c\n/* analyze */ VaCuUm", true},
        {"VACUUM $", "vacuum", true},
        {"VACUUM $", "vacuum t", false},
        {"CREATE UNIQUE? INDEX CONCURRENTLY", "create index concurrently on t (a)", true},
        {"CREATE UNIQUE? INDEX CONCURRENTLY", "create unique index concurrently", true},
        {"CREATE UNIQUE? INDEX CONCURRENTLY", "create unique index x", false},
        {"CREATE UNIQUE? INDEX CONCURRENTLY", "create unique", false},
        {"A? B? C? $", "b", true},
        {"A? B? C? $", "a c", true},
        {"A? B? C? $", "c a", false},
        {"A? A A $", "a a", true},
        {"A? A A $", "a a a", true},
        {"A? A A $", "a a a a", false},
        {"BEGIN|START TRANSACTION? $", "begin", true},
        {"BEGIN|START TRANSACTION? $", "start transaction", true},
        {"BEGIN|START TRANSACTION? $", "begin work", false},
        {"BEGIN|START WORK|TRANSACTION? $", "begin work", true},
        {"BEGIN|START WORK|TRANSACTION? $", "begin work work", false},
        {"ALTER TYPE * ADD VALUE", "alter type s.\"t\" add value 'x'", true},
        {"ALTER TYPE * ADD VALUE", "alter type add value", true},
        {"ALTER TYPE * ADD VALUE", "alter type a add b add c add value x", true},
        {"ALTER TYPE * ADD VALUE", "alter type a add b", false},
        {"ALTER TYPE _ ADD", "alter type 'a' add", true},
        {"ALTER TYPE _ ADD", "alter type a.b add", false},
        {"ALTER TYPE _ ADD", "alter type add", false},
        {"A * $", "a", true},
        {"A * $", "a b c", true},
        {"* C $", "a b c", true},
        {"* C $", "c", true},
        {"* C $", "c d", false},
        {"A _ $", "a", false},
        {"A ( B , C ) = 1 $", "a(b,c)=1", true},
        {"A ( B , C ) = 1 $", "a(b c)=1", false},
        {"SET AUTOCOMMIT = 0|OFF", "set autocommit=OFF", true},
        {"SET AUTOCOMMIT = 0|OFF", "set autocommit = 0", true},
        {"SET AUTOCOMMIT = 0|OFF", "set autocommit = 1", false},
        {"SET AUTOCOMMIT = 0|OFF", "set autocommit = '0'", false},
        {"SET @ @ * AUTOCOMMIT", "set @@session.autocommit = 1", true},
        {"AB|ABC X", "abc x", true},
        {"AB|ABC X", "abcd x", false},
        {"AB|ABC X", "a x", false},
        {"", "a", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct dunlin_rule rules[] = {{cases[i].pattern, DUNLIN_EFFECT_NO_TX, 0},
                                            {NULL, 0, 0}};
        bool matches = effect_of(rules, LEX_POSTGRES, cases[i].text) == DUNLIN_EFFECT_NO_TX;

        if (matches != cases[i].matches)
            print_message("%s: %s\n", cases[i].pattern, cases[i].text);
        assert_int_equal(matches, cases[i].matches);
    }
}

static void test_first_rule(void **state)
{
    static const struct dunlin_rule rules[] = {{"ROLLBACK TO", DUNLIN_EFFECT_SAVEPOINT, 0},
                                               {"ROLLBACK PREPARED", DUNLIN_EFFECT_TX_CONTROL, 0},
                                               {"ROLLBACK", DUNLIN_EFFECT_ROLLBACK, 0},
                                               {"* NOTHING $", DUNLIN_EFFECT_NONE, 0},
                                               {"CREATE TRIGGER", DUNLIN_EFFECT_COMMITS, 0},
                                               {NULL, 0, 0}};

    (void)state;
    assert_int_equal(effect_of(rules, LEX_POSTGRES, "rollback to a"), DUNLIN_EFFECT_SAVEPOINT);
    assert_int_equal(effect_of(rules, LEX_POSTGRES, "rollback prepared 'a'"),
                     DUNLIN_EFFECT_TX_CONTROL);
    assert_int_equal(effect_of(rules, LEX_POSTGRES, "rollback work"), DUNLIN_EFFECT_ROLLBACK);
    assert_int_equal(effect_of(rules, LEX_POSTGRES, "select 1"), DUNLIN_EFFECT_NONE);
    assert_int_equal(effect_of(rules, LEX_POSTGRES, "create trigger nothing"), DUNLIN_EFFECT_NONE);
    assert_int_equal(effect_of(rules, LEX_MYSQL, "/*!50003 CREATE*/ /*!50003 TRIGGER t */"),
                     DUNLIN_EFFECT_COMMITS);
    assert_int_equal(effect_of(NULL, LEX_POSTGRES, "select 1"), DUNLIN_EFFECT_NONE);
}

/* Only the first tokens are kept: "$" cannot match behind them; stars cost no more than the rest.
 */
static void test_long_statement(void **state)
{
    static const struct dunlin_rule stars[] = {
        {"* A * A * A * A * A * A * A * A * A * A * A * A * A * A * A * A * B", 1, 0},
        {"A * $", 2, 0},
        {"* A _ _ _", 3, 0},
        {NULL, 0, 0}};
    struct buf text = BUF_INIT(4096);

    (void)state;
    for (int i = 0; i < PIECE_TOKENS - 1; i++)
        buf_adds(&text, "a ");
    assert_int_equal(effect_of(stars, LEX_POSTGRES, text.data), 2);
    for (int i = 0; i < 100; i++)
        buf_adds(&text, "a ");
    buf_adds(&text, "b");
    assert_int_equal(effect_of(stars, LEX_POSTGRES, text.data), 3);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_first_rule),
        cmocka_unit_test(test_long_statement),
    };

    return cmocka_run_group_tests_name("classify", tests, NULL, NULL);
}
