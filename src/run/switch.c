/* SPDX-License-Identifier: MIT */
/*
 * From one branch to another: what the history has and the folders do not have is reverted with
 * the kept down scripts, newest first; then what is pending is applied. Both halves are planned
 * and scanned before anything runs, so that what cannot be reverted is refused in time; and both
 * run under one hold of the run lock.
 */
#include "run/run.h"

#include <string.h>

#include "base/error.h"

/* Once they are reverted they are no conflict any more. */
static void set_aside(struct plan *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (!p->items[i].selected)
            continue;
        p->items[i].selected = false;
        p->items[i].outside = true;
    }
}

static int scan_ups(struct run *r, struct plan *p, size_t *selected, struct dunlin_error *err)
{
    const struct plan_engine engine = {.dialect = r->lexing,
                                       .tx_ddl = (r->driver->caps & DUNLIN_CAP_TX_DDL) != 0};
    int rc;

    set_aside(p);
    rc = plan_conflicts(p, DUNLIN_ORDER_ALLOW, err);
    if (!rc)
        rc = plan_up(p, NULL, selected, err);
    if (!rc && *selected)
        rc = run_session(r, err);
    return rc ? rc : plan_scan(p, &engine, DUNLIN_UP, err);
}

int run_switch_plan(struct run *r, struct plan *p, struct dunlin_summary *s,
                    struct dunlin_error *err)
{
    size_t ups = 0, downs = 0;
    int rc;

    r->only_missing = true;
    rc = run_plan(r, p, DUNLIN_DOWN, NULL, &downs, err);
    r->only_missing = false;
    if (!rc)
        rc = scan_ups(r, p, &ups, err);
    s->reverted = downs;
    s->run = s->pending = ups;
    return rc;
}

static int rehearse(struct run *r, struct dunlin_summary *s, struct dunlin_error *err)
{
    struct arena arena = ARENA_INIT;
    struct history h;
    struct plan p = {.count = 0};
    dunlin_event_fn on_event = r->on_event;
    int rc = run_match(r, &arena, &h, &p, err);

    r->on_event = NULL; /* what it warns of is told when it happens */
    if (!rc)
        rc = run_switch_plan(r, &p, s, err);
    r->on_event = on_event;
    plan_free(&p);
    arena_free(&arena);
    return rc;
}

int run_switch(struct run *r, struct dunlin_summary *summary, struct dunlin_error *err)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT, half = DUNLIN_SUMMARY_INIT;
    enum dunlin_order order = r->options.order;
    uint64_t start = run_micros(), reverted = 0;
    bool held = false;
    int rc = rehearse(r, &s, err);

    if (!rc && s.reverted)
        rc = run_lock(r, &held, err);
    if (!rc && held) /* another run may have been at work since the look */
        rc = rehearse(r, &s, err);
    r->again = "switch";
    if (!rc && s.reverted) {
        r->only_missing = true;
        rc = run_down(r, NULL, &half, err);
        r->only_missing = false;
        reverted = half.run;
    }
    memset(&s, 0, sizeof(s));
    s.size = sizeof(s);
    if (!rc) {
        r->options.order = DUNLIN_ORDER_ALLOW;
        rc = run_up(r, NULL, &s, err);
        r->options.order = order;
        if (rc && err && reverted && !err->next[0])
            error_next(err, "dunlin switch");
    }
    r->again = NULL;
    if (held)
        run_unlock(r);
    s.reverted = reverted;
    s.micros = run_micros() - start;
    if (summary)
        *summary = s;
    return rc;
}
