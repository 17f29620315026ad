/* SPDX-License-Identifier: MIT */
/*
 * Taking turns with drizzle-orm: the history of its folder is its table, and dunlin writes the rows
 * that it would have written. That table has neither a key to claim a migration with nor a place
 * for a journal: the run lock is the claim (on SQLite the transaction), and a row is only written
 * for what was carried out as a whole.
 */
#include "run/migrate.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "source/layout.h"

static bool folder_shares(const struct run *r, const struct folder *f)
{
    return r->options.share_history && f->layout && f->layout == &drizzle_layout;
}

static const struct folder *shared_folder(const struct run *r)
{
    for (size_t i = 0; i < r->source->count; i++) {
        if (folder_shares(r, &r->source->folders[i]))
            return &r->source->folders[i];
    }
    return NULL;
}

bool run_shares(const struct run *r, const struct plan_item *item)
{
    return (item->row && item->row->shared) || (item->migration && item->migration->up.folder &&
                                                folder_shares(r, item->migration->up.folder));
}

bool run_owns_history(const struct run *r)
{
    if (!r->options.share_history || r->options.baseline_schema)
        return true;
    for (size_t i = 0; i < r->source->count; i++) {
        if (!folder_shares(r, &r->source->folders[i]))
            return true;
    }
    return false;
}

static int check_one_folder(const struct run *r, const struct folder *first,
                            struct dunlin_error *err)
{
    for (const struct folder *f = first + 1; f < r->source->folders + r->source->count; f++) {
        if (!folder_shares(r, f))
            continue;
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                  "%s and %s are both folders of drizzle-kit, and cannot share one table %s",
                  first->path, f->path, r->shared.quoted);
        error_hint(err, "run dunlin once for each, or use --history own");
        return DUNLIN_CONFIG;
    }
    return DUNLIN_OK;
}

/* What dunlin's own table says of a folder that has another one is not asked, but it would be
 * forgotten in silence: such rows come from a run with the other setting. */
static int check_not_own(const struct history *h, const struct folder *f, struct dunlin_error *err)
{
    for (size_t i = 0; i < h->count; i++) {
        if (strcmp(h->rows[i].source, f->label) != 0)
            continue;
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                  "migrations of %s are already recorded in dunlin's own table", f->path);
        error_hint(err, "stay with --history own: drizzle-orm must not run this folder any more");
        return DUNLIN_CONFLICT;
    }
    return DUNLIN_OK;
}

int run_history(struct run *r, struct arena *arena, struct history *h, struct dunlin_error *err)
{
    const struct folder *f = shared_folder(r);
    struct drizzle_rows foreign;
    int rc;

    if (!f)
        return history_read(r->driver, r->conn, &r->table, arena, h, err);
    rc = check_one_folder(r, f, err);
    if (!rc)
        rc = history_read(r->driver, r->conn, &r->table, arena, h, err);
    if (!rc)
        rc = check_not_own(h, f, err);
    if (!rc)
        rc = drizzle_read(r->driver, r->conn, &r->shared, arena, &foreign, err);
    if (rc)
        return rc;
    r->shared_missing = !foreign.exists;
    if (!run_owns_history(r))
        h->exists = true; /* it is not needed */
    if (r->shared_missing)
        h->exists = false;
    return plan_shared_rows(f, &foreign, arena, h, err);
}

static int create_one(struct run *r, struct buf *sql, struct dunlin_error *err)
{
    struct batch b;
    int rc = DUNLIN_OK;

    batch_init(&b, r);
    if (sql->len || sql->failed)
        rc = batch_control_buf(&b, ENTRY_CONTROL, sql, err);
    if (!rc)
        rc = batch_send(&b, err);
    batch_free(&b);
    buf_clear(sql);
    return rc;
}

int run_shared_create(struct run *r, struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(16384);
    int rc;

    if (!r->shared_missing)
        return DUNLIN_OK;
    drizzle_sql_schema(&sql, r->driver, &r->shared);
    rc = create_one(r, &sql, err);
    if (!rc) {
        drizzle_sql_table(&sql, r->driver, &r->shared);
        rc = create_one(r, &sql, err);
    }
    if (!rc)
        r->shared_missing = false;
    buf_free(&sql);
    return rc;
}

int run_refuse_shared(const struct run *r, const struct plan_item *item, struct dunlin_error *err)
{
    if (!run_shares(r, item))
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
              "the history of %s is drizzle-orm's own table, which this cannot write",
              item->source);
    error_hint(err, "dunlin adopt takes that history over; then leave --history layout away");
    return DUNLIN_CONFIG;
}

/* ---- one migration -------------------------------------------------------------------------- */

int shared_prepare(struct migrating *m, struct dunlin_error *err)
{
    const struct migration *migration = m->item->migration;
    char hash[SHA256_HEX_SIZE];
    int rc;

    if (!migration || m->direction == DUNLIN_DOWN)
        return run_refuse_shared(m->run, m->item, err);
    rc = drizzle_hash(&migration->up, hash, err);
    if (rc)
        return rc;
    m->entry.hash = arena_strdup(&m->run->arena, hash);
    if (!m->entry.hash)
        return error_nomem(err);
    m->entry.when = migration->when;
    m->entry.shared = &m->run->shared;
    m->entry.shared_claims = !m->run->dialect->lock && m->item->mode == RUN_TRANSACTION;
    return DUNLIN_OK;
}

void shared_explain(const struct migrating *m, uint64_t done, struct dunlin_error *err)
{
    error_state(err,
                "at least %" PRIu64 " of %" PRIu64 " statements of %s are in the database; "
                "drizzle-orm's table has no place to note that, so it says nothing of it",
                done, m->entry.total, migrate_path(m));
    error_hint(err, "undo these statements, or take them out of the file for this once; with "
                    "--history own dunlin notes each and continues by itself");
    error_next(err, "mend the database, then: dunlin up");
}
