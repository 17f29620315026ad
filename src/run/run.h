/* SPDX-License-Identifier: MIT */
/*
 * Executing a plan: session, lock, batches, transactions, journal. The only part that talks to a
 * driver; it reports through events only.
 */
#ifndef DUNLIN_RUN_RUN_H
#define DUNLIN_RUN_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <dunlin/dunlin.h>
#include <dunlin/driver.h>
#include "base/arena.h"
#include "base/buf.h"
#include "history/history.h"
#include "plan/plan.h"
#include "source/source.h"

#define LOCK_NAME_SIZE 41 /* 40 hex digits and NUL */

/* What the caller of the library chose. Strings are owned by the context. */
struct run_options {
    const char *applied_by; /* NULL = the database user */
    enum dunlin_order order;
    uint64_t lock_wait_ms, lock_timeout_ms, statement_timeout_ms;
};

/* One connection and what is known of its session. */
struct run {
    const struct dunlin_driver *driver;
    const struct dunlin_dialect *dialect;
    struct dunlin_conn *conn;
    struct dunlin_host host;
    struct run_options options;
    struct source *source;
    struct history_table table;
    struct script_dialect lexing; /* with the session's settings, once session_known */
    struct arena arena;           /* lives as long as the connection */
    const char *user;             /* database user, NULL = not known */
    bool session_known;
    bool dirty; /* a migration ran in this session: reset before the next */
    int64_t lock_key;
    char lock_name[LOCK_NAME_SIZE];
    atomic_bool cancelled;
    dunlin_event_fn on_event;
    void *event_user;
    uint64_t seq;
};

/* ---- session.c ---- */

/* Connects and runs the connect hooks. */
int run_connect(struct run *r, const struct dunlin_param *params, uint32_t nparams,
                struct dunlin_error *err);
void run_disconnect(struct run *r);
/* Asks once for schema, user and lexing; then the table's name is qualified. */
int run_session(struct run *r, struct dunlin_error *err);
/* Every connect hook, as on a new connection. */
int run_connect_hooks(struct run *r, struct dunlin_error *err);

/* ---- lock.c ---- */

/* Polls for the run lock, holding no transaction. *held stays false on engines that need none. */
int run_lock(struct run *r, bool *held, struct dunlin_error *err);
void run_unlock(struct run *r);

/* ---- report.c ---- */

void run_emit(struct run *r, struct dunlin_event *event);
void run_warn(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Milliseconds become what the dialect's template asks for. */
void run_timeout_sql(struct buf *b, const char *text, uint64_t ms, bool in_transaction);
uint64_t run_micros(void); /* monotonic */
/* Gives an error that a driver filled the status that it means, and returns that. */
int run_status(const struct run *r, int kind, struct dunlin_error *err);
/* The error for a run that was asked to stop. */
int run_interrupted(struct dunlin_error *err);

/* ---- migrate.c ---- */

/* Returned when another runner applied or reverted the migration first: plan again. */
#define RUN_RACE (-1)

/* Runs one item of the plan. */
int run_item(struct run *r, struct plan *p, struct plan_item *item, enum dunlin_direction direction,
             struct dunlin_error *err);

/* ---- run.c ---- */

int run_up(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
           struct dunlin_error *err);
int run_down(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
             struct dunlin_error *err);
/* History and folder, matched and hashed. One query. h and p belong to the caller, also on failure
 * (p may be freed at any time). */
int run_match(struct run *r, struct arena *arena, struct history *h, struct plan *p,
              struct dunlin_error *err);
/* Plans without changing anything: what run_up or run_down would do. */
int run_plan(struct run *r, struct plan *p, enum dunlin_direction direction,
             const struct dunlin_goal *goal, size_t *selected, struct dunlin_error *err);

#endif
