/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "cli/deadline.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include "base/error.h"

struct deadline {
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t end;
    bool ending, passed;
    struct timespec at;
    struct interrupt *in;
};

static void *watch(void *user)
{
    struct deadline *d = user;
    int rc = 0;

    pthread_mutex_lock(&d->lock);
    while (!d->ending && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&d->end, &d->lock, &d->at);
    d->passed = !d->ending;
    pthread_mutex_unlock(&d->lock);
    if (deadline_passed(d))
        interrupt_expire(d->in);
    return NULL;
}

int deadline_start(struct deadline **out, uint64_t ms, struct interrupt *in,
                   struct dunlin_error *err)
{
    struct deadline *d = calloc(1, sizeof(*d));
    uint64_t nanos;

    if (!d)
        return error_nomem(err);
    clock_gettime(CLOCK_REALTIME, &d->at);
    nanos = (uint64_t)d->at.tv_nsec + ms % 1000 * 1000000u;
    d->at.tv_sec += (time_t)(ms / 1000 + nanos / 1000000000u);
    d->at.tv_nsec = (long)(nanos % 1000000000u);
    d->in = in;
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->end, NULL);
    if (pthread_create(&d->thread, NULL, watch, d) != 0) {
        pthread_cond_destroy(&d->end);
        pthread_mutex_destroy(&d->lock);
        free(d);
        return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_INTERNAL, "cannot start a thread");
    }
    *out = d;
    return DUNLIN_OK;
}

bool deadline_passed(struct deadline *d)
{
    bool passed;

    if (!d)
        return false;
    pthread_mutex_lock(&d->lock);
    passed = d->passed;
    pthread_mutex_unlock(&d->lock);
    return passed;
}

void deadline_stop(struct deadline *d)
{
    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    d->ending = true;
    pthread_cond_signal(&d->end);
    pthread_mutex_unlock(&d->lock);
    pthread_join(d->thread, NULL);
    pthread_cond_destroy(&d->end);
    pthread_mutex_destroy(&d->lock);
    free(d);
}
