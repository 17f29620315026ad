/* SPDX-License-Identifier: MIT */
/* Elements of a changelog in XML, and in the block style of YAML. */
#include "source/layouts/liquibase.h"

#include <string.h>

#include "base/error.h"
#include "source/rewrite.h"

char *scan_copy(struct scan *s, const char *text, size_t len)
{
    return arena_strndup(s->c->list.arena, text, len);
}

/* ---- XML ------------------------------------------------------------------------------------- */

static void move(struct scan *s, const char *to)
{
    for (; s->text < to; s->text++)
        s->at.line += *s->text == '\n';
}

/* Moves behind the text; false = it does not come. */
static bool move_behind(struct scan *s, const char *what)
{
    const char *at = strstr(s->text, what);

    move(s, at ? at + strlen(what) : s->end);
    return at != NULL;
}

static int xml_broken(struct scan *s, struct dunlin_error *err)
{
    return changelog_refuse(&s->at, err, NULL, "this is no XML that dunlin can read");
}

/* name="value" up to the end of the tag. */
static int xml_attributes(struct scan *s, struct element *e, struct dunlin_error *err)
{
    for (;;) {
        const char *name, *end, *quote;

        move(s, s->text + strspn(s->text, " \t\r\n/"));
        if (*s->text == '>')
            return DUNLIN_OK;
        name = s->text;
        end = name + strcspn(name, " \t\r\n=>\"'");
        quote = end + strspn(end, " \t\r\n=");
        if (end == name || (*quote != '"' && *quote != '\'') || !strchr(quote + 1, *quote))
            return xml_broken(s, err);
        move(s, strchr(quote + 1, *quote) + 1);
        if (strncmp(name, "xmlns", 5) == 0 || strncmp(name, "xsi:", 4) == 0)
            continue;
        if (e->count == ELEMENT_ATTRIBUTES || memchr(quote, '&', (size_t)(s->text - quote)))
            return xml_broken(s, err);
        e->names[e->count] = scan_copy(s, name, (size_t)(end - name));
        e->values[e->count] = scan_copy(s, quote + 1, (size_t)(s->text - quote) - 2);
        if (!e->names[e->count] || !e->values[e->count])
            return error_nomem(err);
        e->count++;
    }
}

static int xml_tag(struct scan *s, struct dunlin_error *err)
{
    struct element e = {.count = 0};
    size_t n = strcspn(s->text + 1, " \t\r\n/>");
    struct changelog_place at = s->at;
    int rc;

    if (s->text[1] == '/')
        return move_behind(s, ">") ? DUNLIN_OK : xml_broken(s, err);
    e.name = scan_copy(s, s->text + 1, n);
    if (!e.name)
        return error_nomem(err);
    if (strcmp(e.name, "databaseChangeLog") == 0)
        return move_behind(s, ">") ? DUNLIN_OK : xml_broken(s, err);
    if (strcmp(e.name, "changeSet") == 0)
        return move_behind(s, "</changeSet>") ? scan_element(s, &e, err) : xml_broken(s, err);
    move(s, s->text + 1 + n);
    rc = xml_attributes(s, &e, err);
    if (!rc) {
        struct changelog_place now = s->at;

        s->at = at;
        rc = scan_element(s, &e, err);
        s->at = now;
    }
    return rc;
}

int scan_xml(struct scan *s, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    while (!rc && s->text < s->end) {
        const char *tag = strchr(s->text, '<');

        move(s, tag ? tag : s->end);
        if (strncmp(s->text, "<!--", 4) == 0)
            rc = move_behind(s, "-->") ? DUNLIN_OK : xml_broken(s, err);
        else if (*s->text == '<' && (s->text[1] == '?' || s->text[1] == '!'))
            rc = move_behind(s, ">") ? DUNLIN_OK : xml_broken(s, err);
        else if (*s->text == '<')
            rc = xml_tag(s, err);
    }
    return rc;
}

/* ---- YAML ------------------------------------------------------------------------------------ */

static int yaml_broken(struct scan *s, struct dunlin_error *err)
{
    return changelog_refuse(&s->at, err,
                            "dunlin reads lines such as \"- include:\" and \"file: NAME\"",
                            "this is no YAML that dunlin can read");
}

/* The line at hand without blank and comment; *indent = where it begins. */
static void yaml_line(struct scan *s, const char **text, size_t *len, size_t *indent)
{
    size_t n = strcspn(s->text, "\n");
    const char *comment;

    *text = s->text;
    *len = n;
    *indent = strspn(s->text, " ");
    comment = memchr(*text, '#', n);
    while (comment && comment > *text && comment[-1] != ' ')
        comment = memchr(comment + 1, '#', n - (size_t)(comment + 1 - *text));
    if (comment)
        *len = (size_t)(comment - *text);
    text_trim(text, len);
}

static void yaml_next(struct scan *s)
{
    size_t n = strcspn(s->text, "\n");

    move(s, s->text + n + (s->text[n] == '\n'));
}

/* "key: value" becomes an attribute; false = it is none. */
static bool yaml_pair(struct scan *s, struct element *e, const char *text, size_t len)
{
    const char *colon = memchr(text, ':', len), *value = colon ? colon + 1 : NULL;
    size_t n = colon ? len - (size_t)(value - text) : 0;

    if (!colon || e->count == ELEMENT_ATTRIBUTES)
        return false;
    len = (size_t)(colon - text);
    text_trim(&text, &len);
    text_trim(&value, &n);
    if (n > 1 && (*value == '"' || *value == '\'') && value[n - 1] == *value) {
        value++;
        n -= 2;
    }
    e->names[e->count] = scan_copy(s, text, len);
    e->values[e->count] = scan_copy(s, value, n);
    return e->names[e->count] && e->values[e->count++] && n;
}

/* "{file: a.sql, relativeToChangelogFile: true}" behind the element's name. */
static bool yaml_flow(struct scan *s, struct element *e, const char *text, size_t len)
{
    if (len < 2 || *text != '{' || text[len - 1] != '}')
        return false;
    text++;
    len -= 2;
    while (len) {
        const char *comma = memchr(text, ',', len);
        size_t n = comma ? (size_t)(comma - text) : len;

        if (!yaml_pair(s, e, text, n))
            return false;
        n += comma != NULL;
        text += n;
        len -= n;
    }
    return true;
}

/* At "- name:"; takes the lines that are deeper than its dash. */
static int yaml_element(struct scan *s, const char *text, size_t len, size_t dash,
                        struct dunlin_error *err)
{
    struct element e = {.count = 0};
    struct changelog_place at = s->at, now;
    const char *colon = memchr(text, ':', len), *rest = colon ? colon + 1 : text;
    size_t left = colon ? len - (size_t)(rest - text) : 0, indent;
    bool skips, good = colon != NULL;
    int rc;

    e.name = scan_copy(s, text, colon ? (size_t)(colon - text) : len);
    if (!e.name)
        return error_nomem(err);
    skips = strcmp(e.name, "changeSet") == 0;
    text_trim(&rest, &left);
    if (left && !skips)
        good = good && yaml_flow(s, &e, rest, left);
    for (yaml_next(s); good && s->text < s->end; yaml_next(s)) {
        yaml_line(s, &text, &len, &indent);
        if (len == 0)
            continue;
        if (indent <= dash)
            break;
        good = skips || (*text != '-' && yaml_pair(s, &e, text, len));
        if (!good)
            break;
    }
    now = s->at;
    if (!good)
        return yaml_broken(s, err);
    s->at = at;
    rc = scan_element(s, &e, err);
    s->at = now;
    return rc;
}

int scan_yaml(struct scan *s, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    while (!rc && s->text < s->end) {
        const char *text;
        size_t len, indent;

        yaml_line(s, &text, &len, &indent);
        if (len && *text == '-' && len > 1 && text[1] == ' ') {
            text++;
            len--;
            text_trim(&text, &len);
            rc = yaml_element(s, text, len, indent, err);
            continue;
        }
        if (len && !text_is(text, len, "databaseChangeLog:") && !text_is(text, len, "---"))
            return yaml_broken(s, err);
        yaml_next(s);
    }
    return rc;
}
