/* SPDX-License-Identifier: MIT */
/* How far a run goes: from a goal to the selected items. */
#include "plan/plan.h"

#include <string.h>

#include "base/error.h"

/* Whether item is the one that the user calls V: a number, a whole stem, or LABEL/V. */
static bool version_is(const struct plan_item *item, const char *wanted)
{
    const char *slash = strchr(wanted, '/');
    const char *digits = item->migration ? item->migration->digits : NULL;

    if (strcmp(item->version, wanted) == 0)
        return true;
    if (slash) {
        size_t n = (size_t)(slash - wanted);

        if (strlen(item->source) != n || strncmp(item->source, wanted, n) != 0)
            return false;
        wanted = slash + 1;
    }
    if (strcmp(item->version, wanted) == 0)
        return true;
    if (!digits && strcmp(item->kind, "repeatable") != 0 &&
        item->version[strspn(item->version, "0123456789")] == '\0')
        digits = digits_trim(item->version);
    return digits && *wanted && wanted[strspn(wanted, "0123456789")] == '\0' &&
           strcmp(digits, digits_trim(wanted)) == 0;
}

/* Several folders may have one of that number. */
int plan_find(const struct plan *p, const char *wanted, size_t *out, struct dunlin_error *err)
{
    size_t found = 0;

    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].outside || !version_is(&p->items[i], wanted))
            continue;
        if (found++ == 0)
            *out = i;
    }
    if (found == 1)
        return DUNLIN_OK;
    if (found == 0) {
        error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "there is no migration %.60s", wanted);
        error_hint(err, "dunlin status lists the versions");
    } else {
        error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "%zu folders have a migration %.60s", found,
                  wanted);
        error_hint(err, "write LABEL/%.60s", wanted);
    }
    return DUNLIN_USAGE;
}

/* Whether down may take it: applied, in a given folder; repeatables only with everything. */
static bool revertible(const struct plan_item *item, bool all)
{
    if (item->outside || !item->row || strcmp(item->row->kind, "baseline") == 0)
        return false;
    if (!plan_is_applied(item))
        return history_reverting(item->row);
    return all || strcmp(item->kind, "repeatable") != 0;
}

/* Another one that was begun would be left behind by a run of some alone. */
static int refuse_begun(const struct plan *p, struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct plan_item *item = &p->items[i];

        if (item->outside || item->selected || !item->row ||
            (item->row->status != HISTORY_RUNNING && item->row->status != HISTORY_PARTIAL))
            continue;
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                  "migration %s (%s) was begun and not finished", item->version, item->name);
        error_hint(err, "finish it first: dunlin resume");
        return DUNLIN_CONFLICT;
    }
    return DUNLIN_OK;
}

/* Exactly the migrations that the goal names, as far as there is something to do with them. */
static int select_only(struct plan *p, const struct dunlin_goal *goal, enum dunlin_direction way,
                       size_t *selected, struct dunlin_error *err)
{
    for (size_t i = 0; i < goal->nonly; i++) {
        struct plan_item *item;
        size_t at = 0;
        int rc = plan_find(p, goal->only[i], &at, err);

        if (rc)
            return rc;
        item = &p->items[at];
        if (item->selected || !(way == DUNLIN_UP ? plan_is_pending(item) : revertible(item, true)))
            continue;
        item->selected = true;
        (*selected)++;
    }
    return *selected ? refuse_begun(p, err) : DUNLIN_OK;
}

int plan_up(struct plan *p, const struct dunlin_goal *goal, size_t *selected,
            struct dunlin_error *err)
{
    uint64_t limit = goal ? goal->count : 0;
    size_t end = p->count;

    *selected = 0;
    if (goal && goal->nonly)
        return select_only(p, goal, DUNLIN_UP, selected, err);
    if (goal && goal->to) {
        int rc = plan_find(p, goal->to, &end, err);

        if (rc)
            return rc;
        end++;
    }
    for (size_t i = 0; i < end; i++) {
        struct plan_item *item = &p->items[i];

        if (!plan_is_pending(item) || (limit && *selected == limit))
            continue;
        item->selected = true;
        (*selected)++;
    }
    return DUNLIN_OK;
}

/* Failed and deferred are no obstacle: nothing of them is in the database. */
static int refuse_unfinished(const struct plan *p, struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct plan_item *item = &p->items[i];

        if (item->outside || !item->row || plan_is_applied(item) ||
            item->row->status == HISTORY_FAILED || item->row->status == HISTORY_DEFERRED ||
            history_reverting(item->row))
            continue;
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                  "migration %s (%s) was begun and not finished", item->version, item->name);
        error_hint(err, "finish it first: dunlin up");
        return DUNLIN_CONFLICT;
    }
    return DUNLIN_OK;
}

int plan_missing(struct plan *p, size_t *selected, struct dunlin_error *err)
{
    *selected = 0;
    for (size_t i = p->count; i-- > 0;) {
        struct plan_item *item = &p->items[i];

        /* A repeatable without a way back stays: nothing of the folder depends on its absence. */
        if (item->migration || !revertible(item, true) ||
            (strcmp(item->kind, "repeatable") == 0 && !item->row->has_down))
            continue;
        item->selected = item->reverts = true;
        (*selected)++;
    }
    return refuse_unfinished(p, err);
}

int plan_down(struct plan *p, const struct dunlin_goal *goal, size_t *selected,
              struct dunlin_error *err)
{
    bool all = goal && goal->all;
    uint64_t limit = all ? 0 : goal && (goal->count || goal->to) ? goal->count : 1;
    size_t stop = 0;

    int rc = refuse_unfinished(p, err);

    *selected = 0;
    if (rc)
        return rc;
    if (goal && goal->nonly)
        return select_only(p, goal, DUNLIN_DOWN, selected, err);
    if (!all && goal && goal->to) {
        rc = plan_find(p, goal->to, &stop, err);
        if (rc)
            return rc;
        stop++;
    }
    for (size_t i = p->count; i-- > stop;) {
        struct plan_item *item = &p->items[i];

        if (!revertible(item, all) || (limit && *selected == limit))
            continue;
        item->selected = true;
        (*selected)++;
    }
    return DUNLIN_OK;
}
