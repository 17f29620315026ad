/* SPDX-License-Identifier: MIT */
/* A source of bytes: what the lexer reads from, whatever stands behind it. */
#ifndef DUNLIN_BASE_STREAM_H
#define DUNLIN_BASE_STREAM_H

#include <stddef.h>
#include <dunlin/error.h>

struct stream {
    /* Reads up to size bytes into to; sets *got, 0 only at the end. Returns a dunlin_status. */
    int (*read)(struct stream *s, char *to, size_t size, size_t *got, struct dunlin_error *err);
};

/* A stream over memory that the caller keeps. */
struct memory_stream {
    struct stream stream;
    const char *data;
    size_t len, pos;
};
void memory_stream_init(struct memory_stream *s, const char *data, size_t len);

#endif
