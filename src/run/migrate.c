/* SPDX-License-Identifier: MIT */
/* One migration: its name in the history, its events, and what both ways of running need. */
#include "run/migrate.h"

#include <string.h>

#include "base/error.h"
#include "history/sql.h"

#define PROGRESS_MIN (1024u * 1024u) /* bytes of a section that is worth a progress */

const char *migrate_path(const struct migrating *m)
{
    if (m->script->file)
        return m->script->file->path;
    return "the down script in the history";
}

bool migrate_blames_file(const struct dunlin_error *err)
{
    switch (err->kind) {
    case DUNLIN_KIND_NOMEM:
    case DUNLIN_KIND_FULL:
    case DUNLIN_KIND_READONLY:
    case DUNLIN_KIND_PERMISSION:
    case DUNLIN_KIND_LOST:
    case DUNLIN_KIND_CONNECT:
    case DUNLIN_KIND_CANCELLED:
    case DUNLIN_KIND_LOCKED:
    case DUNLIN_KIND_DEADLOCK:
        return false;
    default:
        return true;
    }
}

const char *migrate_remedy(const struct dunlin_error *err)
{
    switch (err->kind) {
    case DUNLIN_KIND_NOMEM:
        return "free some memory, then: ";
    case DUNLIN_KIND_FULL:
        return "make room, then: ";
    case DUNLIN_KIND_READONLY:
        return "make the database writable, then: ";
    case DUNLIN_KIND_PERMISSION:
        return "grant what is missing, or mend the file, then: ";
    default:
        return migrate_blames_file(err) ? "mend the file, then: " : "";
    }
}

/* A history that has no place for it says nothing; that of another tool may need several. */
int migrate_add_sql(struct migrating *m, enum entry_role role, struct dunlin_error *err)
{
    int rc = m->sql.failed ? error_nomem(err) : DUNLIN_OK;

    for (size_t at = 0; !rc && at < m->sql.len; at += strlen(m->sql.data + at) + 1)
        rc = batch_control(&m->batch, role, m->sql.data + at, err);
    buf_clear(&m->sql);
    return rc;
}

void migrate_remove_sql(struct migrating *m, const struct history_row *row)
{
    if (m->entry.shared)
        foreign_sql(&m->sql, m->entry.foreign->reverted, m->entry.shared, &m->entry, NULL);
    else
        history_sql_remove(&m->sql, &m->run->table, row);
}

int migrate_timeouts(struct migrating *m, bool in_transaction, struct dunlin_error *err)
{
    const struct section_options *o = &m->section->options;
    const struct run_options *general = &m->run->options;
    const struct dunlin_dialect *d = m->run->dialect;
    uint64_t lock = o->lock_timeout_given ? o->lock_timeout_ms : general->lock_timeout_ms;
    uint64_t statement = o->timeout_given ? o->timeout_ms : general->statement_timeout_ms;
    bool own = o->lock_timeout_given || o->timeout_given;
    int rc = DUNLIN_OK;

    /* Outside a transaction PostgreSQL runs what must wait, such as CREATE INDEX CONCURRENTLY:
     * cut short it leaves an index that is not valid. Only the script itself may ask for that. */
    /* Behind a pooler it would be another client's. */
    if (!in_transaction && (m->run->pooled || (m->run->timed && !own)))
        return DUNLIN_OK;
    if (!in_transaction && (m->run->driver->caps & DUNLIN_CAP_TX_DDL) && !o->lock_timeout_given)
        lock = 0;
    if (d->lock_timeout && (lock || o->lock_timeout_given)) {
        run_timeout_sql(&m->sql, d->lock_timeout, lock, in_transaction);
        rc = migrate_add_sql(m, ENTRY_CONTROL, err);
    }
    if (!rc && d->statement_timeout && (statement || o->timeout_given)) {
        run_timeout_sql(&m->sql, d->statement_timeout, statement, in_transaction);
        rc = migrate_add_sql(m, ENTRY_CONTROL, err);
    }
    m->run->timed = !rc && !in_transaction && !own;
    return rc;
}

void migrate_rollback(struct migrating *m)
{
    copy_feed_abort(&m->copy);
    run_rollback(m->run);
}

void migrate_progress(struct migrating *m, const struct piece *piece)
{
    struct dunlin_event event = {.type = DUNLIN_EVENT_PROGRESS,
                                 .source = m->item->source,
                                 .version = m->item->version,
                                 .name = m->item->name,
                                 .file = migrate_path(m)};

    if (m->section->bytes < PROGRESS_MIN)
        return;
    event.done = piece->offset - m->section->start.offset;
    event.total = m->section->bytes;
    run_emit(m->run, &event);
}

/* The down script as the history keeps it: with its mark line, for the options on it. */
static int down_keep(struct migrating *m, struct dunlin_error *err)
{
    struct plan_script *from = m->item->down.file ? &m->item->down : &m->item->up;
    const struct section *down = &m->item->down.script.sections[SECTION_DOWN];
    int rc;

    if (!down->present || down->statements == 0 || down->bytes > HISTORY_DOWN_MAX)
        return DUNLIN_OK;
    rc = plan_section_text(from, down, &m->down, err);
    m->entry.down = buf_str(&m->down);
    m->entry.down_len = m->down.len;
    return rc;
}

int migrate_prepare(struct migrating *m, struct dunlin_error *err)
{
    const struct plan_item *item = m->item;
    /* What a base schema lacks nothing will bring: there is nothing before it. */
    const bool waits = m->direction == DUNLIN_UP && strcmp(item->source, PLAN_BASE_SCHEMA) != 0;

    m->script = m->direction == DUNLIN_UP ? &m->item->up : &m->item->down;
    m->section = &m->script->script.sections[m->script->section];
    m->tolerate_exists =
        m->direction == DUNLIN_UP && (m->section->options.tolerate_exists ||
                                      (m->run->options.tolerate & DUNLIN_TOLERATE_EXISTS));
    m->tolerate_missing = waits && (m->section->options.tolerate_missing ||
                                    (m->run->options.tolerate & DUNLIN_TOLERATE_MISSING));
    m->of = (struct batch_script){.script = m->script, .total = m->section->statements};
    m->sql.max = 8u * HISTORY_DOWN_MAX;
    m->down.max = 2u * HISTORY_DOWN_MAX;
    batch_init(&m->batch, m->run);
    m->entry = (struct history_entry){
        .source = item->source,
        /* An existing row keeps its key, even when the file now writes the number otherwise. */
        .version = item->row ? item->row->version : item->version,
        .name = item->name,
        .kind = item->kind,
        /* What goes down has a row: NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
        .checksum = m->direction == DUNLIN_DOWN ? item->row->checksum : item->checksum,
        .applied_by = m->run->options.applied_by ? m->run->options.applied_by : m->run->user,
        .total = m->section->statements};
    if (!m->entry.checksum)
        m->entry.checksum = "";
    if (run_shares(m->run, item))
        return shared_prepare(m, err);
    return m->direction == DUNLIN_UP ? down_keep(m, err) : DUNLIN_OK;
}

/* A transaction can only be used where none of it has been done before. */
bool migrate_journals(const struct migrating *m)
{
    const struct history_row *row = m->item->row;
    bool begun =
        row && row->status != HISTORY_APPLIED && (row->done > 0 || row->status == HISTORY_RUNNING);

    return m->item->mode == RUN_JOURNAL || (begun && m->item->mode != RUN_PROGRAM);
}

void migrate_event(struct migrating *m, uint32_t type, uint32_t state, uint64_t micros,
                   const struct dunlin_error *err)
{
    const struct plan_item *item = m->item;
    struct dunlin_event event = {.type = type,
                                 .direction = (uint32_t)m->direction,
                                 .source = item->source,
                                 .version = item->version,
                                 .name = item->name,
                                 .kind = item->kind,
                                 .file = migrate_path(m),
                                 .total = m->section->statements,
                                 .done = m->batch.sent,
                                 .micros = micros,
                                 .state = state,
                                 .error = err};

    run_emit(m->run, &event);
}

static uint32_t state_left(const struct migrating *m, int rc)
{
    if (rc == RUN_DEFERRED)
        return DUNLIN_STATE_DEFERRED;
    if (rc == RUN_RACE)
        return DUNLIN_STATE_RUNNING;
    if (rc == DUNLIN_PARTIAL)
        return DUNLIN_STATE_PARTIAL;
    return rc == DUNLIN_OK && m->direction == DUNLIN_UP ? DUNLIN_STATE_APPLIED : 0;
}

void migrate_end(struct migrating *m, int rc, uint64_t micros, struct dunlin_error *err)
{
    err->status = rc > 0 ? rc : 0;
    migrate_event(m, DUNLIN_EVENT_MIGRATION_END, state_left(m, rc), micros, rc > 0 ? err : NULL);
}

void migrate_release(struct migrating *m)
{
    buf_free(&m->sql);
    buf_free(&m->down);
}
