/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>
#include "base/error.h"
#include "cli/app.h"
#include "cli/escape.h"

int app_confirm(struct app *app, const char *question)
{
    struct buf shown = BUF_INIT(65536);
    char answer[16] = "";

    if (settings_switch(&app->settings, OPT_YES))
        return DUNLIN_OK;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        error_set(&app->err, DUNLIN_USAGE, DUNLIN_KIND_USAGE,
                  "\"%s\" asks before it does something, and there is no terminal to ask on",
                  app->settings.command->name);
        error_hint(&app->err, "answer beforehand with --yes");
        return DUNLIN_USAGE;
    }
    escape_add(&shown, question, 0);
    fprintf(stderr, "%s [y/N] ", buf_str(&shown));
    fflush(stderr);
    buf_free(&shown);
    if (fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return DUNLIN_OK;
    fputs("nothing was changed\n", stderr);
    return DUNLIN_NO;
}
