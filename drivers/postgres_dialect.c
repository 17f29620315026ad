/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL as data. Functions, types and operators are written with their schema: a migration may
 * have changed the search_path by the time the history is written, and whoever may create objects
 * in a schema of that path could otherwise have theirs called with our rights. That rules out IN
 * and nullif(), which compare with whatever "=" is found. Rules: the first that matches counts.
 */
#include "postgres.h"

#define OP(name) " OPERATOR(pg_catalog." name ") "
#define EQ OP("=")
#define NE OP("<>")
#define CAT OP("||")
#define TEXT "::pg_catalog.text"
/* nullif(x, '') */
#define NOT_EMPTY(x) "CASE WHEN " x OP("<>") "''" TEXT " THEN " x " END"
/* whole seconds since then */
#define SECONDS_SINCE(then)                                                                        \
    "extract(epoch FROM pg_catalog.clock_timestamp()" OP("-") then ")::bigint"

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
                                     "source pg_catalog.text NOT NULL, "
                                     "version pg_catalog.text NOT NULL, "
                                     "name pg_catalog.text NOT NULL, "
                                     "kind pg_catalog.text NOT NULL, "
                                     "status pg_catalog.text NOT NULL, "
                                     "checksum pg_catalog.text, "
                                     "statements_done bigint NOT NULL DEFAULT 0, "
                                     "statements_total bigint NOT NULL DEFAULT 0, "
                                     "started_at timestamp with time zone, "
                                     "applied_at timestamp with time zone, "
                                     "duration_ms bigint, "
                                     "applied_by pg_catalog.text, "
                                     "tool_version pg_catalog.text, "
                                     "error pg_catalog.text, "
                                     "down_sql pg_catalog.bytea, "
                                     "statements_hash pg_catalog.text, "
                                     "PRIMARY KEY (source, version))";

/* clang-format off: these read by line, as SQL does. */

/* pg_locks shows a 64-bit key as two halves. */
static const char lock_holder[] =
    "SELECT 'process '" CAT "l.pid" CAT "coalesce(' ('" CAT NOT_EMPTY("a.application_name") CAT
    "')', '')" CAT "coalesce(' of user '" CAT "a.usename" TEXT ", '')" CAT "coalesce(' from '" CAT
    "pg_catalog.host(a.client_addr), '')" CAT "coalesce(', connected since '" CAT
    "pg_catalog.to_char(a.backend_start"
    " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')" CAT "' UTC', '')"
    " FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid" EQ "l.pid"
    " WHERE l.locktype" EQ "'advisory' AND l.granted AND l.objsubid" EQ "1"
    " AND l.database" EQ "(SELECT d.oid FROM pg_catalog.pg_database d"
    " WHERE d.datname" EQ "pg_catalog.current_database())"
    " AND ((l.classid::bigint" OP("<<") "32)" OP("|") "l.objid::bigint)" EQ "({key})::bigint"
                                                      " ORDER BY l.pid";

/* Tables of extensions are not the user's. */
static const char database_empty[] =
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid" EQ "c.relnamespace"
    " WHERE c.relkind" EQ "ANY ('{r,p,v,m,f}'::pg_catalog.\"char\"[])"
    " AND n.nspname" NE "'information_schema' AND n.nspname" OP(
        "!~") "'^pg_'"
              " AND NOT (n.nspname" EQ "{schema} AND c.relname" EQ "{name})"
              " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d"
              " WHERE d.classid" EQ "'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid" EQ
              "c.oid"
              " AND d.deptype" EQ "'e')) THEN 0 ELSE 1 END";

/* Locks of relations, which file holds each of them, and how often it was read as a whole. A table
 * that is gone is still in pg_locks. */
static const char trace[] =
    "SELECT l.relation, NULL, l.mode, NULL FROM pg_catalog.pg_locks l"
    " LEFT JOIN pg_catalog.pg_class k ON k.oid" EQ "l.relation"
    " WHERE l.pid" EQ "pg_catalog.pg_backend_pid() AND l.locktype" EQ "'relation'"
    " AND l.database" NE "0 AND (k.relkind IS NULL"
    " OR k.relkind" NE "ALL ('{i,I}'::pg_catalog.\"char\"[])"
    " OR l.mode" NE "ALL ('{AccessShareLock,RowExclusiveLock}'::pg_catalog.text[]))"
    " UNION SELECT c.oid, c.oid::pg_catalog.regclass" TEXT ","
    " CASE WHEN c.relkind" EQ "'i' THEN 'rebuilt' ELSE 'rewritten' END,"
    " coalesce(pg_catalog.pg_relation_filenode(c.oid)" TEXT ", '')"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid" EQ "c.relnamespace"
    " WHERE n.nspname" OP("!~") "'^pg_' AND n.nspname" NE "'information_schema'"
                                " UNION SELECT s.relid, NULL, 'scanned', s.seq_scan" TEXT
                                " FROM pg_catalog.pg_stat_xact_user_tables s";

/* How long the transaction is open, and how long its query runs, or how long it has had none. */
static const char blockers[] = "SELECT 'pid '" CAT "a.pid" CAT "coalesce(', '" CAT NOT_EMPTY(
    "a.application_name") ", '')" CAT "coalesce(' of user '" CAT "a.usename" TEXT ", '')" CAT
                          "', open for '" CAT SECONDS_SINCE("a.xact_start") CAT
    "' s'" CAT "CASE WHEN a.state" EQ
    "'active' THEN ', its query runs for '" CAT SECONDS_SINCE("a.query_start") CAT
    "' s'"
    " ELSE coalesce(', '" CAT "a.state" CAT "' for '" CAT SECONDS_SINCE("a.state_change") CAT
    "' s', '') END"
    " FROM pg_catalog.pg_stat_activity a"
    " WHERE a.pid" NE "pg_catalog.pg_backend_pid() AND a.xact_start IS NOT NULL"
    " AND a.datname" EQ "pg_catalog.current_database()"
    " ORDER BY a.xact_start LIMIT 5";

/* {name} without its schema and quotes; '' gives NULL. */
#define BARE_NAME "(pg_catalog.parse_ident(CASE WHEN {name}" NE "''" TEXT " THEN {name} END))[1]"

/* An index stands in the schema of its table, wherever the search path leads. One that another
 * session is building now is not valid yet, either. */
static const char invalid_index[] =
    "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),"
    " CASE WHEN c.relname" TEXT EQ BARE_NAME " THEN 1 ELSE 0 END"
    " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid" EQ "i.indexrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid" EQ "c.relnamespace"
    " WHERE i.indrelid" EQ "pg_catalog.to_regclass({of}) AND NOT i.indisvalid";

static const char valid_index[] =
    "SELECT pg_catalog.count(*) FROM pg_catalog.pg_index i"
    " JOIN pg_catalog.pg_class c ON c.oid" EQ "i.indexrelid"
    " WHERE i.indrelid" EQ "pg_catalog.to_regclass({of}) AND i.indisvalid"
    " AND c.relname" TEXT EQ BARE_NAME;

/* clang-format on */

static const struct dunlin_rule repeatable[] = {
    {"VACUUM|ANALYZE|ANALYSE|REINDEX|CLUSTER|REPACK|CHECKPOINT", 0, 0},
    {"REFRESH MATERIALIZED VIEW", 0, 0},
    {"DROP INDEX CONCURRENTLY IF EXISTS", 0, 0},
    {"SET|RESET|DISCARD", 0, 0},
    {"ALTER SYSTEM SET|RESET", 0, 0},
    {"ALTER DATABASE _ SET TABLESPACE", 0, 0},
    {"ALTER SUBSCRIPTION _ REFRESH", 0, 0},
    {NULL, 0, 0},
};

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
               "pg_catalog.current_setting('standard_conforming_strings'), "
               "pg_catalog.pg_backend_pid()",
    .history_create = history_create,
    .now = "pg_catalog.clock_timestamp()",
    .elapsed_ms = "(extract(epoch FROM pg_catalog.clock_timestamp()" OP("-") "{column})" OP(
        "*") "1000)::bigint",
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
    .valid_index = valid_index,
    .repeatable = repeatable,
    .equal = "OPERATOR(pg_catalog.=)",
    .name_max = 63,
    .lock_breakers = "pg_advisory_unlock|pg_advisory_unlock_all|DISCARD",
    .database_empty = database_empty,
    .database_exists = "SELECT 1 FROM pg_catalog.pg_database WHERE datname" EQ "{name}",
    .database_create = "CREATE DATABASE {database}",
    .database_drop = "DROP DATABASE {database}",
    .maintenance = "postgres|template1",
    .trace = trace,
};
