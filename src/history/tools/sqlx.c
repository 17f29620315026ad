/* SPDX-License-Identifier: MIT */
/*
 * sqlx: a row for each version, with the SHA-384 of its file as bytes. On MySQL, where statements
 * commit by themselves, the row is there from the start and says success = false until all is done;
 * sqlx goes no further while there is such a row. It measures the time that a migration takes, and
 * where it could not, writes -1.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "history/tools/tools.h"

#define READ(sum, time)                                                                            \
    "SELECT version, " sum ", CASE WHEN success THEN 'applied' ELSE 'failed' END, " time ", NULL"  \
    " FROM {table} ORDER BY version"
#define COLUMNS "INSERT INTO {table} (version, description, success, checksum, execution_time)"
#define ROW(success, sum) "{key}, {title}, " success ", " sum ", -1"
#define REVERTED "DELETE FROM {table} WHERE version {=} {key}"
#define CREATE(time, text, bytes)                                                                  \
    "CREATE TABLE IF NOT EXISTS {table} (version BIGINT PRIMARY KEY, description " text            \
    " NOT NULL, installed_on " time ", success BOOLEAN NOT NULL, checksum " bytes                  \
    " NOT NULL, execution_time BIGINT NOT NULL)"

/* The number, which PostgreSQL takes, and the same in hex, which is the name of MySQL's lock. */
static void lock_name(const char *database, const char *schema, const char *table, char *out,
                      size_t size)
{
    uint64_t id = crc32(0, (const Bytef *)database, (uInt)strlen(database));

    (void)schema;
    (void)table;
    id *= UINT64_C(0x3d32ad9e);
    snprintf(out, size, "%" PRIu64 " %" PRIx64, id, id);
}

#define PG_LOCK(how) "SELECT pg_catalog." how "(pg_catalog.split_part('{lock}', ' ', 1)::bigint)"
#define MY_LOCK "SUBSTRING_INDEX('{lock}', ' ', -1)"

const struct foreign foreign_sqlx = {
    .name = "sqlx",
    .tool = "sqlx",
    .lock_name = lock_name,
    .on = {
        [FOREIGN_POSTGRES] = {.table = "_sqlx_migrations",
                              .create = CREATE(
                                  "timestamp with time zone NOT NULL DEFAULT pg_catalog.now()",
                                  "pg_catalog.text", "pg_catalog.bytea"),
                              .read = READ("pg_catalog.encode(checksum, 'hex')",
                                           "pg_catalog.to_char(installed_on AT TIME ZONE 'UTC',"
                                           " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"),
                              .applied = COLUMNS
                              " VALUES (" ROW("true", "pg_catalog.decode({checksum}, 'hex')") ")",
                              .reverted = REVERTED,
                              .lock = PG_LOCK("pg_try_advisory_lock"),
                              .unlock = PG_LOCK("pg_advisory_unlock")},
        [FOREIGN_MYSQL] = {.table = "_sqlx_migrations",
                           .create = CREATE("TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", "TEXT",
                                            "BLOB"),
                           .read = READ("LOWER(HEX(checksum))",
                                        "DATE_FORMAT(installed_on, '%Y-%m-%dT%H:%i:%s.000Z')"),
                           .begun = COLUMNS " VALUES (" ROW("false", "UNHEX({checksum})") ")",
                           .applied = "UPDATE {table} SET success = true WHERE version = {key}",
                           .reverted = REVERTED,
                           .lock = "SELECT GET_LOCK(" MY_LOCK ", 0)",
                           .unlock = "SELECT RELEASE_LOCK(" MY_LOCK ")"},
        [FOREIGN_SQLITE] =
            {.table = "_sqlx_migrations",
             .create = CREATE("TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", "TEXT", "BLOB"),
             .read = READ("lower(hex(checksum))", "strftime('%Y-%m-%dT%H:%M:%fZ', installed_on)"),
             .applied = COLUMNS " VALUES (" ROW("1", "X{checksum}") ")",
             .claim = COLUMNS " SELECT " ROW(
                 "1",
                 "X{checksum}") " WHERE NOT EXISTS"
                                " (SELECT 1 FROM {table} WHERE version = CAST({key} AS INTEGER))",
             .reverted = REVERTED},
    }};
