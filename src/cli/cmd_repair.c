/* SPDX-License-Identifier: MIT */
/* mark, baseline: the history written by hand. */
#include <stdio.h>
#include <string.h>
#include "cli/app.h"

static int state_of_word(const char *word, enum dunlin_state *state)
{
    static const enum dunlin_state states[] = {DUNLIN_STATE_APPLIED, DUNLIN_STATE_PENDING,
                                               DUNLIN_STATE_FAILED};

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (strcmp(word, dunlin_state_name((uint32_t)states[i])) == 0) {
            *state = states[i];
            return 0;
        }
    }
    return -1;
}

int cmd_mark(struct app *app)
{
    const char *const *operands = app->settings.operands;
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    enum dunlin_state state;
    char url[512], question[1024];
    int rc;

    if (state_of_word(operands[1], &state) != 0)
        return app_usage(app, "a migration is marked as applied, pending or failed, not \"%.60s\"",
                         operands[1]);
    if (!app->options.url)
        return app_no_url(app);
    dunlin_url_redact(app->options.url, url, sizeof(url));
    snprintf(question, sizeof(question), "record migration %.100s as %s in the history of %s?",
             operands[0], operands[1], url);
    rc = app_confirm(app, question);
    if (rc == DUNLIN_OK)
        rc = app_open(app);
    if (rc == DUNLIN_OK)
        rc = dunlin_mark(app->db, operands[0], state, &summary, &app->err);
    if (rc == DUNLIN_OK)
        app_done(app, &summary);
    return rc;
}

int cmd_baseline(struct app *app)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    int rc = app_open(app);

    if (rc == DUNLIN_OK)
        rc = dunlin_baseline(app->db, app->settings.operands[0], &summary, &app->err);
    if (rc == DUNLIN_OK)
        app_done(app, &summary);
    return rc;
}
