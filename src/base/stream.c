/* SPDX-License-Identifier: MIT */
#include "base/stream.h"

#include <string.h>

static int memory_read(struct stream *s, char *to, size_t size, size_t *got,
                       struct dunlin_error *err)
{
    struct memory_stream *m = (struct memory_stream *)s;
    size_t n = m->len - m->pos < size ? m->len - m->pos : size;

    (void)err;
    if (n)
        memcpy(to, m->data + m->pos, n);
    m->pos += n;
    *got = n;
    return DUNLIN_OK;
}

void memory_stream_init(struct memory_stream *s, const char *data, size_t len)
{
    s->stream.read = memory_read;
    s->data = data;
    s->len = len;
    s->pos = 0;
}
