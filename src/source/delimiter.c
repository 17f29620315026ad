/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "source/delimiter.h"

#include <ctype.h>
#include <string.h>

#include <dunlin/driver.h>
#include "base/error.h"

/* What a line begins in, in w->at; in w->kept the level of a comment, or the hash of a tag. */
enum { CODE = 0, SINGLE, ESCAPED, DOUBLE, DOUBLE_ESCAPED, BACKTICK, BLOCK, DOLLAR };

/* In w->seen: parentheses that are open, empty lines in a row, and of the statement so far .. */
#define DEPTH 0xfffu
#define EMPTY_ONE 0x1000u
#define EMPTY (0xffu * EMPTY_ONE)
#define SEEN_TEXT (1u << 28) /* .. that there is something, and .. */
#define SEEN_END (1u << 29)  /* .. that ";" is the last of it */

bool delimiter_init(struct delimiter *d, const char *text, size_t len)
{
    memset(d, 0, sizeof(*d));
    for (; len && *text == '\n'; text++, len--)
        d->before++;
    for (; len && text[len - 1] == '\n'; len--)
        d->after++;
    if (len >= sizeof(d->core) || memchr(text, '\n', len) || memchr(text, '\r', len))
        return false;
    memcpy(d->core, text, len);
    d->len = len;
    return (d->len || d->before) && (d->after < 2 || strcmp(d->core, ";") == 0);
}

/* ---- quotes and comments --------------------------------------------------------------------- */

static bool starts(const char *at, size_t len, const char *what)
{
    size_t n = strlen(what);

    return len >= n && memcmp(at, what, n) == 0;
}

static bool word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The length of "$tag$", 0 where it is none. */
static size_t tag_length(const char *at, size_t len)
{
    size_t n = 1;

    if (len < 2 || *at != '$' || isdigit((unsigned char)at[1]))
        return 0;
    while (n < len && word_byte(at[n]))
        n++;
    return n < len && at[n] == '$' ? n + 1 : 0;
}

static uint32_t tag_hash(const char *at, size_t len)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)at[i]) * 16777619u;
    return h;
}

/* Takes some of what is inside quotes or a block comment, at least a byte. */
static size_t inside(struct rewrite *w, uint64_t lex, const char *at, size_t len)
{
    static const char close[] = {[SINGLE] = '\'',
                                 [ESCAPED] = '\'',
                                 [DOUBLE] = '"',
                                 [BACKTICK] = '`',
                                 [DOUBLE_ESCAPED] = '"'};
    size_t tag;

    if (w->at == BLOCK && starts(at, len, "*/")) {
        w->at = --w->kept ? BLOCK : CODE;
        return 2;
    }
    if (w->at == BLOCK && (lex & DUNLIN_LEX_NESTED_COMMENT) && starts(at, len, "/*")) {
        w->kept++;
        return 2;
    }
    if (w->at == DOLLAR) {
        tag = tag_length(at, len);
        if (!tag || tag_hash(at, tag) != w->kept)
            return 1;
        w->at = CODE;
        return tag;
    }
    if (w->at == BLOCK)
        return 1;
    if ((w->at == ESCAPED || w->at == DOUBLE_ESCAPED) && *at == '\\')
        return len < 2 ? 1 : 2;
    if (*at == close[w->at])
        w->at = CODE;
    return 1;
}

/* What begins here, in code: takes its first bytes, or a comment to the end of its line; 0 = it is
 * code. */
static size_t opening(struct rewrite *w, uint64_t lex, const char *line, size_t i, size_t len)
{
    const char *at = line + i;
    bool escapes = lex & DUNLIN_LEX_BACKSLASH;
    size_t tag;

    len -= i;
    if (*at == '\'') {
        escapes = escapes || ((lex & DUNLIN_LEX_E_STRING) && i > 0 && (at[-1] | 0x20) == 'e' &&
                              (i < 2 || !word_byte(at[-2])));
        w->at = escapes ? ESCAPED : SINGLE;
        return 1;
    }
    if (*at == '"' || *at == '`') {
        w->at = *at == '`' ? BACKTICK : escapes ? DOUBLE_ESCAPED : DOUBLE;
        return 1;
    }
    if (starts(at, len, "/*")) {
        w->at = BLOCK;
        w->kept = 1;
        return 2;
    }
    if (starts(at, len, "--") || (*at == '#' && (lex & DUNLIN_LEX_HASH_COMMENT)))
        return len;
    tag = lex & DUNLIN_LEX_DOLLAR_QUOTE && (i == 0 || !word_byte(at[-1])) ? tag_length(at, len) : 0;
    if (tag) {
        w->at = DOLLAR;
        w->kept = tag_hash(at, tag);
    }
    return tag;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void code(struct rewrite *w, char c)
{
    if (isspace((unsigned char)c))
        return;
    if (c == '(' && (w->seen & DEPTH) < DEPTH)
        w->seen++;
    else if (c == ')' && (w->seen & DEPTH))
        w->seen--;
    w->seen = (w->seen & ~SEEN_END) | SEEN_TEXT | (c == ';' ? SEEN_END : 0);
}

static void statement_end(struct rewrite *w, struct buf *out)
{
    if ((w->seen & (SEEN_TEXT | SEEN_END)) == SEEN_TEXT)
        buf_addc(out, ';');
    w->seen &= ~(SEEN_TEXT | SEEN_END);
}

static bool is_here(const struct rewrite *w, const struct delimiter *d, const char *line, size_t i,
                    size_t len)
{
    if (!d->len || (w->seen & DEPTH) || len - i < d->len || memcmp(line + i, d->core, d->len) != 0)
        return false;
    if (d->before && (i > 0 || (w->seen & EMPTY) / EMPTY_ONE + 1 < d->before))
        return false;
    return !d->after || i + d->len == len;
}

/* A line that is not empty; *open = its end is in a comment. */
static void line_take(struct rewrite *w, const struct delimiter *d, const char *line, size_t len,
                      struct buf *out, bool *open)
{
    uint64_t lex = w->file->folder->lex;
    size_t n;

    *open = false;
    for (size_t i = 0; i < len; i += n) {
        if (w->at == CODE && is_here(w, d, line, i, len)) {
            statement_end(w, out);
            n = d->len;
            continue;
        }
        if (w->at != CODE) {
            n = inside(w, lex, line + i, len - i);
        } else {
            n = opening(w, lex, line, i, len);
            *open = n && w->at == CODE;
            if (n && w->at != CODE && w->at != BLOCK)
                code(w, '\'');
            if (!n) {
                code(w, line[i]);
                n = 1;
            }
        }
        buf_add(out, line + i, n);
    }
}

int delimiter_line(struct rewrite *w, const struct delimiter *d, const char *line, size_t len,
                   struct dunlin_error *err)
{
    struct buf out = BUF_INIT(2 * REWRITE_WHOLE_MAX);
    bool open = false, failed;

    if (strcmp(d->core, ";") == 0) /* dunlin's own, but for the line ends */
        return DUNLIN_OK;
    if (len == 0)
        w->seen += (w->seen & EMPTY) < EMPTY ? EMPTY_ONE : 0;
    else
        line_take(w, d, line, len, &out, &open);
    if (!d->len && w->at == CODE && !(w->seen & DEPTH) && !open && (len == 0) == (d->before > 1) &&
        (w->seen & EMPTY) / EMPTY_ONE + 1 >= d->before)
        statement_end(w, &out);
    if (len)
        w->seen &= ~EMPTY;
    failed = out.failed;
    if (!failed && (out.len != len || (len && memcmp(out.data, line, len) != 0)))
        rewrite_text(w, buf_str(&out), out.len);
    buf_free(&out);
    return failed ? error_nomem(err) : DUNLIN_OK;
}
