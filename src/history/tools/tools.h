/* SPDX-License-Identifier: MIT */
/* The tables of other tools, each in a file of its name. */
#ifndef DUNLIN_HISTORY_TOOLS_H
#define DUNLIN_HISTORY_TOOLS_H

#include "history/foreign.h"

/* The columns of a table, in their order; none where there is no such table. */
struct columns {
    struct column {
        const char *name, *type;
    } *list;
    size_t count;
};
/* plain.c */
int foreign_columns(const struct dunlin_driver *driver, struct dunlin_conn *conn,
                    const struct history_table *t, struct arena *arena, struct columns *out,
                    struct dunlin_error *err);
/* The one of that name, whatever its case, or NULL. */
const struct column *column_named(const struct columns *c, const char *name);

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
