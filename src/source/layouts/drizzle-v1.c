/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

static int drizzle_v1_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                       struct dunlin_error *err)
{
    (void)unnumbered;
    (void)arena;
    return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_UNSUPPORTED, "%s: not built yet", f->path);
}

const struct layout drizzle_v1_layout = {
    .name = "drizzle-v1", .tool = "drizzle-orm 1", .listed = true, .list = drizzle_v1_list};
