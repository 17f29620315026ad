/* SPDX-License-Identifier: MIT */
/* Placeholders: where they are replaced, where they are left alone, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "lex-dialects.h"
#include "script/substitute.h"

static const char *const set[] = {
    "t=us\"er`s", "v=it's",  "n=42",      "word=CONCURRENTLY", "two=1; DROP TABLE x", "back=a\\b",
    "empty=",     "quote='", "dash=a--b", "list=a, b",         "umlaut=\xc3\xa4",     "money=$x",
    "lines=a\nb", "n=43",    "star=*/",   "close=a]",
};

static const struct dunlin_dialect dialects[LEX_ENGINES] = {
    [LEX_POSTGRES] = {.literal = DUNLIN_LITERAL_ESCAPE, .quote = "\"\""},
    [LEX_MYSQL] = {.literal = DUNLIN_LITERAL_HEX, .quote = "``"},
    [LEX_SQLITE] = {.literal = DUNLIN_LITERAL_STANDARD, .quote = "\"\""},
};

struct outcome {
    char text[512];
    uint32_t tokens;
    bool replaced;
    struct dunlin_error err;
};

/* Cuts the text's first statement out and replaces in it. */
static int run(enum lex_engine engine, const char *text, struct outcome *out)
{
    struct substitutes with = {set, sizeof(set) / sizeof(set[0]), &dialects[engine]};
    struct script_dialect dialect = {
        .lex = lex_flags[engine], .modes = lex_modes, .max_statement = 4096, .substitutes = &with};
    struct substitution s = {.lexer = NULL};
    struct memory_stream stream;
    struct lexer *lx;
    struct piece piece;
    int rc;

    memset(out, 0, sizeof(*out));
    out->err.size = sizeof(out->err);
    memory_stream_init(&stream, text, strlen(text));
    assert_int_equal(lexer_new(&stream.stream, dialect.lex, lex_modes, NULL, 4096, &lx, &out->err),
                     0);
    do {
        rc = lexer_next(lx, &piece, &out->err);
    } while (!rc && piece.kind == PIECE_BLANK);
    if (!rc)
        rc = substitute(&s, &dialect, dialect.lex, &piece, &out->err);
    if (!rc) {
        assert_int_equal(piece.kind, PIECE_STATEMENT);
        assert_true(piece.sql_len < sizeof(out->text));
        memcpy(out->text, piece.sql, piece.sql_len);
        out->tokens = piece.ntokens;
        out->replaced = piece.replaced;
    }
    substitution_free(&s);
    lexer_free(lx);
    return rc;
}

static const struct {
    enum lex_engine engine;
    const char *text, *want;
} replaced[] = {
    {LEX_POSTGRES, "SELECT ${n};", "SELECT 43"},
    {LEX_POSTGRES, "SELECT ${raw:n}", "SELECT 43"},
    {LEX_POSTGRES, "SELECT * FROM ${ident:t};", "SELECT * FROM \"us\"\"er`s\""},
    {LEX_MYSQL, "SELECT * FROM ${ident:t};", "SELECT * FROM `us\"er``s`"},
    {LEX_SQLITE, "SELECT * FROM ${ident:t};", "SELECT * FROM \"us\"\"er`s\""},
    {LEX_POSTGRES, "SELECT ${lit:v};", "SELECT 'it''s'"},
    {LEX_MYSQL, "SELECT ${lit:v};", "SELECT 'it''s'"},
    {LEX_SQLITE, "SELECT ${lit:v};", "SELECT 'it''s'"},
    {LEX_POSTGRES, "SELECT ${lit:back};", "SELECT E'a\\\\b'"},
    {LEX_MYSQL, "SELECT ${lit:back};", "SELECT _utf8mb4 X'615c62'"},
    {LEX_SQLITE, "SELECT ${lit:back};", "SELECT 'a\\b'"},
    {LEX_MYSQL, "SELECT ${lit:umlaut};", "SELECT _utf8mb4 X'c3a4'"},
    {LEX_POSTGRES, "SELECT ${lit:two}, ${lit:empty};", "SELECT '1; DROP TABLE x', ''"},
    {LEX_SQLITE, "SELECT ${lit:lines};", "SELECT 'a\nb'"},
    {LEX_POSTGRES, "CREATE INDEX ${word} i ON t (a);", "CREATE INDEX CONCURRENTLY i ON t (a)"},
    {LEX_POSTGRES, "SELECT 'n is ${n}', \"${n}\";", "SELECT 'n is 43', \"43\""},
    {LEX_POSTGRES, "SELECT a${empty}b;", "SELECT ab"},
    {LEX_POSTGRES, "SELECT (${list});", "SELECT (a, b)"},
    /* the characters themselves */
    {LEX_POSTGRES, "SELECT '$${n}';", "SELECT '${n}'"},
    {LEX_MYSQL, "SELECT '$${n}', ${n};", "SELECT '${n}', 43"},
    {LEX_POSTGRES, "DO $b$ '$${n}' ${n} $b$;", "DO $b$ '${n}' 43 $b$"},
    {LEX_POSTGRES, "DO $$ ${n} $$;", "DO $$ 43 $$"},
    /* comments are left alone */
    {LEX_POSTGRES, "SELECT /* ${nope} */ ${n} -- ${nope}\n, 1;",
     "SELECT /* ${nope} */ 43 -- ${nope}\n, 1"},
    {LEX_POSTGRES, "SELECT /* a /* ${nope} */ ${nope} */ ${n};",
     "SELECT /* a /* ${nope} */ ${nope} */ 43"},
    {LEX_MYSQL, "SELECT 1 # ${nope}\n, /*!50000 ${n} */;", "SELECT 1 # ${nope}\n, /*!50000 43 */"},
    {LEX_MYSQL, "SELECT 1 --${n};", "SELECT 1 --43"},
    /* escapes */
    {LEX_POSTGRES, "SELECT E'\\'${n}', ${lit:n};", "SELECT E'\\'43', '43'"},
    {LEX_POSTGRES, "SELECT 'a\\', ${lit:n};", "SELECT 'a\\', '43'"},
    {LEX_POSTGRES, "SELECT E'a'\n'\\'', ${lit:n};", "SELECT E'a'\n'\\'', '43'"},
    {LEX_MYSQL, "SELECT \"\\\"\", ${lit:n};", "SELECT \"\\\"\", '43'"},
    {LEX_SQLITE, "SELECT [${n}], `${n}`, ${lit:n};", "SELECT [43], `43`, '43'"},
    {LEX_POSTGRES, "SELECT ${close};", "SELECT a]"},
    {LEX_POSTGRES, "SELECT 1 -- ${nope}\r, ${n};", "SELECT 1 -- ${nope}\r, 43"},
    {LEX_SQLITE, "SELECT 1 -- ${nope}\r${nope}\n, ${n};", "SELECT 1 -- ${nope}\r${nope}\n, 43"},
    /* several statements inside one */
    {LEX_SQLITE, "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT ${n}; SELECT 2; END;",
     "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 43; SELECT 2; END"},
    {LEX_POSTGRES, "COPY t${empty} FROM STDIN;\n1\n\\.\n", "COPY t FROM STDIN"},
    /* nothing to do */
    {LEX_POSTGRES, "SELECT $1, $$ x $$, '{n}';", "SELECT $1, $$ x $$, '{n}'"},
    {LEX_MYSQL, "SELECT 1;", "SELECT 1"},
};

static void test_replaced(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(replaced) / sizeof(replaced[0]); i++) {
        struct outcome out;

        if (run(replaced[i].engine, replaced[i].text, &out) != DUNLIN_OK)
            fail_msg("%s: %s", replaced[i].text, out.err.message);
        assert_string_equal(out.text, replaced[i].want);
        assert_true(out.tokens > 0);
        assert_int_equal(out.replaced, strcmp(out.text, replaced[i].text) != 0 &&
                                           strstr(replaced[i].text, "${") != NULL);
    }
}

static const struct {
    enum lex_engine engine;
    const char *text;
    uint32_t line, column;
    const char *message;
} refused[] = {
    {LEX_POSTGRES, "SELECT\n  ${nope};", 2, 3, "the placeholder nope is not defined"},
    {LEX_POSTGRES, "SELECT '${nope}';", 1, 9, "is not defined"},
    {LEX_POSTGRES, "SELECT '\xc3\xa4', ${nope};", 1, 13, "is not defined"},
    {LEX_POSTGRES, "SELECT '${lit:n}';", 1, 9, "has a type and stands inside"},
    {LEX_POSTGRES, "SELECT \"${ident:n}\";", 1, 9, "has a type and stands inside"},
    {LEX_POSTGRES, "DO $$ ${lit:n} $$;", 1, 7, "has a type and stands inside"},
    {LEX_POSTGRES, "SELECT E'a'\n'\\'${lit:n}';", 2, 4, "has a type and stands inside"},
    {LEX_MYSQL, "SELECT `${ident:n}`;", 1, 9, "has a type and stands inside"},
    {LEX_SQLITE, "SELECT [${ident:n}];", 1, 9, "has a type and stands inside"},
    {LEX_POSTGRES, "SELECT ${two};", 1, 8, "has a value with quotes, ;"},
    {LEX_POSTGRES, "SELECT ${v};", 1, 8, "has a value with quotes, ;"},
    {LEX_POSTGRES, "SELECT '${quote}';", 1, 9, "has a value with quotes, ;"},
    {LEX_POSTGRES, "SELECT ${raw:back};", 1, 8, "has a value with quotes, ;"},
    {LEX_POSTGRES, "SELECT ${dash};", 1, 8, "has a value with quotes, ;"},
    {LEX_POSTGRES, "SELECT ${star};", 1, 8, "has a value with quotes, ;"},
    {LEX_SQLITE, "SELECT [${close}];", 1, 9, "has a value with quotes, ;"},
    {LEX_POSTGRES, "SELECT ${lines};", 1, 8, "has a value with quotes, ;"},
    {LEX_POSTGRES, "DO $$ ${money} $$;", 1, 7, "has a value with quotes, ;"},
    {LEX_POSTGRES, "SELECT ${ident:empty};", 1, 8, "is an empty name"},
    {LEX_POSTGRES, "SELECT '${a.b}';", 1, 9, "this is no placeholder"},
    {LEX_POSTGRES, "SELECT '${n';", 1, 9, "this is no placeholder"},
    {LEX_POSTGRES, "SELECT '${date:n}';", 1, 9, "this is no placeholder"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct outcome out;

        if (run(refused[i].engine, refused[i].text, &out) != DUNLIN_BAD_FILE)
            fail_msg("%s is not refused: %s", refused[i].text, out.text);
        if (!strstr(out.err.message, refused[i].message))
            fail_msg("%s: %s", refused[i].text, out.err.message);
        assert_int_equal(out.err.line, refused[i].line);
        assert_int_equal(out.err.column, refused[i].column);
        assert_true(out.err.hint[0]);
        /* The value may be a secret. */
        assert_null(strstr(out.err.message, "DROP"));
    }
}

/* Any mixture of what matters to zones, in every dialect: it ends, as one statement or refused. */
static void test_mixtures(void **state)
{
    static const char *const parts[] = {"'",  "\"", "`",  "[", "]",  "$$", "$t$",        "--",
                                        "\n", "/*", "*/", "#", "\\", "E'", "${lit:two}", "${n}"};
    const size_t n = sizeof(parts) / sizeof(parts[0]);
    uint32_t seed = 1;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        char text[256] = "SELECT ";
        struct outcome out;

        for (unsigned i = 0; i < 8; i++) {
            seed = seed * 1103515245u + 12345u;
            strncat(text, parts[(seed >> 16) % n], sizeof(text) - strlen(text) - 1);
        }
        for (int engine = 0; engine < LEX_ENGINES; engine++) {
            int rc = run((enum lex_engine)engine, text, &out);

            if (rc != DUNLIN_OK && rc != DUNLIN_BAD_FILE)
                fail_msg("%s: %d", text, rc);
        }
    }
}

static void test_check(void **state)
{
    static const char *const bad[] = {"", "=", "a", "1=2", "a b=c", "a=\xff"};
    struct dunlin_error err = DUNLIN_ERROR_INIT;

    (void)state;
    assert_int_equal(substitutes_check(set, sizeof(set) / sizeof(set[0]), &err), DUNLIN_OK);
    assert_int_equal(substitutes_check(NULL, 0, &err), DUNLIN_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(substitutes_check(&bad[i], 1, &err), DUNLIN_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_mixtures),
        cmocka_unit_test(test_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
