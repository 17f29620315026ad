/* SPDX-License-Identifier: MIT */
/* Folders of drizzle-kit: what the journal lists, what is refused, and the hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/error.h"
#include "source/layout.h"
#include "scratch.h"

#define ENTRY(when, tag) "{\"idx\":0,\"when\":" when ",\"tag\":\"" tag "\",\"breakpoints\":true}"
#define JOURNAL(entries) "{\"version\":\"7\",\"dialect\":\"sqlite\",\"entries\":[" entries "]}"

struct journal_case {
    const char *journal;  /* NULL = there is none */
    const char *files[4]; /* empty files */
    enum unnumbered unnumbered;
    const char *layout;
    const char *found;   /* "version|name|when;", NULL = refused */
    const char *message; /* a part of it */
};

static const struct journal_case cases[] = {
    {JOURNAL(""), {NULL}, UNNUMBERED_ERROR, NULL, "", NULL},
    /* the order is the journal's, whatever numbers and times say */
    {JOURNAL(ENTRY("200", "0001_b") "," ENTRY("100", "0000_a")),
     {"0000_a.sql", "0001_b.sql"},
     UNNUMBERED_ERROR,
     NULL,
     "0001_b|b|200;0000_a|a|100;",
     NULL},
    {JOURNAL(ENTRY("1", "_none") "," ENTRY("2.0", "20260101000000_x") "," ENTRY("3", "plain")),
     {"_none.sql", "20260101000000_x.sql", "plain.sql"},
     UNNUMBERED_ERROR,
     "drizzle",
     "_none|none|1;20260101000000_x|x|2;plain|plain|3;",
     NULL},
    {JOURNAL(ENTRY("1", "0000_a")),
     {"0000_a.sql", "seed.sql", "notes.txt"},
     UNNUMBERED_ERROR,
     NULL,
     "0000_a|a|1;",
     NULL},
    {JOURNAL(ENTRY("1", "0000_a")),
     {"0000_a.sql", "0001_lost.sql"},
     UNNUMBERED_ERROR,
     NULL,
     NULL,
     "does not name 1 file that would never run: 0001_lost.sql"},
    {JOURNAL(ENTRY("1", "0000_a")),
     {"0000_a.sql", "0001_lost.sql"},
     UNNUMBERED_IGNORE,
     NULL,
     "0000_a|a|1;",
     NULL},
    {JOURNAL(ENTRY("1", "0000_a")),
     {NULL},
     UNNUMBERED_ERROR,
     NULL,
     NULL,
     "0000_a.sql does not exist, but the journal names it"},
    {JOURNAL(ENTRY("1", "0000_a") "," ENTRY("2", "0000_a")),
     {"0000_a.sql"},
     UNNUMBERED_ERROR,
     NULL,
     NULL,
     "names 0000_a twice"},
    {JOURNAL(ENTRY("1", "../0000_a")), {NULL}, UNNUMBERED_ERROR, NULL, NULL, "no file name"},
    {JOURNAL(ENTRY("1", "a\\u0000b")), {NULL}, UNNUMBERED_ERROR, NULL, NULL, ""},
    {JOURNAL(ENTRY("\"1\"", "0000_a")),
     {"0000_a.sql"},
     UNNUMBERED_ERROR,
     NULL,
     NULL,
     "no time in milliseconds"},
    {JOURNAL(ENTRY("-1", "0000_a")),
     {"0000_a.sql"},
     UNNUMBERED_ERROR,
     NULL,
     NULL,
     "no time in milliseconds"},
    {"{}", {NULL}, UNNUMBERED_ERROR, NULL, NULL, "has no list \"entries\""},
    {"<<<<<<< ours", {NULL}, UNNUMBERED_ERROR, NULL, NULL, "is no valid JSON"},
    {"", {NULL}, UNNUMBERED_ERROR, NULL, NULL, "is no valid JSON"},
    {NULL, {NULL}, UNNUMBERED_ERROR, "drizzle", NULL, "meta/_journal.json does not exist"},
    {NULL, {"001_a.sql"}, UNNUMBERED_ERROR, NULL, "001|a|0;", NULL},
    {JOURNAL(""), {"0001_b.sql"}, UNNUMBERED_ERROR, "native", "0001|b|0;", NULL},
};

static void check_journal(const struct journal_case *c)
{
    const struct source_options options = {.unnumbered = c->unnumbered, .layout = c->layout};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct buf text = BUF_INIT(4096);
    const char *dirs[1];
    struct source source;
    struct scratch s;
    int rc;

    scratch_make(&s);
    if (c->journal)
        scratch_write(&s, "meta/_journal.json", c->journal, strlen(c->journal));
    for (size_t i = 0; i < 4 && c->files[i]; i++)
        scratch_add(&s, c->files[i]);
    dirs[0] = s.path;
    rc = source_open_as(dirs, 1, &options, &source, &err);
    if (c->found) {
        if (rc != DUNLIN_OK)
            fail_msg("%s: %s", c->journal ? c->journal : "no journal", err.message);
        for (size_t i = 0; i < source.folders[0].count; i++) {
            const struct migration *m = &source.folders[0].migrations[i];

            buf_addf(&text, "%s|%s|%lld;", m->version, m->name,
                     m->key ? strtoll(m->key, NULL, 10) : 0LL);
        }
        assert_string_equal(buf_str(&text), c->found);
        source_close(&source);
    } else {
        assert_int_equal(rc, DUNLIN_BAD_FILE);
        assert_non_null(strstr(err.message, c->message));
    }
    buf_free(&text);
    scratch_remove(&s);
}

static void test_journal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_journal(&cases[i]);
}

/* The bytes as they are: CR and BOM count, unlike in dunlin's own checksum. */
static void test_hash(void **state)
{
    static const struct {
        const char *text, *hash;
    } known[] = {
        {"CREATE TABLE t (id int);\n",
         "12c83f983b0c94b9c7010dcc92149589d5fb01a3d32af8f6d699545d95db9040"},
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    };
    char hex[SHA256_HEX_SIZE], other[SHA256_HEX_SIZE];
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    const char *dirs[1];
    struct source source;
    struct scratch s;

    const struct layout *drizzle = layout_named("drizzle");

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        scratch_make(&s);
        scratch_write(&s, "1_a.sql", known[i].text, strlen(known[i].text));
        scratch_write(&s, "2_b.sql", "\xef\xbb\xbfx\r\n", 6);
        scratch_write(&s, "3_c.sql", "x\n", 2);
        dirs[0] = s.path;
        assert_int_equal(source_open(dirs, 1, UNNUMBERED_ERROR, &source, &err), 0);
        assert_int_equal(drizzle->checksum(&source.folders[0].migrations[0], hex, &err), 0);
        assert_string_equal(hex, known[i].hash);
        assert_int_equal(drizzle->checksum(&source.folders[0].migrations[1], hex, &err), 0);
        assert_int_equal(drizzle->checksum(&source.folders[0].migrations[2], other, &err), 0);
        assert_string_not_equal(hex, other);
        source_close(&source);
        scratch_remove(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_journal),
        cmocka_unit_test(test_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
