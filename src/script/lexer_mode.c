/* SPDX-License-Identifier: MIT */
/*
 * Settings that change how later text is read: SET sql_mode = .., SET standard_conforming_strings.
 * Which they are is the dialect's list of lex modes; only literal values are understood, anything
 * else (@OLD_SQL_MODE, DEFAULT) is taken to restore what was in force at the start.
 */
#include "script/lexer_impl.h"

#include <string.h>
#include <strings.h>

static bool same(const char *name, const char *text, size_t len)
{
    return strlen(name) == len && strncasecmp(name, text, len) == 0;
}

static bool is_separator(char c)
{
    return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool names_word(const char *value, size_t len, const char *word)
{
    for (size_t i = 0; i < len;) {
        size_t from = i;

        while (i < len && !is_separator(value[i]))
            i++;
        if (i > from && same(word, value + from, i - from))
            return true;
        if (i < len)
            i++;
    }
    return false;
}

/* The bits that the modes of a variable are about. */
static uint64_t mode_bits(const struct dunlin_lex_mode *modes, const char *name, size_t len)
{
    uint64_t bits = 0;

    for (const struct dunlin_lex_mode *m = modes; m && m->variable; m++) {
        if (same(m->variable, name, len))
            bits |= m->set | m->clear;
    }
    return bits;
}

static uint64_t apply(uint64_t lex, const struct dunlin_lex_mode *modes, const char *name,
                      size_t name_len, const char *value, size_t len)
{
    size_t n = 0;

    while (modes && modes[n].variable)
        n++;
    for (size_t i = n; i-- > 0;) { /* of modes that say the opposite the first one decides */
        if (same(modes[i].variable, name, name_len))
            lex = (lex & ~modes[i].set) | modes[i].clear;
    }
    for (const struct dunlin_lex_mode *m = modes; m && m->variable; m++) {
        if (same(m->variable, name, name_len) && names_word(value, len, m->value))
            lex = (lex | m->set) & ~m->clear;
    }
    return lex;
}

uint64_t lex_apply_mode(uint64_t lex, const struct dunlin_lex_mode *modes, const char *variable,
                        const char *value)
{
    if (!variable || !value)
        return lex;
    return apply(lex, modes, variable, strlen(variable), value, strlen(value));
}

/* ---- SET statements ------------------------------------------------------------------------ */

struct set {
    struct lexer *lx;
    const char *sql;
    uint32_t i; /* the token looked at */
    bool global;
    uint64_t flags;
};

static bool is_word(const struct set *s, uint32_t i, const char *word)
{
    const struct token *t = s->lx->tokens + (i < s->lx->ntokens ? i : 0);

    return i < s->lx->ntokens && t->kind == TOKEN_WORD && same(word, s->sql + t->offset, t->len);
}

static bool is_punct(const struct set *s, uint32_t i, char c)
{
    const struct token *t = s->lx->tokens + (i < s->lx->ntokens ? i : 0);

    return i < s->lx->ntokens && t->kind == TOKEN_PUNCT && s->sql[t->offset] == c;
}

/* GLOBAL, SESSION .. hold for the assignments after them, too. */
static bool set_scope(struct set *s)
{
    if (is_word(s, s->i, "global") || is_word(s, s->i, "persist") ||
        is_word(s, s->i, "persist_only"))
        s->global = true;
    else if (is_word(s, s->i, "session") || is_word(s, s->i, "local"))
        s->global = false;
    else
        return false;
    s->i++;
    return true;
}

/* Moves to the comma behind a value, or to the end; returns the number of its tokens. */
static uint32_t set_value_end(struct set *s)
{
    uint32_t from = s->i, depth = 0;

    for (; s->i < s->lx->ntokens; s->i++) {
        if (is_punct(s, s->i, '('))
            depth++;
        else if (is_punct(s, s->i, ')'))
            depth--;
        else if (depth == 0 && (is_punct(s, s->i, ',') || is_punct(s, s->i, ';')))
            break;
    }
    return s->i - from;
}

static void set_apply(struct set *s, const struct token *name, bool global)
{
    const char *text = s->sql + name->offset;
    size_t len = name->len;
    const struct token *value = &s->lx->tokens[s->i];
    uint32_t n = set_value_end(s);
    bool quoted = value->kind == TOKEN_STRING || value->kind == TOKEN_QUOTED;
    uint64_t bits;

    if (name->kind == TOKEN_QUOTED && len >= 2) {
        text++;
        len -= 2;
    }
    bits = mode_bits(s->lx->modes, text, len);
    if (n == 0 || global || bits == 0)
        return;
    if (n > 1 || value->kind == TOKEN_PUNCT ||
        is_word(s, (uint32_t)(value - s->lx->tokens), "default"))
        s->flags = (s->flags & ~bits) | (s->lx->initial & bits);
    else if (quoted && value->len >= 2)
        s->flags = apply(s->flags, s->lx->modes, text, len, s->sql + value->offset + 1,
                         (size_t)value->len - 2);
    else
        s->flags = apply(s->flags, s->lx->modes, text, len, s->sql + value->offset, value->len);
}

/* One "[scope] name = value"; false if the tokens are something else. */
static bool set_assignment(struct set *s)
{
    const struct token *name;
    bool global, user = false;

    set_scope(s);
    global = s->global;
    if (is_punct(s, s->i, '@') && is_punct(s, s->i + 1, '@')) {
        s->i += 2;
        global = false;
        if (is_punct(s, s->i + 1, '.')) {
            global = !is_word(s, s->i, "session") && !is_word(s, s->i, "local");
            s->i += 2;
        }
    } else if (is_punct(s, s->i, '@')) {
        s->i++;
        user = true;
    }
    if (s->i + 1 >= s->lx->ntokens)
        return false;
    name = &s->lx->tokens[s->i++];
    if (name->kind != TOKEN_WORD && name->kind != TOKEN_QUOTED && !user)
        return false;
    if (is_punct(s, s->i, ':'))
        s->i++;
    if (!is_punct(s, s->i, '=') && !is_word(s, s->i, "to"))
        return false;
    s->i++;
    if (s->i >= s->lx->ntokens)
        return false;
    if (user)
        set_value_end(s);
    else
        set_apply(s, name, global);
    return true;
}

static void follow_reset(struct set *s)
{
    const struct token *name = &s->lx->tokens[1];

    if (s->lx->ntokens != 2 || name->kind != TOKEN_WORD)
        return;
    if (is_word(s, 1, "all")) {
        s->flags = s->lx->initial;
    } else {
        uint64_t bits = mode_bits(s->lx->modes, s->sql + name->offset, name->len);

        s->flags = (s->flags & ~bits) | (s->lx->initial & bits);
    }
}

/* The statement just read may set something. */
void lexer_follow_set(struct lexer *lx)
{
    struct set s = {lx, lexer_data(lx) + lx->sql, 0, false, lx->flags};

    if (!lx->modes)
        return;
    if (is_word(&s, 0, "reset"))
        follow_reset(&s);
    if (is_word(&s, 0, "set") && !is_word(&s, 1, "statement")) {
        do {
            s.i++;
        } while (set_assignment(&s) && is_punct(&s, s.i, ','));
    }
    if (s.flags != lx->flags)
        lexer_set_flags(lx, s.flags);
}
