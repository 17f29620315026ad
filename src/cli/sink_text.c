/* SPDX-License-Identifier: MIT */
/*
 * Results for people: a line per migration while it runs, lists at the end, and one line that says
 * what became of it all. Results go to standard output, everything else to standard error.
 */
#include "cli/sink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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
    uint64_t downs; /* of a plan */
};

static const char INFO[] = "INFO", WARN[] = "WARN", ERROR[] = "ERROR";

/* Time and level before each line. */
static void stamp(struct buf *b, const char *level)
{
    struct buf stamped = BUF_INIT(TEXT_MAX);
    struct timespec now = {0};
    char text[32] = "";
    struct tm utc;

    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    for (const char *p = buf_str(b), *end = p + b->len; p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        size_t len = nl ? (size_t)(nl - p) + 1 : (size_t)(end - p);

        buf_addf(&stamped, "%s.%03ldZ %-5s ", text, now.tv_nsec / 1000000, level);
        buf_add(&stamped, p, len);
        p += len;
    }
    stamped.failed = stamped.failed || b->failed;
    buf_free(b);
    *b = stamped;
}

static void put(struct text_sink *t, const char *level, FILE *to, struct buf *b)
{
    if (t->options.log)
        stamp(b, level);

    if (b->failed)
        sink_lost(&t->options, to, "(out of memory)\n");
    else
        sink_write(&t->options, to, buf_str(b), b->len);
    buf_free(b);
}

/* The end of a part of a line: without it the line is not whole either. */
static void end_part(struct buf *b, struct buf *part)
{
    b->failed = b->failed || part->failed;
    buf_free(part);
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

/* Where the text came from that reverted it; how many statements a repeatable ran. */
static void add_what(struct buf *b, const struct dunlin_event *e)
{
    if (e->direction == DUNLIN_DOWN && e->file) {
        buf_adds(b, "  with ");
        escape_add(b, e->file, 0);
    } else if (!e->error && e->kind && strcmp(e->kind, "repeatable") == 0) {
        buf_addf(b, "  %" PRIu64 " statement%s", e->done, e->done == 1 ? "" : "s");
    }
    buf_addc(b, '\n');
}

static void hook_end(struct text_sink *t, const struct dunlin_event *e)
{
    struct buf b = BUF_INIT(TEXT_MAX), name = BUF_INIT(TEXT_MAX), time = BUF_INIT(64);

    escape_add(&name, e->file ? e->file : "", 0);
    text_duration(&time, e->micros);
    buf_adds(&b, e->error ? "failed    " : "ran       ");
    add_padded(&b, buf_str(&name), NAME_WIDTH);
    buf_addf(&b, "  %9s  %" PRIu64 " statement%s\n", buf_str(&time), e->done,
             e->done == 1 ? "" : "s");
    end_part(&b, &name);
    end_part(&b, &time);
    put(t, e->error ? ERROR : INFO, t->options.out, &b);
}

/* Around each migration they would be as many lines as the migrations themselves. */
static bool hook_shown(const struct text_sink *t, const struct dunlin_event *e)
{
    bool each = e->name && strstr(e->name, "_each");

    return !t->options.quiet && (!each || t->options.verbose > 0);
}

static void migration_end(struct text_sink *t, const struct dunlin_event *e)
{
    const char *word = e->direction == DUNLIN_DOWN ? "reverted" : "applied";
    enum color color = e->error ? COLOR_BAD : COLOR_GOOD;
    struct buf b = BUF_INIT(TEXT_MAX), name = BUF_INIT(TEXT_MAX), time = BUF_INIT(64);

    if (t->options.quiet)
        return;
    if (t->options.report == REPORT_REHEARSE)
        word = "rehearsed";
    if (e->state == DUNLIN_STATE_DEFERRED)
        word = "deferred";
    if (e->state == DUNLIN_STATE_RUNNING) /* another run was first */
        word = "elsewhere";
    if (e->error)
        word = e->error->status == DUNLIN_INTERRUPTED ? "stopped" : "failed";
    text_migration(&name, label(t, e->source), e->version, e->name);
    text_duration(&time, e->micros);
    buf_adds(&b, color_begin(t->options.color, color));
    buf_adds(&b, word);
    buf_adds(&b, color_end(t->options.color, color));
    buf_addf(&b, "%*s", (int)(10 - strlen(word)), "");
    add_padded(&b, buf_str(&name), NAME_WIDTH);
    buf_addf(&b, "  %9s", buf_str(&time));
    end_part(&b, &name);
    end_part(&b, &time);
    add_what(&b, e);
    put(t, e->error ? ERROR : INFO, t->options.out, &b);
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
    bool rehearsal = t->options.report == REPORT_REHEARSE;
    bool color = rehearsal ? t->options.color : t->options.color_err;
    struct buf b = BUF_INIT(TEXT_MAX);

    buf_addf(&b, "  %s%" PRIu64 "/%" PRIu64 " ", color_begin(color, COLOR_FAINT), e->done,
             e->total);
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
    buf_addf(&b, "%s\n", color_end(color, COLOR_FAINT));
    if (e->detail) {
        buf_adds(&b, "      ");
        escape_add(&b, e->detail, 0);
        buf_addc(&b, '\n');
    }
    put(t, INFO, rehearsal ? t->options.out : t->options.err, &b);
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
    put(t, e->type == DUNLIN_EVENT_WARNING ? WARN : INFO, t->options.err, &b);
}

static void record(struct text_sink *t, const struct dunlin_event *e)
{
    struct buf b = BUF_INIT(TEXT_MAX), name = BUF_INIT(TEXT_MAX);

    text_migration(&name, label(t, e->source), e->version, e->name);
    buf_adds(&b, "recorded  ");
    add_padded(&b, buf_str(&name), NAME_WIDTH);
    buf_adds(&b, "  ");
    escape_add(&b, e->text, 0);
    buf_addc(&b, '\n');
    end_part(&b, &name);
    put(t, INFO, t->options.out, &b);
}

static void connect_wait(struct text_sink *t, const struct dunlin_event *e)
{
    struct buf b = BUF_INIT(TEXT_MAX);

    buf_adds(&b, "waiting for the database: ");
    escape_add(&b, e->text, 0);
    buf_addc(&b, '\n');
    put(t, INFO, t->options.err, &b);
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
    put(t, INFO, t->options.err, &b);
}

static void text_event(struct sink *sink, const struct dunlin_event *e)
{
    struct text_sink *t = (struct text_sink *)sink;
    bool quiet = t->options.quiet;

    switch (e->type) {
    case DUNLIN_EVENT_MIGRATION_END:
        migration_end(t, e);
        break;
    case DUNLIN_EVENT_HOOK_END:
        if (hook_shown(t, e))
            hook_end(t, e);
        break;
    case DUNLIN_EVENT_STATEMENT_BEGIN:
        if (t->options.verbose > 1)
            statement(t, e);
        break;
    case DUNLIN_EVENT_STATEMENT_END:
        if (t->options.verbose > 0 || (t->options.report == REPORT_REHEARSE && !quiet))
            statement(t, e);
        break;
    case DUNLIN_EVENT_LOCK_WAIT:
        if (!quiet)
            lock_wait(t, e);
        break;
    case DUNLIN_EVENT_RECORD:
        if (!quiet)
            record(t, e);
        break;
    case DUNLIN_EVENT_CONNECT_WAIT:
        if (!quiet)
            connect_wait(t, e);
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
    t->downs += item->direction == DUNLIN_DOWN;
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
    end_part(&b, &head);
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
    put(t, INFO, t->options.out, &b);
    return 0;
}

/* "edited: migrations/3_x.sql was edited .." and what is known of it. */
static int text_finding(struct sink *sink, const struct dunlin_finding *f)
{
    struct text_sink *t = (struct text_sink *)sink;
    struct buf b = BUF_INIT(TEXT_MAX);

    t->items++;
    if (t->options.quiet)
        return 0;
    text_problem(&b, f->what, f->problem, t->options.color);
    for (const char *p = f->difference ? f->difference : ""; *p;) {
        size_t len = strcspn(p, "\n");
        struct buf line = BUF_INIT(TEXT_MAX);

        buf_add(&line, p, len);
        buf_adds(&b, "  ");
        escape_add(&b, buf_str(&line), ESCAPE_TABS);
        buf_addc(&b, '\n');
        end_part(&b, &line);
        p += len + (p[len] == '\n');
    }
    put(t, INFO, t->options.out, &b);
    return 0;
}

static int text_rename(struct sink *sink, const char *from, const char *to)
{
    struct text_sink *t = (struct text_sink *)sink;
    struct buf b = BUF_INIT(TEXT_MAX);

    if (t->options.quiet)
        return 0;
    escape_add(&b, from, 0);
    buf_adds(&b, " -> ");
    escape_add(&b, to, 0);
    buf_addc(&b, '\n');
    put(t, INFO, t->options.out, &b);
    return 0;
}

/* "old/a.sql (a) -> new/0001_a.sql (0001), applied" */
static int text_conversion(struct sink *sink, const struct dunlin_conversion *c)
{
    struct text_sink *t = (struct text_sink *)sink;
    struct buf b = BUF_INIT(TEXT_MAX);

    if (t->options.quiet)
        return 0;
    escape_add(&b, c->from, 0);
    buf_adds(&b, " (");
    escape_add(&b, c->from_version, 0);
    buf_adds(&b, ") -> ");
    escape_add(&b, c->to, 0);
    buf_adds(&b, " (");
    escape_add(&b, c->to_version, 0);
    buf_addf(&b, ")%s%s\n", c->state ? ", " : "", c->state ? dunlin_state_name(c->state) : "");
    put(t, INFO, t->options.out, &b);
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
    put(t, INFO, t->options.out, &b);
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

/* What was done about folder and history, without running anything. */
static void add_tidied(const struct text_sink *t, struct buf *b, const struct dunlin_summary *s)
{
    switch (t->options.report) {
    case REPORT_ADOPT:
        buf_addf(b, "%s: %" PRIu64 " %s, %" PRIu64 " were before\n",
                 t->options.dry ? "dry run" : "done", s->run,
                 t->options.dry ? "to record" : "recorded", s->before);
        break;
    case REPORT_CONVERT:
        buf_addf(b, "%s: %" PRIu64 " migration%s %s", t->options.dry ? "dry run" : "done", s->run,
                 s->run == 1 ? "" : "s", t->options.dry ? "to write" : "written");
        if (s->before)
            buf_addf(b, ", %" PRIu64 " row%s of the history %s", s->before,
                     s->before == 1 ? "" : "s", t->options.dry ? "to change" : "changed");
        buf_addc(b, '\n');
        break;
    case REPORT_RENUMBER:
        buf_addf(b, "%s: %" PRIu64 " of %" PRIu64 " migrations\n",
                 t->options.dry ? "to renumber" : "renumbered", s->run, s->total);
        break;
    default:
        break;
    }
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
        if (s->deferred)
            buf_addf(&b, ", %" PRIu64 " deferred", s->deferred);
        if (s->skipped)
            buf_addf(&b, ", %" PRIu64 " skipped", s->skipped);
        add_seconds(&b, s->micros);
        break;
    case REPORT_DOWN:
        buf_addf(&b, "done: %" PRIu64 " reverted, %" PRIu64 " still applied", s->run, s->total);
        add_seconds(&b, s->micros);
        break;
    case REPORT_REHEARSE:
        buf_addf(&b, "done: %" PRIu64 " rehearsed and rolled back, %" PRIu64 " already applied",
                 s->run, s->before);
        add_seconds(&b, s->micros);
        break;
    case REPORT_PLAN:
        buf_adds(&b, "plan: ");
        if (t->downs)
            buf_addf(&b, "%" PRIu64 " to revert, ", t->downs);
        buf_addf(&b, "%" PRIu64 " to apply, %" PRIu64 " already applied\n", t->items - t->downs,
                 s->before);
        break;
    case REPORT_STATUS:
        add_states(t, &b);
        break;
    case REPORT_DRIVERS:
        if (t->items == 0)
            buf_adds(&b, "no drivers are installed\n");
        break;
    case REPORT_STEER:
        buf_adds(&b, "done: ");
        if (s->reverted)
            buf_addf(&b, "%" PRIu64 " reverted, ", s->reverted);
        buf_addf(&b, "%" PRIu64 " applied, %" PRIu64 " total", s->run, s->total);
        add_seconds(&b, s->micros);
        break;
    case REPORT_RECORD:
        buf_addf(&b, "done: %" PRIu64 " recorded, %" PRIu64 " total", s->run, s->total);
        add_seconds(&b, s->micros);
        break;
    case REPORT_CHECK:
        buf_addf(&b, "check: %" PRIu64 " finding%s in %" PRIu64 " migration%s\n", t->items,
                 t->items == 1 ? "" : "s", s->total, s->total == 1 ? "" : "s");
        break;
    case REPORT_VERIFY:
        buf_addf(&b,
                 "verify: %" PRIu64 " finding%s, %" PRIu64 " quer%s of %" PRIu64 " migration%s\n",
                 t->items, t->items == 1 ? "" : "s", s->run, s->run == 1 ? "y" : "ies", s->before,
                 s->before == 1 ? "" : "s");
        break;
    case REPORT_ADOPT:
    case REPORT_CONVERT:
    case REPORT_RENUMBER:
        add_tidied(t, &b, s);
        break;
    case REPORT_OTHER:
        break;
    }
    put(t, INFO, t->options.out, &b);
}

static void text_sink_error(struct sink *sink, const struct dunlin_error *error)
{
    struct text_sink *t = (struct text_sink *)sink;
    struct buf b = BUF_INIT(TEXT_MAX);

    text_error(&b, error, t->options.color_err);
    if (b.failed) {
        buf_free(&b);
        text_error_plain(t->options.err, error);
        return;
    }
    put(t, ERROR, t->options.err, &b);
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
    t->sink.finding = text_finding;
    t->sink.rename = text_rename;
    t->sink.conversion = text_conversion;
    t->sink.fact = text_fact;
    t->sink.done = text_done;
    t->sink.error = text_sink_error;
    t->sink.free = text_sink_free;
    table_init(&t->table);
    return &t->sink;
}
