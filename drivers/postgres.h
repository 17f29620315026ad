/* SPDX-License-Identifier: MIT */
/*
 * What the files of the PostgreSQL driver share: postgres.c opens and queries, postgres_exec.c runs
 * batches and COPY, postgres_error.c classifies, postgres_dialect.c is data.
 */
#ifndef DUNLIN_POSTGRES_H
#define DUNLIN_POSTGRES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>
#include <dunlin/driver.h>

struct dunlin_conn {
    const struct dunlin_host *host;
    PGconn *pg;
    PGcancel *stop;        /* made at open: safe to use from any thread */
    atomic_bool cancelled; /* since the last call began */
    bool broken;           /* answers may be on the way that nobody waits for */
    bool copying;          /* between copy_begin and copy_end */
    bool copy_in_tx;       /* it began inside a transaction */
    char *text;            /* the message being built, or the query with its NUL */
    size_t text_len, text_cap;
    size_t *starts; /* where each statement of the batch begins in text */
    uint32_t starts_cap;
    const char **values; /* one row, for the caller of query */
    uint64_t *lens;
    uint32_t row_cap;
    char version[64];
};

extern const struct dunlin_dialect postgres_dialect;

/* ---- postgres_error.c ---------------------------------------------------------------------- */

/* The portable kind of an SQLSTATE; NULL and unknown ones are SERVER. Pure. */
int postgres_kind(const char *sqlstate);
/* What a failed connection attempt was, from the text that is all libpq tells; *sqlstate is set to
 * the code that belongs to it, or NULL. Pure, English. */
int postgres_connect_kind(const char *message, const char **sqlstate);
/* Copies text: invalid UTF-8 becomes '?', too long is cut at a character border. */
void postgres_copy(char *to, size_t size, const char *text);
/* Fills *err from an error result. Returns the kind. */
int postgres_fail(struct dunlin_conn *c, const PGresult *result, struct dunlin_error *err);
/* For an error of libpq itself, on a connection that may be gone. */
int postgres_fail_libpq(struct dunlin_conn *c, struct dunlin_error *err);
/* For a failed attempt to connect; pg may be NULL. */
int postgres_fail_connect(const struct dunlin_host *host, const PGconn *pg,
                          struct dunlin_error *err);

/* ---- postgres.c ---------------------------------------------------------------------------- */

/* Makes room for more bytes behind text_len. */
bool postgres_text_reserve(struct dunlin_conn *c, size_t more);
/* Before a call sends anything: refuses a connection that is in the middle of a copy. */
int postgres_begin_call(struct dunlin_conn *c, struct dunlin_error *err);

/* ---- postgres_exec.c ----------------------------------------------------------------------- */

int postgres_exec(struct dunlin_conn *c, struct dunlin_batch *batch, struct dunlin_error *err);
int postgres_query(struct dunlin_conn *c, const char *sql, uint64_t len, dunlin_row_fn row,
                   void *user, struct dunlin_error *err);
int postgres_copy_begin(struct dunlin_conn *c, const struct dunlin_stmt *stmt,
                        struct dunlin_error *err);
int postgres_copy_write(struct dunlin_conn *c, const char *data, uint64_t len,
                        struct dunlin_error *err);
int postgres_copy_end(struct dunlin_conn *c, const char *abort, uint64_t *rows,
                      struct dunlin_error *err);

#endif
