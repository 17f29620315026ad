/* SPDX-License-Identifier: MIT */
/* Names in dunlin's own layout for the migrations of any folder. */
#include "source/convert.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/utf8.h"
#include "source/folder.h"
#include "source/layout.h"

#define NAME_BYTES 180 /* with number and extension below the 255 of a file name */
#define SEQUENCE_WIDTH 4
#define EXTENSION_MAX 16

/* Whether every version is a number that is higher than the one before it. */
static bool keeps_versions(const struct folder *f)
{
    const char *before = NULL;

    for (size_t i = 0; i < f->count; i++) {
        const struct migration *m = &f->migrations[i];
        size_t len = strlen(m->version);

        if (m->kind == MIGRATION_REPEATABLE)
            continue;
        if (m->kind != MIGRATION_VERSIONED || len == 0 || len > VERSION_DIGITS_MAX ||
            m->version[strspn(m->version, "0123456789")] != '\0')
            return false;
        if (before && digits_compare(digits_trim(before), digits_trim(m->version)) >= 0)
            return false;
        before = m->version;
    }
    return true;
}

static bool ascii_kept(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* Length of a character that can stand in a name as it is, 0 = it cannot. A dot would be read as
 * the beginning of ".up". */
static size_t character_kept(const char *text, size_t len)
{
    uint32_t code;
    size_t n;

    if ((unsigned char)*text < 0x80)
        return ascii_kept(*text) ? 1 : 0;
    n = utf8_decode(text, len, &code);
    if (n == 0 || utf8_is_unsafe(code) || utf8_is_invisible(code) || code == 0xa0 ||
        (code >= 0x2000 && code <= 0x206f) || code == 0x3000)
        return 0;
    return n;
}

/* The name with one underscore for each row of what cannot stand in it. */
static const char *name_safe(const char *name, struct arena *arena)
{
    struct buf b = BUF_INIT(NAME_BYTES + 8);
    size_t len = strlen(name);
    bool gap = false;
    const char *safe;

    for (size_t i = 0, n; i < len; i += n) {
        n = character_kept(name + i, len - i);
        if (n == 0) {
            gap = b.len > 0;
            n = 1;
            continue;
        }
        if (b.len + gap + n > NAME_BYTES)
            break;
        if (gap)
            buf_addc(&b, '_');
        gap = false;
        buf_add(&b, name + i, n);
    }
    safe = b.failed ? NULL : arena_strdup(arena, buf_str(&b));
    buf_free(&b);
    return safe;
}

/* ".sh" of a program's name, "" = it has none that is plain. */
static const char *program_extension(const struct migration *m)
{
    const char *slash = strrchr(m->up.name, '/');
    const char *dot = strrchr(slash ? slash : m->up.name, '.');
    size_t n = 0;

    if (!dot)
        return "";
    while (n <= EXTENSION_MAX && dot[1 + n] && dot[1 + n] != '_' && dot[1 + n] != '-' &&
           ascii_kept(dot[1 + n]))
        n++;
    return n > 0 && n <= EXTENSION_MAX && dot[1 + n] == '\0' ? dot : "";
}

static int versioned_name(const struct migration *m, size_t number, int width, struct arena *arena,
                          struct native_as *out, struct dunlin_error *err)
{
    const char *name = *m->name || number == 0 ? m->name : m->version;

    out->version = number ? arena_printf(arena, "%0*zu", width, number) : m->version;
    out->name = name_safe(name, arena);
    if (!out->version || !out->name)
        return error_nomem(err);
    out->file = arena_printf(arena, "%s%s%s%s", out->version, *out->name ? "_" : "", out->name,
                             m->up.program ? program_extension(m) : ".sql");
    return out->file ? DUNLIN_OK : error_nomem(err);
}

/* number 0 = none is needed to keep the order. */
static int repeatable_name(const struct migration *m, size_t number, int width, struct arena *arena,
                           struct native_as *out, struct dunlin_error *err)
{
    const char *name = name_safe(*m->name ? m->name : m->version, arena);

    if (m->up.program)
        return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                         "%s is a program that runs again and again: there is no name for that",
                         m->up.path);
    if (name && number)
        name = arena_printf(arena, "%0*zu%s%s", width, number, *name ? "_" : "", name);
    out->name = name;
    out->version = name ? arena_printf(arena, "R__%s", name) : NULL;
    out->file = out->version ? arena_printf(arena, "%s.sql", out->version) : NULL;
    return out->file ? DUNLIN_OK : error_nomem(err);
}

/* Names the repeatables; false = they would not run in their order by these names. */
static int repeatables(const struct folder *f, bool number, int width, struct arena *arena,
                       struct native_as *out, bool *ordered, struct dunlin_error *err)
{
    const struct native_as *before = NULL;
    size_t n = 0;

    *ordered = true;
    for (size_t i = 0; i < f->count; i++) {
        int rc;

        if (f->migrations[i].kind != MIGRATION_REPEATABLE)
            continue;
        n++;
        rc = repeatable_name(&f->migrations[i], number ? n : 0, width, arena, &out[i], err);
        if (rc)
            return rc;
        if (before && strcmp(before->version, out[i].version) >= 0)
            *ordered = false;
        before = &out[i];
    }
    return DUNLIN_OK;
}

/* What a name and a text cannot say would be lost. */
static int check_plain(const struct migration *m, struct dunlin_error *err)
{
    if (!m->guards && !m->always)
        return DUNLIN_OK;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "migration %s %s, which no file of dunlin's own can say", m->version,
              m->guards ? "asks the database whether it may run" : "runs again in every run");
    error_place(err, m->up.path, m->up.first_line, 0);
    error_hint(err, "take that out of it first, or stay with this layout");
    return DUNLIN_BAD_FILE;
}

static int width_of(size_t count)
{
    char text[24];
    int n = snprintf(text, sizeof(text), "%zu", count);

    return n < SEQUENCE_WIDTH ? SEQUENCE_WIDTH : n;
}

int native_names(const struct folder *f, struct arena *arena, struct native_as *out, bool *numbered,
                 const struct migration **behind, struct dunlin_error *err)
{
    const struct migration *repeatable = NULL;
    int width = width_of(f->count), rc = DUNLIN_OK;
    size_t n = 0;
    bool ordered;

    *numbered = !keeps_versions(f);
    *behind = NULL;
    for (size_t i = 0; !rc && i < f->count; i++) {
        const struct migration *m = &f->migrations[i];

        rc = check_plain(m, err);
        if (rc)
            break;
        if (m->kind == MIGRATION_REPEATABLE) {
            repeatable = m;
            continue;
        }
        n++;
        if (repeatable && !*behind)
            *behind = repeatable;
        rc = versioned_name(m, *numbered ? n : 0, width, arena, &out[i], err);
    }
    if (!rc)
        rc = repeatables(f, false, width, arena, out, &ordered, err);
    if (!rc && !ordered)
        rc = repeatables(f, true, width, arena, out, &ordered, err);
    return rc;
}
