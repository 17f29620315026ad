/* SPDX-License-Identifier: MIT */
/* A layout: what the files of a folder mean. dunlin's own is one, that of drizzle-kit another. */
#ifndef DUNLIN_SOURCE_LAYOUT_H
#define DUNLIN_SOURCE_LAYOUT_H

#include <dunlin/error.h>
#include "base/arena.h"
#include "source/source.h"

struct layout {
    const char *name;
    bool breakpoints; /* "--> statement-breakpoint" ends a statement; files have no sections */
    bool listed;      /* a list says the order and what there is, not the names */
    /* Fills migrations (in the order in which they run), count and hooks of an open folder. */
    int (*list)(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                struct dunlin_error *err);
};

extern const struct layout native_layout;
extern const struct layout drizzle_layout;

/* Fills the hooks of an open folder. */
int native_hooks(struct folder *f, struct arena *arena, struct dunlin_error *err);
/* Whether there is a journal of drizzle-kit. */
bool drizzle_recognise(const struct folder *f);
/* What drizzle-orm calls the hash of a migration: SHA-256 of the file's bytes, in hex. */
int drizzle_hash(const struct source_file *file, char hex[SHA256_HEX_SIZE],
                 struct dunlin_error *err);

#define VERSION_DIGITS_MAX 40

/* What the name of a file says in the native layout. Texts are in the arena or in the name. */
enum file_role { ROLE_SINGLE = 0, ROLE_UP, ROLE_DOWN };
struct native_name {
    const char *file; /* as in the folder */
    const char *path; /* with the folder; NULL unless it was listed */
    enum migration_kind kind;
    enum file_role role;
    bool gzip;
    bool program;
    const char *version, *digits, *name; /* as in struct migration */
    size_t ndigits;                      /* length of digits */
};

/* Takes a name apart for which sql_file_name or program_name is true. Fails only for a version with
 * too many digits, a repeatable that is half of a pair, and out of memory. */
int native_parse(const char *file, const struct folder *f, struct arena *arena,
                 struct native_name *out, struct dunlin_error *err);

#endif
