/* SPDX-License-Identifier: MIT */
/*
 * What one command costs: wall time, peak resident memory, processor time. The memory is that of
 * the largest process among the command and its children, so this program has to stay small: until
 * the command is executed, its memory counts for it.
 *
 *     measure RESULT [NAME=VALUE...] COMMAND [ARGUMENT...]
 *
 * Runs COMMAND, with the variables added to its environment, and writes "SECONDS KILOBYTES CPU"
 * to the file RESULT. Exits as COMMAND does; 128 and the signal's number where one ended it.
 */
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double seconds(struct timespec t)
{
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double processor_time(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    struct timespec begin, end;
    struct rusage usage;
    int status, at = 2;
    pid_t pid;
    FILE *result;

    while (at < argc && strchr(argv[at], '='))
        if (putenv(argv[at++]))
            return 125;
    if (at >= argc)
        return 64;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (posix_spawnp(&pid, argv[at], NULL, NULL, argv + at, environ))
        return 127;
    if (waitpid(pid, &status, 0) < 0)
        return 125;
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (getrusage(RUSAGE_CHILDREN, &usage))
        return 125;
    result = fopen(argv[1], "w");
    if (!result)
        return 125;
    fprintf(result, "%.6f %ld %.6f\n", seconds(end) - seconds(begin), usage.ru_maxrss,
            processor_time(&usage));
    if (fclose(result))
        return 125;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
