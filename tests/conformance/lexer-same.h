/* SPDX-License-Identifier: MIT */
/* Compares the lexer's statements with the places where a parser cut the text. */
#ifndef TESTS_LEXER_SAME_H
#define TESTS_LEXER_SAME_H

#include "lexer-gen.h"

/* Where in the text a lexed statement ends. */
static size_t lexed_end(const struct lexed *l, unsigned i)
{
    return l->statements[i].at + l->statements[i].len;
}

/* Does what the parser took as one statement, at .. end of the text, hold exactly the lexer's
 * i-th one, with nothing but blank and comments around? */
static bool same_statement(const struct lexed *l, unsigned i, const char *text, size_t at,
                           size_t end, uint64_t flags)
{
    struct lexed around;
    size_t from, to;

    if (i >= l->n)
        return false;
    from = l->statements[i].at;
    to = lexed_end(l, i);
    if (from < at || to > end)
        return false;
    lex_text(text + at, from - at, flags, NULL, &around);
    if (around.status || around.n)
        return false;
    lex_text(text + to, end - to, flags, NULL, &around);
    return around.status == DUNLIN_OK && around.n == 0;
}

#endif
