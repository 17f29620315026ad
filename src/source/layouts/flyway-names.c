/* SPDX-License-Identifier: MIT */
/*
 * Names like V1__create.sql are Flyway's and refinery's. Where the names alone do not tell, files
 * of the project around the folder do.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "source/layouts/flyway.h"
#include "source/listing.h"

/* ---- versions -------------------------------------------------------------------------------- */

static size_t digits_at(const char *text, const char *end)
{
    size_t n = 0;

    while (text + n < end && text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

char *flyway_key(struct arena *arena, const char *version, size_t len)
{
    const char *at = version, *end = version + len;
    char *key = arena_alloc(arena, len + 2);
    size_t used = 0, kept = 0;

    if (!key)
        return NULL;
    while (at < end) {
        size_t n = digits_at(at, end), zeros = 0;

        while (zeros + 1 < n && at[zeros] == '0')
            zeros++;
        if (used)
            key[used++] = '.';
        memcpy(key + used, at + zeros, n - zeros);
        used += n - zeros;
        if (kept == 0 || n - zeros != 1 || at[zeros] != '0')
            kept = used;
        at += n < (size_t)(end - at) ? n + 1 : n;
    }
    key[kept] = '\0';
    return key;
}

int flyway_key_compare(const char *a, const char *b)
{
    while (*a && *b) {
        size_t na = leading_digits(a), nb = leading_digits(b);
        int order = na != nb ? (na < nb ? -1 : 1) : strncmp(a, b, na);

        if (order)
            return order;
        a += na + (a[na] != '\0');
        b += nb + (b[nb] != '\0');
    }
    return *a ? 1 : *b ? -1 : 0;
}

/* ---- a look at names ------------------------------------------------------------------------- */

struct look {
    bool versioned, flyway;
    struct arena arena;
    struct keys {
        char **list;
        size_t count, cap;
    } versions, others; /* of V, and of U */
};

static bool keys_add(struct look *look, struct keys *keys, const char *text, size_t len)
{
    if (keys->count == keys->cap) {
        size_t cap = keys->cap ? keys->cap * 2 : 64;
        char **list = realloc(keys->list, cap * sizeof(*list));

        if (!list)
            return false;
        keys->list = list;
        keys->cap = cap;
    }
    keys->list[keys->count] = flyway_key(&look->arena, text, len);
    return keys->list[keys->count] && ++keys->count;
}

static bool word_text(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '_' && !((unsigned char)text[i] & 0x80))
            return false;
    }
    return len > 0;
}

static bool ends_as(const char *name, const char *end)
{
    size_t len = strlen(name), n = strlen(end);

    return len > n && strcasecmp(name + len - n, end) == 0;
}

/* What refinery takes for one of its own. */
static bool both_take(const char *name, size_t digits)
{
    size_t stem;

    return strncmp(name + 1 + digits, "__", 2) == 0 && name_ends(name, ".sql", &stem) &&
           stem > digits + 3 && word_text(name + digits + 3, stem - digits - 3);
}

/* One name; a status that is no success stops. */
static int look_at(const char *way, const char *name, void *user, struct dunlin_error *err)
{
    struct look *look = user;
    size_t digits = *name ? leading_digits(name + 1) : 0;

    (void)way;
    (void)err;
    if (!*name || !strchr("VUBR", *name))
        return DUNLIN_OK;
    if (ends_as(name, ".sql.conf") || (*name == 'R' && strncmp(name, "R__", 3) == 0)) {
        look->flyway = true; /* where there are versions, too */
        return DUNLIN_OK;
    }
    if (digits == 0 || *name == 'R' || !ends_as(name, ".sql") ||
        (!strstr(name, "__") && strlen(name) != 1 + digits + 4))
        return DUNLIN_OK;
    look->versioned = look->versioned || *name == 'V';
    if (*name == 'B' || !both_take(name, digits))
        look->flyway = true;
    else if (!keys_add(look, *name == 'V' ? &look->versions : &look->others, name + 1, digits))
        return DUNLIN_FAILED;
    return DUNLIN_OK;
}

/* The names in the folder itself. */
static int look_here(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    return folder ? DUNLIN_OK : look_at(name, name, user, err);
}

static int key_order(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return flyway_key_compare(*x, *y);
}

/* Whether some U has a V of its number, and some has none. */
static void compare_keys(struct look *look, bool *undo, bool *alone)
{
    *undo = *alone = false;
    if (look->versions.count > 1)
        qsort(look->versions.list, look->versions.count, sizeof(char *), key_order);
    for (size_t i = 0; i < look->others.count; i++) {
        if (look->versions.count && bsearch(&look->others.list[i], look->versions.list,
                                            look->versions.count, sizeof(char *), key_order))
            *undo = true;
        else
            *alone = true;
    }
}

/* ---- the project around it ------------------------------------------------------------------- */

struct around {
    const char *const *names;
    const char *found;
};

static bool look_around(void *user, char *way, size_t len)
{
    struct around *a = user;
    struct stat st;

    for (size_t i = 0; !a->found && a->names[i]; i++) {
        snprintf(way + len, strlen(a->names[i]) + 2, "/%s", a->names[i]);
        if (stat(way, &st) == 0 && S_ISREG(st.st_mode))
            a->found = a->names[i];
    }
    return a->found != NULL;
}

static const char *beside(const struct folder *f, const char *const *names)
{
    struct around a = {.names = names};

    folders_above(f, look_around, &a);
    return a.found;
}

static bool is_sql(const char *name)
{
    return ends_as(name, ".sql");
}

static bool is_v(const char *name)
{
    return *name == 'V' && leading_digits(name + 1) > 0;
}

enum versioned_names versioned_names(const struct glance *g, const char **why)
{
    static const char *const java[] = {"flyway.conf", "flyway.toml",  "flyway.user.toml",
                                       "pom.xml",     "build.gradle", "build.gradle.kts",
                                       NULL};
    static const char *const rust[] = {"refinery.toml", "Cargo.toml", NULL};
    struct look look = {.versioned = false};
    bool here = glance_name(g, is_sql), undo, alone, whole;
    enum versioned_names whose = NAMES_EITHER;
    const char *flyway, *refinery;

    if (here && !glance_name(g, is_v))
        return NAMES_OTHER;
    whole = (here ? folder_entries(g->folder, NULL, look_here, &look, NULL)
                  : listing_walk(g->folder, look_at, &look, NULL)) == DUNLIN_OK;
    flyway = beside(g->folder, java);
    refinery = beside(g->folder, rust);
    compare_keys(&look, &undo, &alone);
    *why = "files called V1__name.sql";
    if (!look.versioned || !whole) {
        whose = NAMES_OTHER;
    } else if (look.flyway || undo || (flyway && !refinery && !alone)) {
        whose = NAMES_FLYWAY;
        *why = look.flyway ? "names that only Flyway has"
               : undo      ? "U files that undo V files"
                           : flyway;
    } else if (alone || (refinery && !flyway)) {
        whose = NAMES_REFINERY;
        *why = alone ? "U files with numbers of their own" : refinery;
    }
    free(look.versions.list);
    free(look.others.list);
    arena_free(&look.arena);
    return whose;
}
