/* SPDX-License-Identifier: MIT */
/* Reading what people type: counts, yes and no, and words that are nearly right. Pure. */
#ifndef DUNLIN_CLI_VALUES_H
#define DUNLIN_CLI_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1 to 999999, digits only, no leading zero: anything else is a version rather than a count. */
bool parse_count(const char *text, uint64_t *count);

/* "1", "yes", "true", "on" and their opposites, in any case; a digit is taken as it is. */
bool parse_switch(const char *text, unsigned *value);

/* Position of text in a list "one|two|three", or -1. */
int word_index(const char *words, const char *text);

/* How many single-character edits part two words; swapping neighbours counts as one. Words longer
 * than 63 bytes are far from everything. */
unsigned word_distance(const char *a, const char *b);

/* Whether "did you mean WORD?" is a sensible answer to text. */
bool word_near(const char *text, const char *word, unsigned *best);

#endif
