/* SPDX-License-Identifier: MIT */
/*
 * Liquibase: a row for each changeset that ran, found again by path, id and author; one that runs
 * again has its row changed. Its lock is a row of another table. What a killed run of dunlin leaves
 * in that row the next one takes over, where dunlin's own lock tells that nobody else is at work.
 */
#include "history/tools/tools.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "history/sql.h"
#include "source/layouts/liquibase.h"

/* ---- rows ------------------------------------------------------------------------------------ */

/* A path as Liquibase compares it, at the beginning of a key. */
static const char *plain_path(const char *key)
{
    key += strncmp(key, "classpath:", 10) == 0 ? 10 : 0;
    key += strncmp(key, "./", 2) == 0 ? 2 : 0;
    return key + strspn(key, "/");
}

struct place {
    const char *key;
    size_t row;
};

static int by_key(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int c = strcmp(x->key, y->key);

    return c ? c : (x->row > y->row) - (x->row < y->row);
}

/* Of several rows for one changeset the newest counts. */
static int fold(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err)
{
    struct place *places = arena_calloc(arena, rows->count + 1, sizeof(*places));
    size_t kept = 0;

    if (!places)
        return error_nomem(err);
    for (size_t i = 0; i < rows->count; i++) {
        rows->rows[i].key = plain_path(rows->rows[i].key);
        places[i] = (struct place){rows->rows[i].key, i};
    }
    if (rows->count > 1)
        qsort(places, rows->count, sizeof(*places), by_key);
    for (size_t i = 0; i + 1 < rows->count; i++) {
        if (strcmp(places[i].key, places[i + 1].key) == 0)
            rows->rows[places[i].row].key = NULL;
    }
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].key)
            rows->rows[kept++] = rows->rows[i];
    }
    rows->count = kept;
    return DUNLIN_OK;
}

static const char *literal(const struct foreign_ask *ask, struct arena *arena, const char *text)
{
    struct buf b = BUF_INIT(65536);
    const char *copy;

    sql_literal_or_null(&b, ask->driver->dialect, text);
    copy = b.failed ? NULL : arena_strndup(arena, buf_str(&b), b.len);
    buf_free(&b);
    return copy;
}

/* What a row says of its changeset. */
static int more(const struct foreign_ask *ask, struct arena *arena, const struct sql_var **out,
                struct dunlin_error *err)
{
    static const char *const names[] = {"id", "author", "path", "comment", "contexts", "labels"};
    const size_t count = sizeof(names) / sizeof(names[0]);
    const struct changeset *s = ask->migration ? ask->migration->extra : NULL;
    struct sql_var *vars = arena_calloc(arena, count + 1, sizeof(*vars));

    if (!vars)
        return error_nomem(err);
    if (s) {
        const char *const texts[] = {s->id,
                                     s->author,
                                     s->path,
                                     s->comment,
                                     *s->contexts ? s->contexts : NULL,
                                     *s->labels ? s->labels : NULL};

        for (size_t i = 0; i < count; i++) {
            vars[i] = (struct sql_var){names[i], literal(ask, arena, texts[i])};
            if (!vars[i].value)
                return error_nomem(err);
        }
    }
    *out = vars;
    return DUNLIN_OK;
}

/* Who holds the lock, for whoever waits for it. */
static void lock_name(const char *database, const char *schema, const char *table, char *out,
                      size_t size)
{
    char host[200] = "";

    (void)database;
    (void)schema;
    (void)table;
    (void)gethostname(host, sizeof(host) - 1);
    for (char *p = host; *p; p++) {
        if (!isalnum((unsigned char)*p) && !strchr(".-_", *p))
            *p = '-';
    }
    snprintf(out, size, "dunlin on %s, process %ld", host, (long)getpid());
}

#define FREED                                                                                      \
    "one that a killed run left behind is released with \"liquibase release-locks\", or by "       \
    "setting LOCKED to false in its row"

/* ---- statements ------------------------------------------------------------------------------ */

#define READ(key, time)                                                                            \
    "SELECT " key                                                                                  \
    ", MD5SUM, CASE WHEN EXECTYPE {=} 'FAILED' THEN 'failed' ELSE 'applied' END, " time            \
    ", NULL FROM {table} ORDER BY ORDEREXECUTED, DATEEXECUTED"

#define WHERE "ID {=} {id} AND AUTHOR {=} {author} AND FILENAME {=} {path}"
#define UPDATE(now, next, deployment)                                                              \
    "UPDATE {table} SET DATEEXECUTED = " now ", ORDEREXECUTED = " next ", MD5SUM = {checksum},"    \
    " EXECTYPE = CASE WHEN {marked} THEN 'MARK_RAN' ELSE 'RERAN' END, COMMENTS = {comment},"       \
    " CONTEXTS = {contexts}, LABELS = {labels}, DEPLOYMENT_ID = " deployment " WHERE " WHERE
#define INSERT(now, next, deployment)                                                              \
    "INSERT INTO {table} (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, EXECTYPE, MD5SUM,"    \
    " DESCRIPTION, COMMENTS, LIQUIBASE, CONTEXTS, LABELS, DEPLOYMENT_ID)"                          \
    " SELECT {id}, {author}, {path}, " now ", " next ","                                           \
    " CASE WHEN {marked} THEN 'MARK_RAN' ELSE 'EXECUTED' END, {checksum}, 'sql', {comment},"       \
    " 'dunlin', {contexts}, {labels}, " deployment " FROM (SELECT 1) one"                          \
    " WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE " WHERE ")"
#define APPLIED(now, next, deployment)                                                             \
    UPDATE(now, next, deployment) "\n;\n" INSERT(now, next, deployment)
#define REVERTED(prefixed)                                                                         \
    "DELETE FROM {table} WHERE ID {=} {id} AND AUTHOR {=} {author}"                                \
    " AND (FILENAME {=} {path} OR FILENAME {=} " prefixed ")"

#define COLUMNS(time, integer)                                                                     \
    " (ID varchar(255) NOT NULL, AUTHOR varchar(255) NOT NULL, FILENAME varchar(255) NOT NULL,"    \
    " DATEEXECUTED " time " NOT NULL, ORDEREXECUTED " integer " NOT NULL,"                         \
    " EXECTYPE varchar(10) NOT NULL, MD5SUM varchar(35), DESCRIPTION varchar(255),"                \
    " COMMENTS varchar(255), TAG varchar(255), LIQUIBASE varchar(20), CONTEXTS varchar(255),"      \
    " LABELS varchar(255), DEPLOYMENT_ID varchar(10))"
#define LOCK_COLUMNS(boolean, time, integer)                                                       \
    " (ID " integer " NOT NULL, LOCKED " boolean " NOT NULL, LOCKGRANTED " time ","                \
    " LOCKEDBY varchar(255), CONSTRAINT DATABASECHANGELOGLOCK_PKEY PRIMARY KEY (ID))"
#define FREE(table)                                                                                \
    "UPDATE " table " SET LOCKED = FALSE, LOCKGRANTED = NULL, LOCKEDBY = NULL"                     \
    " WHERE ID {=} 1 AND LOCKEDBY {=} '{lock}'"

#define PG_NOW "pg_catalog.clock_timestamp()"
#define PG_NEXT                                                                                    \
    "(SELECT coalesce(pg_catalog.max(orderexecuted), 0) OPERATOR(pg_catalog.+) 1 FROM {table})"
#define PG_DEPLOYMENT                                                                              \
    "pg_catalog.right(pg_catalog.concat(pg_catalog.date_part('epoch',"                             \
    " pg_catalog.date_trunc('second', pg_catalog.clock_timestamp()))::pg_catalog.int8, '000'), "   \
    "10)"
#define PG_TIME                                                                                    \
    "pg_catalog.to_char(dateexecuted AT TIME ZONE pg_catalog.current_setting('TimeZone')"          \
    " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
#define PG_LOCK "{schema}.databasechangeloglock"

#define MY_NEXT                                                                                    \
    "(SELECT n FROM (SELECT COALESCE(MAX(ORDEREXECUTED), 0) + 1 AS n FROM {table}) behind)"
#define MY_DEPLOYMENT "RIGHT(CONCAT(UNIX_TIMESTAMP(), '000'), 10)"
#define MY_TIME                                                                                    \
    "DATE_FORMAT(DATE_ADD(DATEEXECUTED, INTERVAL TIMESTAMPDIFF(SECOND, NOW(), UTC_TIMESTAMP())"    \
    " SECOND), '%Y-%m-%dT%H:%i:%s.000Z')"
#define MY_LOCK "{schema}.DATABASECHANGELOGLOCK"

#define LITE_NOW "strftime('%Y-%m-%d %H:%M:%S', 'now')"
#define LITE_NEXT "(SELECT COALESCE(MAX(ORDEREXECUTED), 0) + 1 FROM {table})"
#define LITE_DEPLOYMENT "substr(strftime('%s', 'now') || '000', -10)"
#define LITE_TIME "strftime('%Y-%m-%dT%H:%M:%fZ', DATEEXECUTED)"
#define LITE_LOCK "{schema}.DATABASECHANGELOGLOCK"

const struct foreign foreign_liquibase =
    {.name = "liquibase",
     .tool = "Liquibase",
     .fold = fold,
     .more = more,
     .lock_name = lock_name,
     .on = {
         [FOREIGN_POSTGRES] =
             {.table = "databasechangelog",
              .create = "CREATE TABLE IF NOT EXISTS {table}" COLUMNS("timestamp without time zone",
                                                                     "integer"),
              .read = READ("pg_catalog.concat(filename, '::', id, '::', author)", PG_TIME),
              .applied = APPLIED(PG_NOW, PG_NEXT, PG_DEPLOYMENT),
              .reverted = REVERTED("pg_catalog.concat('classpath:', {path})"),
              .lock = "CREATE TABLE IF NOT EXISTS " PG_LOCK LOCK_COLUMNS(
                  "boolean", "timestamp without time zone",
                  "integer") "\n;\n"
                             "INSERT INTO " PG_LOCK
                             " (id, locked) VALUES (1, FALSE) ON CONFLICT DO NOTHING"
                             "\n;\nWITH taken AS (UPDATE " PG_LOCK
                             " SET locked = TRUE, lockgranted = " PG_NOW
                             ", lockedby = '{lock}' WHERE id {=} 1 AND (NOT locked OR"
                             " pg_catalog.starts_with(lockedby, 'dunlin on ')) RETURNING 1)"
                             " SELECT pg_catalog.count(*) FROM taken",
              .unlock = FREE(PG_LOCK),
              .holder = "SELECT pg_catalog.concat(lockedby, ' since ', lockgranted) FROM " PG_LOCK
                        " WHERE id {=} 1",
              .freed = FREED},
         [FOREIGN_MYSQL] =
             {.table = "DATABASECHANGELOG",
              .create = "CREATE TABLE IF NOT EXISTS {table}" COLUMNS("datetime", "int"),
              .read = READ("CONCAT(FILENAME, '::', ID, '::', AUTHOR)", MY_TIME),
              .applied = APPLIED("NOW()", MY_NEXT, MY_DEPLOYMENT),
              .reverted = REVERTED("CONCAT('classpath:', {path})"),
              .lock = "CREATE TABLE IF NOT EXISTS " MY_LOCK LOCK_COLUMNS(
                  "tinyint(1)", "datetime",
                  "int") "\n;\n"
                         "INSERT IGNORE INTO " MY_LOCK " (ID, LOCKED) VALUES (1, FALSE)\n;\n"
                         "UPDATE " MY_LOCK " SET LOCKED = TRUE, LOCKGRANTED = NOW(),"
                         " LOCKEDBY = '{lock}' WHERE ID = 1 AND (NOT LOCKED OR"
                         " LOCKEDBY LIKE 'dunlin on %')\n;\nSELECT ROW_COUNT()",
              .unlock = FREE(MY_LOCK),
              .holder =
                  "SELECT CONCAT(LOCKEDBY, ' since ', COALESCE(LOCKGRANTED, '?')) FROM " MY_LOCK
                  " WHERE ID = 1",
              .freed = FREED},
         [FOREIGN_SQLITE] =
             {.table = "DATABASECHANGELOG",
              .create = "CREATE TABLE IF NOT EXISTS {table}" COLUMNS("TEXT", "INTEGER"),
              .read = READ("FILENAME || '::' || ID || '::' || AUTHOR", LITE_TIME),
              .applied = APPLIED(LITE_NOW, LITE_NEXT, LITE_DEPLOYMENT),
              .claim = INSERT(LITE_NOW, LITE_NEXT, LITE_DEPLOYMENT),
              .reverted = REVERTED("'classpath:' || {path}"),
              .lock = "CREATE TABLE IF NOT EXISTS " LITE_LOCK LOCK_COLUMNS(
                  "BOOLEAN", "TEXT", "INTEGER") "\n;\n"
                                                "INSERT OR IGNORE INTO " LITE_LOCK
                                                " (ID, LOCKED) VALUES (1, FALSE)\n;\n"
                                                "UPDATE " LITE_LOCK
                                                " SET LOCKED = TRUE, LOCKGRANTED = " LITE_NOW ","
                                                " LOCKEDBY = '{lock}' WHERE ID = 1 AND NOT "
                                                "LOCKED\n;\nSELECT changes()",
              .unlock = FREE(LITE_LOCK),
              .holder = "SELECT LOCKEDBY || ' since ' || COALESCE(LOCKGRANTED, '?') FROM " LITE_LOCK
                        " WHERE ID = 1",
              .freed = FREED},
     }};
