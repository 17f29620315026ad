/* SPDX-License-Identifier: MIT */
#include "run/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "history/sql.h"

#define MEMBERS_MAX 500u
#define FLUSH_BYTES 65536u
#define MEMBER_BYTES (64u * 1024u) /* a larger script gains nothing from sharing */

void group_init(struct group *g, struct run *r)
{
    memset(g, 0, sizeof(*g));
    g->run = r;
    batch_init(&g->batch, r);
}

void group_clear(struct group *g)
{
    for (size_t i = 0; i < g->count; i++) {
        migrate_release(&g->members[i]->m);
        free(g->members[i]);
    }
    g->count = g->next = g->told = 0;
    batch_clear(&g->batch);
}

void group_free(struct group *g)
{
    group_clear(g);
    free(g->members);
    batch_free(&g->batch);
}

bool group_full(const struct group *g)
{
    return g->count >= MEMBERS_MAX || g->batch.text.len >= BATCH_BYTES;
}

/* One transaction holds them all, with a savepoint for each. */
static bool encloses(const struct run *r)
{
    return !r->dialect->lock && (r->driver->caps & DUNLIN_CAP_TX_DDL);
}

/* Schema changes commit by themselves, so that each member notes what is done. */
static bool journals(const struct run *r)
{
    return !(r->driver->caps & DUNLIN_CAP_TX_DDL);
}

static bool run_may_share(const struct run *r)
{
    if (r->enclosed || r->observation || r->lock_doubt || r->lex_touched || r->options.tolerate ||
        hooks_any(r, HOOK_CONNECT, NULL))
        return false;
    if (encloses(r))
        return !r->options.durable_each && !r->session_touched;
    return r->dialect->lock && !r->dialect->leftovers && (r->driver->caps & DUNLIN_CAP_BATCH);
}

/* What needs an answer in the middle, a message of its own or another way of running. */
static bool may_share(const struct run *r, const struct plan_item *item)
{
    const struct script *script = &item->up.script;
    const struct section *up = &script->sections[SECTION_UP];

    return run_may_share(r) && item->mode != RUN_PROGRAM &&
           (item->mode == RUN_TRANSACTION || journals(r)) &&
           !(item->row && item->row->status != HISTORY_APPLIED) && !run_shares(r, item) &&
           !(item->migration && item->migration->guards) && up->bytes <= MEMBER_BYTES &&
           !script->sections[SECTION_VERIFY].statements && !up->options.tolerate_exists &&
           !up->options.tolerate_missing &&
           !(encloses(r) && (up->foreign_keys || up->options.foreign_keys_off)) &&
           !hooks_any(r, HOOK_BEFORE_EACH, item->source) &&
           !hooks_any(r, HOOK_AFTER_EACH, item->source);
}

static bool members_grow(struct group *g)
{
    size_t cap = g->cap ? g->cap * 2 : 16;
    struct group_member **members;

    if (g->count < g->cap)
        return true;
    members = realloc(g->members, cap * sizeof(*members));
    if (!members)
        return false;
    g->members = members;
    g->cap = cap;
    return true;
}

static bool own_timeouts(const struct migrating *m)
{
    return m->section->options.timeout_given || m->section->options.lock_timeout_given;
}

/* The claim of a member moves in front of the COMMIT of the one before it: a commit less. Both are
 * in the database, or neither. Where the lock does not keep others out, the claim does, and has to
 * stand by itself: it may be refused. */
static void claim_early(struct group *g, struct group_member *member)
{
    struct group_member *before = g->count ? g->members[g->count - 1] : NULL;
    struct batch_entry *claim = &g->batch.entries[member->first], commit;

    if (!before || !before->m.commits || claim->role != ENTRY_CLAIM || g->run->lock_local)
        return;
    commit = claim[-1];
    claim[-1] = *claim;
    *claim = commit;
    before->last++;
    before->claims_next = true;
    member->first++;
}

/* The member works on the group's batch for the time of this call. */
static int append(struct group *g, struct group_member *member, struct dunlin_error *err)
{
    struct migrating *m = &member->m;
    bool dirty = g->run->dirty, timed = g->run->timed;
    int rc;

    member->first = g->batch.count;
    m->batch = g->batch;
    m->savepoint = encloses(g->run);
    rc = migrate_journals(m) ? journal_append(m, err) : transaction_append(m, err);
    /* Statements that may share a transaction leave nothing in the session. */
    if (!rc && (m->savepoint || m->quiet) && !own_timeouts(m))
        g->run->dirty = false;
    g->batch = m->batch;
    memset(&m->batch, 0, sizeof(m->batch));
    member->last = g->batch.count - 1;
    /* Its COMMIT and a look at the lock would come too late for those behind it. */
    if (!rc && g->run->lock_doubt)
        rc = RUN_ALONE;
    if (rc) {
        batch_cut(&g->batch, member->first);
        g->run->dirty = dirty;
        g->run->timed = timed;
        g->run->lock_doubt = false;
    } else {
        claim_early(g, member);
    }
    return rc;
}

bool group_alone(struct group *g)
{
    if (g->count == 1) {
        g->run->dirty = g->dirty;
        g->run->timed = false;
    }
    return g->count == 1;
}

int group_add(struct group *g, struct plan_item *item, struct dunlin_error *err)
{
    struct group_member *member;
    int rc;

    if (!may_share(g->run, item))
        return RUN_ALONE;
    if (g->count == 0)
        g->dirty = g->run->dirty;
    member = calloc(1, sizeof(*member));
    if (!member || !members_grow(g)) {
        free(member);
        return error_nomem(err);
    }
    member->m = (struct migrating){.run = g->run, .item = item, .direction = DUNLIN_UP};
    rc = migrate_prepare(&member->m, err);
    batch_free(&member->m.batch);
    if (!rc)
        rc = append(g, member, err);
    if (rc) {
        migrate_release(&member->m);
        free(member);
        return rc;
    }
    g->members[g->count++] = member;
    return DUNLIN_OK;
}

static void tell(struct group *g, struct group_member *member)
{
    member->m.batch.sent = member->m.executed;
    migrate_event(&member->m, DUNLIN_EVENT_MIGRATION_BEGIN, 0, 0, NULL);
    batch_events(&g->batch, member->first, member->last + 1);
    migrate_event(&member->m, DUNLIN_EVENT_MIGRATION_END, DUNLIN_STATE_APPLIED,
                  (run_micros() - g->start) / g->count, NULL);
}

/* An entry has completed: with its last one a member is applied, and told about where that is for
 * good. */
static void passed(void *user, size_t index)
{
    struct group *g = user;
    struct group_member *member = g->next < g->count ? g->members[g->next] : NULL;

    if (!member || member->last != index)
        return;
    g->next++;
    g->batch.durable = g->batch.sent = 0;
    g->batch.opened = false;
    if (!encloses(g->run)) {
        tell(g, member);
        g->told++;
    }
}

/* Also of a cancelled run, what is done is kept and written down. */
static int send_anyway(struct run *r, const char *sql, struct dunlin_error *err)
{
    bool cancelled = run_cancel_hold(r);
    int rc = batch_now(r, ENTRY_CONTROL, sql, err);

    run_cancel_release(r, cancelled);
    return rc;
}

/* ---- commits that did not wait for the disk -------------------------------------------------- */

/* A commit that waits makes those before it safe too: one that changes nothing. */
static bool flush_sql(const struct group *g, size_t applied, struct buf *sql)
{
    const struct run *r = g->run;

    if (applied == 0 || !r->dialect->commit_async || r->options.durable_each)
        return false;
    history_sql_touch(sql, &r->table, &g->members[applied - 1]->m.entry);
    return !sql->failed;
}

static int send_message(struct group *g, struct dunlin_error *err)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct buf sql = BUF_INIT(FLUSH_BYTES);
    struct migrating m = {.run = g->run}; /* its own batch is empty */
    int rc = DUNLIN_OK;

    if (flush_sql(g, g->count, &sql))
        rc = batch_control_buf(&g->batch, ENTRY_CONTROL, &sql, err);
    if (!rc)
        rc = batch_send(&g->batch, err);
    if (rc && !journals(g->run) && g->batch.failure.kind != DUNLIN_KIND_LOST) {
        migrate_rollback(&m);
        buf_clear(&sql);
        if (flush_sql(g, g->next, &sql))
            (void)send_anyway(g->run, buf_str(&sql), &ignored);
    }
    buf_free(&sql);
    return rc;
}

/* ---- one transaction for all ----------------------------------------------------------------- */

static int begin(struct group *g, struct dunlin_error *err)
{
    struct busy_wait wait = {0};
    int rc;

    do
        rc = batch_now(g->run, ENTRY_BEGIN, g->run->dialect->begin, err);
    while (rc == DUNLIN_LOCKED && run_busy_wait(g->run, &wait));
    return run_busy_end(g->run, rc, err);
}

/* Keeps what is done. When it cannot be kept nothing is: then all of it runs again, one by one. */
static int end(struct group *g, struct dunlin_error *err)
{
    struct run *r = g->run;
    struct migrating m = {.run = r};
    int rc = DUNLIN_FAILED;

    if (g->next > 0 && r->driver->tx_state(r->conn) == DUNLIN_TX_OPEN)
        rc = send_anyway(r, r->dialect->commit, err);
    if (rc) {
        migrate_rollback(&m);
        g->next = 0;
    }
    return rc;
}

/* The failed statement took the whole transaction with it, as one that is interrupted may: what had
 * been done before it is done once more. */
static void repeat(struct group *g)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct batch_failure failure = g->batch.failure;
    bool cancelled = run_cancel_hold(g->run);

    batch_cut(&g->batch, g->members[g->next - 1]->last + 1);
    g->next = 0;
    if (begin(g, &ignored) == DUNLIN_OK)
        (void)batch_send(&g->batch, &ignored);
    g->batch.failure = failure;
    run_cancel_release(g->run, cancelled);
}

static int send_enclosed(struct group *g, struct dunlin_error *err)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct run *r = g->run;
    int rc = begin(g, err), ended;

    g->begun = rc == DUNLIN_OK;
    if (rc)
        return rc;
    rc = batch_send(&g->batch, err);
    if (rc && r->driver->tx_state(r->conn) == DUNLIN_TX_OPEN)
        (void)send_anyway(r, GROUP_SAVEPOINT_BACK, &ignored);
    else if (rc && g->next > 0)
        repeat(g);
    ended = end(g, rc ? &ignored : err);
    for (; g->told < g->next; g->told++)
        tell(g, g->members[g->told]);
    return rc ? rc : ended;
}

/* ---- sending --------------------------------------------------------------------------------- */

int group_send(struct group *g, size_t *applied, struct dunlin_error *err)
{
    int rc;

    *applied = 0;
    if (g->count == 0)
        return DUNLIN_OK;
    g->start = run_micros();
    g->batch.passed = passed;
    g->batch.passed_user = g;
    g->batch.durable = g->batch.sent = 0;
    g->batch.opened = false;
    g->batch.failure = (struct batch_failure){0};
    g->begun = true;
    rc = encloses(g->run) ? send_enclosed(g, err) : send_message(g, err);
    g->batch.passed = NULL;
    *applied = g->next;
    if (rc) /* how far what sets the session came is not known */
        g->run->dirty = true;
    return rc;
}

/* It goes on with a batch of its own, as if it had been sent alone. */
static int member_failed(struct group *g, struct group_member *member, int rc,
                         struct dunlin_error *err)
{
    struct migrating *m = &member->m;

    migrate_event(m, DUNLIN_EVENT_MIGRATION_BEGIN, 0, 0, NULL);
    batch_events(&g->batch, member->first, g->batch.failure.index);
    batch_event_failed(&g->batch, err);
    batch_init(&m->batch, g->run);
    m->batch.failure = g->batch.failure;
    m->batch.durable = g->batch.durable;
    m->batch.sent = g->batch.sent;
    m->batch.opened = g->batch.opened;
    rc = migrate_journals(m) ? journal_failed(m, rc, err) : transaction_failed(m, rc, err);
    migrate_end(m, rc, run_micros() - g->start, err);
    batch_free(&m->batch);
    return rc;
}

static bool early_refused(const struct group *g, const struct group_member *member)
{
    const struct batch_failure *f = &g->batch.failure;

    return member->claims_next && f->known && f->index + 1 == member->last &&
           f->kind != DUNLIN_KIND_LOST && !atomic_load(&g->run->cancelled);
}

/* The claim that was refused is that of the member behind this one, which is not to blame: from how
 * far it came each goes on with a claim of its own. */
static int claim_again(struct group *g, struct group_member *member, struct dunlin_error *err)
{
    struct migrating *m = &member->m;
    int rc;

    migrate_rollback(m);
    batch_init(&m->batch, g->run);
    journal_spared(m, g->batch.durable);
    rc = migrate_add_sql(m, ENTRY_NOTE, err);
    if (!rc)
        rc = batch_send(&m->batch, err);
    batch_free(&m->batch);
    return rc ? rc : RUN_RACE;
}

int group_failed(struct group *g, int rc, bool *again, struct dunlin_error *err)
{
    *again = false;
    if (g->next >= g->count)
        return rc;
    if (journals(g->run) && early_refused(g, g->members[g->next]))
        return claim_again(g, g->members[g->next], err);
    if (journals(g->run))
        return member_failed(g, g->members[g->next], rc, err);
    *again = g->begun && g->batch.failure.kind != DUNLIN_KIND_LOST;
    if (!g->begun)
        error_state(err, "nothing of %s is in the database: its transaction did not begin",
                    plan_file(g->members[g->next]->m.item));
    else if (!*again) {
        error_state(err,
                    "the connection broke while %s and those behind it were under way: each is in "
                    "the database as a whole, or not at all",
                    plan_file(g->members[g->next]->m.item));
        error_next(err, "dunlin status");
    }
    return rc;
}
