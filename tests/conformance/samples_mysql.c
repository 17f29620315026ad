/* SPDX-License-Identifier: MIT */
/* What the suite says to MySQL and MariaDB. */
#include "conformance.h"

#define TABLE "CREATE TABLE conf_t (id INTEGER PRIMARY KEY, v VARCHAR(40))"
#define ROW "INSERT INTO conf_t VALUES (1, 'a')"
#define CHILD "CREATE TABLE conf_u (t INTEGER, FOREIGN KEY (t) REFERENCES conf_t (id))"

static const char *const cleanup[] = {"ROLLBACK",
                                      "UNLOCK TABLES",
                                      "DROP VIEW IF EXISTS conf_v",
                                      "DROP TABLE IF EXISTS conf_u, conf_t, conf_s, conf_history",
                                      "DROP TABLE IF EXISTS `conf we\"i``r]d'; --\\ n\xc3\xa4me`",
                                      "DROP DATABASE IF EXISTS conf_db",
                                      "DROP PROCEDURE IF EXISTS conf_proc",
                                      "DROP TRIGGER IF EXISTS conf_trigger",
                                      "DROP USER IF EXISTS 'conf_user'@'%'",
                                      NULL};

static const struct bad_connection bad_connections[] = {
    {"nobody listens", {0}, {{"port", "1"}, {"password", "hunter2-secret"}}, DUNLIN_KIND_CONNECT},
    {"no such host", {0}, {{"host", "no-such-host.invalid"}}, DUNLIN_KIND_CONNECT},
    {"no such user",
     {0},
     {{"user", "conf_nobody"}, {"password", "hunter2-secret"}},
     DUNLIN_KIND_AUTH},
    {"wrong password",
     {"CREATE USER 'conf_user'@'%' IDENTIFIED BY 'right'"},
     {{"user", "conf_user"}, {"password", "hunter2-secret"}},
     DUNLIN_KIND_AUTH},
    {"no such database", {0}, {{"database", "conf_absent"}}, DUNLIN_KIND_MISSING},
    {"bad sslmode", {0}, {{"sslmode", "nonsense"}}, DUNLIN_KIND_CONFIG},
    {"a port that is none", {0}, {{"port", "http"}}, DUNLIN_KIND_CONFIG},
    {"a port out of range", {0}, {{"port", "65536"}}, DUNLIN_KIND_CONFIG},
    {"a timeout that is none", {0}, {{"connect_timeout", "1s"}}, DUNLIN_KIND_CONFIG},
    {0}};

static const struct kind_sample kinds[] = {
    {DUNLIN_KIND_MISSING_TABLE, {0}, "SELECT * FROM conf_absent", NULL},
    {DUNLIN_KIND_MISSING_TABLE, {0}, "DROP TABLE conf_absent", NULL},
    {DUNLIN_KIND_MISSING_COLUMN, {TABLE}, "SELECT nothing FROM conf_t", NULL},
    {DUNLIN_KIND_MISSING, {TABLE}, "DROP INDEX conf_absent ON conf_t", NULL},
    {DUNLIN_KIND_MISSING, {0}, "CALL conf_absent()", NULL},
    {DUNLIN_KIND_EXISTS, {TABLE}, TABLE, NULL},
    {DUNLIN_KIND_EXISTS, {TABLE}, "ALTER TABLE conf_t ADD COLUMN v TEXT", NULL},
    {DUNLIN_KIND_EXISTS,
     {TABLE, "CREATE INDEX conf_i ON conf_t (v)"},
     "CREATE INDEX conf_i ON conf_t (v)",
     NULL},
    {DUNLIN_KIND_EXISTS, {0}, "CREATE DATABASE test", NULL},
    {DUNLIN_KIND_DUPLICATE, {TABLE, ROW}, ROW, NULL},
    {DUNLIN_KIND_CONSTRAINT, {TABLE}, "INSERT INTO conf_t VALUES (NULL, 'a')", NULL},
    {DUNLIN_KIND_CONSTRAINT,
     {"CREATE TABLE conf_t (id INTEGER, CONSTRAINT c CHECK (id > 5))"},
     "INSERT INTO conf_t VALUES (1)",
     NULL},
    {DUNLIN_KIND_CONSTRAINT, {TABLE, CHILD}, "INSERT INTO conf_u VALUES (5)", NULL},
    {DUNLIN_KIND_CONSTRAINT, {TABLE, CHILD}, "DROP TABLE conf_t", NULL},
    {DUNLIN_KIND_DATA, {TABLE}, "INSERT INTO conf_t VALUES (1, REPEAT('x', 41))", NULL},
    {DUNLIN_KIND_DATA, {TABLE}, "INSERT INTO conf_t VALUES (3000000000, 'x')", NULL},
    {DUNLIN_KIND_PERMISSION,
     {TABLE, "CREATE USER 'conf_user'@'%'", "GRANT SELECT ON test.* TO 'conf_user'@'%'"},
     "INSERT INTO conf_t VALUES (1, 'a')",
     "conf_user"},
    {DUNLIN_KIND_READONLY, {TABLE, "START TRANSACTION READ ONLY"}, ROW, NULL},
    {DUNLIN_KIND_TRANSACTION, {"BEGIN"}, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", NULL},
    {0}};

static const struct syntax_sample syntax[] = {
    {"SELEC 1", 1, 1}, {"SELECT '\xc3\xbc',\n  FROM FROM x", 16, 2}, {0}};

#define COMMITS DUNLIN_EFFECT_COMMITS
#define NONE DUNLIN_EFFECT_NONE

static const struct effect_sample effects[] = {
    {TABLE, COMMITS, EFFECT_OUTSIDE, {0}},
    {"DROP TABLE conf_t", COMMITS, EFFECT_OUTSIDE, {TABLE}},
    {"ALTER TABLE conf_t ADD c INTEGER", COMMITS, EFFECT_OUTSIDE, {TABLE}},
    {"RENAME TABLE conf_t TO conf_u", COMMITS, EFFECT_OUTSIDE, {TABLE}},
    {"TRUNCATE conf_t", COMMITS, EFFECT_OUTSIDE, {TABLE}},
    {"CREATE INDEX conf_i ON conf_t (v)", COMMITS, EFFECT_OUTSIDE, {TABLE}},
    {"CREATE VIEW conf_v AS SELECT 1 AS x", COMMITS, EFFECT_OUTSIDE, {0}},
    {"CREATE DATABASE conf_db", COMMITS, EFFECT_OUTSIDE, {0}},
    {"CREATE USER 'conf_user'@'%'", COMMITS, EFFECT_OUTSIDE, {0}},
    {"GRANT SELECT ON test.* TO 'conf_user'@'%'",
     COMMITS,
     EFFECT_OUTSIDE,
     {"CREATE USER 'conf_user'@'%'"}},
    {"CREATE PROCEDURE conf_proc() SELECT 1", COMMITS, EFFECT_OUTSIDE, {0}},
    {"CREATE TRIGGER conf_trigger BEFORE INSERT ON conf_t FOR EACH ROW SET NEW.v = 'x'",
     COMMITS,
     EFFECT_OUTSIDE,
     {TABLE}},
    {"ANALYZE TABLE conf_t", COMMITS, EFFECT_OUTSIDE, {TABLE}},
    {"FLUSH TABLES", COMMITS, EFFECT_OUTSIDE, {0}},
    {"LOCK TABLES conf_t WRITE", DUNLIN_EFFECT_LOCK_TABLES, EFFECT_TEXT, {0}},
    {"UNLOCK TABLES", DUNLIN_EFFECT_UNLOCK_TABLES, EFFECT_TEXT, {0}},
    {"INSERT INTO conf_t VALUES (1, 'a')", NONE, EFFECT_OUTSIDE, {TABLE}},
    {"CREATE TEMPORARY TABLE conf_u (id INTEGER)", NONE, EFFECT_OUTSIDE, {0}},
    {"DROP TEMPORARY TABLE IF EXISTS conf_u", NONE, EFFECT_OUTSIDE, {0}},
    {"SET @x = 1", DUNLIN_EFFECT_SESSION, EFFECT_OUTSIDE, {0}},
    {"PREPARE p FROM 'SELECT 1'", DUNLIN_EFFECT_SESSION, EFFECT_OUTSIDE, {0}},
    {"SELECT 1", NONE, EFFECT_OUTSIDE, {0}},
    {"BEGIN", DUNLIN_EFFECT_BEGIN, EFFECT_RUN, {0}},
    {"START TRANSACTION", DUNLIN_EFFECT_BEGIN, EFFECT_RUN, {0}},
    {"COMMIT", DUNLIN_EFFECT_COMMIT, EFFECT_RUN, {0}},
    {"ROLLBACK", DUNLIN_EFFECT_ROLLBACK, EFFECT_RUN, {0}},
    {"SAVEPOINT x", DUNLIN_EFFECT_SAVEPOINT, EFFECT_RUN, {0}},
    {"ROLLBACK TO x", DUNLIN_EFFECT_SAVEPOINT, EFFECT_TEXT, {0}},
    {"RELEASE SAVEPOINT x", DUNLIN_EFFECT_SAVEPOINT, EFFECT_TEXT, {0}},
    {"XA START 'x'", DUNLIN_EFFECT_TX_CONTROL, EFFECT_TEXT, {0}},
    {"SET autocommit = 0", DUNLIN_EFFECT_TX_CONTROL, EFFECT_TEXT, {0}},
    {"SET sql_mode = 'ANSI_QUOTES'", DUNLIN_EFFECT_LEX_MODE, EFFECT_OUTSIDE, {0}},
    {0}};

static const struct locked_sample locked = {
    {TABLE}, {"BEGIN", ROW}, {"SET lock_wait_timeout = 1", "ALTER TABLE conf_t ADD c INTEGER"}};

static const struct deadlock_sample deadlock = {
    {TABLE, "INSERT INTO conf_t VALUES (1, 'a'), (2, 'b')"},
    "UPDATE conf_t SET v = 'x' WHERE id = 1",
    "UPDATE conf_t SET v = 'y' WHERE id = 2",
    "UPDATE conf_t SET v = 'x' WHERE id = 2",
    "UPDATE conf_t SET v = 'y' WHERE id = 1"};

#define DIGITS                                                                                     \
    "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 "  \
    "UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL "       \
    "SELECT 9)"

/* SLEEP and BENCHMARK answer when they are cancelled, and do not fail. */
#define SLOW                                                                                       \
    "SELECT count(*) FROM " DIGITS " a, " DIGITS " b, " DIGITS " c, " DIGITS " d, " DIGITS         \
    " e, " DIGITS " f, " DIGITS " g, " DIGITS " h, " DIGITS " i, " DIGITS " j, " DIGITS            \
    " k, " DIGITS                                                                                  \
    " l WHERE a.n + b.n + c.n + d.n + e.n + f.n + g.n + h.n + i.n + j.n + k.n + l.n = 50"

#define COMMON                                                                                     \
    .own = mysql_tests, .cleanup = cleanup, .missing_setting = "sslmod",                           \
    .near_setting = "sslmode", .bad_connections = bad_connections, .kinds = kinds,                 \
    .syntax = syntax, .effects = effects, .locked = &locked, .deadlock = &deadlock, .slow = SLOW,  \
    .many_rows = "SELECT a.n * 10000 + b.n * 1000 + c.n * 100 + d.n * 10 + e.n + 1 AS i, "         \
                 "REPEAT('x', 500) FROM " DIGITS " a, " DIGITS " b, " DIGITS " c, " DIGITS         \
                 " d, " DIGITS " e ORDER BY i",                                                    \
    .notice = "DROP TABLE IF EXISTS conf_absent", .notice_text = "conf_absent",                    \
    .connection_id = "SELECT CONNECTION_ID()", .kill_before = "KILL ", .kill_after = "",           \
    .change = {"SET foreign_key_checks = 0", "SET unique_checks = 0", "SET sql_mode = 'ANSI'"},    \
    .show = "SELECT CONCAT(@@foreign_key_checks, @@unique_checks, @@sql_mode)",                    \
    .big_before = "SELECT LENGTH('", .big_after = "')"

const struct engine_samples samples_mariadb = {
    .engine = "mariadb",
    COMMON,
    .timeout = {"SET max_statement_time = 0.3", SLOW},
};

const struct engine_samples samples_mysql = {
    .engine = "mysql",
    COMMON,
    .timeout = {"SET max_execution_time = 300", SLOW},
};
