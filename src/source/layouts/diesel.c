/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

static int diesel_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                       struct dunlin_error *err)
{
    (void)unnumbered;
    (void)arena;
    return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_UNSUPPORTED, "%s: not built yet", f->path);
}

const struct layout diesel_layout = {
    .name = "diesel", .tool = "diesel", .listed = true, .list = diesel_list};
