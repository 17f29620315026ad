/* SPDX-License-Identifier: MIT */
/*
 * A rehearsal: everything that up would run, in one transaction that is rolled back, statement by
 * statement and observed. What is observed (locks, rewrites, scans) is data of the dialect.
 */
#ifndef DUNLIN_RUN_REHEARSE_H
#define DUNLIN_RUN_REHEARSE_H

#include "run/run.h"

struct rehearsal;

/* Before and after one statement; these do nothing where there is no rehearsal. before also starts
 * the clock. after fills micros and detail of the statement's end; detail is valid until the next
 * call. */
int rehearse_before(struct run *r, struct dunlin_error *err);
int rehearse_after(struct run *r, struct dunlin_event *event, struct dunlin_error *err);
/* Something of ours ran: what is observed next has to be compared with what is then. */
void rehearse_stale(struct run *r);

#endif
