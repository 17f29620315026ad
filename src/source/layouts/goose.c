/* SPDX-License-Identifier: MIT */
/*
 * goose: N_name.sql, known by its number; a line that is a comment and holds "+goose" is an
 * annotation. Where a statement ends goose is told by StatementBegin and End; dunlin knows by
 * itself, so these are checked and left out.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"
#include "source/rewrite.h"

static const char *goose_recognise(struct glance *g)
{
    return glance_line(g, "-- +goose ") ? "a line \"-- +goose\"" : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t digits = leading_digits(name), stem;
    struct migration *m;
    int rc = DUNLIN_OK;

    if (folder || (digits > 0 && listing_foreign(l, name, &rc, err)))
        return rc;
    if (!name_ends(name, ".sql", &stem))
        return DUNLIN_OK;
    if (digits == 0 || name[digits] != '_' || strspn(name, "0") == digits) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "%s/%s has no version: goose wants a number from 1 on, and \"_\"",
                  l->folder->path, name);
        error_hint(err, "rename or remove it");
        return DUNLIN_BAD_FILE;
    }
    m = listing_add(l, name, digits);
    if (!m)
        return error_nomem(err);
    m->key = digits_trim(m->version);
    m->name = listing_text(l, name + digits + 1, stem - digits - 1, 0, 0);
    return m->name ? listing_file(l, name, PART_BY_NAME, &m->up, err) : error_nomem(err);
}

static int goose_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                      struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    return listing_done(&l, by_number, rc, err);
}

/* ---- annotations ----------------------------------------------------------------------------- */

enum { BEFORE = 0, UP, DOWN };
enum { SEEN_OPEN = 1, SEEN_ENVSUB = 2 };

/* The annotation in a line, with every "--" and one "+goose" taken away; false = it is none. */
static bool annotation(const char *line, size_t len, char *out, size_t size)
{
    const char *at = line;
    size_t n = len, used = 0;
    bool named = false;

    text_trim(&at, &n);
    if (n < 2 || memcmp(at, "--", 2) != 0)
        return false;
    for (size_t i = 0; i < n && used + 1 < size;) {
        if (i + 2 <= n && memcmp(at + i, "--", 2) == 0) {
            i += 2;
        } else if (!named && i + 6 <= n && memcmp(at + i, "+goose", 6) == 0) {
            i += 6;
            named = true;
        } else {
            out[used++] = at[i++];
        }
    }
    out[used] = '\0';
    while (used && out[used - 1] == ' ')
        out[--used] = '\0';
    used = strspn(out, " \t");
    memmove(out, out + used, strlen(out + used) + 1);
    return named;
}

static int section(struct rewrite *w, int to, struct dunlin_error *err)
{
    if (to == UP ? w->at != BEFORE : w->at != UP)
        return rewrite_refuse(w, err, "goose wants one Up section, and behind it at most one Down",
                              "a second %s section, or one out of order",
                              to == UP ? "Up" : "Down");
    if (w->seen & SEEN_OPEN)
        return rewrite_refuse(w, err, NULL, "StatementBegin in line %u has no StatementEnd",
                              w->kept);
    w->at = to;
    rewrite_mark(w, to == UP ? "up" : "down");
    return DUNLIN_OK;
}

static int statement(struct rewrite *w, bool begin, struct dunlin_error *err)
{
    bool open = w->seen & SEEN_OPEN;

    if (w->at == BEFORE || open == begin)
        return rewrite_refuse(w, err, NULL, "%s",
                              !begin      ? "StatementEnd without a StatementBegin"
                              : open      ? "StatementBegin inside another one"
                                          : "StatementBegin before the Up section");
    w->seen ^= SEEN_OPEN;
    w->kept = w->line;
    return DUNLIN_OK;
}

static int obey(struct rewrite *w, const char *what, struct dunlin_error *err)
{
    if (strcasecmp(what, "Up") == 0)
        return section(w, UP, err);
    if (strcasecmp(what, "Down") == 0)
        return section(w, DOWN, err);
    if (strcasecmp(what, "StatementBegin") == 0)
        return statement(w, true, err);
    if (strcasecmp(what, "StatementEnd") == 0)
        return statement(w, false, err);
    if (strcasecmp(what, "NO TRANSACTION") == 0)
        rewrite_mark(w, "all transaction:off");
    else if (strcasecmp(what, "ENVSUB ON") == 0)
        w->seen |= SEEN_ENVSUB;
    else if (strcasecmp(what, "ENVSUB OFF") == 0)
        w->seen &= ~(unsigned)SEEN_ENVSUB;
    else
        return rewrite_refuse(w, err,
                              "annotations are Up, Down, StatementBegin, StatementEnd, "
                              "NO TRANSACTION, ENVSUB ON and ENVSUB OFF",
                              "unknown annotation of goose \"%.100s\"", what);
    return DUNLIN_OK;
}

static int goose_rewrite(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    char what[256];

    if (!line) {
        if (w->seen & SEEN_OPEN)
            return rewrite_refuse(w, err, NULL, "StatementBegin in line %u has no StatementEnd",
                                  w->kept);
        return w->at == BEFORE
                   ? rewrite_refuse(w, err, "begin it with \"-- +goose Up\"", "no Up section")
                   : DUNLIN_OK;
    }
    if (!annotation(line, len, what, sizeof(what)))
        return w->seen & SEEN_ENVSUB ? environment_expand(w, line, len, err) : DUNLIN_OK;
    if (len && (*line == ' ' || *line == '\t'))
        return rewrite_refuse(w, err, "put it at the start of its line",
                              "an annotation of goose behind blank");
    return obey(w, what, err);
}

const struct layout goose_layout = {.name = "goose",
                                    .tool = "goose",
                                    .listed = true,
                                    .whole_lines = true,
                                    .recognise = goose_recognise,
                                    .list = goose_list,
                                    .rewrite = goose_rewrite};
