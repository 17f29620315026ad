/* SPDX-License-Identifier: MIT */
/*
 * Matching the patterns of a dialect's rules. Instead of backtracking, a pattern is followed from
 * all the tokens that it may have reached at once, so time is bounded by pattern times tokens.
 */
#include "script/classify.h"

#include <string.h>
#include <strings.h>

/* One element of a pattern, between spaces. */
struct element {
    const char *text;
    size_t len;
    bool optional;
};

/* at[i]: the pattern so far may have consumed the first i tokens; low <= i <= high if so. */
struct reached {
    bool at[PIECE_TOKENS + 1];
    uint32_t low, high;
};

static bool next_element(const char **pattern, struct element *e)
{
    const char *p = *pattern;

    while (*p == ' ')
        p++;
    if (*p == '\0')
        return false;
    e->text = p;
    e->len = strcspn(p, " ");
    *pattern = p + e->len;
    e->optional = e->len > 1 && p[e->len - 1] == '?';
    if (e->optional)
        e->len--;
    return true;
}

static bool is_element(const struct element *e, char c)
{
    return e->len == 1 && e->text[0] == c;
}

static bool token_is(const struct piece *piece, const struct token *t, const struct element *e)
{
    const char *text = piece->sql + t->offset, *p = e->text, *end = e->text + e->len;

    if (t->kind == TOKEN_QUOTED || t->kind == TOKEN_STRING)
        return false;
    if (e->len == 1)
        return t->len == 1 && strncasecmp(text, p, 1) == 0;
    while (p < end) {
        const char *bar = memchr(p, '|', (size_t)(end - p));
        size_t len = (size_t)((bar ? bar : end) - p);

        if (len == t->len && strncasecmp(text, p, len) == 0)
            return true;
        p += len + 1;
    }
    return false;
}

/* From every reached token on, one more may be consumed if it fits; NULL fits all. */
static bool consume(struct reached *r, const struct piece *piece, const struct element *e)
{
    struct reached next = {{false}, PIECE_TOKENS + 1, 0};

    for (uint32_t i = r->low; i <= r->high; i++) {
        bool stay = r->at[i] && e && e->optional;
        bool go = i > 0 && i - 1 >= r->low && r->at[i - 1] &&
                  (!e || token_is(piece, &piece->tokens[i - 1], e));

        next.at[i] = stay || go;
        if (next.at[i]) {
            next.low = i < next.low ? i : next.low;
            next.high = i;
        }
    }
    if (r->at[r->high] && r->high < piece->ntokens &&
        (!e || token_is(piece, &piece->tokens[r->high], e))) {
        next.high = r->high + 1;
        next.at[next.high] = true;
        next.low = next.high < next.low ? next.high : next.low;
    }
    *r = next;
    return r->low <= r->high;
}

static bool matches(const char *pattern, const struct piece *piece)
{
    struct reached r = {{true}, 0, 0};
    struct element e;

    while (next_element(&pattern, &e)) {
        if (is_element(&e, '*')) {
            for (uint32_t i = r.low; i <= piece->ntokens; i++)
                r.at[i] = true;
            r.high = piece->ntokens;
        } else if (is_element(&e, '$')) {
            return piece->ntokens < PIECE_TOKENS && r.at[piece->ntokens];
        } else if (!consume(&r, piece, is_element(&e, '_') ? NULL : &e)) {
            return false;
        }
    }
    return true;
}

enum dunlin_effect classify(const struct dunlin_rule *rules, const struct piece *piece)
{
    for (; rules && rules->pattern; rules++) {
        if (matches(rules->pattern, piece))
            return (enum dunlin_effect)rules->effect;
    }
    return DUNLIN_EFFECT_NONE;
}

bool rules_match(const struct dunlin_rule *rules, const struct piece *piece)
{
    for (; rules && rules->pattern; rules++) {
        if (matches(rules->pattern, piece))
            return true;
    }
    return false;
}

bool piece_word_is(const struct piece *piece, uint32_t index, const char *word)
{
    const struct token *t = &piece->tokens[index];

    return index < piece->ntokens && t->kind == TOKEN_WORD && t->len == strlen(word) &&
           strncasecmp(piece->sql + t->offset, word, t->len) == 0;
}
