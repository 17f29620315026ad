/* SPDX-License-Identifier: MIT */
/*
 * postgrator: a row for each version, beside the row 0 that it begins with. It goes by the highest
 * one alone. What lies below the lowest row counts as applied: so a database is taken into its care
 * that had a schema before. A gap between rows is something else: it was passed over.
 */
#include "history/tools/tools.h"

#define READ(time)                                                                                 \
    "SELECT version, md5, CASE WHEN version = (SELECT MIN(version) FROM {table} WHERE version > "  \
    "0)"                                                                                           \
    " THEN 'upto' ELSE 'applied' END, " time ", NULL FROM {table} WHERE version > 0"               \
    " ORDER BY version"
#define ZERO                                                                                       \
    "\n;\nINSERT INTO {table} (version) SELECT 0 FROM (SELECT 1) one"                              \
    " WHERE NOT EXISTS (SELECT 1 FROM {table})"
#define APPLIED(now)                                                                               \
    "INSERT INTO {table} (version, name, md5, run_at) VALUES ({key}, {title}, {checksum}, " now ")"
#define REVERTED "DELETE FROM {table} WHERE version {=} {key}"

#define LITE_NOW "strftime('%Y-%m-%d %H:%M:%f', 'now')"

const struct foreign foreign_postgrator = {
    .name = "postgrator",
    .tool = "postgrator",
    .on = {
        [FOREIGN_POSTGRES] = {.table = "schemaversion",
                              .create =
                                  "CREATE TABLE IF NOT EXISTS {table} (version bigint PRIMARY KEY,"
                                  " name pg_catalog.text, md5 pg_catalog.text,"
                                  " run_at timestamp with time zone)" ZERO,
                              .read = READ("pg_catalog.to_char(run_at AT TIME ZONE 'UTC',"
                                           " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"),
                              .applied = APPLIED("pg_catalog.clock_timestamp()"),
                              .reverted = REVERTED},
        [FOREIGN_MYSQL] =
            {.table = "schemaversion",
             .create = "CREATE TABLE IF NOT EXISTS {table} (version bigint PRIMARY KEY, name text,"
                       " md5 text, run_at timestamp NULL DEFAULT NULL)" ZERO,
             .read = READ("DATE_FORMAT(run_at, '%Y-%m-%dT%H:%i:%s.000Z')"),
             .applied = APPLIED("UTC_TIMESTAMP()"),
             .reverted = REVERTED},
        [FOREIGN_SQLITE] =
            {.table = "schemaversion",
             .create = "CREATE TABLE IF NOT EXISTS {table} (version INTEGER PRIMARY KEY, name TEXT,"
                       " md5 TEXT, run_at TIMESTAMP WITH TIME ZONE)" ZERO,
             .read = READ("strftime('%Y-%m-%dT%H:%M:%fZ', run_at)"),
             .applied = APPLIED(LITE_NOW),
             .claim = "INSERT INTO {table} (version, name, md5, run_at) SELECT {key}, {title},"
                      " {checksum}, " LITE_NOW
                      " WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE version = {key})",
             .reverted = REVERTED},
    }};
