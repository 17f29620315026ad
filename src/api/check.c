/* SPDX-License-Identifier: MIT */
/* Folder against history, or the folder alone: everything that is wrong, not only the first. */
#include "api/context.h"

#include <string.h>

#include "base/error.h"

#define TEXT_MAX ((size_t)4 * HISTORY_DOWN_MAX)

struct check {
    struct run *run;
    struct plan *plan;
    dunlin_finding_fn fn;
    void *user;
    uint64_t found;
};

static int tell(struct check *c, struct dunlin_finding *f, struct dunlin_error *problem,
                struct dunlin_error *err)
{
    problem->status = DUNLIN_NO;
    f->size = sizeof(*f);
    f->problem = problem;
    c->found++;
    return c->fn && c->fn(f, c->user) ? run_stopped(c->run, err) : DUNLIN_OK;
}

static struct dunlin_finding finding_of(const struct plan_item *item, const char *what)
{
    struct dunlin_finding f = {
        .what = what, .source = item->source, .version = item->version, .name = item->name};

    if (item->row) {
        f.applied_at = item->row->applied_at;
        f.applied_by = item->row->applied_by;
    }
    return f;
}

/* The difference of the down sections, the only text that the history keeps; *unread where the
 * file's cannot be had. */
static int down_difference(struct check *c, const struct plan_item *item, struct buf *out,
                           bool *unread, struct dunlin_error *err)
{
    struct dunlin_error e = DUNLIN_ERROR_INIT;
    struct buf now = BUF_INIT(TEXT_MAX);
    struct arena arena = ARENA_INIT;
    char *was;
    size_t len;
    int rc = run_stored_text(c->run, item->row, &arena, &was, &len, err);

    *unread = !rc && was && plan_down_text(item->migration, &c->run->lexing, &now, &e) != DUNLIN_OK;
    if (!rc && was && !*unread && !plan_same_down(was, len, buf_str(&now), now.len))
        plan_difference(was, len, buf_str(&now), now.len, out);
    if (e.kind == DUNLIN_KIND_NOMEM || out->failed)
        rc = error_nomem(err);
    buf_free(&now);
    arena_free(&arena);
    return rc;
}

static int edited(struct check *c, const struct plan_item *item, struct dunlin_error *err)
{
    struct dunlin_finding f = finding_of(item, "edited");
    struct dunlin_error e = DUNLIN_ERROR_INIT;
    struct buf difference = BUF_INIT(TEXT_MAX);
    bool unread;
    int rc = down_difference(c, item, &difference, &unread, err);

    if (rc) {
        buf_free(&difference);
        return rc;
    }
    error_set(&e, DUNLIN_NO, DUNLIN_KIND_HISTORY, "%s was edited after it was applied",
              plan_place(item));
    error_detail(&e, "recorded %s, the file has %s; applied %s by %s%s", item->row->checksum,
                 item->checksum, item->row->applied_at ? item->row->applied_at : "?",
                 item->row->applied_by ? item->row->applied_by : "?",
                 difference.len        ? "; the down section differs as shown"
                 : unread              ? "; its down section cannot be read"
                 : item->row->has_down ? "; its down section is unchanged, and the rest is not kept"
                                       : "; the text that was applied is not kept");
    error_hint(&e, "restore the file as it was applied, and put the change into a new migration");
    f.recorded = item->row->checksum;
    f.current = item->checksum;
    f.difference = difference.len ? buf_str(&difference) : NULL;
    rc = tell(c, &f, &e, err);
    buf_free(&difference);
    return rc;
}

static int missing(struct check *c, const struct plan_item *item, struct dunlin_error *err)
{
    struct dunlin_finding f = finding_of(item, "missing");
    struct dunlin_error e = DUNLIN_ERROR_INIT;

    error_set(&e, DUNLIN_NO, DUNLIN_KIND_HISTORY, "version %s (%s) is applied, but has no file",
              item->version, item->name);
    error_detail(&e, "applied %s by %s; %s", item->row->applied_at ? item->row->applied_at : "?",
                 item->row->applied_by ? item->row->applied_by : "?",
                 item->row->has_down ? "the history keeps its down script"
                                     : "no down script of it is kept");
    if (item->row->has_down)
        error_hint(&e, "bring the file back, or revert it: dunlin switch");
    else
        error_hint(&e, "bring the file back, for example from the branch that it was applied from");
    return tell(c, &f, &e, err);
}

static int late(struct check *c, const struct plan_item *item, struct dunlin_error *err)
{
    struct dunlin_finding f = finding_of(item, "late");
    struct dunlin_error e = DUNLIN_ERROR_INIT;

    error_set(&e, DUNLIN_NO, DUNLIN_KIND_HISTORY, "%s comes before one that is applied already",
              plan_place(item));
    error_hint(&e, "give it a number behind them: dunlin renumber; or accept the order with "
                   "--out-of-order allow");
    return tell(c, &f, &e, err);
}

static int unfinished(struct check *c, const struct plan_item *item, struct dunlin_error *err)
{
    struct dunlin_finding f = finding_of(item, "unfinished");
    struct dunlin_error e = DUNLIN_ERROR_INIT;
    bool down = history_reverting(item->row);

    error_set(&e, DUNLIN_NO, DUNLIN_KIND_HISTORY, "version %s (%s) is %s", item->version,
              item->name, down ? "half reverted" : dunlin_state_name((uint32_t)item->state));
    if (item->row->error)
        error_detail(&e, "%s", item->row->error);
    error_next(&e, "dunlin %s", down ? "down" : "up");
    return tell(c, &f, &e, err);
}

static int check_state(struct check *c, const struct plan_item *item, struct dunlin_error *err)
{
    if (item->outside || (item->migration && item->migration->doubtful))
        return DUNLIN_OK;
    switch (item->state) {
    case DUNLIN_STATE_EDITED:
        return edited(c, item, err);
    case DUNLIN_STATE_MISSING:
        return strcmp(item->kind, "repeatable") == 0 ? DUNLIN_OK : missing(c, item, err);
    case DUNLIN_STATE_LATE:
        return c->run->options.order == DUNLIN_ORDER_ALLOW ? DUNLIN_OK : late(c, item, err);
    case DUNLIN_STATE_PARTIAL:
    case DUNLIN_STATE_RUNNING:
    case DUNLIN_STATE_FAILED:
        return unfinished(c, item, err);
    default:
        return DUNLIN_OK;
    }
}

/* ---- the files ------------------------------------------------------------------------------- */

static int check_section(const struct check *c, const struct plan_script *s, enum section_kind kind,
                         struct dunlin_error *problem)
{
    bool tx_ddl = (c->run->driver->caps & DUNLIN_CAP_TX_DDL) != 0;
    const struct section *section = &s->script.sections[kind];
    enum run_mode mode;

    if (!section->present)
        return DUNLIN_OK;
    return plan_mode(section, tx_ddl, s->file->path, &mode, problem);
}

/* Reads and scans one file as a run would; whatever it is refused for is a finding. */
static int check_file(struct check *c, const struct source_file *file, enum section_kind section,
                      struct plan_item *item, const char *label, struct dunlin_error *err)
{
    struct plan scratch = {.arena = ARENA_INIT};
    struct plan_script s = {.file = file, .section = section};
    struct dunlin_finding f = {.what = "file", .source = label};
    struct dunlin_error e = DUNLIN_ERROR_INIT;
    int rc = plan_script_load(&scratch, &s, &c->run->lexing, false, &e);

    if (!rc)
        run_warn_turns(c->run, &s);
    if (!rc && item)
        rc = check_section(c, &s, SECTION_UP, &e);
    if (!rc && item)
        rc = check_section(c, &s, SECTION_DOWN, &e);
    if (item) {
        const char *what = f.what;

        f = finding_of(item, what);
    }
    if (rc == DUNLIN_BAD_FILE) {
        e.state[0] = '\0';
        rc = tell(c, &f, &e, err);
    } else if (rc && err) {
        *err = e;
    }
    file_text_free(s.text);
    arena_free(&scratch.arena);
    return rc;
}

static int check_files(struct check *c, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    for (size_t i = 0; !rc && i < c->plan->count; i++) {
        struct plan_item *item = &c->plan->items[i];
        const struct migration *m = item->migration;

        if (!m)
            continue;
        rc = check_file(c, &m->up, SECTION_UP, item, item->source, err);
        if (!rc && m->down.name)
            rc = check_file(c, &m->down, SECTION_DOWN, item, item->source, err);
    }
    for (size_t i = 0; !rc && i < c->run->source->count; i++) {
        const struct folder *f = &c->run->source->folders[i];

        for (int h = 0; !rc && h < HOOK_COUNT; h++) {
            if (f->hooks[h].name)
                rc = check_file(c, &f->hooks[h], SECTION_UP, NULL, f->label, err);
        }
    }
    return rc;
}

static int check_problems(struct check *c, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    for (struct source_problem *p = c->run->source->problems; !rc && p; p = p->next) {
        struct dunlin_finding f = {.what = p->duplicate ? "duplicate" : "file",
                                   .source = p->source};

        if (p->duplicate)
            error_hint(&p->error, "give the one that is not applied another number: dunlin "
                                  "renumber; or delete one of them");
        rc = tell(c, &f, &p->error, err);
    }
    return rc;
}

static int match(struct dunlin *d, struct arena *arena, struct history *h, struct plan *p,
                 struct dunlin_error *err)
{
    if (d->run.conn) {
        int rc = run_match(&d->run, arena, h, p, err);

        return rc ? rc : run_session(&d->run, err);
    }
    memset(h, 0, sizeof(*h));
    return plan_match(&d->source, h, p, err);
}

int dunlin_check(struct dunlin *d, dunlin_finding_fn finding, void *user, uint64_t *found,
                 struct dunlin_summary *summary, struct dunlin_error *err)
{
    struct dunlin_summary sum = DUNLIN_SUMMARY_INIT;
    struct arena arena = ARENA_INIT;
    struct plan p = {.count = 0};
    struct check c = {.run = &d->run, .plan = &p, .fn = finding, .user = user};
    struct history h;
    uint64_t start = run_micros();
    int rc = match(d, &arena, &h, &p, err);

    if (!rc)
        rc = check_problems(&c, err);
    for (size_t i = 0; !rc && i < p.count; i++) {
        sum.total += !p.items[i].outside;
        sum.before += !p.items[i].outside && plan_is_applied(&p.items[i]);
        sum.pending += plan_is_pending(&p.items[i]);
        rc = check_state(&c, &p.items[i], err);
    }
    if (!rc)
        rc = check_files(&c, err);
    plan_free(&p);
    arena_free(&arena);
    sum.micros = run_micros() - start;
    if (summary)
        *summary = sum;
    if (found)
        *found = c.found;
    return !rc && c.found ? DUNLIN_NO : rc;
}
