/* SPDX-License-Identifier: MIT */
/* The text of files: plain and compressed, small and large, read again in part, changed meanwhile,
 * damaged. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "scratch.h"
#include "source/source.h"

#define BLOCK 65536u /* what is verified at once */
#define BOM "\xef\xbb\xbf"

/* One folder with one file, 1_a.sql or 1_a.sql.gz. */
struct fixture {
    struct scratch scratch;
    struct source source;
    struct dunlin_error err;
    struct file_text *text;
};

static struct source_file *fixture_file(struct fixture *f)
{
    return &f->source.folders[0].migrations[0].up;
}

static void fixture_open(struct fixture *f)
{
    const char *dirs[1] = {f->scratch.path};

    f->text = NULL;
    memset(&f->err, 0, sizeof(f->err));
    if (source_open(dirs, 1, UNNUMBERED_ERROR, &f->source, &f->err) != DUNLIN_OK)
        fail_msg("%s", f->err.message);
}

static void fixture_make(struct fixture *f, const void *data, size_t len, bool gzip)
{
    scratch_make(&f->scratch);
    if (gzip)
        scratch_gzip(&f->scratch, "1_a.sql.gz", data, len);
    else
        scratch_write(&f->scratch, "1_a.sql", data, len);
    fixture_open(f);
}

static void fixture_read(struct fixture *f, bool keep)
{
    if (file_text_read(fixture_file(f), keep, &f->text, &f->err) != DUNLIN_OK)
        fail_msg("%s", f->err.message);
}

static void fixture_remove(struct fixture *f)
{
    file_text_free(f->text);
    source_close(&f->source);
    scratch_remove(&f->scratch);
}

static int read_rest(struct stream *s, size_t step, struct buf *to, struct dunlin_error *err)
{
    char *part = malloc(step);
    size_t got = 1;
    int rc = DUNLIN_OK;

    assert_non_null(part);
    while (rc == DUNLIN_OK && got > 0) {
        rc = s->read(s, part, step, &got, err);
        if (rc == DUNLIN_OK)
            assert_true(buf_add(to, part, got));
    }
    free(part);
    return rc;
}

/* Compares what the stream gives from an offset with what it should. */
static void check_from(struct fixture *f, const char *data, size_t len, size_t offset, size_t step)
{
    struct buf got = BUF_INIT((size_t)64 * 1024 * 1024);
    struct stream *stream;

    assert_int_equal(file_text_stream(f->text, offset, &stream, &f->err), DUNLIN_OK);
    assert_int_equal(read_rest(stream, step, &got, &f->err), DUNLIN_OK);
    assert_int_equal(got.len, len - offset);
    if (got.len)
        assert_memory_equal(got.data, data + offset, got.len);
    buf_free(&got);
}

static void check_checksum(const struct fixture *f, const char *data, size_t len)
{
    char sum[CHECKSUM_SIZE];
    struct checksum c;

    checksum_init(&c);
    checksum_add(&c, data, len);
    checksum_end(&c, sum);
    assert_string_equal(file_text_checksum(f->text), sum);
}

/* Lines of uneven length with CRLF at every block border. */
static char *large_text(size_t len)
{
    char *data = malloc(len);
    uint32_t n = 7;

    assert_non_null(data);
    for (size_t i = 0; i < len; i++) {
        n = n * 1103515245 + 12345;
        data[i] = (n >> 16) % 50 == 0 ? '\n' : (char)('a' + (n >> 16) % 26);
        if (i % BLOCK == 0 && i > 0) {
            data[i - 1] = '\r';
            data[i] = '\n';
        }
    }
    return data;
}

/* ---- small texts ---------------------------------------------------------------------------- */

static const struct {
    const char *data;
    size_t bom;
} smalls[] = {
    {"", 0},      {"SELECT 1;\n", 0},     {"SELECT 1;\r\nSELECT 2", 0},
    {BOM, 3},     {BOM "SELECT 1;\n", 3}, {"\xef\xbb", 0},
    {"a" BOM, 0},
};

static void test_small(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(smalls) / sizeof(smalls[0]); i++) {
        const char *data = smalls[i / 2].data;
        size_t len = strlen(data), bom = smalls[i / 2].bom;
        struct fixture f;

        fixture_make(&f, data, len, i % 2);
        fixture_read(&f, true);
        assert_true(file_text_in_memory(f.text));
        assert_int_equal(file_text_size(f.text), len);
        check_checksum(&f, data, len);
        for (size_t offset = 0; offset <= len - bom; offset++)
            check_from(&f, data + bom, len - bom, offset, 1 + offset % 5);
        fixture_remove(&f);
    }
}

static void test_not_kept(void **state)
{
    struct stream *stream;
    struct fixture f;
    char line[16];

    (void)state;
    fixture_make(&f, "SELECT 1", 8, false);
    fixture_read(&f, false);
    assert_false(file_text_in_memory(f.text));
    assert_int_equal(file_text_size(f.text), 8);
    check_checksum(&f, "SELECT 1", 8);
    assert_int_not_equal(file_text_stream(f.text, 0, &stream, &f.err), DUNLIN_OK);
    assert_int_equal(file_text_line(f.text, 1, line, sizeof(line), NULL), DUNLIN_NO);
    assert_string_equal(line, "");
    fixture_remove(&f);
}

static void test_offset_too_large(void **state)
{
    struct stream *stream;
    struct fixture f;

    (void)state;
    fixture_make(&f, BOM "abc", 6, false);
    fixture_read(&f, true);
    assert_int_equal(file_text_stream(f.text, 3, &stream, &f.err), DUNLIN_OK);
    assert_int_equal(file_text_stream(f.text, 4, &stream, &f.err), DUNLIN_FAILED);
    assert_int_equal(f.err.kind, DUNLIN_KIND_INTERNAL);
    fixture_remove(&f);
}

/* ---- large texts ---------------------------------------------------------------------------- */

static const size_t sizes[] = {
    FILE_IN_MEMORY_MAX - 1,         FILE_IN_MEMORY_MAX,
    FILE_IN_MEMORY_MAX + 1,         FILE_IN_MEMORY_MAX + BLOCK,
    FILE_IN_MEMORY_MAX + BLOCK + 1, 2 * FILE_IN_MEMORY_MAX - 1,
};

static void check_large(struct fixture *f, const char *data, size_t len)
{
    static const size_t back[] = {0, 1, 2, 3};

    check_checksum(f, data, len);
    assert_int_equal(file_text_size(f->text), len);
    assert_int_equal(file_text_in_memory(f->text), len <= FILE_IN_MEMORY_MAX);
    check_from(f, data, len, 0, 65536);
    check_from(f, data, len, 0, 999983);
    for (size_t i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
        check_from(f, data, len, len - back[i], 4096);
        check_from(f, data, len, (len / BLOCK) * BLOCK - back[i], 4096);
        check_from(f, data, len, 5 * BLOCK - 1 + back[i], 65536);
    }
}

static void test_large(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *data = large_text(sizes[i]);

        for (int gzip = 0; gzip < 2; gzip++) {
            struct fixture f;

            fixture_make(&f, data, sizes[i], gzip);
            fixture_read(&f, true);
            check_large(&f, data, sizes[i]);
            file_text_free(f.text);
            f.text = NULL;
            fixture_read(&f, false);
            check_checksum(&f, data, sizes[i]);
            fixture_remove(&f);
        }
        free(data);
    }
}

static void test_large_bom(void **state)
{
    size_t len = FILE_IN_MEMORY_MAX + 100000;
    char *data = large_text(len);

    (void)state;
    memcpy(data, BOM, 3);
    for (int gzip = 0; gzip < 2; gzip++) {
        struct fixture f;

        fixture_make(&f, data, len, gzip);
        fixture_read(&f, true);
        check_checksum(&f, data, len);
        check_from(&f, data + 3, len - 3, 0, 65536);
        check_from(&f, data + 3, len - 3, BLOCK - 3, 65536);
        check_from(&f, data + 3, len - 3, BLOCK - 4, 65536);
        fixture_remove(&f);
    }
    free(data);
}

/* ---- changed while running ------------------------------------------------------------------ */

enum change { CHANGE_FIRST, CHANGE_LAST, APPEND, CUT, CUT_BLOCK, CHANGES };

static size_t file_size(struct fixture *f, const char *name)
{
    struct stat st;

    assert_int_equal(stat(scratch_path(&f->scratch, name), &st), 0);
    return (size_t)st.st_size;
}

static void change_file(const char *path, size_t len, enum change how)
{
    int fd = open(path, O_RDWR);

    assert_true(fd >= 0);
    if (how == CHANGE_FIRST)
        assert_int_equal(pwrite(fd, "#", 1, 0), 1);
    else if (how == CHANGE_LAST)
        assert_int_equal(pwrite(fd, "#", 1, (off_t)len - 1), 1);
    else if (how == APPEND)
        assert_int_equal(pwrite(fd, "#", 1, (off_t)len), 1);
    else
        assert_int_equal(ftruncate(fd, (off_t)(how == CUT ? len - 1 : len - BLOCK)), 0);
    close(fd);
}

static void test_changed(void **state)
{
    size_t len = FILE_IN_MEMORY_MAX + 16 * BLOCK;
    char *data = large_text(len);

    (void)state;
    for (int how = 0; how < CHANGES; how++) {
        struct buf got = BUF_INIT(2 * len);
        struct stream *stream;
        struct fixture f;
        int rc;

        fixture_make(&f, data, len, false);
        fixture_read(&f, true);
        change_file(scratch_path(&f.scratch, "1_a.sql"), len, (enum change)how);
        rc = file_text_stream(f.text, 0, &stream, &f.err);
        if (rc == DUNLIN_OK)
            rc = read_rest(stream, 65536, &got, &f.err);
        assert_int_equal(rc, DUNLIN_BAD_FILE);
        assert_non_null(strstr(f.err.message, "1_a.sql changed while dunlin was running"));
        /* nothing but what was hashed was handed out */
        assert_int_equal(got.len % BLOCK, 0);
        if (got.len)
            assert_memory_equal(got.data, data, got.len);
        buf_free(&got);
        fixture_remove(&f);
    }
    free(data);
}

/* A file that is replaced is not the one that is open; small ones are in memory. */
static void test_replaced(void **state)
{
    size_t len = FILE_IN_MEMORY_MAX + 1;
    char *data = large_text(len);
    struct fixture f;

    (void)state;
    for (int large = 0; large < 2; large++) {
        size_t n = large ? len : 1000;

        fixture_make(&f, data, n, false);
        fixture_read(&f, true);
        assert_int_equal(unlink(scratch_path(&f.scratch, "1_a.sql")), 0);
        scratch_write(&f.scratch, "1_a.sql", "DROP", 4);
        check_from(&f, data, n, 0, 65536);
        fixture_remove(&f);
    }
    free(data);
}

/* Between listing and reading the file became something else. */
static void test_swapped(void **state)
{
    static const struct {
        const char *what, *message;
    } cases[] = {
        {"1_a.sql>/etc/passwd", "is a symbolic link that leaves the folder"},
        {"1_a.sql>nothing", "is a symbolic link to nothing"},
        {"1_a.sql|", "is a named pipe, not a file"},
        {"1_a.sql=", "is a socket"},
        {"1_a.sql/x", "is a folder, not a file"},
        {"2_b.sql", "does not exist any more"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        int rc;

        fixture_make(&f, "x", 1, false);
        assert_int_equal(unlink(scratch_path(&f.scratch, "1_a.sql")), 0);
        scratch_add(&f.scratch, cases[i].what);
        rc = file_text_read(fixture_file(&f), true, &f.text, &f.err);
        assert_int_equal(rc, DUNLIN_BAD_FILE);
        assert_null(f.text);
        if (!strstr(f.err.message, cases[i].message) || !strstr(f.err.message, "1_a.sql"))
            fail_msg("%s: %s", cases[i].what, f.err.message);
        fixture_remove(&f);
    }
}

/* What opens a name does not rely on who has looked at it before. */
static void test_long_part(void **state)
{
    char name[400];
    struct fixture f;
    struct source_file file;

    (void)state;
    fixture_make(&f, "x", 1, false);
    memset(name, 'x', sizeof(name));
    memcpy(name + 300, "/1_a.sql", sizeof("/1_a.sql"));
    file = *fixture_file(&f);
    file.name = name;
    assert_int_equal(file_text_read(&file, true, &f.text, &f.err), DUNLIN_BAD_FILE);
    assert_non_null(strstr(f.err.message, "/1_a.sql: File name too long"));
    fixture_remove(&f);
}

/* ---- compressed ----------------------------------------------------------------------------- */

static void test_members(void **state)
{
    struct fixture f;

    (void)state;
    scratch_make(&f.scratch);
    scratch_gzip(&f.scratch, "1_a.sql.gz", "SELECT 1;\n", 10);
    scratch_gzip(&f.scratch, "1_a.sql.gz", "", 0);
    scratch_gzip(&f.scratch, "1_a.sql.gz", "SELECT 2;\n", 10);
    fixture_open(&f);
    fixture_read(&f, true);
    check_from(&f, "SELECT 1;\nSELECT 2;\n", 20, 0, 7);
    fixture_remove(&f);
}

static size_t read_whole(const char *path, char *to, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t len;

    assert_non_null(f);
    len = fread(to, 1, size, f);
    fclose(f);
    return len;
}

/* Every truncation of a compressed file, every changed byte, and what may stand behind it. */
static void test_damaged(void **state)
{
    const char *sql = "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n";
    char packed[512], path[1024];
    struct fixture f;
    size_t len, refused = 0;
    int rc;

    (void)state;
    fixture_make(&f, sql, strlen(sql), true);
    snprintf(path, sizeof(path), "%s", scratch_path(&f.scratch, "1_a.sql.gz"));
    len = read_whole(path, packed, sizeof(packed) - 8);
    for (size_t cut = 0; cut < len; cut++) {
        scratch_write(&f.scratch, "1_a.sql.gz", packed, cut);
        rc = file_text_read(fixture_file(&f), true, &f.text, &f.err);
        assert_int_equal(rc, DUNLIN_BAD_FILE);
        assert_non_null(strstr(f.err.message, "cannot decompress "));
        assert_non_null(strstr(f.err.message, "1_a.sql.gz: "));
    }
    for (size_t at = 10; at < len; at++) { /* behind the header, whose fields may be anything */
        packed[at] ^= 0x10;
        scratch_write(&f.scratch, "1_a.sql.gz", packed, len);
        rc = file_text_read(fixture_file(&f), true, &f.text, &f.err);
        packed[at] ^= 0x10;
        refused += rc == DUNLIN_BAD_FILE;
        file_text_free(f.text);
        f.text = NULL;
    }
    assert_int_equal(refused, len - 10);
    memcpy(packed + len, "\0\0\0\0", 4); /* padding */
    scratch_write(&f.scratch, "1_a.sql.gz", packed, len + 4);
    fixture_read(&f, true);
    check_from(&f, sql, strlen(sql), 0, 10);
    file_text_free(f.text);
    f.text = NULL;
    memcpy(packed + len, "junk", 4);
    scratch_write(&f.scratch, "1_a.sql.gz", packed, len + 4);
    assert_int_equal(file_text_read(fixture_file(&f), true, &f.text, &f.err), DUNLIN_BAD_FILE);
    scratch_write(&f.scratch, "1_a.sql.gz", sql, strlen(sql)); /* not compressed at all */
    assert_int_equal(file_text_read(fixture_file(&f), true, &f.text, &f.err), DUNLIN_BAD_FILE);
    fixture_remove(&f);
}

/* The same of a large one: what is wrong shows when a part of it was read. */
static void test_damaged_large(void **state)
{
    size_t len = FILE_IN_MEMORY_MAX + 3 * BLOCK;
    char *data = large_text(len);
    struct fixture f;

    (void)state;
    fixture_make(&f, data, len, true);
    change_file(scratch_path(&f.scratch, "1_a.sql.gz"), file_size(&f, "1_a.sql.gz"), CUT);
    for (int keep = 0; keep < 2; keep++) {
        assert_int_equal(file_text_read(fixture_file(&f), keep, &f.text, &f.err), DUNLIN_BAD_FILE);
        assert_non_null(strstr(f.err.message, "1_a.sql.gz: it ends too early"));
        assert_null(f.text);
    }
    fixture_remove(&f);
    free(data);
}

/* A compressed file that gets longer or shorter, or has another byte, while it is read again. */
static void test_changed_gzip(void **state)
{
    size_t len = FILE_IN_MEMORY_MAX + 3 * BLOCK;
    char *data = large_text(len);

    (void)state;
    for (int how = 0; how < 3; how++) {
        struct buf got = BUF_INIT(2 * len);
        struct stream *stream;
        struct fixture f;
        int rc;

        fixture_make(&f, data, len, true);
        fixture_read(&f, true);
        if (how == 0)
            scratch_gzip(&f.scratch, "1_a.sql.gz", "more", 4);
        else if (how == 1)
            assert_int_equal(truncate(scratch_path(&f.scratch, "1_a.sql.gz"), 100000), 0);
        else
            change_file(scratch_path(&f.scratch, "1_a.sql.gz"), 2 * BLOCK + 1000, CHANGE_LAST);
        rc = file_text_stream(f.text, 0, &stream, &f.err);
        if (rc == DUNLIN_OK)
            rc = read_rest(stream, 65536, &got, &f.err);
        assert_int_equal(rc, DUNLIN_BAD_FILE);
        assert_non_null(strstr(f.err.message, "1_a.sql.gz changed while dunlin was running"));
        assert_true(got.len < len);
        if (got.len)
            assert_memory_equal(got.data, data, got.len);
        buf_free(&got);
        fixture_remove(&f);
    }
    free(data);
}

/* A large text that is opened is hashed by the stream that reads it first, in whatever portions. A
 * reading that was given up leaves nothing behind. */
static void test_hashed_by_streaming(void **state)
{
    static const size_t steps[] = {65536, 4096, 999983};
    size_t len = FILE_IN_MEMORY_MAX + 3 * BLOCK;
    char *data = large_text(len), part[5000];

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(steps) / sizeof(steps[0]); i++) {
        struct buf text = BUF_INIT(2 * len);
        struct stream *stream;
        struct fixture f;
        size_t got;

        fixture_make(&f, data, len, i % 2);
        assert_int_equal(file_text_open(fixture_file(&f), true, &f.text, &f.err), DUNLIN_OK);
        assert_string_equal(file_text_checksum(f.text), "");
        assert_int_equal(file_text_stream(f.text, 1, &stream, &f.err), DUNLIN_FAILED);
        assert_int_equal(file_text_stream(f.text, 0, &stream, &f.err), DUNLIN_OK);
        assert_int_equal(stream->read(stream, part, sizeof(part), &got, &f.err), DUNLIN_OK);
        assert_string_equal(file_text_checksum(f.text), "");
        assert_int_equal(file_text_stream(f.text, 0, &stream, &f.err), DUNLIN_OK);
        assert_int_equal(read_rest(stream, steps[i / 2], &text, &f.err), DUNLIN_OK);
        assert_int_equal(text.len, len);
        assert_memory_equal(text.data, data, len);
        check_large(&f, data, len);
        buf_free(&text);
        fixture_remove(&f);
    }
    free(data);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static const struct {
    const char *data;
    uint32_t line;
    const char *text; /* NULL = there is none */
} lines[] = {
    {"", 1, ""},
    {"", 2, NULL},
    {"", 0, NULL},
    {"a", 1, "a"},
    {"a\n", 1, "a"},
    {"a\n", 2, ""},
    {"a\n", 3, NULL},
    {"a\nb", 2, "b"},
    {"a\r\nb\r\n", 1, "a"},
    {"a\r\nb\r\n", 2, "b"},
    {"a\r\nb\r\n", 3, ""},
    {"a\rb\rc", 2, "b"},
    {"a\rb\rc", 3, "c"},
    {"\r\r\n\nx", 4, "x"},
    {BOM "a\nb", 1, "a"},
    {"0123456789abcdef", 1, "0123456789ab\xe2\x80\xa6"},
    {"0123456789abcde", 1, "0123456789abcde"},
    {"0123456789a\xc3\xa9xyz!", 1, "0123456789a\xe2\x80\xa6"},
};

static void test_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char line[16] = "#";
        struct fixture f;
        int rc;

        fixture_make(&f, lines[i].data, strlen(lines[i].data), i % 2);
        fixture_read(&f, true);
        rc = file_text_line(f.text, lines[i].line, line, sizeof(line), NULL);
        if (rc != (lines[i].text ? DUNLIN_OK : DUNLIN_NO))
            fail_msg("case %zu: %d", i, rc);
        assert_string_equal(line, lines[i].text ? lines[i].text : "");
        assert_int_equal(file_text_line(f.text, 1, line, 0, NULL), DUNLIN_NO);
        fixture_remove(&f);
    }
}

/* The same lines come from a text that is not in memory, also in the middle of a stream. */
static void test_line_of_large(void **state)
{
    size_t len = FILE_IN_MEMORY_MAX + 2 * BLOCK;
    char *data = large_text(len), first[256], second[256];

    (void)state;
    memcpy(data, "one\r\ntwo\n", 9);
    memcpy(data + len - 6, "\nlast\n", 6);
    for (int gzip = 0; gzip < 2; gzip++) {
        struct stream *stream;
        struct fixture f;
        uint32_t count = 1;
        char part[100];
        size_t got;

        for (size_t i = 0; i < len; i++)
            count += data[i] == '\n' || (data[i] == '\r' && (i + 1 == len || data[i + 1] != '\n'));
        fixture_make(&f, data, len, gzip);
        fixture_read(&f, true);
        assert_int_equal(file_text_stream(f.text, 0, &stream, &f.err), DUNLIN_OK);
        assert_int_equal(stream->read(stream, part, 100, &got, &f.err), DUNLIN_OK);
        assert_int_equal(file_text_line(f.text, 1, first, sizeof(first), NULL), DUNLIN_OK);
        assert_string_equal(first, "one");
        assert_int_equal(file_text_line(f.text, 2, first, sizeof(first), NULL), DUNLIN_OK);
        assert_string_equal(first, "two");
        assert_int_equal(file_text_line(f.text, count - 1, second, sizeof(second), NULL),
                         DUNLIN_OK);
        assert_string_equal(second, "last");
        assert_int_equal(file_text_line(f.text, count + 1, second, sizeof(second), NULL),
                         DUNLIN_NO);
        assert_int_equal(stream->read(stream, part, 100, &got, &f.err), DUNLIN_OK);
        assert_memory_equal(part, data + 100, got);
        fixture_remove(&f);
    }
    free(data);
}

/* No line is shown of a file that is another one by now. */
static void test_line_of_changed(void **state)
{
    size_t len = FILE_IN_MEMORY_MAX + 2 * BLOCK;
    char *data = large_text(len), line[64];

    (void)state;
    memcpy(data, "one\ntwo\n", 8);
    for (int gzip = 0; gzip < 2; gzip++) {
        const char *name = gzip ? "1_a.sql.gz" : "1_a.sql";
        struct fixture f;

        fixture_make(&f, data, len, gzip);
        fixture_read(&f, true);
        assert_int_equal(file_text_line(f.text, 2, line, sizeof(line), &f.err), DUNLIN_OK);
        assert_string_equal(line, "two");
        change_file(scratch_path(&f.scratch, name), BLOCK, CHANGE_LAST);
        for (uint32_t n = 1; n < 3; n++) {
            assert_int_equal(file_text_line(f.text, n, line, sizeof(line), &f.err),
                             DUNLIN_BAD_FILE);
            assert_string_equal(line, "");
        }
        fixture_remove(&f);
    }
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_not_kept),
        cmocka_unit_test(test_offset_too_large),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_large_bom),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_swapped),
        cmocka_unit_test(test_long_part),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_damaged_large),
        cmocka_unit_test(test_changed_gzip),
        cmocka_unit_test(test_hashed_by_streaming),
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_line_of_large),
        cmocka_unit_test(test_line_of_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
