/* SPDX-License-Identifier: MIT */
/*
 * Cutting a URL into its components. Whatever is ambiguous is refused here instead of guessed: a
 * password with a bare "/" would otherwise make the password's end the database name, which is
 * not secret and gets printed. No message repeats any part of the text.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "driver/url_parts.h"

#include <string.h>
#include "base/error.h"

#define URL_MAX 65536u
#define FORMS                                                                                      \
    "write sqlite:PATH, postgres://USER@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE"
#define ENCODE "percent-encode : @ / ? # % [ ] in user and password"

static const struct span ABSENT = {NULL, 0};

static int config(struct dunlin_error *err, const char *message, const char *hint)
{
    int status = error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "%s", message);

    error_hint(err, "%s", hint);
    return status;
}

int(url_refuse)(struct dunlin_error *err, const char *problem, const char *component)
{
    int status = error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                           "%s in the %s of the database URL", problem, component);

    error_hint(err, "%s", ENCODE);
    return status;
}

bool url_scheme_is_file(const char *scheme)
{
    return strcmp(scheme, "sqlite") == 0 || strcmp(scheme, "sqlite3") == 0;
}

static bool scheme_is_server(const char *scheme)
{
    static const char *const names[] = {"postgres", "postgresql", "mysql", "mariadb"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(scheme, names[i]) == 0)
            return true;
    }
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Reads "scheme:" into parts. Returns its length with the colon, 0 = there is none. */
static size_t split_scheme(const char *text, struct url_parts *parts)
{
    size_t n = 0;

    if (!is_letter(text[0]))
        return 0;
    while (is_letter(text[n]) || (text[n] >= '0' && text[n] <= '9') ||
           (text[n] && strchr("+-._", text[n]))) {
        if (n + 1 >= URL_SCHEME_SIZE)
            return 0;
        parts->scheme[n] = (char)(text[n] >= 'A' && text[n] <= 'Z' ? text[n] - 'A' + 'a' : text[n]);
        n++;
    }
    parts->scheme[n] = '\0';
    return text[n] == ':' ? n + 1 : 0;
}

static int no_scheme(const char *text, struct dunlin_error *err)
{
    if (strstr(text, "@tcp(") || strstr(text, "@unix(")) {
        return config(err, "the database URL has the form of a Go data source name",
                      "write mysql://USER:PASSWORD@HOST:PORT/DATABASE");
    }
    return config(err, "the database URL has no scheme", FORMS);
}

static struct span span_until(const char *at, const char *stop)
{
    return (struct span){at, strcspn(at, stop)};
}

static int split_path(const char *rest, struct url_parts *parts, struct dunlin_error *err)
{
    const bool file = url_scheme_is_file(parts->scheme);

    parts->is_path = true;
    if (file && strncmp(rest, "//", 2) == 0) {
        if (rest[2] != '/') {
            return config(err, "the sqlite URL has a host where its path should begin",
                          "write sqlite:PATH for a relative path, sqlite:///PATH for an absolute "
                          "one, sqlite::memory: for none");
        }
        rest += 2;
    }
    parts->path = span_until(rest, "?");
    if (rest[parts->path.len] == '?')
        parts->query = span_until(rest + parts->path.len + 1, "");
    if (parts->path.len == 0)
        return config(err, "the database URL names no database file", FORMS);
    if (strstr(rest, "://") || (!file && strchr(rest, '@')))
        return no_scheme(rest, err);
    return DUNLIN_OK;
}

static struct span last_at(struct span s)
{
    for (size_t i = s.len; i > 0; i--) {
        if (s.at[i - 1] == '@')
            return (struct span){s.at, i - 1};
    }
    return ABSENT;
}

static void split_user(struct span info, struct url_parts *parts)
{
    const char *colon = memchr(info.at, ':', info.len);

    parts->user = info;
    if (!colon)
        return;
    parts->user.len = (size_t)(colon - info.at);
    parts->password = (struct span){colon + 1, info.len - parts->user.len - 1};
}

static int split_authority(const char *rest, struct url_parts *parts, struct dunlin_error *err)
{
    struct span authority = span_until(rest, "/?#");
    struct span info = last_at(authority);
    const char *tail = rest + authority.len;

    if (strchr(tail, '@')) {
        return config(err, "the database URL has an \"@\" after its host",
                      ENCODE ", and @ as %40 everywhere else");
    }
    if (strchr(tail, '#'))
        return config(err, "the database URL has a \"#\"", ENCODE);
    parts->hosts = authority;
    if (info.at) {
        split_user(info, parts);
        parts->hosts.at += info.len + 1;
        parts->hosts.len -= info.len + 1;
    }
    if (*tail == '/') {
        parts->path = span_until(tail + 1, "?");
        tail = parts->path.at + parts->path.len;
    }
    if (*tail == '?')
        parts->query = span_until(tail + 1, "");
    return DUNLIN_OK;
}

int url_split(const char *text, struct url_parts *out, struct dunlin_error *err)
{
    struct url_parts parts = {.user = ABSENT};
    size_t n;
    int status;

    if (text[0] == '\0')
        return config(err, "the database URL is empty", FORMS);
    if (strnlen(text, URL_MAX) == URL_MAX)
        return config(err, "the database URL is too long", FORMS);
    n = split_scheme(text, &parts);
    if (n == 0)
        return no_scheme(text, err);
    if (!url_scheme_is_file(parts.scheme) && strncmp(text + n, "//", 2) == 0)
        status = split_authority(text + n + 2, &parts, err);
    else if (scheme_is_server(parts.scheme))
        status = config(err, "the database URL has no // after its scheme", FORMS);
    else
        status = split_path(text + n, &parts, err);
    if (status == DUNLIN_OK)
        *out = parts;
    return status;
}
