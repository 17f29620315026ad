/* SPDX-License-Identifier: MIT */
/*
 * The inside of one migration file: description, sections with their options, and a digest of the
 * statements in each. A scan reads the whole text once; running a section lexes it again from
 * where it begins.
 */
#ifndef DUNLIN_SCRIPT_SCRIPT_H
#define DUNLIN_SCRIPT_SCRIPT_H

#include <stdbool.h>
#include <dunlin/driver.h>
#include "base/arena.h"
#include "base/stream.h"
#include "script/lexer.h"

enum section_kind { SECTION_UP = 0, SECTION_DOWN = 1, SECTION_VERIFY = 2, SECTION_COUNT = 3 };
enum transaction_option { TRANSACTION_AUTO = 0, TRANSACTION_ON, TRANSACTION_OFF };

struct section_options {
    enum transaction_option transaction;
    bool tolerate_exists, tolerate_missing;
    bool foreign_keys_off;
    bool substitute;
    bool irreversible;
    bool timeout_given, lock_timeout_given; /* tells "timeout:0" (no limit) from none */
    uint64_t timeout_ms, lock_timeout_ms;   /* 0 = no limit, or not given */
};

/* A statement that decides how a section runs; line 0 = there is none. */
struct statement_ref {
    uint32_t number; /* in the section, 1-based */
    uint32_t line, column;
};

struct section {
    bool present;
    struct section_options options;
    struct lexer_start start; /* of the text behind the mark line */
    uint64_t bytes;           /* from there to the next mark or the end */
    uint32_t mark_line;       /* of the mark itself, 0 = the file has none */
    uint32_t statements;      /* those that are sent: also BEGIN and COMMIT that will be folded */
    uint32_t no_tx_count;     /* statements that cannot run in a transaction */
    bool folded;              /* the file's own BEGIN .. COMMIT stands around everything */
    bool foreign_keys;        /* the section switches foreign keys itself */
    struct statement_ref first_no_tx; /* first that cannot run in a transaction */
    struct statement_ref first_in_tx; /* first that could */
    struct statement_ref tx_control;  /* first transaction control that cannot be folded */
    struct statement_ref turns;       /* the first character, in quotes or a comment, that turns the
                                         direction of the text; number is not set */
    struct statement_ref commits;     /* first with an effect of COMMITS, LOCK_TABLES, TX_CONTROL */
};

struct script {
    const char *description;        /* from "-- Description:", NULL = none; in the arena */
    const struct section *sections; /* SECTION_COUNT of them; in the arena */
};
/* The sections of a script that was not read: none is there. */
extern const struct section script_no_sections[SECTION_COUNT];

/* How a dialect reads and classifies, with the session's settings applied. */
struct substitutes;
struct script_dialect {
    uint64_t lex;
    const struct dunlin_lex_mode *modes;
    const struct dunlin_rule *rules;
    size_t max_statement;                  /* bytes */
    const struct substitutes *substitutes; /* for the placeholders of substitute:on; may be NULL */
    const char *options;     /* for every section, beside what its mark says; NULL = none */
    bool keeps_placeholders; /* they are not replaced: the text is looked at, and does not run */
};

/*
 * Reads the stream to its end. whole says what a text without a section mark is: SECTION_COUNT for
 * a file of its own (it is all up, and may hold every section), SECTION_UP for an .up.sql (up and
 * verify), SECTION_DOWN for a .down.sql (down only). file is for messages. Unknown options, a
 * section given twice or in the wrong file, statements before the first mark and unfinished
 * statements are refused with DUNLIN_BAD_FILE and the place.
 */
int script_scan(struct stream *stream, const char *file, enum section_kind whole,
                const struct script_dialect *dialect, struct arena *arena, struct script *out,
                struct dunlin_error *err);

/* "up", "down", "verify" */
const char *section_name(enum section_kind kind);

#endif
