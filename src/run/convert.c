/* SPDX-License-Identifier: MIT */
/*
 * The history of a folder that was converted: its rows tell of other files from now on. Version and
 * name change, and the checksum where it was that of the file, so that what was edited stays
 * edited. Everything is decided before anything is written, and written in one transaction.
 */
#include "run/run.h"

#include <string.h>

#include "base/error.h"
#include "history/sql.h"
#include "plan/convert.h"
#include "run/batch.h"
#include "source/layout.h"

#define PASSING "convert:" /* before an old version, while the new ones are given */

struct converting {
    struct run *run;
    const struct folder *folder;
    struct conversion *list;
    struct arena arena;
    struct history history;
    struct plan plan;
    struct batch batch;
    uint64_t rows;
};

/* Of an item with a file. */
static struct conversion *conversion_of(const struct converting *c, const struct plan_item *item)
{
    return &c->list[item->migration - c->folder->migrations];
}

/* ---- looking --------------------------------------------------------------------------------- */

/* Rows in the tool's table and none in dunlin's: then these would be lost from sight. */
static int check_own(struct converting *c, struct dunlin_error *err)
{
    struct run *r = c->run;
    struct foreign_rows rows = {.exists = false};
    bool shares = run_folder_shares(r, c->folder);
    int rc = DUNLIN_OK;

    for (size_t i = 0; i < c->history.count && !shares; i++) {
        if (strcmp(c->history.rows[i].source, c->folder->label) == 0)
            return DUNLIN_OK;
    }
    if (!shares && r->tool && c->folder->layout->tool)
        rc = run_shared_read(r, c->folder, &c->arena, &rows, err);
    if (rc || (!shares && rows.count == 0))
        return rc;
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
              "the history of %s is in the own table of %s", c->folder->path,
              c->folder->layout->tool);
    error_hint(err, "take it over first: dunlin adopt; then convert, without --history layout");
    return DUNLIN_CONFLICT;
}

static bool same_version(const char *a, const char *b)
{
    bool numbers =
        *a && *b && a[strspn(a, "0123456789")] == '\0' && b[strspn(b, "0123456789")] == '\0';

    return numbers ? strcmp(digits_trim(a), digits_trim(b)) == 0 : strcmp(a, b) == 0;
}

/* A row without a file has its place by its version, which among others means another one. */
static int check_missing(const struct converting *c, const struct plan_item *item,
                         struct dunlin_error *err)
{
    bool repeatable = strcmp(item->kind, "repeatable") == 0;
    bool keeps = repeatable || !c->folder->layout->listed;

    for (size_t i = 0; i < c->folder->count; i++) {
        const struct conversion *to = &c->list[i];

        if (same_version(item->version, to->as.version) ||
            (!repeatable && strcmp(to->as.version, to->migration->version) != 0))
            keeps = false;
    }
    if (keeps)
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
              "version %s (%s) is in the history, but has no file", item->version, item->name);
    error_detail(err, "among the new versions its row would have another place");
    error_hint(err,
               "bring the file back, or revert it first: dunlin switch; or take the row away: "
               "dunlin mark %s pending",
               item->version);
    return DUNLIN_CONFLICT;
}

static void state_set(struct conversion *to, const struct plan_item *item)
{
    const struct history_row *row = item->row;
    bool other = row && row->checksum && *row->checksum && strcmp(row->checksum, to->was) != 0;

    to->recorded = row != NULL;
    to->state = item->state;
    if (other && item->state == DUNLIN_STATE_APPLIED)
        to->state =
            strcmp(item->kind, "repeatable") == 0 ? DUNLIN_STATE_CHANGED : DUNLIN_STATE_EDITED;
}

static int look(struct converting *c, bool first, struct dunlin_error *err)
{
    struct run *r = c->run;
    int rc;

    plan_free(&c->plan);
    arena_free(&c->arena);
    c->rows = 0;
    rc = history_read(r->driver, r->conn, &r->table, &c->arena, &c->history, err);
    if (!rc && first)
        rc = check_own(c, err);
    if (!rc)
        rc = plan_match(r->source, &c->history, &c->plan, err);
    for (size_t i = 0; !rc && i < c->plan.count; i++) {
        struct plan_item *item = &c->plan.items[i];

        if (item->outside)
            continue;
        c->rows += item->migration && item->row;
        if (item->migration)
            state_set(conversion_of(c, item), item);
        else
            rc = check_missing(c, item, err);
    }
    return rc;
}

/* ---- writing --------------------------------------------------------------------------------- */

static int add_sql(struct converting *c, struct buf *sql, struct dunlin_error *err)
{
    int rc = batch_control_buf(&c->batch, ENTRY_CONTROL, sql, err);

    buf_clear(sql);
    return rc || !batch_full(&c->batch) ? rc : batch_send(&c->batch, err);
}

static void where(const struct converting *c, const char *version, struct buf *sql)
{
    const struct dunlin_dialect *d = c->run->dialect;

    buf_adds(sql, " WHERE ");
    sql_equals(sql, d, "source", c->folder->label);
    buf_adds(sql, " AND ");
    sql_equals(sql, d, "version", version);
}

/* Out of the way first: the new version of one may be the old version of another. */
static int row_aside(struct converting *c, const struct plan_item *item, const char *passing,
                     struct buf *sql, struct dunlin_error *err)
{
    buf_addf(sql, "UPDATE %s SET version = ", c->run->table.quoted);
    sql_literal(sql, c->run->dialect, passing);
    where(c, item->row->version, sql);
    return add_sql(c, sql, err);
}

static int row_change(struct converting *c, const struct plan_item *item, const char *passing,
                      struct buf *sql, struct dunlin_error *err)
{
    const struct conversion *to = conversion_of(c, item);
    const struct dunlin_dialect *d = c->run->dialect;

    buf_addf(sql, "UPDATE %s SET version = ", c->run->table.quoted);
    sql_literal(sql, d, to->as.version);
    buf_adds(sql, ", name = ");
    sql_literal(sql, d, to->as.name);
    if (item->row->checksum && strcmp(item->row->checksum, to->was) == 0) {
        buf_adds(sql, ", checksum = ");
        sql_literal(sql, d, to->is);
    }
    where(c, passing, sql);
    return add_sql(c, sql, err);
}

static int rows_write(struct converting *c, struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(65536);
    int rc = DUNLIN_OK;

    for (int pass = 0; !rc && pass < 2; pass++) {
        for (size_t i = 0; !rc && i < c->plan.count; i++) {
            const struct plan_item *item = &c->plan.items[i];
            const char *passing;

            if (item->outside || !item->migration || !item->row)
                continue;
            passing = arena_printf(&c->arena, PASSING "%s", item->row->version);
            if (!passing)
                rc = error_nomem(err);
            else
                rc = pass ? row_change(c, item, passing, &sql, err)
                          : row_aside(c, item, passing, &sql, err);
        }
    }
    buf_free(&sql);
    return rc ? rc : batch_send(&c->batch, err);
}

/* Looks once more where nobody else can write: what was decided on may be gone. */
static int transaction(struct converting *c, run_publish_fn publish, void *user,
                       struct dunlin_error *err)
{
    struct run *r = c->run;
    int rc = batch_now(r, ENTRY_BEGIN, r->dialect->begin, err);

    if (rc)
        return rc;
    rc = look(c, false, err);
    if (!rc)
        rc = rows_write(c, err);
    if (!rc)
        rc = publish(user, err);
    if (!rc)
        rc = batch_now(r, ENTRY_CONTROL, r->dialect->commit, err);
    if (rc)
        run_rollback(r);
    return rc;
}

int run_convert(struct run *r, struct conversion *list, bool dry, run_publish_fn ready,
                run_publish_fn publish, void *user, uint64_t *rows, struct dunlin_error *err)
{
    struct converting c = {
        .run = r, .folder = &r->source->folders[0], .list = list, .arena = ARENA_INIT};
    bool held = false;
    int rc = run_session(r, err);

    batch_init(&c.batch, r);
    if (!rc && !dry)
        rc = run_lock(r, &held, err);
    if (!rc)
        rc = look(&c, true, err);
    if (!rc)
        rc = ready(user, err);
    if (!rc && !dry)
        rc = c.rows ? transaction(&c, publish, user, err) : publish(user, err);
    if (held)
        run_unlock(r);
    *rows = c.rows;
    batch_free(&c.batch);
    plan_free(&c.plan);
    arena_free(&c.arena);
    return rc;
}
