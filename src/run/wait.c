/* SPDX-License-Identifier: MIT */
/* Waiting for what somebody else holds: as long as allowed, and not longer than the run goes on. */
#include "run/run.h"

#include <time.h>

#include "base/error.h"

#define SLICE_MS 25u /* how soon a cancel is noticed */

bool run_sleep(struct run *r, uint64_t ms)
{
    while (ms > 0 && !atomic_load(&r->cancelled)) {
        uint64_t slice = ms < SLICE_MS ? ms : SLICE_MS;
        struct timespec t = {0, (long)(slice * 1000000u)};

        nanosleep(&t, NULL);
        ms -= slice;
    }
    return !atomic_load(&r->cancelled);
}

bool run_busy_wait(struct run *r, struct busy_wait *w)
{
    struct dunlin_event waiting = {.type = DUNLIN_EVENT_LOCK_WAIT};

    if (w->start == 0) {
        w->start = run_micros();
        run_emit(r, &waiting);
    }
    return (run_micros() - w->start) / 1000 < r->options.lock_wait_ms && run_sleep(r, SLICE_MS);
}

int run_busy_end(struct run *r, int rc, struct dunlin_error *err)
{
    bool busy = rc == DUNLIN_LOCKED || (rc && err && err->kind == DUNLIN_KIND_LOCKED);

    return busy && atomic_load(&r->cancelled) ? run_stopped(r, err) : rc;
}
