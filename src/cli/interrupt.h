/* SPDX-License-Identifier: MIT */
/*
 * SIGINT, SIGTERM and SIGHUP. They are blocked everywhere and taken by one thread, which asks the
 * library to stop: the run then ends in order, with its transaction rolled back and its lock
 * released. Before there is a run to stop, the process just ends.
 */
#ifndef DUNLIN_CLI_INTERRUPT_H
#define DUNLIN_CLI_INTERRUPT_H

#include <stdbool.h>
#include <dunlin/dunlin.h>

struct interrupt;

/* Starts the thread. Call it before anything else starts one: they inherit the blocked signals. */
int interrupt_start(struct interrupt **out, struct dunlin_error *err);
/* What a signal stops from now on. NULL = nothing any more: signals are then only remembered. */
void interrupt_target(struct interrupt *in, struct dunlin *d);
/* The time for the run is over: stops it, as a signal would. */
void interrupt_expire(struct interrupt *in);
/* Ends the thread. NULL is allowed. */
void interrupt_stop(struct interrupt *in);

#endif
