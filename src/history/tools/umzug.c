/* SPDX-License-Identifier: MIT */
/*
 * umzug with the storage of Sequelize, and sequelize-cli: names, and nothing else. The table's name
 * has capitals. No lock; the name is unique.
 */
#include "history/tools/tools.h"

#define READ "SELECT name, NULL, 'applied', NULL, NULL FROM {table} ORDER BY name"
#define APPLIED "INSERT INTO {table} (name) VALUES ({key})"
#define REVERTED "DELETE FROM {table} WHERE name {=} {key}"

const struct foreign foreign_umzug = {
    .name = "umzug",
    .tool = "umzug",
    .on = {
        [FOREIGN_POSTGRES] = {.table = "SequelizeMeta",
                              .create = "CREATE TABLE IF NOT EXISTS {table}"
                                        " (name varchar(255) NOT NULL UNIQUE, PRIMARY KEY (name))",
                              .read = READ,
                              .applied = APPLIED,
                              .reverted = REVERTED},
        [FOREIGN_MYSQL] = {.table = "SequelizeMeta",
                           .create = "CREATE TABLE IF NOT EXISTS {table}"
                                     " (name varchar(255) NOT NULL UNIQUE, PRIMARY KEY (name))"
                                     " ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE utf8_unicode_ci",
                           .read = READ,
                           .applied = APPLIED,
                           .reverted = REVERTED},
        [FOREIGN_SQLITE] = {.table = "SequelizeMeta",
                            .create = "CREATE TABLE IF NOT EXISTS {table}"
                                      " (`name` VARCHAR(255) NOT NULL UNIQUE PRIMARY KEY)",
                            .read = READ,
                            .applied = APPLIED,
                            .claim = "INSERT INTO {table} (name) SELECT {key} WHERE NOT EXISTS"
                                     " (SELECT 1 FROM {table} WHERE name = {key})",
                            .reverted = REVERTED},
    }};
