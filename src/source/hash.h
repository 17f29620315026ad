/* SPDX-License-Identifier: MIT */
/* What tools hash their files with: digests of a file's bytes as they are. */
#ifndef DUNLIN_SOURCE_HASH_H
#define DUNLIN_SOURCE_HASH_H

#include "source/source.h"

enum sum_kind { SUM_MD5 = 0, SUM_SHA1, SUM_SHA256, SUM_SHA384 };

#define SUM_HEX_MAX 97 /* SHA-384 in hex, and NUL */

/* One digest, fed in portions. */
struct digest {
    enum sum_kind kind;
    union {
        max_align_t aligned;
        char room[256];
    } state;
};
void digest_init(struct digest *d, enum sum_kind kind);
void digest_add(struct digest *d, const void *data, size_t len);
/* Writes the digest's bytes and returns how many; the digest begins anew. */
size_t digest_end(struct digest *d, uint8_t *out);
/* The digest so far, going on behind it. */
size_t digest_peek(const struct digest *d, uint8_t *out);
void digest_end_hex(struct digest *d, char *out);

/* Calls fn with the bytes of a file, block by block; one that is compressed is decompressed. */
typedef void (*file_bytes_fn)(void *user, const char *data, size_t len);
int file_bytes(const struct source_file *file, file_bytes_fn fn, void *user,
               struct dunlin_error *err);
/* The digest of a file's bytes in lower-case hex; out has room for SUM_HEX_MAX. */
int file_hex(const struct source_file *file, enum sum_kind kind, char *out,
             struct dunlin_error *err);

#endif
