/* SPDX-License-Identifier: MIT */
/*
 * The connection broke in the middle of a run, maybe behind a COMMIT whose answer never came. A
 * second connection waits for the run lock, which the server holds for the first one as long as it
 * is still at work for it, and then reads in the history what became of it. Nothing is run again.
 */
#include "run/run.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "run/body.h"

#define WAIT_MAX_MS 10000u /* for the server to finish what the lost connection had sent */

/* Without a lock that the lost connection holds, what it does may not have ended yet. */
static bool may_look(const struct run *r, int rc, const struct dunlin_error *err)
{
    return rc > 0 && err && err->kind == DUNLIN_KIND_LOST && r->params && r->dialect->lock &&
           !r->lock_local && r->lock_depth == 0 && !atomic_load(&r->cancelled);
}

/* How many migrations are pending and applied by now. */
static int count(struct run *r, struct dunlin_summary *now, struct dunlin_error *err)
{
    struct arena arena = ARENA_INIT;
    struct history h;
    struct plan p = {.count = 0};
    bool held = false;
    int rc = run_connect_hooks(r, err);

    if (!rc)
        rc = run_lock(r, &held, err);
    if (!rc)
        rc = run_match(r, &arena, &h, &p, err);
    if (!rc)
        run_count(&p, now);
    if (held)
        run_unlock(r);
    plan_free(&p);
    arena_free(&arena);
    return rc;
}

/* On a connection of its own: dunlin_cancel may be at the lost one. */
static bool look(const struct run *r, struct dunlin_summary *now)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct run second = *r;
    int rc;

    second.conn = NULL;
    second.arena = (struct arena)ARENA_INIT;
    second.on_event = NULL;
    second.lock_takes = 0;
    second.lock_doubt = second.beside = false;
    if (second.options.lock_wait_ms > WAIT_MAX_MS)
        second.options.lock_wait_ms = WAIT_MAX_MS;
    if (r->driver->open(&r->host, r->params, r->nparams, &second.conn, &ignored))
        return false;
    rc = count(&second, now, &ignored);
    run_disconnect(&second);
    return rc == DUNLIN_OK;
}

int run_lost(struct run *r, enum dunlin_direction direction, const struct dunlin_summary *first,
             uint64_t selected, struct dunlin_summary *s, int rc, struct dunlin_error *err)
{
    struct dunlin_summary now = DUNLIN_SUMMARY_INIT;
    bool up = direction == DUNLIN_UP;
    uint64_t done;

    if (!may_look(r, rc, err) || !look(r, &now))
        return rc;
    if (up)
        done = first->pending > now.pending ? first->pending - now.pending : 0;
    else
        done = first->before > now.before ? first->before - now.before : 0;
    s->run = done;
    s->pending = now.pending;
    err->flags &= ~(uint32_t)DUNLIN_ERROR_OUTCOME_UNKNOWN;
    if (done >= selected && !hooks_any(r, HOOK_AFTER_ALL, NULL)) {
        run_warn(r, "the connection broke before the last answer; the history, read again, says "
                    "that everything was done");
        return DUNLIN_OK;
    }
    /* Statements that stay, and of which another tool's table says nothing: they have been told. */
    if (rc == DUNLIN_PARTIAL && r->options.history == DUNLIN_HISTORY_LAYOUT)
        return rc;
    error_state(err,
                "the history, read again, says that %" PRIu64 " of %" PRIu64
                " migrations of this run are %s",
                done, selected, up ? "applied" : "reverted");
    error_next(err, "dunlin %s", run_again(r, direction));
    return rc;
}
