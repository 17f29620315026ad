/* SPDX-License-Identifier: MIT */
/*
 * The .env file: NAME=value lines, read as data. Nothing is expanded or executed, nothing is put
 * into the environment, and only what dunlin looks for is kept.
 */
#ifndef DUNLIN_CLI_ENV_H
#define DUNLIN_CLI_ENV_H

#include <stddef.h>
#include <stdint.h>
#include <dunlin/error.h>
#include "base/arena.h"

struct dotenv_entry {
    const char *name, *value;
    uint32_t line;
    struct dotenv_entry *next;
};

struct dotenv {
    const char *path;
    struct dotenv_entry *entries; /* the last line of a name wins: newest first */
};

/* path NULL = ./.env where there is one. Everything lives in the arena. */
int dotenv_load(struct dotenv *d, struct arena *arena, const char *path, struct dunlin_error *err);
/* Text instead of a file; d->path is used in messages. */
int dotenv_parse(struct dotenv *d, struct arena *arena, const char *text, struct dunlin_error *err);
const struct dotenv_entry *dotenv_find(const struct dotenv *d, const char *name);

#endif
