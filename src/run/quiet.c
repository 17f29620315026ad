/* SPDX-License-Identifier: MIT */
/*
 * A statement that changes rows may run triggers and stored functions, and those may set anything.
 * A table that the same migration has just created has no triggers, and literals call nothing.
 */
#include "run/quiet.h"

#include <string.h>

#include "script/classify.h"

static bool token_is(const struct piece *piece, uint32_t index, char c)
{
    const struct token *t = &piece->tokens[index];

    return index < piece->ntokens && t->kind == TOKEN_PUNCT && piece->sql[t->offset] == c;
}

static bool is_name(const struct piece *piece, uint32_t index)
{
    return index < piece->ntokens &&
           (piece->tokens[index].kind == TOKEN_WORD || piece->tokens[index].kind == TOKEN_QUOTED);
}

/* Behind VALUES: literals, and what parts them. */
static bool literal(const struct piece *piece, uint32_t index)
{
    static const char *const words[] = {"NULL", "TRUE", "FALSE", "DEFAULT"};
    const struct token *t = &piece->tokens[index];

    if (t->kind == TOKEN_PUNCT)
        return strchr("(),+-.", piece->sql[t->offset]) != NULL;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (piece_word_is(piece, index, words[i]))
            return true;
    }
    return t->kind == TOKEN_STRING || t->kind == TOKEN_NUMBER;
}

/* Behind "(name, ..)", if that is there. */
static uint32_t past_columns(const struct piece *piece, uint32_t i)
{
    if (!token_is(piece, i, '('))
        return i;
    do
        i += 2;
    while (is_name(piece, i - 1) && token_is(piece, i, ','));
    return token_is(piece, i, ')') ? i + 1 : piece->ntokens;
}

/* INSERT INTO the table (name, ..) VALUES (literal, ..), .. */
static bool fills_table(const struct quiet *q, const struct piece *piece)
{
    const struct token *name = &piece->tokens[2];
    uint32_t i;

    if (!piece_word_is(piece, 0, "INSERT") || !piece_word_is(piece, 1, "INTO") ||
        !is_name(piece, 2) || q->len == 0 || name->len != q->len ||
        memcmp(piece->sql + name->offset, q->table, q->len) != 0)
        return false;
    i = past_columns(piece, 3);
    if (!piece_word_is(piece, i++, "VALUES"))
        return false;
    while (i < piece->ntokens && literal(piece, i))
        i++;
    return i == piece->ntokens;
}

/* Keeps the name of a table that is surely a new one, as long as it surely is that one. */
static void note_table(struct quiet *q, const struct piece *piece)
{
    if (piece_word_is(piece, 0, "CREATE") && !piece_word_is(piece, 1, "TABLE"))
        return; /* an index */
    q->len = 0;
    if (piece_word_is(piece, 0, "CREATE") && is_name(piece, 2) && token_is(piece, 3, '(') &&
        piece->tokens[2].len <= QUIET_NAME) {
        q->len = piece->tokens[2].len;
        memcpy(q->table, piece->sql + piece->tokens[2].offset, q->len);
    }
}

static bool is_whole(const struct piece *piece)
{
    for (uint32_t i = 0; i < piece->ntokens; i++) {
        if (token_is(piece, i, ';')) /* several statements, which the server parts */
            return false;
    }
    return piece->ntokens < PIECE_TOKENS; /* else there may be more than these */
}

void quiet_add(struct quiet *q, const struct dunlin_dialect *d, const struct piece *piece)
{
    if (q->disturbed)
        return;
    if (!d->quiet || !is_whole(piece)) {
        q->disturbed = true;
    } else if (classify(d->quiet, piece) == DUNLIN_EFFECT_NONE) {
        note_table(q, piece);
    } else if (!fills_table(q, piece)) {
        q->disturbed = true;
    }
}
