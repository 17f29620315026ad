/* SPDX-License-Identifier: MIT */
#include "run/observe.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define DETAIL_MAX ((size_t)64 * 1024)

/* One row of dialect.trace. */
struct trace_row {
    const char *object, *name, *what, *value; /* name, value: NULL = none */
};

struct trace {
    struct arena arena;
    struct trace_row *rows; /* sorted by object and what */
    size_t count, cap;
    bool failed;
};

struct observation {
    struct trace base;   /* when the rehearsal began: what was there before */
    struct trace before; /* the statement that runs */
    bool fresh;          /* before still says what is */
    bool nothing;        /* that could be reported: nothing had a name when it began */
    struct buf detail;
    uint64_t start;
};

/* ---- what the session holds ------------------------------------------------------------------ */

static void trace_free(struct trace *t)
{
    arena_free(&t->arena);
    free(t->rows);
    memset(t, 0, sizeof(*t));
}

static int trace_compare(const void *x, const void *y)
{
    const struct trace_row *a = x, *b = y;
    int c = strcmp(a->object, b->object);

    return c ? c : strcmp(a->what, b->what);
}

static const char *keep(struct trace *t, const char *text)
{
    const char *copy = text ? arena_strdup(&t->arena, text) : NULL;

    t->failed = t->failed || (text && !copy);
    return copy;
}

static int trace_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct trace *t = user;

    (void)lens;
    if (n < 4 || !v[0] || !v[2])
        return 0;
    if (t->count == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 256;
        struct trace_row *rows = realloc(t->rows, cap * sizeof(*rows));

        if (!rows) {
            t->failed = true;
            return 0;
        }
        t->rows = rows;
        t->cap = cap;
    }
    t->rows[t->count++] =
        (struct trace_row){keep(t, v[0]), keep(t, v[1]), keep(t, v[2]), keep(t, v[3])};
    return 0;
}

static int trace_take(struct run *r, struct trace *t, struct dunlin_error *err)
{
    const char *sql = r->dialect->trace;
    int kind;

    memset(t, 0, sizeof(*t));
    if (!sql)
        return DUNLIN_OK;
    kind = r->driver->query(r->conn, sql, strlen(sql), trace_row, t, err);
    if (kind)
        return run_status(r, kind, err);
    if (t->failed)
        return error_nomem(err);
    if (t->count)
        qsort(t->rows, t->count, sizeof(*t->rows), trace_compare);
    return DUNLIN_OK;
}

static const struct trace_row *trace_find(const struct trace *t, const struct trace_row *key)
{
    return t->count ? bsearch(key, t->rows, t->count, sizeof(*t->rows), trace_compare) : NULL;
}

/* The name that an object had when the rehearsal began; NULL when it was not there. Any row with a
 * name will do: they stand together. */
static const char *name_before(const struct trace *base, const char *object)
{
    size_t low = 0, high = base->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(base->rows[middle].object, object) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < base->count && strcmp(base->rows[low].object, object) == 0; low++) {
        if (base->rows[low].name)
            return base->rows[low].name;
    }
    return NULL;
}

/* "users: AccessExclusiveLock, rewritten; orders: ShareLock": what is new or has another value, on
 * objects that the statement did not make itself. */
static void describe(struct observation *x, const struct trace *now)
{
    const char *object = NULL;

    buf_clear(&x->detail);
    for (size_t i = 0; i < now->count; i++) {
        const struct trace_row *row = &now->rows[i];
        const struct trace_row *was = trace_find(&x->before, row);
        const char *name = name_before(&x->base, row->object);

        if (!name || (row->value && (!was || !was->value || strcmp(row->value, was->value) == 0)) ||
            (!row->value && was))
            continue;
        if (!object || strcmp(object, row->object) != 0)
            buf_addf(&x->detail, "%s%s: %s", object ? "; " : "", name, row->what);
        else
            buf_addf(&x->detail, ", %s", row->what);
        object = row->object;
    }
}

/* ---- one statement --------------------------------------------------------------------------- */

void observe_stale(struct run *r)
{
    if (r->observation)
        r->observation->fresh = false;
}

int observe_open(struct run *r, struct dunlin_error *err)
{
    if (r->driver->tx_state(r->conn) != DUNLIN_TX_IDLE)
        return DUNLIN_OK;
    error_set(err, DUNLIN_PARTIAL, DUNLIN_KIND_TRANSACTION,
              "a statement ended the transaction of the rehearsal");
    error_state(err, "what ran up to it is in the database");
    return DUNLIN_PARTIAL;
}

int observe_before(struct run *r, struct dunlin_error *err)
{
    struct observation *x = r->observation;
    int rc;

    if (!x)
        return DUNLIN_OK;
    rc = observe_open(r, err);
    if (!rc && !x->fresh && !x->nothing) {
        trace_free(&x->before);
        rc = trace_take(r, &x->before, err);
        x->fresh = !rc;
    }
    x->start = run_micros();
    return rc;
}

int observe_after(struct run *r, struct dunlin_event *event, struct dunlin_error *err)
{
    struct observation *x = r->observation;
    struct trace now;
    int rc;

    if (!x)
        return DUNLIN_OK;
    event->micros = run_micros() - x->start;
    rc = observe_open(r, err);
    if (rc || x->nothing)
        return rc;
    rc = trace_take(r, &now, err);
    if (rc) {
        trace_free(&now);
        return rc;
    }
    describe(x, &now);
    trace_free(&x->before);
    x->before = now;
    x->fresh = true;
    if (x->detail.failed && x->detail.len < DETAIL_MAX / 2) /* a long list is cut */
        return error_nomem(err);
    if (x->detail.len)
        event->detail = buf_str(&x->detail);
    return DUNLIN_OK;
}

/* A "what" that begins so is why a rollback would not undo a change of the object. */
#define LASTING '!'

static int refuse_lasting(const struct trace *base, struct dunlin_error *err)
{
    const struct trace_row *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < base->count; i++) {
        if (base->rows[i].what[0] != LASTING)
            continue;
        if (!first)
            first = &base->rows[i];
        count++;
    }
    if (!first)
        return DUNLIN_OK;
    error_set(err, DUNLIN_USAGE, DUNLIN_KIND_UNSUPPORTED,
              "nothing can be rehearsed beside %s: no rollback undoes what is written to it (%s)",
              first->name ? first->name : first->object, first->what + 1);
    if (count > 1)
        error_detail(err, "it is one of %zu such tables", count);
    error_hint(err, "rehearse on a copy of the database without it");
    return DUNLIN_USAGE;
}

static bool has_names(const struct trace *base)
{
    for (size_t i = 0; i < base->count; i++) {
        if (base->rows[i].name)
            return true;
    }
    return false;
}

int observe_begin(struct run *r, struct dunlin_error *err)
{
    struct observation *x = calloc(1, sizeof(*x));
    int rc;

    if (!x)
        return error_nomem(err);
    x->detail.max = DETAIL_MAX;
    r->observation = x;
    rc = trace_take(r, &x->base, err);
    if (!rc)
        rc = refuse_lasting(&x->base, err);
    x->nothing = !has_names(&x->base);
    if (rc)
        observe_end(r);
    return rc;
}

void observe_end(struct run *r)
{
    struct observation *x = r->observation;

    if (!x)
        return;
    r->observation = NULL;
    trace_free(&x->base);
    trace_free(&x->before);
    buf_free(&x->detail);
    free(x);
}
