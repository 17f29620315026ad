/* SPDX-License-Identifier: MIT */
/* SHA-256: of a migration's text, in the form that the history keeps, and of any bytes. */
#ifndef DUNLIN_BASE_CHECKSUM_H
#define DUNLIN_BASE_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <nettle/sha2.h>

#define SHA256_SIZE 32     /* bytes of a digest */
#define SHA256_HEX_SIZE 65 /* its hex digits and NUL */
#define CHECKSUM_SIZE 80   /* "v1:sha256:" + 64 hex digits + NUL */

/* The digest of any bytes. */
void sha256(const void *data, size_t len, uint8_t out[SHA256_SIZE]);
void sha256_hex(const void *data, size_t len, char out[SHA256_HEX_SIZE]);
/* The same for bytes that came in portions, through nettle's sha256_init() and sha256_update(). */
void sha256_end_hex(struct sha256_ctx *sha, char out[SHA256_HEX_SIZE]);
/* The first 8 bytes of the digest as a signed big-endian number: a key for advisory locks. */
int64_t sha256_int64(const void *data, size_t len);

/* The checksum of a text, fed in any portions: over the text with a BOM dropped and CRLF turned
 * into LF, so that an editor or a checkout that changes these does not make an edited file. */
struct checksum {
    struct sha256_ctx sha;
    uint8_t head[3]; /* what may become a BOM */
    uint8_t nhead;
    bool started; /* the head is decided */
    bool cr;      /* a CR at the end of the portion before waits for its LF */
};

void checksum_init(struct checksum *c);
void checksum_add(struct checksum *c, const void *data, size_t len);
void checksum_end(struct checksum *c, char out[CHECKSUM_SIZE]);

#endif
