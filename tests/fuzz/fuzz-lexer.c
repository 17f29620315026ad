/* SPDX-License-Identifier: MIT */
/*
 * Any text through the lexer, with the flags that its first byte picks: the pieces put together
 * are the text, tokens lie inside their statement, errors have a place inside the text, and the
 * same comes out when the text is read in small parts.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/lex-dialects.h"
#include "../unit/lex-run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t flags_of(uint8_t pick)
{
    static const uint64_t flags[] = {
        LEX_POSTGRES_FLAGS,
        LEX_MYSQL_FLAGS,
        LEX_SQLITE_FLAGS,
        LEX_MYSQL_FLAGS & ~DUNLIN_LEX_BACKSLASH,
        LEX_MYSQL_FLAGS & ~DUNLIN_LEX_DOUBLE_STRING,
        LEX_POSTGRES_FLAGS | DUNLIN_LEX_BACKSLASH,
        LEX_MYSQL_FLAGS | DUNLIN_LEX_ORACLE,
        LEX_POSTGRES_FLAGS | LEX_MYSQL_FLAGS | LEX_SQLITE_FLAGS,
    };

    return flags[pick % (sizeof(flags) / sizeof(flags[0]))];
}

static uint32_t lines_of(const char *text, size_t len)
{
    uint32_t lines = 1;

    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n' || text[i] == '\r';
    return lines;
}

static void check(const struct lex_run *how, const char *text, size_t len, struct lex_result *r)
{
    if (!lex_run(how, text, len, r))
        abort();
    if (r->status && (r->status != DUNLIN_BAD_FILE || r->error.line == 0 || r->error.column == 0 ||
                      r->error.line > lines_of(text, len) || r->error.message[0] == '\0'))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lex_run run = {.modes = lex_modes};
    struct lex_result whole, parts;
    char *text;

    if (size < 1)
        return 0;
    text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    run.flags = flags_of(data[0]);
    run.max_piece = data[0] & 0x80 ? 40 : 0;
    check(&run, text, size - 1, &whole);
    run.first = size / 2;
    run.step = (size_t)(data[0] >> 3) % 4 + 1;
    check(&run, text, size - 1, &parts);
    if (strcmp(buf_str(&whole.transcript), buf_str(&parts.transcript)) != 0)
        abort();
    lex_result_free(&whole);
    lex_result_free(&parts);
    free(text);
    return 0;
}
