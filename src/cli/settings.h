/* SPDX-License-Identifier: MIT */
/*
 * What the user wants, put together from arguments, environment, .env and config file. The
 * strongest source that names an option decides it; every value is checked where it is read, also
 * one that is then outvoted.
 */
#ifndef DUNLIN_CLI_SETTINGS_H
#define DUNLIN_CLI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <dunlin/dunlin.h>
#include "base/arena.h"
#include "cli/options.h"

enum origin {
    FROM_DEFAULT = 0,
    FROM_CONFIG,         /* config file, above its sections */
    FROM_CONFIG_SECTION, /* config file, section of --env */
    FROM_DOTENV,
    FROM_ENVIRONMENT,
    FROM_FLAG
};

/* Where a value was found, for messages. */
struct place {
    enum origin origin;
    const char *name; /* "--format", "DUNLIN_FORMAT", "format" */
    const char *file; /* NULL = none */
    uint32_t line;
};

struct setting {
    enum origin origin;
    const char **values;
    enum origin *origins; /* of each, where sources are merged */
    size_t count, cap;
};

struct settings {
    struct arena arena;
    const struct command_def *command; /* NULL = none was given */
    const char *operands[3];           /* as many as a command may have, and one to spare */
    size_t noperands;
    struct setting items[OPT_COUNT];
    /* Variables without an option; NULL and 0 = not set. */
    const char *sslmode, *schema;
    uint64_t run_timeout_ms;
    bool no_auto_run;
};

void settings_init(struct settings *s);
void settings_free(struct settings *s);

/* Checks a value and takes it, unless a stronger source has spoken. The text is copied. */
int settings_add(struct settings *s, enum option_id id, const struct place *place,
                 const char *value, struct dunlin_error *err);
/* Takes everything that the arguments left open: environment, .env, config file. */
int settings_load(struct settings *s, struct dunlin_error *err);

bool settings_given(const struct settings *s, enum option_id id);
const char *settings_text(const struct settings *s, enum option_id id); /* NULL = not given */
unsigned settings_switch(const struct settings *s, enum option_id id);  /* 0 = off */
unsigned settings_word(const struct settings *s, enum option_id id); /* position; 0 if not given */
uint64_t settings_ms(const struct settings *s, enum option_id id, uint64_t otherwise);

/* Fills the library's options; the strings belong to the settings. */
int settings_options(struct settings *s, struct dunlin_options *options, struct dunlin_error *err);

#endif
