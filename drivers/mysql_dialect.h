/* SPDX-License-Identifier: MIT */
/*
 * The part of the mysql driver that needs no client library: the dialect, the error classes, and
 * what a statement's text tells. Pure, so that it is tested without a server.
 */
#ifndef DUNLIN_DRIVERS_MYSQL_DIALECT_H
#define DUNLIN_DRIVERS_MYSQL_DIALECT_H

#include <stddef.h>
#include <stdint.h>
#include <dunlin/driver.h>

extern const struct dunlin_dialect mysql_driver_dialect;

/* sqlstate and text may be NULL. Never DUNLIN_KIND_NONE. */
int mysql_driver_classify(unsigned code, const char *sqlstate, const char *text);

/* How a statement answers when it shares a message with others. */
enum mysql_form {
    MYSQL_FORM_ONE,  /* with exactly one result */
    MYSQL_FORM_MANY, /* perhaps with several: CALL, compound statements, several in one */
    MYSQL_FORM_NONE  /* perhaps with none: all comment, or executable comment that may not apply */
};

struct mysql_shape {
    enum mysql_form form;
    char word[16]; /* first word, upper case, cut */
};

void mysql_driver_shape(const char *sql, size_t len, struct mysql_shape *out);

/* Whether a statement that starts with this word leaves an open transaction open. */
int mysql_driver_stays_in_tx(const char *word);

/* The part of a message that repeats the statement: near '..' at line N. */
struct mysql_near {
    const char *text; /* in the message */
    size_t len;
    size_t own;    /* how much of it is of this statement, not of those sent behind it */
    uint32_t line; /* in the statement, 1-based */
    uint64_t pos;  /* in the statement, bytes, 1-based, 0 = not known */
};

/* Finds it in the statement sql, which in what was sent goes on (with other statements) to sent
 * bytes. Returns 0 when there is no such part, or it is not of this statement. */
int mysql_driver_near(const char *message, const char *sql, size_t len, size_t sent,
                      struct mysql_near *out);

#endif
