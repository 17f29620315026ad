/* SPDX-License-Identifier: MIT */
/*
 * Reads a file once: where its sections begin and end, what their options are, and of each section
 * what decides how it can run: statements that need to be outside a transaction, and transaction
 * control of its own. A BEGIN .. COMMIT around everything can be folded into dunlin's transaction;
 * statements that switch foreign keys may stand around it, because they only work outside.
 */
#include "script/script.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "script/classify.h"
#include "script/options.h"
#include "script/substitute.h"

enum fold { FOLD_BEFORE = 0, FOLD_INSIDE, FOLD_AFTER };

struct scan {
    const char *file;
    const struct script_dialect *dialect;
    enum section_kind whole;
    struct arena *arena;
    struct script *out;
    struct section *sections;     /* those of out */
    struct section *section;      /* the one being read */
    struct section_options all;   /* for every section, what its mark says first */
    uint64_t offset;              /* behind the pieces so far */
    uint32_t marks;               /* section marks so far */
    struct statement_ref first;   /* statement of the text, whatever section */
    enum fold fold;               /* .. of the section being read, like the rest */
    bool bare;                    /* something stands before any BEGIN */
    struct statement_ref begin;   /* what opened FOLD_INSIDE */
    struct statement_ref commit;  /* what ended it */
    struct statement_ref plain;   /* first that may run in a transaction */
    struct statement_ref control; /* first BEGIN, COMMIT and the like */
};

const struct section script_no_sections[SECTION_COUNT];

const char *section_name(enum section_kind kind)
{
    static const char *const names[SECTION_COUNT] = {"up", "down", "verify"};

    return names[kind];
}

/* ---- statements ----------------------------------------------------------------------------- */

static void note_first(struct statement_ref *ref, struct statement_ref here)
{
    if (ref->line == 0)
        *ref = here;
}

/* Transaction control: BEGIN first and COMMIT last may be folded, all else may not. */
static void scan_control(struct scan *s, enum dunlin_effect effect, struct statement_ref here)
{
    note_first(&s->control, here);
    if (effect == DUNLIN_EFFECT_BEGIN && s->fold == FOLD_BEFORE && !s->bare) {
        s->fold = FOLD_INSIDE;
        s->begin = here;
    } else if (effect == DUNLIN_EFFECT_COMMIT && s->fold == FOLD_INSIDE) {
        s->fold = FOLD_AFTER;
        s->commit = here;
    } else {
        note_first(&s->section->tx_control, here);
    }
}

static void scan_effect(struct scan *s, enum dunlin_effect effect, struct statement_ref here)
{
    if (effect == DUNLIN_EFFECT_COMMITS || effect == DUNLIN_EFFECT_LOCK_TABLES ||
        effect == DUNLIN_EFFECT_UNLOCK_TABLES || effect == DUNLIN_EFFECT_TX_CONTROL)
        note_first(&s->section->commits, here);
    switch (effect) {
    case DUNLIN_EFFECT_FOREIGN_KEYS:
        s->section->foreign_keys = true;
        return;
    case DUNLIN_EFFECT_BEGIN:
    case DUNLIN_EFFECT_COMMIT:
    case DUNLIN_EFFECT_ROLLBACK:
    case DUNLIN_EFFECT_TX_CONTROL:
        scan_control(s, effect, here);
        return;
    case DUNLIN_EFFECT_NO_TX:
        s->section->no_tx_count++;
        note_first(&s->section->first_no_tx, here);
        break;
    case DUNLIN_EFFECT_SESSION:
    case DUNLIN_EFFECT_LEX_MODE: /* belongs with what stands behind it, whatever that is */
        break;
    default:
        note_first(&s->plain, here);
        break;
    }
    if (s->fold == FOLD_BEFORE)
        s->bare = true;
    else if (s->fold == FOLD_AFTER) /* so the COMMIT was not the end */
        note_first(&s->section->tx_control, s->commit);
}

static void scan_statement(struct scan *s, const struct piece *piece)
{
    struct statement_ref here = {++s->section->statements, piece->line, piece->column};

    note_first(&s->first, here);
    scan_effect(s, classify(s->dialect->rules, piece), here);
}

/* ---- sections ------------------------------------------------------------------------------- */

static void section_begin(struct scan *s, enum section_kind kind)
{
    static const struct statement_ref none;

    s->section = &s->sections[kind];
    s->section->present = true;
    s->section->options = s->all;
    s->fold = FOLD_BEFORE;
    s->bare = false;
    s->begin = s->commit = s->plain = s->control = none;
}

static void section_end(struct scan *s, uint64_t offset)
{
    struct section *section = s->section;

    section->bytes = offset - section->start.offset;
    if (s->fold == FOLD_INSIDE) /* never closed */
        note_first(&section->tx_control, s->begin);
    section->folded = s->fold == FOLD_AFTER && section->tx_control.line == 0;
    /* In a file of another tool it says what is a transaction, as the tool lets it. */
    if (section->tx_control.line != 0 && (s->dialect->lex & LEXER_FOREIGN))
        section->options.transaction = TRANSACTION_OFF;
    section->first_in_tx = s->plain;
    if (!section->folded && s->control.line != 0 &&
        (s->plain.line == 0 || s->control.number < s->plain.number))
        section->first_in_tx = s->control;
}

/* Where a section's text begins: behind the line end of its mark. */
static struct lexer_start behind_mark(const struct scan *s, const struct piece *piece)
{
    struct lexer_start start = {s->offset + piece->raw_len, piece->line + 1, 1};
    size_t end = (size_t)(piece->sql - piece->raw) + piece->sql_len;

    if (end < piece->raw_len)
        return start;
    start.line = piece->line; /* the text ends with the mark */
    start.column = piece->column;
    for (size_t i = 0; i < piece->sql_len; i++)
        start.column += ((unsigned char)piece->sql[i] & 0xc0) != 0x80;
    return start;
}

static int refuse_section(struct scan *s, const struct piece *piece, enum section_kind kind,
                          struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s %s section in the %s file of a pair",
              kind == SECTION_UP ? "an" : "a", section_name(kind), section_name(s->whole));
    error_hint(err, "move it to the %s file", s->whole == SECTION_UP ? ".down.sql" : ".up.sql");
    error_place(err, s->file, piece->line, piece->column);
    return DUNLIN_BAD_FILE;
}

static int check_section(struct scan *s, const struct piece *piece, enum section_kind kind,
                         struct dunlin_error *err)
{
    const struct section *same = &s->out->sections[kind];

    if ((s->whole == SECTION_UP && kind == SECTION_DOWN) ||
        (s->whole == SECTION_DOWN && kind != SECTION_DOWN))
        return refuse_section(s, piece, kind, err);
    if (s->marks == 0 && s->first.line != 0) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "a statement stands before the first section mark, which is in line %" PRIu32,
                  piece->line);
        error_hint(err, "move \"-- migrate:%s\" above it, or the statement into a section",
                   section_name(kind));
        error_place(err, s->file, s->first.line, s->first.column);
        return DUNLIN_BAD_FILE;
    }
    if (s->marks > 0 && same->present) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
                  "two %s sections: lines %" PRIu32 " and %" PRIu32, section_name(kind),
                  same->mark_line, piece->line);
        error_hint(err, "put their statements into one");
        error_place(err, s->file, piece->line, piece->column);
        return DUNLIN_BAD_FILE;
    }
    return DUNLIN_OK;
}

/* Adds what is for all to what the section says itself. */
static void options_add(struct section_options *to, const struct section_options *all)
{
    if (to->transaction == TRANSACTION_AUTO)
        to->transaction = all->transaction;
    to->substitute = to->substitute || all->substitute;
    to->irreversible = to->irreversible || all->irreversible;
}

static int scan_mark(struct scan *s, const struct piece *piece, struct dunlin_error *err)
{
    uint64_t before = s->offset + (uint64_t)(piece->sql - piece->raw);
    struct mark mark;
    int rc = mark_parse(piece, s->file, &mark, err);

    if (rc != DUNLIN_OK)
        return rc;
    if (mark.description) {
        if (mark.len == 0 || s->out->description || s->first.line != 0)
            return DUNLIN_OK; /* further down it is a comment like any other */
        s->out->description = arena_strndup(s->arena, mark.text, mark.len);
        return s->out->description ? DUNLIN_OK : error_nomem(err);
    }
    if (mark.all) {
        options_add(&s->all, &mark.options);
        for (unsigned k = 0; k < SECTION_COUNT; k++)
            options_add(&s->sections[k].options, &mark.options);
        return DUNLIN_OK;
    }
    rc = check_section(s, piece, mark.kind, err);
    if (rc != DUNLIN_OK)
        return rc;
    if (s->marks++ == 0) /* the text is not one whole section after all */
        *s->section = (struct section){.turns = s->section->turns};
    else
        section_end(s, before);
    section_begin(s, mark.kind);
    s->section->options = mark.options;
    options_add(&s->section->options, &s->all);
    s->section->mark_line = piece->line;
    s->section->start = behind_mark(s, piece);
    return DUNLIN_OK;
}

/* ---- the text ------------------------------------------------------------------------------- */

static int scan_pieces(struct scan *s, struct lexer *lx, struct dunlin_error *err)
{
    struct substitution replaced = {.lexer = NULL};
    struct piece piece;
    int rc;

    do {
        uint64_t flags = lexer_flags(lx);

        rc = lexer_next(lx, &piece, err);
        if (rc == DUNLIN_OK && s->section->options.substitute && !s->dialect->keeps_placeholders)
            rc = substitute(&replaced, s->dialect, flags, &piece, err);
        if (rc != DUNLIN_OK)
            break;
        if (piece.turn_line && !s->section->turns.line)
            s->section->turns =
                (struct statement_ref){.line = piece.turn_line, .column = piece.turn_column};
        if (piece.kind == PIECE_STATEMENT)
            scan_statement(s, &piece);
        else if (piece.kind == PIECE_MARK)
            rc = scan_mark(s, &piece, err);
        s->offset += piece.raw_len;
    } while (rc == DUNLIN_OK && piece.kind != PIECE_END);
    substitution_free(&replaced);
    return rc;
}

/* Every file needs the section that it is for. */
static int check_complete(const struct scan *s, enum section_kind needed, struct dunlin_error *err)
{
    uint32_t line = 0;

    if (s->out->sections[needed].present)
        return DUNLIN_OK;
    for (unsigned k = 0; k < SECTION_COUNT; k++)
        if (line == 0 || (s->out->sections[k].present && s->out->sections[k].mark_line < line))
            line = s->out->sections[k].mark_line;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "the file has sections, but none for %s",
              section_name(needed));
    error_hint(err, "begin it with \"-- migrate:%s\"", section_name(needed));
    error_place(err, s->file, line, 1);
    return DUNLIN_BAD_FILE;
}

int script_scan(struct stream *stream, const char *file, enum section_kind whole,
                const struct script_dialect *dialect, struct arena *arena, struct script *out,
                struct dunlin_error *err)
{
    struct scan s = {.file = file, .dialect = dialect, .whole = whole, .arena = arena, .out = out};
    enum section_kind main_kind = whole == SECTION_DOWN ? SECTION_DOWN : SECTION_UP;
    struct lexer *lx;
    int rc;

    memset(out, 0, sizeof(*out));
    out->sections = script_no_sections;
    s.sections = arena_calloc(arena, SECTION_COUNT, sizeof(*s.sections));
    if (!s.sections)
        return error_nomem(err);
    out->sections = s.sections;
    rc = lexer_new(stream, dialect->lex, dialect->modes, NULL, dialect->max_statement, &lx, err);
    if (rc != DUNLIN_OK)
        return rc;
    if (dialect->options)
        rc = section_options_parse(dialect->options, file, &s.all, err);
    section_begin(&s, main_kind);
    if (rc == DUNLIN_OK)
        rc = scan_pieces(&s, lx, err);
    lexer_free(lx);
    if (rc != DUNLIN_OK) {
        if (err && err->file[0] == '\0' && err->line != 0)
            error_place(err, file, err->line, err->column);
        return rc;
    }
    section_end(&s, s.offset);
    return check_complete(&s, main_kind, err);
}
