/* SPDX-License-Identifier: MIT */
/*
 * What a statement does to the locks and tables of the open transaction, seen from before and after
 * it. What is looked at is data of the dialect.
 */
#ifndef DUNLIN_RUN_OBSERVE_H
#define DUNLIN_RUN_OBSERVE_H

#include "run/run.h"

struct observation;

/* From here on statements are observed; what is there now is what can be affected. Refuses where a
 * rollback would not undo changes of something that is there. */
int observe_begin(struct run *r, struct dunlin_error *err);
void observe_end(struct run *r); /* also where nothing is observed */

/* Before and after one statement; these do nothing where nothing is observed. before also starts
 * the clock. after fills micros and detail of the statement's end; detail is valid until the next
 * call. */
int observe_before(struct run *r, struct dunlin_error *err);
int observe_after(struct run *r, struct dunlin_event *event, struct dunlin_error *err);
/* Refuses to go on when the transaction of the rehearsal is over. */
int observe_open(struct run *r, struct dunlin_error *err);
/* Something of ours ran: what is observed next has to be compared with what is then. */
void observe_stale(struct run *r);

#endif
