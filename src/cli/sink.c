/* SPDX-License-Identifier: MIT */
#include "cli/sink.h"

#include <errno.h>
#include <string.h>

void sink_write(const struct sink_options *options, FILE *to, const char *data, size_t len)
{
    errno = 0;
    if (fwrite(data, 1, len, to) == len && fflush(to) == 0)
        return;
    if (to == options->out && *options->write_error == 0)
        *options->write_error = errno ? errno : EIO;
}

void sink_lost(const struct sink_options *options, FILE *to, const char *text)
{
    sink_write(options, to, text, strlen(text));
    if (to == options->out && *options->write_error == 0)
        *options->write_error = ENOMEM;
}

void sink_event(struct sink *sink, const struct dunlin_event *event)
{
    if (sink && sink->event)
        sink->event(sink, event);
}

int sink_item(struct sink *sink, const struct dunlin_item *item)
{
    return sink && sink->item ? sink->item(sink, item) : 0;
}

int sink_driver(struct sink *sink, const struct dunlin_driver_info *info)
{
    return sink && sink->driver ? sink->driver(sink, info) : 0;
}

int sink_finding(struct sink *sink, const struct dunlin_finding *finding)
{
    return sink && sink->finding ? sink->finding(sink, finding) : 0;
}

int sink_rename(struct sink *sink, const char *from, const char *to)
{
    return sink && sink->rename ? sink->rename(sink, from, to) : 0;
}

int sink_conversion(struct sink *sink, const struct dunlin_conversion *conversion)
{
    return sink && sink->conversion ? sink->conversion(sink, conversion) : 0;
}

void sink_fact(struct sink *sink, const char *name, const char *value)
{
    if (sink && sink->fact)
        sink->fact(sink, name, value);
}

void sink_done(struct sink *sink, const struct dunlin_summary *summary)
{
    if (sink && sink->done)
        sink->done(sink, summary);
}

void sink_error(struct sink *sink, const struct dunlin_error *error)
{
    if (sink && sink->error)
        sink->error(sink, error);
}

void sink_free(struct sink *sink)
{
    if (sink && sink->free)
        sink->free(sink);
}
