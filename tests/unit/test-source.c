/* SPDX-License-Identifier: MIT */
/* Folders: which files are migrations, in what order, and what is refused; the next new file. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "scratch.h"
#include "source/source.h"

#define FILES_MAX 24

static const char *const kinds[] = {"", "R ", "U "};

/* One line for each migration: "version(digits) name [file file]". */
static void describe(const struct folder *f, struct buf *to)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct migration *m = &f->migrations[i];

        buf_addf(to, "%s%s%s|%s|%s|%s%s;", to->len ? " " : "", kinds[m->kind], m->version,
                 m->digits ? m->digits : "-", m->name, m->up.name, m->up.gzip ? "(gz)" : "");
        if (m->down.name)
            buf_addf(to, "%s%s;", m->down.name, m->down.gzip ? "(gz)" : "");
    }
    for (size_t i = 0; i < HOOK_COUNT; i++)
        if (f->hooks[i].name)
            buf_addf(to, "%sH%zu %s%s;", to->len ? " " : "", i, f->hooks[i].name,
                     f->hooks[i].gzip ? "(gz)" : "");
}

/* ---- what is found -------------------------------------------------------------------------- */

struct good {
    enum unnumbered unnumbered;
    const char *files[FILES_MAX];
    const char *found;
};

static const struct good goods[] = {
    {UNNUMBERED_ERROR, {NULL}, ""},
    {UNNUMBERED_ERROR, {"001_a.sql"}, "001|1|a|001_a.sql;"},
    {UNNUMBERED_ERROR, {"1-add-users.sql"}, "1|1|add-users|1-add-users.sql;"},
    {UNNUMBERED_ERROR, {"007.sql"}, "007|7||007.sql;"},
    {UNNUMBERED_ERROR, {"000.sql"}, "000|0||000.sql;"},
    {UNNUMBERED_ERROR, {"1_.sql", "2_a_b-c.d.sql"}, "1|1||1_.sql; 2|2|a_b-c.d|2_a_b-c.d.sql;"},
    {UNNUMBERED_ERROR,
     {"10_b.sql", "9_a.sql", "0011_c.sql"},
     "9|9|a|9_a.sql; 10|10|b|10_b.sql; 0011|11|c|0011_c.sql;"},
    {UNNUMBERED_ERROR,
     {"20240101120000_b.sql", "00000000000000000003_a.sql", "99999999999999999999_c.sql",
      "1234567890123456789012345678901234567890_d.sql", "18446744073709551616_e.sql"},
     "00000000000000000003|3|a|00000000000000000003_a.sql; "
     "20240101120000|20240101120000|b|20240101120000_b.sql; "
     "18446744073709551616|18446744073709551616|e|18446744073709551616_e.sql; "
     "99999999999999999999|99999999999999999999|c|99999999999999999999_c.sql; "
     "1234567890123456789012345678901234567890|1234567890123456789012345678901234567890|d|"
     "1234567890123456789012345678901234567890_d.sql;"},
    {UNNUMBERED_ERROR,
     {"1_a.up.sql", "1_a.down.sql", "2_b.up.sql.gz", "02_undo_b.down.sql", "3.up.sql"},
     "1|1|a|1_a.up.sql;1_a.down.sql; 2|2|b|2_b.up.sql.gz(gz);02_undo_b.down.sql; 3|3||3.up.sql;"},
    {UNNUMBERED_ERROR, {"1_a.sql.gz"}, "1|1|a|1_a.sql.gz(gz);"},
    {UNNUMBERED_ERROR,
     {"R__b.sql", "R__a b.sql.gz", "R__B.sql", "2_x.sql"},
     "2|2|x|2_x.sql; R R__B|-|B|R__B.sql; R R__a b|-|a b|R__a b.sql.gz(gz); R R__b|-|b|R__b.sql;"},
    /* left alone */
    {UNNUMBERED_ERROR, {"3_a.down.sql", "4_a.up.sql"}, "4|4|a|4_a.up.sql;"},
    {UNNUMBERED_ERROR,
     {".1_a.sql", ".sql", ".hidden/1_a.sql", "README.md", "1_a.sql~", "1_a.SQL", "1_a.sql.bak",
      "2_b.sql/", "sub/3_c.sql", "seed.csv", "sql", "a.sqlite", "pipe|", "dangling>nothing",
      "away>/etc/passwd", ".gz"},
     ""},
    {UNNUMBERED_LAST,
     {"b.sql", "R__r.sql", "10_x.sql", "a.sql", "Z.sql", "1.5_y.sql"},
     "10|10|x|10_x.sql; U 1.5_y|-|1.5_y|1.5_y.sql; U Z|-|Z|Z.sql; U a|-|a|a.sql; U b|-|b|b.sql; "
     "R R__r|-|r|R__r.sql;"},
    {UNNUMBERED_LAST, {"b.up.sql", "b.down.sql"}, "U b|-|b|b.up.sql;b.down.sql;"},
    {UNNUMBERED_IGNORE, {"b.sql", "1_x.sql", "c.down.sql"}, "1|1|x|1_x.sql;"},
    /* hooks */
    {UNNUMBERED_ERROR,
     {"hooks/after_all.sql", "hooks/connect.sql", "hooks/before_each.sql.gz", "hooks/README.md",
      "hooks/before_all.sql", "hooks/after_each.sql", "hooks/.x.sql"},
     "H0 hooks/connect.sql; H1 hooks/before_all.sql; H2 hooks/before_each.sql.gz(gz); "
     "H3 hooks/after_each.sql; H4 hooks/after_all.sql;"},
    {UNNUMBERED_ERROR, {"hooks"}, ""},
    {UNNUMBERED_ERROR, {"shared/connect.sql", "hooks>shared"}, "H0 hooks/connect.sql;"},
    /* links that stay inside */
    {UNNUMBERED_ERROR, {"a/1.sql", "1_a.sql>a/1.sql"}, "1|1|a|1_a.sql;"},
    {UNNUMBERED_ERROR, {"a/1.sql", "1_a.sql>link", "link>./a/../a/1.sql"}, "1|1|a|1_a.sql;"},
    {UNNUMBERED_ERROR, {"a/1.sql", "b>a", "1_a.sql>b/1.sql"}, "1|1|a|1_a.sql;"},
    {UNNUMBERED_ERROR, {"caf\xc3\xa9/", "1_caf\xc3\xa9.sql"}, "1|1|caf\xc3\xa9|1_caf\xc3\xa9.sql;"},
};

static void test_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        const char *dirs[1];
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct buf text = BUF_INIT(65536);
        struct source source;
        struct scratch s;
        int rc;

        scratch_make(&s);
        for (size_t k = 0; goods[i].files[k]; k++)
            scratch_add(&s, goods[i].files[k]);
        dirs[0] = s.path;
        rc = source_open(dirs, 1, goods[i].unnumbered, &source, &err);
        if (rc != DUNLIN_OK)
            fail_msg("case %zu: %s", i, err.message);
        describe(&source.folders[0], &text);
        assert_string_equal(buf_str(&text), goods[i].found);
        buf_free(&text);
        source_close(&source);
        scratch_remove(&s);
    }
}

/* ---- what is refused ------------------------------------------------------------------------ */

struct bad {
    enum unnumbered unnumbered;
    const char *files[FILES_MAX];
    const char *message; /* behind the folder's path and "/", or anywhere when it begins with * */
    const char *hint;    /* a part of it */
};

static const struct bad bads[] = {
    {UNNUMBERED_ERROR,
     {"001_a.sql", "1_b.sql"},
     "*have version 1: 001_a.sql and 1_b.sql",
     "renumber"},
    {UNNUMBERED_ERROR, {"1_a.sql", "1_a.sql.gz"}, "*have version 1: 1_a.sql and 1_a.sql.gz", ""},
    {UNNUMBERED_ERROR, {"0.sql", "00.sql"}, "*have version 0: 0.sql and 00.sql", ""},
    {UNNUMBERED_ERROR, {"2_a.sql", "02_b.up.sql"}, "*have version 2: 2_a.sql and 02_b.up.sql", ""},
    {UNNUMBERED_ERROR,
     {"2_a.sql", "2_a.up.sql", "2_a.down.sql"},
     "*have version 2: 2_a.sql and 2_a.up.sql",
     ""},
    {UNNUMBERED_ERROR,
     {"2_a.up.sql", "2_b.up.sql"},
     "*have version 2: 2_a.up.sql and 2_b.up.sql",
     ""},
    {UNNUMBERED_ERROR,
     {"2_a.up.sql", "2_a.down.sql", "2_a.down.sql.gz"},
     "*have version 2: 2_a.down.sql and 2_a.down.sql.gz",
     ""},
    {UNNUMBERED_ERROR, {"2-a.sql", "2_a.sql"}, "*have version 2: 2-a.sql and 2_a.sql", ""},
    {UNNUMBERED_ERROR,
     {"3_a.down.sql", "3_a.sql"},
     "3_a.down.sql has no .up.sql beside it, only 3_a.sql",
     "call 3_a.sql 3_a.up.sql"},
    {UNNUMBERED_LAST, {"a.down.sql"}, "a.down.sql has no .up.sql beside it", "add a.up.sql"},
    {UNNUMBERED_ERROR,
     {"R__v.sql", "R__v.sql.gz"},
     "*same migration: R__v.sql and R__v.sql.gz",
     ""},
    {UNNUMBERED_ERROR, {"R__v.down.sql"}, "R__v.down.sql is half of a pair", "R__v.sql"},
    {UNNUMBERED_ERROR, {"R__v.up.sql"}, "R__v.up.sql is half of a pair", "R__v.sql"},
    {UNNUMBERED_ERROR,
     {"12345678901234567890123456789012345678901_x.sql"},
     "12345678901234567890123456789012345678901_x.sql has a version of 41 digits",
     ""},
    {UNNUMBERED_ERROR, {"b.sql", "1_x.sql"}, "*1 file in ", "--unnumbered=last|ignore"},
    {UNNUMBERED_ERROR, {"b.sql", "x1_a.sql"}, "*have no version number: b.sql, x1_a.sql", ""},
    {UNNUMBERED_ERROR,
     {"a.sql", "b.sql", "c.sql", "d.sql", "e.sql", "f.sql", "g.sql", "h.sql", "i.sql", "j.sql",
      "k.sql", "l.sql"},
     "*12 files in ",
     ""},
    {UNNUMBERED_ERROR,
     {"a.sql", "b.sql", "c.sql", "d.sql", "e.sql", "f.sql", "g.sql", "h.sql", "i.sql", "j.sql",
      "k.sql", "l.sql"},
     "*: a.sql, b.sql, c.sql, d.sql, e.sql, f.sql, g.sql, h.sql, i.sql, j.sql and 2 more",
     ""},
    /* hooks */
    {UNNUMBERED_ERROR,
     {"hooks/before.sql"},
     "hooks/before.sql is no hook",
     "connect.sql, before_all.sql, before_each.sql, after_each.sql and after_all.sql"},
    {UNNUMBERED_IGNORE, {"hooks/1_x.sql"}, "hooks/1_x.sql is no hook", "hooks are"},
    {UNNUMBERED_ERROR,
     {"hooks/connect.sql", "hooks/connect.sql.gz"},
     "hooks has connect.sql twice",
     ""},
    {UNNUMBERED_ERROR, {"hooks/connect.sql|"}, "hooks/connect.sql is a named pipe", ""},
    {UNNUMBERED_ERROR,
     {"hooks/connect.sql>/etc/passwd"},
     "hooks/connect.sql is a symbolic link that",
     ""},
    {UNNUMBERED_ERROR, {"hooks>/etc"}, "hooks is a symbolic link that leaves the folder", ""},
    {UNNUMBERED_ERROR, {"hooks>nothing"}, "hooks is a symbolic link to nothing", ""},
    /* no files */
    {UNNUMBERED_ERROR, {"1_a.sql|"}, "1_a.sql is a named pipe, not a file", ""},
    {UNNUMBERED_ERROR, {"1_a.sql="}, "1_a.sql is a socket, not a file", ""},
    {UNNUMBERED_IGNORE, {"a.sql|"}, "a.sql is a named pipe, not a file", ""},
    {UNNUMBERED_ERROR, {"1_a.sql>nothing"}, "1_a.sql is a symbolic link to nothing", ""},
    {UNNUMBERED_ERROR, {"1_a.sql>1_a.sql"}, "1_a.sql is a symbolic link that leads back", ""},
    {UNNUMBERED_ERROR,
     {"1_a.sql>b", "b>1_a.sql"},
     "1_a.sql is a symbolic link that leads back",
     ""},
    {UNNUMBERED_ERROR,
     {"1_a.sql>/etc/passwd"},
     "1_a.sql is a symbolic link that leaves the folder",
     "-d DIR"},
    {UNNUMBERED_ERROR,
     {"1_a.sql>../../../../../../../etc/passwd"},
     "1_a.sql is a symbolic link that leaves the folder",
     ""},
    {UNNUMBERED_ERROR,
     {"1_a.sql>out/passwd", "out>/etc"},
     "1_a.sql is a symbolic link that leaves the folder",
     ""},
    {UNNUMBERED_ERROR, {"1_a.sql>p", "p|"}, "1_a.sql is a named pipe, not a file", ""},
    {UNNUMBERED_ERROR, {"1_a.sql>."}, "1_a.sql is a symbolic link that leaves the folder", ""},
    {UNNUMBERED_ERROR, {"1_a.sql>d", "d/"}, "1_a.sql is a folder, not a file", ""},
    {UNNUMBERED_ERROR,
     {"1_a.sql>/dev/null"},
     "1_a.sql is a symbolic link that leaves the folder",
     ""},
    /* names */
    {UNNUMBERED_ERROR, {"1_a\x1b[31m.sql"}, "1_a\\x1b[31m.sql has a name with control", "rename"},
    {UNNUMBERED_ERROR, {"1_a\n.sql"}, "1_a\\x0a.sql has a name with control", ""},
    {UNNUMBERED_ERROR, {"1_\xff.sql"}, "1_\\xff.sql has a name with control", ""},
    {UNNUMBERED_ERROR, {"1_\xe2\x80\xaelqs.sql"}, "1_\\u{202e}lqs.sql has a name with control", ""},
    {UNNUMBERED_ERROR, {"1_\xc2\x9b.sql"}, "1_\\u{009b}.sql has a name with control", ""},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        const char *dirs[1], *message;
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct source source;
        struct scratch s;
        int rc;

        scratch_make(&s);
        for (size_t k = 0; bads[i].files[k]; k++)
            scratch_add(&s, bads[i].files[k]);
        dirs[0] = s.path;
        rc = source_open(dirs, 1, bads[i].unnumbered, &source, &err);
        if (rc != DUNLIN_BAD_FILE)
            fail_msg("case %zu (%s): %d %s", i, bads[i].message, rc, err.message);
        assert_int_equal(err.kind, DUNLIN_KIND_FILE);
        if (!strstr(err.message, s.path))
            fail_msg("case %zu (%s): %s", i, bads[i].message, err.message);
        if (bads[i].message[0] == '*')
            message = strstr(err.message, bads[i].message + 1);
        else
            message = strstr(err.message, scratch_path(&s, bads[i].message));
        if (!message || !strstr(err.hint, bads[i].hint))
            fail_msg("case %zu (%s): %s (%s)", i, bads[i].message, err.message, err.hint);
        scratch_remove(&s);
    }
}

/* ---- several folders ------------------------------------------------------------------------ */

struct folders {
    const char *dirs[4]; /* @ stands for the scratch folder */
    const char *found;   /* "label=path" of each, @ for the scratch folder; or NULL .. */
    const char *message; /* .. and a part of the message */
    const char *hint;
};

static const struct folders folders[] = {
    {{"@/a"}, "main=@/a", NULL, NULL},
    {{"@/a/"}, "main=@/a", NULL, NULL},
    {{"@/a///"}, "main=@/a", NULL, NULL},
    {{"app=@/a"}, "app=@/a", NULL, NULL},
    {{"@/a", "@/b"}, "main=@/a b=@/b", NULL, NULL},
    {{"@/b", "@/a/"}, "main=@/b a=@/a", NULL, NULL},
    {{"@/a", "x-1_Y=@/b"}, "main=@/a x-1_Y=@/b", NULL, NULL},
    {{"@/a", "@/b/../c=d"}, "main=@/a c=d=@/b/../c=d", NULL, NULL},
    {{"@/a", "@/b/."}, "main=@/a b=@/b/.", NULL, NULL},
    {{"@/a", "@/b/c/.."}, "main=@/a b=@/b/c/..", NULL, NULL},
    {{"@/a", "@/link"}, "main=@/a link=@/link", NULL, NULL},
    {{"@/a", "@/b", "@/b/b"}, NULL, "have the same label \"b\"", "-d LABEL=@/b/b"},
    {{"main=@/b", "main=@/a"}, NULL, "have the same label \"main\"", "LABEL="},
    {{"@/a", "@/x/main"}, NULL, "have the same label \"main\"", "LABEL="},
    {{"@/a", "x=@/a"}, NULL, "the folder @/a is given twice, also as @/a", ""},
    {{"@/a", "x=@/b/../a"}, NULL, "the folder @/b/../a is given twice, also as @/a", ""},
    {{"@/b", "@/link", "@/c=d"}, NULL, "the folder @/link is given twice, also as @/b", ""},
    {{"@/none"}, NULL, "the folder @/none does not exist", "dunlin new NAME"},
    {{"@/a", "@/none/.."}, NULL, "the folder @/none/.. does not exist", "-d DIR"},
    {{"@/a", "@/none"}, NULL, "the folder @/none does not exist", "-d DIR"},
    {{"@/file"}, NULL, "cannot open the folder @/file: ", "-d DIR"},
    {{"main="}, NULL, "has no path", ""},
    {{""}, NULL, "has no path", ""},
    {{"1234567890123456789012345678901234567890123456789012345678901234X=@/a"},
     NULL,
     "cannot be called",
     "-d LABEL=@/a"},
};

/* Writes text with @ replaced. */
static char *expand(const char *text, const struct scratch *s)
{
    struct buf b = BUF_INIT(65536);

    for (; *text; text++)
        if (*text == '@')
            buf_adds(&b, s->path);
        else
            buf_addc(&b, *text);
    return b.data ? b.data : strdup("");
}

static void check_folders(const struct folders *c, struct scratch *s)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct buf text = BUF_INIT(4096);
    struct source source;
    char *dirs[4], *expected;
    size_t n = 0;
    int rc;

    for (; n < 4 && c->dirs[n]; n++)
        dirs[n] = expand(c->dirs[n], s);
    rc = source_open((const char *const *)dirs, n, UNNUMBERED_ERROR, &source, &err);
    expected = expand(c->found ? c->found : c->message, s);
    if (c->found) {
        if (rc != DUNLIN_OK)
            fail_msg("%s: %s", c->dirs[0], err.message);
        for (size_t i = 0; i < source.count; i++)
            buf_addf(&text, "%s%s=%s", i ? " " : "", source.folders[i].label,
                     source.folders[i].path);
        assert_string_equal(buf_str(&text), expected);
        source_close(&source);
    } else {
        char *hint = expand(c->hint, s);

        assert_int_equal(rc, DUNLIN_CONFIG);
        if (!strstr(err.message, expected) || !strstr(err.hint, hint))
            fail_msg("%s: %s (%s)", expected, err.message, err.hint);
        free(hint);
    }
    free(expected);
    while (n > 0)
        free(dirs[--n]);
    buf_free(&text);
}

static void test_folders(void **state)
{
    static const char *const files[] = {"a/1_a.sql", "b/1_b.sql", "b/b/", "b/c/",
                                        "c=d/",      "x/main/",   "file", "link>b"};
    struct scratch s;

    (void)state;
    scratch_make(&s);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        scratch_add(&s, files[i]);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        check_folders(&folders[i], &s);
    scratch_remove(&s);
}

/* The default folder and relative paths: seen from the working folder. */
static void test_working_folder(void **state)
{
    static const char *const relative[] = {"a=b", "./a=b"};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct source source;
    struct scratch s;
    char before[1024];

    (void)state;
    assert_non_null(getcwd(before, sizeof(before)));
    scratch_make(&s);
    assert_int_equal(chdir(s.path), 0);
    assert_int_equal(source_open(NULL, 0, UNNUMBERED_ERROR, &source, &err), DUNLIN_CONFIG);
    assert_string_equal(err.message, "the folder migrations does not exist");
    scratch_add(&s, "migrations/1_a.sql");
    assert_int_equal(source_open(NULL, 0, UNNUMBERED_ERROR, &source, &err), DUNLIN_OK);
    assert_string_equal(source.folders[0].migrations[0].up.path, "migrations/1_a.sql");
    assert_string_equal(source.folders[0].migrations[0].source, "main");
    source_close(&source);
    scratch_add(&s, "b/");
    scratch_add(&s, "a=b/");
    assert_int_equal(source_open(&relative[0], 1, UNNUMBERED_ERROR, &source, &err), DUNLIN_OK);
    assert_string_equal(source.folders[0].label, "a");
    assert_string_equal(source.folders[0].path, "b");
    source_close(&source);
    assert_int_equal(source_open(&relative[1], 1, UNNUMBERED_ERROR, &source, &err), DUNLIN_OK);
    assert_string_equal(source.folders[0].label, "main");
    assert_string_equal(source.folders[0].path, "./a=b");
    source_close(&source);
    assert_int_equal(chdir(before), 0);
    scratch_remove(&s);
}

static void test_unreadable(void **state)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    const char *dirs[1];
    struct source source;
    struct scratch s;

    (void)state;
    if (geteuid() == 0) /* for whom nothing is unreadable */
        return;
    scratch_make(&s);
    dirs[0] = s.path;
    assert_int_equal(chmod(s.path, 0), 0);
    assert_int_equal(source_open(dirs, 1, UNNUMBERED_ERROR, &source, &err), DUNLIN_CONFIG);
    assert_non_null(strstr(err.message, "cannot open the folder"));
    assert_int_equal(chmod(s.path, 0700), 0);
    scratch_remove(&s);
}

static void test_many(void **state)
{
    const char *dirs[1];
    struct source source;
    struct scratch s;
    char name[64];

    (void)state;
    scratch_make(&s);
    for (int i = 1000; i > 0; i--) {
        snprintf(name, sizeof(name), "%d_migration.sql", i);
        scratch_add(&s, name);
    }
    dirs[0] = s.path;
    assert_int_equal(source_open(dirs, 1, UNNUMBERED_ERROR, &source, NULL), DUNLIN_OK);
    assert_int_equal(source.folders[0].count, 1000);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "%d", i + 1);
        assert_string_equal(source.folders[0].migrations[i].digits, name);
    }
    source_close(&source);
    scratch_remove(&s);
}

static void test_digits(void **state)
{
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        {"0", "0", 0},   {"0", "1", -1},     {"9", "10", -1},
        {"10", "9", 1},  {"123", "124", -1}, {"99999999999999999999", "100000000000000000000", -1},
        {"42", "42", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int order = digits_compare(cases[i].a, cases[i].b);

        assert_int_equal(order < 0 ? -1 : order > 0, cases[i].order);
    }
    assert_string_equal(digits_trim("000"), "0");
    assert_string_equal(digits_trim("0010"), "10");
    assert_string_equal(digits_trim("7"), "7");
    assert_string_equal(digits_trim(""), "");
}

/* ---- new ------------------------------------------------------------------------------------ */

struct new_case {
    const char *files[8];
    const char *name, *timestamp;
    bool pair;
    const char *made[2];
    const char *message; /* a part of it, when it is refused */
};

#define LONG_NAME                                                                                  \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaa"                                                                                     \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaaaaaaa"

static const struct new_case new_cases[] = {
    {{NULL}, "Add users", NULL, false, {"0001_add_users.sql"}, NULL},
    {{"001_a.sql"}, "b", NULL, false, {"002_b.sql"}, NULL},
    {{"9_a.sql"}, "b", NULL, false, {"10_b.sql"}, NULL},
    {{"0009_a.sql", "0010_a.sql"}, "b", NULL, false, {"0011_b.sql"}, NULL},
    {{"0999_a.sql", "12.sql"}, "b", NULL, false, {"1000_b.sql"}, NULL},
    {{"999_a.sql"}, "b", NULL, false, {"1000_b.sql"}, NULL},
    {{"000_a.sql"}, "b", NULL, false, {"001_b.sql"}, NULL},
    {{"R__v.sql", "readme.sql"}, "b", NULL, false, {"0001_b.sql"}, NULL},
    {{"3_a.up.sql", "3_a.down.sql"}, "b", NULL, true, {"4_b.up.sql", "4_b.down.sql"}, NULL},
    {{"20240101000000_a.sql"}, "b", "20261121091500", false, {"20261121091500_b.sql"}, NULL},
    {{"20261121091500_a.sql", "20261121091501_a.sql"},
     "b",
     "20261121091500",
     true,
     {"20261121091502_b.up.sql", "20261121091502_b.down.sql"},
     NULL},
    {{"18446744073709551615_a.sql"}, "b", NULL, false, {"18446744073709551616_b.sql"}, NULL},
    {{NULL}, "  Add -- the/\\../Users'; !  ", NULL, false, {"0001_add_the_users.sql"}, NULL},
    {{NULL}, "caf\xc3\xa9 2", NULL, false, {"0001_caf_2.sql"}, NULL},
    {{NULL}, "", NULL, false, {NULL}, "no letter"},
    {{NULL}, "../..", NULL, false, {NULL}, "no letter"},
    {{NULL}, LONG_NAME, NULL, false, {NULL}, "longer than 200"},
    {{NULL}, "a", "2026", false, {NULL}, "not 14 digits"},
    {{NULL}, "a", "2026112109150x", false, {NULL}, "not 14 digits"},
    {{"9999999999999999999999999999999999999999_a.sql"},
     "b",
     NULL,
     false,
     {NULL},
     "no number comes"},
    /* of a pair neither file is made where one is in the way */
    {{"1_a.sql", "2_b.up.sql/"}, "b", NULL, true, {NULL}, "2_b.up.sql: File exists"},
    {{"1_a.sql", "2_b.down.sql/"}, "b", NULL, true, {NULL}, "2_b.down.sql: File exists"},
    {{"1_a.sql", "2_b.sql/"}, "b", NULL, false, {NULL}, "2_b.sql: File exists"},
    {{"1_a\n.sql"}, "b", NULL, false, {NULL}, "has a name with control"},
};

static void check_new(const struct new_case *c)
{
    struct new_file what = {.name = c->name, .timestamp = c->timestamp, .pair = c->pair};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    const char *paths[2] = {NULL, NULL};
    const char *dirs[1];
    struct source source;
    struct scratch s;
    int rc;

    scratch_make(&s);
    for (size_t k = 0; c->files[k]; k++)
        scratch_add(&s, c->files[k]);
    rc = source_new(s.path, &what, &arena, paths, &err);
    if (c->message) {
        assert_int_not_equal(rc, DUNLIN_OK);
        if (!strstr(err.message, c->message))
            fail_msg("%s: %s", c->message, err.message);
        if (c->pair)
            assert_int_not_equal(unlink(scratch_path(&s, "2_b.up.sql")), 0);
    } else {
        if (rc != DUNLIN_OK)
            fail_msg("%s: %s", c->made[0], err.message);
        assert_string_equal(paths[0], scratch_path(&s, c->made[0]));
        assert_int_equal(access(paths[0], R_OK), 0);
        if (c->pair) {
            assert_string_equal(paths[1], scratch_path(&s, c->made[1]));
            assert_int_equal(access(paths[1], R_OK), 0);
        } else {
            assert_null(paths[1]);
        }
        dirs[0] = s.path;
        assert_int_equal(source_open(dirs, 1, UNNUMBERED_LAST, &source, &err), DUNLIN_OK);
        source_close(&source);
    }
    arena_free(&arena);
    scratch_remove(&s);
}

static void test_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(new_cases) / sizeof(new_cases[0]); i++)
        check_new(&new_cases[i]);
}

/* A file that cannot be written whole is not there. */
static void test_new_full(void **state)
{
    const struct new_file what = {.name = "a", .pair = true};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    struct rlimit before;
    const char *paths[2];
    struct scratch s;
    int rc;

    (void)state;
    scratch_make(&s);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, before.rlim_max}), 0);
    rc = source_new(s.path, &what, &arena, paths, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(rc, DUNLIN_CONFIG);
    assert_non_null(strstr(err.message, "0001_a.up.sql: File too large"));
    assert_int_not_equal(access(scratch_path(&s, "0001_a.up.sql"), F_OK), 0);
    arena_free(&arena);
    scratch_remove(&s);
}

static void test_new_folder(void **state)
{
    struct new_file what = {.name = "first"};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    const char *paths[2];
    char text[64] = "";
    struct scratch s;
    FILE *f;

    (void)state;
    scratch_make(&s);
    assert_int_equal(source_new(scratch_path(&s, "db/migrations"), &what, &arena, paths, &err), 0);
    assert_string_equal(paths[0], scratch_path(&s, "db/migrations/0001_first.sql"));
    f = fopen(paths[0], "rb");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
    fclose(f);
    assert_string_equal(text, "-- migrate:up\n\n-- migrate:down\n");
    assert_int_equal(source_new(scratch_path(&s, "db/migrations"), &what, &arena, paths, &err), 0);
    assert_string_equal(paths[0], scratch_path(&s, "db/migrations/0002_first.sql"));
    scratch_add(&s, "file");
    assert_int_equal(source_new(scratch_path(&s, "file/x"), &what, &arena, paths, &err),
                     DUNLIN_CONFIG);
    assert_non_null(strstr(err.message, "cannot create the folder"));
    assert_int_equal(source_new(scratch_path(&s, "file"), &what, &arena, paths, &err),
                     DUNLIN_CONFIG);
    arena_free(&arena);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_folders),    cmocka_unit_test(test_working_folder),
        cmocka_unit_test(test_unreadable), cmocka_unit_test(test_many),
        cmocka_unit_test(test_digits),     cmocka_unit_test(test_new),
        cmocka_unit_test(test_new_folder), cmocka_unit_test(test_new_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
