/* SPDX-License-Identifier: MIT */
#include "cli/app.h"

int cmd_adopt(struct app *app)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    int dry = settings_given(&app->settings, OPT_DRY_RUN);
    int rc = app_open(app);

    if (rc == DUNLIN_OK)
        rc = dunlin_adopt(app->db, dry, app_item, app, &summary, &app->err);
    /* What does not match is the answer; in JSON it goes with the error. */
    if (rc == DUNLIN_OK ||
        (rc == DUNLIN_CONFLICT && settings_word(&app->settings, OPT_FORMAT) == 0))
        app_done(app, &summary);
    return rc;
}
