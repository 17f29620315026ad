/* SPDX-License-Identifier: MIT */
/* sqitch.conf: sections in brackets, with lines KEY = VALUE. Only what is asked for is looked at.
 */
#include <string.h>
#include <strings.h>

#include "source/layouts/sqitch-plan.h"
#include "source/listing.h"
#include "source/rewrite.h"

/* "[name]", with nothing but a comment behind it; a section with a second name is another one. */
static bool is_section(const char *line, size_t len, const char *name)
{
    const char *end = memchr(line, ']', len);
    size_t n;

    if (!end)
        return false;
    line++;
    n = (size_t)(end - line);
    text_trim(&line, &n);
    return n == strlen(name) && strncasecmp(line, name, n) == 0;
}

/* Without quotes, and without a comment behind it. False where it does not fit. */
static bool value_copy(const char *text, size_t len, char *out, size_t size)
{
    size_t used = 0, kept = 0; /* kept: up to the last byte that is no blank, or was quoted */
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (c == '"') {
            quoted = !quoted;
            kept = used;
            continue;
        }
        if (!quoted && (c == '#' || c == ';'))
            break;
        if (c == '\\' && i + 1 < len) {
            c = text[++i];
            c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c);
        }
        if (used + 1 >= size)
            return false;
        out[used++] = c;
        if (quoted || (c != ' ' && c != '\t' && c != '\r'))
            kept = used;
    }
    out[kept] = '\0';
    return true;
}

bool sqitch_conf_value(const char *text, const char *section, const char *key, char *out,
                       size_t size, uint32_t *line)
{
    const char *at;
    size_t len, n = strlen(key);
    bool inside = false, found = false;
    uint32_t number = 0;

    while (next_line(&text, &at, &len)) {
        number++;
        text_trim(&at, &len);
        if (len && *at == '[') {
            inside = is_section(at, len, section);
        } else if (inside && len > n && strncasecmp(at, key, n) == 0) {
            const char *value = at + n;
            size_t left = len - n;

            text_trim(&value, &left);
            if (!left || *value != '=')
                continue;
            value++;
            left--;
            text_trim(&value, &left);
            found = value_copy(value, left, out, size);
            if (line)
                *line = number;
        }
    }
    return found && *out;
}
