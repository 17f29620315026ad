/* SPDX-License-Identifier: MIT */
/* Taking turns with another tool: its own lock, beside dunlin's, and who holds it. */
#include "run/run.h"

#include <string.h>

#include "base/error.h"
#include "source/layout.h"

bool run_maybe_at_work(const struct run *r)
{
    const struct foreign_on *on = r->tool_begun ? foreign_on(r->tool, r->driver) : NULL;

    return on && on->lock && !r->tool_locked;
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

int run_tool_works(struct run *r, const struct foreign_on *on, struct dunlin_error *err)
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
        run_shared_folder(r) && r->tool ? foreign_on(r->tool, r->driver) : NULL;
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
    return run_tool_works(r, on, err);
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
