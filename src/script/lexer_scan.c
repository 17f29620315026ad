/* SPDX-License-Identifier: MIT */
/*
 * The inside of one statement: words, numbers, quotes and comments, up to its terminator. The
 * first tokens are recorded; behind them everything dull is skipped through the class table, and
 * long quotes and comments through memchr().
 */
#include "script/lexer_impl.h"

#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

/* ---- helpers ------------------------------------------------------------------------------- */

static bool is_word_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c >= 0x80;
}

static bool is_blank_byte(const struct lexer *lx, char c)
{
    return (lx->classes[(unsigned char)c] & CLASS_BLANK) || (c == ';' && lx->delimiter_len);
}

/* Sets code to the end of the code before the current byte. */
static void trim(struct lexer *lx)
{
    const char *d = lexer_data(lx) + lx->sql;
    size_t end = lx->pos - lx->sql;

    while (end > lx->floor && is_blank_byte(lx, d[end - 1]))
        end--;
    if (end > lx->floor)
        lx->code = end;
}

/* The code goes up to the current byte, and looking back stops there. */
static void set_floor(struct lexer *lx, bool code)
{
    lx->floor = lx->pos - lx->sql;
    if (code)
        lx->code = lx->floor;
}

static void set_mask(struct lexer *lx)
{
    bool dull = lx->ntokens == PIECE_TOKENS && lx->body.mode == BODY_OFF;

    lx->mask = dull ? CLASS_BLANK | CLASS_DULL : CLASS_BLANK;
}

static void token(struct lexer *lx, enum token_kind kind, size_t at, size_t len)
{
    if (lx->ntokens < PIECE_TOKENS) {
        struct token *t = &lx->tokens[lx->ntokens++];

        t->offset = (uint32_t)at;
        t->len = (uint32_t)len;
        t->kind = (uint8_t)kind;
    }
    if (lx->body.mode != BODY_OFF)
        body_token(lx, kind, at, len);
    set_mask(lx);
}

static void punctuation(struct lexer *lx)
{
    token(lx, TOKEN_PUNCT, lx->pos - lx->sql, 1);
    lx->pos++;
}

/* ---- characters that are not ASCII --------------------------------------------------------- */

/* Outside quotes and comments what runs has to be what people see: there a character that shows
 * nothing, or turns the direction of the text around it (CVE-2021-42574), has no honest use. */
static void refuse_character(struct lexer *lx, size_t k, size_t len, uint32_t code)
{
    unsigned byte = (unsigned char)lexer_data(lx)[lx->pos + k];

    if (len == 0) {
        if (lexer_fail(lx, lx->pos + k, "the byte 0x%02x is not valid UTF-8", byte))
            error_hint(lx->err, "save the file as UTF-8, for instance with iconv; other encodings "
                                "can stand in comments and between quotes");
    } else if (lexer_fail(lx, lx->pos + k, "the invisible character U+%04X outside quotes",
                          (unsigned)code)) {
        error_hint(lx->err, "remove it: it hides what the statement does; it can stand in "
                            "comments and between quotes");
    }
}

size_t lexer_character(struct lexer *lx, size_t k)
{
    char text[4];
    size_t n = 0, len;
    uint32_t code = 0;

    do {
        int c = lexer_peek(lx, k + n);

        if (c < 0 || (n && (c & 0xc0) != 0x80))
            break;
        text[n++] = (char)c;
    } while (n < sizeof(text));
    len = utf8_decode(text, n, &code);
    if (len > 0 && !utf8_is_invisible(code))
        return len;
    refuse_character(lx, k, len, code);
    return 0;
}

/* A word, or a number with whatever letters follow it. */
static void word(struct lexer *lx, enum token_kind kind)
{
    size_t at = lx->pos - lx->sql, len;

    len = (unsigned char)lexer_data(lx)[lx->pos] < 0x80 ? 1 : lexer_character(lx, 0);
    if (len == 0)
        return;
    do {
        const unsigned char *d = (const unsigned char *)lexer_data(lx);
        size_t i = lx->pos + len, n = lx->window.len;

        if (kind == TOKEN_WORD) {
            while (i < n && lx->word[d[i]] == 1)
                i++;
        } else {
            while (i < n && ((lx->word[d[i]] == 1 && d[i] != '$') || d[i] == '.'))
                i++;
        }
        lx->pos = i;
        len = i < n && lx->word[d[i]] == HIGH ? lexer_character(lx, 0) : 0;
    } while (len || (lx->pos == lx->window.len && lexer_fill(lx)));
    token(lx, kind, at, lx->pos - lx->sql - at);
}

bool lexer_at_delimiter(struct lexer *lx)
{
    unsigned char first = (unsigned char)lx->delimiter[0];
    unsigned char last = (unsigned char)lx->delimiter[lx->delimiter_len - 1];
    int after;

    for (size_t i = 0; i < lx->delimiter_len; i++) {
        if (lexer_peek(lx, i) != (unsigned char)lx->delimiter[i])
            return false;
    }
    /* a delimiter that is a word does not end a statement from inside another word */
    if (lx->word[first] && lx->open && lx->pos > lx->sql &&
        lx->word[(unsigned char)lexer_data(lx)[lx->pos - 1]])
        return false;
    after = lexer_peek(lx, lx->delimiter_len);
    return !(lx->word[last] && after >= 0 && lx->word[after]);
}

/* ---- quotes -------------------------------------------------------------------------------- */

/* At an opening quote: moves behind the closing one. Doubling it does not close, but for ]. */
static bool quote_skip(struct lexer *lx, char quote, bool escapes)
{
    size_t clear = 0; /* no quote stands between the current byte and here, from sql */

    lx->pos++;
    for (;;) {
        const char *d = lexer_data(lx), *found, *slash;
        size_t from = lx->sql + clear > lx->pos ? lx->sql + clear : lx->pos, end;

        found = memchr(d + from, quote, lx->window.len - from);
        end = found ? (size_t)(found - d) : lx->window.len;
        clear = end - lx->sql;
        slash = escapes ? memchr(d + lx->pos, '\\', end - lx->pos) : NULL;
        if (slash) {
            lx->pos = (size_t)(slash - d);
            if (lexer_peek(lx, 1) < 0)
                return false;
            lx->pos += 2;
            continue;
        }
        lx->pos = end;
        if (!found) {
            if (!lexer_fill(lx))
                return false;
            continue;
        }
        lx->pos++;
        if (quote == ']' || lexer_peek(lx, 0) != (unsigned char)quote)
            return true;
        lx->pos++;
    }
}

static void quoted(struct lexer *lx, char quote, bool escapes, enum token_kind kind)
{
    size_t at = lx->pos - lx->sql;

    if (!quote_skip(lx, quote, escapes)) {
        lexer_fail(lx, lx->sql + at,
                   kind == TOKEN_STRING ? "unterminated string" : "unterminated quoted identifier");
        return;
    }
    set_floor(lx, true);
    token(lx, kind, at, lx->pos - lx->sql - at);
}

/* The letter glued to the quote at the current byte (E'..', X'..'), lower case; 0 = none. */
static char string_prefix(const struct lexer *lx)
{
    const unsigned char *d = (const unsigned char *)lexer_data(lx) + lx->sql;
    size_t at = lx->pos - lx->sql;

    if (at < lx->floor + 1 || !is_word_byte(d[at - 1]))
        return 0;
    if (at > lx->floor + 1 && is_word_byte(d[at - 2]))
        return 0;
    return (char)(d[at - 1] | 0x20);
}

/* Does a string at the current byte go on the string with escapes before it? Only blank and line
 * comments with a line end among them may stand between. */
static bool continues_escaped(const struct lexer *lx)
{
    const char *d = lexer_data(lx) + lx->sql;
    size_t end = lx->pos - lx->sql;
    bool line = false;

    if (lx->escaped == 0)
        return false;
    for (size_t i = lx->escaped; i < end; i++) {
        if (d[i] == '-' && i + 1 < end && d[i + 1] == '-') {
            while (i < end && !is_line_end(d[i]))
                i++;
        }
        if (i < end && is_line_end(d[i]))
            line = true;
        else if (i < end && !is_blank_byte(lx, d[i]))
            return false;
    }
    return line;
}

static void single_quoted(struct lexer *lx)
{
    char prefix = string_prefix(lx);
    bool escapes = (lx->flags & DUNLIN_LEX_BACKSLASH) && prefix != 'x' && prefix != 'b';
    bool estring = (lx->flags & DUNLIN_LEX_E_STRING) != 0;

    if (estring && (prefix == 'e' || continues_escaped(lx)))
        escapes = true;
    quoted(lx, '\'', escapes, TOKEN_STRING);
    lx->escaped = escapes && estring ? lx->floor : 0;
}

static void double_quoted(struct lexer *lx)
{
    bool string = (lx->flags & DUNLIN_LEX_DOUBLE_STRING) != 0;

    quoted(lx, '"', string && (lx->flags & DUNLIN_LEX_BACKSLASH),
           string ? TOKEN_STRING : TOKEN_QUOTED);
}

/* ---- dollar quotes ------------------------------------------------------------------------- */

/* Length of what goes on a word k behind the current byte, 0 if nothing does. */
static size_t word_byte_length(struct lexer *lx, size_t k)
{
    int c = lexer_peek(lx, k);

    if (c < 0 || !is_word_byte((unsigned char)c))
        return 0;
    return c < 0x80 ? 1 : lexer_character(lx, k);
}

/* Length of $tag$ at the current byte, 0 if it is none. */
static size_t dollar_tag(struct lexer *lx)
{
    size_t k = 1, len = 1;

    while (len > 0) {
        int c = lexer_peek(lx, k);

        if (c == '$')
            return k + 1;
        len = k == 1 && c >= '0' && c <= '9' ? 0 : word_byte_length(lx, k);
        k += len;
    }
    return 0;
}

/* Is the $ at the current byte part of an identifier that began before it? */
static bool in_identifier(const struct lexer *lx)
{
    const unsigned char *d = (const unsigned char *)lexer_data(lx) + lx->sql;
    size_t at = lx->pos - lx->sql, first = at;

    while (first > lx->floor && is_word_byte(d[first - 1]))
        first--;
    return first < at && d[first] != '$' && !(d[first] >= '0' && d[first] <= '9');
}

static bool dollar_skip(struct lexer *lx, size_t at, size_t len)
{
    for (;;) {
        const char *d = lexer_data(lx);
        const char *found = memchr(d + lx->pos, '$', lx->window.len - lx->pos);

        if (!found) {
            lx->pos = lx->window.len;
            if (!lexer_fill(lx))
                return false;
            continue;
        }
        lx->pos = (size_t)(found - d);
        if (lexer_peek(lx, len - 1) < 0)
            return false;
        d = lexer_data(lx);
        if (memcmp(d + lx->pos, d + lx->sql + at, len) == 0) {
            lx->pos += len;
            return true;
        }
        lx->pos++;
    }
}

static void dollar(struct lexer *lx)
{
    size_t at = lx->pos - lx->sql, len;

    if (in_identifier(lx)) {
        while ((len = word_byte_length(lx, 0)) > 0)
            lx->pos += len;
        return;
    }
    len = dollar_tag(lx);
    if (len == 0) {
        punctuation(lx);
        return;
    }
    lx->pos += len;
    if (!dollar_skip(lx, at, len)) {
        int shown = len < 64 ? (int)len : 64;

        lexer_fail(lx, lx->sql + at, "unterminated dollar quote %.*s", shown,
                   lexer_data(lx) + lx->sql + at);
        return;
    }
    set_floor(lx, true);
    token(lx, TOKEN_STRING, at, lx->pos - lx->sql - at);
}

/* ---- comments ------------------------------------------------------------------------------ */

bool lexer_line_comment(struct lexer *lx)
{
    int c;

    if (lexer_peek(lx, 1) != '-')
        return false;
    if (!(lx->flags & DUNLIN_LEX_DASH_SPACE))
        return true;
    c = lexer_peek(lx, 2);
    return c <= ' ' || c == 0x7f;
}

bool lexer_at_breakpoint(struct lexer *lx)
{
    static const char text[] = "--> statement-breakpoint";

    if (!(lx->flags & LEXER_BREAKPOINT))
        return false;
    for (size_t k = 0; k < BREAKPOINT_LEN; k++) {
        if (lexer_peek(lx, k) != text[k])
            return false;
    }
    return true;
}

/* A breakpoint ends a line comment, too: who cuts there does not look what it stands in. */
static bool comment_to_breakpoint(struct lexer *lx)
{
    while (lx->pos < lx->window.len) {
        char c = lexer_data(lx)[lx->pos];

        if (c == '\n' || (c == '\r' && (lx->flags & DUNLIN_LEX_CR_COMMENT)) ||
            (c == '-' && lexer_at_breakpoint(lx)))
            return true;
        lx->pos++;
    }
    return false;
}

/* Moves towards the end of the line. True there, before the line end. */
bool lexer_line_comment_step(struct lexer *lx)
{
    if (lx->flags & LEXER_BREAKPOINT)
        return comment_to_breakpoint(lx);

    const char *d = lexer_data(lx) + lx->pos;
    size_t n = lx->window.len - lx->pos;
    const char *end = memchr(d, '\n', n), *cr = NULL;

    if (end)
        n = (size_t)(end - d);
    if (lx->flags & DUNLIN_LEX_CR_COMMENT)
        cr = memchr(d, '\r', n);
    if (cr)
        end = cr;
    lx->pos = end ? lx->pos + (size_t)(end - d) : lx->window.len;
    return end != NULL;
}

/* Moves on inside a block comment, hardly behind the window. True behind its end. */
bool lexer_block_comment_step(struct lexer *lx)
{
    bool last = false;

    while (!last) {
        const char *d = lexer_data(lx);
        size_t i = lx->pos, n = lx->window.len;
        const char *star;
        int after;

        if (lx->comment_nests) {
            while (i < n && d[i] != '*' && d[i] != '/')
                i++;
        } else {
            star = memchr(d + i, '*', n - i);
            i = star ? (size_t)(star - d) : n;
        }
        lx->pos = i;
        if (i == n)
            return false;
        last = i + 1 == n;
        after = lexer_peek(lx, 1);
        if (lexer_peek(lx, 0) == '*' && after == '/') {
            lx->pos += 2;
            if (--lx->comment_depth == 0)
                return true;
        } else if (lx->comment_nests && lexer_peek(lx, 0) == '/' && after == '*') {
            lx->pos += 2;
            lx->comment_depth++;
        } else {
            lx->pos++;
        }
    }
    return false;
}

/* Behind the "!" of an executable comment: skips the version. True if no server has it, all nines:
 * such a comment is one. MariaDB's own need six of them. */
static bool version_never(struct lexer *lx, bool mariadb)
{
    int digits = 0, nines = 0, c;

    while (digits < 6 && (c = lexer_peek(lx, 0)) >= '0' && c <= '9') {
        digits++;
        nines += c == '9';
        lx->pos++;
    }
    return nines == digits && digits >= (mariadb ? 6 : 5);
}

int lexer_comment_open(struct lexer *lx)
{
    bool mariadb;

    if (lexer_peek(lx, 1) != '*')
        return 0;
    lx->comment_nests = (lx->flags & DUNLIN_LEX_NESTED_COMMENT) != 0;
    lx->comment_depth = 1;
    lx->pos += 2;
    if (!(lx->flags & DUNLIN_LEX_EXEC_COMMENT))
        return 1;
    mariadb = lexer_peek(lx, 0) == 'M';
    if (lexer_peek(lx, mariadb ? 1 : 0) != '!')
        return 1;
    lx->pos += mariadb ? 2 : 1;
    lx->comment_nests = version_never(lx, mariadb);
    return lx->comment_nests ? 1 : 2;
}

static void line_comment(struct lexer *lx)
{
    trim(lx);
    while (!lexer_line_comment_step(lx) && lexer_fill(lx))
        ;
    set_floor(lx, false);
}

static void block_comment(struct lexer *lx)
{
    size_t at = lx->pos - lx->sql;
    int kind;

    trim(lx);
    kind = lexer_comment_open(lx);
    if (kind == 0) {
        punctuation(lx);
        return;
    }
    if (kind == 2) {
        lx->exec = true;
        lx->exec_at = at;
        set_floor(lx, true);
        return;
    }
    while (!lexer_block_comment_step(lx)) {
        if (lx->pos < lx->window.len || lexer_fill(lx))
            continue;
        if (!(lx->flags & DUNLIN_LEX_OPEN_COMMENT))
            lexer_fail(lx, lx->sql + at, "unterminated comment");
        lx->comment_open = true;
        break;
    }
    set_floor(lx, false);
}

/* ---- the statement ------------------------------------------------------------------------- */

static void statement_begin(struct lexer *lx)
{
    struct piece at;

    lexer_place(lx, &at, lx->pos);
    lx->open = true;
    lx->sql = lx->pos;
    lx->sql_place = lx->here;
    lx->sql_column = at.column;
    lx->floor = lx->code = lx->escaped = 0;
    lx->depth = 0;
    lx->exec = lx->comment_open = false;
    lx->ntokens = 0;
    body_start(lx);
    set_mask(lx);
}

/* The statement ends before the current byte, its terminator is as long as that. */
static void statement_emit(struct lexer *lx, struct piece *piece, size_t terminator)
{
    bool copy = body_is_copy_stdin(lx);
    size_t code;

    if (lexer_too_long(lx))
        return;
    trim(lx);
    code = lx->code;
    while (lx->ntokens && lx->tokens[lx->ntokens - 1].offset >= code)
        lx->ntokens--; /* ";" before another delimiter */
    lx->pos += terminator;
    piece->comment_open = lx->comment_open;
    if (lx->ntokens == 0) { /* nothing but an empty executable comment */
        lexer_emit(lx, piece, PIECE_BLANK, lx->pos);
        return;
    }
    if (copy && terminator) {
        lexer_copy_line(lx);
        if (lexer_too_long(lx))
            return;
    }
    piece->sql = lexer_data(lx) + lx->sql;
    piece->sql_len = code;
    piece->offset = lx->base + lx->sql;
    piece->line = lx->sql_place.line;
    piece->column = lx->sql_column;
    piece->tokens = lx->tokens;
    piece->ntokens = lx->ntokens;
    piece->copy_stdin = lx->copying = copy;
    lexer_follow_set(lx);
    lexer_emit(lx, piece, PIECE_STATEMENT, lx->pos);
}

/* At the end of the text, or at a mark: is anything open that only its end can close? */
static bool left_open(struct lexer *lx, bool at_mark)
{
    if (lx->exec)
        lexer_fail(lx, lx->sql + lx->exec_at, "unterminated comment");
    else if (body_is_open(lx))
        body_fail(lx);
    else if (lx->depth && (at_mark || (lx->flags & DUNLIN_LEX_PAREN)))
        lexer_fail(lx, lx->sql + lx->paren, "unterminated parenthesis");
    else if (at_mark && body_is_copy_stdin(lx))
        lexer_fail(lx, lx->sql, "COPY .. FROM STDIN without a semicolon");
    return lx->status != 0;
}

static void semicolon(struct lexer *lx, struct piece *piece)
{
    bool inside = lx->depth && (lx->flags & DUNLIN_LEX_PAREN);
    size_t at = lx->pos - lx->sql;

    if (lx->body.mode != BODY_OFF && !inside)
        body_token(lx, TOKEN_PUNCT, at, 1);
    if (!inside && !lx->exec && !body_is_open(lx)) {
        statement_emit(lx, piece, 1);
        return;
    }
    if (lx->ntokens < PIECE_TOKENS)
        lx->tokens[lx->ntokens++] = (struct token){(uint32_t)at, 1, TOKEN_PUNCT};
    lx->pos++;
    set_mask(lx);
}

/* A comment, a mark or a breakpoint that ends the statement, or an operator. */
static void dash(struct lexer *lx, struct piece *piece)
{
    if (!lx->exec && lexer_at_breakpoint(lx)) {
        if (!left_open(lx, true))
            statement_emit(lx, piece, BREAKPOINT_LEN);
        piece->breakpoint = BREAKPOINT_LEN;
    } else if (lexer_peek(lx, 1) == '-' && !lx->exec && lexer_mark(lx) == MARK_MIGRATE) {
        if (!left_open(lx, true))
            statement_emit(lx, piece, 0);
    } else if (lexer_line_comment(lx)) {
        line_comment(lx);
    } else {
        punctuation(lx);
    }
}

static void slash(struct lexer *lx)
{
    if (!(lx->flags & DUNLIN_LEX_META_DOT) || !lexer_slash_line(lx))
        block_comment(lx);
}

static void star(struct lexer *lx)
{
    if (!lx->exec || lexer_peek(lx, 1) != '/') {
        punctuation(lx);
        return;
    }
    lx->pos += 2;
    lx->exec = false;
    set_floor(lx, true);
}

static void parenthesis(struct lexer *lx)
{
    bool opens = lexer_data(lx)[lx->pos] == '(';

    if (opens && lx->depth++ == 0)
        lx->paren = lx->pos - lx->sql;
    else if (!opens && lx->depth > 0)
        lx->depth--;
    punctuation(lx);
}

static void backtick(struct lexer *lx)
{
    quoted(lx, '`', false, TOKEN_QUOTED);
}

static void bracket(struct lexer *lx)
{
    quoted(lx, ']', false, TOKEN_QUOTED);
}

static void plain_word(struct lexer *lx)
{
    word(lx, TOKEN_WORD);
}

static void number(struct lexer *lx)
{
    word(lx, TOKEN_NUMBER);
}

/* Takes what stands at the current byte. */
static void scan(struct lexer *lx, struct piece *piece, unsigned class)
{
    static void (*const scanners[])(struct lexer *) = {
        [C_PUNCT] = punctuation,
        [C_WORD] = plain_word,
        [C_DIGIT] = number,
        [C_OPEN] = parenthesis,
        [C_CLOSE] = parenthesis,
        [C_SINGLE] = single_quoted,
        [C_DOUBLE] = double_quoted,
        [C_BACKTICK] = backtick,
        [C_BRACKET] = bracket,
        [C_SLASH] = slash,
        [C_STAR] = star,
        [C_HASH] = line_comment,
        [C_DOLLAR] = dollar,
        [C_BACKSLASH] = lexer_refuse_command,
        [C_CHARACTER] = plain_word,
    };

    if (class == C_SEMICOLON)
        semicolon(lx, piece);
    else if (class == C_DASH)
        dash(lx, piece);
    else
        scanners[class](lx);
}

/* At the end of the window. */
static void window_end(struct lexer *lx, struct piece *piece)
{
    if (!lexer_fill(lx) && !lx->status && !left_open(lx, false))
        statement_emit(lx, piece, 0);
}

/* A statement begins at the current byte. */
void lexer_statement(struct lexer *lx, struct piece *piece)
{
    statement_begin(lx);
    while (lx->open && !lx->status) {
        const unsigned char *d = (const unsigned char *)lexer_data(lx);
        size_t i = lx->pos, n = lx->window.len;
        unsigned class;

        while (i < n && (lx->classes[d[i]] & lx->mask))
            i++;
        lx->pos = i;
        if (i == n) {
            window_end(lx, piece);
            continue;
        }
        class = lx->classes[d[i]] & CLASS_CODE;
        if (class == C_DELIMITER) {
            if (!lx->exec && lexer_at_delimiter(lx)) {
                statement_emit(lx, piece, lx->delimiter_len);
                continue;
            }
            class = lx->delimiter_class;
        }
        scan(lx, piece, class);
    }
}
