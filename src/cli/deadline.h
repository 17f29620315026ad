/* SPDX-License-Identifier: MIT */
/* The time for a whole command. When it is over, the run is stopped as a signal would stop it. */
#ifndef DUNLIN_CLI_DEADLINE_H
#define DUNLIN_CLI_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include "cli/interrupt.h"

struct deadline;

/* Starts the watch; call it behind interrupt_start. */
int deadline_start(struct deadline **out, uint64_t ms, struct interrupt *in,
                   struct dunlin_error *err);
bool deadline_passed(struct deadline *d); /* NULL is allowed */
/* Ends the watch. Call it before interrupt_stop. NULL is allowed. */
void deadline_stop(struct deadline *d);

#endif
