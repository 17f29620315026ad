/* SPDX-License-Identifier: MIT */
/* Environment variables that applications with migrators of their own have: DATABASE_SSL,
 * DATABASE_SCHEMA, MIGRATION_TIMEOUT, MIGRATION_AUTO_RUN. */
#ifndef DUNLIN_CLI_APPENV_H
#define DUNLIN_CLI_APPENV_H

#include "cli/env.h"
#include "cli/settings.h"

/* Reads and checks them, the environment before the .env file. */
int appenv_load(struct settings *s, const struct dotenv *dotenv, struct dunlin_error *err);

#endif
