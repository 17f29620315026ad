/* SPDX-License-Identifier: MIT */
#include "base/checksum.h"

#include <string.h>
#include <nettle/version.h>

static const uint8_t bom[3] = {0xef, 0xbb, 0xbf};
static const char prefix[] = "v1:sha256:";

static void to_hex(const uint8_t digest[SHA256_SIZE], char *to)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < SHA256_SIZE; i++) {
        *to++ = digits[digest[i] >> 4];
        *to++ = digits[digest[i] & 15];
    }
    *to = '\0';
}

static void finish(struct sha256_ctx *sha, uint8_t out[SHA256_SIZE])
{
#if NETTLE_VERSION_MAJOR >= 4
    sha256_digest(sha, out);
#else
    sha256_digest(sha, SHA256_SIZE, out);
#endif
}

void sha256(const void *data, size_t len, uint8_t out[SHA256_SIZE])
{
    struct sha256_ctx sha;

    sha256_init(&sha);
    if (len)
        sha256_update(&sha, len, data);
    finish(&sha, out);
}

void sha256_end_hex(struct sha256_ctx *sha, char out[SHA256_HEX_SIZE])
{
    uint8_t digest[SHA256_SIZE];

    finish(sha, digest);
    to_hex(digest, out);
}

void sha256_hex(const void *data, size_t len, char out[SHA256_HEX_SIZE])
{
    uint8_t digest[SHA256_SIZE];

    sha256(data, len, digest);
    to_hex(digest, out);
}

int64_t sha256_int64(const void *data, size_t len)
{
    uint8_t digest[SHA256_SIZE];
    uint64_t n = 0;

    sha256(data, len, digest);
    for (size_t i = 0; i < 8; i++)
        n = n << 8 | digest[i];
    return (int64_t)n;
}

void checksum_init(struct checksum *c)
{
    memset(c, 0, sizeof(*c));
    sha256_init(&c->sha);
}

/* Hashes with CRLF turned into LF. A CR is held back until the byte behind it is known. */
static void add_lines(struct checksum *c, const uint8_t *data, size_t len)
{
    const uint8_t *end = data + len;

    while (data < end) {
        const uint8_t *cr;

        if (c->cr && *data != '\n')
            sha256_update(&c->sha, 1, (const uint8_t *)"\r");
        cr = memchr(data, '\r', (size_t)(end - data));
        c->cr = cr != NULL;
        sha256_update(&c->sha, (size_t)((cr ? cr : end) - data), data);
        data = cr ? cr + 1 : end;
    }
}

/* The first bytes are a BOM or text: hashes them if they are text. */
static void decide_head(struct checksum *c)
{
    c->started = true;
    if (c->nhead < sizeof(bom) || memcmp(c->head, bom, sizeof(bom)) != 0)
        add_lines(c, c->head, c->nhead);
}

void checksum_add(struct checksum *c, const void *data, size_t len)
{
    const uint8_t *p = data;

    while (!c->started && len) {
        c->head[c->nhead++] = *p++;
        len--;
        if (c->nhead == sizeof(bom))
            decide_head(c);
    }
    add_lines(c, p, len);
}

void checksum_end(struct checksum *c, char out[CHECKSUM_SIZE])
{
    uint8_t digest[SHA256_SIZE];

    if (!c->started)
        decide_head(c);
    if (c->cr)
        sha256_update(&c->sha, 1, (const uint8_t *)"\r");
    finish(&c->sha, digest);
    memcpy(out, prefix, sizeof(prefix) - 1);
    to_hex(digest, out + sizeof(prefix) - 1);
}
