/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "source/raw.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define OUT_STEP (1u << 30) /* zlib counts in unsigned int */
#define GZIP_ONLY (MAX_WBITS + 16)

void raw_init(struct raw *r, int fd, bool gzip, const char *path)
{
    memset(r, 0, sizeof(*r));
    r->fd = fd;
    r->gzip = gzip;
    r->path = path;
}

void raw_restart(struct raw *r, uint64_t pos)
{
    r->pos = pos;
    r->packed = r->unpacked = r->line = 0;
    r->between = r->ended = r->at_end = false;
    if (r->open) {
        inflateReset(&r->z);
        /* what was decompressed without fault before will be so again */
        if (r->proof && r->proof->complete)
            inflateValidate(&r->z, 0);
    }
    r->z.avail_in = 0;
}

void raw_free(struct raw *r)
{
    if (r->open)
        inflateEnd(&r->z);
    free(r->in);
    r->open = false;
    r->in = NULL;
}

static int corrupt(const struct raw *r, const char *why, struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "cannot decompress %s: %s", r->path, why);
    error_hint(err, "test it with `gzip -t`");
    return DUNLIN_BAD_FILE;
}

/* ---- comparing with what was there before --------------------------------------------------- */

void proof_restart(struct proof *p)
{
    p->blocks = 0;
    p->size = 0;
    p->complete = false;
}

void proof_free(struct proof *p)
{
    free(p->prints);
    memset(p, 0, sizeof(*p));
}

/* Four lanes, so that the multiplications need not wait for each other: several times as fast as a
 * CRC, which took a tenth of the time that a large file needs before it runs. */
static uint64_t print_of(const void *block, size_t len)
{
    static const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15); /* odd, so that nothing is lost */
    uint64_t lanes[4] = {len, 1, 2, 3};
    const unsigned char *at = block;
    uint64_t word;

    for (; len >= sizeof(lanes); at += sizeof(lanes), len -= sizeof(lanes)) {
        for (size_t i = 0; i < 4; i++) {
            memcpy(&word, at + i * sizeof(word), sizeof(word));
            lanes[i] = (lanes[i] ^ word) * factor;
            lanes[i] ^= lanes[i] >> 32;
        }
    }
    for (; len > 0; at++, len--)
        lanes[0] = (lanes[0] ^ *at) * factor;
    for (size_t i = 1; i < 4; i++) {
        lanes[0] = (lanes[0] ^ lanes[i]) * factor;
        lanes[0] ^= lanes[0] >> 32;
    }
    return lanes[0];
}

static int proof_add(struct proof *p, const void *block, size_t len, struct dunlin_error *err)
{
    if (p->blocks == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 256;
        uint64_t *prints = realloc(p->prints, cap * sizeof(*prints));

        if (!prints)
            return error_nomem(err);
        p->prints = prints;
        p->cap = cap;
    }
    if (len)
        p->prints[p->blocks++] = print_of(block, len);
    p->size += len;
    p->complete = len < RAW_BLOCK;
    return DUNLIN_OK;
}

static bool proof_holds(const struct proof *p, uint64_t pos, const void *block, size_t len)
{
    uint64_t left = pos < p->size ? p->size - pos : 0;

    if (len != (left < RAW_BLOCK ? left : RAW_BLOCK))
        return false;
    return len == 0 || print_of(block, len) == p->prints[pos / RAW_BLOCK];
}

static int prove(struct raw *r, uint64_t pos, const void *block, size_t len,
                 struct dunlin_error *err)
{
    if (!r->proof->complete)
        return proof_add(r->proof, block, len, err);
    if (proof_holds(r->proof, pos, block, len))
        return DUNLIN_OK;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s changed while dunlin was running",
              r->path);
    error_hint(err, "leave migration files alone while they run, then run dunlin again");
    return DUNLIN_BAD_FILE;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Fewer bytes than size come only at the end. */
static int read_plain(struct raw *r, void *to, size_t size, size_t *got, struct dunlin_error *err)
{
    uint64_t pos = r->pos;

    *got = 0;
    while (*got < size && !r->at_end) {
        ssize_t n = pread(r->fd, (char *)to + *got, size - *got, (off_t)r->pos);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "cannot read %s: %s", r->path,
                             strerror(errno));
        if (n == 0)
            break;
        r->pos += (uint64_t)n;
        *got += (size_t)n;
        /* Fewer bytes than asked for, and as many as the file says it has: there is no need to be
         * told of the end by another read. */
        r->at_end = *got < size && r->size && r->pos == r->size;
    }
    return r->proof ? prove(r, pos, to, *got, err) : DUNLIN_OK;
}

static int open_gzip(struct raw *r, struct dunlin_error *err)
{
    r->in = malloc(RAW_BLOCK);
    if (!r->in || inflateInit2(&r->z, GZIP_ONLY) != Z_OK) {
        free(r->in);
        r->in = NULL;
        return error_nomem(err);
    }
    r->open = true;
    return DUNLIN_OK;
}

/* Gets input for zlib; without any the file has to end between two members. */
static int refill(struct raw *r, struct dunlin_error *err)
{
    size_t got;
    int rc = read_plain(r, r->in, RAW_BLOCK, &got, err);

    if (rc != DUNLIN_OK)
        return rc;
    if (got == 0) {
        if (!r->between)
            return corrupt(r, "it ends too early", err);
        r->ended = true;
    }
    r->z.next_in = r->in;
    r->z.avail_in = (uInt)got;
    return DUNLIN_OK;
}

/* Whether what zlib gave, given more at the end of it, is too much for what it took. */
static bool is_bomb(struct raw *r, size_t given)
{
    const unsigned char *from = r->z.next_out - given, *end = r->z.next_out;
    uint64_t ratio = r->unpacked / (r->packed ? r->packed : 1);

    if (ratio <= RATIO_LINE_MAX) {
        r->line = r->unpacked;
        return false;
    }
    while (end > from && end[-1] != '\n')
        end--;
    if (end > from)
        r->line = r->unpacked - (uint64_t)(r->z.next_out - end);
    return r->unpacked > RATIO_FREE && (ratio > RATIO_MAX || r->unpacked - r->line > RATIO_FREE);
}

static int refuse_bomb(const struct raw *r, struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "%s holds more than %llu times its size: a decompression bomb?", r->path,
              (unsigned long long)(r->unpacked / r->packed));
    error_hint(err, "if it is none, put the uncompressed file into the folder");
    return DUNLIN_BAD_FILE;
}

/* One step of zlib into z.next_out. */
static int inflate_step(struct raw *r, struct dunlin_error *err)
{
    uInt in = r->z.avail_in, out = r->z.avail_out;
    int z;

    if (r->between) {
        if (*r->z.next_in == 0) { /* padding of a tape or a block device */
            r->z.next_in++;
            r->z.avail_in--;
            return DUNLIN_OK;
        }
        inflateReset(&r->z);
        r->between = false;
    }
    z = inflate(&r->z, Z_NO_FLUSH);
    if (z == Z_MEM_ERROR)
        return error_nomem(err);
    if (z == Z_NEED_DICT || (z < 0 && z != Z_BUF_ERROR))
        return corrupt(r, r->z.msg ? r->z.msg : "it is damaged", err);
    r->between = z == Z_STREAM_END;
    r->packed += in - r->z.avail_in;
    r->unpacked += out - r->z.avail_out;
    return is_bomb(r, out - r->z.avail_out) ? refuse_bomb(r, err) : DUNLIN_OK;
}

static int read_gzip(struct raw *r, char *to, size_t size, size_t *got, struct dunlin_error *err)
{
    uInt room = size < OUT_STEP ? (uInt)size : OUT_STEP;
    int rc = r->open ? DUNLIN_OK : open_gzip(r, err);

    r->z.next_out = (unsigned char *)to;
    r->z.avail_out = room;
    while (rc == DUNLIN_OK && r->z.avail_out > 0 && !r->ended) {
        if (r->z.avail_in == 0)
            rc = refill(r, err);
        if (rc == DUNLIN_OK && r->z.avail_in > 0)
            rc = inflate_step(r, err);
    }
    *got = room - r->z.avail_out;
    return rc;
}

int raw_read(struct raw *r, char *to, size_t size, size_t *got, struct dunlin_error *err)
{
    *got = 0;
    while (*got < size) {
        size_t n = 0;
        int rc = r->gzip ? read_gzip(r, to + *got, size - *got, &n, err)
                         : read_plain(r, to + *got, size - *got, &n, err);

        if (rc != DUNLIN_OK)
            return rc;
        if (n == 0)
            break;
        *got += n;
    }
    return DUNLIN_OK;
}
