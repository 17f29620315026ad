/* SPDX-License-Identifier: MIT */
/* How the PostgreSQL driver classifies: pure tables, without a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../drivers/postgres.h"

struct sqlstate_row {
    const char *sqlstate;
    int kind;
};

static const struct sqlstate_row sqlstates[] = {
    {NULL, DUNLIN_KIND_SERVER},
    {"", DUNLIN_KIND_SERVER},
    {"2", DUNLIN_KIND_SERVER},
    {"XX000", DUNLIN_KIND_SERVER},
    {"P0001", DUNLIN_KIND_SERVER},
    {"99999", DUNLIN_KIND_SERVER},
    {"08006", DUNLIN_KIND_LOST},
    {"08P01", DUNLIN_KIND_LOST},
    {"0A000", DUNLIN_KIND_UNSUPPORTED},
    {"22001", DUNLIN_KIND_DATA},
    {"22012", DUNLIN_KIND_DATA},
    {"22P02", DUNLIN_KIND_DATA},
    {"23502", DUNLIN_KIND_CONSTRAINT},
    {"23503", DUNLIN_KIND_CONSTRAINT},
    {"23505", DUNLIN_KIND_DUPLICATE},
    {"23514", DUNLIN_KIND_CONSTRAINT},
    {"23P01", DUNLIN_KIND_CONSTRAINT},
    {"25001", DUNLIN_KIND_TRANSACTION},
    {"25006", DUNLIN_KIND_READONLY},
    {"25P01", DUNLIN_KIND_TRANSACTION},
    {"25P02", DUNLIN_KIND_TRANSACTION},
    {"25P03", DUNLIN_KIND_LOST},
    {"25P04", DUNLIN_KIND_LOST},
    {"28000", DUNLIN_KIND_AUTH},
    {"28P01", DUNLIN_KIND_AUTH},
    {"2BP01", DUNLIN_KIND_CONSTRAINT},
    {"2D000", DUNLIN_KIND_TRANSACTION},
    {"3B001", DUNLIN_KIND_TRANSACTION},
    {"3D000", DUNLIN_KIND_MISSING},
    {"3F000", DUNLIN_KIND_MISSING},
    {"40001", DUNLIN_KIND_DEADLOCK},
    {"40002", DUNLIN_KIND_CONSTRAINT},
    {"40P01", DUNLIN_KIND_DEADLOCK},
    {"42501", DUNLIN_KIND_PERMISSION},
    {"42601", DUNLIN_KIND_SYNTAX},
    {"42701", DUNLIN_KIND_EXISTS},
    {"42703", DUNLIN_KIND_MISSING_COLUMN},
    {"42704", DUNLIN_KIND_MISSING},
    {"42710", DUNLIN_KIND_EXISTS},
    {"42723", DUNLIN_KIND_EXISTS},
    {"42804", DUNLIN_KIND_SERVER},
    {"42883", DUNLIN_KIND_MISSING},
    {"42P01", DUNLIN_KIND_MISSING_TABLE},
    {"42P04", DUNLIN_KIND_EXISTS},
    {"42P06", DUNLIN_KIND_EXISTS},
    {"42P07", DUNLIN_KIND_EXISTS},
    {"42P16", DUNLIN_KIND_SERVER},
    {"44000", DUNLIN_KIND_CONSTRAINT},
    {"53100", DUNLIN_KIND_FULL},
    {"53200", DUNLIN_KIND_SERVER},
    {"53300", DUNLIN_KIND_CONNECT},
    {"55006", DUNLIN_KIND_SERVER},
    {"55P03", DUNLIN_KIND_LOCKED},
    {"55P04", DUNLIN_KIND_TRANSACTION},
    {"57014", DUNLIN_KIND_TIMEOUT},
    {"57P01", DUNLIN_KIND_LOST},
    {"57P02", DUNLIN_KIND_LOST},
    {"57P03", DUNLIN_KIND_CONNECT},
    {"57P05", DUNLIN_KIND_LOST},
    {"58P01", DUNLIN_KIND_MISSING},
    {"58P02", DUNLIN_KIND_EXISTS},
};

static void test_sqlstates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sqlstates) / sizeof(sqlstates[0]); i++) {
        int kind = postgres_kind(sqlstates[i].sqlstate);

        if (kind != sqlstates[i].kind)
            fail_msg("%s: kind %d, not %d", sqlstates[i].sqlstate, kind, sqlstates[i].kind);
    }
}

#define AT "connection to server at \"127.0.0.1\", port 5432 failed: "

struct connect_row {
    const char *message;
    int kind;
    const char *sqlstate;
};

static const struct connect_row connects[] = {
    {NULL, DUNLIN_KIND_CONNECT, NULL},
    {"", DUNLIN_KIND_CONNECT, NULL},
    {AT "Connection refused\n\tIs the server running on that host?\n", DUNLIN_KIND_CONNECT, NULL},
    {"could not translate host name \"x\" to address: Name or service not known\n",
     DUNLIN_KIND_CONNECT, NULL},
    {AT "FATAL:  password authentication failed for user \"u\"\n", DUNLIN_KIND_AUTH, "28P01"},
    {AT "fe_sendauth: no password supplied\n", DUNLIN_KIND_AUTH, "28P01"},
    {AT "FATAL:  Peer authentication failed for user \"u\"\n", DUNLIN_KIND_AUTH, "28000"},
    {AT
     "FATAL:  no pg_hba.conf entry for host \"::1\", user \"u\", database \"d\", no encryption\n",
     DUNLIN_KIND_AUTH, "28000"},
    {AT "FATAL:  role \"u\" does not exist\n", DUNLIN_KIND_AUTH, "28000"},
    {AT "FATAL:  database \"d\" does not exist\n", DUNLIN_KIND_MISSING, "3D000"},
    {AT "FATAL:  permission denied for database \"d\"\n", DUNLIN_KIND_PERMISSION, "42501"},
    {"invalid port number: \"99999\"\n", DUNLIN_KIND_CONFIG, NULL},
    {"invalid sslmode value: \"x\"\n", DUNLIN_KIND_CONFIG, NULL},
    {"could not match 2 port numbers to 3 hosts\n", DUNLIN_KIND_CONFIG, NULL},
    {"definition of service \"x\" not found\n", DUNLIN_KIND_CONFIG, NULL},
};

static void test_connects(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(connects) / sizeof(connects[0]); i++) {
        const char *sqlstate = "unset";
        int kind = postgres_connect_kind(connects[i].message, &sqlstate);

        if (kind != connects[i].kind)
            fail_msg("%s: kind %d, not %d", connects[i].message, kind, connects[i].kind);
        if (connects[i].sqlstate)
            assert_string_equal(sqlstate, connects[i].sqlstate);
        else
            assert_null(sqlstate);
    }
}

struct copy_row {
    const char *text, *want;
    size_t size;
};

static const struct copy_row copies[] = {
    {NULL, "", 8},
    {"", "", 8},
    {"short", "short", 8},
    {"1234567", "1234567", 8},
    {"12345678", "1234\xe2\x80\xa6", 8},
    {"123\xc3\xa4"
     "678",
     "123\xe2\x80\xa6", 8},
    {"12\xc3\xa4"
     "678",
     "12\xc3\xa4"
     "678",
     8},
    {"caf\xe9!", "caf?!", 8},
    {"\xf0\x9f\x90", "???", 8},
    {"\xed\xa0\x80", "???", 8}, /* a surrogate */
    {"\xc0\xaf\xf5", "???", 8}, /* overlong; beyond Unicode */
    {"\xf0\x9f\x90\xa6", "\xf0\x9f\x90\xa6", 8},
    {"abc", "ab", 3},
    {"abc", "", 1},
};

static void test_copies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
        char to[16];

        memset(to, 'z', sizeof(to));
        postgres_copy(to, copies[i].size, copies[i].text);
        assert_string_equal(to, copies[i].want);
        assert_int_equal(to[copies[i].size], 'z');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sqlstates),
        cmocka_unit_test(test_connects),
        cmocka_unit_test(test_copies),
    };

    return cmocka_run_group_tests_name("classify-postgres", tests, NULL, NULL);
}
