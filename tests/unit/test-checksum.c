/* SPDX-License-Identifier: MIT */
/* Checksums: known digests, and that BOM and line ends do not matter however the text arrives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/checksum.h"

static const struct {
    const char *text;
    const char *hex;
} known[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void test_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        char hex[SHA256_HEX_SIZE], text[CHECKSUM_SIZE];
        struct checksum c;

        sha256_hex(known[i].text, strlen(known[i].text), hex);
        assert_string_equal(hex, known[i].hex);
        checksum_init(&c);
        checksum_add(&c, known[i].text, strlen(known[i].text));
        checksum_end(&c, text);
        assert_memory_equal(text, "v1:sha256:", 10);
        assert_string_equal(text + 10, known[i].hex);
    }
}

static void test_int64(void **state)
{
    (void)state;
    assert_true(sha256_int64("", 0) == (int64_t)UINT64_C(0xe3b0c44298fc1c14));
    assert_true(sha256_int64("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56) ==
                INT64_C(0x248d6a61d20638b8));
}

/* Each text counts as what stands beside it. */
static const struct {
    const char *text, *same;
} texts[] = {
    {"", ""},
    {"a", "a"},
    {"\n", "\n"},
    {"\r\n", "\n"},
    {"\r", "\r"},
    {"\r\r\n", "\r\n"}, /* one CRLF behind a lone CR */
    {"\r\r", "\r\r"},
    {"a\rb", "a\rb"},
    {"a\r\nb\r\n", "a\nb\n"},
    {"a\r\n\r\n\r\nb", "a\n\n\nb"},
    {"\n\r\n", "\n\n"},
    {"\xef\xbb\xbf", ""},
    {"\xef\xbb\xbf"
     "a\r\n",
     "a\n"},
    {"\xef\xbb\xbf\xef\xbb\xbf", "\xef\xbb\xbf"}, /* only the first is one */
    {"\xef\xbb", "\xef\xbb"},
    {"\xef", "\xef"},
    {"a\xef\xbb\xbf", "a\xef\xbb\xbf"},
    {"\r\n\xef\xbb\xbf", "\n\xef\xbb\xbf"},
    {"ab\r\n", "ab\n"},
    {"abc\r\n", "abc\n"},
};

/* Feeds the text in portions of n bytes and compares with the plain digest of what it counts as. */
static void check_portions(const char *text, const char *same, size_t n)
{
    char hex[SHA256_HEX_SIZE], sum[CHECKSUM_SIZE];
    size_t len = strlen(text);
    struct checksum c;

    checksum_init(&c);
    for (size_t at = 0; at < len; at += n)
        checksum_add(&c, text + at, len - at < n ? len - at : n);
    checksum_add(&c, text, 0);
    checksum_end(&c, sum);
    sha256_hex(same, strlen(same), hex);
    assert_string_equal(sum + 10, hex);
}

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        for (size_t n = 1; n <= 8; n++)
            check_portions(texts[i].text, texts[i].same, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_int64),
        cmocka_unit_test(test_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
