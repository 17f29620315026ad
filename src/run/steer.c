/* SPDX-License-Identifier: MIT */
/*
 * Commands that combine runs: to one version, down and up again, on from where a run stopped. What
 * goes both ways looks, takes the run lock, looks again, and holds it to the end: no other run
 * comes in between.
 */
#include "run/run.h"

#include <string.h>

#include "base/error.h"

/* A look at history and folder, and the names of some migrations in it. */
struct steering {
    struct arena arena;
    struct history history;
    struct plan plan;
    const char **names;
    size_t count;
    uint64_t total; /* migrations known */
};

static int steering_look(struct run *r, struct steering *s, struct dunlin_error *err)
{
    int rc;

    memset(s, 0, sizeof(*s));
    rc = run_match(r, &s->arena, &s->history, &s->plan, err);
    if (rc)
        return rc;
    s->names = arena_calloc(&s->arena, s->plan.count + 1, sizeof(*s->names));
    if (!s->names)
        return error_nomem(err);
    for (size_t i = 0; i < s->plan.count; i++)
        s->total += !s->plan.items[i].outside;
    return DUNLIN_OK;
}

static void steering_free(struct steering *s)
{
    plan_free(&s->plan);
    arena_free(&s->arena);
}

/* Remembers "LABEL/VERSION", which is one migration whatever else has that number. */
static int steering_name(struct steering *s, const struct plan_item *item, struct dunlin_error *err)
{
    struct buf name = BUF_INIT(65536);

    buf_addf(&name, "%s/%s", item->source, item->version);
    s->names[s->count] = name.failed ? NULL : arena_strdup(&s->arena, buf_str(&name));
    buf_free(&name);
    return s->names[s->count++] ? DUNLIN_OK : error_nomem(err);
}

static struct dunlin_goal steering_goal(const struct steering *s)
{
    struct dunlin_goal goal = DUNLIN_GOAL_INIT;

    goal.only = s->names;
    goal.nonly = s->count;
    return goal;
}

static void add_down(struct dunlin_summary *sum, const struct dunlin_summary *down)
{
    sum->reverted += down->run;
    sum->micros += down->micros;
}

static void add_up(struct dunlin_summary *sum, const struct dunlin_summary *up)
{
    uint64_t reverted = sum->reverted, micros = sum->micros;

    *sum = *up;
    sum->reverted = reverted;
    sum->micros += micros;
}

/* ---- redo ------------------------------------------------------------------------------------ */

/* What can be refused is refused before the first one is reverted: all of it has to go up again. */
static int redo_check(struct run *r, struct steering *s, struct dunlin_error *err)
{
    struct plan_engine engine;
    int rc;

    for (size_t i = 0; i < s->plan.count; i++) {
        struct plan_item *item = &s->plan.items[i];

        if (!item->selected)
            continue;
        if (!item->migration) {
            error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                      "version %s (%s) cannot be applied again: its file is missing", item->version,
                      item->name);
            error_state(err, "nothing was run");
            return DUNLIN_CONFLICT;
        }
        item->state = DUNLIN_STATE_PENDING; /* it may have been edited: that is what redo is for */
        rc = steering_name(s, item, err);
        if (rc)
            return rc;
    }
    rc = plan_conflicts(&s->plan, DUNLIN_ORDER_ALLOW, err);
    if (!rc)
        rc = run_session(r, err);
    if (rc)
        return rc;
    engine = (struct plan_engine){.dialect = r->lexing,
                                  .tx_ddl = (r->driver->caps & DUNLIN_CAP_TX_DDL) != 0};
    return plan_scan(&s->plan, &engine, DUNLIN_UP, err);
}

static int redo_look(struct run *r, uint64_t count, struct steering *s, size_t *selected,
                     struct dunlin_error *err)
{
    struct dunlin_goal goal = DUNLIN_GOAL_INIT;
    int rc = steering_look(r, s, err);

    goal.count = count;
    *selected = 0;
    if (!rc)
        rc = plan_down(&s->plan, &goal, selected, err);
    return rc || *selected == 0 ? rc : redo_check(r, s, err);
}

int run_redo(struct run *r, uint64_t count, struct dunlin_summary *summary,
             struct dunlin_error *err)
{
    struct dunlin_summary sum = DUNLIN_SUMMARY_INIT, one = DUNLIN_SUMMARY_INIT;
    struct dunlin_goal goal;
    struct steering s;
    size_t selected;
    bool held = false;
    int rc = redo_look(r, count, &s, &selected, err);

    if (!rc && selected > 0)
        rc = run_lock(r, &held, err);
    if (!rc && held) {
        steering_free(&s);
        rc = redo_look(r, count, &s, &selected, err);
    }
    sum.total = s.total;
    goal = steering_goal(&s);
    if (!rc && selected > 0) {
        r->again = "redo";
        rc = run_down(r, &goal, &one, err);
        r->again = NULL;
        add_down(&sum, &one);
    }
    if (!rc && selected > 0) {
        rc = run_up(r, &goal, &one, err);
        add_up(&sum, &one);
        if (rc && err && !err->next[0])
            error_next(err, "dunlin up");
    }
    if (held)
        run_unlock(r);
    steering_free(&s);
    if (summary)
        *summary = sum;
    return rc;
}

/* ---- to -------------------------------------------------------------------------------------- */

/* Whether something behind this item can be reverted. */
static bool applied_behind(const struct plan *p, size_t index)
{
    for (size_t i = index + 1; i < p->count; i++) {
        const struct plan_item *item = &p->items[i];

        if (!item->outside && plan_is_applied(item) && strcmp(item->kind, "repeatable") != 0)
            return true;
    }
    return false;
}

static int to_look(struct run *r, const char *version, struct steering *s, bool *down, bool *up,
                   struct dunlin_error *err)
{
    size_t index = 0;
    int rc = steering_look(r, s, err);

    if (!rc)
        rc = plan_find(&s->plan, version, &index, err);
    if (rc)
        return rc;
    *down = applied_behind(&s->plan, index);
    *up = !plan_is_applied(&s->plan.items[index]);
    /* What up would refuse, it refuses before anything is reverted. */
    return *up ? plan_conflicts(&s->plan, r->options.order, err) : DUNLIN_OK;
}

int run_to(struct run *r, const char *version, struct dunlin_summary *summary,
           struct dunlin_error *err)
{
    struct dunlin_summary sum = DUNLIN_SUMMARY_INIT, one = DUNLIN_SUMMARY_INIT;
    struct dunlin_goal goal = DUNLIN_GOAL_INIT;
    bool down = false, up = false, held = false;
    struct steering s;
    int rc = to_look(r, version, &s, &down, &up, err);

    if (!rc && down && up)
        rc = run_lock(r, &held, err);
    if (!rc && held) {
        steering_free(&s);
        rc = to_look(r, version, &s, &down, &up, err);
    }
    goal.to = version;
    sum.total = s.total;
    if (!rc)
        r->again = arena_printf(&s.arena, "to %s", version);
    if (!rc && down) {
        rc = run_down(r, &goal, &one, err);
        add_down(&sum, &one);
    }
    if (!rc && up) {
        rc = run_up(r, &goal, &one, err);
        add_up(&sum, &one);
    }
    if (held)
        run_unlock(r);
    r->again = NULL;
    steering_free(&s);
    if (summary)
        *summary = sum;
    return rc;
}

/* ---- resume ---------------------------------------------------------------------------------- */

/* A base schema comes before every migration, and belongs to no folder. */
static bool is_base(const struct plan_item *item)
{
    return item->outside && strcmp(item->source, PLAN_BASE_SCHEMA) == 0;
}

static const struct plan_item *unfinished(const struct plan *p)
{
    const struct plan_item *found = NULL;

    for (size_t i = 0; i < p->count; i++) {
        const struct plan_item *item = &p->items[i];

        if ((item->outside && !is_base(item)) || !item->row ||
            (item->row->status != HISTORY_RUNNING && item->row->status != HISTORY_PARTIAL))
            continue;
        if (!found || is_base(item))
            found = item;
    }
    return found;
}

static int resume_base(struct run *r, const struct plan_item *item, struct dunlin_error *err)
{
    if (r->options.baseline_schema)
        return run_schema(r, err);
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY, "the base schema %s was loaded in part",
              item->version);
    error_hint(err, "say which file it is: dunlin resume --baseline-schema FILE");
    error_state(err, "nothing was run");
    return DUNLIN_CONFLICT;
}

static int resume_item(struct run *r, struct steering *s, const struct plan_item *item,
                       struct dunlin_summary *sum, struct dunlin_error *err)
{
    struct dunlin_summary one = DUNLIN_SUMMARY_INIT;
    struct dunlin_goal goal;
    int rc = steering_name(s, item, err);

    if (rc)
        return rc;
    goal = steering_goal(s);
    if (history_reverting(item->row)) {
        rc = run_down(r, &goal, &one, err);
        add_down(sum, &one);
    } else {
        rc = run_up(r, &goal, &one, err);
        add_up(sum, &one);
    }
    return rc;
}

int run_resume(struct run *r, bool skip, struct dunlin_summary *summary, struct dunlin_error *err)
{
    struct dunlin_summary sum = DUNLIN_SUMMARY_INIT;
    const struct plan_item *item = NULL;
    struct steering s;
    int rc = steering_look(r, &s, err);

    if (!rc)
        item = unfinished(&s.plan);
    sum.total = s.total;
    if (item) {
        r->options.resume = skip ? RESUME_SKIP : RESUME_AGAIN;
        rc = is_base(item) ? resume_base(r, item, err) : resume_item(r, &s, item, &sum, err);
        r->options.resume = RESUME_ASK;
    }
    steering_free(&s);
    if (summary)
        *summary = sum;
    return rc;
}
