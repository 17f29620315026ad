/* SPDX-License-Identifier: MIT */
/* Taking over the history of another tool. */
#include "api/context.h"

#include "source/layout.h"

int layout_table(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err)
{
    for (size_t i = 0; i < d->source.count; i++) {
        if (d->source.folders[i].layout == &drizzle_layout)
            return drizzle_table_init(&d->run.shared, d->run.driver, o->layout_table, &d->arena,
                                      err);
    }
    return DUNLIN_OK;
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
