/* SPDX-License-Identifier: MIT */
#include "cli/app.h"

int cmd_plan(struct app *app)
{
    struct dunlin_goal goal = DUNLIN_GOAL_INIT;
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    bool limited;
    int rc = app_goal(app, &goal, &limited);

    if (rc == DUNLIN_OK)
        rc = app_open(app);
    if (rc == DUNLIN_OK && settings_switch(&app->settings, OPT_EXECUTE))
        rc = dunlin_rehearse(app->db, limited ? &goal : NULL, &summary, &app->err);
    else if (rc == DUNLIN_OK)
        rc = dunlin_plan(app->db, DUNLIN_UP, limited ? &goal : NULL, app_item, app, &summary,
                         &app->err);
    if (rc == DUNLIN_OK)
        app_done(app, &summary);
    return rc;
}
