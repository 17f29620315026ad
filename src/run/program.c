/* SPDX-License-Identifier: MIT */
/*
 * A migration that is a program. It works through a connection of its own, so no transaction can
 * hold it together with its history row: the row says "running" while it runs, like that of a
 * statement that commits by itself, and a run that finds it so does not guess.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "run/migrate.h"
#include "run/spawn.h"

/* ---- its environment ------------------------------------------------------------------------ */

struct variable {
    const char *name, *value;
};

static bool is_variable(const char *entry, const struct variable *v)
{
    size_t n = strlen(v->name);

    return strncmp(entry, v->name, n) == 0 && entry[n] == '=';
}

/* The caller's variables with ours instead of those of the same names. */
static const char **environment(const struct migrating *m, struct arena *arena)
{
    const struct variable ours[] = {{"DATABASE_URL", m->run->options.url},
                                    {"DUNLIN_MIGRATION_SOURCE", m->item->source},
                                    {"DUNLIN_MIGRATION_VERSION", m->item->version},
                                    {"DUNLIN_MIGRATION_NAME", m->item->name}};
    const size_t nours = sizeof(ours) / sizeof(ours[0]);
    const char *const *given = m->run->options.environment;
    const char **list;
    size_t count = 0, n = 0;

    while (given && given[count])
        count++;
    list = arena_calloc(arena, count + nours + 1, sizeof(*list));
    for (size_t i = 0; list && i < count; i++) {
        bool hidden = false;

        for (size_t j = 0; j < nours; j++)
            hidden = hidden || is_variable(given[i], &ours[j]);
        if (!hidden)
            list[n++] = given[i];
    }
    for (size_t j = 0; list && j < nours; j++) {
        size_t size = strlen(ours[j].name) + strlen(ours[j].value) + 2;
        char *entry = arena_alloc(arena, size);

        if (!entry)
            return NULL;
        snprintf(entry, size, "%s=%s", ours[j].name, ours[j].value);
        list[n++] = entry;
    }
    return list;
}

/* ---- running it ----------------------------------------------------------------------------- */

static void event_step(const struct migrating *m, uint32_t type, uint64_t micros,
                       const struct dunlin_error *err)
{
    struct dunlin_event event = {.type = type,
                                 .done = 1,
                                 .total = 1,
                                 .file = migrate_path(m),
                                 .text = m->script->file->name,
                                 .micros = micros,
                                 .error = err};

    run_emit(m->run, &event);
}

static int failed(const struct migrating *m, const struct spawn_end *end, struct dunlin_error *err)
{
    if (end->stopped) {
        run_stopped(m->run, err);
        return DUNLIN_INTERRUPTED;
    }
    error_set(err, DUNLIN_PARTIAL, DUNLIN_KIND_SERVER, "%s %s %d", migrate_path(m),
              end->by_signal ? "was ended by signal" : "ended with status", end->code);
    return DUNLIN_PARTIAL;
}

/* What was hashed is what runs, unless the file is changed in this very moment. */
static int unchanged(const struct migrating *m, struct dunlin_error *err)
{
    struct file_text *text = NULL;
    int rc = file_text_read(m->script->file, false, &text, err);

    if (!rc && strcmp(file_text_checksum(text), m->item->checksum) != 0) {
        rc = error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                       "%s changed while dunlin was running", migrate_path(m));
        error_hint(err, "run dunlin again");
    }
    file_text_free(text);
    return rc;
}

static int execute(struct migrating *m, bool *started, struct dunlin_error *err)
{
    const struct source_file *file = m->script->file;
    struct arena arena = ARENA_INIT;
    struct spawn what = {.folder = file->folder->fd,
                         .name = file->name,
                         .path = file->path,
                         .environment = environment(m, &arena)};
    struct spawn_end end = {.started = false};
    uint64_t start = run_micros();
    int rc = what.environment ? unchanged(m, err) : error_nomem(err);

    event_step(m, DUNLIN_EVENT_STATEMENT_BEGIN, 0, NULL);
    if (!rc && atomic_load(&m->run->cancelled))
        rc = run_stopped(m->run, err);
    if (!rc)
        rc = spawn_run(m->run, &what, &end, err);
    *started = end.started;
    if (!rc && (end.stopped || end.by_signal || end.code != 0))
        rc = failed(m, &end, err);
    event_step(m, DUNLIN_EVENT_STATEMENT_END, run_micros() - start, rc ? err : NULL);
    arena_free(&arena);
    return rc;
}

/* ---- its history row ------------------------------------------------------------------------ */

/* The run before died while it ran. */
static int in_doubt(const struct migrating *m, struct dunlin_error *err)
{
    error_set(err, DUNLIN_PARTIAL, DUNLIN_KIND_HISTORY,
              "a run before ended while %s ran: it is not known how far it came", migrate_path(m));
    error_hint(err,
               "look at what it has done: if all of it, \"dunlin resume --skip\" counts it as "
               "done; if it may run again, \"dunlin resume\" does that; one that was "
               "finished or undone by hand is recorded with "
               "\"dunlin mark %s applied|pending\"",
               m->entry.version);
    error_next(err, "dunlin resume --skip, or: dunlin resume");
    return DUNLIN_PARTIAL;
}

/* The row, or its new state, for good before the program starts. */
static int claim(struct migrating *m, struct dunlin_error *err)
{
    const struct dunlin_dialect *d = m->run->dialect;
    int rc = batch_control(&m->batch, ENTRY_BEGIN, d->begin, err);

    if (!rc && m->item->row) {
        history_sql_remove(&m->sql, &m->run->table, m->item->row);
        rc = migrate_add_sql(m, ENTRY_CONTROL, err);
    }
    if (rc)
        return rc;
    history_sql_insert(&m->sql, &m->run->table, &m->entry, HISTORY_RUNNING);
    rc = migrate_add_sql(m, ENTRY_CLAIM, err);
    if (!rc)
        rc = batch_control(&m->batch, ENTRY_CONTROL, d->commit, err);
    if (!rc)
        rc = batch_send(&m->batch, err);
    if (!rc)
        return DUNLIN_OK;
    migrate_rollback(m);
    if (m->batch.failure.role == ENTRY_CLAIM && m->batch.failure.kind == DUNLIN_KIND_DUPLICATE)
        return RUN_RACE;
    error_state(err, "nothing of %s is in the database: it did not run", migrate_path(m));
    return rc;
}

/* It ran, so that is written down, also where the run was asked to stop meanwhile. */
static int finish(struct migrating *m, struct dunlin_error *err)
{
    bool cancelled = run_cancel_hold(m->run);
    int rc;

    history_sql_finish(&m->sql, &m->run->table, &m->entry);
    rc = migrate_add_sql(m, ENTRY_CONTROL, err);
    if (!rc)
        rc = batch_send(&m->batch, err);
    run_cancel_release(m->run, cancelled);
    if (rc)
        error_state(err, "%s ran to its end, but the history does not say so", migrate_path(m));
    return rc ? DUNLIN_PARTIAL : DUNLIN_OK;
}

/* Also after a cancel the truth has to be recorded. */
static void record_failure(struct migrating *m, bool started, struct dunlin_error *err)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    bool cancelled = run_cancel_hold(m->run);

    history_sql_status(&m->sql, &m->run->table, &m->entry,
                       started ? HISTORY_PARTIAL : HISTORY_FAILED, err->message);
    (void)migrate_add_sql(m, ENTRY_CONTROL, &ignored);
    (void)batch_send(&m->batch, &ignored);
    run_cancel_release(m->run, cancelled);
    if (started)
        error_state(err, "what %s did before it ended is in the database", migrate_path(m));
    else
        error_state(err, "nothing of %s is in the database: it did not run", migrate_path(m));
    error_next(err, "mend it so that it can run again, then: dunlin up");
}

int run_program(struct migrating *m, struct dunlin_error *err)
{
    const struct history_row *row = m->item->row;
    bool begun = row && row->status != HISTORY_APPLIED, started = false;
    int rc;

    if (begun && row->status == HISTORY_RUNNING && m->run->options.resume == RESUME_ASK)
        return in_doubt(m, err);
    rc = migrate_reset(m, err);
    if (!rc)
        rc = batch_send(&m->batch, err);
    if (!rc)
        rc = hooks_run(m->run, HOOK_BEFORE_EACH, m->item->source, err);
    if (!rc)
        rc = claim(m, err);
    if (rc)
        return rc;
    if (begun && m->run->options.resume == RESUME_SKIP)
        run_warn(m->run, "%s counts as done, as was asked for", migrate_path(m));
    else
        rc = execute(m, &started, err);
    if (rc) {
        record_failure(m, started, err);
        return rc;
    }
    m->batch.sent++;
    rc = finish(m, err);
    return rc ? rc : hooks_run(m->run, HOOK_AFTER_EACH, m->item->source, err);
}
