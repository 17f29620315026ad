/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/error.h"

static int bad_file(struct dunlin_error *err, const char *path, const char *why)
{
    return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "cannot read %s: %s", path, why);
}

static int check_file(int fd, const char *path, bool named, struct dunlin_error *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return bad_file(err, path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return bad_file(err, path, "it is a folder");
    if (!S_ISREG(st.st_mode))
        return named ? DUNLIN_OK : bad_file(err, path, "it is not a regular file");
    if (st.st_mode & S_IWOTH) {
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "%s can be written by everybody", path);
        error_hint(err, "chmod o-w %s", path);
        return DUNLIN_CONFIG;
    }
    return DUNLIN_OK;
}

static int read_all(int fd, const char *path, struct buf *text, struct dunlin_error *err)
{
    char block[8192];

    for (;;) {
        ssize_t n = read(fd, block, sizeof(block));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return bad_file(err, path, strerror(errno));
        if (n == 0)
            return DUNLIN_OK;
        if (memchr(block, '\0', (size_t)n))
            return bad_file(err, path, "it is not a text file");
        if (text->len + (size_t)n > SETTINGS_FILE_MAX)
            return bad_file(err, path, "it is larger than 1 MiB");
        if (!buf_add(text, block, (size_t)n))
            return error_nomem(err);
    }
}

int file_read(const char *path, bool named, struct buf *text, bool *found, struct dunlin_error *err)
{
    /* A FIFO that lies there by chance must not make us wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NONBLOCK));
    int rc;

    *found = fd >= 0;
    if (fd < 0)
        return !named && errno == ENOENT ? DUNLIN_OK : bad_file(err, path, strerror(errno));
    rc = check_file(fd, path, named, err);
    if (rc == DUNLIN_OK)
        rc = read_all(fd, path, text, err);
    close(fd);
    return rc;
}
