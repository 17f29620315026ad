/* SPDX-License-Identifier: MIT */
/* create, drop, wait: the database itself. No run to stop: a signal just ends the process. */
#include <stdio.h>
#include "cli/app.h"

/* "created sqlite:app.db", or {"database":"sqlite:app.db","state":"created"}. */
static int tell(struct app *app, const char *state)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    char url[512], line[640];

    dunlin_url_redact(app->options.url, url, sizeof(url));
    if (settings_word(&app->settings, OPT_FORMAT) == 1) {
        app_fact(app, "database", url);
        app_fact(app, "state", state);
    } else {
        snprintf(line, sizeof(line), "%s: %s", state, url);
        app_fact(app, "database", line);
    }
    app_done(app, &summary);
    return DUNLIN_OK;
}

int cmd_create(struct app *app)
{
    int changed = 0, rc;

    if (!app->options.url)
        return app_no_url(app);
    rc = dunlin_create_database(&app->options, &changed, &app->err);
    return rc == DUNLIN_OK ? tell(app, changed ? "created" : "exists already") : rc;
}

int cmd_drop(struct app *app)
{
    char url[512], question[640];
    int changed = 0, rc;

    if (!app->options.url)
        return app_no_url(app);
    dunlin_url_redact(app->options.url, url, sizeof(url));
    snprintf(question, sizeof(question), "drop %s with everything in it?", url);
    rc = app_confirm(app, question);
    if (rc == DUNLIN_OK)
        rc = dunlin_drop_database(&app->options, &changed, &app->err);
    return rc == DUNLIN_OK ? tell(app, changed ? "dropped" : "does not exist") : rc;
}

int cmd_wait(struct app *app)
{
    uint64_t timeout = settings_ms(&app->settings, OPT_TIMEOUT, 60000);
    int rc;

    if (!app->options.url)
        return app_no_url(app);
    rc = dunlin_wait(&app->options, timeout, &app->err);
    return rc == DUNLIN_OK ? tell(app, "ready") : rc;
}
