/* SPDX-License-Identifier: MIT */
/*
 * peak FILE COMMAND [ARGUMENT...]: runs COMMAND, writes the most memory that it ever had resident,
 * in KiB, to FILE, and passes on its exit code. Under a sanitizer, which needs memory of its own
 * for every byte, it writes 0.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                         \
    __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

static long peak_kib(const struct rusage *usage)
{
#if defined(SANITIZED)
    (void)usage;
    return 0;
#elif defined(__APPLE__)
    return usage->ru_maxrss / 1024;
#else
    return usage->ru_maxrss;
#endif
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    FILE *report;
    pid_t pid;

    if (argc < 3) {
        fprintf(stderr, "usage: peak FILE COMMAND [ARGUMENT...]\n");
        return 64;
    }
    pid = fork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    while (pid < 0 || waitpid(pid, &status, 0) < 0) {
        if (pid < 0 || errno != EINTR) {
            perror("peak");
            return 1;
        }
    }
    if (getrusage(RUSAGE_CHILDREN, &usage) != 0 || !(report = fopen(argv[1], "w"))) {
        perror(argv[1]);
        return 1;
    }
    fprintf(report, "%ld\n", peak_kib(&usage));
    fclose(report);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
