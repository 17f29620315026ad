/* SPDX-License-Identifier: MIT */
/* The checksum of a file whose text is not needed: most files of a run. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "source/folder.h"
#include "source/raw.h"

static int hash(struct raw *raw, char *block, char out[CHECKSUM_SIZE], struct dunlin_error *err)
{
    size_t got = FILE_BLOCK_SIZE;
    uint64_t size = 0;
    struct checksum sum;

    checksum_init(&sum);
    while (got == FILE_BLOCK_SIZE) {
        int rc = raw_read(raw, block, FILE_BLOCK_SIZE, &got, err);

        if (rc != DUNLIN_OK)
            return rc;
        size += got;
        if (size > TEXT_MAX)
            return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                             "%s holds more than %u GiB of text", raw->path,
                             (unsigned)(TEXT_MAX >> 30));
        checksum_add(&sum, block, got);
    }
    checksum_end(&sum, out);
    return DUNLIN_OK;
}

/* Three system calls for a file of one block that is what it is thought to be. Nothing is asked
 * about it, because nothing else can have that checksum. */
static bool is_still(const struct source_file *file, const char *known, char *block,
                     char out[CHECKSUM_SIZE])
{
    int fd = folder_open_look(file->folder, file->name);
    struct checksum sum;
    ssize_t got;

    if (fd < 0)
        return false;
    got = pread(fd, block, FILE_BLOCK_SIZE, 0);
    close(fd);
    if (got <= 0 || (size_t)got == FILE_BLOCK_SIZE)
        return false;
    checksum_init(&sum);
    checksum_add(&sum, block, (size_t)got);
    checksum_end(&sum, out);
    return strcmp(out, known) == 0;
}

int file_checksum(const struct source_file *file, const char *known, char *block,
                  char out[CHECKSUM_SIZE], struct dunlin_error *err)
{
    struct stat st;
    struct raw raw;
    int fd, rc;

    if (known && !file->gzip && is_still(file, known, block, out))
        return DUNLIN_OK;
    rc = folder_open_file(file->folder, file->name, &fd, &st, err);
    if (rc != DUNLIN_OK)
        return rc;
    raw_init(&raw, fd, file->gzip, file->path);
    raw.size = (uint64_t)st.st_size;
    rc = hash(&raw, block, out, err);
    raw_free(&raw);
    close(fd);
    return rc;
}
