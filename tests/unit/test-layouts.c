/* SPDX-License-Identifier: MIT */
/* Folders of other tools: what is found, what their texts become, and what is refused where. No
 * database is asked; what a table says of a folder is in tests/e2e/layouts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
