/* SPDX-License-Identifier: MIT */
/* The comment lines that say something to dunlin: section marks with their options, and the
 * description. */
#ifndef DUNLIN_SCRIPT_OPTIONS_H
#define DUNLIN_SCRIPT_OPTIONS_H

#include "script/script.h"

struct mark {
    bool description; /* text is the description; else a section begins */
    const char *text; /* borrowed from the piece */
    size_t len;
    enum section_kind kind;
    struct section_options options;
};

/* Reads a PIECE_MARK. Unknown marks, options and values are refused with the place. */
int mark_parse(const struct piece *piece, const char *file, struct mark *out,
               struct dunlin_error *err);

#endif
