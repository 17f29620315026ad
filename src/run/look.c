/* SPDX-License-Identifier: MIT */
/*
 * What there is to do: the history is read and matched with the files, a goal selects among them,
 * and the selected scripts are scanned. Beside it the table, where there is none yet.
 */
#include "run/run.h"

#include <string.h>

#include "base/error.h"
#include "run/batch.h"

int run_match(struct run *r, struct arena *arena, struct history *h, struct plan *p,
              struct dunlin_error *err)
{
    int rc;

    if (!r->conn)
        return error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE,
                         "this needs the database, and it was not connected to");
    rc = run_history(r, arena, h, err);
    if (!rc)
        rc = plan_match(r->source, h, p, err);
    return rc ? rc : plan_hash(p, err);
}

void run_count(const struct plan *p, struct dunlin_summary *s)
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

static int select_items(struct run *r, struct plan *p, enum dunlin_direction direction,
                        const struct dunlin_goal *goal, size_t *selected, struct dunlin_error *err)
{
    int rc;

    if (direction == DUNLIN_DOWN)
        return r->only_missing ? plan_missing(p, selected, err) : plan_down(p, goal, selected, err);
    /* Who names a migration has chosen the order. */
    rc = plan_conflicts(p, goal && goal->nonly ? DUNLIN_ORDER_ALLOW : r->options.order, err);
    return rc ? rc : plan_up(p, goal, selected, err);
}

int run_look(struct run *r, enum dunlin_direction direction, const struct dunlin_goal *goal,
             struct dunlin_summary *s, size_t *selected, bool *again, struct dunlin_error *err)
{
    struct arena arena = ARENA_INIT;
    struct history h;
    struct plan p = {.count = 0};
    int rc;

    r->tool_begun = false;
    rc = run_match(r, &arena, &h, &p, err);
    *again = rc == DUNLIN_CONFLICT && run_maybe_at_work(r);
    if (!rc) {
        run_count(&p, s);
        rc = select_items(r, &p, direction, goal, selected, err);
        *again = !rc && *selected > 0;
    }
    plan_free(&p);
    arena_free(&arena);
    return *again ? DUNLIN_OK : rc;
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
        rc = run_stored_scripts(r, p, err);
    if (rc)
        return rc;
    engine = (struct plan_engine){.dialect = r->lexing,
                                  .tx_ddl = (r->driver->caps & DUNLIN_CAP_TX_DDL) != 0,
                                  .hash_late = !r->options.tolerate};
    rc = plan_scan(p, &engine, direction, err);
    for (size_t i = 0; !rc && i < p->count; i++) {
        if (p->items[i].selected)
            run_warn_turns(r, direction == DUNLIN_UP ? &p->items[i].up : &p->items[i].down);
    }
    return rc;
}

/* Two runners that no lock keeps apart: IF NOT EXISTS does not see what is about to be there. */
static bool created_meanwhile(const struct run *r, int kind)
{
    return r->lock_local && (kind == DUNLIN_KIND_EXISTS || kind == DUNLIN_KIND_DUPLICATE);
}

int run_create_table(struct run *r, struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(65536);
    struct busy_wait wait = {0};
    unsigned tries = 0;
    struct batch b;
    int rc = run_shared_create(r, err);

    if (rc || !run_owns_history(r))
        return rc;
    batch_init(&b, r);
    history_sql_create(&sql, &r->table);
    do {
        rc = batch_control_buf(&b, ENTRY_CONTROL, &sql, err);
        if (!rc)
            rc = batch_send(&b, err);
    } while (rc && (b.failure.kind == DUNLIN_KIND_LOCKED
                        ? !r->dialect->lock && run_busy_wait(r, &wait)
                        : created_meanwhile(r, b.failure.kind) && tries++ < 3));
    if (rc && b.failure.kind == DUNLIN_KIND_LOCKED && atomic_load(&r->cancelled)) {
        rc = run_stopped(r, err);
    } else if (rc && err && rc != DUNLIN_INTERRUPTED) {
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
