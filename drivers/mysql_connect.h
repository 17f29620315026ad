/* SPDX-License-Identifier: MIT */
/* Settings and connecting, the part of the mysql driver that differs between client libraries. */
#ifndef DUNLIN_DRIVERS_MYSQL_CONNECT_H
#define DUNLIN_DRIVERS_MYSQL_CONNECT_H

#include <mysql.h>
#include <dunlin/driver.h>

#ifdef MARIADB_PACKAGE_VERSION
#define MYSQL_DRIVER_LIBRARY "libmariadb"
#define MYSQL_DRIVER_IS_MARIADB 1
#else
#define MYSQL_DRIVER_LIBRARY "libmysqlclient"
#define MYSQL_DRIVER_IS_MARIADB 0
#endif

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

enum tls { TLS_DISABLE, TLS_ALLOW, TLS_PREFER, TLS_REQUIRE, TLS_VERIFY_CA, TLS_VERIFY_FULL };

/* Kept as long as the connection: cancel opens a second one. */
struct mysql_settings {
    char *text[SET_COUNT]; /* NULL = not given, or empty */
    unsigned port, connect_timeout;
    enum tls tls;
};

/* Copies and checks the parameters. An unknown key is DUNLIN_KIND_CONFIG. *s is to be zeroed before
 * and freed after, also after a failure. */
int mysql_driver_settings(struct mysql_settings *s, const struct dunlin_host *host,
                          const struct dunlin_param *params, uint32_t n, struct dunlin_error *err);
void mysql_driver_settings_free(struct mysql_settings *s);

/* database: whether to select the one that the settings name. Reads the settings only, so that
 * cancel may call it in another thread. */
int mysql_driver_connect(const struct mysql_settings *s, const struct dunlin_host *host,
                         int database, MYSQL **out, struct dunlin_error *err);

/* Ends what goes on over the connection, which is to be closed. */
void mysql_driver_break_off(MYSQL *my);

/* Tells of a connection to another machine that is not encrypted. */
void mysql_driver_warn_plaintext(const struct mysql_settings *s, const struct dunlin_host *host,
                                 MYSQL *my);

/* Initialises the client library, once, and names it. */
const char *mysql_driver_client_version(void);

/* What the server said last: whether a transaction is open, whether statements commit. */
int mysql_driver_in_transaction(MYSQL *my);
int mysql_driver_autocommits(MYSQL *my);

/* The error of the last call on a connection: its class, and it all in *err. */
int mysql_driver_error_kind(MYSQL *my);
int mysql_driver_fail(const struct dunlin_host *host, MYSQL *my, int kind,
                      struct dunlin_error *err);
/* For a message of one's own: adds number and SQLSTATE, and makes it one line. */
void mysql_driver_codes(MYSQL *my, struct dunlin_error *err);

#endif
