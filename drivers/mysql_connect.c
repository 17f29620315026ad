/* SPDX-License-Identifier: MIT */
/*
 * Settings and connecting. libmariadb and libmysqlclient share their names and differ in what they
 * do: TLS, authentication, the numbers of their options. All of that is here.
 */
#include "mysql_connect.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "mysql_dialect.h"
#include "peer.h"

#define NO_DATABASE 1046 /* the server's number: none is selected */
#define CONNECT_TIMEOUT_S 10
#define STATUS_IN_TRANS 1u
#define STATUS_AUTOCOMMIT 2u

static const char *const setting_names[SET_COUNT] = {
    "user",    "password",    "host",    "port",   "database",        "socket",
    "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "charset",
};

static const char *const tls_names[] = {
    "disable", "allow", "prefer", "require", "verify-ca", "verify-full",
};

/* ---- settings ------------------------------------------------------------------------------ */

/* The compiler may not leave out writes through a volatile pointer, though nobody reads them. */
static void wipe(char *text)
{
    for (volatile char *p = text; p && *p; p++)
        *p = '\0';
    free(text);
}

void mysql_driver_settings_free(struct mysql_settings *s)
{
    for (size_t i = 0; i < SET_COUNT; i++) {
        wipe(s->text[i]);
        s->text[i] = NULL;
    }
}

static int unknown_setting(const struct dunlin_host *host, const char *key,
                           struct dunlin_error *err)
{
    size_t used = 0;

    host->fail(err, DUNLIN_KIND_CONFIG, "unknown parameter \"%s\" for MySQL", key);
    for (size_t i = SET_SOCKET; i < SET_COUNT && used < sizeof(err->hint); i++) {
        const int n = snprintf(err->hint + used, sizeof(err->hint) - used, "%s%s",
                               i == SET_SOCKET ? "known parameters: " : ", ", setting_names[i]);

        used += n > 0 ? (size_t)n : 0;
    }
    return DUNLIN_KIND_CONFIG;
}

static int parse_number(const char *text, unsigned max, unsigned *out)
{
    char *end;
    unsigned long n;

    errno = 0;
    n = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || n > max)
        return -1;
    *out = (unsigned)n;
    return 0;
}

static int parse_tls(const char *text, enum tls *out)
{
    for (size_t i = 0; i < sizeof(tls_names) / sizeof(tls_names[0]); i++) {
        if (strcmp(text, tls_names[i]) == 0) {
            *out = (enum tls)i;
            return 0;
        }
    }
    return -1;
}

static int parse_settings(struct mysql_settings *s, const struct dunlin_host *host,
                          struct dunlin_error *err)
{
    const char *timeout = s->text[SET_CONNECT_TIMEOUT];

    s->connect_timeout = CONNECT_TIMEOUT_S;
    s->tls = TLS_PREFER;
    if (s->text[SET_PORT] && parse_number(s->text[SET_PORT], 65535, &s->port))
        return host->fail(err, DUNLIN_KIND_CONFIG, "parameter port is not a port number");
    if (timeout && parse_number(timeout, INT_MAX / 1000, &s->connect_timeout))
        return host->fail(err, DUNLIN_KIND_CONFIG, "parameter connect_timeout is not seconds");
    if (s->text[SET_SSLMODE] && parse_tls(s->text[SET_SSLMODE], &s->tls))
        return host->fail(
            err, DUNLIN_KIND_CONFIG,
            "parameter sslmode is not disable, allow, prefer, require, verify-ca or verify-full");
    /* As libpq has it: who names the authority wants it asked. */
    if (s->tls == TLS_REQUIRE && s->text[SET_SSLROOTCERT])
        s->tls = TLS_VERIFY_CA;
    if (s->tls == TLS_VERIFY_CA && !s->text[SET_SSLROOTCERT])
        return host->fail(err, DUNLIN_KIND_CONFIG, "sslmode verify-ca needs sslrootcert");
    return 0;
}

int mysql_driver_settings(struct mysql_settings *s, const struct dunlin_host *host,
                          const struct dunlin_param *params, uint32_t n, struct dunlin_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        size_t k = 0;

        if (strcmp(params[i].key, "scheme") == 0)
            continue;
        while (k < SET_COUNT && strcmp(params[i].key, setting_names[k]) != 0)
            k++;
        if (k == SET_COUNT)
            return unknown_setting(host, params[i].key, err);
        wipe(s->text[k]);
        s->text[k] = NULL;
        if (params[i].value[0] == '\0')
            continue;
        s->text[k] = strdup(params[i].value);
        if (!s->text[k])
            return host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    }
    return parse_settings(s, host, err);
}

/* ---- connecting ---------------------------------------------------------------------------- */

static char library_text[48];
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

/* The library's own first-time initialisation is not thread-safe. */
static void library_start(void)
{
    const char *version = mysql_get_client_info();

    mysql_library_init(0, NULL, NULL);
    snprintf(library_text, sizeof(library_text), MYSQL_DRIVER_LIBRARY " %.*s",
             (int)strspn(version, "0123456789."), version);
}

const char *mysql_driver_client_version(void)
{
    pthread_once(&library_once, library_start);
    return library_text;
}

/*
 * The values of enum mysql_option differ between the two libraries: compiled for one and run with
 * the other, TLS would silently go unverified. libmariadb counts its own versions, 3.3.20;
 * libmysqlclient those of MySQL, from 5 on.
 */
static int check_library(const struct dunlin_host *host, struct dunlin_error *err)
{
    const int is_mariadb = mysql_get_client_version() < 40000;

    if (is_mariadb == MYSQL_DRIVER_IS_MARIADB)
        return 0;
    return host->fail(err, DUNLIN_KIND_DRIVER, "the mysql driver was built for %s and runs with %s",
                      MYSQL_DRIVER_LIBRARY, is_mariadb ? "libmariadb" : "libmysqlclient");
}

static int option(MYSQL *my, enum mysql_option name, const void *value)
{
    return value ? mysql_options(my, name, value) : 0;
}

#if MYSQL_DRIVER_IS_MARIADB
/*
 * This library has no modes. Asked for TLS ("enforce") it still goes on without when the server
 * has none, unless it is to verify: hence check_tls, which comes too late for a password that was
 * to be shown to the right server only. So verify-ca verifies, too, and with that the name: that
 * only the authority counts is for this library no reason to insist on TLS.
 */
static int set_tls_mode(MYSQL *my, const struct mysql_settings *s)
{
    const char on = 1, off = 0;
    const int verify = s->tls >= TLS_VERIFY_CA;

    return option(my, MYSQL_OPT_SSL_ENFORCE, s->tls == TLS_DISABLE ? &off : &on) ||
           option(my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, verify ? &on : &off);
}

/* A server chooses how the client shows its password: not in clear text to just anyone. */
static int set_authentication(MYSQL *my, const struct mysql_settings *s)
{
    if (s->tls >= TLS_VERIFY_CA)
        return 0;
    return option(my, MARIADB_OPT_RESTRICTED_AUTH,
                  "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,"
                  "parsec,auth_gssapi_client");
}
#else
static int set_tls_mode(MYSQL *my, const struct mysql_settings *s)
{
    static const unsigned modes[] = {SSL_MODE_DISABLED,  SSL_MODE_PREFERRED,
                                     SSL_MODE_PREFERRED, SSL_MODE_REQUIRED,
                                     SSL_MODE_VERIFY_CA, SSL_MODE_VERIFY_IDENTITY};

    return option(my, MYSQL_OPT_SSL_MODE, &modes[s->tls]);
}

/*
 * Without TLS caching_sha2_password encrypts the password with a key that the server sends. Who
 * can stand between client and server can send another: so only where nobody can, or where the
 * user has given up on TLS anyway.
 */
static int set_authentication(MYSQL *my, const struct mysql_settings *s)
{
    const char *host = s->text[SET_HOST];
    const int local = !host || strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
                      strcmp(host, "::1") == 0;
    const bool ask = local || s->tls == TLS_DISABLE;

    return option(my, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &ask);
}
#endif

static int set_options(MYSQL *my, const struct mysql_settings *s)
{
    const unsigned no_local_files = 0;
    const unsigned long packet = 1ul << 30; /* the server's limit is the one that counts */
    const char *charset = s->text[SET_CHARSET];
    int bad = 0;

    bad |= option(my, MYSQL_OPT_LOCAL_INFILE, &no_local_files);
    bad |= option(my, MYSQL_SET_CHARSET_NAME, charset ? charset : "utf8mb4");
    bad |= option(my, MYSQL_OPT_CONNECT_TIMEOUT, &s->connect_timeout);
    bad |= option(my, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
    bad |= mysql_options4(my, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "dunlin");
    bad |= set_authentication(my, s);
    if (s->tls != TLS_DISABLE) {
        bad |= option(my, MYSQL_OPT_SSL_CA, s->text[SET_SSLROOTCERT]);
        bad |= option(my, MYSQL_OPT_SSL_CERT, s->text[SET_SSLCERT]);
        bad |= option(my, MYSQL_OPT_SSL_KEY, s->text[SET_SSLKEY]);
    }
    return bad | set_tls_mode(my, s); /* last: it decides */
}

/* The server repeats statements with the line breaks that they have. */
static void one_line(char *text)
{
    for (; *text; text++) {
        if (*text == '\n' || *text == '\r' || *text == '\t')
            *text = ' ';
    }
}

void mysql_driver_codes(MYSQL *my, struct dunlin_error *err)
{
    one_line(err->message);
    err->native = (int32_t)mysql_errno(my);
    snprintf(err->sqlstate, sizeof(err->sqlstate), "%.5s", mysql_sqlstate(my));
}

int mysql_driver_fail(const struct dunlin_host *host, MYSQL *my, int kind, struct dunlin_error *err)
{
    host->fail(err, kind, "%s", mysql_error(my));
    mysql_driver_codes(my, err);
    if (mysql_errno(my) == NO_DATABASE)
        (void)snprintf(err->hint, sizeof(err->hint),
                       "name one in the URL, as in mysql://HOST/DATABASE");
    return kind;
}

int mysql_driver_error_kind(MYSQL *my)
{
    return mysql_driver_classify(mysql_errno(my), mysql_sqlstate(my), mysql_error(my));
}

static int fail_connecting(const struct dunlin_host *host, MYSQL *my, struct dunlin_error *err)
{
    int kind = mysql_driver_error_kind(my);

    if (kind == DUNLIN_KIND_LOST || kind == DUNLIN_KIND_SERVER)
        kind = DUNLIN_KIND_CONNECT;
    return mysql_driver_fail(host, my, kind, err);
}

static int check_tls(const struct dunlin_host *host, MYSQL *my, const struct mysql_settings *s,
                     struct dunlin_error *err)
{
    if (s->tls < TLS_REQUIRE || mysql_get_ssl_cipher(my))
        return 0;
    return host->fail(err, DUNLIN_KIND_CONNECT, "the server offers no TLS, and sslmode is %s",
                      tls_names[s->tls]);
}

/* The environment can switch the checks of libmariadb off, which nobody who asks for them means. */
static int check_environment(const struct dunlin_host *host, const struct mysql_settings *s,
                             struct dunlin_error *err)
{
    static const char variable[] = "MARIADB_TLS_DISABLE_PEER_VERIFICATION";

    if (!MYSQL_DRIVER_IS_MARIADB || s->tls < TLS_VERIFY_CA || !getenv(variable))
        return 0;
    return host->fail(err, DUNLIN_KIND_CONFIG, "sslmode is %s, and %s is set in the environment",
                      tls_names[s->tls], variable);
}

static int socket_of(MYSQL *my)
{
#if MYSQL_DRIVER_IS_MARIADB
    return (int)mysql_get_socket(my);
#else
    return (int)my->net.fd;
#endif
}

void mysql_driver_break_off(MYSQL *my)
{
    (void)shutdown(socket_of(my), SHUT_RDWR);
}

void mysql_driver_warn_plaintext(const struct mysql_settings *s, const struct dunlin_host *host,
                                 MYSQL *my)
{
    char text[256];

    if (!host->notice || mysql_get_ssl_cipher(my) || peer_is_local(socket_of(my)))
        return;
    snprintf(text, sizeof(text),
             "the connection to %s is not encrypted: others can read and change what is sent; "
             "sslmode=verify-full asks for TLS",
             s->text[SET_HOST] ? s->text[SET_HOST] : "the server");
    host->notice(host->context, "WARNING", text);
}

static int connect_with(MYSQL *my, const struct mysql_settings *s, const struct dunlin_host *host,
                        int database, struct dunlin_error *err)
{
    if (set_options(my, s))
        return host->fail(err, DUNLIN_KIND_DRIVER, "%s does not know an option that it is given",
                          mysql_driver_client_version());
    if (!mysql_real_connect(my, s->text[SET_HOST], s->text[SET_USER], s->text[SET_PASSWORD],
                            database ? s->text[SET_DATABASE] : NULL, s->port, s->text[SET_SOCKET],
                            CLIENT_MULTI_STATEMENTS | CLIENT_MULTI_RESULTS))
        return fail_connecting(host, my, err);
    return check_tls(host, my, s, err);
}

int mysql_driver_connect(const struct mysql_settings *s, const struct dunlin_host *host,
                         int database, MYSQL **out, struct dunlin_error *err)
{
    MYSQL *my;
    int kind;

    pthread_once(&library_once, library_start);
    kind = check_library(host, err);
    if (!kind)
        kind = check_environment(host, s, err);
    if (kind)
        return kind;
    my = mysql_init(NULL);
    if (!my)
        return host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    kind = connect_with(my, s, host, database, err);
    if (kind)
        mysql_close(my);
    else
        *out = my;
    return kind;
}

static unsigned server_status(MYSQL *my)
{
#if MYSQL_DRIVER_IS_MARIADB
    unsigned status = 0;

    mariadb_get_infov(my, MARIADB_CONNECTION_SERVER_STATUS, &status);
    return status;
#else
    return my->server_status;
#endif
}

int mysql_driver_in_transaction(MYSQL *my)
{
    return (server_status(my) & STATUS_IN_TRANS) != 0;
}

int mysql_driver_autocommits(MYSQL *my)
{
    return (server_status(my) & STATUS_AUTOCOMMIT) != 0;
}
