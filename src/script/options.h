/* SPDX-License-Identifier: MIT */
/* The comment lines that say something to dunlin: section marks with their options, and the
 * description. */
#ifndef DUNLIN_SCRIPT_OPTIONS_H
#define DUNLIN_SCRIPT_OPTIONS_H

#include "base/buf.h"
#include "script/script.h"

struct mark {
    bool description; /* text is the description; else a section begins, or .. */
    bool all;         /* .. the options are for every section, and none begins */
    const char *text; /* borrowed from the piece */
    size_t len;
    enum section_kind kind;
    struct section_options options;
};

/* Reads a PIECE_MARK. Unknown marks, options and values are refused with the place. */
int mark_parse(const struct piece *piece, const char *file, struct mark *out,
               struct dunlin_error *err);

/* Appends the mark of a section with these options, without line end. */
void mark_write(struct buf *b, enum section_kind kind, const struct section_options *options);

/* Options without a mark, parted by blanks, as for a mark of an up section. file is for messages.
 */
int section_options_parse(const char *text, const char *file, struct section_options *out,
                          struct dunlin_error *err);

#endif
