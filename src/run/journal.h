/* SPDX-License-Identifier: MIT */
/* What journal.c, which runs a migration statement by statement, shares with note.c and resume.c.
 */
#ifndef DUNLIN_RUN_JOURNAL_H
#define DUNLIN_RUN_JOURNAL_H

#include <nettle/sha2.h>

#include "base/checksum.h"
#include "run/migrate.h"
#include "run/quiet.h"

struct journal {
    struct migrating *m;
    uint64_t skip;                /* statements that an earlier run finished */
    char hash[SHA256_HEX_SIZE];   /* over the statements 1..number */
    char before[SHA256_HEX_SIZE]; /* over those without the last */
    bool grouping;                /* a transaction of ours is open in the batch */
    bool own;                     /* a transaction of the script's is open */
    bool locked;                  /* LOCK TABLES is in force */
    struct piece relock;          /* LOCK TABLES to be run again; sql NULL = nothing */
    uint64_t relock_number;
    bool judged;    /* what becomes of the statement that the run before stopped at */
    bool closing;   /* the row's last change notes the last statement, too */
    bool exclusive; /* the claim has to find the row as it was read */
    size_t claim;   /* .. this entry of the batch */
    size_t spare;   /* >0: the note in the batch that nothing but rows stand behind */
    struct spared_note spared;
    uint64_t number;        /* of the last statement seen */
    struct sha256_ctx rows; /* of the COPY that is being read */
    struct quiet quiet;
};

/* ---- note.c ---- */

/* Whether a statement surely neither commits nor refuses a transaction, and shares one with its
 * note. */
bool journal_groupable(const struct journal *j, const struct piece *piece,
                       enum dunlin_effect effect);
/* COMMIT AND CHAIN: the statements behind it are in a transaction, too. */
bool journal_chains(const struct piece *piece, enum dunlin_effect effect);
bool journal_is_last(const struct journal *j);
/* Notes that the statements up to done, the last one seen or the one before it, are finished. */
int journal_note(struct journal *j, enum entry_role role, uint64_t done, struct dunlin_error *err);
/* The statement last seen is finished. */
int journal_noted(struct journal *j, struct dunlin_error *err);
/* Whether a statement adds rows that it has with it, and so is done at once. */
bool journal_adds_rows(const struct piece *piece);
/* Such rows at the end of a migration share a COMMIT with its row, in the message in which the
 * statement before them is: its note would be a commit more, and hardly be there sooner. It is left
 * out, and written where the rows failed. */
void journal_spare(struct journal *j);
/* LOCK TABLES with the history table among those it names. */
int journal_lock_text(const struct journal *j, const struct piece *piece, struct buf *sql,
                      struct dunlin_error *err);

/* Where no lock keeps runners apart: the row is taken over only as it was read, by one of them. */
int journal_claim(struct journal *j, struct dunlin_error *err);

/* ---- resume.c ---- */

/* A statement that an earlier run finished: only what it did to the session is done again. */
int resume_skipped(struct journal *j, const struct piece *piece, enum dunlin_effect effect,
                   struct dunlin_error *err);
/* The end of the rows of such a COPY, or of one that counts as done. */
int resume_skipped_rows(struct journal *j, struct dunlin_error *err);
/* The statement that it stopped at: with j->skip at its number it counts as done. */
int resume_stopped_at(struct journal *j, const struct piece *piece, enum dunlin_effect effect,
                      struct dunlin_error *err);
/* Before the first statement that runs: what that run had locked is locked again. */
int resume_lock_again(struct journal *j, struct dunlin_error *err);

#endif
