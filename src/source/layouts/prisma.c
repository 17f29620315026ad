/* SPDX-License-Identifier: MIT */
/*
 * Prisma Migrate up to 7: a folder for each migration, with a migration.sql in it, in the order of
 * JavaScript's localeCompare. No directives, and no way down. Checksums tolerate other line ends.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/hash.h"
#include "source/layouts/layouts.h"
#include "source/listing.h"

/* Without its lock file it looks as one of drizzle-orm does that has lost what tells it. */
static const char *prisma_recognise(struct glance *g)
{
    if (folder_has(g->folder, "migration_lock.toml"))
        return "its migration_lock.toml";
    return glance_migrations(g) && !glance_below(g, "snapshot.json") ? GLANCE_MIGRATIONS : NULL;
}

static int entry(const char *name, bool folder, void *user, struct dunlin_error *err)
{
    struct listing *l = user;
    size_t digits = leading_digits(name);
    struct migration *m;
    char file[512];

    snprintf(file, sizeof(file), "%s/migration.sql", name);
    if (!folder)
        return DUNLIN_OK;
    if (folder_lacks(l->folder, file)) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s/%s does not exist", l->folder->path,
                  file);
        error_hint(err, "bring it back, or remove its folder");
        return DUNLIN_BAD_FILE;
    }
    m = listing_add(l, name, strlen(name));
    if (!m)
        return error_nomem(err);
    m->name = name[digits] == '_' ? m->version + digits + 1 : m->version;
    return listing_file(l, file, PART_UP, &m->up, err);
}

static int prisma_list(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                       struct dunlin_error *err)
{
    struct listing l = LISTING_INIT(f, arena);
    int rc;

    (void)unnumbered;
    rc = folder_entries(f, NULL, entry, &l, err);
    return listing_done(&l, by_locale, rc, err);
}

static int prisma_checksum(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                           struct dunlin_error *err)
{
    return file_hex(&m->up, SUM_SHA256, out, err);
}

/* The text with LF, or with CRLF, whatever it has. */
struct line_ends {
    struct digest digest;
    bool crlf, cr; /* what to hash; the byte before was a CR */
};

static void add_line_ends(void *user, const char *data, size_t len)
{
    struct line_ends *l = user;

    for (size_t i = 0; i < len; i++) {
        bool pair = data[i] == '\n' && l->cr;

        if (l->cr && (!pair || l->crlf))
            digest_add(&l->digest, "\r", 1);
        else if (data[i] == '\n' && l->crlf)
            digest_add(&l->digest, "\r", 1);
        l->cr = data[i] == '\r';
        if (!l->cr)
            digest_add(&l->digest, data + i, 1);
    }
}

/* Old engines left the leading zero of each byte away. */
static bool same_sum(const char *sum, const char *stored)
{
    size_t n = 0;

    if (strcmp(sum, stored) == 0)
        return true;
    for (size_t i = 0; sum[i] && sum[i + 1]; i += 2) {
        if (sum[i] != '0' && stored[n++] != sum[i])
            return false;
        if (stored[n++] != sum[i + 1])
            return false;
    }
    return stored[n] == '\0';
}

static int prisma_accepts(const struct migration *m, const char *stored, bool *same,
                          struct dunlin_error *err)
{
    char sum[SUM_HEX_MAX];
    int rc = DUNLIN_OK;

    for (int crlf = 0; !rc && !*same && crlf < 2; crlf++) {
        struct line_ends l = {.crlf = crlf != 0};

        digest_init(&l.digest, SUM_SHA256);
        rc = file_bytes(&m->up, add_line_ends, &l, err);
        if (l.cr)
            digest_add(&l.digest, "\r", 1);
        digest_end_hex(&l.digest, sum);
        *same = !rc && same_sum(sum, stored);
    }
    return rc;
}

const struct layout prisma_layout = {.name = "prisma",
                                     .tool = "Prisma Migrate",
                                     .listed = true,
                                     .recognise = prisma_recognise,
                                     .list = prisma_list,
                                     .checksum = prisma_checksum,
                                     .accepts = prisma_accepts};
