/* SPDX-License-Identifier: MIT */
/* What the files about Flyway have in common, and what refinery shares with it: the look of names.
 */
#ifndef DUNLIN_SOURCE_LAYOUTS_FLYWAY_H
#define DUNLIN_SOURCE_LAYOUTS_FLYWAY_H

#include "source/layout.h"
#include "source/rewrite.h"

/* ---- flyway-names.c ---- */

/* The version as Flyway compares it: without leading zeros, and without parts of 0 at its end. NULL
 * when out of memory. */
char *flyway_key(struct arena *arena, const char *version, size_t len);
/* The order of two such keys. */
int flyway_key_compare(const char *a, const char *b);

enum versioned_names { NAMES_OTHER = 0, NAMES_EITHER, NAMES_FLYWAY, NAMES_REFINERY };
/* Whose files called V1__x.sql and the like are; *why is for messages. */
enum versioned_names versioned_names(const struct glance *g, const char **why);

/* ---- flyway-project.c ---- */

/* What flyway.toml or flyway.conf says, without "flyway." before the names. */
struct flyway_setting {
    const char *name, *value;
    const char *path; /* where it stands */
    uint32_t line;
    struct flyway_setting *next;
};

struct flyway_project {
    struct flyway_setting *settings; /* the last one first */
    const char *table;               /* of its history, variables of the environment put in */
    const char *schema; /* the first one, in the same way; NULL = the connection's own */
    bool passing;       /* there was such a variable */
    char now[32];       /* when the folder was listed, as Flyway writes it */
};

/* A file of the folder. */
struct flyway_file {
    const struct flyway_project *project;
    bool literal; /* placeholders stay as they are */
    bool repeatable;
};

/* Looks in the folder and in those above it. */
int flyway_project_load(const struct folder *f, struct arena *arena, struct flyway_project *out,
                        struct dunlin_error *err);
/* Calls look with the path of the folder, then with those of the folders above it as far as a
 * project goes, until it returns true. There is room for a short name behind the len bytes of way.
 */
typedef bool (*above_fn)(void *user, char *way, size_t len);
void folders_above(const struct folder *f, above_fn look, void *user);

/* ---- flyway-settings.c ---- */

/* NULL = it is not set. */
const struct flyway_setting *flyway_setting(const struct flyway_project *p, const char *name);
const char *flyway_value(const struct flyway_project *p, const char *name, const char *otherwise);

/* ---- flyway-placeholders.c ---- */

/* In place of the line at hand there is the line with its placeholders replaced. */
int flyway_expand(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err);

#endif
