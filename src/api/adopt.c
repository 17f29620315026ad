/* SPDX-License-Identifier: MIT */
/* Taking over the history of another tool. */
#include "api/context.h"

#include <string.h>

#include "base/error.h"

#include "source/layout.h"

/* "TOOL[:DIR]" */
static int tool_named(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err)
{
    size_t len = strcspn(o->from, ":");
    char *name = arena_strndup(&d->arena, o->from, len);

    if (!name)
        return error_nomem(err);
    d->run.tool = foreign_named(name);
    if (!d->run.tool) {
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                  "dunlin knows no history of a tool \"%.100s\"", name);
        error_hint(err, "dunlin-layouts(7) has the names; \"plain\" is a table of one's own");
        return DUNLIN_CONFIG;
    }
    d->run.tool_named = true;
    if (o->from[len] && o->from[len + 1]) {
        d->run.tool_files = arena_strdup(&d->arena, o->from + len + 1);
        if (!d->run.tool_files)
            return error_nomem(err);
    }
    return foreign_table_init(&d->run.shared, d->run.tool, d->run.driver, o->layout_table,
                              &d->arena, err);
}

/* dunlin's own table in its place would be empty, and everything would run once more. */
static int nobodys_table(struct dunlin_error *err)
{
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
              "--history layout: no folder is one of another tool");
    error_hint(err,
               "say whose it is with --layout NAME; a folder of dunlin's own has its history in "
               "dunlin's own table");
    return DUNLIN_CONFIG;
}

/* named: by the user. */
static int table_of(struct dunlin *d, const struct folder *f, const char *named,
                    struct dunlin_error *err)
{
    struct history_table *t = &d->run.shared;
    int rc = foreign_table_init(t, d->run.tool, d->run.driver, named ? named : f->history_table,
                                &d->arena, err);

    if (rc || named || !f->history_schema)
        return rc;
    t->schema = NULL;
    return history_table_qualify(t, f->history_schema, &d->arena, err);
}

/* Whose table may be needed: that of the first folder of another tool. */
int layout_table(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err)
{
    bool needed = o->history == DUNLIN_HISTORY_LAYOUT;

    if (o->from)
        return tool_named(d, o, err);
    for (size_t i = 0; i < d->source.count; i++) {
        const struct layout *layout = d->source.folders[i].layout;
        const struct foreign *tool = layout->tool ? foreign_named(layout->name) : NULL;

        if (!tool || (!needed && !foreign_on(tool, d->run.driver)))
            continue;
        d->run.tool = tool;
        return table_of(d, &d->source.folders[i], o->layout_table, err);
    }
    return needed ? nobodys_table(err) : DUNLIN_OK;
}

struct passing {
    dunlin_item_fn fn;
    void *user;
};

static int pass(const struct plan_item *item, void *user)
{
    const struct passing *to = user;
    struct dunlin_item out = item_of(item);

    return to->fn(&out, to->user);
}

int dunlin_adopt(struct dunlin *d, int dry, dunlin_item_fn item, void *user,
                 struct dunlin_summary *summary, struct dunlin_error *err)
{
    struct passing to = {item, user};

    return run_adopt(&d->run, dry != 0, item ? pass : NULL, &to, summary, err);
}
