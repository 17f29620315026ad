/* SPDX-License-Identifier: MIT */
/*
 * Results for programs, on standard output: up and down as one event a line, the other commands as
 * one document. Every line and document carries "v":1; the keys keep their order. Text is valid
 * UTF-8 written in ASCII, so that neither a terminal nor a log collector finds anything in it.
 */
#include "cli/sink.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "cli/escape.h"

#define JSON_VERSION 1
#define DOCUMENT_MAX ((size_t)1 << 30)

struct json_sink {
    struct sink sink;
    struct sink_options options;
    json_t *document, *list;
    uint64_t downs; /* of a plan */
    bool lost;      /* something was not written, and that is told */
};

/* Setters that skip what is not known. A failure (out of memory) leaves a key out, never a broken
 * document, and that the results are not whole is told at the end; a document that cannot be built
 * at all is told by put. */
static void set_key(struct json_sink *j, json_t *to, const char *key, json_t *value)
{
    if (json_object_set_new(to, key, value) != 0 && *j->options.write_error == 0)
        *j->options.write_error = ENOMEM;
}

static void set_text(struct json_sink *j, json_t *to, const char *key, const char *text)
{
    struct buf b = BUF_INIT((size_t)64 * 1024 * 1024);

    if (!text || !*text)
        return;
    utf8_clean(&b, text);
    set_key(j, to, key, b.failed ? NULL : json_stringn(b.data, b.len));
    buf_free(&b);
}

static void set_number(struct json_sink *j, json_t *to, const char *key, uint64_t n)
{
    set_key(j, to, key, json_integer((json_int_t)n));
}

static void set_number_if(struct json_sink *j, json_t *to, const char *key, uint64_t n)
{
    if (n)
        set_number(j, to, key, n);
}

static json_t *new_document(struct json_sink *j)
{
    json_t *doc = json_object();

    if (doc)
        set_number(j, doc, "v", JSON_VERSION);
    return doc;
}

/* "##" begins a command in some build logs. Inside JSON it only stands in strings, where the first
 * one may be written as an escape. */
static void add_line(struct buf *to, const char *text)
{
    for (; *text; text++) {
        if (text[0] == '#' && text[1] == '#')
            buf_adds(to, "\\u0023");
        else
            buf_addc(to, *text);
    }
    buf_addc(to, '\n');
}

static int take_text(const char *text, size_t len, void *to)
{
    struct buf *b = to;

    buf_add(b, text, len);
    return b->failed ? -1 : 0;
}

static void put(struct json_sink *j, json_t *doc)
{
    static const char lost[] = "{\"v\":1,\"error\":{\"message\":\"out of memory\"}}\n";
    struct buf text = BUF_INIT(DOCUMENT_MAX), line = BUF_INIT(DOCUMENT_MAX);
    const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII;
    /* The library goes on behind a key that was not taken: that is only known here. */
    const bool whole = doc && json_dump_callback(doc, take_text, &text, flags) == 0 && !text.failed;

    if (whole)
        add_line(&line, buf_str(&text));
    if (whole && !line.failed)
        sink_write(&j->options, j->options.out, buf_str(&line), line.len);
    else if (!j->lost)
        sink_lost(&j->options, j->options.out, lost);
    j->lost = j->lost || !whole || line.failed;
    buf_free(&line);
    buf_free(&text);
    json_decref(doc);
}

static json_t *error_object(struct json_sink *j, const struct dunlin_error *e)
{
    json_t *o = json_object();

    if (!o)
        return NULL;
    set_text(j, o, "message", e->message);
    set_number(j, o, "exit_code", (uint64_t)e->status);
    set_text(j, o, "kind", dunlin_kind_name(e->kind));
    set_text(j, o, "sqlstate", e->sqlstate);
    if (e->native)
        set_key(j, o, "native", json_integer(e->native));
    set_text(j, o, "file", e->file);
    set_number_if(j, o, "line", e->line);
    set_number_if(j, o, "column", e->column);
    set_number_if(j, o, "statement", e->statement);
    set_text(j, o, "source_line", e->source_line);
    set_number_if(j, o, "caret", e->caret);
    set_text(j, o, "detail", e->detail);
    set_text(j, o, "hint", e->hint);
    set_text(j, o, "context", e->context);
    set_text(j, o, "state", e->state);
    set_text(j, o, "next", e->next);
    if (e->flags & DUNLIN_ERROR_OUTCOME_UNKNOWN)
        set_key(j, o, "outcome_unknown", json_true());
    return o;
}

/* ---- events ---------------------------------------------------------------------------------- */

#define HAS_MIGRATION 1u
#define HAS_TOTAL 2u
#define HAS_DONE 4u
#define HAS_MICROS 8u
#define HAS_ROWS 16u
#define HAS_TEXT 32u
#define HAS_PLACE 64u
#define HAS_DIRECTION 128u
#define HAS_STATE 256u

struct event_form {
    const char *name;
    unsigned has;
    unsigned verbose;  /* from this many -v on */
    bool quiet;        /* also with -q */
    const char *total; /* what "total" counts */
};

static const struct event_form event_forms[] = {
    [DUNLIN_EVENT_RUN_BEGIN] = {"run_begin", HAS_DIRECTION | HAS_TOTAL, 0, false, "migrations"},
    [DUNLIN_EVENT_RUN_END] = {"run_end", HAS_DIRECTION | HAS_DONE | HAS_MICROS, 0, false, NULL},
    [DUNLIN_EVENT_LOCK_WAIT] = {"lock_wait", HAS_TEXT, 0, false, NULL},
    [DUNLIN_EVENT_LOCK_HELD] = {"lock_held", HAS_MICROS, 0, false, NULL},
    [DUNLIN_EVENT_MIGRATION_BEGIN] = {"migration_begin", HAS_DIRECTION | HAS_MIGRATION | HAS_TOTAL,
                                      0, false, "statements"},
    [DUNLIN_EVENT_MIGRATION_END] = {"migration_end",
                                    HAS_DIRECTION | HAS_MIGRATION | HAS_TOTAL | HAS_MICROS, 0,
                                    false, "statements"},
    [DUNLIN_EVENT_STATEMENT_BEGIN] = {"statement_begin",
                                      HAS_MIGRATION | HAS_DONE | HAS_TOTAL | HAS_PLACE | HAS_TEXT,
                                      2, false, "statements"},
    [DUNLIN_EVENT_STATEMENT_END] = {"statement_end",
                                    HAS_MIGRATION | HAS_DONE | HAS_TOTAL | HAS_PLACE | HAS_TEXT |
                                        HAS_ROWS | HAS_MICROS,
                                    1, false, "statements"},
    [DUNLIN_EVENT_PROGRESS] = {"progress", HAS_MIGRATION | HAS_DONE | HAS_TOTAL, 1, false, "bytes"},
    [DUNLIN_EVENT_NOTICE] = {"notice", HAS_MIGRATION | HAS_PLACE | HAS_TEXT, 0, false, NULL},
    [DUNLIN_EVENT_WARNING] = {"warning", HAS_MIGRATION | HAS_PLACE | HAS_TEXT, 0, true, NULL},
    [DUNLIN_EVENT_HOOK_END] = {"hook_end", HAS_MIGRATION | HAS_DONE | HAS_MICROS, 0, false, NULL},
    [DUNLIN_EVENT_DEBUG] = {"debug", HAS_TEXT, 2, false, NULL},
    [DUNLIN_EVENT_RECORD] = {"record", HAS_MIGRATION | HAS_STATE, 0, false, NULL},
    [DUNLIN_EVENT_CONNECT_WAIT] = {"connect_wait", HAS_TEXT, 0, false, NULL},
};

static void set_migration(struct json_sink *j, json_t *o, const struct dunlin_event *e)
{
    set_text(j, o, "source", e->source);
    set_text(j, o, "version", e->version);
    set_text(j, o, "name", e->name);
    set_text(j, o, "kind", e->kind);
}

static void set_event(struct json_sink *j, json_t *o, const struct dunlin_event *e,
                      const struct event_form *form)
{
    set_text(j, o, "event", form->name);
    set_number(j, o, "seq", e->seq);
    if ((form->has & HAS_DIRECTION) && e->direction)
        set_text(j, o, "direction", e->direction == DUNLIN_DOWN ? "down" : "up");
    if (form->has & HAS_MIGRATION)
        set_migration(j, o, e);
    set_text(j, o, "file", e->file);
    if (form->has & HAS_PLACE)
        set_number_if(j, o, "line", e->line);
    if (form->has & HAS_DONE)
        set_number(j, o, "done", e->done);
    if (form->has & HAS_TOTAL)
        set_number(j, o, form->total, e->total);
    if (e->type == DUNLIN_EVENT_MIGRATION_END)
        set_number(j, o, "executed", e->done);
    if (form->has & HAS_ROWS)
        set_number(j, o, "rows", e->rows);
    if (form->has & HAS_TEXT)
        set_text(j, o, "text", e->text);
    set_text(j, o, "detail", e->detail);
    if (form->has & HAS_STATE)
        set_text(j, o, "recorded", e->text);
    if (form->has & HAS_MICROS)
        set_number(j, o, "micros", e->micros);
    if (e->error)
        set_key(j, o, "error", error_object(j, e->error));
}

static void json_event(struct sink *sink, const struct dunlin_event *e)
{
    struct json_sink *j = (struct json_sink *)sink;
    const struct event_form *form;
    json_t *doc;

    if (e->type >= sizeof(event_forms) / sizeof(event_forms[0]) || !event_forms[e->type].name)
        return;
    form = &event_forms[e->type];
    if (!j->options.events ||
        (form->verbose > j->options.verbose &&
         !(j->options.report == REPORT_REHEARSE && e->type == DUNLIN_EVENT_STATEMENT_END)) ||
        (j->options.quiet && !form->quiet))
        return;
    doc = new_document(j);
    if (doc)
        set_event(j, doc, e, form);
    put(j, doc);
}

/* ---- documents ------------------------------------------------------------------------------- */

static void set_plan(struct json_sink *j, json_t *o, const struct dunlin_item *item)
{
    set_text(j, o, "direction", item->direction == DUNLIN_DOWN ? "down" : "up");
    if (item->direction == DUNLIN_DOWN)
        set_key(j, o, "from_history", json_boolean(item->from_history));
    set_number(j, o, "statements", item->statements_total);
    set_number_if(j, o, "statements_done", item->statements_done);
    set_key(j, o, "transactional", json_boolean(item->transactional));
    set_key(j, o, "reversible", json_boolean(item->reversible));
}

static void set_status(struct json_sink *j, json_t *o, const struct dunlin_item *item)
{
    set_text(j, o, "applied_at", item->applied_at);
    set_text(j, o, "applied_by", item->applied_by);
    if (item->duration_ms >= 0)
        set_number(j, o, "duration_ms", (uint64_t)item->duration_ms);
    if (item->statements_total) {
        set_number(j, o, "statements_done", item->statements_done);
        set_number(j, o, "statements_total", item->statements_total);
    }
}

static int json_item(struct sink *sink, const struct dunlin_item *item)
{
    struct json_sink *j = (struct json_sink *)sink;
    json_t *o = json_object();

    if (!o)
        return -1;
    set_text(j, o, "source", item->source);
    set_text(j, o, "version", item->version);
    set_text(j, o, "name", item->name);
    set_text(j, o, "kind", item->kind);
    if (item->state)
        set_text(j, o, "state", dunlin_state_name(item->state));
    set_text(j, o, "description", item->description);
    set_text(j, o, "file", item->file);
    set_text(j, o, "checksum", item->checksum);
    j->downs += item->direction == DUNLIN_DOWN;
    if (j->options.report == REPORT_PLAN)
        set_plan(j, o, item);
    else
        set_status(j, o, item);
    return json_array_append_new(j->list, o);
}

/* "a b c" as ["a","b","c"]. */
static void set_words(struct json_sink *j, json_t *to, const char *key, const char *words)
{
    json_t *list = json_array();

    while (list && words && *words) {
        size_t len = strcspn(words, " ");

        if (len && json_array_append_new(list, json_stringn(words, len)) != 0) {
            json_decref(list);
            list = NULL;
            break;
        }
        words += len + (words[len] == ' ');
    }
    set_key(j, to, key, list);
}

static int json_driver(struct sink *sink, const struct dunlin_driver_info *info)
{
    struct json_sink *j = (struct json_sink *)sink;
    json_t *o = json_object();

    if (!o)
        return -1;
    set_text(j, o, "name", info->name);
    set_text(j, o, "path", info->path);
    set_key(j, o, "usable", json_boolean(!info->refused));
    if (info->refused) {
        set_key(j, o, "error", error_object(j, info->refused));
        return json_array_append_new(j->list, o);
    }
    set_text(j, o, "description", info->description);
    set_text(j, o, "version", info->version);
    set_text(j, o, "client", info->client);
    set_number(j, o, "abi_major", info->abi_major);
    set_number(j, o, "abi_minor", info->abi_minor);
    set_words(j, o, "schemes", info->schemes);
    set_words(j, o, "capabilities", info->capabilities);
    return json_array_append_new(j->list, o);
}

static int json_finding(struct sink *sink, const struct dunlin_finding *f)
{
    struct json_sink *j = (struct json_sink *)sink;
    json_t *o = json_object();

    if (!o)
        return -1;
    set_text(j, o, "what", f->what);
    set_text(j, o, "source", f->source);
    set_text(j, o, "version", f->version);
    set_text(j, o, "name", f->name);
    set_text(j, o, "applied_at", f->applied_at);
    set_text(j, o, "applied_by", f->applied_by);
    set_text(j, o, "recorded", f->recorded);
    set_text(j, o, "current", f->current);
    set_text(j, o, "difference", f->difference);
    set_key(j, o, "error", error_object(j, f->problem));
    return json_array_append_new(j->list, o);
}

static int json_rename(struct sink *sink, const char *from, const char *to)
{
    struct json_sink *j = (struct json_sink *)sink;
    json_t *o = json_object();

    if (!o)
        return -1;
    set_text(j, o, "from", from);
    set_text(j, o, "to", to);
    return json_array_append_new(j->list, o);
}

static int json_conversion(struct sink *sink, const struct dunlin_conversion *c)
{
    struct json_sink *j = (struct json_sink *)sink;
    json_t *o = json_object();

    if (!o)
        return -1;
    set_text(j, o, "from", c->from);
    set_text(j, o, "from_down", c->from_down);
    set_text(j, o, "from_version", c->from_version);
    set_text(j, o, "to", c->to);
    set_text(j, o, "to_version", c->to_version);
    if (c->state) {
        set_text(j, o, "state", dunlin_state_name(c->state));
        set_key(j, o, "recorded", json_boolean(c->recorded));
    }
    return json_array_append_new(j->list, o);
}

static void json_fact(struct sink *sink, const char *name, const char *value)
{
    struct json_sink *j = (struct json_sink *)sink;

    set_text(j, j->document, name, value);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void put_document(struct json_sink *j)
{
    json_t *doc = j->document;

    j->document = NULL;
    put(j, doc);
}

/* What was done about folder and history, without running anything. */
static void set_tidied(struct json_sink *j, json_t *to, const struct dunlin_summary *s)
{
    switch (j->options.report) {
    case REPORT_ADOPT:
        set_key(j, to, "migrations", json_incref(j->list));
        set_number(j, to, "recorded", s->run);
        set_number(j, to, "already_recorded", s->before);
        break;
    case REPORT_CONVERT:
        set_key(j, to, "migrations", json_incref(j->list));
        set_number(j, to, "rows_changed", s->before);
        set_key(j, to, "dry_run", json_boolean(j->options.dry));
        break;
    case REPORT_RENUMBER:
        set_key(j, to, "renamed", json_incref(j->list));
        set_key(j, to, "dry_run", json_boolean(j->options.dry));
        break;
    default:
        break;
    }
}

static void json_done(struct sink *sink, const struct dunlin_summary *s)
{
    struct json_sink *j = (struct json_sink *)sink;
    json_t *to = j->document;

    switch (j->options.report) {
    case REPORT_UP:
        set_text(j, to, "event", "done");
        set_number(j, to, "applied", s->run);
        set_number(j, to, "already_applied", s->before);
        set_number(j, to, "total", s->total);
        set_number(j, to, "pending", s->pending);
        if (s->deferred)
            set_number(j, to, "deferred", s->deferred);
        if (s->skipped)
            set_number(j, to, "skipped", s->skipped);
        set_number(j, to, "micros", s->micros);
        break;
    case REPORT_DOWN:
        set_text(j, to, "event", "done");
        set_number(j, to, "reverted", s->run);
        set_number(j, to, "still_applied", s->total);
        set_number(j, to, "micros", s->micros);
        break;
    case REPORT_REHEARSE:
        set_text(j, to, "event", "done");
        set_number(j, to, "rehearsed", s->run);
        set_number(j, to, "already_applied", s->before);
        set_number(j, to, "micros", s->micros);
        break;
    case REPORT_PLAN:
        set_key(j, to, "migrations", json_incref(j->list));
        set_number_if(j, to, "to_revert", j->downs);
        set_number(j, to, "to_apply", json_array_size(j->list) - j->downs);
        set_number(j, to, "already_applied", s->before);
        break;
    case REPORT_STATUS:
        set_key(j, to, "migrations", json_incref(j->list));
        set_number(j, to, "total", s->total);
        set_number(j, to, "pending", s->pending);
        break;
    case REPORT_DRIVERS:
        set_key(j, to, "drivers", json_incref(j->list));
        break;
    case REPORT_STEER:
        set_text(j, to, "event", "done");
        set_number(j, to, "reverted", s->reverted);
        set_number(j, to, "applied", s->run);
        set_number(j, to, "total", s->total);
        set_number(j, to, "micros", s->micros);
        break;
    case REPORT_RECORD:
        set_text(j, to, "event", "done");
        set_number(j, to, "recorded", s->run);
        set_number(j, to, "total", s->total);
        set_number(j, to, "micros", s->micros);
        break;
    case REPORT_CHECK:
    case REPORT_VERIFY:
        set_key(j, to, "findings", json_incref(j->list));
        if (j->options.report == REPORT_VERIFY)
            set_number(j, to, "queries", s->run);
        set_number(j, to, "total", s->total);
        break;
    case REPORT_ADOPT:
    case REPORT_CONVERT:
    case REPORT_RENUMBER:
        set_tidied(j, to, s);
        break;
    case REPORT_OTHER:
        break;
    }
    put_document(j);
}

static void json_error_event(struct sink *sink, const struct dunlin_error *error)
{
    struct json_sink *j = (struct json_sink *)sink;
    json_t *doc = new_document(j);

    if (doc && j->options.events)
        set_text(j, doc, "event", "error");
    if (doc)
        set_key(j, doc, "error", error_object(j, error));
    if (doc && j->options.report == REPORT_ADOPT && json_array_size(j->list))
        set_key(j, doc, "migrations", json_incref(j->list));
    put(j, doc);
}

static void json_free(struct sink *sink)
{
    struct json_sink *j = (struct json_sink *)sink;

    json_decref(j->document);
    json_decref(j->list);
    free(j);
}

struct sink *sink_json_new(const struct sink_options *options)
{
    struct json_sink *j = calloc(1, sizeof(*j));

    if (!j)
        return NULL;
    j->options = *options;
    j->sink.event = json_event;
    j->sink.item = json_item;
    j->sink.driver = json_driver;
    j->sink.finding = json_finding;
    j->sink.rename = json_rename;
    j->sink.conversion = json_conversion;
    j->sink.fact = json_fact;
    j->sink.done = json_done;
    j->sink.error = json_error_event;
    j->sink.free = json_free;
    j->document = new_document(j);
    j->list = json_array();
    if (!j->document || !j->list) {
        json_free(&j->sink);
        return NULL;
    }
    return &j->sink;
}
