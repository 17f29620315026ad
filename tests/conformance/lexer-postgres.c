/* SPDX-License-Identifier: MIT */
/*
 * The lexer against PostgreSQL's own parser (libpg_query): the torture texts and thousands of
 * random ones. Whatever the parser accepts, the lexer must cut at the same places.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <pg_query.h>

#include "../unit/torture.h"
#include "lexer-same.h"

static const char *const statements[] = {
    "select~@",
    "select~@^,^@",
    "select~@~as~end",
    "select~@~as~pending~from~t",
    "select~te.end^,^te.case~from~te",
    "select~@::text~as~\"a;\"",
    "(select~@)~union~all~(select~@)",
    "begin",
    "begin~work",
    "end",
    "commit",
    "start~transaction",
    "insert~into~t~values~(@^,^@)^,^(@,@)",
    "update~t~set~a~=~@~where~b~=~@",
    "create~table~t~(a~text~default~@^,^b~int)",
    "create~schema~s~create~table~a(x~int)~create~view~v~as~select~1",
    "create~rule~r~as~on~insert~to~t~do~also~(select~@^;^select~@)",
    "create~rule~r~as~on~delete~to~t~do~instead~(delete~from~a~;^delete~from~b~where~@=1^;)",
    "create~rule~r~as~on~delete~to~t~do~instead~nothing",
    "create~function~f()~returns~int~language~sql~begin~atomic~select~@^;~end",
    "create~or~replace~function~f()~returns~int~begin~atomic~select~@^;^select~@~as~end;~end",
    "create~procedure~p(a~int)~begin~atomic~end",
    "create~procedure~p(a~int)~begin~atomic~;^;^end",
    "create~function~s.fn_atomic(a~text~=~@)~returns~int~language~sql~as~$$select~1;$$",
    "create~function~f()~returns~int~return~@",
    "create~function~\"begin\"()~returns~int~as~'select~1;'~language~sql",
    "do~language~plpgsql~$b$begin~perform~1;~end$b$",
    "do~'begin~perform~1;~end'",
    "prepare~p~as~select~$1::int",
    "execute~p($$a;$$,~@)",
    "copy~t~(a,~b)~from~'/f'~delimiter~';'~csv",
    "copy~(select~@)~to~stdout",
    "create~trigger~t~before~insert~on~t~for~each~row~execute~function~f()",
    "comment~on~table~t~is~'x;''y'",
    "set~search_path~=~a,~\"b;\"",
    "alter~table~t~add~column~\"begin\"~int",
    "values~(@),~(@)",
    "with~x~as~(select~@)~select~*~from~x",
    "declare~c~cursor~for~select~@",
    "create~index~concurrently~on~t~(lower(a))~where~a~<>~@",
    "grant~select~on~t~to~begin",
    NULL,
};

static const char *const expressions[] = {
    "1",
    "'a'",
    "'it''s;'",
    "'a\\'",
    "E'a\\';b'",
    "e'\\\\'",
    "E'\\''\n'\\';'",
    "E'a'~\n'b\\'c'",
    "'a'~\n~'b;'",
    "U&'d!0061;'~UESCAPE~'!'",
    "u&'\\003b'",
    "N'\\'",
    "B'101'",
    "X'1f'",
    "$$a;b$$",
    "$t$a;$$;b$t$",
    "$a$~$b$~;~$a$",
    "$\xc3\xa9$;$\xc3\xa9$",
    "$$'$$",
    "$func$~begin~$body$~;~$body$~end;~$func$",
    "a$b$c",
    "\"a\"\"b;\"",
    "U&\"d\\0061;\"",
    "(@)",
    "(@~+~@)",
    "(@^||^@)",
    "5~*/*~c;~*/~3",
    "5~+--~c;'\n3",
    "a~<@/*;*/b",
    "1.5e10",
    ".5",
    "case~when~@~=~@~then~@~else~@~end",
    "case~@~when~1~then~2~end",
    "array[@^,^@]",
    "(select~@)",
    "f(@^,^x~=>~@)",
    "-1",
    "- -1",
    "te.begin",
    "@::int",
    "t.\"end\"",
    "1~operator(pg_catalog.+)~2",
    "'{\"a\":1}'::jsonb~?~'a'",
    "interval~'1'~day",
    "row(@,@)",
    "x~is~not~null~and~not~@",
    NULL,
};

static const char *const blanks[] = {
    " ",           "\n",         "\t",
    "\r\n",        "\r",         "\f",
    "/*;*/",       "/* ' */",    "/* $$ /* ; */ \" */",
    "-- ;\n",      "-- ' $$\n",  "--\r",
    " --;--\r\n ", "/**/",       "/*/**/*/",
    "/* begin */", "\n--\n--\n", "/*--*/",
    "--/*\n",      NULL,
};

static const struct grammar grammar = {statements, expressions, blanks, NULL};

static unsigned compared, failed;

static void report(const char *text, const char *why, unsigned i, const struct lexed *l)
{
    printf("# %s at statement %u (lexer: %u%s%s):\n", why, i + 1, l->n, l->status ? ", " : "",
           l->status ? l->error.message : "");
    printf("# ");
    for (const char *p = text; *p; p++)
        printf(*p == '\n' ? "\\n" : *p == '\r' ? "\\r" : "%c", *p);
    printf("\n");
    failed++;
}

static void compare(const char *text)
{
    PgQuerySplitResult split = pg_query_split_with_parser(text);
    struct lexed l;

    if (!split.error) {
        compared++;
        lex_text(text, strlen(text), LEX_POSTGRES_FLAGS, NULL, &l);
        if (l.status || l.n != (unsigned)split.n_stmts)
            report(text, "number", (unsigned)split.n_stmts, &l);
        for (unsigned i = 0; l.status == 0 && i < l.n && i < (unsigned)split.n_stmts; i++) {
            size_t at = (size_t)split.stmts[i]->stmt_location;
            size_t len = (size_t)split.stmts[i]->stmt_len;

            if (!same_statement(&l, i, text, at, len ? at + len : strlen(text),
                                LEX_POSTGRES_FLAGS)) {
                report(text, "text", i, &l);
                break;
            }
        }
    }
    pg_query_free_split_result(split);
}

static void result(const char *name)
{
    static unsigned number;

    printf("%s %u - %s: %u texts\n", failed ? "not ok" : "ok", ++number, name, compared);
    compared = 0;
}

int main(void)
{
    struct buf text = BUF_INIT(1 << 20);
    struct generator g = {&grammar, 20260117, &text};

    printf("1..3\n");
    for (size_t i = 0; i < TORTURES; i++) {
        const struct torture *t = &tortures[i];

        if (t->engine == LEX_POSTGRES && t->number != 39)
            compare(t->text);
    }
    result("torture list");
    for (int i = 0; i < 20000; i++) {
        gen_text(&g);
        compare(buf_str(&text));
    }
    result("random texts");
    for (int i = 0; i < 40000; i++) {
        gen_text(&g);
        gen_mutate(&g);
        compare(buf_str(&text));
    }
    result("broken texts");
    buf_free(&text);
    pg_query_exit();
    return failed != 0;
}
