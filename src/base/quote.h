/* SPDX-License-Identifier: MIT */
/* Values and names as SQL text, for an engine that is only known through its dialect. Pure. */
#ifndef DUNLIN_BASE_QUOTE_H
#define DUNLIN_BASE_QUOTE_H

#include <dunlin/driver.h>
#include "base/buf.h"

/* A text literal; text is UTF-8. */
void sql_literal(struct buf *b, const struct dunlin_dialect *d, const char *text);
/* A quoted identifier. */
void sql_ident(struct buf *b, const struct dunlin_dialect *d, const char *name);

#endif
