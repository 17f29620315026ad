/* SPDX-License-Identifier: MIT */
/* Folders of other tools: what is found, what their texts become, and what is refused where. No
 * database is asked; what a table says of a folder is in tests/e2e/layouts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/error.h"
#include "scratch.h"
#include "source/layout.h"
#include "layouts-cases.h"

#define SHOWN_MAX 65536u

/* "version|name|key|files options;" of each migration. */
static void describe(const struct folder *f, struct buf *to)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct migration *m = &f->migrations[i];

        buf_addf(to, "%s%s%s|%s|%s|%s", to->len ? " " : "", m->up.program ? "!" : "", m->version,
                 m->name, m->key ? m->key : "", m->up.name);
        buf_addf(to, "%s%s%s%s;", m->down.name ? "," : "", m->down.name ? m->down.name : "",
                 m->up.options ? " " : "", m->up.options ? m->up.options : "");
    }
}

/* What the text of a file becomes. */
static int text_of(const struct source_file *file, struct buf *to, struct dunlin_error *err)
{
    struct file_text *text = NULL;
    struct stream *stream;
    char block[FILE_BLOCK_SIZE];
    size_t got = 1;
    int rc = file_text_open(file, true, &text, err);

    if (!rc)
        rc = file_text_stream(text, 0, &stream, err);
    while (!rc && got) {
        rc = stream->read(stream, block, sizeof(block), &got, err);
        if (!rc)
            buf_add(to, block, got);
    }
    file_text_free(text);
    return rc;
}

/* The texts of all migrations; false = told what is wrong. */
static bool text_fits(const struct layout_case *c, const struct folder *f)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct buf text = BUF_INIT(SHOWN_MAX);
    int rc = DUNLIN_OK, wanted = c->message ? DUNLIN_BAD_FILE : DUNLIN_OK;
    bool fits;

    for (size_t i = 0; !rc && i < f->count; i++)
        rc = f->migrations[i].up.program ? DUNLIN_OK : text_of(&f->migrations[i].up, &text, &err);
    fits = rc == wanted && (rc ? strstr(err.message, c->message) && strstr(err.file, c->place) &&
                                     err.line == c->line
                               : !c->text || strcmp(buf_str(&text), c->text) == 0);
    if (!fits)
        print_error("%s: %d %s:%u: %s: \"%s\"\n", c->what, rc, err.file, err.line, err.message,
                    buf_str(&text));
    buf_free(&text);
    return fits;
}

static bool folder_fits(const struct layout_case *c, const struct folder *f)
{
    struct buf found = BUF_INIT(SHOWN_MAX);
    bool fits;

    describe(f, &found);
    fits = strcmp(buf_str(&found), c->found) == 0;
    if (!fits)
        print_error("%s: found \"%s\"\n", c->what, buf_str(&found));
    buf_free(&found);
    return text_fits(c, f) && fits;
}

static bool refusal_fits(const struct layout_case *c, int rc, const struct dunlin_error *err)
{
    if (rc == (c->status ? c->status : DUNLIN_BAD_FILE) && c->message &&
        strstr(err->message, c->message) &&
        (!c->place || (strstr(err->file, c->place) && err->line == c->line)))
        return true;
    print_error("%s: %d %s:%u: %s\n", c->what, rc, err->file, err->line, err->message);
    return false;
}

/* `dunlin check` passes over what is refused: then every migration that is left has its files. */
static bool lenient_is_whole(const struct layout_case *c, const char *dir,
                             struct source_options options)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct source source;
    bool whole = true;
    int rc;

    options.lenient = true;
    rc = source_open_as(&dir, 1, &options, &source, &err);
    if (rc)
        return true;
    for (size_t i = 0; i < source.folders[0].count; i++) {
        const struct migration *m = &source.folders[0].migrations[i];

        whole = whole && m->up.folder && m->up.path && m->version && m->name &&
                (!m->down.name || m->down.path);
    }
    if (!whole)
        print_error("%s: something is left of what check passes over\n", c->what);
    source_close(&source);
    return whole;
}

static bool folder_is_right(const struct layout_case *c)
{
    const struct source_options options = {.unnumbered = c->unnumbered,
                                           .layout = c->layout,
                                           .foreign_code = c->code,
                                           .engine = c->engine ? c->engine : "postgres",
                                           .environment = c->environment};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct source source;
    struct scratch s;
    const char *dirs[1] = {s.path};
    bool right;
    int rc;

    scratch_make(&s);
    for (size_t i = 0; i < CASE_FILES && c->files[i].name; i++)
        scratch_write(&s, c->files[i].name, c->files[i].text, strlen(c->files[i].text));
    rc = source_open_as(dirs, 1, &options, &source, &err);
    right = c->found && !rc ? folder_fits(c, &source.folders[0]) : refusal_fits(c, rc, &err);
    if (!rc)
        source_close(&source);
    right = lenient_is_whole(c, s.path, options) && right;
    scratch_remove(&s);
    return right;
}

static void test_cases(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        wrong += !folder_is_right(&cases[i]);
    assert_int_equal(wrong, 0);
}

/* ---- what a row has no room for ----------------------------------------------------------------
 */

static int open_as(struct scratch *s, const char *layout, struct source *source,
                   struct dunlin_error *err)
{
    const struct source_options options = {.layout = layout, .engine = "postgres"};
    const char *dirs[1] = {s->path};

    return source_open_as(dirs, 1, &options, source, err);
}

static void test_many_changelogs(void **state)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct source source;
    struct scratch s;

    (void)state;
    scratch_make(&s);
    for (int i = 100; i < 300; i++) {
        static const char text[] = FORMATTED "--changeset a:1\nSELECT 1;\n";
        char name[32];

        snprintf(name, sizeof(name), "c%d.sql", i);
        scratch_write(&s, name, text, strlen(text));
    }
    assert_int_equal(open_as(&s, "liquibase", &source, &err), DUNLIN_OK);
    assert_int_equal(source.folders[0].count, 200);
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(atoi(source.folders[0].migrations[i].up.name + 1), 100 + (int)i);
    source_close(&source);
    scratch_remove(&s);
}

/* A changeset that is no more what it was when the folder was read. */
static void test_changed_meanwhile(void **state)
{
    static const char before[] = FORMATTED "--changeset a:1\nSELECT 1;\n";
    static const char after[] = FORMATTED "--changeset a:1\nDELETE FROM t;\n";
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct buf text = BUF_INIT(SHOWN_MAX);
    struct source source;
    struct scratch s;

    (void)state;
    scratch_make(&s);
    scratch_write(&s, "c.sql", before, strlen(before));
    assert_int_equal(open_as(&s, "liquibase", &source, &err), DUNLIN_OK);
    scratch_write(&s, "c.sql", after, strlen(after));
    assert_int_equal(text_of(&source.folders[0].migrations[0].up, &text, &err), DUNLIN_BAD_FILE);
    assert_non_null(strstr(err.message, "c.sql changed while dunlin was running"));
    buf_free(&text);
    source_close(&source);
    scratch_remove(&s);
}

/* ---- long lines ------------------------------------------------------------------------------
 */

/* 160 KB of digits, which are read in several pieces. */
static void add_digits(struct buf *to)
{
    for (int i = 0; i < 20000; i++)
        buf_addf(to, "%08d", i);
}

/* What becomes of the way up of a folder's one file, whose text has the digits in place of "#". */
static void long_line(const char *layout, const char *name, const char *text, struct buf *shown)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct buf whole = BUF_INIT(8 * SHOWN_MAX);
    struct source source;
    struct scratch s;

    scratch_make(&s);
    for (; *text; text++) {
        if (*text == '#')
            add_digits(&whole);
        else
            buf_addc(&whole, *text);
    }
    scratch_write(&s, name, whole.data, whole.len);
    assert_int_equal(open_as(&s, layout, &source, &err), DUNLIN_OK);
    assert_int_equal(text_of(&source.folders[0].migrations[0].up, shown, &err), DUNLIN_OK);
    buf_free(&whole);
    source_close(&source);
    scratch_remove(&s);
}

/* Lines longer than what is looked at as one are handed on as they are, with their ends. */
static void test_long_line(void **state)
{
    struct buf shown = BUF_INIT(4 * SHOWN_MAX), wanted = BUF_INIT(4 * SHOWN_MAX);

    (void)state;
    long_line("sql-migrate", "1_a.sql", "-- +migrate Up\r\nSELECT '#';\r\n-- +migrate Down\n",
              &shown);
    buf_addf(&wanted, "--\001migrate:up\r\nSELECT '");
    add_digits(&wanted);
    buf_adds(&wanted, "';\r\n--\001migrate:down\n");
    assert_string_equal(buf_str(&shown), buf_str(&wanted));
    buf_free(&shown);
    buf_free(&wanted);
}

/* .. and where their start is left out, or stands for something else, so does all of them. */
static void test_long_line_left_out(void **state)
{
    static const struct {
        const char *layout, *name, *text, *left;
    } lines[] = {
        {"golang-migrate", "1_a.down.sql", "SELECT 1; #; DROP TABLE t;\r\nSELECT 2;", "\r\n"},
        {"sql-migrate", "1_a.sql", "-- # DROP TABLE t;\n-- +migrate Up\n", "\n--\001migrate:up\n"},
        {"sql-migrate", "1_a.sql",
         "-- +migrate Up\n-- +migrate StatementBegin # DROP TABLE t;\nSELECT 1\n"
         "-- +migrate StatementEnd # DROP TABLE t;\n",
         "--\001migrate:up\n\nSELECT 1\n;\n"},
        {"sqlx", "1_a.sql", "-- no-transaction # DROP TABLE t;\nSELECT 1;\n",
         "--\001migrate:all transaction:off\nSELECT 1;\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct buf shown = BUF_INIT(4 * SHOWN_MAX);

        long_line(lines[i].layout, lines[i].name, lines[i].text, &shown);
        assert_string_equal(buf_str(&shown), lines[i].left);
        buf_free(&shown);
    }
}

/* A line of which a layout that needs it whole would see a part: nothing of the file is used. */
static void test_endless_line(void **state)
{
    static const char start[] = "SELECT 1;\n---- create above / drop below ----\nDROP TABLE t;";
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct buf text = BUF_INIT(SHOWN_MAX);
    struct source source;
    struct scratch s;

    (void)state;
    scratch_make(&s);
    scratch_write(&s, "001_a.sql", start, strlen(start));
    assert_int_equal(truncate(scratch_path(&s, "001_a.sql"), (off_t)(66u << 20)), 0);
    assert_int_equal(open_as(&s, "tern", &source, &err), DUNLIN_OK);
    assert_int_equal(text_of(&source.folders[0].migrations[0].up, &text, &err), DUNLIN_BAD_FILE);
    assert_string_equal(err.message, "a line of more than 64 MiB: the layout tern needs it whole");
    assert_non_null(strstr(err.file, "001_a.sql"));
    assert_int_equal(err.line, 3);
    buf_free(&text);
    source_close(&source);
    scratch_remove(&s);
}

static void test_too_large(void **state)
{
    static const char *const large[][3] = {
        {"tern", "tern.conf", "tern.conf is too large"},
        {"flyway", "flyway.conf", "flyway.conf is too large"},
    };
    struct buf text = BUF_INIT(2u * 1024u * 1024u);

    (void)state;
    while (text.len < 1100000)
        buf_adds(&text, "# nothing, many times\n");
    for (size_t i = 0; i < 2; i++) {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct source source;
        struct scratch s;

        scratch_make(&s);
        scratch_write(&s, large[i][1], text.data, text.len);
        scratch_add(&s, "001_a.sql");
        assert_int_not_equal(open_as(&s, large[i][0], &source, &err), DUNLIN_OK);
        if (!strstr(err.message, large[i][2]))
            fail_msg("%s: %s", large[i][0], err.message);
        scratch_remove(&s);
    }
    buf_free(&text);
}

/* A NUL byte where a tool's text goes through the hands of a layout. */
static void test_nul(void **state)
{
    static const char placeholder[] = "SELECT '${a\0b}';\n";
    static const char committed[] = "--! Previous: -\n--! Hash: sha1:0\n\nSELECT '\0';\n";
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct buf text = BUF_INIT(SHOWN_MAX);
    struct source source;
    struct scratch s;

    (void)state;
    scratch_make(&s);
    scratch_write(&s, "V1__a.sql", placeholder, sizeof(placeholder) - 1);
    scratch_write(&s, "committed/000001.sql", committed, sizeof(committed) - 1);
    assert_int_equal(open_as(&s, "flyway", &source, &err), DUNLIN_OK);
    assert_int_equal(text_of(&source.folders[0].migrations[0].up, &text, &err), DUNLIN_BAD_FILE);
    assert_non_null(strstr(err.message, "a placeholder that is no text"));
    source_close(&source);
    assert_int_equal(open_as(&s, "graphile-migrate", &source, &err), DUNLIN_BAD_FILE);
    assert_non_null(strstr(err.message, "000001.sql: there is a NUL byte in it"));
    buf_free(&text);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_many_changelogs),
        cmocka_unit_test(test_changed_meanwhile),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_long_line_left_out),
        cmocka_unit_test(test_endless_line),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
