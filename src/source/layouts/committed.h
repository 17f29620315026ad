/* SPDX-License-Identifier: MIT */
/* The head of a file that graphile-migrate committed, and the chain of hashes that it is part of.
 */
#ifndef DUNLIN_SOURCE_COMMITTED_H
#define DUNLIN_SOURCE_COMMITTED_H

#include <stdbool.h>
#include <stdint.h>
#include <dunlin/error.h>
#include "source/source.h"

#define COMMITTED_HASH 64

/* What the head of a file says. */
struct committed {
    char previous[COMMITTED_HASH], hash[COMMITTED_HASH]; /* "" = none */
    bool any_hash;                                       /* it may be that of another text */
    bool placeholders;
    uint32_t lines; /* of the head */
    uint32_t first; /* line of the body that is not blank */
};

/* Reads the head off the text, which ends with NUL, and checks it and the hash of the body; before
 * is that of the migration before it, NULL = it is the first. *body gets what stands behind the
 * head. */
int committed_read(const struct migration *m, const char *text, const struct committed *before,
                   struct committed *c, const char **body, struct dunlin_error *err);

#endif
