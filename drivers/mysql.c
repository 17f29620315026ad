/* SPDX-License-Identifier: MIT */
/*
 * The MySQL and MariaDB driver, over libmariadb or libmysqlclient, whichever it is compiled with.
 * What needs no client library is in mysql_dialect.c.
 *
 * URL parameters: socket, sslmode (disable, allow, prefer, require, verify-ca, verify-full; as
 * libpq defines them, prefer when absent, allow is prefer), sslrootcert, sslcert, sslkey,
 * connect_timeout in seconds (10), charset (utf8mb4). No option file is read. A server can never
 * ask for a local file, and without a verified server no password leaves in clear text.
 *
 * A batch travels as one message of several statements. Statements whose number of results is not
 * known travel alone, so that the number of results tells exactly which statement failed. Warnings
 * of the last statement of a message are passed on with their text; of those before it only the
 * number is known.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mysql.h>
#include <dunlin/driver.h>
#include <dunlin/version.h>
#include "mysql_dialect.h"

#ifndef DUNLIN_BUILTIN_ENTRY
#define DUNLIN_BUILTIN_ENTRY dunlin_driver_entry_v1
#endif

/* The values of enum mysql_option differ between the two libraries, so that a module compiled for
 * one must not run with the other: TLS would silently go unverified. */
#ifdef MARIADB_PACKAGE_VERSION
#define LIBRARY "libmariadb"
#define IS_MARIADB_LIBRARY 1
#else
#define LIBRARY "libmysqlclient"
#define IS_MARIADB_LIBRARY 0
#endif

#define CONNECT_TIMEOUT_S 10
#define MESSAGE_MAX ((size_t)1 << 20) /* statements are joined up to here */
#define PACKET_SURE 65536u            /* a server that accepts less than this is not usable */
/* With a line break before the terminator, which a comment could swallow. It shifts no line number:
 * the server counts from where each statement begins. */
#define SEPARATOR "\n;\n"
#define WARNINGS_SHOWN "20"
#define STATUS_IN_TRANS 1u
#define STATUS_AUTOCOMMIT 2u

enum setting {
    SET_USER,
    SET_PASSWORD,
    SET_HOST,
    SET_PORT,
    SET_DATABASE,
    SET_SOCKET,
    SET_SSLMODE,
    SET_SSLROOTCERT,
    SET_SSLCERT,
    SET_SSLKEY,
    SET_CONNECT_TIMEOUT,
    SET_CHARSET,
    SET_COUNT
};

static const char *const setting_names[SET_COUNT] = {
    "user",    "password",    "host",    "port",   "database",        "socket",
    "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "charset",
};

enum tls { TLS_DISABLE, TLS_ALLOW, TLS_PREFER, TLS_REQUIRE, TLS_VERIFY_CA, TLS_VERIFY_FULL };

static const char *const tls_names[] = {
    "disable", "allow", "prefer", "require", "verify-ca", "verify-full",
};

/* Kept as long as the connection: cancel opens a second one. */
struct settings {
    char *text[SET_COUNT]; /* NULL = not given, or empty */
    unsigned port, connect_timeout;
    enum tls tls;
};

struct dunlin_conn {
    MYSQL *my;
    const struct dunlin_host *host;
    struct settings set;
    unsigned long id; /* of the session, for KILL QUERY */
    int is_mariadb;   /* the server */
    int lost;
    int saved;                  /* the session's settings, for reset */
    unsigned long packet_limit; /* of the server, 0 = not asked yet */
    char *message;              /* buffer for joined statements */
    size_t message_size;
    char server[80];
};

/* ---- settings ------------------------------------------------------------------------------ */

static void settings_free(struct settings *s)
{
    for (size_t i = 0; i < SET_COUNT; i++) {
        if (s->text[i])
            explicit_bzero(s->text[i], strlen(s->text[i]));
        free(s->text[i]);
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

static int parse_settings(struct settings *s, const struct dunlin_host *host,
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

static int settings_read(struct settings *s, const struct dunlin_host *host,
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
        if (s->text[k]) {
            explicit_bzero(s->text[k], strlen(s->text[k]));
            free(s->text[k]);
            s->text[k] = NULL;
        }
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
    snprintf(library_text, sizeof(library_text), LIBRARY " %.*s",
             (int)strspn(version, "0123456789."), version);
}

static const char *my_client_version(void)
{
    pthread_once(&library_once, library_start);
    return library_text;
}

/* libmariadb counts its own versions, 3.3.20; libmysqlclient those of MySQL, from 5 on. */
static int check_library(const struct dunlin_host *host, struct dunlin_error *err)
{
    const int is_mariadb = mysql_get_client_version() < 40000;

    if (is_mariadb == IS_MARIADB_LIBRARY)
        return 0;
    return host->fail(err, DUNLIN_KIND_DRIVER, "the mysql driver was built for %s and runs with %s",
                      LIBRARY, is_mariadb ? "libmariadb" : "libmysqlclient");
}

static int option(MYSQL *my, enum mysql_option name, const void *value)
{
    return value ? mysql_options(my, name, value) : 0;
}

#if IS_MARIADB_LIBRARY
/*
 * This library has no modes. Asked for TLS ("enforce") it still goes on without when the server
 * has none, unless it is to verify: hence check_tls. Given an authority it checks the chain; from
 * 3.4 on only together with the name, which is stricter.
 */
static int set_tls_mode(MYSQL *my, const struct settings *s)
{
    const char on = 1, off = 0;
    const int names_too = mysql_get_client_version() >= 30400;
    const int verify = s->tls == TLS_VERIFY_FULL || (s->tls == TLS_VERIFY_CA && names_too);

    return option(my, MYSQL_OPT_SSL_ENFORCE, s->tls == TLS_DISABLE ? &off : &on) ||
           option(my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, verify ? &on : &off);
}

/* A server chooses how the client shows its password: not in clear text to just anyone. */
static int set_authentication(MYSQL *my, const struct settings *s)
{
    if (s->tls >= TLS_VERIFY_CA)
        return 0;
    return option(my, MARIADB_OPT_RESTRICTED_AUTH,
                  "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,"
                  "parsec,auth_gssapi_client");
}
#else
static int set_tls_mode(MYSQL *my, const struct settings *s)
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
static int set_authentication(MYSQL *my, const struct settings *s)
{
    const char *host = s->text[SET_HOST];
    const int local = !host || strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
                      strcmp(host, "::1") == 0;
    const bool ask = local || s->tls == TLS_DISABLE;

    return option(my, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &ask);
}
#endif

static int set_options(MYSQL *my, const struct settings *s)
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

static void add_codes(MYSQL *my, struct dunlin_error *err)
{
    err->native = (int32_t)mysql_errno(my);
    snprintf(err->sqlstate, sizeof(err->sqlstate), "%.5s", mysql_sqlstate(my));
}

/* The server repeats statements with the line breaks that they have. */
static void one_line(char *text)
{
    for (; *text; text++) {
        if (*text == '\n' || *text == '\r' || *text == '\t')
            *text = ' ';
    }
}

static int fail_with(const struct dunlin_host *host, MYSQL *my, int kind, struct dunlin_error *err)
{
    host->fail(err, kind, "%s", mysql_error(my));
    one_line(err->message);
    add_codes(my, err);
    return kind;
}

static int classify(MYSQL *my)
{
    return mysql_driver_classify(mysql_errno(my), mysql_sqlstate(my), mysql_error(my));
}

static int fail_connecting(const struct dunlin_host *host, MYSQL *my, struct dunlin_error *err)
{
    int kind = classify(my);

    if (kind == DUNLIN_KIND_LOST || kind == DUNLIN_KIND_SERVER)
        kind = DUNLIN_KIND_CONNECT;
    return fail_with(host, my, kind, err);
}

static int check_tls(const struct dunlin_host *host, MYSQL *my, const struct settings *s,
                     struct dunlin_error *err)
{
    if (s->tls < TLS_REQUIRE || mysql_get_ssl_cipher(my))
        return 0;
    return host->fail(err, DUNLIN_KIND_CONNECT, "the server offers no TLS, and sslmode is %s",
                      tls_names[s->tls]);
}

/* The environment can switch the checks of libmariadb off, which nobody who asks for them means. */
static int check_environment(const struct dunlin_host *host, const struct settings *s,
                             struct dunlin_error *err)
{
    static const char variable[] = "MARIADB_TLS_DISABLE_PEER_VERIFICATION";

    if (!IS_MARIADB_LIBRARY || s->tls < TLS_VERIFY_CA || !getenv(variable))
        return 0;
    return host->fail(err, DUNLIN_KIND_CONFIG, "sslmode is %s, and %s is set in the environment",
                      tls_names[s->tls], variable);
}

/* database: whether to select the one that the settings name. Also called by cancel, from another
 * thread: reads the settings only. */
static int connect_server(const struct settings *s, const struct dunlin_host *host, int database,
                          MYSQL **out, struct dunlin_error *err)
{
    MYSQL *my = mysql_init(NULL);
    int kind;

    if (!my)
        return host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    if (set_options(my, s)) {
        kind = host->fail(err, DUNLIN_KIND_DRIVER, "%s does not know an option that it is given",
                          my_client_version());
    } else if (!mysql_real_connect(my, s->text[SET_HOST], s->text[SET_USER], s->text[SET_PASSWORD],
                                   database ? s->text[SET_DATABASE] : NULL, s->port,
                                   s->text[SET_SOCKET],
                                   CLIENT_MULTI_STATEMENTS | CLIENT_MULTI_RESULTS)) {
        kind = fail_connecting(host, my, err);
    } else {
        kind = check_tls(host, my, s, err);
    }
    if (kind)
        mysql_close(my);
    else
        *out = my;
    return kind;
}

static unsigned server_status(MYSQL *my)
{
#if IS_MARIADB_LIBRARY
    unsigned status = 0;

    mariadb_get_infov(my, MARIADB_CONNECTION_SERVER_STATUS, &status);
    return status;
#else
    return my->server_status;
#endif
}

static void name_server(struct dunlin_conn *conn)
{
    const char *info = mysql_get_server_info(conn->my);

    /* Old replication clients wanted a 5: MariaDB puts one in front of its own version. */
    if (strncmp(info, "5.5.5-", 6) == 0 && strstr(info, "MariaDB"))
        info += 6;
    conn->is_mariadb = strstr(info, "MariaDB") != NULL;
    snprintf(conn->server, sizeof(conn->server), "%s %.*s", conn->is_mariadb ? "MariaDB" : "MySQL",
             (int)strspn(info, "0123456789."), info);
}

static void my_close(struct dunlin_conn *conn)
{
    if (!conn)
        return;
    if (conn->my)
        mysql_close(conn->my);
    settings_free(&conn->set);
    free(conn->message);
    free(conn);
}

static int open_with(struct dunlin_conn *conn, const struct dunlin_param *params, uint32_t nparams,
                     struct dunlin_error *err)
{
    int kind = check_library(conn->host, err);

    if (!kind)
        kind = settings_read(&conn->set, conn->host, params, nparams, err);
    if (!kind)
        kind = check_environment(conn->host, &conn->set, err);
    if (!kind)
        kind = connect_server(&conn->set, conn->host, 1, &conn->my, err);
    if (kind)
        return kind;
    conn->id = mysql_thread_id(conn->my);
    name_server(conn);
    if (!(server_status(conn->my) & STATUS_AUTOCOMMIT) && mysql_autocommit(conn->my, 1))
        return fail_connecting(conn->host, conn->my, err);
    return 0;
}

static int my_open(const struct dunlin_host *host, const struct dunlin_param *params,
                   uint32_t nparams, struct dunlin_conn **out, struct dunlin_error *err)
{
    struct dunlin_conn *conn = calloc(1, sizeof(*conn));
    int kind;

    if (!conn)
        return host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    pthread_once(&library_once, library_start);
    conn->host = host;
    kind = open_with(conn, params, nparams, err);
    if (kind)
        my_close(conn);
    else
        *out = conn;
    return kind;
}

static const char *my_server_version(struct dunlin_conn *conn)
{
    return conn->server;
}

/* ---- errors -------------------------------------------------------------------------------- */

/* An error says nothing of the transaction. The answer to any statement tells whether the server
 * has rolled back or committed; libmariadb drops that of a ping. */
static void refresh_status(struct dunlin_conn *conn)
{
    if (mysql_query(conn->my, "DO 0"))
        conn->lost = 1;
}

/* What was sent of a statement: sql to its end, sent bytes to the end of the message. */
struct place {
    const char *sql;
    size_t len, sent;
};

/* Finds the place in the statement. What the server shows of the statements behind it is taken out
 * of the message: they may be ours, and mean nothing to the reader. */
static void locate(struct dunlin_conn *conn, const struct place *at, int kind,
                   struct dunlin_error *err)
{
    const char *message = mysql_error(conn->my);
    struct mysql_near near;

    if (!mysql_driver_near(message, at->sql, at->len, at->sent, &near))
        return;
    if (near.own < near.len) {
        conn->host->fail(err, kind, "%.*s%.*s' at line %u", (int)(near.text - message), message,
                         (int)near.own, near.text, near.line);
        one_line(err->message);
        add_codes(conn->my, err);
    }
    err->stmt_line = near.line;
    err->stmt_pos = near.pos;
}

/* at: the statement that failed, NULL = not one of the caller's. */
static int fail_running(struct dunlin_conn *conn, const struct place *at, struct dunlin_error *err)
{
    int kind = classify(conn->my);

    fail_with(conn->host, conn->my, kind, err);
    if (at)
        locate(conn, at, kind, err);
    if (kind != DUNLIN_KIND_LOST)
        refresh_status(conn);
    if (kind == DUNLIN_KIND_LOST || conn->lost) {
        conn->lost = 1;
        kind = DUNLIN_KIND_LOST;
        err->kind = kind;
    }
    return kind;
}

static int fail_lost(struct dunlin_conn *conn, struct dunlin_error *err)
{
    return conn->host->fail(err, DUNLIN_KIND_LOST, "the connection to the server is lost");
}

/* ---- results ------------------------------------------------------------------------------- */

/* Reads one result to its end without keeping it. */
static int drain_result(MYSQL *my, uint64_t *rows)
{
    MYSQL_RES *res = mysql_use_result(my);
    int bad;

    *rows = 0;
    if (!res) {
        const uint64_t changed = mysql_affected_rows(my);

        *rows = changed == UINT64_MAX ? 0 : changed;
        return mysql_field_count(my) || mysql_errno(my) ? -1 : 0;
    }
    while (mysql_fetch_row(res))
        ++*rows;
    bad = mysql_errno(my) ? -1 : 0;
    mysql_free_result(res);
    return bad;
}

static void pass_warnings(struct dunlin_conn *conn)
{
    static const char sql[] = "SHOW WARNINGS LIMIT " WARNINGS_SHOWN;
    MYSQL_RES *res;
    MYSQL_ROW row;

    if (!conn->host->notice || mysql_real_query(conn->my, sql, sizeof(sql) - 1))
        return;
    res = mysql_store_result(conn->my);
    if (!res)
        return;
    while (mysql_num_fields(res) >= 3 && (row = mysql_fetch_row(res))) {
        if (row[0] && row[2])
            conn->host->notice(conn->host->context, row[0], row[2]);
    }
    mysql_free_result(res);
}

/* Creating and dropping with IF [NOT] EXISTS warns all the time. */
static void count_warnings(struct dunlin_conn *conn, const char *word, unsigned n)
{
    char text[96];

    if (!conn->host->notice || strcmp(word, "CREATE") == 0 || strcmp(word, "DROP") == 0)
        return;
    snprintf(text, sizeof(text), "%u warning%s or notes of %s", n, n == 1 ? "" : "s", word);
    conn->host->notice(conn->host->context, "Warning", text);
}

/* ---- messages ------------------------------------------------------------------------------ */

/* What the dialect's reset puts back, saved by the first message of a connection: it costs no
 * round trip there. */
static const char save_sql[] =
    "SET @dunlin_sql_mode = @@sql_mode, @dunlin_sql_notes = @@sql_notes,"
    " @dunlin_foreign_key_checks = @@foreign_key_checks,"
    " @dunlin_unique_checks = @@unique_checks,"
    " @dunlin_character_set_client = @@character_set_client,"
    " @dunlin_character_set_results = @@character_set_results,"
    " @dunlin_collation_connection = @@collation_connection,"
    " @dunlin_time_zone = @@time_zone, @dunlin_sql_safe_updates = @@sql_safe_updates,"
    " @dunlin_lock_wait_timeout = @@lock_wait_timeout,"
    " @dunlin_innodb_lock_wait_timeout = @@innodb_lock_wait_timeout,"
    " @dunlin_time = /*M! @@max_statement_time */ /*!50708 @@max_execution_time */";

struct message {
    struct dunlin_batch *batch;
    uint32_t first, count; /* statements of the batch in it */
    enum mysql_form form;  /* of the only statement; ONE where there are several */
    int saving;            /* save_sql stands before them */
    const char *text;
    size_t len;
};

static void shape_of(const struct dunlin_stmt *st, struct mysql_shape *out)
{
    mysql_driver_shape(st->sql, (size_t)st->len, out);
}

/* How many statements from first on the next message takes. */
static void choose(const struct dunlin_conn *conn, struct dunlin_batch *batch, uint32_t first,
                   struct message *m)
{
    const size_t max = conn->packet_limit && conn->packet_limit < 2 * MESSAGE_MAX
                           ? conn->packet_limit / 2
                           : MESSAGE_MAX;
    size_t size = 0;

    memset(m, 0, sizeof(*m));
    m->batch = batch;
    m->first = first;
    for (uint32_t i = first; i < batch->count; i++) {
        const size_t len = (size_t)batch->stmts[i].len + sizeof(SEPARATOR);
        struct mysql_shape shape;

        shape_of(&batch->stmts[i], &shape);
        if (m->count && (shape.form != MYSQL_FORM_ONE || size + len > max))
            return;
        m->count++;
        m->form = shape.form;
        size += len;
        if (shape.form != MYSQL_FORM_ONE || size > max)
            return;
    }
}

static int reserve(struct dunlin_conn *conn, size_t size, struct dunlin_error *err)
{
    char *grown;

    if (size <= conn->message_size)
        return 0;
    grown = realloc(conn->message, size);
    if (!grown)
        return conn->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    conn->message = grown;
    conn->message_size = size;
    return 0;
}

static size_t append(char *to, size_t at, const char *text, size_t len)
{
    if (len)
        memcpy(to + at, text, len);
    memcpy(to + at + len, SEPARATOR, sizeof(SEPARATOR) - 1);
    return at + len + sizeof(SEPARATOR) - 1;
}

static int join(struct dunlin_conn *conn, struct message *m, struct dunlin_error *err)
{
    const struct dunlin_stmt *st = &m->batch->stmts[m->first];
    size_t size = sizeof(save_sql) + sizeof(SEPARATOR), at = 0;
    int kind;

    if (m->count == 1 && !m->saving) {
        m->text = st->sql;
        m->len = (size_t)st->len;
        return 0;
    }
    for (uint32_t i = 0; i < m->count; i++)
        size += (size_t)st[i].len + sizeof(SEPARATOR);
    kind = reserve(conn, size, err);
    if (kind)
        return kind;
    if (m->saving)
        at = append(conn->message, 0, save_sql, sizeof(save_sql) - 1);
    for (uint32_t i = 0; i < m->count; i++)
        at = append(conn->message, at, st[i].sql, (size_t)st[i].len);
    m->text = conn->message;
    m->len = at - (sizeof(SEPARATOR) - 1); /* an empty statement at the end would be an error */
    return 0;
}

/* Where statement number i of the message lies in it. */
static struct place place_of(const struct message *m, uint32_t i)
{
    const struct dunlin_stmt *st = &m->batch->stmts[m->first];
    size_t at = m->saving ? sizeof(save_sql) - 1 + sizeof(SEPARATOR) - 1 : 0;
    struct place place;

    for (uint32_t k = 0; k < i; k++)
        at += (size_t)st[k].len + sizeof(SEPARATOR) - 1;
    place.sql = m->text + at;
    place.len = (size_t)st[i].len;
    place.sent = m->len - at;
    return place;
}

/* Whether the part of the message that was not answered may have committed something. */
static int may_have_committed(unsigned status, const struct message *m, uint32_t i)
{
    int open = (status & STATUS_IN_TRANS) != 0;

    for (; i < m->count; i++) {
        struct mysql_shape shape;

        shape_of(&m->batch->stmts[m->first + i], &shape);
        if (strcmp(shape.word, "START") == 0 || strcmp(shape.word, "BEGIN") == 0)
            open = 1;
        else if (!open || !mysql_driver_stays_in_tx(shape.word))
            return 1;
    }
    return 0;
}

/* done: statements of the message that were answered; -1 = not even save_sql was. */
static int fail_message(struct dunlin_conn *conn, const struct message *m, int64_t done,
                        struct dunlin_error *err)
{
    const unsigned status = server_status(conn->my);
    const uint32_t i = done < 0 ? 0 : (uint32_t)done < m->count ? (uint32_t)done : m->count - 1;
    const struct place at = place_of(m, i);
    const int kind = fail_running(conn, &at, err);

    if (done >= 0)
        m->batch->failed = m->first + i;
    if (kind == DUNLIN_KIND_LOST && may_have_committed(status, m, i))
        err->flags |= DUNLIN_ERROR_OUTCOME_UNKNOWN;
    return kind;
}

/* Notes what a statement came to. Several results of one are added up. */
static void record(struct dunlin_conn *conn, const struct message *m, uint32_t i, uint64_t rows)
{
    const unsigned warnings = mysql_warning_count(conn->my);
    struct mysql_shape shape;

    if (m->batch->rows && i < m->count)
        m->batch->rows[m->first + i] += rows;
    if (warnings && i + 1 < m->count) {
        shape_of(&m->batch->stmts[m->first + i], &shape);
        count_warnings(conn, shape.word, warnings);
    }
}

/* *done as in fail_message. Non-zero = a statement failed. */
static int read_results(struct dunlin_conn *conn, const struct message *m, int64_t *done)
{
    for (;;) {
        uint64_t rows;
        int more;

        if (drain_result(conn->my, &rows))
            return -1;
        if (*done < 0)
            conn->saved = 1;
        else
            record(conn, m, m->form == MYSQL_FORM_ONE ? (uint32_t)*done : 0, rows);
        ++*done;
        more = mysql_next_result(conn->my);
        if (more)
            return more > 0 ? -1 : 0;
    }
}

/* A statement that is all executable comment is nothing where the comment does not apply, and
 * MySQL calls nothing an error. */
static int is_empty_query(struct dunlin_conn *conn, const struct message *m)
{
    return m->form == MYSQL_FORM_NONE && mysql_errno(conn->my) == 1065;
}

static int send_message(struct dunlin_conn *conn, struct message *m, struct dunlin_error *err)
{
    int64_t done = m->saving ? -1 : 0;
    struct mysql_shape last;

    for (uint32_t i = 0; m->batch->rows && i < m->count; i++)
        m->batch->rows[m->first + i] = 0;
    if ((mysql_real_query(conn->my, m->text, m->len) || read_results(conn, m, &done)) &&
        !is_empty_query(conn, m)) {
        if (m->form == MYSQL_FORM_ONE && done > 0)
            m->batch->completed += (uint32_t)done;
        return fail_message(conn, m, m->form == MYSQL_FORM_ONE || done < 0 ? done : 0, err);
    }
    m->batch->completed += m->count;
    if (m->form == MYSQL_FORM_ONE && done != m->count)
        return conn->host->fail(err, DUNLIN_KIND_INTERNAL,
                                "the server answered %lld times to a message of %u statements",
                                (long long)done, m->count);
    shape_of(&m->batch->stmts[m->first + m->count - 1], &last);
    if (mysql_warning_count(conn->my) && strcmp(last.word, "SHOW") != 0)
        pass_warnings(conn);
    return 0;
}

/* ---- packet limit -------------------------------------------------------------------------- */

/* The server answers what is too large by closing the connection, so it is asked before, once. */
static int ask_packet_limit(struct dunlin_conn *conn, struct dunlin_error *err)
{
    static const char sql[] = "SELECT @@max_allowed_packet";
    MYSQL_RES *res;
    MYSQL_ROW row;

    if (conn->packet_limit)
        return 0;
    if (mysql_real_query(conn->my, sql, sizeof(sql) - 1) || !(res = mysql_store_result(conn->my)))
        return fail_running(conn, NULL, err);
    row = mysql_fetch_row(res);
    conn->packet_limit = row && row[0] ? strtoul(row[0], NULL, 10) : ULONG_MAX;
    mysql_free_result(res);
    return 0;
}

static int check_size(struct dunlin_conn *conn, uint64_t len, struct dunlin_error *err)
{
    int kind;

    if (len < PACKET_SURE)
        return 0;
    kind = ask_packet_limit(conn, err);
    if (kind || len < conn->packet_limit)
        return kind;
    conn->host->fail(err, DUNLIN_KIND_UNSUPPORTED,
                     "the statement has %llu bytes, and the server accepts %lu in one message",
                     (unsigned long long)len, conn->packet_limit);
    snprintf(err->hint, sizeof(err->hint),
             "raise max_allowed_packet on the server (SET GLOBAL max_allowed_packet = .., for "
             "connections made after it), or split the statement");
    return DUNLIN_KIND_UNSUPPORTED;
}

/* The server takes a NUL byte for a character like any other; no other engine does, and in a file
 * it is damage. */
static int has_nul(const char *sql, uint64_t len)
{
    return len && memchr(sql, '\0', (size_t)len) != NULL;
}

static int check_batch(struct dunlin_conn *conn, struct dunlin_batch *batch,
                       struct dunlin_error *err)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < batch->count; i++) {
        total += batch->stmts[i].len;
        if (!has_nul(batch->stmts[i].sql, batch->stmts[i].len))
            continue;
        batch->failed = i;
        return conn->host->fail(err, DUNLIN_KIND_SYNTAX, "the statement holds a NUL byte");
    }
    return total < PACKET_SURE ? 0 : ask_packet_limit(conn, err);
}

/* ---- running ------------------------------------------------------------------------------- */

/* Before a statement that may leave no room for it in the same message. */
static int save_session(struct dunlin_conn *conn, struct dunlin_error *err)
{
    uint64_t rows;

    if (mysql_real_query(conn->my, save_sql, sizeof(save_sql) - 1) || drain_result(conn->my, &rows))
        return fail_running(conn, NULL, err);
    conn->saved = 1;
    return 0;
}

static int exec_from(struct dunlin_conn *conn, struct dunlin_batch *batch, uint32_t first,
                     uint32_t *count, struct dunlin_error *err)
{
    struct message m;
    int kind;

    choose(conn, batch, first, &m);
    *count = m.count;
    kind = check_size(conn, batch->stmts[first].len, err);
    if (kind) {
        batch->failed = first;
        return kind;
    }
    if (!conn->saved && batch->stmts[first].len >= PACKET_SURE)
        kind = save_session(conn, err);
    if (kind)
        return kind;
    m.saving = !conn->saved;
    kind = join(conn, &m, err);
    return kind ? kind : send_message(conn, &m, err);
}

static int my_exec(struct dunlin_conn *conn, struct dunlin_batch *batch, struct dunlin_error *err)
{
    uint32_t count = 0;
    int kind;

    batch->completed = 0;
    batch->failed = UINT32_MAX;
    if (conn->lost)
        return fail_lost(conn, err);
    kind = check_batch(conn, batch, err);
    for (uint32_t i = 0; !kind && i < batch->count; i += count)
        kind = exec_from(conn, batch, i, &count, err);
    if (conn->message_size > MESSAGE_MAX) { /* after something large */
        free(conn->message);
        conn->message = NULL;
        conn->message_size = 0;
    }
    return kind;
}

static int pass_rows(struct dunlin_conn *conn, MYSQL_RES *res, dunlin_row_fn callback, void *user,
                     struct dunlin_error *err)
{
    const unsigned n = mysql_num_fields(res);
    uint64_t *lens = calloc(n + 1u, sizeof(*lens));
    int result = 0;
    MYSQL_ROW row;

    if (!lens)
        return conn->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    while (!result && (row = mysql_fetch_row(res))) {
        const unsigned long *lengths = mysql_fetch_lengths(res);

        for (unsigned i = 0; i < n; i++)
            lens[i] = row[i] ? lengths[i] : 0;
        if (callback)
            result = callback(user, n, (const char *const *)row, lens);
    }
    free(lens);
    if (!result && mysql_errno(conn->my))
        result = fail_running(conn, NULL, err);
    return result;
}

/* Whatever is left of the answer: the connection takes no other command before. */
static void drain_rest(MYSQL *my)
{
    uint64_t rows;

    while (mysql_next_result(my) == 0) {
        if (drain_result(my, &rows))
            return;
    }
}

static int my_query(struct dunlin_conn *conn, const char *sql, uint64_t len, dunlin_row_fn callback,
                    void *user, struct dunlin_error *err)
{
    const struct place at = {sql, (size_t)len, (size_t)len};
    MYSQL_RES *res;
    int result;

    if (conn->lost)
        return fail_lost(conn, err);
    result = check_size(conn, len, err);
    if (result)
        return result;
    if (mysql_real_query(conn->my, sql, (unsigned long)len))
        return fail_running(conn, &at, err);
    res = mysql_use_result(conn->my);
    if (res) {
        result = pass_rows(conn, res, callback, user, err);
        mysql_free_result(res); /* reads what a callback that stopped early has left */
    } else if (mysql_field_count(conn->my)) {
        return fail_running(conn, &at, err);
    }
    if (!conn->lost)
        drain_rest(conn->my);
    return result;
}

static int my_tx_state(struct dunlin_conn *conn)
{
    if (conn->lost)
        return DUNLIN_TX_UNKNOWN;
    return server_status(conn->my) & STATUS_IN_TRANS ? DUNLIN_TX_OPEN : DUNLIN_TX_IDLE;
}

static int my_cancel(struct dunlin_conn *conn, struct dunlin_error *err)
{
    char sql[48];
    MYSQL *my = NULL;
    int kind = connect_server(&conn->set, conn->host, 0, &my, err);

    if (kind)
        return kind;
    snprintf(sql, sizeof(sql), "KILL QUERY %lu", conn->id);
    if (mysql_query(my, sql))
        kind = fail_with(conn->host, my, classify(my), err);
    mysql_close(my);
    return kind;
}

/* ---- entry --------------------------------------------------------------------------------- */

static const char *const my_schemes[] = {"mysql", "mariadb", NULL};

static const struct dunlin_driver my_driver = {
    .magic = DUNLIN_DRIVER_MAGIC,
    .abi_major = DUNLIN_ABI_MAJOR,
    .abi_minor = DUNLIN_ABI_MINOR,
    .struct_size = sizeof(struct dunlin_driver),
    .name = "mysql",
    .version = DUNLIN_VERSION,
    .description = "MySQL and MariaDB, over " LIBRARY,
    .schemes = my_schemes,
    .caps = DUNLIN_CAP_BATCH | DUNLIN_CAP_CANCEL,
    .dialect = &mysql_driver_dialect,
    .client_version = my_client_version,
    .open = my_open,
    .close = my_close,
    .server_version = my_server_version,
    .exec = my_exec,
    .query = my_query,
    .tx_state = my_tx_state,
    .cancel = my_cancel,
};

const struct dunlin_driver *DUNLIN_BUILTIN_ENTRY(uint32_t host_abi_major);

__attribute__((visibility("default"))) const struct dunlin_driver *
DUNLIN_BUILTIN_ENTRY(uint32_t host_abi_major)
{
    return host_abi_major == DUNLIN_ABI_MAJOR ? &my_driver : NULL;
}
