/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define PIECE 8u /* bytes of a secret that are recognised where a server has cut it */
#define SHORT 4u /* a shorter one is only looked for with its quotes */
#define WORD_MAX 24u

static const char stars[] = "***";

/* ---- finding them -------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t word_length(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && is_word(text[n]))
        n++;
    return n;
}

static bool listed(const char *word, size_t len, const char *const *list)
{
    for (; *list; list++) {
        if (strlen(*list) == len && strncasecmp(word, *list, len) == 0)
            return true;
    }
    return false;
}

/* PASSWORD, also at the end of MASTER_PASSWORD and the like. */
static bool announces(const char *word, size_t len)
{
    static const char *const words[] = {"IDENTIFIED", "CONNECTION", "USING", "REPLACE", NULL};
    static const char password[] = "PASSWORD";
    const size_t n = sizeof(password) - 1;

    return listed(word, len, words) || (len >= n && strncasecmp(word + len - n, password, n) == 0);
}

/* The end of a literal's inside that begins at i behind its quote; *next is behind the literal. */
static size_t quoted_end(const char *text, size_t len, size_t i, char quote, size_t *next)
{
    for (; i < len; i++) {
        if (text[i] == '\\' && i + 1 < len) {
            i++;
        } else if (text[i] == quote) {
            if (i + 1 == len || text[i + 1] != quote)
                break;
            i++;
        }
    }
    *next = i < len ? i + 1 : len;
    return i < len ? i : len;
}

/* The bytes of $tag$ at text, 0 = that is none. */
static size_t dollar_tag(const char *text, size_t len)
{
    size_t n = len ? 1 + word_length(text + 1, len - 1) : 0;

    return n && text[0] == '$' && n < len && text[n] == '$' ? n + 1 : 0;
}

static size_t dollar_end(const char *text, size_t len, size_t i, size_t tag, size_t *next)
{
    const char *opening = text + i - tag;

    for (; i + tag <= len; i++) {
        if (memcmp(text + i, opening, tag) == 0) {
            *next = i + tag;
            return i;
        }
    }
    *next = len;
    return len;
}

/* Between the word that announces a secret and its literal. */
struct follower {
    const char *text;
    size_t len, i;
    bool name;     /* the next literal or word is a name: of a plugin, of a user */
    bool function; /* the word may also be a function's name, which announces nothing */
};

/* Passes over a word; false when it does not belong between the two. */
static bool pass_word(struct follower *f)
{
    static const char *const between[] = {"BY",   "AS",   "USING", "OR",  "PASSWORD", "REPLACE",
                                          "USER", "WITH", "VIA",   "FOR", NULL};
    static const char *const names[] = {"WITH", "VIA", "FOR", "USER", NULL};
    const char *word = f->text + f->i;
    const size_t n = word_length(word, f->len - f->i);
    const bool prefix = n == 1 && f->i + 1 < f->len && word[1] == '\''; /* E'..', N'..', X'..' */

    if (!f->name && !prefix && !listed(word, n, between))
        return false;
    f->name = listed(word, n, names);
    f->i += n;
    return true;
}

/* Moves to the inside of the secret that follows; returns its length, 0 = none follows. */
static size_t follow(struct follower *f)
{
    while (f->i < f->len) {
        const char c = f->text[f->i];
        const size_t tag = dollar_tag(f->text + f->i, f->len - f->i);
        size_t start, end;

        if (c && strchr(" \t\r\n=(:", c) && !(c == '(' && f->function)) {
            f->i++;
            continue;
        }
        if (c == '@') { /* the host of a user */
            f->name = true;
            f->i++;
            continue;
        }
        if (is_word(c)) {
            if (!pass_word(f))
                return 0;
            continue;
        }
        if (c != '\'' && c != '"' && c != '`' && !tag)
            return 0;
        start = f->i + (tag ? tag : 1);
        end = tag ? dollar_end(f->text, f->len, start, tag, &f->i)
                  : quoted_end(f->text, f->len, start, c, &f->i);
        if (!f->name && c != '`' && end > start) {
            f->i = start;
            return end - start;
        }
        f->name = false;
    }
    return 0;
}

size_t secret_next(const char *text, size_t len, size_t *at)
{
    size_t i = *at;

    while (i < len) {
        const size_t n = word_length(text + i, len - i);
        struct follower f = {.text = text, .len = len, .i = i + n};
        size_t found;

        if (n == 0) {
            i++;
            continue;
        }
        if (n <= WORD_MAX && announces(text + i, n)) {
            /* "password" may be a name in quotes, or a text */
            if (i > 0 && f.i < len && strchr("'\"`", text[f.i]) && text[i - 1] == text[f.i])
                f.i++;
            f.function = n == 7; /* REPLACE */
            found = follow(&f);
            if (found) {
                *at = f.i;
                return found;
            }
        }
        i += n;
    }
    return 0;
}

/* ---- hiding them --------------------------------------------------------------------------- */

static uint32_t characters(const char *text, size_t len)
{
    uint32_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

/* Puts the stars in the place of len bytes at at; returns where they end. */
static size_t put_stars(char *text, size_t size, size_t at, size_t len)
{
    const size_t room = size - 1 - at, n = room < sizeof(stars) - 1 ? room : sizeof(stars) - 1;
    size_t rest = strlen(text + at + len);

    if (rest > room - n)
        rest = room - n;
    memmove(text + at + n, text + at + len, rest);
    memcpy(text + at, stars, n);
    text[at + n + rest] = '\0';
    return at + n;
}

static void keep_caret(uint32_t *caret, const char *text, size_t at, size_t len)
{
    const uint32_t before = characters(text, at), hidden = characters(text + at, len);

    if (*caret > before + hidden)
        *caret = *caret - hidden + (uint32_t)sizeof(stars) - 1;
    else if (*caret > before)
        *caret = before + 1;
}

void secret_hide(char *text, size_t size, uint32_t *caret)
{
    size_t at = 0, len;

    while ((len = secret_next(text, strlen(text), &at)) > 0) {
        if (caret)
            keep_caret(caret, text, at, len);
        at = put_stars(text, size, at, len);
        /* The word that announced it may announce another one, which stands behind. */
        if (text[at] == '\'' || text[at] == '"')
            at++;
    }
}

/* How many bytes of the secret stand at text: all, or enough of them. */
static size_t shown(const char *text, const char *secret, size_t len)
{
    size_t n = 0;

    while (n < len && text[n] == secret[n])
        n++;
    return n == len || n >= PIECE ? n : 0;
}

static void hide_in(char *text, size_t size, const char *secret, size_t len)
{
    for (size_t i = 0; text[i];) {
        const size_t n = shown(text + i, secret, len);
        const bool quoted = i > 0 && strchr("'\"", text[i - 1]) && strchr("'\"", text[i + n]);

        if (n && (len >= SHORT || quoted))
            i = put_stars(text, size, i, n);
        else
            i++;
    }
}

void secret_hide_error(const char *sql, size_t len, struct dunlin_error *err)
{
    const struct {
        char *text;
        size_t size;
    } fields[] = {{err->message, sizeof(err->message)},
                  {err->detail, sizeof(err->detail)},
                  {err->hint, sizeof(err->hint)},
                  {err->context, sizeof(err->context)}};
    size_t at = 0, n;

    while ((n = secret_next(sql, len, &at)) > 0) {
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
            hide_in(fields[i].text, fields[i].size, sql + at, n);
        at += n;
        at += at < len; /* its closing quote, which opens nothing */
    }
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        secret_hide(fields[i].text, fields[i].size, NULL);
    secret_hide(err->source_line, sizeof(err->source_line), &err->caret);
}
