/* SPDX-License-Identifier: MIT */
/* The text of a down section as the history keeps it: with its mark line, for the options on it. */
#include "plan/plan.h"

#include <string.h>

#include "base/error.h"
#include "script/options.h"
#include "source/layout.h"

#define MARK_MAX 1024u

int plan_section_text(struct plan_script *from, const struct section *section, struct buf *out,
                      struct dunlin_error *err)
{
    size_t left = (size_t)section->bytes;
    struct stream *stream;
    char mark[MARK_MAX];
    int rc = plan_script_open(from, err);

    if (rc)
        return rc;
    if (from->file && layout_rewrites(from->file)) {
        mark_write(out, SECTION_DOWN, &section->options);
        buf_addc(out, '\n');
    } else if (section->mark_line) {
        /* without it the options of the section would be lost */
        rc = file_text_line(from->text, section->mark_line, mark, sizeof(mark), err);
        if (rc && rc != DUNLIN_NO)
            return rc;
        if (!rc)
            buf_addf(out, "%s\n", mark);
    }
    rc = file_text_stream(from->text, section->start.offset, &stream, err);
    while (!rc && left > 0) {
        char block[4096];
        size_t got;

        rc = stream->read(stream, block, left < sizeof(block) ? left : sizeof(block), &got, err);
        if (rc || got == 0)
            break;
        buf_add(out, block, got);
        left -= got;
    }
    return !rc && out->failed ? error_nomem(err) : rc;
}

int plan_down_text(const struct migration *m, const struct script_dialect *dialect, struct buf *out,
                   struct dunlin_error *err)
{
    struct plan scratch = {.arena = ARENA_INIT};
    struct plan_script s = {.file = m->down.name ? &m->down : &m->up, .section = SECTION_DOWN};
    const struct section *down;
    int rc = plan_script_load(&scratch, &s, dialect, true, err);

    down = &s.script.sections[SECTION_DOWN];
    if (!rc && down->present && down->statements > 0 && down->bytes <= HISTORY_DOWN_MAX)
        rc = plan_section_text(&s, down, out, err);
    file_text_free(s.text);
    arena_free(&scratch.arena);
    return rc;
}

static bool is_line_end(const char *text, size_t at, size_t len)
{
    return text[at] == '\r' && at + 1 < len && text[at + 1] == '\n';
}

bool plan_same_text(const char *a, size_t na, const char *b, size_t nb)
{
    size_t i = 0, j = 0;

    for (;;) {
        if (i < na && is_line_end(a, i, na))
            i++;
        if (j < nb && is_line_end(b, j, nb))
            j++;
        if (i == na || j == nb)
            return i == na && j == nb;
        if (a[i++] != b[j++])
            return false;
    }
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Takes off the mark, whose options are *mark, and blank at both ends. A mark without options says
 * as much as none. */
static void section_trim(const char **text, size_t *len, const char **mark, size_t *nmark)
{
    static const char word[] = "-- migrate:down";
    const char *end = *len ? memchr(*text, '\n', *len) : NULL;
    size_t line = end ? (size_t)(end - *text) : *len;

    *mark = *text;
    *nmark = 0;
    if (line >= sizeof(word) - 1 && memcmp(*text, word, sizeof(word) - 1) == 0) {
        *mark += sizeof(word) - 1;
        *nmark = line - (sizeof(word) - 1);
        *text += line;
        *len -= line;
    }
    while (*nmark && is_blank((*mark)[*nmark - 1]))
        --*nmark;
    while (*len && is_blank(**text)) {
        ++*text;
        --*len;
    }
    while (*len && is_blank((*text)[*len - 1]))
        --*len;
}

bool plan_same_down(const char *a, size_t na, const char *b, size_t nb)
{
    const char *mark_a, *mark_b;
    size_t nmark_a, nmark_b;

    section_trim(&a, &na, &mark_a, &nmark_a);
    section_trim(&b, &nb, &mark_b, &nmark_b);
    return nmark_a == nmark_b && memcmp(mark_a, mark_b, nmark_a) == 0 &&
           plan_same_text(a, na, b, nb);
}

/* ---- difference ------------------------------------------------------------------------------ */

#define SHOWN 40u /* lines of each side */

static size_t line_length(const char *text, size_t len)
{
    const char *end = memchr(text, '\n', len);

    return end ? (size_t)(end - text) + 1 : len;
}

/* Bytes of whole lines that both texts begin with. */
static size_t same_head(const char *a, size_t na, const char *b, size_t nb)
{
    size_t at = 0;

    while (at < na && at < nb) {
        size_t la = line_length(a + at, na - at), lb = line_length(b + at, nb - at);

        if (la != lb || memcmp(a + at, b + at, la) != 0)
            break;
        at += la;
    }
    return at;
}

/* Bytes of whole lines that both end with. */
static size_t same_tail(const char *a, size_t na, const char *b, size_t nb)
{
    size_t n = 0, whole = 0;

    while (n < na && n < nb && a[na - 1 - n] == b[nb - 1 - n]) {
        n++;
        if ((n == na || a[na - 1 - n] == '\n') && (n == nb || b[nb - 1 - n] == '\n'))
            whole = n;
    }
    return whole;
}

static void add_lines(struct buf *out, char sign, const char *text, size_t len)
{
    size_t lines = 0;

    while (len > 0 && lines++ < SHOWN) {
        size_t n = line_length(text, len), shown = n;

        while (shown > 0 && (text[shown - 1] == '\n' || text[shown - 1] == '\r'))
            shown--;
        buf_addc(out, sign);
        buf_add(out, text, shown);
        buf_addc(out, '\n');
        text += n;
        len -= n;
    }
    if (len > 0)
        buf_addf(out, "%c..\n", sign);
}

void plan_difference(const char *was, size_t nwas, const char *is, size_t nis, struct buf *out)
{
    size_t head = same_head(was, nwas, is, nis);
    size_t tail = same_tail(was + head, nwas - head, is + head, nis - head);

    add_lines(out, '-', was + head, nwas - head - tail);
    add_lines(out, '+', is + head, nis - head - tail);
}
