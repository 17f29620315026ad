/* SPDX-License-Identifier: MIT */
/*
 * tern: one row with the number that was reached; everything up to it is applied. It is there from
 * the start, with 0. tern waits for its lock.
 */
#include "history/tools/tools.h"

#define SET(number)                                                                                \
    "UPDATE {table} SET version = " number "\n;\n"                                                 \
    "INSERT INTO {table} (version) SELECT " number " WHERE NOT EXISTS (SELECT 1 FROM {table})"
#define NUMBER(text) "CAST(" text " AS pg_catalog.int4)"
#define LOCK "9628173550095224"

const struct foreign foreign_tern = {
    .name = "tern",
    .tool = "tern",
    .on = {
        [FOREIGN_POSTGRES] = {.table = "public.schema_version",
                              .create = "CREATE TABLE IF NOT EXISTS {table}"
                                        " (version pg_catalog.int4 NOT NULL PRIMARY KEY)\n;\n"
                                        "INSERT INTO {table} (version)"
                                        " SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM {table})",
                              .read = "SELECT version, NULL, 'upto', NULL, NULL FROM {table}"
                                      " WHERE NOT (version {=} 0)",
                              .applied = SET(NUMBER("{key}")),
                              .reverted = SET(NUMBER("COALESCE({previous}, '0')")),
                              .lock = "SELECT pg_catalog.pg_try_advisory_lock(" LOCK ")",
                              .unlock = "SELECT pg_catalog.pg_advisory_unlock(" LOCK ")"},
    }};
