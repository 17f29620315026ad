/* SPDX-License-Identifier: MIT */
/* The memory of everything else: arenas, buffers with a cap, streams over memory, error fields. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/stream.h"

/* ---- arena ---------------------------------------------------------------------------------- */

static void test_arena(void **state)
{
    struct arena a = ARENA_INIT;

    (void)state;
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *p = arena_alloc(&a, size);

        assert_non_null(p);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, size); /* an overlap would show in the next ones */
    }
    memset(arena_alloc(&a, 1000000), 1, 1000000); /* larger than any block */
    assert_string_equal(arena_strdup(&a, "text"), "text");
    assert_string_equal(arena_strndup(&a, "text", 2), "te");
    assert_string_equal(arena_strndup(&a, "text", 0), "");
    arena_free(&a);
    assert_string_equal(arena_strdup(&a, "again"), "again");
    arena_free(&a);
    arena_free(&a);
}

static void test_arena_limits(void **state)
{
    struct arena a = ARENA_INIT;

    (void)state;
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX / 2 + 1));
    assert_null(arena_calloc(&a, SIZE_MAX / 4, 5));
    assert_null(arena_calloc(&a, SIZE_MAX, SIZE_MAX));
    assert_non_null(arena_calloc(&a, 0, 8));
    assert_non_null(arena_calloc(&a, 8, 0));
    arena_free(&a);
}

/* ---- buf ------------------------------------------------------------------------------------ */

static void test_buf(void **state)
{
    struct buf b = BUF_INIT(1000);

    (void)state;
    assert_string_equal(buf_str(&b), "");
    assert_true(buf_adds(&b, "ab"));
    assert_true(buf_addc(&b, 'c'));
    assert_true(buf_add(&b, "defg", 3));
    assert_true(buf_add(&b, NULL, 0));
    assert_true(buf_addf(&b, "-%d-%s", 42, "x"));
    assert_true(buf_addhex(&b, "\x00\x9f\xff", 3));
    assert_string_equal(buf_str(&b), "abcdef-42-x009fff");
    assert_int_equal(b.len, 17);
    buf_drop(&b, 3);
    assert_string_equal(buf_str(&b), "def-42-x009fff");
    buf_drop(&b, 0);
    assert_int_equal(b.len, 14);
    buf_drop(&b, 99);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(b.len, 0);
    buf_free(&b);
    assert_string_equal(buf_str(&b), "");
    buf_drop(&b, 1);
    buf_clear(&b);
    buf_free(&b);
}

/* The cap counts the NUL; what does not fit changes nothing, and marks the buffer. */
static void test_buf_cap(void **state)
{
    struct buf b = BUF_INIT(8), none = BUF_INIT(0);

    (void)state;
    assert_true(buf_adds(&b, "1234567"));
    assert_false(buf_addc(&b, '8'));
    assert_true(b.failed);
    assert_string_equal(buf_str(&b), "1234567");
    buf_drop(&b, 5);
    assert_false(buf_addc(&b, 'x')); /* failed stays, also when there is room again */
    buf_clear(&b);
    assert_false(buf_addf(&b, "%s", "12345678"));
    assert_string_equal(buf_str(&b), "");
    buf_clear(&b);
    assert_false(buf_addhex(&b, "1234", 4));
    buf_clear(&b);
    assert_true(buf_addhex(&b, "123", 3));
    assert_false(buf_reserve(&b, SIZE_MAX));
    buf_free(&b);
    assert_false(buf_addc(&none, 'x'));
    buf_free(&none);
}

static void test_buf_growth(void **state)
{
    struct buf b = BUF_INIT(100000);

    (void)state;
    for (int i = 0; i < 99999; i++)
        assert_true(buf_addc(&b, (char)('a' + i % 26)));
    assert_false(buf_addc(&b, 'x'));
    assert_int_equal(b.len, 99999);
    for (int i = 0; i < 99999; i++)
        assert_int_equal(b.data[i], 'a' + i % 26);
    assert_true(b.cap <= 100000);
    buf_free(&b);
}

/* ---- stream --------------------------------------------------------------------------------- */

static void test_memory_stream(void **state)
{
    struct memory_stream m;
    char to[4];
    size_t got;

    (void)state;
    memory_stream_init(&m, "abcdef", 6);
    assert_int_equal(m.stream.read(&m.stream, to, 4, &got, NULL), DUNLIN_OK);
    assert_int_equal(got, 4);
    assert_memory_equal(to, "abcd", 4);
    assert_int_equal(m.stream.read(&m.stream, to, 4, &got, NULL), DUNLIN_OK);
    assert_int_equal(got, 2);
    assert_memory_equal(to, "ef", 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(m.stream.read(&m.stream, to, 4, &got, NULL), DUNLIN_OK);
        assert_int_equal(got, 0);
    }
}

/* ---- error ---------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    size_t size;
    const char *copied;
} copies[] = {
    {"", 8, ""},
    {"1234567", 8, "1234567"},
    {"12345678", 8, "1234\xe2\x80\xa6"},
    {"123\xc3\xa9"
     "678",
     8, "123\xe2\x80\xa6"}, /* not half a character */
    {"12345", 4, "\xe2\x80\xa6"},
    {"12345", 3, ""},
    {"12345", 1, ""},
};

static void test_text_copy(void **state)
{
    char to[16];

    (void)state;
    for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
        memset(to, '#', sizeof(to));
        text_copy(to, copies[i].size, copies[i].text, strlen(copies[i].text));
        if (strlen(to) >= copies[i].size)
            fail_msg("case %zu is not ended in its field", i);
        assert_string_equal(to, copies[i].copied);
    }
    to[0] = '#';
    text_copy(to, 0, "x", 1);
    assert_int_equal(to[0], '#');
}

static void test_error(void **state)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    char text[3000];

    (void)state;
    err.line = 7;
    assert_int_equal(error_set(&err, DUNLIN_USAGE, DUNLIN_KIND_USAGE, "bad %s", "thing"), 64);
    assert_string_equal(err.message, "bad thing");
    assert_int_equal(err.status, DUNLIN_USAGE);
    assert_int_equal(err.kind, DUNLIN_KIND_USAGE);
    assert_int_equal(err.line, 0);
    assert_int_equal(err.size, sizeof(err));
    error_hint(&err, "hint %d", 1);
    error_detail(&err, "detail");
    error_state(&err, "state");
    error_next(&err, "next");
    error_place(&err, "file", 3, 4);
    assert_string_equal(err.hint, "hint 1");
    assert_string_equal(err.detail, "detail");
    assert_string_equal(err.state, "state");
    assert_string_equal(err.next, "next");
    assert_string_equal(err.file, "file");
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 4);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    error_set(&err, DUNLIN_FAILED, DUNLIN_KIND_SERVER, "%s", text);
    assert_true(strlen(err.message) < sizeof(err.message));
    assert_int_equal(error_nomem(&err), DUNLIN_FAILED);
    assert_int_equal(err.kind, DUNLIN_KIND_NOMEM);
    /* NULL for who wants only the status */
    assert_int_equal(error_set(NULL, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "x"), DUNLIN_CONFIG);
    error_hint(NULL, "x");
    error_detail(NULL, "x");
    error_place(NULL, "x", 1, 1);
}

static void test_kinds(void **state)
{
    (void)state;
    /* a later driver may know more of them */
    assert_int_equal(status_of_kind((enum dunlin_kind)(DUNLIN_KIND_INTERNAL + 1)), DUNLIN_FAILED);
    for (int kind = 0; kind <= DUNLIN_KIND_INTERNAL; kind++) {
        assert_non_null(kind_name(kind));
        assert_true(kind_name(kind)[0] != '\0');
        for (int other = 0; other < kind; other++)
            assert_string_not_equal(kind_name(kind), kind_name(other));
    }
    assert_string_equal(kind_name(-1), "unknown");
    assert_string_equal(kind_name(DUNLIN_KIND_INTERNAL + 1), "unknown");
    assert_int_equal(status_of_kind(DUNLIN_KIND_AUTH), DUNLIN_NO_CONNECTION);
    assert_int_equal(status_of_kind(DUNLIN_KIND_LOCKED), DUNLIN_LOCKED);
    assert_int_equal(status_of_kind(DUNLIN_KIND_NONE), DUNLIN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena),      cmocka_unit_test(test_arena_limits),
        cmocka_unit_test(test_buf),        cmocka_unit_test(test_buf_cap),
        cmocka_unit_test(test_buf_growth), cmocka_unit_test(test_memory_stream),
        cmocka_unit_test(test_text_copy),  cmocka_unit_test(test_error),
        cmocka_unit_test(test_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
