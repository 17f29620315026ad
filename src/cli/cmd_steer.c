/* SPDX-License-Identifier: MIT */
/* to, redo, resume: runs in both directions. */
#include "cli/app.h"

int cmd_to(struct app *app)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    int rc = app_open(app);

    if (rc == DUNLIN_OK)
        rc = dunlin_to(app->db, app->settings.operands[0], &summary, &app->err);
    if (rc == DUNLIN_OK)
        app_done(app, &summary);
    return rc;
}

int cmd_redo(struct app *app)
{
    struct dunlin_goal goal = DUNLIN_GOAL_INIT;
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    bool limited;
    int rc = app_goal(app, &goal, &limited);

    if (rc == DUNLIN_OK)
        rc = app_open(app);
    if (rc == DUNLIN_OK)
        rc = dunlin_redo(app->db, limited ? goal.count : 1, &summary, &app->err);
    if (rc == DUNLIN_OK)
        app_done(app, &summary);
    return rc;
}

int cmd_resume(struct app *app)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    enum dunlin_resume how =
        settings_given(&app->settings, OPT_SKIP) ? DUNLIN_RESUME_SKIP : DUNLIN_RESUME_AGAIN;
    int rc = app_open(app);

    if (rc == DUNLIN_OK)
        rc = dunlin_resume(app->db, how, &summary, &app->err);
    if (rc == DUNLIN_OK)
        app_done(app, &summary);
    return rc;
}
