/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a migration file (the first byte chooses the engine): the scan ends with an error
 * that says something, or with sections that lie in the text and hold as many statements when each
 * is lexed again from where it begins, as a run does.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "script/script.h"
#include "../unit/lex-dialects.h"

#define STATEMENT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct dunlin_rule rules[] = {
    {"BEGIN|START TRANSACTION?", DUNLIN_EFFECT_BEGIN, 0},
    {"COMMIT|END", DUNLIN_EFFECT_COMMIT, 0},
    {"ROLLBACK", DUNLIN_EFFECT_ROLLBACK, 0},
    {"VACUUM", DUNLIN_EFFECT_NO_TX, 0},
    {"CREATE UNIQUE? INDEX CONCURRENTLY", DUNLIN_EFFECT_NO_TX, 0},
    {"LOCK TABLES", DUNLIN_EFFECT_LOCK_TABLES, 0},
    {"PREPARE TRANSACTION _ $", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"ALTER * COMMIT", DUNLIN_EFFECT_COMMITS, 0},
    {NULL, 0, 0},
};

static uint32_t count_statements(const char *text, const struct section *section,
                                 const struct script_dialect *dialect)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct memory_stream stream;
    struct lexer *lexer;
    struct piece piece;
    uint32_t count = 0;

    memory_stream_init(&stream, text + section->start.offset, (size_t)section->bytes);
    if (lexer_new(&stream.stream, dialect->lex, dialect->modes, &section->start,
                  dialect->max_statement, &lexer, &err))
        return section->statements;
    do {
        if (lexer_next(lexer, &piece, &err))
            abort();
        count += piece.kind == PIECE_STATEMENT;
    } while (piece.kind != PIECE_END);
    lexer_free(lexer);
    return count;
}

static void check_section(const char *text, size_t size, const struct section *section,
                          const struct script_dialect *dialect)
{
    if (!section->present)
        return;
    if (section->start.offset > size || section->bytes > size - section->start.offset)
        abort();
    if (count_statements(text, section, dialect) != section->statements)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct script_dialect dialect = {
        .modes = lex_modes, .rules = rules, .max_statement = STATEMENT_MAX};
    struct memory_stream stream;
    struct script script;
    const char *text = (const char *)data + 1;

    if (size == 0)
        return 0;
    dialect.lex = lex_flags[data[0] % LEX_ENGINES];
    memory_stream_init(&stream, text, size - 1);
    if (script_scan(&stream.stream, "fuzz.sql", SECTION_COUNT, &dialect, &arena, &script, &err)) {
        if (err.message[0] == 0)
            abort();
    } else {
        for (int i = 0; i < SECTION_COUNT; i++)
            check_section(text, size - 1, &script.sections[i], &dialect);
    }
    arena_free(&arena);
    return 0;
}
