/* SPDX-License-Identifier: MIT */
/*
 * Prisma Migrate up to 7: a row for each attempt. A name is done when some row of it is finished and
 * not rolled back; a row that is neither stops the tool. Times on SQLite come in three forms.
 */
#include "history/tools/tools.h"

/* The name's newest row that was not rolled back, and those that are unfinished. */
#define READ(time)                                                                                 \
    "SELECT migration_name, checksum,"                                                             \
    " CASE WHEN finished_at IS NULL THEN 'failed' ELSE 'applied' END, " time ", logs"              \
    " FROM {table} WHERE rolled_back_at IS NULL ORDER BY started_at"
#define BEGUN(uuid, now)                                                                           \
    "INSERT INTO {table} (id, checksum, migration_name, started_at, applied_steps_count)"          \
    " VALUES (" uuid ", {checksum}, {version}, " now ", 0)"
#define APPLIED(uuid, now)                                                                         \
    "DELETE FROM {table} WHERE migration_name {=} {version} AND finished_at IS NULL"               \
    " AND rolled_back_at IS NULL\n;\n"                                                             \
    "INSERT INTO {table} (id, checksum, migration_name, started_at, finished_at,"                  \
    " applied_steps_count) VALUES (" uuid ", {checksum}, {version}, " now ", " now ", 1)"

#define PG_UUID "pg_catalog.gen_random_uuid()"
#define PG_TIME                                                                                    \
    "pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
#define MY_TIME "CONCAT(LEFT(DATE_FORMAT(finished_at, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z')"
#define LITE_UUID                                                                                  \
    "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)),"  \
    " 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
#define LITE_NOW "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
#define LITE_TIME                                                                                  \
    "CASE typeof(finished_at) WHEN 'integer'"                                                      \
    " THEN strftime('%Y-%m-%dT%H:%M:%fZ', finished_at / 1000.0, 'unixepoch')"                      \
    " ELSE strftime('%Y-%m-%dT%H:%M:%fZ', finished_at) END"

const struct foreign foreign_prisma = {
    .name = "prisma",
    .tool = "Prisma Migrate",
    .on = {
        [FOREIGN_POSTGRES] =
            {.table = "_prisma_migrations",
             .create = "CREATE TABLE IF NOT EXISTS {table} (id VARCHAR(36) PRIMARY KEY NOT NULL,"
                       " checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,"
                       " migration_name VARCHAR(255) NOT NULL, logs TEXT,"
                       " rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(),"
                       " applied_steps_count INTEGER NOT NULL DEFAULT 0)",
             .read = READ(PG_TIME),
             .begun = BEGUN(PG_UUID, "pg_catalog.clock_timestamp()"),
             .applied = APPLIED(PG_UUID, "pg_catalog.clock_timestamp()"),
             .lock = "SELECT pg_catalog.pg_try_advisory_lock(72707369)",
             .unlock = "SELECT pg_catalog.pg_advisory_unlock(72707369)"},
        [FOREIGN_MYSQL] =
            {.table = "_prisma_migrations",
             .create = "CREATE TABLE IF NOT EXISTS {table} (id VARCHAR(36) PRIMARY KEY NOT NULL,"
                       " checksum VARCHAR(64) NOT NULL, finished_at DATETIME(3),"
                       " migration_name VARCHAR(255) NOT NULL, logs TEXT,"
                       " rolled_back_at DATETIME(3),"
                       " started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),"
                       " applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0)"
                       " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
             .read = READ(MY_TIME),
             .begun = BEGUN("UUID()", "UTC_TIMESTAMP(3)"),
             .applied = APPLIED("UUID()", "UTC_TIMESTAMP(3)"),
             .lock = "SELECT GET_LOCK('prisma_migrate', 0)",
             .unlock = "SELECT RELEASE_LOCK('prisma_migrate')"},
        [FOREIGN_SQLITE] =
            {.table = "_prisma_migrations",
             .create = "CREATE TABLE IF NOT EXISTS {table} (\"id\" TEXT PRIMARY KEY NOT NULL,"
                       " \"checksum\" TEXT NOT NULL, \"finished_at\" DATETIME,"
                       " \"migration_name\" TEXT NOT NULL, \"logs\" TEXT,"
                       " \"rolled_back_at\" DATETIME,"
                       " \"started_at\" DATETIME NOT NULL DEFAULT current_timestamp,"
                       " \"applied_steps_count\" INTEGER UNSIGNED NOT NULL DEFAULT 0)",
             .read = READ(LITE_TIME),
             .begun = BEGUN(LITE_UUID, LITE_NOW),
             .applied = APPLIED(LITE_UUID, LITE_NOW),
             .claim = "INSERT INTO {table} (id, checksum, migration_name, started_at, finished_at,"
                      " applied_steps_count) SELECT " LITE_UUID ", {checksum}, {version}, " LITE_NOW
                      ", " LITE_NOW ", 1 WHERE NOT EXISTS (SELECT 1 FROM {table}"
                      " WHERE migration_name = {version} AND rolled_back_at IS NULL)"},
    }};
