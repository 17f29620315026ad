/* SPDX-License-Identifier: MIT */
#include "cli/app.h"

static int conversion(const struct dunlin_conversion *c, void *user)
{
    struct app *app = user;

    app->out_of_memory = sink_conversion(app->results, c) != 0;
    return app->out_of_memory;
}

int cmd_convert(struct app *app)
{
    const struct settings *s = &app->settings;
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    int dry = settings_given(s, OPT_DRY_RUN);
    bool alone = settings_given(s, OPT_NO_DB) || !app->options.url;
    int rc;

    if (!settings_given(s, OPT_TO))
        return app_usage(app, "\"convert\" needs --to DIR, the folder to write");
    if (!alone && settings_given(s, OPT_DIALECT))
        return app_usage(app, "--dialect is for convert --no-db: else the database tells");
    app->options.look = alone ? DUNLIN_LOOK_OFFLINE : 0;
    app->options.dialect = settings_text(s, OPT_DIALECT);
    rc = app_open(app);
    if (rc == DUNLIN_OK)
        rc = dunlin_convert(app->db, settings_text(s, OPT_TO), dry, conversion, app, &summary,
                            &app->err);
    if (rc == DUNLIN_OK)
        app_done(app, &summary);
    return rc;
}
