/* SPDX-License-Identifier: MIT */
#include "cli/app.h"

static int not_now(struct app *app)
{
    const struct dunlin_event event = {
        .size = sizeof(event),
        .type = DUNLIN_EVENT_NOTICE,
        .text = "MIGRATION_AUTO_RUN is off: nothing is looked at and nothing is run"};
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;

    sink_event(app->results, &event);
    app_done(app, &summary);
    return DUNLIN_OK;
}

int cmd_up(struct app *app)
{
    struct dunlin_goal goal = DUNLIN_GOAL_INIT;
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    bool limited;
    int rc = app_goal(app, &goal, &limited);

    if (rc == DUNLIN_OK && app->settings.no_auto_run)
        return not_now(app);
    if (rc == DUNLIN_OK)
        rc = app_open(app);
    if (rc == DUNLIN_OK)
        rc = dunlin_up(app->db, limited ? &goal : NULL, &summary, &app->err);
    /* No: everything was applied, and a required table is missing all the same. */
    if (rc == DUNLIN_OK || rc == DUNLIN_NO)
        app_done(app, &summary);
    return rc;
}
