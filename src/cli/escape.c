/* SPDX-License-Identifier: MIT */
#include "cli/escape.h"

#include <ctype.h>
#include <string.h>
#include "base/utf8.h"

static const char line_prefix[] = "\n    | ";

struct range {
    uint32_t first, last;
};

static bool in_ranges(const struct range *ranges, size_t n, uint32_t code)
{
    for (size_t i = 0; i < n; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

static bool is_hidden(uint32_t code)
{
    return utf8_is_unsafe(code) || utf8_is_invisible(code);
}

unsigned code_width(uint32_t code)
{
    static const struct range zero[] = {
        {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
        {0x20d0, 0x20ff}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    };
    static const struct range wide[] = {
        {0x1100, 0x115e},   {0x2e80, 0x303e},   {0x3041, 0x3098},   {0x309b, 0x33ff},
        {0x3400, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
    };

    if (code < 0x300)
        return 1;
    if (in_ranges(zero, sizeof(zero) / sizeof(zero[0]), code))
        return 0;
    return in_ranges(wide, sizeof(wide) / sizeof(wide[0]), code) ? 2 : 1;
}

size_t text_width(const char *escaped)
{
    size_t left = strlen(escaped), width = 0;

    while (left > 0) {
        uint32_t code = 0;
        size_t n = utf8_decode(escaped, left, &code);

        width += n ? code_width(code) : 1;
        escaped += n ? n : 1;
        left -= n ? n : 1;
    }
    return width;
}

/* "##vso[..]" and "##[..]" are commands to some log collectors wherever they stand in a line. */
static bool is_log_command(const char *text, size_t left)
{
    return left >= 3 && text[0] == '#' && text[1] == '#' &&
           (text[2] == '[' || isalpha((unsigned char)text[2]));
}

size_t escape_add_one(struct buf *to, const char *text, size_t len)
{
    uint32_t code;
    size_t n = utf8_decode(text, len, &code);

    if (n == 0 || is_log_command(text, len)) {
        buf_addf(to, "\\x%02x", (unsigned)(unsigned char)*text);
        return 1;
    }
    if (!is_hidden(code))
        buf_add(to, text, n);
    else if (code == '\t')
        buf_adds(to, "\\t");
    else if (code == '\n')
        buf_adds(to, "\\n");
    else if (code == '\r')
        buf_adds(to, "\\r");
    else if (code < 0x80)
        buf_addf(to, "\\x%02x", (unsigned)code);
    else
        buf_addf(to, "\\u{%x}", (unsigned)code);
    return n;
}

/* "::set-output .." is one at the start of a line, also behind blanks: whether this text will stand
 * there is for others to decide. Returns the bytes that were added. */
static size_t escape_start(struct buf *to, const char *text, size_t left, unsigned flags)
{
    const size_t blanks = strspn(text, flags & ESCAPE_TABS ? " \t" : " ");

    if (left < blanks + 2 || text[blanks] != ':' || text[blanks + 1] != ':')
        return 0;
    buf_add(to, text, blanks);
    buf_adds(to, "\\x3a");
    return blanks + 1;
}

void escape_add(struct buf *to, const char *text, unsigned flags)
{
    size_t left = strlen(text), start;

    /* Errors of servers often end in a line end. */
    while (left > 0 && (text[left - 1] == '\n' || text[left - 1] == '\r'))
        left--;
    start = escape_start(to, text, left, flags);
    text += start;
    left -= start;
    while (left > 0) {
        size_t n = 1;

        if (*text == '\t' && (flags & ESCAPE_TABS)) {
            buf_addc(to, '\t');
        } else if (*text == '\n' && (flags & ESCAPE_LINES)) {
            buf_adds(to, line_prefix);
        } else if (*text == '\r' && left > 1 && text[1] == '\n' && (flags & ESCAPE_LINES)) {
            buf_adds(to, line_prefix);
            n = 2;
        } else {
            n = escape_add_one(to, text, left);
        }
        text += n;
        left -= n;
    }
}

void utf8_clean(struct buf *to, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        uint32_t code;
        size_t n = utf8_decode(text, left, &code);

        if (n)
            buf_add(to, text, n);
        else
            buf_adds(to, "\xef\xbf\xbd");
        text += n ? n : 1;
        left -= n ? n : 1;
    }
}
