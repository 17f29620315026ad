/* SPDX-License-Identifier: MIT */
/* The pure parts of the mysql driver: error classes, the rules of its dialect, and what it reads
 * in statements and messages. */
#include "mysql_dialect.h"

#include "classify-rules.h"

static void test_errors(void **state)
{
    static const struct {
        unsigned code;
        const char *sqlstate, *text;
        int kind;
    } cases[] = {
        {1005, "HY000", "Can't create table `t` (errno: 150 \"..\")", DUNLIN_KIND_CONSTRAINT},
        {1005, "HY000", "Can't create table `t` (errno: 121 \"..\")", DUNLIN_KIND_EXISTS},
        {1005, "HY000", "Can't create table `t` (errno: 5 \"..\")", DUNLIN_KIND_SERVER},
        {1044, "42000", "", DUNLIN_KIND_PERMISSION},
        {1045, "28000", "", DUNLIN_KIND_AUTH},
        {1048, "23000", "", DUNLIN_KIND_CONSTRAINT},
        {1049, "42000", "", DUNLIN_KIND_MISSING},
        {1050, "42S01", "", DUNLIN_KIND_EXISTS},
        {1051, "42S02", "", DUNLIN_KIND_MISSING_TABLE},
        {1054, "42S22", "", DUNLIN_KIND_MISSING_COLUMN},
        {1060, "42S21", "", DUNLIN_KIND_EXISTS},
        {1061, "42000", "", DUNLIN_KIND_EXISTS},
        {1062, "23000", "", DUNLIN_KIND_DUPLICATE},
        {1064, "42000", "", DUNLIN_KIND_SYNTAX},
        {1065, "42000", "", DUNLIN_KIND_SYNTAX},
        {1091, "42000", "", DUNLIN_KIND_MISSING},
        {1114, "HY000", "", DUNLIN_KIND_FULL},
        {1142, "42000", "", DUNLIN_KIND_PERMISSION},
        {1146, "42S02", "", DUNLIN_KIND_MISSING_TABLE},
        {1205, "HY000", "", DUNLIN_KIND_LOCKED},
        {1213, "40001", "", DUNLIN_KIND_DEADLOCK},
        {1215, "HY000", "", DUNLIN_KIND_CONSTRAINT},
        {1264, "22003", "", DUNLIN_KIND_DATA},
        {1290, "HY000", "running with the --read-only option", DUNLIN_KIND_READONLY},
        {1290, "HY000", "running with the --secure-file-priv option", DUNLIN_KIND_PERMISSION},
        {1305, "42000", "", DUNLIN_KIND_MISSING},
        {1317, "70100", "", DUNLIN_KIND_CANCELLED},
        {1359, "HY000", "", DUNLIN_KIND_EXISTS},
        {1360, "HY000", "", DUNLIN_KIND_MISSING},
        {1396, "HY000", "Operation CREATE USER failed for 'u'@'%'", DUNLIN_KIND_EXISTS},
        {1396, "HY000", "Operation DROP USER failed for 'u'@'%'", DUNLIN_KIND_MISSING},
        {1396, "HY000", "something else", DUNLIN_KIND_SERVER},
        {1406, "22001", "", DUNLIN_KIND_DATA},
        {1451, "23000", "", DUNLIN_KIND_CONSTRAINT},
        {1568, "25001", "", DUNLIN_KIND_TRANSACTION},
        {1644, "45000", "no such table", DUNLIN_KIND_SERVER},
        {1792, "25006", "", DUNLIN_KIND_READONLY},
        {1846, "0A000", "", DUNLIN_KIND_UNSUPPORTED},
        {1927, "70100", "", DUNLIN_KIND_LOST},
        {1969, "70100", "", DUNLIN_KIND_TIMEOUT},
        {2002, "HY000", "", DUNLIN_KIND_CONNECT},
        {2003, "HY000", "", DUNLIN_KIND_CONNECT},
        {2005, "HY000", "", DUNLIN_KIND_CONNECT},
        {2006, "HY000", "", DUNLIN_KIND_LOST},
        {2013, "HY000", "", DUNLIN_KIND_LOST},
        {3024, "HY000", "", DUNLIN_KIND_TIMEOUT},
        {3572, "HY000", "", DUNLIN_KIND_LOCKED},
        {3819, "HY000", "", DUNLIN_KIND_CONSTRAINT},
        {4025, "23000", "CONSTRAINT `c` failed for `d`.`t`", DUNLIN_KIND_CONSTRAINT},
        {4025, "HY000", "the value is out of range", DUNLIN_KIND_SERVER},
        {4031, "HY000", "The client was disconnected by the server because of inactivity",
         DUNLIN_KIND_LOST},
        /* not in the table: by SQLSTATE */
        {9999, "42S02", "", DUNLIN_KIND_MISSING_TABLE},
        {9999, "42S22", "", DUNLIN_KIND_MISSING_COLUMN},
        {9999, "23000", "", DUNLIN_KIND_CONSTRAINT},
        {9999, "22001", "", DUNLIN_KIND_DATA},
        {9999, "25006", "", DUNLIN_KIND_READONLY},
        {9999, "HY000", "", DUNLIN_KIND_SERVER},
        {9999, "", "", DUNLIN_KIND_SERVER},
        {9999, NULL, NULL, DUNLIN_KIND_SERVER},
        {0, NULL, NULL, DUNLIN_KIND_SERVER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const int kind = mysql_driver_classify(cases[i].code, cases[i].sqlstate, cases[i].text);

        if (kind != cases[i].kind)
            fail_msg("%u %s: kind %d, not %d", cases[i].code, cases[i].text ? cases[i].text : "",
                     kind, cases[i].kind);
    }
}

static void test_rules(void **state)
{
    static const struct rule_case cases[] = {
        {"BEGIN", DUNLIN_EFFECT_BEGIN},
        {"begin work", DUNLIN_EFFECT_BEGIN},
        {"/* c */ START TRANSACTION READ ONLY", DUNLIN_EFFECT_BEGIN},
        {"BEGIN NOT ATOMIC SELECT 1; END", DUNLIN_EFFECT_COMMITS},
        {"COMMIT", DUNLIN_EFFECT_COMMIT},
        {"COMMIT WORK AND NO CHAIN", DUNLIN_EFFECT_COMMIT},
        {"COMMIT AND CHAIN", DUNLIN_EFFECT_TX_CONTROL},
        {"COMMIT RELEASE", DUNLIN_EFFECT_TX_CONTROL},
        {"ROLLBACK", DUNLIN_EFFECT_ROLLBACK},
        {"ROLLBACK TO SAVEPOINT s", DUNLIN_EFFECT_SAVEPOINT},
        {"SAVEPOINT s", DUNLIN_EFFECT_SAVEPOINT},
        {"RELEASE SAVEPOINT s", DUNLIN_EFFECT_SAVEPOINT},
        {"XA START 'x'", DUNLIN_EFFECT_TX_CONTROL},
        {"SET autocommit = 0", DUNLIN_EFFECT_TX_CONTROL},
        {"SET @@session.autocommit=0", DUNLIN_EFFECT_TX_CONTROL},
        {"SET SESSION autocommit := 0", DUNLIN_EFFECT_TX_CONTROL},
        {"SET NAMES utf8, AUTOCOMMIT=0", DUNLIN_EFFECT_TX_CONTROL},
        {"SET @old = @@autocommit", DUNLIN_EFFECT_SESSION},
        {"SET sql_mode = 'ANSI_QUOTES'", DUNLIN_EFFECT_LEX_MODE},
        {"/*!40101 SET @old=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
         DUNLIN_EFFECT_LEX_MODE},
        {"SET @old=@@SQL_MODE", DUNLIN_EFFECT_SESSION},
        {"SET foreign_key_checks = 0", DUNLIN_EFFECT_SESSION},
        {"SET @x = 1", DUNLIN_EFFECT_SESSION},
        {"SET NAMES utf8mb4", DUNLIN_EFFECT_SESSION},
        {"SET GLOBAL max_connections = 5", DUNLIN_EFFECT_NONE},
        {"SET @@global.max_connections = 5", DUNLIN_EFFECT_NONE},
        {"SET PERSIST max_connections = 5", DUNLIN_EFFECT_NONE},
        {"SET PASSWORD = 'x'", DUNLIN_EFFECT_COMMITS},
        {"SET STATEMENT max_statement_time=1 FOR ALTER TABLE t FORCE", DUNLIN_EFFECT_COMMITS},
        {"SET STATEMENT max_statement_time=1 FOR SELECT 1", DUNLIN_EFFECT_NONE},
        {"USE d", DUNLIN_EFFECT_SESSION},
        {"PREPARE p FROM @sql", DUNLIN_EFFECT_SESSION},
        {"DROP PREPARE p", DUNLIN_EFFECT_SESSION},
        {"EXECUTE p", DUNLIN_EFFECT_COMMITS},
        {"CALL p()", DUNLIN_EFFECT_COMMITS},
        {"LOCK TABLES t WRITE", DUNLIN_EFFECT_LOCK_TABLES},
        {"UNLOCK TABLES", DUNLIN_EFFECT_UNLOCK_TABLES},
        {"FLUSH TABLES WITH READ LOCK", DUNLIN_EFFECT_LOCK_TABLES},
        {"FLUSH TABLES t FOR EXPORT", DUNLIN_EFFECT_LOCK_TABLES},
        {"FLUSH PRIVILEGES", DUNLIN_EFFECT_COMMITS},
        {"CREATE TABLE t (a INT)", DUNLIN_EFFECT_COMMITS},
        {"CREATE TEMPORARY TABLE t (a INT)", DUNLIN_EFFECT_NONE},
        {"CREATE OR REPLACE TEMPORARY TABLE t (a INT)", DUNLIN_EFFECT_NONE},
        {"CREATE OR REPLACE TABLE t (a INT)", DUNLIN_EFFECT_COMMITS},
        {"CREATE TEMPORARY SEQUENCE s", DUNLIN_EFFECT_COMMITS},
        {"DROP TEMPORARY TABLE t", DUNLIN_EFFECT_NONE},
        {"DROP TABLE IF EXISTS t", DUNLIN_EFFECT_COMMITS},
        {"/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR "
         "EACH ROW SET NEW.x = 1 */",
         DUNLIN_EFFECT_COMMITS},
        {"ALTER TABLE t FORCE", DUNLIN_EFFECT_COMMITS},
        {"RENAME TABLE a TO b", DUNLIN_EFFECT_COMMITS},
        {"TRUNCATE t", DUNLIN_EFFECT_COMMITS},
        {"GRANT SELECT ON d.* TO u", DUNLIN_EFFECT_COMMITS},
        {"ANALYZE TABLE t", DUNLIN_EFFECT_COMMITS},
        {"ANALYZE LOCAL TABLE t", DUNLIN_EFFECT_COMMITS},
        {"ANALYZE SELECT 1", DUNLIN_EFFECT_NONE},
        {"OPTIMIZE TABLE t", DUNLIN_EFFECT_COMMITS},
        {"CHECK TABLE t", DUNLIN_EFFECT_COMMITS},
        {"RESET PERSIST", DUNLIN_EFFECT_NONE},
        {"START REPLICA", DUNLIN_EFFECT_COMMITS},
        {"INSERT INTO t VALUES (1)", DUNLIN_EFFECT_NONE},
        {"REPLACE INTO t VALUES (1)", DUNLIN_EFFECT_NONE},
        {"INSERT INTO mysql.time_zone VALUES (1, 'N')", DUNLIN_EFFECT_COMMITS},
        {"delete quick from mysql.db", DUNLIN_EFFECT_COMMITS},
        {"UPDATE LOW_PRIORITY IGNORE mysql.db SET Host = '%'", DUNLIN_EFFECT_COMMITS},
        {"UPDATE performance_schema.setup_actors SET ENABLED = 'NO'", DUNLIN_EFFECT_COMMITS},
        {"INSERT INTO mysql VALUES (1)", DUNLIN_EFFECT_NONE},
        {"INSERT INTO t SELECT * FROM mysql.db", DUNLIN_EFFECT_NONE},
        {"LOAD DATA INFILE 'f' INTO TABLE t", DUNLIN_EFFECT_NONE},
        {"WITH x AS (SELECT 1) SELECT * FROM x", DUNLIN_EFFECT_NONE},
    };

    (void)state;
    check_rules(&mysql_driver_dialect, cases, sizeof(cases) / sizeof(cases[0]));
}

static void test_shapes(void **state)
{
    static const struct {
        const char *sql;
        enum mysql_form form;
        const char *word;
    } cases[] = {
        {"SELECT 1", MYSQL_FORM_ONE, "SELECT"},
        {"  -- c\n# d\n/* e */ insert into t values (1)", MYSQL_FORM_ONE, "INSERT"},
        {"(SELECT 1)", MYSQL_FORM_ONE, ""},
        {"CALL p()", MYSQL_FORM_MANY, "CALL"},
        {"/*!50003 CALL p() */", MYSQL_FORM_MANY, "CALL"},
        {"EXECUTE IMMEDIATE 'SELECT 1'", MYSQL_FORM_MANY, "EXECUTE"},
        {"BEGIN", MYSQL_FORM_ONE, "BEGIN"},
        {"BEGIN WORK", MYSQL_FORM_ONE, "BEGIN"},
        {"BEGIN -- c", MYSQL_FORM_ONE, "BEGIN"},
        {"BEGIN NOT ATOMIC SELECT 1; SELECT 2; END", MYSQL_FORM_MANY, "BEGIN"},
        {"BEGIN SELECT 1; END", MYSQL_FORM_MANY, "BEGIN"},
        {"l: LOOP SELECT 1; END LOOP", MYSQL_FORM_MANY, "L"},
        {"IF 1 THEN SELECT 1; END IF", MYSQL_FORM_MANY, "IF"},
        {"SET STATEMENT x=1 FOR CALL p()", MYSQL_FORM_MANY, "SET"},
        {"SET x = 1", MYSQL_FORM_ONE, "SET"},
        {"CREATE PROCEDURE p() BEGIN SELECT 1; END", MYSQL_FORM_ONE, "CREATE"},
        {"/*!40101 SET NAMES utf8 */", MYSQL_FORM_ONE, "SET"},
        {"/*! SET NAMES utf8 */", MYSQL_FORM_ONE, "SET"},
        {"/*!80000 SET NAMES utf8 */", MYSQL_FORM_NONE, "SET"},
        {"/*M! SET x = 1 */ /* c */", MYSQL_FORM_NONE, "SET"},
        {"/*M!100100 SET x = 1 */ /*!80000 SET y = 1 */", MYSQL_FORM_NONE, "SET"},
        {"/*!80000 SET */ SET x = 1", MYSQL_FORM_ONE, "SET"},
        {"SELECT 1 /*!80000 + 1 */", MYSQL_FORM_ONE, "SELECT"},
        {"/*M!999999\\- enable the sandbox mode */ CALL p()", MYSQL_FORM_MANY, "CALL"},
        {"-- nothing", MYSQL_FORM_NONE, ""},
        {"/* open", MYSQL_FORM_NONE, ""},
        {"", MYSQL_FORM_NONE, ""},
        {"--1", MYSQL_FORM_ONE, ""},
        /* units of a DELIMITER */
        {"SELECT 1; SELECT 2", MYSQL_FORM_MANY, "SELECT"},
        {"SELECT ';', \"a\\\";\", `;` /* ; */ -- ;", MYSQL_FORM_ONE, "SELECT"},
        {"CREATE TABLE a (b INT); CREATE TABLE c (d INT)", MYSQL_FORM_MANY, "CREATE"},
        {"CREATE PROCEDURE p() BEGIN SELECT 1; END; CALL p()", MYSQL_FORM_MANY, "CREATE"},
        {"/*!50003 CREATE*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW begin set @x=1; "
         "end */",
         MYSQL_FORM_ONE, "CREATE"},
        {"aVeryLongFirstWordThatIsCut", MYSQL_FORM_ONE, "AVERYLONGFIRSTW"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mysql_shape shape;

        mysql_driver_shape(cases[i].sql, strlen(cases[i].sql), &shape);
        if (shape.form != cases[i].form || strcmp(shape.word, cases[i].word) != 0)
            fail_msg("%s: form %d, word %s", cases[i].sql, (int)shape.form, shape.word);
    }
}

#define NEAR(text, line) "You have an error near '" text "' at line " #line

static void test_places(void **state)
{
    static const struct {
        const char *message, *sent;
        size_t len; /* of the statement, 0 = all that was sent */
        uint32_t line;
        uint64_t pos;
        size_t own;
    } cases[] = {
        {NEAR("SELEC 1", 1), "SELEC 1", 0, 1, 1, 7},
        {NEAR("FROM x", 2), "SELECT 1,\n  FROM x", 0, 2, 13, 6},
        {NEAR("", 1), "SELECT (1", 0, 1, 10, 0},
        {NEAR("", 2), "SELECT\n(1\n ", 9, 2, 10, 0},
        /* what is shown goes on into the statements behind */
        {NEAR("x y\n;\nUPDATE h", 1), "FOO x y\n;\nUPDATE h", 7, 1, 5, 3},
        {NEAR(";\nUPDATE h", 2), "SELECT 1 FROM\n;\nUPDATE h", 13, 1, 14, 0},
        /* quotes and such words inside what is shown */
        {NEAR("x ' at line 9 ' y", 1), "SELECT x ' at line 9 ' y", 0, 1, 8, 17},
        {NEAR("y near 'z' w", 1), "SELECT y near 'z' w", 0, 1, 8, 12},
        /* t stands at two places, and only one of them is followed by the end */
        {NEAR("t", 1), "SELECT t t", 0, 1, 10, 1},
        {NEAR("t", 1), "SELECT t t;  ", 0, 1, 10, 1},
        /* what the server cannot show */
        {NEAR("FORM t -- ?", 1), "SELECT FORM t -- \xf0\x9f\x90\xa6", 0, 1, 8, 11},
        /* not of this statement, or not known */
        {NEAR("zzz", 1), "SELECT 1", 0, 0, 0, 0},
        {NEAR("SELECT", 7), "SELECT 1", 0, 0, 0, 0},
        {"no such table", "SELECT 1", 0, 0, 0, 0},
        {"near 'x", "x", 0, 0, 0, 0},
        {"near 'x' at line ", "x", 0, 0, 0, 0},
        {"", "", 0, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const size_t sent = strlen(cases[i].sent), len = cases[i].len ? cases[i].len : sent;
        struct mysql_near near;
        const int found = mysql_driver_near(cases[i].message, cases[i].sent, len, sent, &near);

        if (found != (cases[i].line != 0) ||
            (found &&
             (near.line != cases[i].line || near.pos != cases[i].pos || near.own != cases[i].own)))
            fail_msg("%s: found %d, line %u, pos %lu, own %zu", cases[i].message, found, near.line,
                     (unsigned long)near.pos, near.own);
    }
}

static void test_stays_in_tx(void **state)
{
    (void)state;
    assert_true(mysql_driver_stays_in_tx("INSERT"));
    assert_true(mysql_driver_stays_in_tx("SAVEPOINT"));
    assert_false(mysql_driver_stays_in_tx("COMMIT"));
    assert_false(mysql_driver_stays_in_tx("CREATE"));
    assert_false(mysql_driver_stays_in_tx("SET"));
    assert_false(mysql_driver_stays_in_tx(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),      cmocka_unit_test(test_rules),
        cmocka_unit_test(test_shapes),      cmocka_unit_test(test_places),
        cmocka_unit_test(test_stays_in_tx),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
