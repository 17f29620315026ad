/* SPDX-License-Identifier: MIT */
/* Creating the next migration file: its number, its name and what stands in it. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "source/folder.h"
#include "source/layout.h"

#define FIRST_WIDTH 4 /* digits of the first number in an empty folder */
#define TIMESTAMP_DIGITS 14
#define SLUG_MAX 200 /* with number and .down.sql below the 255 bytes of a file name */

/* A version with room for the digit that 99 + 1 needs. */
struct number {
    char text[VERSION_DIGITS_MAX + 2];
};

/* Looking for the highest number, and for a given one. */
struct search {
    const struct folder *folder;
    struct arena *arena;
    char highest[VERSION_DIGITS_MAX + 1]; /* without leading zeros, "" = none */
    size_t width;                         /* of it in its file name */
    const char *wanted;                   /* without leading zeros, or NULL */
    bool found;
};

static int search_name(const char *file, void *user, struct dunlin_error *err)
{
    struct search *s = user;
    struct native_name n;
    int rc = native_parse(file, s->folder, s->arena, &n, err);

    if (rc != DUNLIN_OK || !n.digits)
        return rc;
    if (s->wanted && strcmp(n.digits, s->wanted) == 0)
        s->found = true;
    if (!s->highest[0] || digits_compare(n.digits, s->highest) > 0) {
        memcpy(s->highest, n.digits, strlen(n.digits) + 1);
        s->width = strlen(n.version);
    }
    return DUNLIN_OK;
}

/* Adds one; a number of all nines gets one digit more. */
static void increment(struct number *n)
{
    size_t len = strlen(n->text), i = len;

    while (i > 0 && n->text[i - 1] == '9')
        n->text[--i] = '0';
    if (i > 0) {
        n->text[i - 1]++;
    } else {
        memmove(n->text + 1, n->text, len + 1);
        n->text[0] = '1';
    }
}

static int next_of_sequence(const struct folder *f, struct arena *arena, struct number *out,
                            struct dunlin_error *err)
{
    struct search s = {.folder = f, .arena = arena, .width = FIRST_WIDTH};
    size_t len, zeros;
    int rc = folder_list_all(f, search_name, &s, err);

    if (rc != DUNLIN_OK)
        return rc;
    len = strlen(s.highest);
    zeros = s.width > len ? s.width - len : 0;
    memset(out->text, '0', zeros);
    memcpy(out->text + zeros, s.highest, len + 1);
    increment(out);
    if (strlen(out->text) <= VERSION_DIGITS_MAX)
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_FILE,
              "no number comes after %s: %d digits are the most", s.highest, VERSION_DIGITS_MAX);
    error_hint(err, "rename that file to a smaller number");
    return DUNLIN_CONFIG;
}

/* The time as a number; one more for each file that was made in the same second. */
static int next_timestamp(const struct folder *f, const char *timestamp, struct arena *arena,
                          struct number *out, struct dunlin_error *err)
{
    if (strlen(timestamp) != TIMESTAMP_DIGITS ||
        strspn(timestamp, "0123456789") != TIMESTAMP_DIGITS)
        return error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "the timestamp is not 14 digits");
    memcpy(out->text, timestamp, TIMESTAMP_DIGITS + 1);
    for (;;) {
        struct search s = {.folder = f, .arena = arena, .wanted = digits_trim(out->text)};
        int rc = folder_list_all(f, search_name, &s, err);

        if (rc != DUNLIN_OK || !s.found)
            return rc;
        increment(out);
    }
}

/* Lower-case letters, digits, and one underscore for each row of anything else. */
static int make_slug(const char *name, char slug[SLUG_MAX + 1], struct dunlin_error *err)
{
    size_t len = 0;
    bool gap = false;

    for (; *name; name++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
            gap = len > 0;
            continue;
        }
        if (len + 2 > SLUG_MAX)
            return error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE,
                             "the name is longer than %d characters", SLUG_MAX);
        if (gap)
            slug[len++] = '_';
        gap = false;
        slug[len++] = c;
    }
    slug[len] = '\0';
    if (len > 0)
        return DUNLIN_OK;
    error_set(err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "the name has no letter a to z and no digit");
    error_hint(err, "say what the migration does: dunlin new \"add users\"");
    return DUNLIN_USAGE;
}

/* Makes the folder and those above it. Whether it worked is for folder_open to find out. */
static int make_folders(const char *path, struct arena *arena, struct dunlin_error *err)
{
    char *way = arena_strdup(arena, path), *slash;

    if (!way)
        return error_nomem(err);
    for (slash = strchr(way + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(way, 0777);
        *slash = '/';
    }
    if (mkdir(way, 0777) != 0 && errno != EEXIST)
        return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "cannot create the folder %s: %s",
                         path, strerror(errno));
    return DUNLIN_OK;
}

static bool write_all(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

static int create_file(const struct folder *f, const char *file, const char *text,
                       struct arena *arena, const char **path, struct dunlin_error *err)
{
    bool written;
    int fd;

    *path = folder_join(f, file, arena);
    if (!*path)
        return error_nomem(err);
    fd = openat(f->fd, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd >= 0) {
        written = write_all(fd, text);
        if (close(fd) == 0 && written)
            return DUNLIN_OK;
        unlinkat(f->fd, file, 0);
    }
    return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_FILE, "cannot create %s: %s", *path,
                     strerror(errno));
}

static int create_files(const struct folder *f, const char *stem, bool pair, struct arena *arena,
                        const char *paths[2], struct dunlin_error *err)
{
    char file[SLUG_MAX + VERSION_DIGITS_MAX + 16];
    int rc;

    paths[0] = paths[1] = NULL;
    if (!pair) {
        snprintf(file, sizeof(file), "%s.sql", stem);
        return create_file(f, file, "-- migrate:up\n\n-- migrate:down\n", arena, &paths[0], err);
    }
    snprintf(file, sizeof(file), "%s.up.sql", stem);
    rc = create_file(f, file, "-- What this migration does.\n", arena, &paths[0], err);
    if (rc != DUNLIN_OK)
        return rc;
    snprintf(file, sizeof(file), "%s.down.sql", stem);
    rc = create_file(f, file, "-- How to undo it.\n", arena, &paths[1], err);
    if (rc != DUNLIN_OK) {
        snprintf(file, sizeof(file), "%s.up.sql", stem);
        unlinkat(f->fd, file, 0);
    }
    return rc;
}

static int create_next(const struct folder *f, const struct new_file *what, const char *slug,
                       struct arena *arena, const char *paths[2], struct dunlin_error *err)
{
    char stem[SLUG_MAX + VERSION_DIGITS_MAX + 4];
    struct number number;
    int rc = what->timestamp ? next_timestamp(f, what->timestamp, arena, &number, err)
                             : next_of_sequence(f, arena, &number, err);

    if (rc != DUNLIN_OK)
        return rc;
    snprintf(stem, sizeof(stem), "%s_%s", number.text, slug);
    return create_files(f, stem, what->pair, arena, paths, err);
}

int source_new(const char *dir, const struct new_file *what, struct arena *arena,
               const char *paths[2], struct dunlin_error *err)
{
    char slug[SLUG_MAX + 1];
    struct folder f = {.fd = -1};
    int rc = make_slug(what->name, slug, err);

    if (rc == DUNLIN_OK)
        rc = folder_spec(dir ? dir : DEFAULT_FOLDER, true, arena, &f, err);
    if (rc == DUNLIN_OK)
        rc = make_folders(f.path, arena, err);
    if (rc == DUNLIN_OK)
        rc = folder_open(&f, arena, err);
    if (rc != DUNLIN_OK)
        return rc;
    rc = layout_recognise(&f, &f.layout, &f.recognised, err);
    if (rc == DUNLIN_OK && f.layout->tool) {
        rc = error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                       "%s is a folder of %s, as %s tells: dunlin adds no file to it", f.path,
                       f.layout->tool, f.recognised);
        error_hint(err, "create the migration with %s; or give another folder first",
                   f.layout->tool);
    } else if (rc == DUNLIN_OK) {
        rc = create_next(&f, what, slug, arena, paths, err);
    }
    folder_close(&f);
    return rc;
}
