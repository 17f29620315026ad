/* SPDX-License-Identifier: MIT */
/* What a statement does to transactions, by the rules of the dialect. Pure. */
#ifndef DUNLIN_SCRIPT_CLASSIFY_H
#define DUNLIN_SCRIPT_CLASSIFY_H

#include <dunlin/driver.h>
#include "script/lexer.h"

/* The effect of the first rule whose pattern matches the piece's tokens. */
enum dunlin_effect classify(const struct dunlin_rule *rules, const struct piece *piece);

/* Whether the pattern of any rule matches, whatever its effect. */
bool rules_match(const struct dunlin_rule *rules, const struct piece *piece);

/* Whether that token of the piece is this word, in any case. */
bool piece_word_is(const struct piece *piece, uint32_t index, const char *word);

#endif
