/* SPDX-License-Identifier: MIT */
/* Environment, .env and config file: what they may say, and which of them decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/conffile.h"
#include "cli/env.h"
#include "cli/settings.h"
#include "scratch.h"

/* ---- .env ------------------------------------------------------------------------------------ */

struct env_case {
    const char *text;
    const char *value; /* of DUNLIN_X, NULL = not there */
    uint32_t line;     /* of it, or of the error */
    const char *error; /* NULL = none */
};

static const struct env_case env_cases[] = {
    {"", NULL, 0, NULL},
    {"DUNLIN_X=a", "a", 1, NULL},
    {"\xef\xbb\xbf"
     "DUNLIN_X=a\r\n",
     "a", 1, NULL},
    {"# comment\n\n  DUNLIN_X = a b \n", "a b", 3, NULL},
    {"export DUNLIN_X=a", "a", 1, NULL},
    {"DUNLIN_X=a\nDUNLIN_X=b\n", "b", 2, NULL},
    {"DUNLIN_X=", "", 1, NULL},
    {"DUNLIN_X=a#b", "a#b", 1, NULL},
    {"DUNLIN_X=a # b", "a", 1, NULL},
    {"DUNLIN_X=# b", "", 1, NULL},
    {"DUNLIN_X='a # $b \\n' # c", "a # $b \\n", 1, NULL},
    {"DUNLIN_X=\"a\\n\\t\\\"\\\\\\$\\x\"", "a\n\t\"\\$\\x", 1, NULL},
    {"DUNLIN_X=\"a\nb\"\nDUNLIN_Y=c", "a\nb", 1, NULL},
    {"KEY=\"a\nb\"\nDUNLIN_X=c", "c", 3, NULL},
    {"DUNLIN_X=$HOME/$(id)`id`", "$HOME/$(id)`id`", 1, NULL},
    {"a.b-c=d\nDUNLIN_X=1", "1", 2, NULL},
    {"OTHER=1", NULL, 0, NULL},
    {"A=1\nB\n", NULL, 2, "expected NAME=value"},
    {"=x", NULL, 1, "expected NAME=value"},
    {"A=1\nB='x\n\n", NULL, 2, "the quote is not closed"},
    {"B='x'y", NULL, 1, "text after the closing quote"},
};

static void test_dotenv(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(env_cases) / sizeof(env_cases[0]); i++) {
        const struct env_case *c = &env_cases[i];
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct arena arena = ARENA_INIT;
        struct dotenv d = {"x/.env", NULL};
        const struct dotenv_entry *entry;
        int rc = dotenv_parse(&d, &arena, c->text, &err);

        assert_int_equal(rc, c->error ? DUNLIN_CONFIG : DUNLIN_OK);
        if (c->error) {
            assert_string_equal(err.message, c->error);
            assert_string_equal(err.file, "x/.env");
            assert_int_equal(err.line, c->line);
        }
        entry = dotenv_find(&d, "DUNLIN_X");
        assert_true((entry != NULL) == (c->value != NULL));
        if (entry && c->value) {
            assert_string_equal(entry->value, c->value);
            assert_int_equal(entry->line, c->line);
        }
        arena_free(&arena);
    }
}

/* ---- config file ----------------------------------------------------------------------------- */

struct conf_case {
    const char *text, *env;
    const char *table; /* what --table comes to, NULL = nothing */
    const char *error;
    uint32_t line;
    const char *hint;
};

#define LONG50 "01234567890123456789012345678901234567890123456789"

static const struct conf_case conf_cases[] = {
    {"", NULL, NULL, NULL, 0, NULL},
    {"# c\n; c\n\ntable = a\n", NULL, "a", NULL, 0, NULL},
    {"table=\"a b\"\n", NULL, "a b", NULL, 0, NULL},
    {"table='a'", NULL, "a", NULL, 0, NULL},
    {"table = a\r\n", NULL, "a", NULL, 0, NULL},
    {"table = a\n[env prod]\ntable = b\n", NULL, "a", NULL, 0, NULL},
    {"table = a\n[env prod]\ntable = b\n", "prod", "b", NULL, 0, NULL},
    {"table = a\n[env prod]\n[env dev]\ntable = b\n", "prod", "a", NULL, 0, NULL},
    {"table = a\n[env prod]\ntable = b\n", "dev", NULL, "there is no section [env dev]", 0, NULL},
    {"tabel = a\n", NULL, NULL, "unknown key \"tabel\"", 1, "did you mean \"table\"?"},
    {"\n[env x]\ntabel = a\n", NULL, NULL, "unknown key \"tabel\"", 3, NULL},
    {"config = a\n", NULL, NULL, "unknown key \"config\"", 1, NULL},
    {"to = a\n", NULL, NULL, "unknown key \"to\"", 1, NULL},
    {"[prod]\ntable = a\n", NULL, NULL, "unknown section [prod]", 2, NULL},
    {"table = a\ntable = b\n", NULL, NULL, "\"table\" stands twice in its section", 2, NULL},
    {"table = a\n  b\n", NULL, NULL, "\"table\" stands twice in its section", 2, NULL},
    {"format = xml\n", NULL, NULL, "format must be text or json, not \"xml\"", 1, NULL},
    {"quiet = maybe\n", NULL, NULL, "quiet must be yes or no, not \"maybe\"", 1, NULL},
    {"url =\n", NULL, NULL, "url must be more than nothing", 1, NULL},
    {"table = a\nwhat\n", NULL, NULL, "expected \"key = value\" or \"[env NAME]\"", 2, NULL},
    {"\nurl = " LONG50 LONG50 LONG50 LONG50 "\n", NULL, NULL,
     "the line is too long for a config file", 2, NULL},
    {"dir = a\ndir = b\ntable = t", NULL, "t", NULL, 0, NULL},
};

static void test_conffile(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(conf_cases) / sizeof(conf_cases[0]); i++) {
        const struct conf_case *c = &conf_cases[i];
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct settings s;
        int rc;

        settings_init(&s);
        rc = conffile_parse(&s, "d.conf", c->text, c->env, &err);
        if (rc != (c->error ? DUNLIN_CONFIG : DUNLIN_OK))
            fail_msg("case %zu: %d %s", i, rc, err.message);
        if (c->error) {
            assert_string_equal(err.message, c->error);
            assert_string_equal(err.file, "d.conf");
            assert_int_equal(err.line, c->line);
        } else {
            assert_true((settings_text(&s, OPT_TABLE) != NULL) == (c->table != NULL));
            if (c->table)
                assert_string_equal(settings_text(&s, OPT_TABLE), c->table);
        }
        if (c->hint)
            assert_string_equal(err.hint, c->hint);
        settings_free(&s);
    }
}

/* ---- who decides ----------------------------------------------------------------------------- */

static const char *const variables[] = {"DUNLIN_URL",      "DATABASE_URL", "DUNLIN_TABLE",
                                        "DUNLIN_DIR",      "DUNLIN_ENV",   "DUNLIN_QUIET",
                                        "DUNLIN_ENV_FILE", "DUNLIN_CONFIG"};

struct folder_state {
    struct scratch scratch;
    char before[4096];
};

static int enter(void **state)
{
    struct folder_state *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    assert_non_null(getcwd(f->before, sizeof(f->before)));
    scratch_make(&f->scratch);
    assert_int_equal(chdir(f->scratch.path), 0);
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
    *state = f;
    return 0;
}

static int leave(void **state)
{
    struct folder_state *f = *state;

    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
    assert_int_equal(chdir(f->before), 0);
    scratch_remove(&f->scratch);
    free(f);
    return 0;
}

static void write_text(struct folder_state *f, const char *name, const char *text)
{
    scratch_write(&f->scratch, name, text, strlen(text));
}

/* Loads everything, with --table flag where one is given; returns the table and the URL. */
static void load(const char *flag, char *table, char *url, size_t size)
{
    struct place place = {FROM_FLAG, "--table", NULL, 0};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct settings s;
    const char *text;

    settings_init(&s);
    if (flag)
        assert_int_equal(settings_add(&s, OPT_TABLE, &place, flag, &err), DUNLIN_OK);
    if (settings_load(&s, &err) != DUNLIN_OK)
        fail_msg("%s:%u: %s", err.file, err.line, err.message);
    text = settings_text(&s, OPT_TABLE);
    snprintf(table, size, "%s", text ? text : "-");
    text = settings_text(&s, OPT_URL);
    snprintf(url, size, "%s", text ? text : "-");
    settings_free(&s);
}

static void test_precedence(void **state)
{
    struct folder_state *f = *state;
    char table[64], url[64];

    load(NULL, table, url, sizeof(table));
    assert_string_equal(table, "-");
    write_text(f, "dunlin.conf", "table = conf\nurl = conf:\n[env e]\ntable = section\n");
    load(NULL, table, url, sizeof(table));
    assert_string_equal(table, "conf");
    setenv("DUNLIN_ENV", "e", 1);
    load(NULL, table, url, sizeof(table));
    assert_string_equal(table, "section");
    assert_string_equal(url, "conf:");
    write_text(f, ".env", "DUNLIN_TABLE=dotenv\nDATABASE_URL=dotenv2:\n");
    load(NULL, table, url, sizeof(table));
    assert_string_equal(table, "dotenv");
    assert_string_equal(url, "dotenv2:");
    write_text(f, ".env", "DUNLIN_TABLE=dotenv\nDATABASE_URL=dotenv2:\nDUNLIN_URL=dotenv1:\n");
    load(NULL, table, url, sizeof(table));
    assert_string_equal(url, "dotenv1:");
    setenv("DATABASE_URL", "env2:", 1);
    setenv("DUNLIN_TABLE", "env", 1);
    load(NULL, table, url, sizeof(table));
    assert_string_equal(table, "env");
    assert_string_equal(url, "env2:");
    setenv("DUNLIN_URL", "env1:", 1);
    load("flag", table, url, sizeof(table));
    assert_string_equal(table, "flag");
    assert_string_equal(url, "env1:");
    setenv("DUNLIN_TABLE", "", 1); /* set to nothing is not set */
    load(NULL, table, url, sizeof(table));
    assert_string_equal(table, "dotenv");
}

static void test_lists(void **state)
{
    struct folder_state *f = *state;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct settings s;

    write_text(f, "dunlin.conf", "dir = x\ndir = y=z\n");
    settings_init(&s);
    assert_int_equal(settings_load(&s, &err), DUNLIN_OK);
    assert_int_equal(s.items[OPT_DIR].count, 2);
    assert_string_equal(s.items[OPT_DIR].values[1], "y=z");
    settings_free(&s);
    setenv("DUNLIN_DIR", ":a:b=c::d:e:f", 1);
    assert_int_equal(settings_load(&s, &err), DUNLIN_OK);
    assert_int_equal(s.items[OPT_DIR].count, 5);
    assert_string_equal(s.items[OPT_DIR].values[1], "b=c");
    assert_string_equal(s.items[OPT_DIR].values[4], "f");
    settings_free(&s);
}

static void refused(const char *message)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct settings s;

    settings_init(&s);
    assert_int_equal(settings_load(&s, &err), DUNLIN_CONFIG);
    assert_string_equal(err.message, message);
    settings_free(&s);
}

static void test_refused(void **state)
{
    static char large[1024 * 1024 + 2];
    struct folder_state *f = *state;

    setenv("DUNLIN_QUIET", "perhaps", 1);
    refused("DUNLIN_QUIET must be yes or no, not \"perhaps\"");
    unsetenv("DUNLIN_QUIET");
    setenv("DUNLIN_ENV", "prod", 1);
    refused("--env prod needs a config file, and there is no dunlin.conf here");
    unsetenv("DUNLIN_ENV");
    setenv("DUNLIN_ENV_FILE", "none", 1);
    refused("cannot read none: No such file or directory");
    unsetenv("DUNLIN_ENV_FILE");
    setenv("DUNLIN_CONFIG", ".", 1);
    refused("cannot read .: it is a folder");
    unsetenv("DUNLIN_CONFIG");
    scratch_add(&f->scratch, "dunlin.conf|");
    refused("cannot read dunlin.conf: it is not a regular file");
    assert_int_equal(unlink("dunlin.conf"), 0);
    write_text(f, "dunlin.conf", "");
    assert_int_equal(chmod("dunlin.conf", 0666), 0);
    refused("dunlin.conf can be written by everybody");
    assert_int_equal(unlink("dunlin.conf"), 0);
    scratch_write(&f->scratch, ".env", "A=1\0", 4);
    refused("cannot read .env: it is not a text file");
    memset(large, '\n', sizeof(large));
    scratch_write(&f->scratch, ".env", large, sizeof(large));
    refused("cannot read .env: it is larger than 1 MiB");
}

static void test_library_options(void **state)
{
    struct dunlin_options options = DUNLIN_OPTIONS_INIT;
    struct place place = {FROM_FLAG, "--x", NULL, 0};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct settings s;
    char here[4096], expected[8300];

    (void)state;
    settings_init(&s);
    settings_add(&s, OPT_LOCK_TIMEOUT, &place, "2s", &err);
    settings_add(&s, OPT_OUT_OF_ORDER, &place, "allow", &err);
    settings_add(&s, OPT_UNNUMBERED, &place, "last", &err);
    setenv("DUNLIN_DRIVER_PATH", "rel:/abs::", 1);
    assert_non_null(getcwd(here, sizeof(here)));
    assert_int_equal(settings_options(&s, &options, &err), DUNLIN_OK);
    snprintf(expected, sizeof(expected), "%s/rel:/abs", here);
    assert_string_equal(options.driver_path, expected);
    assert_int_equal(options.lock_wait_ms, 60000);
    assert_int_equal(options.lock_timeout_ms, 2000);
    assert_int_equal(options.statement_timeout_ms, 0);
    assert_int_equal(options.out_of_order, DUNLIN_ORDER_ALLOW);
    assert_int_equal(options.unnumbered, DUNLIN_UNNUMBERED_LAST);
    assert_null(options.dirs);
    assert_non_null(strchr(options.applied_by, '@'));
    unsetenv("DUNLIN_DRIVER_PATH");
    settings_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dotenv),
        cmocka_unit_test(test_conffile),
        cmocka_unit_test_setup_teardown(test_precedence, enter, leave),
        cmocka_unit_test_setup_teardown(test_lists, enter, leave),
        cmocka_unit_test_setup_teardown(test_refused, enter, leave),
        cmocka_unit_test(test_library_options),
    };

    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
