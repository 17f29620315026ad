/* SPDX-License-Identifier: MIT */
/*
 * The text of one file. A small one is read at once and stays in memory. A large one is hashed
 * while it is streamed for the first time; then the descriptor is kept, and in every later reading
 * what the file holds is compared, block by block, with what it held.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "source/folder.h"
#include "source/raw.h"
#include "source/rewrite.h"

#define BLOCK_SIZE RAW_BLOCK /* as much as the lexer reads at once: then nothing is copied */
#define FIRST_GUESS 8192u    /* of the text in a compressed file */

/* A large text, block by block. */
struct block_stream {
    struct stream stream;
    struct file_text *text;
    struct raw raw;
    char *block;
    size_t len, used; /* of what is in block */
    size_t next;      /* number of the block to read */
};

struct file_text {
    char checksum[CHECKSUM_SIZE];
    uint64_t size; /* with BOM */
    size_t bom;    /* bytes of it */
    bool kept;
    bool settled; /* read to its end: checksum and size are known */
    bool late;    /* .. but the checksum is left to a later reading */
    bool hashing; /* the reading under way is that one */
    bool gzip;
    const char *path;    /* the source's */
    char *data;          /* in memory: size bytes; else NULL */
    int fd;              /* large: the open file; else -1 */
    struct proof proof;  /* of a large one's file */
    struct text_sum sum; /* of what was read of a large text that is not settled */
    struct memory_stream memory;
    struct block_stream large;
    const struct source_file *file;
    struct rewrite rewrite; /* where a layout has something to say about the text */
};

/* ---- reading it first ----------------------------------------------------------------------- */

static size_t bom_size(const char *data, size_t len)
{
    return len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static int grow(char **data, size_t *cap, size_t want, struct dunlin_error *err)
{
    char *larger = realloc(*data, want);

    if (!larger)
        return error_nomem(err);
    *data = larger;
    *cap = want;
    return DUNLIN_OK;
}

/* Reads to the end into *data; *len stops growing behind FILE_IN_MEMORY_MAX. guess is one more
 * than the size that is expected, so that the end shows. */
static int read_small(struct raw *raw, size_t guess, char **data, size_t *len,
                      struct dunlin_error *err)
{
    size_t cap = 0, got;
    int rc = grow(data, &cap, guess, err);

    *len = 0;
    while (rc == DUNLIN_OK) {
        rc = raw_read(raw, *data + *len, cap - *len, &got, err);
        if (rc != DUNLIN_OK)
            break;
        *len += got;
        if (*len < cap || *len > FILE_IN_MEMORY_MAX)
            break;
        rc = grow(data, &cap, cap > FILE_IN_MEMORY_MAX / 2 ? FILE_IN_MEMORY_MAX + 1 : cap * 2, err);
    }
    return rc;
}

static int read_all(struct file_text *t, struct raw *raw, uint64_t file_size,
                    struct dunlin_error *err)
{
    struct text_sum sum;
    size_t len;
    int rc;

    if (!t->gzip && file_size > FILE_IN_MEMORY_MAX)
        return DUNLIN_OK;
    rc = read_small(raw, t->gzip ? FIRST_GUESS : (size_t)file_size + 1, &t->data, &len, err);
    if (rc != DUNLIN_OK)
        return rc;
    if (len > FILE_IN_MEMORY_MAX) {
        free(t->data);
        t->data = NULL;
        return DUNLIN_OK;
    }
    t->settled = true;
    t->size = len;
    t->bom = bom_size(t->data, len);
    text_sum_init(&sum, t->file);
    text_sum_add(&sum, t->data, len);
    checksum_end(&sum.sum, t->checksum);
    if (!t->kept) {
        free(t->data);
        t->data = NULL;
    }
    return DUNLIN_OK;
}

int file_text_open(const struct source_file *file, bool keep, struct file_text **out,
                   struct dunlin_error *err)
{
    struct file_text *t = calloc(1, sizeof(*t));
    struct stat st;
    struct raw raw;
    int rc;

    if (!t)
        return error_nomem(err);
    t->path = file->path;
    t->file = file;
    t->gzip = file->gzip;
    t->kept = keep;
    rc = folder_open_file(file->folder, file->name, &t->fd, &st, err);
    if (rc == DUNLIN_OK) {
        raw_init(&raw, t->fd, t->gzip, t->path);
        raw.size = (uint64_t)st.st_size;
        rc = read_all(t, &raw, (uint64_t)st.st_size, err);
        raw_free(&raw);
    }
    if (rc != DUNLIN_OK) {
        file_text_free(t);
        return rc;
    }
    if (t->settled) {
        close(t->fd);
        t->fd = -1;
    }
    *out = t;
    return DUNLIN_OK;
}

void file_text_free(struct file_text *t)
{
    if (!t)
        return;
    rewrite_free(&t->rewrite);
    raw_free(&t->large.raw);
    free(t->large.block);
    free(t->data);
    proof_free(&t->proof);
    if (t->fd >= 0)
        close(t->fd);
    free(t);
}

const char *file_text_checksum(const struct file_text *t)
{
    return t->checksum;
}

uint64_t file_text_size(const struct file_text *t)
{
    return t->size;
}

bool file_text_in_memory(const struct file_text *t)
{
    return t->data != NULL;
}

/* ---- a large text --------------------------------------------------------------------------- */

/* Takes in the next block of a text that nobody has read to its end. */
static int hash_block(struct file_text *t, const char *block, size_t got, struct dunlin_error *err)
{
    if (t->size == 0)
        t->bom = bom_size(block, got);
    t->size += got;
    if (t->size > TEXT_MAX)
        return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                         "%s holds more than %u GiB of text", t->path, (unsigned)(TEXT_MAX >> 30));
    if (!t->late)
        text_sum_add(&t->sum, block, got);
    if (got < BLOCK_SIZE) {
        if (!t->late)
            checksum_end(&t->sum.sum, t->checksum);
        t->settled = true;
    }
    return DUNLIN_OK;
}

/* The same of a text that was only proved when it was read first. */
static void hash_late(struct file_text *t, const char *block, size_t got)
{
    text_sum_add(&t->sum, block, got);
    if (got < BLOCK_SIZE) {
        checksum_end(&t->sum.sum, t->checksum);
        t->hashing = false;
    }
}

/* Reads the next block into to, which has room for it. At the end got is 0. */
static int load_block(struct block_stream *b, char *to, size_t *got, struct dunlin_error *err)
{
    int rc = raw_read(&b->raw, to, BLOCK_SIZE, got, err);

    if (rc == DUNLIN_OK && !b->text->settled)
        rc = hash_block(b->text, to, *got, err);
    else if (rc == DUNLIN_OK && b->text->hashing)
        hash_late(b->text, to, *got);
    if (rc != DUNLIN_OK)
        *got = 0;
    if (*got > 0)
        b->next++;
    return rc;
}

static int block_read(struct stream *s, char *to, size_t size, size_t *got,
                      struct dunlin_error *err)
{
    struct block_stream *b = (struct block_stream *)s;
    size_t n;

    if (b->used == b->len && size >= BLOCK_SIZE)
        return load_block(b, to, got, err);
    *got = 0;
    if (b->used == b->len) {
        int rc = load_block(b, b->block, &b->len, err);

        b->used = 0;
        if (rc != DUNLIN_OK)
            return rc;
    }
    n = b->len - b->used < size ? b->len - b->used : size;
    memcpy(to, b->block + b->used, n);
    b->used += n;
    *got = n;
    return DUNLIN_OK;
}

/* Gets the stream ready for the block of this number. */
static int block_start(struct file_text *t, size_t number, struct dunlin_error *err)
{
    struct block_stream *b = &t->large;

    if (!b->block) {
        b->block = malloc(BLOCK_SIZE);
        if (!b->block)
            return error_nomem(err);
        b->stream.read = block_read;
        b->text = t;
        raw_init(&b->raw, t->fd, t->gzip, t->path);
        if (t->kept)
            b->raw.proof = &t->proof;
    }
    b->len = b->used = 0;
    /* Compressed text can only be read from its start, and only there hashing can begin. */
    b->next = t->gzip || t->hashing ? 0 : number;
    if (t->hashing)
        text_sum_init(&t->sum, t->file);
    if (!t->settled) {
        text_sum_init(&t->sum, t->file);
        proof_restart(&t->proof);
        t->size = t->bom = 0;
    }
    raw_restart(&b->raw, (uint64_t)b->next * BLOCK_SIZE);
    return DUNLIN_OK;
}

/* Puts the stream at a byte of the text, behind the BOM. */
static int block_seek(struct file_text *t, uint64_t offset, struct dunlin_error *err)
{
    struct block_stream *b = &t->large;
    size_t target = (size_t)((offset + t->bom) / BLOCK_SIZE);
    int rc = block_start(t, target, err);

    if (rc != DUNLIN_OK)
        return rc;
    do {
        rc = load_block(b, b->block, &b->len, err);
        if (rc != DUNLIN_OK)
            return rc;
    } while (b->len > 0 && b->next <= target);
    /* so much is there: the offset is one of the text, and the blocks are proved to be the same */
    b->used = (size_t)((offset + t->bom) % BLOCK_SIZE);
    return DUNLIN_OK;
}

/* The text as it is in the file. */
static int plain_stream(struct file_text *t, uint64_t offset, struct stream **out,
                        struct dunlin_error *err)
{
    int rc;

    if (!t->kept || offset > (t->settled ? t->size - t->bom : 0))
        return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_INTERNAL,
                         "there is no text at byte %llu of %s", (unsigned long long)offset,
                         t->path);
    if (t->data) {
        size_t at = t->bom + (size_t)offset;

        memory_stream_init(&t->memory, t->data + at, (size_t)t->size - at);
        *out = &t->memory.stream;
        return DUNLIN_OK;
    }
    rc = block_seek(t, offset, err);
    if (rc == DUNLIN_OK)
        *out = &t->large.stream;
    return rc;
}

/* Reads over the first bytes. */
static int skip(struct stream *s, uint64_t bytes, struct dunlin_error *err)
{
    char block[4096];
    int rc = DUNLIN_OK;

    while (rc == DUNLIN_OK && bytes > 0) {
        size_t got, want = bytes < sizeof(block) ? (size_t)bytes : sizeof(block);

        rc = s->read(s, block, want, &got, err);
        if (got == 0)
            break;
        bytes -= got;
    }
    return rc;
}

int file_text_stream(struct file_text *t, uint64_t offset, struct stream **out,
                     struct dunlin_error *err)
{
    struct stream *plain;
    int rc;

    if (!layout_rewrites(t->file))
        return plain_stream(t, offset, out, err);
    /* What a line means may depend on those before it. */
    rc = plain_stream(t, 0, &plain, err);
    if (rc != DUNLIN_OK)
        return rc;
    rewrite_init(&t->rewrite, t->file, plain);
    *out = &t->rewrite.stream;
    return skip(*out, offset, err);
}

int file_text_read(const struct source_file *file, bool keep, struct file_text **out,
                   struct dunlin_error *err)
{
    struct file_text *t;
    int rc = file_text_open(file, keep, &t, err);

    if (rc != DUNLIN_OK)
        return rc;
    if (!t->settled)
        rc = block_start(t, 0, err);
    while (rc == DUNLIN_OK && !t->settled) {
        size_t got;

        rc = load_block(&t->large, t->large.block, &got, err);
    }
    if (rc != DUNLIN_OK) {
        file_text_free(t);
        return rc;
    }
    *out = t;
    return DUNLIN_OK;
}

void file_text_late(struct file_text *t)
{
    t->late = !t->data && !t->settled;
}

void file_text_hash_next(struct file_text *t)
{
    t->hashing = t->late && t->settled && !t->checksum[0];
}

int file_text_hash_end(struct file_text *t, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    while (rc == DUNLIN_OK && t->hashing) {
        size_t got;

        rc = load_block(&t->large, t->large.block, &got, err);
    }
    return rc;
}

int file_text_hash(struct file_text *t, struct dunlin_error *err)
{
    struct stream *ignored;
    int rc = DUNLIN_OK;

    file_text_hash_next(t);
    if (t->hashing)
        rc = plain_stream(t, 0, &ignored, err);
    return rc == DUNLIN_OK ? file_text_hash_end(t, err) : rc;
}

/* ---- one line of it ------------------------------------------------------------------------- */

struct line_search {
    uint32_t wanted, line; /* line: of the byte to come, 1-based */
    bool cr;               /* the byte before was a CR */
    struct buf text;
};

/* Returns false when the line is complete. */
static bool line_feed(struct line_search *s, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool second = s->cr && data[i] == '\n'; /* of a CRLF that has ended its line already */

        s->cr = data[i] == '\r';
        if (second)
            continue;
        if (data[i] == '\n' || data[i] == '\r') {
            if (s->line == s->wanted)
                return false;
            s->line++;
        } else if (s->line == s->wanted && !buf_addc(&s->text, data[i])) {
            return false; /* as much as is wanted of a long line */
        }
    }
    return true;
}

/* Fails where the text can no longer be read as it was. */
static int line_of_large(struct file_text *t, struct line_search *s, struct dunlin_error *err)
{
    char *block = malloc(BLOCK_SIZE);
    size_t got = BLOCK_SIZE, skip = t->bom;
    struct raw raw;
    int rc = block ? DUNLIN_OK : error_nomem(err);

    raw_init(&raw, t->fd, t->gzip, t->path);
    if (t->settled)
        raw.proof = &t->proof;
    while (!rc && got == BLOCK_SIZE) {
        rc = raw_read(&raw, block, BLOCK_SIZE, &got, err);
        if (rc || !line_feed(s, block + skip, got < skip ? 0 : got - skip))
            break;
        skip = 0;
    }
    raw_free(&raw);
    free(block);
    return rc;
}

int file_text_line(struct file_text *t, uint32_t line, char *to, size_t size,
                   struct dunlin_error *err)
{
    struct line_search s = {.wanted = line, .line = 1, .text = BUF_INIT(size + 8)};
    int rc = DUNLIN_OK;

    if (size > 0)
        to[0] = '\0';
    if (!t->kept || line == 0 || size == 0)
        return DUNLIN_NO;
    if (t->data)
        line_feed(&s, t->data + t->bom, (size_t)t->size - t->bom);
    else
        rc = line_of_large(t, &s, err);
    if (!rc && s.text.failed && s.text.len < size) /* not for its length */
        rc = error_nomem(err);
    if (!rc && s.line != line)
        rc = DUNLIN_NO;
    if (!rc)
        text_copy(to, size, buf_str(&s.text), s.text.len);
    buf_free(&s.text);
    return rc;
}
