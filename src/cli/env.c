/* SPDX-License-Identifier: MIT */
#include "cli/env.h"

#include <ctype.h>
#include <string.h>
#include "base/buf.h"
#include "base/error.h"
#include "cli/file.h"

struct env_reader {
    struct dotenv *d;
    struct arena *arena;
    const char *p;
    uint32_t line;
    struct buf value;
    struct dunlin_error *err;
};

static int env_error(struct env_reader *r, uint32_t line, const char *what)
{
    error_set(r->err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "%s", what);
    error_place(r->err, r->d->path, line, 0);
    return DUNLIN_CONFIG;
}

static void skip_blanks(struct env_reader *r)
{
    while (*r->p == ' ' || *r->p == '\t' || *r->p == '\r')
        r->p++;
}

static void skip_line(struct env_reader *r)
{
    r->p += strcspn(r->p, "\n");
    if (*r->p == '\n') {
        r->p++;
        r->line++;
    }
}

/* What a backslash and this character mean between double quotes, 0 = just these two. */
static char unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '"':
    case '\\':
    case '$':
        return c;
    default:
        return 0;
    }
}

/* 'as it is' and "with \n \r \t \" \\ \$"; both may go over several lines. */
static int quoted_value(struct env_reader *r)
{
    uint32_t first = r->line;
    char quote = *r->p++;

    for (; *r->p && *r->p != quote; r->p++) {
        char escaped = *r->p == '\\' && quote == '"' ? unescape(r->p[1]) : 0;

        if (*r->p == '\n')
            r->line++;
        if (escaped)
            r->p++;
        buf_addc(&r->value, escaped ? escaped : *r->p);
    }
    if (!*r->p)
        return env_error(r, first, "the quote is not closed");
    r->p++;
    skip_blanks(r);
    if (*r->p && *r->p != '\n' && *r->p != '#')
        return env_error(r, r->line, "text after the closing quote");
    return DUNLIN_OK;
}

/* Up to the end of the line or a '#' behind a blank, without blanks around it. */
static void plain_value(struct env_reader *r)
{
    const char *start = r->p, *end;

    while (*r->p && *r->p != '\n') {
        if (*r->p == '#' && (r->p == start || isblank((unsigned char)r->p[-1])))
            break;
        r->p++;
    }
    end = r->p;
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    buf_add(&r->value, start, (size_t)(end - start));
}

static int keep_entry(struct env_reader *r, const char *name, size_t len, uint32_t line)
{
    struct dotenv_entry *entry;

    if (strncmp(name, "DUNLIN_", 7) != 0 && strncmp(name, "DATABASE_", 9) != 0 &&
        strncmp(name, "MIGRATION_", 10) != 0)
        return DUNLIN_OK;
    entry = arena_calloc(r->arena, 1, sizeof(*entry));
    if (!entry)
        return error_nomem(r->err);
    entry->name = arena_strndup(r->arena, name, len);
    entry->value = arena_strdup(r->arena, buf_str(&r->value));
    if (!entry->name || !entry->value || r->value.failed)
        return error_nomem(r->err);
    entry->line = line;
    entry->next = r->d->entries;
    r->d->entries = entry;
    return DUNLIN_OK;
}

static int env_line(struct env_reader *r)
{
    const char *name;
    uint32_t line = r->line;
    size_t len = 0;
    int rc = DUNLIN_OK;

    skip_blanks(r);
    if (*r->p == '\n' || *r->p == '#' || !*r->p)
        return DUNLIN_OK;
    if (strncmp(r->p, "export", 6) == 0 && isblank((unsigned char)r->p[6])) {
        r->p += 6;
        skip_blanks(r);
    }
    name = r->p;
    while (isalnum((unsigned char)name[len]) || strchr("_.-", name[len] ? name[len] : ' '))
        len++;
    r->p += len;
    skip_blanks(r);
    if (len == 0 || *r->p != '=')
        return env_error(r, line, "expected NAME=value");
    r->p++;
    skip_blanks(r);
    buf_clear(&r->value);
    if (*r->p == '"' || *r->p == '\'')
        rc = quoted_value(r);
    else
        plain_value(r);
    return rc == DUNLIN_OK ? keep_entry(r, name, len, line) : rc;
}

int dotenv_parse(struct dotenv *d, struct arena *arena, const char *text, struct dunlin_error *err)
{
    struct env_reader r = {d, arena, text, 1, BUF_INIT(SETTINGS_FILE_MAX + 1), err};
    int rc = DUNLIN_OK;

    if (strncmp(r.p, "\xef\xbb\xbf", 3) == 0)
        r.p += 3;
    while (*r.p && rc == DUNLIN_OK) {
        rc = env_line(&r);
        skip_line(&r);
    }
    buf_free(&r.value);
    return rc;
}

int dotenv_load(struct dotenv *d, struct arena *arena, const char *path, struct dunlin_error *err)
{
    struct buf text = BUF_INIT(SETTINGS_FILE_MAX + 2);
    bool found;
    int rc;

    d->entries = NULL;
    d->path = arena_strdup(arena, path ? path : ".env");
    if (!d->path)
        return error_nomem(err);
    rc = file_read(d->path, path != NULL, &text, &found, err);
    if (rc == DUNLIN_OK && found)
        rc = dotenv_parse(d, arena, buf_str(&text), err);
    buf_free(&text);
    return rc;
}

const struct dotenv_entry *dotenv_find(const struct dotenv *d, const char *name)
{
    for (const struct dotenv_entry *e = d->entries; e; e = e->next) {
        if (strcmp(e->name, name) == 0)
            return e;
    }
    return NULL;
}
