/* SPDX-License-Identifier: MIT */
/*
 * The program gets a process group of its own, so that a cancel reaches what it started, too; its
 * standard input is empty, its output one pipe, so that lines keep their order.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "run/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

#define LINE_SIZE 4096u /* a longer line comes in parts */
#define SLICE_MS 50     /* how soon its end and a cancel are noticed */
#define GRACE_MS 10000u /* between SIGTERM and SIGKILL */

struct child {
    struct run *r;
    const char *path;
    pid_t pid;
    int out; /* what it prints; not blocking */
    bool open;
    char line[LINE_SIZE];
    size_t used;
};

static void line_out(struct child *c)
{
    struct dunlin_event event = {.type = DUNLIN_EVENT_NOTICE, .text = c->line, .file = c->path};

    if (c->used > 0 && c->line[c->used - 1] == '\r')
        c->used--;
    c->line[c->used] = '\0';
    c->used = 0;
    run_emit(c->r, &event);
}

/* Takes what is there to read. */
static void drain(struct child *c)
{
    char block[4096];
    ssize_t n;

    while (c->open && (n = read(c->out, block, sizeof(block))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        for (ssize_t i = 0; i < n; i++) {
            if (block[i] == '\n') {
                line_out(c);
                continue;
            }
            if (c->used + 1 == sizeof(c->line))
                line_out(c);
            c->line[c->used++] = block[i] ? block[i] : '?';
        }
    }
    c->open = false;
}

static bool has_ended(struct child *c, struct spawn_end *end)
{
    int status;
    pid_t pid = waitpid(c->pid, &status, WNOHANG);

    if (pid != c->pid)
        return pid < 0 && errno != EINTR;
    end->by_signal = WIFSIGNALED(status);
    end->code = end->by_signal ? WTERMSIG(status) : WEXITSTATUS(status);
    return true;
}

static void watch(struct child *c, struct spawn_end *end)
{
    uint64_t asked = 0;

    end->code = 255; /* somebody else has waited for it: its end is not known */
    while (!has_ended(c, end)) {
        struct pollfd p = {.fd = c->open ? c->out : -1, .events = POLLIN};

        (void)poll(&p, 1, SLICE_MS);
        drain(c);
        if (!atomic_load(&c->r->cancelled))
            continue;
        if (!asked) {
            end->stopped = true;
            asked = run_micros();
            kill(-c->pid, SIGTERM);
        } else if (run_micros() - asked > GRACE_MS * UINT64_C(1000)) {
            kill(-c->pid, SIGKILL);
        }
    }
    if (end->stopped)
        kill(-c->pid, SIGKILL); /* what it left behind */
    drain(c);
    if (c->used > 0)
        line_out(c);
}

/* What the program starts with: no input, the pipe as output, our folder, no signal that is
 * blocked or ignored here. */
static int prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int folder,
                   int out)
{
    sigset_t none, reset;
    int rc = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    sigemptyset(&none);
    sigemptyset(&reset);
    sigaddset(&reset, SIGPIPE);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(actions, out, STDERR_FILENO);
    if (!rc)
        rc = posix_spawn_file_actions_addfchdir_np(actions, folder);
    if (!rc)
        rc = posix_spawnattr_setsigmask(attributes, &none);
    if (!rc)
        rc = posix_spawnattr_setsigdefault(attributes, &reset);
    if (!rc)
        rc = posix_spawnattr_setpgroup(attributes, 0);
    return rc ? rc
              : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
                                                         POSIX_SPAWN_SETSIGDEF |
                                                         POSIX_SPAWN_SETPGROUP);
}

static int start(const struct spawn *what, int out, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char name[NAME_MAX + 3];
    char *argv[] = {name, NULL};
    int rc;

    if (snprintf(name, sizeof(name), "./%s", what->name) >= (int)sizeof(name))
        return ENAMETOOLONG;
    rc = posix_spawn_file_actions_init(&actions);
    if (rc)
        return rc;
    rc = posix_spawnattr_init(&attributes);
    if (!rc) {
        rc = prepare(&actions, &attributes, what->folder, out);
        /* The interface is older than const, and nothing writes to it. */
        if (!rc)
            rc = posix_spawn(pid, name, &actions, &attributes, argv,
                             /* NOLINTNEXTLINE(performance-no-int-to-ptr): -Wcast-qual */
                             (char *const *)(uintptr_t)what->environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

int spawn_run(struct run *r, const struct spawn *what, struct spawn_end *end,
              struct dunlin_error *err)
{
    struct child c = {.r = r, .path = what->path, .open = true};
    int ends[2], rc;

    memset(end, 0, sizeof(*end));
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_INTERNAL, "cannot make a pipe: %s",
                         strerror(errno));
    rc = start(what, ends[1], &c.pid);
    close(ends[1]);
    if (rc) {
        close(ends[0]);
        error_set(err, DUNLIN_FAILED, DUNLIN_KIND_FILE, "cannot run %s: %s", what->path,
                  strerror(rc));
        error_hint(err, "does its first line name a program that is here, like #!/bin/sh?");
        return DUNLIN_FAILED;
    }
    end->started = true;
    c.out = ends[0];
    (void)fcntl(c.out, F_SETFL, O_NONBLOCK);
    watch(&c, end);
    close(c.out);
    return DUNLIN_OK;
}
