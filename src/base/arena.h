/* SPDX-License-Identifier: MIT */
/* Many small things that die together: nothing in an arena is freed by itself. */
#ifndef DUNLIN_BASE_ARENA_H
#define DUNLIN_BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *blocks;
};

#define ARENA_INIT                                                                                 \
    {                                                                                              \
        NULL                                                                                       \
    }

/* Zeroed memory, aligned for any type; NULL when out of memory. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_calloc(struct arena *a, size_t n, size_t size); /* NULL on overflow too */
char *arena_strndup(struct arena *a, const char *text, size_t len);
char *arena_strdup(struct arena *a, const char *text);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Moves everything in from to a. */
void arena_adopt(struct arena *a, struct arena *from);
void arena_free(struct arena *a); /* everything; the arena can be used again */

#endif
