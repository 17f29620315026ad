/* SPDX-License-Identifier: MIT */
/*
 * A URL for people and logs. It is printed from the components of a text that parsed, so that
 * nothing secret can hide in what is printed; the query may hold passwords and is left out. Of a
 * text that does not parse at most the scheme is shown.
 */
#include "driver/url.h"

#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "driver/url_parts.h"

static const char stars[] = "***";

/* The part of a text that is a scheme by its form alone; 0 = none. */
static int scheme_length(const char *text)
{
    const size_t n =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

    return n > 0 && n < URL_SCHEME_SIZE && text[n] == ':' ? (int)n : 0;
}

static void redact_unparsed(const char *text, char *to, size_t size)
{
    const int n = scheme_length(text);

    if (n == 0)
        snprintf(to, size, "%s", stars);
    else
        snprintf(to, size, "%.*s:%s%s", n, text, strncmp(text + n, "://", 3) == 0 ? "//" : "",
                 stars);
}

static void redact_parts(const struct url_parts *p, char *to, size_t size)
{
    snprintf(to, size, "%s://%.*s%s%s%.*s%s%.*s", p->scheme, (int)p->user.len,
             p->user.at ? p->user.at : "", p->password.at ? ":***" : "", p->user.at ? "@" : "",
             (int)p->hosts.len, p->hosts.at, p->path.at ? "/" : "", (int)p->path.len,
             p->path.at ? p->path.at : "");
}

void url_redact(const char *text, char *to, size_t size)
{
    struct arena arena = ARENA_INIT;
    struct url_parts parts;
    struct url url;

    if (size == 0)
        return;
    if (url_split(text, &parts, NULL) != DUNLIN_OK ||
        url_parse(text, &arena, &url, NULL) != DUNLIN_OK)
        redact_unparsed(text, to, size);
    else if (!parts.is_path)
        redact_parts(&parts, to, size);
    else if (url_scheme_is_file(parts.scheme))
        snprintf(to, size, "%s:%.*s", parts.scheme, (int)parts.path.len, parts.path.at);
    else
        snprintf(to, size, "%s:%s", parts.scheme, stars);
    arena_free(&arena);
}
