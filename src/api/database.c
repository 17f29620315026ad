/* SPDX-License-Identifier: MIT */
/* The database itself, which need not be there yet. */
#include "api/context.h"

#include <string.h>

#include "base/error.h"

/* A context without folders and without a connection. */
static int target_open(struct dunlin *d, const struct dunlin_options *options, struct url *url,
                       struct dunlin_error *err)
{
    struct dunlin_options o;
    int rc;

    memset(d, 0, sizeof(*d));
    options_copy(&o, options);
    rc = options_apply(d, &o, err);
    return rc ? rc : database_find(d, &o, url, err);
}

int dunlin_create_database(const struct dunlin_options *options, int *changed,
                           struct dunlin_error *err)
{
    struct dunlin d;
    struct url url;
    bool done = false;
    int rc = target_open(&d, options, &url, err);

    if (!rc)
        rc = run_create_database(&d.run, url.params, url.count, &done, err);
    if (changed)
        *changed = done;
    arena_free(&d.arena);
    return rc;
}

int dunlin_drop_database(const struct dunlin_options *options, int *changed,
                         struct dunlin_error *err)
{
    struct dunlin d;
    struct url url;
    bool done = false;
    int rc = target_open(&d, options, &url, err);

    if (!rc)
        rc = run_drop_database(&d.run, url.params, url.count, &done, err);
    if (changed)
        *changed = done;
    arena_free(&d.arena);
    return rc;
}

int dunlin_wait(const struct dunlin_options *options, uint64_t timeout_ms, struct dunlin_error *err)
{
    struct dunlin d;
    struct url url;
    int rc = target_open(&d, options, &url, err);

    if (!rc)
        rc = run_wait(&d.run, url.params, url.count, timeout_ms, err);
    arena_free(&d.arena);
    return rc;
}
