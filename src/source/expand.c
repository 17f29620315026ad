/* SPDX-License-Identifier: MIT */
/*
 * Variables of the environment in a line, as goose replaces them under ENVSUB ON: $NAME, ${NAME},
 * ${NAME-text} where it is not set, ${NAME:-text} where it is not set or empty, ${NAME?message},
 * ${NAME:offset} and ${NAME:offset:length}; $$ and \$ are a dollar sign.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "source/rewrite.h"

#define NESTING 8

struct expansion {
    const struct rewrite *rewrite;
    const char *const *environment; /* "NAME=VALUE", NULL at the end; may be NULL itself */
    struct buf *out;
    struct dunlin_error *err;
    int nesting;
};

static int expand(struct expansion *x, const char *text, size_t len);

static bool name_char(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

static size_t name_length(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && name_char(text[n], n == 0))
        n++;
    return n;
}

static const char *value_of(const struct expansion *x, const char *name, size_t len)
{
    for (const char *const *e = x->environment; e && *e; e++) {
        if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
            return *e + len + 1;
    }
    return NULL;
}

static int refuse(const struct expansion *x, const char *what, const char *text, size_t len)
{
    return rewrite_refuse(x->rewrite, x->err,
                          "with ENVSUB ON a dollar sign of the statement's own is written $$",
                          "%s: \"%.*s\"", what, (int)(len > 100 ? 100 : len), text);
}

/* ${NAME:offset} and ${NAME:offset:length}; a negative offset counts from the end. */
static int substring(struct expansion *x, const char *value, const char *text, size_t len)
{
    char numbers[48];
    long size = value ? (long)strlen(value) : 0, offset, length;
    char *end;

    if (len >= sizeof(numbers))
        return refuse(x, "no offset", text, len);
    memcpy(numbers, text, len);
    numbers[len] = '\0';
    offset = strtol(numbers, &end, 10);
    length = size;
    if (end == numbers || (*end && *end != ':'))
        return refuse(x, "no offset", text, len);
    if (*end == ':') {
        const char *from = end + 1;

        length = strtol(from, &end, 10);
        if (end == from || *end)
            return refuse(x, "no length", text, len);
    }
    if (offset < 0)
        offset = size + offset < 0 ? 0 : size + offset;
    if (offset > size)
        offset = size;
    if (length < 0)
        length = size - offset + length < 0 ? 0 : size - offset + length;
    if (length > size - offset)
        length = size - offset;
    buf_add(x->out, value ? value + offset : "", (size_t)length);
    return DUNLIN_OK;
}

/* What stands behind the name, up to the closing brace. */
static int modified(struct expansion *x, const char *value, const char *name, size_t n,
                    const char *rest, size_t len)
{
    bool empty = !value || !*value;

    if (len == 0) {
        buf_adds(x->out, value ? value : "");
        return DUNLIN_OK;
    }
    if (len >= 2 && rest[0] == ':' && rest[1] == '-') {
        if (empty)
            return expand(x, rest + 2, len - 2);
        buf_adds(x->out, value);
        return DUNLIN_OK;
    }
    if (rest[0] == '-') {
        if (!value)
            return expand(x, rest + 1, len - 1);
        buf_adds(x->out, value);
        return DUNLIN_OK;
    }
    if (rest[0] == '?') {
        if (!value)
            return rewrite_refuse(x->rewrite, x->err, "set it in the environment",
                                  "the variable %.*s is not set: %.*s", (int)n, name,
                                  (int)(len - 1), rest + 1);
        buf_adds(x->out, value);
        return DUNLIN_OK;
    }
    if (rest[0] == ':' && len > 1 && !strchr("?+=", rest[1]))
        return substring(x, value, rest + 1, len - 1);
    return refuse(x, "no such expansion", rest, len);
}

/* The closing brace that belongs to an opening one before text. */
static size_t closing(const char *text, size_t len)
{
    size_t depth = 1;

    for (size_t i = 0; i < len; i++) {
        if (i > 0 && text[i] == '{' && text[i - 1] == '$')
            depth++;
        else if (text[i] == '}' && --depth == 0)
            return i;
    }
    return len;
}

/* At "$"; *used gets how many bytes it took. */
static int variable(struct expansion *x, const char *text, size_t len, size_t *used)
{
    bool brace = len > 1 && text[1] == '{';
    const char *name = text + 1 + brace;
    size_t left = len - 1 - brace, n = name_length(name, left), end;

    if (n == 0)
        return refuse(x, "no name of a variable", text, len);
    if (!brace) {
        const char *value = value_of(x, name, n);

        buf_adds(x->out, value ? value : "");
        *used = 1 + n;
        return DUNLIN_OK;
    }
    end = closing(name, left);
    if (end == left)
        return refuse(x, "no closing brace", text, len);
    *used = 2 + end + 1;
    return modified(x, value_of(x, name, n), name, n, name + n, end - n);
}

static int expand(struct expansion *x, const char *text, size_t len)
{
    int rc = DUNLIN_OK;

    if (x->nesting++ >= NESTING)
        return refuse(x, "too many variables inside each other", text, len);
    for (size_t i = 0, used; !rc && i < len; i += used) {
        used = 1;
        if ((text[i] == '$' || text[i] == '\\') && i + 1 < len && text[i + 1] == '$') {
            buf_addc(x->out, '$');
            used = 2;
        } else if (text[i] == '$') {
            rc = variable(x, text + i, len - i, &used);
        } else {
            buf_addc(x->out, text[i]);
        }
    }
    x->nesting--;
    return rc;
}

int environment_expand(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    struct expansion x = {.rewrite = w,
                          .environment = w->file->folder->environment,
                          .out = &w->out,
                          .err = err};

    w->replaced = true;
    return expand(&x, line, len);
}
