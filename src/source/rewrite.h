/* SPDX-License-Identifier: MIT */
/*
 * The text of another tool's file in dunlin's terms: its directives become dunlin's marks, line by
 * line and in place, so that every statement keeps its line and its column. What is hashed is the
 * file as it is.
 */
#ifndef DUNLIN_SOURCE_REWRITE_H
#define DUNLIN_SOURCE_REWRITE_H

#include "base/buf.h"
#include "base/stream.h"
#include "source/layout.h"

/* Of a line longer than this only the start is looked at: the rest stays, or goes with it. A layout
 * that asks for whole lines gets them up to the other length, and longer ones are refused. */
#define REWRITE_LINE 8192u
#define REWRITE_WHOLE_MAX (64u * 1024u * 1024u)

struct rewrite {
    struct stream stream; /* what it gives */
    struct stream *from;
    const struct source_file *file;
    uint32_t line; /* number of the line at hand, 1-based */
    int at;        /* the layout's own: where in the file it is; 0 at its start */
    unsigned seen; /* the layout's own: bits */
    uint32_t kept; /* the layout's own: a number, such as that of a line */
    struct buf in, out;
    size_t taken;  /* bytes of in that were dealt with */
    size_t clear;  /* bytes behind them in which no line ends */
    size_t used;   /* bytes of out that were given out */
    bool replaced; /* something else stands for the line at hand, or nothing */
    bool inside;   /* in the rest of a line that was too long */
    bool ended;
};

void rewrite_init(struct rewrite *w, const struct source_file *file, struct stream *from);
void rewrite_free(struct rewrite *w);

/* ---- for layouts, about the line at hand ---- */

/* In its place there is a mark of dunlin's: "up transaction:off", "down", "verify", or "all" with
 * options for every section of the file. */
void rewrite_mark(struct rewrite *w, const char *mark);
/* In its place there is nothing. */
void rewrite_drop(struct rewrite *w);
/* In its place there is this text, of one line. */
void rewrite_text(struct rewrite *w, const char *text, size_t len);
/* An error with the file, the line and a hint (NULL = none). */
int rewrite_refuse(const struct rewrite *w, struct dunlin_error *err, const char *hint,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));
#if defined(__clang_analyzer__) || defined(DUNLIN_ANALYZER) /* as in base/error.h */
#define rewrite_refuse(...) (rewrite_refuse(__VA_ARGS__), (int)DUNLIN_BAD_FILE)
#endif

/* A value goes into the line that only this run knows: refused where the text is to be kept. */
int rewrite_passing(const struct rewrite *w, struct dunlin_error *err);
/* In its place there is the line with the variables of the environment replaced: expand.c. */
int environment_expand(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err);

/* ---- for layouts, about text ---- */

/* Whether the text begins with the word; then *rest gets what stands behind it and the blank. */
bool text_begins(const char *text, size_t len, const char *word, const char **rest, size_t *left);
/* Without the blank at both ends. */
void text_trim(const char **text, size_t *len);

#endif
