/* SPDX-License-Identifier: MIT */
/*
 * Flyway: V1.2__name.sql in the order of the versions, then R__name.sql by description; U1.2 undoes
 * V1.2. Folders in the folder count. What stands in a .conf beside a file is about that file.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/error.h"
#include "source/layouts/flyway.h"
#include "source/layouts/flyway-folder.h"
#include "source/hash.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

#define TEXT_BYTES (64u * 1024u * 1024u) /* of a repeatable migration */

static const char *flyway_recognise(struct glance *g)
{
    const char *why = NULL;
    enum versioned_names whose = versioned_names(g, &why);

    return whose == NAMES_FLYWAY || whose == NAMES_EITHER ? why : NULL;
}

static int order(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;

    if (x->kind != y->kind)
        return x->kind == MIGRATION_VERSIONED ? -1 : 1;
    return x->kind == MIGRATION_VERSIONED ? flyway_key_compare(x->key, y->key)
                                          : strcmp(x->key, y->key);
}

/* ---- what belongs together ------------------------------------------------------------------- */

static int check_two(const struct flyway_folder *w, struct dunlin_error *err)
{
    const struct migration *list = w->listing.list;
    int rc = DUNLIN_OK;

    for (size_t i = 1; !rc && i < w->listing.count; i++) {
        if (order(&list[i - 1], &list[i]) != 0)
            continue;
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s and %s are the same migration",
                  list[i - 1].up.path, list[i].up.path);
        error_hint(err, "renumber the newer one, or delete one of them");
        rc = source_refused(w->listing.folder, DUNLIN_BAD_FILE, true, err);
    }
    return rc;
}

static int add_undo(struct flyway_folder *w, const struct migration *undo, struct dunlin_error *err)
{
    for (size_t i = 0; i < w->listing.count; i++) {
        struct migration *m = &w->listing.list[i];

        if (m->kind != MIGRATION_VERSIONED || strcmp(m->key, undo->key) != 0)
            continue;
        if (m->down.name)
            return error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                             "%s and %s undo the same "
                             "migration",
                             m->down.path, undo->up.path);
        m->down = undo->up;
        m->down.part = PART_DOWN;
        return DUNLIN_OK;
    }
    if (w->unnumbered == UNNUMBERED_IGNORE)
        return DUNLIN_OK;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s undoes nothing: there is no V%s",
              undo->up.path, undo->version);
    error_hint(err, "delete it, or pass over it with --unnumbered ignore; a folder of refinery "
                    "takes --layout refinery");
    return DUNLIN_BAD_FILE;
}

/* The newest baseline script stands for the files up to its version, where these are no more. */
static int add_base(struct flyway_folder *w, struct dunlin_error *err)
{
    const struct migration *base = NULL;
    struct migration *m;

    for (size_t i = 0; i < w->bases.count; i++) {
        if (!base || order(&w->bases.list[i], base) > 0)
            base = &w->bases.list[i];
    }
    for (size_t i = 0; base && i < w->listing.count; i++) {
        if (w->listing.list[i].kind == MIGRATION_VERSIONED && order(&w->listing.list[i], base) <= 0)
            return DUNLIN_OK;
    }
    if (!base)
        return DUNLIN_OK;
    m = listing_add(&w->listing, "", 0);
    if (!m)
        return error_nomem(err);
    *m = *base;
    return DUNLIN_OK;
}

static int flyway_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                       struct dunlin_error *err)
{
    struct flyway_folder w = {.listing = LISTING_INIT(f, arena),
                              .undos = LISTING_INIT(f, arena),
                              .bases = LISTING_INIT(f, arena),
                              .unnumbered = unnumbered};
    int rc = flyway_folder_read(&w, err);

    for (size_t i = 0; !rc && i < w.undos.count; i++)
        rc = source_refused(f, add_undo(&w, &w.undos.list[i], err), false, err);
    if (!rc)
        rc = add_base(&w, err);
    if (!rc && w.listing.count > 1)
        qsort(w.listing.list, w.listing.count, sizeof(*w.listing.list), order);
    if (!rc)
        rc = check_two(&w, err);
    free(w.undos.list);
    free(w.bases.list);
    return listing_done(&w.listing, NULL, rc, err);
}

/* ---- checksums ------------------------------------------------------------------------------- */

struct lines {
    uLong crc;
    bool inside; /* behind the place for a BOM */
};

/* The text without its line ends, and without a BOM. */
static void add_lines(void *user, const char *data, size_t len)
{
    struct lines *l = user;
    size_t i = !l->inside && len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    l->inside = true;
    for (size_t n; i < len; i += n + 1) {
        for (n = 0; i + n < len && data[i + n] != '\n' && data[i + n] != '\r';)
            n++;
        l->crc = crc32(l->crc, (const Bytef *)data + i, (uInt)n);
    }
}

static void sum_text(uLong crc, char out[FOREIGN_SUM_SIZE])
{
    snprintf(out, FOREIGN_SUM_SIZE, "%d", (int)(int32_t)(uint32_t)crc);
}

static int plain_sum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                     struct dunlin_error *err)
{
    struct lines l = {.crc = crc32(0, NULL, 0)};
    int rc = file_bytes(&m->up, add_lines, &l, err);

    if (!rc)
        sum_text(l.crc, out);
    return rc;
}

/* Of a repeatable migration Flyway hashes what runs. */
static int replaced_sum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                        struct dunlin_error *err)
{
    struct rewrite w = {.file = &m->up, .out = BUF_INIT(TEXT_BYTES)};
    struct lines l = {.crc = crc32(0, NULL, 0), .inside = true};
    struct buf text = BUF_INIT(TEXT_BYTES);
    int rc = folder_read(m->up.folder, m->up.name, &text, err);
    const char *at = buf_str(&text), *line;
    size_t len;

    at += strncmp(at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (!rc && next_line(&at, &line, &len)) {
        w.line++;
        w.replaced = false;
        buf_clear(&w.out);
        rc = flyway_expand(&w, line, len, err);
        add_lines(&l, w.replaced ? buf_str(&w.out) : line, w.replaced ? w.out.len : len);
        if (!rc && w.out.failed)
            rc = error_nomem(err);
    }
    if (!rc)
        sum_text(l.crc, out);
    buf_free(&w.out);
    buf_free(&text);
    return rc;
}

static int flyway_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                           struct dunlin_error *err)
{
    const struct flyway_file *file = m->up.extra;

    return file->repeatable && !file->literal && !m->up.program ? replaced_sum(m, out, err)
                                                                : plain_sum(m, out, err);
}

/* Flyway takes a repeatable migration for the same by either of its two sums. */
static int flyway_accepts(const struct migration *m, const char *stored, bool *same,
                          struct dunlin_error *err)
{
    char sum[FOREIGN_SUM_SIZE] = "";
    int rc = DUNLIN_OK;

    if (m->kind == MIGRATION_REPEATABLE)
        rc = plain_sum(m, sum, err);
    *same = !rc && strcmp(sum, stored) == 0;
    return rc;
}

static int flyway_rewrite(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err)
{
    return line ? flyway_expand(w, line, len, err) : DUNLIN_OK;
}

/* Whether the migration is covered by a baseline at that version. */
static bool flyway_reached(const struct migration *m, const char *key)
{
    return m->kind == MIGRATION_VERSIONED && flyway_key_compare(m->key, key) <= 0;
}

const struct layout flyway_layout = {.name = "flyway",
                                     .tool = "Flyway",
                                     .listed = true,
                                     .dash_comments = true,
                                     .whole_lines = true,
                                     .recognise = flyway_recognise,
                                     .list = flyway_list,
                                     .rewrite = flyway_rewrite,
                                     .checksum = flyway_checksum,
                                     .accepts = flyway_accepts,
                                     .reached = flyway_reached};
