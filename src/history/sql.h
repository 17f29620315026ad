/* SPDX-License-Identifier: MIT */
/* Building SQL text for an engine that is only known through its dialect. Pure. */
#ifndef DUNLIN_HISTORY_SQL_H
#define DUNLIN_HISTORY_SQL_H

#include <dunlin/driver.h>
#include "base/buf.h"
#include "base/quote.h"

/* A name in a template: {table}, {key} .. */
struct sql_var {
    const char *name, *value;
};

/* NULL gives the word NULL. */
void sql_literal_or_null(struct buf *b, const struct dunlin_dialect *d, const char *text);
/* "column = 'text'" by the engine's own operator, whatever else is called "=". */
void sql_equals(struct buf *b, const struct dunlin_dialect *d, const char *column,
                const char *text);
void sql_bytes(struct buf *b, const struct dunlin_dialect *d, const void *data, size_t len);
/* Copies the template with every {name} of vars replaced; vars ends with a NULL name. */
void sql_template(struct buf *b, const char *text, const struct sql_var *vars);

#endif
