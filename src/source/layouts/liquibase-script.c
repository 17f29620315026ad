/* SPDX-License-Identifier: MIT */
/* A changeset of Liquibase while its lines are read: which of them are its SQL, which its rollback,
 * and what stands in their place. */
#include "source/layouts/liquibase.h"

#include <ctype.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "source/rewrite.h"

/* ---- the end of a changeset ------------------------------------------------------------------ */

int reading_end(struct reading *r, bool last, struct dunlin_error *err)
{
    struct changelog_place at = r->at;
    struct changeset *s = r->set;
    const char *sql = buf_str(&r->sql);
    size_t len = r->sql.len;
    int rc;

    if (!s)
        return DUNLIN_OK;
    at.line = s->first_line;
    changeset_trim(&sql, &len);
    if (r->sql.failed || r->rollback.failed || r->lines.failed)
        return error_nomem(err);
    if (len == 0)
        return changelog_refuse(&at, err, "take it out, or give it a statement",
                                "a changeset without SQL");
    changeset_sums(s, sql, len, last);
    s->nlines = r->last - s->first_line + 1;
    s->lines = arena_calloc(r->c->list.arena, s->nlines, sizeof(*s->lines));
    if (!s->lines)
        return error_nomem(err);
    memcpy(s->lines, r->lines.data, s->nlines * sizeof(*s->lines));
    rc = changeset_rollback(r->c, &at, s, buf_str(&r->rollback), r->rollback.len, err);
    if (!rc && !s->ignored && changelog_dbms(r->at.folder, s->dbms))
        rc = changeset_add(r->c, &at, s, err);
    r->set = NULL;
    return rc;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static uint32_t crc_of(const char *line, size_t len)
{
    return (uint32_t)crc32_z(0, (const Bytef *)line, len);
}

/* Keeps a line of the changeset. */
int reading_keep(struct reading *r, const char *line, size_t len, uint32_t shown, const char *text,
                 struct dunlin_error *err)
{
    const struct changeset_line l = {text, crc_of(line, len), shown};

    return buf_add(&r->lines, &l, sizeof(l)) ? DUNLIN_OK : error_nomem(err);
}

/* A comment that is none to MySQL, as no blank is behind its dashes: Liquibase takes it away. */
static bool is_stripped(const struct reading *r, const char *line, size_t len)
{
    text_trim(&line, &len);
    return r->client && r->set->strip && !r->quoting.open && len > 2 && line[0] == '-' &&
           line[1] == '-' && !isspace((unsigned char)line[2]);
}

/* A line of a script: from behind how much of the line, with properties and delimiters dealt with.
 * What is left away in front of it becomes blank, so that columns stay. */
int reading_line(struct reading *r, const char *line, size_t len, size_t from, bool down,
                 struct dunlin_error *err)
{
    struct buf b = BUF_INIT(CHANGELOG_MAX), *all = down ? &r->rollback : &r->sql;
    const char *delimiter = down ? r->set->rollback_delimiter : r->set->delimiter;
    const char *head = down ? r->set->down.head : r->set->up.head;
    struct quoting *q = down ? &r->rollback_quoting : &r->quoting;
    bool split = down ? r->set->rollback_split : r->set->split;
    const char *text = NULL;
    size_t at;
    int rc;

    for (size_t i = 0; i < from; i++)
        buf_addc(&b, line[i] == '\t' ? '\t' : ' ');
    rc = changelog_expand(r->c, &r->at, line + from, len - from, &b, err);
    if (!rc && b.len > from)
        buf_add(all, b.data + from, b.len - from);
    buf_addc(all, '\n');
    if (!rc && !down && is_stripped(r, line, len))
        buf_clear(&b);
    at = rc || !split || *head || !b.len ? b.len : delimiter_at(b.data, b.len, delimiter, q);
    if (at < b.len) {
        b.len = at;
        buf_addc(&b, ';');
    }
    if (!rc && (b.len != len || (b.len && memcmp(b.data, line, len) != 0)) &&
        !(text = arena_strndup(r->c->list.arena, buf_str(&b), b.len)))
        rc = error_nomem(err);
    buf_free(&b);
    return rc ? rc : reading_keep(r, line, len, down ? SHOWN_DOWN : SHOWN_UP, text, err);
}

/* The line that tells the lexer of a delimiter, in place of that of the changeset. */
static const char *head_of(const struct reading *r, const char *delimiter)
{
    bool words = delimiter && (isalpha((unsigned char)*delimiter) || strcmp(delimiter, "/") == 0);

    if (!delimiter || words || !r->client)
        return "";
    return arena_printf(r->c->list.arena, "DELIMITER %s", delimiter);
}

int reading_begin(struct reading *r, const char *line, size_t len, const struct directive *d,
                  struct dunlin_error *err)
{
    struct changeset *s;
    int rc = reading_end(r, false, err);

    if (rc)
        return rc;
    s = arena_calloc(r->c->list.arena, 1, sizeof(*s));
    if (!s)
        return error_nomem(err);
    rc = changeset_head(r->c, &r->at, d->text, d->len, r->path, s, err);
    if (rc)
        return rc;
    s->up = (struct changeset_script){s, SHOWN_UP, head_of(r, s->delimiter)};
    s->down = (struct changeset_script){s, SHOWN_DOWN, head_of(r, s->rollback_delimiter)};
    if (!s->up.head || !s->down.head)
        return error_nomem(err);
    buf_clear(&r->lines);
    buf_clear(&r->sql);
    buf_clear(&r->rollback);
    r->quoting = r->rollback_quoting = (struct quoting){.open = 0};
    r->set = s;
    return reading_keep(r, line, len, SHOWN_UP | SHOWN_DOWN, NULL, err);
}

/* Up to the line that ends the comment, whose end is no part of it. */
int reading_block(struct reading *r, const char *line, size_t len, struct dunlin_error *err)
{
    size_t n = len;

    while (n && isspace((unsigned char)line[n - 1]))
        n--;
    if (n < 2 || memcmp(line + n - 2, "*/", 2) != 0)
        return reading_line(r, line, len, 0, true, err);
    r->block = false;
    buf_add(&r->rollback, line, n - 2);
    buf_addc(&r->rollback, '\n');
    return reading_keep(r, line, len, SHOWN_DOWN, arena_strndup(r->c->list.arena, line, n - 2),
                        err);
}
