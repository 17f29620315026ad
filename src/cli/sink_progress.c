/* SPDX-License-Identifier: MIT */
/* One line on the terminal for files that take long: how much of the file the server has had. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "cli/sink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include "cli/escape.h"
#include "cli/text_table.h"

#define PERIOD_MS 100

struct progress_sink {
    struct sink sink;
    FILE *err;
    int64_t shown_at; /* ms, 0 = never */
    bool visible;
};

static int64_t now_ms(void)
{
    struct timespec t = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void wipe(struct progress_sink *p)
{
    if (!p->visible)
        return;
    fputs("\r\x1b[K", p->err);
    fflush(p->err);
    p->visible = false;
}

static void show(struct progress_sink *p, const struct dunlin_event *e)
{
    struct buf b = BUF_INIT(4096);
    int64_t now = now_ms();

    if (e->total == 0 || (p->shown_at && now - p->shown_at < PERIOD_MS))
        return;
    p->shown_at = now;
    text_migration(&b, NULL, e->version, e->name);
    if (b.len > 40)
        buf_clear(&b); /* a line that wraps could not be wiped */
    fprintf(p->err, "\r\x1b[K%s  %" PRIu64 "%% of %" PRIu64 " MB", buf_str(&b),
            (uint64_t)((double)e->done * 100.0 / (double)e->total), e->total / 1000000);
    fflush(p->err);
    p->visible = true;
    buf_free(&b);
}

static void progress_event(struct sink *sink, const struct dunlin_event *e)
{
    struct progress_sink *p = (struct progress_sink *)sink;

    if (e->type == DUNLIN_EVENT_PROGRESS)
        show(p, e);
    else
        wipe(p);
}

static void progress_done(struct sink *sink, const struct dunlin_summary *summary)
{
    (void)summary;
    wipe((struct progress_sink *)sink);
}

static void progress_error(struct sink *sink, const struct dunlin_error *error)
{
    (void)error;
    wipe((struct progress_sink *)sink);
}

static void progress_free(struct sink *sink)
{
    wipe((struct progress_sink *)sink);
    free(sink);
}

struct sink *sink_progress_new(const struct sink_options *options)
{
    struct progress_sink *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    p->err = options->err;
    p->sink.event = progress_event;
    p->sink.done = progress_done;
    p->sink.error = progress_error;
    p->sink.free = progress_free;
    return &p->sink;
}
