/* SPDX-License-Identifier: MIT */
/* The bytes of an open file from its start, decompressed where it is a .gz. Reads by position, so
 * that several readers can share one descriptor. */
#ifndef DUNLIN_SOURCE_RAW_H
#define DUNLIN_SOURCE_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>
#include <dunlin/error.h>

struct raw {
    int fd;           /* not owned */
    const char *path; /* for messages */
    uint64_t pos;     /* in the file */
    bool gzip;
    bool open;    /* z is in use */
    bool between; /* a member has ended, and maybe another begins */
    bool ended;
    unsigned char *in;
    z_stream z;
};

void raw_init(struct raw *r, int fd, bool gzip, const char *path);
/* Fills to with size bytes, or fewer at the end only. Returns a dunlin_status. */
int raw_read(struct raw *r, char *to, size_t size, size_t *got, struct dunlin_error *err);
/* Starts again, at a position for a plain file, at the start (pos 0) for a compressed one. */
void raw_restart(struct raw *r, uint64_t pos);
void raw_free(struct raw *r);

#endif
