/* SPDX-License-Identifier: MIT */
/*
 * Several small migrations in one message, each in its own transaction: the network is paid once.
 * It is a wager that all of them work. When the message fails, those whose COMMIT was reached are
 * applied; the others, of which nothing remains, are run one by one in the ordinary way, which
 * then says what is wrong and where.
 */
#ifndef DUNLIN_RUN_GROUP_H
#define DUNLIN_RUN_GROUP_H

#include "run/migrate.h"

struct group_member {
    struct migrating m;
    size_t first, last; /* its entries in the batch */
    bool applied;
};

struct group {
    struct run *run;
    struct batch batch;
    struct group_member **members;
    size_t count, cap;
    size_t next;    /* the member whose COMMIT is awaited */
    uint64_t start; /* of the message */
};

void group_init(struct group *g, struct run *r);
void group_free(struct group *g);
bool group_full(const struct group *g);
/* Takes an item in. RUN_ALONE: it has to run by itself, behind what the group holds. */
int group_add(struct group *g, struct plan_item *item, struct dunlin_error *err);
/* Sends what the group holds; *applied tells how many of its first members are applied. Not OK:
 * the others are not, and the error is only of interest when it cannot be had again: the
 * connection is lost, or the run was cancelled. */
int group_send(struct group *g, size_t *applied, struct dunlin_error *err);
/* Empties it. */
void group_clear(struct group *g);

#endif
