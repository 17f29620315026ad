/* SPDX-License-Identifier: MIT */
/*
 * refinery: a row for each number. It never goes back and takes no lock. Its number is an integer
 * of four bytes, or of eight where refinery was built for larger ones.
 */
#include <string.h>

#include "base/error.h"
#include "base/timestamp.h"
#include "history/sql.h"
#include "history/tools/tools.h"
#include "source/listing.h"

/* Milliseconds, from a text with up to nine digits behind the point; it is in UTC. What is no time
 * tells nothing. */
static int fold(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        const char *at = rows->rows[i].applied_at, *zone;
        size_t n = 0;

        rows->rows[i].applied_at = NULL;
        if (!at || !timestamp_begins(at, strlen(at)) || strncmp(at, "0000", 4) == 0)
            continue;
        zone = at + TIMESTAMP_LEN;
        if (*zone == '.') {
            n = leading_digits(zone + 1);
            zone += 1 + n;
        }
        if (strcmp(zone, "Z") != 0 && strcmp(zone, "+00:00") != 0)
            continue;
        rows->rows[i].applied_at =
            arena_printf(arena, "%.*s.%.*s%sZ", TIMESTAMP_LEN, at, n < 3 ? (int)n : 3,
                         at + TIMESTAMP_LEN + 1, &"000"[n < 3 ? n : 3]);
        if (!rows->rows[i].applied_at)
            return error_nomem(err);
    }
    return DUNLIN_OK;
}

/* {number}: what numbers are kept in. A folder with a large one is of a build for such. */
static int more(const struct foreign_ask *ask, struct arena *arena, const struct sql_var **out,
                struct dunlin_error *err)
{
    static const struct sql_var narrow[] = {{"number", "integer"}, {NULL, NULL}};
    static const struct sql_var wide[] = {{"number", "bigint"}, {NULL, NULL}};

    (void)arena;
    (void)err;
    *out = ask->folder && ask->folder->count && ask->folder->migrations[0].extra ? wide : narrow;
    return DUNLIN_OK;
}

#define CREATE(number)                                                                             \
    "CREATE TABLE IF NOT EXISTS {table} (version " number " PRIMARY KEY, name varchar(255),"       \
    " applied_on varchar(255), checksum varchar(255))"
#define READ "SELECT version, checksum, 'applied', applied_on, NULL FROM {table} ORDER BY version"
#define APPLIED(now)                                                                               \
    "INSERT INTO {table} (version, name, applied_on, checksum)"                                    \
    " VALUES ({key}, {title}, " now ", {checksum})"
#define LITE_NOW "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

const struct foreign foreign_refinery = {
    .name = "refinery",
    .tool = "refinery",
    .fold = fold,
    .more = more,
    .on = {[FOREIGN_POSTGRES] = {.table = "refinery_schema_history",
                                 .create = CREATE("{number}"),
                                 .read = READ,
                                 .applied = APPLIED(
                                     "pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE"
                                     " 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")},
           [FOREIGN_MYSQL] = {.table = "refinery_schema_history",
                              .create = CREATE("{number}"),
                              .read = READ,
                              .applied = APPLIED(
                                  "DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ')")},
           [FOREIGN_SQLITE] = {.table = "refinery_schema_history",
                               .create = CREATE("int4"), /* not an alias of the row id */
                               .read = READ,
                               .applied = APPLIED(LITE_NOW),
                               .claim = "INSERT INTO {table} (version, name, applied_on, checksum)"
                                        " SELECT {key}, {title}, " LITE_NOW ", {checksum}"
                                        " WHERE NOT EXISTS (SELECT 1 FROM {table}"
                                        " WHERE version = {key})"}}};
