/* SPDX-License-Identifier: MIT */
/* Where folder and history disagree: refusing to run over a conflict. */
#include "plan/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/layout.h"

#define LISTED 8 /* conflicts named in an error's detail */

/* A base schema belongs to no folder; begun and not finished it still stops everything. */
static bool base_unfinished(const struct plan_item *item)
{
    return strcmp(item->source, PLAN_BASE_SCHEMA) == 0 &&
           (item->state == DUNLIN_STATE_PARTIAL || item->state == DUNLIN_STATE_RUNNING);
}

static const char *conflict_word(const struct plan_item *item, enum dunlin_order order)
{
    if (item->outside)
        return base_unfinished(item) ? "was loaded in part" : NULL;
    switch (item->state) {
    case DUNLIN_STATE_EDITED:
        return "was edited after it was applied";
    case DUNLIN_STATE_MISSING:
        return strcmp(item->kind, "repeatable") == 0 ? NULL : "is applied, but its file is missing";
    case DUNLIN_STATE_LATE:
        return order == DUNLIN_ORDER_REJECT ? "comes before one that is applied already" : NULL;
    case DUNLIN_STATE_PARTIAL:
    case DUNLIN_STATE_RUNNING:
    case DUNLIN_STATE_FAILED:
        if (item->row && history_reverting(item->row))
            return "is half reverted";
        return item->migration ? NULL : "was begun and not finished, and its file is missing";
    default:
        return NULL;
    }
}

/* The newest applied migration of the same folder: what a late one comes before. */
static const struct plan_item *newest_applied(const struct plan *p, const struct plan_item *late)
{
    const struct plan_item *found = NULL;

    for (size_t i = 0; i < p->count; i++) {
        const struct plan_item *item = &p->items[i];

        if (!item->outside && plan_is_applied(item) && strcmp(item->source, late->source) == 0 &&
            strcmp(item->kind, "repeatable") != 0)
            found = item;
    }
    return found;
}

static void conflict_hint(const struct plan *p, const struct plan_item *item,
                          struct dunlin_error *err)
{
    const struct plan_item *newest;

    if (item->row && history_reverting(item->row)) {
        error_hint(err, "finish that first: dunlin down");
        return;
    }
    if (item->outside) {
        error_hint(err, "go on with it: dunlin up --baseline-schema FILE");
        return;
    }
    switch (item->state) {
    case DUNLIN_STATE_EDITED:
        error_hint(err, "restore the file as it was applied, and put the change into a new "
                        "migration");
        /* What was edited has a row: NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
        error_detail(err, "recorded %s, the file has %s", item->row->checksum, item->checksum);
        break;
    case DUNLIN_STATE_LATE:
        if (item->migration->listed && item->migration->up.folder->layout->by_time) {
            error_hint(err,
                       "%s passes over it in silence: drop it and generate it anew, or run it "
                       "now with --out-of-order allow",
                       item->migration->up.folder->layout->tool);
            break;
        }
        newest = newest_applied(p, item);
        if (newest)
            error_detail(err, "%s is applied",
                         plan_place(newest) ? plan_place(newest) : newest->version);
        error_hint(err, "give the file a number behind the applied ones (dunlin renumber), or "
                        "accept the order with --out-of-order allow");
        break;
    default:
        if (item->row && item->row->elsewhere) {
            error_hint(err, "dunlin does not read such files: --foreign-code skip passes over "
                            "them and their rows");
            break;
        }
        error_hint(err,
                   "bring the file back, for example from the branch that it was applied from%s",
                   item->row && item->row->has_down ? "; or revert it: dunlin switch" : "");
    }
}

static void others_list(const struct plan *p, enum dunlin_order order, size_t first, size_t total,
                        struct dunlin_error *err)
{
    char more[sizeof(err->state)];
    size_t used = 0, listed = 0;

    for (size_t i = first + 1; i < p->count && listed < LISTED; i++) {
        const struct plan_item *item = &p->items[i];
        const char *word = conflict_word(item, order);
        int n;

        if (!word)
            continue;
        n = snprintf(more + used, sizeof(more) - used, "%s%s %s", listed ? "; " : "",
                     plan_place(item) ? plan_place(item) : item->version, word);
        if (n < 0 || (size_t)n >= sizeof(more) - used)
            break;
        used += (size_t)n;
        listed++;
    }
    more[used] = '\0';
    error_state(err, "%zu more: %s", total - 1, more);
}

int plan_conflicts(const struct plan *p, enum dunlin_order order, struct dunlin_error *err)
{
    const struct plan_item *first = NULL;
    size_t total = 0, index = 0;

    for (size_t i = 0; i < p->count; i++) {
        if (!conflict_word(&p->items[i], order))
            continue;
        if (!first) {
            first = &p->items[i];
            index = i;
        }
        total++;
    }
    if (!first)
        return DUNLIN_OK;
    if (plan_place(first))
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY, "%s %s", plan_place(first),
                  conflict_word(first, order));
    else
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY, "version %s (%s) %s", first->version,
                  first->name, conflict_word(first, order));
    conflict_hint(p, first, err);
    if (err && total > 1)
        others_list(p, order, index, total, err);
    return DUNLIN_CONFLICT;
}
