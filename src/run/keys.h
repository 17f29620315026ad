/* SPDX-License-Identifier: MIT */
/*
 * Foreign keys off for the time of a table rebuild, on engines that can only switch them outside a
 * transaction. What they would have refused meanwhile is looked for before it is committed.
 */
#ifndef DUNLIN_RUN_KEYS_H
#define DUNLIN_RUN_KEYS_H

#include "run/run.h"

/* Whether a section runs with them off. */
bool keys_wanted(const struct section *s);
/* Switches them off, outside a transaction; *off tells that they were on. */
int keys_suspend(struct run *r, bool *off, struct dunlin_error *err);
/* Refuses rows that break one; path names what ran, for the message. */
int keys_check(struct run *r, const char *path, struct dunlin_error *err);
/* Switches them on again, also after a cancel: the session goes on. */
int keys_restore(struct run *r, struct dunlin_error *err);

#endif
