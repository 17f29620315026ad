/* SPDX-License-Identifier: MIT */
/* What the options say of the connection beside its URL, and doing without one. */
#include "api/context.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"

#define VALUE_MAX_BYTES 4096u

int open_offline(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err)
{
    const struct driver *driver;
    const char *scheme = o->dialect;
    struct url url;
    int rc = DUNLIN_OK;

    if (!scheme && o->url && *o->url) {
        rc = url_parse(o->url, &d->arena, &url, err);
        scheme = url.scheme;
    }
    if (!rc && !scheme) {
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "the dialect of the files is not known");
        error_hint(err, "give a database URL, or --dialect postgres|mysql|sqlite");
        return DUNLIN_CONFIG;
    }
    if (!rc)
        rc = driver_for_scheme(scheme, o->driver_path, &d->arena, &driver, err);
    if (rc)
        return rc;
    d->run.driver = &driver->table;
    d->run.dialect = driver->table.dialect;
    d->run.lexing.lex = d->run.dialect->lex;
    d->run.lexing.modes = d->run.dialect->modes;
    d->run.lexing.rules = d->run.dialect->rules;
    return DUNLIN_OK;
}

static struct dunlin_param *param_find(const struct url *url, const char *key)
{
    for (uint32_t i = 0; i < url->count; i++) {
        if (strcmp(url->params[i].key, key) == 0)
            return &url->params[i];
    }
    return NULL;
}

static int param_add(struct url *url, const char *key, const char *value, struct arena *arena,
                     struct dunlin_error *err)
{
    struct dunlin_param *more = arena_calloc(arena, url->count + 1u, sizeof(*more));

    if (!more)
        return error_nomem(err);
    if (url->count)
        memcpy(more, url->params, url->count * sizeof(*more));
    more[url->count] = (struct dunlin_param){key, value};
    url->params = more;
    url->count++;
    return DUNLIN_OK;
}

/* Given at the start of the session, so that RESET brings it back. */
static int search_path(struct url *url, const char *schema, struct arena *arena,
                       struct dunlin_error *err)
{
    struct dunlin_param *options = param_find(url, "options");
    struct buf b = BUF_INIT(VALUE_MAX_BYTES);
    char *value;

    if (options)
        buf_addf(&b, "%s ", options->value);
    buf_adds(&b, "-csearch_path=\"");
    for (const char *c = schema; *c; c++) {
        if (*c == '"')
            buf_addc(&b, '"');
        if (*c == ' ' || *c == '\\')
            buf_addc(&b, '\\');
        buf_addc(&b, *c);
    }
    buf_addc(&b, '"');
    value = b.failed ? NULL : arena_strndup(arena, b.data, b.len);
    buf_free(&b);
    if (!value)
        return error_nomem(err);
    if (!options)
        return param_add(url, "options", value, arena, err);
    options->value = value;
    return DUNLIN_OK;
}

static int database(struct url *url, const char *schema, struct arena *arena,
                    struct dunlin_error *err)
{
    struct dunlin_param *param = param_find(url, "database");
    char *value = arena_strdup(arena, schema);

    if (!value)
        return error_nomem(err);
    if (!param)
        return param_add(url, "database", value, arena, err);
    param->value = value;
    return DUNLIN_OK;
}

int connection_params(struct url *url, const struct dunlin_options *o, struct arena *arena,
                      struct dunlin_error *err)
{
    const char *driver = scheme_driver_name(url->scheme);
    bool postgres = driver && strcmp(driver, "postgres") == 0;
    bool mysql = driver && strcmp(driver, "mysql") == 0;
    int rc = DUNLIN_OK;

    if (o->sslmode && *o->sslmode && (postgres || mysql) && !param_find(url, "sslmode")) {
        const char *mode = arena_strdup(arena, o->sslmode);

        rc = mode ? param_add(url, "sslmode", mode, arena, err) : error_nomem(err);
    }
    if (rc || !o->schema || !*o->schema)
        return rc;
    if (postgres)
        return search_path(url, o->schema, arena, err);
    return mysql ? database(url, o->schema, arena, err) : DUNLIN_OK;
}
