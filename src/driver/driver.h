/* SPDX-License-Identifier: MIT */
/*
 * Finding, checking and opening drivers: the only place that calls dlopen. What it hands out is a
 * complete table (absent optional members are stubs that return UNSUPPORTED), so that no caller
 * tests for NULL.
 */
#ifndef DUNLIN_DRIVER_DRIVER_H
#define DUNLIN_DRIVER_DRIVER_H

#include <stdbool.h>
#include <dunlin/driver.h>
#include <dunlin/dunlin.h>
#include "base/arena.h"

/* Not to be copied: table.dialect points to the member beside it. */
struct driver {
    struct dunlin_driver table;    /* min-size copy, stubs filled in */
    struct dunlin_dialect dialect; /* min-size copy */
    uint16_t abi_minor;            /* of the module */
    const char *path;              /* of the module, or "built-in"; lives as long as the arena */
};

/* The name of the driver for a scheme: "postgres" for postgresql, the scheme itself for one that
 * is not known here; NULL for what cannot be a driver's name. */
const char *scheme_driver_name(const char *scheme);
/* [a-z][a-z0-9_]*, at most 32 long: what may stand before .so */
bool driver_name_valid(const char *name);

/* The driver that serves a URL scheme. Built-in ones first, then each folder of path (':' between;
 * NULL = the installed one), by the names that scheme_driver_name gives. */
int driver_for_scheme(const char *scheme, const char *path, struct arena *arena,
                      const struct driver **out, struct dunlin_error *err);
/* Loads one module file, by its absolute path. name NULL = taken from the file name. whole = finds
 * every function of its libraries now, so that a missing one is told; else each when it is called
 * first, which starts faster. */
int driver_load(const char *file, const char *name, bool whole, struct arena *arena,
                const struct driver **out, struct dunlin_error *err);
/* Checks a table as an entry function returned it (NULL too): magic, ABI, name, size, required
 * members, caps against members; then completes it. name NULL = any. file is for messages. Used for
 * modules and for built-in drivers. */
int driver_check(const struct dunlin_driver *table, const char *file, const char *name,
                 struct driver *out, struct dunlin_error *err);
/* Every driver that is built in or lies in a folder of path, sorted by name, refused ones too. A
 * non-zero return of fn ends the listing with DUNLIN_INTERRUPTED. */
int driver_list(const char *path, dunlin_driver_fn fn, void *user, struct dunlin_error *err);

/* NULL-terminated list of the entry functions linked in by --with-builtin-drivers. */
extern const dunlin_driver_entry_fn builtin_drivers[];

#endif
