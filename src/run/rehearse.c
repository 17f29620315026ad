/* SPDX-License-Identifier: MIT */
/*
 * A rehearsal: everything that up would run, in one transaction that is rolled back, statement by
 * statement and observed.
 */
#include "run/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "run/batch.h"
#include "run/body.h"
#include "run/observe.h"

#define BUSY_PAUSE_MS 20u

/* ---- what can be rehearsed ------------------------------------------------------------------- */

static int refuse(const char *path, const struct statement_ref *at, const char *why,
                  struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_UNSUPPORTED, "%s cannot be rehearsed: %s", path,
              why);
    if (at && at->line)
        error_place(err, path, at->line, at->column);
    error_hint(err, "run what comes before it with \"dunlin up --to VERSION\", or try it on a copy "
                    "of the database");
    error_state(err, "nothing was run");
    return DUNLIN_BAD_FILE;
}

static int check_item(const struct plan_item *item, struct dunlin_error *err)
{
    const struct section *up = &item->up.script.sections[SECTION_UP];
    const char *path = plan_file(item);
    struct statement_ref mark = {.line = up->mark_line, .column = 1};

    if (item->mode == RUN_PROGRAM)
        return refuse(path, NULL, "it is a program, which has its own connection", err);
    if (item->row && !plan_is_applied(item) && item->row->done > 0)
        return refuse(path, NULL, "a part of it is in the database already", err);
    if (item->mode == RUN_TRANSACTION)
        return DUNLIN_OK;
    if (up->first_no_tx.line)
        return refuse(path, &up->first_no_tx, "this statement cannot run in a transaction", err);
    if (up->tx_control.line)
        return refuse(path, &up->tx_control, "this statement would end the transaction", err);
    return refuse(path, &mark, "it runs outside a transaction", err);
}

static int check_hook(struct run *r, const struct source_file *file, struct dunlin_error *err)
{
    struct plan scratch = {.arena = ARENA_INIT};
    struct plan_script script = {.file = file, .section = SECTION_UP};
    const struct section *up = &script.script.sections[SECTION_UP];
    int rc = plan_script_load(&scratch, &script, &r->lexing, false, err);

    if (!rc && up->first_no_tx.line)
        rc =
            refuse(file->path, &up->first_no_tx, "this statement cannot run in a transaction", err);
    else if (!rc && (up->tx_control.line || up->folded))
        rc = refuse(file->path, up->tx_control.line ? &up->tx_control : NULL,
                    "it would end the transaction", err);
    file_text_free(script.text);
    arena_free(&scratch.arena);
    return rc;
}

static int check_all(struct run *r, const struct plan *p, struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        int rc = p->items[i].selected ? check_item(&p->items[i], err) : DUNLIN_OK;

        if (rc)
            return rc;
    }
    for (size_t i = 0; i < r->source->count; i++) {
        for (int hook = 0; hook < HOOK_COUNT; hook++) {
            const struct source_file *file = &r->source->folders[i].hooks[hook];
            int rc = file->name && hook != HOOK_CONNECT ? check_hook(r, file, err) : DUNLIN_OK;

            if (rc)
                return rc;
        }
    }
    return DUNLIN_OK;
}

static int check_engine(const struct run *r, struct dunlin_error *err)
{
    if (r->driver->caps & DUNLIN_CAP_TX_DDL)
        return DUNLIN_OK;
    error_set(err, DUNLIN_USAGE, DUNLIN_KIND_UNSUPPORTED,
              "nothing can be rehearsed on this engine: its schema changes commit by themselves");
    error_hint(err, "\"dunlin plan\" lists what would run; rehearse on a copy of the database");
    error_state(err, "nothing was run");
    return DUNLIN_USAGE;
}

/* ---- foreign keys ---------------------------------------------------------------------------- */

static int first_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    char *text = user;

    (void)lens;
    if (n > 0 && v[0] && !text[0])
        text_copy(text, 128, v[0], strlen(v[0]));
    return 0;
}

static int ask(struct run *r, const char *sql, char answer[128], struct dunlin_error *err)
{
    int kind;

    answer[0] = '\0';
    kind = r->driver->query(r->conn, sql, strlen(sql), first_row, answer, err);
    return kind ? run_status(r, kind, err) : DUNLIN_OK;
}

/* They can only be switched outside the transaction, which is one for all here. */
static int keys_suspend(struct run *r, const struct plan *p, bool *off, struct dunlin_error *err)
{
    char answer[128];
    bool wanted = false;
    int rc;

    *off = false;
    for (size_t i = 0; i < p->count; i++) {
        const struct section *up = &p->items[i].up.script.sections[SECTION_UP];

        wanted =
            wanted || (p->items[i].selected && (up->foreign_keys || up->options.foreign_keys_off));
    }
    if (!wanted || !r->dialect->foreign_keys_get)
        return DUNLIN_OK;
    rc = ask(r, r->dialect->foreign_keys_get, answer, err);
    if (rc || !answer[0] || strcmp(answer, "0") == 0)
        return rc;
    *off = true;
    run_warn(r, "a migration switches foreign keys off: here they are off for all of them, and "
                "are checked after each");
    return batch_now(r, ENTRY_CONTROL, r->dialect->foreign_keys_off, err);
}

static int keys_check(struct run *r, const struct plan_item *item, struct dunlin_error *err)
{
    char table[128];
    int rc = ask(r, r->dialect->foreign_keys_check, table, err);

    if (rc || !table[0])
        return rc;
    return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_CONSTRAINT,
                     "after %s, rows of table %s break a foreign key", plan_file(item), table);
}

/* ---- the rehearsal --------------------------------------------------------------------------- */

/* Where the transaction itself is the run lock it may have to be waited for. */
static int begin(struct run *r, struct dunlin_error *err)
{
    uint64_t start = run_micros();
    int rc = batch_now(r, ENTRY_BEGIN, r->dialect->begin, err);

    while (rc == DUNLIN_LOCKED && (run_micros() - start) / 1000 < r->options.lock_wait_ms) {
        if (!run_sleep(r, BUSY_PAUSE_MS))
            return run_stopped(r, err);
        rc = batch_now(r, ENTRY_BEGIN, r->dialect->begin, err);
    }
    return rc;
}

static int each(struct run *r, struct plan *p, bool keys_off, struct dunlin_summary *s,
                struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        struct plan_item *item = &p->items[i];
        int rc;

        if (!item->selected)
            continue;
        if (atomic_load(&r->cancelled))
            return run_stopped(r, err);
        observe_stale(r);
        rc = run_item(r, p, item, DUNLIN_UP, err);
        if (!rc && keys_off)
            rc = keys_check(r, item, err);
        if (rc)
            return rc;
        s->run++;
    }
    return DUNLIN_OK;
}

static int inside(struct run *r, struct plan *p, bool create, bool keys_off,
                  struct dunlin_summary *s, struct dunlin_error *err)
{
    int rc = create ? run_create_table(r, err) : DUNLIN_OK;

    if (!rc)
        rc = hooks_run(r, HOOK_BEFORE_ALL, NULL, err);
    if (!rc)
        rc = each(r, p, keys_off, s, err);
    if (!rc)
        rc = hooks_run(r, HOOK_AFTER_ALL, NULL, err);
    return rc;
}

/* Leaves the session as it was: also what no rollback brings back. */
static void restore(struct run *r, bool keys_off)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    bool cancelled = atomic_exchange(&r->cancelled, false);
    struct batch b;

    if (r->driver->tx_state(r->conn) != DUNLIN_TX_IDLE)
        (void)batch_now(r, ENTRY_CONTROL, r->dialect->rollback, &ignored);
    if (keys_off)
        (void)batch_now(r, ENTRY_CONTROL, r->dialect->foreign_keys_on, &ignored);
    batch_init(&b, r);
    (void)batch_control_list(&b, r->dialect->reset, &ignored);
    (void)batch_send(&b, &ignored);
    batch_free(&b);
    r->dirty = true;
    atomic_store(&r->cancelled, cancelled);
}

static int rehearse(struct run *r, struct plan *p, bool create, struct dunlin_summary *s,
                    struct dunlin_error *err)
{
    bool keys_off = false;
    int rc = keys_suspend(r, p, &keys_off, err);

    if (!rc)
        rc = begin(r, err);
    if (!rc)
        rc = observe_begin(r, err);
    if (!rc) {
        r->enclosed = true;
        rc = inside(r, p, create, keys_off, s, err);
        r->enclosed = false;
    }
    observe_end(r);
    restore(r, keys_off);
    if (rc == RUN_RACE || rc == RUN_DEFERRED)
        rc = error_set(err, DUNLIN_LOCKED, DUNLIN_KIND_LOCKED,
                       "another dunlin was at work on this database at the same time");
    if (rc && rc != DUNLIN_PARTIAL)
        error_state(err, "nothing was changed: this was a rehearsal");
    return rc;
}

static void event_run(struct run *r, uint32_t type, uint64_t total, const struct dunlin_summary *s,
                      const struct dunlin_error *err)
{
    struct dunlin_event event = {
        .type = type, .direction = DUNLIN_UP, .total = total, .done = s->run, .error = err};

    run_emit(r, &event);
}

static void count(const struct plan *p, struct dunlin_summary *s)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].outside)
            continue;
        s->total++;
        s->before += plan_is_applied(&p->items[i]) && !plan_is_pending(&p->items[i]);
        s->pending += plan_is_pending(&p->items[i]);
    }
}

static int planned(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *s,
                   struct dunlin_error *err)
{
    struct arena arena = ARENA_INIT;
    struct plan p = {.count = 0};
    struct history h;
    size_t selected = 0;
    int rc = run_match(r, &arena, &h, &p, err);

    if (!rc) {
        count(&p, s);
        rc = run_plan(r, &p, DUNLIN_UP, goal, &selected, err);
    }
    if (!rc && selected > 0 && r->options.baseline_schema && !h.exists)
        rc = refuse(r->options.baseline_schema, NULL, "a base schema is loaded before all else",
                    err);
    if (!rc && selected > 0)
        rc = check_all(r, &p, err);
    if (!rc && selected > 0) {
        event_run(r, DUNLIN_EVENT_RUN_BEGIN, selected, s, NULL);
        rc = rehearse(r, &p, !h.exists, s, err);
    }
    event_run(r, DUNLIN_EVENT_RUN_END, selected, s, rc ? err : NULL);
    plan_free(&p);
    arena_free(&arena);
    return rc;
}

int run_rehearse(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
                 struct dunlin_error *err)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    uint64_t start = run_micros();
    bool held = false;
    int rc;

    if (!err)
        err = &local;
    rc = check_engine(r, err);
    if (!rc)
        rc = run_session(r, err);
    if (!rc)
        rc = run_lock(r, &held, err);
    if (!rc)
        rc = planned(r, goal, &s, err);
    if (held)
        run_unlock(r);
    s.micros = run_micros() - start;
    if (summary)
        *summary = s;
    return rc;
}
