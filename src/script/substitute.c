/* SPDX-License-Identifier: MIT */
#include "script/substitute.h"

#include <string.h>

#include "base/error.h"
#include "base/quote.h"
#include "base/utf8.h"

#define NAME_MAX_SHOWN 60
#define ROOM 4096u /* for values, beside the largest statement */

/* What a byte of a statement is part of. */
enum zone { ZONE_CODE, ZONE_QUOTED, ZONE_COMMENT };

struct reader {
    const char *sql;
    size_t len, at;
    uint64_t lex;
    size_t escaped; /* end of the last string with backslash escapes, 0 = none */
};

enum form { FORM_RAW, FORM_IDENT, FORM_LIT };

struct placeholder {
    enum form form;
    const char *name;
    size_t name_len, len; /* len: of all of it */
};

/* ---- names and values ----------------------------------------------------------------------- */

static bool name_char(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

static size_t name_length(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && name_char(text[n], n == 0))
        n++;
    return n;
}

static bool is_utf8(const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        uint32_t code;
        size_t n = utf8_decode(text, left, &code);

        if (n == 0)
            return false;
        text += n;
        left -= n;
    }
    return true;
}

int substitutes_check(const char *const *set, size_t count, struct dunlin_error *err)
{
    for (size_t i = 0; i < count; i++) {
        size_t n = name_length(set[i], strlen(set[i]));

        if (n == 0 || set[i][n] != '=') {
            error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                      "a value for placeholders must be NAME=VALUE");
            error_hint(err, "NAME is letters, digits and _");
            return DUNLIN_CONFIG;
        }
        if (!is_utf8(set[i]))
            return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                             "the value for the placeholder %.*s is not valid UTF-8", (int)n,
                             set[i]);
    }
    return DUNLIN_OK;
}

static const char *value_of(const struct substitutes *with, const struct placeholder *p)
{
    for (size_t i = with ? with->count : 0; i-- > 0;) {
        const char *set = with->set[i];

        if (strncmp(set, p->name, p->name_len) == 0 && set[p->name_len] == '=')
            return set + p->name_len + 1;
    }
    return NULL;
}

/* Whether a value may stand in the text as it is, wherever that is: nothing in it can end or begin
 * a string, a comment or a statement. */
static bool harmless(const char *value, uint64_t lex)
{
    for (const char *p = value; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f || strchr("'\"`;\\$#", *p) ||
            (*p == ']' && (lex & DUNLIN_LEX_BRACKET)))
            return false;
    }
    return !strstr(value, "--") && !strstr(value, "/*") && !strstr(value, "*/");
}

/* ---- walking over a statement --------------------------------------------------------------- */

static bool word_byte(char c)
{
    return name_char(c, false) || (unsigned char)c >= 0x80;
}

static bool starts(const struct reader *r, size_t at, const char *text)
{
    size_t n = strlen(text);

    return r->len - at >= n && memcmp(r->sql + at, text, n) == 0;
}

/* The end of what is quoted from at on, behind the closing character. */
static size_t quoted_end(const struct reader *r, size_t at, char close, bool escapes)
{
    bool doubles = close != ']';

    for (at++; at < r->len; at++) {
        if (escapes && r->sql[at] == '\\')
            at++;
        else if (r->sql[at] == close && doubles && at + 1 < r->len && r->sql[at + 1] == close)
            at++;
        else if (r->sql[at] == close)
            return at + 1;
    }
    return r->len;
}

/* E'..', and what goes on with it on a later line. */
static bool string_escapes(const struct reader *r)
{
    bool line = false;

    if (r->lex & DUNLIN_LEX_BACKSLASH)
        return true;
    if (!(r->lex & DUNLIN_LEX_E_STRING))
        return false;
    if (r->at > 0 && (r->sql[r->at - 1] == 'E' || r->sql[r->at - 1] == 'e'))
        return r->at == 1 || !(word_byte(r->sql[r->at - 2]) || r->sql[r->at - 2] == '$');
    if (r->escaped == 0)
        return false;
    for (size_t i = r->escaped; i < r->at; i++) {
        if (!strchr(" \t\r\n\f\v", r->sql[i]))
            return false;
        line = line || r->sql[i] == '\n' || r->sql[i] == '\r';
    }
    return line;
}

/* $tag$ .. $tag$: its end, 0 when there is none. */
static size_t dollar_end(const struct reader *r)
{
    size_t at = r->at, tag = 1;

    if (!(r->lex & DUNLIN_LEX_DOLLAR_QUOTE) ||
        (at > 0 && (word_byte(r->sql[at - 1]) || r->sql[at - 1] == '$')))
        return 0;
    while (at + tag < r->len && word_byte(r->sql[at + tag]) &&
           !(tag == 1 && r->sql[at + tag] >= '0' && r->sql[at + tag] <= '9'))
        tag++;
    if (at + tag >= r->len || r->sql[at + tag] != '$')
        return 0;
    tag++;
    for (size_t i = at + tag; i + tag <= r->len; i++) {
        if (memcmp(r->sql + i, r->sql + at, tag) == 0)
            return i + tag;
    }
    return r->len;
}

static size_t line_end(const struct reader *r)
{
    size_t at = r->at;

    while (at < r->len && r->sql[at] != '\n' &&
           !(r->sql[at] == '\r' && (r->lex & DUNLIN_LEX_CR_COMMENT)))
        at++;
    return at;
}

static size_t block_end(const struct reader *r)
{
    size_t at = r->at + 2, depth = 1;

    while (at < r->len && depth > 0) {
        if (starts(r, at, "*/"))
            depth--;
        else if ((r->lex & DUNLIN_LEX_NESTED_COMMENT) && starts(r, at, "/*"))
            depth++;
        else
            at--;
        at += 2;
    }
    return at;
}

static bool dash_comment(const struct reader *r)
{
    return starts(r, r->at, "--") && (!(r->lex & DUNLIN_LEX_DASH_SPACE) || r->at + 2 >= r->len ||
                                      (unsigned char)r->sql[r->at + 2] <= ' ');
}

/* The zone that begins here, and its end. Code comes a byte at a time. */
static enum zone zone_at(struct reader *r, size_t *end)
{
    char c = r->sql[r->at];

    *end = r->at + 1;
    if (c == '\'') {
        bool escapes = string_escapes(r);

        *end = quoted_end(r, r->at, c, escapes);
        r->escaped = escapes ? *end : 0;
        return ZONE_QUOTED;
    }
    if (c == '"') {
        *end = quoted_end(r, r->at, c,
                          (r->lex & DUNLIN_LEX_DOUBLE_STRING) && (r->lex & DUNLIN_LEX_BACKSLASH));
        return ZONE_QUOTED;
    }
    if ((c == '`' && (r->lex & DUNLIN_LEX_BACKTICK)) ||
        (c == '[' && (r->lex & DUNLIN_LEX_BRACKET))) {
        *end = quoted_end(r, r->at, c == '[' ? ']' : c, false);
        return ZONE_QUOTED;
    }
    if (c == '$' && dollar_end(r)) {
        *end = dollar_end(r);
        return ZONE_QUOTED;
    }
    if (dash_comment(r) || (c == '#' && (r->lex & DUNLIN_LEX_HASH_COMMENT))) {
        *end = line_end(r);
        return ZONE_COMMENT;
    }
    if (starts(r, r->at, "/*") && !((r->lex & DUNLIN_LEX_EXEC_COMMENT) &&
                                    (starts(r, r->at, "/*!") || starts(r, r->at, "/*M!")))) {
        *end = block_end(r);
        return ZONE_COMMENT;
    }
    return ZONE_CODE;
}

/* ---- placeholders --------------------------------------------------------------------------- */

/* At "${": false when what follows is none. */
static bool placeholder_read(const struct reader *r, size_t at, struct placeholder *p)
{
    static const struct {
        const char *word;
        enum form form;
    } forms[] = {{"ident:", FORM_IDENT}, {"lit:", FORM_LIT}, {"raw:", FORM_RAW}};
    size_t start = at;

    at += 2;
    p->form = FORM_RAW;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (starts(r, at, forms[i].word)) {
            p->form = forms[i].form;
            at += strlen(forms[i].word);
            break;
        }
    }
    p->name = r->sql + at;
    p->name_len = name_length(p->name, r->len - at);
    at += p->name_len;
    p->len = at + 1 - start;
    return p->name_len > 0 && at < r->len && r->sql[at] == '}';
}

static int refuse(const struct reader *r, const struct piece *piece, size_t at,
                  struct dunlin_error *err, const char *hint, const struct placeholder *p,
                  const char *why)
{
    uint32_t line = piece->line, column = piece->column;

    for (size_t i = 0; i < at; i++) {
        if (r->sql[i] == '\n' || (r->sql[i] == '\r' && !starts(r, i + 1, "\n"))) {
            line++;
            column = 1;
        } else if (((unsigned char)r->sql[i] & 0xc0) != 0x80 && r->sql[i] != '\r') {
            column++;
        }
    }
    if (p)
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "the placeholder %.*s %s",
                  (int)(p->name_len < NAME_MAX_SHOWN ? p->name_len : NAME_MAX_SHOWN), p->name, why);
    else
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s", why);
    error_hint(err, "%s", hint);
    error_place(err, NULL, line, column);
    return DUNLIN_BAD_FILE;
}

/* A literal that every setting of every engine reads alike is written plainly. */
static void add_literal(struct buf *b, const struct dunlin_dialect *d, const char *value)
{
    bool plain = !strchr(value, '\\');

    for (const char *p = value; *p && plain; p++)
        plain = (unsigned char)*p >= ' ' && (unsigned char)*p < 0x7f;
    if (!plain) {
        sql_literal(b, d, value);
        return;
    }
    buf_addc(b, '\'');
    for (; *value; value++) {
        if (*value == '\'')
            buf_addc(b, '\'');
        buf_addc(b, *value);
    }
    buf_addc(b, '\'');
}

static int put_in(struct buf *out, const struct reader *r, const struct piece *piece, size_t at,
                  const struct substitutes *with, const struct placeholder *p, enum zone zone,
                  struct dunlin_error *err)
{
    const char *value = value_of(with, p);

    if (!value)
        return refuse(r, piece, at, err,
                      "give it with --set NAME=VALUE, or write $${ for the characters themselves",
                      p, "is not defined");
    if (p->form != FORM_RAW && zone == ZONE_QUOTED)
        return refuse(r, piece, at, err, "put it outside of the quotes: its value brings its own",
                      p, "has a type and stands inside a string, a quoted name or a body");
    if (p->form == FORM_RAW && !harmless(value, r->lex))
        return refuse(
            r, piece, at, err, "write ${lit:NAME} for a text, ${ident:NAME} for a name", p,
            "has a value with quotes, ;, \\, $, #, a comment or control characters, which "
            "cannot stand in the text as it is");
    if (p->form == FORM_IDENT && !*value)
        return refuse(r, piece, at, err, "give it a value", p, "is an empty name");
    if (p->form == FORM_IDENT)
        sql_ident(out, with->dialect, value);
    else if (p->form == FORM_LIT)
        add_literal(out, with->dialect, value);
    else
        buf_adds(out, value);
    return DUNLIN_OK;
}

/* Copies from at to end, replacing what is to be replaced. *at may end up behind end: in code a
 * placeholder is longer than the byte that it begins with. */
static int copy_zone(struct buf *out, struct reader *r, size_t end, enum zone zone,
                     const struct substitutes *with, struct piece *piece, struct dunlin_error *err)
{
    while (r->at < end) {
        struct placeholder p;
        bool escape = starts(r, r->at, "$${");
        int rc;

        if (zone == ZONE_COMMENT || !(escape || starts(r, r->at, "${"))) {
            buf_addc(out, r->sql[r->at++]);
            continue;
        }
        if (!piece->replaced)
            piece->intact = r->at;
        piece->replaced = true;
        if (escape) {
            buf_adds(out, "${");
            r->at += 3;
            continue;
        }
        if (!placeholder_read(r, r->at, &p))
            return refuse(r, piece, r->at, err,
                          "placeholders are ${ident:NAME}, ${lit:NAME} and ${NAME}; write $${ for "
                          "the characters themselves",
                          NULL, "this is no placeholder");
        rc = put_in(out, r, piece, r->at, with, &p, zone, err);
        if (rc)
            return rc;
        r->at += p.len;
    }
    return DUNLIN_OK;
}

/* ---- the statement -------------------------------------------------------------------------- */

void substitution_free(struct substitution *s)
{
    lexer_free(s->lexer);
    buf_free(&s->text);
    memset(s, 0, sizeof(*s));
}

/* Reads the new text: the statement that came out, which must be all there is. */
static int read_again(struct substitution *s, const struct script_dialect *dialect, uint64_t flags,
                      struct piece *piece, struct dunlin_error *err)
{
    static const char hint[] = "a value may not hold more than a part of a statement";
    struct reader r = {.sql = piece->sql, .len = piece->sql_len};
    struct piece next = {.kind = PIECE_BLANK};
    int rc;

    lexer_free(s->lexer);
    s->lexer = NULL;
    memory_stream_init(&s->stream, buf_str(&s->text), s->text.len);
    rc = lexer_new(&s->stream.stream, flags, dialect->modes, NULL, dialect->max_statement + ROOM,
                   &s->lexer, err);
    while (!rc && next.kind == PIECE_BLANK)
        rc = lexer_next(s->lexer, &next, err);
    if (rc == DUNLIN_BAD_FILE ||
        (!rc && (next.kind != PIECE_STATEMENT || next.copy_stdin != piece->copy_stdin ||
                 next.raw_len != s->text.len)))
        return refuse(&r, piece, piece->intact, err, hint, NULL,
                      "with its placeholders replaced this is not one statement");
    if (rc)
        return rc;
    piece->sql = next.sql;
    piece->sql_len = next.sql_len;
    piece->tokens = next.tokens;
    piece->ntokens = next.ntokens;
    return DUNLIN_OK;
}

int substitute(struct substitution *s, const struct script_dialect *dialect, uint64_t flags,
               struct piece *piece, struct dunlin_error *err)
{
    struct reader r = {.sql = piece->sql, .len = piece->sql_len, .lex = flags};

    piece->replaced = false;
    piece->intact = 0;
    if (piece->kind != PIECE_STATEMENT || !memchr(piece->sql, '$', piece->sql_len))
        return DUNLIN_OK;
    buf_clear(&s->text);
    s->text.max = dialect->max_statement + ROOM;
    while (r.at < r.len) {
        size_t end;
        enum zone zone = zone_at(&r, &end);
        int rc = copy_zone(&s->text, &r, end, zone, dialect->substitutes, piece, err);

        if (rc)
            return rc;
    }
    buf_adds(&s->text, "\n;"); /* COPY is only one with its end */
    if (s->text.failed)
        return error_nomem(err);
    return piece->replaced ? read_again(s, dialect, flags, piece, err) : DUNLIN_OK;
}
