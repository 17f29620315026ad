/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "cli/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"

enum phase { PHASE_BEFORE = 0, PHASE_RUN, PHASE_AFTER };

struct interrupt {
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    enum phase phase;
    struct dunlin *target;
    bool ending;
    sigset_t signals, before;
};

/* SIGUSR2 is ours: it wakes the thread to end it. Signals that were ignored when we started (nohup)
 * stay ignored. */
static void choose_signals(sigset_t *set)
{
    static const int wanted[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;

    sigemptyset(set);
    sigaddset(set, SIGUSR2);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (sigaction(wanted[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(set, wanted[i]);
    }
}

static void handle(struct interrupt *in)
{
    static const char text[] = "interrupted, cleaning up\n";

    pthread_mutex_lock(&in->lock);
    switch (in->phase) {
    case PHASE_BEFORE: /* connecting: nothing is in the database yet */
        _exit(DUNLIN_INTERRUPTED);
    case PHASE_RUN:
        if (isatty(STDERR_FILENO) && write(STDERR_FILENO, text, sizeof(text) - 1) < 0) {
            /* nobody is there to read it */
        }
        dunlin_cancel(in->target);
        break;
    case PHASE_AFTER:
        break;
    }
    pthread_mutex_unlock(&in->lock);
}

void interrupt_expire(struct interrupt *in)
{
    static const char text[] = "error: the time for the whole run was over before a connection\n";

    pthread_mutex_lock(&in->lock);
    if (in->phase == PHASE_BEFORE) {
        if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
            _exit(DUNLIN_NO_CONNECTION);
        _exit(DUNLIN_NO_CONNECTION);
    }
    if (in->phase == PHASE_RUN)
        dunlin_expire(in->target);
    pthread_mutex_unlock(&in->lock);
}

static void *wait_for_signals(void *user)
{
    struct interrupt *in = user;

    for (;;) {
        bool ending;
        int number;

        if (sigwait(&in->signals, &number) != 0)
            continue;
        pthread_mutex_lock(&in->lock);
        ending = in->ending;
        pthread_mutex_unlock(&in->lock);
        if (ending)
            return NULL;
        if (number != SIGUSR2)
            handle(in);
    }
}

int interrupt_start(struct interrupt **out, struct dunlin_error *err)
{
    struct interrupt *in = calloc(1, sizeof(*in));

    if (!in)
        return error_nomem(err);
    choose_signals(&in->signals);
    pthread_mutex_init(&in->lock, NULL);
    pthread_sigmask(SIG_BLOCK, &in->signals, &in->before);
    if (pthread_create(&in->thread, NULL, wait_for_signals, in) != 0) {
        pthread_sigmask(SIG_SETMASK, &in->before, NULL);
        pthread_mutex_destroy(&in->lock);
        free(in);
        return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_INTERNAL, "cannot start a thread");
    }
    *out = in;
    return DUNLIN_OK;
}

void interrupt_target(struct interrupt *in, struct dunlin *d)
{
    pthread_mutex_lock(&in->lock);
    in->target = d;
    in->phase = d ? PHASE_RUN : PHASE_AFTER;
    pthread_mutex_unlock(&in->lock);
}

void interrupt_stop(struct interrupt *in)
{
    if (!in)
        return;
    pthread_mutex_lock(&in->lock);
    in->ending = true;
    pthread_mutex_unlock(&in->lock);
    pthread_kill(in->thread, SIGUSR2);
    pthread_join(in->thread, NULL);
    /* The mask stays: what came late would else end the process with another exit code. */
    pthread_mutex_destroy(&in->lock);
    free(in);
}
