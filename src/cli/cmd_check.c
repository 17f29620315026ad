/* SPDX-License-Identifier: MIT */
#include "cli/app.h"

static int finding(const struct dunlin_finding *f, void *user)
{
    struct app *app = user;

    app->out_of_memory = sink_finding(app->results, f) != 0;
    return app->out_of_memory;
}

int cmd_check(struct app *app)
{
    const struct settings *s = &app->settings;
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    int rc;

    app->options.look = DUNLIN_LOOK_LENIENT;
    if (settings_given(s, OPT_NO_DB))
        app->options.look |= DUNLIN_LOOK_OFFLINE;
    else if (settings_given(s, OPT_DIALECT))
        return app_usage(app, "--dialect is for check --no-db: else the database tells");
    app->options.dialect = settings_text(s, OPT_DIALECT);
    rc = app_open(app);
    if (rc == DUNLIN_OK)
        rc = dunlin_check(app->db, finding, app, NULL, &summary, &app->err);
    if (rc == DUNLIN_OK || rc == DUNLIN_NO)
        app_done(app, &summary);
    return rc;
}

int cmd_verify(struct app *app)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    int rc = app_open(app);

    if (rc == DUNLIN_OK)
        rc = dunlin_verify(app->db, finding, app, NULL, &summary, &app->err);
    if (rc == DUNLIN_OK || rc == DUNLIN_NO)
        app_done(app, &summary);
    return rc;
}
