/* SPDX-License-Identifier: MIT */
/* Creating a migration file: needs neither a database nor an existing folder. */
#include "api/context.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"

static int timestamp_now(char *to, size_t size, struct dunlin_error *err)
{
    time_t now = time(NULL);
    struct tm utc;

    if (!gmtime_r(&now, &utc) || strftime(to, size, "%Y%m%d%H%M%S", &utc) == 0)
        return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_INTERNAL, "the time is not known");
    return DUNLIN_OK;
}

int dunlin_new(const struct dunlin_options *options, const char *name, uint32_t flags, char *path,
               size_t size, struct dunlin_error *err)
{
    struct dunlin_options o;
    struct arena arena = ARENA_INIT;
    struct new_file what = {.name = name, .pair = (flags & DUNLIN_NEW_PAIR) != 0};
    const char *paths[2] = {NULL, NULL};
    char timestamp[32];
    int rc = DUNLIN_OK;

    options_copy(&o, options);
    if (flags & DUNLIN_NEW_TIMESTAMP) {
        rc = timestamp_now(timestamp, sizeof(timestamp), err);
        what.timestamp = timestamp;
    }
    if (!rc)
        rc = source_new(o.ndirs ? o.dirs[0] : NULL, &what, &arena, paths, err);
    if (!rc)
        snprintf(path, size, "%s", paths[0]);
    arena_free(&arena);
    return rc;
}
