/* SPDX-License-Identifier: MIT */
/*
 * The ids of changes and tags: SHA-1 over a text with everything that the plan says of one, made
 * the way git names its objects. The URI in it is in its canonical form.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/error.h"
#include "source/hash.h"
#include "source/layouts/sqitch-plan.h"

#define INFO_MAX (16u * 1024u * 1024u)

/* ---- the URI --------------------------------------------------------------------------------- */

/* Schemes whose host is not told by upper and lower case, and their port. */
static const struct {
    const char *scheme, *port;
} servers[] = {{"http", "80"}, {"https", "443"}, {"ftp", "21"},   {"ssh", "22"},
               {"sftp", "22"}, {"rsync", "873"}, {"telnet", "23"}};

static bool is_unreserved(int c)
{
    return isascii(c) && (isalnum(c) || (c && strchr("-_.!~*'()", c)));
}

/* Other schemes may have rules of their own; a host is never written with escapes. */
bool sqitch_uri(const char *text, size_t len)
{
    static const char *const others[] = {"file", "git", "git+ssh", "mailto",
                                         "news", "svn", "svn+ssh"};
    size_t scheme = strcspn(text, ":/?#\r\n"), authority = 0;
    bool known = scheme >= len || text[scheme] != ':';

    for (size_t i = 0; i < len; i++) {
        if (!is_unreserved((unsigned char)text[i]) &&
            !(text[i] && strchr(";/?:@&=+$,[]%", text[i])))
            return false;
    }
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
        known = known || (strlen(servers[i].scheme) == scheme &&
                          strncasecmp(text, servers[i].scheme, scheme) == 0);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        known = known || (strlen(others[i]) == scheme && strncasecmp(text, others[i], scheme) == 0);
    if (len > scheme + 3 && strncmp(text + scheme, "://", 3) == 0) {
        size_t rest = len - scheme - 3;

        authority = strcspn(text + scheme + 3, "/?\r\n");
        authority = authority < rest ? authority : rest;
    }
    return len > 0 && known && (!authority || !memchr(text + scheme + 3, '%', authority));
}

/* Escapes in upper case, and none for what needs none. */
static void add_escaped(struct buf *b, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char hex[3] = "";

        if (text[i] != '%' || i + 2 >= len || !isxdigit((unsigned char)text[i + 1]) ||
            !isxdigit((unsigned char)text[i + 2])) {
            buf_addc(b, text[i]);
            continue;
        }
        hex[0] = text[i + 1];
        hex[1] = text[i + 2];
        if (is_unreserved((int)strtol(hex, NULL, 16)))
            buf_addc(b, (char)strtol(hex, NULL, 16));
        else
            buf_addf(b, "%%%c%c", toupper((unsigned char)hex[0]), toupper((unsigned char)hex[1]));
        i += 2;
    }
}

/* Without the port where it is the usual one. */
static void add_authority(struct buf *b, const char *text, size_t len, const char *port)
{
    const char *at = text;
    size_t host = len, n = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '@')
            at = text + i + 1;
    }
    while (n < len && isdigit((unsigned char)text[len - 1 - n]))
        n++;
    if (n < len && text[len - 1 - n] == ':') {
        size_t zeros = n ? strspn(text + len - n, "0") : 0;

        if (n == 0 ||
            (n - zeros == strlen(port) && strncmp(text + len - n + zeros, port, n - zeros) == 0))
            host = len - n - 1;
    }
    add_escaped(b, text, (size_t)(at - text));
    for (size_t i = (size_t)(at - text); i < host; i++)
        buf_addc(b, (char)tolower((unsigned char)text[i]));
}

static void uri_canonical(struct buf *b, const char *uri)
{
    size_t scheme = strcspn(uri, ":/?#"), len = strlen(uri), authority;
    const char *port = NULL;

    if (uri[scheme] != ':') {
        add_escaped(b, uri, len);
        return;
    }
    for (size_t i = 0; i < scheme; i++)
        buf_addc(b, (char)tolower((unsigned char)uri[i]));
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        if (strlen(servers[i].scheme) == scheme && strncasecmp(servers[i].scheme, uri, scheme) == 0)
            port = servers[i].port;
    }
    uri += scheme;
    if (!port || strncmp(uri, "://", 3) != 0) {
        add_escaped(b, uri, strlen(uri));
        return;
    }
    uri += 3;
    buf_adds(b, "://");
    authority = strcspn(uri, "/?#");
    add_authority(b, uri, authority, port);
    uri += authority;
    if (!*uri && strstr(buf_str(b), "http") == buf_str(b))
        buf_addc(b, '/');
    add_escaped(b, uri, strlen(uri));
}

/* ---- ids ------------------------------------------------------------------------------------- */

static void add_planned(struct buf *b, const struct sqitch_planned *p)
{
    buf_addf(b, "\nplanner %s <%s>\ndate %s", p->name, p->email, p->date);
}

/* To sqitch a note that is "0" is none. */
static void add_note(struct buf *b, const char *note)
{
    if (*note && strcmp(note, "0") != 0)
        buf_addf(b, "\n\n%s", note);
}

static void add_depends(struct buf *b, const struct sqitch_change *c, bool conflict)
{
    bool any = false;

    for (size_t i = 0; i < c->ndepends; i++) {
        if (c->depends[i].conflict != conflict)
            continue;
        if (!any)
            buf_adds(b, conflict ? "\nconflicts" : "\nrequires");
        any = true;
        buf_addf(b, "\n  %c %s", conflict ? '-' : '+', c->depends[i].text);
    }
}

static int hash(struct buf *info, const char *what, char id[SQITCH_ID_SIZE],
                struct dunlin_error *err)
{
    struct buf head = BUF_INIT(100);
    struct digest d;

    buf_addf(&head, "%s %zu", what, info->len);
    if (head.failed || info->failed) {
        buf_free(&head);
        return error_nomem(err);
    }
    digest_init(&d, SUM_SHA1);
    digest_add(&d, buf_str(&head), head.len + 1); /* with its NUL */
    digest_add(&d, buf_str(info), info->len);
    digest_end_hex(&d, id);
    buf_free(&head);
    return DUNLIN_OK;
}

int sqitch_identify(struct sqitch_plan *p, struct dunlin_error *err)
{
    struct buf info = BUF_INIT(INFO_MAX), project = BUF_INIT(INFO_MAX);
    int rc = DUNLIN_OK;

    buf_addf(&project, "project %s", p->project);
    if (p->uri) {
        struct buf uri = BUF_INIT(INFO_MAX);

        uri_canonical(&uri, p->uri);
        buf_addf(&project, "\nuri %s", buf_str(&uri));
        project.failed = project.failed || uri.failed;
        buf_free(&uri);
    }
    for (size_t i = 0; !rc && i < p->count; i++) {
        struct sqitch_change *c = &p->changes[i];

        buf_clear(&info);
        buf_addf(&info, "%s\nchange %s", buf_str(&project), c->name);
        if (i > 0)
            buf_addf(&info, "\nparent %s", c[-1].id);
        add_planned(&info, &c->planned);
        add_depends(&info, c, false);
        add_depends(&info, c, true);
        add_note(&info, c->planned.note);
        rc = project.failed ? error_nomem(err) : hash(&info, "change", c->id, err);
    }
    for (size_t i = 0; !rc && i < p->ntags; i++) {
        struct sqitch_tag *t = &p->tags[i];

        buf_clear(&info);
        buf_addf(&info, "%s\ntag %s\nchange %s", buf_str(&project), t->name,
                 p->changes[t->change].id);
        add_planned(&info, &t->planned);
        add_note(&info, t->planned.note);
        rc = hash(&info, "tag", t->id, err);
    }
    buf_free(&info);
    buf_free(&project);
    return rc;
}
