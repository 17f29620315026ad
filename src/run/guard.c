/* SPDX-License-Identifier: MIT */
/*
 * What a migration wants to know before it runs: queries of its layout, each with the answer that
 * it needs. They are asked outside a transaction.
 */
#include "run/migrate.h"

#include <string.h>

#include "base/error.h"

struct answer {
    const char *expected;
    char text[200];
    uint64_t rows;
    bool as_expected;
};

static int take(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct answer *a = user;

    if (a->rows++ || n == 0 || !v[0])
        return 0;
    text_copy(a->text, sizeof(a->text), v[0], (size_t)lens[0]);
    a->as_expected =
        lens[0] == strlen(a->expected) && memcmp(v[0], a->expected, (size_t)lens[0]) == 0;
    return 0;
}

static const char *const meanings[] = {[GUARD_PASS_OVER] = "it waits for the next run",
                                       [GUARD_MARK] = "it counts as applied, and was not run",
                                       [GUARD_WARN] = "it runs all the same"};

/* One that is not as expected: tells, or fails. */
static int decide(struct migrating *m, const struct guard *g, enum guard_end end,
                  struct dunlin_error *err)
{
    if (end != GUARD_HALT) {
        run_warn(m->run, "%s:%u: %s: %s", migrate_path(m), g->line, err->message, meanings[end]);
        return DUNLIN_OK;
    }
    error_place(err, migrate_path(m), g->line, 1);
    error_state(err, "nothing of %s was run", migrate_path(m));
    error_next(err, "bring the database into the state that it wants, then: dunlin up");
    return err->status;
}

/* Kinds that say nothing of the query: what was in its way may be gone the next time. */
static bool unanswered(int kind)
{
    return kind == DUNLIN_KIND_LOST || kind == DUNLIN_KIND_NOMEM || kind == DUNLIN_KIND_LOCKED ||
           kind == DUNLIN_KIND_DEADLOCK || kind == DUNLIN_KIND_TIMEOUT ||
           kind == DUNLIN_KIND_CANCELLED;
}

/* Without an answer nothing is decided, whatever it says of errors. */
static int stopped(struct migrating *m, const struct guard *g, int kind, struct dunlin_error *err)
{
    int rc = kind ? run_status(m->run, kind, err) : run_stopped(m->run, err);

    error_place(err, migrate_path(m), g->line, 1);
    error_state(err, "nothing of %s was run", migrate_path(m));
    error_next(err, "dunlin up");
    return rc;
}

/* Asks one. *end is GUARD_WARN where it is as expected. */
static int one(struct migrating *m, const struct guards *guards, const struct guard *g,
               enum guard_end *end, struct dunlin_error *err)
{
    struct answer a = {.expected = g->expected};
    int kind = m->run->driver->query(m->run->conn, g->sql, strlen(g->sql), take, &a, err);

    *end = GUARD_WARN;
    if (unanswered(kind) || atomic_load(&m->run->cancelled))
        return stopped(m, g, kind, err);
    if (kind) {
        *end = guards->on_error;
        (void)run_status(m->run, kind, err);
        return decide(m, g, *end, err);
    }
    if (a.rows > 1) {
        *end = guards->on_error;
        error_set(err, DUNLIN_FAILED, DUNLIN_KIND_DATA, "its precondition returned several rows");
        return decide(m, g, *end, err);
    }
    if (a.as_expected)
        return DUNLIN_OK;
    *end = guards->on_answer;
    if (a.rows == 0)
        error_set(err, DUNLIN_FAILED, DUNLIN_KIND_DATA, "its precondition returned no row");
    else
        error_set(err, DUNLIN_FAILED, DUNLIN_KIND_DATA,
                  "its precondition wants \"%.100s\" and got \"%.100s\"", g->expected, a.text);
    return decide(m, g, *end, err);
}

int guard_ask(struct migrating *m, enum guard_end *end, struct dunlin_error *err)
{
    const struct guards *guards = m->item->migration ? m->item->migration->guards : NULL;
    int rc = DUNLIN_OK;

    *end = GUARD_WARN;
    for (size_t i = 0; !rc && guards && i < guards->count && *end == GUARD_WARN; i++)
        rc = one(m, guards, &guards->list[i], end, err);
    return rc;
}
