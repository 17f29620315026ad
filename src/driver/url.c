/* SPDX-License-Identifier: MIT */
/*
 * Database URLs, decoded into the parameters that a driver's open() takes. A component that is
 * absent gives no parameter. Several hosts give "h1,h2" and "1,2", the form that libpq takes. A
 * message names the component that is wrong and never its text, which may be part of a password.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "driver/url.h"

#include <arpa/inet.h>
#include <string.h>
#include "base/error.h"
#include "base/utf8.h"
#include "driver/url_parts.h"

#define COMPONENTS 6u /* scheme user password host port database */
#define PLAIN_KEY 40u

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Replaces %xx. Returns the decoded length, or SIZE_MAX where one is malformed. */
static size_t percent_decode(struct span in, char *to)
{
    size_t n = 0;

    for (size_t i = 0; i < in.len; i++, n++) {
        int high, low;

        to[n] = in.at[i];
        if (in.at[i] != '%')
            continue;
        if (in.len - i < 3)
            return SIZE_MAX;
        high = hex_value(in.at[i + 1]);
        low = hex_value(in.at[i + 2]);
        if (high < 0 || low < 0)
            return SIZE_MAX;
        to[n] = (char)(high * 16 + low);
        i += 2;
    }
    return n;
}

/* A password is bytes to the server, whatever the encoding. */
static const char *text_problem(const char *text, size_t len, bool utf8)
{
    for (size_t i = 0, n; i < len; i += n) {
        uint32_t code = (unsigned char)text[i];

        n = utf8 ? utf8_decode(text + i, len - i, &code) : 1;
        if (n == 0)
            return "invalid UTF-8";
        if (utf8 ? utf8_is_unsafe(code) : code < 0x20 || code == 0x7f)
            return "control character";
    }
    return NULL;
}

static int decode(struct span in, const char *component, struct arena *arena, const char **out,
                  struct dunlin_error *err)
{
    char *to = arena_alloc(arena, in.len + 1);
    const char *problem;
    size_t n;

    if (!to)
        return error_nomem(err);
    n = percent_decode(in, to);
    if (n == SIZE_MAX)
        return url_refuse(err, "malformed percent-encoding", component);
    to[n] = '\0';
    problem = text_problem(to, n, strcmp(component, "password") != 0);
    if (problem)
        return url_refuse(err, problem, component);
    *out = to;
    return DUNLIN_OK;
}

/* ---- hosts and ports ----------------------------------------------------------------------- */

static bool port_valid(struct span s)
{
    unsigned port = 0;

    if (s.len == 0 || s.len > 5)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        port = port * 10 + (unsigned)(s.at[i] - '0');
    }
    return port >= 1 && port <= 65535;
}

static int port_check(struct span port, struct dunlin_error *err)
{
    int status;

    if (port_valid(port))
        return DUNLIN_OK;
    status = error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                       "the port of the database URL is not a number from 1 to 65535");
    error_hint(err, "percent-encode : @ / ? # %% [ ] in user and password");
    return status;
}

/* An address, with or without a zone. */
static bool ipv6_valid(const char *host)
{
    unsigned char address[16];
    char text[64];
    size_t n = strcspn(host, "%");

    if (n >= sizeof(text) || (host[n] == '%' && host[n + 1] == '\0'))
        return false;
    memcpy(text, host, n);
    text[n] = '\0';
    return inet_pton(AF_INET6, text, address) == 1;
}

/* A name or an IPv4 address; or the folder or abstract name of a socket, which may be anything
 * but a list. */
static bool host_valid(const char *host)
{
    if (strchr(host, ','))
        return false;
    if (host[0] == '/' || host[0] == '@')
        return true;
    for (const char *p = host; *p; p++) {
        const unsigned char c = (unsigned char)*p;
        const bool alnum = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');

        if (!alnum && c < 0x80 && !strchr("-._~", c))
            return false;
    }
    return true;
}

/* Cuts "host", "host:port", "[address]" or "[address]:port". */
static int host_split(struct span in, struct span *host, struct span *port, bool *bracketed,
                      struct dunlin_error *err)
{
    const char *end = in.at + in.len, *p;

    *port = (struct span){NULL, 0};
    *bracketed = in.len > 0 && in.at[0] == '[';
    if (*bracketed) {
        p = memchr(in.at, ']', in.len);
        if (!p || (p + 1 < end && p[1] != ':'))
            return url_refuse(err, "misplaced bracket", "host");
        *host = (struct span){in.at + 1, (size_t)(p - in.at) - 1};
        p = p + 1 < end ? p + 1 : NULL;
    } else {
        p = memchr(in.at, ':', in.len);
        *host = (struct span){in.at, p ? (size_t)(p - in.at) : in.len};
        if (p && memchr(p + 1, ':', (size_t)(end - p) - 1))
            return url_refuse(err, "IPv6 address without brackets, or a stray \":\"", "host");
    }
    if (!p)
        return DUNLIN_OK;
    *port = (struct span){p + 1, (size_t)(end - p) - 1};
    return port_check(*port, err);
}

static int host_decode(struct span in, bool bracketed, bool several, struct arena *arena,
                       const char **out, struct dunlin_error *err)
{
    int status = decode(in, "host", arena, out, err);

    if (status != DUNLIN_OK)
        return status;
    if (bracketed && !ipv6_valid(*out))
        return url_refuse(err, "malformed IPv6 address", "host");
    if (!bracketed && !host_valid(*out))
        return url_refuse(err, "character that no host name has", "host");
    if (several && **out == '\0')
        return url_refuse(err, "empty name", "list of hosts");
    return DUNLIN_OK;
}

static int not_go_form(struct span hosts, struct dunlin_error *err)
{
    int status;

    if (!memchr(hosts.at, '(', hosts.len))
        return DUNLIN_OK;
    status = error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                       "the host of the database URL has the form of a Go data source name");
    error_hint(err, "write mysql://USER:PASSWORD@HOST:PORT/DATABASE");
    return status;
}

/* "h1:1,h2:2" to "h1,h2" and "1,2". An output that would be empty stays NULL. */
static int hosts_decode(struct span in, struct arena *arena, const char **hosts, const char **ports,
                        struct dunlin_error *err)
{
    const bool several = memchr(in.at, ',', in.len) != NULL;
    char *host_list = arena_alloc(arena, in.len + 1), *port_list = arena_alloc(arena, in.len + 1);
    const char *at = in.at, *end = in.at + in.len;
    bool any_port = false;
    int status = not_go_form(in, err);

    if (!host_list || !port_list)
        return error_nomem(err);
    *hosts = host_list;
    *ports = port_list;
    while (status == DUNLIN_OK) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *name = NULL;
        struct span host, port;
        bool bracketed;

        status = host_split((struct span){at, (size_t)((comma ? comma : end) - at)}, &host, &port,
                            &bracketed, err);
        if (status == DUNLIN_OK)
            status = host_decode(host, bracketed, several, arena, &name, err);
        if (status != DUNLIN_OK)
            return status;
        host_list = stpcpy(host_list, name);
        if (port.at) {
            memcpy(port_list, port.at, port.len);
            port_list += port.len;
            any_port = true;
        }
        if (!comma)
            break;
        *host_list++ = ',';
        *port_list++ = ',';
        at = comma + 1;
    }
    if (**hosts == '\0')
        *hosts = NULL;
    if (!any_port)
        *ports = NULL;
    return status;
}

/* ---- query --------------------------------------------------------------------------------- */

static bool key_is_plain(const char *key)
{
    const size_t n =
        strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    return n > 0 && n <= PLAIN_KEY && key[n] == '\0';
}

static struct dunlin_param *param_find(const struct url *url, const char *key)
{
    for (uint32_t i = 0; i < url->count; i++) {
        if (strcmp(url->params[i].key, key) == 0)
            return &url->params[i];
    }
    return NULL;
}

static void param_add(struct url *url, const char *key, const char *value)
{
    if (value)
        url->params[url->count++] = (struct dunlin_param){key, value};
}

static int query_twice(const char *key, struct dunlin_error *err)
{
    int status =
        error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "the database URL gives \"%s\" twice",
                  key_is_plain(key) ? key : "a key");

    error_hint(err, "leave one of them out");
    return status;
}

/* A decoded pair. "host" may name a socket besides the host in front of the path: that is how
 * hosted databases are written (user:password@localhost/db?host=/folder). */
static int query_add(struct url *url, uint32_t components, const char *key, const char *value,
                     struct dunlin_error *err)
{
    struct dunlin_param *known = param_find(url, key);

    if (strcmp(key, "port") == 0) {
        for (const char *p = value;; p++) {
            const size_t n = strcspn(p, ",");

            if (port_check((struct span){p, n}, err) != DUNLIN_OK)
                return DUNLIN_CONFIG;
            p += n;
            if (*p == '\0')
                break;
        }
    }
    if (!known) {
        param_add(url, key, value);
        return DUNLIN_OK;
    }
    if (strcmp(key, "host") != 0 || value[0] != '/' || known >= url->params + components ||
        known->value[0] == '/')
        return query_twice(key, err);
    known->value = value;
    return DUNLIN_OK;
}

static int query_decode(struct span query, struct arena *arena, struct url *url,
                        struct dunlin_error *err)
{
    const uint32_t components = url->count;
    const char *at = query.at, *end = at + query.len;

    while (at <= end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        const char *equals, *key = NULL, *value = NULL;
        int status;

        if (!stop)
            stop = end;
        equals = memchr(at, '=', (size_t)(stop - at));
        if (equals == at || stop == at)
            return url_refuse(err, "empty key", "query");
        if (!equals)
            return url_refuse(err, "key without \"=\"", "query");
        status = decode((struct span){at, (size_t)(equals - at)}, "query", arena, &key, err);
        if (status == DUNLIN_OK) {
            status = decode((struct span){equals + 1, (size_t)(stop - equals) - 1}, "query", arena,
                            &value, err);
        }
        if (status == DUNLIN_OK)
            status = query_add(url, components, key, value, err);
        if (status != DUNLIN_OK)
            return status;
        at = stop + 1;
    }
    return DUNLIN_OK;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static int components_decode(const struct url_parts *parts, struct arena *arena, struct url *url,
                             struct dunlin_error *err)
{
    const char *user = NULL, *password = NULL, *hosts = NULL, *ports = NULL, *path = NULL;
    int status = DUNLIN_OK;

    if (parts->user.len)
        status = decode(parts->user, "user", arena, &user, err);
    if (status == DUNLIN_OK && parts->password.at)
        status = decode(parts->password, "password", arena, &password, err);
    if (status == DUNLIN_OK && parts->hosts.len)
        status = hosts_decode(parts->hosts, arena, &hosts, &ports, err);
    if (status == DUNLIN_OK && parts->path.len)
        status = decode(parts->path, parts->is_path ? "path" : "database", arena, &path, err);
    if (status != DUNLIN_OK)
        return status;
    param_add(url, "scheme", url->scheme);
    param_add(url, "user", user);
    param_add(url, "password", password);
    param_add(url, "host", hosts);
    param_add(url, "port", ports);
    param_add(url, "database", path);
    return DUNLIN_OK;
}

int url_parse(const char *text, struct arena *arena, struct url *out, struct dunlin_error *err)
{
    struct url url = {.count = 0};
    struct url_parts parts;
    size_t keys = 1;
    int status = url_split(text, &parts, err);

    if (status != DUNLIN_OK)
        return status;
    for (size_t i = 0; i < parts.query.len; i++)
        keys += parts.query.at[i] == '&';
    url.scheme = arena_strdup(arena, parts.scheme);
    url.params = arena_calloc(arena, COMPONENTS + keys, sizeof(*url.params));
    if (!url.scheme || !url.params)
        return error_nomem(err);
    status = components_decode(&parts, arena, &url, err);
    if (status == DUNLIN_OK && parts.query.len)
        status = query_decode(parts.query, arena, &url, err);
    if (status == DUNLIN_OK)
        *out = url;
    return status;
}
