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

void text_sum_init(struct text_sum *t, const struct source_file *file)
{
    checksum_init(&t->sum);
    t->first = file->first_line;
    t->last = file->last_line ? file->last_line : UINT32_MAX;
    t->line = 1;
}

static void line_add(struct text_sum *t, const char *data, size_t len)
{
    bool cr = t->line == t->last && len && data[len - 1] == '\r';

    if (t->line >= t->first && t->line <= t->last)
        checksum_add(&t->sum, data, len - cr);
}

void text_sum_add(struct text_sum *t, const char *data, size_t len)
{
    if (!t->first) {
        checksum_add(&t->sum, data, len);
        return;
    }
    while (len && t->line <= t->last) {
        const char *end = memchr(data, '\n', len);
        size_t n = end ? (size_t)(end - data) : len;

        line_add(t, data, n);
        if (end && t->line >= t->first && t->line < t->last)
            checksum_add(&t->sum, "\n", 1);
        t->line += end != NULL;
        data += n + (end != NULL);
        len -= n + (end != NULL);
    }
}

static int hash(struct raw *raw, const struct source_file *file, char *block,
                char out[CHECKSUM_SIZE], struct dunlin_error *err)
{
    size_t got = FILE_BLOCK_SIZE;
    uint64_t size = 0;
    struct text_sum sum;

    text_sum_init(&sum, file);
    while (got == FILE_BLOCK_SIZE) {
        int rc = raw_read(raw, block, FILE_BLOCK_SIZE, &got, err);

        if (rc != DUNLIN_OK)
            return rc;
        size += got;
        if (size > TEXT_MAX)
            return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                             "%s holds more than %u GiB of text", raw->path,
                             (unsigned)(TEXT_MAX >> 30));
        text_sum_add(&sum, block, got);
    }
    checksum_end(&sum.sum, out);
    return DUNLIN_OK;
}

/* Three system calls for a file of one block that is what it is thought to be. Nothing is asked
 * about it, because nothing else can have that checksum. */
static bool is_still(const struct source_file *file, const char *known, char *block,
                     char out[CHECKSUM_SIZE])
{
    int fd = folder_open_look(file->folder, file->name);
    struct text_sum sum;
    ssize_t got;

    if (fd < 0)
        return false;
    got = pread(fd, block, FILE_BLOCK_SIZE, 0);
    close(fd);
    if (got <= 0 || (size_t)got == FILE_BLOCK_SIZE)
        return false;
    text_sum_init(&sum, file);
    text_sum_add(&sum, block, (size_t)got);
    checksum_end(&sum.sum, out);
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
    rc = hash(&raw, file, block, out, err);
    raw_free(&raw);
    close(fd);
    return rc;
}
