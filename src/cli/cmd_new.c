/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/error.h"
#include "cli/app.h"

/* The variable may hold arguments ("code --wait"), so that it is the shell's to read; the path is
 * passed beside it and never read as shell. */
static void exec_editor(const char *editor, char *path)
{
    struct buf command = BUF_INIT(65536);
    char shell[] = "sh", option[] = "-c", name[] = "editor";
    char *arguments[] = {shell, option, NULL, name, path, NULL};

    signal(SIGPIPE, SIG_DFL); /* ignored by us, and inherited else */
    if (buf_adds(&command, editor) && buf_adds(&command, " \"$@\"")) {
        arguments[2] = command.data;
        execv("/bin/sh", arguments);
    }
    _exit(127);
}

static int edit(struct app *app, char *path)
{
    const char *editor = getenv("VISUAL");
    int status;
    pid_t pid;

    if (!editor || !*editor)
        editor = getenv("EDITOR");
    if (!editor || !*editor)
        editor = "vi";
    pid = fork();
    if (pid < 0)
        return error_set(&app->err, DUNLIN_FAILED, DUNLIN_KIND_INTERNAL,
                         "cannot start the editor: %s", strerror(errno));
    if (pid == 0)
        exec_editor(editor, path);
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return error_set(&app->err, DUNLIN_FAILED, DUNLIN_KIND_INTERNAL,
                             "cannot wait for the editor: %s", strerror(errno));
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return DUNLIN_OK;
    error_set(&app->err, DUNLIN_FAILED, DUNLIN_KIND_INTERNAL, "the editor \"%s\" failed", editor);
    error_state(&app->err, "%s was created and is there", path);
    return DUNLIN_FAILED;
}

/* The second file of a pair has the name of the first with "down" for "up". */
static int tell_down_file(struct app *app, const char *path)
{
    static const char up[] = ".up.sql";
    struct buf down = BUF_INIT(8192);
    size_t len = strlen(path), ending = sizeof(up) - 1;
    int rc = DUNLIN_OK;

    if (len > ending && strcmp(path + len - ending, up) == 0) {
        buf_add(&down, path, len - ending);
        buf_adds(&down, ".down.sql");
        if (!down.failed)
            app_fact(app, "down_path", buf_str(&down));
        else
            rc = error_nomem(&app->err);
    }
    if (rc)
        error_state(&app->err, "%s and its down file were created and are there", path);
    buf_free(&down);
    return rc;
}

int cmd_new(struct app *app)
{
    const struct settings *s = &app->settings;
    struct dunlin_summary summary = DUNLIN_SUMMARY_INIT;
    uint32_t flags = 0;
    char path[4096];
    int rc;

    if (settings_given(s, OPT_TIMESTAMP) && settings_given(s, OPT_SEQ))
        return app_usage(app, "only one of --timestamp and --seq can be given");
    if (settings_given(s, OPT_TIMESTAMP))
        flags |= DUNLIN_NEW_TIMESTAMP;
    if (settings_given(s, OPT_PAIR))
        flags |= DUNLIN_NEW_PAIR;
    rc = dunlin_new(&app->options, s->operands[0], flags, path, sizeof(path), &app->err);
    if (rc != DUNLIN_OK)
        return rc;
    app_fact(app, "path", path);
    if (settings_given(s, OPT_PAIR))
        rc = tell_down_file(app, path);
    app_done(app, &summary);
    if (rc)
        return rc;
    return settings_given(s, OPT_EDIT) ? edit(app, path) : DUNLIN_OK;
}
