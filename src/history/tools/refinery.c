/* SPDX-License-Identifier: MIT */
/*
 * refinery: a row for each number. It never goes back and takes no lock. Its number is an integer
 * of four bytes, or of eight where refinery was built for larger ones.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "history/sql.h"
#include "history/tools/tools.h"
#include "source/listing.h"

#define TIME_ONLY 19 /* of "2026-01-31T12:00:00", behind which there may be parts of a second */

/* Whether the text begins with a time that there is: its column would take any. */
static bool begins_with_time(const char *text)
{
    static const char pattern[TIME_ONLY + 1] = "0000-00-00T00:00:00";
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    bool leap;

    for (size_t i = 0; i < TIME_ONLY; i++) {
        if (pattern[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != pattern[i])
            return false;
    }
    year = atoi(text);
    month = atoi(text + 5);
    day = atoi(text + 8);
    leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + leap &&
           atoi(text + 11) < 24 && atoi(text + 14) < 60 && atoi(text + 17) < 60;
}

/* Milliseconds, from a text with up to nine digits behind the point; it is in UTC. What is no time
 * tells nothing. */
static int fold(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        const char *at = rows->rows[i].applied_at, *zone;
        size_t n = 0;

        rows->rows[i].applied_at = NULL;
        if (!at || !begins_with_time(at))
            continue;
        zone = at + TIME_ONLY;
        if (*zone == '.') {
            n = leading_digits(zone + 1);
            zone += 1 + n;
        }
        if (strcmp(zone, "Z") != 0 && strcmp(zone, "+00:00") != 0)
            continue;
        rows->rows[i].applied_at =
            arena_printf(arena, "%.*s.%.*s%sZ", TIME_ONLY, at, n < 3 ? (int)n : 3,
                         at + TIME_ONLY + 1, &"000"[n < 3 ? n : 3]);
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
