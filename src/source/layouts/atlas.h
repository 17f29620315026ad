/* SPDX-License-Identifier: MIT */
/* What the head of a file of Atlas says, and the sums in atlas.sum. */
#ifndef DUNLIN_SOURCE_ATLAS_H
#define DUNLIN_SOURCE_ATLAS_H

#include "source/delimiter.h"
#include "source/listing.h"

#define ATLAS_SUM "atlas.sum"
#define ATLAS_HASH 45 /* SHA-256 in base64, and NUL */

struct atlas_file {
    char hash[ATLAS_HASH]; /* "" = the sums leave it out */
    uint32_t head;         /* lines of directives, up to an empty line; 0 = there are none */
    bool unsummed, checkpoint;
    const char *checkpoints; /* versions, each with a line end, of those that stand for this file
                              * and all before it; NULL = none */
    bool delimited;          /* by .. */
    struct delimiter delimiter;
    bool unknown; /* .. one that cannot be found */
};

/* The directive in a line: its name, what stands behind it, and how many bytes before it. */
struct atlas_directive {
    char name[32];
    const char *value;
    size_t len, prefix;
};
bool atlas_directive(const char *line, size_t len, struct atlas_directive *out);

/* Reads the files of a listing in its order, fills extra of each, and compares with atlas.sum. */
int atlas_read(struct listing *l, struct dunlin_error *err);

#endif
