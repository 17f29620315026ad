/* SPDX-License-Identifier: MIT */
/* The pure parts of the sqlite driver: error classes and the rules of its dialect. */
#include "sqlite.c"

#include "classify-rules.h"

static void test_errors(void **state)
{
    static const struct {
        int code;
        const char *text;
        int kind;
    } cases[] = {
        {SQLITE_ERROR, "no such table: main.t", DUNLIN_KIND_MISSING_TABLE},
        {SQLITE_ERROR, "no such view: v", DUNLIN_KIND_MISSING_TABLE},
        {SQLITE_ERROR, "no such column: c", DUNLIN_KIND_MISSING_COLUMN},
        {SQLITE_ERROR, "table t has no column named c", DUNLIN_KIND_MISSING_COLUMN},
        {SQLITE_ERROR, "no such index: i", DUNLIN_KIND_MISSING},
        {SQLITE_ERROR, "no such function: f", DUNLIN_KIND_MISSING},
        {SQLITE_ERROR, "unknown database d", DUNLIN_KIND_MISSING},
        {SQLITE_ERROR, "table t already exists", DUNLIN_KIND_EXISTS},
        {SQLITE_ERROR, "index i already exists", DUNLIN_KIND_EXISTS},
        {SQLITE_ERROR, "there is already another table or index with this name: t",
         DUNLIN_KIND_EXISTS},
        {SQLITE_ERROR, "duplicate column name: c", DUNLIN_KIND_EXISTS},
        {SQLITE_ERROR, "near \"x\": syntax error", DUNLIN_KIND_SYNTAX},
        {SQLITE_ERROR, "incomplete input", DUNLIN_KIND_SYNTAX},
        {SQLITE_ERROR, "unrecognized token: \"'\"", DUNLIN_KIND_SYNTAX},
        {SQLITE_ERROR, "cannot VACUUM from within a transaction", DUNLIN_KIND_TRANSACTION},
        {SQLITE_ERROR, "cannot commit - no transaction is active", DUNLIN_KIND_TRANSACTION},
        {SQLITE_ERROR, "Safety level may not be changed inside a transaction",
         DUNLIN_KIND_TRANSACTION},
        {SQLITE_ERROR, "no such savepoint: s", DUNLIN_KIND_TRANSACTION},
        {SQLITE_ERROR, "table sqlite_master may not be modified", DUNLIN_KIND_PERMISSION},
        {SQLITE_ERROR, "foreign key mismatch - \"a\" referencing \"b\"", DUNLIN_KIND_CONSTRAINT},
        /* about another object: nothing that could be tolerated */
        {SQLITE_ERROR, "error in view v: no such table: main.t", DUNLIN_KIND_SERVER},
        {SQLITE_ERROR, "RAISE: table t already exists", DUNLIN_KIND_SERVER},
        {SQLITE_ERROR, "", DUNLIN_KIND_SERVER},
        {SQLITE_ERROR, NULL, DUNLIN_KIND_SERVER},
        {SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: t.c", DUNLIN_KIND_DUPLICATE},
        {SQLITE_CONSTRAINT_PRIMARYKEY, "", DUNLIN_KIND_DUPLICATE},
        {SQLITE_CONSTRAINT_ROWID, "", DUNLIN_KIND_DUPLICATE},
        {SQLITE_CONSTRAINT_NOTNULL, "", DUNLIN_KIND_CONSTRAINT},
        {SQLITE_CONSTRAINT_FOREIGNKEY, "", DUNLIN_KIND_CONSTRAINT},
        {SQLITE_CONSTRAINT_CHECK, "no such table: t", DUNLIN_KIND_CONSTRAINT},
        {SQLITE_CONSTRAINT_TRIGGER, "", DUNLIN_KIND_CONSTRAINT},
        {SQLITE_MISMATCH, "", DUNLIN_KIND_DATA},
        {SQLITE_TOOBIG, "", DUNLIN_KIND_DATA},
        {SQLITE_BUSY, "database is locked", DUNLIN_KIND_LOCKED},
        {SQLITE_BUSY_SNAPSHOT, "", DUNLIN_KIND_LOCKED},
        {SQLITE_LOCKED, "database table is locked", DUNLIN_KIND_LOCKED},
        {SQLITE_INTERRUPT, "", DUNLIN_KIND_CANCELLED},
        {SQLITE_READONLY, "", DUNLIN_KIND_READONLY},
        {SQLITE_READONLY_DBMOVED, "", DUNLIN_KIND_READONLY},
        {SQLITE_FULL, "", DUNLIN_KIND_FULL},
        {SQLITE_NOMEM, "", DUNLIN_KIND_NOMEM},
        {SQLITE_IOERR_NOMEM, "", DUNLIN_KIND_NOMEM},
        {SQLITE_IOERR_WRITE, "", DUNLIN_KIND_SERVER},
        {SQLITE_CORRUPT, "", DUNLIN_KIND_SERVER},
        {SQLITE_NOTADB, "", DUNLIN_KIND_CONNECT},
        {SQLITE_CANTOPEN_ISDIR, "", DUNLIN_KIND_CONNECT},
        {SQLITE_AUTH, "not authorized", DUNLIN_KIND_PERMISSION},
        {SQLITE_MISUSE, "", DUNLIN_KIND_INTERNAL},
        {0, "not an error", DUNLIN_KIND_SERVER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const int kind = lite_classify(cases[i].code, cases[i].text);

        if (kind != cases[i].kind)
            fail_msg("%d %s: kind %d, not %d", cases[i].code, cases[i].text ? cases[i].text : "",
                     kind, cases[i].kind);
    }
}

static void test_rules(void **state)
{
    static const struct rule_case cases[] = {
        {"BEGIN", DUNLIN_EFFECT_BEGIN},
        {"begin exclusive transaction", DUNLIN_EFFECT_BEGIN},
        {"COMMIT", DUNLIN_EFFECT_COMMIT},
        {"END TRANSACTION", DUNLIN_EFFECT_COMMIT},
        {"ROLLBACK", DUNLIN_EFFECT_ROLLBACK},
        {"ROLLBACK TRANSACTION", DUNLIN_EFFECT_ROLLBACK},
        {"ROLLBACK TO s", DUNLIN_EFFECT_SAVEPOINT},
        {"ROLLBACK TRANSACTION t TO SAVEPOINT s", DUNLIN_EFFECT_SAVEPOINT},
        {"SAVEPOINT s", DUNLIN_EFFECT_SAVEPOINT},
        {"RELEASE SAVEPOINT s", DUNLIN_EFFECT_SAVEPOINT},
        {"VACUUM", DUNLIN_EFFECT_NO_TX},
        {"VACUUM INTO 'f'", DUNLIN_EFFECT_NO_TX},
        {"DETACH DATABASE d", DUNLIN_EFFECT_NO_TX},
        {"ATTACH 'f' AS d", DUNLIN_EFFECT_SESSION},
        {"PRAGMA foreign_keys = OFF", DUNLIN_EFFECT_FOREIGN_KEYS},
        {"pragma foreign_keys(1)", DUNLIN_EFFECT_FOREIGN_KEYS},
        {"PRAGMA main.foreign_keys=on", DUNLIN_EFFECT_FOREIGN_KEYS},
        {"PRAGMA foreign_keys", DUNLIN_EFFECT_NONE},
        {"PRAGMA foreign_key_check", DUNLIN_EFFECT_NONE},
        {"PRAGMA journal_mode = WAL", DUNLIN_EFFECT_NO_TX},
        {"PRAGMA main.journal_mode(wal)", DUNLIN_EFFECT_NO_TX},
        {"PRAGMA journal_mode", DUNLIN_EFFECT_NONE},
        {"PRAGMA synchronous = OFF", DUNLIN_EFFECT_NO_TX},
        {"PRAGMA wal_checkpoint(TRUNCATE)", DUNLIN_EFFECT_NO_TX},
        {"PRAGMA user_version = 5", DUNLIN_EFFECT_NONE},
        {"CREATE TABLE begin (id)", DUNLIN_EFFECT_NONE},
        {"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END", DUNLIN_EFFECT_NONE},
    };

    (void)state;
    check_rules(&lite_dialect, cases, sizeof(cases) / sizeof(cases[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
