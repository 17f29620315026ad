/* SPDX-License-Identifier: MIT */
/* Passwords in statements: which text is one, and that nothing that is shown repeats it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/secret.h"

static const struct {
    const char *text, *shown; /* NULL = as it is */
} samples[] = {
    {"CREATE ROLE r LOGIN PASSWORD 'geheim'", "CREATE ROLE r LOGIN PASSWORD '***'"},
    {"ALTER ROLE r WITH ENCRYPTED password E'ge''he\\'im' VALID UNTIL '2030-01-01'",
     "ALTER ROLE r WITH ENCRYPTED password E'***' VALID UNTIL '2030-01-01'"},
    {"ALTER ROLE r PASSWORD $a$ge$heim$a$;", "ALTER ROLE r PASSWORD $a$***$a$;"},
    {"ALTER ROLE r PASSWORD $$geheim$$;", "ALTER ROLE r PASSWORD $$***$$;"},
    {"CREATE USER 'u'@'%' IDENTIFIED BY 'geheim' REQUIRE SSL",
     "CREATE USER 'u'@'%' IDENTIFIED BY '***' REQUIRE SSL"},
    {"CREATE USER u IDENTIFIED BY \"geheim\", v IDENTIFIED BY 'g'",
     "CREATE USER u IDENTIFIED BY \"***\", v IDENTIFIED BY '***'"},
    {"CREATE USER u IDENTIFIED WITH 'caching_sha2_password' BY 'geheim'",
     "CREATE USER u IDENTIFIED WITH 'caching_sha2_password' BY '***'"},
    {"ALTER USER u IDENTIFIED VIA ed25519 USING PASSWORD('geheim') OR unix_socket",
     "ALTER USER u IDENTIFIED VIA ed25519 USING PASSWORD('***') OR unix_socket"},
    {"CREATE USER u IDENTIFIED VIA a USING 'geheim' OR b USING 'geheim'",
     "CREATE USER u IDENTIFIED VIA a USING '***' OR b USING '***'"},
    {"ALTER USER u IDENTIFIED BY 'neu' REPLACE 'alt'",
     "ALTER USER u IDENTIFIED BY '***' REPLACE '***'"},
    {"SET PASSWORD FOR 'bob'@'%.example.org' = PASSWORD('geheim')",
     "SET PASSWORD FOR 'bob'@'%.example.org' = PASSWORD('***')"},
    {"SET PASSWORD = 'geheim'", "SET PASSWORD = '***'"},
    {"CHANGE MASTER TO MASTER_HOST='h', MASTER_PASSWORD='geheim', MASTER_PORT=1",
     "CHANGE MASTER TO MASTER_HOST='h', MASTER_PASSWORD='***', MASTER_PORT=1"},
    {"CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'bob', password 'geheim')",
     "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'bob', password '***')"},
    {"CREATE SUBSCRIPTION s CONNECTION 'host=h password=geheim' PUBLICATION p",
     "CREATE SUBSCRIPTION s CONNECTION '***' PUBLICATION p"},
    {"DO $$ BEGIN CREATE ROLE r PASSWORD 'geheim'; END $$",
     "DO $$ BEGIN CREATE ROLE r PASSWORD '***'; END $$"},
    {"INSERT INTO c VALUES ('{\"password\": \"geheim\"}')",
     "INSERT INTO c VALUES ('{\"password\": \"***\"}')"},
    {"SET PASSWORD'geheim'", "SET PASSWORD'***'"},
    {"SELECT 1 WHERE 'password' = 'geheim'", "SELECT 1 WHERE 'password' = '***'"},
    {"UPDATE u SET \"password\" = 'geheim' WHERE id = 1",
     "UPDATE u SET \"password\" = '***' WHERE id = 1"},
    /* cut off */
    {"CREATE ROLE r PASSWORD 'gehe", "CREATE ROLE r PASSWORD '***"},
    {"CREATE ROLE r PASSWORD $$gehe", "CREATE ROLE r PASSWORD $$***"},
    {"CREATE ROLE r PASSWORD '", NULL},
    {"CREATE ROLE r PASSWORD", NULL},
    {"", NULL},
    /* no secrets */
    {"ALTER ROLE r PASSWORD NULL", NULL},
    {"CREATE USER u IDENTIFIED BY ''", NULL},
    {"CREATE TABLE t (password text DEFAULT 'none', \"password\" text, x text DEFAULT 'y')", NULL},
    {"INSERT INTO u (name, password) VALUES ('bob', 'x')", NULL},
    {"CREATE OR REPLACE VIEW v AS SELECT replace('abc', 'b', 'c')", NULL},
    {"COMMENT ON COLUMN u.password IS 'hashed'", NULL},
    {"SELECT 'a' FROM t JOIN u USING (id) WHERE x = 'y'", NULL},
    {"SET PASSWORD FOR 'bob'@'%'", NULL},
};

static void test_samples(void **state)
{
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        snprintf(text, sizeof(text), "%s", samples[i].text);
        secret_hide(text, sizeof(text), NULL);
        assert_string_equal(text, samples[i].shown ? samples[i].shown : samples[i].text);
        secret_hide(text, sizeof(text), NULL); /* what is hidden stays as it is */
        assert_string_equal(text, samples[i].shown ? samples[i].shown : samples[i].text);
    }
}

/* However it is cut, no more of it is shown, and nothing beyond its end is touched. */
static void test_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        for (size_t n = 0; n <= strlen(samples[i].text); n++) {
            char text[256];
            size_t size = n + 1;

            memset(text, '#', sizeof(text));
            memcpy(text, samples[i].text, n);
            text[n] = '\0';
            secret_hide(text, size, NULL);
            assert_true(strlen(text) < size);
            assert_int_equal(text[size], '#');
            assert_null(strstr(text, "geheim"));
        }
    }
}

static void caret(const char *from, uint32_t before, const char *to, uint32_t after)
{
    char text[128];

    snprintf(text, sizeof(text), "%s", from);
    secret_hide(text, sizeof(text), &before);
    assert_string_equal(text, to);
    assert_int_equal(before, after);
}

static void test_caret(void **state)
{
    (void)state;
    caret("PASSWORD 'geheim' FOO", 19, "PASSWORD '***' FOO", 16);
    caret("PASSWORD 'g\xc3\xa9heim' FOO", 19, "PASSWORD '***' FOO", 16);
    caret("PASSWORD 'geheim' FOO", 13, "PASSWORD '***' FOO", 11);
    caret("FOO PASSWORD 'geheim'", 1, "FOO PASSWORD '***'", 1);
    caret("PASSWORD 'g' FOO", 14, "PASSWORD '***' FOO", 16);
    caret("PASSWORD 'geheim' FOO", 0, "PASSWORD '***' FOO", 0);
}

static void test_error(void **state)
{
    static const char sql[] = "CREATE USER u IDENTIFIED BY 'hunter2-hunter2' FOO";
    static const char one[] = "CREATE USER u IDENTIFIED BY 'e' FOO";
    struct dunlin_error err = DUNLIN_ERROR_INIT;

    (void)state;
    snprintf(err.message, sizeof(err.message), "error near ''hunter2-hunter2' FOO' at line 1");
    snprintf(err.detail, sizeof(err.detail), "near 'BY 'hunter2-hu");
    snprintf(err.hint, sizeof(err.hint), "the user u");
    snprintf(err.context, sizeof(err.context), "SQL statement \"%s\"", sql);
    snprintf(err.source_line, sizeof(err.source_line), "%s", sql);
    err.caret = sizeof("CREATE USER u IDENTIFIED BY 'hunter2-hunter2' ");
    secret_hide_error(sql, strlen(sql), &err);
    assert_string_equal(err.message, "error near ''***' FOO' at line 1");
    assert_string_equal(err.detail, "near 'BY '***");
    assert_string_equal(err.hint, "the user u");
    assert_string_equal(err.context, "SQL statement \"CREATE USER u IDENTIFIED BY '***' FOO\"");
    assert_string_equal(err.source_line, "CREATE USER u IDENTIFIED BY '***' FOO");
    assert_int_equal(err.caret, sizeof("CREATE USER u IDENTIFIED BY '***' "));
    /* One letter is no reason to star it everywhere. */
    snprintf(err.message, sizeof(err.message), "error near ''e' FOO' at line 1");
    secret_hide_error(one, strlen(one), &err);
    assert_string_equal(err.message, "error near ''***' FOO' at line 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_caret),
        cmocka_unit_test(test_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
