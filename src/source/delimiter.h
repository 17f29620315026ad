/* SPDX-License-Identifier: MIT */
/*
 * A delimiter that a tool's file says to end statements with, instead of ";". Where it stands
 * outside quotes, comments and parentheses, and the statement before it does not end with one
 * anyway, a ";" takes its place: how far a body reaches dunlin knows by itself.
 */
#ifndef DUNLIN_SOURCE_DELIMITER_H
#define DUNLIN_SOURCE_DELIMITER_H

#include "source/rewrite.h"

struct delimiter {
    char core[64];          /* without the line ends around it */
    size_t len;             /* of core, may be 0 */
    unsigned before, after; /* line ends; without a core all are in before */
};

/* False when it is none that can be found line by line. */
bool delimiter_init(struct delimiter *d, const char *text, size_t len);
/* For a layout's rewrite, which must not use w->at, w->kept and the low bits of w->seen itself. */
#define DELIMITER_SEEN (1u << 30) /* the first bit that is free */
int delimiter_line(struct rewrite *w, const struct delimiter *d, const char *line, size_t len,
                   struct dunlin_error *err);

#endif
