/* SPDX-License-Identifier: MIT */
/* The table's name, and how it comes to be. */
#include "history/history.h"

#include <string.h>

#include "base/error.h"
#include "history/sql.h"

#define NAME_MAX_BYTES 1024u

static int quoted_name(struct history_table *t, struct arena *arena, struct dunlin_error *err)
{
    struct buf b = BUF_INIT(4 * NAME_MAX_BYTES + 16);

    if (t->schema) {
        sql_ident(&b, t->dialect, t->schema);
        buf_addc(&b, '.');
    }
    sql_ident(&b, t->dialect, t->name);
    t->quoted = b.failed ? NULL : arena_strndup(arena, buf_str(&b), b.len);
    buf_free(&b);
    return t->quoted ? DUNLIN_OK : error_nomem(err);
}

/* Cut by the server, two names could be one table. */
static int check_length(const struct dunlin_dialect *d, const char *name, size_t len,
                        struct dunlin_error *err)
{
    if (!d->name_max || len <= d->name_max)
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
              "the name \"%.*s\" is too long: %zu bytes, of which the server keeps %llu",
              len < 200 ? (int)len : 200, name, len, (unsigned long long)d->name_max);
    error_hint(err, "it would be the table of every name that begins like that");
    return DUNLIN_CONFIG;
}

int history_table_init(struct history_table *t, const struct dunlin_dialect *d, const char *spec,
                       struct arena *arena, struct dunlin_error *err)
{
    const char *dot;

    if (!spec || !*spec)
        spec = HISTORY_DEFAULT_TABLE;
    dot = strchr(spec, '.');
    t->dialect = d;
    t->schema = NULL;
    t->name = dot ? dot + 1 : spec;
    if (dot == spec || !*t->name || strchr(t->name, '.') || strlen(spec) > NAME_MAX_BYTES) {
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "\"%.200s\" is not a table name", spec);
        error_hint(err, "write it as NAME or SCHEMA.NAME");
        return DUNLIN_CONFIG;
    }
    if (check_length(d, t->name, strlen(t->name), err) ||
        (dot && check_length(d, spec, (size_t)(dot - spec), err)))
        return DUNLIN_CONFIG;
    t->name = arena_strdup(arena, t->name);
    if (dot)
        t->schema = arena_strndup(arena, spec, (size_t)(dot - spec));
    if (!t->name || (dot && !t->schema))
        return error_nomem(err);
    return quoted_name(t, arena, err);
}

int history_table_qualify(struct history_table *t, const char *schema, struct arena *arena,
                          struct dunlin_error *err)
{
    if (t->schema)
        return DUNLIN_OK;
    if (!schema) {
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                  "no schema or database is selected, so there is no place for %s", t->name);
        error_hint(err, "name the database in the URL, or give --table SCHEMA.NAME");
        return DUNLIN_CONFIG;
    }
    t->schema = arena_strdup(arena, schema);
    if (!t->schema)
        return error_nomem(err);
    return quoted_name(t, arena, err);
}

void history_sql_create(struct buf *b, const struct history_table *t)
{
    const struct sql_var vars[] = {{"table", t->quoted}, {NULL, NULL}};

    sql_template(b, t->dialect->history_create, vars);
}
