/* SPDX-License-Identifier: MIT */
/* What Liquibase's "--changeset" lines say. What cannot be done as it says is refused. */
#include "source/layouts/liquibase.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "source/rewrite.h"

#define REGEX "\\^$.|?*+()[]{}"

/* ---- attributes ------------------------------------------------------------------------------ */

enum attribute_kind {
    TEXT = 0, /* with properties */
    WORD,     /* as it stands */
    YES_NO,
    NO_EFFECT, /* does not matter to SQL */
    ONLY_YES,  /* can only be what it is by default */
    REFUSED
};

struct known {
    const char *name;
    enum attribute_kind kind;
    size_t offset;
};

#define AT(member) offsetof(struct changeset, member)

static const struct known known[] = {
    {"stripComments", YES_NO, AT(strip)},
    {"splitStatements", YES_NO, AT(split)},
    {"endDelimiter", WORD, AT(delimiter)},
    {"rollbackSplitStatements", YES_NO, AT(rollback_split)},
    {"rollbackEndDelimiter", WORD, AT(rollback_delimiter)},
    {"runOnChange", YES_NO, AT(on_change)},
    {"runAlways", YES_NO, AT(always)},
    {"context", TEXT, AT(contexts)},
    {"contextFilter", TEXT, AT(contexts)},
    {"labels", TEXT, AT(labels)},
    {"runInTransaction", YES_NO, AT(no_transaction)},
    {"dbms", TEXT, AT(dbms)},
    {"logicalFilePath", TEXT, AT(path)},
    {"ignore", YES_NO, AT(ignored)},
    {"failOnError", ONLY_YES, 0},
    {"objectQuotingStrategy", NO_EFFECT, 0},
    {"id", NO_EFFECT, 0}, /* of "author:NAME id:N", where NAME is the id to Liquibase */
    {"runWith", REFUSED, 0},
    {"runWithSpoolFile", REFUSED, 0},
};

static int set(struct changelog *c, const struct changelog_place *at, const struct known *k,
               const struct attribute *a, struct changeset *out, struct dunlin_error *err)
{
    bool yes = text_is(a->value, a->value_len, "true");
    void *to = (char *)out + k->offset;

    if (k->kind == TEXT)
        return changelog_text(c, at, a->value, a->value_len, to, err);
    if (k->kind == WORD) {
        *(const char **)to = arena_strndup(c->list.arena, a->value, a->value_len);
        return *(const char **)to ? DUNLIN_OK : error_nomem(err);
    }
    if (k->kind == NO_EFFECT)
        return DUNLIN_OK;
    if (k->kind == REFUSED || (k->kind == ONLY_YES && !yes))
        return changelog_refuse(at, err, "take it away, or leave this changelog to Liquibase",
                                "dunlin cannot do what %s:%.*s says", k->name, (int)a->value_len,
                                a->value);
    if (!yes && !text_is(a->value, a->value_len, "false"))
        return changelog_refuse(at, err, NULL, "%s has to be true or false", k->name);
    if (k->kind == YES_NO)
        *(bool *)to = k->offset == AT(no_transaction) ? !yes : yes;
    return DUNLIN_OK;
}

static int attributes(struct changelog *c, const struct changelog_place *at, const char *text,
                      size_t len, struct changeset *out, struct dunlin_error *err)
{
    const size_t n = sizeof(known) / sizeof(known[0]);
    struct attribute a;
    int rc = DUNLIN_OK;

    while (!rc && attribute_next(&text, &len, &a)) {
        size_t i = 0;

        while (i < n &&
               !(a.value != a.name + a.name_len && text_is(a.name, a.name_len, known[i].name)))
            i++;
        if (i == n)
            return changelog_refuse(at, err, "dunlin-layouts(7) has those that dunlin knows",
                                    "unknown attribute \"%.*s\"",
                                    (int)(a.name_len > 100 ? 100 : a.name_len), a.name);
        rc = set(c, at, &known[i], &a, out, err);
        /* to the older checksum the longer name holds the shorter one, too */
        if (!rc && (known[i].offset == AT(split) || known[i].offset == AT(rollback_split)))
            out->split_v8 = *(bool *)((char *)out + known[i].offset);
    }
    return rc;
}

/* ---- delimiters ------------------------------------------------------------------------------ */

/* The text in a pattern such as "\n/" or "^GO$": the delimiter is alone on its line either way. */
static int delimiter(struct changelog *c, const struct changelog_place *at, const char **text,
                     struct dunlin_error *err)
{
    static const char *const before[] = {"\\r", "\\n", "\\s*", "^"};
    const char *from = *text;
    size_t len;
    char *copy;

    if (!from)
        return DUNLIN_OK;
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]);) {
        bool takes = strncmp(from, before[i], strlen(before[i])) == 0;

        from += takes ? strlen(before[i]) : 0;
        i = takes ? 0 : i + 1;
    }
    len = strlen(from);
    if (len > 1 && strspn(from, "$") < len && from[len - 1] == '$')
        len--;
    while (len > 2 && from[len - 2] == '\\' && strchr("nr", from[len - 1]))
        len -= 2;
    copy = arena_strndup(c->list.arena, from, len);
    if (!copy)
        return error_nomem(err);
    for (char *p = copy; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    *text = strcmp(copy, ";") == 0 ? NULL : copy;
    if (len && (strspn(copy, "$") == len || strcspn(copy, REGEX) == len))
        return DUNLIN_OK;
    return changelog_refuse(at, err,
                            "dunlin knows delimiters of letters and signs, such as // or GO",
                            "dunlin cannot tell what the delimiter \"%s\" stands for", *text);
}

/* ---- the whole line -------------------------------------------------------------------------- */

/* A name up to a colon or blank, or in quotes. */
static bool name(const char **text, size_t *len, bool author, struct attribute *out)
{
    const char *end = *len && **text == '"' ? memchr(*text + 1, '"', *len - 1) : NULL;
    size_t n = 0;

    if (end) {
        *out = (struct attribute){*text + 1, NULL, (size_t)(end - *text) - 1, 0};
        n = (size_t)(end - *text) + 1;
    } else {
        while (n < *len && (author ? (*text)[n] != ':' : !isspace((unsigned char)(*text)[n])))
            n++;
        *out = (struct attribute){*text, NULL, n, 0};
    }
    *text += n;
    *len -= n;
    return out->name_len > 0;
}

/* As the table has them: one context as it is, several in parentheses; labels in lower case. */
static int tidy(struct changelog *c, struct changeset *s)
{
    char *labels = arena_calloc(c->list.arena, strlen(s->labels) + 1, 1);
    size_t n = 0;

    if (!labels)
        return -1;
    for (const char *at = s->labels; *at; at += *at == ',') {
        const char *word = at;
        size_t len = strcspn(at, ",");

        at += len;
        text_trim(&word, &len);
        if (n && len)
            labels[n++] = ',';
        while (len--)
            labels[n++] = (char)tolower((unsigned char)*word++);
    }
    s->labels = labels;
    if (strpbrk(s->contexts, ", "))
        s->contexts = arena_printf(c->list.arena, "(%s)", s->contexts);
    return s->contexts ? 0 : -1;
}

/* Liquibase's way of writing a path. */
static const char *plain_path(const char *path)
{
    if (strncmp(path, "classpath:", 10) == 0)
        path += 10;
    if (strncmp(path, "./", 2) == 0)
        path += 2;
    return path + strspn(path, "/");
}

int changeset_head(struct changelog *c, const struct changelog_place *at, const char *text,
                   size_t len, const char *path, struct changeset *out, struct dunlin_error *err)
{
    static const char hint[] = "write --changeset AUTHOR:ID, without blank at the colon";
    struct attribute author, id;
    bool good;
    int rc;

    *out = (struct changeset){.path = "",
                              .contexts = "",
                              .labels = "",
                              .dbms = "",
                              .comment = "",
                              .valid = "",
                              .split = true,
                              .split_v8 = true,
                              .strip = true,
                              .rollback_split = true,
                              .first_line = at->line};
    good = len && isspace((unsigned char)*text);
    text_trim(&text, &len);
    good = good && name(&text, &len, true, &author) && len && *text == ':';
    if (good) {
        text++;
        len--;
        good = name(&text, &len, false, &id);
    }
    if (!good)
        return changelog_refuse(at, err, hint, "a changeset without author and id");
    rc = changelog_text(c, at, author.name, author.name_len, &out->author, err);
    if (!rc)
        rc = changelog_text(c, at, id.name, id.name_len, &out->id, err);
    if (!rc)
        rc = attributes(c, at, text, len, out, err);
    if (rc)
        return rc;
    out->path = plain_path(*out->path ? out->path : path);
    if (tidy(c, out))
        return error_nomem(err);
    if (strlen(out->author) + strlen(out->id) + strlen(out->path) + 2 > 240)
        return changelog_refuse(at, err, "shorten its id or the path of its file",
                                "author, id and path of this changeset are longer than 240 bytes");
    out->given_delimiter = out->delimiter;
    rc = out->split ? delimiter(c, at, &out->delimiter, err) : DUNLIN_OK;
    return rc ? rc : delimiter(c, at, &out->rollback_delimiter, err);
}
