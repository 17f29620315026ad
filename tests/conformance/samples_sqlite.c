/* SPDX-License-Identifier: MIT */
/* What the suite says to SQLite. */
#include "conformance.h"

#define TABLE "CREATE TABLE conf_t (id INTEGER PRIMARY KEY, v VARCHAR(40) UNIQUE)"
#define ROW "INSERT INTO conf_t VALUES (1, 'a')"

static const char *const cleanup[] = {
    "ROLLBACK",
    "PRAGMA foreign_keys = OFF",
    "DROP VIEW IF EXISTS conf_v",
    "DROP TABLE IF EXISTS conf_u",
    "DROP TABLE IF EXISTS conf_t",
    "DROP TABLE IF EXISTS conf_s",
    "DROP TABLE IF EXISTS conf_history",
    "DROP TABLE IF EXISTS \"conf we\"\"i`r]d'; --\\ n\xc3\xa4me\"",
    NULL};

static const struct bad_connection bad_connections[] = {
    {"no such folder", {0}, {{"database", "/no/such/folder/test.db"}}, DUNLIN_KIND_CONNECT},
    {"a folder", {0}, {{"database", "/"}}, DUNLIN_KIND_CONNECT},
    {"no file", {0}, {{"database", ""}}, DUNLIN_KIND_CONFIG},
    {"a server", {0}, {{"host", "db.example"}}, DUNLIN_KIND_CONFIG},
    {"no such mode", {0}, {{"mode", "rx"}}, DUNLIN_KIND_CONFIG},
    {"a mode of the library", {0}, {{"mode", "memory"}}, DUNLIN_KIND_CONFIG},
    {"a time that is none", {0}, {{"busy_timeout", "1s"}}, DUNLIN_KIND_CONFIG},
    {"too long a time", {0}, {{"busy_timeout", "9999999999"}}, DUNLIN_KIND_CONFIG},
    {"neither on nor off", {0}, {{"foreign_keys", "1"}}, DUNLIN_KIND_CONFIG},
    {0}};

static const struct kind_sample kinds[] = {
    {DUNLIN_KIND_MISSING_TABLE, {0}, "SELECT * FROM conf_absent", NULL},
    {DUNLIN_KIND_MISSING_TABLE, {0}, "DROP TABLE conf_absent", NULL},
    {DUNLIN_KIND_MISSING_COLUMN, {TABLE}, "SELECT absent FROM conf_t", NULL},
    {DUNLIN_KIND_MISSING, {0}, "DROP INDEX conf_absent", NULL},
    {DUNLIN_KIND_MISSING, {0}, "SELECT conf_absent()", NULL},
    {DUNLIN_KIND_EXISTS, {TABLE}, TABLE, NULL},
    {DUNLIN_KIND_EXISTS, {TABLE}, "ALTER TABLE conf_t ADD COLUMN v TEXT", NULL},
    {DUNLIN_KIND_EXISTS,
     {TABLE, "CREATE INDEX conf_i ON conf_t (v)"},
     "CREATE INDEX conf_i ON conf_t (v)",
     NULL},
    {DUNLIN_KIND_DUPLICATE, {TABLE, ROW}, ROW, NULL},
    {DUNLIN_KIND_DUPLICATE, {TABLE, ROW}, "INSERT INTO conf_t VALUES (2, 'a')", NULL},
    {DUNLIN_KIND_CONSTRAINT,
     {"CREATE TABLE conf_t (id INTEGER NOT NULL)"},
     "INSERT INTO conf_t VALUES (NULL)",
     NULL},
    {DUNLIN_KIND_CONSTRAINT,
     {"CREATE TABLE conf_t (id INTEGER CHECK (id > 5))"},
     "INSERT INTO conf_t VALUES (1)",
     NULL},
    {DUNLIN_KIND_CONSTRAINT,
     {TABLE, "CREATE TABLE conf_u (t INTEGER REFERENCES conf_t)", "PRAGMA foreign_keys = ON"},
     "INSERT INTO conf_u VALUES (5)",
     NULL},
    {DUNLIN_KIND_DATA, {TABLE}, "INSERT INTO conf_t VALUES ('x', 'a')", NULL},
    {DUNLIN_KIND_READONLY, {TABLE, "PRAGMA query_only = ON"}, ROW, NULL},
    {DUNLIN_KIND_TRANSACTION, {"BEGIN"}, "VACUUM", NULL},
    {DUNLIN_KIND_TRANSACTION, {"BEGIN"}, "BEGIN", NULL},
    {DUNLIN_KIND_TRANSACTION, {0}, "COMMIT", NULL},
    {0}};

static const struct syntax_sample syntax[] = {
    {"SELEC 1", 1, 0}, {"SELECT '\xc3\xbc',\n  FROM FROM x", 16, 0}, {0}};

static const struct effect_sample effects[] = {
    {"VACUUM", DUNLIN_EFFECT_NO_TX, EFFECT_OUTSIDE, {0}},
    {"PRAGMA journal_mode = WAL", DUNLIN_EFFECT_NO_TX, EFFECT_TEXT, {0}},
    {"PRAGMA synchronous = NORMAL", DUNLIN_EFFECT_NO_TX, EFFECT_RUN, {0}},
    {"PRAGMA foreign_keys = OFF", DUNLIN_EFFECT_FOREIGN_KEYS, EFFECT_OUTSIDE, {0}},
    {"CREATE TABLE conf_t (id INTEGER)", DUNLIN_EFFECT_NONE, EFFECT_OUTSIDE, {0}},
    {"DROP TABLE conf_t", DUNLIN_EFFECT_NONE, EFFECT_OUTSIDE, {TABLE}},
    {"ALTER TABLE conf_t ADD COLUMN c", DUNLIN_EFFECT_NONE, EFFECT_OUTSIDE, {TABLE}},
    {"CREATE INDEX conf_i ON conf_t (v)", DUNLIN_EFFECT_NONE, EFFECT_OUTSIDE, {TABLE}},
    {"REINDEX", DUNLIN_EFFECT_NONE, EFFECT_OUTSIDE, {0}},
    {"ANALYZE", DUNLIN_EFFECT_NONE, EFFECT_OUTSIDE, {0}},
    {"PRAGMA user_version = 5", DUNLIN_EFFECT_NONE, EFFECT_OUTSIDE, {0}},
    {"PRAGMA defer_foreign_keys = ON", DUNLIN_EFFECT_NONE, EFFECT_OUTSIDE, {0}},
    {"BEGIN", DUNLIN_EFFECT_BEGIN, EFFECT_RUN, {0}},
    {"BEGIN TRANSACTION", DUNLIN_EFFECT_BEGIN, EFFECT_RUN, {0}},
    {"BEGIN IMMEDIATE", DUNLIN_EFFECT_BEGIN, EFFECT_RUN, {0}},
    {"begin exclusive transaction", DUNLIN_EFFECT_BEGIN, EFFECT_RUN, {0}},
    {"COMMIT", DUNLIN_EFFECT_COMMIT, EFFECT_RUN, {0}},
    {"END TRANSACTION", DUNLIN_EFFECT_COMMIT, EFFECT_RUN, {0}},
    {"ROLLBACK", DUNLIN_EFFECT_ROLLBACK, EFFECT_RUN, {0}},
    {"SAVEPOINT x", DUNLIN_EFFECT_SAVEPOINT, EFFECT_RUN, {0}},
    {"ROLLBACK TO x", DUNLIN_EFFECT_SAVEPOINT, EFFECT_TEXT, {0}},
    {"ROLLBACK TRANSACTION TO SAVEPOINT x", DUNLIN_EFFECT_SAVEPOINT, EFFECT_TEXT, {0}},
    {"RELEASE x", DUNLIN_EFFECT_SAVEPOINT, EFFECT_TEXT, {0}},
    {0}};

static const struct locked_sample locked = {
    {0}, {"BEGIN IMMEDIATE"}, {"PRAGMA busy_timeout = 100", "BEGIN IMMEDIATE"}};

const struct engine_samples samples_sqlite = {
    .engine = "sqlite",
    .own = sqlite_tests,
    .cleanup = cleanup,
    .missing_setting = "mod",
    .near_setting = "mode",
    .bad_connections = bad_connections,
    .kinds = kinds,
    .syntax = syntax,
    .effects = effects,
    .locked = &locked,
    .slow = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 9000000000) "
            "SELECT count(*) FROM c",
    .many_rows = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 100000) "
                 "SELECT i, printf('%.500c', 'x') FROM c",
    .change = {"PRAGMA legacy_alter_table = ON"},
    .show = "PRAGMA legacy_alter_table",
    .big_before = "SELECT length('",
    .big_after = "')",
};
