/* SPDX-License-Identifier: MIT */
/* sqitch.conf: sections in brackets, with lines KEY = VALUE. Only what is asked for is looked at.
 */
#include <stdio.h>
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

/* ---- where the registry is ------------------------------------------------------------------- */

/* What sqitch calls the engine of a URL with this scheme. */
static const char *engine_key(const char *scheme)
{
    if (strncmp(scheme, "postgres", 8) == 0)
        return "pg";
    return strncmp(scheme, "sqlite", 6) == 0 ? "sqlite" : "mysql";
}

static bool value_in(const char *text, const char *kind, const char *name, const char *key,
                     char *out, size_t size)
{
    char section[SQITCH_VALUE_SIZE + 16];

    snprintf(section, sizeof(section), "%s \"%s\"", kind, name);
    return sqitch_conf_value(text, section, key, out, size, NULL);
}

/* As there: of the target, where it has a name, of the engine, or of all. */
bool sqitch_conf_registry(const char *text, const char *scheme, char out[SQITCH_VALUE_SIZE])
{
    const char *engine = engine_key(scheme ? scheme : "");
    char target[SQITCH_VALUE_SIZE];

    if ((sqitch_conf_value(text, "core", "target", target, sizeof(target), NULL) ||
         value_in(text, "engine", engine, "target", target, sizeof(target))) &&
        !strchr(target, ':') &&
        value_in(text, "target", target, "registry", out, SQITCH_VALUE_SIZE))
        return true;
    return value_in(text, "engine", engine, "registry", out, SQITCH_VALUE_SIZE) ||
           sqitch_conf_value(text, "core", "registry", out, SQITCH_VALUE_SIZE, NULL);
}
