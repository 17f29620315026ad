/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "source/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include "base/error.h"
#include "source/folder.h"
#include "source/raw.h"

static const struct nettle_hash *hash_of(const struct digest *d)
{
    switch (d->kind) {
    case SUM_MD5:
        return &nettle_md5;
    case SUM_SHA1:
        return &nettle_sha1;
    case SUM_SHA384:
        return &nettle_sha384;
    default:
        return &nettle_sha256;
    }
}

void digest_init(struct digest *d, enum sum_kind kind)
{
    d->kind = kind;
    hash_of(d)->init(&d->state);
}

void digest_add(struct digest *d, const void *data, size_t len)
{
    hash_of(d)->update(&d->state, len, data);
}

size_t digest_end(struct digest *d, uint8_t *out)
{
    const struct nettle_hash *h = hash_of(d);

    h->digest(&d->state, h->digest_size, out);
    return h->digest_size;
}

size_t digest_peek(const struct digest *d, uint8_t *out)
{
    struct digest copy = *d;

    return digest_end(&copy, out);
}

void digest_end_hex(struct digest *d, char *out)
{
    uint8_t bytes[SHA384_DIGEST_SIZE];
    size_t n = digest_end(d, bytes);

    for (size_t i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

int file_bytes(const struct source_file *file, file_bytes_fn fn, void *user,
               struct dunlin_error *err)
{
    struct raw raw;
    struct stat st;
    char *block;
    size_t got = RAW_BLOCK;
    int fd = -1, rc = folder_open_file(file->folder, file->name, &fd, &st, err);

    if (rc != DUNLIN_OK)
        return rc;
    block = malloc(RAW_BLOCK);
    if (!block) {
        close(fd);
        return error_nomem(err);
    }
    raw_init(&raw, fd, file->gzip, file->path);
    while (rc == DUNLIN_OK && got == RAW_BLOCK) {
        rc = raw_read(&raw, block, RAW_BLOCK, &got, err);
        if (rc == DUNLIN_OK)
            fn(user, block, got);
    }
    raw_free(&raw);
    free(block);
    close(fd);
    return rc;
}

static void add(void *user, const char *data, size_t len)
{
    digest_add(user, data, len);
}

int file_hex(const struct source_file *file, enum sum_kind kind, char *out,
             struct dunlin_error *err)
{
    struct digest d;
    int rc;

    digest_init(&d, kind);
    rc = file_bytes(file, add, &d, err);
    if (rc == DUNLIN_OK)
        digest_end_hex(&d, out);
    return rc;
}
