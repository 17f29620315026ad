/* SPDX-License-Identifier: MIT */
/* A changeset of Liquibase that was read: its checksums, its rollback, and the migration that it
 * is. */
#include "source/layouts/liquibase.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/utf8.h"
#include "source/hash.h"

#define COMMENT_MAX 250u /* characters that the table has room for */
#define NOTHING "SELECT 1;"

/* ---- checksums ------------------------------------------------------------------------------- */

static bool white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The sum of the one change in a changeset becomes that of the changeset. */
static void sum_end(struct digest *d, char version, char out[36])
{
    char inner[SUM_HEX_MAX];

    digest_end_hex(d, inner);
    digest_add(d, (const char[]){version, ':'}, 2);
    digest_add(d, inner, strlen(inner));
    digest_add(d, ":", 1);
    digest_end_hex(d, inner);
    snprintf(out, 36, "%c:%.32s", version, inner);
}

void changeset_sums(struct changeset *s, const char *sql, size_t len, bool last)
{
    bool slash = last && !s->given_delimiter && len > 1 && memcmp(sql + len - 2, "\n/", 2) == 0;
    const char *end = s->given_delimiter ? s->given_delimiter : slash ? "\n/$" : "null";
    struct digest v8, v9;
    char head[64];

    digest_init(&v8, SUM_MD5);
    digest_init(&v9, SUM_MD5);
    digest_add(&v8, end, strlen(end));
    snprintf(head, sizeof(head), ":%s:%s:", s->split_v8 ? "true" : "false",
             s->strip ? "true" : "false");
    digest_add(&v8, head, strlen(head));
    for (size_t i = 0; i < len; i++) {
        if (!white(sql[i])) {
            digest_add(&v8, sql + i, 1);
            digest_add(&v9, sql + i, 1);
        } else if (i && !white(sql[i - 1])) {
            digest_add(&v8, " ", 1);
        }
    }
    sum_end(&v8, '8', s->v8);
    sum_end(&v9, '9', s->v9);
}

/* ---- its rollback ---------------------------------------------------------------------------- */

void changeset_trim(const char **text, size_t *len)
{
    while (*len && (unsigned char)**text <= ' ') {
        ++*text;
        --*len;
    }
    while (*len && (unsigned char)(*text)[*len - 1] <= ' ')
        --*len;
}

/* "changesetId:x changesetAuthor:y": the SQL of that one undoes this one. */
static int rollback_other(struct changelog *c, const struct changelog_place *at,
                          struct changeset *s, const char *text, size_t len,
                          struct dunlin_error *err)
{
    const char *const names[] = {"changesetId", "changesetAuthor", "changesetPath"};
    struct attribute found[3] = {{NULL, NULL, 0, 0}}, a;

    while (attribute_next(&text, &len, &a)) {
        for (size_t i = 0; i < 3; i++) {
            if (text_is(a.name, a.name_len, names[i]))
                found[i] = a;
        }
    }
    if (!found[0].value_len || !found[1].value_len)
        return changelog_refuse(at, err, NULL,
                                "a rollback that names a changeset needs changesetId and "
                                "changesetAuthor");
    s->rollback = ROLLBACK_OTHER;
    s->rollback_key =
        arena_printf(c->list.arena, "%.*s::%.*s::%.*s",
                     (int)(found[2].value ? found[2].value_len : strlen(s->path)),
                     found[2].value ? found[2].value : s->path, (int)found[0].value_len,
                     found[0].value, (int)found[1].value_len, found[1].value);
    return s->rollback_key ? DUNLIN_OK : error_nomem(err);
}

static bool holds(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= len; i++) {
        if (strncasecmp(text + i, word, n) == 0)
            return true;
    }
    return false;
}

int changeset_rollback(struct changelog *c, const struct changelog_place *at, struct changeset *s,
                       const char *text, size_t len, struct dunlin_error *err)
{
    changeset_trim(&text, &len);
    if (len == 0)
        return DUNLIN_OK;
    if (holds(text, len < 12 ? len : 12, "not required") ||
        holds(text, len < 5 ? len : 5, "empty")) {
        s->rollback = ROLLBACK_NOTHING;
        for (uint32_t i = 1; i < s->nlines; i++)
            s->lines[i].shown &= ~(uint32_t)SHOWN_DOWN;
        s->down.head = NOTHING;
        return DUNLIN_OK;
    }
    if (holds(text, len, "changesetid"))
        return rollback_other(c, at, s, text, len, err);
    s->rollback = ROLLBACK_SQL;
    return DUNLIN_OK;
}

/* ---- the migration ------------------------------------------------------------------------------
 */

/* Cut to what the table has room for. */
static const char *comment_cut(struct changelog *c, const char *text)
{
    size_t at = 0, characters = 0, cut = 0;

    for (; text[at]; at++) {
        if (((unsigned char)text[at] & 0xc0) == 0x80)
            continue;
        if (++characters == COMMENT_MAX - 2)
            cut = at;
    }
    return characters <= COMMENT_MAX ? text
                                     : arena_printf(c->list.arena, "%.*s...", (int)cut, text);
}

static int file_of(struct changelog *c, const char *file, enum file_part part,
                   const struct changeset_script *script, struct source_file *out,
                   struct dunlin_error *err)
{
    int rc = listing_file(&c->list, file, part, out, err);

    out->first_line = script->of->first_line;
    out->last_line = script->of->first_line + script->of->nlines - 1;
    out->options = script->of->no_transaction ? "transaction:off" : NULL;
    out->extra = script;
    return rc;
}

int changeset_add(struct changelog *c, const struct changelog_place *at, struct changeset *s,
                  struct dunlin_error *err)
{
    struct listing *l = &c->list;
    char *version = arena_printf(l->arena, "%s:%s@%s", s->author, s->id, s->path);
    struct migration *m;
    int rc;

    if (!version || !(s->comment = comment_cut(c, s->comment)))
        return error_nomem(err);
    m = listing_add(l, version, strlen(version));
    if (!m)
        return error_nomem(err);
    m->key = arena_printf(l->arena, "%s::%s::%s", s->path, s->id, s->author);
    if (!m->key)
        return error_nomem(err);
    m->name = text_is_safe(s->comment, strlen(s->comment)) ? s->comment : "";
    m->kind = s->on_change || s->always ? MIGRATION_REPEATABLE : MIGRATION_VERSIONED;
    m->always = s->always;
    m->guards = s->guards.count ? &s->guards : NULL;
    m->extra = s;
    rc = file_of(c, at->file, PART_UP, &s->up, &m->up, err);
    if (!rc) {
        m->place = arena_printf(l->arena, "%s:%u", m->up.path, m->up.first_line);
        rc = m->place ? DUNLIN_OK : error_nomem(err);
    }
    if (!rc && (s->rollback == ROLLBACK_SQL || s->rollback == ROLLBACK_NOTHING))
        rc = file_of(c, at->file, PART_DOWN, &s->down, &m->down, err);
    return rc;
}
