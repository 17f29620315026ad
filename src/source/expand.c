/* SPDX-License-Identifier: MIT */
/*
 * Variables of the environment in a line, as goose replaces them under ENVSUB ON: $NAME, ${NAME},
 * ${NAME-text} where it is not set, ${NAME:-text} where it is not set or empty, ${NAME?message},
 * ${NAME:offset} and ${NAME:offset:length}. $$ and \$ are a dollar sign; two backslashes stay, and
 * so do "$(" and a dollar sign at the end of the line.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "source/rewrite.h"

#define NESTING_MAX 32
#define MESSAGE_MAX 1024u

struct expansion {
    const struct rewrite *rewrite;
    const char *const *environment; /* "NAME=VALUE", NULL at the end; may be NULL itself */
    const char *at, *end;
    struct buf *out; /* NULL = what is read is not wanted */
    struct dunlin_error *err;
    int nesting;
};

static int text(struct expansion *x, bool inside);

/* ---- names and values ------------------------------------------------------------------------ */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_next(const struct expansion *x, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(x->end - x->at) >= n && memcmp(x->at, word, n) == 0;
}

static void put(struct expansion *x, const char *bytes, size_t len)
{
    if (x->out && len)
        buf_add(x->out, bytes, len);
}

static const char *value_of(const struct expansion *x, const char *name, size_t len)
{
    for (const char *const *e = x->environment; e && *e; e++) {
        if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
            return *e + len + 1;
    }
    return NULL;
}

static int refuse(const struct expansion *x, const char *what, const char *from)
{
    size_t left = (size_t)(x->end - from);

    return rewrite_refuse(x->rewrite, x->err,
                          "with ENVSUB ON a dollar sign of the statement's own is written $$",
                          "%s: \"%.*s\"", what, (int)(left > 60 ? 60 : left), from);
}

/* Letters beyond ASCII belong to a name as well, other such characters do not: braces tell. */
static int take_name(struct expansion *x, const char **name, size_t *len)
{
    *name = x->at;
    while (x->at < x->end &&
           (is_letter(*x->at) ||
            (x->at > *name && (*x->at == '_' || (*x->at >= '0' && *x->at <= '9')))))
        x->at++;
    *len = (size_t)(x->at - *name);
    if (x->at < x->end && (unsigned char)*x->at >= 0x80)
        return rewrite_refuse(x->rewrite, x->err, "write the name in braces: ${NAME}",
                              "a letter or sign beyond ASCII right behind $%.*s", (int)*len, *name);
    return *len ? DUNLIN_OK : refuse(x, "no name of a variable", *name);
}

/* ---- what stands behind the name ------------------------------------------------------------- */

/* A text that takes the variable's place, or is passed over. */
static int instead(struct expansion *x, bool wanted)
{
    struct buf *out = x->out;
    int rc;

    x->out = wanted ? out : NULL;
    rc = text(x, true);
    x->out = out;
    return rc;
}

static int required(struct expansion *x, const char *value, const char *name, size_t len)
{
    struct buf message = BUF_INIT(MESSAGE_MAX), *out = x->out;
    int rc;

    x->out = &message;
    rc = text(x, true);
    x->out = out;
    if (!rc && !value && out)
        rc = rewrite_refuse(x->rewrite, x->err, "set it in the environment",
                            "the variable %.*s is not set: %s", (int)len, name,
                            message.len ? buf_str(&message) : "it is required");
    buf_free(&message);
    if (!rc && value)
        put(x, value, strlen(value));
    return rc;
}

/* A whole number with blank around it, up to a ":" where that may come, or "}". */
static int take_number(struct expansion *x, bool colon, long *out)
{
    const char *from = x->at;
    char digits[24], *end;
    size_t len;

    while (x->at < x->end && *x->at != '}' && !(colon && *x->at == ':'))
        x->at++;
    len = (size_t)(x->at - from);
    text_trim(&from, &len);
    if (len == 0 || len >= sizeof(digits))
        return refuse(x, "no number", from);
    memcpy(digits, from, len);
    digits[len] = '\0';
    *out = strtol(digits, &end, 10);
    return *end ? refuse(x, "no number", from) : DUNLIN_OK;
}

static long within(long n, long least, long most)
{
    return n < least ? least : n > most ? most : n;
}

/* Negative numbers count from the end. */
static int substring(struct expansion *x, const char *value)
{
    long size = value ? (long)strlen(value) : 0, from = 0, to = size, length = 0;
    int rc = take_number(x, true, &from);

    if (rc)
        return rc;
    from = within(from < 0 ? within(from, -size, 0) + size : from, 0, size);
    if (is_next(x, ":")) {
        x->at++;
        rc = take_number(x, false, &length);
        if (rc)
            return rc;
        length = within(length, -size, size);
        to = within(length < 0 ? size + length : from + length, from, size);
    }
    put(x, value ? value + from : "", (size_t)(to - from));
    return DUNLIN_OK;
}

/* Behind "${". */
static int braces(struct expansion *x, const char *from)
{
    const char *name, *value;
    size_t len;
    int rc = take_name(x, &name, &len);

    if (rc)
        return rc;
    value = value_of(x, name, len);
    if (is_next(x, ":-") || is_next(x, "-")) {
        bool absent = !value || (*x->at == ':' && !*value);

        x->at += *x->at == ':' ? 2 : 1;
        rc = instead(x, absent);
        if (!rc && !absent)
            put(x, value, strlen(value));
    } else if (is_next(x, "?")) {
        x->at++;
        rc = required(x, value, name, len);
    } else if (is_next(x, ":")) {
        x->at++;
        rc = substring(x, value);
    } else if (value) {
        put(x, value, strlen(value));
    }
    if (rc)
        return rc;
    if (!is_next(x, "}"))
        return refuse(x, x->at < x->end ? "no such expansion" : "no closing brace", from);
    x->at++;
    return DUNLIN_OK;
}

/* ---- text ------------------------------------------------------------------------------------ */

static int variable(struct expansion *x)
{
    const char *from = x->at++, *name, *value;
    size_t len;
    int rc = rewrite_passing(x->rewrite, x->err);

    if (rc)
        return rc;
    if (is_next(x, "{")) {
        x->at++;
        return braces(x, from);
    }
    rc = take_name(x, &name, &len);
    value = rc ? NULL : value_of(x, name, len);
    if (value)
        put(x, value, strlen(value));
    return rc;
}

/* Up to the end, or inside of braces up to the closing one. */
static int text(struct expansion *x, bool inside)
{
    int rc = DUNLIN_OK;

    if (x->nesting++ >= NESTING_MAX)
        return refuse(x, "too many variables inside each other", x->at);
    while (!rc && x->at < x->end && !(inside && *x->at == '}')) {
        size_t n = 1;

        if (is_next(x, "$$") || is_next(x, "\\$")) {
            put(x, "$", 1);
            x->at += 2;
            continue;
        }
        if (is_next(x, "\\\\") || is_next(x, "$("))
            n = 2;
        else if (*x->at == '$' && x->at + 1 < x->end) {
            rc = variable(x);
            continue;
        }
        put(x, x->at, n);
        x->at += n;
    }
    x->nesting--;
    return rc;
}

int environment_expand(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    struct expansion x = {.rewrite = w,
                          .environment = w->file->folder->environment,
                          .at = line,
                          .end = line + len,
                          .out = &w->out,
                          .err = err};

    w->replaced = true;
    return text(&x, false);
}
