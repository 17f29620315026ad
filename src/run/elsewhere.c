/* SPDX-License-Identifier: MIT */
/*
 * Before dunlin's own history begins: another tool may have applied these very migrations to the
 * database, and to run them again could do harm. Its table is read as adopt would read it.
 */
#include "run/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/layout.h"

struct finding {
    const struct foreign *tool;
    const struct folder *folder;
    const char *table;
    uint64_t matched;
};

static const struct foreign *tool_of(const struct folder *f)
{
    return f->layout && f->layout->tool ? foreign_named(f->layout->name) : NULL;
}

/* Whether it tells nothing of whose the table is: to go on would be to guess. */
static bool tells_nothing(int kind)
{
    return kind == DUNLIN_KIND_NOMEM || kind == DUNLIN_KIND_LOST || kind == DUNLIN_KIND_CANCELLED ||
           kind == DUNLIN_KIND_TIMEOUT || kind == DUNLIN_KIND_LOCKED ||
           kind == DUNLIN_KIND_DEADLOCK || kind == DUNLIN_KIND_INTERNAL;
}

/* A table that cannot be read in a tool's way is not that tool's. */
static int try_tool(struct run *r, const struct foreign *tool, const struct folder *f,
                    struct finding *best, struct dunlin_error *err)
{
    const struct foreign *before = r->tool;
    const struct history_table table = r->shared;
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    uint64_t matched = 0;
    int rc = DUNLIN_OK;

    if (tool != before) { /* else it may have another name than by default */
        rc = foreign_table_init(&r->shared, tool, r->driver, NULL, &r->arena, &local);
        r->tool = tool;
    }
    if (!rc && !r->shared.schema)
        rc = history_table_qualify(&r->shared, r->schema, &r->arena, &local);
    if (!rc)
        rc = run_adoptable(r, f, &matched, &local);
    if (!rc && matched > best->matched)
        *best = (struct finding){tool, f, r->shared.quoted, matched};
    r->tool = before;
    r->shared = table;
    if (!rc || (rc != DUNLIN_INTERRUPTED && !tells_nothing(local.kind)))
        return DUNLIN_OK;
    if (err)
        *err = local;
    return rc;
}

static int refuse(const struct finding *found, struct dunlin_error *err)
{
    const char *name = found->tool->name;
    bool own = tool_of(found->folder) == found->tool, runs = layout_named(name) != NULL;
    char adopt[64], turns[128] = "";

    snprintf(adopt, sizeof(adopt), "dunlin adopt%s%s", own ? "" : " --from ", own ? "" : name);
    if (own || runs)
        snprintf(turns, sizeof(turns), "; %s%s%s--history layout goes on in it",
                 own ? "" : "--layout ", own ? "" : name, own ? "" : " ");
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
              "%s has applied %" PRIu64 " of these migrations, as its table %s tells, and dunlin "
              "has no history here yet",
              found->tool->tool, found->matched, found->table);
    error_state(err, "nothing was run");
    error_hint(err,
               "\"%s\" takes that history over%s; where these are others, --history anew "
               "begins one beside it",
               adopt, turns);
    error_next(err, "%s --dry-run", adopt);
    return DUNLIN_CONFLICT;
}

static int try_folder(struct run *r, const struct folder *f, const bool *present,
                      struct finding *best, struct dunlin_error *err)
{
    const struct foreign *own = tool_of(f);
    int rc = DUNLIN_OK;

    if (run_folder_shares(r, f))
        return DUNLIN_OK;
    if (own && foreign_on(own, r->driver))
        rc = try_tool(r, own, f, best, err);
    for (size_t i = 0; !rc && foreigns[i]; i++) {
        if (present[i] && foreigns[i] != own && !foreigns[i]->by_folder)
            rc = try_tool(r, foreigns[i], f, best, err);
    }
    return rc;
}

int run_elsewhere(struct run *r, struct dunlin_error *err)
{
    bool present[FOREIGNS_MAX] = {false};
    struct finding best = {.matched = 0};
    int rc, kind;

    if (r->options.history == DUNLIN_HISTORY_ANEW || !run_owns_history(r))
        return DUNLIN_OK;
    rc = run_session(r, err);
    if (rc)
        return rc;
    kind = foreign_present(r->driver, r->conn, present, err);
    if (kind)
        return run_status(r, kind, err);
    for (size_t i = 0; !rc && i < r->source->count; i++)
        rc = try_folder(r, &r->source->folders[i], present, &best, err);
    return rc || !best.matched ? rc : refuse(&best, err);
}
