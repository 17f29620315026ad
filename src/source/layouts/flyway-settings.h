/* SPDX-License-Identifier: MIT */
/* Reading the lines of flyway.conf and flyway.toml. */
#ifndef DUNLIN_SOURCE_LAYOUTS_FLYWAY_SETTINGS_H
#define DUNLIN_SOURCE_LAYOUTS_FLYWAY_SETTINGS_H

#include "source/layouts/flyway.h"

#define FLYWAY_CONFIG_MAX (1024u * 1024u)

/* A file that is being read. */
struct flyway_config {
    const struct folder *folder;
    struct arena *arena;
    struct flyway_project *project;
    const char *path;
    char table[128]; /* TOML: the one at hand, with a dot behind it, without "flyway." */
    bool toml, ours; /* ours: that table is one of Flyway's settings */
};

/* One line, without its end. 0, 1 = it cannot be read, -1 = out of memory. */
int flyway_conf_line(struct flyway_config *c, const char *line, size_t len, uint32_t number);
int flyway_toml_line(struct flyway_config *c, const char *line, size_t len, uint32_t number);

#endif
