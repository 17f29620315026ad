/* SPDX-License-Identifier: MIT */
#include "history/sql.h"

#include <string.h>

void sql_literal_or_null(struct buf *b, const struct dunlin_dialect *d, const char *text)
{
    if (text)
        sql_literal(b, d, text);
    else
        buf_adds(b, "NULL");
}

void sql_equals(struct buf *b, const struct dunlin_dialect *d, const char *column, const char *text)
{
    buf_addf(b, "%s %s ", column, d->equal ? d->equal : "=");
    sql_literal(b, d, text);
}

void sql_bytes(struct buf *b, const struct dunlin_dialect *d, const void *data, size_t len)
{
    buf_adds(b, d->bytes_prefix);
    buf_addhex(b, data, len);
    buf_adds(b, d->bytes_suffix);
}

/* The variable whose name stands at text (behind the brace), or NULL. */
static const struct sql_var *var_at(const struct sql_var *vars, const char *text, size_t *len)
{
    for (; vars->name; vars++) {
        *len = strlen(vars->name);
        if (strncmp(text, vars->name, *len) == 0 && text[*len] == '}')
            return vars;
    }
    return NULL;
}

void sql_template(struct buf *b, const char *text, const struct sql_var *vars)
{
    while (*text) {
        size_t len = 0;
        const struct sql_var *v = *text == '{' ? var_at(vars, text + 1, &len) : NULL;

        if (v) {
            buf_adds(b, v->value);
            text += len + 2;
        } else {
            buf_addc(b, *text++);
        }
    }
}
