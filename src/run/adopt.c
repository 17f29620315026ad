/* SPDX-License-Identifier: MIT */
/*
 * Taking over from another tool: its rows become dunlin's, once. Everything is compared first;
 * where the table and the folder disagree nothing is written. The old table stays as it is. The
 * folder is that tool's own, or else, where the tool was named, one that was written after it.
 */
#include "run/run.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "history/sql.h"
#include "run/batch.h"
#include "source/folder.h"
#include "source/layout.h"

#define PASSED_SHOWN 4 /* rows named in a warning */

struct adoption {
    struct run *run;
    struct arena arena;
    struct history own;
    struct foreign_rows rows;    /* of the tool */
    struct plan plan;            /* the folders against the tool's rows */
    const struct folder *folder; /* the one that these are about */
    bool alike;                  /* it is not one of that tool, only made after it */
    struct folder files;         /* the tool's own, where they were named; fd -1 = they were not */
    uint64_t matched, wrong, known;
};

/* A row keeps the number as it was written when it was new: 7 and 007 are one. */
static bool same_version(const struct plan_item *item, const char *version)
{
    return strcmp(version, item->version) == 0 ||
           (item->migration && item->migration->digits &&
            version[strspn(version, "0123456789")] == '\0' &&
            strcmp(digits_trim(version), item->migration->digits) == 0);
}

static bool is_own(const struct adoption *a, const struct plan_item *item)
{
    for (size_t i = 0; i < a->own.count; i++) {
        if (strcmp(a->own.rows[i].source, item->source) == 0 &&
            same_version(item, a->own.rows[i].version))
            return true;
    }
    return false;
}

/* Where the tool was named there is one folder, whatever its layout. */
static int only_folder(const struct run *r, const struct folder **out, struct dunlin_error *err)
{
    *out = &r->source->folders[0];
    if (r->source->count == 1)
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
              "--from is about one folder, and %zu are given", r->source->count);
    error_hint(err, "give the one that has the migrations of %s with --dir", r->tool->tool);
    return DUNLIN_CONFIG;
}

/* The folder that the tool's table is about. */
static int find_folder(const struct run *r, const struct folder **out, struct dunlin_error *err)
{
    if (r->tool_named)
        return only_folder(r, out, err);
    *out = NULL;
    for (size_t i = 0; i < r->source->count; i++) {
        const struct folder *f = &r->source->folders[i];

        if (!f->layout->tool)
            continue;
        if (*out)
            return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                             "%s and %s are both folders of another tool: adopt one at a time",
                             (*out)->path, f->path);
        *out = f;
    }
    if (*out && r->tool)
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "no folder is one of another tool");
    error_hint(err, "give the folder with --dir, and say whose it is with --layout NAME; or, where "
                    "it was written anew, whose table to take over with --from TOOL");
    return DUNLIN_CONFIG;
}

/* The folder whose files tell what the rows mean: the migrations', or one that was named beside the
 * tool. */
static int find_files(struct adoption *a, struct dunlin_error *err)
{
    const struct run *r = a->run;
    const struct foreign *own =
        a->folder->layout->tool ? foreign_named(a->folder->layout->name) : NULL;
    int rc;

    a->alike = own != r->tool;
    if (a->alike && r->tool->by_folder)
        return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_UNSUPPORTED,
                         "the history of %s means nothing without its own folder, and %s is none",
                         r->tool->tool, a->folder->path);
    if (!a->alike || !r->tool_files)
        return DUNLIN_OK;
    rc = folder_spec(r->tool_files, true, &a->arena, &a->files, err);
    return rc ? rc : folder_open(&a->files, &a->arena, err);
}

static int read_rows(struct adoption *a, struct foreign_rows *rows, struct dunlin_error *err)
{
    struct run *r = a->run;
    int rc = run_shared_read(r, a->files.fd >= 0 ? &a->files : a->folder, &a->arena, rows, err);

    if (rc || rows->exists)
        return rc || !a->alike ? rc : plan_alike(a->folder, rows, &a->arena, err);
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY, "there is no table %s to take over",
              r->shared.quoted);
    error_hint(err,
               "a database that %s never migrated needs no adopt: dunlin up; "
               "--layout-table names another table",
               r->tool->tool);
    return DUNLIN_CONFLICT;
}

/* What stays in the old table alone, as it was asked for: told, so that nobody misses it later. */
static void tell_passed_over(const struct adoption *a)
{
    const struct foreign_rows *rows = &a->rows;
    struct buf names = BUF_INIT(16384);
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        if (!plan_passes_over(a->folder, &rows->rows[i]))
            continue;
        if (count++ < PASSED_SHOWN)
            buf_addf(&names, "%s%s", count > 1 ? ", " : "", rows->rows[i].key);
    }
    if (count)
        run_warn(a->run, "not taken over, as dunlin does not run %s: %zu %s of the table %s: %s%s",
                 count == 1 ? "it" : "them", count, count == 1 ? "row" : "rows",
                 a->run->shared.quoted, buf_str(&names), count > PASSED_SHOWN ? " .." : "");
    buf_free(&names);
}

/* The folder against the tool's rows. */
static int compare(struct adoption *a, struct dunlin_error *err)
{
    struct run *r = a->run;
    struct history foreign = {.exists = false};
    struct foreign tool;
    int rc = find_files(a, err);

    if (!rc)
        rc = read_rows(a, &a->rows, err);
    if (rc)
        return rc;
    tool = *r->tool;
    tool.ordered = false; /* what is over need not be in order */
    rc = plan_shared_rows(a->folder, &tool, &a->rows, &a->arena, &foreign, err);
    return rc ? rc : plan_match(r->source, &foreign, &a->plan, err);
}

static int look(struct adoption *a, struct dunlin_error *err)
{
    struct run *r = a->run;
    int rc = find_folder(r, &a->folder, err);

    if (!rc)
        rc = history_read(r->driver, r->conn, &r->table, &a->arena, &a->own, err);
    if (!rc)
        rc = compare(a, err);
    if (!rc)
        tell_passed_over(a);
    return rc ? rc : plan_hash(&a->plan, err);
}

/* Late is only an answer where the tool passes over such migrations in silence. */
static bool is_wrong(const struct plan_item *item)
{
    return item->state == DUNLIN_STATE_EDITED || item->state == DUNLIN_STATE_MISSING ||
           item->state == DUNLIN_STATE_FAILED ||
           (item->state == DUNLIN_STATE_LATE && item->migration->up.folder->layout->by_time);
}

static int report(struct adoption *a, run_item_fn fn, void *user, struct dunlin_error *err)
{
    for (size_t i = 0; i < a->plan.count; i++) {
        struct plan_item *item = &a->plan.items[i];

        if (strcmp(item->source, a->folder->label) != 0)
            continue;
        if (is_own(a, item)) {
            a->known += item->row != NULL;
            continue;
        }
        switch (item->state) {
        case DUNLIN_STATE_APPLIED:
        case DUNLIN_STATE_CHANGED: /* a repeatable: the next up runs it again */
            item->selected = true;
            a->matched++;
            break;
        default:
            if (!is_wrong(item))
                continue; /* pending: the next up runs it */
            a->wrong++;
            break;
        }
        if (fn && fn(item, user) != 0)
            return run_interrupted(err);
    }
    return DUNLIN_OK;
}

static int disagree(const struct adoption *a, struct dunlin_error *err)
{
    const char *what = "";
    bool elsewhere = false;

    for (size_t i = 0; i < a->plan.count; i++) {
        const struct plan_item *item = &a->plan.items[i];

        if (strcmp(item->source, a->folder->label) != 0 || is_own(a, item) || !is_wrong(item))
            continue;
        what = *what ? what : item->version;
        elsewhere = elsewhere || (item->row && item->row->elsewhere);
    }
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
              "%" PRIu64 " of the migrations and rows do not match, the first is %s", a->wrong,
              what);
    error_detail(err,
                 "edited: the file is not what was applied; missing: a row without a file; "
                 "failed: %s did not finish it; late: %s passed over it",
                 a->run->tool->tool, a->run->tool->tool);
    if (a->alike)
        error_hint(err,
                   "each row needs a file that is called as the migration was, by its number or "
                   "its name; where there shall be none: dunlin baseline VERSION");
    else if (elsewhere)
        error_hint(err, "rows of files that dunlin does not read, in XML for one, stay in the old "
                        "table with --foreign-code skip, and all others are taken over");
    else
        error_hint(err,
                   "bring folder and table into accord first: restore files, apply late ones by "
                   "hand and insert their row, or delete rows of files that are gone");
    error_state(err, "nothing was written");
    return DUNLIN_CONFLICT;
}

/* When the tool applied it, as the engine's column takes it. */
static void applied_at(struct buf *b, const struct run *r, const struct plan_item *item)
{
    bool plain = strcmp(r->driver->name, "mysql") == 0; /* DATETIME has no zone */
    const char *at = item->row->applied_at;
    struct buf text = BUF_INIT(100);

    buf_add(&text, at, plain ? strcspn(at, "Z") : strlen(at));
    buf_addf(b, "UPDATE %s SET applied_at = ", r->table.quoted);
    sql_literal(b, r->dialect, buf_str(&text));
    buf_adds(b, ", duration_ms = NULL WHERE ");
    sql_equals(b, r->dialect, "source", item->source);
    buf_adds(b, " AND ");
    sql_equals(b, r->dialect, "version", item->version);
    buf_free(&text);
}

static int add(struct batch *b, struct buf *sql, struct dunlin_error *err)
{
    int rc = batch_control_buf(b, ENTRY_CONTROL, sql, err);

    buf_clear(sql);
    return rc || !batch_full(b) ? rc : batch_send(b, err);
}

static int add_row(struct adoption *a, struct batch *b, const struct plan_item *item,
                   struct dunlin_error *err)
{
    const struct run *r = a->run;
    const struct history_entry e = {
        .source = item->source,
        .version = item->version,
        .name = item->name,
        .kind = strcmp(item->row->kind, "baseline") == 0 ? item->row->kind : item->kind,
        .checksum = item->checksum,
        .applied_by = r->options.applied_by ? r->options.applied_by : r->user};
    struct buf sql = BUF_INIT(65536);
    int rc;

    history_sql_insert(&sql, &r->table, &e, HISTORY_APPLIED);
    rc = add(b, &sql, err);
    if (!rc && item->row->applied_at) {
        applied_at(&sql, r, item);
        rc = add(b, &sql, err);
    }
    buf_free(&sql);
    return rc;
}

static int write_rows(struct adoption *a, struct dunlin_error *err)
{
    struct run *r = a->run;
    struct batch b;
    int rc = a->own.exists ? DUNLIN_OK : run_create_table(r, err);

    batch_init(&b, r);
    if (!rc)
        rc = batch_control(&b, ENTRY_BEGIN, r->dialect->begin, err);
    for (size_t i = 0; !rc && i < a->plan.count; i++) {
        if (a->plan.items[i].selected)
            rc = add_row(a, &b, &a->plan.items[i], err);
    }
    if (!rc)
        rc = batch_control(&b, ENTRY_CONTROL, r->dialect->commit, err);
    if (!rc)
        rc = batch_send(&b, err);
    if (rc) {
        run_rollback(r);
        error_state(err, err && err->flags & DUNLIN_ERROR_OUTCOME_UNKNOWN
                             ? "the connection broke at its end: all rows were written, or none"
                             : "nothing was written");
    }
    batch_free(&b);
    return rc;
}

int run_adopt(struct run *r, bool dry, run_item_fn fn, void *user, struct dunlin_summary *summary,
              struct dunlin_error *err)
{
    struct adoption a = {.run = r, .arena = ARENA_INIT, .files = {.fd = -1}};
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    bool held = false;
    int rc = run_session(r, err);

    if (!rc && !dry)
        rc = run_lock(r, &held, err);
    if (!rc)
        rc = look(&a, err);
    if (!rc)
        rc = report(&a, fn, user, err);
    if (!rc && a.wrong)
        rc = disagree(&a, err);
    if (!rc && !dry && a.matched)
        rc = write_rows(&a, err);
    if (!rc)
        s.run = a.matched;
    s.before = a.known;
    if (held)
        run_unlock(r);
    plan_free(&a.plan);
    folder_close(&a.files);
    arena_free(&a.arena);
    if (summary)
        *summary = s;
    return rc;
}

int run_adoptable(struct run *r, const struct folder *f, uint64_t *matched,
                  struct dunlin_error *err)
{
    struct adoption a = {.run = r, .arena = ARENA_INIT, .folder = f, .files = {.fd = -1}};
    int rc = compare(&a, err);

    *matched = 0;
    for (size_t i = 0; !rc && i < a.plan.count; i++) {
        const struct plan_item *item = &a.plan.items[i];

        if (strcmp(item->source, f->label) == 0 && item->migration && item->row)
            ++*matched;
    }
    plan_free(&a.plan);
    arena_free(&a.arena);
    return rc;
}
