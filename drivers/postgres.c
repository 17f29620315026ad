/* SPDX-License-Identifier: MIT */
/*
 * The driver for PostgreSQL, by libpq (12 or later): opening, closing, and the table that the core
 * gets. Parameters go to libpq as keyword arrays, never as a string to be parsed, so that a name
 * cannot smuggle settings in; what libpq takes from PG* variables, .pgpass and service files keeps
 * working, because what is empty here is not passed.
 */
#include "postgres.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <dunlin/version.h>
#include "peer.h"

#ifndef DUNLIN_BUILTIN_ENTRY
#define DUNLIN_BUILTIN_ENTRY dunlin_driver_entry_v1
#endif

#define KEYWORD_MAX 40  /* longest keyword that is compared for likeness */
#define OWN_KEYWORDS 3u /* added to the caller's, with the final NULL */

/* ---- parameters ---------------------------------------------------------------------------- */

static const char *keyword_of(const char *key)
{
    return strcmp(key, "database") == 0 ? "dbname" : key;
}

/* A replication connection runs no migrations. */
static bool keyword_known(const PQconninfoOption *options, const char *keyword)
{
    if (strcmp(keyword, "replication") == 0)
        return false;
    for (; options->keyword; options++) {
        if (strcmp(options->keyword, keyword) == 0)
            return true;
    }
    return false;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Levenshtein's distance; too long texts are far apart. */
static unsigned distance(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b);
    unsigned row[KEYWORD_MAX + 1];

    if (m > KEYWORD_MAX || n > KEYWORD_MAX)
        return UINT_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= m; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= n; j++) {
            unsigned substitute = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = least(row[j] + 1, row[j - 1] + 1, substitute);
        }
    }
    return row[n];
}

static int fail_unknown(const struct dunlin_host *host, const PQconninfoOption *options,
                        const char *key, struct dunlin_error *err)
{
    const char *near = NULL;
    unsigned best = 3;
    int kind = host->fail(err, DUNLIN_KIND_CONFIG, "unknown parameter %.100s", key);

    for (; options->keyword; options++) {
        unsigned d = distance(key, options->keyword);

        if (d < best) {
            best = d;
            near = options->keyword;
        }
    }
    if (near)
        (void)snprintf(err->hint, sizeof(err->hint), "did you mean %s?", near);
    else
        (void)snprintf(err->hint, sizeof(err->hint),
                       "the parameters are those of libpq: sslmode, connect_timeout, options ..");
    return kind;
}

static bool is_utf8(const char *encoding)
{
    return strcasecmp(encoding, "utf8") == 0 || strcasecmp(encoding, "utf-8") == 0 ||
           strcasecmp(encoding, "unicode") == 0;
}

/* What goes to libpq. Sized by the caller for nparams + OWN_KEYWORDS. */
struct keywords {
    const char **keys, **values;
    size_t count;
};

static void keywords_add(struct keywords *k, const char *key, const char *value)
{
    k->keys[k->count] = key;
    k->values[k->count] = value;
    k->count++;
}

static int keywords_fill(struct keywords *k, const struct dunlin_host *host,
                         const struct dunlin_param *params, uint32_t nparams,
                         const PQconninfoOption *options, struct dunlin_error *err)
{
    for (uint32_t i = 0; i < nparams; i++) {
        const char *key = keyword_of(params[i].key);

        if (strcmp(key, "scheme") == 0)
            continue;
        if (!keyword_known(options, key))
            return fail_unknown(host, options, params[i].key, err);
        if (!*params[i].value)
            continue;
        if (strcmp(key, "client_encoding") == 0) {
            if (is_utf8(params[i].value))
                continue;
            return host->fail(err, DUNLIN_KIND_CONFIG, "client_encoding can only be UTF8");
        }
        keywords_add(k, key, params[i].value);
    }
    keywords_add(k, "client_encoding", "UTF8");
    keywords_add(k, "fallback_application_name", "dunlin");
    keywords_add(k, NULL, NULL);
    return 0;
}

/* ---- opening and closing ------------------------------------------------------------------- */

static void notice_received(void *arg, const PGresult *result)
{
    const struct dunlin_conn *c = arg;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    char text[2048];
    char clean[2048];

    if (!message) /* from libpq itself */
        message = PQresultErrorMessage(result);
    (void)snprintf(text, sizeof(text), "%s%s%s%s", message, detail ? " (" : "",
                   detail ? detail : "", detail ? ")" : "");
    postgres_copy(clean, sizeof(clean), text);
    if (c->host->notice)
        c->host->notice(c->host->context, severity ? severity : "NOTICE", clean);
}

static void postgres_close(struct dunlin_conn *c)
{
    if (!c)
        return;
    PQfreeCancel(c->stop);
    PQfinish(c->pg);
    free(c->text);
    free(c->starts);
    free((void *)c->values);
    free(c->lens);
    free(c);
}

/* Forks append to the number; the word behind it is how it was packaged. */
static void version_fill(struct dunlin_conn *c)
{
    const char *version = PQparameterStatus(c->pg, "server_version");
    size_t n = version ? strcspn(version, " ") : 0;

    (void)snprintf(c->version, sizeof(c->version), "PostgreSQL %.*s", (int)n,
                   version ? version : "");
}

/* The time limit for connecting is kept, and read, inside libpq's blocking calls only. */
static bool has_time_limit(PGconn *pg)
{
    PQconninfoOption *options = PQconninfo(pg);
    bool has = false;

    for (const PQconninfoOption *o = options; o && o->keyword; o++)
        has = has ||
              (strcmp(o->keyword, "connect_timeout") == 0 && o->val && strcmp(o->val, "0") != 0);
    PQconninfoFree(options);
    return has;
}

static void connect_steps(PGconn *pg)
{
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;

    while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
        struct pollfd wait = {.fd = PQsocket(pg),
                              .events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT};

        if (poll(&wait, 1, -1) < 0 && errno != EINTR)
            return;
        next = PQconnectPoll(pg);
    }
}

/*
 * A server may send notices before it has let the client in, and libpq would write them to standard
 * error as they come, escape sequences and all. A receiver can only be given to a connection that
 * was begun.
 */
static void connect_quietly(struct dunlin_conn *c, const struct keywords *k)
{
    c->pg = PQconnectStartParams(k->keys, k->values, 0);
    if (PQstatus(c->pg) == CONNECTION_BAD)
        return;
    PQsetNoticeReceiver(c->pg, notice_received, c);
    if (has_time_limit(c->pg))
        PQreset(c->pg); /* begins again, and waits for the end */
    else
        connect_steps(c->pg);
}

static void warn_plaintext(const struct dunlin_conn *c)
{
    char text[256];

    if (!c->host->notice || PQsslInUse(c->pg) || PQgssEncInUse(c->pg) ||
        peer_is_local(PQsocket(c->pg)))
        return;
    (void)snprintf(
        text, sizeof(text),
        "the connection to %s is not encrypted: others can read and change what is sent; "
        "sslmode=verify-full asks for TLS",
        PQhost(c->pg));
    c->host->notice(c->host->context, "WARNING", text);
}

static int connect_with(struct dunlin_conn *c, const struct keywords *k, struct dunlin_error *err)
{
    connect_quietly(c, k);
    if (PQstatus(c->pg) != CONNECTION_OK)
        return postgres_fail_connect(c->host, c->pg, err);
    c->stop = PQgetCancel(c->pg);
    if (!c->stop)
        return c->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    warn_plaintext(c);
    version_fill(c);
    return 0;
}

static int open_with(struct dunlin_conn *c, const struct dunlin_param *params, uint32_t nparams,
                     struct dunlin_error *err)
{
    PQconninfoOption *options = PQconndefaults();
    struct keywords k = {
        .keys = calloc((size_t)nparams + OWN_KEYWORDS, sizeof(*k.keys)),
        .values = calloc((size_t)nparams + OWN_KEYWORDS, sizeof(*k.values)),
    };
    int kind;

    if (!options || !k.keys || !k.values)
        kind = c->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    else
        kind = keywords_fill(&k, c->host, params, nparams, options, err);
    if (kind == 0)
        kind = connect_with(c, &k, err);
    free((void *)k.keys);
    free((void *)k.values);
    if (options)
        PQconninfoFree(options);
    return kind;
}

static int postgres_open(const struct dunlin_host *host, const struct dunlin_param *params,
                         uint32_t nparams, struct dunlin_conn **out, struct dunlin_error *err)
{
    struct dunlin_conn *c = calloc(1, sizeof(*c));
    int kind;

    if (!c)
        return host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    c->host = host;
    atomic_init(&c->cancelled, false);
    kind = open_with(c, params, nparams, err);
    if (kind) {
        postgres_close(c);
        return kind;
    }
    *out = c;
    return 0;
}

/* ---- small members ------------------------------------------------------------------------- */

static const char *postgres_server_version(struct dunlin_conn *c)
{
    return c->version;
}

/* The one thing that cannot be said as a constant: which libpq was loaded. Written once. */
static pthread_once_t client_once = PTHREAD_ONCE_INIT;
static char client_text[32];

static void client_fill(void)
{
    int v = PQlibVersion();

    (void)snprintf(client_text, sizeof(client_text), "libpq %d.%d", v / 10000, v % 10000);
}

static const char *postgres_client_version(void)
{
    (void)pthread_once(&client_once, client_fill);
    return client_text;
}

/* Behind a pooler the number is the pooler's. */
static uint64_t postgres_session_number(struct dunlin_conn *c)
{
    return (uint64_t)(int64_t)PQbackendPID(c->pg);
}

static int postgres_tx_state(struct dunlin_conn *c)
{
    if (c->broken)
        return DUNLIN_TX_UNKNOWN;
    switch (PQtransactionStatus(c->pg)) {
    case PQTRANS_IDLE:
        return DUNLIN_TX_IDLE;
    case PQTRANS_INTRANS:
        return DUNLIN_TX_OPEN;
    case PQTRANS_INERROR:
        return DUNLIN_TX_FAILED;
    case PQTRANS_ACTIVE: /* in the middle of a copy */
    case PQTRANS_UNKNOWN:
        break;
    }
    return DUNLIN_TX_UNKNOWN;
}

/* The flag goes first: the server's answer may be here before PQcancel is back. */
static int postgres_cancel(struct dunlin_conn *c, struct dunlin_error *err)
{
    char text[256] = "";
    char clean[256];

    atomic_store(&c->cancelled, true);
    if (PQcancel(c->stop, text, sizeof(text)))
        return 0;
    postgres_copy(clean, sizeof(clean), text);
    clean[strcspn(clean, "\n")] = '\0';
    return c->host->fail(err, DUNLIN_KIND_CONNECT, "cannot ask the server to cancel: %s", clean);
}

int postgres_begin_call(struct dunlin_conn *c, struct dunlin_error *err)
{
    atomic_store(&c->cancelled, false);
    c->text_len = 0;
    if (!c->copying)
        return 0;
    return c->host->fail(err, DUNLIN_KIND_INTERNAL, "the connection is in the middle of a copy");
}

bool postgres_text_reserve(struct dunlin_conn *c, size_t more)
{
    size_t need = c->text_len + more, cap = c->text_cap ? c->text_cap : 4096;
    char *text;

    if (need < more)
        return false;
    if (need <= c->text_cap)
        return true;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    text = realloc(c->text, cap);
    if (!text)
        return false;
    c->text = text;
    c->text_cap = cap;
    return true;
}

/* ---- the table ----------------------------------------------------------------------------- */

static const char *const schemes[] = {"postgres", "postgresql", NULL};

static const struct dunlin_driver postgres_driver = {
    .magic = DUNLIN_DRIVER_MAGIC,
    .abi_major = DUNLIN_ABI_MAJOR,
    .abi_minor = DUNLIN_ABI_MINOR,
    .struct_size = sizeof(struct dunlin_driver),
    .name = "postgres",
    .version = DUNLIN_VERSION,
    .description = "PostgreSQL and what speaks its protocol, by libpq",
    .schemes = schemes,
    .caps = DUNLIN_CAP_TX_DDL | DUNLIN_CAP_BATCH | DUNLIN_CAP_COPY | DUNLIN_CAP_CANCEL,
    .dialect = &postgres_dialect,
    .client_version = postgres_client_version,
    .open = postgres_open,
    .close = postgres_close,
    .server_version = postgres_server_version,
    .exec = postgres_exec,
    .query = postgres_query,
    .tx_state = postgres_tx_state,
    .cancel = postgres_cancel,
    .copy_begin = postgres_copy_begin,
    .copy_write = postgres_copy_write,
    .copy_end = postgres_copy_end,
    .session_number = postgres_session_number,
};

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const struct dunlin_driver *
DUNLIN_BUILTIN_ENTRY(uint32_t host_abi_major);

const struct dunlin_driver *DUNLIN_BUILTIN_ENTRY(uint32_t host_abi_major)
{
    return host_abi_major == DUNLIN_ABI_MAJOR ? &postgres_driver : NULL;
}
