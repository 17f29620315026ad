/* SPDX-License-Identifier: MIT */
#include "cli/app.h"

struct status_run {
    struct app *app;
    bool only_pending;
    bool pending; /* at least one */
};

/* What the next `up` would have to deal with. */
static bool is_pending(uint32_t state)
{
    switch (state) {
    case DUNLIN_STATE_APPLIED:
    case DUNLIN_STATE_EDITED:
    case DUNLIN_STATE_MISSING:
        return false;
    default:
        return true;
    }
}

static int status_item(const struct dunlin_item *item, void *user)
{
    struct status_run *run = user;
    bool pending = is_pending(item->state);

    run->pending = run->pending || pending;
    return run->only_pending && !pending ? 0 : app_item(item, run->app);
}

int cmd_status(struct app *app)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    struct status_run run = {app, settings_given(&app->settings, OPT_PENDING), false};
    int rc = app_open(app);

    if (rc == DUNLIN_OK)
        rc = dunlin_status(app->db, status_item, &run, &summary, &app->err);
    if (rc != DUNLIN_OK)
        return rc;
    app_done(app, &summary);
    return run.pending && settings_given(&app->settings, OPT_CHECK) ? DUNLIN_NO : DUNLIN_OK;
}
