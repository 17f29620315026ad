/* SPDX-License-Identifier: MIT */
/*
 * Flyway: a row for each thing that it did. A repeatable migration has no version, and is known by
 * its description. DELETE and UNDO rows take back what an earlier row says; a BASELINE row speaks
 * for everything up to its version. A row without success stops the tool.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "history/sql.h"
#include "history/tools/tools.h"
#include "source/layouts/flyway.h"

/* ---- what the rows come to ------------------------------------------------------------------- */

/* note has the type of the row. */
static bool is_undo(const char *type)
{
    return strncmp(type, "UNDO_", 5) == 0;
}

static bool is_baseline(const char *type)
{
    size_t len = strlen(type);

    return strcmp(type, "BASELINE") == 0 || strcmp(type, "SQL_STATE_SCRIPT") == 0 ||
           (len > 9 && strcmp(type + len - 9, "_BASELINE") == 0);
}

static bool is_repeatable(const struct foreign_row *row)
{
    return row->key[0] == 'R';
}

/* The newest of the rows that has this key and counts. */
static struct foreign_row *newest(struct foreign_row *rows, size_t count, const char *key)
{
    while (count-- > 0) {
        if (rows[count].kind && rows[count].state != FOREIGN_FAILED &&
            strcmp(rows[count].key, key) == 0)
            return &rows[count];
    }
    return NULL;
}

/* kind NULL = it does not count. */
static void take_row(struct foreign_rows *rows, size_t i)
{
    struct foreign_row *row = &rows->rows[i], *before;
    const char *type = row->note ? row->note : "";
    bool done = row->state != FOREIGN_FAILED, back = strcmp(type, "DELETE") == 0 || is_undo(type);

    row->note = NULL;
    row->kind = is_repeatable(row) ? "repeatable" : "versioned";
    before = is_repeatable(row) || (done && back) ? newest(rows->rows, i, row->key) : NULL;
    if (before)
        before->kind = NULL;
    if ((back && done) || strcmp(type, "SCHEMA") == 0) {
        row->kind = NULL;
    } else if (is_baseline(type) && done) {
        row->kind = "baseline";
        row->state = FOREIGN_UP_TO;
        row->checksum = NULL; /* of no file, or of one that stands for others */
    }
}

static int fold(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < rows->count; i++) {
        struct foreign_row *row = &rows->rows[i];

        if (!is_repeatable(row))
            row->key = flyway_key(arena, row->key, strlen(row->key));
        if (!row->key)
            return error_nomem(err);
        take_row(rows, i);
    }
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].kind)
            rows->rows[kept++] = rows->rows[i];
    }
    rows->count = kept;
    return DUNLIN_OK;
}

/* ---- its lock -------------------------------------------------------------------------------- */

/* Java's hash of a text, over the halves of UTF-16. What is no UTF-8 no server takes as a name. */
static void hash_add(uint32_t *hash, const char *text, char quote)
{
    size_t len = strlen(text);
    uint32_t code;

    for (size_t n; (n = utf8_decode(text, len, &code)) > 0; text += n, len -= n) {
        if (code > 0xffff) {
            *hash = *hash * 31 + (0xd800 | (code - 0x10000) >> 10);
            code = 0xdc00 | ((code - 0x10000) & 0x3ff);
        }
        *hash = *hash * 31 + code;
        if (code == (unsigned char)quote) /* inside a name it is doubled */
            *hash = *hash * 31 + code;
    }
}

static int32_t name_hash(const char *schema, const char *table, char quote)
{
    uint32_t hash = (unsigned char)quote, mark = hash;

    hash_add(&hash, schema, quote);
    hash = ((hash * 31 + mark) * 31 + '.') * 31 + mark;
    hash_add(&hash, table, quote);
    return (int32_t)(hash * 31 + mark);
}

/* PostgreSQL's number and the end of MySQL's name, parted by a blank. */
static void lock_name(const char *database, const char *schema, const char *table, char *out,
                      size_t size)
{
    const char *in = schema ? schema : database;

    snprintf(out, size, "%" PRId64 " %" PRId32, INT64_C(77431708279161) + name_hash(in, table, '"'),
             name_hash(in, table, '`'));
}

/* ---- statements -------------------------------------------------------------------------------
 */

/* {stored}: the version, NULL for a repeatable one; {type}: what has run. */
static int more(const struct foreign_ask *ask, struct arena *arena, const struct sql_var **out,
                struct dunlin_error *err)
{
    const struct migration *m = ask->migration;
    struct sql_var *vars = arena_calloc(arena, 3, sizeof(*vars));
    const char *slash, *base;

    *out = vars;
    if (!vars)
        return error_nomem(err);
    if (!m)
        return DUNLIN_OK;
    slash = strrchr(m->up.name, '/');
    base = slash ? slash + 1 : m->up.name;
    vars[0] = (struct sql_var){"stored", "NULL"};
    if (m->kind != MIGRATION_REPEATABLE) /* digits and points */
        vars[0].value = arena_printf(arena, "'%s'", m->version);
    vars[1] = (struct sql_var){"type", m->up.program  ? "'SCRIPT'"
                                       : *base == 'B' ? "'SQL_BASELINE'"
                                                      : "'SQL'"};
    return vars[0].value ? DUNLIN_OK : error_nomem(err);
}

#define READ(key, time)                                                                            \
    "SELECT " key ", checksum, CASE WHEN success THEN 'applied' ELSE 'failed' END, " time          \
    ", type FROM {table} ORDER BY installed_rank"
#define ROW(rank, checksum, user, success)                                                         \
    "INSERT INTO {table} (installed_rank, version, description, type, script, checksum,"           \
    " installed_by, execution_time, success) SELECT " rank                                         \
    ", {stored}, {title}, {type}, {file}, " checksum ", " user ", 0, " success
#define ABOUT_IT                                                                                   \
    "version {=} {version} OR version {=} {key}"                                                   \
    " OR ({stored} IS NULL AND version IS NULL AND description {=} {title})"
#define FINISH(more)                                                                               \
    "UPDATE {table} SET success = true" more " WHERE script {=} {file} AND NOT success"
#define REVERTED "DELETE FROM {table} WHERE " ABOUT_IT

#define PG_LOCK(how)                                                                               \
    "SELECT pg_catalog." how "(pg_catalog.split_part('{lock}', ' ', 1)::pg_catalog.int8)"
#define MY_LOCK "CONCAT('Flyway-', SUBSTRING_INDEX('{lock}', ' ', -1))"
#define LITE_RANK "(SELECT COALESCE(MAX(installed_rank), 0) + 1 FROM {table})"
#define LITE_ROW(success) ROW(LITE_RANK, "{checksum}", "''", success)
/* Unless its newest row says the same already. */
#define LITE_CLAIM                                                                                 \
    LITE_ROW("1")                                                                                  \
    " WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE installed_rank = (SELECT MAX(installed_rank)"  \
    " FROM {table} WHERE " ABOUT_IT ") AND success AND type <> 'DELETE' AND type NOT LIKE 'UNDO%'" \
    " AND (version IS NOT NULL OR checksum = {checksum}))"

const struct foreign foreign_flyway = {
    .name = "flyway",
    .tool = "Flyway",
    .failed_stays = true,
    .fold = fold,
    .more = more,
    .lock_name = lock_name,
    .on = {
        [FOREIGN_POSTGRES] =
            {.table = "flyway_schema_history",
             .create = "CREATE TABLE IF NOT EXISTS {table} (installed_rank integer NOT NULL,"
                       " version varchar(50), description varchar(200) NOT NULL,"
                       " type varchar(20) NOT NULL, script varchar(1000) NOT NULL,"
                       " checksum integer, installed_by varchar(100) NOT NULL,"
                       " installed_on timestamp NOT NULL DEFAULT pg_catalog.now(),"
                       " execution_time integer NOT NULL, success boolean NOT NULL,"
                       " CONSTRAINT \"{name}_pk\" PRIMARY KEY (installed_rank))\n;\n"
                       "CREATE INDEX \"{name}_s_idx\" ON {table} (success)",
             .read = READ("COALESCE(version, pg_catalog.concat('R__', description))",
                          "pg_catalog.to_char(installed_on::pg_catalog.timestamptz AT TIME ZONE"
                          " 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"),
             .begun = ROW("COALESCE(pg_catalog.max(installed_rank), 0) OPERATOR(pg_catalog.+) 1",
                          "{checksum}::pg_catalog.int4", "current_user", "false") " FROM {table}",
             .applied = FINISH(", execution_time = (extract(epoch FROM"
                               " pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-)"
                               " installed_on::pg_catalog.timestamptz)"
                               " OPERATOR(pg_catalog.*) 1000)::pg_catalog.int4"),
             .reverted = REVERTED,
             .lock = PG_LOCK("pg_try_advisory_lock"),
             .unlock = PG_LOCK("pg_advisory_unlock")},
        [FOREIGN_MYSQL] =
            {.table = "flyway_schema_history",
             .create = "CREATE TABLE IF NOT EXISTS {table} (`installed_rank` INT NOT NULL,"
                       " `version` VARCHAR(50), `description` VARCHAR(200) NOT NULL,"
                       " `type` VARCHAR(20) NOT NULL, `script` VARCHAR(1000) NOT NULL,"
                       " `checksum` INT, `installed_by` VARCHAR(100) NOT NULL,"
                       " `installed_on` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,"
                       " `execution_time` INT NOT NULL, `success` BOOL NOT NULL,"
                       " PRIMARY KEY (`installed_rank`), KEY `{name}_s_idx` (`success`))"
                       " ENGINE=InnoDB",
             .read = READ("COALESCE(version, CONCAT('R__', description))",
                          "DATE_FORMAT(CONVERT_TZ(installed_on, @@session.time_zone, '+00:00'),"
                          " '%Y-%m-%dT%H:%i:%s.000Z')"),
             .begun = ROW("COALESCE(MAX(installed_rank), 0) + 1", "{checksum}",
                          "SUBSTRING_INDEX(USER(), '@', 1)", "false") " FROM {table}",
             .applied = FINISH(""), /* the time that it took would be off by up to a second */
             .reverted = REVERTED,
             .lock = "SELECT GET_LOCK(" MY_LOCK ", 0)",
             .unlock = "SELECT RELEASE_LOCK(" MY_LOCK ")"},
        [FOREIGN_SQLITE] =
            {.table = "flyway_schema_history",
             .create = "CREATE TABLE IF NOT EXISTS {table} (\"installed_rank\" INT NOT NULL"
                       " PRIMARY KEY, \"version\" VARCHAR(50), \"description\" VARCHAR(200)"
                       " NOT NULL, \"type\" VARCHAR(20) NOT NULL, \"script\" VARCHAR(1000)"
                       " NOT NULL, \"checksum\" INT, \"installed_by\" VARCHAR(100) NOT NULL,"
                       " \"installed_on\" TEXT NOT NULL DEFAULT"
                       " (strftime('%Y-%m-%d %H:%M:%f','now')), \"execution_time\" INT NOT NULL,"
                       " \"success\" BOOLEAN NOT NULL)\n;\n"
                       "CREATE INDEX IF NOT EXISTS {schema}.\"{name}_s_idx\" ON \"{name}\""
                       " (\"success\")",
             .read = READ("COALESCE(version, 'R__' || description)",
                          "strftime('%Y-%m-%dT%H:%M:%fZ', installed_on)"),
             .begun = LITE_ROW("0"),
             .applied = FINISH(""),
             .claim = LITE_CLAIM,
             .reverted = REVERTED},
    }};
