/* SPDX-License-Identifier: MIT */
/* The notes of finished statements in the history row: what goes into one, and when. */
#include "run/journal.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "history/sql.h"
#include "script/classify.h"

bool journal_changes_rows(const struct piece *piece)
{
    static const char *const data[] = {"INSERT", "UPDATE", "DELETE", "REPLACE"};

    for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
        if (piece_word_is(piece, 0, data[i]))
            return true;
    }
    return false;
}

bool journal_adds_rows(const struct piece *piece)
{
    bool adds = piece_word_is(piece, 0, "INSERT") || piece_word_is(piece, 0, "REPLACE");

    for (uint32_t i = 1; adds && i < piece->ntokens; i++) {
        if (piece_word_is(piece, i, "VALUES"))
            return true;
        adds = !piece_word_is(piece, i, "SELECT");
    }
    return false;
}

/* Statements that surely neither commit nor refuse a transaction: these share one with their note.
 * The list is short on purpose; what is not on it is noted on its own. */
bool journal_groupable(const struct journal *j, const struct piece *piece,
                       enum dunlin_effect effect)
{
    static const char *const schema[] = {"CREATE", "ALTER",  "DROP",    "COMMENT",
                                         "GRANT",  "REVOKE", "TRUNCATE"};

    if (effect != DUNLIN_EFFECT_NONE || j->locked)
        return false;
    if (journal_changes_rows(piece))
        return true;
    for (size_t i = 0; i < sizeof(schema) / sizeof(schema[0]); i++) {
        if (piece_word_is(piece, 0, schema[i]))
            return (j->m->run->driver->caps & DUNLIN_CAP_TX_DDL) != 0;
    }
    return false;
}

bool journal_is_last(const struct journal *j)
{
    return j->number == j->m->section->statements;
}

/* Notes that the statements up to done, the last one seen or the one before it, are finished. */
int journal_note(struct journal *j, enum entry_role role, uint64_t done, struct dunlin_error *err)
{
    char hash[SHA256_HEX_SIZE + sizeof(HISTORY_REVERTING)];

    snprintf(hash, sizeof(hash), "%s%s", j->m->direction == DUNLIN_DOWN ? HISTORY_REVERTING : "",
             done == j->number ? j->hash : j->before);
    history_sql_progress(&j->m->sql, &j->m->run->table, &j->m->entry, done, hash);
    return migrate_add_sql(j->m, role, err);
}

int journal_noted(struct journal *j, struct dunlin_error *err)
{
    int rc;

    /* As long as the statement is not on its way, the end of the migration can note it. */
    j->closing = journal_is_last(j) && j->m->batch.count > 0;
    if (j->closing)
        return DUNLIN_OK;
    rc = journal_note(j, ENTRY_NOTE, j->number, err);
    batch_mark_done(&j->m->batch, j->number);
    j->spare = j->m->batch.count - 1;
    j->spared.done = j->number;
    memcpy(j->spared.hash, j->hash, sizeof(j->spared.hash));
    if (j->m->entry.shared && j->m->batch.count == 0) /* sent already, and there is no note */
        j->m->batch.durable = j->number;
    return rc;
}

void journal_spare(struct journal *j)
{
    struct migrating *m = j->m;

    if (!m->grouped || !j->spare)
        return;
    batch_remove(&m->batch, j->spare);
    m->batch.entries[j->spare - 1].done = j->spared.done;
    m->spared = j->spared;
}

void journal_spared(struct migrating *m, uint64_t done)
{
    if (m->spared.done == done && done > 0)
        history_sql_progress(&m->sql, &m->run->table, &m->entry, done, m->spared.hash);
}

bool journal_chains(const struct piece *piece, enum dunlin_effect effect)
{
    return effect == DUNLIN_EFFECT_TX_CONTROL &&
           (piece_word_is(piece, 0, "COMMIT") || piece_word_is(piece, 0, "END"));
}

/* LOCK TABLES shuts out every table it does not name: it gets to name the history table too. */
int journal_lock_text(const struct journal *j, const struct piece *piece, struct buf *sql,
                      struct dunlin_error *err)
{
    const struct migrating *m = j->m;

    buf_add(sql, piece->sql, piece->sql_len);
    if (piece_word_is(piece, 0, "LOCK"))
        buf_addf(sql, ", %s WRITE",
                 m->entry.shared ? m->entry.shared->quoted : m->run->table.quoted);
    return sql->failed ? error_nomem(err) : DUNLIN_OK;
}

int journal_claim(struct journal *j, struct dunlin_error *err)
{
    struct batch *b = &j->m->batch;
    int rc = batch_send(b, err);

    return !rc && b->rows[j->claim] == 0 ? RUN_RACE : rc;
}
