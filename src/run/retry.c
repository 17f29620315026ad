/* SPDX-License-Identifier: MIT */
/*
 * A migration that did not get its locks in time is tried again as a whole: waiting in the queue
 * for a lock would block everybody behind it, so it steps back and lets them pass.
 */
#include "run/migrate.h"

#include <string.h>

#include "base/error.h"

#define PAUSE_FIRST_MS 250u
#define PAUSE_MAX_MS 10000u
#define BLOCKERS_MAX 800u

/* A statement of the script failed, so the server never came to the COMMIT behind it. */
bool retry_may(const struct migrating *m, uint32_t tries)
{
    const struct batch_failure *f = &m->batch.failure;

    return tries < m->run->options.lock_retries && !m->run->enclosed && f->role == ENTRY_BODY &&
           !atomic_load(&m->run->cancelled) &&
           (f->kind == DUNLIN_KIND_LOCKED || f->kind == DUNLIN_KIND_DEADLOCK);
}

void migrate_again(struct migrating *m)
{
    batch_clear(&m->batch);
    buf_clear(&m->sql);
    m->executed = m->batch.sent = m->batch.durable = 0;
    m->batch.opened = m->may_remain = false;
    m->batch.failure = (struct batch_failure){0};
}

static int blocker(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct buf *text = user;

    (void)lens;
    if (n > 0 && v[0] && text->len < BLOCKERS_MAX)
        buf_addf(text, "%s%s", text->len ? "; " : "", v[0]);
    return 0;
}

bool retry_wait(struct migrating *m, uint32_t tries, const struct dunlin_error *err)
{
    struct run *r = m->run;
    const char *query = r->dialect->blockers;
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct buf text = BUF_INIT(4 * BLOCKERS_MAX);
    uint64_t pause = PAUSE_FIRST_MS << (tries < 8 ? tries - 1 : 7);

    if (query)
        (void)r->driver->query(r->conn, query, strlen(query), blocker, &text, &ignored);
    run_warn(r, "%s: %s; trying again, %u of %u%s%s", migrate_path(m), err->message, tries,
             r->options.lock_retries, text.len ? "; open transactions: " : "", buf_str(&text));
    buf_free(&text);
    return run_sleep(r, pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
}

/* What the last try left is there still. */
int retry_stopped(const struct migrating *m, struct dunlin_error *err)
{
    char state[sizeof(err->state)] = "";
    int rc;

    if (err)
        memcpy(state, err->state, sizeof(state));
    rc = run_stopped(m->run, err);
    error_state(err, "%s", state);
    error_next(err, "dunlin %s", run_again(m->run, m->direction));
    return rc;
}
