/* SPDX-License-Identifier: MIT */
/*
 * What the rows of another tool's table tell of a folder. Key and checksum of a row are compared
 * with each migration, and a row is paired once only: copies of one file have one checksum, and a
 * list that was merged by hand may have one key twice.
 */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "source/layout.h"

struct pairing {
    const struct folder *folder;
    const struct foreign_rows *foreign;
    struct arena *arena;
    const char **sums; /* of the migrations, NULL where the tool keeps none */
    size_t *row_of;    /* of the migrations: index + 1, 0 = none */
    bool *used;        /* of the rows */
    bool *same;        /* of the migrations: the row's checksum is theirs */
    size_t *by_key;    /* the rows, sorted by key and then as they came */
};

static const char *key_of(const struct pairing *p, size_t m)
{
    const struct migration *migration = &p->folder->migrations[m];

    return migration->key ? migration->key : migration->version;
}

static int sums_take(struct pairing *p, struct dunlin_error *err)
{
    const struct layout *layout = p->folder->layout;
    char sum[FOREIGN_SUM_SIZE];
    int rc = DUNLIN_OK;

    for (size_t m = 0; !rc && layout->checksum && m < p->folder->count; m++) {
        sum[0] = '\0';
        rc = layout->checksum(&p->folder->migrations[m], sum, err);
        if (!rc && sum[0] && !(p->sums[m] = arena_strdup(p->arena, sum)))
            rc = error_nomem(err);
    }
    return rc;
}

/* A row without a checksum, or a migration without one, has nothing to be different in. */
static int compare_sum(struct pairing *p, size_t m, size_t row, bool *same,
                       struct dunlin_error *err)
{
    const char *stored = p->foreign->rows[row].checksum;
    const struct layout *layout = p->folder->layout;

    *same = !stored || !p->sums[m] || strcmp(stored, p->sums[m]) == 0;
    return *same || !layout->accepts
               ? DUNLIN_OK
               : layout->accepts(&p->folder->migrations[m], stored, same, err);
}

static void pair(struct pairing *p, size_t m, size_t row, bool same)
{
    p->row_of[m] = row + 1;
    p->used[row] = true;
    p->same[m] = same;
}

/* ---- by key ---------------------------------------------------------------------------------- */

static void sort_rows(struct pairing *p, size_t first, size_t last, size_t *room)
{
    size_t middle = first + (last - first) / 2, i = first, j = middle, k = first;

    if (last - first < 2)
        return;
    sort_rows(p, first, middle, room);
    sort_rows(p, middle, last, room);
    while (i < middle || j < last) {
        bool left = j == last || (i < middle && strcmp(p->foreign->rows[p->by_key[i]].key,
                                                       p->foreign->rows[p->by_key[j]].key) <= 0);

        room[k++] = left ? p->by_key[i++] : p->by_key[j++];
    }
    memcpy(p->by_key + first, room + first, (last - first) * sizeof(*room));
}

/* The first of the sorted rows whose key is not less. */
static size_t find_key(const struct pairing *p, const char *key)
{
    size_t first = 0, last = p->foreign->count;

    while (first < last) {
        size_t middle = first + (last - first) / 2;

        if (strcmp(p->foreign->rows[p->by_key[middle]].key, key) < 0)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

/* sum: only where the checksum fits, too. */
static int pair_by_key(struct pairing *p, bool sum, struct dunlin_error *err)
{
    for (size_t m = 0; m < p->folder->count; m++) {
        size_t at = find_key(p, key_of(p, m));

        for (; !p->row_of[m] && at < p->foreign->count; at++) {
            size_t row = p->by_key[at];
            bool same;
            int rc;

            if (strcmp(p->foreign->rows[row].key, key_of(p, m)) != 0)
                break;
            if (p->used[row])
                continue;
            rc = compare_sum(p, m, row, &same, err);
            if (rc)
                return rc;
            if (same || !sum)
                pair(p, m, row, same);
        }
    }
    return DUNLIN_OK;
}

static void pair_by_sum(struct pairing *p)
{
    for (size_t m = 0; m < p->folder->count; m++) {
        for (size_t i = 0; p->sums[m] && i < p->foreign->count && !p->row_of[m]; i++) {
            const char *stored = p->foreign->rows[i].checksum;

            if (!p->used[i] && stored && strcmp(stored, p->sums[m]) == 0)
                pair(p, m, i, true);
        }
    }
}

/* Rows that speak for everything before a place that need not be one of the folder's own. */
static void spread_reached(struct pairing *p)
{
    const struct layout *layout = p->folder->layout;

    for (size_t i = 0; i < p->foreign->count; i++) {
        const struct foreign_row *row = &p->foreign->rows[i];

        for (size_t m = 0; row->state == FOREIGN_UP_TO && m < p->folder->count; m++) {
            if (!p->row_of[m] && layout->reached(&p->folder->migrations[m], row->key))
                pair(p, m, i, true);
        }
        p->used[i] = p->used[i] || row->state == FOREIGN_UP_TO;
    }
}

/* A row that speaks for everything before it. */
static void spread(struct pairing *p)
{
    size_t from = 0;

    for (size_t m = p->folder->count; m-- > 0;) {
        if (p->row_of[m] && p->foreign->rows[p->row_of[m] - 1].state == FOREIGN_UP_TO) {
            from = p->row_of[m];
        } else if (from && !p->row_of[m] && p->folder->migrations[m].kind == MIGRATION_VERSIONED) {
            p->row_of[m] = from;
            p->same[m] = true;
        }
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void row_base(const struct pairing *p, size_t i, struct history_row *row)
{
    const struct foreign_row *from = &p->foreign->rows[i];

    *row = (struct history_row){.source = p->folder->label,
                                .kind = from->kind ? from->kind : "versioned",
                                .status = from->state == FOREIGN_FAILED ? HISTORY_FAILED
                                                                        : HISTORY_APPLIED,
                                .duration_ms = -1,
                                .applied_at = from->applied_at,
                                .error = from->note,
                                .shared = true,
                                .key = from->key};
}

/* A checksum in the history that no file has says that the file is not what ran; none at all, that
 * it was compared already. */
static void row_of_migration(const struct pairing *p, size_t m, struct history_row *row)
{
    const struct migration *migration = &p->folder->migrations[m];

    row_base(p, p->row_of[m] - 1, row);
    row->version = migration->version;
    row->name = migration->name;
    row->key = key_of(p, m);
    if (migration->kind == MIGRATION_REPEATABLE)
        row->kind = "repeatable";
    if (!p->same[m])
        row->checksum = p->foreign->rows[p->row_of[m] - 1].checksum;
}

static bool is_elsewhere(const struct folder *f, const char *key)
{
    return f->layout->elsewhere && f->layout->elsewhere(key);
}

static void row_alone(const struct pairing *p, size_t i, struct history_row *row)
{
    row_base(p, i, row);
    row->version = p->foreign->rows[i].key;
    row->elsewhere = is_elsewhere(p->folder, row->version);
    row->name = "";
}

bool plan_passes_over(const struct folder *f, const struct foreign_row *row)
{
    if (f->foreign_code != FOREIGN_CODE_REFUSE && is_elsewhere(f, row->key))
        return row->state != FOREIGN_FAILED;
    for (const char *name = f->skipped; name && *name; name += strlen(name) + 1) {
        const char *dot = strrchr(name, '.');
        size_t stem = dot ? (size_t)(dot - name) : strlen(name);
        size_t zeros = strspn(name, "0"), digits = strspn(name + zeros, "0123456789");
        size_t len = strlen(row->key);

        if (strcmp(row->key, name) == 0 || (len == stem && memcmp(row->key, name, len) == 0) ||
            (len && len == digits && memcmp(row->key, name + zeros, len) == 0))
            return row->state != FOREIGN_FAILED;
    }
    return false;
}

static int append(const struct pairing *p, struct history *h, struct dunlin_error *err)
{
    struct history_row *rows =
        arena_calloc(p->arena, h->count + p->foreign->count + p->folder->count + 1, sizeof(*rows));

    if (!rows)
        return error_nomem(err);
    if (h->count)
        memcpy(rows, h->rows, h->count * sizeof(*rows));
    h->rows = rows;
    for (size_t m = 0; m < p->folder->count; m++) {
        if (p->row_of[m])
            row_of_migration(p, m, &rows[h->count++]);
    }
    for (size_t i = 0; i < p->foreign->count; i++) {
        if (!p->used[i] && !plan_passes_over(p->folder, &p->foreign->rows[i]))
            row_alone(p, i, &rows[h->count++]);
    }
    return DUNLIN_OK;
}

static int pairing_init(struct pairing *p, struct dunlin_error *err)
{
    size_t *room = arena_calloc(p->arena, p->foreign->count + 1, sizeof(*room));

    p->sums = arena_calloc(p->arena, p->folder->count + 1, sizeof(*p->sums));
    p->row_of = arena_calloc(p->arena, p->folder->count + 1, sizeof(*p->row_of));
    p->same = arena_calloc(p->arena, p->folder->count + 1, sizeof(*p->same));
    p->used = arena_calloc(p->arena, p->foreign->count + 1, sizeof(*p->used));
    p->by_key = arena_calloc(p->arena, p->foreign->count + 1, sizeof(*p->by_key));
    if (!room || !p->sums || !p->row_of || !p->same || !p->used || !p->by_key)
        return error_nomem(err);
    for (size_t i = 0; i < p->foreign->count; i++)
        p->by_key[i] = i;
    sort_rows(p, 0, p->foreign->count, room);
    return sums_take(p, err);
}

/* The rows as they came against the files in their order. */
static int check_order(const struct pairing *p, const struct foreign *tool,
                       struct dunlin_error *err)
{
    size_t last = 0;

    for (size_t m = 0; m < p->folder->count; m++) {
        if (!p->row_of[m])
            continue;
        if (p->row_of[m] < last) {
            error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                      "%s was applied before %s, and comes behind it in %s: %s would not go on",
                      key_of(p, m), p->foreign->rows[last - 1].key, p->folder->path, tool->tool);
            error_hint(err, "--out-of-order allow accepts that");
            return DUNLIN_CONFLICT;
        }
        last = p->row_of[m];
    }
    return DUNLIN_OK;
}

int plan_shared_rows(const struct folder *f, const struct foreign *tool,
                     const struct foreign_rows *foreign, struct arena *arena, struct history *h,
                     struct dunlin_error *err)
{
    struct pairing p = {.folder = f, .foreign = foreign, .arena = arena};
    int rc;

    if (foreign->count == 0)
        return DUNLIN_OK;
    rc = pairing_init(&p, err);
    if (!rc)
        rc = pair_by_key(&p, true, err);
    if (!rc)
        rc = pair_by_key(&p, false, err);
    if (!rc && tool->by_checksum)
        pair_by_sum(&p);
    if (!rc && tool->ordered)
        rc = check_order(&p, tool, err);
    if (rc)
        return rc;
    if (f->layout->reached)
        spread_reached(&p);
    else
        spread(&p);
    return append(&p, h, err);
}
