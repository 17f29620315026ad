/* SPDX-License-Identifier: MIT */
/* One migration on its way: what the two ways of running it share. Private to src/run. */
#ifndef DUNLIN_RUN_MIGRATE_H
#define DUNLIN_RUN_MIGRATE_H

#include "base/checksum.h"
#include "run/batch.h"
#include "run/body.h"

/* A note that was left out: so many statements are done, and the hash over them. */
struct spared_note {
    uint64_t done;
    char hash[SHA256_HEX_SIZE];
};

struct migrating {
    struct run *run;
    struct plan_item *item;
    enum dunlin_direction direction;
    struct plan_script *script;
    const struct section *section;
    struct history_entry entry;
    struct batch batch;
    struct batch_script of;
    struct copy_feed copy;
    struct buf sql;    /* scratch for statements of ours */
    struct buf down;   /* the down script that goes into the history */
    uint64_t executed; /* statements sent */
    bool tolerate_exists, tolerate_missing;
    bool grouped; /* shares a message with other migrations: nothing is sent yet */
    struct spared_note spared;
    bool commits;         /* .. the last of what it sends is a COMMIT of ours */
    bool savepoint;       /* .. and a transaction: a savepoint takes the place of its own */
    bool may_remain;      /* a failed statement may have left something behind: */
    char remains[400];    /* .. what it has done, for a message */
    bool session_touched; /* a statement changed settings of the session */
    bool quiet;           /* no statement changed anything of it */
};

/* transaction.c: everything and the history row in one transaction. */
int run_transaction(struct migrating *m, struct dunlin_error *err);
/* Adds a whole migration to its batch, from reset to COMMIT, without sending. RUN_ALONE when a
 * statement of it cannot share a message with other migrations. */
int transaction_append(struct migrating *m, struct dunlin_error *err);
/* The message with it failed in it, as batch.failure tells: what run_transaction does then. */
int transaction_failed(struct migrating *m, int rc, struct dunlin_error *err);
/* journal.c: statement by statement, each noted in the history. */
int run_journal(struct migrating *m, struct dunlin_error *err);
/* Whether its row is another one than when the run was planned. */
int journal_row_changed(struct migrating *m, bool *changed, struct dunlin_error *err);
int journal_append(struct migrating *m, struct dunlin_error *err);
int journal_failed(struct migrating *m, int rc, struct dunlin_error *err);
/* Puts the note that was left out into sql, where so many statements are done. */
void journal_spared(struct migrating *m, uint64_t done);

/* Migrations that share one transaction have a savepoint each. */
#define GROUP_SAVEPOINT "SAVEPOINT dunlin_migration"
#define GROUP_SAVEPOINT_END "RELEASE SAVEPOINT dunlin_migration"
#define GROUP_SAVEPOINT_BACK "ROLLBACK TO SAVEPOINT dunlin_migration"
/* Whether a statement is one that changes rows, and surely neither commits nor refuses a
 * transaction. */
bool journal_changes_rows(const struct piece *piece);
/* guard.c: asks what the migration wants to know before it runs. *end is what becomes of it:
 * GUARD_WARN = it runs. */
int guard_ask(struct migrating *m, enum guard_end *end, struct dunlin_error *err);
/* program.c: a program of the folder, noted like one statement. */
int run_program(struct migrating *m, struct dunlin_error *err);

/* reset.c: what the migration before left in the session does not reach this one. */
int migrate_reset(struct migrating *m, struct dunlin_error *err);
/* migrate.c: statements of ours that both ways need. Each returns a status. */
int migrate_timeouts(struct migrating *m, bool in_transaction, struct dunlin_error *err);
/* Adds what is in m->sql: statements parted by NUL bytes. */
int migrate_add_sql(struct migrating *m, enum entry_role role, struct dunlin_error *err);
/* Puts into m->sql that the migration is not applied any more. */
void migrate_remove_sql(struct migrating *m, const struct history_row *row);
/* What a migration is called in the history, and its scripts. */
int migrate_prepare(struct migrating *m, struct dunlin_error *err);
void migrate_release(struct migrating *m); /* all but the batch */
void migrate_event(struct migrating *m, uint32_t type, uint32_t state, uint64_t micros,
                   const struct dunlin_error *err);
/* The event of its end; rc is what became of it. */
void migrate_end(struct migrating *m, int rc, uint64_t micros, struct dunlin_error *err);
/* Whether it runs statement by statement. */
bool migrate_journals(const struct migrating *m);
/* Ends an unfinished COPY, and sends ROLLBACK where a transaction is open. */
void migrate_rollback(struct migrating *m);

/* ---- concurrent.c ---- */

/* Drops the unusable index that an earlier attempt of this statement left, which would be in the
 * way or, with IF NOT EXISTS, be taken for the real one. */
int concurrent_prepare(struct migrating *m, const struct piece *piece, struct dunlin_error *err);
/* What becomes of a statement that an earlier run began, and may have carried out. */
enum doubt {
    DOUBT_ASK = 0, /* somebody has to look */
    DOUBT_AGAIN,   /* it left nothing, or may run twice */
    DOUBT_DONE
};
/* An index that is built under a name is there and valid, or it is not: then what there is of it is
 * dropped before it is built again. Of other statements *doubt stays as it is. */
int concurrent_doubt(struct migrating *m, const struct piece *piece, enum doubt *doubt,
                     struct dunlin_error *err);
/* Looks what a statement that failed has left: sets may_remain and remains. */
void concurrent_failed(struct migrating *m, const struct piece *piece);

/* ---- shared_write.c ---- */

/* Makes the entry one of the table that the layout's own tool keeps. */
int shared_prepare(struct migrating *m, struct dunlin_error *err);
/* That table cannot say how far a failed migration came: the error has to. */
void shared_explain(const struct migrating *m, uint64_t done, struct dunlin_error *err);

/* ---- retry.c ---- */

/* Forgets the attempt that failed. */
void migrate_again(struct migrating *m);
/* Whether a failed transaction may be tried again: one of its statements did not get its locks. */
bool retry_may(const struct migrating *m, uint32_t tries);
/* Tells who may be in the way, and waits, longer each time. False when cancelled. */
bool retry_wait(struct migrating *m, uint32_t tries, const struct dunlin_error *err);
/* The error of a run that was asked to stop meanwhile. */
int retry_stopped(const struct migrating *m, struct dunlin_error *err);

/* ---- tolerate.c ---- */

/* One statement of a script inside a savepoint: what exists already is passed over. */
int tolerate_statement(struct migrating *m, const struct piece *piece, uint32_t number,
                       struct dunlin_error *err);
/* Whether the failure is one that the migration may wait for. */
bool tolerate_defers(const struct migrating *m);
/* Whether the failure is one that is passed over; tells about it. */
bool tolerate_skips(struct migrating *m, const struct dunlin_error *err);
/* Records that the migration waits, outside any transaction. RUN_DEFERRED, or a status. */
int tolerate_defer(struct migrating *m, bool row_exists, struct dunlin_error *err);

/* What to do before the next try, as the beginning of a "next": it is not always the file that has
 * to be mended. */
const char *migrate_remedy(const struct dunlin_error *err);
/* Whether it is the file. */
bool migrate_blames_file(const struct dunlin_error *err);
/* Where the script is: for messages. */
const char *migrate_path(const struct migrating *m);
/* Progress by bytes, for scripts that are large. */
void migrate_progress(struct migrating *m, const struct piece *piece);

#endif
