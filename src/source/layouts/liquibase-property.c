/* SPDX-License-Identifier: MIT */
/*
 * ${name} in Liquibase's changelogs: a variable of the environment, or what a property says.
 * Liquibase leaves a name without a value as it is; here it is refused, as hardly anybody means
 * that.
 */
#include "source/layouts/liquibase.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "source/rewrite.h"

#define TEXT_MAX 65536u
#define DEPTH_MAX 8 /* of values with properties in them */

int changelog_refuse(const struct changelog_place *at, struct dunlin_error *err, const char *hint,
                     const char *format, ...)
{
    char message[512], path[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    snprintf(path, sizeof(path), "%s/%s", at->folder->path, at->file);
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s", message);
    error_place(err, path, at->line, 1);
    if (hint)
        error_hint(err, "%s", hint);
    return DUNLIN_BAD_FILE;
}

int changelog_set(struct changelog *c, const char *name, const char *value, const char *file,
                  struct dunlin_error *err)
{
    struct changelog_property *p = arena_calloc(c->list.arena, 1, sizeof(*p));

    if (!p)
        return error_nomem(err);
    *p = (struct changelog_property){name, value, file, c->properties};
    c->properties = p;
    return DUNLIN_OK;
}

static const char *of_environment(const struct folder *f, const char *name, size_t len)
{
    for (const char *const *e = f->environment; e && *e; e++) {
        if (strncasecmp(*e, name, len) == 0 && (*e)[len] == '=')
            return *e + len + 1;
    }
    return NULL;
}

/* The environment goes before what all files know, and that before the file's own. */
static const char *value_of(const struct changelog *c, const struct changelog_place *at,
                            const char *name, size_t len)
{
    const char *value = of_environment(at->folder, name, len), *own = NULL;

    for (const struct changelog_property *p = value ? NULL : c->properties; p; p = p->before) {
        if (!text_is(name, len, p->name))
            continue;
        if (!p->file)
            value = p->value;
        else if (!own && strcmp(p->file, at->file) == 0)
            own = p->value;
    }
    return value ? value : own;
}

static int expand(const struct changelog *c, const struct changelog_place *at, const char *text,
                  size_t len, unsigned depth, struct buf *out, struct dunlin_error *err)
{
    for (size_t i = 0; i < len;) {
        const char *end, *name, *value;
        size_t n;
        int rc;

        if (len - i < 2 || text[i] != '$' || text[i + 1] != '{') {
            buf_addc(out, text[i++]);
            continue;
        }
        name = text + i + 2;
        end = memchr(name, '}', len - i - 2);
        n = end ? (size_t)(end - name) : len - i - 2;
        i += n + 3;
        text_trim(&name, &n);
        value = end && n && depth < DEPTH_MAX ? value_of(c, at, name, n) : NULL;
        if (!value)
            return changelog_refuse(
                at, err, "set it with --property, or as a variable of the environment",
                "the property ${%.*s} has no value", (int)(n > 100 ? 100 : n), name);
        rc = expand(c, at, value, strlen(value), depth + 1, out, err);
        if (rc)
            return rc;
    }
    return out->failed ? error_nomem(err) : DUNLIN_OK;
}

int changelog_expand(const struct changelog *c, const struct changelog_place *at, const char *text,
                     size_t len, struct buf *out, struct dunlin_error *err)
{
    return expand(c, at, text, len, 0, out, err);
}

int changelog_text(struct changelog *c, const struct changelog_place *at, const char *text,
                   size_t len, const char **out, struct dunlin_error *err)
{
    struct buf b = BUF_INIT(TEXT_MAX);
    int rc = changelog_expand(c, at, text, len, &b, err);

    if (!rc && !(*out = arena_strndup(c->list.arena, buf_str(&b), b.len)))
        rc = error_nomem(err);
    buf_free(&b);
    return rc;
}

/* ---- engines --------------------------------------------------------------------------------- */

static const char *engine_of(const struct folder *f)
{
    if (strncmp(f->engine, "postgres", 8) == 0)
        return "postgresql";
    return strncmp(f->engine, "sqlite", 6) == 0 ? "sqlite" : f->engine;
}

/* "all" goes before everything, then "none"; with nothing but exceptions, what is none is meant. */
bool changelog_dbms(const struct folder *f, const char *list)
{
    bool all = false, none = false, named = false, excepted = false, exceptions = false;

    if (!f->engine || !*list)
        return true;
    while (*list) {
        const char *word = list;
        size_t len = strcspn(list, ",");
        bool negated;

        list += len + (list[len] == ',');
        text_trim(&word, &len);
        negated = len && *word == '!';
        word += negated;
        len -= negated;
        exceptions = exceptions || negated;
        if (text_is(word, len, engine_of(f)))
            *(negated ? &excepted : &named) = true;
        all = all || (!negated && text_is(word, len, "all"));
        none = none || (!negated && text_is(word, len, "none"));
    }
    if (all || none)
        return all;
    return !excepted && (named || exceptions);
}

/* ---- the line "--property" ------------------------------------------------------------------- */

int changelog_property(struct changelog *c, const struct changelog_place *at, const char *text,
                       size_t len, struct dunlin_error *err)
{
    const char *name = NULL, *value = NULL, *dbms = "";
    bool global = true;
    struct attribute a;

    while (attribute_next(&text, &len, &a)) {
        char *copy = arena_strndup(c->list.arena, a.value, a.value_len);

        if (!copy)
            return error_nomem(err);
        if (text_is(a.name, a.name_len, "name"))
            name = copy;
        else if (text_is(a.name, a.name_len, "value"))
            value = copy;
        else if (text_is(a.name, a.name_len, "dbms"))
            dbms = copy;
        else if (text_is(a.name, a.name_len, "global"))
            global = text_is(copy, strlen(copy), "true");
        else if (!text_is(a.name, a.name_len, "context") &&
                 !text_is(a.name, a.name_len, "contextFilter") &&
                 !text_is(a.name, a.name_len, "labels"))
            return changelog_refuse(at, err, NULL, "unknown attribute \"%.*s\" of a property",
                                    (int)a.name_len, a.name);
    }
    if (!name || !value)
        return changelog_refuse(at, err, "write --property name:NAME value:VALUE",
                                "a property without a name or a value");
    if (!changelog_dbms(at->folder, dbms))
        return DUNLIN_OK;
    return changelog_set(c, name, value, global ? NULL : at->file, err);
}
