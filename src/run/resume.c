/* SPDX-License-Identifier: MIT */
/*
 * Going on behind the statements that an earlier run finished: they are proved to be unchanged,
 * what they did to the session is done again, and the one that that run stopped at is run, counted
 * as done, or left to somebody who looks.
 */
#include "run/journal.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "script/classify.h"

/* Which tables the statements that an earlier run finished have left locked. They are locked again
 * before the first one that runs now, not before: what was locked may be gone since. */
static int lock_skipped(struct journal *j, const struct piece *piece, enum dunlin_effect effect,
                        struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(j->m->run->lexing.max_statement + 4096);
    int rc;

    /* a transaction that begins lets go of them, too */
    if (effect == DUNLIN_EFFECT_UNLOCK_TABLES || effect == DUNLIN_EFFECT_BEGIN) {
        j->locked = false;
        j->relock.sql = NULL;
        return DUNLIN_OK;
    }
    if (effect != DUNLIN_EFFECT_LOCK_TABLES)
        return DUNLIN_OK;
    rc = journal_lock_text(j, piece, &sql, err);
    j->locked = true;
    j->relock = *piece;
    j->relock_number = j->number;
    j->relock.sql = rc ? NULL : arena_strndup(&j->m->run->arena, sql.data, sql.len);
    j->relock.sql_len = sql.len;
    buf_free(&sql);
    return rc || j->relock.sql ? rc : error_nomem(err);
}

int resume_lock_again(struct journal *j, struct dunlin_error *err)
{
    struct migrating *m = j->m;
    int rc = DUNLIN_OK;

    if (j->relock.sql)
        rc = batch_body(&m->batch, &m->of, &j->relock, (uint32_t)j->relock_number, err);
    j->relock.sql = NULL;
    return rc;
}

/* What the run before has noted has to be what the file says still. */
static int prove(struct journal *j, struct dunlin_error *err)
{
    const struct history_row *row = j->m->item->row;
    const char *want = row->statements_hash ? row->statements_hash : "";

    if (strncmp(want, HISTORY_REVERTING, sizeof(HISTORY_REVERTING) - 1) == 0)
        want += sizeof(HISTORY_REVERTING) - 1;
    if (strcmp(want, j->hash) == 0)
        return j->exclusive ? journal_claim(j, err) : DUNLIN_OK;
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
              "the first %" PRIu64 " statements of %s are not those that ran", j->skip,
              migrate_path(j->m));
    error_hint(err, "restore them as they were; only what did not run yet may be changed");
    return DUNLIN_CONFLICT;
}

int resume_skipped_rows(struct journal *j, struct dunlin_error *err)
{
    if (j->number != j->skip)
        return DUNLIN_OK;
    return j->judged ? journal_noted(j, err) : prove(j, err);
}

int resume_skipped(struct journal *j, const struct piece *piece, enum dunlin_effect effect,
                   struct dunlin_error *err)
{
    int rc = j->number == j->skip && !piece->copy_stdin ? prove(j, err) : DUNLIN_OK;

    if (rc)
        return rc;
    if (j->number == j->skip && journal_chains(piece, effect)) {
        j->own = true;
        return batch_control(&j->m->batch, ENTRY_BEGIN, j->m->run->dialect->begin, err);
    }
    if (effect != DUNLIN_EFFECT_SESSION && effect != DUNLIN_EFFECT_LEX_MODE)
        return lock_skipped(j, piece, effect, err);
    return batch_body(&j->m->batch, &j->m->of, piece, (uint32_t)j->number, err);
}

/* A row of dialect.trace: a "what" with ! is beyond every rollback. */
static int trace_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    bool *lasting = user;

    if (n > 2 && v[2] && lens[2] && v[2][0] == '!')
        *lasting = true;
    return 0;
}

/* A transaction that died has left nothing; but where there are tables that know of none, a row may
 * have gone into one of them. */
static int rolled_back(struct run *r, enum doubt *doubt, struct dunlin_error *err)
{
    const char *trace = r->driver->caps & DUNLIN_CAP_TX_DDL ? NULL : r->dialect->trace;
    bool lasting = false;
    int kind =
        trace ? r->driver->query(r->conn, trace, strlen(trace), trace_row, &lasting, err) : 0;

    *doubt = lasting ? DOUBT_ASK : DOUBT_AGAIN;
    return kind ? run_status(r, kind, err) : DUNLIN_OK;
}

/* The run before died in this statement. Shared with its note in a transaction, it left nothing;
 * but what an edited file now says there tells nothing of what ran. */
static int settle(struct journal *j, const struct piece *piece, enum dunlin_effect effect,
                  enum doubt *doubt, struct dunlin_error *err)
{
    const struct history_row *row = j->m->item->row;
    bool same = row->checksum && strcmp(row->checksum, j->m->entry.checksum) == 0;

    *doubt = DOUBT_ASK;
    /* Without a lock that keeps out every other runner, one may still be at it. */
    if (!same || j->m->run->lock_local)
        return DUNLIN_OK;
    if (rules_match(j->m->run->dialect->repeatable, piece))
        *doubt = DOUBT_AGAIN;
    else if (journal_groupable(j, piece, effect) || effect == DUNLIN_EFFECT_BEGIN ||
             piece_word_is(piece, 0, "BEGIN"))
        return rolled_back(j->m->run, doubt, err);
    return *doubt == DOUBT_ASK ? concurrent_doubt(j->m, piece, doubt, err) : DUNLIN_OK;
}

/* The transaction of the run before ended in the middle of it, and no statement was noted. */
static bool was_torn(const struct history_row *row)
{
    return row->statements_hash &&
           (strcmp(row->statements_hash, HISTORY_WHOLE) == 0 ||
            strcmp(row->statements_hash, HISTORY_REVERTING HISTORY_WHOLE) == 0);
}

static int ask_torn(const struct journal *j, struct dunlin_error *err)
{
    error_set(err, DUNLIN_PARTIAL, DUNLIN_KIND_HISTORY,
              "a statement of %s ended the transaction of the run before: it is not known how much "
              "of it was carried out",
              migrate_path(j->m));
    error_state(err, "what ran before that statement is in the database; this run did nothing");
    error_hint(err, "look what is there; of a section with transaction:off each finished statement "
                    "is noted");
    error_next(err, "finish it by hand, or undo it, then: dunlin mark %s applied|pending",
               j->m->entry.version);
    return DUNLIN_PARTIAL;
}

static int ask(struct journal *j, const struct piece *piece, struct dunlin_error *err)
{
    struct batch_script *of = &j->m->of;
    bool base = strcmp(j->m->entry.source, PLAN_BASE_SCHEMA) == 0;
    const char *option = base ? " --baseline-schema FILE" : "";

    error_set(err, DUNLIN_PARTIAL, DUNLIN_KIND_HISTORY,
              "the run before ended in statement %" PRIu64 " of %s: it is not known whether it "
              "was carried out",
              j->number, migrate_path(j->m));
    place_fill(of, piece->sql, piece->sql_len, piece->line, piece->column, err);
    if (j->number == 1)
        error_state(err, "it is the first of %" PRIu64 "; those behind it are not done",
                    j->m->entry.total);
    else
        error_state(err,
                    "statements 1 to %" PRIu64 " of %" PRIu64 " are done, those behind %" PRIu64
                    " are not",
                    j->number - 1, j->m->entry.total, j->number);
    error_hint(
        err,
        "look whether its effect is there: if so, \"dunlin resume --skip%s\" goes on behind it; "
        "if not, \"dunlin resume%s\" runs it again; a migration that was finished or undone by "
        "hand is recorded with \"dunlin mark %s%s applied|pending\"",
        option, option, base ? PLAN_BASE_SCHEMA "/" : "", j->m->entry.version);
    error_next(err, "dunlin resume --skip%s, or: dunlin resume%s", option, option);
    return DUNLIN_PARTIAL;
}

static int counts_as_done(struct journal *j, const struct piece *piece, enum dunlin_effect effect,
                          const char *why, struct dunlin_error *err)
{
    struct migrating *m = j->m;
    int rc = DUNLIN_OK;

    run_warn(m->run, "statement %" PRIu64 " of %s counts as done, %s", j->number, migrate_path(m),
             why);
    j->skip = j->number;
    if (effect == DUNLIN_EFFECT_SESSION || effect == DUNLIN_EFFECT_LEX_MODE)
        rc = batch_body(&m->batch, &m->of, piece, (uint32_t)j->number, err);
    else
        rc = lock_skipped(j, piece, effect, err);
    return rc || piece->copy_stdin ? rc : journal_noted(j, err); /* behind its rows */
}

/* The statement that the run before stopped at: what can be known of it, or what somebody who has
 * looked wants done with it. */
int resume_stopped_at(struct journal *j, const struct piece *piece, enum dunlin_effect effect,
                      struct dunlin_error *err)
{
    const struct run_options *options = &j->m->run->options;
    const struct history_row *row = j->m->item->row;
    enum doubt doubt = DOUBT_AGAIN;
    int rc = DUNLIN_OK;

    j->judged = true;
    if (!row || row->status == HISTORY_APPLIED)
        return DUNLIN_OK;
    if (was_torn(row)) /* neither "again" nor "skip" speaks of more than one statement */
        return ask_torn(j, err);
    if (options->resume == RESUME_SKIP)
        return counts_as_done(j, piece, effect, "as was asked for", err);
    if (options->resume == RESUME_ASK && row->status == HISTORY_RUNNING)
        rc = settle(j, piece, effect, &doubt, err);
    if (rc)
        return rc;
    if (doubt == DOUBT_DONE)
        return counts_as_done(j, piece, effect, "as its index is there and valid", err);
    return doubt == DOUBT_ASK ? ask(j, piece, err) : DUNLIN_OK;
}
