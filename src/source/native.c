/* SPDX-License-Identifier: MIT */
/*
 * dunlin's own layout: VERSION[_-]DESCRIPTION.sql, VERSION_DESCRIPTION.up.sql and .down.sql,
 * R__DESCRIPTION.sql, and the folder hooks. Every name is taken apart once; sorting then brings
 * the files of one migration together, and what stands together wrongly is refused.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "source/folder.h"
#include "source/layout.h"

#define UNNUMBERED_SHOWN 10

struct names {
    const struct folder *folder;
    struct arena *arena;
    struct native_name *list;
    size_t count, cap;
};

/* ---- numbers -------------------------------------------------------------------------------- */

const char *digits_trim(const char *text)
{
    while (text[0] == '0' && text[1] != '\0')
        text++;
    return text;
}

int digits_compare(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);

    if (la != lb)
        return la < lb ? -1 : 1;
    return memcmp(a, b, la);
}

/* ---- one name ------------------------------------------------------------------------------- */

static bool ends_with(const char *text, size_t len, const char *end)
{
    size_t n = strlen(end);

    return len > n && memcmp(text + len - n, end, n) == 0;
}

static int parse_numbered(const char *file, size_t stem, size_t digits, struct arena *arena,
                          struct native_name *out)
{
    size_t skip = digits < stem ? digits + 1 : digits;

    out->kind = MIGRATION_VERSIONED;
    out->version = arena_strndup(arena, file, digits);
    out->name = arena_strndup(arena, file + skip, stem - skip);
    if (!out->version || !out->name)
        return -1;
    out->digits = digits_trim(out->version);
    out->ndigits = digits - (size_t)(out->digits - out->version);
    return 0;
}

static int parse_named(const char *file, size_t stem, struct arena *arena, struct native_name *out)
{
    bool repeatable = stem >= 3 && memcmp(file, "R__", 3) == 0;

    out->kind = repeatable ? MIGRATION_REPEATABLE : MIGRATION_UNNUMBERED;
    out->version = arena_strndup(arena, file, stem);
    if (!out->version)
        return -1;
    out->name = out->version + (repeatable ? 3 : 0);
    return 0;
}

static int too_many_digits(const struct folder *f, const char *file, size_t digits,
                           struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "%s/%s has a version of %zu digits; at most %d are possible", f->path, file, digits,
              VERSION_DIGITS_MAX);
    error_hint(err, "rename the file; a number or a time like 20260131120000 is enough");
    return DUNLIN_BAD_FILE;
}

int native_parse(const char *file, const struct folder *f, struct arena *arena,
                 struct native_name *out, struct dunlin_error *err)
{
    size_t stem = 0, digits = 0;
    int rc;

    memset(out, 0, sizeof(*out));
    out->file = file;
    if (program_name(file, &stem, &digits)) {
        out->program = true;
        if (digits > VERSION_DIGITS_MAX)
            return too_many_digits(f, file, digits, err);
        return parse_numbered(file, stem, digits, arena, out) ? error_nomem(err) : DUNLIN_OK;
    }
    digits = 0;
    sql_file_name(file, &stem, &out->gzip);
    if (ends_with(file, stem, ".up")) {
        out->role = ROLE_UP;
        stem -= 3;
    } else if (ends_with(file, stem, ".down")) {
        out->role = ROLE_DOWN;
        stem -= 5;
    }
    while (digits < stem && file[digits] >= '0' && file[digits] <= '9')
        digits++;
    if (digits > 0 && (digits == stem || file[digits] == '_' || file[digits] == '-')) {
        if (digits > VERSION_DIGITS_MAX)
            return too_many_digits(f, file, digits, err);
        rc = parse_numbered(file, stem, digits, arena, out);
    } else {
        rc = parse_named(file, stem, arena, out);
    }
    if (rc != 0)
        return error_nomem(err);
    if (out->kind == MIGRATION_REPEATABLE && out->role != ROLE_SINGLE) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "%s/%s is half of a pair, but a repeatable migration is one file", f->path, file);
        error_hint(err, "call it %s.sql, or give it a number", out->version);
        return DUNLIN_BAD_FILE;
    }
    return DUNLIN_OK;
}

/* ---- all names of a folder ------------------------------------------------------------------ */

static int collect(const char *file, void *user, struct dunlin_error *err)
{
    struct names *names = user;
    char *path;
    int rc;

    if (names->count == names->cap) {
        size_t cap = names->cap ? names->cap * 2 : 64;
        struct native_name *list = realloc(names->list, cap * sizeof(*list));

        if (!list)
            return error_nomem(err);
        names->list = list;
        names->cap = cap;
    }
    path = folder_join(names->folder, file, names->arena);
    if (!path)
        return error_nomem(err);
    rc = native_parse(path + strlen(path) - strlen(file), names->folder, names->arena,
                      &names->list[names->count], err);
    names->list[names->count].path = path;
    if (rc == DUNLIN_OK)
        names->count++;
    return rc;
}

static int kind_rank(enum migration_kind kind)
{
    static const int ranks[] = {
        [MIGRATION_VERSIONED] = 0, [MIGRATION_UNNUMBERED] = 1, [MIGRATION_REPEATABLE] = 2};

    return ranks[kind];
}

/* Whether, and in what order, two files belong to different migrations. */
static int compare_key(const struct native_name *a, const struct native_name *b)
{
    if (a->kind != b->kind)
        return kind_rank(a->kind) - kind_rank(b->kind);
    if (a->digits && b->digits) {
        if (a->ndigits != b->ndigits)
            return a->ndigits < b->ndigits ? -1 : 1;
        return memcmp(a->digits, b->digits, a->ndigits);
    }
    return strcmp(a->version, b->version);
}

static int compare_names(const void *x, const void *y)
{
    const struct native_name *a = x, *b = y;
    int order = compare_key(a, b);

    if (order == 0)
        order = (int)a->role - (int)b->role;
    return order ? order : strcmp(a->file, b->file);
}

static int refuse_unnumbered(const struct names *names, struct dunlin_error *err)
{
    struct buf list = BUF_INIT(8192);
    size_t count = 0;

    for (size_t i = 0; i < names->count; i++) {
        if (names->list[i].kind != MIGRATION_UNNUMBERED)
            continue;
        if (count < UNNUMBERED_SHOWN)
            buf_addf(&list, "%s%s", count ? ", " : "", names->list[i].file);
        count++;
    }
    if (count > UNNUMBERED_SHOWN)
        buf_addf(&list, " and %zu more", count - UNNUMBERED_SHOWN);
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%zu %s in %s %s no version number: %s",
              count, count == 1 ? "file" : "files", names->folder->path,
              count == 1 ? "has" : "have", buf_str(&list));
    error_hint(err, "name files like 001_description.sql, or give --unnumbered=last|ignore");
    buf_free(&list);
    return DUNLIN_BAD_FILE;
}

static int apply_unnumbered(struct names *names, enum unnumbered unnumbered,
                            struct dunlin_error *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < names->count; i++) {
        if (names->list[i].kind == MIGRATION_UNNUMBERED) {
            if (unnumbered == UNNUMBERED_ERROR) {
                int rc = source_refused(names->folder, refuse_unnumbered(names, err), false, err);

                if (rc != DUNLIN_OK)
                    return rc;
                unnumbered = UNNUMBERED_IGNORE;
            }
            if (unnumbered == UNNUMBERED_IGNORE)
                continue;
        }
        names->list[kept++] = names->list[i];
    }
    names->count = kept;
    return DUNLIN_OK;
}

/* ---- migrations ----------------------------------------------------------------------------- */

static int refuse_two(const struct folder *f, const struct native_name *a,
                      const struct native_name *b, struct dunlin_error *err)
{
    if (a->digits) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "two files of %s have version %s: %s and %s", f->path, a->digits, a->file,
                  b->file);
        error_hint(err, "renumber the newer one, or delete one of them");
    } else {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "two files of %s are the same migration: %s and %s", f->path, a->file, b->file);
        error_hint(err, "delete one of them");
    }
    return DUNLIN_BAD_FILE;
}

/* A .down.sql without the .up.sql that it undoes; beside may be a single file, or NULL. */
static int refuse_down(const struct folder *f, const struct native_name *down,
                       const struct native_name *beside, struct dunlin_error *err)
{
    const char *dash = down->digits && down->name[0] ? "_" : "";
    const char *rest = down->digits ? down->name : "";

    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/%s has no .up.sql beside it%s%s", f->path,
              down->file, beside ? ", only " : "", beside ? beside->file : "");
    if (beside)
        error_hint(err, "call %s %s%s%s.up.sql%s", beside->file, down->version, dash, rest,
                   beside->gzip ? ".gz" : "");
    else
        error_hint(err, "add %s%s%s.up.sql, or delete the file", down->version, dash, rest);
    return DUNLIN_BAD_FILE;
}

static void fill_file(struct folder *f, const struct native_name *n, struct source_file *out)
{
    out->folder = f;
    out->name = n->file;
    out->path = n->path;
    out->gzip = n->gzip;
    out->program = n->program;
}

/* Makes a migration of the count files that share a key, sorted by role. */
static int add_migration(struct folder *f, const struct native_name *list, size_t count,
                         struct dunlin_error *err)
{
    struct migration *m = &f->migrations[f->count];
    bool pair = count == 2 && list[0].role == ROLE_UP && list[1].role == ROLE_DOWN;

    /* Real folders hold such leftovers. Nothing would ever run it, so nothing is skipped. */
    if (list[0].role == ROLE_DOWN && count == 1 && list[0].digits)
        return DUNLIN_OK;
    if (list[0].role == ROLE_DOWN)
        return count > 1 ? refuse_two(f, &list[0], &list[1], err)
                         : refuse_down(f, &list[0], NULL, err);
    if (count == 2 && list[0].role == ROLE_SINGLE && list[1].role == ROLE_DOWN)
        return refuse_down(f, &list[1], &list[0], err);
    if (count > 1 && !pair)
        return list[1].role == ROLE_DOWN ? refuse_two(f, &list[1], &list[2], err)
                                         : refuse_two(f, &list[0], &list[1], err);
    m->kind = list[0].kind;
    m->source = f->label;
    m->version = list[0].version;
    m->digits = list[0].digits;
    m->name = list[0].name;
    fill_file(f, &list[0], &m->up);
    if (pair)
        fill_file(f, &list[1], &m->down);
    f->count++;
    return DUNLIN_OK;
}

/* Lenient: every file of a version that several have becomes a migration, each with the .down.sql
 * of its own name. */
static int add_doubtful(struct folder *f, const struct native_name *list, size_t count,
                        struct dunlin_error *err)
{
    int rc = source_refused(f, DUNLIN_BAD_FILE, count > 1, err);

    for (size_t i = 0; rc == DUNLIN_OK && i < count; i++) {
        struct native_name pair[2] = {list[i]};
        size_t n = 1;

        for (size_t j = i + 1; list[i].role == ROLE_UP && n == 1 && j < count; j++) {
            if (list[j].role == ROLE_DOWN && strcmp(list[j].name, list[i].name) == 0)
                pair[n++] = list[j];
        }
        if (list[i].role == ROLE_DOWN)
            continue;
        rc = add_migration(f, pair, n, err);
        if (rc == DUNLIN_OK)
            f->migrations[f->count - 1].doubtful = count > 1;
    }
    return rc;
}

static int add_migrations(struct folder *f, const struct names *names, struct arena *arena,
                          struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    f->count = 0;
    f->migrations = arena_calloc(arena, names->count + 1, sizeof(*f->migrations));
    if (!f->migrations)
        return error_nomem(err);
    for (size_t i = 0, n; rc == DUNLIN_OK && i < names->count; i += n) {
        n = 1;
        while (i + n < names->count && compare_key(&names->list[i], &names->list[i + n]) == 0)
            n++;
        rc = add_migration(f, &names->list[i], n, err);
        if (rc == DUNLIN_BAD_FILE && f->lenient)
            rc = add_doubtful(f, &names->list[i], n, err);
    }
    return rc;
}

/* ---- hooks ---------------------------------------------------------------------------------- */

const char *const hook_names[HOOK_COUNT] = {
    [HOOK_CONNECT] = "connect",         [HOOK_BEFORE_ALL] = "before_all",
    [HOOK_BEFORE_EACH] = "before_each", [HOOK_AFTER_EACH] = "after_each",
    [HOOK_AFTER_ALL] = "after_all",
};

struct hooks {
    struct folder *folder;
    struct arena *arena;
};

static int add_hook(const char *file, void *user, struct dunlin_error *err)
{
    struct hooks *hooks = user;
    struct folder *f = hooks->folder;
    size_t stem = 0, h = 0, len;
    char *name;
    bool gzip;

    sql_file_name(file, &stem, &gzip);
    while (h < HOOK_COUNT &&
           (strlen(hook_names[h]) != stem || memcmp(hook_names[h], file, stem) != 0))
        h++;
    if (h == HOOK_COUNT) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/hooks/%s is no hook", f->path, file);
        error_hint(err,
                   "hooks are connect.sql, before_all.sql, before_each.sql, after_each.sql and "
                   "after_all.sql");
        return DUNLIN_BAD_FILE;
    }
    if (f->hooks[h].name)
        return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                         "%s/hooks has %s.sql twice, once of it compressed", f->path,
                         hook_names[h]);
    len = strlen(file);
    name = arena_alloc(hooks->arena, sizeof("hooks/") + len);
    if (!name)
        return error_nomem(err);
    memcpy(name, "hooks/", sizeof("hooks/") - 1);
    memcpy(name + sizeof("hooks/") - 1, file, len);
    f->hooks[h].folder = f;
    f->hooks[h].gzip = gzip;
    f->hooks[h].path = folder_join(f, name, hooks->arena);
    f->hooks[h].name = name;
    return f->hooks[h].path ? DUNLIN_OK : error_nomem(err);
}

int native_hooks(struct folder *f, struct arena *arena, struct dunlin_error *err)
{
    struct hooks hooks = {.folder = f, .arena = arena};

    return folder_list(f, "hooks", add_hook, &hooks, err);
}

/* ---- the layout ----------------------------------------------------------------------------- */

static int native_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                       struct dunlin_error *err)
{
    struct names names = {.folder = f, .arena = arena};
    int rc = folder_list_all(f, collect, &names, err);

    if (rc == DUNLIN_OK) {
        if (names.count > 1)
            qsort(names.list, names.count, sizeof(*names.list), compare_names);
        rc = apply_unnumbered(&names, unnumbered, err);
    }
    if (rc == DUNLIN_OK)
        rc = add_migrations(f, &names, arena, err);
    if (rc == DUNLIN_OK)
        rc = native_hooks(f, arena, err);
    free(names.list);
    return rc;
}

const struct layout native_layout = {.name = "native", .list = native_list};
