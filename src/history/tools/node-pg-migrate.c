/* SPDX-License-Identifier: MIT */
/*
 * node-pg-migrate: a row for each file, by its name without extension. The rows, in the order in
 * which they were written, have to begin the list of the files. Its lock is one number for all
 * databases of a server, and it does not wait for it.
 */
#include "history/tools/tools.h"

#define LOCK "7241865325823964"

const struct foreign foreign_node_pg_migrate = {
    .name = "node-pg-migrate",
    .tool = "node-pg-migrate",
    .ordered = true,
    .on = {
        [FOREIGN_POSTGRES] =
            {.table = "public.pgmigrations",
             .create = "CREATE TABLE IF NOT EXISTS {table} (id serial PRIMARY KEY,"
                       " name varchar(255) NOT NULL, run_on timestamp NOT NULL)",
             .read = "SELECT name, NULL, 'applied', pg_catalog.to_char(run_on,"
                     " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), NULL FROM {table} ORDER BY run_on, id",
             .applied = "INSERT INTO {table} (name, run_on) VALUES ({key}, pg_catalog.now())",
             .reverted = "DELETE FROM {table} WHERE name {=} {key}",
             .lock = "SELECT pg_catalog.pg_try_advisory_lock(" LOCK ")",
             .unlock = "SELECT pg_catalog.pg_advisory_unlock(" LOCK ")"},
    }};
