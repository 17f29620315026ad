/* SPDX-License-Identifier: MIT */
/*
 * embed URL FOLDER COMMAND: a program that uses the library. Applies what is pending, then runs
 * COMMAND in a shell while its connection is still open, and exits with what that exited with.
 *
 * embed URL FOLDER COMMAND CALL EVENT: makes CALL (up, all: up in one transaction, or rehearse),
 * which waits for no other run, and asks it to stop at its event of that number. Prints the status
 * that it returned with and how many events there were, and runs COMMAND whatever that is. CALL
 * wait is dunlin_wait, and runs nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <dunlin/dunlin.h>

struct stop {
    unsigned long at, seen;
};

static int on_event(const struct dunlin_event *event, void *user)
{
    struct stop *stop = user;

    (void)event;
    return ++stop->seen == stop->at;
}

static int call(struct dunlin *d, const char *what, struct dunlin_error *err)
{
    return strcmp(what, "rehearse") == 0 ? dunlin_rehearse(d, NULL, NULL, err)
                                         : dunlin_up(d, NULL, NULL, err);
}

int main(int argc, char **argv)
{
    struct dunlin_options options = DUNLIN_OPTIONS_INIT;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct stop stop = {0, 0};
    const char *dirs[1];
    struct dunlin *d;
    int status = -1;

    if (argc != 4 && argc != 6)
        return 64;
    dirs[0] = argv[2];
    options.url = argv[1];
    options.dirs = dirs;
    options.ndirs = 1;
    options.driver_path = getenv("DUNLIN_DRIVER_PATH");
    if (argc == 6) {
        stop.at = strtoul(argv[5], NULL, 10);
        options.on_event = on_event;
        options.user = &stop;
        options.allow_exec = 1;
        options.lock_wait_ms = 0;
        options.single_transaction = strcmp(argv[4], "all") == 0;
    }
    if (argc == 6 && strcmp(argv[4], "wait") == 0) {
        int rc = dunlin_wait(&options, 60000, &err);

        printf("%d %lu\n", rc, stop.seen);
        status = 0;
    } else if (dunlin_open(&options, &d, &err) == DUNLIN_OK) {
        int rc = call(d, argc == 6 ? argv[4] : "up", &err);

        if (argc == 6)
            printf("%d %lu\n", rc, stop.seen);
        fflush(stdout);
        if (rc == DUNLIN_OK || argc == 6)
            status = system(argv[3]);
        dunlin_close(d);
    }
    if (err.message[0])
        fprintf(stderr, "embed: %s\n", err.message);
    return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
