/* SPDX-License-Identifier: MIT */
/*
 * The table of drizzle-orm from 1.0 on: a migration is applied when its folder's name is there. A
 * table of an earlier one has no names until drizzle-orm 1.0 adds them, on its first run: it can
 * be taken over, by the hashes, but not be shared. Nothing is unique in it, and there is no lock.
 */
#include "history/tools/tools.h"

/* Where the table has no such column, the subquery gets the NULL that stands beside it. */
#define MAYBE(column, id) "(SELECT " column " FROM {table} i WHERE i." id " {=} o." id ")"
#define READ(id, chars, no_time, time)                                                             \
    "SELECT COALESCE(name, CAST(created_at AS " chars ")), hash, 'applied', " time ","             \
    " CASE WHEN name IS NULL THEN 'old' END FROM (SELECT " MAYBE("name", id) " AS name, " MAYBE(   \
        "applied_at", id) " AS applied_at, o.hash, o.created_at, o." id " AS place"                \
                          " FROM {table} o, (SELECT NULL AS name, " no_time                        \
                          " AS applied_at) absent) r ORDER BY place"
#define COLUMNS "INSERT INTO {table} (hash, created_at, name"
#define VALUES "{checksum}, {title}, {key}"
#define LITE_NOW "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

static int fold(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err)
{
    (void)arena;
    (void)err;
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].note)
            rows->outdated =
                "it is that of a drizzle-orm before 1.0, without names: let drizzle-orm "
                "1.0 migrate once, which adds them, or take it over with dunlin adopt";
        rows->rows[i].note = NULL;
    }
    return 0;
}

const struct foreign foreign_drizzle_v1 = {
    .name = "drizzle-v1",
    .tool = "drizzle-orm 1.0",
    .by_checksum = true,
    .fold = fold,
    .on = {
        [FOREIGN_POSTGRES] =
            {.table = "drizzle.__drizzle_migrations",
             .create = "CREATE SCHEMA IF NOT EXISTS {schema}\n;\n"
                       "CREATE TABLE IF NOT EXISTS {table} (id SERIAL PRIMARY KEY,"
                       " hash pg_catalog.text NOT NULL, created_at bigint, name pg_catalog.text,"
                       " applied_at timestamp with time zone DEFAULT pg_catalog.now())",
             .read = READ("id", "varchar", "CAST(NULL AS timestamp with time zone)",
                          "pg_catalog.to_char(applied_at AT TIME ZONE 'UTC',"
                          " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"),
             .applied = COLUMNS ") VALUES (" VALUES ")"},
        [FOREIGN_MYSQL] = {.table = "__drizzle_migrations",
                           .create = "CREATE TABLE IF NOT EXISTS {table} (id SERIAL PRIMARY KEY,"
                                     " hash TEXT NOT NULL, created_at BIGINT, name TEXT,"
                                     " applied_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP)",
                           .read = READ("id", "CHAR", "CAST(NULL AS DATETIME)",
                                        "DATE_FORMAT(applied_at, '%Y-%m-%dT%H:%i:%s.000Z')"),
                           .applied = COLUMNS ") VALUES (" VALUES ")"},
        [FOREIGN_SQLITE] =
            {.table = "__drizzle_migrations",
             .create = "CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY,"
                       " hash text NOT NULL, created_at numeric, name text, applied_at TEXT)",
             .read = READ("rowid", "TEXT", "NULL", "applied_at"),
             .applied = COLUMNS ", applied_at) VALUES (" VALUES ", " LITE_NOW ")",
             .claim = COLUMNS ", applied_at) SELECT " VALUES ", " LITE_NOW " WHERE NOT EXISTS"
                              " (SELECT 1 FROM {table} WHERE name = {key})"},
    }};
