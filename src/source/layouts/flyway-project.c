/* SPDX-License-Identifier: MIT */
/* Finding flyway.toml or flyway.conf, in the folder or in one above it. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "source/layouts/flyway-settings.h"
#include "source/listing.h"

#define LEVELS 6 /* the folder and those above it: src/main/resources/db/migration has five */
#define ROOM 64  /* for a name behind the path of a folder */

/* Somebody else's file in a folder above must not put anything into the SQL. */
static bool trusted(const struct flyway_config *c, const struct stat *st)
{
    struct stat folder;

    return S_ISREG(st->st_mode) &&
           (st->st_uid == 0 || st->st_uid == geteuid() ||
            (fstat(c->folder->fd, &folder) == 0 && folder.st_uid == st->st_uid));
}

static int file_load(struct flyway_config *c, const char *path, bool *found,
                     struct dunlin_error *err)
{
    struct buf text = BUF_INIT(FLYWAY_CONFIG_MAX);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *at, *line;
    uint32_t number = 0;
    struct stat st;
    ssize_t got = 0;
    size_t len;
    int rc = 0;

    *found = fd >= 0 && fstat(fd, &st) == 0 && trusted(c, &st);
    while (*found && buf_reserve(&text, 65536) && (got = read(fd, text.data + text.len, 65535)) > 0)
        text.len += (size_t)got;
    if (fd >= 0)
        close(fd);
    if (!*found)
        return DUNLIN_OK;
    if (got != 0 || text.failed || !text.data) {
        buf_free(&text);
        return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "%s %s", path,
                         got < 0 ? "cannot be read" : "is too large");
    }
    text.data[text.len] = '\0';
    at = text.data + (strncmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
    c->path = arena_strdup(c->arena, path);
    c->table[0] = '\0';
    c->ours = false;
    rc = c->path ? 0 : -1;
    while (rc == 0 && next_line(&at, &line, &len)) {
        number++;
        rc = c->toml ? flyway_toml_line(c, line, len, number)
                     : flyway_conf_line(c, line, len, number);
    }
    buf_free(&text);
    if (rc > 0) {
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "a setting that cannot be read");
        error_place(err, path, number, 1);
        error_hint(err, "write it as one string in one line");
        return DUNLIN_CONFIG;
    }
    return rc ? error_nomem(err) : DUNLIN_OK;
}

struct looking {
    struct flyway_config config;
    struct dunlin_error *err;
    int rc;
};

/* The files of one folder; flyway.user.toml says what flyway.toml leaves to each user. */
static bool folder_load(void *user, char *way, size_t len)
{
    static const char *const names[] = {"/flyway.toml", "/flyway.user.toml", "/flyway.conf"};
    struct looking *l = user;
    bool found = false;

    for (size_t i = 0; !l->rc && i < 3; i++) {
        bool one = false;

        if (i == 2 && found)
            break;
        memcpy(way + len, names[i], strlen(names[i]) + 1);
        l->config.toml = i < 2;
        l->rc = file_load(&l->config, way, &one, l->err);
        found = found || one;
    }
    return found || l->rc;
}

void folders_above(const struct folder *f, above_fn look, void *user)
{
    size_t len = strcmp(f->real, "/") == 0 ? 0 : strlen(f->real);
    char way[4096];
    struct stat st;

    if (len + ROOM > sizeof(way))
        return;
    memcpy(way, f->real, len + 1);
    for (int level = 0; level < LEVELS && !look(user, way, len) && len > 0; level++) {
        memcpy(way + len, "/.git", sizeof("/.git"));
        if (stat(way, &st) == 0)
            break; /* the project ends here */
        while (len > 0 && way[--len] != '/')
            ;
    }
}

int flyway_project_load(const struct folder *f, struct arena *arena, struct flyway_project *out,
                        struct dunlin_error *err)
{
    struct looking l = {.config = {.folder = f, .arena = arena, .project = out}, .err = err};
    time_t now = time(NULL);
    struct tm tm;

    memset(out, 0, sizeof(*out));
    if (!localtime_r(&now, &tm) || !strftime(out->now, sizeof(out->now), "%Y-%m-%d %H:%M:%S", &tm))
        out->now[0] = '\0';
    folders_above(f, folder_load, &l);
    return l.rc;
}
