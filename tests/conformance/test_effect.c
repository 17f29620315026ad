/* SPDX-License-Identifier: MIT */
/*
 * The rules against the server: what classify() says of a statement is what the statement does
 * there, in a transaction and outside one.
 */
#include "conformance.h"

#include <string.h>

#include "base/stream.h"
#include "script/classify.h"
#include "script/lexer.h"

#define MAX_PIECE (1u << 20)

static bool classified(struct suite *s, const struct effect_sample *e)
{
    struct memory_stream stream;
    struct lexer *lx = NULL;
    struct piece piece;
    enum dunlin_effect effect;

    memory_stream_init(&stream, e->sql, strlen(e->sql));
    EXPECT(s,
           lexer_new(&stream.stream, s->dialect->lex, s->dialect->modes, NULL, MAX_PIECE, &lx,
                     &s->err) == 0,
           "%s", s->err.message);
    if (lexer_next(lx, &piece, &s->err) || piece.kind != PIECE_STATEMENT) {
        lexer_free(lx);
        return suite_bad(s, __FILE__, __LINE__, "%s: no statement: %s", e->sql, s->err.message);
    }
    effect = classify(s->dialect->rules, &piece);
    lexer_free(lx);
    EXPECT(s, effect == e->effect, "%s: classified %d, not %u", e->sql, (int)effect, e->effect);
    return true;
}

static bool runs_in_tx(struct suite *s, const struct effect_sample *e, int kind, int state)
{
    EXPECT(s, run_sql(s, s->a, s->dialect->begin) == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, e->sql) == kind, "%s in a transaction: kind %d: %s", e->sql,
           s->err.kind, s->err.message);
    EXPECT(s, state < 0 || s->driver->tx_state(s->a) == state, "%s: tx_state %d", e->sql,
           s->driver->tx_state(s->a));
    return true;
}

static bool runs_outside(struct suite *s, const struct effect_sample *e, int state)
{
    EXPECT(s, run_sql(s, s->a, e->sql) == 0, "%s outside a transaction: %s", e->sql,
           s->err.message);
    EXPECT(s, s->driver->tx_state(s->a) == state, "%s: tx_state %d", e->sql,
           s->driver->tx_state(s->a));
    return true;
}

static bool set_up(struct suite *s, const struct effect_sample *e)
{
    for (const char *const *sql = s->samples->cleanup; *sql; sql++)
        (void)run_sql(s, s->a, *sql);
    return run_all(s, s->a, e->setup);
}

static bool behaves(struct suite *s, const struct effect_sample *e)
{
    bool good;

    switch ((enum dunlin_effect)e->effect) {
    case DUNLIN_EFFECT_NO_TX:
        good = runs_in_tx(s, e, DUNLIN_KIND_TRANSACTION, -1);
        break;
    case DUNLIN_EFFECT_COMMITS:
    case DUNLIN_EFFECT_COMMIT:
    case DUNLIN_EFFECT_ROLLBACK:
        good = runs_in_tx(s, e, 0, DUNLIN_TX_IDLE);
        break;
    case DUNLIN_EFFECT_NONE:
    case DUNLIN_EFFECT_SAVEPOINT:
    case DUNLIN_EFFECT_LEX_MODE:
    case DUNLIN_EFFECT_SESSION:
    case DUNLIN_EFFECT_FOREIGN_KEYS:
        good = runs_in_tx(s, e, 0, DUNLIN_TX_OPEN);
        break;
    case DUNLIN_EFFECT_BEGIN:
        good = runs_outside(s, e, DUNLIN_TX_OPEN);
        break;
    default:
        good = true;
    }
    roll_back(s, s->a);
    if (!good && e->how == EFFECT_NEW && s->err.kind == DUNLIN_KIND_SYNTAX)
        return true;
    if (good && (e->how == EFFECT_OUTSIDE || e->how == EFFECT_NEW))
        good = set_up(s, e) && runs_outside(s, e, DUNLIN_TX_IDLE);
    return good;
}

/* A session of its own for each: some of these statements change it. */
static bool one_effect(struct suite *s, const struct effect_sample *e)
{
    if (e->how == EFFECT_TEXT)
        return true;
    s->driver->close(s->a);
    s->a = NULL;
    EXPECT(s, suite_open(s, NULL, &s->a) == 0, "%s", s->err.message);
    return set_up(s, e) && behaves(s, e);
}

static bool test_classify(struct suite *s)
{
    for (const struct effect_sample *e = s->samples->effects; e->sql; e++) {
        if (!classified(s, e))
            return false;
    }
    return true;
}

static bool test_effects(struct suite *s)
{
    for (const struct effect_sample *e = s->samples->effects; e->sql; e++) {
        if (!one_effect(s, e))
            return false;
    }
    return true;
}

const struct suite_test effect_tests[] = {
    {"classify", test_classify},
    {"effects", test_effects},
    {NULL, NULL},
};
