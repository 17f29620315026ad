/* SPDX-License-Identifier: MIT */
/*
 * The folder against the history: what state each migration is in, what a run would do, in what
 * order and how, or why not. Decides everything that can be decided before the first statement
 * runs; talks to no database.
 */
#ifndef DUNLIN_PLAN_PLAN_H
#define DUNLIN_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <dunlin/dunlin.h>
#include "base/arena.h"
#include "base/buf.h"
#include "history/foreign.h"
#include "history/history.h"
#include "script/script.h"
#include "source/source.h"

/* How a section runs. */
enum run_mode {
    RUN_TRANSACTION, /* with its history row in one transaction */
    RUN_JOURNAL,     /* statement by statement, each noted in the history */
    RUN_PROGRAM      /* a program beside the connection, noted like one statement */
};

/* One script that will run: where its text comes from and what is known of it. */
struct plan_script {
    const struct source_file *file; /* NULL = the text kept in the history */
    enum section_kind section;
    struct script script;
    struct file_text *text; /* NULL = read it again when it runs */
    const char *stored;     /* text from the history */
    size_t stored_len;
    const char *checksum; /* "" = not read */
};

struct plan_item {
    const struct migration *migration; /* NULL = there is no file */
    const struct history_row *row;     /* NULL = there is no history */
    const char *source, *version, *name, *kind;
    enum dunlin_state state;
    bool outside; /* its folder was not given: nothing is decided about it */
    bool selected;
    bool reverts; /* switch: reverted before anything is applied */
    enum run_mode mode;
    const char *checksum; /* of the file, "" = not read */
    struct plan_script up, down;
};

struct plan {
    struct arena arena;
    struct plan_item *items; /* in the order of up */
    size_t count;
    size_t kept;    /* bytes of texts in memory */
    bool hash_late; /* a large text that is loaded now may get its checksum while it runs */
};

/* What the plan needs to know of the engine. */
struct plan_engine {
    struct script_dialect dialect;
    bool tx_ddl;    /* schema changes roll back */
    bool hash_late; /* what runs in a transaction may get its checksum while it runs */
};

/* Matches every file with its row. history and source must outlive the plan. */
int plan_match(const struct source *source, const struct history *history, struct plan *out,
               struct dunlin_error *err);
void plan_free(struct plan *p);

/* Reads and hashes the files of applied migrations; sets the states EDITED and CHANGED. Every file
 * is read to its end: its size and time are not believed. */
int plan_hash(struct plan *p, struct dunlin_error *err);

/* Refuses edited and missing migrations, and late ones unless order allows them. */
int plan_conflicts(const struct plan *p, enum dunlin_order order, struct dunlin_error *err);

/* Selects what up (with scripts read and checked) or down would run; the number of selected ones
 * goes to *selected. NULL goal: up = everything, down = one. */
int plan_up(struct plan *p, const struct dunlin_goal *goal, size_t *selected,
            struct dunlin_error *err);
int plan_down(struct plan *p, const struct dunlin_goal *goal, size_t *selected,
              struct dunlin_error *err);

/* Index of the item that the user calls V: a number, a whole stem, or LABEL/V. */
int plan_find(const struct plan *p, const char *wanted, size_t *out, struct dunlin_error *err);

/* The source of the row that tells of a base schema: no folder has it. */
#define PLAN_BASE_SCHEMA "baseline-schema"

/* Reads and scans the scripts of selected items and decides how each runs. Texts stay in memory up
 * to a limit. */
int plan_scan(struct plan *p, const struct plan_engine *engine, enum dunlin_direction direction,
              struct dunlin_error *err);
/* Decides how a section runs, or refuses it with the line. */
int plan_mode(const struct section *s, bool tx_ddl, const char *file, enum run_mode *out,
              struct dunlin_error *err);
/* Reads and scans one script; keeps its text when keep. */
int plan_script_load(struct plan *p, struct plan_script *s, const struct script_dialect *dialect,
                     bool keep, struct dunlin_error *err);
/* The flags that a script is read with: those of the engine, and what its layout adds. */
uint64_t plan_lex(const struct plan_script *s, uint64_t lex);
/* Makes the text of a script available again, and proves that it is the one that was planned. */
int plan_script_open(struct plan_script *s, struct dunlin_error *err);

/* Selects what the history has and the folders do not have, for a switch. */
int plan_missing(struct plan *p, size_t *selected, struct dunlin_error *err);

/* ---- shared.c: rows of a table that the tool of a layout keeps ---- */

/* Appends to h a row for each of foreign, under the folder's label: paired with the migration that
 * it tells of by key and checksum, by key, or, where the tool's keys are weak, by checksum; one
 * without a migration keeps its key as version. */
int plan_shared_rows(const struct folder *f, const struct foreign *tool,
                     const struct foreign_rows *foreign, struct arena *arena, struct history *h,
                     struct dunlin_error *err);

/* Whether a row without a migration is of a file that --foreign-code passes over: it is no
 * migration, and not missing either. */
bool plan_passes_over(const struct folder *f, const struct foreign_row *row);

/* ---- alike.c: rows of a tool that made another folder ---- */

/* Gives each row the key of the migration that it tells of, found by file name, by number or by
 * name: by what fits all of them, or else most. */
int plan_alike(const struct folder *f, struct foreign_rows *rows, struct arena *arena,
               struct dunlin_error *err);

/* ---- down_text.c: the down section as the history keeps it ---- */

/* Appends a down section with its mark line. */
int plan_section_text(struct plan_script *from, const struct section *section, struct buf *out,
                      struct dunlin_error *err);
/* Appends the down section that the files of m have now; nothing where they have none. */
int plan_down_text(const struct migration *m, const struct script_dialect *dialect, struct buf *out,
                   struct dunlin_error *err);
/* Whether two texts are equal but for their line ends. */
bool plan_same_text(const char *a, size_t na, const char *b, size_t nb);
/* .. of two down sections: but for blank around them, too, and a mark that says nothing beside
 * "down", as one of a file of its own has none. */
bool plan_same_down(const char *a, size_t na, const char *b, size_t nb);
/* Appends the lines that differ, "-" before the old and "+" before the new ones. */
void plan_difference(const char *was, size_t nwas, const char *is, size_t nis, struct buf *out);

bool plan_is_applied(const struct plan_item *item);
bool plan_is_pending(const struct plan_item *item);
bool plan_reversible(const struct plan_item *item);
const char *plan_file(const struct plan_item *item); /* path, or NULL */
/* The same for messages without a line of their own. */
const char *plan_place(const struct plan_item *item);

#endif
