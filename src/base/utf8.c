/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

size_t utf8_decode(const char *text, size_t len, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text;
    uint32_t c, least;
    size_t n;

    if (len == 0)
        return 0;
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > len)
        return 0;
    c = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    least = n == 4 ? 0x10000 : n == 3 ? 0x800 : 0x80;
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *code = c;
    return n;
}

bool utf8_is_unsafe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x61c || code == 0x200e ||
           code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

bool utf8_is_invisible(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0xad, 0xad},     {0x34f, 0x34f},     {0x61c, 0x61c},     {0x115f, 0x1160},
        {0x17b4, 0x17b5}, {0x180e, 0x180e},   {0x200b, 0x200f},   {0x2028, 0x202e},
        {0x2060, 0x206f}, {0x3164, 0x3164},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
        {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && code >= ranges[i].first; i++) {
        if (code <= ranges[i].last)
            return true;
    }
    return false;
}

size_t utf8_find_turn(const char *text, size_t len)
{
    const char *at = text;

    while (len - (size_t)(at - text) > 2 &&
           (at = memchr(at, 0xe2, len - (size_t)(at - text) - 2)) != NULL) {
        unsigned second = (unsigned char)at[1], third = (unsigned char)at[2];

        if ((second == 0x80 && third >= 0xaa && third <= 0xae) ||
            (second == 0x81 && third >= 0xa6 && third <= 0xa9))
            return (size_t)(at - text);
        at++;
    }
    return len;
}

bool text_is_safe(const char *text, size_t len)
{
    while (len) {
        bool plain = *text >= 0x20 && *text < 0x7f;
        uint32_t code = ' ';
        size_t n = plain ? 1 : utf8_decode(text, len, &code);

        if (n == 0 || utf8_is_unsafe(code))
            return false;
        text += n;
        len -= n;
    }
    return true;
}

char *text_escape(char *to, size_t size, const char *text, size_t len)
{
    size_t used = 0;

    if (size == 0)
        return to;
    while (len) {
        char one[16];
        uint32_t code;
        size_t n = utf8_decode(text, len, &code), width = n;

        if (n == 0) {
            width = (size_t)snprintf(one, sizeof(one), "\\x%02x", (unsigned char)*text);
            n = 1;
        } else if (utf8_is_unsafe(code)) {
            width = (size_t)snprintf(one, sizeof(one), code < 0x80 ? "\\x%02x" : "\\u{%04x}",
                                     (unsigned)code);
        } else {
            memcpy(one, text, n);
        }
        if (width >= size - used)
            break;
        memcpy(to + used, one, width);
        used += width;
        text += n;
        len -= n;
    }
    to[used] = '\0';
    return to;
}
