/* SPDX-License-Identifier: MIT */
/* An application that brings its database up to date when it starts. */
#include <stdio.h>
#include <dunlin/dunlin.h>

static int on_event(const struct dunlin_event *event, void *user)
{
    (void)user;
    if (event->type == DUNLIN_EVENT_MIGRATION_END && !event->error)
        printf("startup: applied %s %s\n", event->version, event->name);
    return 0;
}

int main(int argc, char **argv)
{
    struct dunlin_options options = DUNLIN_OPTIONS_INIT;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    const char *dirs[] = {argc > 2 ? argv[2] : "migrations"};
    struct dunlin *d;
    int rc;

    options.url = argc > 1 ? argv[1] : "sqlite:app.db";
    options.dirs = dirs;
    options.ndirs = 1;
    options.on_event = on_event;
    rc = dunlin_open(&options, &d, &err);
    if (rc == DUNLIN_OK) {
        rc = dunlin_up(d, NULL, NULL, &err);
        dunlin_close(d);
    }
    if (rc != DUNLIN_OK)
        fprintf(stderr, "startup: %s\n", err.message);
    else
        puts("startup: the database is up to date");
    return rc;
}
