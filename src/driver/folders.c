/* SPDX-License-Identifier: MIT */
/*
 * The folders that modules are loaded from. Loading a module runs its code with our rights, so a
 * module (or its folder) that everybody can write is always refused; when we have more rights than
 * the person at the keyboard may have (root, setuid), also one that another user owns or another
 * group can write.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "driver/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/error.h"

#ifndef DRIVERDIR
#define DRIVERDIR "/usr/local/lib/dunlin/drivers"
#endif

static int refuse(struct dunlin_error *err, const char *file, const char *what)
{
    return error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER, "%s: %s", file, what);
}

/* ---- path ---------------------------------------------------------------------------------- */

static bool listed(const char *const *list, size_t n, const char *folder)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i], folder) == 0)
            return true;
    }
    return false;
}

static int relative_folder(const char *folder, struct dunlin_error *err)
{
    int status = error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                           "driver folder \"%s\" is not an absolute path", folder);

    error_hint(err, "begin each folder of the driver path with /");
    return status;
}

int folders_split(const char *path, struct arena *arena, const char *const **out,
                  struct dunlin_error *err)
{
    const char **list;
    size_t n = 0, most = 2;

    if (!path)
        path = DRIVERDIR;
    for (const char *p = path; *p; p++)
        most += *p == ':';
    list = arena_calloc(arena, most, sizeof(*list));
    if (!list)
        return error_nomem(err);
    while (*path) {
        const size_t len = strcspn(path, ":");
        char *folder = arena_strndup(arena, path, len);

        if (!folder)
            return error_nomem(err);
        if (len && folder[0] != '/')
            return relative_folder(folder, err);
        if (len && !listed(list, n, folder))
            list[n++] = folder;
        path += len + (path[len] == ':');
    }
    *out = list;
    return DUNLIN_OK;
}

const char *module_path(const char *folder, const char *name, struct arena *arena)
{
    const size_t size = strlen(folder) + strlen(name) + sizeof("/.so");
    char *file = arena_alloc(arena, size);

    if (file)
        snprintf(file, size, "%s/%s.so", folder, name);
    return file;
}

/* ---- files --------------------------------------------------------------------------------- */

struct name_list {
    const char **names;
    size_t n, room;
};

/* Arena memory cannot grow in place: the old list is left behind, half as long. */
static bool name_add(struct name_list *list, struct arena *arena, const char *name, size_t len)
{
    if (list->n + 1 >= list->room) {
        const size_t room = list->room ? list->room * 2 : 16;
        const char **names = arena_calloc(arena, room, sizeof(*names));

        if (!names)
            return false;
        if (list->n)
            memcpy(names, list->names, list->n * sizeof(*names));
        list->names = names;
        list->room = room;
    }
    list->names[list->n] = arena_strndup(arena, name, len);
    return list->names[list->n++] != NULL;
}

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_modules(DIR *dir, struct arena *arena, struct name_list *list)
{
    const struct dirent *entry;

    errno = 0;
    while ((entry = readdir(dir)) != NULL) {
        const size_t len = strlen(entry->d_name);

        if (len > 3 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 3, ".so") == 0 &&
            !name_add(list, arena, entry->d_name, len - 3))
            return ENOMEM;
        errno = 0;
    }
    return errno;
}

int folder_modules(const char *folder, struct arena *arena, const char *const **out,
                   struct dunlin_error *err)
{
    static const char *const none[] = {NULL};
    struct name_list list = {NULL, 0, 0};
    DIR *dir = opendir(folder);
    int failure;

    if (!dir && (errno == ENOENT || errno == ENOTDIR)) {
        *out = none;
        return DUNLIN_OK;
    }
    failure = dir ? read_modules(dir, arena, &list) : errno;
    if (dir)
        closedir(dir);
    if (failure == ENOMEM)
        return error_nomem(err);
    if (failure) {
        refuse(err, folder, "the driver folder cannot be read");
        error_detail(err, "%s", strerror(failure));
        return DUNLIN_NO_CONNECTION;
    }
    if (list.n)
        qsort(list.names, list.n, sizeof(*list.names), name_compare);
    *out = list.n ? list.names : none;
    return DUNLIN_OK;
}

/* ---- trust --------------------------------------------------------------------------------- */

static bool privileged(void)
{
    return geteuid() == 0 || geteuid() != getuid() || getegid() != getgid();
}

/* file may be the module or its folder. */
static int check_rights(const struct stat *st, const char *file, struct dunlin_error *err)
{
    const unsigned mode = (unsigned)st->st_mode & 07777;
    const bool strict = privileged();
    int status = DUNLIN_OK;

    /* Group 0 is root's own. */
    if ((mode & S_IWOTH) || (strict && (mode & S_IWGRP) && st->st_gid != 0)) {
        status = error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER,
                           "%s: mode is %04o, wanted %04o: others could put their code here", file,
                           mode, mode & ~(strict ? 022u : 002u));
        error_hint(err, "take the right to write from others, after a look at what they wrote");
    } else if (strict && st->st_uid != 0 && st->st_uid != geteuid()) {
        status = error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_DRIVER,
                           "%s: owner is user %lu, wanted root or user %lu", file,
                           (unsigned long)st->st_uid, (unsigned long)geteuid());
        error_hint(err, "as root dunlin loads only drivers that root owns");
    }
    return status;
}

static int check_folder(const char *real, struct arena *arena, struct dunlin_error *err)
{
    const char *slash = strrchr(real, '/');
    const char *folder = arena_strndup(arena, real, slash == real ? 1 : (size_t)(slash - real));
    struct stat st;

    if (!folder)
        return error_nomem(err);
    if (stat(folder, &st) != 0)
        return refuse(err, folder, strerror(errno));
    return check_rights(&st, folder, err);
}

static int check_file(const char *real, struct dunlin_error *err)
{
    /* Not to wait for a writer where the file is a FIFO. */
    const int fd = open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    int status;

    if (fd < 0)
        return refuse(err, real, strerror(errno));
    if (fstat(fd, &st) != 0)
        status = refuse(err, real, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        status = refuse(err, real, "not a regular file");
    else
        status = check_rights(&st, real, err);
    close(fd);
    return status;
}

int module_trusted(const char *file, struct arena *arena, const char **real,
                   struct dunlin_error *err)
{
    char *resolved = realpath(file, NULL);
    char *copy;
    int status;

    if (!resolved)
        return refuse(err, file, strerror(errno));
    copy = arena_strdup(arena, resolved);
    free(resolved);
    if (!copy)
        return error_nomem(err);
    status = check_folder(copy, arena, err);
    if (status == DUNLIN_OK)
        status = check_file(copy, err);
    if (status == DUNLIN_OK)
        *real = copy;
    return status;
}
