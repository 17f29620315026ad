/* SPDX-License-Identifier: MIT */
/*
 * A folder under a temporary name beside its later one. Renaming it is one step: either all of its
 * files are there, or none.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "source/convert.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "source/folder.h"
#include "source/layout.h"

#define TRIES 1000u

static int cannot(const char *path, const char *why, struct dunlin_error *err)
{
    return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "cannot create the folder %s: %s",
                     path, why);
}

/* ---- where it may be ------------------------------------------------------------------------- */

static int check_empty(const char *path, struct dunlin_error *err)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    bool empty = true;
    int why;

    if (!dir)
        return cannot(path, strerror(errno), err);
    errno = 0;
    while (empty && (entry = readdir(dir)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    why = empty ? errno : 0; /* the end is none */
    closedir(dir);
    if (why)
        return cannot(path, strerror(why), err);
    if (empty)
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "the folder %s is not empty", path);
    error_hint(err, "name one that is, or that does not exist yet");
    return DUNLIN_CONFIG;
}

/* The path of what does not exist yet: that of the folder above, and its own name. */
static int resolve_new(struct new_folder *n, const char *path, struct arena *arena,
                       struct dunlin_error *err)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    char *above = slash ? arena_strndup(arena, path, slash == path ? 1 : (size_t)(slash - path))
                        : arena_strdup(arena, ".");
    char *real = above ? realpath(above, NULL) : NULL;
    int why = real ? ENOENT : errno;
    struct stat st;

    if (!above)
        return error_nomem(err);
    if (lstat(path, &st) == 0)
        cannot(path, "it is a symbolic link to nothing", err);
    else if (!*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0 || !real)
        cannot(path, strerror(why), err);
    else
        n->path = arena_printf(arena, "%s/%s", strcmp(real, "/") == 0 ? "" : real, base);
    if (real && !n->path && err && !err->message[0])
        error_nomem(err);
    free(real);
    return n->path ? DUNLIN_OK : DUNLIN_CONFIG;
}

static int resolve_existing(struct new_folder *n, const char *path, const struct stat *st,
                            struct arena *arena, struct dunlin_error *err)
{
    char *real = realpath(path, NULL);
    int rc = real ? check_empty(path, err) : cannot(path, strerror(errno), err);

    n->exists = true;
    n->mode = st->st_mode & 07777;
    n->path = real ? arena_strdup(arena, real) : NULL;
    free(real);
    return !rc && !n->path ? error_nomem(err) : rc;
}

static int check_outside(const struct new_folder *n, const struct folder *from,
                         struct dunlin_error *err)
{
    size_t len = strlen(from->real);

    if (strncmp(n->path, from->real, len) != 0 || (n->path[len] != '/' && n->path[len] != '\0'))
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "the folder %s lies inside %s",
              n->folder.path, from->path);
    error_hint(err, "name one beside it");
    return DUNLIN_CONFIG;
}

int new_folder_init(struct new_folder *n, const char *path, const struct folder *from,
                    struct arena *arena, struct dunlin_error *err)
{
    size_t len = strlen(path);
    struct stat st;
    int rc;

    while (len > 1 && path[len - 1] == '/')
        len--;
    memset(n, 0, sizeof(*n));
    n->folder = (struct folder){.fd = -1, .label = from->label, .layout = &native_layout};
    n->folder.path = arena_strndup(arena, path, len);
    if (!n->folder.path)
        return error_nomem(err);
    if (stat(n->folder.path, &st) != 0)
        rc = errno == ENOENT ? resolve_new(n, n->folder.path, arena, err)
                             : cannot(n->folder.path, strerror(errno), err);
    else if (!S_ISDIR(st.st_mode))
        rc = cannot(n->folder.path, "there is something else of that name", err);
    else
        rc = resolve_existing(n, n->folder.path, &st, arena, err);
    return rc ? rc : check_outside(n, from, err);
}

/* ---- writing it ------------------------------------------------------------------------------ */

int new_folder_create(struct new_folder *n, struct arena *arena, struct dunlin_error *err)
{
    int above = (int)(strrchr(n->path, '/') - n->path);
    const char *name = NULL;

    for (unsigned i = 0; i < TRIES; i++) {
        name = arena_printf(arena, "%.*s/.dunlin-%ld-%u", above, n->path, (long)getpid(), i);
        if (!name)
            return error_nomem(err);
        if (mkdir(name, 0777) == 0)
            break;
        if (errno != EEXIST || i + 1 == TRIES)
            return cannot(name, strerror(errno), err);
    }
    n->temporary = n->folder.real = name;
    n->folder.fd = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return n->folder.fd < 0 ? cannot(name, strerror(errno), err) : DUNLIN_OK;
}

int new_folder_file(struct new_folder *n, const char *name, mode_t mode, int *fd,
                    struct dunlin_error *err)
{
    const char *slash = strchr(name, '/');
    char sub[64];

    if (slash) {
        snprintf(sub, sizeof(sub), "%.*s", (int)(slash - name), name);
        if (mkdirat(n->folder.fd, sub, 0777) != 0 && errno != EEXIST)
            return cannot(sub, strerror(errno), err);
    }
    *fd = openat(n->folder.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (*fd >= 0)
        return DUNLIN_OK;
    return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_FILE, "cannot create %s/%s: %s",
                     n->folder.path, name, strerror(errno));
}

int new_folder_publish(struct new_folder *n, struct dunlin_error *err)
{
    int code;

    if (n->exists)
        (void)fchmod(n->folder.fd, n->mode);
    (void)fsync(n->folder.fd);
    /* Only an empty folder, or nothing, is replaced by this. */
    if (rename(n->temporary, n->path) == 0) {
        n->published = true;
        return DUNLIN_OK;
    }
    code = errno;
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "cannot put the files into %s: %s",
              n->folder.path,
              code == ENOTEMPTY || code == EEXIST ? "it is not empty any more" : strerror(code));
    if (code == EBUSY)
        error_hint(err, "it is in use as a whole, perhaps mounted: name a folder inside it");
    return DUNLIN_CONFIG;
}

/* ---- taking it back -------------------------------------------------------------------------- */

/* Removes the files of a folder that is open; it has at most one level of others. */
static void empty(int fd, bool deeper)
{
    int at = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = at >= 0 ? fdopendir(at) : NULL;
    const struct dirent *entry;

    if (!dir) {
        if (at >= 0)
            close(at);
        return;
    }
    while ((entry = readdir(dir))) {
        int sub;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            unlinkat(fd, entry->d_name, 0) == 0 || !deeper)
            continue;
        sub = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (sub >= 0) {
            empty(sub, false);
            close(sub);
            (void)unlinkat(fd, entry->d_name, AT_REMOVEDIR);
        }
    }
    closedir(dir);
}

void new_folder_withdraw(struct new_folder *n)
{
    const char *at = n->published ? n->path : n->temporary;

    if (!n->temporary)
        return;
    if (n->folder.fd >= 0)
        empty(n->folder.fd, true);
    if (rmdir(at) == 0 && n->published && n->exists && mkdir(at, n->mode) == 0)
        (void)chmod(at, n->mode);
    n->temporary = NULL;
}

void new_folder_free(struct new_folder *n)
{
    if (!n->published)
        new_folder_withdraw(n);
    if (n->path && n->folder.fd >= 0) /* without a path it was never set up */
        close(n->folder.fd);
    n->folder.fd = -1;
}
