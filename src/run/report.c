/* SPDX-License-Identifier: MIT */
/* Events out, statuses of errors. */
#include "run/run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/error.h"
#include "history/sql.h"

void run_emit(struct run *r, struct dunlin_event *event)
{
    if (!r->on_event)
        return;
    event->size = sizeof(*event);
    event->seq = ++r->seq;
    if (r->on_event(event, r->event_user) != 0)
        atomic_store(&r->cancelled, true);
}

void run_warn(struct run *r, const char *format, ...)
{
    struct dunlin_event event = {.type = DUNLIN_EVENT_WARNING};
    char text[1024];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    event.text = text;
    run_emit(r, &event);
}

void run_warn_turns(struct run *r, const struct plan_script *s)
{
    for (unsigned k = 0; k < SECTION_COUNT; k++) {
        const struct statement_ref *at = &s->script.sections[k].turns;

        if (at->line)
            run_warn(r,
                     "%s:%" PRIu32 ":%" PRIu32 ": a character in a comment or between quotes turns "
                     "the direction of the text: what runs is not what an editor shows",
                     s->file ? s->file->path : "down script in the history", at->line, at->column);
    }
}

void run_timeout_sql(struct buf *b, const char *text, uint64_t ms, bool in_transaction)
{
    char millis[24], seconds[24];
    const struct sql_var vars[] = {{"ms", millis},
                                   {"s", seconds},
                                   {"local", in_transaction ? "LOCAL" : "SESSION"},
                                   {NULL, NULL}};

    snprintf(millis, sizeof(millis), "%" PRIu64, ms);
    snprintf(seconds, sizeof(seconds), "%" PRIu64, ms / 1000 + (ms % 1000 ? 1 : 0));
    sql_template(b, text, vars);
}

uint64_t run_micros(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

int run_interrupted(struct dunlin_error *err)
{
    return error_set(err, DUNLIN_INTERRUPTED, DUNLIN_KIND_CANCELLED, "interrupted");
}

const char *run_again(const struct run *r, enum dunlin_direction direction)
{
    if (r->again)
        return r->again;
    return direction == DUNLIN_UP ? "up" : "down";
}

int run_stopped(const struct run *r, struct dunlin_error *err)
{
    if (!atomic_load(&r->expired))
        return run_interrupted(err);
    return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_TIMEOUT,
                     "stopped: the time for the whole run is over");
}

int run_status(const struct run *r, int kind, struct dunlin_error *err)
{
    enum dunlin_status status = status_of_kind((enum dunlin_kind)kind);

    if (atomic_load(&r->expired))
        status = DUNLIN_FAILED;
    else if (atomic_load(&r->cancelled))
        status = DUNLIN_INTERRUPTED;
    else if (kind == DUNLIN_KIND_CANCELLED || status == DUNLIN_OK)
        status = DUNLIN_FAILED;
    if (err)
        err->status = (int32_t)status;
    return (int)status;
}

int run_query(struct run *r, const struct buf *sql, dunlin_row_fn row, void *user,
              struct dunlin_error *err)
{
    if (!sql->failed)
        return r->driver->query(r->conn, sql->data, sql->len, row, user, err);
    (void)error_nomem(err);
    return DUNLIN_KIND_NOMEM;
}

bool run_cancel_hold(struct run *r)
{
    return atomic_exchange(&r->cancelled, false);
}

void run_cancel_release(struct run *r, bool cancelled)
{
    if (cancelled)
        atomic_store(&r->cancelled, true);
}
