/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "history/tools/sqitch.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "source/folder.h"
#include "source/layouts/sqitch-plan.h"

#define CONF_MAX (1024u * 1024u)
#define VALUE_MAX 256

/* A variable of the environment; NULL where it is not set, or empty. */
static const char *variable(const struct folder *f, const char *name)
{
    size_t n = strlen(name);

    for (const char *const *e = f->environment; e && *e; e++) {
        if (strncmp(*e, name, n) == 0 && (*e)[n] == '=' && (*e)[n + 1])
            return *e + n + 1;
    }
    return NULL;
}

/* A configuration that cannot be read says nothing. */
static void read_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    ssize_t got = 1;

    if (fd < 0)
        return;
    while (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && got > 0 && buf_reserve(out, 4096)) {
        got = read(fd, out->data + out->len, 4096);
        out->len += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    buf_addc(out, '\0'); /* ends the text */
    if (out->failed || got < 0)
        buf_clear(out);
}

static void read_conf(const struct folder *f, struct buf *own, struct buf *users)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    const char *path = variable(f, "SQITCH_USER_CONFIG"), *home = variable(f, "HOME");
    struct buf name = BUF_INIT(4096);

    if (path)
        buf_adds(&name, path);
    else if (home)
        buf_addf(&name, "%s/.sqitch/sqitch.conf", home);
    if (name.len && !name.failed)
        read_file(buf_str(&name), users);
    buf_free(&name);
    if (folder_has(f, SQITCH_CONF) && folder_read(f, SQITCH_CONF, own, &ignored) != DUNLIN_OK)
        buf_clear(own);
}

struct sources {
    const struct folder *folder;
    struct arena *arena;
    struct buf own, users;
};

/* The first of them that says something, in the arena; NULL where none does. */
static const char *find(struct sources *s, const char *first, const char *key, const char *last)
{
    const char *text = variable(s->folder, first);
    char value[VALUE_MAX];

    if (!text && (sqitch_conf_value(buf_str(&s->own), "user", key, value, sizeof(value), NULL) ||
                  sqitch_conf_value(buf_str(&s->users), "user", key, value, sizeof(value), NULL)))
        text = value;
    if (!text)
        text = variable(s->folder, last);
    return text ? arena_strdup(s->arena, text) : NULL;
}

int sqitch_user_find(const struct folder *f, const char *user, struct arena *arena,
                     struct sqitch_user *out, struct dunlin_error *err)
{
    struct sources s = {
        .folder = f, .arena = arena, .own = BUF_INIT(CONF_MAX), .users = BUF_INIT(CONF_MAX)};
    char host[256] = "";
    size_t at;

    (void)gethostname(host, sizeof(host) - 1);
    if (!user || !*user)
        user = "dunlin";
    at = strcspn(user, "@"); /* dunlin's own one is called NAME@HOST */
    read_conf(f, &s.own, &s.users);
    out->name = find(&s, "SQITCH_FULLNAME", "name", "SQITCH_ORIG_FULLNAME");
    out->email = find(&s, "SQITCH_EMAIL", "email", "SQITCH_ORIG_EMAIL");
    if (!out->name)
        out->name = arena_strndup(arena, user, at);
    if (!out->email)
        out->email = user[at] ? arena_strdup(arena, user)
                              : arena_printf(arena, "%s@%s", user, *host ? host : "localhost");
    buf_free(&s.own);
    buf_free(&s.users);
    return out->name && out->email ? DUNLIN_OK : error_nomem(err);
}
