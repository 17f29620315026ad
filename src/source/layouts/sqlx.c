/* SPDX-License-Identifier: MIT */
/*
 * sqlx: N_description.sql, or N_description.up.sql and N_description.down.sql, known by the number.
 * A file whose text begins with "-- no-transaction" runs without one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "source/hash.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"
#include "source/rewrite.h"

#define NUMBER_MAX "9223372036854775807"

/* ---- files ----------------------------------------------------------------------------------- */

/* The direction, and how much of the name stands before it and the extension, however often. */
static enum file_part part_of(const char *name, size_t *stem)
{
    const char *end = ".sql";
    enum file_part part = PART_BY_NAME;
    size_t n;

    if (name_ends(name, ".up.sql", stem)) {
        part = PART_UP;
        end = ".up.sql";
    } else if (name_ends(name, ".down.sql", stem)) {
        part = PART_DOWN;
        end = ".down.sql";
    } else {
        *stem = strlen(name) - strlen(end);
    }
    n = strlen(end);
    while (*stem >= n && memcmp(name + *stem - n, end, n) == 0)
        *stem -= n;
    return part;
}

static bool too_large(const char *name, size_t digits)
{
    size_t zeros = strspn(name, "0"), most = strlen(NUMBER_MAX);
    size_t left = digits - zeros;

    return left > most || (left == most && strncmp(name + zeros, NUMBER_MAX, most) > 0);
}

static int refuse_version(const struct listing *l, const char *name, struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "%s/%s has no version: sqlx wants a number up to " NUMBER_MAX ", and \"_\"",
              l->folder->path, name);
    error_hint(err, "rename or remove it");
    return DUNLIN_BAD_FILE;
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    const char *line = strchr(name, '_');
    size_t digits = leading_digits(name), stem, len;
    enum file_part part;
    struct migration *m;

    if (folder || !line || !name_ends(line + 1, ".sql", &stem))
        return DUNLIN_OK;
    if (digits == 0 || name[digits] != '_' || too_large(name, digits))
        return refuse_version(l, name, err);
    m = listing_add(l, name, digits);
    if (!m)
        return error_nomem(err);
    m->key = digits_trim(m->version);
    part = part_of(name, &stem);
    len = stem > digits ? stem - digits - 1 : 0;
    m->name = listing_text(l, name + digits + 1, len, 0, 0);
    m->title = listing_text(l, name + digits + 1, len, '_', ' ');
    if (!m->name || !m->title)
        return error_nomem(err);
    return part == PART_DOWN ? listing_file(l, name, PART_DOWN, &m->down, err)
                             : listing_file(l, name, PART_UP, &m->up, err);
}

static int sqlx_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                     struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    if (rc == DUNLIN_OK)
        rc = listing_join(&l, err);
    if (rc == DUNLIN_OK)
        rc = listing_refuse_halves(&l, "up file", err);
    return listing_done(&l, NULL, rc, err);
}

/* ---- text ------------------------------------------------------------------------------------ */

static int sqlx_rewrite(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    const char *rest;
    size_t left;

    (void)err;
    if (line && w->line == 1 && text_begins(line, len, "-- no-transaction", &rest, &left))
        rewrite_mark(w, "all transaction:off");
    return DUNLIN_OK;
}

static int sqlx_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                         struct dunlin_error *err)
{
    return file_hex(&m->up, SUM_SHA384, out, err);
}

/* Its folders cannot be told from dunlin's own. */
const struct layout sqlx_layout = {.name = "sqlx",
                                   .tool = "sqlx",
                                   .listed = true,
                                   .list = sqlx_list,
                                   .rewrite = sqlx_rewrite,
                                   .checksum = sqlx_checksum};
