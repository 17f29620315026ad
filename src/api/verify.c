/* SPDX-License-Identifier: MIT */
/* Whether the database is as the applied migrations promise. */
#include "api/context.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

int required_copy(struct dunlin *d, const struct dunlin_options *o, struct dunlin_error *err)
{
    d->required = arena_calloc(&d->arena, o->nrequired_tables + 1, sizeof(*d->required));
    if (!d->required)
        return error_nomem(err);
    for (size_t i = 0; i < o->nrequired_tables; i++) {
        d->required[i] = arena_strdup(&d->arena, o->required_tables[i]);
        if (!d->required[i])
            return error_nomem(err);
    }
    d->nrequired = o->nrequired_tables;
    return DUNLIN_OK;
}

struct missing {
    struct dunlin_error first;
    char others[512];
    size_t count;
};

static int missing_add(void *user, const struct plan_item *item, const struct dunlin_error *problem)
{
    struct missing *m = user;
    size_t used = strlen(m->others);

    (void)item;
    if (m->count++ == 0)
        m->first = *problem;
    else
        snprintf(m->others + used, sizeof(m->others) - used, "%s%s", used ? "; " : "",
                 problem->message);
    return 0;
}

int required_tables(struct dunlin *d, struct dunlin_error *err)
{
    struct missing m = {.count = 0};
    int rc = run_required(&d->run, d->required, d->nrequired, missing_add, &m, err);

    if (rc || m.count == 0)
        return rc;
    if (err) {
        *err = m.first;
        if (m.count > 1)
            error_state(err, "%zu more: %s", m.count - 1, m.others);
        error_hint(err, "the list is in required_tables of the configuration");
    }
    return DUNLIN_NO;
}

struct search {
    dunlin_finding_fn fn;
    void *user;
    uint64_t found;
};

static int tell(void *user, const struct plan_item *item, const struct dunlin_error *problem)
{
    struct search *s = user;
    struct dunlin_finding finding = {
        .size = sizeof(finding), .what = item ? "verify" : "table", .problem = problem};

    if (item) {
        finding.source = item->source;
        finding.version = item->version;
        finding.name = item->name;
        finding.applied_at = item->row->applied_at;
        finding.applied_by = item->row->applied_by;
    }
    s->found++;
    return s->fn ? s->fn(&finding, s->user) : 0;
}

int dunlin_verify(struct dunlin *d, dunlin_finding_fn finding, void *user, uint64_t *found,
                  struct dunlin_summary *summary, struct dunlin_error *err)
{
    struct dunlin_summary sum = DUNLIN_SUMMARY_INIT;
    struct search s = {finding, user, 0};
    struct arena arena = ARENA_INIT;
    struct plan p = {.count = 0};
    struct history h;
    uint64_t start = run_micros();
    int rc = run_match(&d->run, &arena, &h, &p, err);

    if (!rc)
        rc = run_session(&d->run, err);
    for (size_t i = 0; !rc && i < p.count; i++) {
        uint64_t before = sum.run;

        if (p.items[i].outside || !p.items[i].migration || !plan_is_applied(&p.items[i]))
            continue;
        sum.total++;
        rc = run_verify_item(&d->run, &p.items[i], tell, &s, &sum.run, err);
        sum.before += sum.run > before;
    }
    if (!rc)
        rc = run_required(&d->run, d->required, d->nrequired, tell, &s, err);
    plan_free(&p);
    arena_free(&arena);
    sum.micros = run_micros() - start;
    if (summary)
        *summary = sum;
    if (found)
        *found = s.found;
    return !rc && s.found ? DUNLIN_NO : rc;
}
