/* SPDX-License-Identifier: MIT */
/*
 * Any text through the lexer once with the flags of each engine, and nothing besides: what can be
 * checked without writing anything down is checked, so that a hundred million runs take minutes.
 * fuzz-lexer looks closer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "script/lexer.h"
#include "../unit/lex-dialects.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint64_t all_flags[] = {
    LEX_POSTGRES_FLAGS,
    LEX_MYSQL_FLAGS,
    LEX_SQLITE_FLAGS,
    LEX_POSTGRES_FLAGS | DUNLIN_LEX_BACKSLASH,
    LEX_MYSQL_FLAGS & ~(DUNLIN_LEX_BACKSLASH | DUNLIN_LEX_DOUBLE_STRING),
    (LEX_MYSQL_FLAGS | DUNLIN_LEX_ORACLE) & ~DUNLIN_LEX_DOUBLE_STRING,
};

/* Whether the piece is the next one of the text, and its tokens lie in it one after the other. */
static int piece_fits(const struct piece *p, const char *next, const char *end)
{
    const char *behind = p->sql;

    if (p->raw_len > (size_t)(end - next) || memcmp(p->raw, next, p->raw_len) != 0)
        return 0;
    if (p->kind == PIECE_COPY_DATA && p->sql_len == 0)
        return p->copy_end; /* rows that end at once, also where nothing is left */
    if (p->raw_len == 0)
        return 0;
    if (p->kind == PIECE_BLANK)
        return p->ntokens == 0;
    for (uint32_t i = 0; i < p->ntokens; i++) {
        if (p->tokens[i].len == 0 || p->sql + p->tokens[i].offset < behind)
            return 0;
        behind = p->sql + p->tokens[i].offset + p->tokens[i].len;
    }
    return p->line > 0 && p->column > 0 && p->sql >= p->raw && behind <= p->sql + p->sql_len &&
           p->sql + p->sql_len <= p->raw + p->raw_len;
}

static void lex(uint64_t flags, const char *text, size_t len)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct memory_stream stream;
    struct lexer *lexer;
    struct piece piece;
    const char *next = text;
    int rc;

    memory_stream_init(&stream, text, len);
    if (lexer_new(&stream.stream, flags, lex_modes, NULL, 1u << 20, &lexer, &err))
        return;
    while ((rc = lexer_next(lexer, &piece, &err)) == DUNLIN_OK && piece.kind != PIECE_END) {
        if (!piece_fits(&piece, next, text + len))
            abort();
        next += piece.raw_len;
    }
    if (rc == DUNLIN_OK ? next != text + len
                        : rc != DUNLIN_BAD_FILE || err.line == 0 || err.column == 0)
        abort();
    lexer_free(lexer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof(all_flags) / sizeof(all_flags[0]); i++)
        lex(all_flags[i], (const char *)data, size);
    return 0;
}
