/* SPDX-License-Identifier: MIT */
/*
 * graphile-migrate: a row for each committed migration, known by its number with .sql, and tied to
 * the one before it by that one's hash. The table current is for what is not committed: it is only
 * made, so that the tool finds both.
 */
#include "history/tools/tools.h"

#define TIME                                                                                       \
    "pg_catalog.to_char(m.\"date\" AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
#define LOCK "4727445306447283"

const struct foreign foreign_graphile_migrate = {
    .name = "graphile-migrate",
    .tool = "graphile-migrate",
    .on = {
        [FOREIGN_POSTGRES] =
            {.table = "graphile_migrate.migrations",
             .create = "CREATE SCHEMA IF NOT EXISTS {schema}\n;\n"
                       "CREATE TABLE IF NOT EXISTS {table} (hash pg_catalog.text PRIMARY KEY,"
                       " previous_hash pg_catalog.text REFERENCES {table},"
                       " filename pg_catalog.text NOT NULL,"
                       " date pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now())\n;\n"
                       "CREATE TABLE IF NOT EXISTS {schema}.current"
                       " (filename pg_catalog.text PRIMARY KEY DEFAULT 'current.sql',"
                       " content pg_catalog.text NOT NULL,"
                       " date pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now())",
             .read = "SELECT m.filename, m.hash, 'applied', " TIME ", NULL FROM {table} m"
                     " ORDER BY m.\"date\", m.filename",
             .applied = "INSERT INTO {table} (hash, previous_hash, filename) VALUES ({checksum},"
                        " (SELECT m.hash FROM {table} m WHERE m.filename {=} {previous}), {key})",
             .lock = "SELECT pg_catalog.pg_try_advisory_lock(" LOCK ")",
             .unlock = "SELECT pg_catalog.pg_advisory_unlock(" LOCK ")"},
    }};
