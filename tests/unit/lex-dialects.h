/* SPDX-License-Identifier: MIT */
/* The flags that the lexer's tests run with, by engine: what the drivers' dialects say, too. */
#ifndef TESTS_LEX_DIALECTS_H
#define TESTS_LEX_DIALECTS_H

#include <dunlin/driver.h>

enum lex_engine { LEX_POSTGRES, LEX_MYSQL, LEX_SQLITE, LEX_ENGINES };

#define LEX_POSTGRES_FLAGS                                                                         \
    (DUNLIN_LEX_E_STRING | DUNLIN_LEX_DOLLAR_QUOTE | DUNLIN_LEX_NESTED_COMMENT |                   \
     DUNLIN_LEX_PAREN | DUNLIN_LEX_BEGIN_ATOMIC | DUNLIN_LEX_COPY | DUNLIN_LEX_META_BACKSLASH |    \
     DUNLIN_LEX_CR_COMMENT)
#define LEX_MYSQL_FLAGS                                                                            \
    (DUNLIN_LEX_BACKSLASH | DUNLIN_LEX_DOUBLE_STRING | DUNLIN_LEX_BACKTICK |                       \
     DUNLIN_LEX_EXEC_COMMENT | DUNLIN_LEX_HASH_COMMENT | DUNLIN_LEX_DASH_SPACE |                   \
     DUNLIN_LEX_COMPOUND | DUNLIN_LEX_DELIMITER)
#define LEX_SQLITE_FLAGS                                                                           \
    (DUNLIN_LEX_BACKTICK | DUNLIN_LEX_BRACKET | DUNLIN_LEX_OPEN_COMMENT | DUNLIN_LEX_TRIGGER |     \
     DUNLIN_LEX_META_DOT)

static const uint64_t lex_flags[LEX_ENGINES] = {
    [LEX_POSTGRES] = LEX_POSTGRES_FLAGS,
    [LEX_MYSQL] = LEX_MYSQL_FLAGS,
    [LEX_SQLITE] = LEX_SQLITE_FLAGS,
};

/* One list for all engines: no variable of one means anything to another. */
static const struct dunlin_lex_mode lex_modes[] = {
    {"standard_conforming_strings", "off", DUNLIN_LEX_BACKSLASH, 0},
    {"standard_conforming_strings", "false", DUNLIN_LEX_BACKSLASH, 0},
    {"standard_conforming_strings", "no", DUNLIN_LEX_BACKSLASH, 0},
    {"standard_conforming_strings", "0", DUNLIN_LEX_BACKSLASH, 0},
    {"sql_mode", "NO_BACKSLASH_ESCAPES", 0, DUNLIN_LEX_BACKSLASH},
    {"sql_mode", "ANSI_QUOTES", 0, DUNLIN_LEX_DOUBLE_STRING},
    {"sql_mode", "ANSI", 0, DUNLIN_LEX_DOUBLE_STRING},
    {"sql_mode", "ORACLE", DUNLIN_LEX_ORACLE, DUNLIN_LEX_DOUBLE_STRING},
    {NULL, NULL, 0, 0},
};

#endif
