/* SPDX-License-Identifier: MIT */
/*
 * Opening folders and files. A folder is opened once; everything else goes through its descriptor,
 * one path component at a time and without following links. A link is judged by where it leads:
 * the way it resolves to must lie in the folder, and that way is then opened without links.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "source/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/utf8.h"
#include "source/raw.h"

#define WAY_SHOWN 300
#define WAY_BYTES (1024u * 1024u) /* of a path inside the folder, part by part */

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
#define FILE_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* ---- names ---------------------------------------------------------------------------------- */

bool sql_file_name(const char *name, size_t *stem, bool *gzip)
{
    static const char sql[] = ".sql", gz[] = ".gz";
    size_t len = strlen(name);

    *gzip = len > 3 && memcmp(name + len - 3, gz, 3) == 0;
    if (*gzip)
        len -= 3;
    if (len <= 4 || memcmp(name + len - 4, sql, 4) != 0)
        return false;
    *stem = len - 4;
    return true;
}

bool program_name(const char *name, size_t *stem, size_t *digits)
{
    const char *dot = strrchr(name, '.');
    bool gzip;

    *digits = strspn(name, "0123456789");
    if (*digits == 0 || !strchr("_-.", name[*digits]) || sql_file_name(name, stem, &gzip))
        return false;
    *stem = dot && dot >= name + *digits ? (size_t)(dot - name) : strlen(name);
    return true;
}

char *folder_join(const struct folder *f, const char *name, struct arena *arena)
{
    size_t a = strlen(f->path), b = strlen(name);
    size_t slash = a > 0 && f->path[a - 1] == '/' ? 0 : 1;
    char *path = arena_alloc(arena, a + slash + b + 1);

    if (!path)
        return NULL;
    memcpy(path, f->path, a);
    if (slash)
        path[a] = '/';
    memcpy(path + a + slash, name, b + 1);
    return path;
}

/* What a message has room for: of a long way where it begins, and its last part. */
static void show_way(const char *way, char *to, size_t size)
{
    const char *last = strrchr(way, '/');
    size_t len = strlen(way), n = len, used;

    if (last && len > WAY_SHOWN) {
        for (n = WAY_SHOWN; n > 0 && way[n] != '/'; n--)
            ;
    }
    text_escape(to, n < len ? size / 2 : size, way, n);
    if (n == len)
        return;
    used = strlen(to);
    used += (size_t)snprintf(to + used, size - used, "/..");
    text_escape(to + used, size - used, last, strlen(last));
}

/* Refuses a file by its name. */
static int refuse(const struct folder *f, const char *name, const char *why,
                  struct dunlin_error *err)
{
    char shown[2 * WAY_SHOWN];

    show_way(name, shown, sizeof(shown));
    return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/%s %s", f->path, shown, why);
}

/* ---- the folder ----------------------------------------------------------------------------- */

static bool label_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* The last part of a path; of what it resolves to where it has none ("..", "/"). */
static char *base_name(const char *path, struct arena *arena)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    char *real, *name;

    if (*base && strcmp(base, ".") != 0 && strcmp(base, "..") != 0)
        return arena_strdup(arena, base);
    real = realpath(path, NULL);
    if (!real)
        return arena_strdup(arena, base);
    slash = strrchr(real, '/');
    name = arena_strdup(arena, slash ? slash + 1 : real);
    free(real);
    return name;
}

int folder_spec(const char *spec, bool first, struct arena *arena, struct folder *out,
                struct dunlin_error *err)
{
    const char *path = spec;
    size_t label = 0, len;

    while (label_char(spec[label]))
        label++;
    if (label > 0 && spec[label] == '=')
        path = spec + label + 1;
    else
        label = 0;
    len = strlen(path);
    if (len == 0)
        return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "the folder \"%s\" has no path",
                         spec);
    while (len > 1 && path[len - 1] == '/')
        len--;
    out->fd = -1;
    out->path = arena_strndup(arena, path, len);
    if (!out->path)
        return error_nomem(err);
    if (label > 0)
        out->label = arena_strndup(arena, spec, label);
    else
        out->label = first ? "main" : base_name(out->path, arena);
    if (!out->label)
        return error_nomem(err);
    len = strlen(out->label);
    if (len == 0 || len > LABEL_MAX || !text_is_safe(out->label, len)) {
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                  "the folder %s cannot be called by the last part of its path", out->path);
        error_hint(err, "give it a label of 1 to %d letters: -d LABEL=%s", LABEL_MAX, out->path);
        return DUNLIN_CONFIG;
    }
    return DUNLIN_OK;
}

static int cannot_open_folder(const struct folder *f, int code, struct dunlin_error *err)
{
    if (code != ENOENT) {
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "cannot open the folder %s: %s", f->path,
                  strerror(code));
        error_hint(err, "name another folder with -d DIR");
        return DUNLIN_CONFIG;
    }
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "the folder %s does not exist", f->path);
    error_hint(err, "`dunlin new NAME` creates it with a first migration; -d DIR names another");
    return DUNLIN_CONFIG;
}

int folder_open(struct folder *f, struct arena *arena, struct dunlin_error *err)
{
    char *real;

    /* Links on the way to the folder, and the folder as a link, are the user's own choice. */
    f->fd = open(f->path, FOLDER_FLAGS & ~O_NOFOLLOW);
    if (f->fd < 0)
        return cannot_open_folder(f, errno, err);
    real = realpath(f->path, NULL);
    if (!real) {
        int code = errno;

        folder_close(f);
        return cannot_open_folder(f, code, err);
    }
    f->real = arena_strdup(arena, real);
    free(real);
    if (f->real)
        return DUNLIN_OK;
    folder_close(f);
    return error_nomem(err);
}

void folder_close(struct folder *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

/* ---- opening inside the folder -------------------------------------------------------------- */

/* Opens a relative way, following no link in any of its parts. -1 and errno on failure. */
static int open_beneath(int folder, const char *way, int flags)
{
    char part[NAME_MAX + 1];
    const char *slash;
    int at = folder, next, code;

    while ((slash = strchr(way, '/')) != NULL) {
        size_t len = (size_t)(slash - way);

        if (len >= sizeof(part)) {
            next = -1;
            code = ENAMETOOLONG;
        } else {
            memcpy(part, way, len);
            part[len] = '\0';
            next = openat(at, part, FOLDER_FLAGS);
            code = errno;
        }
        if (at != folder)
            close(at);
        if (next < 0) {
            errno = code;
            return -1;
        }
        at = next;
        way = slash + 1;
    }
    next = openat(at, way, flags);
    code = errno;
    if (at != folder)
        close(at);
    errno = code;
    return next;
}

/* The way inside the folder that a link resolves to, to be freed. */
static int resolve(const struct folder *f, const char *name, char **way, struct dunlin_error *err)
{
    size_t len = strcmp(f->real, "/") == 0 ? 0 : strlen(f->real);
    char full[PATH_MAX];
    char *real;
    int n = snprintf(full, sizeof(full), "%s/%s", f->real, name);

    if (n < 0 || (size_t)n >= sizeof(full))
        return refuse(f, name, "has a path that is too long", err);
    real = realpath(full, NULL);
    if (!real) {
        const char *why = errno == ENOENT  ? "is a symbolic link to nothing"
                          : errno == ELOOP ? "is a symbolic link that leads back to itself"
                                           : strerror(errno);

        refuse(f, name, why, err);
        error_hint(err, "delete it, or put the file itself into the folder");
        return DUNLIN_BAD_FILE;
    }
    if (strncmp(real, f->real, len) != 0 || real[len] != '/') {
        free(real);
        refuse(f, name, "is a symbolic link that leaves the folder", err);
        error_hint(err, "put the file itself into the folder, or give its folder with -d DIR");
        return DUNLIN_BAD_FILE;
    }
    memmove(real, real + len + 1, strlen(real + len + 1) + 1);
    *way = real;
    return DUNLIN_OK;
}

static int cannot_open(const struct folder *f, const char *name, struct dunlin_error *err)
{
    char shown[2 * WAY_SHOWN];
    int code = errno;

    show_way(name, shown, sizeof(shown));
    return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "cannot open %s/%s: %s", f->path,
                     shown, strerror(code));
}

/* Opens name, through a link if the link stays inside. *fd is -1 where there is no such name. */
static int open_inside(const struct folder *f, const char *name, int flags, int *fd,
                       struct dunlin_error *err)
{
    char *way;
    int rc;

    *fd = open_beneath(f->fd, name, flags);
    if (*fd >= 0 || errno == ENOENT)
        return DUNLIN_OK;
    if (errno == ENXIO || errno == ENODEV)
        return refuse(f, name, "is a socket or device, not a file", err);
    /* What a link gives here differs between systems: ELOOP, EMLINK, ENOTDIR. */
    if (errno != ELOOP && errno != EMLINK && errno != ENOTDIR)
        return cannot_open(f, name, err);
    rc = resolve(f, name, &way, err);
    if (rc != DUNLIN_OK)
        return rc;
    *fd = open_beneath(f->fd, way, flags);
    free(way);
    return *fd < 0 ? cannot_open(f, name, err) : DUNLIN_OK;
}

static int not_a_file(const struct folder *f, const char *name, mode_t mode,
                      struct dunlin_error *err)
{
    const char *why = S_ISDIR(mode)    ? "is a folder, not a file"
                      : S_ISFIFO(mode) ? "is a named pipe, not a file"
                      : S_ISSOCK(mode) ? "is a socket, not a file"
                                       : "is a device, not a file";

    refuse(f, name, why, err);
    error_hint(err, "a migration is a regular file; give anything else a name without .sql");
    return DUNLIN_BAD_FILE;
}

int folder_open_file(const struct folder *f, const char *name, int *fd, struct stat *st,
                     struct dunlin_error *err)
{
    int rc = open_inside(f, name, FILE_FLAGS, fd, err);

    if (rc != DUNLIN_OK)
        return rc;
    if (*fd < 0)
        return refuse(f, name, "does not exist any more", err);
    if (fstat(*fd, st) != 0)
        rc = refuse(f, name, strerror(errno), err);
    else if (!S_ISREG(st->st_mode))
        rc = not_a_file(f, name, st->st_mode, err);
    if (rc != DUNLIN_OK) {
        close(*fd);
        *fd = -1;
    }
    return rc;
}

int folder_open_look(const struct folder *f, const char *name)
{
    return strchr(name, '/') ? -1 : openat(f->fd, name, FILE_FLAGS);
}

/* ---- listing -------------------------------------------------------------------------------- */

/* What the entry is, without opening it where the folder itself tells. */
static int entry_mode(int at, const struct dirent *entry, mode_t *mode)
{
    struct stat st;

#ifdef DT_REG
    if (entry->d_type == DT_REG) {
        *mode = S_IFREG;
        return 0;
    }
    if (entry->d_type == DT_DIR) {
        *mode = S_IFDIR;
        return 0;
    }
#endif
    if (fstatat(at, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    *mode = st.st_mode;
    return 0;
}

/* A file that can be run, or a link to one, by a name with a version. */
static bool is_program(int at, const char *name)
{
    size_t stem, digits;
    struct stat st;

    if (!program_name(name, &stem, &digits))
        return false;
    if (fstatat(at, name, &st, 0) != 0) /* what cannot be looked at may be one */
        return errno != ENOENT;
    return S_ISREG(st.st_mode) && (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

/* Who is called with what of a folder. */
struct visitor {
    folder_name_fn file;   /* with SQL files and, where .. */
    bool programs;         /* .. this is set, with programs; or .. */
    folder_entry_fn entry; /* .. with everything */
    void *user;
};

static bool looks_wanted(const struct visitor *v, int at, const char *name)
{
    size_t stem;
    bool gzip;

    return v->entry || sql_file_name(name, &stem, &gzip) || (v->programs && is_program(at, name));
}

/* Looks at one entry: *wanted = it is to be visited. */
static int check_entry(const struct folder *f, int at, const char *name, const struct dirent *entry,
                       const struct visitor *v, bool *wanted, bool *folder,
                       struct dunlin_error *err)
{
    struct stat st;
    mode_t mode;
    int fd, rc;

    *wanted = *folder = false;
    if (entry->d_name[0] == '.' || !looks_wanted(v, at, entry->d_name))
        return DUNLIN_OK;
    if (entry_mode(at, entry, &mode) != 0) /* gone since it was listed, for one */
        return errno == ENOENT ? DUNLIN_OK : refuse(f, name, strerror(errno), err);
    *folder = S_ISDIR(mode);
    if (*folder && !v->entry)
        return DUNLIN_OK;
    if (!text_is_safe(entry->d_name, strlen(entry->d_name))) {
        refuse(f, name, "has a name with control, direction or invalid characters", err);
        error_hint(err, "rename the file");
        return DUNLIN_BAD_FILE;
    }
    if (S_ISLNK(mode)) {
        rc = folder_open_file(f, name, &fd, &st, err);
        if (rc != DUNLIN_OK)
            return rc;
        close(fd);
    } else if (!S_ISREG(mode) && !*folder) {
        return v->entry ? DUNLIN_OK : not_a_file(f, name, mode, err);
    }
    *wanted = true;
    return DUNLIN_OK;
}

static int visit_one(const struct visitor *v, const char *name, bool folder,
                     struct dunlin_error *err)
{
    /* One of the two is there: NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
    return v->entry ? v->entry(name, folder, v->user, err) : v->file(name, v->user, err);
}

/* "sub/name", however deep. */
static const char *below(const char *sub, const char *name, struct buf *way)
{
    buf_clear(way);
    buf_addf(way, "%s/%s", sub, name);
    return buf_str(way);
}

static int visit_entries(const struct folder *f, DIR *dir, const char *sub, const struct visitor *v,
                         struct dunlin_error *err)
{
    struct buf way = BUF_INIT(WAY_BYTES);
    struct dirent *entry;
    int rc = DUNLIN_OK;

    while (rc == DUNLIN_OK) {
        bool wanted, folder;
        const char *name;

        errno = 0;
        entry = readdir(dir);
        if (!entry && errno != 0)
            rc = error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "cannot list the folder %s: %s",
                           f->path, strerror(errno));
        if (!entry)
            break;
        name = sub ? below(sub, entry->d_name, &way) : entry->d_name;
        rc = way.failed ? error_nomem(err)
                        : check_entry(f, dirfd(dir), name, entry, v, &wanted, &folder, err);
        if (rc == DUNLIN_OK && wanted)
            rc = visit_one(v, entry->d_name, folder, err);
        rc = source_refused(f, rc, false, err);
    }
    buf_free(&way);
    return rc;
}

static int list(const struct folder *f, const char *sub, const struct visitor *v,
                struct dunlin_error *err)
{
    struct stat st;
    DIR *dir;
    int fd, rc;

    /* A file called like the sub-folder is some other file, and left alone. */
    if (sub && fstatat(f->fd, sub, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode) &&
        !S_ISLNK(st.st_mode))
        return DUNLIN_OK;
    rc = open_inside(f, sub ? sub : ".", FOLDER_FLAGS, &fd, err);
    if (rc != DUNLIN_OK || fd < 0)
        return rc;
    dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return error_nomem(err);
    }
    rc = visit_entries(f, dir, sub, v, err);
    closedir(dir);
    return rc;
}

int folder_list(const struct folder *f, const char *sub, folder_name_fn visit, void *user,
                struct dunlin_error *err)
{
    const struct visitor v = {.file = visit, .user = user};

    return list(f, sub, &v, err);
}

int folder_list_all(const struct folder *f, folder_name_fn visit, void *user,
                    struct dunlin_error *err)
{
    const struct visitor v = {.file = visit, .programs = true, .user = user};

    return list(f, NULL, &v, err);
}

int folder_entries(const struct folder *f, const char *sub, folder_entry_fn visit, void *user,
                   struct dunlin_error *err)
{
    const struct visitor v = {.entry = visit, .user = user};

    return list(f, sub, &v, err);
}

/* ---- small files ----------------------------------------------------------------------------- */

bool folder_has(const struct folder *f, const char *name)
{
    struct stat st;

    return fstatat(f->fd, name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

bool folder_has_folder(const struct folder *f, const char *name)
{
    struct stat st;

    return fstatat(f->fd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static bool lacks(const struct folder *f, const char *name, mode_t type)
{
    struct stat st;

    if (fstatat(f->fd, name, &st, 0) == 0)
        return (st.st_mode & S_IFMT) != type;
    return errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG;
}

bool folder_lacks(const struct folder *f, const char *name)
{
    return lacks(f, name, S_IFREG);
}

bool folder_lacks_folder(const struct folder *f, const char *name)
{
    return lacks(f, name, S_IFDIR);
}

int folder_read(const struct folder *f, const char *name, struct buf *out, struct dunlin_error *err)
{
    struct raw raw;
    struct stat st;
    size_t got = RAW_BLOCK;
    int fd = -1, rc = folder_open_file(f, name, &fd, &st, err);

    if (rc != DUNLIN_OK)
        return rc;
    raw_init(&raw, fd, false, name);
    while (rc == DUNLIN_OK && got == RAW_BLOCK) {
        if (!buf_reserve(out, RAW_BLOCK)) {
            rc = refuse(f, name, "is too large", err);
            break;
        }
        rc = raw_read(&raw, out->data + out->len, RAW_BLOCK, &got, err);
        if (rc == DUNLIN_OK)
            out->len += got;
    }
    raw_free(&raw);
    close(fd);
    if (rc == DUNLIN_OK && !buf_reserve(out, 1))
        rc = error_nomem(err);
    if (rc == DUNLIN_OK)
        out->data[out->len] = '\0';
    return rc;
}
