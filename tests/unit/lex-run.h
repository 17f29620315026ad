/* SPDX-License-Identifier: MIT */
/* Runs the lexer over a text and writes down what it said, for the tests to compare. */
#ifndef TESTS_LEX_RUN_H
#define TESTS_LEX_RUN_H

#include "base/buf.h"
#include "script/lexer.h"

/* A stream that gives the first read so many bytes, and every other one at most step. */
struct step_stream {
    struct stream stream;
    const char *data;
    size_t len, pos, first, step;
};

static int step_read(struct stream *s, char *to, size_t size, size_t *got, struct dunlin_error *err)
{
    struct step_stream *m = (struct step_stream *)s;
    size_t most = m->pos == 0 && m->first ? m->first : m->step;
    size_t n = m->len - m->pos;

    (void)err;
    n = n < most ? n : most;
    n = n < size ? n : size;
    for (size_t i = 0; i < n; i++)
        to[i] = m->data[m->pos + i];
    m->pos += n;
    *got = n;
    return DUNLIN_OK;
}

struct lex_run {
    uint64_t flags;
    const struct dunlin_lex_mode *modes;
    size_t first, step; /* of the reads; 0 = all at once */
    size_t max_piece;   /* 0 = 1 MiB */
};

struct lex_result {
    struct buf transcript; /* S1:1[select 1] D2:1[rows] C, M, E.. parted by spaces, no BLANK */
    struct buf raw;        /* the pieces put together again */
    unsigned statements;
    int status;
    struct dunlin_error error;
};

static void lex_write(struct buf *to, const struct piece *p)
{
    static const char letters[] = {[PIECE_STATEMENT] = 'S',
                                   [PIECE_COPY_DATA] = 'D',
                                   [PIECE_COMMAND] = 'C',
                                   [PIECE_MARK] = 'M'};

    if (p->kind == PIECE_BLANK)
        return;
    buf_addf(to, "%s%c%s%u:%u[", to->len ? " " : "", letters[p->kind],
             p->kind == PIECE_COPY_DATA && !p->copy_end ? "+" : "", p->line, p->column);
    buf_add(to, p->sql, p->sql_len);
    buf_addc(to, ']');
}

/* Returns false where a promise of the lexer is broken, whatever the text. */
static bool lex_promises(const struct piece *p, const struct lex_result *r, const char *text)
{
    size_t before;

    if (p->kind == PIECE_BLANK)
        return p->raw_len > 0 && p->ntokens == 0;
    if (p->sql < p->raw || p->sql + p->sql_len > p->raw + p->raw_len)
        return false;
    before = r->raw.len - p->raw_len + (size_t)(p->sql - p->raw);
    if (before != p->offset || text[before] != p->sql[0] || p->line == 0 || p->column == 0)
        return p->kind == PIECE_COPY_DATA && p->sql_len == 0;
    for (uint32_t i = 0; i < p->ntokens; i++) {
        const struct token *t = &p->tokens[i];

        if (t->len == 0 || (size_t)t->offset + t->len > p->sql_len ||
            (i && t->offset < p->tokens[i - 1].offset + p->tokens[i - 1].len))
            return false;
    }
    return p->kind != PIECE_STATEMENT || (p->sql_len > 0 && p->ntokens > 0);
}

/* False where a promise is broken; what the lexer said is in *r, which must be freed. */
static bool lex_run(const struct lex_run *how, const char *text, size_t len, struct lex_result *r)
{
    struct step_stream stream = {{step_read}, text, len, 0, how->first, how->step};
    struct lexer *lx = NULL;
    struct piece piece;
    bool good = true;

    *r = (struct lex_result){.transcript = BUF_INIT(64 + 8 * len), .raw = BUF_INIT(len + 2)};
    r->transcript.max += 4096;
    if (stream.step == 0)
        stream.step = len + 1;
    r->status = lexer_new(&stream.stream, how->flags, how->modes, NULL,
                          how->max_piece ? how->max_piece : 1 << 20, &lx, &r->error);
    while (good && r->status == DUNLIN_OK) {
        r->status = lexer_next(lx, &piece, &r->error);
        if (r->status || piece.kind == PIECE_END)
            break;
        buf_add(&r->raw, piece.raw, piece.raw_len);
        good = lex_promises(&piece, r, text);
        lex_write(&r->transcript, &piece);
        r->statements += piece.kind == PIECE_STATEMENT;
    }
    if (r->status)
        buf_addf(&r->transcript, "%sE%u:%u[%s]", r->transcript.len ? " " : "", r->error.line,
                 r->error.column, r->error.message);
    else
        good = good && r->raw.len == len && lexer_next(lx, &piece, &r->error) == DUNLIN_OK &&
               piece.kind == PIECE_END;
    for (size_t i = 0; good && i < r->raw.len; i++)
        good = r->raw.data[i] == text[i];
    lexer_free(lx);
    return good && !r->transcript.failed && !r->raw.failed;
}

static void lex_result_free(struct lex_result *r)
{
    buf_free(&r->transcript);
    buf_free(&r->raw);
}

#endif
