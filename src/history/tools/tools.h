/* SPDX-License-Identifier: MIT */
/* The tables of other tools, each in a file of its name. */
#ifndef DUNLIN_HISTORY_TOOLS_H
#define DUNLIN_HISTORY_TOOLS_H

#include "history/foreign.h"

extern const struct foreign foreign_alembic;
extern const struct foreign foreign_atlas;
extern const struct foreign foreign_dbmate;
extern const struct foreign foreign_diesel;
extern const struct foreign foreign_drizzle;
extern const struct foreign foreign_drizzle_v1;
extern const struct foreign foreign_flyway;
extern const struct foreign foreign_golang_migrate;
extern const struct foreign foreign_goose;
extern const struct foreign foreign_graphile_migrate;
extern const struct foreign foreign_knex;
extern const struct foreign foreign_liquibase;
extern const struct foreign foreign_node_pg_migrate;
extern const struct foreign foreign_plain;
extern const struct foreign foreign_postgrator;
extern const struct foreign foreign_prisma;
extern const struct foreign foreign_rails;
extern const struct foreign foreign_refinery;
extern const struct foreign foreign_sqitch;
extern const struct foreign foreign_sql_migrate;
extern const struct foreign foreign_sqlx;
extern const struct foreign foreign_supabase;
extern const struct foreign foreign_tern;
extern const struct foreign foreign_umzug;

#endif
