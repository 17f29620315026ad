/* SPDX-License-Identifier: MIT */
/* Status and plan: migrations as items for the caller. Changes nothing. */
#include "api/context.h"

#include <string.h>

#include "base/error.h"

const char *dunlin_state_name(uint32_t state)
{
    static const char *const names[] = {"unknown", "pending", "applied", "partial",
                                        "changed", "edited",  "missing", "late",
                                        "failed",  "running", "deferred"};

    return names[state < sizeof(names) / sizeof(names[0]) ? state : 0];
}

struct dunlin_item item_of(const struct plan_item *p)
{
    struct dunlin_item item = {.size = sizeof(item),
                               .state = (uint32_t)p->state,
                               .source = p->source,
                               .version = p->version,
                               .name = p->name,
                               .kind = p->kind,
                               .file = plan_file(p),
                               .description = p->up.script.description,
                               .duration_ms = -1};

    if (p->checksum[0])
        item.checksum = p->checksum;
    if (p->row) {
        item.applied_at = p->row->applied_at;
        item.applied_by = p->row->applied_by;
        item.duration_ms = p->row->duration_ms;
        item.statements_done = p->row->done;
        item.statements_total = p->row->total;
        if (!item.checksum)
            item.checksum = p->row->checksum;
    }
    item.reversible = plan_reversible(p) || (!p->migration && p->row && p->row->has_down);
    return item;
}

/* Reads the script for its description. A file that cannot be parsed is still listed: the error
 * belongs to the command that runs it. */
static int describe(struct run *r, struct plan *p, struct plan_item *item, struct dunlin_error *err)
{
    struct dunlin_error e = DUNLIN_ERROR_INIT;

    if (!item->migration)
        return DUNLIN_OK;
    if (plan_script_load(p, &item->up, &r->lexing, false, &e) == DUNLIN_OK) {
        item->checksum = item->up.checksum;
        item->down.script = item->up.script;
        if (item->migration->down.name) {
            item->down.file = &item->migration->down;
            (void)plan_script_load(p, &item->down, &r->lexing, false, &e);
        }
    }
    return e.kind == DUNLIN_KIND_NOMEM ? error_nomem(err) : DUNLIN_OK;
}

static void count(const struct plan_item *item, struct dunlin_summary *s)
{
    if (item->outside)
        return;
    s->total++;
    if (plan_is_pending(item))
        s->pending++;
    else if (plan_is_applied(item))
        s->before++;
}

int dunlin_status(struct dunlin *d, dunlin_item_fn fn, void *user, struct dunlin_summary *summary,
                  struct dunlin_error *err)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    struct arena arena = ARENA_INIT;
    struct plan p = {.count = 0};
    struct history h;
    uint64_t start = run_micros();
    int rc = run_match(&d->run, &arena, &h, &p, err);

    for (size_t i = 0; !rc && i < p.count; i++) {
        struct dunlin_item item;

        rc = describe(&d->run, &p, &p.items[i], err);
        if (rc)
            break;
        count(&p.items[i], &s);
        item = item_of(&p.items[i]);
        if (fn && fn(&item, user) != 0)
            rc = run_interrupted(err);
    }
    plan_free(&p);
    arena_free(&arena);
    s.micros = run_micros() - start;
    if (summary)
        *summary = s;
    return rc;
}

static int plan_one(struct plan_item *item, enum dunlin_direction direction, dunlin_item_fn fn,
                    void *user, struct dunlin_error *err)
{
    const struct plan_script *script = direction == DUNLIN_UP ? &item->up : &item->down;
    struct dunlin_item out = item_of(item);

    out.direction = (uint32_t)direction;
    /* Of this way, and to go on behind: a row may tell of another text or of the way back. */
    if (item->state != DUNLIN_STATE_PARTIAL ||
        history_reverting(item->row) != (direction == DUNLIN_DOWN))
        out.statements_done = 0;
    out.statements_total = script->script.sections[script->section].statements;
    out.transactional = item->mode == RUN_TRANSACTION;
    out.from_history = direction == DUNLIN_DOWN && script->stored;
    if (direction == DUNLIN_DOWN && script->file)
        out.file = script->file->path;
    return fn && fn(&out, user) != 0 ? run_interrupted(err) : DUNLIN_OK;
}

static int plan_items(struct plan *p, enum dunlin_direction direction, dunlin_item_fn fn,
                      void *user, struct dunlin_summary *s, struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        struct plan_item *item = &p->items[direction == DUNLIN_UP ? i : p->count - 1 - i];
        int rc = item->selected ? plan_one(item, direction, fn, user, err) : DUNLIN_OK;

        if (rc)
            return rc;
        s->run += item->selected;
    }
    return DUNLIN_OK;
}

int dunlin_switch_plan(struct dunlin *d, dunlin_item_fn fn, void *user,
                       struct dunlin_summary *summary, struct dunlin_error *err)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT, unused = DUNLIN_SUMMARY_INIT;
    struct arena arena = ARENA_INIT;
    struct plan p = {.count = 0};
    struct history h;
    uint64_t start = run_micros();
    int rc = run_match(&d->run, &arena, &h, &p, err);

    for (size_t i = 0; i < p.count; i++)
        count(&p.items[i], &s);
    if (!rc)
        rc = run_switch_plan(&d->run, &p, &s, err);
    for (size_t i = p.count; !rc && i-- > 0;) {
        if (p.items[i].reverts)
            rc = plan_one(&p.items[i], DUNLIN_DOWN, fn, user, err);
    }
    if (!rc)
        rc = plan_items(&p, DUNLIN_UP, fn, user, &unused, err);
    plan_free(&p);
    arena_free(&arena);
    s.micros = run_micros() - start;
    if (summary)
        *summary = s;
    return rc;
}

int dunlin_plan(struct dunlin *d, enum dunlin_direction direction, const struct dunlin_goal *goal,
                dunlin_item_fn fn, void *user, struct dunlin_summary *summary,
                struct dunlin_error *err)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    struct arena arena = ARENA_INIT;
    struct plan p = {.count = 0};
    struct history h;
    size_t selected = 0;
    uint64_t start = run_micros();
    int rc = run_match(&d->run, &arena, &h, &p, err);

    for (size_t i = 0; i < p.count; i++)
        count(&p.items[i], &s);
    if (!rc)
        rc = run_plan(&d->run, &p, direction, goal, &selected, err);
    if (!rc && selected > 0 && !h.exists && direction == DUNLIN_UP)
        rc = run_elsewhere(&d->run, err);
    if (!rc)
        rc = plan_items(&p, direction, fn, user, &s, err);
    plan_free(&p);
    arena_free(&arena);
    s.micros = run_micros() - start;
    if (summary)
        *summary = s;
    return rc;
}
