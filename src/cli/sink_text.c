/* SPDX-License-Identifier: MIT */
/*
 * Results for people: a line per migration while it runs, lists at the end, and one line that says
 * what became of it all. Results go to standard output, everything else to standard error.
 */
#include "cli/sink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli/color.h"
#include "cli/escape.h"
#include "cli/text_error.h"
#include "cli/text_table.h"

#define STATE_COUNT (DUNLIN_STATE_DEFERRED + 1)
#define NAME_WIDTH 40 /* names that are longer push the time to the right */
#define TEXT_MAX ((size_t)256 * 1024 * 1024)

struct text_sink {
    struct sink sink;
    struct sink_options options;
    struct table table;
    uint64_t states[STATE_COUNT];
    uint64_t items;
};

static void put(struct text_sink *t, FILE *to, struct buf *b)
{
    static const char lost[] = "(out of memory)\n";

    if (b->failed)
        sink_write(&t->options, to, lost, sizeof(lost) - 1);
    else
        sink_write(&t->options, to, buf_str(b), b->len);
    buf_free(b);
}

static void add_padded(struct buf *b, const char *text, size_t width)
{
    size_t have = text_width(text);

    buf_adds(b, text);
    for (; have < width; have++)
        buf_addc(b, ' ');
}

static const char *label(const struct text_sink *t, const char *source)
{
    return t->options.labels ? source : NULL;
}

/* ---- events ---------------------------------------------------------------------------------- */

static void migration_end(struct text_sink *t, const struct dunlin_event *e)
{
    const char *word = e->direction == DUNLIN_DOWN ? "reverted" : "applied";
    enum color color = e->error ? COLOR_BAD : COLOR_GOOD;
    struct buf b = BUF_INIT(TEXT_MAX), name = BUF_INIT(TEXT_MAX), time = BUF_INIT(64);

    if (t->options.quiet)
        return;
    if (e->error)
        word = e->error->status == DUNLIN_INTERRUPTED ? "stopped" : "failed";
    text_migration(&name, label(t, e->source), e->version, e->name);
    text_duration(&time, e->micros);
    buf_adds(&b, color_begin(t->options.color, color));
    buf_adds(&b, word);
    buf_adds(&b, color_end(t->options.color, color));
    buf_addf(&b, "%*s", (int)(10 - strlen(word)), "");
    add_padded(&b, buf_str(&name), NAME_WIDTH);
    buf_addf(&b, "  %9s\n", buf_str(&time));
    buf_free(&name);
    buf_free(&time);
    put(t, t->options.out, &b);
}

static void add_place(struct buf *b, const struct dunlin_event *e)
{
    if (!e->file)
        return;
    escape_add(b, e->file, 0);
    if (e->line)
        buf_addf(b, ":%" PRIu32, e->line);
    buf_adds(b, ": ");
}

/* "  2/5 users.sql:12: ALTER TABLE users ..  3 ms, 7 rows" */
static void statement(struct text_sink *t, const struct dunlin_event *e)
{
    struct buf b = BUF_INIT(TEXT_MAX);

    buf_addf(&b, "  %s%" PRIu64 "/%" PRIu64 " ", color_begin(t->options.color_err, COLOR_FAINT),
             e->done, e->total);
    add_place(&b, e);
    escape_add(&b, e->text ? e->text : "", 0);
    if (e->type == DUNLIN_EVENT_STATEMENT_END) {
        buf_adds(&b, "  ");
        text_duration(&b, e->micros);
        if (e->rows)
            buf_addf(&b, ", %" PRIu64 " row%s", e->rows, e->rows == 1 ? "" : "s");
        if (e->error)
            buf_adds(&b, ", failed");
    }
    buf_addf(&b, "%s\n", color_end(t->options.color_err, COLOR_FAINT));
    put(t, t->options.err, &b);
}

static void remark(struct text_sink *t, const struct dunlin_event *e, const char *word)
{
    enum color color = e->type == DUNLIN_EVENT_WARNING ? COLOR_WAITING : COLOR_NONE;
    struct buf b = BUF_INIT(TEXT_MAX);

    buf_addf(&b, "%s%s:%s ", color_begin(t->options.color_err, color), word,
             color_end(t->options.color_err, color));
    add_place(&b, e);
    escape_add(&b, e->text ? e->text : "", ESCAPE_LINES | ESCAPE_TABS);
    buf_addc(&b, '\n');
    put(t, t->options.err, &b);
}

static void lock_wait(struct text_sink *t, const struct dunlin_event *e)
{
    struct buf b = BUF_INIT(TEXT_MAX);

    buf_adds(&b, "waiting for another run to finish");
    if (e->text && *e->text) {
        buf_adds(&b, ": ");
        escape_add(&b, e->text, 0);
    }
    buf_addc(&b, '\n');
    put(t, t->options.err, &b);
}

static void text_event(struct sink *sink, const struct dunlin_event *e)
{
    struct text_sink *t = (struct text_sink *)sink;
    bool quiet = t->options.quiet;

    switch (e->type) {
    case DUNLIN_EVENT_MIGRATION_END:
        migration_end(t, e);
        break;
    case DUNLIN_EVENT_STATEMENT_BEGIN:
        if (t->options.verbose > 1)
            statement(t, e);
        break;
    case DUNLIN_EVENT_STATEMENT_END:
        if (t->options.verbose > 0)
            statement(t, e);
        break;
    case DUNLIN_EVENT_LOCK_WAIT:
        if (!quiet)
            lock_wait(t, e);
        break;
    case DUNLIN_EVENT_WARNING:
        remark(t, e, "warning");
        break;
    case DUNLIN_EVENT_NOTICE:
        if (!quiet)
            remark(t, e, "notice");
        break;
    case DUNLIN_EVENT_DEBUG:
        if (t->options.verbose > 1)
            remark(t, e, "debug");
        break;
    default:
        break;
    }
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int text_item(struct sink *sink, const struct dunlin_item *item)
{
    struct text_sink *t = (struct text_sink *)sink;
    bool ok = true;

    if (item->state < STATE_COUNT)
        t->states[item->state]++;
    t->items++;
    if (t->options.quiet)
        return 0;
    if (t->options.report == REPORT_PLAN)
        return table_plan_item(&t->table, item) ? 0 : -1;
    if (t->table.count == 0)
        ok = table_status_head(&t->table);
    return ok && table_status_item(&t->table, item) ? 0 : -1;
}

static void add_line(struct buf *b, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    buf_addf(b, "  %-13s", name);
    escape_add(b, value, 0);
    buf_addc(b, '\n');
}

static int text_driver(struct sink *sink, const struct dunlin_driver_info *info)
{
    struct text_sink *t = (struct text_sink *)sink;
    struct buf b = BUF_INIT(TEXT_MAX), head = BUF_INIT(TEXT_MAX);

    escape_add(&head, info->name ? info->name : "?", 0);
    buf_addf(&b, "%s%s%s\n", color_begin(t->options.color, info->refused ? COLOR_BAD : COLOR_GOOD),
             buf_str(&head), color_end(t->options.color, COLOR_GOOD));
    buf_free(&head);
    add_line(&b, "path", info->path);
    if (info->refused) {
        add_line(&b, "refused", info->refused->message);
        add_line(&b, "hint", info->refused->hint);
    } else {
        add_line(&b, "for", info->description);
        add_line(&b, "URLs", info->schemes);
        add_line(&b, "version", info->version);
        buf_addf(&b, "  %-13s%" PRIu32 ".%" PRIu32 "\n", "ABI", info->abi_major, info->abi_minor);
        add_line(&b, "client", info->client);
        add_line(&b, "capabilities", info->capabilities);
    }
    t->items++;
    put(t, t->options.out, &b);
    return 0;
}

static void text_fact(struct sink *sink, const char *name, const char *value)
{
    struct text_sink *t = (struct text_sink *)sink;
    struct buf b = BUF_INIT(TEXT_MAX);

    (void)name;
    if (t->options.quiet)
        return;
    escape_add(&b, value, 0);
    buf_addc(&b, '\n');
    put(t, t->options.out, &b);
}

/* ---- the last line --------------------------------------------------------------------------- */

static void add_seconds(struct buf *b, uint64_t micros)
{
    uint64_t hundredths = (micros + 5000) / 10000;

    buf_addf(b, " in %" PRIu64 ".%02" PRIu64 " s\n", hundredths / 100, hundredths % 100);
}

/* "17 migrations: 14 applied, 2 pending, 1 edited" */
static void add_states(const struct text_sink *t, struct buf *b)
{
    static const uint32_t order[] = {
        DUNLIN_STATE_APPLIED, DUNLIN_STATE_PENDING, DUNLIN_STATE_LATE,     DUNLIN_STATE_CHANGED,
        DUNLIN_STATE_PARTIAL, DUNLIN_STATE_FAILED,  DUNLIN_STATE_DEFERRED, DUNLIN_STATE_RUNNING,
        DUNLIN_STATE_EDITED,  DUNLIN_STATE_MISSING,
    };
    const char *separator = ": ";

    buf_addf(b, "%" PRIu64 " migration%s", t->items, t->items == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (t->states[order[i]] == 0)
            continue;
        buf_addf(b, "%s%" PRIu64 " %s", separator, t->states[order[i]],
                 dunlin_state_name(order[i]));
        separator = ", ";
    }
    buf_addc(b, '\n');
}

static void text_done(struct sink *sink, const struct dunlin_summary *s)
{
    struct text_sink *t = (struct text_sink *)sink;
    struct buf b = BUF_INIT(TEXT_MAX);

    if (t->options.quiet)
        return;
    table_print(&t->table, &b, t->options.color);
    switch (t->options.report) {
    case REPORT_UP:
        buf_addf(&b, "done: %" PRIu64 " applied, %" PRIu64 " already applied, %" PRIu64 " total",
                 s->run, s->before, s->total);
        add_seconds(&b, s->micros);
        break;
    case REPORT_DOWN:
        buf_addf(&b, "done: %" PRIu64 " reverted, %" PRIu64 " still applied", s->run, s->total);
        add_seconds(&b, s->micros);
        break;
    case REPORT_PLAN:
        buf_addf(&b, "plan: %" PRIu64 " to apply, %" PRIu64 " already applied\n", t->items,
                 s->before);
        break;
    case REPORT_STATUS:
        add_states(t, &b);
        break;
    case REPORT_DRIVERS:
        if (t->items == 0)
            buf_adds(&b, "no drivers are installed\n");
        break;
    case REPORT_OTHER:
        break;
    }
    put(t, t->options.out, &b);
}

static void text_sink_error(struct sink *sink, const struct dunlin_error *error)
{
    struct text_sink *t = (struct text_sink *)sink;
    struct buf b = BUF_INIT(TEXT_MAX);

    text_error(&b, error, t->options.color_err);
    put(t, t->options.err, &b);
}

static void text_sink_free(struct sink *sink)
{
    struct text_sink *t = (struct text_sink *)sink;

    table_free(&t->table);
    free(t);
}

struct sink *sink_text_new(const struct sink_options *options)
{
    struct text_sink *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->options = *options;
    t->sink.event = text_event;
    t->sink.item = text_item;
    t->sink.driver = text_driver;
    t->sink.fact = text_fact;
    t->sink.done = text_done;
    t->sink.error = text_sink_error;
    t->sink.free = text_sink_free;
    table_init(&t->table);
    return &t->sink;
}
