/* SPDX-License-Identifier: MIT */
/*
 * Statements on their way to the server in one message: those of a script, and ours around them
 * (BEGIN, the history row, COMMIT). A batch knows where each came from, so that an error gets its
 * file, line and column.
 */
#ifndef DUNLIN_RUN_BATCH_H
#define DUNLIN_RUN_BATCH_H

#include "run/run.h"

#define BATCH_BYTES (1024u * 1024u) /* a batch is sent when it has grown to this */
#define BATCH_STATEMENTS 1000u
#define BATCH_EXCERPT 120 /* bytes of a statement that its event shows */

enum entry_role {
    ENTRY_CONTROL, /* ours */
    ENTRY_BEGIN,   /* ours: where an engine may have to wait for its lock */
    ENTRY_CLAIM,   /* ours: fails with DUPLICATE when another runner was first */
    ENTRY_NOTE,    /* ours: that the statement before it, which is there for good, is done */
    ENTRY_BODY     /* from a script */
};

/* What the body statements of a batch are part of. */
struct batch_script {
    struct plan_script *script;
    uint64_t total; /* statements */
};

struct batch_entry {
    size_t offset, len;            /* in text */
    const struct batch_script *of; /* body only */
    uint64_t done;                 /* >0: when this has completed, so many are journaled for good */
    uint32_t number, line, column;
    enum entry_role role;
    bool replaced; /* placeholders were replaced, from this byte of it on */
    size_t intact;
};

/* Why a batch failed; valid after batch_send returned non-zero. */
struct batch_failure {
    int kind; /* enum dunlin_kind */
    enum entry_role role;
    bool known;      /* which entry failed is known */
    uint32_t number; /* of the body statement */
    size_t index;    /* of that entry; where it is not known, of the first that did not complete */
};

struct batch {
    struct run *run;
    /* Set: called for each entry that has completed, entries are kept until batch_clear, and
     * statements make no events by themselves. */
    void (*passed)(void *user, size_t index);
    void *passed_user;
    struct buf text;
    struct batch_entry *entries;
    struct dunlin_stmt *stmts;
    uint64_t *rows; /* per entry, after a send */
    size_t count, cap;
    uint64_t durable; /* the largest done that has completed */
    uint64_t sent;    /* body statements that have completed */
    bool opened;      /* a BEGIN of ours has completed */
    struct batch_failure failure;
};

void batch_init(struct batch *b, struct run *r);
void batch_free(struct batch *b);

/* Adds a statement of ours. */
int batch_control(struct batch *b, enum entry_role role, const char *sql, struct dunlin_error *err);
int batch_control_buf(struct batch *b, enum entry_role role, const struct buf *sql,
                      struct dunlin_error *err);
/* Adds each statement of a ';'-separated list of ours; NULL adds nothing. */
int batch_control_list(struct batch *b, const char *list, struct dunlin_error *err);
/* Adds a statement of a script. */
int batch_body(struct batch *b, const struct batch_script *of, const struct piece *piece,
               uint32_t number, struct dunlin_error *err);
/* The entry that was added last will have made so many statements durable. */
void batch_mark_done(struct batch *b, uint64_t done);
bool batch_full(const struct batch *b);

/* Sends what is there, if anything, and empties the batch, unless passed is set. On failure err has
 * the place. */
int batch_send(struct batch *b, struct dunlin_error *err);
/* One statement of ours, sent at once; sql NULL does nothing. */
int batch_now(struct run *r, enum entry_role role, const char *sql, struct dunlin_error *err);
/* Forgets what was added behind the first count entries. */
void batch_cut(struct batch *b, size_t count);
/* Forgets one entry. */
void batch_remove(struct batch *b, size_t index);
/* Events for the body statements among the entries from first on, before end, which have completed;
 * and for the one that failed. */
void batch_events(struct batch *b, size_t first, size_t end);
void batch_event_failed(struct batch *b, const struct dunlin_error *err);
/* Forgets what was not sent. */
void batch_clear(struct batch *b);

/* Where placeholders were replaced only the line of a place behind them is known. */
void place_replaced(const char *sql, size_t len, size_t intact, struct dunlin_error *err);
/* Fills file, line, column, source line and caret from what the driver told about a statement. */
void place_fill(const struct batch_script *of, const char *sql, size_t len, uint32_t line,
                uint32_t column, struct dunlin_error *err);

#endif
