/* SPDX-License-Identifier: MIT */
/*
 * After a rebase: migrations of the own branch have numbers below what is applied by now, or the
 * same as one of the other branch. They get numbers behind all others, in their order.
 */
#include "api/context.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"

static int now_text(char *to, size_t size, struct dunlin_error *err)
{
    time_t now = time(NULL);
    struct tm utc;

    if (!gmtime_r(&now, &utc) || strftime(to, size, "%Y%m%d%H%M%S", &utc) == 0)
        return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_INTERNAL, "the time is not known");
    return DUNLIN_OK;
}

static bool same_number(const struct plan_item *a, const struct plan_item *b)
{
    return a->migration && b->migration && a->migration->digits && b->migration->digits &&
           strcmp(a->source, b->source) == 0 &&
           strcmp(a->migration->digits, b->migration->digits) == 0;
}

/* Whether this file is what was applied: its bytes are, or else at least its name. */
static int applied_score(const struct plan_item *item, const struct history_row *row, int *score,
                         struct dunlin_error *err)
{
    struct file_text *text;
    int rc = file_text_read(&item->migration->up, false, &text, err);

    if (rc)
        return rc;
    *score = row->checksum && strcmp(file_text_checksum(text), row->checksum) == 0 ? 2
             : strcmp(item->name, row->name) == 0                                  ? 1
                                                                                   : 0;
    file_text_free(text);
    return DUNLIN_OK;
}

static int undecided(const struct plan_item *a, const struct plan_item *b, const char *why,
                     struct dunlin_error *err)
{
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY, "%s and %s have the same number, and %s",
              a->migration->up.path, b->migration->up.name, why);
    error_hint(err, "rename the newer one by hand");
    return DUNLIN_CONFLICT;
}

/* Of several files of one number the one that is applied keeps it. */
static int choose_group(struct plan *p, size_t first, size_t end, struct dunlin_error *err)
{
    const struct history_row *row = NULL;
    int best = 0, ties = 0;
    size_t keeper = first;

    for (size_t i = first; i < end; i++) {
        if (p->items[i].row)
            row = p->items[i].row;
    }
    if (!row)
        return undecided(&p->items[first], &p->items[first + 1], "none of them is applied", err);
    for (size_t i = first; i < end; i++) {
        int score = 0, rc = applied_score(&p->items[i], row, &score, err);

        if (rc)
            return rc;
        if (score > best) {
            best = score;
            keeper = i;
            ties = 0;
        } else if (score == best) {
            ties++;
        }
    }
    if (best == 0 || ties)
        return undecided(&p->items[first], &p->items[first + 1],
                         "which of them is applied cannot be told", err);
    for (size_t i = first; i < end; i++)
        p->items[i].selected = i != keeper;
    return DUNLIN_OK;
}

static int choose(struct plan *p, struct dunlin_error *err)
{
    for (size_t i = 0, end; i < p->count; i = end) {
        struct plan_item *item = &p->items[i];
        int rc = DUNLIN_OK;

        for (end = i + 1; end < p->count && same_number(item, &p->items[end]);)
            end++;
        if (end - i > 1)
            rc = choose_group(p, i, end, err);
        else if (item->migration && item->migration->digits && !item->row)
            item->selected = item->state == DUNLIN_STATE_LATE;
        if (rc)
            return rc;
    }
    return DUNLIN_OK;
}

/* A migration and its new number; later, its new names. */
struct renamed {
    const struct migration *migration;
    char version[VERSION_TEXT_SIZE];
    const char *to[2]; /* the second is NULL where there is no down file */
};

struct renaming {
    struct plan *plan;
    struct arena *arena;
    struct renamed *list;
    size_t count;
    char now[32];
};

static int number_one(struct renaming *r, struct numbering *n, const struct migration *m,
                      struct dunlin_error *err)
{
    struct renamed *to = &r->list[r->count];

    if (!numbering_next(n, r->now, to->version))
        return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_FILE, "no number comes after %s",
                         n->highest);
    to->migration = m;
    r->count++;
    return DUNLIN_OK;
}

static int number_folder(struct renaming *r, const struct folder *f, struct dunlin_error *err)
{
    struct numbering n;
    bool moving = false;
    int rc = DUNLIN_OK;

    numbering_init(&n);
    for (size_t i = 0; i < r->plan->count; i++) {
        const struct plan_item *item = &r->plan->items[i];

        if (strcmp(item->source, f->label) == 0 && *item->version &&
            item->version[strspn(item->version, "0123456789")] == '\0')
            numbering_seen(&n, item->version);
    }
    for (size_t i = 0; !rc && i < r->plan->count; i++) {
        const struct plan_item *item = &r->plan->items[i];

        if (strcmp(item->source, f->label) != 0)
            continue;
        /* What is pending behind a late one may need it, so it keeps its place behind it. */
        if (item->selected || (moving && item->migration && item->migration->digits && !item->row &&
                               !item->migration->doubtful)) {
            rc = number_one(r, &n, item->migration, err);
            moving = true;
        }
    }
    return rc;
}

/* New numbers for all, before any is renamed. */
static int number_all(struct renaming *r, const struct source *s, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    r->list = arena_calloc(r->arena, r->plan->count + 1, sizeof(*r->list));
    if (!r->list)
        return error_nomem(err);
    for (size_t i = 0; !rc && i < s->count; i++)
        rc = number_folder(r, &s->folders[i], err);
    return rc;
}

/* From the last one on: where that ends in the middle, what is left is still in its order, and the
 * next renumber goes on with it. *first is the first one that is done. */
static int rename_all(struct renaming *r, bool dry, size_t *first, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    for (*first = r->count; *first > 0; --*first) {
        struct renamed *to = &r->list[*first - 1];

        rc = source_renumber(to->migration, to->version, dry, r->arena, to->to, err);
        if (rc)
            break;
    }
    return rc;
}

static int tell(const struct renamed *list, size_t count, dunlin_rename_fn fn, void *user)
{
    for (size_t i = 0; i < count; i++) {
        const struct migration *m = list[i].migration;

        if (fn(m->up.path, list[i].to[0], user) ||
            (list[i].to[1] && fn(m->down.path, list[i].to[1], user)))
            return DUNLIN_INTERRUPTED;
    }
    return DUNLIN_OK;
}

/* What is refused for another reason than its number would be lost from sight here. */
static int other_problems(const struct source *s, struct dunlin_error *err)
{
    for (const struct source_problem *p = s->problems; p; p = p->next) {
        if (p->duplicate)
            continue;
        if (err)
            *err = p->error;
        return DUNLIN_BAD_FILE;
    }
    return DUNLIN_OK;
}

static void stopped(size_t done, struct dunlin_error *err)
{
    if (done)
        error_state(err, "%zu migration%s renamed, those behind the one that could not be", done,
                    done == 1 ? " is" : "s are");
    else
        error_state(err, "nothing was renamed");
}

int dunlin_renumber(struct dunlin *d, int dry, dunlin_rename_fn renamed, void *user,
                    struct dunlin_summary *summary, struct dunlin_error *err)
{
    struct dunlin_summary sum = DUNLIN_SUMMARY_INIT;
    struct arena arena = ARENA_INIT;
    struct plan p = {.count = 0};
    struct history h;
    struct renaming r = {.plan = &p, .arena = &arena};
    size_t first = 0;
    int rc = other_problems(&d->source, err);

    if (!rc)
        rc = now_text(r.now, sizeof(r.now), err);
    if (!rc)
        rc = run_match(&d->run, &arena, &h, &p, err);
    if (!rc)
        rc = choose(&p, err);
    if (!rc)
        rc = number_all(&r, &d->source, err);
    if (!rc)
        rc = rename_all(&r, dry != 0, &first, err);
    else
        first = r.count;
    if (rc)
        stopped(dry ? 0 : r.count - first, err);
    if (renamed && tell(r.list + first, r.count - first, renamed, user) && !rc)
        rc = run_interrupted(err);
    sum.run = r.count - first;
    sum.total = p.count;
    plan_free(&p);
    arena_free(&arena);
    if (summary)
        *summary = sum;
    return rc;
}
