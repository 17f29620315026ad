/* SPDX-License-Identifier: MIT */
/*
 * Reading sqitch.plan: pragmas up to the first empty line, then a line for each change and each
 * tag,
 *
 *     name [requires !conflicts] 2026-03-01T08:00:00Z Planner Name <email> # note
 *     @tag 2026-03-02T10:00:00Z Planner Name <email> # note
 */
#include "source/layouts/sqitch-plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "source/folder.h"
#include "source/rewrite.h"

#define PLAN_MAX (64u * 1024u * 1024u)

struct reader {
    struct sqitch_plan *plan;
    uint32_t line;
    size_t since; /* the first change behind the last tag */
    bool header;
    struct dunlin_error *err;
};

int sqitch_refuse(const struct sqitch_plan *p, uint32_t line, struct dunlin_error *err,
                  const char *hint, const char *format, ...)
{
    char message[512];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s", message);
    error_place(err, p->path, line, 1);
    if (hint)
        error_hint(err, "%s", hint);
    return DUNLIN_BAD_FILE;
}

/* ---- pragmas --------------------------------------------------------------------------------- */

static int pragma(struct reader *r, const char *text, size_t len)
{
    struct sqitch_plan *p = r->plan;
    const char *equals, *name = text + 1, *value = "";
    size_t n = len - 1, left = 0;

    if (*text != '%')
        return sqitch_refuse(p, r->line, r->err, NULL,
                             "an empty line has to stand between the pragmas and the changes");
    equals = memchr(name, '=', n);
    if (equals) {
        value = equals + 1;
        left = n - (size_t)(value - name);
        n = (size_t)(equals - name);
        text_trim(&value, &left);
    }
    text_trim(&name, &n);
    if (n == 14 && strncmp(name, "syntax-version", n) == 0) {
        if (left != 5 || strncmp(value, "1.0.0", 5) != 0)
            return sqitch_refuse(p, r->line, r->err, NULL, "the syntax of plans is known as 1.0.0");
    } else if (n == 7 && strncmp(name, "project", n) == 0) {
        if (!sqitch_name(value, left))
            return sqitch_refuse(p, r->line, r->err, NULL, "\"%.*s\" cannot be a project's name",
                                 (int)left, value);
        p->project = arena_strndup(p->arena, value, left);
    } else if (n == 3 && strncmp(name, "uri", n) == 0) {
        if (!sqitch_uri(value, left))
            return sqitch_refuse(p, r->line, r->err,
                                 "the ids of the changes depend on its canonical form",
                                 "%%uri is none whose canonical form is known to dunlin: \"%.*s\"",
                                 (int)left, value);
        p->uri = arena_strndup(p->arena, value, left);
    } else if (n == 0) {
        return sqitch_refuse(p, r->line, r->err, NULL, "a pragma without a name");
    }
    return DUNLIN_OK;
}

static int header_end(struct reader *r)
{
    r->header = false;
    return r->plan->project
               ? DUNLIN_OK
               : sqitch_refuse(r->plan, r->line, r->err, "it begins with %project=NAME",
                               "the plan names no project before its first empty line");
}

/* ---- changes and tags ------------------------------------------------------------------------ */

/* A name may come again behind a tag: then the change before it was reworked. */
static int change_known(struct reader *r, struct sqitch_change *c)
{
    struct sqitch_plan *p = r->plan;

    c->copy = 1;
    for (size_t i = p->count; i-- > 0;) {
        if (strcmp(p->changes[i].name, c->name) != 0)
            continue;
        if (i >= r->since)
            return sqitch_refuse(p, r->line, r->err, "a change can only be reworked behind a tag",
                                 "%s stands in line %u already", c->name, p->changes[i].line);
        p->changes[i].reworked = p->count;
        c->copy = p->changes[i].copy + 1;
        break;
    }
    return DUNLIN_OK;
}

/* The name is that of a file: it stays in the folder. */
static bool is_way(const char *name, size_t len)
{
    for (size_t i = 0, n; i <= len; i += n + 1) {
        for (n = 0; i + n < len && name[i + n] != '/'; n++)
            ;
        if (n == 0 || (n == 1 && name[i] == '.') || (n == 2 && strncmp(name + i, "..", 2) == 0))
            return false;
    }
    return true;
}

static int change_add(struct reader *r, const struct sqitch_line *line)
{
    struct sqitch_plan *p = r->plan;
    struct sqitch_change *c = &p->changes[p->count];
    int rc;

    if (!is_way(line->name, line->name_len))
        return sqitch_refuse(p, r->line, r->err, NULL, "\"%.*s\" leads out of its folder",
                             (int)line->name_len, line->name);
    *c = (struct sqitch_change){.plan = p,
                                .name = arena_strndup(p->arena, line->name, line->name_len),
                                .planned = line->planned,
                                .first_tag = p->ntags,
                                .line = r->line};
    rc = c->name ? change_known(r, c) : error_nomem(r->err);
    if (!rc && line->depends)
        rc = sqitch_depends(p, c, line->depends, line->depends_len, r->err);
    p->count += rc == DUNLIN_OK;
    return rc;
}

static int tag_add(struct reader *r, const struct sqitch_line *line)
{
    struct sqitch_plan *p = r->plan;
    struct sqitch_tag *t = &p->tags[p->ntags];

    if (memchr(line->name, '/', line->name_len))
        return sqitch_refuse(p, r->line, r->err, NULL, "a tag has no \"/\" in its name");
    if (p->count == 0)
        return sqitch_refuse(p, r->line, r->err, NULL, "a tag, and no change before it");
    *t = (struct sqitch_tag){.planned = line->planned, .change = p->count - 1, .line = r->line};
    t->name = arena_printf(p->arena, "@%.*s", (int)line->name_len, line->name);
    if (!t->name)
        return error_nomem(r->err);
    for (size_t i = 0; i < p->ntags; i++) {
        if (strcmp(p->tags[i].name, t->name) == 0)
            return sqitch_refuse(p, r->line, r->err, NULL, "the tag %s stands in line %u already",
                                 t->name, p->tags[i].line);
    }
    p->changes[p->count - 1].ntags++;
    p->ntags++;
    r->since = p->count;
    return DUNLIN_OK;
}

/* ---- the file -------------------------------------------------------------------------------- */

static int line_take(struct reader *r, const char *text, size_t len)
{
    const char *hash = memchr(text, '#', len);
    struct sqitch_line line = {.tag = false};
    size_t left = hash ? len - (size_t)(hash - text) - 1 : 0;
    int rc;

    len = hash ? (size_t)(hash - text) : len;
    text_trim(&text, &len);
    if (len == 0)
        return r->header && !hash ? header_end(r) : DUNLIN_OK;
    if (r->header)
        return pragma(r, text, len);
    rc = sqitch_line_parse(r->plan, r->line, text, len, hash ? hash + 1 : "", left, &line, r->err);
    if (!rc)
        rc = line.tag ? tag_add(r, &line) : change_add(r, &line);
    return rc;
}

static int text_check(struct reader *r, const char *text, size_t len)
{
    uint32_t code;

    for (size_t i = 0, n; i < len; i += n) {
        n = utf8_decode(text + i, len - i, &code);
        if (n == 0 || code == 0)
            return sqitch_refuse(r->plan, r->line, r->err, NULL, "the line is no valid UTF-8");
    }
    return DUNLIN_OK;
}

static int lines_take(struct reader *r, const char *text, size_t len)
{
    int rc = DUNLIN_OK;

    for (size_t i = 0; !rc && i < len;) {
        const char *end = memchr(text + i, '\n', len - i);
        size_t n = end ? (size_t)(end - text) - i : len - i,
               cr = n && end && text[i + n - 1] == '\r';

        r->line++;
        rc = text_check(r, text + i, n);
        if (!rc)
            rc = line_take(r, text + i, n - cr);
        i += n + 1;
    }
    return !rc && r->header ? header_end(r) : rc;
}

static size_t count_lines(const char *text, size_t len)
{
    size_t count = 2;

    for (size_t i = 0; i < len; i++)
        count += text[i] == '\n';
    return count;
}

int sqitch_plan_read(const struct folder *f, struct arena *arena, struct sqitch_plan **out,
                     struct dunlin_error *err)
{
    struct sqitch_plan *p = arena_alloc(arena, sizeof(*p));
    struct reader r = {.plan = p, .header = true, .err = err};
    struct buf text = BUF_INIT(PLAN_MAX);
    size_t lines;
    int rc;

    if (!p || !(p->path = folder_join(f, SQITCH_PLAN, arena)))
        return error_nomem(err);
    p->folder = f;
    p->arena = arena;
    rc = folder_read(f, SQITCH_PLAN, &text, err);
    lines = count_lines(buf_str(&text), text.len);
    p->changes = arena_calloc(arena, lines, sizeof(*p->changes));
    p->tags = arena_calloc(arena, lines, sizeof(*p->tags));
    if (!rc && (!p->changes || !p->tags))
        rc = error_nomem(err);
    if (!rc)
        rc = lines_take(&r, buf_str(&text), text.len);
    buf_free(&text);
    if (!rc)
        rc = sqitch_identify(p, err);
    if (!rc)
        rc = sqitch_resolve(p, err);
    *out = p;
    return rc;
}
