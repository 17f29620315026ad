/* SPDX-License-Identifier: MIT */
/* A growable byte buffer with a mandatory cap. Always NUL-terminated once anything was added. A
 * failed append marks the buffer, so that a row of appends needs one check at its end. */
#ifndef DUNLIN_BASE_BUF_H
#define DUNLIN_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdarg.h>
#include <stdint.h>

struct buf {
    char *data;
    size_t len, cap;
    size_t max;  /* bytes it may grow to */
    bool failed; /* out of memory, or over max */
};

#define BUF_INIT(max_)                                                                             \
    {                                                                                              \
        .data = NULL, .len = 0, .cap = 0, .max = (max_), .failed = false                           \
    }

void buf_free(struct buf *b);
void buf_clear(struct buf *b); /* empty, unfailed, memory kept */
bool buf_reserve(struct buf *b, size_t more);
bool buf_add(struct buf *b, const void *data, size_t len);
bool buf_adds(struct buf *b, const char *text);
bool buf_addc(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buf_addhex(struct buf *b, const void *data, size_t len);
const char *buf_str(const struct buf *b); /* never NULL */
/* Removes the first n bytes. */
void buf_drop(struct buf *b, size_t n);

#endif
