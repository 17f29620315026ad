/* SPDX-License-Identifier: MIT */
/*
 * The command line of Supabase: a row for each version, with the statements that it cut the file
 * into. It goes by the versions alone; the statements are for "supabase migration fetch", which
 * writes the files anew from them. They are left NULL here. It takes no lock.
 */
#include "history/tools/tools.h"

const struct foreign foreign_supabase = {
    .name = "supabase",
    .tool = "Supabase",
    .on = {
        [FOREIGN_POSTGRES] =
            {.table = "supabase_migrations.schema_migrations",
             .create = "CREATE SCHEMA IF NOT EXISTS {schema}\n;\n"
                       "CREATE TABLE IF NOT EXISTS {table} (version pg_catalog.text NOT NULL"
                       " PRIMARY KEY, statements pg_catalog.text[], name pg_catalog.text)",
             .read = "SELECT version, NULL, 'applied', NULL, NULL FROM {table} ORDER BY version",
             .applied = "INSERT INTO {table} (version, name) VALUES ({key}, {title})"},
    }};
