/* SPDX-License-Identifier: MIT */
/*
 * Which rows of a tool tell of which migrations, where the folder is not that tool's: somebody has
 * written its migrations anew. Files are called after what they were made from, more or less, so
 * there are several ways to see two as the same. One way has to do for all rows: where each row had
 * its own, what is wrong could pass for what is right.
 */
#include "plan/plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum way { WAY_FILE = 0, WAY_STEM, WAY_NUMBER, WAY_NAME };

/* The surest first; the title is what a table has beside what it goes by, often a mere count. */
static const struct {
    bool title;
    enum way way;
} ways[] = {{false, WAY_FILE}, {false, WAY_STEM}, {false, WAY_NUMBER}, {false, WAY_NAME},
            {true, WAY_FILE},  {true, WAY_STEM},  {true, WAY_NAME},    {true, WAY_NUMBER}};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* What one row or migration is called, in the way at hand. */
struct called {
    const char *text;
    size_t index;
};

struct likeness {
    const struct folder *folder;
    const struct foreign_rows *rows;
    struct arena *arena;
    struct names {
        const char *key, *title;
    } * names;                   /* of the rows */
    struct called *left, *right; /* of the rows, of the migrations */
    size_t *match;               /* of the rows: migration + 1, 0 = none */
};

/* ---- what something is called ---------------------------------------------------------------- */

static const char *base_of(const char *text)
{
    const char *slash = strrchr(text, '/');

    return slash ? slash + 1 : text;
}

static bool is_extension(const char *dot, size_t len)
{
    static const char *const known[] = {
        ".sql",  ".js",  ".ts",     ".mjs", ".cjs", ".mts", ".cts", ".rb",    ".py",
        ".go",   ".php", ".java",   ".kt",  ".cs",  ".exs", ".xml", ".yaml",  ".yml",
        ".json", ".ls",  ".groovy", ".gz",  ".up",  ".do",  ".sh",  ".coffee"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i]) == len && strncmp(dot, known[i], len) == 0)
            return true;
    }
    return false;
}

/* Without what says what kind of file it is. */
static char *stem_of(const char *text, struct arena *arena)
{
    const char *base = base_of(text);
    size_t len = strlen(base);

    for (;;) {
        size_t dot = len ? len - 1 : 0;

        while (dot > 0 && base[dot] != '.')
            dot--;
        if (dot == 0 || !is_extension(base + dot, len - dot))
            return arena_strndup(arena, base, len);
        len = dot;
    }
}

/* How long the number is that the text begins with, and what parts it from the rest. */
static size_t number_len(const char *text, size_t *rest)
{
    size_t v = (*text == 'V' || *text == 'v') && isdigit((unsigned char)text[1]);
    size_t digits = strspn(text + v, "0123456789");

    *rest = v + digits + strspn(text + v + digits, "_-. ");
    if (digits && text[v + digits] == 'T' && isdigit((unsigned char)text[v + digits + 1]))
        return v + digits;
    return digits && (*rest > v + digits || !text[v + digits]) ? v + digits : 0;
}

static const char *number_of(const char *stem, struct arena *arena)
{
    size_t rest, len = number_len(stem, &rest);
    size_t v = strcspn(stem, "0123456789");
    char *digits = len ? arena_strndup(arena, stem + v, len - v) : NULL;

    return digits ? digits_trim(digits) : NULL;
}

/* Words alone, whatever stands between them; also without a time in several parts. */
static const char *name_of(const char *stem, struct arena *arena)
{
    const char *words = stem;
    size_t rest;
    char *name;

    while (number_len(words, &rest) ||
           (words > stem && *words == 'T' && isdigit((unsigned char)words[1])))
        words += *words == 'T' ? 1 : rest;
    name = arena_strdup(arena, words);
    for (char *p = name; p && *p; p++)
        *p = *p == '-' || *p == ' ' || *p == '.' ? '_' : (char)tolower((unsigned char)*p);
    return name && *name ? name : NULL;
}

static const char *called(const char *text, enum way way, struct arena *arena)
{
    char *stem;

    if (!text || !*text)
        return NULL;
    if (way == WAY_FILE)
        return base_of(text);
    stem = stem_of(text, arena);
    if (!stem || way == WAY_STEM)
        return stem;
    return way == WAY_NUMBER ? number_of(stem, arena) : name_of(stem, arena);
}

/* A folder for each is called as elsewhere the file is. */
static const char *migration_called(const struct migration *m, enum way way, struct arena *arena)
{
    const char *slash = strchr(m->up.name, '/');

    if (way == WAY_NUMBER && m->digits)
        return m->digits;
    if (way == WAY_NAME && *m->name)
        return called(m->name, WAY_NAME, arena);
    if (slash)
        return called(arena_strndup(arena, m->up.name, (size_t)(slash - m->up.name)), way, arena);
    return called(m->up.name, way, arena);
}

/* ---- one way --------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    const struct called *x = a, *y = b;

    return strcmp(x->text, y->text);
}

static size_t rows_called(struct likeness *l, bool title, enum way way)
{
    size_t n = 0;

    for (size_t i = 0; i < l->rows->count; i++) {
        const char *name = title ? l->names[i].title : l->names[i].key;

        l->left[n] = (struct called){called(name, way, l->arena), i};
        n += l->left[n].text != NULL;
    }
    qsort(l->left, n, sizeof(*l->left), by_text);
    return n;
}

static size_t migrations_called(struct likeness *l, enum way way)
{
    size_t n = 0;

    for (size_t i = 0; i < l->folder->count; i++) {
        l->right[n] =
            (struct called){migration_called(&l->folder->migrations[i], way, l->arena), i};
        n += l->right[n].text != NULL;
    }
    qsort(l->right, n, sizeof(*l->right), by_text);
    return n;
}

/* How many from here on are called alike. */
static size_t alike(const struct called *list, size_t count)
{
    size_t n = 1;

    while (n < count && strcmp(list[n].text, list[0].text) == 0)
        n++;
    return n;
}

/* Pairs what is called alike and is the only one on both sides; returns how many pairs. */
static size_t try_way(struct likeness *l, bool title, enum way way, size_t *match)
{
    size_t left = rows_called(l, title, way), right = migrations_called(l, way), found = 0;

    memset(match, 0, (l->rows->count + 1) * sizeof(*match));
    for (size_t i = 0, j = 0, n; i < left && j < right; i += n) {
        size_t m = 0;

        n = alike(l->left + i, left - i);
        while (j < right && strcmp(l->right[j].text, l->left[i].text) < 0)
            j++;
        if (j < right && strcmp(l->right[j].text, l->left[i].text) == 0)
            m = alike(l->right + j, right - j);
        if (n == 1 && m == 1) {
            match[l->left[i].index] = l->right[j].index + 1;
            found++;
        }
    }
    return found;
}

/* A key in parts, FILE::ID::AUTHOR: what the id does not tell, the file may. */
static int names_take(struct likeness *l, struct dunlin_error *err)
{
    l->names = arena_calloc(l->arena, l->rows->count + 1, sizeof(*l->names));
    if (!l->names)
        return error_nomem(err);
    for (size_t i = 0; i < l->rows->count; i++) {
        const struct foreign_row *row = &l->rows->rows[i];
        const char *id = strstr(row->key, "::"), *end = id ? strstr(id + 2, "::") : NULL;

        l->names[i] = (struct names){row->key, row->title};
        if (!end)
            continue;
        l->names[i].key = arena_strndup(l->arena, id + 2, (size_t)(end - id) - 2);
        l->names[i].title = arena_strndup(l->arena, row->key, (size_t)(id - row->key));
        if (!l->names[i].key || !l->names[i].title)
            return error_nomem(err);
    }
    return DUNLIN_OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void take(const struct likeness *l, struct foreign_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct migration *m;

        rows->rows[i].checksum = NULL; /* of another file */
        if (!l->match[i])
            continue;
        m = &l->folder->migrations[l->match[i] - 1];
        rows->rows[i].key = m->key ? m->key : m->version;
    }
}

int plan_alike(const struct folder *f, struct foreign_rows *rows, struct arena *arena,
               struct dunlin_error *err)
{
    struct likeness l = {.folder = f, .rows = rows, .arena = arena};
    size_t *match = arena_calloc(arena, rows->count + 1, sizeof(*match));
    size_t best = 0;

    l.left = arena_calloc(arena, rows->count + 1, sizeof(*l.left));
    l.right = arena_calloc(arena, f->count + 1, sizeof(*l.right));
    l.match = arena_calloc(arena, rows->count + 1, sizeof(*l.match));
    if (!match || !l.left || !l.right || !l.match)
        return error_nomem(err);
    if (names_take(&l, err))
        return err->status;
    for (size_t i = 0; i < WAYS && best < rows->count; i++) {
        size_t found = try_way(&l, ways[i].title, ways[i].way, match);

        if (found <= best)
            continue;
        best = found;
        memcpy(l.match, match, rows->count * sizeof(*match));
    }
    take(&l, rows);
    return DUNLIN_OK;
}
