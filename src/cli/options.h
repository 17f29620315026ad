/* SPDX-License-Identifier: MIT */
/*
 * Commands and options: one table of each, from which the parsing of arguments, environment and
 * config file, the help texts and the completion all come. A new option is one line in options.c.
 */
#ifndef DUNLIN_CLI_OPTIONS_H
#define DUNLIN_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <dunlin/error.h>

enum option_id {
    OPT_URL = 0,
    OPT_DIR,
    OPT_TABLE,
    OPT_CONFIG,
    OPT_ENV,
    OPT_ENV_FILE,
    OPT_FORMAT,
    OPT_JSON,
    OPT_QUIET,
    OPT_VERBOSE,
    OPT_COLOR,
    OPT_YES,
    OPT_LOCK_WAIT,
    OPT_LOCK_TIMEOUT,
    OPT_STATEMENT_TIMEOUT,
    OPT_LOCK_RETRIES,
    OPT_OUT_OF_ORDER,
    OPT_TRANSACTION,
    OPT_DURABLE,
    OPT_TOLERATE,
    OPT_UNNUMBERED,
    OPT_LAYOUT,
    OPT_FOREIGN_CODE,
    OPT_LAYOUT_TABLE,
    OPT_HISTORY,
    OPT_REQUIRED_TABLES,
    OPT_LOG_FORMAT,
    OPT_SET,
    OPT_ALLOW_EXEC,
    OPT_TO,
    OPT_ALL,
    OPT_ONLY,
    OPT_BASELINE_SCHEMA,
    OPT_SKIP,
    OPT_TIMEOUT,
    OPT_FROM,
    OPT_DRY_RUN,
    OPT_NO_DB,
    OPT_DIALECT,
    OPT_EXECUTE,
    OPT_PENDING,
    OPT_CHECK,
    OPT_TIMESTAMP,
    OPT_SEQ,
    OPT_PAIR,
    OPT_EDIT,
    OPT_HELP,
    OPT_VERSION,
    OPT_COUNT
};

enum command_id {
    CMD_UP = 0,
    CMD_DOWN,
    CMD_TO,
    CMD_REDO,
    CMD_STATUS,
    CMD_PLAN,
    CMD_CHECK,
    CMD_VERIFY,
    CMD_SWITCH,
    CMD_ADOPT,
    CMD_CONVERT,
    CMD_RENUMBER,
    CMD_NEW,
    CMD_BASELINE,
    CMD_MARK,
    CMD_RESUME,
    CMD_CREATE,
    CMD_DROP,
    CMD_WAIT,
    CMD_DRIVERS,
    CMD_VERSION,
    CMD_HELP,
    CMD_COUNT
};
#define COMMAND_BIT(id) (1u << (id))
#define COMMANDS_ALL (~0u)

enum value_kind {
    VALUE_SWITCH,   /* no argument; given several times it counts */
    VALUE_TEXT,     /* not empty */
    VALUE_LIST,     /* as text, and may be repeated */
    VALUE_PAIR,     /* NAME=VALUE, repeatable; all sources together, the strongest by name */
    VALUE_WORD,     /* one of those in the argument's name, parted by '|' */
    VALUE_DURATION, /* 500ms, 60s, 5m .. */
    VALUE_OPTIONAL  /* a word that may be left out */
};

/* Where else than among the arguments an option may come from. */
#define OPTION_ENVIRONMENT 1u /* DUNLIN_<NAME>, and the .env file */
#define OPTION_CONFIG 2u      /* the config file, under its long name */

struct option_def {
    enum option_id id;
    char letter; /* 0 = none */
    const char *name;
    const char *argument; /* its name in the help, NULL = none */
    const char *help;
    uint32_t commands; /* COMMAND_BIT of those that take it */
    enum value_kind kind;
    uint32_t sources;       /* OPTION_ENVIRONMENT | OPTION_CONFIG */
    const char *stands_for; /* JSON: the value of OPT_FORMAT that it means */
};

struct command_def {
    enum command_id id;
    const char *name;
    const char *aliases;   /* parted by '|', NULL = none */
    const char *arguments; /* in the help, "" = none */
    const char *help;      /* one line */
    const char *more;      /* what `help COMMAND` adds */
    size_t min, max;       /* operands */
    bool events;           /* with JSON: a line per event instead of one document */
};

const struct option_def *option_def(enum option_id id);
const struct command_def *command_def(enum command_id id);
/* By name or alias, NULL = there is none. */
const struct command_def *command_find(const char *name);
/* By long name, NULL = there is none. */
const struct option_def *option_find(const char *name);
/* The name of the option's environment variable: "DUNLIN_LOCK_WAIT". */
void option_env_name(const struct option_def *def, char *to, size_t size);

struct settings;

/* Reads the arguments into settings: options as FROM_FLAG, the command, its operands. Goes on after
 * an error, so that a --json behind it still decides how it is told. The characters of a --url are
 * overwritten in argv: process lists show them. */
int options_parse(int argc, char **argv, struct settings *s, struct dunlin_error *err);

#endif
