/* SPDX-License-Identifier: MIT */
/* A whole run, up or down: look, lock, look again, plan, run. */
#include "run/run.h"

#include <string.h>

#include "base/error.h"
#include "run/batch.h"
#include "run/body.h"

int run_match(struct run *r, struct arena *arena, struct history *h, struct plan *p,
              struct dunlin_error *err)
{
    int rc = history_read(r->driver, r->conn, &r->table, arena, h, err);

    if (!rc)
        rc = plan_match(r->source, h, p, err);
    return rc ? rc : plan_hash(p, err);
}

static int select_items(struct run *r, struct plan *p, enum dunlin_direction direction,
                        const struct dunlin_goal *goal, size_t *selected, struct dunlin_error *err)
{
    int rc;

    if (direction == DUNLIN_DOWN)
        return plan_down(p, goal, selected, err);
    rc = plan_conflicts(p, r->options.order, err);
    return rc ? rc : plan_up(p, goal, selected, err);
}

/* Fetches the kept down scripts of selected items whose file is gone. */
static int stored_scripts(struct run *r, struct plan *p, struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        struct plan_item *item = &p->items[i];
        char *text;
        int rc;

        if (!item->selected || item->migration || !item->row->has_down)
            continue;
        rc = history_read_down(r->driver, r->conn, &r->table, item->row, &p->arena, &text,
                               &item->down.stored_len, err);
        if (rc)
            return rc;
        item->down.stored = text;
    }
    return DUNLIN_OK;
}

int run_plan(struct run *r, struct plan *p, enum dunlin_direction direction,
             const struct dunlin_goal *goal, size_t *selected, struct dunlin_error *err)
{
    struct plan_engine engine;
    int rc = select_items(r, p, direction, goal, selected, err);

    if (rc || *selected == 0)
        return rc;
    rc = run_session(r, err);
    if (!rc && direction == DUNLIN_DOWN)
        rc = stored_scripts(r, p, err);
    if (rc)
        return rc;
    engine = (struct plan_engine){.dialect = r->lexing,
                                  .tx_ddl = (r->driver->caps & DUNLIN_CAP_TX_DDL) != 0};
    return plan_scan(p, &engine, direction, err);
}

static int create_table(struct run *r, struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(65536);
    struct batch b;
    int rc;

    batch_init(&b, r);
    history_sql_create(&sql, &r->table);
    rc = batch_control_buf(&b, ENTRY_CONTROL, &sql, err);
    if (!rc)
        rc = batch_send(&b, err);
    if (rc && err && rc != DUNLIN_INTERRUPTED) {
        char server[sizeof(err->detail)];

        text_copy(server, sizeof(server), err->message, strlen(err->message));
        error_set(err, (enum dunlin_status)rc, (enum dunlin_kind)err->kind,
                  "the history table %s cannot be created", r->table.quoted);
        error_detail(err, "%s", server);
    }
    batch_free(&b);
    buf_free(&sql);
    return rc;
}

static void event_run(struct run *r, uint32_t type, enum dunlin_direction direction, uint64_t total,
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
        run_warn(r, "%s comes before one that is applied already", plan_file(item));
}

static void state_before(const struct dunlin_summary *s, struct dunlin_error *err)
{
    char state[sizeof(err->state)];

    if (!err || s->run == 0 || !err->state[0])
        return;
    memcpy(state, err->state, sizeof(state));
    error_state(err, "%s; applied before it in this run: %llu", state, (unsigned long long)s->run);
}

static int run_selected(struct run *r, struct plan *p, enum dunlin_direction direction,
                        struct dunlin_summary *s, struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        struct plan_item *item = &p->items[direction == DUNLIN_UP ? i : p->count - 1 - i];
        int rc;

        if (!item->selected)
            continue;
        if (atomic_load(&r->cancelled))
            return run_interrupted(err);
        warn_late(r, item);
        rc = run_item(r, p, item, direction, err);
        file_text_free(item->up.text);
        file_text_free(item->down.text);
        item->up.text = item->down.text = NULL;
        if (rc > 0 && direction == DUNLIN_UP)
            state_before(s, err);
        if (rc)
            return rc;
        s->run++;
    }
    return DUNLIN_OK;
}

static void count_up(const struct plan *p, struct dunlin_summary *s)
{
    s->before = s->total = s->pending = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].outside)
            continue;
        s->total++;
        if (plan_is_pending(&p->items[i]))
            s->pending++;
        else if (plan_is_applied(&p->items[i]))
            s->before++;
    }
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
        count_up(&p, s);
        rc = run_plan(r, &p, direction, goal, &selected, err);
    }
    if (!rc && selected > 0 && !h.exists)
        rc = create_table(r, err);
    if (!rc && selected > 0 && earlier == 0) {
        event_run(r, DUNLIN_EVENT_RUN_BEGIN, direction, selected, s, NULL);
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

/* A first look without the lock: when there is nothing to do, one query was all. */
static int look(struct run *r, enum dunlin_direction direction, const struct dunlin_goal *goal,
                struct dunlin_summary *s, size_t *selected, struct dunlin_error *err)
{
    struct arena arena = ARENA_INIT;
    struct history h;
    struct plan p = {.count = 0};
    int rc = run_match(r, &arena, &h, &p, err);

    if (!rc) {
        count_up(&p, s);
        rc = select_items(r, &p, direction, goal, selected, err);
    }
    plan_free(&p);
    arena_free(&arena);
    return rc;
}

static int run_direction(struct run *r, enum dunlin_direction direction,
                         const struct dunlin_goal *goal, struct dunlin_summary *summary,
                         struct dunlin_error *err)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    uint64_t start = run_micros();
    size_t selected = 0;
    int rc = look(r, direction, goal, &s, &selected, err);

    if (!rc && selected > 0)
        rc = locked_run(r, direction, goal, &s, err);
    s.micros = run_micros() - start;
    if (direction == DUNLIN_DOWN)
        s.total = s.before >= s.run ? s.before - s.run : 0;
    event_run(r, DUNLIN_EVENT_RUN_END, direction, selected, &s, rc ? err : NULL);
    if (summary)
        *summary = s;
    return rc;
}

int run_up(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
           struct dunlin_error *err)
{
    return run_direction(r, DUNLIN_UP, goal, summary, err);
}

int run_down(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
             struct dunlin_error *err)
{
    return run_direction(r, DUNLIN_DOWN, goal, summary, err);
}
