/* SPDX-License-Identifier: MIT */
/*
 * Taking turns with another tool: its table is created, and the row of a migration written, as it
 * would have done. Such a table has no place for a journal: the run lock is the claim (on SQLite
 * the transaction), and a row is only written for what was carried out as a whole.
 */
#include "run/migrate.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "source/layout.h"

static int refuse_writing(const struct run *r, const char *source, struct dunlin_error *err)
{
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
              "the history of %s is the own table of %s, which this cannot write", source,
              r->tool->tool);
    error_hint(err, "dunlin adopt takes that history over; then leave --history layout away");
    return DUNLIN_CONFIG;
}

/* What else the tool's statements name. migration NULL: it is about none. */
static int more(struct run *r, const struct migration *migration, bool down,
                struct history_entry *e, struct dunlin_error *err)
{
    const struct foreign_ask ask = {.folder = r->shared_rows.folder,
                                    .migration = migration,
                                    .rows = &r->shared_rows,
                                    .driver = r->driver,
                                    .user = r->options.applied_by ? r->options.applied_by : r->user,
                                    .down = down};

    return r->tool->more ? r->tool->more(&ask, &r->arena, &e->more, err) : DUNLIN_OK;
}

int run_shared_create(struct run *r, struct dunlin_error *err)
{
    const struct foreign_on *on = r->tool ? foreign_on(r->tool, r->driver) : NULL;
    struct migrating m = {.run = r, .sql = BUF_INIT(65536)};
    struct history_entry e = {.source = NULL};
    bool whole = run_has_beside(r) && !r->enclosed;
    int rc;

    if (!r->shared_missing)
        return DUNLIN_OK;
    if (on && !on->create)
        return refuse_writing(r, r->shared_rows.folder->label, err);
    rc = on ? more(r, NULL, false, &e, err) : DUNLIN_OK;
    if (!rc)
        rc = run_beside(r, true, err);
    if (rc)
        return rc;
    batch_init(&m.batch, r);
    if (whole)
        rc = batch_control(&m.batch, ENTRY_BEGIN, r->dialect->begin, err);
    if (on)
        foreign_sql(&m.sql, on->create, &r->shared, &e, NULL);
    if (!rc)
        rc = migrate_add_sql(&m, ENTRY_CONTROL, err);
    if (!rc && whole)
        rc = batch_control(&m.batch, ENTRY_CONTROL, r->dialect->commit, err);
    if (!rc)
        rc = batch_send(&m.batch, err);
    if (rc && whole) {
        migrate_rollback(&m);
        if (err && err->kind == DUNLIN_KIND_READONLY)
            rc = run_beside_readonly(r, err);
    }
    if (!rc)
        r->shared_missing = false;
    batch_free(&m.batch);
    buf_free(&m.sql);
    return rc;
}

int run_refuse_shared(const struct run *r, const struct plan_item *item, struct dunlin_error *err)
{
    return run_shares(r, item) ? refuse_writing(r, item->source, err) : DUNLIN_OK;
}

static const char *copy(struct migrating *m, const char *text, bool *ok)
{
    const char *kept = text ? arena_strdup(&m->run->arena, text) : NULL;

    *ok = *ok && (!text || kept);
    return kept;
}

int shared_prepare(struct migrating *m, struct dunlin_error *err)
{
    const struct migration *migration = m->item->migration;
    const struct foreign_on *on = foreign_on(m->run->tool, m->run->driver);
    struct history_entry *e = &m->entry;
    char sum[FOREIGN_SUM_SIZE] = "";
    const struct folder *f;
    bool ok = true;
    int rc = DUNLIN_OK;

    if (!migration || !on || (m->direction == DUNLIN_DOWN ? !on->reverted : !on->applied))
        return run_refuse_shared(m->run, m->item, err);
    f = migration->up.folder;
    if (f->layout->checksum)
        rc = f->layout->checksum(migration, sum, err);
    if (rc)
        return rc;
    e->key = migration->key ? migration->key : migration->version;
    e->sum = sum[0] ? copy(m, sum, &ok) : NULL;
    e->title = migration->title ? migration->title : migration->name;
    e->file = migration->up.name;
    e->position = (uint64_t)(migration - f->migrations) + 1;
    if (e->position > 1)
        e->previous = migration[-1].key ? migration[-1].key : migration[-1].version;
    e->shared = &m->run->shared;
    e->foreign = on;
    /* A repeatable has its row already. */
    e->shared_claims = !m->run->dialect->lock && on->claim && m->item->mode == RUN_TRANSACTION &&
                       !(m->direction == DUNLIN_UP && m->item->row);
    return ok ? more(m->run, migration, m->direction == DUNLIN_DOWN, e, err) : error_nomem(err);
}

/* The tool has rows for what was begun: that of this migration stops it, and the next run. */
static void explain_begun(const struct migrating *m, uint64_t done, struct dunlin_error *err)
{
    const char *tool = m->run->tool->tool;

    error_state(err,
                "%s%" PRIu64 " of %" PRIu64 " statements of %s are in the database; its row in the "
                "table of %s says that it was begun and not finished",
                done ? "at least " : "", done, m->entry.total, migrate_path(m), tool);
    error_hint(err, "undo these statements, and have %s mend the row, or delete it", tool);
    error_next(err, "mend database, row and file, then: dunlin up");
}

void shared_explain(const struct migrating *m, uint64_t done, struct dunlin_error *err)
{
    if (m->entry.foreign->begun && m->direction == DUNLIN_UP) {
        explain_begun(m, done, err);
        return;
    }
    error_state(err,
                "at least %" PRIu64 " of %" PRIu64 " statements of %s are in the database; "
                "the table of %s has no place to note that, so it says nothing of it",
                done, m->entry.total, migrate_path(m), m->run->tool->tool);
    error_hint(err, "undo these statements, or take them out of the file for this once; with "
                    "--history own dunlin notes each and continues by itself");
    error_next(err, "mend the database, then: dunlin up");
}
