/* SPDX-License-Identifier: MIT */
/*
 * Text from files and servers on its way to a terminal or a build log. What could move the cursor,
 * reverse the reading order, hide itself, or be taken for a command by the program that collects
 * the log is shown as an escape (\x1b, \u{202e}) instead of being sent. Pure.
 */
#ifndef DUNLIN_CLI_ESCAPE_H
#define DUNLIN_CLI_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

/* The columns that a character takes on a terminal: 0, 1 or 2. */
unsigned code_width(uint32_t code);
/* The columns of a text that was escaped before. */
size_t text_width(const char *escaped);

#define ESCAPE_TABS 1u  /* tabs stay */
#define ESCAPE_LINES 2u /* line ends stay, and each further line begins with "    | " */

/* Appends text, safe to print. Without flags it stays on one line. */
void escape_add(struct buf *to, const char *text, unsigned flags);
/* Appends the first character of text, or its first broken byte, on one line; returns how many
 * bytes it was. */
size_t escape_add_one(struct buf *to, const char *text, size_t len);

/* Appends text with every byte that is not UTF-8 replaced by U+FFFD. */
void utf8_clean(struct buf *to, const char *text);

#endif
