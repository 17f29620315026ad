/* SPDX-License-Identifier: MIT */
#include "base/quote.h"

#include <string.h>

static void literal_doubling(struct buf *b, const char *text, bool backslash)
{
    buf_addc(b, '\'');
    for (; *text; text++) {
        if (*text == '\'' || (backslash && *text == '\\'))
            buf_addc(b, *text);
        buf_addc(b, *text);
    }
    buf_addc(b, '\'');
}

void sql_literal(struct buf *b, const struct dunlin_dialect *d, const char *text)
{
    switch (d->literal) {
    case DUNLIN_LITERAL_ESCAPE:
        buf_addc(b, 'E');
        literal_doubling(b, text, true);
        break;
    case DUNLIN_LITERAL_HEX:
        buf_adds(b, "_utf8mb4 X'");
        buf_addhex(b, text, strlen(text));
        buf_addc(b, '\'');
        break;
    default:
        literal_doubling(b, text, false);
    }
}

void sql_ident(struct buf *b, const struct dunlin_dialect *d, const char *name)
{
    buf_addc(b, d->quote[0]);
    for (; *name; name++) {
        if (*name == d->quote[1])
            buf_addc(b, *name);
        buf_addc(b, *name);
    }
    buf_addc(b, d->quote[1]);
}
