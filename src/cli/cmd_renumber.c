/* SPDX-License-Identifier: MIT */
#include "cli/app.h"

static int renamed(const char *from, const char *to, void *user)
{
    struct app *app = user;

    app->out_of_memory = sink_rename(app->results, from, to) != 0;
    return app->out_of_memory;
}

int cmd_renumber(struct app *app)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    int dry = settings_given(&app->settings, OPT_DRY_RUN);
    int rc;

    app->options.look = DUNLIN_LOOK_LENIENT;
    rc = app_open(app);
    if (rc == DUNLIN_OK)
        rc = dunlin_renumber(app->db, dry, renamed, app, &summary, &app->err);
    if (rc == DUNLIN_OK)
        app_done(app, &summary);
    return rc;
}
