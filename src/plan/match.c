/* SPDX-License-Identifier: MIT */
/* Pairs each file with its history row: a merge of two sorted lists per folder. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "source/layout.h"

enum { RANK_VERSIONED, RANK_UNNUMBERED, RANK_REPEATABLE };

/* What a migration is sorted and matched by inside its folder. */
struct key {
    int rank;
    const char *text; /* digits without leading zeros, or the whole stem */
};

static bool all_digits(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

static struct key key_of_row(const struct history_row *row)
{
    struct key k = {RANK_UNNUMBERED, row->version};

    if (strcmp(row->kind, "repeatable") == 0) {
        k.rank = RANK_REPEATABLE;
    } else if (all_digits(row->version)) {
        k.rank = RANK_VERSIONED;
        k.text = digits_trim(row->version);
    }
    return k;
}

static struct key key_of_migration(const struct migration *m)
{
    struct key k = {RANK_VERSIONED, m->digits};

    if (m->kind == MIGRATION_REPEATABLE)
        k = (struct key){RANK_REPEATABLE, m->version};
    else if (m->kind == MIGRATION_UNNUMBERED)
        k = (struct key){RANK_UNNUMBERED, m->version};
    return k;
}

static int key_compare(struct key a, struct key b)
{
    if (a.rank != b.rank)
        return a.rank < b.rank ? -1 : 1;
    return a.rank == RANK_VERSIONED ? digits_compare(a.text, b.text) : strcmp(a.text, b.text);
}

static int row_compare(const void *a, const void *b)
{
    const struct history_row *const *x = a;
    const struct history_row *const *y = b;
    int c = strcmp((*x)->source, (*y)->source);

    return c ? c : key_compare(key_of_row(*x), key_of_row(*y));
}

static enum dunlin_state state_of_row(const struct history_row *row)
{
    switch (row->status) {
    case HISTORY_APPLIED:
        return DUNLIN_STATE_APPLIED;
    case HISTORY_PARTIAL:
        return DUNLIN_STATE_PARTIAL;
    case HISTORY_RUNNING:
        return DUNLIN_STATE_RUNNING;
    case HISTORY_DEFERRED:
        return DUNLIN_STATE_DEFERRED;
    default:
        return DUNLIN_STATE_FAILED;
    }
}

static void item_add(struct plan *p, const struct migration *m, const struct history_row *row)
{
    struct plan_item *item = &p->items[p->count++];

    item->migration = m;
    item->row = row;
    if (m) {
        item->source = m->source;
        item->version = m->version;
        item->name = m->name;
        item->kind = m->kind == MIGRATION_REPEATABLE ? "repeatable" : "versioned";
        item->state = row ? state_of_row(row) : DUNLIN_STATE_PENDING;
        item->up.file = &m->up;
    } else if (row) {
        item->source = row->source;
        item->version = row->version;
        item->name = row->name;
        item->kind = row->kind;
        item->state = row->status == HISTORY_APPLIED ? DUNLIN_STATE_MISSING : state_of_row(row);
    }
    item->checksum = item->up.checksum = item->down.checksum = "";
    item->up.section = SECTION_UP;
    item->down.section = SECTION_DOWN;
    item->up.script.sections = item->down.script.sections = script_no_sections;
}

static void folder_merge(struct plan *p, const struct folder *f, const struct history_row **rows,
                         size_t nrows)
{
    size_t i = 0, j = 0;

    while (i < f->count || j < nrows) {
        int c;

        if (i == f->count)
            c = 1;
        else if (j == nrows)
            c = -1;
        else
            c = key_compare(key_of_migration(&f->migrations[i]), key_of_row(rows[j]));
        item_add(p, c <= 0 ? &f->migrations[i] : NULL, c >= 0 ? rows[j] : NULL);
        if (c <= 0)
            i++;
        if (c >= 0)
            j++;
    }
}

/* The key of a tool that goes by time. */
static int64_t when_of(const struct plan_item *item)
{
    return item->migration->key ? strtoll(item->migration->key, NULL, 10) : 0;
}

/* What goes by time alone skips in silence what is not newer than the newest that it applied. */
static void listed_late(struct plan *p, size_t first, int64_t newest)
{
    for (size_t i = first; i < p->count; i++) {
        const struct plan_item *item = &p->items[i];

        if (plan_is_applied(item) && when_of(item) > newest)
            newest = when_of(item);
    }
    for (size_t i = first; i < p->count; i++) {
        struct plan_item *item = &p->items[i];

        if (item->state == DUNLIN_STATE_PENDING && when_of(item) <= newest)
            item->state = DUNLIN_STATE_LATE;
    }
}

static int version_compare(const void *key, const void *element)
{
    const struct migration *const *m = element;

    return strcmp(key, (*m)->version);
}

/* A list has its own order: each row looks for its file, and rows without a file come first. */
static int listed_merge(struct plan *p, const struct folder *f, const struct history_row **rows,
                        size_t nrows)
{
    const struct migration **sorted = arena_calloc(&p->arena, f->count + 1, sizeof(*sorted));
    const struct history_row **row_of = arena_calloc(&p->arena, f->count + 1, sizeof(*row_of));
    int64_t newest = -1;
    size_t first;

    if (!sorted || !row_of)
        return -1;
    for (size_t i = 0; i < f->count; i++)
        sorted[i] = &f->migrations[i];
    if (f->count > 1)
        qsort(sorted, f->count, sizeof(const struct migration *), migration_by_version);
    for (size_t j = 0; j < nrows; j++) {
        const struct migration **m = bsearch(rows[j]->version, sorted, f->count,
                                             sizeof(const struct migration *), version_compare);

        if (rows[j]->key && strtoll(rows[j]->key, NULL, 10) > newest)
            newest = strtoll(rows[j]->key, NULL, 10);
        if (!m)
            item_add(p, NULL, rows[j]);
        else if (!row_of[*m - f->migrations])
            row_of[*m - f->migrations] = rows[j];
    }
    first = p->count;
    for (size_t i = 0; i < f->count; i++)
        item_add(p, &f->migrations[i], row_of[i]);
    if (f->layout->by_time)
        listed_late(p, first, newest);
    return 0;
}

/* What waits for its precondition has no place either. */
static bool has_place(const struct migration *m)
{
    if (m->guards &&
        (m->guards->on_answer == GUARD_PASS_OVER || m->guards->on_error == GUARD_PASS_OVER))
        return false;
    return m->digits ||
           (m->listed && m->kind == MIGRATION_VERSIONED && !m->up.folder->layout->by_time);
}

/* A pending migration behind which a later one of its folder is applied. */
static void mark_late(struct plan *p)
{
    const char *label = NULL;
    bool applied = false;

    for (size_t i = p->count; i-- > 0;) {
        struct plan_item *item = &p->items[i];

        if (item->outside || (item->migration && !has_place(item->migration)))
            continue;
        if (!label || strcmp(label, item->source) != 0) {
            label = item->source;
            applied = false;
        }
        if (item->state == DUNLIN_STATE_PENDING && applied)
            item->state = DUNLIN_STATE_LATE;
        else if (item->row && item->row->status == HISTORY_APPLIED &&
                 strcmp(item->kind, "repeatable") != 0)
            applied = true;
    }
}

static bool label_given(const struct source *s, const char *label)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->folders[i].label, label) == 0)
            return true;
    }
    return false;
}

static const struct history_row **rows_sorted(const struct history *h, struct arena *arena)
{
    const struct history_row **rows = arena_calloc(arena, h->count + 1, sizeof(*rows));
    bool sorted = true;

    if (!rows)
        return NULL;
    for (size_t i = 0; i < h->count; i++) {
        rows[i] = &h->rows[i];
        sorted = sorted && (i == 0 || row_compare(&rows[i - 1], &rows[i]) <= 0);
    }
    if (!sorted) /* most tables give them in the order in which they were written */
        qsort(rows, h->count, sizeof(*rows), row_compare);
    return rows;
}

static int merge_all(const struct source *source, const struct history *history,
                     const struct history_row **rows, struct plan *p)
{
    for (size_t i = 0; i < source->count; i++) {
        const struct folder *f = &source->folders[i];
        size_t first = 0, last;

        while (first < history->count && strcmp(rows[first]->source, f->label) < 0)
            first++;
        last = first;
        while (last < history->count && strcmp(rows[last]->source, f->label) == 0)
            last++;
        if (!f->layout || !f->layout->listed)
            folder_merge(p, f, rows + first, last - first);
        else if (listed_merge(p, f, rows + first, last - first))
            return -1;
    }
    for (size_t i = 0; i < history->count; i++) {
        if (label_given(source, rows[i]->source))
            continue;
        item_add(p, NULL, rows[i]);
        p->items[p->count - 1].outside = true;
        p->items[p->count - 1].state = state_of_row(rows[i]);
    }
    return 0;
}

int plan_match(const struct source *source, const struct history *history, struct plan *out,
               struct dunlin_error *err)
{
    const struct history_row **rows;
    size_t total = history->count;

    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < source->count; i++)
        total += source->folders[i].count;
    rows = rows_sorted(history, &out->arena);
    out->items = arena_calloc(&out->arena, total + 1, sizeof(*out->items));
    if (!rows || !out->items || merge_all(source, history, rows, out)) {
        arena_free(&out->arena);
        return error_nomem(err);
    }
    mark_late(out);
    return DUNLIN_OK;
}

void plan_free(struct plan *p)
{
    for (size_t i = 0; i < p->count; i++) {
        file_text_free(p->items[i].up.text);
        file_text_free(p->items[i].down.text);
    }
    arena_free(&p->arena);
    memset(p, 0, sizeof(*p));
}

bool plan_is_applied(const struct plan_item *item)
{
    return item->row && item->row->status == HISTORY_APPLIED;
}

bool plan_is_pending(const struct plan_item *item)
{
    return item->migration && !item->outside &&
           (!plan_is_applied(item) || item->state == DUNLIN_STATE_CHANGED);
}

const char *plan_place(const struct plan_item *item)
{
    const char *place = item->migration ? item->migration->place : NULL;

    return place ? place : plan_file(item);
}

const char *plan_file(const struct plan_item *item)
{
    return item->migration ? item->migration->up.path : NULL;
}
