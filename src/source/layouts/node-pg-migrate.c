/* SPDX-License-Identifier: MIT */
/*
 * node-pg-migrate: N_name.sql, known by the name without its extension. A comment "Up Migration"
 * begins what goes up and "Down Migration" what goes down; only the first of each counts. Pairs of
 * .up.sql and .down.sql have no such comments.
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"
#include "source/rewrite.h"

static const char *node_pg_migrate_recognise(struct glance *g)
{
    return glance_line(g, "-- Up Migration") ? "a line \"-- Up Migration\"" : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int without_number(const struct listing *l, const char *name, struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "%s/%s has no number: node-pg-migrate orders files by the digits they begin with",
              l->folder->path, name);
    error_hint(err, "rename or remove it");
    return DUNLIN_BAD_FILE;
}

static const char *words_of(const char *version)
{
    size_t digits = leading_digits(version);

    return version + digits + strspn(version + digits, "_-");
}

static int add(struct listing *l, const char *name, size_t stem, enum file_part part,
               struct dunlin_error *err)
{
    struct migration *m = listing_add(l, name, stem);

    if (!m)
        return error_nomem(err);
    m->name = words_of(m->version);
    return listing_file(l, name, part, part == PART_DOWN ? &m->down : &m->up, err);
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t digits = leading_digits(name), before = l->count, stem;
    int rc = DUNLIN_OK;

    if (folder)
        return DUNLIN_OK;
    if (digits > 0 && listing_foreign(l, name, &rc, err)) {
        if (!rc && l->count > before)
            l->list[before].name = words_of(l->list[before].version);
        return rc;
    }
    if (!name_ends(name, ".sql", &stem))
        return DUNLIN_OK;
    if (digits == 0)
        return without_number(l, name, err);
    if (name_ends(name, ".up.sql", &stem))
        return add(l, name, stem, PART_UP, err);
    if (name_ends(name, ".down.sql", &stem))
        return add(l, name, stem, PART_DOWN, err);
    return add(l, name, stem, PART_BY_NAME, err);
}

/* ---- order ----------------------------------------------------------------------------------- */

static int64_t part_of(const char *text, size_t from, size_t len)
{
    int64_t number = 0;

    for (size_t i = from; i < from + len; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

/* The time that 17 digits say, in milliseconds since 1970, as they stand for one beside those. */
static double time_of(const char *digits)
{
    int64_t year = part_of(digits, 0, 4), month = part_of(digits, 4, 2), day;

    year -= month <= 2; /* a year that begins in March, so that a leap day is its last */
    day = 365 * year + year / 4 - year / 100 + year / 400 +
          (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + part_of(digits, 6, 2) - 719469;
    return (double)(day * 86400000 + part_of(digits, 8, 2) * 3600000 +
                    part_of(digits, 10, 2) * 60000 + part_of(digits, 12, 5));
}

static double number_of(const char *version)
{
    size_t digits = leading_digits(version);
    double number = 0;

    if (digits == 17)
        return time_of(version);
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (version[i] - '0');
    return number;
}

static const char *skip_punctuation(const char *at)
{
    while (*at && strchr(" _-,;:!?.'\"()[]{}@*/\\&#%", *at))
        at++;
    return at;
}

/* Compares the numbers at both places and moves behind them. */
static int digits_order(const char **a, const char **b)
{
    size_t na, nb;
    int order;

    *a += strspn(*a, "0");
    *b += strspn(*b, "0");
    na = leading_digits(*a);
    nb = leading_digits(*b);
    order = na != nb ? (na < nb ? -1 : 1) : strncmp(*a, *b, na);
    *a += na;
    *b += nb;
    return order;
}

/* JavaScript's localeCompare with numeric and ignorePunctuation. */
static int words_order(const char *a, const char *b)
{
    int order = 0, cases = 0;

    for (;;) {
        char one[2] = {0}, other[2] = {0};

        a = skip_punctuation(a);
        b = skip_punctuation(b);
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            order = digits_order(&a, &b);
            if (order)
                return order;
            continue;
        }
        one[0] = (char)tolower((unsigned char)*a);
        other[0] = (char)tolower((unsigned char)*b);
        order = locale_compare(one, other);
        if (order || !*a)
            return order ? order : cases;
        if (!cases && *a != *b) /* lower case first */
            cases = islower((unsigned char)*a) ? -1 : 1;
        a++;
        b++;
    }
}

static int by_prefix(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;
    double nx = number_of(x->version), ny = number_of(y->version);
    int order = nx < ny ? -1 : nx > ny;

    if (!order)
        order = words_order(x->version, y->version);
    return order ? order : strcmp(x->version, y->version);
}

/* A file of its own for the way down goes with one that is nothing but the way up. */
static int refuse_mixed(const struct listing *l, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    for (size_t i = 0; !rc && i < l->count; i++) {
        struct migration *m = &l->list[i];

        if (!m->down.name || (m->up.part == PART_UP && !m->up.program))
            continue;
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s goes with an .up.sql, not with %s",
                  m->down.path, m->up.name);
        error_hint(err, "node-pg-migrate has both ways in one file, or each in a file of its own");
        rc = source_refused(l->folder, DUNLIN_BAD_FILE, false, err);
        m->down.name = NULL;
    }
    return rc;
}

static int node_pg_migrate_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                                struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    if (rc == DUNLIN_OK)
        rc = listing_join(&l, err);
    if (rc == DUNLIN_OK)
        rc = listing_refuse_halves(&l, ".up.sql", err);
    if (rc == DUNLIN_OK)
        rc = refuse_mixed(&l, err);
    return listing_done(&l, by_prefix, rc, err);
}

/* ---- comments -------------------------------------------------------------------------------- */

enum { SEEN_UP = 1, SEEN_DOWN = 2, SEEN_TEXT = 4 };

static size_t blank(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && strchr(" \t\f\v\r", text[n]) && text[n])
        n++;
    return n;
}

/* Whether the line is a comment that begins with the word and "migration". */
static bool is_marker(const char *line, size_t len, const char *word)
{
    size_t at = blank(line, len), n = strlen(word), gap;

    if (len - at < 2 || memcmp(line + at, "--", 2) != 0)
        return false;
    for (at += 2; at < len && (line[at] == '-' || blank(line + at, 1)); at++)
        ;
    if (len - at < n || strncasecmp(line + at, word, n) != 0)
        return false;
    at += n;
    gap = blank(line + at, len - at);
    at += gap;
    return gap > 0 && len - at >= 9 && strncasecmp(line + at, "migration", 9) == 0;
}

static int without_up_part(struct rewrite *w, struct dunlin_error *err)
{
    w->line = w->kept;
    return rewrite_refuse(w, err, "put \"-- Up Migration\" before what goes up",
                          "a Down Migration without an Up Migration: node-pg-migrate would run the "
                          "whole file, this part too, to go up");
}

static int node_pg_migrate_rewrite(struct rewrite *w, const char *line, size_t len,
                                   struct dunlin_error *err)
{
    bool up = w->seen & SEEN_UP, down = w->seen & SEEN_DOWN;

    if (w->file->part != PART_BY_NAME)
        return DUNLIN_OK;
    if (!line)
        return down && !up ? without_up_part(w, err) : DUNLIN_OK;
    if (!up && is_marker(line, len, "up")) {
        w->seen |= SEEN_UP;
        rewrite_mark(w, "up");
    } else if (!down && is_marker(line, len, "down")) {
        w->seen |= SEEN_DOWN;
        w->kept = w->line;
        if (!up && (w->seen & SEEN_TEXT))
            return without_up_part(w, err);
        rewrite_mark(w, "down");
    } else if (!(w->seen & SEEN_TEXT)) {
        text_trim(&line, &len);
        if (len > 0 && (len < 2 || memcmp(line, "--", 2) != 0))
            w->seen |= SEEN_TEXT;
    }
    return DUNLIN_OK;
}

const struct layout node_pg_migrate_layout = {.name = "node-pg-migrate",
                                              .tool = "node-pg-migrate",
                                              .listed = true,
                                              .recognise = node_pg_migrate_recognise,
                                              .list = node_pg_migrate_list,
                                              .rewrite = node_pg_migrate_rewrite};
