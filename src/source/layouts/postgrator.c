/* SPDX-License-Identifier: MIT */
/*
 * postgrator: N.do.DESCRIPTION.sql and N.undo.DESCRIPTION.sql, known by the number. It passes over
 * what is not newer than what it applied last. Files have no directives.
 */
#include <string.h>

#include "base/error.h"
#include "source/hash.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

/* A name taken apart at its points. */
struct parts {
    size_t digits;
    bool undo;
    const char *words; /* the description .. */
    size_t len;        /* .. up to the next point */
};

static bool take_apart(const char *name, struct parts *out)
{
    const char *end = name_extension(name), *at;

    out->digits = leading_digits(name);
    at = name + out->digits;
    out->undo = strncmp(at, ".undo.", 6) == 0;
    if (out->digits == 0 || (!out->undo && strncmp(at, ".do.", 4) != 0))
        return false;
    at += out->undo ? 5 : 3;
    out->words = at < end ? at + 1 : at;
    out->len = at < end ? strcspn(out->words, ".") : 0;
    return true;
}

static bool is_ours(const char *name)
{
    struct parts parts;

    return take_apart(name, &parts) && strcmp(name_extension(name), ".sql") == 0;
}

static const char *postgrator_recognise(struct glance *g)
{
    return glance_name(g, is_ours) ? "files N.do.sql" : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int file_add(struct listing *l, const char *name, const struct parts *parts, bool program,
                    struct dunlin_error *err)
{
    struct migration *m = listing_add(l, name, parts->digits);
    struct source_file *file;

    if (!m)
        return error_nomem(err);
    m->key = digits_trim(m->version);
    m->name = listing_text(l, parts->words, parts->len, 0, 0);
    if (!m->name)
        return error_nomem(err);
    file = parts->undo ? &m->down : &m->up;
    file->program = program;
    return listing_file(l, name, parts->undo ? PART_DOWN : PART_UP, file, err);
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    struct parts parts;
    int rc = DUNLIN_OK;

    if (folder || !take_apart(name, &parts))
        return DUNLIN_OK;
    if (strcmp(name_extension(name), ".sql") == 0)
        return file_add(l, name, &parts, false, err);
    if (parts.undo || !code_name(name))
        return DUNLIN_OK;
    if (l->folder->foreign_code == FOREIGN_CODE_EXEC)
        return file_add(l, name, &parts, true, err);
    (void)listing_foreign(l, name, &rc, err);
    return rc;
}

static int postgrator_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                           struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    if (rc == DUNLIN_OK)
        rc = listing_join(&l, err);
    if (rc == DUNLIN_OK)
        rc = listing_refuse_halves(&l, "do file", err);
    return listing_done(&l, by_number, rc, err);
}

/* ---- checksums ------------------------------------------------------------------------------- */

static int postgrator_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                               struct dunlin_error *err)
{
    return m->up.program ? DUNLIN_OK : file_hex(&m->up, SUM_MD5, out, err);
}

/* The text with other line ends: postgrator can be set to hash it with any of the three. */
struct line_ends {
    struct digest digest;
    const char *end;
    bool cr; /* the byte before was one, and its line end is in already */
};

static void add_line_ends(void *user, const char *data, size_t len)
{
    struct line_ends *l = user;

    for (size_t i = 0; i < len; i++) {
        bool cr = data[i] == '\r';

        if (cr || (data[i] == '\n' && !l->cr))
            digest_add(&l->digest, l->end, strlen(l->end));
        else if (data[i] != '\n')
            digest_add(&l->digest, data + i, 1);
        l->cr = cr;
    }
}

static int postgrator_accepts(const struct migration *m, const char *stored, bool *same,
                              struct dunlin_error *err)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    char sum[SUM_HEX_MAX];
    int rc = DUNLIN_OK;

    for (size_t i = 0; !rc && !*same && i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct line_ends l = {.end = ends[i]};

        digest_init(&l.digest, SUM_MD5);
        rc = file_bytes(&m->up, add_line_ends, &l, err);
        digest_end_hex(&l.digest, sum);
        *same = !rc && strcmp(sum, stored) == 0;
    }
    return rc;
}

const struct layout postgrator_layout = {.name = "postgrator",
                                         .tool = "postgrator",
                                         .listed = true,
                                         .by_time = true,
                                         .recognise = postgrator_recognise,
                                         .list = postgrator_list,
                                         .checksum = postgrator_checksum,
                                         .accepts = postgrator_accepts};
