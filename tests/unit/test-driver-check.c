/* SPDX-License-Identifier: MIT */
/* driver_check: a whole table passes, and every single defect is refused with its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "driver/driver.h"

static const char *client_version(void)
{
    return "client 1";
}

static int open_(const struct dunlin_host *host, const struct dunlin_param *params,
                 uint32_t nparams, struct dunlin_conn **out, struct dunlin_error *err)
{
    (void)host, (void)params, (void)nparams, (void)out, (void)err;
    return 0;
}

static void close_(struct dunlin_conn *conn)
{
    (void)conn;
}

static const char *server_version(struct dunlin_conn *conn)
{
    (void)conn;
    return "server 1";
}

static int exec(struct dunlin_conn *conn, struct dunlin_batch *batch, struct dunlin_error *err)
{
    (void)conn, (void)batch, (void)err;
    return 0;
}

static int query(struct dunlin_conn *conn, const char *sql, uint64_t len, dunlin_row_fn row,
                 void *user, struct dunlin_error *err)
{
    (void)conn, (void)sql, (void)len, (void)row, (void)user, (void)err;
    return 0;
}

static int tx_state(struct dunlin_conn *conn)
{
    (void)conn;
    return DUNLIN_TX_IDLE;
}

static int cancel(struct dunlin_conn *conn, struct dunlin_error *err)
{
    (void)conn, (void)err;
    return 0;
}

static int copy_begin(struct dunlin_conn *conn, const struct dunlin_stmt *stmt,
                      struct dunlin_error *err)
{
    (void)conn, (void)stmt, (void)err;
    return 0;
}

static int copy_write(struct dunlin_conn *conn, const char *data, uint64_t len,
                      struct dunlin_error *err)
{
    (void)conn, (void)data, (void)len, (void)err;
    return 0;
}

static int copy_end(struct dunlin_conn *conn, const char *abort, uint64_t *rows,
                    struct dunlin_error *err)
{
    (void)conn, (void)abort, (void)rows, (void)err;
    return 0;
}

static const struct dunlin_rule rules[] = {
    {"VACUUM", DUNLIN_EFFECT_NO_TX, 0},
    {NULL, 0, 0},
};
static const struct dunlin_rule unknown_effect[] = {
    {"VACUUM", DUNLIN_EFFECT_SESSION + 1, 0},
    {NULL, 0, 0},
};
static const char *const schemes[] = {"fake", "fake2", NULL};
static const char *const no_schemes[] = {NULL};
static const char *const bad_schemes[] = {"fake", "x-y", NULL};

/* One larger than ours each: what a later version may append. */
struct table {
    struct dunlin_driver driver;
    struct dunlin_dialect dialect;
    void *appended;
};

static void table_init(struct table *t)
{
    memset(t, 0, sizeof(*t));
    t->dialect = (struct dunlin_dialect){
        .size = sizeof(t->dialect),
        .rules = rules,
        .quote = "\"\"",
        .begin = "BEGIN",
        .commit = "COMMIT",
        .rollback = "ROLLBACK",
        .session = "SELECT NULL, 'me', NULL",
        .history_create = "CREATE TABLE {table} (x int)",
        .now = "now()",
        .elapsed_ms = "0",
        .time_text = "{column}",
        .bytes_prefix = "X'",
        .bytes_suffix = "'",
        .bytes_hex = "hex({column})",
        .lock = "SELECT 1",
        .unlock = "SELECT 1",
        .foreign_keys_get = "a",
        .foreign_keys_off = "b",
        .foreign_keys_on = "c",
        .foreign_keys_check = "d",
        .database_exists = "e",
        .database_create = "f",
        .database_drop = "g",
        .maintenance = "",
    };
    t->driver = (struct dunlin_driver){
        .magic = DUNLIN_DRIVER_MAGIC,
        .abi_major = DUNLIN_ABI_MAJOR,
        .abi_minor = DUNLIN_ABI_MINOR,
        .struct_size = sizeof(t->driver),
        .name = "fake",
        .version = "1",
        .description = "a driver",
        .schemes = schemes,
        .caps = DUNLIN_CAP_COPY | DUNLIN_CAP_CANCEL | DUNLIN_CAP_BATCH,
        .dialect = &t->dialect,
        .client_version = client_version,
        .open = open_,
        .close = close_,
        .server_version = server_version,
        .exec = exec,
        .query = query,
        .tx_state = tx_state,
        .cancel = cancel,
        .copy_begin = copy_begin,
        .copy_write = copy_write,
        .copy_end = copy_end,
    };
}

static void assert_usable(const struct table *t, struct driver *out)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;

    if (driver_check(&t->driver, "fake.so", "fake", out, &err) != DUNLIN_OK)
        fail_msg("%s", err.message);
    assert_ptr_equal(out->table.dialect, &out->dialect);
    assert_int_equal(out->table.struct_size, sizeof(out->table));
    assert_int_equal(out->dialect.size, sizeof(out->dialect));
    assert_string_equal(out->path, "fake.so");
    assert_non_null(out->table.cancel);
    assert_non_null(out->table.copy_begin);
    assert_non_null(out->table.copy_write);
    assert_non_null(out->table.copy_end);
}

static void assert_refused(const struct table *t, const char *name, const char *message)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct driver out;

    if (driver_check(&t->driver, "fake.so", name, &out, &err) != DUNLIN_NO_CONNECTION)
        fail_msg("not refused, wanted: %s", message);
    assert_int_equal(err.status, DUNLIN_NO_CONNECTION);
    assert_int_equal(err.kind, DUNLIN_KIND_DRIVER);
    assert_string_equal(err.message, message);
    assert_int_equal(driver_check(&t->driver, "fake.so", name, &out, NULL), DUNLIN_NO_CONNECTION);
}

static void test_whole(void **state)
{
    struct table t;
    struct driver out;
    struct dunlin_error err = DUNLIN_ERROR_INIT;

    (void)state;
    table_init(&t);
    assert_usable(&t, &out);
    assert_ptr_equal(out.table.cancel, cancel);
    assert_ptr_equal(out.table.copy_end, copy_end);
    assert_string_equal(out.dialect.foreign_keys_check, "d");
    assert_int_equal(driver_check(&t.driver, "fake.so", NULL, &out, &err), DUNLIN_OK);
}

/* A module of a later version: its structs go on behind ours. */
static void test_longer(void **state)
{
    struct table t;
    struct driver out;

    (void)state;
    table_init(&t);
    t.driver.struct_size = sizeof(t.driver) + sizeof(void *);
    t.driver.abi_minor = 7;
    t.driver.caps |= UINT64_C(1) << 40;
    t.dialect.size = sizeof(t.dialect) + sizeof(void *);
    assert_usable(&t, &out);
    assert_int_equal(out.abi_minor, 7);
}

/* A module without the optional members, whose memory behind them is not ours to read. */
static void test_shorter(void **state)
{
    struct table t;
    struct driver out;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    uint64_t rows;

    (void)state;
    table_init(&t);
    t.driver.struct_size = offsetof(struct dunlin_driver, cancel);
    t.driver.caps = DUNLIN_CAP_TX_DDL;
    t.dialect.size = offsetof(struct dunlin_dialect, lock);
    assert_usable(&t, &out);
    assert_null(out.dialect.lock);
    assert_null(out.dialect.foreign_keys_check);
    assert_int_equal(out.table.cancel(NULL, &err), DUNLIN_KIND_UNSUPPORTED);
    assert_int_equal(err.kind, DUNLIN_KIND_UNSUPPORTED);
    assert_string_equal(err.message, "the driver cannot cancel a running statement");
    assert_int_equal(out.table.copy_begin(NULL, NULL, &err), DUNLIN_KIND_UNSUPPORTED);
    assert_int_equal(out.table.copy_write(NULL, "", 0, &err), DUNLIN_KIND_UNSUPPORTED);
    assert_int_equal(out.table.copy_end(NULL, NULL, &rows, &err), DUNLIN_KIND_UNSUPPORTED);
    assert_string_equal(err.message, "the driver cannot stream COPY data");
}

static void test_header(void **state)
{
    struct table t;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct driver out;

    (void)state;
    assert_int_equal(driver_check(NULL, "fake.so", "fake", &out, &err), DUNLIN_NO_CONNECTION);
    assert_string_equal(err.message, "fake.so: the module does not serve driver ABI 1");
    assert_non_null(strstr(err.hint, "built for this version"));
    table_init(&t);
    t.driver.magic = 0xfeed;
    assert_refused(&t, "fake", "fake.so: magic is 0x0000feed, wanted 0x6e6c6e64");
    table_init(&t);
    t.driver.abi_major = 9;
    assert_refused(&t, "fake", "fake.so: abi_major is 9, wanted 1");
    table_init(&t);
    assert_refused(&t, "other", "fake.so: name is \"fake\", wanted \"other\"");
    t.driver.name = "Fake";
    assert_refused(&t, NULL, "fake.so: name is not of the form [a-z][a-z0-9_]*");
}

static void test_sizes(void **state)
{
    struct table t;
    struct driver out;
    struct dunlin_error err = DUNLIN_ERROR_INIT;

    (void)state;
    table_init(&t);
    t.driver.struct_size = offsetof(struct dunlin_driver, tx_state);
    assert_int_equal(driver_check(&t.driver, "f", "fake", &out, &err), DUNLIN_NO_CONNECTION);
    assert_non_null(strstr(err.message, "struct_size is "));
    assert_non_null(strstr(err.message, "wanted at least "));
    t.driver.struct_size = sizeof(t.driver) - 1;
    assert_refused(&t, "fake", "fake.so: struct_size ends inside a member");
    table_init(&t);
    t.dialect.size = offsetof(struct dunlin_dialect, bytes_hex);
    assert_int_equal(driver_check(&t.driver, "f", "fake", &out, &err), DUNLIN_NO_CONNECTION);
    assert_non_null(strstr(err.message, "dialect.size is "));
    t.dialect.size = sizeof(t.dialect) - 1;
    assert_refused(&t, "fake", "fake.so: dialect.size ends inside a member");
}

struct absence {
    size_t offset; /* of the pointer in struct table */
    const char *message;
};

#define MISSING(member) "fake.so: required member " member " is missing"
#define DRIVER(member)                                                                             \
    {                                                                                              \
        offsetof(struct table, driver.member), MISSING(#member)                                    \
    }
#define DIALECT(member)                                                                            \
    {                                                                                              \
        offsetof(struct table, dialect.member), MISSING("dialect." #member)                        \
    }
#define PROMISE(cap, member)                                                                       \
    {                                                                                              \
        offsetof(struct table, driver.member),                                                     \
            "fake.so: caps promises " cap ", and member " #member " is missing"                    \
    }

/* Each member that may not be absent from a table that is whole otherwise. */
static const struct absence absences[] = {
    DRIVER(name),
    DRIVER(version),
    DRIVER(description),
    DRIVER(schemes),
    DRIVER(dialect),
    DRIVER(client_version),
    DRIVER(open),
    DRIVER(close),
    DRIVER(server_version),
    DRIVER(exec),
    DRIVER(query),
    DRIVER(tx_state),
    DIALECT(rules),
    DIALECT(quote),
    DIALECT(begin),
    DIALECT(commit),
    DIALECT(rollback),
    DIALECT(session),
    DIALECT(history_create),
    DIALECT(now),
    DIALECT(elapsed_ms),
    DIALECT(time_text),
    DIALECT(bytes_prefix),
    DIALECT(bytes_suffix),
    DIALECT(bytes_hex),
    DIALECT(unlock),
    DIALECT(foreign_keys_get),
    DIALECT(foreign_keys_off),
    DIALECT(foreign_keys_on),
    DIALECT(foreign_keys_check),
    DIALECT(database_create),
    DIALECT(database_drop),
    DIALECT(maintenance),
    PROMISE("cancel", cancel),
    PROMISE("copy", copy_begin),
    PROMISE("copy", copy_write),
    PROMISE("copy", copy_end),
};

static void test_absent(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(absences) / sizeof(absences[0]); i++) {
        struct table t;

        table_init(&t);
        memset((char *)&t + absences[i].offset, 0, sizeof(void *));
        assert_refused(&t, "fake", absences[i].message);
    }
}

#define ENDLESS 5000u /* more than anybody has */

static void test_values(void **state)
{
    const char *endless_schemes[ENDLESS];
    struct dunlin_rule endless_rules[ENDLESS];
    struct table t;

    (void)state;
    table_init(&t);
    t.driver.schemes = no_schemes;
    assert_refused(&t, "fake", MISSING("schemes"));
    t.driver.schemes = bad_schemes;
    assert_refused(&t, "fake", "fake.so: schemes holds what is not of the form [a-z][a-z0-9_]*");
    table_init(&t);
    t.dialect.quote = "\"";
    assert_refused(&t, "fake", "fake.so: dialect.quote is not two characters");
    table_init(&t);
    for (size_t i = 0; i < ENDLESS; i++) {
        endless_schemes[i] = "fake";
        endless_rules[i] = rules[0];
    }
    t.driver.schemes = endless_schemes;
    assert_refused(&t, "fake", "fake.so: schemes has no end");
    table_init(&t);
    t.dialect.rules = endless_rules;
    assert_refused(&t, "fake", "fake.so: dialect.rules has no end");
    table_init(&t);
    t.dialect.rules = unknown_effect;
    assert_refused(&t, "fake", "fake.so: an effect in dialect.rules is 13, wanted at most 12");
    table_init(&t);
    t.dialect.quiet = rules;
    assert_refused(&t, "fake",
                   "fake.so: dialect.quiet does not end with a rule for all other statements");
    table_init(&t);
    t.dialect.literal = 3;
    assert_refused(&t, "fake", "fake.so: dialect.literal is 3, wanted at most 2");
    table_init(&t);
    t.driver.caps = DUNLIN_CAP_COPY;
    assert_refused(&t, "fake", "fake.so: caps lacks cancel, and member cancel is there");
    t.driver.caps = DUNLIN_CAP_CANCEL;
    assert_refused(&t, "fake", "fake.so: caps lacks copy, and member copy_begin is there");
}

static void test_optional(void **state)
{
    struct table t;
    struct driver out;

    (void)state;
    table_init(&t);
    t.dialect.lock = t.dialect.unlock = NULL;
    t.dialect.foreign_keys_get = t.dialect.foreign_keys_off = NULL;
    t.dialect.foreign_keys_on = t.dialect.foreign_keys_check = NULL;
    t.dialect.bytes_prefix = t.dialect.bytes_suffix = "";
    t.driver.cancel = NULL;
    t.driver.caps = DUNLIN_CAP_COPY;
    assert_usable(&t, &out);
    assert_ptr_equal(out.table.copy_begin, copy_begin);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(scheme_driver_name("sqlite"), "sqlite");
    assert_string_equal(scheme_driver_name("sqlite3"), "sqlite");
    assert_string_equal(scheme_driver_name("postgres"), "postgres");
    assert_string_equal(scheme_driver_name("postgresql"), "postgres");
    assert_string_equal(scheme_driver_name("mysql"), "mysql");
    assert_string_equal(scheme_driver_name("mariadb"), "mysql");
    assert_string_equal(scheme_driver_name("duck_db2"), "duck_db2");
    assert_null(scheme_driver_name("x-y"));
    assert_null(scheme_driver_name("../evil"));
    assert_null(scheme_driver_name(""));
    assert_null(scheme_driver_name("2x"));
    assert_null(scheme_driver_name("a123456789012345678901234567890123456789"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),   cmocka_unit_test(test_longer),
        cmocka_unit_test(test_shorter), cmocka_unit_test(test_header),
        cmocka_unit_test(test_sizes),   cmocka_unit_test(test_absent),
        cmocka_unit_test(test_values),  cmocka_unit_test(test_optional),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests_name("driver-check", tests, NULL, NULL);
}
