/* SPDX-License-Identifier: MIT */
#include "run/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define MEMBERS_MAX 500u
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
    g->count = g->next = 0;
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

/* What needs an answer in the middle, a message of its own or another way of running. */
static bool may_share(const struct run *r, const struct plan_item *item)
{
    const struct script *script = &item->up.script;
    const struct section *up = &script->sections[SECTION_UP];
    uint64_t need = DUNLIN_CAP_TX_DDL | DUNLIN_CAP_BATCH;

    return (r->driver->caps & need) == need && r->dialect->lock && !r->enclosed &&
           !r->observation && !r->lock_doubt && !r->lex_touched && !r->dialect->leftovers &&
           item->mode == RUN_TRANSACTION && !(item->row && item->row->status != HISTORY_APPLIED) &&
           !run_shares(r, item) && up->bytes <= MEMBER_BYTES &&
           !script->sections[SECTION_VERIFY].statements && !r->options.tolerate &&
           !up->options.tolerate_exists && !up->options.tolerate_missing &&
           !hooks_any(r, HOOK_CONNECT, NULL) && !hooks_any(r, HOOK_BEFORE_EACH, item->source) &&
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

/* The member works on the group's batch for the time of this call. */
static int append(struct group *g, struct group_member *member, struct dunlin_error *err)
{
    struct migrating *m = &member->m;
    bool dirty = g->run->dirty;
    int rc;

    member->first = g->batch.count;
    m->batch = g->batch;
    rc = transaction_append(m, err);
    g->batch = m->batch;
    memset(&m->batch, 0, sizeof(m->batch));
    member->last = g->batch.count - 1;
    /* Its COMMIT and a look at the lock would come too late for those behind it. */
    if (!rc && g->run->lock_doubt)
        rc = RUN_ALONE;
    if (rc) {
        batch_cut(&g->batch, member->first);
        g->run->dirty = dirty;
        g->run->lock_doubt = false;
    }
    return rc;
}

int group_add(struct group *g, struct plan_item *item, struct dunlin_error *err)
{
    struct group_member *member;
    int rc;

    if (!may_share(g->run, item))
        return RUN_ALONE;
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

/* An entry has completed: with its COMMIT a member is applied, and told about. */
static void passed(void *user, size_t index)
{
    struct group *g = user;
    struct group_member *member = g->next < g->count ? g->members[g->next] : NULL;

    if (!member || member->last != index)
        return;
    member->applied = true;
    g->next++;
    member->m.batch.sent = member->m.executed;
    migrate_event(&member->m, DUNLIN_EVENT_MIGRATION_BEGIN, 0, 0, NULL);
    batch_events(&g->batch, member->first, member->last);
    migrate_event(&member->m, DUNLIN_EVENT_MIGRATION_END, DUNLIN_STATE_APPLIED,
                  (run_micros() - g->start) / g->count, NULL);
}

int group_send(struct group *g, size_t *applied, struct dunlin_error *err)
{
    int rc;

    *applied = 0;
    if (g->count == 0)
        return DUNLIN_OK;
    g->start = run_micros();
    g->batch.passed = passed;
    g->batch.passed_user = g;
    rc = batch_send(&g->batch, err);
    g->batch.passed = NULL;
    *applied = g->next;
    if (rc && g->batch.failure.kind != DUNLIN_KIND_LOST) {
        /* An attempt that is not told about; the member's own batch is empty. */
        struct migrating m = {.run = g->run};

        migrate_rollback(&m);
    }
    return rc;
}
