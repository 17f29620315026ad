/* SPDX-License-Identifier: MIT */
#include "cli/app.h"

int cmd_down(struct app *app)
{
    struct dunlin_goal goal = DUNLIN_GOAL_INIT;
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    bool limited;
    int rc = app_goal(app, &goal, &limited);

    if (rc == DUNLIN_OK)
        rc = app_open(app);
    if (rc == DUNLIN_OK)
        rc = settings_given(&app->settings, OPT_DRY_RUN)
                 ? dunlin_plan(app->db, DUNLIN_DOWN, limited ? &goal : NULL, app_item, app,
                               &summary, &app->err)
                 : dunlin_down(app->db, limited ? &goal : NULL, &summary, &app->err);
    if (rc == DUNLIN_OK)
        app_done(app, &summary);
    return rc;
}
