/* SPDX-License-Identifier: MIT */
/*
 * Taking turns with another tool: the history of its folder is its table, and dunlin writes the
 * rows that it would have written. Such a table has no place for a journal: the run lock is the
 * claim (on SQLite the transaction), and a row is only written for what was carried out as a whole.
 */
#include "run/migrate.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "source/layout.h"

static bool folder_shares(const struct run *r, const struct folder *f)
{
    return r->options.share_history && f->layout && f->layout->tool;
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

bool run_maybe_at_work(const struct run *r)
{
    const struct foreign_on *on = r->tool_begun ? foreign_on(r->tool, r->driver) : NULL;

    return on && on->lock && !r->tool_locked;
}

/* What is read from several tables of one schema needs its name. */
static int schema_find(struct run *r, struct dunlin_error *err)
{
    const struct foreign_on *on = foreign_on(r->tool, r->driver);

    return on && !r->shared.schema && strstr(on->read, "{schema}") ? run_session(r, err)
                                                                   : DUNLIN_OK;
}

struct answer {
    char text[256];
};

static int answer_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct answer *a = user;

    if (n > 0 && v[0])
        text_copy(a->text, sizeof(a->text), v[0], (size_t)lens[0]);
    return 0;
}

static int ask(struct run *r, const char *sql, size_t len, struct answer *out,
               struct dunlin_error *err)
{
    int kind;

    memset(out, 0, sizeof(*out));
    kind = r->driver->query(r->conn, sql, len, answer_row, out, err);
    return kind ? run_status(r, kind, err) : DUNLIN_OK;
}

/* Whose the lock is, where its table says so. */
static void tell_holder(struct run *r, const struct foreign_on *on, struct dunlin_error *err)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct buf sql = BUF_INIT(16384);
    struct answer holder;

    if (on->freed)
        error_hint(err, "wait longer with --lock-wait; %s", on->freed);
    foreign_sql(&sql, on->holder, &r->shared, NULL, NULL);
    if (sql.len && !sql.failed && !ask(r, sql.data, strlen(sql.data), &holder, &ignored))
        error_detail(err, "held by %s", holder.text);
    buf_free(&sql);
}

static int tool_works(struct run *r, const struct foreign_on *on, struct dunlin_error *err)
{
    if (atomic_load(&r->cancelled))
        return run_stopped(r, err);
    error_set(err, DUNLIN_LOCKED, DUNLIN_KIND_LOCKED,
              "%s%s is at work on this database, and did not finish within %.1f s", r->tool->tool,
              r->beside ? " or another dunlin" : "", (double)r->options.lock_wait_ms / 1000.0);
    error_state(err, "this run changed nothing");
    error_hint(err, "wait longer with --lock-wait");
    tell_holder(r, on, err);
    return DUNLIN_LOCKED;
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
    if (!r->options.share_history)
        run_beside_end(r);
    return rc == DUNLIN_LOCKED && on->lock ? tool_works(r, on, err) : rc;
}

int run_history(struct run *r, struct arena *arena, struct history *h, struct dunlin_error *err)
{
    const struct folder *f = shared_folder(r);
    struct foreign_rows foreign;
    struct foreign tool;
    int rc;

    if (!f)
        return history_read(r->driver, r->conn, &r->table, arena, h, err);
    rc = check_one_folder(r, f, err);
    if (!rc)
        rc = history_read(r->driver, r->conn, &r->table, arena, h, err);
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

/* ---- the tool's own lock ----------------------------------------------------------------------
 */

/* What is carried out without an answer. */
static bool is_query(const char *sql)
{
    return strncmp(sql, "SELECT", 6) == 0 || strncmp(sql, "WITH", 4) == 0;
}

static bool is_yes(const struct answer *a)
{
    return strcmp(a->text, "1") == 0 || strcmp(a->text, "t") == 0;
}

/* Asks each of the queries; *yes = all were answered with yes. */
static int ask_all(struct run *r, const char *statements, bool *yes, struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(16384);
    struct answer database;
    dunlin_event_fn on_event = r->on_event;
    char name[512] = "";
    int rc = DUNLIN_OK;

    *yes = true;
    if (r->tool->lock_name) {
        const char *query = strcmp(r->driver->name, "mysql") == 0 ? "SELECT DATABASE()"
                            : strcmp(r->driver->name, "sqlite") == 0
                                ? "SELECT 'main'"
                                : "SELECT pg_catalog.current_database()";

        rc = ask(r, query, strlen(query), &database, err);
        if (!rc)
            r->tool->lock_name(database.text, r->shared.schema, r->shared.name, name, sizeof(name));
    }
    if (!rc)
        foreign_sql(&sql, statements, &r->shared, NULL, name);
    if (!rc && sql.failed)
        rc = error_nomem(err);
    for (size_t at = 0; !rc && *yes && at < sql.len; at += strlen(sql.data + at) + 1) {
        struct answer answer;

        /* whether the tool's lock has a place yet is no news */
        r->on_event = is_query(sql.data + at) ? on_event : NULL;
        rc = ask(r, sql.data + at, strlen(sql.data + at), &answer, err);
        r->on_event = on_event;
        *yes = !rc && (is_yes(&answer) || !is_query(sql.data + at));
    }
    buf_free(&sql);
    return rc;
}

/* PostgreSQL warns of what is not held. */
static void give_back(struct run *r, const struct foreign_on *on)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    dunlin_event_fn on_event = r->on_event;
    bool yes;

    r->on_event = NULL;
    if (on->unlock && strstr(on->lock, "\n;\n"))
        (void)ask_all(r, on->unlock, &yes, &ignored);
    r->on_event = on_event;
}

/* In a file beside the database that is not there yet, or has no tables, nobody is at work. */
static int try_lock(struct run *r, const struct foreign_on *on, bool *held,
                    struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    int rc;

    err = err ? err : &local;
    rc = run_beside(r, false, err);
    *held = !rc && !r->beside && run_has_beside(r);
    if (!rc && !*held)
        rc = ask_all(r, on->lock, held, err);
    if (rc && r->beside && err->kind == DUNLIN_KIND_MISSING_TABLE) {
        *held = true;
        return DUNLIN_OK;
    }
    return rc && r->beside && err->kind == DUNLIN_KIND_READONLY ? run_beside_readonly(r, err) : rc;
}

int run_shared_lock(struct run *r, struct dunlin_error *err)
{
    const struct foreign_on *on =
        shared_folder(r) && r->tool ? foreign_on(r->tool, r->driver) : NULL;
    struct busy_wait wait = {0};
    bool held = false, busy;
    int rc;

    if (!on || !on->lock || r->tool_locked)
        return DUNLIN_OK;
    do {
        rc = try_lock(r, on, &held, err);
        r->tool_locked = (rc && rc != DUNLIN_LOCKED) || held;
        if (!rc && !held) /* it may be one of two */
            give_back(r, on);
        busy = rc ? rc == DUNLIN_LOCKED : !held;
    } while (busy && run_busy_wait(r, &wait));
    if (held || (rc && rc != DUNLIN_LOCKED))
        return rc;
    return tool_works(r, on, err);
}

void run_shared_unlock(struct run *r)
{
    const struct foreign_on *on = r->tool_locked ? foreign_on(r->tool, r->driver) : NULL;
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    bool yes;

    if (on && on->unlock)
        (void)ask_all(r, on->unlock, &yes, &ignored);
    r->tool_locked = false;
}

int run_refuse_shared(const struct run *r, const struct plan_item *item, struct dunlin_error *err)
{
    return run_shares(r, item) ? refuse_writing(r, item->source, err) : DUNLIN_OK;
}

/* ---- one migration -------------------------------------------------------------------------- */

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
