/* SPDX-License-Identifier: MIT */
/* A layout: what the files of a folder mean. There is one so far, dunlin's own. */
#ifndef DUNLIN_SOURCE_LAYOUT_H
#define DUNLIN_SOURCE_LAYOUT_H

#include <dunlin/error.h>
#include "base/arena.h"
#include "source/source.h"

struct layout {
    const char *name;
    /* Fills migrations (in the order in which they run), count and hooks of an open folder. */
    int (*list)(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                struct dunlin_error *err);
};

extern const struct layout native_layout;

#define VERSION_DIGITS_MAX 40

/* What the name of a file says in the native layout. Texts are in the arena or in the name. */
enum file_role { ROLE_SINGLE = 0, ROLE_UP, ROLE_DOWN };
struct native_name {
    const char *file; /* as in the folder */
    enum migration_kind kind;
    enum file_role role;
    bool gzip;
    const char *version, *digits, *name; /* as in struct migration */
};

/* Takes a name apart for which sql_file_name is true. Fails only for a version with too many
 * digits, a repeatable that is half of a pair, and out of memory. */
int native_parse(const char *file, const struct folder *f, struct arena *arena,
                 struct native_name *out, struct dunlin_error *err);

#endif
