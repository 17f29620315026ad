/* SPDX-License-Identifier: MIT */
/*
 * Where the engine commits by itself, or a statement refuses a transaction: every finished
 * statement is noted in the history row with the hash over all finished ones, so that the next run
 * can prove what is done and continue behind it.
 *
 * A statement and its note share a message, and a transaction where the engine lets them. Where
 * they cannot, a crash between the two leaves one statement in doubt: the row then still says
 * "running", and the next run names that statement instead of guessing.
 */
#include "run/journal.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "history/foreign.h"
#include "history/sql.h"
#include "script/classify.h"

/* What links each statement to those before it. */
struct link {
    char before[SHA256_HEX_SIZE];
    char statement[SHA256_HEX_SIZE];
};

static void hash_add(struct journal *j, const struct piece *piece)
{
    struct link link;

    memcpy(link.before, j->hash, sizeof(link.before));
    memcpy(j->before, j->hash, sizeof(j->before));
    sha256_hex(piece->sql, piece->sql_len, link.statement);
    sha256_hex(&link, sizeof(link), j->hash);
    if (piece->copy_stdin)
        sha256_init(&j->rows);
}

/* The rows belong to their COPY, in however many pieces they come. */
static void hash_add_rows(struct journal *j, const struct piece *piece)
{
    struct link link;

    sha256_update(&j->rows, piece->sql_len, (const uint8_t *)piece->sql);
    if (!piece->copy_end)
        return;
    memcpy(link.before, j->hash, sizeof(link.before));
    sha256_end_hex(&j->rows, link.statement);
    sha256_hex(&link, sizeof(link), j->hash);
}

/* Whether a statement and its note can be in one message although no transaction holds them. */
static bool shares_message(const struct journal *j, enum dunlin_effect effect)
{
    return effect != DUNLIN_EFFECT_NO_TX && !(j->m->run->driver->caps & DUNLIN_CAP_TX_DDL);
}

/* Notes what is done and ends the transaction, by the script's COMMIT or ours. */
static int group_end(struct journal *j, uint64_t done, struct dunlin_error *err)
{
    struct batch *b = &j->m->batch;
    int rc;

    if (!j->grouping)
        return DUNLIN_OK;
    rc = journal_note(j, ENTRY_CONTROL, done, err);
    if (!rc)
        rc = batch_control(b, ENTRY_CONTROL, j->m->run->dialect->commit, err);
    batch_mark_done(b, done);
    j->grouping = false;
    return rc;
}

/* In one message with what stands before it, a BEGIN of PostgreSQL takes that into its transaction:
 * a rollback would take back the note of a statement that stays. */
static int before_begin(struct journal *j, struct dunlin_error *err)
{
    return j->m->run->driver->caps & DUNLIN_CAP_TX_DDL ? batch_send(&j->m->batch, err) : DUNLIN_OK;
}

static int group_begin(struct journal *j, struct dunlin_error *err)
{
    int rc;

    if (j->grouping)
        return DUNLIN_OK;
    rc = before_begin(j, err);
    if (rc)
        return rc;
    j->grouping = true;
    return batch_control(&j->m->batch, ENTRY_BEGIN, j->m->run->dialect->begin, err);
}

/* The statement, then its note; in one message where that is allowed. */
static int alone(struct journal *j, const struct piece *piece, bool together,
                 struct dunlin_error *err)
{
    struct migrating *m = j->m;
    int rc = together ? DUNLIN_OK : batch_send(&m->batch, err);

    if (!rc && !together)
        rc = concurrent_prepare(m, piece, err);
    if (!rc)
        rc = batch_body(&m->batch, &m->of, piece, (uint32_t)j->number, err);
    if (!rc && (!together || m->tolerate_exists)) {
        rc = batch_send(&m->batch, err);
        if (rc && tolerate_skips(m, err))
            rc = DUNLIN_OK;
        else if (rc)
            concurrent_failed(m, piece);
    }
    return rc ? rc : journal_noted(j, err);
}

static int lock_tables(struct journal *j, const struct piece *piece, struct dunlin_error *err)
{
    struct migrating *m = j->m;
    struct piece with = *piece;
    struct buf sql = BUF_INIT(m->run->lexing.max_statement + 4096);
    int rc = journal_lock_text(j, piece, &sql, err);

    with.sql = sql.data;
    with.sql_len = sql.len;
    if (!rc)
        rc = batch_body(&m->batch, &m->of, &with, (uint32_t)j->number, err);
    buf_free(&sql);
    j->locked = true;
    return rc ? rc : journal_noted(j, err);
}

/* SQLite opens a transaction by SAVEPOINT, too, and ends it where that is released. */
static int own_release(struct journal *j, const struct piece *piece, struct dunlin_error *err)
{
    struct migrating *m = j->m;
    int rc = journal_note(j, ENTRY_CONTROL, j->number, err);

    if (!rc)
        rc = batch_body(&m->batch, &m->of, piece, (uint32_t)j->number, err);
    if (!rc)
        rc = batch_send(&m->batch, err);
    j->own = m->run->driver->tx_state(m->run->conn) != DUNLIN_TX_IDLE;
    if (!rc && !j->own)
        m->batch.durable = j->number;
    return rc;
}

/* Inside a transaction that the script itself began: the note goes in before its COMMIT, and before
 * a statement that commits what is open. What dies in it has left nothing that is not noted. */
static int own_statement(struct journal *j, const struct piece *piece, enum dunlin_effect effect,
                         struct dunlin_error *err)
{
    struct migrating *m = j->m;
    bool commits = effect == DUNLIN_EFFECT_COMMIT || journal_chains(piece, effect);
    bool leaves = effect == DUNLIN_EFFECT_ROLLBACK || effect == DUNLIN_EFFECT_COMMITS ||
                  (effect == DUNLIN_EFFECT_TX_CONTROL && piece_word_is(piece, 0, "PREPARE"));
    int rc = DUNLIN_OK;

    if (effect == DUNLIN_EFFECT_SAVEPOINT && !m->run->dialect->lock &&
        piece_word_is(piece, 0, "RELEASE"))
        return own_release(j, piece, err);
    if (commits || effect == DUNLIN_EFFECT_COMMITS)
        rc = journal_note(j, ENTRY_CONTROL, commits ? j->number : j->number - 1, err);
    if (!rc)
        rc = batch_body(&m->batch, &m->of, piece, (uint32_t)j->number, err);
    if (commits)
        batch_mark_done(&m->batch, j->number);
    if (effect == DUNLIN_EFFECT_COMMIT || leaves)
        j->own = false;
    return !rc && leaves ? journal_noted(j, err) : rc;
}

/* BEGIN with an isolation level, or SAVEPOINT on SQLite: the session tells what it did. */
static int may_begin(struct journal *j, const struct piece *piece, struct dunlin_error *err)
{
    struct migrating *m = j->m;
    int rc = batch_send(&m->batch, err);

    if (!rc)
        rc = batch_body(&m->batch, &m->of, piece, (uint32_t)j->number, err);
    if (!rc)
        rc = batch_send(&m->batch, err);
    if (rc)
        return rc;
    j->own = m->run->driver->tx_state(m->run->conn) == DUNLIN_TX_OPEN;
    return j->own ? DUNLIN_OK : journal_noted(j, err);
}

static int statement(struct journal *j, const struct piece *piece, enum dunlin_effect effect,
                     struct dunlin_error *err)
{
    struct migrating *m = j->m;
    int rc;

    if (j->own || effect != DUNLIN_EFFECT_NONE || !journal_adds_rows(piece))
        j->spare = 0;
    if (j->own)
        return own_statement(j, piece, effect, err);
    if (journal_groupable(j, piece, effect)) {
        rc = group_begin(j, err);
        return rc ? rc : batch_body(&m->batch, &m->of, piece, (uint32_t)j->number, err);
    }
    rc = group_end(j, j->number - 1, err);
    if (rc)
        return rc;
    switch (effect) {
    case DUNLIN_EFFECT_COMMIT:
        /* Nothing is open: it is for the transaction that another tool runs the file in. */
        if (m->run->driver->caps & DUNLIN_CAP_TX_DDL)
            return journal_noted(j, err);
        return alone(j, piece, shares_message(j, effect), err);
    case DUNLIN_EFFECT_TX_CONTROL:
    case DUNLIN_EFFECT_SAVEPOINT:
        if (m->run->driver->caps & DUNLIN_CAP_TX_DDL)
            return may_begin(j, piece, err);
        return alone(j, piece, shares_message(j, effect), err);
    case DUNLIN_EFFECT_BEGIN:
        rc = before_begin(j, err);
        if (rc)
            return rc;
        j->own = true;
        j->locked = false; /* it lets go of them */
        return batch_body(&m->batch, &m->of, piece, (uint32_t)j->number, err);
    case DUNLIN_EFFECT_LOCK_TABLES:
        return lock_tables(j, piece, err);
    case DUNLIN_EFFECT_UNLOCK_TABLES:
        j->locked = false;
        return alone(j, piece, true, err);
    default:
        return alone(j, piece, shares_message(j, effect), err);
    }
}

/* In a message with other migrations. */
static bool may_group(enum dunlin_effect effect)
{
    return effect != DUNLIN_EFFECT_LEX_MODE && effect != DUNLIN_EFFECT_NO_TX &&
           effect != DUNLIN_EFFECT_LOCK_TABLES;
}

static int on_piece(void *user, const struct piece *piece, uint32_t number,
                    enum dunlin_effect effect, struct dunlin_error *err)
{
    struct journal *j = user;
    struct migrating *m = j->m;
    int rc;

    if (piece->kind == PIECE_COPY_DATA) {
        hash_add_rows(j, piece);
        if (number <= j->skip)
            return piece->copy_end ? resume_skipped_rows(j, err) : DUNLIN_OK;
        rc = copy_feed_data(&m->copy, piece, err);
        return rc || !piece->copy_end || j->own ? rc : journal_noted(j, err);
    }
    j->number = number;
    hash_add(j, piece);
    quiet_add(&j->quiet, m->run->dialect, piece);
    if (number <= j->skip)
        return resume_skipped(j, piece, effect, err);
    if (number == j->skip + 1 && !j->judged) {
        rc = resume_stopped_at(j, piece, effect, err);
        if (rc || number == j->skip)
            return rc;
    }
    rc = resume_lock_again(j, err);
    if (rc)
        return rc;
    m->executed++;
    if (effect == DUNLIN_EFFECT_LEX_MODE)
        m->run->lex_touched = true;
    if (effect == DUNLIN_EFFECT_SESSION)
        m->run->session_touched = true;
    if (m->grouped && (piece->copy_stdin || !may_group(effect)))
        return RUN_ALONE;
    if (piece->copy_stdin) {
        rc = group_end(j, number - 1, err);
        return rc ? rc : copy_feed_begin(&m->copy, &m->batch, &m->of, piece, number, err);
    }
    rc = statement(j, piece, effect, err);
    if (rc || m->grouped || journal_is_last(j) || !batch_full(&m->batch))
        return rc;
    migrate_progress(m, piece);
    rc = group_end(j, number, err);
    return rc ? rc : batch_send(&m->batch, err);
}

static int claim(struct journal *j, struct dunlin_error *err)
{
    struct migrating *m = j->m;
    const struct history_table *t = &m->run->table;

    if (m->direction == DUNLIN_DOWN || j->skip > 0) {
        if (m->direction == DUNLIN_DOWN && j->skip == 0)
            history_sql_reverting(&m->sql, t, &m->entry);
        else
            history_sql_status(&m->sql, t, &m->entry, HISTORY_RUNNING, NULL);
        j->exclusive = m->sql.len && m->run->lock_local && m->item->row->status != HISTORY_RUNNING;
        if (j->exclusive)
            buf_addf(&m->sql, " AND status = '%s' AND statements_done = %" PRIu64,
                     history_status_name(m->item->row->status), m->item->row->done);
        j->claim = m->batch.count;
    } else {
        if (m->item->row) {
            int rc;

            history_sql_remove(&m->sql, t, m->item->row);
            rc = migrate_add_sql(m, ENTRY_CONTROL, err);
            if (rc)
                return rc;
        }
        history_sql_insert(&m->sql, t, &m->entry, HISTORY_RUNNING);
    }
    if (migrate_add_sql(m, ENTRY_CLAIM, err))
        return error_nomem(err);
    /* The claim stands by itself: what follows may be a statement that must be alone. On resume it
     * waits until the finished statements have proved to be unchanged. */
    if (j->skip > 0)
        return DUNLIN_OK;
    if (j->exclusive)
        return journal_claim(j, err);
    return m->run->driver->caps & DUNLIN_CAP_TX_DDL ? batch_send(&m->batch, err) : DUNLIN_OK;
}

static bool lost_race(const struct migrating *m)
{
    const struct batch_failure *f = &m->batch.failure;

    /* On a cluster the key may be refused as a deadlock with another node. */
    return f->role == ENTRY_CLAIM && (f->kind == DUNLIN_KIND_DUPLICATE ||
                                      (m->run->lock_local && f->kind == DUNLIN_KIND_DEADLOCK));
}

/* SQLite has no lock but its file: that is waited for here. */
static int claim_waiting(struct journal *j, struct dunlin_error *err)
{
    struct run *r = j->m->run;
    struct busy_wait wait = {0};
    int rc;

    do
        rc = claim(j, err);
    while (rc == DUNLIN_LOCKED && !r->dialect->lock && run_busy_wait(r, &wait));
    rc = run_busy_end(r, rc, err);
    if (rc > 0 && !lost_race(j->m))
        error_state(err, "%s is as it was before this run", migrate_path(j->m));
    return rc;
}

/* The row says "applied", or is gone. */
static void finish_sql(struct migrating *m)
{
    struct history_row row;

    if (m->direction == DUNLIN_UP) {
        history_sql_finish(&m->sql, &m->run->table, &m->entry);
        return;
    }
    row = *m->item->row;
    row.status = HISTORY_RUNNING;
    row.checksum = NULL;
    migrate_remove_sql(m, &row);
}

static int finish(struct journal *j, struct dunlin_error *err)
{
    struct migrating *m = j->m;
    bool closes = j->closing || j->grouping;
    int rc = DUNLIN_OK;

    if (j->own) {
        rc = journal_note(j, ENTRY_CONTROL, j->number, err);
        if (!rc)
            rc = batch_control(&m->batch, ENTRY_CONTROL, m->run->dialect->commit, err);
        batch_mark_done(&m->batch, j->number);
    }
    if (!rc && !closes && m->run->driver->caps & DUNLIN_CAP_TX_DDL)
        rc = batch_send(&m->batch, err);
    /* What a tool keeps of it may be several rows. Nothing else is changed: that needs no lock. */
    if (!rc && m->entry.shared && !closes && m->run->driver->caps & DUNLIN_CAP_TX_DDL) {
        rc = batch_control(&m->batch, ENTRY_BEGIN, "BEGIN", err);
        j->grouping = true;
    }
    if (rc)
        return rc;
    if (j->grouping)
        journal_spare(j);
    finish_sql(m);
    rc = migrate_add_sql(m, j->closing ? ENTRY_NOTE : ENTRY_CONTROL, err);
    if (!rc && j->grouping)
        rc = batch_control(&m->batch, ENTRY_CONTROL, m->run->dialect->commit, err);
    if (closes)
        batch_mark_done(&m->batch, j->number);
    m->commits = j->grouping;
    j->grouping = false;
    return rc || m->grouped ? rc : batch_send(&m->batch, err);
}

static void explain(struct journal *j, uint64_t done, struct dunlin_error *err)
{
    struct migrating *m = j->m;
    const char *again = run_again(m->run, m->direction);

    if (m->entry.shared && (done > 0 || j->m->may_remain ||
                            (m->entry.foreign->begun && m->batch.failure.role == ENTRY_BODY))) {
        shared_explain(m, done, err);
        return;
    }
    if (j->m->batch.failure.role == ENTRY_NOTE) {
        error_state(err, "statement %" PRIu64 " of %" PRIu64 " has run, but that is not recorded",
                    done + 1, m->entry.total);
        error_next(err, "dunlin %s", again);
        return;
    }
    if (done == 0 && !j->m->may_remain) {
        error_state(err, "nothing of %s is in the database", migrate_path(m));
        error_next(err, "%sdunlin %s", migrate_remedy(err), again);
        return;
    }
    if (j->m->may_remain)
        error_state(err, "%" PRIu64 " of %" PRIu64 " statements are done; the failed one %s", done,
                    m->entry.total, m->remains);
    else if (done >= m->section->statements)
        error_state(err,
                    "all %" PRIu64 " statements are in the database and recorded; what failed came "
                    "behind them",
                    done);
    else
        error_state(err,
                    "statements 1 to %" PRIu64 " of %" PRIu64 " are in the database and "
                    "recorded; %" PRIu64 " and those behind it are not",
                    done, m->entry.total, done + 1);
    if (migrate_blames_file(err) && done < m->section->statements)
        error_next(err, "mend statement %" PRIu64 ", leave those before it alone, then: dunlin %s",
                   done + 1, again);
    else
        error_next(err, "%sdunlin %s", migrate_blames_file(err) ? "" : migrate_remedy(err), again);
}

/* Records how far it came. A lost connection cannot: its row goes on saying "running". */
static int failed(struct journal *j, int rc, struct dunlin_error *err)
{
    struct migrating *m = j->m;
    uint64_t done = m->batch.durable > j->skip ? m->batch.durable : j->skip;
    bool unnoted = m->batch.failure.role == ENTRY_NOTE;
    enum history_status status =
        done > 0 || j->m->may_remain || unnoted ? HISTORY_PARTIAL : HISTORY_FAILED;
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;

    if (m->batch.failure.kind == DUNLIN_KIND_LOST && m->entry.shared) {
        shared_explain(m, done, err);
        return DUNLIN_PARTIAL;
    }
    if (m->batch.failure.kind == DUNLIN_KIND_LOST) {
        error_state(err, "the connection broke in %s; the history says how far it came",
                    migrate_path(m));
        error_next(err, "dunlin %s", run_again(m->run, m->direction));
        return DUNLIN_PARTIAL;
    }
    migrate_rollback(m);
    batch_clear(&m->batch);
    if (tolerate_defers(m))
        return tolerate_defer(m, true, err);
    explain(j, done, err);
    if (m->direction == DUNLIN_DOWN && status == HISTORY_FAILED) {
        /* Nothing was reverted: it is applied as before. */
        m->entry.total = m->item->row->total;
        history_sql_status(&m->sql, &m->run->table, &m->entry, HISTORY_APPLIED, NULL);
        (void)migrate_add_sql(m, ENTRY_CONTROL, &ignored);
        history_sql_progress(&m->sql, &m->run->table, &m->entry, m->item->row->done, "");
    } else if (m->entry.shared && m->direction == DUNLIN_UP && status == HISTORY_FAILED) {
        /* The tool would take the start that was noted for something unfinished. */
        if (m->entry.foreign->begun && m->entry.foreign->reverted && !m->run->tool->failed_stays)
            foreign_sql(&m->sql, m->entry.foreign->reverted, m->entry.shared, &m->entry, NULL);
    } else {
        /* What has run and is not noted must not run again: the row goes on saying "running". */
        history_sql_status(&m->sql, &m->run->table, &m->entry, unnoted ? HISTORY_RUNNING : status,
                           err->message);
    }
    (void)migrate_add_sql(m, ENTRY_CONTROL, &ignored);
    journal_spared(m, done);
    (void)migrate_add_sql(m, ENTRY_CONTROL, &ignored);
    /* Also after a cancel: the truth has to be recorded. */
    bool cancelled = run_cancel_hold(m->run);
    (void)batch_send(&m->batch, &ignored);
    run_cancel_release(m->run, cancelled);
    return rc != DUNLIN_INTERRUPTED && status == HISTORY_PARTIAL ? DUNLIN_PARTIAL : rc;
}

/* What a failure means once the claim was on its way: another runner was first, nothing ran, or how
 * far it came is recorded. */
static int judge(struct journal *j, int rc, struct dunlin_error *err)
{
    if (rc == RUN_RACE || lost_race(j->m))
        return RUN_RACE;
    if (rc == DUNLIN_CONFLICT || (rc == DUNLIN_PARTIAL && !j->m->batch.failure.kind))
        return rc;
    return failed(j, rc, err);
}

static const struct history_row *row_of(const struct history *h, const struct history_entry *e)
{
    for (size_t i = 0; i < h->count; i++) {
        if (strcmp(h->rows[i].source, e->source) == 0 &&
            strcmp(h->rows[i].version, e->version) == 0)
            return &h->rows[i];
    }
    return NULL;
}

int journal_row_changed(struct migrating *m, bool *changed, struct dunlin_error *err)
{
    const struct history_row *before = m->item->row, *now = NULL;
    struct arena arena = ARENA_INIT;
    struct history h;
    int rc = history_read(m->run->driver, m->run->conn, &m->run->table, &arena, &h, err);

    if (!rc)
        now = row_of(&h, &m->entry);
    *changed = !rc && (!now != !before ||
                       (now && (now->status != before->status || now->done != before->done)));
    arena_free(&arena);
    return rc;
}

/* Where no lock keeps runners apart, a row that says "running" may be of one that is at work: as
 * long as it gets on, it is waited for. */
static int wait_for_other(struct migrating *m, struct dunlin_error *err)
{
    const struct history_row *row = m->item->row;
    struct busy_wait wait = {0};
    bool changed = false;
    int rc = DUNLIN_OK;

    if (!m->run->lock_local || m->run->options.resume != RESUME_ASK || !row ||
        row->status != HISTORY_RUNNING)
        return DUNLIN_OK;
    while (!rc && !changed && run_busy_wait(m->run, &wait))
        rc = journal_row_changed(m, &changed, err);
    if (!rc && atomic_load(&m->run->cancelled))
        rc = run_stopped(m->run, err);
    return !rc && changed ? RUN_RACE : rc;
}

static int journal_once(struct migrating *m, struct dunlin_error *err)
{
    struct journal j = {.m = m};
    const struct history_row *row = m->item->row;
    bool started = false;
    int rc = wait_for_other(m, err);

    if (!rc)
        rc = migrate_reset(m, err);
    if (row && row->status != HISTORY_APPLIED)
        j.skip = row->done;
    if (!rc)
        rc = migrate_timeouts(m, false, err);
    if (!rc)
        rc = hooks_run(m->run, HOOK_BEFORE_EACH, m->item->source, err);
    if (!rc)
        rc = claim_waiting(&j, err);
    started = rc == DUNLIN_OK;
    if (!rc)
        rc = body_each(m->run, m->script, on_piece, &j, err);
    if (!rc && j.number < j.skip)
        rc = error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                       "%s has fewer statements than have already run", migrate_path(m));
    if (!rc)
        rc = finish(&j, err);
    if (!rc)
        return hooks_run(m->run, HOOK_AFTER_EACH, m->item->source, err);
    return started || lost_race(m) ? judge(&j, rc, err) : rc;
}

/* The row as the failed attempt left it: the next one continues from there. */
static int row_again(struct migrating *m, struct dunlin_error *err)
{
    struct history h;
    int rc = history_read(m->run->driver, m->run->conn, &m->run->table, &m->run->arena, &h, err);

    if (!rc && row_of(&h, &m->entry))
        m->item->row = row_of(&h, &m->entry);
    return rc;
}

/* Continues it after a failure, where that may help. What is shared with another tool has no
 * journal to continue from. */
static int again(struct migrating *m, int rc, struct dunlin_error *err)
{
    for (uint32_t tries = 1;
         rc > 0 && !run_shares(m->run, m->item) && !m->may_remain && retry_may(m, tries - 1);
         tries++) {
        if (!retry_wait(m, tries, err))
            return retry_stopped(m, err);
        rc = row_again(m, err);
        if (rc)
            break;
        migrate_again(m);
        rc = journal_once(m, err);
    }
    return rc;
}

int run_journal(struct migrating *m, struct dunlin_error *err)
{
    return again(m, journal_once(m, err), err);
}

int journal_append(struct migrating *m, struct dunlin_error *err)
{
    struct journal j = {.m = m};
    int rc = migrate_reset(m, err);

    m->grouped = true;
    if (!rc)
        rc = migrate_timeouts(m, false, err);
    if (!rc)
        rc = claim(&j, err);
    if (!rc)
        rc = body_each(m->run, m->script, on_piece, &j, err);
    m->quiet = !j.quiet.disturbed;
    return rc ? rc : finish(&j, err);
}

int journal_failed(struct migrating *m, int rc, struct dunlin_error *err)
{
    struct journal j = {.m = m};

    m->grouped = false;
    return again(m, judge(&j, rc, err), err);
}
