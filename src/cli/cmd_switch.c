/* SPDX-License-Identifier: MIT */
#include "cli/app.h"

int cmd_switch(struct app *app)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    bool dry = settings_given(&app->settings, OPT_DRY_RUN);
    int rc = app_open(app);

    if (rc == DUNLIN_OK)
        rc = dry ? dunlin_switch_plan(app->db, app_item, app, &summary, &app->err)
                 : dunlin_switch(app->db, &summary, &app->err);
    if (rc == DUNLIN_OK || rc == DUNLIN_NO)
        app_done(app, &summary);
    return rc;
}
