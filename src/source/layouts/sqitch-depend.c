/* SPDX-License-Identifier: MIT */
/*
 * Names, and what a change of sqitch depends on: "[hives !swarms other:change users@v1]". What is
 * of this project has to be in the plan, and to stand in the right order; what is of another one is
 * known only to the registry.
 */
#include <string.h>

#include "base/error.h"
#include "source/layouts/sqitch-plan.h"

#define HEX "0123456789abcdef"
#define ID_LEN (SQITCH_ID_SIZE - 1)

static bool is_punct(char c)
{
    return c && strchr("-!\"#$%&'()*+,./:;<=>?@[\\]^`{|}~", c);
}

bool sqitch_name(const char *text, size_t len)
{
    size_t digits = 0;

    if (len == 0 || is_punct(text[0]) || is_punct(text[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f || strchr(":@#\\[]", text[i]))
            return false;
    }
    /* "~2" at the end would be the second one behind */
    while (digits < len && text[len - 1 - digits] >= '0' && text[len - 1 - digits] <= '9')
        digits++;
    return digits == 0 || digits == len || !strchr("~/=%^", text[len - 1 - digits]);
}

static bool is_id(const char *text, size_t len)
{
    return len == ID_LEN && strspn(text, HEX) >= ID_LEN;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The parts of [project:](id|[change][@tag]). False where it is none; *failed = out of memory. */
static bool parts_take(struct sqitch_plan *p, struct sqitch_depend *d, const char *text, size_t len,
                       bool *failed)
{
    const char *colon = memchr(text, ':', len), *at;

    if (colon) {
        size_t n = (size_t)(colon - text);

        if (!sqitch_name(text, n))
            return false;
        if (n != strlen(p->project) || strncmp(text, p->project, n) != 0)
            *failed |= !(d->project = arena_strndup(p->arena, text, n));
        text += n + 1;
        len -= n + 1;
    }
    at = memchr(text, '@', len);
    if (is_id(text, len)) {
        *failed |= !(d->id = arena_strndup(p->arena, text, len));
        return true;
    }
    if (at) {
        size_t n = len - (size_t)(at - text) - 1;

        if (!sqitch_name(at + 1, n))
            return false;
        *failed |= !(d->tag = arena_strndup(p->arena, at + 1, n));
        len = (size_t)(at - text);
    }
    if (len && !sqitch_name(text, len))
        return false;
    if (len)
        *failed |= !(d->change = arena_strndup(p->arena, text, len));
    return len || at;
}

static int depend_take(struct sqitch_plan *p, struct sqitch_change *c, const char *text, size_t len,
                       struct dunlin_error *err)
{
    struct sqitch_depend *d = &c->depends[c->ndepends], entry = {.conflict = *text == '!'};
    size_t required = 0;
    bool failed = false;

    if (!parts_take(p, &entry, text + entry.conflict, len - entry.conflict, &failed))
        return sqitch_refuse(p, c->line, err, "write it as change, change@tag or project:change",
                             "\"%.*s\" is nothing that a change can depend on", (int)len, text);
    entry.text = arena_printf(p->arena, "%s%s%s%s%s%s", entry.project ? entry.project : "",
                              entry.project ? ":" : "", entry.id ? entry.id : "",
                              entry.change ? entry.change : "", entry.tag ? "@" : "",
                              entry.tag ? entry.tag : "");
    if (failed || !entry.text)
        return error_nomem(err);
    for (size_t i = 0; i < c->ndepends; i++) {
        if (strcmp(c->depends[i].text, entry.text) == 0)
            return sqitch_refuse(p, c->line, err, NULL, "%s depends on %s twice", c->name,
                                 entry.text);
        required += !c->depends[i].conflict;
    }
    if (!entry.conflict) { /* before the conflicts, as sqitch has them */
        d = &c->depends[required];
        memmove(d + 1, d, (c->ndepends - required) * sizeof(*d));
    }
    *d = entry;
    c->ndepends++;
    return DUNLIN_OK;
}

int sqitch_depends(struct sqitch_plan *p, struct sqitch_change *c, const char *text, size_t len,
                   struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    c->depends = arena_calloc(p->arena, len / 2 + 1, sizeof(*c->depends));
    if (!c->depends)
        return error_nomem(err);
    for (size_t i = 0, n; !rc && i < len; i += n + 1) {
        for (n = 0; i + n < len && text[i + n] != ' ' && text[i + n] != '\t'; n++)
            ;
        if (n)
            rc = depend_take(p, c, text + i, n, err);
    }
    return rc;
}

/* ---- finding --------------------------------------------------------------------------------- */

static const struct sqitch_tag *find_tag(const struct sqitch_plan *p, const char *name)
{
    for (size_t i = 0; i < p->ntags; i++) {
        if (strcmp(p->tags[i].name + 1, name) == 0)
            return &p->tags[i];
    }
    return NULL;
}

/* The change that is meant: the first of the name, or the last one at a tag. */
static const struct sqitch_change *find(const struct sqitch_plan *p, const struct sqitch_depend *d)
{
    const struct sqitch_tag *tag = d->tag ? find_tag(p, d->tag) : NULL;
    const struct sqitch_change *found = NULL;

    if (d->tag && !tag)
        return NULL;
    if (tag && !d->change)
        return &p->changes[tag->change];
    for (size_t i = 0; i < p->count && (!tag || i <= tag->change); i++) {
        if (strcmp(d->id ? p->changes[i].id : p->changes[i].name, d->id ? d->id : d->change) != 0)
            continue;
        found = &p->changes[i];
        if (!tag)
            break;
    }
    return found;
}

/* What a tag that stands further down would say, is not known yet. */
static bool is_later(const struct sqitch_plan *p, const struct sqitch_depend *d,
                     const struct sqitch_change *than)
{
    const struct sqitch_tag *tag = d->tag ? find_tag(p, d->tag) : NULL;

    return d->on >= than || (tag && tag->line > than->line);
}

static int resolve(struct sqitch_plan *p, const struct sqitch_change *c, struct sqitch_depend *d,
                   struct dunlin_error *err)
{
    const char *verb = d->conflict ? "conflicts with" : "requires";

    d->on = d->project ? NULL : find(p, d);
    if (!d->on) {
        /* an id may be that of a change in another project */
        return d->project || d->id
                   ? DUNLIN_OK
                   : sqitch_refuse(p, c->line, err,
                                   "a change of another project is written as project:change",
                                   "%s %s %s, which is not in the plan", c->name, verb, d->text);
    }
    if (d->conflict && d->on < c)
        return sqitch_refuse(p, c->line, err, "sqitch would refuse to deploy it",
                             "%s conflicts with %s, which comes before it", c->name, d->text);
    if (!d->conflict && is_later(p, d, c))
        return sqitch_refuse(p, c->line, err, "move it down in the plan",
                             "%s requires %s, which does not come before it", c->name, d->text);
    return DUNLIN_OK;
}

int sqitch_resolve(struct sqitch_plan *p, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    for (size_t i = 0; !rc && i < p->count; i++) {
        struct sqitch_change *c = &p->changes[i];

        for (size_t k = 0; !rc && k < c->ndepends; k++)
            rc = resolve(p, c, &c->depends[k], err);
    }
    return rc;
}
