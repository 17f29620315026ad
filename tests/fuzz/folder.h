/* SPDX-License-Identifier: MIT */
/* A folder for one input, below $TMPDIR, removed with what a target puts into it. */
#ifndef TESTS_FUZZ_FOLDER_H
#define TESTS_FUZZ_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fuzz_folder {
    char path[256];
};

static int fuzz_folder_make(struct fuzz_folder *f)
{
    const char *top = getenv("TMPDIR");

    if ((size_t)snprintf(f->path, sizeof(f->path), "%s/fuzz.XXXXXX", top ? top : "/tmp") >=
        sizeof(f->path))
        return -1;
    return mkdtemp(f->path) ? 0 : -1;
}

/* name may hold any byte but "/" and NUL, or lie in a sub-folder that is there. Only a new file is
 * written: what is there may be a link that leads out of the folder, or a pipe. */
static int fuzz_folder_write(const struct fuzz_folder *f, const char *name, const void *data,
                             size_t len)
{
    char path[1024];
    int fd, rc;

    if ((size_t)snprintf(path, sizeof(path), "%s/%s", f->path, name) >= sizeof(path))
        return -1;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    rc = len == 0 || write(fd, data, len) == (ssize_t)len ? 0 : -1;
    close(fd);
    return rc;
}

static void fuzz_empty(const char *folder)
{
    struct dirent *entry;
    DIR *dir = opendir(folder);

    while (dir && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            unlinkat(dirfd(dir), entry->d_name, 0) != 0)
            (void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
    }
    if (dir)
        closedir(dir);
}

/* sub: the one sub-folder that may hold files, NULL = none. */
static void fuzz_folder_remove(const struct fuzz_folder *f, const char *sub)
{
    char path[512];

    if (sub && (size_t)snprintf(path, sizeof(path), "%s/%s", f->path, sub) < sizeof(path))
        fuzz_empty(path);
    fuzz_empty(f->path);
    (void)rmdir(f->path);
}

#endif
