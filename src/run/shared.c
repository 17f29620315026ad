/* SPDX-License-Identifier: MIT */
/* Taking turns with another tool: the history of its folder is its table, which is read here. */
#include "run/run.h"

#include <string.h>

#include "base/error.h"
#include "source/layout.h"

#define READ_TRIES 3

static int check_one_folder(const struct run *r, const struct folder *first,
                            struct dunlin_error *err)
{
    for (const struct folder *f = first + 1; f < r->source->folders + r->source->count; f++) {
        if (!run_folder_shares(r, f))
            continue;
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                  "%s and %s are both folders of another tool, and cannot share one table %s",
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
        error_hint(err, "stay with --history own: %s must not run this folder any more",
                   f->layout->tool);
        return DUNLIN_CONFLICT;
    }
    return DUNLIN_OK;
}

/* What the tool itself would refuse to go on from. */
static int check_not_failed(struct run *r, const struct history *h, struct dunlin_error *err)
{
    r->tool_begun = false;
    for (size_t i = 0; i < h->count; i++) {
        const struct history_row *row = &h->rows[i];

        if (!row->shared || row->status != HISTORY_FAILED)
            continue;
        r->tool_begun = true;
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                  "%s left %s unfinished: its row in %s says so", r->tool->tool, row->version,
                  r->shared.quoted);
        error_detail(err, "%s", row->error ? row->error : "");
        error_hint(err, "look what of it is in the database, and mend that and the row with %s",
                   r->tool->tool);
        return DUNLIN_CONFLICT;
    }
    return DUNLIN_OK;
}

/* What is read from several tables of one schema needs its name. */
static int schema_find(struct run *r, struct dunlin_error *err)
{
    const struct foreign_on *on = foreign_on(r->tool, r->driver);

    return on && !r->shared.schema && strstr(on->read, "{schema}") ? run_session(r, err)
                                                                   : DUNLIN_OK;
}

int run_shared_read(struct run *r, const struct folder *f, struct arena *arena,
                    struct foreign_rows *out, struct dunlin_error *err)
{
    const struct foreign_on *on = foreign_on(r->tool, r->driver);
    struct busy_wait wait = {0};
    int rc;

    memset(out, 0, sizeof(*out));
    out->folder = f;
    do {
        rc = run_beside(r, false, err);
        if (!rc && (r->beside || !run_has_beside(r)))
            rc = foreign_read(r->tool, r->driver, r->conn, &r->shared, f, arena, out, err);
    } while (rc == DUNLIN_LOCKED && on->lock && run_busy_wait(r, &wait));
    if (r->options.history != DUNLIN_HISTORY_LAYOUT)
        run_beside_end(r);
    return rc == DUNLIN_LOCKED && on->lock ? run_tool_works(r, on, err) : rc;
}

/* Where the engine's write lock is the run lock, a run that writes much locks out readers, too; and
 * a node of a cluster lets a reader go when another one creates the table. */
static int own_read(struct run *r, struct arena *arena, struct history *h, struct dunlin_error *err)
{
    struct busy_wait wait = {0};
    unsigned tries = 0;
    int rc;

    do
        rc = history_read(r->driver, r->conn, &r->table, arena, h, err);
    while ((rc == DUNLIN_LOCKED && !r->dialect->lock && run_busy_wait(r, &wait)) ||
           (rc > 0 && err && err->kind == DUNLIN_KIND_DEADLOCK && tries++ < READ_TRIES));
    return run_busy_end(r, rc, err);
}

int run_history(struct run *r, struct arena *arena, struct history *h, struct dunlin_error *err)
{
    const struct folder *f = run_shared_folder(r);
    struct foreign_rows foreign;
    struct foreign tool;
    int rc;

    if (!f)
        return own_read(r, arena, h, err);
    rc = check_one_folder(r, f, err);
    if (!rc)
        rc = own_read(r, arena, h, err);
    if (!rc)
        rc = check_not_own(h, f, err);
    if (!rc)
        rc = schema_find(r, err);
    if (!rc)
        rc = run_shared_read(r, f, arena, &foreign, err);
    if (rc)
        return rc;
    if (foreign.outdated)
        return error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY, "cannot share the table %s: %s",
                         r->shared.quoted, foreign.outdated);
    r->shared_rows = foreign;
    r->shared_missing = !foreign.exists;
    if (!run_owns_history(r))
        h->exists = true; /* it is not needed */
    if (r->shared_missing)
        h->exists = false;
    tool = *r->tool;
    tool.ordered = tool.ordered && r->options.order == DUNLIN_ORDER_REJECT;
    rc = plan_shared_rows(f, &tool, &foreign, arena, h, err);
    return rc ? rc : check_not_failed(r, h, err);
}
