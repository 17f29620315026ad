/* SPDX-License-Identifier: MIT */
/*
 * graphile-migrate: committed/N-message.sql, known by N.sql. The head of each file has its hash and
 * that of the file before it, so that a file that was edited or left out shows. Placeholders become
 * dunlin's, whose values the caller gives. What is not committed is not run.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/layouts/committed.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"
#include "source/rewrite.h"

#define COMMITTED "committed"
#define FILE_MAX (256u * 1024u * 1024u) /* bytes: it is hashed as a whole */
/* "000001-create-hives.sql"; digits gets how many there are. */
static bool committed_name(const char *name, size_t *digits, size_t *stem)
{
    size_t n = leading_digits(name);

    *digits = n;
    if (n == 0 || !name_ends(name, ".sql", stem))
        return false;
    if (n < *stem && name[n] != '-')
        return false;
    while (n < *stem && (isalnum((unsigned char)name[n]) || name[n] == '-' || name[n] == '_'))
        n++;
    return n == *stem;
}

static int look_for_name(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    size_t digits, stem;
    bool *found = user;

    (void)err;
    *found = *found || (!folder && committed_name(name, &digits, &stem));
    return DUNLIN_OK;
}

static const char *graphile_recognise(struct glance *g)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    bool found = false;

    if (glance_line(g, "--! Previous:"))
        return "a line \"--! Previous:\"";
    if (!folder_has_folder(g->folder, COMMITTED))
        return NULL;
    (void)folder_entries(g->folder, COMMITTED, look_for_name, &found, &ignored);
    return found ? "its folder " COMMITTED : NULL;
}

/* ---- files ------------------------------------------------------------------------------------
 */

/* ":NAME" in capitals, where it can be nothing else; the names that are always there anywhere. */
static size_t placeholder(const char *text, size_t at, size_t len)
{
    size_t n = 1;

    if (text[at] != ':' || at + 1 >= len || !isupper((unsigned char)text[at + 1]))
        return 0;
    while (at + n < len && (isupper((unsigned char)text[at + n]) ||
                            isdigit((unsigned char)text[at + n]) || text[at + n] == '_'))
        n++;
    if (at + n < len && isalnum((unsigned char)text[at + n]))
        return 0;
    if ((n == 14 && memcmp(text + at, ":DATABASE_NAME", n) == 0) ||
        (n == 15 && memcmp(text + at, ":DATABASE_OWNER", n) == 0))
        return n;
    return n > 2 && (at == 0 || (!isalnum((unsigned char)text[at - 1]) && text[at - 1] != '_' &&
                                 text[at - 1] != ':'))
               ? n
               : 0;
}

static bool has_placeholder(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (placeholder(text, i, len))
            return true;
    }
    return false;
}

static int file_read(struct migration *m, struct listing *l, const struct committed *before,
                     struct dunlin_error *err)
{
    struct committed *c = arena_calloc(l->arena, 1, sizeof(*c));
    struct buf text = BUF_INIT(FILE_MAX);
    const char *body = "";
    int rc = c ? folder_read(l->folder, m->up.name, &text, err) : error_nomem(err);

    if (!rc && strlen(buf_str(&text)) != text.len)
        rc = error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s: there is a NUL byte in it",
                       m->up.path);
    if (!rc)
        rc = committed_read(m, buf_str(&text), before, c, &body, err);
    if (!rc && has_placeholder(body, strlen(body)))
        m->up.options = "substitute:on";
    buf_free(&text);
    m->extra = m->up.extra = c;
    return rc;
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    const char *below = l->user;
    size_t digits, stem;
    struct migration *m;
    char way[600];

    if (folder || !committed_name(name, &digits, &stem))
        return DUNLIN_OK;
    m = listing_add(l, name, digits);
    if (!m)
        return error_nomem(err);
    m->key = arena_printf(l->arena, "%s.sql", m->version);
    m->name = listing_text(l, name + digits, stem - digits, 0, 0);
    if (!m->key || !m->name)
        return error_nomem(err);
    m->name += *m->name == '-';
    snprintf(way, sizeof(way), "%s%s%s", below ? below : "", below ? "/" : "", name);
    return listing_file(l, way, PART_UP, &m->up, err);
}

/* The folder is that of the project's migrations, or the one in it. */
static int graphile_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                         struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    char below[] = COMMITTED;
    int rc;

    (void)unnumbered;
    l.user = folder_lacks_folder(f, COMMITTED) ? NULL : below;
    rc = folder_entries(f, l.user, entry, &l, err);
    rc = listing_done(&l, by_locale, rc, err);
    for (size_t i = 0; !rc && i < f->count; i++) {
        struct migration *m = &f->migrations[i];

        l.folder = f;
        rc = file_read(m, &l, i > 0 ? m[-1].extra : NULL, err);
        rc = source_refused(f, rc, false, err);
    }
    return rc;
}

static int graphile_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                             struct dunlin_error *err)
{
    const struct committed *c = m->extra;

    (void)err;
    snprintf(out, FOREIGN_SUM_SIZE, "%s", c ? c->hash : "");
    return DUNLIN_OK;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* ":NAME" becomes "${NAME}", and what looks like one of these stays what it is. */
static int placeholders(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    struct buf out = BUF_INIT(4 * REWRITE_WHOLE_MAX);
    size_t n;

    for (size_t i = 0; i < len; i++) {
        if (line[i] == '$' && i + 1 < len && line[i + 1] == '{') {
            buf_adds(&out, "$$");
        } else if ((n = placeholder(line, i, len)) > 0) {
            buf_addf(&out, "${%.*s}", (int)(n - 1), line + i + 1);
            i += n - 1;
        } else {
            buf_addc(&out, line[i]);
        }
    }
    if (!out.failed)
        rewrite_text(w, buf_str(&out), out.len);
    n = out.failed;
    buf_free(&out);
    return n ? error_nomem(err) : DUNLIN_OK;
}

/* A header that came along when a committed file was copied into current.sql: no directive. */
static bool pasted_header(const char *what, size_t len)
{
    static const char *const names[] = {"Previous:", "Hash:", "Message:", "AllowInvalidHash"};
    const char *rest;
    size_t left;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (text_begins(what, len, names[i], &rest, &left))
            return true;
    }
    return false;
}

/* A "--!" line of the body; what is no directive stays as it is. */
static int directive(struct rewrite *w, const char *what, size_t len, struct dunlin_error *err)
{
    const struct committed *c = w->file->extra;
    const char *rest;
    size_t left;

    if (text_begins(what, len, "split:", &rest, &left) ||
        text_begins(what, len, "Included ", &rest, &left) ||
        text_begins(what, len, "EndIncluded ", &rest, &left) || pasted_header(what, len))
        return DUNLIN_OK;
    if (text_begins(what, len, "include ", &rest, &left))
        return rewrite_refuse(w, err, "graphile-migrate commit does that",
                              "an include that was not put in: graphile-migrate passes over it");
    if (!text_begins(what, len, "no-transaction", &rest, &left) ||
        (left && (isalnum((unsigned char)*rest) || *rest == '_') && rest == what + 14))
        return rewrite_refuse(
            w, err, "graphile-migrate has no-transaction, split, Included and EndIncluded",
            "unknown directive of graphile-migrate \"--! %.*s\"", (int)(len > 100 ? 100 : len),
            what);
    if (c && w->line != c->first)
        return rewrite_refuse(w, err, "graphile-migrate passes over it anywhere else",
                              "no-transaction is not the first line of the body");
    rewrite_mark(w, "all transaction:off");
    return DUNLIN_OK;
}

static int graphile_rewrite(struct rewrite *w, const char *line, size_t len,
                            struct dunlin_error *err)
{
    const struct committed *c = w->file->extra;
    const char *rest;
    size_t left;

    if (!line || (c && w->line <= c->lines))
        return DUNLIN_OK;
    if (text_begins(line, len, "--!", &rest, &left))
        return directive(w, rest, left, err);
    return w->file->options ? placeholders(w, line, len, err) : DUNLIN_OK;
}

const struct layout graphile_migrate_layout = {.name = "graphile-migrate",
                                               .tool = "graphile-migrate",
                                               .listed = true,
                                               .whole_lines = true,
                                               .recognise = graphile_recognise,
                                               .list = graphile_list,
                                               .rewrite = graphile_rewrite,
                                               .checksum = graphile_checksum};
