/* SPDX-License-Identifier: MIT */
/* A whole run, up or down: look, lock, look again, plan, run. */
#include "run/run.h"

#include <string.h>

#include "base/error.h"
#include "run/batch.h"
#include "run/body.h"
#include "run/group.h"

void run_event(struct run *r, uint32_t type, enum dunlin_direction direction, uint64_t total,
               const struct dunlin_summary *s, const struct dunlin_error *err)
{
    struct dunlin_event event = {.type = type,
                                 .direction = (uint32_t)direction,
                                 .total = total,
                                 .done = s->run,
                                 .error = err};

    run_emit(r, &event);
}

static void warn_late(struct run *r, const struct plan_item *item)
{
    if (item->state == DUNLIN_STATE_LATE && r->options.order == DUNLIN_ORDER_WARN)
        run_warn(r, "%s comes before one that is applied already", plan_place(item));
}

static void state_before(const struct dunlin_summary *s, struct dunlin_error *err)
{
    char state[sizeof(err->state)];

    if (!err || s->run == 0 || !err->state[0])
        return;
    memcpy(state, err->state, sizeof(state));
    error_state(err, "%s; applied before it in this run: %llu", state, (unsigned long long)s->run);
}

/* Before this one; or it was rolled back among others. */
static int stopped_before(struct run *r, const struct plan_item *item,
                          enum dunlin_direction direction, struct dunlin_error *err)
{
    int rc = run_stopped(r, err);

    error_state(err, "%s is as it was before this run", plan_place(item));
    error_next(err, "dunlin %s", run_again(r, direction));
    return rc;
}

static int run_one(struct run *r, struct plan *p, struct plan_item *item,
                   enum dunlin_direction direction, struct dunlin_summary *s,
                   struct dunlin_error *err)
{
    int rc;

    if (atomic_load(&r->cancelled))
        return stopped_before(r, item, direction, err);
    rc = run_item(r, p, item, direction, err);
    file_text_free(item->up.text);
    file_text_free(item->down.text);
    item->up.text = item->down.text = NULL;
    if (rc == RUN_DEFERRED)
        s->deferred++;
    else if (rc == DUNLIN_OK)
        s->run++;
    return rc == RUN_DEFERRED ? DUNLIN_OK : rc;
}

/* Sends the group. Members that it did not come to are run one by one. */
static int group_flush(struct run *r, struct plan *p, struct group *g, struct dunlin_summary *s,
                       struct dunlin_error *err)
{
    size_t applied = 0;
    bool again = group_alone(g);
    int rc = again ? DUNLIN_OK : group_send(g, &applied, err);

    s->run += applied;
    if (rc) {
        rc = group_failed(g, rc, &again, err);
        if (!again && rc == DUNLIN_OK) { /* it was helped over the failure */
            s->run++;
            applied++;
        }
    }
    for (size_t i = 0; i < g->count; i++) {
        struct plan_item *item = g->members[i]->m.item;

        if (i >= applied && (again || !rc)) {
            rc = run_one(r, p, item, DUNLIN_UP, s, err);
            again = false;
        }
        file_text_free(item->up.text);
        item->up.text = NULL;
    }
    group_clear(g);
    return rc;
}

static int run_next(struct run *r, struct plan *p, struct group *g, struct plan_item *item,
                    struct dunlin_summary *s, struct dunlin_error *err)
{
    int rc;

    warn_late(r, item);
    rc = group_add(g, item, err);
    if (rc == DUNLIN_OK)
        return group_full(g) ? group_flush(r, p, g, s, err) : DUNLIN_OK;
    if (rc != RUN_ALONE)
        return rc;
    rc = group_flush(r, p, g, s, err);
    return rc ? rc : run_one(r, p, item, DUNLIN_UP, s, err);
}

static int run_each_up(struct run *r, struct plan *p, struct dunlin_summary *s,
                       struct dunlin_error *err)
{
    struct group g;
    int rc = DUNLIN_OK;

    group_init(&g, r);
    for (size_t i = 0; !rc && i < p->count; i++) {
        if (!p->items[i].selected)
            continue;
        if (atomic_load(&r->cancelled))
            rc = stopped_before(r, &p->items[i], DUNLIN_UP, err);
        else
            rc = run_next(r, p, &g, &p->items[i], s, err);
    }
    if (!rc)
        rc = group_flush(r, p, &g, s, err);
    group_free(&g);
    if (rc > 0)
        state_before(s, err);
    return rc;
}

static int run_each(struct run *r, struct plan *p, enum dunlin_direction direction,
                    struct dunlin_summary *s, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    if (direction == DUNLIN_UP)
        return run_each_up(r, p, s, err);
    for (size_t i = p->count; !rc && i-- > 0;) {
        if (p->items[i].selected)
            rc = run_one(r, p, &p->items[i], direction, s, err);
    }
    return rc;
}

/* Switching foreign keys has to happen outside the transaction, so it cannot be shared; a guard
 * that fails would end it. */
static bool can_share(const struct plan_item *item)
{
    const struct section *up = &item->up.script.sections[SECTION_UP];

    return item->mode == RUN_TRANSACTION && !(item->row && item->row->done) && !up->foreign_keys &&
           !up->options.foreign_keys_off && !(item->migration && item->migration->guards);
}

static int enclosable(const struct run *r, const struct plan *p, struct dunlin_error *err)
{
    if (!(r->driver->caps & DUNLIN_CAP_TX_DDL))
        return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_UNSUPPORTED,
                         "this engine cannot run several migrations in one transaction: its schema "
                         "changes commit by themselves");
    for (size_t i = 0; i < p->count; i++) {
        const struct plan_item *item = &p->items[i];

        if (!item->selected || can_share(item))
            continue;
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "%s cannot be part of one transaction with the others", plan_place(item));
        error_hint(err, "run without --transaction all, or up to the one before it first");
        error_state(err, "nothing was run");
        return DUNLIN_BAD_FILE;
    }
    return DUNLIN_OK;
}

/* One transaction around everything: all of it is there afterwards, or nothing. */
static int run_enclosed(struct run *r, struct plan *p, enum dunlin_direction direction,
                        struct dunlin_summary *s, struct dunlin_error *err)
{
    uint64_t before = s->run;
    int rc = enclosable(r, p, err);

    if (!rc)
        rc = batch_now(r, ENTRY_BEGIN, r->dialect->begin, err);
    if (rc)
        return rc;
    r->enclosed = true;
    rc = run_each(r, p, direction, s, err);
    r->enclosed = false;
    if (!rc)
        rc = batch_now(r, ENTRY_CONTROL, r->dialect->commit, err);
    if (!rc)
        return DUNLIN_OK;
    run_rollback(r);
    s->run = before;
    if (err && err->flags & DUNLIN_ERROR_OUTCOME_UNKNOWN)
        error_state(err, "the connection broke at the end: all of this run is in the database, or "
                         "nothing");
    else if (rc > 0)
        error_state(err, "nothing of this run is in the database: its one transaction was rolled "
                         "back");
    return rc;
}

static int run_selected(struct run *r, struct plan *p, enum dunlin_direction direction,
                        struct dunlin_summary *s, struct dunlin_error *err)
{
    return r->options.single_transaction ? run_enclosed(r, p, direction, s, err)
                                         : run_each(r, p, direction, s, err);
}

/* One attempt with the lock held: plans from a fresh look, and runs. */
static int locked_attempt(struct run *r, enum dunlin_direction direction,
                          const struct dunlin_goal *goal, struct dunlin_summary *s,
                          struct dunlin_error *err)
{
    struct arena arena = ARENA_INIT;
    struct history h;
    struct plan p = {.count = 0};
    size_t selected = 0;
    uint64_t earlier = s->run;
    int rc = run_match(r, &arena, &h, &p, err);

    if (!rc) {
        run_count(&p, s);
        rc = run_plan(r, &p, direction, goal, &selected, err);
    }
    if (!rc && selected > 0 && !h.exists && direction == DUNLIN_UP)
        rc = run_elsewhere(r, err);
    if (!rc && selected > 0 && !h.exists)
        rc = run_create_table(r, err);
    if (!rc && selected > 0 && earlier == 0) {
        run_event(r, DUNLIN_EVENT_RUN_BEGIN, direction, selected, s, NULL);
        rc = hooks_run(r, HOOK_BEFORE_ALL, NULL, err);
    }
    if (!rc && selected > 0)
        rc = run_selected(r, &p, direction, s, err);
    if (rc == DUNLIN_OK && s->run > 0)
        rc = hooks_run(r, HOOK_AFTER_ALL, NULL, err);
    s->pending -= direction == DUNLIN_UP && s->run - earlier <= s->pending ? s->run - earlier : 0;
    plan_free(&p);
    arena_free(&arena);
    return rc;
}

/* A goal that counts must not count again what a lost race has already run. */
static int locked_run(struct run *r, enum dunlin_direction direction,
                      const struct dunlin_goal *goal, struct dunlin_summary *s,
                      struct dunlin_error *err)
{
    struct dunlin_goal rest = DUNLIN_GOAL_INIT;
    bool held = false;
    int rc = run_session(r, err);

    if (!rc)
        rc = run_lock(r, &held, err);
    if (rc)
        return rc;
    if (goal)
        rest = *goal;
    do {
        if (goal && goal->count)
            rest.count = goal->count - s->run;
        rc = locked_attempt(r, direction, goal ? &rest : NULL, s, err);
    } while (rc == RUN_RACE && !(goal && goal->count && s->run >= goal->count));
    if (rc == RUN_RACE)
        rc = DUNLIN_OK;
    if (held)
        run_unlock(r);
    return rc;
}

static int run_direction(struct run *r, enum dunlin_direction direction,
                         const struct dunlin_goal *goal, struct dunlin_summary *summary,
                         struct dunlin_error *err)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT, first;
    uint64_t start = run_micros();
    size_t selected = 0;
    bool again;
    int rc = run_look(r, direction, goal, &s, &selected, &again, err);

    first = s;
    if (!rc && again) {
        if (err) /* what the look found may be over by now */
            *err = (struct dunlin_error)DUNLIN_ERROR_INIT;
        rc = locked_run(r, direction, goal, &s, err);
        rc = run_lost(r, direction, &first, selected, &s, rc, err);
    }
    s.micros = run_micros() - start;
    if (direction == DUNLIN_DOWN)
        s.total = s.before >= s.run ? s.before - s.run : 0;
    s.skipped = r->skipped;
    r->skipped = 0;
    run_event(r, DUNLIN_EVENT_RUN_END, direction, selected, &s, rc ? err : NULL);
    if (summary)
        *summary = s;
    return rc;
}

int run_up(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
           struct dunlin_error *err)
{
    int rc = r->options.baseline_schema ? run_schema(r, err) : DUNLIN_OK;

    return rc ? rc : run_direction(r, DUNLIN_UP, goal, summary, err);
}

int run_down(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
             struct dunlin_error *err)
{
    return run_direction(r, DUNLIN_DOWN, goal, summary, err);
}
