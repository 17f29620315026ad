/* SPDX-License-Identifier: MIT */
/*
 * The sum of a file goes over names and texts of all files up to it, so that a file that is
 * changed, added or missing anywhere shows; the first line of atlas.sum is a sum over the others.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <nettle/base64.h>

#include "base/error.h"
#include "source/hash.h"
#include "source/layouts/atlas.h"

#define SUM_MAX (64u * 1024u * 1024u)

/* ---- the head of a file ---------------------------------------------------------------------- */

bool atlas_directive(const char *line, size_t len, struct atlas_directive *out)
{
    size_t printable = 0, n = 0;

    while (printable < len && line[printable] >= ' ' && line[printable] <= '~')
        printable++;
    for (size_t at = printable; at-- > 0;) {
        const char *name = line + at + 6;

        if (len - at < 7 || memcmp(line + at, "atlas:", 6) != 0)
            continue;
        len -= at + 6;
        while (n < len && (isalnum((unsigned char)name[n]) || name[n] == '_'))
            n++;
        if (n == 0)
            return false;
        out->prefix = at;
        text_copy(out->name, sizeof(out->name), name, n);
        while (n < len && name[n] == ' ')
            n++;
        out->value = name + n;
        out->len = len - n;
        return true;
    }
    return false;
}

static void delimiter_set(struct atlas_file *f, const char *value, size_t len)
{
    char text[128];
    size_t n = 0;

    f->delimited = true;
    for (size_t i = 0; i < len && n < sizeof(text); i++) {
        char next = value[i] == '\\' && i + 1 < len ? value[i + 1] : 0;

        text[n++] = next == 'n' ? '\n' : next == 'r' ? '\r' : next == 't' ? '\t' : value[i];
        i += next == 'n' || next == 'r' || next == 't';
    }
    f->unknown = n == sizeof(text) || !delimiter_init(&f->delimiter, text, n);
}

static void first_line(struct atlas_file *f, const char *line, size_t len)
{
    struct atlas_directive d;

    if (!atlas_directive(line, len, &d))
        return;
    if (strcmp(d.name, "sum") == 0)
        f->unsummed = d.len == 6 && memcmp(d.value, "ignore", 6) == 0;
    if (strcmp(d.name, "delimiter") == 0 && d.prefix == 3 && memcmp(line, "-- ", 3) == 0)
        delimiter_set(f, d.value, d.len);
}

/* Comments at the start are directives of the file where an empty line, or nothing, follows. */
static void head_read(struct atlas_file *f, const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    bool checkpoint = false;
    uint32_t lines = 0;

    for (bool first = true; at < end; first = false) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((lf ? lf : end) - at);
        struct atlas_directive d;

        if (first)
            first_line(f, at, n);
        if (n == 0 || (*at != '#' && (n < 2 || memcmp(at, "--", 2) != 0)))
            break;
        if (atlas_directive(at, n, &d) && strcmp(d.name, "checkpoint") == 0)
            checkpoint = true;
        lines++;
        at = lf ? lf + 1 : end;
    }
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if (at == end || *at == '\n') {
        f->head = lines;
        f->checkpoint = checkpoint;
    }
}

/* ---- sums ------------------------------------------------------------------------------------ */

struct reading {
    struct digest *sum;
    struct atlas_file *file;
    bool begun;
};

static void add(void *user, const char *data, size_t len)
{
    struct reading *r = user;

    if (!r->begun)
        head_read(r->file, data, len);
    r->begun = true;
    if (!r->file->unsummed)
        digest_add(r->sum, data, len);
}

static void base64(const struct digest *d, char out[ATLAS_HASH])
{
    uint8_t bytes[64];

    base64_encode_raw(out, digest_peek(d, bytes), bytes);
    out[ATLAS_HASH - 1] = '\0';
}

static int mismatch(const struct folder *f, uint32_t line, const char *file, const char *what,
                    struct dunlin_error *err)
{
    char place[4096];

    snprintf(place, sizeof(place), "%s/" ATLAS_SUM, f->path);
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              ATLAS_SUM " does not fit the folder: %.200s%s", file, what);
    error_place(err, place, line, 1);
    error_hint(err, "bring the folder back as it was; or, if it is meant to be so, write the sums "
                    "anew: atlas migrate hash");
    error_state(err, "nothing was run");
    return DUNLIN_BAD_FILE;
}

/* The next of the migrations that have a sum. */
static const struct migration *summed(const struct listing *l, size_t *i)
{
    while (*i < l->count) {
        const struct migration *m = &l->list[(*i)++];
        const struct atlas_file *f = m->extra;

        if (f->hash[0])
            return m;
    }
    return NULL;
}

static int compare_line(const struct listing *l, const struct migration *m, const char *line,
                        size_t len, uint32_t number, struct dunlin_error *err)
{
    const char *hash = strstr(line, "h1:");
    size_t name = hash ? (size_t)(hash - line) : 0;
    char known[256];

    if (!hash || name >= len)
        return mismatch(l->folder, number, "this is no name with a sum", "", err);
    text_trim(&line, &name);
    text_copy(known, sizeof(known), line, name);
    len -= (size_t)(hash - line) + 3;
    if (m && strcmp(m->up.name, known) == 0)
        return len == ATLAS_HASH - 1 &&
                       memcmp(hash + 3, ((const struct atlas_file *)m->extra)->hash, len) == 0
                   ? DUNLIN_OK
                   : mismatch(l->folder, number, known, " was changed", err);
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->list[i].up.name, known) == 0)
            return mismatch(l->folder, number, m ? m->up.name : known, " was added", err);
    }
    return mismatch(l->folder, number, known, " is missing", err);
}

/* Folder and sums side by side; the sum over the sums comes last, as it tells least. */
static int compare(const struct listing *l, const char *text, struct dunlin_error *err)
{
    const struct migration *m;
    const char *line, *first = "";
    size_t i = 0, len, first_len = 0;
    char total[ATLAS_HASH];
    struct digest all;
    uint32_t number = 1;
    int rc = DUNLIN_OK;

    digest_init(&all, SUM_SHA256);
    (void)next_line(&text, &first, &first_len);
    while (!rc && next_line(&text, &line, &len)) {
        m = summed(l, &i);
        rc = compare_line(l, m, line, len, ++number, err);
        if (!rc && m) {
            digest_add(&all, m->up.name, strlen(m->up.name));
            digest_add(&all, ((const struct atlas_file *)m->extra)->hash, ATLAS_HASH - 1);
        }
    }
    if (rc)
        return rc;
    m = summed(l, &i);
    if (m)
        return mismatch(l->folder, number + 1, m->up.name, " was added", err);
    base64(&all, total);
    if (first_len > 3 && memcmp(first, "h1:", 3) == 0) {
        first += 3;
        first_len -= 3;
    }
    return first_len == ATLAS_HASH - 1 && memcmp(first, total, first_len) == 0
               ? DUNLIN_OK
               : mismatch(l->folder, 1, "the sum over the sums", " is not that of these lines",
                          err);
}

static int check(const struct listing *l, struct dunlin_error *err)
{
    struct buf text = BUF_INIT(SUM_MAX);
    int rc = DUNLIN_OK;

    if (!folder_lacks(l->folder, ATLAS_SUM)) {
        rc = folder_read(l->folder, ATLAS_SUM, &text, err);
        if (!rc)
            rc = compare(l, buf_str(&text), err);
    } else if (l->count > 0) {
        rc = error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/" ATLAS_SUM " does not exist",
                       l->folder->path);
        error_hint(err, "bring it back, or write it anew: atlas migrate hash");
        error_state(err, "nothing was run");
    }
    buf_free(&text);
    return source_refused(l->folder, rc, false, err);
}

int atlas_read(struct listing *l, struct dunlin_error *err)
{
    struct digest sum;
    int rc = DUNLIN_OK;

    digest_init(&sum, SUM_SHA256);
    for (size_t i = 0; !rc && i < l->count; i++) {
        struct migration *m = &l->list[i];
        struct atlas_file *f = arena_calloc(l->arena, 1, sizeof(*f));
        struct reading r = {.sum = &sum, .file = f};

        if (!f)
            return error_nomem(err);
        m->extra = m->up.extra = f;
        digest_add(&sum, m->up.name, strlen(m->up.name));
        rc = file_bytes(&m->up, add, &r, err);
        if (!rc && !f->unsummed)
            base64(&sum, f->hash);
    }
    return rc ? rc : check(l, err);
}
