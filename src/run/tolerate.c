/* SPDX-License-Identifier: MIT */
/*
 * Tolerant start-up: what exists already is passed over, what is missing is waited for. Only on
 * request, and only for the classes that the driver's classifier is sure of.
 */
#include "run/migrate.h"

#include "base/error.h"

#define SAVEPOINT "SAVEPOINT dunlin"
#define SAVEPOINT_END "RELEASE SAVEPOINT dunlin"
#define SAVEPOINT_BACK "ROLLBACK TO SAVEPOINT dunlin"

bool tolerate_skips(struct migrating *m, const struct dunlin_error *err)
{
    if (!m->tolerate_exists || m->batch.failure.role != ENTRY_BODY ||
        m->batch.failure.kind != DUNLIN_KIND_EXISTS)
        return false;
    m->run->skipped++;
    m->batch.failure = (struct batch_failure){0};
    run_warn(m->run, "%s:%u: passed over: %s", migrate_path(m), err->line, err->message);
    return true;
}

static int savepoint_back(struct migrating *m, struct dunlin_error *err)
{
    int rc = batch_control(&m->batch, ENTRY_CONTROL, SAVEPOINT_BACK, err);

    if (!rc)
        rc = batch_control(&m->batch, ENTRY_CONTROL, SAVEPOINT_END, err);
    return rc ? rc : batch_send(&m->batch, err);
}

int tolerate_statement(struct migrating *m, const struct piece *piece, uint32_t number,
                       struct dunlin_error *err)
{
    int rc = batch_send(&m->batch, err);

    if (!rc)
        rc = batch_control(&m->batch, ENTRY_CONTROL, SAVEPOINT, err);
    if (!rc)
        rc = batch_body(&m->batch, &m->of, piece, number, err);
    if (!rc)
        rc = batch_control(&m->batch, ENTRY_CONTROL, SAVEPOINT_END, err);
    if (rc)
        return rc;
    rc = batch_send(&m->batch, err);
    if (rc && tolerate_skips(m, err))
        return savepoint_back(m, err);
    return rc;
}

bool tolerate_defers(const struct migrating *m)
{
    return m->tolerate_missing && m->batch.failure.role == ENTRY_BODY &&
           (m->batch.failure.kind == DUNLIN_KIND_MISSING_TABLE ||
            m->batch.failure.kind == DUNLIN_KIND_MISSING_COLUMN);
}

int tolerate_defer(struct migrating *m, bool row_exists, struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    const struct history_table *t = &m->run->table;
    int rc = DUNLIN_OK;

    batch_clear(&m->batch);
    if (!row_exists) {
        if (m->item->row) {
            history_sql_remove(&m->sql, t, m->item->row);
            rc = migrate_add_sql(m, ENTRY_CONTROL, &local);
        }
        history_sql_insert(&m->sql, t, &m->entry, HISTORY_DEFERRED);
        if (!rc)
            rc = migrate_add_sql(m, ENTRY_CLAIM, &local);
    }
    history_sql_status(&m->sql, t, &m->entry, HISTORY_DEFERRED, err->message);
    if (!rc)
        rc = migrate_add_sql(m, ENTRY_CONTROL, &local);
    if (!rc)
        rc = batch_send(&m->batch, &local);
    if (rc) {
        *err = local;
        return rc;
    }
    run_warn(m->run, "%s:%u: deferred until the next run: %s", migrate_path(m), err->line,
             err->message);
    return RUN_DEFERRED;
}
