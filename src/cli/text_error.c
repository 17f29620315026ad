/* SPDX-License-Identifier: MIT */
#include "cli/text_error.h"

#include <inttypes.h>
#include <string.h>
#include "cli/color.h"
#include "cli/escape.h"

#define SNIPPET_WIDTH 72
#define TAB_WIDTH 8 /* as far as cutting is concerned; the tab itself is printed */

static const char ellipsis[] = "\xe2\x80\xa6";

/* Appends one character and returns its bytes; *width gets its columns. */
static size_t snippet_char(struct buf *to, const char *p, size_t left, size_t *width)
{
    size_t before = to->len, n;

    if (*p == '\t') {
        buf_addc(to, '\t');
        *width = TAB_WIDTH;
        return 1;
    }
    n = escape_add_one(to, p, left);
    *width = to->len > before ? text_width(to->data + before) : 0;
    return n;
}

/* Columns up to the caret's character and in all. */
static void measure(const char *source, uint32_t caret, size_t *before, size_t *total)
{
    struct buf scratch = BUF_INIT(4096);
    size_t left = strlen(source), sum = 0, width;
    uint32_t at = 1;

    *before = 0;
    for (; left > 0; at++) {
        size_t n;

        if (at == caret)
            *before = sum;
        n = snippet_char(&scratch, source, left, &width);
        sum += width;
        source += n;
        left -= n;
    }
    if (caret >= at) /* at the end of the line: behind the last character */
        *before = sum;
    *total = sum;
    buf_free(&scratch);
}

static void marker_add(struct buf *marker, char c, size_t width)
{
    if (c == '\t') {
        buf_addc(marker, '\t');
        return;
    }
    while (width-- > 0)
        buf_addc(marker, ' ');
}

bool text_snippet(struct buf *line, struct buf *marker, const char *source, uint32_t caret,
                  size_t width)
{
    size_t left = strlen(source), first = 0, total, before, column = 0;
    uint32_t at = 1;

    measure(source, caret, &before, &total);
    if (total > width && before > width * 2 / 3)
        first = before - width * 2 / 3;
    if (total > width && first > total - width)
        first = total - width;
    if (first > 0) {
        buf_adds(line, ellipsis);
        buf_addc(marker, ' ');
    }
    for (; left > 0; at++) {
        struct buf one = BUF_INIT(64);
        size_t w, n = snippet_char(&one, source, left, &w);

        if (column >= first && column + w <= first + width) {
            buf_adds(line, buf_str(&one));
            if (at < caret)
                marker_add(marker, *source, w);
        }
        line->failed = line->failed || one.failed;
        buf_free(&one);
        column += w;
        source += n;
        left -= n;
    }
    if (total > first + width)
        buf_adds(line, ellipsis);
    return caret > 0 && !line->failed && !marker->failed;
}

static void add_snippet(struct buf *to, const struct dunlin_error *error, bool color)
{
    struct buf line = BUF_INIT(8192), marker = BUF_INIT(8192), number = BUF_INIT(32);
    bool caret = text_snippet(&line, &marker, error->source_line, error->caret, SNIPPET_WIDTH);

    if (error->line)
        buf_addf(&number, "%" PRIu32, error->line);
    buf_addf(to, "  %4s | %s\n", buf_str(&number), buf_str(&line));
    to->failed = to->failed || line.failed || number.failed || (error->caret && marker.failed);
    if (caret)
        buf_addf(to, "  %4s | %s%s^%s\n", "", buf_str(&marker), color_begin(color, COLOR_BAD),
                 color_end(color, COLOR_BAD));
    buf_free(&line);
    buf_free(&marker);
    buf_free(&number);
}

static void add_field(struct buf *to, const char *name, const char *value)
{
    if (!*value)
        return;
    buf_addf(to, "%s: ", name);
    escape_add(to, value, ESCAPE_LINES | ESCAPE_TABS);
    buf_addc(to, '\n');
}

static void add_place(struct buf *to, const struct dunlin_error *error)
{
    if (!*error->file)
        return;
    escape_add(to, error->file, 0);
    if (error->line)
        buf_addf(to, ":%" PRIu32, error->line);
    if (error->line && error->column)
        buf_addf(to, ":%" PRIu32, error->column);
    buf_adds(to, ": ");
    if (!error->line && error->statement)
        buf_addf(to, "statement %" PRIu32 ": ", error->statement);
}

static void add_codes(struct buf *to, const struct dunlin_error *error)
{
    if (!*error->sqlstate && !error->native)
        return;
    buf_adds(to, " [");
    escape_add(to, error->sqlstate, 0);
    if (error->native)
        buf_addf(to, "%s%" PRId32, *error->sqlstate ? " " : "", error->native);
    buf_addc(to, ']');
}

void text_error(struct buf *to, const struct dunlin_error *error, bool color)
{
    text_problem(to, "error", error, color);
}

void text_problem(struct buf *to, const char *word, const struct dunlin_error *error, bool color)
{
    buf_addf(to, "%s%s:%s ", color_begin(color, COLOR_BAD), word, color_end(color, COLOR_BAD));
    add_place(to, error);
    escape_add(to, *error->message ? error->message : "failed", ESCAPE_LINES | ESCAPE_TABS);
    add_codes(to, error);
    buf_addc(to, '\n');
    if (*error->source_line)
        add_snippet(to, error, color);
    add_field(to, "detail", error->detail);
    add_field(to, "hint", error->hint);
    add_field(to, "where", error->context);
    add_field(to, "state", error->state);
    add_field(to, "next", error->next);
}

static void plain_field(FILE *to, const char *name, const char *value)
{
    if (!*value)
        return;
    fputs(name, to);
    for (; *value; value++)
        fputc(*value >= ' ' && *value <= '~' ? *value : '?', to);
    fputc('\n', to);
}

void text_error_plain(FILE *to, const struct dunlin_error *error)
{
    plain_field(to, "error: ", *error->message ? error->message : "failed");
    plain_field(to, "detail: ", error->detail);
    plain_field(to, "state: ", error->state);
    plain_field(to, "next: ", error->next);
}
