/* SPDX-License-Identifier: MIT */
/*
 * sqitch: its registry is a schema of its own, on MySQL a database, on SQLite a file beside the
 * database. A change that is deployed has a row in changes, with its tags and what it depends on;
 * events keep all that ever happened. Several projects may share a registry.
 */
#include "history/tools/tools.h"

#include <stdio.h>

#include "history/tools/sqitch.h"

/* ---- statements ------------------------------------------------------------------------------ */

/* First the changes, with project and name as the note; then what else is in the registry. */
#define READ(select, time, concat2, change)                                                        \
    select                                                                                         \
        " k, h, s, w, n FROM ("                                                                    \
        "SELECT change_id AS k, script_hash AS h, 'applied' AS s, " time " AS w, " concat2(        \
            "'change '", "project",                                                                \
            change) " AS n, 1 AS o, committed_at AS c FROM {table} UNION ALL "                     \
                    "SELECT change_id, NULL, 'applied', NULL, " concat2(                           \
                        "'tag '", "project",                                                       \
                        "tag") ", 2, committed_at FROM {schema}.tags UNION ALL "                   \
                               "SELECT COALESCE(uri, ''), NULL, 'applied', NULL, " concat2(        \
                                   "'project '", "project",                                        \
                                   "''") ", 3, created_at FROM {schema}.projects UNION ALL "       \
                                         "SELECT d.dependency_id, NULL, 'applied', "               \
                                         "NULL, " concat2("'depend '", "b.project",                \
                                                          "b." change) ", 4, b.committed_at FROM " \
                                                                       "{schema}.dependencies d "  \
                                                                       "JOIN {table} b ON "        \
                                                                       "b.change_id {=}"           \
                                                                       " d.change_id WHERE "       \
                                                                       "d.dependency_id IS NOT "   \
                                                                       "NULL) r ORDER BY o, c"
#define PIPES(a, b, c) a " || " b " || ' ' || " c
#define PG_PIPES(a, b, c) "pg_catalog.concat(" a ", " b ", ' ', " c ")"
#define MY_CONCAT(a, b, c) "CONCAT(" a ", " b ", ' ', " c ")"

#define CHANGE_COLUMNS(change)                                                                     \
    "(change_id, script_hash, " change ", project, note, committer_name, committer_email,"         \
    " planned_at, planner_name, planner_email"
#define CHANGE_VALUES                                                                              \
    "({key}, {checksum}, {change}, {project}, {note}, {committer}, {email}, {planned}, {planner}," \
    " {planner_email}"
#define TAG_COLUMNS                                                                                \
    "(tag_id, tag, project, change_id, note, committer_name, committer_email, planned_at,"         \
    " planner_name, planner_email"
#define EVENT_COLUMNS(change)                                                                      \
    "(event, change_id, " change ", project, note, tags, requires, conflicts, committer_name,"     \
    " committer_email, planned_at, planner_name, planner_email"
#define EVENT_VALUES                                                                               \
    "('deploy', {key}, {change}, {project}, {note}, {event_tags}, {event_requires},"               \
    " {event_conflicts}, {committer}, {email}, {planned}, {planner}, {planner_email}"
#define DEPENDS                                                                                    \
    "INSERT INTO {schema}.dependencies (change_id, type, dependency, dependency_id)"               \
    " SELECT {key}, t, d, i FROM ({depends}) x"
#define NEXT "\n;\n"

/* What the tool deletes, whether or not its engine would do so by itself. */
#define FORGET                                                                                     \
    NEXT "DELETE FROM {schema}.tags WHERE change_id {=} {key}" NEXT                                \
         "DELETE FROM {schema}.dependencies WHERE change_id {=} {key}" NEXT                        \
         "DELETE FROM {table} WHERE change_id {=} {key}"

/* ---- PostgreSQL ------------------------------------------------------------------------------ */

#define PG_TEXT " pg_catalog.text NOT NULL"
#define PG_AT " pg_catalog.timestamptz NOT NULL"
#define PG_NOW PG_AT " DEFAULT pg_catalog.clock_timestamp()"
#define PG_LIST " pg_catalog.text[] NOT NULL DEFAULT '{}'"
#define PG_PROJECT "project" PG_TEXT " REFERENCES {schema}.projects (project) ON UPDATE CASCADE"
#define PG_PEOPLE                                                                                  \
    "note" PG_TEXT " DEFAULT '', committed_at" PG_NOW ", committer_name" PG_TEXT                   \
    ", committer_email" PG_TEXT ", planned_at" PG_AT ", planner_name" PG_TEXT                      \
    ", planner_email" PG_TEXT
#define PG_CREATE                                                                                  \
    "CREATE SCHEMA IF NOT EXISTS {schema}" NEXT                                                    \
    "CREATE TABLE IF NOT EXISTS {schema}.releases (version pg_catalog.float4 PRIMARY KEY,"         \
    " installed_at" PG_NOW ", installer_name" PG_TEXT ", installer_email" PG_TEXT ")" NEXT         \
    "CREATE TABLE IF NOT EXISTS {schema}.projects (project pg_catalog.text PRIMARY KEY,"           \
    " uri pg_catalog.text NULL UNIQUE, created_at" PG_NOW ", creator_name" PG_TEXT                 \
    ", creator_email" PG_TEXT ")" NEXT                                                             \
    "CREATE TABLE IF NOT EXISTS {table} (change_id pg_catalog.text PRIMARY KEY,"                   \
    " script_hash pg_catalog.text NULL, change" PG_TEXT ", " PG_PROJECT ", " PG_PEOPLE             \
    ", UNIQUE (project, script_hash))" NEXT                                                        \
    "CREATE TABLE IF NOT EXISTS {schema}.events (event" PG_TEXT " CONSTRAINT events_event_check"   \
    " CHECK (event {=} ANY (ARRAY['deploy', 'revert', 'fail', 'merge'])), change_id" PG_TEXT       \
    ", change" PG_TEXT ", " PG_PROJECT ", note" PG_TEXT " DEFAULT '', requires" PG_LIST            \
    ", conflicts" PG_LIST ", tags" PG_LIST ", committed_at" PG_NOW ", committer_name" PG_TEXT      \
    ", committer_email" PG_TEXT ", planned_at" PG_AT ", planner_name" PG_TEXT                      \
    ", planner_email" PG_TEXT ", PRIMARY KEY (change_id, committed_at))" NEXT                      \
    "CREATE TABLE IF NOT EXISTS {schema}.tags (tag_id pg_catalog.text PRIMARY KEY, tag" PG_TEXT    \
    ", " PG_PROJECT ", change_id" PG_TEXT                                                          \
    " REFERENCES {table} (change_id) ON UPDATE CASCADE, " PG_PEOPLE                                \
    ", UNIQUE (project, tag))" NEXT                                                                \
    "CREATE TABLE IF NOT EXISTS {schema}.dependencies (change_id" PG_TEXT                          \
    " REFERENCES {table} (change_id) ON UPDATE CASCADE ON DELETE CASCADE, type" PG_TEXT            \
    ", dependency" PG_TEXT ", dependency_id pg_catalog.text NULL REFERENCES {table} (change_id)"   \
    " ON UPDATE CASCADE CONSTRAINT dependencies_check CHECK ((type {=} 'require' AND"              \
    " dependency_id IS NOT NULL) OR (type {=} 'conflict' AND dependency_id IS NULL)),"             \
    " PRIMARY KEY (change_id, dependency))" NEXT                                                   \
    "INSERT INTO {schema}.releases (version, installer_name, installer_email)"                     \
    " SELECT 1.1, {committer}, {email} WHERE NOT EXISTS (SELECT 1 FROM {schema}.releases)"
#define PG_APPLIED                                                                                 \
    "INSERT INTO {schema}.projects (project, uri, creator_name, creator_email)"                    \
    " VALUES ({project}, {uri}, {committer}, {email}) ON CONFLICT (project) DO NOTHING" NEXT       \
    "INSERT INTO {table} " CHANGE_COLUMNS(                                                         \
        "change") ") VALUES " CHANGE_VALUES ")" NEXT DEPENDS NEXT                                  \
                  "INSERT INTO {schema}.tags " TAG_COLUMNS                                         \
                  ") SELECT i, t, {project}, {key}, n, {committer},"                               \
                  " {email}, a::pg_catalog.timestamptz, p, m FROM ({tags}) x" NEXT                 \
                  "INSERT INTO {schema}.events " EVENT_COLUMNS("change") ") VALUES " EVENT_VALUES  \
                                                                         ")"
#define PG_NAMES(type)                                                                             \
    "ARRAY(SELECT dependency FROM {schema}.dependencies d WHERE d.change_id {=} c.change_id AND"   \
    " d.type {=} '" type "')"
#define PG_REVERTED                                                                                \
    "INSERT INTO {schema}.events " EVENT_COLUMNS(                                                  \
        "change") ") SELECT 'revert', change_id, change,"                                          \
                  " project, note, ARRAY(SELECT tag FROM {schema}.tags t WHERE t.change_id {=} "   \
                  "c.change_id), " PG_NAMES("require") ", " PG_NAMES(                              \
                      "conflict") ", {committer}, {email}, planned_at,"                            \
                                  " planner_name, planner_email FROM {table} c WHERE change_id "   \
                                  "{=} {key}" FORGET

/* ---- MySQL ----------------------------------------------------------------------------------- */

/* While sqitch works it keeps LOCK TABLES, against readers too: whoever asks decides how long. */
#define MY_SELECT                                                                                  \
    "/*M! SET STATEMENT lock_wait_timeout = 1 FOR */"                                              \
    " SELECT /*+ SET_VAR(lock_wait_timeout = 1) */"

#define MY_TEXT " VARCHAR(255) NOT NULL"
#define MY_AT " DATETIME(6) NOT NULL"
#define MY_ID " VARCHAR(40)"
#define MY_END ") ENGINE InnoDB, CHARACTER SET 'utf8'" NEXT
#define MY_PROJECT "project" MY_TEXT " REFERENCES projects (project) ON UPDATE CASCADE"
#define MY_PEOPLE                                                                                  \
    "committed_at" MY_AT ", committer_name" MY_TEXT ", committer_email" MY_TEXT                    \
    ", planned_at" MY_AT ", planner_name" MY_TEXT ", planner_email" MY_TEXT
#define MY_CREATE                                                                                  \
    "CREATE DATABASE IF NOT EXISTS {schema}" NEXT                                                  \
    "CREATE TABLE IF NOT EXISTS {schema}.releases (version FLOAT(4, 1) PRIMARY KEY, "              \
    "installed_at" MY_AT ", installer_name" MY_TEXT ", installer_email" MY_TEXT MY_END             \
    "CREATE TABLE IF NOT EXISTS {schema}.projects (project VARCHAR(255) PRIMARY KEY,"              \
    " uri VARCHAR(255) NULL UNIQUE, created_at" MY_AT ", creator_name" MY_TEXT                     \
    ", creator_email" MY_TEXT MY_END "CREATE TABLE IF NOT EXISTS {table} (change_id" MY_ID         \
    " PRIMARY KEY, script_hash" MY_ID " NULL, `change`" MY_TEXT ", " MY_PROJECT                    \
    ", note TEXT NOT NULL, " MY_PEOPLE ", UNIQUE (project, script_hash)" MY_END                    \
    "CREATE TABLE IF NOT EXISTS {schema}.events (event ENUM ('deploy', 'fail', 'merge', 'revert')" \
    " NOT NULL, change_id" MY_ID " NOT NULL, `change`" MY_TEXT ", " MY_PROJECT                     \
    ", note TEXT NOT NULL, requires TEXT NOT NULL, conflicts TEXT NOT NULL, tags TEXT NOT "        \
    "NULL, " MY_PEOPLE ", PRIMARY KEY (change_id, committed_at)" MY_END                            \
    "CREATE TABLE IF NOT EXISTS {schema}.tags (tag_id" MY_ID " PRIMARY KEY, tag" MY_TEXT           \
    ", " MY_PROJECT ", change_id" MY_ID                                                            \
    " NOT NULL REFERENCES changes (change_id) ON UPDATE CASCADE,"                                  \
    " note" MY_TEXT ", " MY_PEOPLE ", UNIQUE (project, tag)" MY_END                                \
    "CREATE TABLE IF NOT EXISTS {schema}.dependencies (change_id" MY_ID " NOT NULL REFERENCES"     \
    " changes (change_id) ON UPDATE CASCADE ON DELETE CASCADE, type VARCHAR(8) NOT NULL,"          \
    " dependency" MY_TEXT ", dependency_id" MY_ID " NULL REFERENCES changes (change_id)"           \
    " ON UPDATE CASCADE, PRIMARY KEY (change_id, dependency)" MY_END                               \
    "INSERT INTO {schema}.releases (version, installed_at, installer_name, installer_email)"       \
    " SELECT v, w, n, m FROM (SELECT 1.1 AS v, UTC_TIMESTAMP(6) AS w, {committer} AS n,"           \
    " {email} AS m) x WHERE NOT EXISTS (SELECT 1 FROM {schema}.releases)"
#define MY_APPLIED                                                                                 \
    "INSERT INTO {schema}.projects (project, uri, created_at, creator_name, creator_email)"        \
    " SELECT p, u, w, n, m FROM (SELECT {project} AS p, {uri} AS u, UTC_TIMESTAMP(6) AS w,"        \
    " {committer} AS n, {email} AS m) x WHERE NOT EXISTS (SELECT 1 FROM {schema}.projects"         \
    " WHERE project = {project})" NEXT "INSERT INTO {table} " CHANGE_COLUMNS(                      \
        "`change`") ", committed_at) VALUES " CHANGE_VALUES                                        \
                    ", UTC_TIMESTAMP(6))" NEXT DEPENDS NEXT                                        \
                    "INSERT INTO {schema}.tags " TAG_COLUMNS                                       \
                    ", committed_at) SELECT i, t, {project}, {key}, n,"                            \
                    " {committer}, {email}, a, p, m, UTC_TIMESTAMP(6) FROM ({tags}) x" NEXT        \
                    "INSERT INTO {schema}.events " EVENT_COLUMNS(                                  \
                        "`change`") ", committed_at) VALUES " EVENT_VALUES ", UTC_TIMESTAMP(6))"
#define MY_REVERTED                                                                                \
    "INSERT INTO {schema}.events " EVENT_COLUMNS(                                                  \
        "`change`") ", committed_at) SELECT 'revert',"                                             \
                    " change_id, `change`, project, note, COALESCE((SELECT GROUP_CONCAT(tag) "     \
                    "FROM {schema}.tags t"                                                         \
                    " WHERE t.change_id = c.change_id), ''), {event_requires}, "                   \
                    "{event_conflicts}, {committer},"                                              \
                    " {email}, planned_at, planner_name, planner_email, UTC_TIMESTAMP(6) FROM "    \
                    "{table} c"                                                                    \
                    " WHERE change_id = {key}" FORGET

/* ---- SQLite ---------------------------------------------------------------------------------- */

/* sqitch tells the order of changes by their times: no two may have the same. */
#define LITE_NOW "strftime('%Y-%m-%d %H:%M:%f', 'now')"
#define LITE_NEXT(table)                                                                           \
    "max(" LITE_NOW ", COALESCE((SELECT strftime('%Y-%m-%d %H:%M:%f', max(committed_at),"          \
    " '+0.001 seconds') FROM " table "), ''))"

#define LITE_TEXT " TEXT NOT NULL"
#define LITE_LIST LITE_TEXT " DEFAULT ''"
#define LITE_AT " DATETIME NOT NULL"
#define LITE_SINCE LITE_AT " DEFAULT CURRENT_TIMESTAMP"
#define LITE_ID " TEXT PRIMARY KEY"
#define LITE_PROJECT "project" LITE_TEXT " REFERENCES projects (project) ON UPDATE CASCADE"
#define LITE_PEOPLE                                                                                \
    "committed_at" LITE_SINCE ", committer_name" LITE_TEXT ", committer_email" LITE_TEXT           \
    ", planned_at" LITE_AT ", planner_name" LITE_TEXT ", planner_email" LITE_TEXT
#define LITE_NEW "CREATE TABLE IF NOT EXISTS {schema}."
#define LITE_CREATE                                                                                \
    LITE_NEW "releases (version FLOAT PRIMARY KEY, installed_at" LITE_SINCE                        \
             ", installer_name" LITE_TEXT ", installer_email" LITE_TEXT ")" NEXT LITE_NEW          \
             "projects (project" LITE_ID ", uri TEXT NULL UNIQUE, created_at" LITE_SINCE           \
             ", creator_name" LITE_TEXT ", creator_email" LITE_TEXT ")" NEXT                       \
             "CREATE TABLE IF NOT EXISTS {table} (change_id" LITE_ID ", script_hash TEXT NULL,"    \
             " change" LITE_TEXT ", " LITE_PROJECT ", note" LITE_LIST ", " LITE_PEOPLE             \
             ", UNIQUE (project, script_hash))" NEXT LITE_NEW "tags (tag_id" LITE_ID               \
             ", tag" LITE_TEXT ", " LITE_PROJECT ", change_id" LITE_TEXT                           \
             " REFERENCES changes (change_id) ON UPDATE CASCADE, note" LITE_LIST ", " LITE_PEOPLE  \
             ", UNIQUE (project, tag))" NEXT LITE_NEW "dependencies (change_id" LITE_TEXT          \
             " REFERENCES changes (change_id) ON UPDATE CASCADE"                                   \
             " ON DELETE CASCADE, type" LITE_TEXT ", dependency" LITE_TEXT ", dependency_id TEXT"  \
             " NULL REFERENCES changes (change_id) ON UPDATE CASCADE CONSTRAINT"                   \
             " dependencies_check CHECK ((type = 'require') = (dependency_id IS NOT NULL)"         \
             " AND type IN ('require', 'conflict')), PRIMARY KEY (change_id, dependency))" NEXT    \
                 LITE_NEW "events (event" LITE_TEXT                                                \
             " CONSTRAINT events_event_check CHECK (event IN"                                      \
             " ('deploy', 'revert', 'fail', 'merge')), change_id" LITE_TEXT ", change" LITE_TEXT   \
             ", " LITE_PROJECT ", note" LITE_LIST ", requires" LITE_LIST ", conflicts" LITE_LIST   \
             ", tags" LITE_LIST ", " LITE_PEOPLE ", PRIMARY KEY (change_id, committed_at))" NEXT   \
             "INSERT INTO {schema}.releases (version, installed_at, installer_name,"               \
             " installer_email) SELECT 1.1, " LITE_NOW ", {committer}, {email}"                    \
             " WHERE NOT EXISTS (SELECT 1 FROM {schema}.releases)"
/* The key of a change is the claim: the last statement changes a row where the others did. */
#define LITE_APPLIED                                                                               \
    "INSERT INTO {schema}.projects (project, uri, created_at, creator_name, creator_email)"        \
    " SELECT {project}, {uri}, " LITE_NOW ", {committer}, {email} WHERE NOT EXISTS"                \
    " (SELECT 1 FROM {schema}.projects WHERE project = {project})" NEXT                            \
    "INSERT INTO {table} " CHANGE_COLUMNS(                                                         \
        "change") ", committed_at) VALUES " CHANGE_VALUES                                          \
                  ", " LITE_NEXT("{table}") ")" NEXT DEPENDS NEXT                                  \
                                            "INSERT INTO {schema}.tags " TAG_COLUMNS               \
                                            ", committed_at) SELECT i, t, {project}, {key}, n,"    \
                                            " {committer}, {email}, a, p, m, " LITE_NOW            \
                                            " FROM ({tags}) x" NEXT                                \
                                            "INSERT INTO {schema}.events " EVENT_COLUMNS(          \
                                                "change") ", committed_at) VALUES " EVENT_VALUES   \
                                                          ", " LITE_NEXT("{schema}.events") ")"
#define LITE_REVERTED                                                                              \
    "INSERT INTO {schema}.events " EVENT_COLUMNS(                                                  \
        "change") ", committed_at) SELECT 'revert',"                                               \
                  " change_id, change, project, note, COALESCE((SELECT group_concat(tag) FROM "    \
                  "{schema}.tags t"                                                                \
                  " WHERE t.change_id = c.change_id), ''), {event_requires}, {event_conflicts}, "  \
                  "{committer},"                                                                   \
                  " {email}, planned_at, planner_name, planner_email, " LITE_NEXT(                 \
                      "{schema}.events") " FROM {table} c WHERE change_id = {key}" FORGET

/* ---- the registry --------------------------------------------------------------------------- */

/* In hex, so that no name ends the text that it stands in. */
static void lock_name(const char *database, const char *schema, const char *table, char *out,
                      size_t size)
{
    size_t used = 0;

    (void)schema;
    (void)table;
    for (; *database && used + 3 <= size; database++, used += 2)
        snprintf(out + used, 3, "%02x", (unsigned char)*database);
    out[used] = '\0';
}

#define MY_LOCK "CONCAT('sqitch working on ', CONVERT(X'{lock}' USING utf8mb4))"

const struct foreign foreign_sqitch = {
    .name = "sqitch",
    .tool = "sqitch",
    .by_folder = true,
    .fold = sqitch_fold,
    .more = sqitch_more,
    .lock_name = lock_name,
    .on = {
        [FOREIGN_POSTGRES] = {.table = "sqitch.changes",
                              .create = PG_CREATE,
                              .read = READ("SELECT",
                                           "pg_catalog.to_char(committed_at AT TIME ZONE 'UTC',"
                                           " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
                                           PG_PIPES, "change"),
                              .applied = PG_APPLIED,
                              .reverted = PG_REVERTED,
                              .lock = "SELECT pg_catalog.pg_try_advisory_lock(75474063)",
                              .unlock = "SELECT pg_catalog.pg_advisory_unlock(75474063)"},
        [FOREIGN_MYSQL] = {.table = "sqitch.changes",
                           .create = MY_CREATE,
                           .read = READ(
                               MY_SELECT,
                               "CONCAT(LEFT(DATE_FORMAT(committed_at, '%Y-%m-%dT%H:%i:%s.%f'), 23),"
                               " 'Z')",
                               MY_CONCAT, "`change`"),
                           .applied = MY_APPLIED,
                           .reverted = MY_REVERTED,
                           .lock = "SELECT GET_LOCK(" MY_LOCK ", 0)",
                           .unlock = "SELECT RELEASE_LOCK(" MY_LOCK ")"},
        [FOREIGN_SQLITE] = {.table = "sqitch.changes",
                            .beside = true,
                            .create = LITE_CREATE,
                            .read = READ("SELECT", "strftime('%Y-%m-%dT%H:%M:%fZ', committed_at)",
                                         PIPES, "change"),
                            .applied = LITE_APPLIED,
                            .claim = LITE_APPLIED,
                            .reverted = LITE_REVERTED,
                            /* sqitch has none, and locks the file for its rows alone: this
                             * tells whether that can be written */
                            .lock = "UPDATE {table} SET change_id = change_id WHERE 0"},
    }};
