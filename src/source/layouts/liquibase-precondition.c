/* SPDX-License-Identifier: MIT */
/* Liquibase's preconditions: those that are queries are asked before the changeset runs. */
#include "source/layouts/liquibase.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "source/rewrite.h"

static int guard_word(const struct changelog_place *at, const struct attribute *a,
                      enum guard_end *out, struct dunlin_error *err)
{
    static const char *const words[] = {[GUARD_HALT] = "HALT",
                                        [GUARD_PASS_OVER] = "CONTINUE",
                                        [GUARD_MARK] = "MARK_RAN",
                                        [GUARD_WARN] = "WARN"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!text_is(a->value, a->value_len, words[i]))
            continue;
        *out = (enum guard_end)i;
        return DUNLIN_OK;
    }
    return changelog_refuse(at, err, "it can be HALT, CONTINUE, MARK_RAN or WARN",
                            "%.*s cannot be \"%.*s\"", (int)a->name_len, a->name,
                            (int)(a->value_len > 100 ? 100 : a->value_len), a->value);
}

int changeset_preconditions(struct changelog *c, const struct changelog_place *at, const char *text,
                            size_t len, struct changeset *out, struct dunlin_error *err)
{
    struct attribute a;
    int rc = DUNLIN_OK;

    (void)c;
    out->guards = (struct guards){.count = 0};
    while (!rc && attribute_next(&text, &len, &a)) {
        if (text_is(a.name, a.name_len, "onFail"))
            rc = guard_word(at, &a, &out->guards.on_answer, err);
        else if (text_is(a.name, a.name_len, "onError"))
            rc = guard_word(at, &a, &out->guards.on_error, err);
        else if (!text_is(a.name, a.name_len, "onUpdateSQL") &&
                 !text_is(a.name, a.name_len, "onSqlOutput"))
            rc = changelog_refuse(at, err, "they are onFail and onError",
                                  "unknown attribute \"%.*s\" of preconditions",
                                  (int)(a.name_len > 100 ? 100 : a.name_len), a.name);
    }
    return rc;
}

/* "expectedResult:0 SELECT ..", where the first word, with or without its name, may be quoted. */
static bool expectation(const char **text, size_t *len, struct attribute *out)
{
    const char *at = *text, *end;

    if (*len > 15 && strncasecmp(at, "expectedResult:", 15) == 0) {
        at += 15;
        *len -= 15;
    }
    if (*len && (*at == '\'' || *at == '"')) {
        end = memchr(at + 1, *at, *len - 1);
        *out = (struct attribute){.value = at + 1, .value_len = end ? (size_t)(end - at) - 1 : 0};
        end = end ? end + 1 : at;
    } else {
        for (end = at; end < at + *len && (isalnum((unsigned char)*end) || *end == '_'); end++)
            ;
        *out = (struct attribute){.value = at, .value_len = (size_t)(end - at)};
    }
    *len -= (size_t)(end - at);
    *text = end;
    if (!out->value_len || !*len || *end != ' ')
        return false;
    text_trim(text, len);
    while (*len && (*text)[*len - 1] == ';')
        --*len;
    return *len > 0;
}

int changeset_precondition(struct changelog *c, const struct changelog_place *at, const char *text,
                           size_t len, struct changeset *out, struct dunlin_error *err)
{
    struct guards *g = &out->guards;
    struct guard *list = arena_calloc(c->list.arena, g->count + 1, sizeof(*list));
    const char *rest;
    struct attribute expected;

    if (!list)
        return error_nomem(err);
    if (!text_begins(text, len, "sql-check", &rest, &len))
        return changelog_refuse(at, err,
                                "write it as --precondition-sql-check expectedResult:N SQL",
                                "dunlin cannot check a precondition of this kind");
    if (!expectation(&rest, &len, &expected))
        return changelog_refuse(at, err, "write --precondition-sql-check expectedResult:N SQL",
                                "a precondition without an expected result and a query");
    if (g->count)
        memcpy(list, g->list, g->count * sizeof(*list));
    list[g->count].line = at->line;
    g->list = list;
    g->count++;
    list[g->count - 1].expected = arena_strndup(c->list.arena, expected.value, expected.value_len);
    if (!list[g->count - 1].expected)
        return error_nomem(err);
    return changelog_text(c, at, rest, len, &list[g->count - 1].sql, err);
}
