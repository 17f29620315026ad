/* SPDX-License-Identifier: MIT */
#include "cli/app.h"

int cmd_drivers(struct app *app)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    int rc = dunlin_drivers(&app->options, app_driver, app, &app->err);

    if (rc == DUNLIN_OK)
        app_done(app, &summary);
    return rc;
}
