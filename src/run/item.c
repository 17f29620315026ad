/* SPDX-License-Identifier: MIT */
/* One migration of the plan: which way it runs. */
#include "run/migrate.h"

#include "base/error.h"
#include "history/sql.h"

/* A repeatable without a down script is forgotten, so that the next up runs it again. */
static int forget(struct migrating *m, struct dunlin_error *err)
{
    int rc;

    run_warn(m->run, "%s has no down section: what it made stays, and the next up runs it again",
             migrate_path(m));
    history_sql_remove(&m->sql, &m->run->table, m->item->row);
    rc = migrate_add_sql(m, ENTRY_CONTROL, err);
    return rc ? rc : batch_send(&m->batch, err);
}

/* One that no transaction holds together. Another runner may have been at it since the plan. */
static int run_noted(struct migrating *m, struct dunlin_error *err)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    bool alone = m->run->driver->apart && !m->entry.shared, changed = false;
    int rc = run_apart(m->run, true, err);

    if (rc)
        return rc;
    if (alone)
        rc = journal_row_changed(m, &changed, err);
    if (changed)
        rc = RUN_RACE;
    else if (!rc && m->direction == DUNLIN_UP && m->item->mode == RUN_PROGRAM)
        rc = run_program(m, err);
    else if (!rc)
        rc = run_journal(m, err);
    (void)run_apart(m->run, false, &ignored);
    return rc;
}

/* What its guards leave of it. */
static int guarded(struct migrating *m, struct dunlin_error *err)
{
    enum guard_end end;
    int rc = guard_ask(m, &end, err);

    if (rc || end == GUARD_WARN)
        return rc;
    if (end == GUARD_PASS_OVER)
        return RUN_DEFERRED;
    m->entry.marked = true;
    return DUNLIN_OK;
}

static int dispatch(struct migrating *m, struct dunlin_error *err)
{
    int rc = m->direction == DUNLIN_UP ? guarded(m, err) : DUNLIN_OK;

    if (rc)
        return rc;
    if (m->entry.marked)
        return run_transaction(m, err);
    if (m->direction == DUNLIN_DOWN && !plan_reversible(m->item))
        return forget(m, err);
    if ((m->direction == DUNLIN_UP && m->item->mode == RUN_PROGRAM) || migrate_journals(m))
        return run_noted(m, err);
    return run_transaction(m, err);
}

int run_item(struct run *r, struct plan *p, struct plan_item *item, enum dunlin_direction direction,
             struct dunlin_error *err)
{
    struct migrating m = {.run = r, .item = item, .direction = direction};
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    uint64_t start = run_micros();
    int rc;

    (void)p;
    if (!err)
        err = &local;
    rc = migrate_prepare(&m, err);
    migrate_event(&m, DUNLIN_EVENT_MIGRATION_BEGIN, 0, 0, NULL);
    if (!rc)
        rc = dispatch(&m, err);
    migrate_end(&m, rc, run_micros() - start, err);
    batch_free(&m.batch);
    migrate_release(&m);
    return rc;
}
