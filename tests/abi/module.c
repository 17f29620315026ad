/* SPDX-License-Identifier: MIT */
/*
 * A driver without a database, built from frozen headers as a module of another time would be. It
 * is copied under many names: with the name of a defect it has that defect, with any other name
 * it is whole. The name of the file is also the driver's name.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr */
#endif
#ifdef ABI_SHORT
#include "driver-short.h"
#else
#include "driver-1.0.h"
#endif

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const struct dunlin_driver *dunlin_driver_entry_v1(uint32_t host_abi_major);

struct dunlin_conn {
    const struct dunlin_host *host;
    uint32_t executed;
};

static const char *client_version(void)
{
    return "no client 1.0";
}

static int fake_open(const struct dunlin_host *host, const struct dunlin_param *params,
                     uint32_t nparams, struct dunlin_conn **out, struct dunlin_error *err)
{
    struct dunlin_conn *conn;

    for (uint32_t i = 0; i < nparams; i++) {
        if (strcmp(params[i].key, "scheme") != 0 && strcmp(params[i].key, "database") != 0)
            return host->fail(err, DUNLIN_KIND_CONFIG, "unknown key %s", params[i].key);
    }
    conn = calloc(1, sizeof(*conn));
    if (!conn)
        return host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    conn->host = host;
    *out = conn;
    return 0;
}

static void fake_close(struct dunlin_conn *conn)
{
    free(conn);
}

static const char *server_version(struct dunlin_conn *conn)
{
    (void)conn;
    return "no server 1.0";
}

/* Every statement succeeds but "fail". */
static int exec(struct dunlin_conn *conn, struct dunlin_batch *batch, struct dunlin_error *err)
{
    batch->failed = UINT32_MAX;
    for (batch->completed = 0; batch->completed < batch->count; batch->completed++) {
        const struct dunlin_stmt *stmt = &batch->stmts[batch->completed];

        if (stmt->len == 4 && memcmp(stmt->sql, "fail", 4) == 0) {
            batch->failed = batch->completed;
            return conn->host->fail(err, DUNLIN_KIND_SYNTAX, "as told");
        }
        if (batch->rows)
            batch->rows[batch->completed] = ++conn->executed;
        conn->host->notice(conn->host->context, "NOTE", "done");
    }
    return 0;
}

/* One row: the text, and NULL. */
static int query(struct dunlin_conn *conn, const char *sql, uint64_t len, dunlin_row_fn row,
                 void *user, struct dunlin_error *err)
{
    const char *values[] = {sql, NULL};
    const uint64_t lens[] = {len, 0};

    (void)conn;
    (void)err;
    return row(user, 2, values, lens);
}

static int tx_state(struct dunlin_conn *conn)
{
    (void)conn;
    return DUNLIN_TX_IDLE;
}

static const struct dunlin_rule rules[] = {{"vacuum", DUNLIN_EFFECT_NO_TX, 0}, {NULL, 0, 0}};
static const struct dunlin_dialect fake_dialect = {
    .size = sizeof(struct dunlin_dialect),
    .rules = rules,
    .quote = "\"\"",
    .begin = "BEGIN",
    .commit = "COMMIT",
    .rollback = "ROLLBACK",
    .session = "session",
    .history_create = "CREATE TABLE {table} (x int)",
    .now = "now",
    .elapsed_ms = "0",
    .time_text = "{column}",
    .bytes_prefix = "X'",
    .bytes_suffix = "'",
    .bytes_hex = "hex({column})",
};

struct table {
    struct dunlin_driver driver;
    char name[64];
    const char *schemes[3];
};

/* "/folder/NAME.so" to "NAME". */
static void own_name(char *to, size_t size)
{
    Dl_info info;
    const char *base;
    size_t len;

    if (!dladdr(&fake_dialect, &info) || !info.dli_fname || !strrchr(info.dli_fname, '/'))
        return;
    base = strrchr(info.dli_fname, '/') + 1;
    len = strcspn(base, ".");
    if (len >= size)
        return;
    memcpy(to, base, len);
    to[len] = '\0';
}

static void spoil(struct table *t)
{
    struct dunlin_driver *d = &t->driver;
    const struct {
        const char *name;
        size_t offset; /* of a pointer that becomes NULL */
    } missing[] = {
        {"missing_name", offsetof(struct dunlin_driver, name)},
        {"missing_version", offsetof(struct dunlin_driver, version)},
        {"missing_description", offsetof(struct dunlin_driver, description)},
        {"missing_schemes", offsetof(struct dunlin_driver, schemes)},
        {"missing_dialect", offsetof(struct dunlin_driver, dialect)},
        {"missing_client_version", offsetof(struct dunlin_driver, client_version)},
        {"missing_open", offsetof(struct dunlin_driver, open)},
        {"missing_close", offsetof(struct dunlin_driver, close)},
        {"missing_server_version", offsetof(struct dunlin_driver, server_version)},
        {"missing_exec", offsetof(struct dunlin_driver, exec)},
        {"missing_query", offsetof(struct dunlin_driver, query)},
        {"missing_tx_state", offsetof(struct dunlin_driver, tx_state)},
    };

    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        if (strcmp(t->name, missing[i].name) == 0)
            memset((char *)d + missing[i].offset, 0, sizeof(void *));
    }
    if (strcmp(t->name, "bad_magic") == 0)
        d->magic = 0x464c457f;
    else if (strcmp(t->name, "bad_major") == 0)
        d->abi_major = 2;
    else if (strcmp(t->name, "bad_name") == 0)
        d->name = "good";
    else if (strcmp(t->name, "bad_size") == 0)
        d->struct_size = 64;
    else if (strcmp(t->name, "bad_schemes") == 0)
        t->schemes[0] = "another";
    else if (strcmp(t->name, "caps_cancel") == 0)
        d->caps = DUNLIN_CAP_CANCEL;
    else if (strcmp(t->name, "caps_copy") == 0)
        d->caps = DUNLIN_CAP_COPY;
}

/* In memory of its own and not in a constant: the name is not known before. */
static struct table table;

const struct dunlin_driver *dunlin_driver_entry_v1(uint32_t host_abi_major)
{
    own_name(table.name, sizeof(table.name));
    if (host_abi_major != DUNLIN_ABI_MAJOR || strcmp(table.name, "returns_null") == 0)
        return NULL;
    table.schemes[0] = table.name;
    table.schemes[1] = "fake";
    table.driver = (struct dunlin_driver){
        .magic = DUNLIN_DRIVER_MAGIC,
        .abi_major = DUNLIN_ABI_MAJOR,
        .abi_minor = DUNLIN_ABI_MINOR,
        .struct_size = sizeof(struct dunlin_driver),
        .name = table.name,
        .version = "1.0",
        .description = "a driver without a database",
        .schemes = table.schemes,
        .caps = DUNLIN_CAP_TX_DDL | DUNLIN_CAP_BATCH,
        .dialect = &fake_dialect,
        .client_version = client_version,
        .open = fake_open,
        .close = fake_close,
        .server_version = server_version,
        .exec = exec,
        .query = query,
        .tx_state = tx_state,
    };
    spoil(&table);
    return &table.driver;
}
