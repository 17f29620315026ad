/* SPDX-License-Identifier: MIT */
/*
 * The history table: what was applied to this database, when and how far. Reading it is one query;
 * writing is text that the run puts into its batches, so that a migration and its row share a
 * message and a transaction.
 */
#ifndef DUNLIN_HISTORY_HISTORY_H
#define DUNLIN_HISTORY_HISTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <dunlin/driver.h>
#include "base/arena.h"
#include "base/buf.h"

#define HISTORY_DEFAULT_TABLE "dunlin_migrations"
#define HISTORY_DOWN_MAX (1024u * 1024u) /* bytes of a down script that is kept in the history */

enum history_status {
    HISTORY_RUNNING,
    HISTORY_APPLIED,
    HISTORY_PARTIAL,
    HISTORY_FAILED,
    HISTORY_DEFERRED
};

/* The table's name; qualified once the session's schema is known, because a migration may change
 * what an unqualified name means. */
struct foreign_on;
struct sql_var;
struct history_table {
    const struct dunlin_dialect *dialect;
    const char *schema; /* NULL = not known yet */
    const char *name;
    const char *quoted; /* for SQL */
};

struct history_row {
    const char *source, *version, *name;
    const char *kind; /* versioned, repeatable, baseline */
    enum history_status status;
    const char *checksum;
    uint64_t done, total;
    const char *applied_at; /* NULL = not set */
    int64_t duration_ms;    /* -1 = not set */
    const char *applied_by;
    const char *error;
    const char *statements_hash; /* over the finished statements of a partial one */
    bool has_down;               /* a down script is kept with the row */
    bool elsewhere;              /* its migration is in a form that dunlin does not read */
    bool shared;                 /* it stands in a table of another tool, which knows it .. */
    const char *key;             /* .. by this */
};

struct history {
    bool exists; /* the table does */
    struct history_row *rows;
    size_t count;
};

/* spec: "[SCHEMA.]NAME", NULL = the default. */
int history_table_init(struct history_table *t, const struct dunlin_dialect *d, const char *spec,
                       struct arena *arena, struct dunlin_error *err);
/* Puts schema before a name that has none. */
int history_table_qualify(struct history_table *t, const char *schema, struct arena *arena,
                          struct dunlin_error *err);

/* One query. A missing table is an empty history; one with other columns is refused. */
int history_read(const struct dunlin_driver *driver, struct dunlin_conn *conn,
                 const struct history_table *t, struct arena *arena, struct history *out,
                 struct dunlin_error *err);
/* The down script kept with a row, uncompressed; *text NULL when there is none. */
int history_read_down(const struct dunlin_driver *driver, struct dunlin_conn *conn,
                      const struct history_table *t, const struct history_row *row,
                      struct arena *arena, char **text, size_t *len, struct dunlin_error *err);

/* Whether the row's migration is half reverted, rather than half applied: its journal says so. */
bool history_reverting(const struct history_row *row);
#define HISTORY_REVERTING "down:" /* before the hash of a migration that is being reverted */
/* In place of a hash: one transaction was to hold row and migration. Whoever reads it sees one that
 * was torn. */
#define HISTORY_WHOLE "transaction"

const char *history_status_name(enum history_status status);

/* ---- statements; each appends one without terminator ---- */

/* What a run knows of a migration when it begins. */
struct history_entry {
    const char *source, *version, *name, *kind, *checksum, *applied_by;
    uint64_t done, total;
    bool checksum_late; /* it is only known when the row ends */
    bool whole;         /* in a transaction that the engine may end unasked: says so until then */
    const char *down;   /* NULL = none */
    size_t down_len;
    /* Not NULL: the row goes into the table of another tool, which has no place for a journal: it
     * is written when everything is done, or where shared_claims, as the claim. */
    const struct history_table *shared;
    bool shared_claims;
    const struct foreign_on *foreign; /* that table, and what the migration is in it: */
    const char *key, *sum, *title, *file, *previous;
    uint64_t position;
    bool marked;                /* nothing of it ran */
    const struct sql_var *more; /* what its tool's statements name beside these; NULL = nothing */
};

void history_sql_create(struct buf *b, const struct history_table *t);
/* Inserts the row; the primary key makes it the claim to this migration. */
void history_sql_insert(struct buf *b, const struct history_table *t, const struct history_entry *e,
                        enum history_status status);
/* Removes a row as it was read (same status and checksum), so that it can be inserted anew. */
void history_sql_remove(struct buf *b, const struct history_table *t,
                        const struct history_row *row);
/* Marks as applied now, all statements done, with the time since the start. */
void history_sql_finish(struct buf *b, const struct history_table *t,
                        const struct history_entry *e);
/* The journal: that many statements are done, with the hash over them. */
void history_sql_progress(struct buf *b, const struct history_table *t,
                          const struct history_entry *e, uint64_t done, const char *hash);
/* Changes nothing, and commits. */
void history_sql_touch(struct buf *b, const struct history_table *t, const struct history_entry *e);
/* Sets status and error text (NULL = none); total and checksum follow the file, which may have
 * been mended. */
void history_sql_status(struct buf *b, const struct history_table *t, const struct history_entry *e,
                        enum history_status status, const char *error);
/* From here on the row tells that it is being reverted, and that nothing of that is done: in one
 * statement, as a row that runs and is not known to be reverted would be finished by up. */
void history_sql_reverting(struct buf *b, const struct history_table *t,
                           const struct history_entry *e);

#endif
