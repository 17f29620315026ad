/* SPDX-License-Identifier: MIT */
/* One migration on its way: what the two ways of running it share. Private to src/run. */
#ifndef DUNLIN_RUN_MIGRATE_H
#define DUNLIN_RUN_MIGRATE_H

#include "run/batch.h"
#include "run/body.h"

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
};

/* transaction.c: everything and the history row in one transaction. */
int run_transaction(struct migrating *m, struct dunlin_error *err);
/* journal.c: statement by statement, each noted in the history. */
int run_journal(struct migrating *m, struct dunlin_error *err);

/* migrate.c: statements of ours that both ways need. Each returns a status. */
int migrate_reset(struct migrating *m, struct dunlin_error *err);
int migrate_timeouts(struct migrating *m, bool in_transaction, struct dunlin_error *err);
int migrate_add_sql(struct migrating *m, enum entry_role role, struct dunlin_error *err);
/* Ends an unfinished COPY, and sends ROLLBACK where a transaction is open. */
void migrate_rollback(struct migrating *m);
/* Where the script is: for messages. */
const char *migrate_path(const struct migrating *m);
/* Progress by bytes, for scripts that are large. */
void migrate_progress(struct migrating *m, const struct piece *piece);

#endif
