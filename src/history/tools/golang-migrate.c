/* SPDX-License-Identifier: MIT */
/*
 * golang-migrate: one row, the version that was reached, and whether it was reached as a whole. Its
 * command line takes a lock by the database's name with a slash before it, its library by the name.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "history/tools/tools.h"

/* A version of -1 is what is left of the way down from the first one; without being dirty it has no
 * row. */
#define READ                                                                                       \
    "SELECT version, NULL, CASE WHEN dirty THEN 'failed' ELSE 'upto' END, NULL, NULL FROM {table}"
/* Never is the table empty in between: without a transaction that would say that nothing ran. */
#define SET(dirty)                                                                                 \
    "UPDATE {table} SET version = {key}, dirty = " dirty "\n;\n"                                   \
    "INSERT INTO {table} (version, dirty) SELECT {key}, " dirty " FROM (SELECT 1 AS one) o"        \
    " WHERE NOT EXISTS (SELECT 1 FROM {table})"
#define BACK                                                                                       \
    "INSERT INTO {table} (version, dirty) SELECT {previous}, false FROM (SELECT 1 AS one) o"       \
    " WHERE {previous} IS NOT NULL AND EXISTS (SELECT 1 FROM {table} WHERE version {=} {key})"     \
    "\n;\nDELETE FROM {table} WHERE version {=} {key}"
/* Changes a row unless another one was here first. */
#define CLAIM                                                                                      \
    "DELETE FROM {table} WHERE version < CAST({key} AS INTEGER) AND NOT dirty\n;\n"                \
    "INSERT INTO {table} (version, dirty) SELECT {key}, 0 WHERE NOT EXISTS (SELECT 1 FROM "        \
    "{table})"

static uint32_t key_of(const char *text, size_t len)
{
    return (uint32_t)crc32(0, (const Bytef *)text, (uInt)len) * UINT32_C(1486364155);
}

/* PostgreSQL: schema NUL table NUL database, as both know the database; MySQL: database:table. The
 * names are parted by a blank. */
static void lock_name(const char *database, const char *schema, const char *table, char *out,
                      size_t size)
{
    char text[2048];
    uint32_t keys[3];
    int n;

    for (int slash = 0; slash < 2; slash++) {
        n = snprintf(text, sizeof(text), "%s%c%s%c%s%s", schema ? schema : "", 0, table, 0,
                     slash ? "/" : "", database);
        keys[slash] = key_of(text, n > 0 && (size_t)n < sizeof(text) ? (size_t)n : 0);
    }
    n = snprintf(text, sizeof(text), "%s:%s", database, table);
    keys[2] = key_of(text, n > 0 && (size_t)n < sizeof(text) ? (size_t)n : 0);
    snprintf(out, size, "%" PRIu32 " %" PRIu32 " %" PRIu32, keys[0], keys[1], keys[2]);
}

#define PG_LOCK(how, n)                                                                            \
    "SELECT pg_catalog." how "(pg_catalog.split_part('{lock}', ' ', " n ")::bigint)"

const struct foreign foreign_golang_migrate = {
    .name = "golang-migrate",
    .tool = "golang-migrate",
    .lock_name = lock_name,
    .on = {
        [FOREIGN_POSTGRES] = {.table = "schema_migrations",
                              .create =
                                  "CREATE TABLE IF NOT EXISTS {table}"
                                  " (version bigint not null primary key, dirty boolean not null)",
                              .read = READ,
                              .begun = SET("true"),
                              .applied = SET("false"),
                              .reverted = BACK,
                              .lock = PG_LOCK("pg_try_advisory_lock",
                                              "1") "\n;\n" PG_LOCK("pg_try_advisory_lock", "2"),
                              .unlock = PG_LOCK("pg_advisory_unlock",
                                                "1") "\n;\n" PG_LOCK("pg_advisory_unlock", "2")},
        [FOREIGN_MYSQL] = {.table = "schema_migrations",
                           .create =
                               "CREATE TABLE IF NOT EXISTS {table}"
                               " (version bigint not null primary key, dirty boolean not null)",
                           .read = READ,
                           .begun = SET("true"),
                           .applied = SET("false"),
                           .reverted = BACK,
                           .lock = "SELECT GET_LOCK(SUBSTRING_INDEX('{lock}', ' ', -1), 0)",
                           .unlock = "SELECT RELEASE_LOCK(SUBSTRING_INDEX('{lock}', ' ', -1))"},
        [FOREIGN_SQLITE] =
            {.table = "schema_migrations",
             .create = "CREATE TABLE IF NOT EXISTS {table} (version uint64,dirty bool)\n;\n"
                       "CREATE UNIQUE INDEX IF NOT EXISTS {schema}.version_unique ON \"{name}\" "
                       "(version)",
             .read = READ,
             .begun = SET("true"),
             .applied = SET("false"),
             .claim = CLAIM,
             .reverted = BACK},
    }};
