/* SPDX-License-Identifier: MIT */
/*
 * The lexer against the server's own cutting of a text into statements, which it does for clients
 * that ask for it: a text sent whole must bring as many results, up to the same error, as the
 * lexer's statements sent one by one; and each of these must be one statement to the server.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mysql.h>

#include "../unit/torture.h"
#include "base/arena.h"
#include "driver/url.h"
#include "lexer-gen.h"

static const char schema[] =
    "set default_storage_engine = MyISAM;"
    "create or replace table te(a text, end int, begin int, `a;b` int);"
    "create or replace table tt(a text);"
    "create or replace event e on schedule every 1 day do set @x = 1;"
    "create or replace trigger t0 before insert on tt for each row set @x = 1;";

static const char *const statements[] = {
    "select~@",
    "select~@^,^@~as~`a;`",
    "select~end^,^begin~from~te",
    "select~te.end^,te.begin^,`a;b`~from~te",
    "select~@~/*!40101~+^@~*/",
    "/*!40101~set~@@a~=~@~*/",
    "/*!50003~create*/~/*!50003~or~replace~procedure~p()~begin~set~@@a=';';~set~@@b=1;~end~*/",
    "begin",
    "commit",
    "start~transaction",
    "xa~start~'a'^;xa~end~'a'^;xa~rollback~'a'",
    "set~@@x~:=~@^,~@@y~=~@",
    "insert~into~te(a)~values(@)^,(@)",
    "create~or~replace~view~v~as~select~case~when~@~then~@~end~as~a",
    "create~or~replace~procedure~p()~%",
    "create~or~replace~procedure~begin()~%",
    "create~or~replace~definer=root@@localhost~procedure~p(a~int,~inout~b~varchar(10))~comment~'x;'"
    "~language~sql~not~deterministic~modifies~sql~data~sql~security~invoker~%",
    "create~or~replace~procedure~p()~l0:^begin~%^;~end~l0",
    "create~or~replace~procedure~p()~`l0`~:~begin~%^;~end",
    "create~or~replace~procedure~test.p()~select~@~as~end",
    "create~or~replace~function~f()~returns~int~return~@",
    "create~or~replace~function~f()~returns~set('a','b')~charset~utf8mb4~deterministic~begin~%^;^"
    "return~@;~end",
    "create~or~replace~function~f()~returns~int~if~@~then~return~@;~else~return~1;~end~if",
    "create~or~replace~trigger~tr~before~insert~on~tt~for~each~row~%",
    "create~or~replace~trigger~tr~before~insert~on~tt~for~each~row~follows~t0~%",
    "create~or~replace~event~begin~on~schedule~every~1~day~on~completion~not~preserve~comment~';'"
    "~do~%",
    "alter~event~e~on~schedule~every~2~hour~do~%",
    "begin~not~atomic~%^;~end",
    "if~@~then~%^;~end~if",
    "while~0~do~%;~end~while",
    "case~@~when~1~then~%;~else~%;~end~case",
    "for~i~in~1..2~do~%;~end~for",
    "repeat~%;~until~1~end~repeat",
    "create~table~if~not~exists~tb(begin~int,~end~int~default~1,~`if`~int)",
    "prepare~s~from~'select~1;'",
    NULL,
};

static const char *const bodies[] = {
    "set~@@x~=~@",
    "begin~end",
    "begin~%^;^%^;~end",
    "l1:^begin~%^;~end~l1",
    "if~@~then~%^;~end~if",
    "if(@)then~%;^elseif~@~then~%;~else~%;~end~if",
    "case~@~when~1~then~%;^else~%;~end~case",
    "case~when~@~then~%;~when~@~then~begin~end;^else~begin~end;~end~case",
    "while~0~do~%;~end~while",
    "repeat~%;~%;~until~1~end~repeat",
    "l4:~loop~leave~l4;~%;~end~loop~l4",
    "for~i~in~1..2~do~%;~end~for",
    "for~r~in~(select~@~as~do)~do~%;~end~for",
    "insert~into~te(a)~values(@)",
    "update~te~set~a=@~where~end~is~null",
    "delete~from~te~where~te.end~=~@",
    "drop~temporary~table~if~exists~zz",
    "do~if(@,@,@)",
    "do~@",
    "select~@~into~@@a",
    "begin~declare~i,~j~int~default~@;~set~i~=~@;~end",
    "begin~declare~continue~handler~for~not~found^,~1062~begin~%;~end;~%;~end",
    "begin~declare~exit~handler~for~sqlexception~%;~%;~end",
    "begin~declare~undefined~condition~for~sqlstate~value~'42S01';~declare~exit~handler~for~"
    "undefined~if~@~then~%;~end~if;~%;~end",
    "begin~declare~c~cursor~for~select~@;~declare~continue~handler~for~sqlstate~'02000'~set~@@d=1;"
    "~open~c;~close~c;~end",
    NULL,
};

static const char *const expressions[] = {
    "1",
    "'a'",
    "'it''s;'",
    "'a\\';b'",
    "\"a;\"",
    "\"it\"\"s\\\";\"",
    "'\\\\'",
    "N'x;'",
    "_utf8mb4'a;'",
    "x'3b'",
    "5--1",
    "5~-- ;\n+1",
    "5~/~/*~;~*/~3",
    "(@)",
    "(@^+^@)",
    "case~when~@~then~@~else~@~end",
    "case~@~when~1~then~2~end",
    "if(@,@,@)",
    "repeat('a',~2)",
    "(select~@)",
    "@@@@version",
    "@@end",
    "@@'a;b'",
    "@@`a;`",
    "replace(@,'a','b')",
    "@~is~not~null",
    "exists(select~@)",
    "1.5e10",
    "null",
    "not~@",
    NULL,
};

static const char *const blanks[] = {
    " ",
    "\n",
    "\t",
    "\r\n",
    "\f",
    "/*;*/",
    "/* ' */",
    "/* /* \" */",
    "-- ;\n",
    "-- ' $$\n",
    "# ';\n",
    "--\t\n",
    "/**/",
    "/* end; */",
    "\n-- ;end;\n",
    "#\r;\n",
    "/*\n;\n*/",
    "/*!99999 ; */",
    "/*M!999999 ' ; */",
    "/*! */",
    "/*!40101 */",
    NULL,
};

static const struct grammar grammar = {statements, expressions, blanks, bodies};

struct outcome {
    unsigned results;
    unsigned error; /* 0 = none */
};

struct tester {
    MYSQL *mysql;
    uint64_t flags;
    unsigned compared, clean, failed, number;
};

static struct outcome send_text(MYSQL *mysql, const char *text, size_t len)
{
    struct outcome o = {0, 0};
    int more = mysql_real_query(mysql, text, (unsigned long)len);

    while (more == 0) {
        mysql_free_result(mysql_store_result(mysql));
        if (mysql_errno(mysql))
            break;
        o.results++;
        more = mysql_next_result(mysql);
    }
    o.error = mysql_errno(mysql);
    return o;
}

static struct outcome send_one_by_one(struct tester *t, const char *text, const struct lexed *l,
                                      bool *split)
{
    struct outcome all = {0, 0};

    *split = false;
    for (unsigned i = 0; i < l->n && !all.error; i++) {
        struct outcome o = send_text(t->mysql, text + l->statements[i].at, l->statements[i].len);

        *split |= o.results + (o.error != 0) != 1;
        all.results += o.results;
        all.error = o.error;
    }
    return all;
}

/* The server reads a table's triggers again for each new one, and fails at executable comments in
 * those it stored. */
static bool several_triggers(const char *text)
{
    const char *one = strstr(text, "trigger");

    return one && strstr(one + 1, "trigger");
}

static void undo(MYSQL *mysql, const char *text)
{
    send_text(mysql, "rollback", 8);
    send_text(mysql, "xa end 'a'", 10);
    send_text(mysql, "xa rollback 'a'", 15);
    if (strstr(text, "trigger"))
        send_text(mysql, schema, strlen(schema));
}

/* What a broken text may do the second time only. */
static bool depends_on_before(unsigned error)
{
    return error == 1304 || error == 1359 || error == 1050 || error == 1537 || error == 1051 ||
           error == 1360 || error == 1969 || error == 1205 || (error >= 1397 && error <= 1402);
}

static void report(struct tester *t, const char *text, const struct lexed *l, struct outcome whole,
                   struct outcome single)
{
    printf("# lexer %u%s%s, server %u results, error %u; one by one %u, error %u\n# ", l->n,
           l->status ? " " : "", l->status ? l->error.message : "", whole.results, whole.error,
           single.results, single.error);
    for (const char *p = text; *p; p++)
        printf(*p == '\n' ? "\\n" : *p == '\r' ? "\\r" : "%c", *p);
    printf("\n");
    t->failed++;
}

static void compare(struct tester *t, const char *text, bool broken)
{
    struct outcome whole, single = {0, 0};
    struct lexed l;
    bool split = false;
    size_t len;

    lex_text(text, strlen(text), t->flags, lex_modes, &l);
    if (l.n == 0)
        return;
    /* a comment behind the last ";" would be one more result */
    len = l.status ? strlen(text) : l.statements[l.n - 1].at + l.statements[l.n - 1].len;
    undo(t->mysql, text);
    whole = send_text(t->mysql, text, len);
    undo(t->mysql, text);
    if (!l.status)
        single = send_one_by_one(t, text, &l, &split);
    if (depends_on_before(whole.error) || depends_on_before(single.error))
        return;
    /* what the lexer refuses, since it is never closed, the server must not accept; and it drops
     * empty statements, which the server does not */
    if (l.status && whole.error)
        return;
    if (broken && whole.error == 1064 && single.results >= whole.results)
        return;
    t->compared++;
    t->clean += whole.error == 0;
    if (l.status || split || whole.results != single.results || whole.error != single.error)
        report(t, text, &l, whole, single);
}

static void result(struct tester *t, const char *name)
{
    printf("%s %u - %s: %u texts, %u without error\n", t->failed ? "not ok" : "ok", ++t->number,
           name, t->compared, t->clean);
    t->compared = t->clean = 0;
}

static void set_mode(struct tester *t, const char *mode, uint64_t flags)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "set sql_mode = '%s'", mode);
    send_text(t->mysql, sql, strlen(sql));
    t->flags = flags;
}

static void compare_torture(struct tester *t)
{
    for (size_t i = 0; i < TORTURES; i++) {
        const struct torture *one = &tortures[i];

        if (one->engine != LEX_MYSQL || strstr(one->text, "elimiter") ||
            strstr(one->text, "DELIMITER") || one->number == 72)
            continue; /* 72 is a block with several results */
        set_mode(t,
                 one->clear & DUNLIN_LEX_BACKSLASH       ? "NO_BACKSLASH_ESCAPES"
                 : one->clear & DUNLIN_LEX_DOUBLE_STRING ? "ANSI_QUOTES"
                                                         : "",
                 (lex_flags[LEX_MYSQL] | one->set) & ~one->clear);
        compare(t, one->text, false);
    }
    set_mode(t, "", lex_flags[LEX_MYSQL]);
    result(t, "torture list");
}

static void compare_random(struct tester *t, const char *name, int texts, bool broken)
{
    struct buf text = BUF_INIT(1 << 20);
    struct generator g = {&grammar, 20260117, &text};

    for (int i = 0; i < texts; i++) {
        gen_text(&g);
        if (broken)
            gen_mutate(&g);
        if (!several_triggers(buf_str(&text)))
            compare(t, buf_str(&text), broken);
    }
    result(t, name);
    buf_free(&text);
}

static const char *param(const struct url *url, const char *key)
{
    for (uint32_t i = 0; i < url->count; i++) {
        if (strcmp(url->params[i].key, key) == 0)
            return url->params[i].value;
    }
    return NULL;
}

static MYSQL *connect_to(const char *text)
{
    struct arena arena = ARENA_INIT;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct url url;
    MYSQL *mysql = mysql_init(NULL);

    if (mysql && text && url_parse(text, &arena, &url, &err) == DUNLIN_OK) {
        const char *port = param(&url, "port");

        mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
        if (mysql_real_connect(mysql, param(&url, "host"), param(&url, "user"),
                               param(&url, "password"), param(&url, "database"),
                               port ? (unsigned)strtoul(port, NULL, 10) : 0, NULL,
                               CLIENT_MULTI_STATEMENTS)) {
            arena_free(&arena);
            return mysql;
        }
    }
    arena_free(&arena);
    mysql_close(mysql);
    return NULL;
}

int main(void)
{
    struct tester t = {.flags = LEX_MYSQL_FLAGS};

    t.mysql = connect_to(getenv("DUNLIN_TEST_URL"));
    if (!t.mysql || send_text(t.mysql, schema, strlen(schema)).error) {
        printf("Bail out! cannot set up the database\n");
        mysql_close(t.mysql);
        return 1;
    }
    printf("1..5\n");
    send_text(t.mysql, "set max_statement_time = 2", 26);
    compare_torture(&t);
    compare_random(&t, "random texts", 1000, false);
    compare_random(&t, "broken texts", 700, true);
    set_mode(&t, "ANSI_QUOTES", LEX_MYSQL_FLAGS & ~DUNLIN_LEX_DOUBLE_STRING);
    compare_random(&t, "ANSI_QUOTES, broken texts", 700, true);
    set_mode(&t, "NO_BACKSLASH_ESCAPES", LEX_MYSQL_FLAGS & ~DUNLIN_LEX_BACKSLASH);
    compare_random(&t, "NO_BACKSLASH_ESCAPES, broken texts", 700, true);
    mysql_close(t.mysql);
    return t.failed != 0;
}
