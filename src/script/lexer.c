/* SPDX-License-Identifier: MIT */
/*
 * The lexer's frame: a window that slides over the stream, the counting of lines and columns, and
 * the gap between two statements. The window holds one piece, so memory follows the largest
 * statement and not the text; blank and comments in the gap leave it in chunks.
 */
#include "script/lexer_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

/* ---- lines and columns --------------------------------------------------------------------- */

/* Length of the UTF-8 character at p, 1 where it is not valid. */
static size_t character_len(const unsigned char *p, size_t n)
{
    size_t len = *p < 0xc2 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 1;

    if (len > n)
        return 1;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 1;
    }
    return len;
}

static uint32_t count_characters(const char *data, size_t from, size_t to)
{
    const unsigned char *p = (const unsigned char *)data;
    uint32_t n = 0;

    while (from < to) {
        from += p[from] < 0x80 ? 1 : character_len(p + from, to - from);
        n++;
    }
    return n;
}

static void cursor_line(struct cursor *c, size_t after)
{
    c->line++;
    c->column_at = after;
    c->column = 0;
}

/* A CR ends a line by itself; an LF behind it belongs to it. */
static void cursor_move_cr(struct cursor *c, const char *data, size_t to)
{
    for (; c->at < to; c->at++) {
        char ch = data[c->at];

        if (ch == '\n' && c->cr)
            c->column_at = c->at + 1;
        else if (is_line_end(ch))
            cursor_line(c, c->at + 1);
        c->cr = ch == '\r';
    }
}

static void cursor_move(struct cursor *c, const char *data, size_t to)
{
    const char *lf;

    if (to <= c->at)
        return;
    if (c->cr || memchr(data + c->at, '\r', to - c->at)) {
        cursor_move_cr(c, data, to);
        return;
    }
    while ((lf = memchr(data + c->at, '\n', to - c->at)) != NULL) {
        c->at = (size_t)(lf - data) + 1;
        cursor_line(c, c->at);
        if (c->at == to)
            return;
    }
    c->at = to;
}

static uint32_t cursor_column(struct cursor *c, const char *data)
{
    if (c->column_at < c->at) {
        c->column += count_characters(data, c->column_at, c->at);
        c->column_at = c->at;
    }
    return c->column + 1;
}

/* Counts what is about to be forgotten. */
static void cursor_count(struct cursor *c, const char *data, size_t n)
{
    cursor_move(c, data, n);
    if (c->column_at < n) {
        c->column += count_characters(data, c->column_at, n);
        c->column_at = n;
    }
}

static void cursor_shift(struct cursor *c, size_t n)
{
    c->at -= n;
    c->column_at -= n;
}

void lexer_place(struct lexer *lx, struct piece *piece, size_t at)
{
    cursor_move(&lx->here, lexer_data(lx), at);
    piece->line = lx->here.line;
    piece->column = cursor_column(&lx->here, lexer_data(lx));
    piece->offset = lx->base + at;
}

/* ---- failing ------------------------------------------------------------------------------- */

static void fail_text(struct lexer *lx, uint32_t line, uint32_t column, const char *text)
{
    lx->status = error_set(lx->err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s", text);
    error_place(lx->err, NULL, line, column);
}

void lexer_fail_place(struct lexer *lx, uint32_t line, uint32_t column, const char *format, ...)
{
    char text[256];
    va_list ap;

    if (lx->status)
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    fail_text(lx, line, column, text);
}

/* The piece being read, up to the current byte. This is checked before any other error is
 * reported, so that what is said does not depend on how much was read at once. */
bool lexer_too_long(struct lexer *lx)
{
    if (lx->status || !lx->open || lx->pos - lx->sql <= lx->max_piece)
        return false;
    lexer_fail_place(lx, lx->sql_place.line, lx->sql_column,
                     "the statement is longer than the limit of %zu bytes", lx->max_piece);
    return true;
}

bool lexer_fail(struct lexer *lx, size_t at, const char *format, ...)
{
    struct cursor c = lx->open ? lx->sql_place : lx->here;
    char text[256];
    va_list ap;

    if (lx->status || lexer_too_long(lx))
        return false;
    cursor_move(&c, lexer_data(lx), at);
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    fail_text(lx, c.line, cursor_column(&c, lexer_data(lx)), text);
    return true;
}

/* ---- the window ---------------------------------------------------------------------------- */

/* Forgets what stands before the piece being made. */
static void window_slide(struct lexer *lx)
{
    size_t n = lx->start;

    if (n == 0)
        return;
    cursor_count(&lx->begin, lexer_data(lx), n);
    cursor_count(&lx->here, lexer_data(lx), n);
    buf_drop(&lx->window, n);
    cursor_shift(&lx->begin, n);
    cursor_shift(&lx->here, n);
    if (lx->open) {
        cursor_shift(&lx->sql_place, n);
        lx->sql -= n;
    }
    lx->base += n;
    lx->start = 0;
    lx->pos -= n;
}

bool lexer_fill(struct lexer *lx)
{
    size_t got = 0;
    const char *nul;
    int status;

    if (lx->status || lexer_too_long(lx))
        return false;
    if (lx->nul && lexer_fail(lx, lx->window.len, "the text contains a NUL byte"))
        error_hint(lx->err, "save the file as UTF-8: UTF-16, and what is no text, has such bytes");
    if (lx->status || lx->eof)
        return false;
    if (lx->window.cap - lx->window.len <= LEXER_BLOCK)
        window_slide(lx);
    if (!buf_reserve(&lx->window, LEXER_BLOCK)) {
        lx->status = error_nomem(lx->err);
        return false;
    }
    status =
        lx->stream->read(lx->stream, lx->window.data + lx->window.len, LEXER_BLOCK, &got, lx->err);
    if (status) {
        lx->status = status;
        return false;
    }
    if (got == 0) {
        lx->eof = true;
        return false;
    }
    nul = memchr(lx->window.data + lx->window.len, '\0', got);
    if (nul) {
        lx->nul = true;
        got = (size_t)(nul - lx->window.data) - lx->window.len;
    }
    lx->window.len += got;
    return got > 0 || lexer_fill(lx);
}

bool lexer_more(struct lexer *lx, size_t k)
{
    while (lx->pos + k >= lx->window.len) {
        if (!lexer_fill(lx))
            return false;
    }
    return true;
}

/* Is there nothing but blank between the start of the line and at? */
bool lexer_fresh(const struct lexer *lx, size_t at)
{
    const char *d = lexer_data(lx);

    while (at > lx->start &&
           (d[at - 1] == ' ' || d[at - 1] == '\t' || d[at - 1] == '\f' || d[at - 1] == '\v'))
        at--;
    return at == lx->start ? lx->fresh : is_line_end(d[at - 1]);
}

/* ---- flags --------------------------------------------------------------------------------- */

static void class_range(struct lexer *lx, unsigned from, unsigned to, unsigned class)
{
    for (unsigned c = from; c <= to; c++)
        lx->classes[c] = (uint8_t) class;
}

static void class_if(struct lexer *lx, uint64_t flag, char c, enum char_class class)
{
    if (lx->flags & flag)
        lx->classes[(unsigned char)c] = (uint8_t) class;
}

static void class_delimiter(struct lexer *lx)
{
    unsigned char first = (unsigned char)lx->delimiter[0];

    if (lx->delimiter_len == 0)
        return;
    lx->classes[';'] = C_PUNCT | CLASS_DULL;
    lx->delimiter_class = lx->classes[first] & CLASS_CODE;
    lx->classes[first] = C_DELIMITER;
    /* "END$$" holds the delimiter, though $ can be part of a word */
    if (first == '$' || first >= 0x80)
        lx->word[first] = 0;
}

void lexer_set_flags(struct lexer *lx, uint64_t flags)
{
    lx->flags = flags;
    class_range(lx, 0, 255, C_PUNCT | CLASS_DULL);
    class_range(lx, 'a', 'z', C_WORD | CLASS_DULL);
    class_range(lx, 'A', 'Z', C_WORD | CLASS_DULL);
    class_range(lx, 0x80, 0xff, C_CHARACTER);
    class_range(lx, '0', '9', C_DIGIT | CLASS_DULL);
    class_range(lx, '\t', '\r', C_SPACE | CLASS_BLANK | CLASS_DULL);
    lx->classes['_'] = C_WORD | CLASS_DULL;
    lx->classes['$'] = C_WORD | CLASS_DULL;
    lx->classes[' '] = C_SPACE | CLASS_BLANK | CLASS_DULL;
    for (unsigned c = 0; c < 256; c++) {
        unsigned code = lx->classes[c] & CLASS_CODE;

        lx->word[c] = code == C_CHARACTER ? HIGH : code == C_WORD || code == C_DIGIT;
    }
    lx->classes['('] = C_OPEN;
    lx->classes[')'] = C_CLOSE;
    lx->classes[';'] = C_SEMICOLON;
    lx->classes['\''] = C_SINGLE;
    lx->classes['"'] = C_DOUBLE;
    lx->classes['-'] = C_DASH;
    lx->classes['/'] = C_SLASH;
    class_if(lx, DUNLIN_LEX_BACKTICK, '`', C_BACKTICK);
    class_if(lx, DUNLIN_LEX_BRACKET, '[', C_BRACKET);
    class_if(lx, DUNLIN_LEX_EXEC_COMMENT, '*', C_STAR);
    class_if(lx, DUNLIN_LEX_HASH_COMMENT, '#', C_HASH);
    class_if(lx, DUNLIN_LEX_DOLLAR_QUOTE, '$', C_DOLLAR);
    class_if(lx, DUNLIN_LEX_META_BACKSLASH, '\\', C_BACKSLASH);
    class_delimiter(lx);
}

uint64_t lexer_flags(const struct lexer *lx)
{
    return lx->flags;
}

/* ---- the gap between statements ------------------------------------------------------------ */

/* The piece ends at end; what follows is for the next call. */
void lexer_emit(struct lexer *lx, struct piece *piece, enum piece_kind kind, size_t end)
{
    const char *d = lexer_data(lx);

    piece->kind = kind;
    piece->raw = d + lx->start;
    piece->raw_len = end - lx->start;
    if (piece->sql == NULL) {
        piece->sql = piece->raw;
        piece->offset = lx->base + lx->start;
    }
    lx->next = end;
    lx->pos = end;
    lx->open = false;
}

/* Takes over what the last call handed out. */
static void piece_begin(struct lexer *lx)
{
    if (lx->next > lx->start) {
        bool fresh = lexer_fresh(lx, lx->next);

        lx->line_start = is_line_end(lexer_data(lx)[lx->next - 1]);
        lx->start = lx->next;
        lx->fresh = fresh;
    }
    lx->pos = lx->start;
    lx->nmarks = 0;
    cursor_move(&lx->here, lexer_data(lx), lx->start);
    lx->begin = lx->here;
}

/* A chunk of a long gap must not end inside a character, or columns would be wrong. */
static size_t chunk_end(const struct lexer *lx)
{
    const unsigned char *d = (const unsigned char *)lexer_data(lx);
    size_t at = lx->pos;

    for (int back = 0; back < 3 && at > lx->start + 1; back++) {
        at--;
        if (d[at] >= 0xc0)
            return at;
        if (d[at] < 0x80)
            break;
    }
    return lx->pos;
}

static void skip_bom(struct lexer *lx, struct piece *piece)
{
    if (lexer_peek(lx, 0) != 0xef || lexer_peek(lx, 1) != 0xbb || lexer_peek(lx, 2) != 0xbf)
        return;
    lexer_emit(lx, piece, PIECE_BLANK, lx->pos + 3);
    /* editors do not count it, and a mark may follow */
    lx->start = lx->next;
    lx->here.at = lx->here.column_at = lx->start;
    lx->here.column = 0;
}

/* At the terminator of an empty statement? */
static bool gap_terminator(struct lexer *lx, struct piece *piece, unsigned class)
{
    if (class == C_DELIMITER ? !lexer_at_delimiter(lx) : class != C_SEMICOLON)
        return false;
    lexer_emit(lx, piece, PIECE_BLANK, lx->pos + (lx->delimiter_len ? lx->delimiter_len : 1));
    return true;
}

/* At a mark? What stands before it is a piece of its own. */
static bool gap_mark(struct lexer *lx, struct piece *piece, unsigned class)
{
    enum mark mark;

    if (class != C_DASH || lexer_peek(lx, 1) != '-')
        return false;
    mark = lexer_mark(lx);
    if (mark == MARK_NONE)
        return false;
    if (lx->pos > lx->start)
        lexer_emit(lx, piece, PIECE_BLANK, lx->pos);
    else
        lexer_emit_mark(lx, piece, mark);
    return true;
}

/* At a comment? Then the gap goes on inside it. */
static bool gap_comment(struct lexer *lx, unsigned class)
{
    size_t at = lx->pos - lx->start;
    struct piece place;

    if (class == C_HASH || (class == C_DASH && lexer_line_comment(lx))) {
        lx->gap = GAP_LINE_COMMENT;
        return true;
    }
    if (class != C_SLASH)
        return false;
    if (lexer_comment_open(lx) != 1) {
        lx->pos = lx->start + at;
        return false;
    }
    lexer_place(lx, &place, lx->start + at);
    lx->comment_line = place.line;
    lx->comment_column = place.column;
    lx->gap = GAP_BLOCK_COMMENT;
    return true;
}

/* Between comments. True when a piece came of it. */
static bool gap_code(struct lexer *lx, struct piece *piece)
{
    const unsigned char *d = (const unsigned char *)lexer_data(lx);
    unsigned class;

    while (lx->pos < lx->window.len && (lx->classes[d[lx->pos]] & CLASS_BLANK))
        lx->pos++;
    if (lx->pos == lx->window.len)
        return false;
    class = lx->classes[d[lx->pos]] & CLASS_CODE;
    if (gap_terminator(lx, piece, class))
        return true;
    if (lx->delimiter_len && lexer_peek(lx, 0) == ';') {
        lx->pos++; /* the unit of a delimiter may have more of these than statements */
        return false;
    }
    if (class == C_DASH && lexer_at_breakpoint(lx)) {
        lexer_emit(lx, piece, PIECE_BLANK, lx->pos + BREAKPOINT_LEN);
        piece->breakpoint = BREAKPOINT_LEN;
        return true;
    }
    if (gap_mark(lx, piece, class))
        return true;
    if (gap_comment(lx, class))
        return false;
    if (!lexer_command(lx, piece))
        lexer_statement(lx, piece);
    return true;
}

static bool gap_step(struct lexer *lx, struct piece *piece)
{
    switch (lx->gap) {
    case GAP_LINE_COMMENT:
        if (lexer_line_comment_step(lx))
            lx->gap = GAP_CODE;
        return false;
    case GAP_BLOCK_COMMENT:
        if (lexer_block_comment_step(lx))
            lx->gap = GAP_CODE;
        return false;
    default:
        return gap_code(lx, piece);
    }
}

static void gap_end(struct lexer *lx, struct piece *piece)
{
    if (lx->gap == GAP_BLOCK_COMMENT && !(lx->flags & DUNLIN_LEX_OPEN_COMMENT))
        lexer_fail_place(lx, lx->comment_line, lx->comment_column, "unterminated comment");
    else
        lexer_emit(lx, piece, lx->pos > lx->start ? PIECE_BLANK : PIECE_END, lx->pos);
    piece->comment_open = lx->gap == GAP_BLOCK_COMMENT;
}

static void next_piece(struct lexer *lx, struct piece *piece)
{
    if (lx->base + lx->pos == 0) {
        skip_bom(lx, piece);
        if (piece->kind != PIECE_END)
            return;
    }
    if (lx->copying) {
        lexer_copy_data(lx, piece);
        return;
    }
    while (!lx->status) {
        if (lx->pos - lx->start >= LEXER_BLOCK) {
            lexer_emit(lx, piece, PIECE_BLANK, chunk_end(lx));
            return;
        }
        if (lexer_peek(lx, 0) < 0 && !lx->status) {
            gap_end(lx, piece);
            return;
        }
        if (!lx->status && gap_step(lx, piece))
            return;
    }
}

/* ---- life ---------------------------------------------------------------------------------- */

int lexer_new(struct stream *stream, uint64_t lex, const struct dunlin_lex_mode *modes,
              const struct lexer_start *start, size_t max_piece, struct lexer **out,
              struct dunlin_error *err)
{
    struct lexer *lx = calloc(1, sizeof(*lx));

    if (!lx)
        return error_nomem(err);
    lx->stream = stream;
    lx->initial = lex;
    lx->modes = modes;
    lx->max_piece = max_piece < INT32_MAX ? max_piece : INT32_MAX;
    lx->window.max = lx->max_piece + 8 * LEXER_BLOCK;
    lx->fresh = lx->line_start = true;
    lx->here.line = 1;
    if (start) {
        lx->base = start->offset;
        lx->here.line = start->line ? start->line : 1;
        lx->here.column = start->column ? start->column - 1 : 0;
    }
    lexer_set_flags(lx, lex);
    if (!buf_reserve(&lx->window, LEXER_BLOCK)) {
        free(lx);
        return error_nomem(err);
    }
    *out = lx;
    return DUNLIN_OK;
}

void lexer_free(struct lexer *lx)
{
    if (!lx)
        return;
    buf_free(&lx->window);
    free(lx->marks);
    free(lx);
}

/* Where text turns its direction nothing can be seen of what stands there. */
static void find_turn(const struct lexer *lx, struct piece *piece)
{
    size_t at = piece->kind == PIECE_COPY_DATA ? piece->raw_len
                                               : utf8_find_turn(piece->raw, piece->raw_len);
    struct cursor c = lx->begin;

    if (at == piece->raw_len)
        return;
    cursor_move(&c, lexer_data(lx), lx->start + at);
    piece->turn_line = c.line;
    piece->turn_column = cursor_column(&c, lexer_data(lx));
}

int lexer_next(struct lexer *lx, struct piece *piece, struct dunlin_error *err)
{
    memset(piece, 0, sizeof(*piece));
    if (lx->status)
        return error_set(err, lx->status, DUNLIN_KIND_FILE, "the text was refused before");
    lx->err = err;
    piece_begin(lx);
    next_piece(lx, piece);
    lx->err = NULL;
    piece->marks = lx->marks;
    piece->nmarks = lx->nmarks;
    if (lx->status)
        memset(piece, 0, sizeof(*piece));
    else
        find_turn(lx, piece);
    return lx->status;
}
