/* SPDX-License-Identifier: MIT */
/*
 * Kills a program (SIGKILL) at a moment that can be named, for tests:
 *
 *     killer event N COMMAND [ARGUMENT...]    before its N-th write to standard output
 *     killer call N COMMAND [ARGUMENT...]     before its N-th call that writes, sends or waits
 *     killer time N COMMAND [ARGUMENT...]     after N microseconds
 *
 * N = 0 kills nothing. Prints how many such moments there were, and "killed" or the exit code.
 * What the program writes goes nowhere. The first two need a system that can be asked for the calls
 * of a process: where that is not so the exit code is 77.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NO_TRACE 77

struct victim {
    pid_t pid;
    unsigned long at, moments;
    bool events; /* only standard output counts */
    int status;  /* of waitpid, once ended */
};

static void become(char **argv)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
        _exit(126);
    execvp(argv[0], argv);
    _exit(127);
}

static int tell(const struct victim *v)
{
    if (WIFSIGNALED(v->status))
        printf("%lu killed\n", v->moments);
    else
        printf("%lu %d\n", v->moments, WEXITSTATUS(v->status));
    return 0;
}

static int by_time(struct victim *v, char **argv)
{
    struct timespec t = {(time_t)(v->at / 1000000), (long)(v->at % 1000000) * 1000};

    v->pid = fork();
    if (v->pid < 0)
        return 1;
    if (v->pid == 0)
        become(argv);
    if (v->at) {
        nanosleep(&t, NULL);
        kill(v->pid, SIGKILL);
    }
    return waitpid(v->pid, &v->status, 0) == v->pid ? tell(v) : 1;
}

#if defined(__linux__)
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/syscall.h>

static bool is_moment(const struct victim *v, const struct __ptrace_syscall_info *call)
{
    static const long calls[] = {SYS_write,     SYS_writev,  SYS_pwrite64,  SYS_pwritev,
                                 SYS_sendto,    SYS_sendmsg, SYS_recvfrom,  SYS_recvmsg,
                                 SYS_fdatasync, SYS_fsync,   SYS_ftruncate, SYS_unlinkat,
                                 SYS_ppoll,
#ifdef SYS_poll
                                 SYS_poll,
#endif
#ifdef SYS_unlink
                                 SYS_unlink,
#endif
                                 SYS_fcntl};

    if (v->events)
        return call->entry.nr == SYS_write && call->entry.args[0] == STDOUT_FILENO;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (call->entry.nr == (unsigned long)calls[i])
            return true;
    }
    return false;
}

/* A call begins or ends in the thread. */
static void at_call(struct victim *v, pid_t thread)
{
    struct __ptrace_syscall_info call;

    memset(&call, 0, sizeof(call));
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(call), &call) <= 0 ||
        call.op != PTRACE_SYSCALL_INFO_ENTRY || !is_moment(v, &call))
        return;
    if (++v->moments == v->at)
        kill(v->pid, SIGKILL);
}

/* Which signal goes on to the thread that has stopped. */
static long stopped(struct victim *v, pid_t thread, int status)
{
    int sig = WSTOPSIG(status);

    if (sig == (SIGTRAP | 0x80))
        at_call(v, thread);
    /* A thread begins with SIGSTOP; SIGTRAP is that of exec or of a new thread. */
    return sig == (SIGTRAP | 0x80) || sig == SIGTRAP || sig == SIGSTOP ? 0 : sig;
}

static int by_call(struct victim *v, char **argv)
{
    int status;
    pid_t thread;

    v->pid = fork();
    if (v->pid < 0)
        return 1;
    if (v->pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
            _exit(NO_TRACE);
        raise(SIGSTOP);
        become(argv);
    }
    if (waitpid(v->pid, &status, 0) != v->pid)
        return 1;
    if (!WIFSTOPPED(status))
        return NO_TRACE;
    if (ptrace(PTRACE_SETOPTIONS, v->pid, NULL,
               (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)))
        return NO_TRACE;
    (void)ptrace(PTRACE_SYSCALL, v->pid, NULL, NULL);
    while ((thread = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
        if (thread > 0 && WIFSTOPPED(status))
            (void)ptrace(PTRACE_SYSCALL, thread, NULL, (void *)stopped(v, thread, status));
        else if (thread == v->pid)
            v->status = status;
    }
    return tell(v);
}
#else
static int by_call(struct victim *v, char **argv)
{
    (void)v;
    (void)argv;
    return NO_TRACE;
}
#endif

int main(int argc, char **argv)
{
    struct victim v = {.pid = -1};

    if (argc < 4)
        return 64;
    v.at = strtoul(argv[2], NULL, 10);
    v.events = strcmp(argv[1], "event") == 0;
    if (strcmp(argv[1], "time") == 0)
        return by_time(&v, argv + 3);
    return by_call(&v, argv + 3);
}
