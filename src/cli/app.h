/* SPDX-License-Identifier: MIT */
/* What every command needs: settings, the library's options, the sinks, the open database. */
#ifndef DUNLIN_CLI_APP_H
#define DUNLIN_CLI_APP_H

#include <dunlin/dunlin.h>
#include "cli/deadline.h"
#include "cli/interrupt.h"
#include "cli/settings.h"
#include "cli/sink.h"

struct app {
    struct settings settings;
    struct dunlin_options options;
    struct sink_options output;
    struct sink *results;  /* text or JSON */
    struct sink *progress; /* NULL = none */
    struct interrupt *interrupt;
    struct deadline *deadline; /* NULL = none */
    struct dunlin *db;
    int write_error;    /* errno, 0 = none */
    bool out_of_memory; /* while an item was taken */
    struct dunlin_error err;
};

/* The whole program; returns the exit code. */
int app_main(int argc, char **argv);

/* confirm.c: asks on a terminal. DUNLIN_OK = yes (or --yes), DUNLIN_NO; without a terminal it is a
 * usage error. */
int app_confirm(struct app *app, const char *question);
/* The error for a command that was given no database. */
int app_no_url(struct app *app);
/* Opens the database with signals taken care of. */
int app_open(struct app *app);
/* Closes it. NULL is allowed for none. */
void app_close(struct app *app);

/* Callbacks that pass on to the sinks; user is the struct app. */
int app_item(const struct dunlin_item *item, void *user);
int app_driver(const struct dunlin_driver_info *info, void *user);
void app_fact(struct app *app, const char *name, const char *value);
void app_done(struct app *app, const struct dunlin_summary *summary);

/* A usage error with the command's help as the next step. */
int app_usage(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Reads [N | --to VERSION | --all]. *use = false where none of them was given. */
int app_goal(struct app *app, struct dunlin_goal *goal, bool *use);

/* One per command. Each returns the exit code, having filled app->err where it is an error. */
int cmd_up(struct app *app);
int cmd_down(struct app *app);
int cmd_to(struct app *app);
int cmd_redo(struct app *app);
int cmd_resume(struct app *app);
int cmd_mark(struct app *app);
int cmd_baseline(struct app *app);
int cmd_create(struct app *app);
int cmd_drop(struct app *app);
int cmd_wait(struct app *app);
int cmd_status(struct app *app);
int cmd_plan(struct app *app);
int cmd_check(struct app *app);
int cmd_verify(struct app *app);
int cmd_switch(struct app *app);
int cmd_renumber(struct app *app);
int cmd_adopt(struct app *app);
int cmd_convert(struct app *app);
int cmd_new(struct app *app);
int cmd_drivers(struct app *app);
int cmd_version(struct app *app);
int cmd_help(struct app *app);

/* Writes the help of a command, NULL = the overview. Fits 80 columns. */
int help_write(FILE *to, const struct command_def *command);

#endif
