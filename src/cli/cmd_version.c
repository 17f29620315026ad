/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <dunlin/driver.h>
#include "cli/app.h"

int cmd_version(struct app *app)
{
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    char abi[32];

    /* What was linked is what runs: the library's version, not the one compiled against. */
    if (settings_word(&app->settings, OPT_FORMAT) != 1) {
        printf("dunlin %s\n", dunlin_version());
        if (settings_switch(&app->settings, OPT_VERBOSE))
            printf("driver ABI %u.%u\n", DUNLIN_ABI_MAJOR, DUNLIN_ABI_MINOR);
        return DUNLIN_OK;
    }
    snprintf(abi, sizeof(abi), "%u.%u", DUNLIN_ABI_MAJOR, DUNLIN_ABI_MINOR);
    app_fact(app, "version", dunlin_version());
    app_fact(app, "driver_abi", abi);
    app_done(app, &summary);
    return DUNLIN_OK;
}
