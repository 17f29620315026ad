/* SPDX-License-Identifier: MIT */
/*
 * Atlas: a row for each file, with how many of its statements are done; one where that is not all
 * of them was left unfinished. Bits of its type: 1 everything up to here is there (a baseline), 2
 * it was run, 4 somebody has put it right by hand. On SQLite its lock is a file, which is not ours
 * to take.
 */
#include <string.h>

#include <dunlin/version.h>
#include "history/tools/tools.h"
#include "source/layouts/atlas.h"
#include "source/layouts/layouts.h"

#define IDENTIFIER "'.atlas_cloud_identifier'" /* a row that is no migration */
#define READ(baseline, resolved, time, note)                                                       \
    "SELECT version, hash, CASE WHEN " baseline " THEN 'upto' WHEN " resolved                      \
    " THEN 'applied' WHEN applied {=} total THEN 'applied' ELSE 'failed' END,"                     \
    " CASE WHEN " baseline " THEN NULL ELSE " time " END,"                                         \
    " CASE WHEN applied {=} total THEN NULL ELSE " note " END"                                     \
    " FROM {table} WHERE NOT (version {=} " IDENTIFIER ") ORDER BY version"

#define COLUMNS                                                                                    \
    "INSERT INTO {table} (version, description, type, applied, total, executed_at,"                \
    " execution_time, error, error_stmt, hash, partial_hashes, operator_version) "
#define VALUES(done, now, none)                                                                    \
    "{version}, {title}, 2, " done ", {total}, " now                                               \
    ", 0, '', '', COALESCE({checksum}, ''), " none ", 'dunlin " DUNLIN_VERSION "'"
#define BEGUN(now, none) COLUMNS "VALUES (" VALUES("0", now, none) ")"
/* What was begun gives way; what is complete is in nobody's way but a mistake's. */
#define APPLIED(now, none)                                                                         \
    REVERTED " AND NOT (applied {=} total)\n;\n" COLUMNS "VALUES (" VALUES("{total}", now, none) ")"
#define REVERTED "DELETE FROM {table} WHERE version {=} {version}"

#define PG_NOW "pg_catalog.clock_timestamp()"
#define PG_TIME                                                                                    \
    "pg_catalog.to_char(executed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
#define PG_NOTE "pg_catalog.concat(applied, ' of ', total, ' statements were carried out; ', error)"
#define PG_OWN "atlas_schema_revisions.atlas_schema_revisions"
/* Without a schema in its URL Atlas makes one; a second table beside that one would tell it to
 * begin anew. */
#define PG_SCHEMA                                                                                  \
    "DO $dunlin$ BEGIN IF pg_catalog.to_regclass('" PG_OWN "') IS NOT NULL THEN"                   \
    " RAISE 'Atlas has its table in a schema of its own: say so with --layout-table " PG_OWN "';"  \
    " END IF; IF pg_catalog.to_regnamespace($schema${schema}$schema$) IS NULL THEN"                \
    " CREATE SCHEMA {schema}; END IF; END $dunlin$\n;\n"

#define MY_TIME                                                                                    \
    "CONCAT(DATE_FORMAT(CONVERT_TZ(executed_at, @@session.time_zone, '+00:00'),"                   \
    " '%Y-%m-%dT%H:%i:%s'), '.000Z')"
#define MY_NOTE                                                                                    \
    "CONCAT(applied, ' of ', total, ' statements were carried out; ', COALESCE(error, ''))"

#define LITE_NOW "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')"
#define LITE_TIME "strftime('%Y-%m-%dT%H:%M:%fZ', executed_at)"
#define LITE_NOTE                                                                                  \
    "applied || ' of ' || total || ' statements were carried out; ' || COALESCE(error, '')"
#define LITE_NONE "X'6e756c6c'"

/* ---- checkpoints ----------------------------------------------------------------------------- */

static struct foreign_row *row_of(const struct foreign_rows *rows, const char *key, size_t len)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (strlen(rows->rows[i].key) == len && memcmp(rows->rows[i].key, key, len) == 0)
            return &rows->rows[i];
    }
    return NULL;
}

/* The row of a checkpoint becomes one of the file before it, unless that has one. An unfinished
 * checkpoint speaks for no file, and stays what it is: nobody goes on behind it. */
static void checkpoint(struct foreign_rows *rows, const struct migration *m,
                       struct foreign_row *row)
{
    if (row->state == FOREIGN_FAILED)
        return;
    if (row_of(rows, m->version, strlen(m->version))) {
        rows->count--;
        memmove(row, row + 1, (size_t)(rows->rows + rows->count - row) * sizeof(*row));
        return;
    }
    row->key = m->version;
    row->checksum = NULL;
    row->state = FOREIGN_UP_TO;
}

/* On an empty database Atlas begins with the last checkpoint, and has no rows for what is before
 * it. */
static int fold(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err)
{
    const struct folder *f =
        rows->folder && rows->folder->layout == &atlas_layout ? rows->folder : NULL;

    (void)arena;
    (void)err;
    for (size_t m = 0; f && m < f->count; m++) {
        const struct atlas_file *file = f->migrations[m].extra;
        const char *at = file && file->checkpoints ? file->checkpoints : "";

        for (; *at; at += strcspn(at, "\n") + 1) {
            struct foreign_row *row = row_of(rows, at, strcspn(at, "\n"));

            if (row)
                checkpoint(rows, &f->migrations[m], row);
        }
    }
    return DUNLIN_OK;
}

const struct foreign foreign_atlas = {
    .name = "atlas",
    .tool = "Atlas",
    .fold = fold,
    .on = {
        [FOREIGN_POSTGRES] =
            {.table = "atlas_schema_revisions",
             .create = PG_SCHEMA
             "CREATE TABLE IF NOT EXISTS {table} (version character varying NOT NULL PRIMARY KEY,"
             " description character varying NOT NULL, type bigint DEFAULT 2 NOT NULL,"
             " applied bigint DEFAULT 0 NOT NULL, total bigint DEFAULT 0 NOT NULL,"
             " executed_at timestamp with time zone NOT NULL, execution_time bigint NOT NULL,"
             " error pg_catalog.text, error_stmt pg_catalog.text,"
             " hash character varying NOT NULL, partial_hashes pg_catalog.jsonb,"
             " operator_version character varying NOT NULL)",
             .read = READ("pg_catalog.mod(type, 2) {=} 1", "type OPERATOR(pg_catalog.>=) 4",
                          PG_TIME, PG_NOTE),
             .begun = BEGUN(PG_NOW, "'null'"),
             .applied = APPLIED(PG_NOW, "'null'"),
             .reverted = REVERTED,
             .lock = "SELECT pg_catalog.pg_try_advisory_lock(2686470616)",
             .unlock = "SELECT pg_catalog.pg_advisory_unlock(2686470616)"},
        [FOREIGN_MYSQL] =
            {.table = "atlas_schema_revisions",
             .create = "CREATE TABLE IF NOT EXISTS {table} (version varchar(255) NOT NULL,"
                       " description varchar(255) NOT NULL,"
                       " type bigint unsigned NOT NULL DEFAULT 2,"
                       " applied bigint NOT NULL DEFAULT 0, total bigint NOT NULL DEFAULT 0,"
                       " executed_at timestamp NULL DEFAULT NULL, execution_time bigint NOT NULL,"
                       " error longtext, error_stmt longtext, hash varchar(255) NOT NULL,"
                       " partial_hashes json, operator_version varchar(255) NOT NULL,"
                       " PRIMARY KEY (version)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_bin",
             .read = READ("MOD(type, 2) = 1", "type >= 4", MY_TIME, MY_NOTE),
             .begun = BEGUN("CURRENT_TIMESTAMP", "'null'"),
             .applied = APPLIED("CURRENT_TIMESTAMP", "'null'"),
             .reverted = REVERTED,
             .lock = "SELECT GET_LOCK('atlas_migrate_execute', 0)",
             .unlock = "SELECT RELEASE_LOCK('atlas_migrate_execute')"},
        [FOREIGN_SQLITE] =
            {.table = "atlas_schema_revisions",
             .create = "CREATE TABLE IF NOT EXISTS {table} (`version` text NOT NULL,"
                       " `description` text NOT NULL, `type` integer NOT NULL DEFAULT (2),"
                       " `applied` integer NOT NULL DEFAULT (0),"
                       " `total` integer NOT NULL DEFAULT (0), `executed_at` datetime NOT NULL,"
                       " `execution_time` integer NOT NULL, `error` text NULL,"
                       " `error_stmt` text NULL, `hash` text NOT NULL, `partial_hashes` json NULL,"
                       " `operator_version` text NOT NULL, PRIMARY KEY (`version`))",
             .read = READ("type % 2 = 1", "type >= 4", LITE_TIME, LITE_NOTE),
             .begun = BEGUN(LITE_NOW, LITE_NONE),
             .applied = APPLIED(LITE_NOW, LITE_NONE),
             .claim = COLUMNS "SELECT " VALUES(
                 "{total}", LITE_NOW,
                 LITE_NONE) " WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE version = {version})",
             .reverted = REVERTED},
    }};
