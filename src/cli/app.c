/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "cli/app.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include "base/error.h"
#include "cli/color.h"
#include "cli/values.h"

/* ---- callbacks ------------------------------------------------------------------------------- */

static int app_event(const struct dunlin_event *event, void *user)
{
    struct app *app = user;

    sink_event(app->progress, event);
    sink_event(app->results, event);
    return 0;
}

int app_item(const struct dunlin_item *item, void *user)
{
    struct app *app = user;

    app->out_of_memory = sink_item(app->results, item) != 0;
    return app->out_of_memory;
}

int app_driver(const struct dunlin_driver_info *info, void *user)
{
    struct app *app = user;

    app->out_of_memory = sink_driver(app->results, info) != 0;
    return app->out_of_memory;
}

void app_fact(struct app *app, const char *name, const char *value)
{
    sink_fact(app->results, name, value);
}

void app_done(struct app *app, const struct dunlin_summary *summary)
{
    sink_done(app->progress, summary);
    sink_done(app->results, summary);
}

/* ---- for commands ---------------------------------------------------------------------------- */

int app_usage(struct app *app, const char *format, ...)
{
    char message[256];
    va_list ap;

    va_start(ap, format);
    vsnprintf(message, sizeof(message), format, ap);
    va_end(ap);
    error_set(&app->err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "%s", message);
    error_next(&app->err, "dunlin help %s", app->settings.command->name);
    return DUNLIN_USAGE;
}

int app_goal(struct app *app, struct dunlin_goal *goal, bool *use)
{
    const struct settings *s = &app->settings;
    const char *number = s->noperands ? s->operands[0] : NULL;
    unsigned given = (number != NULL) + settings_given(s, OPT_TO) + settings_given(s, OPT_ALL) +
                     settings_given(s, OPT_ONLY);

    *use = given > 0;
    if (given > 1)
        return app_usage(app, "only one of %s can be given", s->command->arguments);
    goal->to = settings_text(s, OPT_TO);
    goal->all = settings_given(s, OPT_ALL);
    goal->only = s->items[OPT_ONLY].values;
    goal->nonly = s->items[OPT_ONLY].count;
    if (number && !parse_count(number, &goal->count)) {
        app_usage(app, "\"%s\" is not a number of migrations", number);
        if (number[0] >= '0' && number[0] <= '9' && strcmp(number, "0") != 0)
            error_hint(&app->err, "a version is given with --to %s", number);
        return DUNLIN_USAGE;
    }
    return DUNLIN_OK;
}

int app_no_url(struct app *app)
{
    error_set(&app->err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "no database is given");
    error_hint(&app->err,
               "set DUNLIN_URL or DATABASE_URL, write \"url = ...\" into dunlin.conf, or "
               "use --url URL");
    error_next(&app->err, "dunlin --url sqlite:app.db %s", app->settings.command->name);
    return DUNLIN_CONFIG;
}

int app_open(struct app *app)
{
    int rc;

    if (!app->options.url && !(app->options.look & DUNLIN_LOOK_OFFLINE))
        return app_no_url(app);
    rc = interrupt_start(&app->interrupt, &app->err);
    if (rc == DUNLIN_OK && app->settings.run_timeout_ms)
        rc =
            deadline_start(&app->deadline, app->settings.run_timeout_ms, app->interrupt, &app->err);
    if (rc == DUNLIN_OK)
        rc = dunlin_open(&app->options, &app->db, &app->err);
    if (rc == DUNLIN_OK)
        interrupt_target(app->interrupt, app->db);
    return rc;
}

void app_close(struct app *app)
{
    if (app->interrupt)
        interrupt_target(app->interrupt, NULL);
    deadline_stop(app->deadline);
    app->deadline = NULL;
    dunlin_close(app->db);
    app->db = NULL;
    interrupt_stop(app->interrupt);
    app->interrupt = NULL;
}

/* ---- the program ----------------------------------------------------------------------------- */

struct command_entry {
    int (*run)(struct app *app);
    enum report report;
};

static const struct command_entry entries[CMD_COUNT] = {
    [CMD_UP] = {cmd_up, REPORT_UP},
    [CMD_DOWN] = {cmd_down, REPORT_DOWN},
    [CMD_TO] = {cmd_to, REPORT_STEER},
    [CMD_REDO] = {cmd_redo, REPORT_STEER},
    [CMD_STATUS] = {cmd_status, REPORT_STATUS},
    [CMD_BASELINE] = {cmd_baseline, REPORT_RECORD},
    [CMD_MARK] = {cmd_mark, REPORT_RECORD},
    [CMD_RESUME] = {cmd_resume, REPORT_STEER},
    [CMD_CREATE] = {cmd_create, REPORT_OTHER},
    [CMD_DROP] = {cmd_drop, REPORT_OTHER},
    [CMD_WAIT] = {cmd_wait, REPORT_OTHER},
    [CMD_PLAN] = {cmd_plan, REPORT_PLAN},
    [CMD_CHECK] = {cmd_check, REPORT_CHECK},
    [CMD_VERIFY] = {cmd_verify, REPORT_VERIFY},
    [CMD_SWITCH] = {cmd_switch, REPORT_STEER},
    [CMD_ADOPT] = {cmd_adopt, REPORT_ADOPT},
    [CMD_CONVERT] = {cmd_convert, REPORT_CONVERT},
    [CMD_RENUMBER] = {cmd_renumber, REPORT_RENUMBER},
    [CMD_NEW] = {cmd_new, REPORT_OTHER},
    [CMD_DRIVERS] = {cmd_drivers, REPORT_DRIVERS},
    [CMD_VERSION] = {cmd_version, REPORT_OTHER},
    [CMD_HELP] = {cmd_help, REPORT_OTHER},
};

/* -h and -V stand for their commands; "up --dry-run" for plan. */
static int choose_command(struct app *app)
{
    struct settings *s = &app->settings;
    const char *dry = settings_text(s, OPT_DRY_RUN);

    if (settings_given(s, OPT_HELP)) {
        s->noperands = 0;
        if (s->command)
            s->operands[s->noperands++] = s->command->name;
        s->command = command_def(CMD_HELP);
    } else if (settings_given(s, OPT_VERSION)) {
        s->command = command_def(CMD_VERSION);
    } else if (!s->command) {
        error_set(&app->err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "no command is given");
        error_next(&app->err, "dunlin help");
        return DUNLIN_USAGE;
    }
    if (dry && s->command->id == CMD_UP) {
        bool execute = strcmp(dry, "execute") == 0;

        if (!execute && strcmp(dry, "1") != 0 && strcmp(dry, "plan") != 0)
            return app_usage(app, "--dry-run can be plan or execute, not \"%s\"", dry);
        s->command = command_def(CMD_PLAN);
        if (execute)
            return settings_add(s, OPT_EXECUTE, &(struct place){FROM_FLAG, "--dry-run", NULL, 0},
                                "1", &app->err);
    }
    return DUNLIN_OK;
}

/* Also after an error, with what is known by then. */
static int choose_sinks(struct app *app)
{
    struct settings *s = &app->settings;
    bool json = settings_word(s, OPT_FORMAT) == 1;
    enum color_mode mode = (enum color_mode)settings_word(s, OPT_COLOR);
    struct sink_options *o = &app->output;

    o->report = s->command ? entries[s->command->id].report : REPORT_OTHER;
    o->write_error = &app->write_error;
    o->events = s->command && s->command->events;
    o->out = stdout;
    o->err = stderr;
    o->color = color_wanted(mode, stdout);
    o->color_err = color_wanted(mode, stderr);
    o->dry = settings_given(s, OPT_DRY_RUN);
    o->log = settings_word(s, OPT_LOG_FORMAT) == 1 && o->events;
    if (settings_given(s, OPT_DRY_RUN) && o->events) {
        o->report = REPORT_PLAN; /* a list, whatever the command */
        o->events = false;
    }
    if (o->report == REPORT_PLAN && settings_switch(s, OPT_EXECUTE)) {
        o->report = REPORT_REHEARSE;
        o->events = true;
    }
    o->quiet = settings_switch(s, OPT_QUIET) > 0;
    o->verbose = settings_switch(s, OPT_VERBOSE);
    o->labels = s->items[OPT_DIR].count > 1;
    app->results = json ? sink_json_new(o) : sink_text_new(o);
    if (!app->results)
        return error_nomem(&app->err);
    if (!json && !o->quiet && !o->verbose && terminal_wanted(stderr)) {
        app->progress = sink_progress_new(o);
        if (!app->progress)
            return error_nomem(&app->err);
    }
    return DUNLIN_OK;
}

static int app_run(struct app *app, int argc, char **argv)
{
    struct settings *s = &app->settings;
    const struct dunlin_options defaults = DUNLIN_OPTIONS_INIT;
    int rc = options_parse(argc, argv, s, &app->err);

    if (rc == DUNLIN_OK)
        rc = choose_command(app);
    /* Help must come also where a config file is broken. */
    if (rc == DUNLIN_OK && s->command->id != CMD_HELP && s->command->id != CMD_VERSION)
        rc = settings_load(s, &app->err);
    if (choose_sinks(app) != DUNLIN_OK)
        return DUNLIN_FAILED;
    if (rc != DUNLIN_OK)
        return rc;
    app->options = defaults;
    app->options.on_event = app_event;
    app->options.user = app;
    rc = settings_options(s, &app->options, &app->err);
    return rc == DUNLIN_OK ? entries[s->command->id].run(app) : rc;
}

/* A reader that has gone away ("| head") is no failure of ours; a full disk is. */
static int check_output(int rc, int error)
{
    errno = 0;
    if (fflush(stdout) != 0 && error == 0)
        error = errno;
    if (error == 0 || error == EPIPE)
        return rc;
    fprintf(stderr, "error: cannot write to standard output: %s\n", strerror(error));
    return rc == DUNLIN_OK ? DUNLIN_FAILED : rc;
}

static void explain_expired(struct app *app, int rc)
{
    if (rc == DUNLIN_OK || !deadline_passed(app->deadline))
        return;
    app->err.kind = DUNLIN_KIND_TIMEOUT;
    error_hint(&app->err, "the run was stopped after %llu ms, as MIGRATION_TIMEOUT says",
               (unsigned long long)app->settings.run_timeout_ms);
    error_next(&app->err, "dunlin %s", app->settings.command->name);
}

int app_main(int argc, char **argv)
{
    struct app app = {.err = DUNLIN_ERROR_INIT};
    int rc;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* where it is ignored nobody is told how a child ended */
    settings_init(&app.settings);
    rc = app_run(&app, argc, argv);
    if (rc != DUNLIN_OK && app.out_of_memory)
        rc = error_nomem(&app.err); /* the library was only told to stop */
    explain_expired(&app, rc);
    if (rc != DUNLIN_OK && (rc != DUNLIN_NO || app.err.message[0])) {
        app.err.status = rc;
        sink_error(app.progress, &app.err);
        if (app.results)
            sink_error(app.results, &app.err);
        else
            fprintf(stderr, "error: %s\n", app.err.message);
    }
    app_close(&app);
    sink_free(app.progress);
    sink_free(app.results);
    settings_free(&app.settings);
    return check_output(rc, app.write_error);
}
