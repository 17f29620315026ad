/* SPDX-License-Identifier: MIT */
/*
 * sql-migrate: a row for each file, by its whole name. On SQLite a time is the text that Go makes
 * of it, with a zone behind it. It takes no lock; the name is unique.
 */
#include "history/tools/tools.h"

#define READ(time) "SELECT id, NULL, 'applied', " time ", NULL FROM {table} ORDER BY applied_at, id"
#define APPLIED(now) "INSERT INTO {table} (id, applied_at) VALUES ({key}, " now ")"
#define REVERTED "DELETE FROM {table} WHERE id {=} {key}"

#define LITE_NOW "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')"

const struct foreign foreign_sql_migrate = {
    .name = "sql-migrate",
    .tool = "sql-migrate",
    .on = {
        [FOREIGN_POSTGRES] =
            {.table = "gorp_migrations",
             .create =
                 "CREATE TABLE IF NOT EXISTS {table} (id pg_catalog.text NOT NULL PRIMARY KEY,"
                 " applied_at timestamp with time zone)",
             .read = READ("pg_catalog.to_char(applied_at AT TIME ZONE 'UTC',"
                          " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"),
             .applied = APPLIED("pg_catalog.clock_timestamp()"),
             .reverted = REVERTED},
        [FOREIGN_MYSQL] =
            {.table = "gorp_migrations",
             .create = "CREATE TABLE IF NOT EXISTS {table} (id varchar(255) NOT NULL PRIMARY KEY,"
                       " applied_at datetime) ENGINE=InnoDB DEFAULT CHARSET=utf8",
             .read = READ("DATE_FORMAT(applied_at, '%Y-%m-%dT%H:%i:%s.000Z')"),
             .applied = APPLIED("UTC_TIMESTAMP()"),
             .reverted = REVERTED},
        [FOREIGN_SQLITE] =
            {.table = "gorp_migrations",
             .create =
                 "CREATE TABLE IF NOT EXISTS {table} (\"id\" varchar(255) not null primary key,"
                 " \"applied_at\" datetime)",
             .read = READ("strftime('%Y-%m-%dT%H:%M:%fZ', applied_at)"),
             .applied = APPLIED(LITE_NOW),
             .claim = "INSERT INTO {table} (id, applied_at) SELECT {key}, " LITE_NOW
                      " WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE id = {key})",
             .reverted = REVERTED},
    }};
