/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>
#include <cmocka.h>

#include "scratch.h"

void scratch_make(struct scratch *s)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(s->path, sizeof(s->path), "%s/dunlin-unit-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(s->path));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void scratch_remove(struct scratch *s)
{
    assert_int_equal(nftw(s->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *scratch_path(struct scratch *s, const char *name)
{
    static char paths[4][1024];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", s->path, name);
    return path;
}

static void make_way(struct scratch *s, const char *name)
{
    char way[512];

    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(way, sizeof(way), "%.*s", (int)(slash - name), name);
        mkdir(scratch_path(s, way), 0777);
    }
}

void scratch_write(struct scratch *s, const char *name, const void *data, size_t len)
{
    FILE *f;

    make_way(s, name);
    f = fopen(scratch_path(s, name), "wb");
    assert_non_null(f);
    if (len)
        assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

void scratch_gzip(struct scratch *s, const char *name, const void *data, size_t len)
{
    gzFile f;

    make_way(s, name);
    f = gzopen(scratch_path(s, name), "ab1"); /* append: a second call adds a member */
    assert_non_null(f);
    if (len)
        assert_int_equal(gzwrite(f, data, (unsigned)len), (int)len);
    assert_int_equal(gzclose(f), Z_OK);
}

static void add_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_true(strlen(path) < sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
}

void scratch_add(struct scratch *s, const char *what)
{
    size_t len = strlen(what);
    char name[512];
    char *link;

    assert_true(len > 0 && len < sizeof(name));
    memcpy(name, what, len + 1);
    make_way(s, name);
    link = strchr(name, '>');
    if (link) {
        *link = '\0';
        assert_int_equal(symlink(link + 1, scratch_path(s, name)), 0);
    } else if (name[len - 1] == '|') {
        name[len - 1] = '\0';
        assert_int_equal(mkfifo(scratch_path(s, name), 0666), 0);
    } else if (name[len - 1] == '=') {
        name[len - 1] = '\0';
        add_socket(scratch_path(s, name));
    } else if (name[len - 1] != '/') {
        scratch_write(s, name, "", 0);
    }
}
