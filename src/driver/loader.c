/* SPDX-License-Identifier: MIT */
/*
 * From a URL scheme to a driver's table. A module stays loaded until the process ends: client
 * libraries and the TLS libraries below them leave exit handlers and thread keys behind, which
 * would point to unmapped code after a dlclose.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "driver/driver.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/error.h"
#include "driver/folders.h"

#ifndef RTLD_NODELETE
#define RTLD_NODELETE 0
#endif

#define HINT_MAX 4096u

/* ---- one module ---------------------------------------------------------------------------- */

static int refuse(struct dunlin_error *err, const char *file, const char *what)
{
    return error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER, "%s: %s", file, what);
}

static int refuse_library(struct dunlin_error *err, const char *file, const char *real)
{
    const char *reason = dlerror();
    const size_t n = strlen(real);

    if (!reason)
        reason = "unknown reason";
    if (strncmp(reason, real, n) == 0 && reason[n] == ':')
        reason += n + 1 + strspn(reason + n + 1, " ");
    error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER, "%s: the module cannot be loaded: %s",
              file, reason);
    error_hint(err, "see whether the file is whole and whether the client library that it needs is "
                    "installed");
    return DUNLIN_NO_CONNECTION;
}

/* The symbol's name ends with the ABI's major number: another number explains a missing symbol. */
static void explain_symbol(struct dunlin_error *err, const char *file, void *handle)
{
    char symbol[sizeof(DUNLIN_DRIVER_ENTRY) + 8];
    unsigned major;

    for (major = 0; major < 100; major++) {
        snprintf(symbol, sizeof(symbol), "dunlin_driver_entry_v%u", major);
        if (dlsym(handle, symbol))
            break;
    }
    if (major == 100) {
        refuse(err, file, "symbol " DUNLIN_DRIVER_ENTRY " is missing: not a driver of dunlin");
        return;
    }
    error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER,
              "%s: the module is for driver ABI %u (%s), wanted %u (" DUNLIN_DRIVER_ENTRY ")", file,
              major, symbol, DUNLIN_ABI_MAJOR);
    error_hint(err, "install the module that was built for this version of dunlin");
}

static int check_table(const struct dunlin_driver *table, const char *file, const char *name,
                       struct arena *arena, const struct driver **out, struct dunlin_error *err)
{
    struct driver *driver = arena_alloc(arena, sizeof(*driver));
    const char *path = arena_strdup(arena, file);
    int status;

    if (!driver || !path)
        return error_nomem(err);
    status = driver_check(table, path, name, driver, err);
    if (status == DUNLIN_OK)
        *out = driver;
    return status;
}

static int load(const char *file, const char *real, const char *name, bool whole,
                struct arena *arena, const struct driver **out, struct dunlin_error *err)
{
    void *handle = dlopen(real, (whole ? RTLD_NOW : RTLD_LAZY) | RTLD_LOCAL | RTLD_NODELETE);
    void *symbol;
    dunlin_driver_entry_fn entry;
    int status;

    if (!handle)
        return refuse_library(err, file, real);
    symbol = dlsym(handle, DUNLIN_DRIVER_ENTRY);
    if (symbol) {
        /* ISO C has no conversion from object to function pointers. */
        memcpy(&entry, &symbol, sizeof(entry));
        status = check_table(entry(DUNLIN_ABI_MAJOR), file, name, arena, out, err);
    } else {
        explain_symbol(err, file, handle);
        status = DUNLIN_NO_CONNECTION;
    }
    if (status != DUNLIN_OK)
        dlclose(handle);
    return status;
}

static const char *name_of_file(const char *file, struct arena *arena)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file;
    const size_t n = strlen(base);

    return arena_strndup(arena, base, n > 3 && strcmp(base + n - 3, ".so") == 0 ? n - 3 : n);
}

int driver_load(const char *file, const char *name, bool whole, struct arena *arena,
                const struct driver **out, struct dunlin_error *err)
{
    const char *real;
    int status;

    if (file[0] != '/')
        return refuse(err, file, "the path of a driver module is not absolute");
    if (!name)
        name = name_of_file(file, arena);
    if (!name)
        return error_nomem(err);
    if (!driver_name_valid(name))
        return refuse(err, file, "the file name is not of the form [a-z][a-z0-9_]*.so");
    status = module_trusted(file, arena, &real, err);
    if (status != DUNLIN_OK)
        return status;
    return load(file, real, name, whole, arena, out, err);
}

/* ---- by scheme ----------------------------------------------------------------------------- */

static const struct dunlin_driver *builtin_table(const char *name)
{
    for (size_t i = 0; builtin_drivers[i]; i++) {
        const struct dunlin_driver *table = builtin_drivers[i](DUNLIN_ABI_MAJOR);

        if (table && table->name && strcmp(table->name, name) == 0)
            return table;
    }
    return NULL;
}

static bool serves(const struct driver *driver, const char *scheme)
{
    for (const char *const *s = driver->table.schemes; *s; s++) {
        if (strcmp(*s, scheme) == 0)
            return true;
    }
    return false;
}

static void add_folder(struct buf *text, const char *folder, struct arena *arena)
{
    const char *const *names;

    buf_addf(text, "; %s holds", folder);
    if (folder_modules(folder, arena, &names, NULL) != DUNLIN_OK || !names[0]) {
        buf_adds(text, " no driver");
        return;
    }
    for (; *names; names++)
        buf_addf(text, " %s", *names);
}

static int not_found(const char *scheme, const char *name, const char *const *folders,
                     struct arena *arena, struct dunlin_error *err)
{
    struct buf text = BUF_INIT(HINT_MAX);
    const bool ours =
        strcmp(name, "postgres") == 0 || strcmp(name, "sqlite") == 0 || strcmp(name, "mysql") == 0;

    error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER, "no driver for the scheme \"%s\"",
              scheme);
    if (ours)
        buf_addf(&text, "install the package with dunlin's %s driver, or configure --with-%s", name,
                 name);
    else
        buf_addf(&text, "write postgres://, mysql:// or sqlite:, or install a driver %s.so", name);
    for (; *folders; folders++)
        add_folder(&text, *folders, arena);
    error_hint(err, "%s", buf_str(&text));
    buf_free(&text);
    return DUNLIN_NO_CONNECTION;
}

static bool exists(const char *file)
{
    return access(file, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* The first file of that name counts, also when it is refused: what comes later in the path is
 * not what the user wants to run. */
static int find_module(const char *scheme, const char *name, const char *const *folders,
                       struct arena *arena, const struct driver **out, struct dunlin_error *err)
{
    for (const char *const *folder = folders; *folder; folder++) {
        const char *file = module_path(*folder, name, arena);

        if (!file)
            return error_nomem(err);
        if (exists(file))
            return driver_load(file, name, false, arena, out, err);
    }
    return not_found(scheme, name, folders, arena, err);
}

int driver_for_scheme(const char *scheme, const char *path, struct arena *arena,
                      const struct driver **out, struct dunlin_error *err)
{
    const char *name = scheme_driver_name(scheme);
    const struct dunlin_driver *table;
    const struct driver *driver = NULL;
    const char *const *folders;
    int status = folders_split(path, arena, &folders, err);

    if (status != DUNLIN_OK)
        return status;
    if (!name) {
        static const char *const nowhere[] = {NULL};

        return not_found(scheme, "NAME", nowhere, arena, err);
    }
    table = builtin_table(name);
    if (table)
        status = check_table(table, "built-in", name, arena, &driver, err);
    else
        status = find_module(scheme, name, folders, arena, &driver, err);
    if (status != DUNLIN_OK)
        return status;
    if (!serves(driver, scheme)) {
        return error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER, "%s: schemes lacks \"%s\"",
                         driver->path, scheme);
    }
    *out = driver;
    return DUNLIN_OK;
}
