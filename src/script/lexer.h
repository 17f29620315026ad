/* SPDX-License-Identifier: MIT */
/*
 * The statement lexer: cuts a text into the statements that the server would see. One engine,
 * driven by the DUNLIN_LEX_* flags and the lex modes of a dialect. It streams: memory is bounded
 * by the largest statement, whatever the size of the text.
 *
 * It yields pieces that tile the text: concatenating the raw part of every piece gives the input.
 * Nothing here knows of files, sections' options or databases.
 */
#ifndef DUNLIN_SCRIPT_LEXER_H
#define DUNLIN_SCRIPT_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <dunlin/driver.h>
#include "base/stream.h"

enum piece_kind {
    PIECE_END = 0,   /* no more; raw is empty */
    PIECE_STATEMENT, /* raw = blank and comments before it, the statement, its terminator */
    PIECE_COPY_DATA, /* rows of the COPY statement before it, in chunks; the last chunk has
                      * copy_end set, and raw also holds the line \. when there is one */
    PIECE_COMMAND,   /* a client command that is not sent: DELIMITER, \restrict, \unrestrict */
    PIECE_MARK,      /* a comment line of its own that begins "-- migrate:" or "-- Description:" */
    PIECE_BLANK      /* blank, comments and empty statements; long ones come in several pieces */
};

/* What the start of a statement is made of, for classification: words, punctuation, strings. Text
 * of executable comments is included, other comments are not. */
enum token_kind { TOKEN_WORD, TOKEN_QUOTED, TOKEN_STRING, TOKEN_NUMBER, TOKEN_PUNCT };

struct token {
    uint32_t offset, len; /* in piece.sql, quotes included */
    uint8_t kind;         /* enum token_kind */
};

#define PIECE_TOKENS 64 /* the first ones of a statement are kept */

struct piece {
    enum piece_kind kind;
    bool copy_stdin; /* STATEMENT: a COPY .. FROM STDIN, whose data follows as COPY_DATA */
    bool copy_end;   /* COPY_DATA: the last chunk */
    const char *raw; /* borrowed until the next call; not NUL-terminated */
    size_t raw_len;
    const char *sql; /* STATEMENT: without terminator and the blank around it; COPY_DATA: the rows;
                      * MARK: the comment line without line end; COMMAND: the command */
    size_t sql_len;
    uint64_t offset; /* of sql in the text, bytes, 0-based (a BOM counts) */
    uint32_t line;   /* of sql, 1-based; CRLF, LF and a lone CR each end a line */
    uint32_t column; /* of sql, 1-based, in characters (invalid UTF-8: one per byte) */
    const struct token *tokens;
    uint32_t ntokens;
    bool replaced; /* substitute(): sql and tokens are not those of the text any more .. */
    size_t intact; /* .. behind so many bytes of sql */
    /* What raw could not be in a file of dunlin's own: */
    const size_t *marks; /* where in it comment lines begin that would be marks there .. */
    size_t nmarks;       /* .. may be its very end, in a long gap */
    size_t breakpoint;   /* bytes of the breakpoint that it ends with */
    uint32_t turn_line;  /* not COPY_DATA: the first character of raw, in quotes or in a comment,
                          * that turns the direction of the text; 0 = none */
    uint32_t turn_column;
    bool comment_open; /* the text ends inside a comment, and raw with it */
};

/* Beside a dialect's flags: the literal "--> statement-breakpoint" ends a statement, also inside a
 * -- comment, and a comment line is never a mark. Set by a layout, not by a dialect. */
#define LEXER_BREAKPOINT (UINT64_C(1) << 63)
/* Only what a layout has put in place of another tool's directives is a mark, which MARK_BYTE
 * tells; what looks like a mark in the file itself is a comment. */
#define LEXER_FOREIGN (UINT64_C(1) << 62)

struct lexer;

/* Where the text begins when it is not read from its start; all 0 means at the start. */
struct lexer_start {
    uint64_t offset;       /* of the first byte that the stream will give */
    uint32_t line, column; /* of that byte; 0 means 1 */
};

/* lex: DUNLIN_LEX_* in force at the start; modes: what SET statements change (may be NULL); a
 * mark line and the end of the text end an unfinished statement, if nothing is open, and a mark
 * restores lex. max_piece: the largest statement accepted, in bytes. The stream must outlive it. */
int lexer_new(struct stream *stream, uint64_t lex, const struct dunlin_lex_mode *modes,
              const struct lexer_start *start, size_t max_piece, struct lexer **out,
              struct dunlin_error *err);
void lexer_free(struct lexer *lx); /* NULL is allowed */

/* The next piece; PIECE_END at the end, and again whenever asked later. On failure status is
 * DUNLIN_BAD_FILE with line and column of where the unterminated thing begins (or of the refused
 * byte or client command), or what the stream returned. */
int lexer_next(struct lexer *lx, struct piece *piece, struct dunlin_error *err);

/* The flags in force now. */
uint64_t lexer_flags(const struct lexer *lx);

/* What a server setting (dialect.session) makes of the dialect's flags: value is the whole text of
 * the setting called variable, NULL leaves the flags alone. */
uint64_t lex_apply_mode(uint64_t lex, const struct dunlin_lex_mode *modes, const char *variable,
                        const char *value);

#endif
