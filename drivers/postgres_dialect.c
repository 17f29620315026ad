/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL as data. Functions are written with their schema, because a migration may have changed
 * the search_path by the time the history is written. Rules: the first that matches counts.
 */
#include "postgres.h"

static const struct dunlin_lex_mode modes[] = {
    {"standard_conforming_strings", "off", DUNLIN_LEX_BACKSLASH, 0},
    {"standard_conforming_strings", "false", DUNLIN_LEX_BACKSLASH, 0},
    {"standard_conforming_strings", "no", DUNLIN_LEX_BACKSLASH, 0},
    {"standard_conforming_strings", "0", DUNLIN_LEX_BACKSLASH, 0},
    {"standard_conforming_strings", "on", 0, DUNLIN_LEX_BACKSLASH},
    {"standard_conforming_strings", "true", 0, DUNLIN_LEX_BACKSLASH},
    {"standard_conforming_strings", "yes", 0, DUNLIN_LEX_BACKSLASH},
    {"standard_conforming_strings", "1", 0, DUNLIN_LEX_BACKSLASH},
    {"standard_conforming_strings", "default", 0, DUNLIN_LEX_BACKSLASH},
    {NULL, NULL, 0, 0},
};

static const struct dunlin_rule rules[] = {
    /* what the server refuses inside a transaction (PreventInTransactionBlock) */
    {"VACUUM", DUNLIN_EFFECT_NO_TX, 0},
    {"CREATE UNIQUE? INDEX CONCURRENTLY", DUNLIN_EFFECT_NO_TX, 0},
    {"DROP INDEX CONCURRENTLY", DUNLIN_EFFECT_NO_TX, 0},
    {"REINDEX SCHEMA|DATABASE|SYSTEM", DUNLIN_EFFECT_NO_TX, 0},
    {"REINDEX INDEX|TABLE CONCURRENTLY", DUNLIN_EFFECT_NO_TX, 0},
    {"REINDEX ( * ) SCHEMA|DATABASE|SYSTEM", DUNLIN_EFFECT_NO_TX, 0},
    {"REINDEX ( * ) INDEX|TABLE CONCURRENTLY", DUNLIN_EFFECT_NO_TX, 0},
    {"REINDEX ( * CONCURRENTLY FALSE|OFF|0", DUNLIN_EFFECT_NONE, 0},
    {"REINDEX ( * CONCURRENTLY", DUNLIN_EFFECT_NO_TX, 0},
    {"ALTER TABLE * DETACH PARTITION * CONCURRENTLY $", DUNLIN_EFFECT_NO_TX, 0},
    {"CLUSTER VERBOSE? $", DUNLIN_EFFECT_NO_TX, 0}, /* one of all tables */
    {"CLUSTER ( * ) $", DUNLIN_EFFECT_NO_TX, 0},
    {"REPACK $", DUNLIN_EFFECT_NO_TX, 0}, /* PostgreSQL 19 */
    {"REPACK ( * ) $", DUNLIN_EFFECT_NO_TX, 0},
    {"REPACK ( * CONCURRENTLY", DUNLIN_EFFECT_NO_TX, 0},
    {"CREATE DATABASE", DUNLIN_EFFECT_NO_TX, 0},
    {"DROP DATABASE", DUNLIN_EFFECT_NO_TX, 0},
    {"ALTER DATABASE _ SET TABLESPACE", DUNLIN_EFFECT_NO_TX, 0},
    {"CREATE TABLESPACE", DUNLIN_EFFECT_NO_TX, 0},
    {"DROP TABLESPACE", DUNLIN_EFFECT_NO_TX, 0},
    {"ALTER SYSTEM", DUNLIN_EFFECT_NO_TX, 0},
    {"DISCARD ALL", DUNLIN_EFFECT_NO_TX, 0},
    {"CREATE SUBSCRIPTION * CONNECT|CREATE_SLOT = FALSE|OFF|0", DUNLIN_EFFECT_NONE, 0},
    {"CREATE SUBSCRIPTION", DUNLIN_EFFECT_NO_TX, 0},
    {"DROP SUBSCRIPTION", DUNLIN_EFFECT_NO_TX, 0}, /* of one with a slot: all but a few */
    {"ALTER SUBSCRIPTION _ REFRESH", DUNLIN_EFFECT_NO_TX, 0},
    {"ALTER SUBSCRIPTION _ SET|ADD|DROP PUBLICATION * REFRESH = FALSE|OFF|0", DUNLIN_EFFECT_NONE,
     0},
    {"ALTER SUBSCRIPTION _ SET|ADD|DROP PUBLICATION", DUNLIN_EFFECT_NO_TX, 0},
    {"ALTER SUBSCRIPTION _ SET ( * FAILOVER|TWO_PHASE", DUNLIN_EFFECT_NO_TX, 0}, /* 17, 18 */
    {"CALL REFRESH_CONTINUOUS_AGGREGATE", DUNLIN_EFFECT_NO_TX, 0},               /* TimescaleDB */

    /* transaction control; options of BEGIN would be lost where it is folded away */
    {"BEGIN WORK|TRANSACTION? $", DUNLIN_EFFECT_BEGIN, 0},
    {"BEGIN", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"START TRANSACTION $", DUNLIN_EFFECT_BEGIN, 0},
    {"START TRANSACTION", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"COMMIT|ROLLBACK PREPARED", DUNLIN_EFFECT_NO_TX, 0},
    {"COMMIT|END|ROLLBACK|ABORT WORK|TRANSACTION? AND CHAIN", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"COMMIT|END", DUNLIN_EFFECT_COMMIT, 0},
    {"ROLLBACK WORK|TRANSACTION? TO", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"ROLLBACK|ABORT", DUNLIN_EFFECT_ROLLBACK, 0},
    {"SAVEPOINT", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"RELEASE", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"PREPARE TRANSACTION", DUNLIN_EFFECT_TX_CONTROL, 0},

    /* The text of a message is decoded and cut before any of it runs. */
    {"SET SESSION|LOCAL? STANDARD_CONFORMING_STRINGS", DUNLIN_EFFECT_LEX_MODE, 0},
    {"RESET STANDARD_CONFORMING_STRINGS|CLIENT_ENCODING|ALL", DUNLIN_EFFECT_LEX_MODE, 0},
    {"SET SESSION|LOCAL? CLIENT_ENCODING", DUNLIN_EFFECT_LEX_MODE, 0},
    {"SET NAMES", DUNLIN_EFFECT_LEX_MODE, 0},

    {"SET LOCAL|CONSTRAINTS|TRANSACTION", DUNLIN_EFFECT_NONE, 0},
    {"SET|RESET|PREPARE|DEALLOCATE|LISTEN|UNLISTEN|LOAD", DUNLIN_EFFECT_SESSION, 0},
    {"SELECT SET_CONFIG (", DUNLIN_EFFECT_SESSION, 0},
    {"SELECT PG_CATALOG . SET_CONFIG (", DUNLIN_EFFECT_SESSION, 0},
    {NULL, 0, 0},
};

static const char history_create[] = "CREATE TABLE IF NOT EXISTS {table} ("
                                     "source text NOT NULL, "
                                     "version text NOT NULL, "
                                     "name text NOT NULL, "
                                     "kind text NOT NULL, "
                                     "status text NOT NULL, "
                                     "checksum text, "
                                     "statements_done bigint NOT NULL DEFAULT 0, "
                                     "statements_total bigint NOT NULL DEFAULT 0, "
                                     "started_at timestamp with time zone, "
                                     "applied_at timestamp with time zone, "
                                     "duration_ms bigint, "
                                     "applied_by text, "
                                     "tool_version text, "
                                     "error text, "
                                     "down_sql bytea, "
                                     "statements_hash text, "
                                     "PRIMARY KEY (source, version))";

/* pg_locks shows a 64-bit key as two halves. */
static const char lock_holder[] =
    "SELECT 'process ' || l.pid"
    " || coalesce(' (' || nullif(a.application_name, '') || ')', '')"
    " || coalesce(' of user ' || a.usename, '')"
    " || coalesce(' from ' || pg_catalog.host(a.client_addr), '')"
    " || coalesce(', connected since ' || pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC',"
    " 'YYYY-MM-DD HH24:MI:SS') || ' UTC', '')"
    " FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    " AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d"
    " WHERE d.datname = pg_catalog.current_database())"
    " AND (l.classid::bigint << 32 | l.objid::bigint) = ({key})::bigint"
    " ORDER BY l.pid";

/* Tables of extensions are not the user's. */
static const char database_empty[] =
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')"
    " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
    " AND NOT (n.nspname = {schema} AND c.relname = {name})"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d"
    " WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid"
    " AND d.deptype = 'e')) THEN 0 ELSE 1 END";

/* Locks of relations, which file holds each of them, and how often it was read as a whole. A table
 * that is gone is still in pg_locks. */
static const char trace[] =
    "SELECT l.relation, NULL, l.mode, NULL FROM pg_catalog.pg_locks l"
    " LEFT JOIN pg_catalog.pg_class k ON k.oid = l.relation"
    " WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation'"
    " AND l.database <> 0 AND (k.relkind IS NULL OR k.relkind NOT IN ('i', 'I')"
    " OR l.mode NOT IN ('AccessShareLock', 'RowExclusiveLock'))"
    " UNION SELECT c.oid, c.oid::pg_catalog.regclass::text,"
    " CASE WHEN c.relkind = 'i' THEN 'rebuilt' ELSE 'rewritten' END,"
    " coalesce(pg_catalog.pg_relation_filenode(c.oid)::text, '')"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    " UNION SELECT s.relid, NULL, 'scanned', s.seq_scan::text"
    " FROM pg_catalog.pg_stat_xact_user_tables s";

/* How long the transaction is open, and how long its query runs, or how long it has had none. */
static const char blockers[] =
    "SELECT 'pid ' || a.pid || coalesce(', ' || nullif(a.application_name, ''), '')"
    " || coalesce(' of user ' || a.usename, '') || ', open for '"
    " || extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::bigint || ' s'"
    " || CASE WHEN a.state = 'active' THEN ', its query runs for '"
    " || extract(epoch FROM pg_catalog.clock_timestamp() - a.query_start)::bigint || ' s'"
    " ELSE coalesce(', ' || a.state || ' for '"
    " || extract(epoch FROM pg_catalog.clock_timestamp() - a.state_change)::bigint || ' s', '') END"
    " FROM pg_catalog.pg_stat_activity a"
    " WHERE a.pid <> pg_catalog.pg_backend_pid() AND a.xact_start IS NOT NULL"
    " AND a.datname = pg_catalog.current_database()"
    " ORDER BY a.xact_start LIMIT 5";

/* An index stands in the schema of its table, wherever the search path leads. One that another
 * session is building now is not valid yet, either. */
static const char invalid_index[] =
    "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),"
    " CASE WHEN c.relname = (pg_catalog.parse_ident(nullif({name}, '')))[1] THEN 1 ELSE 0 END"
    " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE i.indrelid = pg_catalog.to_regclass({of}) AND NOT i.indisvalid";

const struct dunlin_dialect postgres_dialect = {
    .size = sizeof(struct dunlin_dialect),
    .literal = DUNLIN_LITERAL_ESCAPE,
    .lex = DUNLIN_LEX_E_STRING | DUNLIN_LEX_DOLLAR_QUOTE | DUNLIN_LEX_NESTED_COMMENT |
           DUNLIN_LEX_PAREN | DUNLIN_LEX_BEGIN_ATOMIC | DUNLIN_LEX_COPY |
           DUNLIN_LEX_META_BACKSLASH | DUNLIN_LEX_CR_COMMENT,
    .modes = modes,
    .rules = rules,
    .quote = "\"\"",
    .begin = "BEGIN",
    .commit = "COMMIT",
    .rollback = "ROLLBACK",
    .commit_async = "SET LOCAL synchronous_commit = off",
    /* never DISCARD ALL: it would release the lock */
    .reset = "RESET SESSION AUTHORIZATION; RESET ALL; RESET ROLE",
    .session = "SELECT pg_catalog.current_schema(), current_user, "
               "pg_catalog.current_setting('standard_conforming_strings')",
    .history_create = history_create,
    .now = "pg_catalog.clock_timestamp()",
    .elapsed_ms = "(extract(epoch FROM pg_catalog.clock_timestamp() - {column}) * 1000)::bigint",
    .time_text = "pg_catalog.to_char({column} AT TIME ZONE 'UTC', "
                 "'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
    .bytes_prefix = "pg_catalog.decode('",
    .bytes_suffix = "', 'hex')",
    .bytes_hex = "pg_catalog.encode({column}, 'hex')",
    .lock = "SELECT CASE WHEN pg_catalog.pg_try_advisory_lock(({key})::bigint) THEN 1 ELSE 0 END",
    .unlock = "SELECT pg_catalog.pg_advisory_unlock(({key})::bigint)",
    .lock_holder = lock_holder,
    .lock_timeout = "SET {local} lock_timeout = {ms}",
    .statement_timeout = "SET {local} statement_timeout = {ms}",
    .blockers = blockers,
    .invalid_index = invalid_index,
    .drop_index = "DROP INDEX CONCURRENTLY IF EXISTS {index}",
    .lock_breakers = "pg_advisory_unlock|pg_advisory_unlock_all|DISCARD",
    .database_empty = database_empty,
    .database_exists = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = {name}",
    .database_create = "CREATE DATABASE {database}",
    .database_drop = "DROP DATABASE {database}",
    .maintenance = "postgres|template1",
    .trace = trace,
};
