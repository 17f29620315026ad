/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "source/listing.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

#define VERSION_MAX 240 /* bytes: what a history row has room for */
#define FOREIGN_SHOWN 10
#define WAY_MAX 1024 /* bytes of a path inside the folder, with its end */
#define SUB_SHOWN 400u

/* ---- collecting ------------------------------------------------------------------------------ */

struct migration *listing_add(struct listing *l, const char *version, size_t len)
{
    struct migration *m;

    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;

        m = realloc(l->list, cap * sizeof(*m));
        if (!m)
            return NULL;
        l->list = m;
        l->cap = cap;
    }
    m = &l->list[l->count];
    memset(m, 0, sizeof(*m));
    m->kind = MIGRATION_VERSIONED;
    m->source = l->folder->label;
    m->listed = true;
    m->version = arena_strndup(l->arena, version, len);
    m->name = "";
    if (!m->version)
        return NULL;
    l->count++;
    return m;
}

int listing_file(struct listing *l, const char *name, enum file_part part, struct source_file *out,
                 struct dunlin_error *err)
{
    size_t len = strlen(name);

    out->folder = l->folder;
    out->part = part;
    out->name = arena_strdup(l->arena, name);
    out->gzip = len > 3 && strcmp(name + len - 3, ".gz") == 0;
    out->path = out->name ? folder_join(l->folder, out->name, l->arena) : NULL;
    return out->path ? DUNLIN_OK : error_nomem(err);
}

char *listing_text(struct listing *l, const char *text, size_t len, char from, char to)
{
    char *copy = arena_strndup(l->arena, text, len);

    for (char *p = copy; from && p && *p; p++) {
        if (*p == from)
            *p = to;
    }
    return copy;
}

/* ---- other languages ------------------------------------------------------------------------- */

bool code_name(const char *name)
{
    static const char *const extensions[] = {".go",  ".ts", ".mts", ".cts",    ".js",   ".mjs",
                                             ".cjs", ".rb", ".py",  ".java",   ".kt",   ".groovy",
                                             ".php", ".cs", ".exs", ".coffee", ".class"};
    const char *extension = name_extension(name);

    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        if (strcmp(extension, extensions[i]) == 0)
            return true;
    }
    return false;
}

static int program_add(struct listing *l, const char *name, struct dunlin_error *err)
{
    const char *extension = name_extension(name);
    struct migration *m = listing_add(l, name, (size_t)(extension - name));
    int rc = m ? listing_file(l, name, PART_UP, &m->up, err) : error_nomem(err);

    if (rc == DUNLIN_OK)
        m->up.program = true;
    return rc;
}

bool listing_foreign(struct listing *l, const char *name, int *rc, struct dunlin_error *err)
{
    if (!code_name(name))
        return false;
    if (l->folder->foreign_code == FOREIGN_CODE_EXEC) {
        *rc = program_add(l, name, err);
    } else if (l->folder->foreign_code == FOREIGN_CODE_REFUSE) {
        if (l->nforeign++ < FOREIGN_SHOWN)
            buf_addf(&l->foreign, "%s%s", l->nforeign > 1 ? ", " : "", name);
    } else {
        buf_add(&l->skipped, name, strlen(name) + 1);
    }
    return true;
}

static int foreign_refuse(const struct listing *l, struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "%zu %s in %s %s written in a language that dunlin does not run: %s", l->nforeign,
              l->nforeign == 1 ? "migration" : "migrations", l->folder->path,
              l->nforeign == 1 ? "is" : "are", buf_str(&l->foreign));
    error_hint(err, "--foreign-code skip passes over them; --foreign-code exec with --allow-exec "
                    "runs those that have a run bit as programs");
    return DUNLIN_BAD_FILE;
}

/* ---- folders below folders ------------------------------------------------------------------- */

struct walk {
    const struct folder *folder;
    const char *sub; /* the folder in the folder at hand; NULL = the folder itself */
    listing_take_fn take;
    void *user;
};

/* The whole of it has no room in a message: where it begins, and its end. */
static int too_long(const struct folder *f, const char *sub, const char *name,
                    struct dunlin_error *err)
{
    size_t len = strlen(sub), shown = len < SUB_SHOWN ? len : SUB_SHOWN;

    while (shown && shown < len && sub[shown] != '/')
        shown--;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/%.*s%s/%s has a path that is too long",
              f->path, (int)shown, sub, shown < len ? "/.." : "", name);
    error_hint(err, "paths inside the folder have up to %u bytes", WAY_MAX - 1);
    return DUNLIN_BAD_FILE;
}

static int visit(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct walk *w = user;
    const char *sub = w->sub;
    char way[WAY_MAX];
    int rc, n = snprintf(way, sizeof(way), "%s%s%s", sub ? sub : "", sub ? "/" : "", name);

    if (n < 0 || (size_t)n >= sizeof(way))
        return too_long(w->folder, sub ? sub : "", name, err);
    if (!folder)
        return w->take(way, name, w->user, err);
    if (!sub && strcmp(name, "hooks") == 0)
        return DUNLIN_OK; /* of dunlin */
    w->sub = way;
    rc = folder_entries(w->folder, way, visit, w, err);
    w->sub = sub;
    return rc;
}

int listing_walk(const struct folder *f, listing_take_fn take, void *user, struct dunlin_error *err)
{
    struct walk w = {.folder = f, .take = take, .user = user};

    return folder_entries(f, NULL, visit, &w, err);
}

/* ---- pairs ----------------------------------------------------------------------------------- */

static const char *identity(const struct migration *m)
{
    return m->key ? m->key : m->version;
}

static const char *file_of(const struct migration *m)
{
    return m->up.name ? m->up.name : m->down.name;
}

/* Of one identity the way up comes first; then the names decide, not the order of the system. */
static int by_half(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;
    int order = digits_compare(identity(x), identity(y));

    if (!order)
        order = (y->up.name != NULL) - (x->up.name != NULL);
    return order ? order : strcmp(file_of(x), file_of(y));
}

static int refuse_second(const struct listing *l, const struct migration *first,
                         const struct migration *second, struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "two files of %s have version %s: %s and %s",
              l->folder->path, identity(first), second->up.name ? first->up.name : first->down.name,
              file_of(second));
    error_hint(err, "renumber the newer one, or delete one of them");
    return source_refused(l->folder, DUNLIN_BAD_FILE, true, err);
}

int listing_join(struct listing *l, struct dunlin_error *err)
{
    size_t count = 0;
    int rc = DUNLIN_OK;

    if (l->count > 1)
        qsort(l->list, l->count, sizeof(*l->list), by_half);
    for (size_t i = 0; !rc && i < l->count; i++) {
        struct migration *m = &l->list[i], *before = count ? &l->list[count - 1] : NULL;

        if (!before || strcmp(identity(before), identity(m)) != 0)
            l->list[count++] = *m;
        else if (m->up.name || before->down.name)
            rc = refuse_second(l, before, m, err);
        else
            before->down = m->down;
    }
    l->count = count;
    return rc;
}

int listing_refuse_halves(struct listing *l, const char *up, struct dunlin_error *err)
{
    size_t count = 0;
    int rc = DUNLIN_OK;

    for (size_t i = 0; !rc && i < l->count; i++) {
        if (l->list[i].up.name)
            l->list[count++] = l->list[i];
        if (l->list[i].up.name || l->nforeign)
            continue;
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s has no %s beside it",
                  l->list[i].down.path, up);
        error_hint(err, "add it, or delete this one");
        rc = source_refused(l->folder, DUNLIN_BAD_FILE, false, err);
    }
    l->count = count;
    return rc;
}

/* ---- handing over ---------------------------------------------------------------------------- */

static int by_version(const void *a, const void *b)
{
    const struct migration *const *x = a, *const *y = b;
    int order = migration_by_version(a, b);

    return order ? order : strcmp((*x)->up.name, (*y)->up.name);
}

static int check_versions(struct listing *l, struct dunlin_error *err)
{
    const struct migration **sorted = calloc(l->count + 1, sizeof(const struct migration *));
    int rc = sorted ? DUNLIN_OK : error_nomem(err);

    for (size_t i = 0; !rc && i < l->count; i++) {
        const char *version = l->list[i].version;

        sorted[i] = &l->list[i];
        if (strlen(version) > VERSION_MAX || !text_is_safe(version, strlen(version)))
            rc = error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                           "%s has a version that is too long or cannot be shown",
                           l->list[i].up.path);
    }
    if (!rc && l->count > 1)
        qsort(sorted, l->count, sizeof(const struct migration *), by_version);
    for (size_t i = 1; !rc && i < l->count; i++) {
        if (migration_by_version(&sorted[i - 1], &sorted[i]) != 0)
            continue;
        rc = error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                       "two files of %s have version %s: "
                       "%s and %s",
                       l->folder->path, sorted[i]->version, sorted[i - 1]->up.name,
                       sorted[i]->up.name);
        error_hint(err, "renumber the newer one, or delete one of them");
        rc = source_refused(l->folder, rc, true, err);
    }
    free(sorted);
    return rc;
}

static int skipped_keep(struct listing *l, struct dunlin_error *err)
{
    char *names;

    if (l->skipped.len == 0 && !l->skipped.failed)
        return DUNLIN_OK;
    names = l->skipped.failed ? NULL : arena_calloc(l->arena, l->skipped.len + 1, 1);
    if (!names)
        return error_nomem(err);
    memcpy(names, l->skipped.data, l->skipped.len);
    l->folder->skipped = names;
    return DUNLIN_OK;
}

int listing_done(struct listing *l, listing_order order, int rc, struct dunlin_error *err)
{
    struct folder *f = l->folder;

    if (rc == DUNLIN_OK && l->nforeign)
        rc = source_refused(f, foreign_refuse(l, err), false, err);
    if (rc == DUNLIN_OK && order && l->count > 1)
        qsort(l->list, l->count, sizeof(*l->list), order);
    if (rc == DUNLIN_OK)
        rc = check_versions(l, err);
    if (rc == DUNLIN_OK) {
        f->migrations = arena_calloc(l->arena, l->count + 1, sizeof(*f->migrations));
        if (!f->migrations)
            rc = error_nomem(err);
    }
    if (rc == DUNLIN_OK && l->count)
        memcpy(f->migrations, l->list, l->count * sizeof(*f->migrations));
    f->count = rc == DUNLIN_OK ? l->count : 0;
    if (rc == DUNLIN_OK)
        rc = skipped_keep(l, err);
    free(l->list);
    l->list = NULL;
    buf_free(&l->foreign);
    buf_free(&l->skipped);
    return rc == DUNLIN_OK ? native_hooks(f, l->arena, err) : rc;
}

/* ---- orders ---------------------------------------------------------------------------------- */

int by_name(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;

    return strcmp(x->version, y->version);
}

int by_file(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;

    return strcmp(x->up.name, y->up.name);
}

/* The leading digits as a number of any length. */
static int number_compare(const char *a, const char *b)
{
    size_t na, nb;

    a += strspn(a, "0");
    b += strspn(b, "0");
    na = leading_digits(a);
    nb = leading_digits(b);
    if (na != nb)
        return na < nb ? -1 : 1;
    return strncmp(a, b, na);
}

int by_number(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;
    int order = number_compare(x->version, y->version);

    return order ? order : by_name(a, b);
}

/* What a character weighs in the root collation, which a and A have in common. */
static unsigned weight(unsigned char c)
{
    static const char order[] = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789";
    const char *at = c ? strchr(order, c) : NULL;

    if (at)
        return (unsigned)(at - order) + 1;
    if (isalpha(c) && c < 0x80)
        return 100u + (unsigned)tolower(c);
    return c ? 300u + c : 0;
}

int locale_compare(const char *a, const char *b)
{
    size_t i = 0;

    while (a[i] && weight((unsigned char)a[i]) == weight((unsigned char)b[i]))
        i++;
    if (weight((unsigned char)a[i]) != weight((unsigned char)b[i]))
        return weight((unsigned char)a[i]) < weight((unsigned char)b[i]) ? -1 : 1;
    for (i = 0; a[i]; i++) {
        if (a[i] != b[i]) /* lower case first */
            return islower((unsigned char)a[i]) ? -1 : 1;
    }
    return 0;
}

int by_locale(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;

    return locale_compare(x->version, y->version);
}

/* ---- names ----------------------------------------------------------------------------------- */

size_t leading_digits(const char *text)
{
    return strspn(text, "0123456789");
}

bool name_ends(const char *name, const char *end, size_t *stem)
{
    size_t n = strlen(name), e = strlen(end);

    if (n < e || memcmp(name + n - e, end, e) != 0)
        return false;
    *stem = n - e;
    return true;
}

const char *name_extension(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot > name ? dot : name + strlen(name);
}

/* ---- lines ----------------------------------------------------------------------------------- */

bool next_line(const char **at, const char **line, size_t *len)
{
    size_t n = strcspn(*at, "\r\n");

    if (**at == '\0')
        return false;
    *line = *at;
    *len = n;
    *at += n;
    if (**at == '\r' && (*at)[1] == '\n')
        ++*at;
    if (**at)
        ++*at;
    return true;
}
