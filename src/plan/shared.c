/* SPDX-License-Identifier: MIT */
/*
 * What the rows of drizzle-orm's table tell of a folder. Time and hash of a row are compared with
 * each migration of the journal, and a row is paired once only: copies of one file have one hash,
 * and a journal that was merged by hand may have one time twice.
 */
#include "plan/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/layout.h"

struct pairing {
    const struct folder *folder;
    const struct drizzle_rows *foreign;
    struct arena *arena;
    char (*hashes)[SHA256_HEX_SIZE]; /* of the migrations */
    size_t *row_of;                  /* of the migrations: index + 1, 0 = none */
    bool *used;                      /* of the rows */
};

static bool fits(const struct pairing *p, size_t m, size_t row, bool time, bool hash)
{
    const struct drizzle_row *r = &p->foreign->rows[row];

    return (!time || r->when == p->folder->migrations[m].when) &&
           (!hash || strcmp(r->hash, p->hashes[m]) == 0);
}

static void pair_by(struct pairing *p, bool time, bool hash)
{
    for (size_t m = 0; m < p->folder->count; m++) {
        for (size_t i = 0; i < p->foreign->count && !p->row_of[m]; i++) {
            if (p->used[i] || !fits(p, m, i, time, hash))
                continue;
            p->row_of[m] = i + 1;
            p->used[i] = true;
        }
    }
}

static int hash_all(struct pairing *p, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    for (size_t m = 0; !rc && m < p->folder->count; m++)
        rc = drizzle_hash(&p->folder->migrations[m].up, p->hashes[m], err);
    return rc;
}

static void row_base(const struct pairing *p, size_t i, struct history_row *row)
{
    *row = (struct history_row){.source = p->folder->label,
                                .kind = "versioned",
                                .status = HISTORY_APPLIED,
                                .duration_ms = -1,
                                .shared = true,
                                .when = p->foreign->rows[i].when};
}

/* A checksum in the history that no file has says that the file is not what ran; none at all, that
 * the hash was compared already. */
static bool row_of_migration(const struct pairing *p, size_t m, struct history_row *row)
{
    size_t i = p->row_of[m] - 1;

    row_base(p, i, row);
    row->version = p->folder->migrations[m].version;
    row->name = p->folder->migrations[m].name;
    if (strcmp(p->foreign->rows[i].hash, p->hashes[m]) == 0)
        return true;
    row->checksum = arena_strdup(p->arena, p->foreign->rows[i].hash);
    return row->checksum != NULL;
}

static bool row_alone(const struct pairing *p, size_t i, struct history_row *row)
{
    char text[40];

    row_base(p, i, row);
    snprintf(text, sizeof(text), "%" PRId64, p->foreign->rows[i].when);
    row->version = arena_strdup(p->arena, text);
    row->name = arena_strndup(p->arena, p->foreign->rows[i].hash, 16);
    row->checksum = arena_strdup(p->arena, p->foreign->rows[i].hash);
    return row->version && row->name && row->checksum;
}

static int append(const struct pairing *p, struct history *h, struct dunlin_error *err)
{
    struct history_row *rows =
        arena_calloc(p->arena, h->count + p->foreign->count + 1, sizeof(*rows));
    bool ok = rows != NULL;

    if (ok && h->count)
        memcpy(rows, h->rows, h->count * sizeof(*rows));
    if (ok)
        h->rows = rows;
    for (size_t m = 0; ok && m < p->folder->count; m++) {
        if (p->row_of[m])
            ok = row_of_migration(p, m, &rows[h->count++]);
    }
    for (size_t i = 0; ok && i < p->foreign->count; i++) {
        if (!p->used[i])
            ok = row_alone(p, i, &rows[h->count++]);
    }
    return ok ? DUNLIN_OK : error_nomem(err);
}

int plan_shared_rows(const struct folder *f, const struct drizzle_rows *foreign,
                     struct arena *arena, struct history *h, struct dunlin_error *err)
{
    struct pairing p = {.folder = f, .foreign = foreign, .arena = arena};
    int rc;

    if (foreign->count == 0)
        return DUNLIN_OK;
    p.hashes = arena_calloc(arena, f->count + 1, sizeof(*p.hashes));
    p.row_of = arena_calloc(arena, f->count + 1, sizeof(*p.row_of));
    p.used = arena_calloc(arena, foreign->count, sizeof(*p.used));
    if (!p.hashes || !p.row_of || !p.used)
        return error_nomem(err);
    rc = hash_all(&p, err);
    if (rc)
        return rc;
    pair_by(&p, true, true);
    pair_by(&p, true, false);
    pair_by(&p, false, true);
    return append(&p, h, err);
}
