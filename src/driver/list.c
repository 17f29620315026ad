/* SPDX-License-Identifier: MIT */
/*
 * All drivers there are, for people who wonder which one they get and why not another: built-in
 * ones and modules by name, in the order in which they would be found, with the reason where one
 * is refused.
 */
#include "driver/driver.h"

#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/error.h"
#include "driver/folders.h"

#define TEXT_MAX 65536u

/* A candidate: a built-in table, or a file. */
struct entry {
    const char *name;
    const char *file;
    const struct dunlin_driver *table;
    size_t rank; /* position in the search order */
};

struct entries {
    struct entry *at;
    size_t n, room;
};

static bool entry_add(struct entries *list, const struct entry *entry)
{
    if (list->n == list->room) {
        const size_t room = list->room ? list->room * 2 : 16;
        struct entry *at = realloc(list->at, room * sizeof(*at));

        if (!at)
            return false;
        list->at = at;
        list->room = room;
    }
    list->at[list->n] = *entry;
    list->at[list->n].rank = list->n;
    list->n++;
    return true;
}

static int entry_compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    const int order = strcmp(x->name, y->name);

    return order ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

static int collect_folder(const char *folder, struct arena *arena, struct entries *list,
                          struct dunlin_error *err)
{
    const char *const *names;
    int status = folder_modules(folder, arena, &names, err);

    if (status != DUNLIN_OK)
        return status;
    for (; *names; names++) {
        const struct entry entry = {.name = *names, .file = module_path(folder, *names, arena)};

        if (!entry.file || !entry_add(list, &entry))
            return error_nomem(err);
    }
    return DUNLIN_OK;
}

static int collect(const char *path, struct arena *arena, struct entries *list,
                   struct dunlin_error *err)
{
    const char *const *folders;
    int status = folders_split(path, arena, &folders, err);

    for (size_t i = 0; status == DUNLIN_OK && builtin_drivers[i]; i++) {
        struct entry entry = {.file = "built-in"};

        entry.table = builtin_drivers[i](DUNLIN_ABI_MAJOR);
        entry.name = entry.table && entry.table->name ? entry.table->name : "";
        if (!entry_add(list, &entry))
            return error_nomem(err);
    }
    for (; status == DUNLIN_OK && *folders; folders++)
        status = collect_folder(*folders, arena, list, err);
    return status;
}

static void add_word(struct buf *text, const char *word)
{
    if (text->len)
        buf_addc(text, ' ');
    buf_adds(text, word);
}

static void add_capabilities(struct buf *text, uint64_t caps)
{
    if (caps & DUNLIN_CAP_TX_DDL)
        add_word(text, "transactional-ddl");
    if (caps & DUNLIN_CAP_BATCH)
        add_word(text, "batch");
    if (caps & DUNLIN_CAP_COPY)
        add_word(text, "copy");
    if (caps & DUNLIN_CAP_CANCEL)
        add_word(text, "cancel");
}

static int tell(const struct dunlin_driver_info *info, dunlin_driver_fn fn, void *user,
                struct dunlin_error *err)
{
    return fn(info, user) ? error_set(err, DUNLIN_INTERRUPTED, DUNLIN_KIND_CANCELLED,
                                      "the listing of drivers was stopped by the caller")
                          : DUNLIN_OK;
}

static int report_usable(const struct driver *driver, dunlin_driver_fn fn, void *user,
                         struct dunlin_error *err)
{
    struct buf schemes = BUF_INIT(TEXT_MAX), capabilities = BUF_INIT(TEXT_MAX);
    const struct dunlin_driver *t = &driver->table;
    struct dunlin_driver_info info = {
        .size = sizeof(info),
        .name = t->name,
        .path = driver->path,
        .description = t->description,
        .version = t->version,
        .client = t->client_version(),
        .abi_major = t->abi_major,
        .abi_minor = driver->abi_minor,
    };
    int status;

    for (const char *const *s = t->schemes; *s; s++)
        add_word(&schemes, *s);
    add_capabilities(&capabilities, t->caps);
    info.schemes = buf_str(&schemes);
    info.capabilities = buf_str(&capabilities);
    status = schemes.failed || capabilities.failed ? error_nomem(err) : tell(&info, fn, user, err);
    buf_free(&schemes);
    buf_free(&capabilities);
    return status;
}

/* first: the entry of the same name that is found before this one, or NULL. */
static int report(const struct entry *entry, const struct entry *first, struct arena *arena,
                  dunlin_driver_fn fn, void *user, struct dunlin_error *err)
{
    struct dunlin_error why = DUNLIN_ERROR_INIT;
    const struct driver *driver = NULL;
    struct dunlin_driver_info info = {
        .size = sizeof(info), .name = entry->name, .path = entry->file, .refused = &why};
    int status;

    if (first) {
        status = error_set(&why, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER,
                           "%s: shadowed by %s, which comes first in the driver path", entry->file,
                           first->file);
    } else if (entry->table) {
        struct driver *builtin = arena_alloc(arena, sizeof(*builtin));

        status = builtin ? driver_check(entry->table, entry->file, NULL, builtin, &why)
                         : error_nomem(&why);
        driver = builtin;
    } else {
        status = driver_load(entry->file, entry->name, true, arena, &driver, &why);
    }
    return status == DUNLIN_OK ? report_usable(driver, fn, user, err) : tell(&info, fn, user, err);
}

int driver_list(const char *path, dunlin_driver_fn fn, void *user, struct dunlin_error *err)
{
    struct arena arena = ARENA_INIT;
    struct entries list = {NULL, 0, 0};
    const struct entry *first = NULL;
    int status = collect(path, &arena, &list, err);

    if (status == DUNLIN_OK && list.n)
        qsort(list.at, list.n, sizeof(*list.at), entry_compare);
    for (size_t i = 0; status == DUNLIN_OK && i < list.n; i++) {
        const bool again = first && strcmp(first->name, list.at[i].name) == 0;

        status = report(&list.at[i], again ? first : NULL, &arena, fn, user, err);
        if (!again)
            first = &list.at[i];
    }
    free(list.at);
    arena_free(&arena);
    return status;
}
