/* SPDX-License-Identifier: MIT */
/*
 * The run lock. It is polled in autocommit: a runner that waits inside the server would hold a
 * snapshot, and CREATE INDEX CONCURRENTLY of the runner that works would wait for it in turn.
 */
#include "run/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "base/error.h"
#include "history/sql.h"

#define POLL_FIRST_MS 25u
#define POLL_MAX_MS 1000u
#define SQL_MAX 8192u

static void lock_names(struct run *r)
{
    char what[2200], hex[SHA256_HEX_SIZE];

    if (r->lock_name[0])
        return;
    snprintf(what, sizeof(what), "dunlin\n%s\n%s", r->table.schema ? r->table.schema : "",
             r->table.name);
    r->lock_key = sha256_int64(what, strlen(what));
    sha256_hex(what, strlen(what), hex);
    memcpy(r->lock_name, hex, sizeof(r->lock_name) - 1);
    r->lock_name[sizeof(r->lock_name) - 1] = '\0';
}

static void lock_sql(struct run *r, const char *text, struct buf *b)
{
    char key[32];
    const struct sql_var vars[] = {
        {"key", key}, {"name", r->lock_name}, {"table", r->table.quoted}, {NULL, NULL}};

    lock_names(r);
    snprintf(key, sizeof(key), "%" PRId64, r->lock_key);
    sql_template(b, text, vars);
}

struct answer {
    char text[256];
};

static int answer_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct answer *a = user;

    if (n > 0 && v[0] && !a->text[0])
        text_copy(a->text, sizeof(a->text), v[0], (size_t)lens[0]);
    return 0;
}

static int lock_ask(struct run *r, const char *text, struct answer *out, struct dunlin_error *err)
{
    struct buf b = BUF_INIT(SQL_MAX);
    int kind;

    memset(out, 0, sizeof(*out));
    lock_sql(r, text, &b);
    kind = run_query(r, &b, answer_row, out, err);
    buf_free(&b);
    return kind;
}

static void lock_holder(struct run *r, struct answer *holder)
{
    memset(holder, 0, sizeof(*holder));
    if (r->dialect->lock_holder)
        (void)lock_ask(r, r->dialect->lock_holder, holder, &(struct dunlin_error)DUNLIN_ERROR_INIT);
}

static void lock_event(struct run *r, uint32_t type, const char *text, uint64_t micros)
{
    struct dunlin_event event = {.type = type, .text = text, .micros = micros};

    run_emit(r, &event);
}

static int lock_timed_out(struct run *r, struct dunlin_error *err)
{
    struct answer holder;

    lock_holder(r, &holder);
    if (atomic_load(&r->cancelled))
        return run_stopped(r, err);
    error_set(err, DUNLIN_LOCKED, DUNLIN_KIND_LOCKED,
              "another dunlin is at work on this database, and did not finish within %.1f s",
              (double)r->options.lock_wait_ms / 1000.0);
    if (holder.text[0])
        error_detail(err, "held by %s", holder.text);
    error_state(err, r->lock_takes ? "a migration of this run let go of the run lock"
                                   : "this run changed nothing");
    error_hint(err, "wait longer with --lock-wait, or look at what that run is doing");
    return DUNLIN_LOCKED;
}

static int lock_take(struct run *r, struct dunlin_error *err)
{
    uint64_t start = run_micros(), pause = POLL_FIRST_MS;
    bool told = false;

    for (;;) {
        uint64_t waited;
        struct answer got;
        int kind = lock_ask(r, r->dialect->lock, &got, err);

        if (kind)
            return run_status(r, kind, err);
        waited = run_micros() - start;
        if (strcmp(got.text, "1") == 0) {
            r->lock_takes++;
            r->lock_doubt = false;
            lock_event(r, DUNLIN_EVENT_LOCK_HELD, NULL, waited);
            return DUNLIN_OK;
        }
        if (!told) {
            struct answer holder;

            lock_holder(r, &holder);
            lock_event(r, DUNLIN_EVENT_LOCK_WAIT, holder.text[0] ? holder.text : NULL, waited);
            told = true;
        }
        if (waited / 1000 >= r->options.lock_wait_ms)
            return lock_timed_out(r, err);
        /* The spread keeps runners that started together from asking together. */
        if (!run_sleep(r, pause - waited % (pause / 4 + 1)))
            return run_stopped(r, err);
        pause = pause * 2 > POLL_MAX_MS ? POLL_MAX_MS : pause * 2;
    }
}

static void release(struct run *r)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    dunlin_event_fn on_event = r->on_event;
    struct answer answer;

    /* One that was let go of meanwhile is not ours to release, and PostgreSQL warns of that. A
     * failure means that the connection is gone, and the lock with it. */
    r->on_event = NULL;
    run_shared_unlock(r);
    for (; r->lock_takes > 0; r->lock_takes--) {
        if (r->dialect->unlock)
            (void)lock_ask(r, r->dialect->unlock, &answer, &ignored);
    }
    r->on_event = on_event;
}

int run_lock(struct run *r, bool *held, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    *held = false;
    if (!r->dialect->lock) {
        rc = run_busy_end(r, run_shared_lock(r, err), err);
        *held = !rc && r->tool_locked;
        r->lock_depth += *held;
        return rc;
    }
    /* The session knows the schema, which is part of the lock's name. */
    if (r->lock_depth == 0)
        rc = run_session(r, err);
    if (!rc && r->pooled)
        return DUNLIN_OK;
    if (!rc && (r->lock_depth == 0 || r->lock_doubt))
        rc = lock_take(r, err);
    if (!rc)
        rc = run_busy_end(r, run_shared_lock(r, err), err);
    if (rc) {
        if (r->lock_depth == 0 && r->lock_takes)
            release(r);
        return rc;
    }
    r->lock_depth++;
    *held = true;
    return DUNLIN_OK;
}

int run_apart(struct run *r, bool on, struct dunlin_error *err)
{
    struct busy_wait wait = {0};
    int kind;

    if (!r->driver->apart)
        return DUNLIN_OK;
    do
        kind = r->driver->apart(r->conn, on, err);
    while (kind == DUNLIN_KIND_LOCKED && run_busy_wait(r, &wait));
    if (!kind)
        return DUNLIN_OK;
    if (atomic_load(&r->cancelled))
        return run_stopped(r, err);
    return kind == DUNLIN_KIND_LOCKED ? lock_timed_out(r, err) : run_status(r, kind, err);
}

int run_lock_again(struct run *r, struct dunlin_error *err)
{
    r->lock_doubt = false;
    return r->lock_depth && r->dialect->lock ? lock_take(r, err) : DUNLIN_OK;
}

void run_unlock(struct run *r)
{
    if (--r->lock_depth == 0)
        release(r);
}
