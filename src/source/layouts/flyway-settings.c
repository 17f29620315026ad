/* SPDX-License-Identifier: MIT */
/* Of TOML only what settings are written in: tables, strings and lists of them in one line. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "source/layouts/flyway-settings.h"

static int setting_add(struct flyway_config *c, const char *name, size_t n, const char *value,
                       size_t len, uint32_t line)
{
    struct flyway_setting *s = arena_calloc(c->arena, 1, sizeof(*s));

    if (!s)
        return -1;
    s->name = arena_printf(c->arena, "%s%.*s", c->table, (int)n, name);
    s->value = arena_strndup(c->arena, value, len);
    s->path = c->path;
    s->line = line;
    s->next = c->project->settings; /* the last one counts */
    c->project->settings = s;
    return s->name && s->value ? 0 : -1;
}

const struct flyway_setting *flyway_setting(const struct flyway_project *p, const char *name)
{
    const struct flyway_setting *s = p->settings;

    while (s && strcasecmp(s->name, name) != 0)
        s = s->next;
    return s;
}

const char *flyway_value(const struct flyway_project *p, const char *name, const char *otherwise)
{
    const struct flyway_setting *s = flyway_setting(p, name);

    return s ? s->value : otherwise;
}

static bool is_sign(char c)
{
    return c == '=' || c == ':';
}

/* "flyway.table=history", also with a colon. A backslash is one. */
int flyway_conf_line(struct flyway_config *c, const char *line, size_t len, uint32_t number)
{
    size_t n = 0, at;

    text_trim(&line, &len);
    if (!text_begins(line, len, "flyway.", &line, &len))
        return 0;
    while (n < len && !is_sign(line[n]) && !isblank((unsigned char)line[n]))
        n++;
    for (at = n; at < len && isblank((unsigned char)line[at]);)
        at++;
    at += at < len && is_sign(line[at]);
    while (at < len && isblank((unsigned char)line[at]))
        at++;
    return setting_add(c, line, n, line + at, len - at, number);
}

/* Appends one string of TOML, which begins at text; *used gets its length there. */
static bool toml_string(struct buf *out, const char *text, size_t len, size_t *used)
{
    static const char escapes[] = "\"\"\\\\n\nt\tr\r";
    char quote = *text;
    size_t i = 1;

    if (len > 2 && text[1] == quote && text[2] == quote) /* goes over several lines */
        return false;
    for (; i < len && text[i] != quote; i++) {
        const char *escape;

        if (quote == '\'' || text[i] != '\\') {
            buf_addc(out, text[i]);
            continue;
        }
        escape = ++i < len ? strchr(escapes, text[i]) : NULL;
        if (!escape || !*escape)
            return false;
        buf_addc(out, escape[(escape - escapes) % 2 == 0]);
    }
    *used = i + 1;
    return i < len;
}

/* A value: a string, a list of them, which is put together with commas, or a bare word. */
static bool toml_value(struct buf *out, const char *text, size_t len)
{
    bool list = len && *text == '[';
    size_t used = 0;

    if (!list && len && *text != '"' && *text != '\'')
        return buf_add(out, text,
                       strcspn(text, "# \t\r\n") < len ? strcspn(text, "# \t\r\n") : len);
    for (size_t i = list; i < len && text[i] != ']'; i += used) {
        used = 1;
        if (text[i] != '"' && text[i] != '\'')
            continue;
        if (out->len)
            buf_addc(out, ',');
        if (!toml_string(out, text + i, len - i, &used))
            return false;
        if (!list)
            break;
    }
    return true;
}

/* "[flyway.placeholders]": only what stands below "flyway" matters. */
static void toml_table(struct flyway_config *c, const char *line, size_t len)
{
    size_t n = 1;

    while (n < len && line[n] != ']')
        n++;
    c->table[0] = '\0';
    c->ours = (n == 7 && memcmp(line, "[flyway", 7) == 0) ||
              (n > 8 && n < sizeof(c->table) && memcmp(line, "[flyway.", 8) == 0);
    if (c->ours && n > 8)
        snprintf(c->table, sizeof(c->table), "%.*s.", (int)(n - 8), line + 8);
}

/* "name = value" of the table at hand; false = that cannot be read. */
static bool toml_pair(struct flyway_config *c, const char *pair, size_t len, uint32_t number,
                      bool *nomem)
{
    struct buf value = BUF_INIT(FLYWAY_CONFIG_MAX);
    const char *sign = memchr(pair, '=', len), *name = pair;
    size_t n = sign ? (size_t)(sign - pair) : 0;
    bool ok;

    if (!sign)
        return true;
    text_trim(&name, &n);
    if (!c->ours && !text_begins(name, n, "flyway.", &name, &n))
        return true;
    if (n > 1 && (*name == '"' || *name == '\'') && name[n - 1] == *name) {
        name++;
        n -= 2;
    }
    len -= (size_t)(sign + 1 - pair);
    pair = sign + 1;
    text_trim(&pair, &len);
    ok = toml_value(&value, pair, len);
    *nomem =
        value.failed || (ok && setting_add(c, name, n, buf_str(&value), value.len, number) != 0);
    buf_free(&value);
    return ok;
}

/* "placeholders = { a = 'x', b = 'y' }": the table between the braces. */
static bool toml_inline(struct flyway_config *c, const char *line, size_t len, uint32_t number,
                        bool *nomem)
{
    const char *brace = memchr(line, '{', len), *end = line + len;
    size_t kept = strlen(c->table), n = strcspn(line, " \t=");
    bool ok = true, ours = c->ours;

    if (!ours && !text_begins(line, n, "flyway.", &line, &n))
        return true;
    snprintf(c->table + kept, sizeof(c->table) - kept, "%.*s.", (int)n, line);
    c->ours = true;
    for (const char *at = brace + 1; ok && !*nomem && at < end && *at != '}';) {
        const char *stop = at;
        char quote = '\0';

        for (; stop < end && (quote || (*stop != ',' && *stop != '}')); stop++) {
            if (*stop == quote)
                quote = '\0';
            else if (!quote && (*stop == '"' || *stop == '\''))
                quote = *stop;
        }
        ok = toml_pair(c, at, (size_t)(stop - at), number, nomem);
        at = stop + (stop < end && *stop == ',');
    }
    c->table[kept] = '\0';
    c->ours = ours;
    return ok;
}

int flyway_toml_line(struct flyway_config *c, const char *line, size_t len, uint32_t number)
{
    const char *sign, *value;
    bool ok, nomem = false;

    text_trim(&line, &len);
    if (len && *line == '[')
        toml_table(c, line, len);
    sign = len && *line != '[' && *line != '#' ? memchr(line, '=', len) : NULL;
    if (!sign)
        return 0;
    for (value = sign + 1; value < line + len && isblank((unsigned char)*value);)
        value++;
    ok = value < line + len && *value == '{' ? toml_inline(c, line, len, number, &nomem)
                                             : toml_pair(c, line, len, number, &nomem);
    return nomem ? -1 : ok ? 0 : 1;
}
