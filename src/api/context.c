/* SPDX-License-Identifier: MIT */
/* Opening and closing, and the calls that run something. */
#include "api/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "source/layout.h"
#include "driver/url.h"

const char *dunlin_version(void)
{
    return DUNLIN_VERSION;
}

const char *dunlin_kind_name(int32_t kind)
{
    return kind_name(kind);
}

void dunlin_url_redact(const char *url, char *to, size_t size)
{
    url_redact(url, to, size);
}

void options_copy(struct dunlin_options *to, const struct dunlin_options *from)
{
    const struct dunlin_options defaults = DUNLIN_OPTIONS_INIT;

    *to = defaults;
    if (from)
        memcpy(to, from, from->size < sizeof(*to) ? from->size : sizeof(*to));
    to->size = sizeof(*to);
}

/* What is said while connecting is about the connection or the whole database: it should be seen.
 */
static void host_notice(void *context, const char *severity, const char *text)
{
    struct dunlin *d = context;
    struct dunlin_event event = {.type = d->run.conn ? DUNLIN_EVENT_NOTICE : DUNLIN_EVENT_WARNING,
                                 .text = text,
                                 .kind = severity};

    run_emit(&d->run, &event);
}

static int __attribute__((format(printf, 3, 4)))
host_fail(struct dunlin_error *err, int kind, const char *format, ...)
{
    char message[sizeof(err->message)];
    va_list ap;

    va_start(ap, format);
    vsnprintf(message, sizeof(message), format, ap);
    va_end(ap);
    error_set(err, status_of_kind((enum dunlin_kind)kind), (enum dunlin_kind)kind, "%s", message);
    return kind;
}

int options_apply(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err)
{
    struct run *r = &d->run;
    int rc;

    r->options.order = (enum dunlin_order)o->out_of_order;
    r->options.lock_wait_ms = o->lock_wait_ms;
    r->options.lock_timeout_ms = o->lock_timeout_ms;
    r->options.statement_timeout_ms = o->statement_timeout_ms;
    r->options.tolerate = o->tolerate;
    r->options.lock_retries = o->lock_retries;
    r->options.durable_each = o->durable_each != 0;
    r->options.single_transaction = o->single_transaction != 0;
    r->options.history = (enum dunlin_history)o->history;
    r->lexing.max_statement = (size_t)o->max_statement;
    r->on_event = o->on_event;
    r->event_user = o->user;
    if (o->applied_by) {
        r->options.applied_by = arena_strdup(&d->arena, o->applied_by);
        if (!r->options.applied_by)
            return error_nomem(err);
    }
    r->host = (struct dunlin_host){
        .size = sizeof(r->host), .context = d, .notice = host_notice, .fail = host_fail};
    r->source = &d->source;
    if (o->baseline_schema) {
        r->options.baseline_schema = arena_strdup(&d->arena, o->baseline_schema);
        if (!r->options.baseline_schema)
            return error_nomem(err);
    }
    rc = given_copy(d, o, err);
    return rc ? rc : required_copy(d, o, err);
}

/* What a folder was taken for, unless somebody said so or it is dunlin's own. */
static void tell_layout(struct dunlin *d, const struct folder *f)
{
    struct dunlin_event event = {.type = DUNLIN_EVENT_NOTICE, .source = f->label};
    char text[1024];

    if (!layout_reason(f, text, sizeof(text)))
        return;
    event.text = text;
    run_emit(&d->run, &event);
}

/* A folder that was taken for dunlin's own may be one in which nothing is for dunlin. */
static void tell_empty(struct dunlin *d, const struct folder *f)
{
    struct dunlin_event event = {.type = DUNLIN_EVENT_NOTICE, .source = f->label};
    char text[1024], name[256];
    bool folder;

    if (!layout_overlooks(f, name, &folder))
        return;
    snprintf(text, sizeof(text),
             folder ? "%s has no migrations; are they in its folder %s?"
                    : "%s has no migrations, and dunlin does not run files like %s",
             f->path, name);
    event.text = text;
    run_emit(&d->run, &event);
}

/* Some layouts have migrations for one engine and not for another. What is wrong with the URL is
 * told where it is used. */
static const char *engine_of(struct dunlin *d, const struct dunlin_options *o)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct url url;

    if ((o->look & DUNLIN_LOOK_OFFLINE) && o->dialect)
        return o->dialect;
    if (!o->url || !*o->url || url_parse(o->url, &d->arena, &url, &ignored))
        return NULL;
    return url.scheme;
}

static int open_source(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err)
{
    const struct source_options options = {.unnumbered = (enum unnumbered)o->unnumbered,
                                           .layout = o->layout,
                                           .foreign_code = (enum foreign_code)o->foreign_code,
                                           .engine = engine_of(d, o),
                                           .environment = d->run.options.environment,
                                           .lenient = (o->look & DUNLIN_LOOK_LENIENT) != 0};
    int rc = source_open_as(o->dirs, o->ndirs, &options, &d->source, err);

    for (size_t i = 0; !rc && i < d->source.count; i++) {
        d->source.folders[i].allow_exec = d->run.options.allow_exec;
        tell_layout(d, &d->source.folders[i]);
        tell_empty(d, &d->source.folders[i]);
    }
    return rc;
}

int database_find(struct dunlin *d, const struct dunlin_options *o, struct url *url,
                  struct dunlin_error *err)
{
    const struct driver *driver;
    int rc;

    if (!o->url || !*o->url) {
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "no database URL");
        error_hint(err, "give --url URL or set DATABASE_URL, for example sqlite:app.db");
        return DUNLIN_CONFIG;
    }
    rc = url_parse(o->url, &d->arena, url, err);
    if (!rc)
        rc = driver_for_scheme(url->scheme, o->driver_path, &d->arena, &driver, err);
    if (rc)
        return rc;
    d->run.driver = &driver->table;
    d->substitutes.dialect = driver->table.dialect;
    rc = history_table_init(&d->run.table, driver->table.dialect, o->table, &d->arena, err);
    if (!rc)
        rc = layout_table(d, o, err);
    if (!rc)
        rc = connection_params(url, o, &d->arena, err);
    return rc;
}

static int open_database(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err)
{
    struct url url;
    int rc = database_find(d, o, &url, err);

    return rc ? rc : run_connect(&d->run, url.params, url.count, err);
}

int dunlin_open(const struct dunlin_options *options, struct dunlin **out, struct dunlin_error *err)
{
    struct dunlin_options o;
    struct dunlin *d = calloc(1, sizeof(*d));
    bool opened = false;
    int rc;

    if (!d)
        return error_nomem(err);
    options_copy(&o, options);
    rc = options_apply(d, &o, err);
    if (!rc) {
        rc = open_source(d, &o, err);
        opened = rc == DUNLIN_OK;
    }
    if (!rc)
        rc = o.look & DUNLIN_LOOK_OFFLINE ? open_offline(d, &o, err) : open_database(d, &o, err);
    if (!rc) {
        *out = d;
        return DUNLIN_OK;
    }
    if (opened)
        source_close(&d->source);
    arena_free(&d->arena);
    free(d);
    return rc;
}

void dunlin_close(struct dunlin *d)
{
    if (!d)
        return;
    run_disconnect(&d->run);
    source_close(&d->source);
    arena_free(&d->arena);
    free(d);
}

void dunlin_cancel(struct dunlin *d)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;

    atomic_store(&d->run.cancelled, true);
    if (d->run.conn)
        (void)d->run.driver->cancel(d->run.conn, &ignored);
}

void dunlin_expire(struct dunlin *d)
{
    atomic_store(&d->run.expired, true);
    dunlin_cancel(d);
}

int dunlin_up(struct dunlin *d, const struct dunlin_goal *goal, struct dunlin_summary *summary,
              struct dunlin_error *err)
{
    int rc = run_up(&d->run, goal, summary, err);

    return rc ? rc : required_tables(d, err);
}

int dunlin_rehearse(struct dunlin *d, const struct dunlin_goal *goal,
                    struct dunlin_summary *summary, struct dunlin_error *err)
{
    return run_rehearse(&d->run, goal, summary, err);
}

int dunlin_down(struct dunlin *d, const struct dunlin_goal *goal, struct dunlin_summary *summary,
                struct dunlin_error *err)
{
    return run_down(&d->run, goal, summary, err);
}

int dunlin_drivers(const struct dunlin_options *options, dunlin_driver_fn driver, void *user,
                   struct dunlin_error *err)
{
    struct dunlin_options o;

    options_copy(&o, options);
    return driver_list(o.driver_path, driver, user, err);
}
