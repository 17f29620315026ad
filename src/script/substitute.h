/* SPDX-License-Identifier: MIT */
/*
 * Placeholders: ${ident:name}, ${lit:name} and ${name} (or ${raw:name}) in the sections that ask
 * for it with substitute:on.
 *
 * It works on one statement at a time, after the text was cut. The result is read again and must
 * still be one statement, so that no value can bring in another one. $${ stands for ${ itself,
 * comments are left alone, and a typed form inside a string is refused: its quotes would end it.
 */
#ifndef DUNLIN_SCRIPT_SUBSTITUTE_H
#define DUNLIN_SCRIPT_SUBSTITUTE_H

#include <dunlin/driver.h>
#include "base/buf.h"
#include "script/script.h"

/* What there is to put in. */
struct substitutes {
    const char *const *set; /* "NAME=VALUE" */
    size_t count;
    const struct dunlin_dialect *dialect;
};

/* Refuses what is not NAME=VALUE in UTF-8: DUNLIN_CONFIG. */
int substitutes_check(const char *const *set, size_t count, struct dunlin_error *err);

/* Holds the statement that came out until the next one. All 0 to begin with. */
struct substitution {
    struct buf text;
    struct memory_stream stream;
    struct lexer *lexer;
};
void substitution_free(struct substitution *s);

/* Replaces the placeholders of a statement that was lexed with flags: piece then has the new text
 * and its tokens, at the old place, and tells with replaced and intact what is new. A failure is
 * DUNLIN_BAD_FILE with the line and column of the placeholder. */
int substitute(struct substitution *s, const struct script_dialect *dialect, uint64_t flags,
               struct piece *piece, struct dunlin_error *err);

#endif
