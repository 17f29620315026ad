/* SPDX-License-Identifier: MIT */
/*
 * A file of Liquibase's formatted SQL: its changesets, and what becomes of each of their lines. A
 * changeset's SQL is what is no directive; its rollback is another script made of the same lines.
 */
#include "source/layouts/liquibase.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/error.h"
#include "source/rewrite.h"

bool changelog_is_sql(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && isspace((unsigned char)text[n]))
        n++;
    if (len - n < 2 || memcmp(text + n, "--", 2) != 0)
        return false;
    for (n += 2; n < len && (text[n] == ' ' || text[n] == '\t'); n++)
        ;
    if (len - n < 9 || strncasecmp(text + n, "liquibase", 9) != 0)
        return false;
    for (n += 9; n < len && (text[n] == ' ' || text[n] == '\t'); n++)
        ;
    return len - n >= 9 && strncasecmp(text + n, "formatted", 9) == 0;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static int ignore(struct reading *r, const struct directive *d, struct dunlin_error *err)
{
    uint32_t n = 0;

    if (strncmp(d->text, "start", d->len) == 0 && d->len == 5) {
        r->skip = UINT32_MAX;
        return DUNLIN_OK;
    }
    for (size_t i = 0; i < d->len; i++) {
        if (!isdigit((unsigned char)d->text[i]) || n > 100000000)
            return changelog_refuse(&r->at, err, "write start, end or a number of lines",
                                    "ignoreLines:%.*s", (int)d->len, d->text);
        n = n * 10 + (uint32_t)(d->text[i] - '0');
    }
    r->skip = n;
    return DUNLIN_OK;
}

/* A line that is passed over. */
static int ignored(struct reading *r, const char *line, size_t len, struct dunlin_error *err)
{
    struct directive d;

    directive_of(line, len, &d);
    if (r->skip != UINT32_MAX)
        r->skip--;
    else if (d.kind == DIRECTIVE_IGNORE && text_is(d.text, d.len, "end"))
        r->skip = 0;
    return r->set ? reading_keep(r, line, len, 0, NULL, err) : DUNLIN_OK;
}

static int valid(struct reading *r, const struct directive *d, struct dunlin_error *err)
{
    r->set->valid = arena_printf(r->c->list.arena, "%s%.*s\n", r->set->valid, (int)d->len, d->text);
    return r->set->valid ? DUNLIN_OK : error_nomem(err);
}

static int comment(struct reading *r, const struct directive *d, struct dunlin_error *err)
{
    const char *text = d->text;
    size_t left = d->len;

    changeset_trim(&text, &left);
    r->set->comment = arena_strndup(r->c->list.arena, text, left);
    return r->set->comment ? DUNLIN_OK : error_nomem(err);
}

/* A line inside a changeset, of which one_line() has dealt with some directives. */
static int changeset_line(struct reading *r, const char *line, size_t len,
                          const struct directive *d, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    if (d->kind == DIRECTIVE_NONE)
        return reading_line(r, line, len, 0, false, err);
    if (d->kind == DIRECTIVE_ROLLBACK)
        return reading_line(r, line, len, (size_t)(d->text - line), true, err);
    if (d->kind == DIRECTIVE_ROLLBACK_OPEN)
        r->block = true;
    else if (d->kind == DIRECTIVE_COMMENT)
        rc = comment(r, d, err);
    else if (d->kind == DIRECTIVE_VALID)
        rc = valid(r, d, err);
    else if (d->kind == DIRECTIVE_PRECONDITIONS)
        rc = changeset_preconditions(r->c, &r->at, d->text, d->len, r->set, err);
    else if (d->kind == DIRECTIVE_PRECONDITION)
        rc = changeset_precondition(r->c, &r->at, d->text, d->len, r->set, err);
    return rc ? rc : reading_keep(r, line, len, 0, NULL, err);
}

/* "--liquibase formatted sql logicalFilePath:x" */
static int header(struct reading *r, const char *line, size_t len, struct dunlin_error *err)
{
    struct buf b = BUF_INIT(4096);
    struct attribute a;
    int rc = DUNLIN_OK;

    while (!rc && attribute_next(&line, &len, &a)) {
        if (!text_is(a.name, a.name_len, "logicalFilePath"))
            continue;
        rc = changelog_expand(r->c, &r->at, a.value, a.value_len, &b, err);
        if (!rc && !(r->path = arena_strndup(r->c->list.arena, buf_str(&b), b.len)))
            rc = error_nomem(err);
    }
    buf_free(&b);
    return rc;
}

static int one_line(struct reading *r, const char *line, size_t len, struct dunlin_error *err)
{
    struct directive d;
    int rc = DUNLIN_OK;

    if (r->skip)
        return ignored(r, line, len, err);
    if (r->block)
        return reading_block(r, line, len, err);
    directive_of(line, len, &d);
    if (!r->set && changelog_is_sql(line, len))
        return header(r, line, len, err);
    if (d.kind == DIRECTIVE_CHANGESET)
        return reading_begin(r, line, len, &d, err);
    if (d.kind == DIRECTIVE_PROPERTY)
        rc = changelog_property(r->c, &r->at, d.text, d.len, err);
    else if (d.kind == DIRECTIVE_IGNORE)
        rc = ignore(r, &d, err);
    else if (d.kind == DIRECTIVE_SLIP || (d.kind == DIRECTIVE_WRONG && r->set))
        return changelog_refuse(&r->at, err, NULL, "write this as %.*s", (int)d.len, d.text);
    else if (r->set)
        return changeset_line(r, line, len, &d, err);
    else if (d.kind == DIRECTIVE_COMMENT)
        return changelog_refuse(&r->at, err, "put it behind a line --changeset",
                                "a --comment outside a changeset");
    return rc || !r->set ? rc : reading_keep(r, line, len, 0, NULL, err);
}

static int read_lines(struct reading *r, const char *text, size_t len, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    while (!rc && len) {
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) : len;
        size_t cr = end && n && text[n - 1] == '\r';
        bool filled = false;

        r->at.line++;
        rc = one_line(r, text, n - cr, err);
        for (size_t i = 0; i < n && !filled; i++)
            filled = !isspace((unsigned char)text[i]);
        if (filled)
            r->last = r->at.line;
        text += n + (end != NULL);
        len -= n + (end != NULL);
    }
    if (!rc && r->block)
        return changelog_refuse(&r->at, err, NULL, "a rollback in a comment that is not closed");
    return rc ? rc : reading_end(r, true, err);
}

int changelog_sql(struct changelog *c, const char *file, const char *path, struct dunlin_error *err)
{
    const struct folder *f = c->list.folder;
    struct reading r = {.c = c,
                        .at = {f, file, 0},
                        .path = path,
                        .lines = BUF_INIT(4 * CHANGELOG_MAX),
                        .sql = BUF_INIT(2 * CHANGELOG_MAX),
                        .rollback = BUF_INIT(2 * CHANGELOG_MAX),
                        .client = f->engine && (strncmp(f->engine, "mysql", 5) == 0 ||
                                                strncmp(f->engine, "mariadb", 7) == 0)};
    struct buf text = BUF_INIT(CHANGELOG_MAX);
    int rc = folder_read(f, file, &text, err);
    size_t bom = text.len > 2 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    if (!rc && !changelog_is_sql(text.data + bom, text.len - bom)) {
        r.at.line = 1;
        rc = changelog_refuse(&r.at, err,
                              "begin it with --liquibase formatted sql; --unnumbered ignore passes "
                              "over such files",
                              "this is not Liquibase's formatted SQL");
    }
    if (!rc)
        rc = read_lines(&r, text.data + bom, text.len - bom, err);
    buf_free(&text);
    buf_free(&r.lines);
    buf_free(&r.sql);
    buf_free(&r.rollback);
    return rc;
}
