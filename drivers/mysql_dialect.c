/* SPDX-License-Identifier: MIT */
/*
 * MySQL and MariaDB as data: how text is read, which statements commit, the SQL of the history
 * table and of the lock, and the class of each error number. One dialect serves both servers:
 * where their SQL differs an executable comment picks (only MariaDB runs what stands in an M
 * comment, and it passes over version numbers from 50700 to 99999).
 */
#include "mysql_dialect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- dialect ------------------------------------------------------------------------------- */

/* The server's answer lists what a combination implies; a SET names the combination alone. */
static const struct dunlin_lex_mode modes[] = {
    {"sql_mode", "ANSI_QUOTES", 0, DUNLIN_LEX_DOUBLE_STRING},
    {"sql_mode", "ANSI", 0, DUNLIN_LEX_DOUBLE_STRING},
    {"sql_mode", "NO_BACKSLASH_ESCAPES", 0, DUNLIN_LEX_BACKSLASH},
    {"sql_mode", "ORACLE", DUNLIN_LEX_ORACLE, DUNLIN_LEX_DOUBLE_STRING},
    {"sql_mode", "DB2", 0, DUNLIN_LEX_DOUBLE_STRING},
    {"sql_mode", "MSSQL", 0, DUNLIN_LEX_DOUBLE_STRING},
    {"sql_mode", "MAXDB", 0, DUNLIN_LEX_DOUBLE_STRING},
    {"sql_mode", "POSTGRESQL", 0, DUNLIN_LEX_DOUBLE_STRING},
    {NULL, NULL, 0, 0},
};

/*
 * What is hidden from us (CALL, EXECUTE, compound statements) may commit, and real files hide DDL
 * there: to claim that it can be rolled back would be a lie.
 */
static const struct dunlin_rule rules[] = {
    /* transactions */
    {"BEGIN $", DUNLIN_EFFECT_BEGIN, 0},
    {"BEGIN WORK $", DUNLIN_EFFECT_BEGIN, 0},
    {"START TRANSACTION", DUNLIN_EFFECT_BEGIN, 0},
    {"COMMIT WORK? AND CHAIN", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"COMMIT WORK? RELEASE", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"COMMIT WORK? AND NO CHAIN RELEASE", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"COMMIT", DUNLIN_EFFECT_COMMIT, 0},
    {"ROLLBACK WORK? TO", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"ROLLBACK WORK? AND CHAIN", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"ROLLBACK WORK? RELEASE", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"ROLLBACK WORK? AND NO CHAIN RELEASE", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"ROLLBACK", DUNLIN_EFFECT_ROLLBACK, 0},
    {"SAVEPOINT", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"RELEASE SAVEPOINT", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"XA", DUNLIN_EFFECT_TX_CONTROL, 0},
    /* hidden */
    {"BEGIN|CALL|EXECUTE|IF|LOOP|WHILE|REPEAT|FOR|CASE", DUNLIN_EFFECT_COMMITS, 0},
    /* settings */
    {"SET * autocommit =", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"SET * autocommit : =", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"SET * autocommit :=", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"SET * sql_mode =", DUNLIN_EFFECT_LEX_MODE, 0},
    {"SET * sql_mode : =", DUNLIN_EFFECT_LEX_MODE, 0},
    {"SET * sql_mode :=", DUNLIN_EFFECT_LEX_MODE, 0},
    {"SET PASSWORD", DUNLIN_EFFECT_COMMITS, 0},
    {"SET DEFAULT ROLE", DUNLIN_EFFECT_COMMITS, 0},
    {"SET GLOBAL|PERSIST|PERSIST_ONLY", DUNLIN_EFFECT_NONE, 0},
    {"SET @@GLOBAL|@@PERSIST|@@PERSIST_ONLY", DUNLIN_EFFECT_NONE, 0},
    {"SET @ @ GLOBAL|PERSIST|PERSIST_ONLY", DUNLIN_EFFECT_NONE, 0},
    {"SET STATEMENT * FOR SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH", DUNLIN_EFFECT_NONE, 0},
    {"SET STATEMENT", DUNLIN_EFFECT_COMMITS, 0},
    {"SET|USE|PREPARE|DEALLOCATE", DUNLIN_EFFECT_SESSION, 0},
    {"DROP PREPARE", DUNLIN_EFFECT_SESSION, 0},
    /* locks */
    {"LOCK TABLE|TABLES", DUNLIN_EFFECT_LOCK_TABLES, 0},
    {"UNLOCK TABLE|TABLES", DUNLIN_EFFECT_UNLOCK_TABLES, 0},
    {"FLUSH * WITH READ LOCK", DUNLIN_EFFECT_LOCK_TABLES, 0},
    {"FLUSH * FOR EXPORT", DUNLIN_EFFECT_LOCK_TABLES, 0},
    /* implicit commit, but not of temporary tables */
    {"CREATE OR REPLACE TEMPORARY TABLE", DUNLIN_EFFECT_NONE, 0},
    {"CREATE TEMPORARY TABLE", DUNLIN_EFFECT_NONE, 0},
    {"DROP TEMPORARY", DUNLIN_EFFECT_NONE, 0},
    {"CREATE|ALTER|DROP|RENAME|TRUNCATE|GRANT|REVOKE", DUNLIN_EFFECT_COMMITS, 0},
    {"ANALYZE|OPTIMIZE|REPAIR NO_WRITE_TO_BINLOG|LOCAL? TABLE|TABLES", DUNLIN_EFFECT_COMMITS, 0},
    {"CHECK TABLE|TABLES|VIEW", DUNLIN_EFFECT_COMMITS, 0},
    {"OPTIMIZE|REPAIR", DUNLIN_EFFECT_COMMITS, 0},
    {"CACHE INDEX", DUNLIN_EFFECT_COMMITS, 0},
    {"LOAD INDEX", DUNLIN_EFFECT_COMMITS, 0},
    {"RESET PERSIST", DUNLIN_EFFECT_NONE, 0},
    {"FLUSH|RESET|INSTALL|UNINSTALL|SHUTDOWN|RESTART|BACKUP", DUNLIN_EFFECT_COMMITS, 0},
    {"CHANGE MASTER|REPLICATION", DUNLIN_EFFECT_COMMITS, 0},
    {"START|STOP SLAVE|REPLICA|ALL|GROUP_REPLICATION", DUNLIN_EFFECT_COMMITS, 0},
    {"IMPORT TABLE", DUNLIN_EFFECT_COMMITS, 0},
    /* the server's own tables have no transactions: what is written to them is there at once */
    {"INSERT|REPLACE|UPDATE|DELETE LOW_PRIORITY|DELAYED|HIGH_PRIORITY|QUICK? IGNORE? INTO|FROM?"
     " mysql|performance_schema|sys .",
     DUNLIN_EFFECT_COMMITS, 0},
    {NULL, 0, 0},
};

#define LOCK_NAME "'dunlin-{name}'"

static const struct dunlin_rule repeatable[] = {
    {"ANALYZE|OPTIMIZE|REPAIR NO_WRITE_TO_BINLOG|LOCAL? TABLE|TABLES", 0, 0},
    {"CHECK TABLE|TABLES|VIEW", 0, 0},
    {"FLUSH|LOCK|UNLOCK|SET|USE", 0, 0},
    {NULL, 0, 0},
};

/* DDL, which runs no trigger and may not call stored functions; but a query in it may. */
static const struct dunlin_rule quiet[] = {
    {"CREATE * SELECT|VALUES|WITH", DUNLIN_EFFECT_SESSION, 0},
    {"CREATE TABLE * TABLE", DUNLIN_EFFECT_SESSION, 0},
    {"CREATE TABLE", DUNLIN_EFFECT_NONE, 0},
    {"CREATE UNIQUE|FULLTEXT|SPATIAL? INDEX", DUNLIN_EFFECT_NONE, 0},
    {"ALTER TABLE", DUNLIN_EFFECT_NONE, 0},
    {"DROP TABLE|INDEX|VIEW|TRIGGER|FUNCTION|PROCEDURE|EVENT", DUNLIN_EFFECT_NONE, 0},
    {"RENAME TABLE", DUNLIN_EFFECT_NONE, 0},
    {"", DUNLIN_EFFECT_SESSION, 0},
    {NULL, 0, 0},
};

const struct dunlin_dialect mysql_driver_dialect = {
    .size = sizeof(struct dunlin_dialect),
    .literal = DUNLIN_LITERAL_HEX,
    .lex = DUNLIN_LEX_BACKSLASH | DUNLIN_LEX_DOUBLE_STRING | DUNLIN_LEX_BACKTICK |
           DUNLIN_LEX_EXEC_COMMENT | DUNLIN_LEX_HASH_COMMENT | DUNLIN_LEX_DASH_SPACE |
           DUNLIN_LEX_COMPOUND | DUNLIN_LEX_DELIMITER,
    .modes = modes,
    .rules = rules,
    .repeatable = repeatable,
    .quiet = quiet,
    .quote = "``",
    .begin = "START TRANSACTION",
    .commit = "COMMIT",
    .rollback = "ROLLBACK",
    /* What these hold was saved before the first statement of the connection (mysql.c). Not here:
     * the current database, which is no variable. */
    .reset = "UNLOCK TABLES; SET sql_mode = @dunlin_sql_mode, sql_notes = @dunlin_sql_notes,"
             " foreign_key_checks = @dunlin_foreign_key_checks,"
             " unique_checks = @dunlin_unique_checks,"
             " character_set_client = @dunlin_character_set_client,"
             " character_set_results = @dunlin_character_set_results,"
             " collation_connection = @dunlin_collation_connection,"
             " time_zone = @dunlin_time_zone,"
             " sql_safe_updates = @dunlin_sql_safe_updates,"
             " lock_wait_timeout = @dunlin_lock_wait_timeout,"
             " innodb_lock_wait_timeout = @dunlin_innodb_lock_wait_timeout,"
             " /*M! max_statement_time */ /*!50708 max_execution_time */ = @dunlin_time,"
             " autocommit = 1",
    /* On a Galera cluster GET_LOCK binds one node. */
    .session = "SELECT DATABASE(), CURRENT_USER(), @@sql_mode, NULL,"
               " /*M! (SELECT VARIABLE_VALUE > 0 FROM information_schema.GLOBAL_STATUS"
               " WHERE VARIABLE_NAME = 'wsrep_cluster_size') + */ 0",
    .history_create = "CREATE TABLE IF NOT EXISTS {table} (\n"
                      "  source VARCHAR(100) NOT NULL,\n"
                      "  version VARCHAR(255) NOT NULL,\n"
                      "  name VARCHAR(500) NOT NULL,\n"
                      "  kind VARCHAR(20) NOT NULL,\n"
                      "  status VARCHAR(20) NOT NULL,\n"
                      "  checksum VARCHAR(100),\n"
                      "  statements_done BIGINT NOT NULL DEFAULT 0,\n"
                      "  statements_total BIGINT NOT NULL DEFAULT 0,\n"
                      "  started_at DATETIME(3) NOT NULL,\n"
                      "  applied_at DATETIME(3),\n"
                      "  duration_ms BIGINT,\n"
                      "  applied_by VARCHAR(255),\n"
                      "  tool_version VARCHAR(100),\n"
                      "  error TEXT,\n"
                      "  down_sql LONGBLOB,\n"
                      "  statements_hash VARCHAR(100),\n"
                      "  PRIMARY KEY (source, version)\n"
                      ") ENGINE = InnoDB CHARACTER SET utf8mb4"
                      /* bytewise, and trailing blanks count */
                      " /*M! COLLATE utf8mb4_nopad_bin */ /*!80017 COLLATE utf8mb4_0900_bin */",
    .now = "UTC_TIMESTAMP(3)",
    .elapsed_ms = "TIMESTAMPDIFF(MICROSECOND, {column}, UTC_TIMESTAMP(3)) DIV 1000",
    .time_text = "CONCAT(LEFT(DATE_FORMAT({column}, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z')",
    .bytes_prefix = "X'",
    .bytes_suffix = "'",
    .bytes_hex = "HEX({column})",
    .lock = "SELECT GET_LOCK(" LOCK_NAME ", 0)",
    .unlock = "SELECT RELEASE_LOCK(" LOCK_NAME ")",
    .lock_holder =
        "SELECT CONCAT('connection ', IS_USED_LOCK(" LOCK_NAME "),"
        " COALESCE((SELECT CONCAT(' of ', p.USER, '@', p.HOST, ', ', LOWER(p.COMMAND), ' for ',"
        " p.TIME, ' s') FROM /*M! information_schema.PROCESSLIST */"
        " /*!80022 performance_schema.processlist */ p"
        " WHERE p.ID = IS_USED_LOCK(" LOCK_NAME ") LIMIT 1), ''))"
        " FROM DUAL WHERE IS_USED_LOCK(" LOCK_NAME ") IS NOT NULL",
    .lock_timeout = "SET SESSION lock_wait_timeout = {s}, SESSION innodb_lock_wait_timeout = {s}",
    .blockers = "SELECT CONCAT('connection ', t.trx_mysql_thread_id,"
                " COALESCE(CONCAT(' of ', p.USER, '@', p.HOST), ''), ', open for ',"
                " TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), ' s',"
                " COALESCE(CONCAT(', ', IF(p.COMMAND = 'Sleep', 'idle', 'its query runs'),"
                " ' for ', p.TIME, ' s'), ''))"
                " FROM information_schema.INNODB_TRX t"
                " LEFT JOIN /*M! information_schema.PROCESSLIST */"
                " /*!80022 performance_schema.processlist */ p ON p.ID = t.trx_mysql_thread_id"
                " WHERE t.trx_mysql_thread_id <> CONNECTION_ID() ORDER BY t.trx_started LIMIT 5",
    .use_schema = "USE {schema}",
    .database_empty = "SELECT NOT EXISTS (SELECT 1 FROM information_schema.TABLES"
                      " WHERE TABLE_SCHEMA = DATABASE()"
                      " AND NOT (TABLE_SCHEMA = {schema} AND TABLE_NAME = {name}))",
    .database_exists = "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {name}",
    .database_create = "CREATE DATABASE {database}",
    .database_drop = "DROP DATABASE {database}",
    .maintenance = "",
    /* Tables without transactions, of every database: triggers, too, write to them. Those of the
     * server itself are among the rules. */
    .trace = "SELECT CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME),"
             " CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME), CONCAT('!engine ', t.ENGINE), NULL"
             " FROM information_schema.TABLES t JOIN information_schema.ENGINES e"
             " ON e.ENGINE = t.ENGINE WHERE e.TRANSACTIONS <> 'YES' AND t.TABLE_SCHEMA NOT IN"
             " ('information_schema', 'mysql', 'performance_schema', 'sys', 'ndbinfo')",
    .lock_breakers = "RELEASE_LOCK|RELEASE_ALL_LOCKS",
    /* On MySQL it covers SELECT only: the server has nothing for other statements. */
    .statement_timeout = "SET SESSION /*M! max_statement_time = {ms}/1000 */"
                         " /*!50708 max_execution_time = {ms} */",
};

/* ---- errors -------------------------------------------------------------------------------- */

struct code_kind {
    unsigned code;
    int kind;
};

/* Sorted by code. 2000 to 2999 are the client library's own. */
static const struct code_kind codes[] = {
    {1005, DUNLIN_KIND_SERVER}, /* cannot create table: see by_text */
    {1007, DUNLIN_KIND_EXISTS},
    {1008, DUNLIN_KIND_MISSING},
    {1021, DUNLIN_KIND_FULL},
    {1022, DUNLIN_KIND_DUPLICATE},
    {1036, DUNLIN_KIND_READONLY},
    {1040, DUNLIN_KIND_CONNECT},
    {1042, DUNLIN_KIND_CONNECT},
    {1043, DUNLIN_KIND_CONNECT},
    {1044, DUNLIN_KIND_PERMISSION},
    {1045, DUNLIN_KIND_AUTH},
    {1046, DUNLIN_KIND_MISSING}, /* no database selected */
    {1048, DUNLIN_KIND_CONSTRAINT},
    {1049, DUNLIN_KIND_MISSING},
    {1050, DUNLIN_KIND_EXISTS},
    {1051, DUNLIN_KIND_MISSING_TABLE},
    {1053, DUNLIN_KIND_LOST},
    {1054, DUNLIN_KIND_MISSING_COLUMN},
    {1060, DUNLIN_KIND_EXISTS},
    {1061, DUNLIN_KIND_EXISTS},
    {1062, DUNLIN_KIND_DUPLICATE},
    {1064, DUNLIN_KIND_SYNTAX},
    {1065, DUNLIN_KIND_SYNTAX},
    {1068, DUNLIN_KIND_EXISTS}, /* a second primary key */
    {1072, DUNLIN_KIND_MISSING_COLUMN},
    {1091, DUNLIN_KIND_MISSING},
    {1094, DUNLIN_KIND_MISSING}, /* thread to kill */
    {1095, DUNLIN_KIND_PERMISSION},
    {1109, DUNLIN_KIND_MISSING_TABLE},
    {1114, DUNLIN_KIND_FULL},
    {1115, DUNLIN_KIND_MISSING},
    {1128, DUNLIN_KIND_MISSING},
    {1129, DUNLIN_KIND_AUTH},
    {1130, DUNLIN_KIND_AUTH},
    {1133, DUNLIN_KIND_MISSING},
    {1138, DUNLIN_KIND_CONSTRAINT},
    {1141, DUNLIN_KIND_MISSING},
    {1142, DUNLIN_KIND_PERMISSION},
    {1143, DUNLIN_KIND_PERMISSION},
    {1146, DUNLIN_KIND_MISSING_TABLE},
    {1147, DUNLIN_KIND_MISSING},
    {1148, DUNLIN_KIND_UNSUPPORTED},
    {1149, DUNLIN_KIND_SYNTAX},
    {1152, DUNLIN_KIND_LOST},
    {1158, DUNLIN_KIND_LOST},
    {1159, DUNLIN_KIND_LOST},
    {1160, DUNLIN_KIND_LOST},
    {1161, DUNLIN_KIND_LOST},
    {1169, DUNLIN_KIND_DUPLICATE},
    {1176, DUNLIN_KIND_MISSING},
    {1178, DUNLIN_KIND_UNSUPPORTED},
    {1193, DUNLIN_KIND_MISSING},
    {1203, DUNLIN_KIND_CONNECT},
    {1205, DUNLIN_KIND_LOCKED},
    {1206, DUNLIN_KIND_FULL}, /* lock table */
    {1207, DUNLIN_KIND_READONLY},
    {1211, DUNLIN_KIND_PERMISSION},
    {1213, DUNLIN_KIND_DEADLOCK},
    {1214, DUNLIN_KIND_UNSUPPORTED},
    {1215, DUNLIN_KIND_CONSTRAINT},
    {1216, DUNLIN_KIND_CONSTRAINT},
    {1217, DUNLIN_KIND_CONSTRAINT},
    {1222, DUNLIN_KIND_SYNTAX},
    {1226, DUNLIN_KIND_CONNECT},
    {1227, DUNLIN_KIND_PERMISSION},
    {1231, DUNLIN_KIND_DATA},
    {1235, DUNLIN_KIND_UNSUPPORTED},
    {1251, DUNLIN_KIND_AUTH},
    {1264, DUNLIN_KIND_DATA},
    {1265, DUNLIN_KIND_DATA},
    {1273, DUNLIN_KIND_MISSING},
    {1275, DUNLIN_KIND_AUTH},
    {1286, DUNLIN_KIND_MISSING},
    {1289, DUNLIN_KIND_UNSUPPORTED},
    {1290, DUNLIN_KIND_PERMISSION}, /* forbidden by a server option: see by_text */
    {1292, DUNLIN_KIND_DATA},
    {1298, DUNLIN_KIND_MISSING}, /* time zone */
    {1304, DUNLIN_KIND_EXISTS},
    {1305, DUNLIN_KIND_MISSING},
    {1317, DUNLIN_KIND_CANCELLED},
    {1319, DUNLIN_KIND_MISSING},
    {1327, DUNLIN_KIND_MISSING},
    {1359, DUNLIN_KIND_EXISTS},
    {1360, DUNLIN_KIND_MISSING},
    {1364, DUNLIN_KIND_CONSTRAINT},
    {1365, DUNLIN_KIND_DATA},
    {1366, DUNLIN_KIND_DATA},
    {1367, DUNLIN_KIND_DATA},
    {1370, DUNLIN_KIND_PERMISSION},
    {1396, DUNLIN_KIND_SERVER}, /* CREATE, DROP, ALTER USER failed: see by_text */
    {1397, DUNLIN_KIND_MISSING},
    {1399, DUNLIN_KIND_TRANSACTION},
    {1400, DUNLIN_KIND_TRANSACTION},
    {1402, DUNLIN_KIND_DEADLOCK},
    {1403, DUNLIN_KIND_MISSING},
    {1406, DUNLIN_KIND_DATA},
    {1410, DUNLIN_KIND_PERMISSION},
    {1411, DUNLIN_KIND_DATA},
    {1416, DUNLIN_KIND_DATA},
    {1419, DUNLIN_KIND_PERMISSION},
    {1422, DUNLIN_KIND_TRANSACTION},
    {1441, DUNLIN_KIND_DATA},
    {1449, DUNLIN_KIND_MISSING},
    {1451, DUNLIN_KIND_CONSTRAINT},
    {1452, DUNLIN_KIND_CONSTRAINT},
    {1476, DUNLIN_KIND_EXISTS},
    {1477, DUNLIN_KIND_MISSING},
    {1507, DUNLIN_KIND_MISSING},
    {1517, DUNLIN_KIND_EXISTS},
    {1525, DUNLIN_KIND_DATA},
    {1526, DUNLIN_KIND_DATA}, /* no partition for the value */
    {1537, DUNLIN_KIND_EXISTS},
    {1539, DUNLIN_KIND_MISSING},
    {1553, DUNLIN_KIND_CONSTRAINT},
    {1568, DUNLIN_KIND_TRANSACTION},
    {1586, DUNLIN_KIND_DUPLICATE},
    {1613, DUNLIN_KIND_TIMEOUT},
    {1614, DUNLIN_KIND_DEADLOCK},
    {1637, DUNLIN_KIND_SERVER},
    {1690, DUNLIN_KIND_DATA},
    {1698, DUNLIN_KIND_AUTH},
    {1701, DUNLIN_KIND_CONSTRAINT},
    {1761, DUNLIN_KIND_CONSTRAINT},
    {1762, DUNLIN_KIND_CONSTRAINT},
    {1792, DUNLIN_KIND_READONLY},
    {1813, DUNLIN_KIND_EXISTS},
    {1820, DUNLIN_KIND_AUTH}, /* password expired */
    {1824, DUNLIN_KIND_MISSING_TABLE},
    {1825, DUNLIN_KIND_CONSTRAINT},
    {1826, DUNLIN_KIND_EXISTS},
    {1828, DUNLIN_KIND_CONSTRAINT},
    {1829, DUNLIN_KIND_CONSTRAINT},
    {1830, DUNLIN_KIND_CONSTRAINT},
    {1832, DUNLIN_KIND_CONSTRAINT},
    {1833, DUNLIN_KIND_CONSTRAINT},
    {1834, DUNLIN_KIND_CONSTRAINT},
    {1836, DUNLIN_KIND_READONLY},
    {1845, DUNLIN_KIND_UNSUPPORTED},
    {1846, DUNLIN_KIND_UNSUPPORTED},
    {1859, DUNLIN_KIND_DUPLICATE},
    {1862, DUNLIN_KIND_AUTH}, /* password expired */
    {1927, DUNLIN_KIND_LOST},
    {1969, DUNLIN_KIND_TIMEOUT},
    {2000, DUNLIN_KIND_SERVER},
    {2001, DUNLIN_KIND_CONNECT},
    {2002, DUNLIN_KIND_CONNECT},
    {2003, DUNLIN_KIND_CONNECT},
    {2004, DUNLIN_KIND_CONNECT},
    {2005, DUNLIN_KIND_CONNECT},
    {2006, DUNLIN_KIND_LOST},
    {2007, DUNLIN_KIND_CONNECT},
    {2008, DUNLIN_KIND_NOMEM},
    {2009, DUNLIN_KIND_CONNECT},
    {2012, DUNLIN_KIND_CONNECT},
    {2013, DUNLIN_KIND_LOST},
    {2014, DUNLIN_KIND_INTERNAL},
    {2019, DUNLIN_KIND_CONFIG}, /* character set */
    {2020, DUNLIN_KIND_DATA},   /* packet too large */
    {2026, DUNLIN_KIND_CONNECT},
    {2027, DUNLIN_KIND_LOST}, /* malformed packet */
    {2049, DUNLIN_KIND_AUTH},
    {2054, DUNLIN_KIND_AUTH},
    {2055, DUNLIN_KIND_LOST},
    {2058, DUNLIN_KIND_CONNECT},
    {2059, DUNLIN_KIND_AUTH},
    {2061, DUNLIN_KIND_AUTH},
    {3024, DUNLIN_KIND_TIMEOUT},
    {3058, DUNLIN_KIND_DEADLOCK},
    {3118, DUNLIN_KIND_AUTH}, /* account is locked */
    {3140, DUNLIN_KIND_DATA},
    {3159, DUNLIN_KIND_AUTH}, /* only with TLS */
    {3168, DUNLIN_KIND_CONNECT},
    {3169, DUNLIN_KIND_LOST},
    {3523, DUNLIN_KIND_MISSING},
    {3572, DUNLIN_KIND_LOCKED},
    {3699, DUNLIN_KIND_TIMEOUT}, /* regular expression */
    {3730, DUNLIN_KIND_CONSTRAINT},
    {3780, DUNLIN_KIND_CONSTRAINT},
    {3819, DUNLIN_KIND_CONSTRAINT},
    {3821, DUNLIN_KIND_MISSING},
    {3822, DUNLIN_KIND_EXISTS},
    {3940, DUNLIN_KIND_MISSING},
    {3948, DUNLIN_KIND_UNSUPPORTED},
    {3955, DUNLIN_KIND_AUTH}, /* blocked after too many failed logins */
};

struct text_kind {
    unsigned code;
    const char *part;
    int kind;
};

/* Numbers that stand for several things, which only the text tells apart. From 4000 on MySQL and
 * MariaDB number for themselves. */
static const struct text_kind by_text[] = {
    {1005, "errno: 121", DUNLIN_KIND_EXISTS}, /* name of a foreign key */
    {1005, "errno: 150", DUNLIN_KIND_CONSTRAINT}, {1290, "read-only", DUNLIN_KIND_READONLY},
    {1290, "read_only", DUNLIN_KIND_READONLY},    {1396, "CREATE USER", DUNLIN_KIND_EXISTS},
    {1396, "CREATE ROLE", DUNLIN_KIND_EXISTS},    {1396, "DROP USER", DUNLIN_KIND_MISSING},
    {1396, "DROP ROLE", DUNLIN_KIND_MISSING},     {1396, "ALTER USER", DUNLIN_KIND_MISSING},
    {1396, "RENAME USER", DUNLIN_KIND_MISSING},   {4025, "CONSTRAINT ", DUNLIN_KIND_CONSTRAINT},
    {4031, "disconnected", DUNLIN_KIND_LOST},     {4091, "SEQUENCE", DUNLIN_KIND_MISSING},
    {4161, "data type", DUNLIN_KIND_MISSING},     {4166, "local infile", DUNLIN_KIND_UNSUPPORTED},
};

struct state_kind {
    const char *state; /* as far as it must agree */
    int kind;
};

/* For numbers that are not in the table: newer servers, forks. */
static const struct state_kind by_state[] = {
    {"42S01", DUNLIN_KIND_EXISTS},   {"42S02", DUNLIN_KIND_MISSING_TABLE},
    {"42S11", DUNLIN_KIND_EXISTS},   {"42S12", DUNLIN_KIND_MISSING},
    {"42S21", DUNLIN_KIND_EXISTS},   {"42S22", DUNLIN_KIND_MISSING_COLUMN},
    {"0A", DUNLIN_KIND_UNSUPPORTED}, {"08", DUNLIN_KIND_LOST},
    {"21", DUNLIN_KIND_SYNTAX},      {"22", DUNLIN_KIND_DATA},
    {"23", DUNLIN_KIND_CONSTRAINT},  {"25006", DUNLIN_KIND_READONLY},
    {"25", DUNLIN_KIND_TRANSACTION}, {"28", DUNLIN_KIND_AUTH},
    {"40001", DUNLIN_KIND_DEADLOCK}, {"70100", DUNLIN_KIND_CANCELLED},
    {"XA", DUNLIN_KIND_TRANSACTION},
};

static int compare_code(const void *key, const void *element)
{
    const unsigned code = *(const unsigned *)key;
    const struct code_kind *e = element;

    return code < e->code ? -1 : code > e->code;
}

int mysql_driver_classify(unsigned code, const char *sqlstate, const char *text)
{
    const struct code_kind *known;

    for (size_t i = 0; text && i < COUNT(by_text); i++) {
        if (by_text[i].code == code && strstr(text, by_text[i].part))
            return by_text[i].kind;
    }
    known = bsearch(&code, codes, COUNT(codes), sizeof(codes[0]), compare_code);
    if (known)
        return known->kind;
    for (size_t i = 0; sqlstate && i < COUNT(by_state); i++) {
        if (strncmp(sqlstate, by_state[i].state, strlen(by_state[i].state)) == 0)
            return by_state[i].kind;
    }
    return DUNLIN_KIND_SERVER;
}

/* ---- the text of a statement --------------------------------------------------------------- */

struct scan {
    const char *p, *end;
    int in_comment; /* inside an executable comment */
    int may_not_apply;
};

static int starts(const struct scan *s, const char *text)
{
    const size_t n = strlen(text);

    return (size_t)(s->end - s->p) >= n && memcmp(s->p, text, n) == 0;
}

static void skip_past(struct scan *s, const char *text)
{
    while (s->p < s->end && !starts(s, text))
        s->p++;
    s->p += s->p < s->end ? strlen(text) : 0;
}

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int is_dash_comment(const struct scan *s)
{
    return starts(s, "--") && (s->end - s->p == 2 || is_space(s->p[2]));
}

/* Every server that we serve runs the text of a comment up to version 5.6. */
#define VERSION_ALWAYS 50699
#define VERSION_NEVER 999999 /* mariadb-dump begins with such a comment */

static void enter_comment(struct scan *s)
{
    unsigned long version = 0;
    const int mariadb = s->p[2] == 'M';

    s->p += mariadb ? 4 : 3;
    for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
        version = version < VERSION_NEVER ? version * 10 + (unsigned long)(*s->p - '0') : version;
    if (version >= VERSION_NEVER) {
        skip_past(s, "*/");
        return;
    }
    s->in_comment = 1;
    if (mariadb || version > VERSION_ALWAYS)
        s->may_not_apply = 1;
}

/* Blank, comments, and the fences of executable comments. */
static void skip_blank(struct scan *s)
{
    while (s->p < s->end) {
        if (is_space(*s->p)) {
            s->p++;
        } else if (*s->p == '#' || is_dash_comment(s)) {
            skip_past(s, "\n");
        } else if (starts(s, "/*!") || starts(s, "/*M!")) {
            enter_comment(s);
        } else if (starts(s, "/*")) {
            s->p += 2;
            skip_past(s, "*/");
        } else if (s->in_comment && starts(s, "*/")) {
            s->p += 2;
            s->in_comment = 0;
        } else {
            return;
        }
    }
}

static void read_word(struct scan *s, char *word, size_t size)
{
    size_t n = 0;

    for (; s->p < s->end; s->p++) {
        char c = *s->p;

        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (!(c >= 'A' && c <= 'Z') && c != '_' && !(c >= '0' && c <= '9'))
            break;
        if (n + 1 < size)
            word[n++] = c;
    }
    word[n] = '\0';
}

/* Whether nothing but blank and comments stands outside executable comments from here on. Strings
 * need no care: one that holds the end of a comment ends the comment for the server as well, and
 * at worst a message holds one statement less than it could. */
static int all_in_comments(struct scan *s)
{
    while (s->p < s->end) {
        if (s->in_comment) {
            skip_past(s, "*/");
            s->in_comment = 0;
        }
        skip_blank(s);
        if (s->p < s->end && !s->in_comment)
            return 0;
    }
    return 1;
}

static int is_one_of(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(word, words[i]) == 0)
            return 1;
    }
    return 0;
}

static void skip_quoted(struct scan *s)
{
    const char quote = *s->p++;

    while (s->p < s->end && *s->p != quote)
        s->p += *s->p == '\\' && quote != '`' && s->end - s->p > 1 ? 2 : 1;
    s->p += s->p < s->end;
}

/* Behind the last semicolon of the text, or NULL where it has none. */
static const char *last_part(const char *sql, size_t len)
{
    struct scan s = {sql, sql + len, 0, 0};
    const char *part = NULL;

    if (!len || !memchr(sql, ';', len))
        return NULL;
    for (skip_blank(&s); s.p < s.end; skip_blank(&s)) {
        if (*s.p == '\'' || *s.p == '"' || *s.p == '`') {
            skip_quoted(&s);
        } else {
            if (*s.p == ';')
                part = s.p + 1;
            s.p++;
        }
    }
    return part;
}

/* A statement that a file ends with a delimiter of its own may be several to the server. The body
 * of a routine is not: it ends with END. */
static int is_several(const char *sql, size_t len, const char *word)
{
    const char *part = last_part(sql, len);
    struct scan s = {part, sql + len, 0, 0};
    char last[8];

    if (!part)
        return 0;
    if (strcmp(word, "CREATE") != 0 && strcmp(word, "ALTER") != 0)
        return 1;
    skip_blank(&s);
    read_word(&s, last, sizeof(last));
    return strcmp(last, "END") != 0;
}

/* s stands behind the first word. BEGIN alone, or BEGIN WORK, opens a transaction; any other opens
 * a block. SET STATEMENT .. FOR runs any statement; a colon follows the label of a block. */
static int is_compound(struct scan s, const char *word)
{
    static const char *const always[] = {"CALL",  "EXECUTE", "IF",  "LOOP",
                                         "WHILE", "REPEAT",  "FOR", "CASE"};
    char next[16];

    skip_blank(&s);
    if (is_one_of(word, always, COUNT(always)) || (s.p < s.end && *s.p == ':'))
        return 1;
    if (strcmp(word, "BEGIN") == 0 && s.p == s.end)
        return 0;
    read_word(&s, next, sizeof(next));
    if (strcmp(word, "BEGIN") == 0)
        return strcmp(next, "WORK") != 0;
    return strcmp(word, "SET") == 0 && strcmp(next, "STATEMENT") == 0;
}

void mysql_driver_shape(const char *sql, size_t len, struct mysql_shape *out)
{
    struct scan s = {sql, sql + len, 0, 0};

    skip_blank(&s);
    read_word(&s, out->word, sizeof(out->word));
    if (is_compound(s, out->word) || is_several(sql, len, out->word))
        out->form = MYSQL_FORM_MANY;
    else if (s.p == s.end && !out->word[0])
        out->form = MYSQL_FORM_NONE;
    else if (s.may_not_apply && (s.in_comment || s.p == s.end) && all_in_comments(&s))
        out->form = MYSQL_FORM_NONE;
    else
        out->form = MYSQL_FORM_ONE;
}

int mysql_driver_stays_in_tx(const char *word)
{
    static const char *const words[] = {
        "INSERT", "UPDATE", "DELETE",    "REPLACE", "SELECT",   "WITH",    "SHOW",
        "DO",     "USE",    "SAVEPOINT", "RELEASE", "DESCRIBE", "EXPLAIN", "VALUES",
    };

    return is_one_of(word, words, COUNT(words));
}

/* ---- places in messages -------------------------------------------------------------------- */

/* The part between near ' and ' at line, and the number; what it holds may hold such text too. */
static int parse_near(const char *message, const char **text, size_t *len, unsigned long *line)
{
    static const char before[] = "near '", after[] = "' at line ";
    const char *start = strstr(message, before), *end = NULL, *p;

    if (!start)
        return 0;
    start += sizeof(before) - 1;
    for (p = strstr(start, after); p; p = strstr(p + 1, after))
        end = p;
    if (!end)
        return 0;
    *text = start;
    *len = (size_t)(end - start);
    *line = strtoul(end + sizeof(after) - 1, NULL, 10);
    return *line > 0;
}

#define NEAR_MAX 80 /* characters of the statement that the server shows */

/* Whether near is what the server shows of the text from at on. It shows the rest, cut; characters
 * outside its own set become question marks or escapes, and then what precedes must agree. */
static int agrees(const char *near, size_t near_len, const char *at, size_t at_len)
{
    size_t n = 0;

    while (n < near_len && n < at_len && near[n] == at[n])
        n++;
    if (n < near_len)
        return n >= 8 && (near[n] == '?' || near[n] == '\\');
    return n == at_len || n >= NEAR_MAX;
}

/* The server drops these from the end of a message. */
static size_t trimmed(const char *sql, size_t len)
{
    while (len && (sql[len - 1] == ';' || is_space(sql[len - 1])))
        len--;
    return len;
}

/* Where line number wanted begins; SIZE_MAX when the text has fewer. */
static size_t line_start(const char *sql, size_t len, unsigned long wanted)
{
    size_t at = 0;

    for (unsigned long line = 1; line < wanted; line++) {
        const char *end = at < len ? memchr(sql + at, '\n', len - at) : NULL;

        if (!end)
            return SIZE_MAX;
        at = (size_t)(end - sql) + 1;
    }
    return at;
}

static uint32_t count_lines(const char *sql, size_t len)
{
    uint32_t lines = 1;

    for (size_t i = 0; i < len; i++)
        lines += sql[i] == '\n';
    return lines;
}

int mysql_driver_near(const char *message, const char *sql, size_t len, size_t sent,
                      struct mysql_near *out)
{
    size_t begin, found = 0, hits = 0;
    unsigned long line;

    memset(out, 0, sizeof(*out));
    if (!parse_near(message, &out->text, &out->len, &line))
        return 0;
    sent = trimmed(sql, sent);
    begin = line_start(sql, sent, line);
    if (begin == SIZE_MAX)
        return 0;
    for (size_t i = begin; i <= sent; i++) {
        if (agrees(out->text, out->len, sql + i, sent - i)) {
            found = i;
            hits++;
        }
        if (i < sent && sql[i] == '\n')
            break;
    }
    if (hits == 0)
        return 0;
    out->own = found >= len ? 0 : len - found < out->len ? len - found : out->len;
    out->line = found >= len ? count_lines(sql, len) : (uint32_t)line;
    if (hits == 1)
        out->pos = (uint64_t)(found < len ? found : len) + 1;
    return 1;
}
