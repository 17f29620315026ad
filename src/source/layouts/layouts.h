/* SPDX-License-Identifier: MIT */
/* The layouts of other tools, each in a file of its name. */
#ifndef DUNLIN_SOURCE_LAYOUTS_H
#define DUNLIN_SOURCE_LAYOUTS_H

#include "source/layout.h"

extern const struct layout atlas_layout;
extern const struct layout dbmate_layout;
extern const struct layout diesel_layout;
extern const struct layout drizzle_layout;
extern const struct layout drizzle_v1_layout;
extern const struct layout flyway_layout;
extern const struct layout golang_migrate_layout;
extern const struct layout goose_layout;
extern const struct layout graphile_migrate_layout;
extern const struct layout liquibase_layout;
extern const struct layout node_pg_migrate_layout;
extern const struct layout postgrator_layout;
extern const struct layout prisma_layout;
extern const struct layout refinery_layout;
extern const struct layout sqitch_layout;
extern const struct layout sql_migrate_layout;
extern const struct layout sqlx_layout;
extern const struct layout supabase_layout;
extern const struct layout tern_layout;
extern const struct layout umzug_layout;

#endif
