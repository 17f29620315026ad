/* SPDX-License-Identifier: MIT */
/*
 * Several small migrations sent together, each reported by itself: network and disk are paid once.
 * How far they stay apart depends on the engine:
 *
 * - Each in its own transaction (PostgreSQL). All but the last need not wait for the disk. When the
 *   message fails, those whose COMMIT was reached are applied; of the others nothing remains, and
 *   they are run one by one, which then says what is wrong and where.
 * - Each with its journal, where the engine commits by itself (MySQL). The server stops at the
 *   statement that fails: those before it are applied, and that one is treated as if it had run
 *   alone. Rows that close a migration, its row, and the claim of the one behind it share a COMMIT.
 * - Each in a savepoint of one transaction, where a commit costs what the work does (SQLite). The
 *   ones before a failure are kept, and those from it on are run one by one.
 */
#ifndef DUNLIN_RUN_GROUP_H
#define DUNLIN_RUN_GROUP_H

#include "run/migrate.h"

struct group_member {
    struct migrating m;
    size_t first, last; /* its entries in the batch */
    bool claims_next;   /* .. with the claim of the member behind it before the last */
};

struct group {
    struct run *run;
    struct batch batch;
    struct group_member **members;
    size_t count, cap;
    size_t next;    /* the member whose end is awaited: those before it are done */
    bool begun;     /* something was sent */
    bool dirty;     /* of the run, before the first member came */
    size_t told;    /* the events of so many members are out */
    uint64_t start; /* of the message */
};

void group_init(struct group *g, struct run *r);
void group_free(struct group *g);
bool group_full(const struct group *g);
/* Takes an item in. RUN_ALONE: it has to run by itself, behind what the group holds. */
int group_add(struct group *g, struct plan_item *item, struct dunlin_error *err);
/* One member has nobody to share with: it runs by itself, as if it had not been taken in. */
bool group_alone(struct group *g);
/* Sends what the group holds; *applied tells how many of its first members are applied. */
int group_send(struct group *g, size_t *applied, struct dunlin_error *err);
/* After group_send failed with rc: what becomes of the member behind the applied ones. *again tells
 * that nothing of it remains, so that it and those behind it can be run one by one; otherwise
 * returned is how it ended. */
int group_failed(struct group *g, int rc, bool *again, struct dunlin_error *err);
/* Empties it. */
void group_clear(struct group *g);

#endif
