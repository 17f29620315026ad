/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a compressed file: reading it in large parts and in small ones gives the same, a
 * second reading of what was read without fault is proved to be the same, and errors say
 * something.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "source/raw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    int rc;
    uint64_t size;
    uint32_t crc;
};

static struct reading read_all(struct raw *raw, size_t step)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct reading r = {.crc = 0};
    char *block = malloc(step);
    size_t got = step;

    while (block && r.rc == DUNLIN_OK && got == step) {
        r.rc = raw_read(raw, block, step, &got, &err);
        if (r.rc == DUNLIN_OK) {
            r.crc = (uint32_t)crc32_z(r.crc, (const unsigned char *)block, got);
            r.size += got;
        }
    }
    if (r.rc != DUNLIN_OK && (r.rc != DUNLIN_BAD_FILE || !err.message[0]))
        abort();
    free(block);
    return r;
}

static void check(int fd, size_t small)
{
    struct proof proof = {NULL, 0, 0, 0, false};
    struct reading whole, parts, again;
    struct raw raw;

    raw_init(&raw, fd, true, "fuzz.sql.gz");
    whole = read_all(&raw, RAW_BLOCK);
    raw_free(&raw);
    raw_init(&raw, fd, true, "fuzz.sql.gz");
    raw.proof = &proof;
    parts = read_all(&raw, small);
    if (whole.rc != parts.rc || (!whole.rc && (whole.size != parts.size || whole.crc != parts.crc)))
        abort();
    if (!parts.rc) {
        raw_restart(&raw, 0);
        again = read_all(&raw, small);
        if (again.rc || again.size != whole.size || again.crc != whole.crc)
            abort();
    }
    raw_free(&raw);
    proof_free(&proof);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FILE *file = size > 0 ? tmpfile() : NULL;

    if (!file)
        return 0;
    if (fwrite(data + 1, 1, size - 1, file) == size - 1 && fflush(file) == 0)
        check(fileno(file), (size_t)data[0] + 1);
    (void)fclose(file);
    return 0;
}
