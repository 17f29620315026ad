/* SPDX-License-Identifier: MIT */
/* New numbers for migrations: behind the newest, in the way in which the folder numbers. A rename
 * never goes onto an existing file. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "source/folder.h"
#include "source/layout.h"
#include "source/source.h"

#define TIMESTAMP_DIGITS 14

void numbering_init(struct numbering *n)
{
    memset(n, 0, sizeof(*n));
}

void numbering_seen(struct numbering *n, const char *version)
{
    const char *digits = digits_trim(version);

    if (strlen(version) > VERSION_DIGITS_MAX ||
        (n->highest[0] && digits_compare(digits, n->highest) <= 0))
        return;
    memcpy(n->highest, digits, strlen(digits) + 1);
    n->width = strlen(version);
}

/* 20261121093000 and its like: a year first, and as long as a time. */
static bool is_time(const char *digits)
{
    return strlen(digits) == TIMESTAMP_DIGITS &&
           (strncmp(digits, "19", 2) == 0 || strncmp(digits, "20", 2) == 0);
}

static void increment(char *text)
{
    size_t len = strlen(text), i = len;

    while (i > 0 && text[i - 1] == '9')
        text[--i] = '0';
    if (i > 0) {
        text[i - 1]++;
    } else {
        memmove(text + 1, text, len + 1);
        text[0] = '1';
    }
}

bool numbering_next(struct numbering *n, const char *now, char version[VERSION_TEXT_SIZE])
{
    size_t len = strlen(n->highest), zeros = n->width > len ? n->width - len : 0;

    if (is_time(n->highest) && digits_compare(now, n->highest) > 0) {
        memcpy(version, now, TIMESTAMP_DIGITS + 1);
    } else {
        memset(version, '0', zeros);
        memcpy(version + zeros, n->highest, len + 1);
        increment(version);
    }
    if (strlen(version) > VERSION_DIGITS_MAX)
        return false;
    numbering_seen(n, version);
    return true;
}

/* Renames inside a folder, refusing to replace anything. -1 and errno on failure. */
static int rename_new(int folder, const char *from, const char *to)
{
#ifdef RENAME_NOREPLACE
    if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
#endif
    /* A second name, which fails where there is one, and then the first one away. */
    if (linkat(folder, from, folder, to, 0) != 0)
        return -1;
    if (unlinkat(folder, from, 0) == 0)
        return 0;
    (void)unlinkat(folder, to, 0);
    return -1;
}

static const char *new_name(const struct source_file *file, const char *old, const char *version,
                            struct arena *arena)
{
    const char *rest = file->name + strlen(old);
    size_t a = strlen(version), b = strlen(rest);
    char *name = arena_alloc(arena, a + b + 1);

    if (!name)
        return NULL;
    memcpy(name, version, a);
    memcpy(name + a, rest, b + 1);
    return name;
}

static int failed(const struct source_file *file, const char *to, struct dunlin_error *err)
{
    return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_FILE, "cannot rename %s to %s: %s", file->path,
                     to, strerror(errno));
}

int source_renumber(const struct migration *m, const char *version, bool dry, struct arena *arena,
                    const char *to[2], struct dunlin_error *err)
{
    const struct folder *f = m->up.folder;
    const char *up = new_name(&m->up, m->version, version, arena);
    const char *down = m->down.name ? new_name(&m->down, m->version, version, arena) : NULL;

    to[0] = up ? folder_join(f, up, arena) : NULL;
    to[1] = down ? folder_join(f, down, arena) : NULL;
    if (!up || !to[0] || (m->down.name && !to[1]))
        return error_nomem(err);
    if (dry)
        return DUNLIN_OK;
    if (rename_new(f->fd, m->up.name, up) != 0)
        return failed(&m->up, up, err);
    if (!down || rename_new(f->fd, m->down.name, down) == 0)
        return DUNLIN_OK;
    failed(&m->down, down, err);
    (void)rename_new(f->fd, up, m->up.name); /* a pair stays together */
    return DUNLIN_CONFIG;
}
