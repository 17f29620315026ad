/* SPDX-License-Identifier: MIT */
/*
 * The lexer against SQLite itself: sqlite3_prepare_v3() says where each statement ends. Compared
 * are the texts that it prepares to their end.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sqlite3.h>

#include "../unit/torture.h"
#include "lexer-same.h"

static const char schema[] =
    "create table t(a, b, [a;b], `c`, \"end\", begin); create table te(a, b, end, begin);"
    "create table c(pid, a);";

static const char *const statements[] = {
    "select~@",
    "select~@^,^@~as~\"a;\"",
    "select~end^,^begin~from~te",
    "select~te.end^,te.begin~from~te",
    "select~[a;b]^,^`c`^,\"end\"~from~t",
    "begin",
    "end",
    "commit",
    "begin~immediate~transaction",
    "values(@)",
    "insert~into~te~values(@^,@,@,@)",
    "update~te~set~end~=~@~where~begin~=~@",
    "create~table~end(begin~int,~\"case\"~int~default~(@))",
    "create~trigger~x~after~insert~on~te~begin~select~@^;^end",
    "create~trigger~begin~after~update~on~te~begin~update~te~set~end~=~@^;^select~@^;end",
    "create~temp~trigger~if~not~exists~x~before~delete~on~te~when~old.end~=~@~begin~select~1^;~"
    "insert~into~c~values(@,@)^;~end",
    "create~temporary~trigger~[t;r]~after~update~of~begin^,end~on~te~for~each~row~begin~delete~"
    "from~c~;^select~case~when~@~then~@~end^;~end",
    "explain~create~trigger~x~after~insert~on~te~begin~select~@;~end",
    "explain~query~plan~select~@",
    "create~view~v~as~select~@~as~end",
    "pragma~foreign_keys",
    "with~x~as~(select~@)~select~*~from~x",
    "delete~from~te~where~begin~in~(@^,@)",
    "alter~table~te~add~column~`d;`~default~'x;'",
    "savepoint~end",
    "replace~into~c~values(@,@)",
    NULL,
};

static const char *const expressions[] = {
    "1",
    "'a'",
    "'it''s;'",
    "'a\\'",
    "''",
    "x'3b'",
    "1.5e10",
    "0x1F",
    "(@)",
    "(@^||^@)",
    "@~-^-1",
    "case~when~@~then~@~else~@~end",
    "case~@~when~1~then~2~end",
    "(select~@)",
    "?1",
    ":a",
    "$c",
    "5~/~/*~;~*/~3",
    "5~*~--~;'\n3",
    "cast(@~as~text)",
    "@~is~not~null",
    "';end;'",
    "'{}'^->>^'$.a'",
    NULL,
};

static const char *const blanks[] = {
    " ",          "\n",          "\t",      "\r\n",      "\f",   "/*;*/",
    "/* ' */",    "/* /* \" */", "-- ;\n",  "-- ' $$\n", "--\n", "/**/",
    "/* end; */", "\n--;end;\n", "--\r;\n", "/*\n;\n*/", NULL,
};

static const struct grammar grammar = {statements, expressions, blanks, NULL};

static unsigned compared, failed;

static void report(const char *text, const char *why, unsigned i, const struct lexed *l)
{
    printf("# %s at statement %u (lexer: %u%s%s):\n# ", why, i + 1, l->n, l->status ? ", " : "",
           l->status ? l->error.message : "");
    for (const char *p = text; *p; p++)
        printf(*p == '\n' ? "\\n" : *p == '\r' ? "\\r" : "%c", *p);
    printf("\n");
    failed++;
}

/* Cuts the text as SQLite does. False if it cannot read it to its end. */
static bool cut(sqlite3 *db, const char *text, size_t ends[], unsigned *n)
{
    const char *at = text, *tail = text;

    for (*n = 0; *at && *n < GEN_STATEMENTS; at = tail) {
        sqlite3_stmt *stmt = NULL;

        if (sqlite3_prepare_v3(db, at, -1, 0, &stmt, &tail) != SQLITE_OK)
            return false;
        if (stmt)
            ends[(*n)++] = (size_t)(tail - text);
        sqlite3_finalize(stmt);
    }
    return *n < GEN_STATEMENTS;
}

static void compare(sqlite3 *db, const char *text)
{
    size_t ends[GEN_STATEMENTS];
    struct lexed l;
    unsigned n;

    if (!cut(db, text, ends, &n))
        return;
    compared++;
    lex_text(text, strlen(text), LEX_SQLITE_FLAGS, NULL, &l);
    if (l.status || l.n != n)
        report(text, "number", n, &l);
    for (unsigned i = 0; l.status == 0 && i < l.n && i < n; i++) {
        size_t to = lexed_end(&l, i);

        if (to > ends[i] ||
            !same_statement(&l, i, text, l.statements[i].at, ends[i], LEX_SQLITE_FLAGS)) {
            report(text, "text", i, &l);
            break;
        }
    }
}

static void result(const char *name)
{
    static unsigned number;

    printf("%s %u - %s: %u texts\n", failed ? "not ok" : "ok", ++number, name, compared);
    compared = 0;
}

static void compare_all(sqlite3 *db)
{
    struct buf text = BUF_INIT(1 << 20);
    struct generator g = {&grammar, 20260117, &text};

    for (size_t i = 0; i < TORTURES; i++) {
        const struct torture *t = &tortures[i];

        if (t->engine == LEX_SQLITE && !t->error)
            compare(db, t->text);
    }
    result("torture list");
    for (int i = 0; i < 20000; i++) {
        gen_text(&g);
        compare(db, buf_str(&text));
    }
    result("random texts");
    for (int i = 0; i < 40000; i++) {
        gen_text(&g);
        gen_mutate(&g);
        compare(db, buf_str(&text));
    }
    result("broken texts");
    buf_free(&text);
}

int main(void)
{
    sqlite3 *db = NULL;

    printf("1..3\n");
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK) {
        printf("Bail out! cannot set up the database\n");
        sqlite3_close(db);
        return 1;
    }
    compare_all(db);
    sqlite3_close(db);
    return failed != 0;
}
