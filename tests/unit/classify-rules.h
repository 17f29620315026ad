/* SPDX-License-Identifier: MIT */
/* The rules of a dialect over statements, for the tests of the drivers. */
#ifndef DUNLIN_TESTS_CLASSIFY_RULES_H
#define DUNLIN_TESTS_CLASSIFY_RULES_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <dunlin/driver.h>
#include "base/stream.h"
#include "script/classify.h"
#include "script/lexer.h"

struct rule_case {
    const char *sql; /* one statement */
    enum dunlin_effect effect;
};

static inline void check_rule(const struct dunlin_dialect *d, const struct rule_case *c)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct memory_stream stream;
    struct lexer *lx = NULL;
    struct piece piece;
    enum dunlin_effect effect;

    memory_stream_init(&stream, c->sql, strlen(c->sql));
    assert_int_equal(lexer_new(&stream.stream, d->lex, d->modes, NULL, 1u << 20, &lx, &err), 0);
    if (lexer_next(lx, &piece, &err) || piece.kind != PIECE_STATEMENT)
        fail_msg("%s: no statement: %s", c->sql, err.message);
    effect = classify(d->rules, &piece);
    if (effect != c->effect)
        fail_msg("%s: effect %d, not %d", c->sql, (int)effect, (int)c->effect);
    lexer_free(lx);
}

static inline void check_rules(const struct dunlin_dialect *d, const struct rule_case *cases,
                               size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_rule(d, &cases[i]);
}

#endif
