/* SPDX-License-Identifier: MIT */
/*
 * Random texts of SQL for comparing the lexer with the real parsers. A grammar is three lists of
 * fragments, in which ~ stands for some blank or comment, ^ for perhaps some, @ for an expression
 * (@@ for that sign) and % for a statement of a stored program. The same seed gives the same texts
 * everywhere.
 */
#ifndef TESTS_LEXER_GEN_H
#define TESTS_LEXER_GEN_H

#include "base/buf.h"
#include "script/lexer.h"

struct grammar {
    /* each ends with NULL */
    const char *const *statements, *const *expressions, *const *blanks, *const *bodies;
};

struct generator {
    const struct grammar *grammar;
    uint64_t random;
    struct buf *out;
};

static uint32_t gen_random(struct generator *g, uint32_t below)
{
    g->random ^= g->random << 13;
    g->random ^= g->random >> 7;
    g->random ^= g->random << 17;
    return (uint32_t)((g->random >> 11) % below);
}

static const char *gen_pick(struct generator *g, const char *const *list)
{
    uint32_t n = 0;

    while (list[n])
        n++;
    return list[gen_random(g, n)];
}

static void gen_expand(struct generator *g, const char *text, int depth);

static void gen_nested(struct generator *g, const char *const *list, int depth)
{
    gen_expand(g, depth > 0 ? gen_pick(g, list) : list[0], depth - 1);
}

/* depth keeps it finite: at 0 the first fragment of a list is taken, which nests nothing. */
static void gen_expand(struct generator *g, const char *text, int depth)
{
    for (; *text; text++) {
        switch (*text) {
        case '~':
            buf_adds(g->out, gen_random(g, 3) ? " " : gen_pick(g, g->grammar->blanks));
            break;
        case '^':
            if (gen_random(g, 4) == 0)
                buf_adds(g->out, gen_pick(g, g->grammar->blanks));
            break;
        case '@':
            if (text[1] == '@')
                buf_addc(g->out, *++text);
            else
                gen_nested(g, g->grammar->expressions, depth);
            break;
        case '%':
            gen_nested(g, g->grammar->bodies, depth);
            break;
        default:
            buf_addc(g->out, *text);
            break;
        }
    }
}

/* One to five statements. */
static void gen_text(struct generator *g)
{
    uint32_t n = 1 + gen_random(g, 5);

    buf_clear(g->out);
    for (uint32_t i = 0; i < n; i++) {
        gen_expand(g, "^", 0);
        gen_expand(g, gen_pick(g, g->grammar->statements), 4);
        if (i + 1 < n || gen_random(g, 2))
            gen_expand(g, "^;", 0);
    }
    gen_expand(g, "^", 0);
}

/* Breaks the text in one to three places. */
static void gen_mutate(struct generator *g)
{
    static const char bytes[] = "''\"\"$$;;--//**\\\n\r ()EeaN[]`#!0_@.:";

    for (uint32_t n = 1 + gen_random(g, 3); n > 0 && g->out->len > 1; n--) {
        uint32_t at = gen_random(g, (uint32_t)g->out->len);

        if (gen_random(g, 3)) {
            g->out->data[at] = bytes[gen_random(g, sizeof(bytes) - 1)];
        } else {
            for (size_t i = at; i + 1 < g->out->len; i++)
                g->out->data[i] = g->out->data[i + 1];
            g->out->data[--g->out->len] = '\0';
        }
    }
}

/* ---- what the lexer makes of it ------------------------------------------------------------ */

#define GEN_STATEMENTS 128

struct lexed {
    struct {
        size_t at, len;
    } statements[GEN_STATEMENTS];
    unsigned n;
    int status;
    struct dunlin_error error;
};

static void lex_text(const char *text, size_t len, uint64_t flags,
                     const struct dunlin_lex_mode *modes, struct lexed *l)
{
    struct memory_stream stream;
    struct lexer *lx = NULL;
    struct piece p;

    l->n = 0;
    memory_stream_init(&stream, text, len);
    l->status = lexer_new(&stream.stream, flags, modes, NULL, 1 << 24, &lx, &l->error);
    while (l->status == DUNLIN_OK) {
        l->status = lexer_next(lx, &p, &l->error);
        if (l->status || p.kind == PIECE_END)
            break;
        if (p.kind != PIECE_STATEMENT || l->n == GEN_STATEMENTS)
            continue;
        l->statements[l->n].at = (size_t)p.offset;
        l->statements[l->n++].len = p.sql_len;
    }
    lexer_free(lx);
}

#endif
