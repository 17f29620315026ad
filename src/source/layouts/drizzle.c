/* SPDX-License-Identifier: MIT */
/*
 * The layout of drizzle-kit up to 0.31: meta/_journal.json names the migrations in their order,
 * and the text of each is TAG.sql. A migration is known by its tag; the journal's "when" is what
 * drizzle-orm goes by. Files that the journal does not name never run there. One that looks like a
 * migration all the same is refused here, because a lost journal entry is how they get lost.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/utf8.h"
#include "source/folder.h"
#include "source/layouts/layouts.h"
#include "source/hash.h"

#define JOURNAL "meta/_journal.json"
#define JOURNAL_MAX (64u * 1024u * 1024u)
#define TAG_MAX 250 /* with .sql below the 255 bytes of a file name */
#define STRAYS_SHOWN 10

static const char *drizzle_recognise(struct glance *g)
{
    return folder_has(g->folder, JOURNAL) ? "its " JOURNAL : NULL;
}

/* ---- the journal ---------------------------------------------------------------------------- */

static int refuse(const struct folder *f, struct dunlin_error *err, const char *what)
{
    return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/%s %s", f->path, JOURNAL, what);
}

static int journal_text(const struct folder *f, struct buf *text, struct dunlin_error *err)
{
    int rc;

    if (!folder_lacks(f, JOURNAL))
        return folder_read(f, JOURNAL, text, err);
    rc = refuse(f, err, "does not exist");
    error_hint(err, "is this a folder of drizzle-kit? --layout auto decides by itself");
    return rc;
}

static int journal_load(const struct folder *f, json_t **out, struct dunlin_error *err)
{
    struct buf text = BUF_INIT(JOURNAL_MAX);
    json_error_t at;
    int rc = journal_text(f, &text, err);

    *out = NULL;
    if (rc == DUNLIN_OK) {
        *out = json_loadb(text.data ? text.data : "", text.len, JSON_REJECT_DUPLICATES, &at);
        if (!*out) {
            rc = refuse(f, err, "is no valid JSON");
            error_detail(err, "%s", at.text);
            error_place(err, NULL, at.line > 0 ? (uint32_t)at.line : 0, 0);
            error_hint(err, "a merge conflict? put every entry of both branches into it");
        }
    }
    buf_free(&text);
    return rc;
}

/* ---- migrations ----------------------------------------------------------------------------- */

/* The tag becomes a file name: it must be one that stays in the folder and can be shown. */
static bool tag_valid(const char *tag, size_t len)
{
    if (!tag || len == 0 || len > TAG_MAX || tag[0] == '.' || memchr(tag, '\0', len))
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)tag[i] < 0x20 || tag[i] == 0x7f || tag[i] == '/')
            return false;
    }
    return true;
}

static int entry_when(const json_t *entry, int64_t *out)
{
    const json_t *when = json_object_get(entry, "when");

    if (json_is_integer(when))
        *out = json_integer_value(when);
    else if (json_is_real(when) && json_real_value(when) >= 0 && json_real_value(when) < 9e15)
        *out = (int64_t)json_real_value(when);
    else
        return -1;
    return *out >= 0 ? 0 : -1;
}

static int entry_file(struct folder *f, struct migration *m, struct arena *arena,
                      struct dunlin_error *err)
{
    size_t len = strlen(m->version);
    char *name = arena_alloc(arena, len + sizeof(".sql"));
    struct stat st;
    int fd = -1, rc;

    if (!name)
        return error_nomem(err);
    memcpy(name, m->version, len);
    memcpy(name + len, ".sql", sizeof(".sql"));
    m->up.folder = f;
    m->up.part = PART_UP;
    m->up.name = name;
    m->up.path = folder_join(f, name, arena);
    if (!m->up.path)
        return error_nomem(err);
    if (fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "%s does not exist, but the journal names it", m->up.path);
        error_hint(err, "bring the file back, or take its entry out of %s/%s", f->path, JOURNAL);
        return DUNLIN_BAD_FILE;
    }
    rc = folder_open_file(f, name, &fd, &st, err);
    if (rc == DUNLIN_OK)
        close(fd);
    return rc;
}

/* What follows the prefix and its "_". */
static const char *tag_name(const char *tag)
{
    const char *rest = tag + strspn(tag, "0123456789");

    return *rest == '_' ? rest + 1 : tag;
}

/* tags: those of the migrations so far, as the keys of an object. */
static int entry_add(struct folder *f, const json_t *entry, json_t *tags, struct arena *arena,
                     struct dunlin_error *err)
{
    struct migration *m = &f->migrations[f->count];
    const json_t *tag = json_object_get(entry, "tag");
    int64_t when;
    int rc;

    if (!tag_valid(json_string_value(tag), json_string_length(tag)))
        return refuse(f, err, "has an entry whose tag is no file name");
    if (entry_when(entry, &when) != 0)
        return refuse(f, err, "has an entry whose \"when\" is no time in milliseconds");
    if (json_object_get(tags, json_string_value(tag)))
        return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/%s names %s twice", f->path,
                         JOURNAL, json_string_value(tag));
    m->kind = MIGRATION_VERSIONED;
    m->source = f->label;
    m->listed = true;
    m->version = arena_strdup(arena, json_string_value(tag));
    if (!m->version)
        return error_nomem(err);
    m->name = tag_name(m->version);
    m->key = arena_printf(arena, "%" PRId64, when);
    if (!m->key)
        return error_nomem(err);
    rc = entry_file(f, m, arena, err);
    if (rc != DUNLIN_OK)
        return rc;
    f->count++;
    return json_object_set_new(tags, m->version, json_true()) ? error_nomem(err) : DUNLIN_OK;
}

static int entries_add(struct folder *f, const json_t *journal, json_t *tags, struct arena *arena,
                       struct dunlin_error *err)
{
    const json_t *entries = json_object_get(journal, "entries");
    size_t n = json_array_size(entries);
    int rc = DUNLIN_OK;

    f->count = 0;
    if (!json_is_array(entries))
        return refuse(f, err, "has no list \"entries\"");
    f->migrations = arena_calloc(arena, n + 1, sizeof(*f->migrations));
    if (!f->migrations)
        return error_nomem(err);
    for (size_t i = 0; rc == DUNLIN_OK && i < n; i++)
        rc = source_refused(f, entry_add(f, json_array_get(entries, i), tags, arena, err), false,
                            err);
    return rc;
}

/* ---- files that the journal does not name --------------------------------------------------- */

struct strays {
    const json_t *tags;
    struct buf list;
    size_t count;
};

static int stray(const char *file, void *user, struct dunlin_error *err)
{
    struct strays *s = user;
    const char *dot = strrchr(file, '.');
    size_t digits = strspn(file, "0123456789");
    char tag[NAME_MAX + 1];

    (void)err;
    if (digits == 0 || file[digits] != '_' || !dot || strcmp(dot, ".sql") != 0)
        return DUNLIN_OK;
    text_copy(tag, sizeof(tag), file, (size_t)(dot - file));
    if (json_object_get(s->tags, tag))
        return DUNLIN_OK;
    if (s->count < STRAYS_SHOWN)
        buf_addf(&s->list, "%s%s", s->count ? ", " : "", file);
    s->count++;
    return DUNLIN_OK;
}

static int strays_refuse(struct folder *f, const json_t *tags, struct dunlin_error *err)
{
    struct strays s = {.tags = tags, .list = BUF_INIT(8192)};
    int rc = folder_list(f, NULL, stray, &s, err);

    if (rc == DUNLIN_OK && s.count > 0) {
        rc = error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                       "%s/%s does not name %zu %s that would never run: %s", f->path, JOURNAL,
                       s.count, s.count == 1 ? "file" : "files", buf_str(&s.list));
        error_hint(err, "put the entry back that a merge has lost, or delete the file; "
                        "--unnumbered=ignore passes over such files");
    }
    buf_free(&s.list);
    return rc == DUNLIN_BAD_FILE ? source_refused(f, rc, false, err) : rc;
}

/* ---- the layout ----------------------------------------------------------------------------- */

static int drizzle_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                        struct dunlin_error *err)
{
    json_t *journal, *tags = json_object();
    int rc = tags ? journal_load(f, &journal, err) : error_nomem(err);

    if (rc == DUNLIN_OK) {
        rc = entries_add(f, journal, tags, arena, err);
        json_decref(journal);
    }
    if (rc == DUNLIN_OK && unnumbered != UNNUMBERED_IGNORE)
        rc = strays_refuse(f, tags, err);
    json_decref(tags);
    return rc == DUNLIN_OK ? native_hooks(f, arena, err) : rc;
}

static int drizzle_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                            struct dunlin_error *err)
{
    return file_hex(&m->up, SUM_SHA256, out, err);
}

const struct layout drizzle_layout = {.name = "drizzle",
                                      .tool = "drizzle-orm",
                                      .breakpoints = true,
                                      .listed = true,
                                      .by_time = true,
                                      .recognise = drizzle_recognise,
                                      .list = drizzle_list,
                                      .checksum = drizzle_checksum};
