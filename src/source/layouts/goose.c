/* SPDX-License-Identifier: MIT */
/*
 * goose: N_name.sql, known by its number; a line that is a comment and holds "+goose" is an
 * annotation. Where a statement ends goose is told by StatementBegin and End; dunlin knows by
 * itself, so these are checked and left out.
 */
#include <stdio.h>
#include <stdlib.h>
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

/* Known by its number, in whatever language it is. */
static int add(struct listing *l, const char *name, size_t digits, bool program,
               struct dunlin_error *err)
{
    struct migration *m = listing_add(l, name, digits);
    size_t words = digits + 1;

    if (!m)
        return error_nomem(err);
    m->key = digits_trim(m->version);
    m->name = listing_text(l, name + words, (size_t)(name_extension(name) - name) - words, 0, 0);
    m->up.program = program;
    return m->name ? listing_file(l, name, program ? PART_UP : PART_BY_NAME, &m->up, err)
                   : error_nomem(err);
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t digits = leading_digits(name), stem;
    bool sql = name_ends(name, ".sql", &stem), exec = l->folder->foreign_code == FOREIGN_CODE_EXEC;
    int rc = DUNLIN_OK;

    if (folder || name_ends(name, "_test.go", &stem) || (!sql && (digits == 0 || !code_name(name))))
        return DUNLIN_OK;
    if (!sql && !exec) {
        (void)listing_foreign(l, name, &rc, err);
        return rc;
    }
    if (digits && name[digits] == '_' && strspn(name, "0") < digits)
        return add(l, name, digits, !sql, err);
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "%s/%s has no version: goose wants a number from 1 on, and \"_\"", l->folder->path,
              name);
    error_hint(err, "rename or remove it");
    return DUNLIN_BAD_FILE;
}

/* Two of one number that are not written alike. */
static int check_numbers(struct listing *l, struct dunlin_error *err)
{
    if (l->count > 1)
        qsort(l->list, l->count, sizeof(*l->list), by_number);
    for (size_t i = 1; i < l->count; i++) {
        const struct migration *m = &l->list[i], *before = m - 1;

        if (!m->key || !before->key || strcmp(m->key, before->key) != 0)
            continue;
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "two files of %s have version %s: %s and %s", l->folder->path, m->key,
                  before->up.name, m->up.name);
        error_hint(err, "renumber the newer one, or delete one of them");
        return source_refused(l->folder, DUNLIN_BAD_FILE, true, err);
    }
    return DUNLIN_OK;
}

static int goose_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                      struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    if (rc == DUNLIN_OK)
        rc = check_numbers(&l, err);
    return listing_done(&l, NULL, rc, err);
}

/* ---- annotations ----------------------------------------------------------------------------- */

enum { BEFORE = 0, UP, DOWN };
enum { SEEN_OPEN = 1, SEEN_ENVSUB = 2, SEEN_TEXT = 4 };

static bool is_comment(const char *line, size_t len)
{
    text_trim(&line, &len);
    return len >= 2 && memcmp(line, "--", 2) == 0;
}

/* The annotation in a line, with every "--" and one "+goose" taken away; false = it is none. */
static bool annotation(const char *line, size_t len, char *out, size_t size)
{
    const char *text = out;
    size_t used = 0;
    bool named = false;

    if (!is_comment(line, len))
        return false;
    for (size_t i = 0; i < len && used + 1 < size;) {
        if (i + 2 <= len && memcmp(line + i, "--", 2) == 0) {
            i += 2;
        } else if (!named && i + 6 <= len && memcmp(line + i, "+goose", 6) == 0) {
            i += 6;
            named = true;
        } else {
            out[used++] = line[i++];
        }
    }
    text_trim(&text, &used);
    memmove(out, text, used);
    out[used] = '\0';
    return named;
}

static int section(struct rewrite *w, int to, struct dunlin_error *err)
{
    if (to == UP ? w->at != BEFORE : w->at != UP)
        return rewrite_refuse(w, err, "goose wants one Up section, and behind it at most one Down",
                              "a second %s section, or one out of order", to == UP ? "Up" : "Down");
    if (w->seen & SEEN_OPEN)
        return rewrite_refuse(w, err, NULL, "StatementBegin in line %u has no StatementEnd",
                              w->kept);
    w->at = to;
    w->seen &= ~(unsigned)SEEN_TEXT;
    rewrite_mark(w, to == UP ? "up" : "down");
    return DUNLIN_OK;
}

static int statement(struct rewrite *w, bool begin, struct dunlin_error *err)
{
    bool open = w->seen & SEEN_OPEN;

    if (w->at == BEFORE || open == begin)
        return rewrite_refuse(w, err, NULL, "%s",
                              !begin ? "StatementEnd without a StatementBegin"
                              : open ? "StatementBegin inside another one"
                                     : "StatementBegin before the Up section");
    w->seen ^= SEEN_OPEN;
    w->kept = w->line;
    if (!begin) { /* it ends a statement also where that has no semicolon */
        w->seen &= ~(unsigned)SEEN_TEXT;
        rewrite_text(w, ";", 1);
    } else {
        rewrite_drop(w);
    }
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
    rewrite_drop(w);
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

/* Whether goose takes the line as the end of a statement: by its last word before a comment. */
static bool ends_statement(const char *line, size_t len)
{
    char last = 0;

    for (size_t i = 0; i < len; i++) {
        bool blank = line[i] == ' ' || (line[i] >= '\t' && line[i] <= '\r');
        bool first = i == 0 || line[i - 1] == ' ' || (line[i - 1] >= '\t' && line[i - 1] <= '\r');

        if (first && len - i >= 2 && memcmp(line + i, "--", 2) == 0)
            break;
        if (!blank)
            last = line[i];
    }
    return last == ';';
}

/* A line of text. Comments between statements are none to goose: a dollar sign in them is free. */
static int text_line(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    size_t from = w->out.len;
    int rc;

    if (!(w->seen & SEEN_TEXT) && (len == 0 || is_comment(line, len)))
        return DUNLIN_OK;
    w->seen |= SEEN_TEXT;
    if (!(w->seen & SEEN_ENVSUB)) {
        if (!(w->seen & SEEN_OPEN) && ends_statement(line, len))
            w->seen &= ~(unsigned)SEEN_TEXT;
        return DUNLIN_OK;
    }
    rc = environment_expand(w, line, len, err);
    if (!rc && !(w->seen & SEEN_OPEN) && w->out.len > from &&
        ends_statement(w->out.data + from, w->out.len - from))
        w->seen &= ~(unsigned)SEEN_TEXT;
    return rc;
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
        return text_line(w, line, len, err);
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
