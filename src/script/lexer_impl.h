/* SPDX-License-Identifier: MIT */
/*
 * What the files of the lexer share. lexer.c holds the window over the stream, places and the gap
 * between statements; lexer_scan.c the inside of one statement; lexer_body.c knows which ";" do
 * not end it; lexer_command.c marks, client commands and COPY data; lexer_mode.c SET statements.
 *
 * A failure is sticky: it is stored in lexer.status once, reads then look like the end of the
 * text, and lexer_next() returns it. So scanning code needs no error paths of its own.
 */
#ifndef DUNLIN_SCRIPT_LEXER_IMPL_H
#define DUNLIN_SCRIPT_LEXER_IMPL_H

#include "base/buf.h"
#include "script/lexer.h"

#define LEXER_BLOCK ((size_t)65536) /* what is read at once, and the size of a chunk */
#define BODY_DEPTH 128              /* blocks inside one another in a stored program */

enum char_class {
    C_PUNCT = 0,
    C_WORD,
    C_DIGIT,
    C_SPACE,
    C_OPEN,
    C_CLOSE,
    C_SEMICOLON,
    C_SINGLE,
    C_DOUBLE,
    C_BACKTICK,
    C_BRACKET,
    C_DASH,
    C_SLASH,
    C_STAR,
    C_HASH,
    C_DOLLAR,
    C_BACKSLASH,
    C_CHARACTER,
    C_DELIMITER,
    CLASS_CODE = 0x1f, /* the part of a class that says which */
    CLASS_BLANK = 0x40,
    CLASS_DULL = 0x80 /* needs no look once the tokens of a statement are known */
};

#define HIGH 2 /* in lexer.word: a byte of a character that is not ASCII */

/* A counted position in the window. */
struct cursor {
    size_t at;             /* counted up to here */
    size_t column_at;      /* characters of the line are counted up to here */
    uint32_t line, column; /* column: characters of the line before column_at */
    bool cr;               /* the byte before at is CR */
};

enum gap_state { GAP_CODE = 0, GAP_LINE_COMMENT, GAP_BLOCK_COMMENT };

enum body_mode {
    BODY_OFF = 0, /* ";" ends the statement; tokens are of no interest */
    BODY_FIRST,   /* before the first token */
    BODY_CREATE,  /* CREATE or ALTER, before the word that says what */
    BODY_COPY,
    BODY_ATOMIC_HEAD,
    BODY_ATOMIC,
    BODY_TRIGGER,
    BODY_TOP_BEGIN, /* BEGIN at the top: a transaction or a block */
    BODY_NAME,      /* between PROCEDURE (..) and its name */
    BODY_HEAD,      /* between the name and the body */
    BODY_COMPOUND   /* inside a stored program */
};

enum block_kind {
    BLOCK_NONE = 0,
    BLOCK_BEGIN,
    BLOCK_DECLARE, /* AS, IS or DECLARE up to its BEGIN */
    BLOCK_PACKAGE,
    BLOCK_IF,
    BLOCK_CASE,
    BLOCK_CASE_EXPRESSION,
    BLOCK_LOOP,
    BLOCK_WHILE,
    BLOCK_REPEAT,
    BLOCK_UNTIL,
    BLOCK_FOR
};

struct block {
    uint8_t kind;
    size_t at; /* of the opening word, from the start of the statement */
};

struct body {
    uint8_t mode;    /* enum body_mode */
    uint8_t object;  /* the keyword after CREATE */
    uint8_t before;  /* the keyword before this token */
    uint8_t await;   /* the keyword after which a statement starts: THEN, DO .. */
    uint8_t handler; /* where in DECLARE .. HANDLER FOR conditions */
    uint8_t step;    /* where in a head */
    char previous;   /* the token before: a punctuation character, w q s or 1; 0 = none */
    bool start;      /* a statement starts here */
    bool label;      /* the token before may be a label */
    bool closing;    /* behind END, up to ";" */
    bool routine;    /* inside the head of a package's routine */
    bool stdin_data; /* a COPY .. FROM STDIN */
    size_t at;       /* of the word that opened the body, from the start of the statement */
    uint32_t depth;
    struct block blocks[BODY_DEPTH];
};

struct lexer {
    struct stream *stream;
    struct dunlin_error *err; /* of the call under way */
    int status;               /* not 0: failed for good */
    bool eof, nul;            /* the stream ended; a NUL byte follows the window */

    struct buf window;
    uint64_t base;       /* offset in the text of the window's first byte */
    size_t start;        /* of the piece being made */
    size_t pos;          /* the next byte to look at */
    size_t next;         /* where the piece after this one starts */
    struct cursor begin; /* of the piece being made */
    struct cursor here;
    bool fresh;      /* nothing but blank stands between the line's start and start */
    bool line_start; /* start is at the start of a line */

    uint64_t initial, flags;
    const struct dunlin_lex_mode *modes;
    char delimiter[32]; /* empty: ";" */
    size_t delimiter_len;
    uint8_t delimiter_class; /* the class of its first byte otherwise */
    uint8_t classes[256];
    uint8_t word[256]; /* goes on a word: 1, or HIGH where the character has to be looked at */

    uint8_t gap; /* enum gap_state */
    uint32_t comment_depth;
    uint32_t comment_line, comment_column;
    bool comment_nests;
    bool copying; /* COPY data comes next */

    /* the statement being read; indexes marked "from sql" survive a move of the window */
    bool open;
    size_t max_piece;
    size_t sql;
    struct cursor sql_place;
    uint32_t sql_column;
    uint8_t mask;   /* the classes that need no look */
    size_t floor;   /* end of the last comment or quoted token, from sql */
    size_t code;    /* end of the code so far, not counting what follows floor, from sql */
    size_t escaped; /* end of the last string with escapes, from sql; 0 = none */
    uint32_t depth; /* of parentheses */
    size_t paren;   /* the outermost open one, from sql */
    bool exec;      /* inside an executable comment */
    size_t exec_at; /* its start, from sql */
    struct body body;
    struct token tokens[PIECE_TOKENS];
    uint32_t ntokens;
    bool comment_open; /* the text ended in a comment of it */

    size_t *marks; /* comment lines of the piece that look like marks, from start */
    size_t nmarks, cap_marks;
};

static inline const char *lexer_data(const struct lexer *lx)
{
    return lx->window.data;
}

static inline bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* lexer.c; lexer_fail() says whether it was the first */
bool lexer_fill(struct lexer *lx); /* false: there is no more */
bool lexer_more(struct lexer *lx, size_t k);
void lexer_set_flags(struct lexer *lx, uint64_t flags);
bool lexer_fresh(const struct lexer *lx, size_t at);
void lexer_place(struct lexer *lx, struct piece *piece, size_t at);
void lexer_emit(struct lexer *lx, struct piece *piece, enum piece_kind kind, size_t end);
bool lexer_too_long(struct lexer *lx);
bool lexer_fail(struct lexer *lx, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void lexer_fail_place(struct lexer *lx, uint32_t line, uint32_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The byte k behind the current one, -1 at the end of the text. */
static inline int lexer_peek(struct lexer *lx, size_t k)
{
    if (lx->pos + k >= lx->window.len && !lexer_more(lx, k))
        return -1;
    return (unsigned char)lx->window.data[lx->pos + k];
}

/* lexer_scan.c */
void lexer_statement(struct lexer *lx, struct piece *piece);
bool lexer_at_delimiter(struct lexer *lx);
/* Length of the character k behind the current byte, which is not ASCII; 0 = refused. */
size_t lexer_character(struct lexer *lx, size_t k);
bool lexer_line_comment(struct lexer *lx); /* at its "--": is it one? */
bool lexer_line_comment_step(struct lexer *lx);
/* At "-": with LEXER_BREAKPOINT, is it a breakpoint? */
#define BREAKPOINT_LEN (sizeof("--> statement-breakpoint") - 1)
bool lexer_at_breakpoint(struct lexer *lx);
bool lexer_block_comment_step(struct lexer *lx);
/* At "/": 0 no comment, 1 comment, 2 executable comment; moves behind its opening when not 0. */
int lexer_comment_open(struct lexer *lx);

/* lexer_body.c */
void body_start(struct lexer *lx);
void body_token(struct lexer *lx, enum token_kind kind, size_t at, size_t len);
bool body_is_open(const struct lexer *lx);
bool body_is_copy_stdin(const struct lexer *lx);
void body_fail(struct lexer *lx);

/* lexer_command.c */
enum mark { MARK_NONE = 0, MARK_DESCRIPTION, MARK_MIGRATE };
enum mark lexer_mark(struct lexer *lx); /* at "--" */
void lexer_emit_mark(struct lexer *lx, struct piece *piece, enum mark mark);
bool lexer_command(struct lexer *lx, struct piece *piece); /* in the gap: was it one? */
void lexer_refuse_command(struct lexer *lx);
bool lexer_slash_line(struct lexer *lx);
void lexer_copy_line(struct lexer *lx); /* behind ";" of a COPY: the rest of its line */
void lexer_copy_data(struct lexer *lx, struct piece *piece);

/* lexer_mode.c */
void lexer_follow_set(struct lexer *lx);

#endif
