/* SPDX-License-Identifier: MIT */
/*
 * The command line of Supabase: a row for each version. It goes by the versions alone, but keeps
 * the statements as well, from which it can write the files anew; so they are cut here as it cuts
 * them, which is not quite where the server would. It takes no lock.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "history/tools/tools.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "history/sql.h"
#include "source/hash.h"
#include "source/source.h"

#define TEXT_MAX                                                                                   \
    (2u * 1024u * 1024u) /* of a file; the statements of a larger one are left NULL                \
                          */
#define DEPTH_MAX 1000u
#define TAG_MAX 256u

/* ---- where a statement ends ------------------------------------------------------------------ */

/*
 * It looks at the last bytes that it has read, so that what opens something can be part of what
 * closes it; and one closing bracket closes all that are open.
 */
struct cutter {
    const char *text;
    size_t at, len;
    size_t depth;
    char open[DEPTH_MAX]; /* ')', or 'E' for the END of a BEGIN ATOMIC */
};

static char peek(const struct cutter *c, size_t ahead)
{
    return c->at + ahead < c->len ? c->text[c->at + ahead] : '\0';
}

static bool is_name(unsigned char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           ch == '_' || ch >= 0x80;
}

/* Behind the next end, which may begin in what was read, but not end there. */
static void over(struct cutter *c, const char *end)
{
    size_t n = strlen(end);

    for (c->at++; c->at <= c->len; c->at++) {
        if (c->at >= n && memcmp(c->text + c->at - n, end, n) == 0)
            return;
    }
    c->at = c->len;
}

/* Behind the first two bytes. Block comments nest. */
static void over_block(struct cutter *c)
{
    size_t depth = 1;

    for (c->at += 2; c->at < c->len && depth; c->at++) {
        const char *two = c->text + c->at - 1;

        if (two[0] == '/' && two[1] == '*')
            depth++;
        else if (two[0] == '*' && two[1] == '/')
            depth--;
    }
}

/* A quoted text or name. A quote in it is doubled; a backslash is nothing special. */
static void over_quoted(struct cutter *c, char quote)
{
    for (c->at++; c->at < c->len; c->at++) {
        if (peek(c, 0) != quote)
            continue;
        if (peek(c, 1) != quote)
            break;
        c->at++;
    }
    c->at += c->at < c->len;
}

static void over_dollar(struct cutter *c)
{
    char tag[TAG_MAX];
    size_t n = 1;

    while (n + 2 < sizeof(tag) && is_name((unsigned char)peek(c, n)))
        n++;
    if (peek(c, n) != '$') {
        c->at += n;
        return;
    }
    memcpy(tag, c->text + c->at, n + 1);
    tag[n + 1] = '\0';
    c->at += n + 1;
    over(c, tag);
}

/* Whether the word ends right here, and begins where a word can. */
static bool word_ends(const char *text, size_t end, const char *word, size_t *start)
{
    size_t n = strlen(word);

    if (end < n || strncasecmp(text + end - n, word, n) != 0)
        return false;
    *start = end - n;
    return *start == 0 || (!is_name((unsigned char)text[*start - 1]) && text[*start - 1] != '$');
}

/* Behind BEGIN ATOMIC; first is where the statement begins. */
static bool begins_atomic(const struct cutter *c, size_t first)
{
    const char *text = c->text + first;
    size_t end = c->at - first;

    if (!word_ends(text, end, "ATOMIC", &end))
        return false;
    while (end > 0 && strchr(" \t\r\n\f\v", text[end - 1]))
        end--;
    return word_ends(text, end, "BEGIN", &end);
}

/* One byte of plain text, behind which c stands. */
static void plain(struct cutter *c, size_t first, char ch)
{
    char closing = c->depth ? c->open[c->depth - 1] : '\0';
    bool closes = closing == ')' ? ch == ')'
                                 : closing && c->at - first >= 3 &&
                                       strncasecmp(c->text + c->at - 3, "END", 3) == 0;

    if (ch == '(' && c->depth < DEPTH_MAX)
        c->open[c->depth++] = ')';
    else if ((ch == 'c' || ch == 'C') && c->depth < DEPTH_MAX && begins_atomic(c, first))
        c->open[c->depth++] = 'E';
    while (closes && c->depth && c->open[c->depth - 1] == closing)
        c->depth--;
}

/* One byte, or something that is taken as a whole. */
static void step(struct cutter *c, size_t first)
{
    char ch = peek(c, 0);

    if (ch == '\'' || ch == '"') {
        over_quoted(c, ch);
    } else if (ch == '-' && peek(c, 1) == '-') {
        c->at += 2;
        over(c, "\n");
    } else if (ch == '/' && peek(c, 1) == '*') {
        over_block(c);
    } else if (ch == '$') {
        over_dollar(c);
    } else if (ch == '\\') {
        c->at += c->at + 1 < c->len ? 2 : 1;
    } else {
        c->at++;
        plain(c, first, ch);
    }
}

/* The next statement, with what stands before it and its semicolon. */
static bool next_statement(struct cutter *c, const char **text, size_t *len)
{
    size_t first = c->at;

    c->depth = 0;
    while (c->at < c->len && (peek(c, 0) != ';' || c->depth))
        step(c, first);
    c->at += c->at < c->len;
    *text = c->text + first;
    *len = c->at - first;
    return *len > 0;
}

/* Without semicolons at the end, and then without blank. */
static void trim(const char **text, size_t *len)
{
    while (*len && (*text)[*len - 1] == ';')
        --*len;
    while (*len && strchr(" \t\r\n\f\v", (*text)[*len - 1]))
        --*len;
    while (*len && strchr(" \t\r\n\f\v", **text)) {
        ++*text;
        --*len;
    }
}

/* ---- the value ------------------------------------------------------------------------------- */

static void add_bytes(void *user, const char *data, size_t len)
{
    buf_add(user, data, len);
}

/* ARRAY['..', '..']; a byte NUL is in no text that PostgreSQL takes. */
static void add_array(struct buf *out, const struct dunlin_dialect *d, const char *text, size_t len)
{
    struct cutter c = {.text = text, .len = len};
    struct buf one = BUF_INIT(TEXT_MAX + 1);
    const char *separator = "";

    buf_adds(out, "CAST(ARRAY[");
    while (next_statement(&c, &text, &len)) {
        trim(&text, &len);
        if (len == 0)
            continue;
        buf_clear(&one);
        buf_add(&one, text, len);
        buf_adds(out, separator);
        sql_literal_or_null(out, d, buf_str(&one));
        separator = ", ";
    }
    buf_adds(out, "] AS pg_catalog.text[])");
    out->failed = out->failed || one.failed;
    buf_free(&one);
}

static int more(const struct foreign_ask *ask, struct arena *arena, const struct sql_var **out,
                struct dunlin_error *err)
{
    struct sql_var *vars = arena_calloc(arena, 2, sizeof(*vars));
    struct buf text = BUF_INIT(TEXT_MAX), array = BUF_INIT(2 * TEXT_MAX);
    int rc = DUNLIN_OK;

    if (!vars)
        return error_nomem(err);
    vars[0] = (struct sql_var){"statements", "NULL"};
    if (ask->migration)
        rc = file_bytes(&ask->migration->up, add_bytes, &text, err);
    if (!rc && ask->migration && !text.failed)
        add_array(&array, ask->driver->dialect, buf_str(&text), text.len);
    if (!rc && array.len && !array.failed &&
        !(vars[0].value = arena_strdup(arena, buf_str(&array))))
        rc = error_nomem(err);
    buf_free(&text);
    buf_free(&array);
    *out = vars;
    return rc;
}

const struct foreign foreign_supabase = {
    .name = "supabase",
    .tool = "Supabase",
    .more = more,
    .on = {
        [FOREIGN_POSTGRES] =
            {.table = "supabase_migrations.schema_migrations",
             .create = "CREATE SCHEMA IF NOT EXISTS {schema}\n;\n"
                       "CREATE TABLE IF NOT EXISTS {table} (version pg_catalog.text NOT NULL"
                       " PRIMARY KEY, statements pg_catalog.text[], name pg_catalog.text)",
             .read = "SELECT version, NULL, 'applied', NULL, NULL FROM {table} ORDER BY version",
             .applied = "INSERT INTO {table} (version, name, statements)"
                        " VALUES ({key}, {title}, {statements})"},
    }};
