/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "cli/settings.h"
#include "cli/values.h"

#define UP COMMAND_BIT(CMD_UP)
#define DOWN COMMAND_BIT(CMD_DOWN)
#define STATUS COMMAND_BIT(CMD_STATUS)
#define PLAN COMMAND_BIT(CMD_PLAN)
#define NEW COMMAND_BIT(CMD_NEW)
#define CHECK COMMAND_BIT(CMD_CHECK)
#define SWITCH COMMAND_BIT(CMD_SWITCH)
#define ADOPT COMMAND_BIT(CMD_ADOPT)
#define CONVERT COMMAND_BIT(CMD_CONVERT)
#define RENUMBER COMMAND_BIT(CMD_RENUMBER)
#define RESUME COMMAND_BIT(CMD_RESUME)
#define WAIT COMMAND_BIT(CMD_WAIT)
#define ANYWHERE (OPTION_ENVIRONMENT | OPTION_CONFIG)

/* In the order in which the help shows them. */
static const struct option_def options[OPT_COUNT] = {
    {OPT_URL, 'u', "url", "URL", "the database; process lists show it: better set $DUNLIN_URL",
     COMMANDS_ALL, VALUE_TEXT, ANYWHERE, NULL},
    {OPT_DIR, 'd', "dir", "[LABEL=]PATH", "a folder with migrations, repeatable (./migrations)",
     COMMANDS_ALL, VALUE_LIST, ANYWHERE, NULL},
    {OPT_TABLE, 't', "table", "[SCHEMA.]NAME", "the history table (dunlin_migrations)",
     COMMANDS_ALL, VALUE_TEXT, ANYWHERE, NULL},
    {OPT_CONFIG, 'c', "config", "FILE", "the config file (./dunlin.conf)", COMMANDS_ALL, VALUE_TEXT,
     OPTION_ENVIRONMENT, NULL},
    {OPT_ENV, 'E', "env", "NAME", "use section [env NAME] of the config file", COMMANDS_ALL,
     VALUE_TEXT, OPTION_ENVIRONMENT, NULL},
    {OPT_ENV_FILE, 0, "env-file", "FILE", "a file with environment variables (./.env)",
     COMMANDS_ALL, VALUE_TEXT, OPTION_ENVIRONMENT, NULL},
    {OPT_FORMAT, 0, "format", "text|json", "how to print results (text)", COMMANDS_ALL, VALUE_WORD,
     ANYWHERE, NULL},
    {OPT_JSON, 0, "json", NULL, "the same as --format json", COMMANDS_ALL, VALUE_SWITCH, 0, "json"},
    {OPT_QUIET, 'q', "quiet", NULL, "print errors and warnings only", COMMANDS_ALL, VALUE_SWITCH,
     ANYWHERE, NULL},
    {OPT_VERBOSE, 'v', "verbose", NULL, "print each statement; twice: also each step", COMMANDS_ALL,
     VALUE_SWITCH, ANYWHERE, NULL},
    {OPT_COLOR, 0, "color", "auto|always|never", "colours; NO_COLOR turns auto off (auto)",
     COMMANDS_ALL, VALUE_WORD, ANYWHERE, NULL},
    {OPT_YES, 'y', "yes", NULL, "answer yes to every question", COMMANDS_ALL, VALUE_SWITCH,
     ANYWHERE, NULL},
    {OPT_LOCK_WAIT, 0, "lock-wait", "DURATION", "how long to wait for another run (60s)",
     COMMANDS_ALL, VALUE_DURATION, ANYWHERE, NULL},
    {OPT_LOCK_TIMEOUT, 0, "lock-timeout", "DURATION",
     "how long a statement may wait for locks (5s)", COMMANDS_ALL, VALUE_DURATION, ANYWHERE, NULL},
    {OPT_STATEMENT_TIMEOUT, 0, "statement-timeout", "DURATION",
     "how long a statement may run (the server's default)", COMMANDS_ALL, VALUE_DURATION, ANYWHERE,
     NULL},
    {OPT_LOCK_RETRIES, 0, "lock-retries", "N", "how often to try again without its locks (3)",
     COMMANDS_ALL, VALUE_TEXT, ANYWHERE, NULL},
    {OPT_OUT_OF_ORDER, 0, "out-of-order", "reject|warn|allow",
     "a pending migration below an applied one (reject)", COMMANDS_ALL, VALUE_WORD, ANYWHERE, NULL},
    {OPT_TRANSACTION, 0, "transaction", "each|all",
     "one for each migration, or one for all of a run (each)", COMMANDS_ALL, VALUE_WORD, ANYWHERE,
     NULL},
    {OPT_DURABLE, 0, "durable", "run|each",
     "wait for the disk at the end, or after each migration (run)", COMMANDS_ALL, VALUE_WORD,
     ANYWHERE, NULL},
    {OPT_TOLERATE, 0, "tolerate", "exists,missing",
     "pass over what exists, wait for what is missing", COMMANDS_ALL, VALUE_TEXT, ANYWHERE, NULL},
    {OPT_UNNUMBERED, 0, "unnumbered", "error|last|ignore", "a file without a number (error)",
     COMMANDS_ALL, VALUE_WORD, ANYWHERE, NULL},
    {OPT_LAYOUT, 0, "layout", "auto|NAME",
     "whose the folders are: native, flyway and so on; auto looks into each (auto)", COMMANDS_ALL,
     VALUE_TEXT, ANYWHERE, NULL},
    {OPT_FOREIGN_CODE, 0, "foreign-code", "refuse|skip|exec",
     "migrations in a language that dunlin does not run (refuse)", COMMANDS_ALL, VALUE_WORD,
     ANYWHERE, NULL},
    {OPT_LAYOUT_TABLE, 0, "layout-table", "[SCHEMA.]NAME",
     "the history table of the other tool (its default)", COMMANDS_ALL, VALUE_TEXT, ANYWHERE, NULL},
    {OPT_HISTORY, 0, "history", "own|layout|anew",
     "where a folder of another tool keeps its history (own)", COMMANDS_ALL, VALUE_WORD, ANYWHERE,
     NULL},
    {OPT_REQUIRED_TABLES, 0, "required-tables", "LIST",
     "tables that must be there after up, parted by commas", COMMANDS_ALL, VALUE_TEXT, ANYWHERE,
     NULL},
    {OPT_LOG_FORMAT, 0, "log-format", "plain|timestamp",
     "begin each line of a run with time and level (plain)", COMMANDS_ALL, VALUE_WORD, ANYWHERE,
     NULL},
    {OPT_SET, 0, "set", "NAME=VALUE", "a value for placeholders ${NAME}, repeatable", COMMANDS_ALL,
     VALUE_PAIR, ANYWHERE, NULL},
    {OPT_ALLOW_EXEC, 0, "allow-exec", NULL, "run migrations that are programs", COMMANDS_ALL,
     VALUE_SWITCH, ANYWHERE, NULL},

    {OPT_TO, 0, "to", "VERSION|DIR",
     "up: up to and with VERSION; down: until it is the newest; convert: the new folder",
     UP | DOWN | PLAN | CONVERT, VALUE_TEXT, 0, NULL},
    {OPT_ALL, 0, "all", NULL, "revert every applied migration", DOWN, VALUE_SWITCH, 0, NULL},
    {OPT_ONLY, 0, "only", "VERSION", "this migration and no other, repeatable", UP | PLAN,
     VALUE_LIST, 0, NULL},
    {OPT_BASELINE_SCHEMA, 0, "baseline-schema", "FILE", "SQL that an empty database gets first",
     UP | RESUME, VALUE_TEXT, ANYWHERE, NULL},
    {OPT_SKIP, 0, "skip", NULL, "the statement that it stopped at counts as done", RESUME,
     VALUE_SWITCH, 0, NULL},
    {OPT_TIMEOUT, 0, "timeout", "DURATION", "how long to wait (60s)", WAIT, VALUE_DURATION, 0,
     NULL},
    {OPT_FROM, 0, "from", "TOOL[:DIR]",
     "the tool whose history it is, where the folder is not in its layout", ADOPT, VALUE_TEXT, 0,
     NULL},
    {OPT_DRY_RUN, 'n', "dry-run", NULL, "tell what it would do, and change nothing",
     UP | DOWN | SWITCH | ADOPT | CONVERT | RENUMBER, VALUE_OPTIONAL, 0, NULL},
    {OPT_NO_DB, 0, "no-db", NULL, "deal with the folders alone", CHECK | CONVERT, VALUE_SWITCH, 0,
     NULL},
    {OPT_DIALECT, 0, "dialect", "postgres|mysql|sqlite",
     "with --no-db: how to read the files, where no URL tells", CHECK | CONVERT, VALUE_WORD, 0,
     NULL},
    {OPT_EXECUTE, 0, "execute", NULL, "run it in a transaction, and undo it all", PLAN,
     VALUE_SWITCH, 0, NULL},
    {OPT_PENDING, 0, "pending", NULL, "only what up would run", STATUS, VALUE_SWITCH, 0, NULL},
    {OPT_CHECK, 0, "check", NULL, "exit with 1 when something is pending", STATUS, VALUE_SWITCH, 0,
     NULL},
    {OPT_TIMESTAMP, 0, "timestamp", NULL, "number it with the time (UTC)", NEW, VALUE_SWITCH, 0,
     NULL},
    {OPT_SEQ, 0, "seq", NULL, "number it with the next number (default)", NEW, VALUE_SWITCH, 0,
     NULL},
    {OPT_PAIR, 0, "pair", NULL, "create an .up.sql and a .down.sql file", NEW, VALUE_SWITCH, 0,
     NULL},
    {OPT_EDIT, 0, "edit", NULL, "open it in $VISUAL or $EDITOR", NEW, VALUE_SWITCH, 0, NULL},

    {OPT_HELP, 'h', "help", NULL, "print this help, or that of COMMAND", COMMANDS_ALL, VALUE_SWITCH,
     0, NULL},
    {OPT_VERSION, 'V', "version", NULL, "print the version", COMMANDS_ALL, VALUE_SWITCH, 0, NULL},
};

static const struct command_def commands[CMD_COUNT] = {
    {CMD_UP, "up", "migrate|deploy|apply", "[N | --to VERSION | --only VERSION]",
     "apply pending migrations",
     "Without an argument it applies everything that is pending; N limits how many.", 0, 1, true},
    {CMD_DOWN, "down", "rollback|revert|undo", "[N | --to VERSION | --all]",
     "revert applied migrations, newest first", "Without an argument it reverts exactly one.", 0, 1,
     true},
    {CMD_TO, "to", "goto", "VERSION", "bring the database to VERSION, up or down",
     "Reverts what is behind VERSION, or applies what is pending up to it.", 1, 1, true},
    {CMD_REDO, "redo", NULL, "[N]", "revert the last migration and apply it again",
     "With N that many of them. What cannot be applied again is refused before.", 0, 1, true},
    {CMD_STATUS, "status", "info", "", "list every migration and its state",
     "Changes nothing in the database.", 0, 0, false},
    {CMD_PLAN, "plan", NULL, "[N | --to VERSION | --only VERSION]",
     "list what up would run, changing nothing",
     "Fails as up would: with the same message and exit code.", 0, 1, false},
    {CMD_CHECK, "check", "validate", "", "compare folder and history, and parse every file",
     "Lists what is edited, missing, late, duplicate or broken, and exits with 1 then.", 0, 0,
     false},
    {CMD_VERIFY, "verify", NULL, "", "run the verify sections of applied migrations",
     "Looks for the required tables too. Exits with 1 when something is not true.", 0, 0, false},
    {CMD_SWITCH, "switch", NULL, "", "revert what has no file here, then apply what is pending",
     "For a change of branches: reverts with the down scripts that the history keeps.", 0, 0, true},
    {CMD_ADOPT, "adopt", NULL, "", "take the history of another tool over",
     "Records what its table says, once. Where table and folder differ nothing is written.", 0, 0,
     false},
    {CMD_CONVERT, "convert", NULL, "--to DIR", "write a folder of any tool as one of dunlin's own",
     "Its history follows, in one transaction. The old folder stays as it is.", 0, 0, false},
    {CMD_RENUMBER, "renumber", NULL, "", "give late files numbers behind the newest",
     "For a rebase. Applied ones are never touched, existing files never overwritten.", 0, 0,
     false},
    {CMD_NEW, "new", "add|generate", "NAME", "create the next migration file",
     "The file goes into the first folder. An existing file is never overwritten.", 1, 1, false},
    {CMD_BASELINE, "baseline", NULL, "VERSION", "record everything up to VERSION as applied",
     "Runs nothing. Repeatables are not recorded: the next up runs them.", 1, 1, true},
    {CMD_MARK, "mark", NULL, "VERSION applied|pending|failed", "repair one row of the history",
     "Runs nothing. Asks first; without a terminal it needs --yes.", 2, 2, true},
    {CMD_RESUME, "resume", NULL, "", "continue a migration that stopped in the middle",
     "The statement that it stopped at runs again, unless --skip is given.", 0, 0, true},
    {CMD_CREATE, "create", NULL, "", "create the database",
     "One that exists already is left as it is.", 0, 0, false},
    {CMD_DROP, "drop", NULL, "", "drop the database, with everything in it",
     "Asks first; without a terminal it needs --yes.", 0, 0, false},
    {CMD_WAIT, "wait", NULL, "", "wait until the database can be reached", NULL, 0, 0, false},
    {CMD_DRIVERS, "drivers", NULL, "", "list the database drivers, and why one is refused", NULL, 0,
     0, false},
    {CMD_VERSION, "version", NULL, "", "print the version", NULL, 0, 0, false},
    {CMD_HELP, "help", NULL, "[COMMAND]", "explain a command", NULL, 0, 1, false},
};

const struct option_def *option_def(enum option_id id)
{
    return &options[id];
}

const struct command_def *command_def(enum command_id id)
{
    return &commands[id];
}

const struct command_def *command_find(const char *name)
{
    for (size_t i = 0; i < CMD_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
        if (commands[i].aliases && word_index(commands[i].aliases, name) >= 0)
            return &commands[i];
    }
    return NULL;
}

const struct option_def *option_find(const char *name)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    }
    return NULL;
}

void option_env_name(const struct option_def *def, char *to, size_t size)
{
    snprintf(to, size, "DUNLIN_%s", def->name);
    for (; *to; to++)
        *to = *to == '-' ? '_' : (char)toupper((unsigned char)*to);
}

/* ---- unknown words --------------------------------------------------------------------------- */

static int unknown_command(const char *name, struct dunlin_error *err)
{
    unsigned best = 4;
    const char *near = NULL;

    /* Somebody forgot -u: the text may hold a password, so it is not repeated. */
    if (strstr(name, "://") || strchr(name, '@')) {
        error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "a URL is not a command");
        error_hint(err, "the database is given with --url URL or in $DUNLIN_URL");
        return DUNLIN_USAGE;
    }
    error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "unknown command \"%s\"", name);
    for (size_t i = 0; i < CMD_COUNT; i++) {
        if (word_near(name, commands[i].name, &best))
            near = commands[i].name;
    }
    if (near)
        error_hint(err, "did you mean \"%s\"?", near);
    error_next(err, "dunlin help");
    return DUNLIN_USAGE;
}

static int unknown_option(const char *word, struct dunlin_error *err)
{
    size_t len = strcspn(word, "=");
    unsigned best = 4;
    const char *near = NULL;
    char name[64];

    error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "unknown option %.*s", (int)len, word);
    if (strncmp(word, "--", 2) == 0 && len - 2 < sizeof(name)) {
        snprintf(name, sizeof(name), "%.*s", (int)len - 2, word + 2);
        for (size_t i = 0; i < OPT_COUNT; i++) {
            if (word_near(name, options[i].name, &best))
                near = options[i].name;
        }
    }
    if (near)
        error_hint(err, "did you mean --%s?", near);
    error_next(err, "dunlin help");
    return DUNLIN_USAGE;
}

/* ---- parsing --------------------------------------------------------------------------------- */

#define LONG_BASE 256 /* above every letter */

struct parser {
    struct option longs[OPT_COUNT + 1];
    char shorts[3 * OPT_COUNT + 3];
};

/* The leading '-' makes getopt hand out operands in their place instead of moving them, so that
 * options after the command are found, whatever POSIXLY_CORRECT says. */
static void parser_init(struct parser *p)
{
    char *s = p->shorts;

    memset(p, 0, sizeof(*p));
    *s++ = '-';
    *s++ = ':';
    for (size_t i = 0; i < OPT_COUNT; i++) {
        p->longs[i].name = options[i].name;
        p->longs[i].has_arg = options[i].kind == VALUE_SWITCH     ? no_argument
                              : options[i].kind == VALUE_OPTIONAL ? optional_argument
                                                                  : required_argument;
        p->longs[i].val = LONG_BASE + (int)i;
        if (!options[i].letter)
            continue;
        *s++ = options[i].letter;
        if (p->longs[i].has_arg == required_argument)
            *s++ = ':';
    }
}

static const struct option_def *def_of_code(int code)
{
    if (code >= LONG_BASE && code < LONG_BASE + OPT_COUNT)
        return &options[code - LONG_BASE];
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (options[i].letter && options[i].letter == code)
            return &options[i];
    }
    return NULL;
}

static int option_bad(int code, char **argv, struct dunlin_error *err)
{
    const struct option_def *def = def_of_code(optopt);
    const char *last = optind > 0 ? argv[optind - 1] : NULL;
    char word[3] = {'-', (char)optopt, '\0'};

    if (code == ':' && def)
        return error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "--%s needs a value (%s)", def->name,
                         def->argument);
    if (def)
        return error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "--%s takes no value", def->name);
    return unknown_option(optopt || !last ? word : last, err);
}

static int operand_add(struct settings *s, const char *text, struct dunlin_error *err)
{
    if (!s->command) {
        s->command = command_find(text);
        return s->command ? DUNLIN_OK : unknown_command(text, err);
    }
    if (s->noperands == s->command->max) {
        error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "too many arguments for \"%s\"",
                  s->command->name);
        if (s->command->id == CMD_CREATE)
            error_hint(err, "it creates the database; a migration file is created by "
                            "\"dunlin new NAME\"");
        error_next(err, "dunlin help %s", s->command->name);
        return DUNLIN_USAGE;
    }
    s->operands[s->noperands] = arena_strdup(&s->arena, text);
    return s->operands[s->noperands++] ? DUNLIN_OK : error_nomem(err);
}

static int option_add(struct settings *s, const struct option_def *def, char *value,
                      struct dunlin_error *err)
{
    char name[32];
    struct place place = {FROM_FLAG, name, NULL, 0};
    int rc;

    snprintf(name, sizeof(name), "--%s", def->name);
    if (def->stands_for)
        return settings_add(s, OPT_FORMAT, &place, def->stands_for, err);
    rc = settings_add(s, def->id, &place, value ? value : "1", err);
    if (def->id == OPT_URL && value)
        memset(value, '*', strlen(value));
    if (def->id == OPT_SET && value && (value = strchr(value, '=')))
        memset(value + 1, '*', strlen(value + 1));
    return rc;
}

/* Only now is the command known: it may stand behind its options. */
static int check_command(const struct settings *s, struct dunlin_error *err)
{
    const struct command_def *c = s->command;

    if (!c || settings_given(s, OPT_HELP) || settings_given(s, OPT_VERSION))
        return DUNLIN_OK;
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (settings_given(s, options[i].id) && !(options[i].commands & COMMAND_BIT(c->id))) {
            error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "\"%s\" has no option --%s", c->name,
                      options[i].name);
            error_next(err, "dunlin help %s", c->name);
            return DUNLIN_USAGE;
        }
    }
    if (s->noperands < c->min) {
        error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "\"%s\" needs %s", c->name, c->arguments);
        error_next(err, "dunlin help %s", c->name);
        return DUNLIN_USAGE;
    }
    return DUNLIN_OK;
}

/* Keeps the first error, goes on after it. */
static void note(int *rc, int this_rc, struct dunlin_error *err,
                 const struct dunlin_error *this_err)
{
    if (*rc == DUNLIN_OK && this_rc != DUNLIN_OK) {
        *rc = this_rc;
        *err = *this_err;
    }
}

int options_parse(int argc, char **argv, struct settings *s, struct dunlin_error *err)
{
    struct parser p;
    struct dunlin_error one = DUNLIN_ERROR_INIT;
    const struct option_def *def;
    int code, rc = DUNLIN_OK;
    bool lost = false; /* an unknown command: its operands mean nothing */

    parser_init(&p);
    opterr = 0;
    optind = 0; /* starts getopt over: tests parse more than once */
    while ((code = getopt_long(argc, argv, p.shorts, p.longs, NULL)) != -1) {
        if (code == 1) {
            if (!lost)
                note(&rc, operand_add(s, optarg, &one), err, &one);
            lost = !s->command;
        } else if (code == '?' || code == ':' || !(def = def_of_code(code))) {
            note(&rc, option_bad(code, argv, &one), err, &one);
        } else {
            note(&rc, option_add(s, def, optarg, &one), err, &one);
        }
    }
    for (; optind < argc && !lost; optind++) {
        note(&rc, operand_add(s, argv[optind], &one), err, &one);
        lost = !s->command;
    }
    if (rc == DUNLIN_OK)
        rc = check_command(s, err);
    return rc;
}
