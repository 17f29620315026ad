/* SPDX-License-Identifier: MIT */
/* The command line: what is understood, what is refused, and the tables behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "cli/options.h"
#include "cli/settings.h"
#include "cli/values.h"

#define MAX_WORDS 16

/* Splits line at blanks into argv; '' is an empty word. */
struct words {
    char text[256];
    char *argv[MAX_WORDS + 1];
    int argc;
};

static void words_split(struct words *w, const char *line)
{
    char *p = w->text;

    snprintf(w->text, sizeof(w->text), "dunlin%s%s", *line ? " " : "", line);
    for (w->argc = 0; *p && w->argc < MAX_WORDS; w->argc++) {
        size_t len = strcspn(p, " ");

        w->argv[w->argc] = p;
        p += len;
        if (*p)
            *p++ = '\0';
        if (strcmp(w->argv[w->argc], "''") == 0)
            w->argv[w->argc][0] = '\0';
    }
    w->argv[w->argc] = NULL;
}

/* What was understood: "command|operand|option=value,value|.." */
static void describe(const struct settings *s, struct buf *to)
{
    buf_adds(to, s->command ? s->command->name : "-");
    for (size_t i = 0; i < s->noperands; i++)
        buf_addf(to, "|%s", s->operands[i]);
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct setting *item = &s->items[i];

        if (item->count)
            buf_addf(to, "|%s=", option_def((enum option_id)i)->name);
        for (size_t n = 0; n < item->count; n++)
            buf_addf(to, "%s%s", n ? "," : "", item->values[n]);
    }
}

struct good {
    const char *line, *expected;
};

static const struct good goods[] = {
    {"", "-"},
    {"up", "up"},
    {"migrate", "up"},
    {"deploy 3", "up|3"},
    {"apply", "up"},
    {"rollback", "down"},
    {"revert", "down"},
    {"undo", "down"},
    {"info", "status"},
    {"add x", "new|x"},
    {"generate x", "new|x"},
    {"-u sqlite:x up", "up|url=sqlite:x"},
    {"up -u sqlite:x", "up|url=sqlite:x"},
    {"up -usqlite:x", "up|url=sqlite:x"},
    {"up --url=sqlite:x 2", "up|2|url=sqlite:x"},
    {"up 2 --url sqlite:x", "up|2|url=sqlite:x"},
    {"-d a -d b=c up --dir d", "up|dir=a,b=c,d"},
    {"up --json", "up|format=json"},
    {"up -qvv -y", "up|quiet=1|verbose=1,1|yes=1"},
    {"up --lock-wait 5m --lock-timeout 500ms --statement-timeout 0",
     "up|lock-wait=5m|lock-timeout=500ms|statement-timeout=0"},
    {"up --out-of-order allow --unnumbered=last", "up|out-of-order=allow|unnumbered=last"},
    {"up -n", "up|dry-run=1"},
    {"up --dry-run", "up|dry-run=1"},
    {"up --dry-run=execute", "up|dry-run=execute"},
    {"up --allow-exec --set a=1 --set b=2", "up|set=a=1,b=2|allow-exec=1"},
    {"plan --execute", "plan|execute=1"},
    {"up --dry-run 3", "up|3|dry-run=1"},
    {"up -n 3", "up|3|dry-run=1"},
    {"down --all", "down|all=1"},
    {"down --to 12", "down|to=12"},
    {"status --pending --check", "status|pending=1|check=1"},
    {"new x --timestamp --pair --edit", "new|x|timestamp=1|pair=1|edit=1"},
    {"new -- --odd", "new|--odd"},
    {"new -", "new|-"},
    {"new --help", "new|help=1"},
    {"-V", "-|version=1"},
    {"help up", "help|up"},
    {"-E prod --env-file f -c g up", "up|config=g|env=prod|env-file=f"},
    {"up -t s.h --color never", "up|table=s.h|color=never"},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct buf got = BUF_INIT(4096);
        struct settings s;
        struct words w;

        settings_init(&s);
        words_split(&w, goods[i].line);
        if (options_parse(w.argc, w.argv, &s, &err) != DUNLIN_OK)
            fail_msg("\"%s\": %s", goods[i].line, err.message);
        describe(&s, &got);
        assert_string_equal(buf_str(&got), goods[i].expected);
        buf_free(&got);
        settings_free(&s);
    }
}

struct bad {
    const char *line, *message, *hint;
};

static const struct bad bads[] = {
    {"up --nope", "unknown option --nope", ""},
    {"up --formta=x", "unknown option --formta", "did you mean --format?"},
    {"up --password=secret", "unknown option --password", ""},
    {"up -x", "unknown option -x", ""},
    {"up -qxv", "unknown option -x", ""},
    {"up -1", "unknown option -1", ""},
    {"upp", "unknown command \"upp\"", "did you mean \"up\"?"},
    {"stauts", "unknown command \"stauts\"", "did you mean \"status\"?"},
    {"xyz", "unknown command \"xyz\"", ""},
    {"postgres://u:secret@h/d up", "a URL is not a command", NULL},
    {"u:secret@tcp(h)/d up", "a URL is not a command", NULL},
    {"up 1 2", "too many arguments for \"up\"", ""},
    {"status 1", "too many arguments for \"status\"", ""},
    {"up -- 1 -u", "too many arguments for \"up\"", ""},
    {"new", "\"new\" needs NAME", ""},
    {"to", "\"to\" needs VERSION", ""},
    {"mark 3", "\"mark\" needs VERSION applied|pending|failed", ""},
    {"create users", "too many arguments for \"create\"",
     "it creates the database; a migration file is created by \"dunlin new NAME\""},
    {"up --skip", "\"up\" has no option --skip", ""},
    {"up --all", "\"up\" has no option --all", ""},
    {"--check up", "\"up\" has no option --check", ""},
    {"status --to 3", "\"status\" has no option --to", ""},
    {"up --to", "--to needs a value (VERSION|DIR)", ""},
    {"up -u", "--url needs a value (URL)", ""},
    {"down --all=yes", "--all takes no value", ""},
    {"up --json=1", "--json takes no value", ""},
    {"up -u ''", "--url must be more than nothing", ""},
    {"up --format xml", "--format must be text or json, not \"xml\"", ""},
    {"up --format ''", "--format must be text or json", ""},
    {"up --color red", "--color must be auto or always or never, not \"red\"", ""},
    {"up --lock-wait 60", "--lock-wait must be a duration like 500ms, 60s or 5m, not \"60\"", ""},
    {"up --nope --bad", "unknown option --nope", ""},
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct settings s;
        struct words w;

        settings_init(&s);
        words_split(&w, bads[i].line);
        if (options_parse(w.argc, w.argv, &s, &err) != DUNLIN_USAGE)
            fail_msg("\"%s\" was not refused as a usage error", bads[i].line);
        assert_int_equal(err.status, DUNLIN_USAGE);
        assert_string_equal(err.message, bads[i].message);
        if (bads[i].hint)
            assert_string_equal(err.hint, bads[i].hint);
        settings_free(&s);
    }
}

/* --json decides how an error is told, also when it stands behind the mistake. */
static void test_goes_on_after_error(void **state)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct settings s;
    struct words w;

    (void)state;
    settings_init(&s);
    words_split(&w, "up --nope --json");
    assert_int_equal(options_parse(w.argc, w.argv, &s, &err), DUNLIN_USAGE);
    assert_string_equal(settings_text(&s, OPT_FORMAT), "json");
    settings_free(&s);
}

static void test_url_is_hidden(void **state)
{
    static const char *const lines[] = {"up -u scheme:secret", "up --url=scheme:secret",
                                        "up -uscheme:secret"};

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct settings s;
        struct words w;

        settings_init(&s);
        words_split(&w, lines[i]);
        assert_int_equal(options_parse(w.argc, w.argv, &s, &err), DUNLIN_OK);
        assert_string_equal(settings_text(&s, OPT_URL), "scheme:secret");
        for (int n = 0; n < w.argc; n++)
            assert_null(strstr(w.argv[n], "secret"));
        settings_free(&s);
    }
}

/* What the rest of the program takes for granted about the tables. */
static void test_tables(void **state)
{
    char name[64];

    (void)state;
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_def *o = option_def((enum option_id)i);

        assert_int_equal(o->id, i);
        assert_ptr_equal(option_find(o->name), o);
        assert_true(o->kind == VALUE_SWITCH || o->kind == VALUE_OPTIONAL || o->argument);
        for (int n = 0; n < i; n++) {
            const struct option_def *other = option_def((enum option_id)n);

            assert_string_not_equal(o->name, other->name);
            assert_true(!o->letter || o->letter != other->letter);
        }
    }
    for (int i = 0; i < CMD_COUNT; i++) {
        const struct command_def *c = command_def((enum command_id)i);

        assert_int_equal(c->id, i);
        assert_ptr_equal(command_find(c->name), c);
        assert_true(c->max <= 2); /* struct settings has room for one more */
    }
    option_env_name(option_def(OPT_STATEMENT_TIMEOUT), name, sizeof(name));
    assert_string_equal(name, "DUNLIN_STATEMENT_TIMEOUT");
}

static void test_counts(void **state)
{
    static const char *const wrong[] = {"", "0", "-1", "+1", "01", "1x", "1000000", "x", " 1"};
    uint64_t n = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(parse_count(wrong[i], &n));
    assert_int_equal(n, 7);
    assert_true(parse_count("1", &n));
    assert_int_equal(n, 1);
    assert_true(parse_count("999999", &n));
    assert_int_equal(n, 999999);
}

static void test_switches(void **state)
{
    static const char *const on[] = {"1", "yes", "YES", "true", "On"};
    static const char *const off[] = {"0", "no", "False", "off"};
    static const char *const wrong[] = {"", "y", "maybe", "11", "-1"};
    unsigned value;

    (void)state;
    for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++)
        assert_true(parse_switch(on[i], &value) && value == 1);
    for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
        assert_true(parse_switch(off[i], &value) && value == 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(parse_switch(wrong[i], &value));
    assert_true(parse_switch("2", &value) && value == 2);
}

static void test_words(void **state)
{
    (void)state;
    assert_int_equal(word_index("text|json", "text"), 0);
    assert_int_equal(word_index("text|json", "json"), 1);
    assert_int_equal(word_index("text|json", "jso"), -1);
    assert_int_equal(word_index("text|json", ""), -1);
    assert_int_equal(word_index("text|json", "text|json"), -1);
    assert_int_equal(word_distance("", "abc"), 3);
    assert_int_equal(word_distance("abc", ""), 3);
    assert_int_equal(word_distance("kitten", "sitting"), 3);
    assert_int_equal(word_distance("stauts", "status"), 1);
    assert_int_equal(word_distance("same", "same"), 0);
    assert_true(word_distance("a234567890123456789012345678901234567890123456789012345678901234",
                              "b") > 63);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_goes_on_after_error),
        cmocka_unit_test(test_url_is_hidden),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_switches),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
