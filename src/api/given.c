/* SPDX-License-Identifier: MIT */
/* What the caller gives for scripts to use: values for placeholders, and the environment, URL and
 * permission of executable migrations. */
#include "api/context.h"

#include "base/error.h"

static const char *const *list_copy(struct arena *arena, const char *const *list, size_t count)
{
    const char **copy = arena_calloc(arena, count + 1, sizeof(*copy));

    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = arena_strdup(arena, list[i]);
        if (!copy[i])
            return NULL;
    }
    return copy;
}

int given_copy(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err)
{
    struct run_options *to = &d->run.options;
    size_t variables = 0;
    int rc = substitutes_check(o->set, o->nset, err);

    if (rc)
        return rc;
    while (o->environment && o->environment[variables])
        variables++;
    d->substitutes.set = list_copy(&d->arena, o->set, o->nset);
    d->substitutes.count = o->nset;
    d->run.lexing.substitutes = &d->substitutes;
    to->allow_exec = o->allow_exec != 0;
    to->url = arena_strdup(&d->arena, o->url ? o->url : "");
    to->environment = list_copy(&d->arena, o->environment, variables);
    return d->substitutes.set && to->url && to->environment ? DUNLIN_OK : error_nomem(err);
}
