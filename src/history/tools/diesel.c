/* SPDX-License-Identifier: MIT */
/* diesel: the versions that are applied, without the dashes of the folder names. No lock. */
#include "history/tools/tools.h"

#define CREATE                                                                                     \
    "CREATE TABLE IF NOT EXISTS {table} (version VARCHAR(50) PRIMARY KEY NOT NULL,"                \
    " run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)"
#define READ(time) "SELECT version, NULL, 'applied', " time ", NULL FROM {table} ORDER BY version"
#define APPLIED "INSERT INTO {table} (version) VALUES ({key})"
#define REVERTED "DELETE FROM {table} WHERE version {=} {key}"

const struct foreign foreign_diesel = {
    .name = "diesel",
    .tool = "diesel",
    .on = {
        [FOREIGN_POSTGRES] =
            {.table = "__diesel_schema_migrations",
             .create = CREATE,
             .read = READ("pg_catalog.to_char(run_on, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"),
             .applied = APPLIED,
             .reverted = REVERTED},
        [FOREIGN_MYSQL] = {.table = "__diesel_schema_migrations",
                           .create = CREATE,
                           .read = READ("DATE_FORMAT(run_on, '%Y-%m-%dT%H:%i:%s.000Z')"),
                           .applied = APPLIED,
                           .reverted = REVERTED},
        [FOREIGN_SQLITE] = {.table = "__diesel_schema_migrations",
                            .create = CREATE,
                            .read = READ("strftime('%Y-%m-%dT%H:%M:%fZ', run_on)"),
                            .applied = APPLIED,
                            .claim = "INSERT INTO {table} (version) SELECT {key} WHERE NOT EXISTS"
                                     " (SELECT 1 FROM {table} WHERE version = {key})",
                            .reverted = REVERTED},
    }};
