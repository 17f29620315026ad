/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

static int refinery_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                       struct dunlin_error *err)
{
    (void)unnumbered;
    (void)arena;
    return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_UNSUPPORTED, "%s: not built yet", f->path);
}

const struct layout refinery_layout = {
    .name = "refinery", .tool = "refinery", .listed = true, .list = refinery_list};
