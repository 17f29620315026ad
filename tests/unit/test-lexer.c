/* SPDX-License-Identifier: MIT */
/*
 * The statement lexer: the hundred tricky texts, read whole, byte by byte and in every split;
 * places, marks, client commands, COPY data, settings, stored programs; and its memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "lex-run.h"
#include "torture.h"

static struct lex_run run_of(const struct torture *t)
{
    return (struct lex_run){.flags = (lex_flags[t->engine] | t->set) & ~t->clear,
                            .modes = lex_modes};
}

static void check_torture(const struct torture *t, const struct lex_result *r)
{
    if (r->statements != t->statements)
        print_message("number %u: %s\n", t->number, buf_str(&r->transcript));
    assert_int_equal(r->statements, t->statements);
    if (!t->error) {
        assert_int_equal(r->status, DUNLIN_OK);
        return;
    }
    assert_int_equal(r->status, DUNLIN_BAD_FILE);
    assert_int_equal(r->error.kind, DUNLIN_KIND_FILE);
    assert_string_equal(r->error.message, t->error);
    assert_int_equal(r->error.line, t->line);
    assert_int_equal(r->error.column, t->column);
}

static void test_torture(void **state)
{
    (void)state;
    for (size_t i = 0; i < TORTURES; i++) {
        struct lex_run run = run_of(&tortures[i]);
        struct lex_result r;

        assert_true(lex_run(&run, tortures[i].text, tortures[i].len, &r));
        check_torture(&tortures[i], &r);
        lex_result_free(&r);
    }
}

/* However the stream cuts the text, the lexer says the same. */
static void check_splits(struct lex_run run, const char *text, size_t len)
{
    struct lex_result whole, cut;

    assert_true(lex_run(&run, text, len, &whole));
    for (size_t first = 0; first < len; first++) {
        run.first = first;
        run.step = first ? len : 1; /* byte by byte, then in two */
        assert_true(lex_run(&run, text, len, &cut));
        assert_string_equal(buf_str(&cut.transcript), buf_str(&whole.transcript));
        lex_result_free(&cut);
    }
    lex_result_free(&whole);
}

static void test_torture_splits(void **state)
{
    (void)state;
    for (size_t i = 0; i < TORTURES; i++)
        check_splits(run_of(&tortures[i]), tortures[i].text, tortures[i].len);
}

static void test_torture_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < TORTURES; i++) {
        struct lex_run run = run_of(&tortures[i]);
        struct lex_result r;

        for (size_t len = 0; len < tortures[i].len; len++) {
            assert_true(lex_run(&run, tortures[i].text, len, &r));
            lex_result_free(&r);
        }
    }
}

/* What the lexer hands out must read the same by itself. */
static void test_torture_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < TORTURES; i++) {
        struct lex_run run = run_of(&tortures[i]);
        struct memory_stream stream;
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct lexer *lx;
        struct piece piece;

        if (tortures[i].number == 76) /* a unit of several statements */
            continue;
        memory_stream_init(&stream, tortures[i].text, tortures[i].len);
        assert_int_equal(lexer_new(&stream.stream, run.flags, lex_modes, NULL, 4096, &lx, &err), 0);
        while (lexer_next(lx, &piece, &err) == DUNLIN_OK && piece.kind != PIECE_END) {
            struct lex_result r;

            if (piece.kind != PIECE_STATEMENT)
                continue;
            run.flags = lexer_flags(lx);
            assert_true(lex_run(&run, piece.sql, piece.sql_len, &r));
            assert_int_equal(r.statements, 1);
            assert_int_equal(r.raw.len, piece.sql_len);
            lex_result_free(&r);
        }
        lexer_free(lx);
    }
}

struct lex_case {
    enum lex_engine engine;
    const char *text, *expected;
};

static void check_cases(const struct lex_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct lex_run run = {.flags = lex_flags[cases[i].engine], .modes = lex_modes};
        struct lex_result r;

        assert_true(lex_run(&run, cases[i].text, strlen(cases[i].text), &r));
        assert_string_equal(buf_str(&r.transcript), cases[i].expected);
        lex_result_free(&r);
        check_splits(run, cases[i].text, strlen(cases[i].text));
    }
}

#define CHECK(cases) check_cases(cases, sizeof(cases) / sizeof((cases)[0]))

static void test_places(void **state)
{
    static const struct lex_case cases[] = {
        {LEX_POSTGRES, "", ""},
        {LEX_POSTGRES, " \n\t", ""},
        {LEX_POSTGRES, "a", "S1:1[a]"},
        {LEX_POSTGRES, "\n  a;b ; c", "S2:3[a] S2:5[b] S2:9[c]"},
        {LEX_POSTGRES, "a;\r\nb;\rc;\n\rd", "S1:1[a] S2:1[b] S3:1[c] S5:1[d]"},
        {LEX_POSTGRES, "a;\r", "S1:1[a]"},
        {LEX_POSTGRES, "'\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa6';b",
         "S1:1['\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa6'] S1:7[b]"},
        /* not UTF-8: each byte counts */
        {LEX_POSTGRES, "'\xff\x80';b", "S1:1['\xff\x80'] S1:6[b]"},
        {LEX_POSTGRES, "'\xe2\x82';b", "S1:1['\xe2\x82'] S1:6[b]"},
        {LEX_POSTGRES,
         "\xef\xbb\xbf"
         "a;b",
         "S1:1[a] S1:3[b]"},
        {LEX_POSTGRES, "\xef\xbb\xbf-- migrate:up\na", "M1:1[-- migrate:up] S2:1[a]"},
        {LEX_POSTGRES, "/* \xc3\xa9\n */ a; -- c\n/* x */ b", "S2:5[a] S3:9[b]"},
        {LEX_POSTGRES, "a -- c\n; b /* c */ ; c", "S1:1[a] S2:3[b] S2:15[c]"},
        {LEX_POSTGRES, "a /* x */ + /* y */ b /* z */", "S1:1[a /* x */ + /* y */ b]"},
        {LEX_POSTGRES, ";;\n;", ""},
        {LEX_POSTGRES, "/* c */;a", "S1:9[a]"},
    };

    (void)state;
    CHECK(cases);
}

static void test_errors(void **state)
{
    static const struct lex_case cases[] = {
        {LEX_POSTGRES, "a;\n 'b", "S1:1[a] E2:2[unterminated string]"},
        {LEX_POSTGRES, "a 'b''", "E1:3[unterminated string]"},
        {LEX_POSTGRES, "a E'b\\'", "E1:4[unterminated string]"},
        {LEX_POSTGRES, "a E'b\\", "E1:4[unterminated string]"},
        {LEX_POSTGRES, "a \"b;", "E1:3[unterminated quoted identifier]"},
        {LEX_POSTGRES, "a;\n\n/* b /* c */", "S1:1[a] E3:1[unterminated comment]"},
        {LEX_POSTGRES, "a\n /* b", "E2:2[unterminated comment]"},
        {LEX_POSTGRES, "a $x$ $y$ $x", "E1:3[unterminated dollar quote $x$]"},
        {LEX_POSTGRES, "a (b\n (c) ;", "E1:3[unterminated parenthesis]"},
        {LEX_POSTGRES, "create function f() begin atomic a; b", "E1:27[unterminated BEGIN ATOMIC]"},
        {LEX_POSTGRES, "\\d", "E1:1[client command \\d is not SQL]"},
        {LEX_POSTGRES, "\\restrictx y", "E1:1[client command \\restrictx is not SQL]"},
        {LEX_POSTGRES, "a; \\restrict y", "S1:1[a] E1:4[client command \\restrict is not SQL]"},
        {LEX_POSTGRES, "a \\;", "E1:3[client command \\ is not SQL]"},
        {LEX_POSTGRES, "copy t from stdin; x\n",
         "E1:20[text behind COPY .. FROM STDIN on the same line]"},
        {LEX_MYSQL, "a `b``", "E1:3[unterminated quoted identifier]"},
        {LEX_MYSQL, "a \"b\\\"", "E1:3[unterminated string]"},
        {LEX_MYSQL, "a /*! b", "E1:3[unterminated comment]"},
        {LEX_MYSQL, "/*!40000 b", "E1:1[unterminated comment]"},
        {LEX_MYSQL, "create procedure p()\nbegin\n if a then b; end if;",
         "E2:1[unterminated BEGIN]"},
        {LEX_MYSQL, "create procedure p()\nbegin\n if a then b; end;", "E2:1[unterminated BEGIN]"},
        {LEX_MYSQL, "create procedure p() begin if a then b;", "E1:28[unterminated IF]"},
        {LEX_MYSQL, "delimiter", "E1:1[DELIMITER without a delimiter]"},
        {LEX_MYSQL, "delimiter a\\b\n", "E1:1[DELIMITER cannot be a\\b]"},
        {LEX_MYSQL, "a (b; c", "S1:1[a (b] S1:7[c]"},
        {LEX_SQLITE, "a [b", "E1:3[unterminated quoted identifier]"},
        {LEX_SQLITE, "create trigger t begin a; b; c", "E1:8[unterminated trigger body]"},
        {LEX_SQLITE, "create trigger t begin a; end b;", "E1:8[unterminated trigger body]"},
        {LEX_SQLITE, "a;\n .read x", "S1:1[a] E2:2[client command .read is not SQL]"},
        {LEX_SQLITE, "a\n.b", "S1:1[a\n.b]"},
        {LEX_SQLITE, "a\n / b", "S1:1[a\n / b]"},
        {LEX_SQLITE, "a\n/\nb;/ c", "S1:1[a\n/\nb] S3:3[/ c]"},
        {LEX_SQLITE, "a\n/ \n", "E2:1[client command / is not SQL]"},
        {LEX_SQLITE, "/\na", "E1:1[client command / is not SQL]"},
    };

    (void)state;
    CHECK(cases);
}

#define RLO "\xe2\x80\xae"  /* U+202E, right-to-left override */
#define ZWSP "\xe2\x80\x8b" /* U+200B, zero-width space */
#define BOM "\xef\xbb\xbf"

/* Outside quotes and comments: what is not UTF-8, and what shows nothing. */
static void test_characters(void **state)
{
    static const struct lex_case cases[] = {
        {LEX_POSTGRES, "caf\xc3\xa9 \xe8\xa1\xa8 1\xe2\x82\xac$\xc3\xa9 \xf0\x9f\x90\xa6;b",
         "S1:1[caf\xc3\xa9 \xe8\xa1\xa8 1\xe2\x82\xac$\xc3\xa9 \xf0\x9f\x90\xa6] S1:15[b]"},
        {LEX_SQLITE, "a;\n\xc3\xa9 \xff\x80;b", "S1:1[a] E2:3[the byte 0xff is not valid UTF-8]"},
        {LEX_POSTGRES, "gr\xf6\xdf", "E1:3[the byte 0xf6 is not valid UTF-8]"},
        {LEX_MYSQL, "a \xe2\x82", "E1:3[the byte 0xe2 is not valid UTF-8]"},
        {LEX_MYSQL, "a\xc3\xa9\xa9", "E1:3[the byte 0xa9 is not valid UTF-8]"},
        {LEX_POSTGRES, "a" RLO, "E1:2[the invisible character U+202E outside quotes]"},
        {LEX_MYSQL, "a;\r\n b " RLO " c",
         "S1:1[a] E2:4[the invisible character U+202E outside quotes]"},
        {LEX_SQLITE, "1" ZWSP, "E1:2[the invisible character U+200B outside quotes]"},
        {LEX_SQLITE, "a;" BOM "begin;",
         "S1:1[a] E1:3[the invisible character U+FEFF outside quotes]"},
        {LEX_SQLITE, BOM BOM "a", "E1:1[the invisible character U+FEFF outside quotes]"},
        {LEX_POSTGRES, "a $b" ZWSP "$ c", "E1:5[the invisible character U+200B outside quotes]"},
        {LEX_POSTGRES, "a a$1" ZWSP, "E1:6[the invisible character U+200B outside quotes]"},
        {LEX_MYSQL, "delimiter a" ZWSP "\n",
         "E1:12[the invisible character U+200B outside quotes]"},
        {LEX_MYSQL, "/*!50000 a" ZWSP "*/", "E1:11[the invisible character U+200B outside quotes]"},
        {LEX_MYSQL, "delimiter \xc3\xa9\na;b\xc3\xa9 c\xc3\xa8\xc3\xa9",
         "C1:1[delimiter \xc3\xa9] S2:1[a;b] S2:6[c\xc3\xa8]"},
        {LEX_POSTGRES,
         "'" RLO "\xff' \"" RLO "\xff\" $$" RLO "\xff$$ -- " RLO "\xff\n/*" RLO "\xff*/;",
         "S1:1['" RLO "\xff' \"" RLO "\xff\" $$" RLO "\xff$$]"},
        {LEX_POSTGRES, "copy t from stdin;\n" RLO "\xff\n\\.\n",
         "S1:1[copy t from stdin] D2:1[" RLO "\xff\n]"},
        {LEX_MYSQL, "`" RLO "\xff` \"" RLO "\xff\"# " RLO "\xff",
         "S1:1[`" RLO "\xff` \"" RLO "\xff\"]"},
        {LEX_SQLITE, "[" RLO "\xff]", "S1:1[[" RLO "\xff]]"},
    };

    (void)state;
    CHECK(cases);
}

/* The same behind the tokens that are kept of a statement, where the lexer takes a shorter way. */
static void test_characters_far(void **state)
{
    char text[1024];
    struct lex_run run = {.flags = LEX_POSTGRES_FLAGS};
    struct lex_result r;

    (void)state;
    for (size_t i = 0; i < 400; i++)
        text[i] = i % 2 ? ',' : 'a';
    for (size_t i = 0; i < 2; i++) {
        strcpy(text + 400, i ? "b" ZWSP "c, d" : "b\xc3\xa9" RLO "c, d");
        assert_true(lex_run(&run, text, strlen(text), &r));
        assert_int_equal(r.status, DUNLIN_BAD_FILE);
        assert_int_equal(r.error.column, i ? 402 : 403);
        assert_non_null(strstr(r.error.hint, "between quotes"));
        lex_result_free(&r);
    }
}

static void test_marks(void **state)
{
    static const struct lex_case cases[] = {
        {LEX_POSTGRES, "-- migrate:up\na;\n-- migrate:down x:y \nb",
         "M1:1[-- migrate:up] S2:1[a] M3:1[-- migrate:down x:y ] S4:1[b]"},
        {LEX_POSTGRES, "a\n\t--migrate:down\r\nb", "S1:1[a] M2:2[--migrate:down] S3:1[b]"},
        {LEX_MYSQL, "a\n--migrate:down\rb", "S1:1[a] M2:1[--migrate:down] S3:1[b]"},
        {LEX_POSTGRES, "--   \tmigrate:up", "M1:1[--   \tmigrate:up]"},
        {LEX_POSTGRES, "-- Migrate:up\n-- migrate: x\n--x migrate:up", "M2:1[-- migrate: x]"},
        {LEX_POSTGRES, "a; -- migrate:down\nb", "S1:1[a] S2:1[b]"},
        {LEX_POSTGRES, "/* */ -- migrate:down\nb", "S2:1[b]"},
        {LEX_POSTGRES, "'\n-- migrate:down\n'", "S1:1['\n-- migrate:down\n']"},
        {LEX_POSTGRES, "/*\n-- migrate:down\n*/", ""},
        {LEX_POSTGRES, "$$\n-- migrate:down\n$$", "S1:1[$$\n-- migrate:down\n$$]"},
        {LEX_POSTGRES, "a (\n-- migrate:down\nb", "E1:3[unterminated parenthesis]"},
        {LEX_MYSQL, "a (\n-- migrate:down\nb", "E1:3[unterminated parenthesis]"},
        {LEX_MYSQL, "begin not atomic a;\n-- migrate:down\nb", "E1:1[unterminated BEGIN]"},
        {LEX_POSTGRES, "copy t from stdin\n-- migrate:down\nb",
         "E1:1[COPY .. FROM STDIN without a semicolon]"},
        {LEX_POSTGRES, "-- Description: x\na\n-- Description: y\nb;\n-- Description: z",
         "M1:1[-- Description: x] S2:1[a\n-- Description: y\nb] M5:1[-- Description: z]"},
        {LEX_POSTGRES, "-- description: x\na", "S2:1[a]"},
        /* a section starts with the delimiter and the settings of the file's start */
        {LEX_MYSQL, "delimiter //\na;b\n-- migrate:down\nc;d",
         "C1:1[delimiter //] S2:1[a;b] M3:1[-- migrate:down] S4:1[c] S4:3[d]"},
        {LEX_MYSQL, "set sql_mode='ansi_quotes';\n-- migrate:down\n\"\\\"\";",
         "S1:1[set sql_mode='ansi_quotes'] M2:1[-- migrate:down] S3:1[\"\\\"\"]"},
        {LEX_MYSQL, "/*!40101 \n-- migrate:down\n*/", ""},
    };

    (void)state;
    CHECK(cases);
}

static void test_copy(void **state)
{
    static const struct lex_case cases[] = {
        {LEX_POSTGRES,
         "COPY t (a, b) FROM STDIN WITH (FORMAT csv); -- c\r\n1;'\n-- migrate:down\n\\.\r\na",
         "S1:1[COPY t (a, b) FROM STDIN WITH (FORMAT csv)] D2:1[1;'\n-- migrate:down\n] S5:1[a]"},
        {LEX_POSTGRES, "copy t from stdin;\n\\.\na", "S1:1[copy t from stdin] D2:1[] S3:1[a]"},
        {LEX_POSTGRES, "copy t from stdin;\n\\.x\n \\.\n\\\\.\n\\.",
         "S1:1[copy t from stdin] D2:1[\\.x\n \\.\n\\\\.\n]"},
        {LEX_POSTGRES, "copy t from stdin;\n1\n2", "S1:1[copy t from stdin] D2:1[1\n2]"},
        {LEX_POSTGRES, "copy t from stdin;", "S1:1[copy t from stdin] D1:19[]"},
        {LEX_POSTGRES, "copy t from stdin", "S1:1[copy t from stdin] D1:18[]"},
        {LEX_POSTGRES, "copy t from stdin;\r1\r\\.\ra",
         "S1:1[copy t from stdin] D2:1[1\r] S4:1[a]"},
        {LEX_POSTGRES, "copy t to stdout;\na", "S1:1[copy t to stdout] S2:1[a]"},
        {LEX_POSTGRES, "copy (select 1 from stdin) to stdout;\na",
         "S1:1[copy (select 1 from stdin) to stdout] S2:1[a]"},
        {LEX_POSTGRES, "select 1 from stdin;\na", "S1:1[select 1 from stdin] S2:1[a]"},
        {LEX_MYSQL, "copy t from stdin;\na", "S1:1[copy t from stdin] S2:1[a]"},
    };

    (void)state;
    CHECK(cases);
}

/* More columns than tokens are kept. */
static void test_copy_wide(void **state)
{
    struct lex_run run = {.flags = LEX_POSTGRES_FLAGS};
    struct buf text = BUF_INIT(65536);
    struct lex_result r;

    (void)state;
    buf_adds(&text, "copy t (a");
    for (int i = 0; i < 500; i++)
        buf_addf(&text, ", a%d", i);
    buf_adds(&text, ") from stdin;\n;;\n\\.\n");
    assert_true(lex_run(&run, text.data, text.len, &r));
    assert_int_equal(r.statements, 1);
    assert_non_null(strstr(r.transcript.data, "D2:1[;;\n]"));
    lex_result_free(&r);
    buf_free(&text);
}

/* As deep as they may be, and one deeper. */
static void test_depth(void **state)
{
    struct lex_run run = {.flags = LEX_MYSQL_FLAGS, .modes = lex_modes};

    (void)state;
    for (int deep = 128; deep <= 129; deep++) {
        struct buf text = BUF_INIT(65536);
        struct lex_result r;

        buf_adds(&text, "create procedure p()\n");
        for (int i = 0; i < deep; i++)
            buf_adds(&text, "begin\n");
        for (int i = 0; i < deep; i++)
            buf_adds(&text, i + 1 < deep ? "end;\n" : "end;");
        assert_true(lex_run(&run, text.data, text.len, &r));
        assert_int_equal(r.statements, deep == 128);
        if (deep == 129)
            assert_string_equal(buf_str(&r.transcript),
                                "E130:1[more than 128 blocks inside one another]");
        lex_result_free(&r);
        buf_free(&text);
    }
}

static void test_delimiter(void **state)
{
#define COMMAS8 ",,,,,,,,"
#define MANY COMMAS8 COMMAS8 COMMAS8 COMMAS8 COMMAS8 COMMAS8 COMMAS8 COMMAS8
    static const struct lex_case cases[] = {
        {LEX_MYSQL, "  Delimiter  $$ rest\nend$$\n;a$b ;\n; $$ $$\n;$$c;$$",
         "C1:3[Delimiter  $$ rest] S2:1[end] S3:2[a$b] S5:4[c]"},
        {LEX_MYSQL, "delimiter ;;\na;b;; c;\n;;", "C1:1[delimiter ;;] S2:1[a;b] S2:7[c]"},
        {LEX_MYSQL, "delimiter go\ncategory; go gone go\nx",
         "C1:1[delimiter go] S2:1[category] S2:14[gone] S3:1[x]"},
        {LEX_MYSQL, "delimiter //\n'//' /* // */ # //\n-- //\n`//`//\ndelimiter ;\na;b",
         "C1:1[delimiter //] S2:1['//' /* // */ # //\n-- //\n`//`] C5:1[delimiter ;] S6:1[a] "
         "S6:3[b]"},
        {LEX_MYSQL, "a; delimiter |\nb;c|d", "S1:1[a] C1:4[delimiter |] S2:1[b;c] S2:5[d]"},
        {LEX_MYSQL, "select\ndelimiter //\n;b", "S1:1[select\ndelimiter //] S3:2[b]"},
        {LEX_MYSQL, "delimiters a;", "S1:1[delimiters a]"},
        {LEX_POSTGRES, "delimiter //\na;b", "S1:1[delimiter //\na] S2:3[b]"},
        {LEX_MYSQL, "delimiter //\ncreate procedure p() begin a; end//\nb//",
         "C1:1[delimiter //] S2:1[create procedure p() begin a; end] S3:1[b]"},
        {LEX_MYSQL, "delimiter go\nselect " MANY " cargo gone 1.5go \xc3\xa9go go\nx",
         "C1:1[delimiter go] S2:1[select " MANY " cargo gone 1.5go \xc3\xa9go] S3:1[x]"},
        {LEX_MYSQL, "delimiter go\n1go 0xgo b'1'go\n1.5go 1e5go .5go 1.go a.go go",
         "C1:1[delimiter go] S2:1[1go 0xgo b'1'] S3:1[1.5go 1e5go .5go 1.go a.]"},
    };
#undef MANY
#undef COMMAS8

    (void)state;
    CHECK(cases);
}

static void test_executable_comments(void **state)
{
    static const struct lex_case cases[] = {
        {LEX_MYSQL, "/*!40101 SET NAMES utf8 */;a", "S1:1[/*!40101 SET NAMES utf8 */] S1:28[a]"},
        {LEX_MYSQL, "/*M!100100 a */ -- c\n;", "S1:1[/*M!100100 a */]"},
        {LEX_MYSQL, "/*!*/; /*! */ ;\n/*!40101*/", ""},
        {LEX_MYSQL, "/*M!999999\\- it's */", ""},
        {LEX_MYSQL, "/*!99999 it's */a", "S1:17[a]"},
        {LEX_MYSQL, "/*!50003 '*/' \"*/\" -- */\n `*/` */;a",
         "S1:1[/*!50003 '*/' \"*/\" -- */\n `*/` */] S2:10[a]"},
        {LEX_MYSQL, "a */ b;c", "S1:1[a */ b] S1:8[c]"},
        {LEX_MYSQL, "/*!50003 create*/ /*!50003 procedure p() begin a; end */;b",
         "S1:1[/*!50003 create*/ /*!50003 procedure p() begin a; end */] S1:58[b]"},
        {LEX_POSTGRES, "/*!40101 a */;b", "S1:15[b]"},
    };

    (void)state;
    CHECK(cases);
}

static void test_strings(void **state)
{
    static const struct lex_case cases[] = {
        {LEX_POSTGRES, "E'\\''\n'\\';';a", "S1:1[E'\\''\n'\\';'] S2:7[a]"},
        {LEX_POSTGRES, "E'\\'' -- c\n -- d\n'\\';';a", "S1:1[E'\\'' -- c\n -- d\n'\\';'] S3:7[a]"},
        {LEX_POSTGRES, "E'\\'' '\\';a", "S1:1[E'\\'' '\\'] S1:11[a]"},
        {LEX_POSTGRES, "E'',\n'\\';a", "S1:1[E'',\n'\\'] S2:5[a]"},
        {LEX_POSTGRES, "e'\\'';fe'\\';a", "S1:1[e'\\''] S1:7[fe'\\'] S1:13[a]"},
        {LEX_POSTGRES, "N'\\';X'\\';b'\\';a", "S1:1[N'\\'] S1:6[X'\\'] S1:11[b'\\'] S1:16[a]"},
        {LEX_POSTGRES, "$1$$;$$;a$;b", "S1:1[$1$$;$$] S1:9[a$] S1:12[b]"},
        {LEX_POSTGRES, "$a;$1a;a", "S1:1[$a] S1:4[$1a] S1:8[a]"},
        {LEX_POSTGRES, "-- c\ra;b", "S2:1[a] S2:3[b]"},
        {LEX_MYSQL, "-- c\ra;b\nc", "S3:1[c]"},
        {LEX_MYSQL, "a--\tb;\n;--", "S1:1[a]"},
        {LEX_MYSQL, "'a\\\\';\"\\\";\";'\\''", "S1:1['a\\\\'] S1:7[\"\\\";\"] S1:13['\\'']"},
        {LEX_SQLITE, "'\\';\"\\\";[\\];`\\`", "S1:1['\\'] S1:5[\"\\\"] S1:9[[\\]] S1:13[`\\`]"},
        {LEX_SQLITE, "a /*", "S1:1[a]"},
        {LEX_SQLITE, "a;/* b", "S1:1[a]"},
    };

    (void)state;
    CHECK(cases);
}

static void test_settings(void **state)
{
    static const struct lex_case cases[] = {
        {LEX_MYSQL, "SET sql_mode='NO_BACKSLASH_ESCAPES';'\\';a",
         "S1:1[SET sql_mode='NO_BACKSLASH_ESCAPES'] S1:37['\\'] S1:41[a]"},
        {LEX_MYSQL,
         "SET @o=@@sql_mode, @@session.`sql_mode` := 'x, ANSI_QUOTES';\"\\\";"
         "/*!50003 SET SQL_MODE=@o */;\"\\\";\"",
         "S1:1[SET @o=@@sql_mode, @@session.`sql_mode` := 'x, ANSI_QUOTES'] S1:61[\"\\\"] "
         "S1:65[/*!50003 SET SQL_MODE=@o */] S1:93[\"\\\";\"]"},
        {LEX_MYSQL, "SET GLOBAL sql_mode='ANSI_QUOTES';\"\\\";\";",
         "S1:1[SET GLOBAL sql_mode='ANSI_QUOTES'] S1:35[\"\\\";\"]"},
        {LEX_MYSQL,
         "SET @@global.sql_mode='ANSI_QUOTES', SESSION x=concat(1,2), sql_mode=ansi;\"\\\";",
         "S1:1[SET @@global.sql_mode='ANSI_QUOTES', SESSION x=concat(1,2), sql_mode=ansi] "
         "S1:75[\"\\\"]"},
        {LEX_MYSQL, "SET sql_mode=ansi; SET sql_mode=default;\"\\\";\"",
         "S1:1[SET sql_mode=ansi] S1:20[SET sql_mode=default] S1:41[\"\\\";\"]"},
        {LEX_MYSQL, "SET sql_mode=ansi; SET sql_mode='';\"\\\";\"",
         "S1:1[SET sql_mode=ansi] S1:20[SET sql_mode=''] S1:36[\"\\\";\"]"},
        {LEX_MYSQL, "SET STATEMENT sql_mode=ansi FOR a; \"\\\";\"",
         "S1:1[SET STATEMENT sql_mode=ansi FOR a] S1:36[\"\\\";\"]"},
        {LEX_MYSQL, "SET @sql_mode=ansi, names=2; SET NAMES utf8; \"\\\";\"",
         "S1:1[SET @sql_mode=ansi, names=2] S1:30[SET NAMES utf8] S1:46[\"\\\";\"]"},
        {LEX_POSTGRES,
         "set standard_conforming_strings to off;'\\';';"
         "set local standard_conforming_strings = 'on';'\\';a",
         "S1:1[set standard_conforming_strings to off] S1:40['\\';'] "
         "S1:46[set local standard_conforming_strings = 'on'] S1:91['\\'] S1:95[a]"},
        {LEX_POSTGRES,
         "set standard_conforming_strings to off;reset standard_conforming_strings;'\\';",
         "S1:1[set standard_conforming_strings to off] S1:40[reset standard_conforming_strings] "
         "S1:74['\\']"},
        {LEX_POSTGRES, "set standard_conforming_strings to off;reset all;'\\';",
         "S1:1[set standard_conforming_strings to off] S1:40[reset all] S1:50['\\']"},
        {LEX_POSTGRES, "set search_path = a, b; set", "S1:1[set search_path = a, b] S1:25[set]"},
    };

    (void)state;
    CHECK(cases);
}

static void test_apply_mode(void **state)
{
    static const struct dunlin_lex_mode both[] = {{"a", "off", DUNLIN_LEX_BACKSLASH, 0},
                                                  {"a", "on", 0, DUNLIN_LEX_BACKSLASH},
                                                  {NULL, NULL, 0, 0}};
    const uint64_t my = LEX_MYSQL_FLAGS;

    (void)state;
    assert_int_equal(lex_apply_mode(0, both, "a", "OFF"), DUNLIN_LEX_BACKSLASH);
    assert_int_equal(lex_apply_mode(DUNLIN_LEX_BACKSLASH, both, "a", "on"), 0);
    assert_int_equal(lex_apply_mode(DUNLIN_LEX_BACKSLASH, both, "a", "other"), 0);
    assert_int_equal(lex_apply_mode(my, lex_modes, "sql_mode", NULL), my);
    assert_int_equal(lex_apply_mode(my, lex_modes, "sql_mode", ""), my);
    assert_int_equal(lex_apply_mode(my, lex_modes, "SQL_MODE", "STRICT_TRANS_TABLES,ansi_quotes"),
                     my & ~DUNLIN_LEX_DOUBLE_STRING);
    assert_int_equal(lex_apply_mode(my & ~DUNLIN_LEX_DOUBLE_STRING, lex_modes, "sql_mode",
                                    "NO_BACKSLASH_ESCAPES"),
                     my & ~DUNLIN_LEX_BACKSLASH);
    assert_int_equal(lex_apply_mode(my, lex_modes, "other", "ANSI_QUOTES"), my);
    assert_int_equal(lex_apply_mode(my, NULL, "sql_mode", "ANSI_QUOTES"), my);
    assert_int_equal(
        lex_apply_mode(LEX_POSTGRES_FLAGS, lex_modes, "standard_conforming_strings", "off"),
        LEX_POSTGRES_FLAGS | DUNLIN_LEX_BACKSLASH);
}

/* The body must not end the statement, and must end: "@" stands behind each for one more. */
static void test_stored_programs(void **state)
{
    static const char *const texts[] = {
        "create or replace definer = root@`%` procedure if not exists d.p (in a int) comment 'x' "
        "language sql not deterministic begin a; end",
        "create definer=event@begin.end procedure p() begin end",
        "create definer=current_user() function begin() returns set('a','b') charset utf8 "
        "return if(1, 2, 3)",
        "create aggregate function f(x int) returns int begin loop fetch group next row; end loop; "
        "end",
        "create function f() returns string soname 'a.so'",
        "create function f() returns int lbl: begin return case when a then b end; end lbl",
        "create procedure p() l: loop leave l; end loop l",
        "create procedure p() `l`: loop leave l; end loop",
        "create procedure p() if a then b; elseif c then d; else e; end if",
        "create procedure p() case a when case b when 1 then 2 end then c; else d; end case",
        "create procedure p() case when a then begin end; when b then c; end case",
        "create procedure p() while a.do < 3 do set a.do = 1; end while",
        "create procedure p() for i in 1..10 do a; end for",
        "create procedure p() for r in (select do from t) do a; end for",
        "create procedure p() repeat a; until end > repeat('a', 3) end repeat",
        "create procedure p() select repeat('a', 3), case when end then begin else end end as end",
        "create procedure p() begin declare c cursor for select 1; declare continue handler for "
        "sqlstate value '23000', not found, sqlwarning, 1062 begin a; end; open c; end",
        "create procedure p() begin declare exit handler for sqlexception rollback; "
        "declare handler int; b: begin c; end b; end",
        "create procedure p() begin declare exit handler for c if a then b; end if; d; end",
        "create procedure p() begin select @end, @case, t.end, t.case, t.begin from t; end",
        "create trigger t before insert on begin for each row follows end begin a; end",
        "create trigger t after update on t for each row precedes `x` if a then b; end if",
        "create trigger t after update on t for each row set new.a = if(new.a, 1, 2)",
        "create event if not exists begin on schedule every 1 day starts '1' on completion not "
        "preserve comment 'do' do begin a; end",
        "create event e on schedule every 1 day do if a then b; end if",
        "alter definer=a@b event e on schedule every 2 hour do begin a; b; end",
        "if a then b; end if",
        "loop a; end loop",
        "begin not atomic begin a; end; declare b int; end",
        "case a when 1 then b; end case",
        "create procedure p() begin if a then b; end if; if exists (select 1) then c; end if; "
        "drop table if exists d; end",
        "create procedure p() begin insert into t values (case a when b then end else c end); end",
        "create procedure p() begin end",
        "create table t (begin int, end int, `if` int)",
        "create view v as select case when a then b end as end",
        "alter table t add column begin int",
        "set @a := 1",
        "start transaction",
        "begin work",
    };
    struct lex_run run = {.flags = LEX_MYSQL_FLAGS};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct buf text = BUF_INIT(4096), expected = BUF_INIT(4096);
        struct lex_result r;

        buf_addf(&text, "%s;@", texts[i]);
        buf_addf(&expected, "S1:1[%s] S1:%zu[@]", texts[i], strlen(texts[i]) + 2);
        assert_true(lex_run(&run, text.data, text.len, &r));
        assert_string_equal(buf_str(&r.transcript), expected.data);
        lex_result_free(&r);
        buf_free(&text);
        buf_free(&expected);
    }
}

static void test_oracle_mode(void **state)
{
    static const char *const texts[] = {
        "create or replace procedure p(a int) as x int; begin null; end",
        "create function f return int is begin return 1; exception when others then null; "
        "when a then begin null; end; end f",
        "create package p as procedure q(); function f() return int; end",
        "create or replace package body p as x int := 1; procedure q as begin null; end; "
        "function f() return int is y int; begin return 1; end f; begin x := 2; end p",
        "declare x int; begin null; end",
        /* what the server refuses is refused as one statement */
        "create package body p as procedure q begin null; end; end",
        "declare procedure q begin null; end; begin null; end",
        "<<l>> begin null; end",
        "begin null; <<l>> loop exit when a; end loop l; end",
        "begin for i in 1..3 loop null; end loop; while a loop b; end loop; end",
        "begin if a then b; elsif c then d; end if; x.end := 1; end",
        "create trigger t before insert on t for each row declare x int; begin null; end",
    };
    struct lex_run run = {.flags = (LEX_MYSQL_FLAGS | DUNLIN_LEX_ORACLE)};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct buf text = BUF_INIT(4096), expected = BUF_INIT(4096);
        struct lex_result r;

        buf_addf(&text, "%s;@", texts[i]);
        buf_addf(&expected, "S1:1[%s] S1:%zu[@]", texts[i], strlen(texts[i]) + 2);
        assert_true(lex_run(&run, text.data, text.len, &r));
        assert_string_equal(buf_str(&r.transcript), expected.data);
        lex_result_free(&r);
        buf_free(&text);
        buf_free(&expected);
    }
}

static void test_tokens(void **state)
{
    static const char text[] = "create/*x*/ E'a' \"b\" `c` 1.5e3 @x, $$d$$ /*!50003 z */";
    static const char *const expected[LEX_ENGINES] = {
        [LEX_POSTGRES] = "w:create w:E s:'a' q:\"b\" p:` w:c p:` 1:1.5e3 p:@ w:x p:, s:$$d$$ ",
        [LEX_MYSQL] = "w:create w:E s:'a' s:\"b\" q:`c` 1:1.5e3 p:@ w:x p:, w:$$d$$ w:z ",
        [LEX_SQLITE] = "w:create w:E s:'a' q:\"b\" q:`c` 1:1.5e3 p:@ w:x p:, w:$$d$$ ",
    };

    (void)state;
    for (unsigned engine = 0; engine < LEX_ENGINES; engine++) {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct buf said = BUF_INIT(4096);
        struct memory_stream stream;
        struct lexer *lx;
        struct piece p;

        memory_stream_init(&stream, text, strlen(text));
        assert_int_equal(lexer_new(&stream.stream, lex_flags[engine], NULL, NULL, 4096, &lx, &err),
                         0);
        assert_int_equal(lexer_next(lx, &p, &err), 0);
        for (uint32_t i = 0; i < p.ntokens; i++) {
            buf_addf(&said, "%c:", "wqs1p"[p.tokens[i].kind]);
            buf_add(&said, p.sql + p.tokens[i].offset, p.tokens[i].len);
            buf_addc(&said, ' ');
        }
        assert_string_equal(buf_str(&said), expected[engine]);
        buf_free(&said);
        lexer_free(lx);
    }
}

/* A layout's breakpoint ends a statement on every engine, and comments are no marks then. */
static void test_breakpoint(void **state)
{
    static const struct {
        uint64_t flags;
        const char *text, *expected;
    } cases[] = {
        {LEX_POSTGRES_FLAGS, "a --> statement-breakpoint\nb", "S1:1[a] S2:1[b]"},
        {LEX_MYSQL_FLAGS, "a--> statement-breakpoint\nb;", "S1:1[a] S2:1[b]"},
        {LEX_SQLITE_FLAGS, "a;--> statement-breakpoint\n\n--> statement-breakpoint\nb; c",
         "S1:1[a] S4:1[b] S4:4[c]"},
        {LEX_POSTGRES_FLAGS, "a -- x --> statement-breakpoint b", "S1:1[a] S1:33[b]"},
        {LEX_MYSQL_FLAGS, "-- x --> statement-breakpoint b", "S1:31[b]"},
        {LEX_POSTGRES_FLAGS, "a '--> statement-breakpoint' /* --> statement-breakpoint */ b",
         "S1:1[a '--> statement-breakpoint' /* --> statement-breakpoint */ b]"},
        {LEX_POSTGRES_FLAGS, "-- migrate:down\na --> statement-break\nb",
         "S2:1[a --> statement-break\nb]"},
        {LEX_SQLITE_FLAGS, "a\n-- migrate:down\nb", "S1:1[a\n-- migrate:down\nb]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lex_run run = {.flags = cases[i].flags | LEXER_BREAKPOINT, .modes = lex_modes};
        struct lex_result r;

        assert_true(lex_run(&run, cases[i].text, strlen(cases[i].text), &r));
        assert_string_equal(buf_str(&r.transcript), cases[i].expected);
        lex_result_free(&r);
        check_splits(run, cases[i].text, strlen(cases[i].text));
    }
}

/* A section is lexed again from where it began. */
static void test_start(void **state)
{
    static const char text[] = "-- migrate:down\n a; 'b";
    const struct lexer_start start = {100, 7, 0};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct memory_stream stream;
    struct lexer *lx;
    struct piece p;

    (void)state;
    memory_stream_init(&stream, text, strlen(text));
    assert_int_equal(lexer_new(&stream.stream, LEX_POSTGRES_FLAGS, NULL, &start, 4096, &lx, &err),
                     0);
    assert_int_equal(lexer_next(lx, &p, &err), 0);
    assert_int_equal(p.kind, PIECE_MARK);
    assert_int_equal(p.offset, 100);
    assert_int_equal(p.line, 7);
    assert_int_equal(lexer_next(lx, &p, &err), 0);
    assert_int_equal(p.offset, 117);
    assert_int_equal(p.line, 8);
    assert_int_equal(p.column, 2);
    assert_int_equal(lexer_next(lx, &p, &err), DUNLIN_BAD_FILE);
    assert_int_equal(err.line, 8);
    assert_int_equal(err.column, 5);
    assert_int_equal(lexer_next(lx, &p, &err), DUNLIN_BAD_FILE);
    lexer_free(lx);
    lexer_free(NULL);
}

static void test_limit(void **state)
{
    struct lex_run run = {.flags = LEX_POSTGRES_FLAGS, .max_piece = 20};
    struct lex_result r;

    (void)state;
    assert_true(lex_run(&run, "a;\n '345678901234567890';b", 26, &r)); /* 20 bytes */
    assert_int_equal(r.statements, 3);
    lex_result_free(&r);
    for (run.step = 0; run.step < 3; run.step++) {
        assert_true(lex_run(&run, "a;\n '3456789012345678901';b", 27, &r));
        assert_string_equal(buf_str(&r.transcript),
                            "S1:1[a] E2:2[the statement is longer than the limit of 20 bytes]");
        lex_result_free(&r);
        assert_true(lex_run(&run, "copy t from stdin;    \n1\n", 25, &r));
        assert_int_equal(r.error.column, 1);
        lex_result_free(&r);
    }
}

/* ---- long texts ---------------------------------------------------------------------------- */

/* Repeats a text; the window may not grow with it, which max_piece sees to. */
struct repeat_stream {
    struct stream stream;
    const char *head, *text;
    size_t text_len, at;
    uint64_t left;
};

static int repeat_read(struct stream *s, char *to, size_t size, size_t *got,
                       struct dunlin_error *err)
{
    struct repeat_stream *r = (struct repeat_stream *)s;
    size_t n = 0;

    (void)err;
    while (*r->head && n < size)
        to[n++] = *r->head++;
    while (n < size && r->left > 0) {
        size_t most = r->text_len - r->at;

        most = most < size - n ? most : size - n;
        most = most < r->left ? most : (size_t)r->left;
        memcpy(to + n, r->text + r->at, most);
        r->at = (r->at + most) % r->text_len;
        r->left -= most;
        n += most;
    }
    *got = n;
    return DUNLIN_OK;
}

static uint64_t long_text(enum lex_engine engine, const char *head, const char *text, uint64_t size,
                          uint64_t kinds[PIECE_BLANK + 1])
{
    struct repeat_stream stream = {{repeat_read}, head, text, strlen(text), 0, size};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    uint64_t bytes = 0;
    struct lexer *lx;
    struct piece p;

    memset(kinds, 0, (PIECE_BLANK + 1) * sizeof(*kinds));
    assert_int_equal(lexer_new(&stream.stream, lex_flags[engine], NULL, NULL, 4096, &lx, &err), 0);
    do {
        assert_int_equal(lexer_next(lx, &p, &err), DUNLIN_OK);
        bytes += p.raw_len;
        kinds[p.kind]++;
        assert_true(p.raw_len < 4096 + 3 * 65536);
    } while (p.kind != PIECE_END);
    lexer_free(lx);
    return bytes;
}

#define MIB ((uint64_t)1 << 20)

static void test_long_texts(void **state)
{
    static const char insert[] = "INSERT INTO t (a, b, c) VALUES (1, 'it''s a text; with', NULL),"
                                 "(2, 'and \\\\ another one', 3.25),(3, 'x', 0xff);\n";
    uint64_t kinds[PIECE_BLANK + 1];

    (void)state;
    assert_int_equal(long_text(LEX_MYSQL, "", insert, 600000 * strlen(insert), kinds),
                     600000 * strlen(insert));
    assert_int_equal(kinds[PIECE_STATEMENT], 600000);
    assert_int_equal(
        long_text(LEX_POSTGRES, "copy t from stdin;\n", "1\t\\N\ttext\n", 8 * MIB, kinds),
        8 * MIB + 19);
    assert_true(kinds[PIECE_COPY_DATA] > 32);
    assert_int_equal(long_text(LEX_POSTGRES, "", " \n", 8 * MIB, kinds), 8 * MIB);
    assert_int_equal(long_text(LEX_POSTGRES, "-- ", "c \xc3\xa9 ", 8 * MIB, kinds), 8 * MIB + 3);
    assert_int_equal(long_text(LEX_SQLITE, "/*", "*", 8 * MIB, kinds), 8 * MIB + 2);
    assert_int_equal(long_text(LEX_SQLITE, "/*", "* /", 8 * MIB, kinds), 8 * MIB + 2);
    assert_true(kinds[PIECE_BLANK] > 32);
    assert_int_equal(long_text(LEX_SQLITE, "a /*", "", 0, kinds), 4);
}

/* ---- text that turns its direction --------------------------------------------------------- */

/* The place of each turn that the pieces tell of, as "line:column line:column". */
static void turns_of(const char *text, size_t len, char *to, size_t size)
{
    struct memory_stream memory;
    struct lexer *lx;
    struct piece p;
    size_t at = 0;

    memory_stream_init(&memory, text, len);
    to[0] = '\0';
    assert_int_equal(lexer_new(&memory.stream, LEX_POSTGRES_FLAGS, NULL, NULL, 1 << 20, &lx, NULL),
                     0);
    do {
        assert_int_equal(lexer_next(lx, &p, NULL), 0);
        if (p.turn_line)
            at += (size_t)snprintf(to + at, size - at, "%s%u:%u", at ? " " : "",
                                   (unsigned)p.turn_line, (unsigned)p.turn_column);
    } while (p.kind != PIECE_END);
    lexer_free(lx);
}

static void test_turns(void **state)
{
    static const struct {
        const char *text, *turns;
    } cases[] = {
        {"a /* \xe2\x80\xa9 \xe2\x80\xaf \xe2\x81\xa5 \xe2\x81\xaa */ '\xe2\x80';", ""},
        {"a '" RLO "';", "1:4"},
        {"-- \xc3\xa9 " RLO "\na;\r\n\r\nb \"\xc3\xa9\xe2\x81\xa6\";", "1:6 4:5"},
        {"a; /* */ /* \xe2\x80\xaa */ b; -- \xe2\x81\xa9", "1:13 1:24"},
        {"copy t from stdin;\n" RLO "\n\\.\n$$\n" RLO "$$", "5:1"},
        {"-- migrate:up " RLO "\n", "1:15"},
    };
    char turns[64], *text;
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        turns_of(cases[i].text, strlen(cases[i].text), turns, sizeof(turns));
        assert_string_equal(turns, cases[i].turns);
    }
    text = malloc(1 << 20);
    assert_non_null(text);
    for (unsigned i = 0; i < 20000; i++) /* longer than what is read at once */
        len += (size_t)sprintf(text + len, "insert into t values (%u);\n", i);
    len += (size_t)sprintf(text + len, "/* */ x; /* " RLO " */ y;");
    turns_of(text, len, turns, sizeof(turns));
    assert_string_equal(turns, "20001:13");
    free(text);
}

/* ---- failing reads ------------------------------------------------------------------------- */

static int broken_read(struct stream *s, char *to, size_t size, size_t *got,
                       struct dunlin_error *err)
{
    (void)s;
    (void)to;
    (void)size;
    *got = 0;
    return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "cannot read");
}

static void test_broken_stream(void **state)
{
    struct stream stream = {broken_read};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct lexer *lx;
    struct piece p;

    (void)state;
    assert_int_equal(lexer_new(&stream, LEX_POSTGRES_FLAGS, NULL, NULL, 4096, &lx, &err), 0);
    assert_int_equal(lexer_next(lx, &p, &err), DUNLIN_CONFIG);
    assert_string_equal(err.message, "cannot read");
    lexer_free(lx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_torture),
        cmocka_unit_test(test_torture_splits),
        cmocka_unit_test(test_torture_prefixes),
        cmocka_unit_test(test_torture_again),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_characters_far),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_copy_wide),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_delimiter),
        cmocka_unit_test(test_executable_comments),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_apply_mode),
        cmocka_unit_test(test_stored_programs),
        cmocka_unit_test(test_oracle_mode),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_start),
        cmocka_unit_test(test_breakpoint),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_broken_stream),
    };

    return cmocka_run_group_tests_name("lexer", tests, NULL, NULL);
}
