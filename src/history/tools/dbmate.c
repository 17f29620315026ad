/* SPDX-License-Identifier: MIT */
/* dbmate: the versions that are applied, as they are written in the file names. It takes no lock.
 */
#include "history/tools/tools.h"

#define READ "SELECT version, NULL, 'applied', NULL, NULL FROM {table} ORDER BY version"
#define APPLIED "INSERT INTO {table} (version) VALUES ({key})"
#define REVERTED "DELETE FROM {table} WHERE version {=} {key}"
#define CREATE(type) "CREATE TABLE IF NOT EXISTS {table} (version " type " primary key)"

const struct foreign foreign_dbmate = {
    .name = "dbmate",
    .tool = "dbmate",
    .on = {
        [FOREIGN_POSTGRES] = {.table = "schema_migrations",
                              .create = CREATE("varchar"),
                              .read = READ,
                              .applied = APPLIED,
                              .reverted = REVERTED},
        [FOREIGN_MYSQL] = {.table = "schema_migrations",
                           .create = CREATE("varchar(128)"),
                           .read = READ,
                           .applied = APPLIED,
                           .reverted = REVERTED},
        [FOREIGN_SQLITE] = {.table = "schema_migrations",
                            .create = CREATE("varchar(128)"),
                            .read = READ,
                            .applied = APPLIED,
                            .claim = "INSERT INTO {table} (version) SELECT {key} WHERE NOT EXISTS"
                                     " (SELECT 1 FROM {table} WHERE version = {key})",
                            .reverted = REVERTED},
    }};
