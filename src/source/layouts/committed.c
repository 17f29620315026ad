/* SPDX-License-Identifier: MIT */
#include "source/layouts/committed.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/hash.h"
#include "source/rewrite.h"

#define BLANK " \t\r\n\f\v"

/* ---- the head of a file ---------------------------------------------------------------------- */

static int refuse(const struct migration *m, uint32_t line, struct dunlin_error *err,
                  const char *hint, const char *what, const char *about)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s%.100s", what, about);
    error_place(err, m->up.path, line, 1);
    if (hint)
        error_hint(err, "%s", hint);
    return DUNLIN_BAD_FILE;
}

/* "--! Key: value" or "--! Key": false when the line is neither. */
static bool head_line(const char *line, size_t len, char key[32], const char **value, size_t *left)
{
    size_t n = 4;

    if (len < 5 || memcmp(line, "--! ", 4) != 0 || !isupper((unsigned char)line[4]))
        return false;
    while (n < len && (isalnum((unsigned char)line[n]) || line[n] == '_'))
        n++;
    if (n < len && line[n] != ':')
        return false;
    snprintf(key, 32, "%.*s", (int)(n - 4), line + 4);
    *value = line + n + (n < len);
    *left = len - n - (n < len);
    text_trim(value, left);
    return true;
}

static int head_take(const struct migration *m, struct committed *c, const char *key,
                     const char *value, size_t len, struct dunlin_error *err)
{
    char *to = strcmp(key, "Hash") == 0       ? c->hash
               : strcmp(key, "Previous") == 0 ? c->previous
                                              : NULL;

    if (strcmp(key, "AllowInvalidHash") == 0)
        c->any_hash = true;
    else if (!to && strcmp(key, "Message") != 0)
        return refuse(m, c->lines, err, "they are Previous, Hash, Message and AllowInvalidHash",
                      "unknown header of graphile-migrate: ", key);
    if (!to)
        return DUNLIN_OK;
    if (*to)
        return refuse(m, c->lines, err, NULL, "a second header ", key);
    if (len == 0 || len >= COMMITTED_HASH)
        return refuse(m, c->lines, err, NULL, "this is no hash: ", key);
    memcpy(to, value, len);
    return DUNLIN_OK;
}

static const char *head_read(const struct migration *m, const char *text, struct committed *c,
                             int *rc, struct dunlin_error *err)
{
    const char *at = text, *value;
    size_t left, len = 0;
    char key[32];

    for (; !*rc; at += len + 1) {
        len = strcspn(at, "\n");
        if (!head_line(at, len, key, &value, &left))
            break;
        c->lines++;
        *rc = head_take(m, c, key, value, left, err);
        if (at[len] == '\0')
            break;
    }
    if (!*rc && len && at[0] == '\r')
        *rc = refuse(m, c->lines + 1, err, "check the file out with LF line ends",
                     "a line that ends with CRLF: the hash is that of a file with LF", "");
    else if (!*rc && (!c->hash[0] || !c->previous[0]))
        *rc = refuse(m, 1, err, "graphile-migrate commit writes both",
                     "the file does not begin with \"--! Previous:\" and \"--! Hash:\"", "");
    else if (!*rc && len)
        *rc = refuse(m, c->lines + 1, err, NULL, "an empty line is missing behind the headers", "");
    return at;
}

/* ---- the chain of hashes --------------------------------------------------------------------- */

static void hash_body(const struct committed *c, const char *body, size_t len,
                      char out[COMMITTED_HASH])
{
    bool first = strcmp(c->previous, "-") == 0;
    struct digest d;

    digest_init(&d, SUM_SHA1);
    if (!first)
        digest_add(&d, c->previous, strlen(c->previous));
    if (!first && len)
        digest_add(&d, "\n", 1);
    digest_add(&d, body, len);
    digest_add(&d, "\n", 1);
    memcpy(out, "sha1:", 5);
    digest_end_hex(&d, out + 5);
}

static int check_body(const struct migration *m, struct committed *c, const char *body,
                      struct dunlin_error *err)
{
    size_t blank = strspn(body, BLANK), len;
    char sum[COMMITTED_HASH];

    c->first = c->lines + 1;
    for (size_t i = 0; i < blank; i++)
        c->first += body[i] == '\n';
    body += blank;
    for (len = strlen(body); len && strchr(BLANK, body[len - 1]); len--)
        ;
    hash_body(c, body, len, sum);
    if ((strcmp(sum, c->hash) == 0) != c->any_hash)
        return DUNLIN_OK;
    if (c->any_hash)
        return refuse(m, 1, err, "remove --! AllowInvalidHash", "the hash is valid after all", "");
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "%s was edited after it was committed: its hash is %s, and the file says %s",
              m->up.path, sum, c->hash);
    error_hint(err, "bring it back as it was; or, if the edit is meant, graphile-migrate knows "
                    "--! AllowInvalidHash");
    return DUNLIN_BAD_FILE;
}

static int check_chain(const struct migration *m, const struct committed *c,
                       const struct committed *before, struct dunlin_error *err)
{
    const char *wanted = before ? before->hash : "-";

    if (strcmp(c->previous, wanted) == 0)
        return DUNLIN_OK;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "%s does not belong behind %s: it says that %s is before it, and that is %s",
              m->up.path, before ? m[-1].up.name : "nothing", c->previous, wanted);
    error_hint(err, "is a file missing, or were two branches merged? uncommit and commit the later "
                    "one again with graphile-migrate");
    return DUNLIN_BAD_FILE;
}

int committed_read(const struct migration *m, const char *text, const struct committed *before,
                   struct committed *c, const char **body, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    *body = head_read(m, text, c, &rc, err);
    if (!rc)
        rc = check_chain(m, c, before, err);
    return rc ? rc : check_body(m, c, *body, err);
}
