/* SPDX-License-Identifier: MIT */
/* Files that Flyway calls at a moment of a run, by their names. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "source/layouts/flyway-folder.h"

#define NO_HOOK HOOK_COUNT

/* Those that Flyway calls when it migrates or undoes; the others belong to commands of its own. */
static const struct flyway_event {
    const char *name;
    enum hook hook;
} events[] = {
    {"afterConnect", HOOK_CONNECT},
    {"beforeMigrate", HOOK_BEFORE_ALL},
    {"beforeEachMigrate", HOOK_BEFORE_EACH},
    {"afterEachMigrate", HOOK_AFTER_EACH},
    {"afterMigrate", HOOK_AFTER_ALL},
    {"afterMigrateApplied", HOOK_AFTER_ALL},
    {"createSchema", NO_HOOK},
    {"beforeCreateSchema", NO_HOOK},
    {"beforeConnect", NO_HOOK},
    {"beforeValidate", NO_HOOK},
    {"afterValidate", NO_HOOK},
    {"afterValidateError", NO_HOOK},
    {"beforeRepeatables", NO_HOOK},
    {"afterVersioned", NO_HOOK},
    {"beforeEachMigrateStatement", NO_HOOK},
    {"afterEachMigrateStatement", NO_HOOK},
    {"afterEachMigrateStatementError", NO_HOOK},
    {"afterEachMigrateError", NO_HOOK},
    {"afterMigrateError", NO_HOOK},
    {"afterMigrateOperationFinish", NO_HOOK},
    {"beforeUndo", NO_HOOK},
    {"afterUndo", NO_HOOK},
    {"afterUndoError", NO_HOOK},
    {"beforeEachUndo", NO_HOOK},
    {"afterEachUndo", NO_HOOK},
    {"afterEachUndoError", NO_HOOK},
    {"beforeEachUndoStatement", NO_HOOK},
    {"afterEachUndoStatement", NO_HOOK},
    {"afterEachUndoStatementError", NO_HOOK},
};

const struct flyway_event *flyway_event_of(const char *name, size_t stem)
{
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        size_t n = strlen(events[i].name);

        if (stem >= n && memcmp(name, events[i].name, n) == 0 &&
            (stem == n || (stem >= n + 2 && memcmp(name + n, "__", 2) == 0)))
            return &events[i];
    }
    return NULL;
}

int flyway_add_callback(struct flyway_folder *w, const char *way, const struct flyway_event *event,
                        struct dunlin_error *err)
{
    struct source_file file = {.name = NULL};
    struct flyway_file *extra = arena_calloc(w->listing.arena, 1, sizeof(*extra));
    struct folder *f = w->listing.folder;
    struct source_file *hook = event->hook == NO_HOOK ? NULL : &f->hooks[event->hook];
    int rc = extra ? listing_file(&w->listing, way, PART_UP, &file, err) : error_nomem(err);

    if (rc)
        return rc;
    if (hook && !hook->name) {
        extra->project = w->project;
        file.extra = extra;
        *hook = file;
        return DUNLIN_OK;
    }
    if (!hook && w->unnumbered == UNNUMBERED_IGNORE)
        return DUNLIN_OK;
    if (!hook) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "dunlin has no hook for the moment at which Flyway runs %s", file.path);
        error_hint(err, "pass over it with --unnumbered ignore, if it is not needed");
    } else {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "%s and %s are called at the same moment, and dunlin calls one file", hook->path,
                  file.path);
        error_hint(err, "put them into one");
    }
    return DUNLIN_BAD_FILE;
}
