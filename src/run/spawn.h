/* SPDX-License-Identifier: MIT */
/* Running one program: its environment, its output as lines, its end. */
#ifndef DUNLIN_RUN_SPAWN_H
#define DUNLIN_RUN_SPAWN_H

#include "run/run.h"

struct spawn {
    int folder;       /* descriptor: the working folder */
    const char *name; /* inside it */
    const char *path; /* for messages and events */
    const char *const *environment;
};

/* How it ended. */
struct spawn_end {
    bool started;
    bool stopped; /* ended by us after a cancel */
    int code;     /* exit status, or the signal's number */
    bool by_signal;
};

/* Runs it to its end. Each line that it prints becomes a NOTICE. A cancelled run ends it and all
 * that it started. Fails only where it could not be started. */
int spawn_run(struct run *r, const struct spawn *what, struct spawn_end *end,
              struct dunlin_error *err);

#endif
