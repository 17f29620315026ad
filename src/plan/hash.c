/* SPDX-License-Identifier: MIT */
/*
 * Whether the files of applied migrations are what ran: each is read and hashed again. With many
 * files nearly all of the time goes into the system calls that open and read them, so several
 * threads share them. A thread takes the next portion of the files until none is left; each item
 * is touched by one thread only, and what goes wrong first in the order of the files is told,
 * whoever came upon it.
 */
#include "plan/plan.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define THREADS_MAX 4u
#define PORTION 64u /* files that a thread takes at a time */
#define SHARED_FROM (4u * PORTION)

struct work {
    struct plan *plan;
    atomic_size_t next;   /* first item that nobody has taken */
    atomic_size_t failed; /* nothing behind this item matters any more */
};

struct worker {
    struct work *work;
    pthread_t thread;
    char *block;
    struct arena arena; /* checksums of files that are not what is recorded */
    size_t failed;      /* the item that rc is about */
    int rc;
    struct dunlin_error err;
};

/* Most files are what the history says, and share its text. */
static int item_hash(struct plan_item *item, char *block, struct arena *arena,
                     struct dunlin_error *err)
{
    const char *recorded = item->row->checksum;
    char sum[CHECKSUM_SIZE];
    int rc = file_checksum(&item->migration->up, recorded, block, sum, err);

    if (rc)
        return rc;
    if (item->migration->always)
        item->state = DUNLIN_STATE_CHANGED;
    if (recorded && strcmp(sum, recorded) == 0) {
        item->checksum = recorded;
        return DUNLIN_OK;
    }
    item->checksum = arena_strdup(arena, sum);
    if (!item->checksum) {
        item->checksum = "";
        return error_nomem(err);
    }
    if (recorded)
        item->state =
            strcmp(item->kind, "repeatable") == 0 ? DUNLIN_STATE_CHANGED : DUNLIN_STATE_EDITED;
    return DUNLIN_OK;
}

static void worker_failed(struct worker *w, size_t i)
{
    size_t before = atomic_load(&w->work->failed);

    w->failed = i;
    while (i < before && !atomic_compare_exchange_weak(&w->work->failed, &before, i))
        ;
}

static void portion_hash(struct worker *w, size_t first)
{
    const struct plan *p = w->work->plan;
    size_t end = p->count - first < PORTION ? p->count : first + PORTION;

    for (size_t i = first; !w->rc && i < end && i < atomic_load(&w->work->failed); i++) {
        struct plan_item *item = &p->items[i];

        if (!item->migration || !plan_is_applied(item))
            continue;
        w->rc = item_hash(item, w->block, &w->arena, &w->err);
        if (w->rc)
            worker_failed(w, i);
    }
}

static void *worker_run(void *user)
{
    struct worker *w = user;

    while (!w->rc) {
        size_t first = atomic_fetch_add(&w->work->next, PORTION);

        if (first >= w->work->plan->count)
            break;
        portion_hash(w, first);
    }
    return NULL;
}

static bool worker_init(struct worker *w, struct work *work)
{
    w->work = work;
    w->err = (struct dunlin_error)DUNLIN_ERROR_INIT;
    w->block = malloc(FILE_BLOCK_SIZE);
    return w->block != NULL;
}

/* Signals are for the threads of whoever uses the library. */
static bool worker_start(struct worker *w, struct work *work)
{
    sigset_t all, before;
    bool started;

    if (!worker_init(w, work))
        return false;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    started = pthread_create(&w->thread, NULL, worker_run, w) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static size_t threads_wanted(const struct plan *p)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (p->count < SHARED_FROM || processors < 2)
        return 1;
    return (size_t)processors < THREADS_MAX ? (size_t)processors : THREADS_MAX;
}

static int worst(const struct worker *workers, size_t n, struct dunlin_error *err)
{
    const struct worker *first = NULL;

    for (size_t i = 0; i < n; i++) {
        if (workers[i].rc && (!first || workers[i].failed < first->failed))
            first = &workers[i];
    }
    if (first && err)
        *err = first->err;
    return first ? first->rc : DUNLIN_OK;
}

int plan_hash(struct plan *p, struct dunlin_error *err)
{
    struct work work = {.plan = p};
    size_t started = 1, n = threads_wanted(p);
    struct worker *workers = calloc(n, sizeof(*workers));
    int rc;

    if (!workers || !worker_init(&workers[0], &work)) {
        free(workers);
        return error_nomem(err);
    }
    atomic_init(&work.next, 0);
    atomic_init(&work.failed, p->count);
    /* With fewer threads than wanted it only takes longer. */
    while (started < n && worker_start(&workers[started], &work))
        started++;
    worker_run(&workers[0]);
    for (size_t i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    rc = worst(workers, started, err);
    for (size_t i = 0; i < n; i++) {
        arena_adopt(&p->arena, &workers[i].arena);
        free(workers[i].block);
    }
    free(workers);
    return rc;
}
