/* SPDX-License-Identifier: MIT */
/* Combined runs, and the history written by hand. */
#include "api/context.h"

#include "base/error.h"

int dunlin_to(struct dunlin *d, const char *version, struct dunlin_summary *summary,
              struct dunlin_error *err)
{
    return run_to(&d->run, version, summary, err);
}

int dunlin_redo(struct dunlin *d, uint64_t count, struct dunlin_summary *summary,
                struct dunlin_error *err)
{
    return run_redo(&d->run, count ? count : 1, summary, err);
}

int dunlin_resume(struct dunlin *d, enum dunlin_resume how, struct dunlin_summary *summary,
                  struct dunlin_error *err)
{
    return run_resume(&d->run, how == DUNLIN_RESUME_SKIP, summary, err);
}

int dunlin_mark(struct dunlin *d, const char *version, enum dunlin_state state,
                struct dunlin_summary *summary, struct dunlin_error *err)
{
    if (state != DUNLIN_STATE_APPLIED && state != DUNLIN_STATE_PENDING &&
        state != DUNLIN_STATE_FAILED)
        return error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE,
                         "a migration can be marked as applied, pending or failed");
    return run_mark(&d->run, version, state, summary, err);
}

int dunlin_baseline(struct dunlin *d, const char *version, struct dunlin_summary *summary,
                    struct dunlin_error *err)
{
    return run_baseline(&d->run, version, summary, err);
}
