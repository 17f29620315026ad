/* SPDX-License-Identifier: MIT */
/*
 * Placeholders in the files of a Flyway project. Their values are in the environment or in its
 * settings; some Flyway knows by itself, and of those what only a connection tells is not known
 * here.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/error.h"
#include "source/layouts/flyway.h"
#include "source/listing.h"

#define VARIABLE "FLYWAY_PLACEHOLDERS_"

struct found {
    struct rewrite *rewrite;
    const struct flyway_project *project;
    const char *name; /* of the placeholder */
    size_t len;
    struct dunlin_error *err;
};

static const char *variable(const struct found *p, const char *prefix, const char *name, size_t len)
{
    const char *const *e = p->rewrite->file->folder->environment;
    size_t n = strlen(prefix);

    for (; e && *e; e++) {
        if (strncmp(*e, prefix, n) == 0 && strncasecmp(*e + n, name, len) == 0 &&
            (*e)[n + len] == '=' && (n || strncmp(*e, name, len) == 0))
            return *e + n + len + 1;
    }
    return NULL;
}

/* A value from a file may name variables of the environment. */
static int add_value(const struct found *p, const char *value)
{
    const char *at;

    while ((at = strstr(value, "${"))) {
        const char *name = strncmp(at + 2, "env.", 4) == 0 ? at + 6 : at + 2;
        size_t len = strcspn(name, "}");
        const char *set = name[len] ? variable(p, "", name, len) : NULL;
        int rc = rewrite_passing(p->rewrite, p->err);

        if (rc)
            return rc;
        if (!set)
            return rewrite_refuse(p->rewrite, p->err, "set it in the environment",
                                  "the placeholder %.*s is a variable that is not set: \"%.100s\"",
                                  (int)p->len, p->name, at);
        buf_add(&p->rewrite->out, value, (size_t)(at - value));
        buf_adds(&p->rewrite->out, set);
        value = name + len + 1;
    }
    buf_adds(&p->rewrite->out, value);
    return DUNLIN_OK;
}

static bool is_called(const struct found *p, const char *name)
{
    return strlen(name) == p->len && strncasecmp(name, p->name, p->len) == 0;
}

/* What Flyway sets by itself; *known = it is known here. */
static int add_own(const struct found *p, bool *known)
{
    const struct source_file *file = p->rewrite->file;
    const struct flyway_file *extra = file->extra;
    const char *slash = strrchr(file->name, '/');
    bool ours = is_called(p, "flyway:table"), schema = is_called(p, "flyway:defaultSchema");
    struct buf *out = &p->rewrite->out;
    bool passes = is_called(p, "flyway:workingDirectory") || is_called(p, "flyway:timestamp") ||
                  (p->project->passing && (ours || schema));
    char here[4096];

    *known = true;
    if (is_called(p, "flyway:filename")) {
        buf_adds(out, slash ? slash + 1 : file->name);
    } else if (passes && rewrite_passing(p->rewrite, p->err)) {
        return DUNLIN_BAD_FILE;
    } else if (ours) {
        buf_adds(out, p->project->table);
    } else if (schema && p->project->schema) {
        buf_adds(out, p->project->schema);
    } else if (is_called(p, "flyway:workingDirectory") && getcwd(here, sizeof(here))) {
        buf_adds(out, here);
    } else if (is_called(p, "flyway:timestamp") && extra->repeatable) {
        return rewrite_refuse(p->rewrite, p->err,
                              "take it out, and change the file when it is to run again",
                              "with the placeholder flyway:timestamp Flyway runs this file each "
                              "time, which dunlin does not");
    } else if (is_called(p, "flyway:timestamp") && p->project->now[0]) {
        buf_adds(out, p->project->now);
    } else {
        *known = false;
    }
    return DUNLIN_OK;
}

static int add_placeholder(const struct found *p)
{
    const char *value;
    char name[300];
    bool known = false;
    int rc;

    if (memchr(p->name, '\0', p->len))
        return rewrite_refuse(p->rewrite, p->err, NULL, "a placeholder that is no text");
    value = variable(p, VARIABLE, p->name, p->len);
    if (value) {
        rc = rewrite_passing(p->rewrite, p->err);
        buf_adds(&p->rewrite->out, value);
        return rc;
    }
    snprintf(name, sizeof(name), "placeholders.%.*s", p->len < 250 ? (int)p->len : 250, p->name);
    value = flyway_value(p->project, name, NULL);
    if (value)
        return add_value(p, value);
    rc = add_own(p, &known);
    if (rc || known)
        return rc;
    if (p->len > 7 && strncasecmp(p->name, "flyway:", 7) == 0)
        return rewrite_refuse(p->rewrite, p->err,
                              "write the value itself, or a placeholder of your own",
                              "the placeholder %.*s is known to Flyway alone",
                              p->len < 100 ? (int)p->len : 100, p->name);
    return rewrite_refuse(p->rewrite, p->err,
                          "set it in the environment as FLYWAY_PLACEHOLDERS_NAME, or in "
                          "flyway.conf or flyway.toml in the folder or above it",
                          "the placeholder %.*s has no value", p->len < 100 ? (int)p->len : 100,
                          p->name);
}

static const char *text_find(const char *text, size_t len, const char *what)
{
    size_t n = strlen(what);

    for (size_t i = 0; n && i + n <= len; i++) {
        if (text[i] == *what && memcmp(text + i, what, n) == 0)
            return text + i;
    }
    return NULL;
}

int flyway_expand(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    const struct flyway_file *extra = w->file->extra;
    const char *prefix, *suffix, *at, *end = line + len;
    size_t start = w->out.len;

    if (!extra || extra->literal)
        return DUNLIN_OK;
    prefix = flyway_value(extra->project, "placeholderPrefix", "${");
    suffix = flyway_value(extra->project, "placeholderSuffix", "}");
    while ((at = text_find(line, (size_t)(end - line), prefix))) {
        struct found p = {w, extra->project, at + strlen(prefix), 0, err};
        const char *stop = text_find(p.name, (size_t)(end - p.name), suffix);
        int rc;

        if (!stop)
            return rewrite_refuse(
                w, err,
                "with placeholderReplacement=false in a .conf beside the file nothing is replaced",
                "\"%s\" without a \"%s\" behind it", prefix, suffix);
        w->replaced = true;
        buf_add(&w->out, line, (size_t)(at - line));
        p.len = (size_t)(stop - p.name);
        rc = add_placeholder(&p);
        if (rc)
            return rc;
        line = stop + strlen(suffix);
    }
    if (!w->replaced)
        return DUNLIN_OK;
    buf_add(&w->out, line, (size_t)(end - line));
    if (w->out.len > start && memchr(w->out.data + start, '\n', w->out.len - start))
        return rewrite_refuse(w, err, "write it in one line",
                              "the value of a placeholder in this line has several lines");
    return DUNLIN_OK;
}
