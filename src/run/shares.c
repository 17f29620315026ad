/* SPDX-License-Identifier: MIT */
/* Whose history it is: in dunlin's own table, or in that of the tool that a folder's layout is of.
 */
#include "run/run.h"

#include "source/layout.h"

bool run_folder_shares(const struct run *r, const struct folder *f)
{
    return r->options.history == DUNLIN_HISTORY_LAYOUT && f->layout && f->layout->tool;
}

const struct folder *run_shared_folder(const struct run *r)
{
    for (size_t i = 0; i < r->source->count; i++) {
        if (run_folder_shares(r, &r->source->folders[i]))
            return &r->source->folders[i];
    }
    return NULL;
}

bool run_shares(const struct run *r, const struct plan_item *item)
{
    return (item->row && item->row->shared) || (item->migration && item->migration->up.folder &&
                                                run_folder_shares(r, item->migration->up.folder));
}

bool run_owns_history(const struct run *r)
{
    if (r->options.history != DUNLIN_HISTORY_LAYOUT || r->options.baseline_schema)
        return true;
    for (size_t i = 0; i < r->source->count; i++) {
        if (!run_folder_shares(r, &r->source->folders[i]))
            return true;
    }
    return false;
}
