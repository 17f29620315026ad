/* SPDX-License-Identifier: MIT */
/*
 * embed URL FOLDER COMMAND: a program that uses the library. Applies what is pending, then runs
 * COMMAND in a shell while its connection is still open, and exits with what that exited with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <dunlin/dunlin.h>

int main(int argc, char **argv)
{
    struct dunlin_options options = DUNLIN_OPTIONS_INIT;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    const char *dirs[1];
    struct dunlin *d;
    int status = -1;

    if (argc != 4)
        return 64;
    dirs[0] = argv[2];
    options.url = argv[1];
    options.dirs = dirs;
    options.ndirs = 1;
    options.driver_path = getenv("DUNLIN_DRIVER_PATH");
    if (dunlin_open(&options, &d, &err) == DUNLIN_OK) {
        if (dunlin_up(d, NULL, NULL, &err) == DUNLIN_OK)
            status = system(argv[3]);
        dunlin_close(d);
    }
    if (err.message[0])
        fprintf(stderr, "embed: %s\n", err.message);
    return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
