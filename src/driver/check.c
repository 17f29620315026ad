/* SPDX-License-Identifier: MIT */
/*
 * Checking what an entry function returned before anything of it is used, and completing it. A
 * module may be older than this library (its structs end sooner) or newer (they go on): the part
 * that both know is copied, and what an older module lacks becomes a stub or NULL. Every refusal
 * names the file and the member, and says what was found and what was wanted.
 */
#include "driver/driver.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include "base/error.h"

#define END_OF(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))
/* ABI 1.0 without its optional members. */
#define DRIVER_SIZE_MIN END_OF(struct dunlin_driver, tx_state)
#define DIALECT_SIZE_MIN END_OF(struct dunlin_dialect, bytes_hex)
/* Lists end with NULL; one that goes on for longer than this has lost its end. */
#define LIST_MAX 4096u

static int refuse(struct dunlin_error *err, const char *file, const char *what)
{
    return error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER, "%s: %s", file, what);
}

static int refuse_number(struct dunlin_error *err, const char *file, const char *member,
                         uint32_t found, const char *relation, size_t wanted)
{
    return error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER,
                     "%s: %s is %" PRIu32 ", wanted %s%zu", file, member, found, relation, wanted);
}

/* ---- stubs --------------------------------------------------------------------------------- */

static int unsupported(struct dunlin_error *err, const char *what)
{
    error_set(err, status_of_kind(DUNLIN_KIND_UNSUPPORTED), DUNLIN_KIND_UNSUPPORTED,
              "the driver cannot %s", what);
    return DUNLIN_KIND_UNSUPPORTED;
}

static int stub_cancel(struct dunlin_conn *conn, struct dunlin_error *err)
{
    (void)conn;
    return unsupported(err, "cancel a running statement");
}

static int stub_copy_begin(struct dunlin_conn *conn, const struct dunlin_stmt *stmt,
                           struct dunlin_error *err)
{
    (void)conn;
    (void)stmt;
    return unsupported(err, "stream COPY data");
}

static int stub_copy_write(struct dunlin_conn *conn, const char *data, uint64_t len,
                           struct dunlin_error *err)
{
    (void)conn;
    (void)data;
    (void)len;
    return unsupported(err, "stream COPY data");
}

static int stub_copy_end(struct dunlin_conn *conn, const char *abort, uint64_t *rows,
                         struct dunlin_error *err)
{
    (void)conn;
    (void)abort;
    (void)rows;
    return unsupported(err, "stream COPY data");
}

static void complete(struct dunlin_driver *d)
{
    if (!d->cancel)
        d->cancel = stub_cancel;
    if (d->copy_begin)
        return;
    d->copy_begin = stub_copy_begin;
    d->copy_write = stub_copy_write;
    d->copy_end = stub_copy_end;
}

/* ---- checks -------------------------------------------------------------------------------- */

struct member {
    const char *name;
    bool present;
};

static int check_present(const struct member *members, size_t n, const char *file,
                         struct dunlin_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!members[i].present) {
            return error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER,
                             "%s: required member %s is missing", file, members[i].name);
        }
    }
    return DUNLIN_OK;
}

#define CHECK_PRESENT(members, file, err)                                                          \
    check_present(members, sizeof(members) / sizeof((members)[0]), file, err)

/* The part of the table that no version changes: nothing beyond it may be read before this. */
static int check_header(const struct dunlin_driver *t, const char *file, struct dunlin_error *err)
{
    if (!t) {
        return error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER,
                         "%s: the module does not serve driver ABI %u", file, DUNLIN_ABI_MAJOR);
    }
    if (t->magic != DUNLIN_DRIVER_MAGIC) {
        return error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER,
                         "%s: magic is 0x%08" PRIx32 ", wanted 0x%08" PRIx32, file, t->magic,
                         DUNLIN_DRIVER_MAGIC);
    }
    if (t->abi_major != DUNLIN_ABI_MAJOR)
        return refuse_number(err, file, "abi_major", t->abi_major, "", DUNLIN_ABI_MAJOR);
    if (t->struct_size < DRIVER_SIZE_MIN)
        return refuse_number(err, file, "struct_size", t->struct_size, "at least ",
                             DRIVER_SIZE_MIN);
    if (t->struct_size % sizeof(void *) != 0)
        return refuse(err, file, "struct_size ends inside a member");
    return DUNLIN_OK;
}

static int check_required(const struct dunlin_driver *d, const char *file, struct dunlin_error *err)
{
    const struct member members[] = {
        {"name", d->name != NULL},
        {"version", d->version != NULL},
        {"description", d->description != NULL},
        {"schemes", d->schemes != NULL && d->schemes[0] != NULL},
        {"dialect", d->dialect != NULL},
        {"client_version", d->client_version != NULL},
        {"open", d->open != NULL},
        {"close", d->close != NULL},
        {"server_version", d->server_version != NULL},
        {"exec", d->exec != NULL},
        {"query", d->query != NULL},
        {"tx_state", d->tx_state != NULL},
    };

    return CHECK_PRESENT(members, file, err);
}

static int check_names(const struct dunlin_driver *d, const char *file, const char *name,
                       struct dunlin_error *err)
{
    if (!driver_name_valid(d->name))
        return refuse(err, file, "name is not of the form [a-z][a-z0-9_]*");
    if (name && strcmp(d->name, name) != 0) {
        return error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER,
                         "%s: name is \"%s\", wanted \"%s\"", file, d->name, name);
    }
    for (size_t i = 0; d->schemes[i]; i++) {
        if (i >= LIST_MAX)
            return refuse(err, file, "schemes has no end");
        if (!scheme_driver_name(d->schemes[i]))
            return refuse(err, file, "schemes holds what is not of the form [a-z][a-z0-9_]*");
    }
    return DUNLIN_OK;
}

static int check_caps(const struct dunlin_driver *d, const char *file, struct dunlin_error *err)
{
    const struct {
        const char *cap, *member;
        uint64_t bit;
        bool present;
    } promises[] = {
        {"cancel", "cancel", DUNLIN_CAP_CANCEL, d->cancel != NULL},
        {"copy", "copy_begin", DUNLIN_CAP_COPY, d->copy_begin != NULL},
        {"copy", "copy_write", DUNLIN_CAP_COPY, d->copy_write != NULL},
        {"copy", "copy_end", DUNLIN_CAP_COPY, d->copy_end != NULL},
    };

    for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++) {
        const bool promised = (d->caps & promises[i].bit) != 0;

        if (promised == promises[i].present)
            continue;
        return error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER,
                         promised ? "%s: caps promises %s, and member %s is missing"
                                  : "%s: caps lacks %s, and member %s is there",
                         file, promises[i].cap, promises[i].member);
    }
    return DUNLIN_OK;
}

static int check_dialect_size(const struct dunlin_dialect *d, const char *file,
                              struct dunlin_error *err)
{
    if (d->size < DIALECT_SIZE_MIN)
        return refuse_number(err, file, "dialect.size", d->size, "at least ", DIALECT_SIZE_MIN);
    if (d->size % sizeof(void *) != 0)
        return refuse(err, file, "dialect.size ends inside a member");
    return DUNLIN_OK;
}

/* What no other rule of it fits must not pass for quiet. */
static bool quiet_ends(const struct dunlin_rule *rules)
{
    size_t n = 0;

    while (rules && n < LIST_MAX && rules[n].pattern)
        n++;
    return !rules || (n > 0 && n < LIST_MAX && !*rules[n - 1].pattern &&
                      rules[n - 1].effect != DUNLIN_EFFECT_NONE);
}

/* An effect or a literal that is not known here changes what is safe to do: it is refused. */
static int check_values(const struct dunlin_dialect *d, const char *file, struct dunlin_error *err)
{
    for (size_t i = 0; d->rules[i].pattern; i++) {
        if (i >= LIST_MAX)
            return refuse(err, file, "dialect.rules has no end");
        if (d->rules[i].effect > DUNLIN_EFFECT_SESSION) {
            return refuse_number(err, file, "an effect in dialect.rules", d->rules[i].effect,
                                 "at most ", DUNLIN_EFFECT_SESSION);
        }
    }
    if (!quiet_ends(d->quiet))
        return refuse(err, file, "dialect.quiet does not end with a rule for all other statements");
    if (strlen(d->quote) != 2)
        return refuse(err, file, "dialect.quote is not two characters");
    if (d->literal > DUNLIN_LITERAL_HEX)
        return refuse_number(err, file, "dialect.literal", d->literal, "at most ",
                             DUNLIN_LITERAL_HEX);
    return DUNLIN_OK;
}

static int check_dialect(const struct dunlin_dialect *d, const char *file, struct dunlin_error *err)
{
    const bool foreign_keys =
        d->foreign_keys_get || d->foreign_keys_off || d->foreign_keys_on || d->foreign_keys_check;
    const struct member members[] = {
        {"dialect.rules", d->rules != NULL},
        {"dialect.quote", d->quote != NULL},
        {"dialect.begin", d->begin != NULL},
        {"dialect.commit", d->commit != NULL},
        {"dialect.rollback", d->rollback != NULL},
        {"dialect.session", d->session != NULL},
        {"dialect.history_create", d->history_create != NULL},
        {"dialect.now", d->now != NULL},
        {"dialect.elapsed_ms", d->elapsed_ms != NULL},
        {"dialect.time_text", d->time_text != NULL},
        {"dialect.bytes_prefix", d->bytes_prefix != NULL},
        {"dialect.bytes_suffix", d->bytes_suffix != NULL},
        {"dialect.bytes_hex", d->bytes_hex != NULL},
        {"dialect.unlock", !d->lock || d->unlock},
        {"dialect.foreign_keys_get", !foreign_keys || d->foreign_keys_get},
        {"dialect.foreign_keys_off", !foreign_keys || d->foreign_keys_off},
        {"dialect.foreign_keys_on", !foreign_keys || d->foreign_keys_on},
        {"dialect.foreign_keys_check", !foreign_keys || d->foreign_keys_check},
        {"dialect.database_create", !d->database_exists || d->database_create},
        {"dialect.database_drop", !d->database_exists || d->database_drop},
        {"dialect.maintenance", !d->database_exists || d->maintenance},
    };
    int status = CHECK_PRESENT(members, file, err);

    return status == DUNLIN_OK ? check_values(d, file, err) : status;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int check_members(const struct driver *d, const char *file, const char *name,
                         struct dunlin_error *err)
{
    int status = check_names(&d->table, file, name, err);

    if (status == DUNLIN_OK)
        status = check_caps(&d->table, file, err);
    return status == DUNLIN_OK ? check_dialect(&d->dialect, file, err) : status;
}

int driver_check(const struct dunlin_driver *table, const char *file, const char *name,
                 struct driver *out, struct dunlin_error *err)
{
    int status = check_header(table, file, err);

    if (status != DUNLIN_OK) {
        error_hint(err, "install the module that was built for this version of dunlin");
        return status;
    }
    memset(out, 0, sizeof(*out));
    memcpy(&out->table, table, smaller(table->struct_size, sizeof(out->table)));
    out->abi_minor = table->abi_minor;
    out->path = file;
    status = check_required(&out->table, file, err);
    if (status == DUNLIN_OK)
        status = check_dialect_size(out->table.dialect, file, err);
    if (status != DUNLIN_OK)
        return status;
    memcpy(&out->dialect, out->table.dialect,
           smaller(out->table.dialect->size, sizeof(out->dialect)));
    status = check_members(out, file, name, err);
    if (status != DUNLIN_OK)
        return status;
    out->table.struct_size = sizeof(out->table);
    out->dialect.size = sizeof(out->dialect);
    out->table.dialect = &out->dialect;
    complete(&out->table);
    return DUNLIN_OK;
}
