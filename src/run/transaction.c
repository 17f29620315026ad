/* SPDX-License-Identifier: MIT */
/*
 * A migration and its history row in one transaction: both are there afterwards, or neither. The
 * row is inserted first: its key is the claim that a second runner fails on.
 */
#include "run/migrate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "script/classify.h"
#include "run/keys.h"

static int claim(struct migrating *m, struct dunlin_error *err)
{
    const struct history_row *row = m->item->row;
    const struct history_table *t = &m->run->table;
    int rc = DUNLIN_OK;

    /* Were the transaction ever torn, by a statement that commits unbeknown to us, the row would
     * tell the next run that what ran before that statement is not to run again. */
    m->entry.whole = !(m->run->driver->caps & DUNLIN_CAP_TX_DDL) && !m->entry.shared;
    if (m->direction == DUNLIN_DOWN) {
        if (m->entry.whole)
            history_sql_reverting(&m->sql, t, &m->entry);
        else
            migrate_remove_sql(m, row);
        return migrate_add_sql(m, ENTRY_CLAIM, err);
    }
    if (row) {
        history_sql_remove(&m->sql, t, row);
        rc = migrate_add_sql(m, ENTRY_CONTROL, err);
    }
    if (rc)
        return rc;
    /* Applied only by the last statement before COMMIT: so it never claims more than is true. */
    history_sql_insert(&m->sql, t, &m->entry, HISTORY_RUNNING);
    return migrate_add_sql(m, ENTRY_CLAIM, err);
}

static int opening(struct migrating *m, struct dunlin_error *err)
{
    int rc = DUNLIN_OK;

    if (!m->run->enclosed)
        rc = batch_control(&m->batch, ENTRY_BEGIN,
                           m->savepoint ? GROUP_SAVEPOINT : m->run->dialect->begin, err);
    if (!rc)
        rc = migrate_timeouts(m, true, err);
    return rc ? rc : claim(m, err);
}

/* On a cluster a transaction that another node was before in ends in a deadlock, at its COMMIT at
 * the latest, and leaves nothing. */
static bool lost_race(const struct migrating *m)
{
    const struct batch_failure *f = &m->batch.failure;

    return (f->role == ENTRY_CLAIM && f->kind == DUNLIN_KIND_DUPLICATE) ||
           (m->run->lock_local && f->role != ENTRY_BODY && f->kind == DUNLIN_KIND_DEADLOCK);
}

/* Where the transaction itself is the lock: waits for it, and proves the claim before going on. */
static int open_exclusive(struct migrating *m, struct dunlin_error *err)
{
    struct busy_wait wait = {0};

    for (;;) {
        size_t claims;
        int rc = opening(m, err);

        claims = m->batch.count;
        if (!rc)
            rc = batch_send(&m->batch, err);
        if (!rc)
            return (m->direction == DUNLIN_DOWN || m->entry.shared_claims) &&
                           m->batch.rows[claims - 1] == 0
                       ? RUN_RACE
                       : 0;
        migrate_rollback(m);
        if (m->batch.failure.kind != DUNLIN_KIND_LOCKED)
            return rc;
        if (!run_busy_wait(m->run, &wait))
            return run_busy_end(m->run, DUNLIN_LOCKED, err);
    }
}

/* In a message with other migrations; in a transaction with them only what surely obeys it. */
static bool may_group(const struct migrating *m, const struct piece *piece,
                      enum dunlin_effect effect)
{
    static const char *const words[] = {"CREATE", "ALTER",  "DROP",    "INSERT",
                                        "UPDATE", "DELETE", "REPLACE", "SELECT"};

    if (piece->copy_stdin || effect == DUNLIN_EFFECT_LEX_MODE)
        return false;
    for (size_t i = 0; m->savepoint && i < sizeof(words) / sizeof(words[0]); i++) {
        if (piece_word_is(piece, 0, words[i]))
            return effect == DUNLIN_EFFECT_NONE;
    }
    return !m->savepoint;
}

static int on_piece(void *user, const struct piece *piece, uint32_t number,
                    enum dunlin_effect effect, struct dunlin_error *err)
{
    struct migrating *m = user;
    int rc;

    if (piece->kind == PIECE_COPY_DATA) {
        migrate_progress(m, piece);
        return copy_feed_data(&m->copy, piece, err);
    }
    /* The file's own BEGIN and COMMIT around everything become ours; switching foreign keys has no
     * effect in here, and was done before. */
    if ((m->section->folded && (effect == DUNLIN_EFFECT_BEGIN || effect == DUNLIN_EFFECT_COMMIT)) ||
        effect == DUNLIN_EFFECT_FOREIGN_KEYS)
        return DUNLIN_OK;
    if (m->grouped && !may_group(m, piece, effect))
        return RUN_ALONE;
    m->executed++;
    if (effect == DUNLIN_EFFECT_LEX_MODE)
        m->run->lex_touched = true;
    if (effect == DUNLIN_EFFECT_SESSION)
        m->session_touched = m->run->session_touched = true;
    if (piece->copy_stdin)
        return copy_feed_begin(&m->copy, &m->batch, &m->of, piece, number, err);
    if (m->tolerate_exists)
        return tolerate_statement(m, piece, number, err);
    rc = batch_body(&m->batch, &m->of, piece, number, err);
    if (!rc && !m->grouped && (effect == DUNLIN_EFFECT_LEX_MODE || batch_full(&m->batch))) {
        migrate_progress(m, piece);
        rc = batch_send(&m->batch, err);
    }
    return rc;
}

static int truth(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    int *verdict = user;
    bool yes = n > 0 && v[0] && lens[0] > 0 && strcmp(v[0], "f") != 0 &&
               strcmp(v[0], "false") != 0 && !(atof(v[0]) == 0.0 && strchr("0+-.", v[0][0]));

    *verdict = *verdict != 0 && yes;
    return 0;
}

static int on_verify(void *user, const struct piece *piece, uint32_t number,
                     enum dunlin_effect effect, struct dunlin_error *err)
{
    struct migrating *m = user;
    struct plan_script up = *m->script;
    struct batch_script of = {.script = &up};
    int verdict = -1, kind;

    (void)effect;
    if (piece->kind != PIECE_STATEMENT)
        return DUNLIN_OK;
    kind = m->run->driver->query(m->run->conn, piece->sql, piece->sql_len, truth, &verdict, err);
    if (kind == 0 && verdict == 1)
        return DUNLIN_OK;
    if (kind == 0)
        error_set(err, DUNLIN_FAILED, DUNLIN_KIND_DATA, "verify query %" PRIu32 " %s", number,
                  verdict < 0 ? "returned no row" : "is not true");
    place_fill(&of, piece->sql, piece->sql_len, piece->line, piece->column, err);
    return kind ? run_status(m->run, kind, err) : DUNLIN_FAILED;
}

/* The verify section, inside the transaction. */
static int verify(struct migrating *m, struct dunlin_error *err)
{
    struct plan_script *s = m->script;
    enum section_kind section = s->section;
    int rc;

    if (m->direction != DUNLIN_UP || !s->script.sections[SECTION_VERIFY].statements)
        return DUNLIN_OK;
    rc = batch_send(&m->batch, err);
    if (rc)
        return rc;
    s->section = SECTION_VERIFY;
    rc = body_each(m->run, s, on_verify, m, err);
    s->section = section;
    return rc;
}

/* With foreign keys off for the time of a rebuild, what they would have refused is looked for. */
static int check_foreign_keys(struct migrating *m, struct dunlin_error *err)
{
    int rc = batch_send(&m->batch, err);

    return rc ? rc : keys_check(m->run, migrate_path(m), err);
}

static int hooks_inside(struct migrating *m, enum hook hook, struct dunlin_error *err)
{
    int rc;

    if (!hooks_any(m->run, hook, m->item->source))
        return DUNLIN_OK;
    rc = batch_send(&m->batch, err);
    return rc ? rc : hooks_run(m->run, hook, m->item->source, err);
}

/* The row says "applied", or is gone. */
static int finish(struct migrating *m, struct dunlin_error *err)
{
    struct history_row row;

    if (m->direction == DUNLIN_UP) {
        m->entry.total = m->executed;
        history_sql_finish(&m->sql, &m->run->table, &m->entry);
    } else if (m->entry.whole) {
        row = *m->item->row;
        row.status = HISTORY_RUNNING;
        row.checksum = NULL;
        history_sql_remove(&m->sql, &m->run->table, &row);
    }
    return migrate_add_sql(m, ENTRY_CONTROL, err);
}

static int closing(struct migrating *m, bool keys_off, struct dunlin_error *err)
{
    int rc = m->entry.marked ? DUNLIN_OK : hooks_inside(m, HOOK_AFTER_EACH, err);

    if (!rc && !m->entry.marked)
        rc = verify(m, err);
    if (!rc && keys_off)
        rc = check_foreign_keys(m, err);
    /* A role that the script took on may not write the history. */
    if (!rc && m->session_touched)
        rc = batch_control_list(&m->batch, m->run->dialect->reset, err);
    if (!rc)
        rc = finish(m, err);
    if (!rc && m->grouped && !m->run->options.durable_each)
        rc = batch_control(&m->batch, ENTRY_CONTROL, m->run->dialect->commit_async, err);
    if (!rc && !m->run->enclosed)
        rc = batch_control(&m->batch, ENTRY_CONTROL,
                           m->savepoint ? GROUP_SAVEPOINT_END : m->run->dialect->commit, err);
    return rc || m->grouped ? rc : batch_send(&m->batch, err);
}

int transaction_append(struct migrating *m, struct dunlin_error *err)
{
    int rc;

    m->grouped = true;
    rc = migrate_reset(m, err);
    if (!rc)
        rc = opening(m, err);
    if (!rc)
        rc = body_each(m->run, m->script, on_piece, m, err);
    return rc ? rc : closing(m, false, err);
}

/* The body; a large one is hashed on the way, so that the database need not wait for that. */
static int body(struct migrating *m, struct dunlin_error *err)
{
    struct file_text *text = m->script->text;
    bool late = m->direction == DUNLIN_UP && text && !m->entry.checksum[0];
    int rc;

    if (late)
        file_text_hash_next(text);
    rc = body_each(m->run, m->script, on_piece, m, err);
    if (!rc && late)
        rc = file_text_hash_end(text, err);
    if (rc || !late)
        return rc;
    m->entry.checksum = file_text_checksum(text);
    m->entry.checksum_late = true;
    return DUNLIN_OK;
}

static int inside(struct migrating *m, bool keys_off, struct dunlin_error *err)
{
    int rc = m->run->dialect->lock || m->run->enclosed ? opening(m, err) : open_exclusive(m, err);

    if (!rc && m->entry.marked)
        return closing(m, keys_off, err);
    if (!rc)
        rc = hooks_inside(m, HOOK_BEFORE_EACH, err);
    if (!rc)
        rc = body(m, err);
    return rc ? rc : closing(m, keys_off, err);
}

/* Whether the server rolled back by itself, as it does behind a deadlock: then the history is as it
 * was. Another tool's table has no row of what is under way. */
static bool left_nothing(struct migrating *m)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    bool changed = true;

    if (m->entry.shared)
        return m->batch.failure.kind == DUNLIN_KIND_DEADLOCK ||
               m->batch.failure.kind == DUNLIN_KIND_LOCKED;
    return journal_row_changed(m, &changed, &ignored) == DUNLIN_OK && !changed;
}

/* A statement ended the transaction by itself, and what came before stays. */
static bool torn(struct migrating *m)
{
    return !(m->run->driver->caps & DUNLIN_CAP_TX_DDL) && m->batch.opened &&
           m->batch.failure.role == ENTRY_BODY &&
           m->run->driver->tx_state(m->run->conn) == DUNLIN_TX_IDLE && !left_nothing(m);
}

static void explain_torn(struct migrating *m, struct dunlin_error *err)
{
    error_state(err,
                "a statement of %s ended the transaction, so that some of what ran before the "
                "failure is in the database",
                migrate_path(m));
    error_hint(err, "mark the section transaction:off: then each finished statement is noted");
    error_next(err, "finish it by hand, or undo it, then: dunlin mark %s applied|pending",
               m->entry.version);
}

static void explain(struct migrating *m, int rc, struct dunlin_error *err)
{
    if (!err || rc == RUN_RACE)
        return;
    if (m->batch.failure.kind == DUNLIN_KIND_LOST && (err->flags & DUNLIN_ERROR_OUTCOME_UNKNOWN)) {
        error_state(err,
                    "the connection broke while %s was under way: it is in the database as a "
                    "whole, or not at all",
                    migrate_path(m));
        error_next(err, "dunlin status");
        return;
    }
    error_state(err, "nothing of %s is in the database: its transaction was rolled back",
                migrate_path(m));
    if (rc == DUNLIN_FAILED)
        error_next(err, "%sdunlin %s", migrate_remedy(err), run_again(m->run, m->direction));
    else if (rc == DUNLIN_INTERRUPTED)
        error_next(err, "dunlin %s", run_again(m->run, m->direction));
}

/* After a failure nothing of it is there, unless the engine left no choice. */
static int undo(struct migrating *m, int rc, struct dunlin_error *err)
{
    if (torn(m)) {
        explain_torn(m, err);
        return DUNLIN_PARTIAL;
    }
    migrate_rollback(m);
    if (lost_race(m))
        rc = RUN_RACE;
    else if (tolerate_defers(m) && !m->run->enclosed)
        rc = tolerate_defer(m, false, err);
    explain(m, rc, err);
    return rc;
}

/* Runs it once. */
static int attempt(struct migrating *m, struct dunlin_error *err)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    bool keys_off = false;
    int rc = migrate_reset(m, err);

    if (!rc && m->batch.count && !m->run->dialect->lock)
        rc = batch_send(&m->batch, err);
    if (!rc && keys_wanted(m->section))
        rc = keys_suspend(m->run, &keys_off, err);
    if (rc)
        return rc;
    rc = inside(m, keys_off, err);
    if (rc)
        rc = undo(m, rc, err);
    if (keys_off)
        (void)keys_restore(m->run, rc ? &ignored : err);
    return rc;
}

/* Tries it again after a failure, where that may help. */
static int again(struct migrating *m, int rc, struct dunlin_error *err)
{
    for (uint32_t tries = 1; rc > 0 && retry_may(m, tries - 1); tries++) {
        if (!retry_wait(m, tries, err))
            return retry_stopped(m, err);
        migrate_again(m);
        rc = attempt(m, err);
    }
    return rc;
}

int run_transaction(struct migrating *m, struct dunlin_error *err)
{
    return again(m, attempt(m, err), err);
}

int transaction_failed(struct migrating *m, int rc, struct dunlin_error *err)
{
    m->grouped = false;
    return again(m, undo(m, rc, err), err);
}
