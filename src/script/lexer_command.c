/* SPDX-License-Identifier: MIT */
/*
 * Lines that are not for the server: section marks, client commands (DELIMITER, \restrict) and
 * the rows behind COPY .. FROM STDIN.
 */
#include "script/lexer_impl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/mark.h"

static bool stands(struct lexer *lx, size_t k, const char *text)
{
    for (size_t i = 0; text[i]; i++) {
        if (lexer_peek(lx, k + i) != (unsigned char)text[i])
            return false;
    }
    return true;
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

static bool is_end(int c)
{
    return c < 0 || c == '\n' || c == '\r';
}

/* Moves to the end of the line. */
static void to_line_end(struct lexer *lx)
{
    while (!is_end(lexer_peek(lx, 0)))
        lx->pos++;
}

/* Moves behind a line end, CRLF being one. */
static void over_line_end(struct lexer *lx)
{
    if (lexer_peek(lx, 0) == '\r')
        lx->pos += lexer_peek(lx, 1) == '\n' ? 2 : 1;
    else if (lexer_peek(lx, 0) == '\n')
        lx->pos++;
}

/* ---- marks --------------------------------------------------------------------------------- */

/* Of a line that looks like a mark, and is none. */
static void note_mark(struct lexer *lx)
{
    size_t at = lx->pos - lx->start;

    if (lx->nmarks && lx->marks[lx->nmarks - 1] == at)
        return;
    if (lx->nmarks == lx->cap_marks) {
        size_t cap = lx->cap_marks ? lx->cap_marks * 2 : 8;
        size_t *marks = realloc(lx->marks, cap * sizeof(*marks));

        if (!marks) {
            lx->status = error_nomem(lx->err);
            return;
        }
        lx->marks = marks;
        lx->cap_marks = cap;
    }
    lx->marks[lx->nmarks++] = at;
}

/* At "--": what stands behind it, and k bytes more. */
static enum mark mark_word(struct lexer *lx, size_t k)
{
    while (k < 256 && is_blank(lexer_peek(lx, k)))
        k++;
    if (stands(lx, k, "migrate:"))
        return MARK_MIGRATE;
    return stands(lx, k, "Description:") ? MARK_DESCRIPTION : MARK_NONE;
}

enum mark lexer_mark(struct lexer *lx)
{
    enum mark mark;

    if (!lexer_fresh(lx, lx->pos))
        return MARK_NONE;
    if (!(lx->flags & (LEXER_BREAKPOINT | LEXER_FOREIGN)))
        return mark_word(lx, 2);
    if (!(lx->flags & LEXER_BREAKPOINT) && lexer_peek(lx, 2) == MARK_BYTE)
        return mark_word(lx, 3);
    mark = mark_word(lx, 2);
    if (mark == MARK_MIGRATE || (mark == MARK_DESCRIPTION && !lx->open))
        note_mark(lx);
    return MARK_NONE;
}

/* Opens a line that must fit into a piece. */
static void line_open(struct lexer *lx, struct piece *piece)
{
    lexer_place(lx, piece, lx->pos);
    lx->open = true;
    lx->sql = lx->pos;
    lx->sql_place = lx->here;
    lx->sql_column = piece->column;
}

static void line_emit(struct lexer *lx, struct piece *piece, enum piece_kind kind)
{
    to_line_end(lx);
    if (lexer_too_long(lx))
        return;
    piece->sql_len = lx->pos - lx->sql;
    over_line_end(lx);
    piece->sql = lexer_data(lx) + lx->sql;
    lexer_emit(lx, piece, kind, lx->pos);
}

static void set_delimiter(struct lexer *lx, const char *text, size_t len)
{
    memcpy(lx->delimiter, text, len);
    lx->delimiter[len] = '\0';
    lx->delimiter_len = len == 1 && text[0] == ';' ? 0 : len;
}

void lexer_emit_mark(struct lexer *lx, struct piece *piece, enum mark mark)
{
    line_open(lx, piece);
    line_emit(lx, piece, PIECE_MARK);
    if (mark == MARK_MIGRATE) {
        set_delimiter(lx, ";", 1);
        lexer_set_flags(lx, lx->initial);
    }
}

/* ---- client commands ----------------------------------------------------------------------- */

/* At "\": every client command but the two that pg_dump writes. */
void lexer_refuse_command(struct lexer *lx)
{
    size_t len = 1;
    int c;

    while (len < 32 && (c = lexer_peek(lx, len)) > ' ' && c != ';')
        len++;
    if (!lexer_fail(lx, lx->pos, "client command %.*s is not SQL", (int)len,
                    lexer_data(lx) + lx->pos))
        return;
    error_hint(lx->err, "dunlin sends the file to the server itself, which knows no commands of "
                        "a client; remove the command or write it in SQL");
}

static bool backslash_command(struct lexer *lx, struct piece *piece)
{
    bool known = stands(lx, 0, "\\restrict ") || stands(lx, 0, "\\unrestrict ");

    if (!known || !lexer_fresh(lx, lx->pos)) {
        lexer_refuse_command(lx);
        return true;
    }
    line_open(lx, piece);
    line_emit(lx, piece, PIECE_COMMAND);
    return true;
}

static bool is_delimiter_command(struct lexer *lx)
{
    static const char name[] = "delimiter";

    for (size_t k = 0; name[k]; k++) {
        int c = lexer_peek(lx, k);

        if (c < 0 || (c | 0x20) != name[k])
            return false;
    }
    return is_end(lexer_peek(lx, 9)) || is_blank(lexer_peek(lx, 9));
}

static bool delimiter_command(struct lexer *lx, struct piece *piece)
{
    size_t from = 9, len = 0;
    const char *text;

    line_open(lx, piece);
    while (is_blank(lexer_peek(lx, from)))
        from++;
    while (!is_end(lexer_peek(lx, from + len)) && !is_blank(lexer_peek(lx, from + len))) {
        size_t n = lexer_peek(lx, from + len) < 0x80 ? 1 : lexer_character(lx, from + len);

        if (n == 0)
            return true;
        len += n;
    }
    text = lexer_data(lx) + lx->pos + from;
    if (len == 0 || len >= sizeof(lx->delimiter) || memchr(text, '\\', len)) {
        lexer_fail(lx, lx->pos,
                   len == 0 ? "DELIMITER without a delimiter" : "DELIMITER cannot be %.*s",
                   (int)(len < 64 ? len : 64), text);
        return true;
    }
    set_delimiter(lx, text, len);
    lexer_set_flags(lx, lx->flags);
    line_emit(lx, piece, PIECE_COMMAND);
    return true;
}

/* Does a word follow that can start a statement, and nothing else? */
static bool statement_follows(struct lexer *lx, size_t k)
{
    static const char *const words[] = {"select", "insert", "update", "delete", "create",
                                        "alter",  "drop",   "commit", "values"};
    char word[8] = "";

    while (k < 4096 && (is_blank(lexer_peek(lx, k)) || is_line_end((char)lexer_peek(lx, k))))
        k++;
    if (lexer_peek(lx, k) < 0)
        return true;
    for (size_t i = 0; i + 1 < sizeof(word); i++) {
        int c = lexer_peek(lx, k + i);

        if (c < 0 || !lx->word[c])
            break;
        word[i] = (char)c;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

/* "/" alone on its line sends what stands before it, in some clients. It is a division as well:
 * refused is what cannot be one. */
bool lexer_slash_line(struct lexer *lx)
{
    size_t k = 1;

    if (!lexer_fresh(lx, lx->pos))
        return false;
    while (k < 256 && is_blank(lexer_peek(lx, k)))
        k++;
    if (!is_end(lexer_peek(lx, k)) || (lx->open && !statement_follows(lx, k)))
        return false;
    lexer_refuse_command(lx);
    return true;
}

/* Between statements. True if there is a client command, taken or refused. */
bool lexer_command(struct lexer *lx, struct piece *piece)
{
    int c = lexer_peek(lx, 0);

    if (c == '\\' && (lx->flags & DUNLIN_LEX_META_BACKSLASH))
        return backslash_command(lx, piece);
    if ((c | 0x20) == 'd' && (lx->flags & DUNLIN_LEX_DELIMITER) && is_delimiter_command(lx))
        return delimiter_command(lx, piece);
    if (!(lx->flags & DUNLIN_LEX_META_DOT))
        return false;
    if (c == '.' && lexer_fresh(lx, lx->pos)) {
        lexer_refuse_command(lx);
        return true;
    }
    return c == '/' && lexer_slash_line(lx);
}

/* ---- COPY data ----------------------------------------------------------------------------- */

/* Rows begin on the next line; nothing but blank and a comment may come before it. */
void lexer_copy_line(struct lexer *lx)
{
    while (is_blank(lexer_peek(lx, 0)))
        lx->pos++;
    if (lexer_peek(lx, 0) == '-' && lexer_peek(lx, 1) == '-')
        to_line_end(lx);
    if (!is_end(lexer_peek(lx, 0))) {
        if (lexer_fail(lx, lx->pos, "text behind COPY .. FROM STDIN on the same line"))
            error_hint(lx->err, "its rows begin on the next line");
        return;
    }
    over_line_end(lx);
}

/* At a backslash: is it the line that ends the rows? */
static bool copy_ends(struct lexer *lx)
{
    bool line_start =
        lx->pos == lx->start ? lx->line_start : is_line_end(lexer_data(lx)[lx->pos - 1]);

    return line_start && lexer_peek(lx, 1) == '.' && is_end(lexer_peek(lx, 2));
}

/* The first so many bytes from start on are rows. */
static void copy_emit(struct lexer *lx, struct piece *piece, size_t rows, bool end)
{
    lexer_place(lx, piece, lx->start);
    piece->sql = lexer_data(lx) + lx->start;
    piece->sql_len = rows;
    piece->copy_end = end;
    lx->copying = !end;
    lexer_emit(lx, piece, PIECE_COPY_DATA, lx->pos);
}

void lexer_copy_data(struct lexer *lx, struct piece *piece)
{
    while (!lx->status) {
        const char *d = lexer_data(lx) + lx->pos;
        const char *found = memchr(d, '\\', lx->window.len - lx->pos);

        if (lx->pos - lx->start >= LEXER_BLOCK) {
            copy_emit(lx, piece, lx->pos - lx->start, false);
            return;
        }
        if (!found) {
            lx->pos = lx->window.len;
            if (lx->pos - lx->start < LEXER_BLOCK && !lexer_fill(lx) && !lx->status) {
                copy_emit(lx, piece, lx->pos - lx->start, true);
                return;
            }
            continue;
        }
        lx->pos += (size_t)(found - d);
        if (copy_ends(lx)) {
            size_t rows = lx->pos - lx->start;

            lx->pos += 2;
            over_line_end(lx);
            copy_emit(lx, piece, rows, true);
            return;
        }
        lx->pos++;
    }
}
