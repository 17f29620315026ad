/* SPDX-License-Identifier: MIT */
/*
 * The table of drizzle-orm up to 0.45: a hash of the file and the journal's time of each. It reads
 * one row, the newest, and runs whatever is newer, so that only rows with these very values let
 * both tools take turns. Nothing is unique in it, and it takes no lock.
 */
#include "history/tools/tools.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"

#define READ(key) "SELECT " key ", hash, 'applied', NULL, NULL FROM {table} ORDER BY created_at"
#define APPLIED "INSERT INTO {table} (hash, created_at) VALUES ({checksum}, {key})"

/* A number, also one that SQLite shows as "1772352000123.0". */
static bool when_parse(const char *text, int64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno != 0 || end == text)
        return *text == '\0';
    if (*end == '.')
        end += 1 + strspn(end + 1, "0");
    return *end == '\0';
}

static char *time_text(int64_t ms, struct arena *arena)
{
    const time_t seconds = (time_t)(ms / 1000);
    char text[40];
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
        return NULL;
    return arena_printf(arena, "%s.%03dZ", text, (int)(ms % 1000));
}

/* Its rows know no other time than that of the journal. */
static int fold(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct foreign_row *row = &rows->rows[i];
        int64_t when;

        if (!when_parse(row->key, &when))
            return error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                             "a row of drizzle-orm's table has a created_at that is no number");
        row->key = arena_printf(arena, "%" PRId64, when);
        row->applied_at = time_text(when, arena);
        if (!row->key)
            return error_nomem(err);
    }
    return DUNLIN_OK;
}

const struct foreign foreign_drizzle = {
    .name = "drizzle",
    .tool = "drizzle-orm",
    .by_checksum = true,
    .fold = fold,
    .on = {
        [FOREIGN_POSTGRES] = {.table = "drizzle.__drizzle_migrations",
                              .create = "CREATE SCHEMA IF NOT EXISTS {schema}\n;\n"
                                        "CREATE TABLE IF NOT EXISTS {table} (id SERIAL PRIMARY KEY,"
                                        " hash pg_catalog.text NOT NULL, created_at bigint)",
                              .read = READ("created_at"),
                              .applied = APPLIED},
        [FOREIGN_MYSQL] = {.table = "__drizzle_migrations",
                           .create = "CREATE TABLE IF NOT EXISTS {table} (id SERIAL PRIMARY KEY,"
                                     " hash text NOT NULL, created_at bigint)",
                           .read = READ("created_at"),
                           .applied = APPLIED},
        [FOREIGN_SQLITE] = {.table = "__drizzle_migrations",
                            .create = "CREATE TABLE IF NOT EXISTS {table} (id SERIAL PRIMARY KEY,"
                                      " hash text NOT NULL, created_at numeric)",
                            .read = READ("created_at"),
                            .applied = APPLIED,
                            .claim = "INSERT INTO {table} (hash, created_at) SELECT {checksum},"
                                     " {key} WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE hash ="
                                     " {checksum} AND created_at = {key})"},
    }};
