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
#include "base/checksum.h"

/* Decompressed bytes: a larger text is a mistake or a bomb. */
#define TEXT_MAX (UINT64_C(64) << 30)
/* So is one that shrinks to less than a part in so many. SQL hardly goes beyond 100, the same row
 * again and again beyond 350; one letter again and again begins at 230, but has no lines. A text,
 * or a line, up to the free size may. */
#define RATIO_MAX 500u
#define RATIO_LINE_MAX 200u
#define RATIO_FREE (UINT64_C(16) << 20)

#define RAW_BLOCK 65536u

/*
 * What a file was when it was read first: a fingerprint of each block. That finds what an editor or
 * a checkout does to a file that is being run. It is no seal: who can write the file and wants to
 * fool us can make a block of the same fingerprint.
 */
struct proof {
    uint64_t *prints;
    size_t blocks, cap;
    uint64_t size; /* of the file */
    bool complete; /* it was read to its end: from now on blocks are compared */
};

void proof_restart(struct proof *p); /* nothing was read yet */
void proof_free(struct proof *p);

/* The checksum of a file's text, or of the lines of it that are meant: without the end of the last,
 * so that what is put behind them leaves them as they are. */
struct source_file;
struct text_sum {
    struct checksum sum;
    uint32_t first, last, line; /* line: of the byte to come */
};
void text_sum_init(struct text_sum *t, const struct source_file *file);
void text_sum_add(struct text_sum *t, const char *data, size_t len);

struct raw {
    int fd;           /* not owned */
    const char *path; /* for messages */
    uint64_t pos;     /* in the file */
    uint64_t size;    /* that the file says it has, 0 = not known */
    bool at_end;      /* pos is there */
    bool gzip;
    bool open;    /* z is in use */
    bool between; /* a member has ended, and maybe another begins */
    bool ended;
    struct proof *proof; /* not owned; NULL = nothing is compared. Set it before the first read */
    uint64_t packed, unpacked; /* bytes that zlib took and gave, of all members */
    uint64_t line;             /* where in what it gave a line last began; while that matters */
    unsigned char *in;
    z_stream z;
};

void raw_init(struct raw *r, int fd, bool gzip, const char *path);
/* Fills to with size bytes, or fewer at the end only. With a proof size is RAW_BLOCK. Returns a
 * dunlin_status. */
int raw_read(struct raw *r, char *to, size_t size, size_t *got, struct dunlin_error *err);
/* Starts again, at a position for a plain file, at the start (pos 0) for a compressed one. */
void raw_restart(struct raw *r, uint64_t pos);
void raw_free(struct raw *r);

#endif
