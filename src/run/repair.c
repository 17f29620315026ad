/* SPDX-License-Identifier: MIT */
/*
 * The history written by hand: one row that does not tell the truth (mark), or many that tell of a
 * time before dunlin (baseline). Runs no migration. Decided once before and once inside the
 * transaction that writes, so that another runner's rows are never overwritten.
 */
#include "run/run.h"

#include <string.h>

#include "base/error.h"
#include "run/batch.h"

struct repair {
    struct run *run;
    struct arena arena;
    struct history history;
    struct plan plan;
    const char *version;
    enum dunlin_state state; /* 0 = a baseline */
    bool write;              /* else it is only looked whether it may be done */
    struct batch batch;
    uint64_t written;
};

/* ---- one row --------------------------------------------------------------------------------- */

static int add_sql(struct repair *w, struct buf *sql, struct dunlin_error *err)
{
    int rc = batch_control_buf(&w->batch, ENTRY_CONTROL, sql, err);

    buf_clear(sql);
    return rc || !batch_full(&w->batch) ? rc : batch_send(&w->batch, err);
}

static void event_record(struct repair *w, const struct plan_item *item, const char *text)
{
    struct dunlin_event event = {.type = DUNLIN_EVENT_RECORD,
                                 .source = item->source,
                                 .version = item->version,
                                 .name = item->name,
                                 .kind = item->kind,
                                 .file = plan_file(item),
                                 .text = text};

    run_emit(w->run, &event);
}

/* What the file says now. One that dunlin would not run is recorded all the same: somebody else has
 * run it. */
static int describe(struct repair *w, struct plan_item *item, struct history_entry *e,
                    struct buf *down, struct dunlin_error *err)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    const struct run *r = w->run;
    int rc;

    *e = (struct history_entry){
        .source = item->source,
        .version = item->row ? item->row->version : item->version,
        .name = item->name,
        .kind = item->kind,
        .checksum = item->row && item->row->checksum ? item->row->checksum : "",
        .total = item->row ? item->row->total : 0,
        .applied_by = r->options.applied_by ? r->options.applied_by : r->user};
    if (!item->migration)
        return DUNLIN_OK;
    rc = plan_script_load(&w->plan, &item->up, &r->lexing, false, &ignored);
    if (rc && (!item->up.checksum[0] || ignored.kind == DUNLIN_KIND_NOMEM)) {
        if (err)
            *err = ignored;
        return rc;
    }
    e->checksum = item->up.checksum;
    e->total = rc ? 0 : item->up.script.sections[SECTION_UP].statements;
    if (plan_down_text(item->migration, &r->lexing, down, &ignored) == DUNLIN_OK && down->len) {
        e->down = buf_str(down);
        e->down_len = down->len;
    }
    return down->failed || ignored.kind == DUNLIN_KIND_NOMEM ? error_nomem(err) : DUNLIN_OK;
}

/* Replaces the row of an item, or writes its first. */
static int write_row(struct repair *w, struct plan_item *item, const char *kind,
                     enum dunlin_state state, struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(8u * HISTORY_DOWN_MAX), down = BUF_INIT(2u * HISTORY_DOWN_MAX);
    const struct history_table *t = &w->run->table;
    struct history_entry e;
    int rc = describe(w, item, &e, &down, err);

    if (kind)
        e.kind = kind;
    if (!rc && item->row) {
        history_sql_remove(&sql, t, item->row);
        rc = add_sql(w, &sql, err);
    }
    if (!rc && state != DUNLIN_STATE_PENDING) {
        history_sql_insert(&sql, t, &e, HISTORY_FAILED);
        rc = add_sql(w, &sql, err);
    }
    if (!rc && state == DUNLIN_STATE_APPLIED) {
        history_sql_finish(&sql, t, &e);
        rc = add_sql(w, &sql, err);
    } else if (!rc && state == DUNLIN_STATE_FAILED) {
        history_sql_status(&sql, t, &e, HISTORY_FAILED, "marked as failed by hand");
        rc = add_sql(w, &sql, err);
    }
    if (!rc) {
        w->written++;
        event_record(w, item, kind ? kind : dunlin_state_name((uint32_t)state));
    }
    buf_free(&sql);
    buf_free(&down);
    return rc;
}

/* ---- mark ------------------------------------------------------------------------------------ */

/* A row of a folder that is not given can be repaired, too: it is called by its label. */
static struct plan_item *outside_find(struct plan *p, const char *wanted)
{
    for (size_t i = 0; i < p->count; i++) {
        struct plan_item *item = &p->items[i];
        size_t n = strlen(item->source);

        if (item->outside && strncmp(wanted, item->source, n) == 0 && wanted[n] == '/' &&
            strcmp(wanted + n + 1, item->version) == 0)
            return item;
    }
    return NULL;
}

static int mark_rows(struct repair *w, struct dunlin_error *err)
{
    struct plan_item *item = outside_find(&w->plan, w->version);
    size_t at = 0;
    int rc;

    if (!item) {
        rc = plan_find(&w->plan, w->version, &at, err);
        if (rc)
            return rc;
        item = &w->plan.items[at];
    }
    rc = run_refuse_shared(w->run, item, err);
    if (rc)
        return rc;
    if (!item->row && w->state == DUNLIN_STATE_PENDING)
        return DUNLIN_OK;
    return w->write ? write_row(w, item, NULL, w->state, err) : DUNLIN_OK;
}

/* ---- baseline -------------------------------------------------------------------------------- */

static int refuse_behind(const struct plan *p, size_t at, const char *version,
                         struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct plan_item *item = &p->items[i];

        if (item->outside || !item->row || strcmp(item->kind, "repeatable") == 0)
            continue;
        if (i > at && plan_is_applied(item))
            error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                      "%s is applied, and comes behind %.60s: it is too late for a baseline",
                      plan_file(item) ? plan_file(item) : item->version, version);
        else if (i <= at && !plan_is_applied(item))
            error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                      "migration %s (%s) was begun and is not finished", item->version, item->name);
        else
            continue;
        error_hint(err, "single rows are repaired with: dunlin mark VERSION applied");
        error_state(err, "nothing was recorded");
        return DUNLIN_CONFLICT;
    }
    return DUNLIN_OK;
}

static int baseline_rows(struct repair *w, struct dunlin_error *err)
{
    size_t at = 0;
    int rc = plan_find(&w->plan, w->version, &at, err);

    if (!rc)
        rc = run_refuse_shared(w->run, &w->plan.items[at], err);
    if (!rc)
        rc = refuse_behind(&w->plan, at, w->version, err);
    if (rc || !w->write)
        return rc;
    for (size_t i = 0; i <= at; i++) {
        struct plan_item *item = &w->plan.items[i];

        /* A repeatable runs again whenever it changed, so that it needs no past. */
        if (item->outside || item->row || !item->migration || run_shares(w->run, item) ||
            strcmp(item->kind, "repeatable") == 0)
            continue;
        rc = write_row(w, item, "baseline", DUNLIN_STATE_APPLIED, err);
        if (rc)
            return rc;
    }
    return DUNLIN_OK;
}

/* ---- both ------------------------------------------------------------------------------------ */

static int look(struct repair *w, struct dunlin_error *err)
{
    int rc;

    plan_free(&w->plan);
    arena_free(&w->arena);
    rc = run_match(w->run, &w->arena, &w->history, &w->plan, err);
    if (rc)
        return rc;
    return w->state ? mark_rows(w, err) : baseline_rows(w, err);
}

/* Where the engine has no lock, opening the transaction is what excludes others. */
static int locked(struct repair *w, struct dunlin_error *err)
{
    struct run *r = w->run;
    int rc = w->history.exists ? DUNLIN_OK : run_create_table(r, err);

    if (!rc)
        rc = batch_now(r, ENTRY_BEGIN, r->dialect->begin, err);
    if (rc)
        return rc;
    w->write = true;
    rc = look(w, err);
    if (!rc)
        rc = batch_send(&w->batch, err);
    if (!rc)
        rc = batch_now(r, ENTRY_CONTROL, r->dialect->commit, err);
    if (rc)
        run_rollback(r);
    return rc;
}

static void count(const struct repair *w, struct dunlin_summary *s)
{
    for (size_t i = 0; i < w->plan.count; i++) {
        const struct plan_item *item = &w->plan.items[i];

        if (item->outside)
            continue;
        s->total++;
        s->before += plan_is_applied(item);
    }
}

static int repair(struct repair *w, struct dunlin_summary *summary, struct dunlin_error *err)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    uint64_t start = run_micros();
    bool held = false;
    int rc = run_session(w->run, err);

    batch_init(&w->batch, w->run);
    if (!rc)
        rc = look(w, err);
    if (!rc)
        rc = run_lock(w->run, &held, err);
    if (!rc)
        rc = locked(w, err);
    if (held)
        run_unlock(w->run);
    s.run = rc ? 0 : w->written;
    count(w, &s);
    s.micros = run_micros() - start;
    batch_free(&w->batch);
    plan_free(&w->plan);
    arena_free(&w->arena);
    if (summary)
        *summary = s;
    return rc;
}

int run_mark(struct run *r, const char *version, enum dunlin_state state,
             struct dunlin_summary *summary, struct dunlin_error *err)
{
    struct repair w = {.run = r, .version = version, .state = state};

    return repair(&w, summary, err);
}

int run_baseline(struct run *r, const char *version, struct dunlin_summary *summary,
                 struct dunlin_error *err)
{
    struct repair w = {.run = r, .version = version};

    return repair(&w, summary, err);
}
