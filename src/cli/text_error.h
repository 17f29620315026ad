/* SPDX-License-Identifier: MIT */
/* An error as people read it: place, message, the line with a caret, and what to do next. */
#ifndef DUNLIN_CLI_TEXT_ERROR_H
#define DUNLIN_CLI_TEXT_ERROR_H

#include <stdbool.h>
#include <stdio.h>
#include <dunlin/error.h>
#include "base/buf.h"

/* Appends the whole error, ending in a line end. */
void text_error(struct buf *to, const struct dunlin_error *error, bool color);
/* The same with another first word than "error". */
void text_problem(struct buf *to, const char *word, const struct dunlin_error *error, bool color);

/* Where there is no memory left for that: what matters most of it, anything but ASCII as '?'. */
void text_error_plain(FILE *to, const struct dunlin_error *error);

/* Appends source escaped and cut to width columns around the character at caret (1-based, 0 =
 * none), and to marker what stands before the '^' under it (tabs stay tabs). Returns false where
 * there is no caret to draw. */
bool text_snippet(struct buf *line, struct buf *marker, const char *source, uint32_t caret,
                  size_t width);

#endif
