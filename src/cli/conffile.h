/* SPDX-License-Identifier: MIT */
/*
 * dunlin.conf: an INI file whose keys are long option names, with a section [env NAME] for each
 * environment. Keys above the sections hold for all of them.
 */
#ifndef DUNLIN_CLI_CONFFILE_H
#define DUNLIN_CLI_CONFFILE_H

#include "cli/settings.h"

/* path NULL = ./dunlin.conf where there is one; env NULL = no section. Unknown keys are errors in
 * every section, used or not. */
int conffile_load(struct settings *s, const char *path, const char *env, struct dunlin_error *err);
/* Text instead of a file; path is used in messages. */
int conffile_parse(struct settings *s, const char *path, const char *text, const char *env,
                   struct dunlin_error *err);

#endif
