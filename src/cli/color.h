/* SPDX-License-Identifier: MIT */
/* Colours of a terminal: whether to use them, and the few that are used. */
#ifndef DUNLIN_CLI_COLOR_H
#define DUNLIN_CLI_COLOR_H

#include <stdbool.h>
#include <stdio.h>

enum color_mode { COLOR_AUTO = 0, COLOR_ALWAYS, COLOR_NEVER }; /* in the order of --color */
enum color { COLOR_NONE = 0, COLOR_GOOD, COLOR_WAITING, COLOR_BAD, COLOR_FAINT };

/* Auto: a terminal that is not dumb, and no NO_COLOR. */
bool color_wanted(enum color_mode mode, FILE *stream);
/* Whether the stream is a terminal that understands more than line ends. */
bool terminal_wanted(FILE *stream);

/* The sequences that begin and end a colour, "" where on is false. */
const char *color_begin(bool on, enum color color);
const char *color_end(bool on, enum color color);

#endif
