/* SPDX-License-Identifier: MIT */
/* Looking into the scripts that will run, and deciding how each runs. */
#include "plan/plan.h"

#include <string.h>

#include "base/error.h"
#include "base/secret.h"
#include "source/layout.h"

#define KEPT_MAX                                                                                   \
    (16u * 1024u * 1024u) /* bytes of texts that stay in memory between plan and run               \
                           */

static int refuse(const char *file, const struct statement_ref *at, struct dunlin_error *err,
                  const char *message, const char *hint)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s", message);
    error_place(err, file, at->line, at->column);
    error_hint(err, "%s", hint);
    error_state(err, "nothing was run");
    if (err)
        err->statement = at->number;
    return DUNLIN_BAD_FILE;
}

static int mode_transactional(const struct section *s, const char *file, enum run_mode *out,
                              struct dunlin_error *err)
{
    *out = RUN_TRANSACTION;
    if (s->tx_control.line)
        return refuse(file, &s->tx_control, err,
                      "transaction control inside a migration that runs in a transaction",
                      "leave it out: the whole file is one transaction; or mark the section "
                      "transaction:off");
    if (s->no_tx_count == 0)
        return DUNLIN_OK;
    if (s->options.transaction == TRANSACTION_ON)
        return refuse(file, &s->first_no_tx, err,
                      "this statement cannot run in a transaction, and the section says "
                      "transaction:on",
                      "take the option away, or move the statement into a file of its own");
    if (s->first_in_tx.line)
        return refuse(file, &s->first_no_tx, err,
                      "this statement cannot run in a transaction, but others of the file can",
                      "move it into a file of its own, or mark the section transaction:off");
    *out = RUN_JOURNAL;
    return DUNLIN_OK;
}

int plan_mode(const struct section *s, bool tx_ddl, const char *file, enum run_mode *out,
              struct dunlin_error *err)
{
    *out = RUN_JOURNAL;
    if (s->options.transaction == TRANSACTION_OFF)
        return DUNLIN_OK;
    if (tx_ddl)
        return mode_transactional(s, file, out, err);
    if (!s->commits.line && !s->tx_control.line && s->no_tx_count == 0)
        *out = RUN_TRANSACTION;
    else if (s->options.transaction == TRANSACTION_ON)
        return refuse(file, s->commits.line ? &s->commits : &s->tx_control, err,
                      "this statement commits by itself on this engine, and the section says "
                      "transaction:on",
                      "take the option away: each finished statement is then noted, and a failed "
                      "migration can be continued");
    return DUNLIN_OK;
}

int plan_script_open(struct plan_script *s, struct dunlin_error *err)
{
    int rc;

    if (s->text || s->stored)
        return DUNLIN_OK;
    rc = file_text_read(s->file, true, &s->text, err);
    if (rc)
        return rc;
    if (strcmp(file_text_checksum(s->text), s->checksum) == 0)
        return DUNLIN_OK;
    file_text_free(s->text);
    s->text = NULL;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s changed while dunlin was running",
              s->file->path);
    error_hint(err, "run dunlin again");
    return DUNLIN_BAD_FILE;
}

/* What a text without marks is: an .up.sql and a .down.sql say it in their names. */
static enum section_kind text_is(const struct plan_script *s)
{
    if (s->stored)
        return s->section;
    if (s->file->part != PART_BY_NAME)
        return s->file->part == PART_UP ? SECTION_UP : SECTION_DOWN;
    if (layout_rewrites(s->file))
        return SECTION_COUNT;
    if (strstr(s->file->name, ".down.sql"))
        return SECTION_DOWN;
    return strstr(s->file->name, ".up.sql") ? SECTION_UP : SECTION_COUNT;
}

static int checksum_keep(struct plan *p, struct plan_script *s, const struct file_text *text)
{
    const char *checksum = file_text_checksum(text);

    if (strcmp(s->checksum, checksum) == 0)
        return 0;
    checksum = arena_strdup(&p->arena, checksum);
    if (!checksum)
        return -1;
    s->checksum = checksum;
    return 0;
}

/* A program is one step that cannot be looked into, and that nothing undoes. */
static int program_load(struct plan *p, struct plan_script *s, struct dunlin_error *err)
{
    struct section *sections = arena_calloc(&p->arena, SECTION_COUNT, sizeof(*sections));
    struct file_text *text;
    int rc;

    if (!sections)
        return error_nomem(err);
    rc = file_text_read(s->file, false, &text, err);
    if (rc)
        return rc;
    rc = checksum_keep(p, s, text) ? error_nomem(err) : DUNLIN_OK;
    file_text_free(text);
    sections[SECTION_UP].present = true;
    sections[SECTION_UP].statements = 1;
    sections[SECTION_UP].options.irreversible = true;
    s->script = (struct script){.sections = sections};
    return rc;
}

static int program_mode(struct plan_item *item, struct dunlin_error *err)
{
    item->mode = RUN_PROGRAM;
    if (item->up.file->folder->allow_exec)
        return DUNLIN_OK;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s is a program, and none may run",
              item->up.file->path);
    error_hint(err, "allow it with --allow-exec; if it is no migration, take away its run bit or "
                    "the number in its name");
    error_state(err, "nothing was run");
    return DUNLIN_BAD_FILE;
}

uint64_t plan_lex(const struct plan_script *s, uint64_t lex)
{
    const struct layout *layout;

    if (!s->file || s->stored || layout_is_own(s->file))
        return lex;
    layout = s->file->folder->layout;
    if (layout->breakpoints)
        lex |= LEXER_BREAKPOINT;
    if (layout->dash_comments)
        lex &= ~DUNLIN_LEX_DASH_SPACE;
    return lex | LEXER_FOREIGN;
}

int plan_script_load(struct plan *p, struct plan_script *s, const struct script_dialect *dialect,
                     bool keep, struct dunlin_error *err)
{
    const char *path = s->stored && !s->file ? "down script in the history" : s->file->path;
    enum section_kind whole = text_is(s);
    struct script_dialect lexing = *dialect;
    struct memory_stream memory;
    struct stream *stream = &memory.stream;
    int rc = DUNLIN_OK;

    if (!s->stored)
        s->file->folder->lex = lexing.lex;
    lexing.lex = plan_lex(s, lexing.lex);
    lexing.options = s->stored ? NULL : s->file->options;
    if (!s->script.sections)
        s->script.sections = script_no_sections;
    if (!s->checksum)
        s->checksum = "";
    if (!s->stored && s->file->program)
        return program_load(p, s, err);
    if (s->stored) {
        memory_stream_init(&memory, s->stored, s->stored_len);
    } else {
        rc = file_text_open(s->file, true, &s->text, err);
        if (rc)
            return rc;
        if (p->hash_late)
            file_text_late(s->text);
        rc = file_text_stream(s->text, 0, &stream, err);
    }
    if (!rc)
        rc = script_scan(stream, path, whole, &lexing, &p->arena, &s->script, err);
    if (s->text && checksum_keep(p, s, s->text)) /* a large text is hashed by being scanned */
        rc = error_nomem(err);
    if (rc && err && err->line && s->text && !err->source_line[0]) {
        file_text_line(s->text, err->line, err->source_line, sizeof(err->source_line), NULL);
        err->caret = err->column;
        secret_hide(err->source_line, sizeof(err->source_line), &err->caret);
    }
    if (!s->text)
        return rc;
    /* A streamed text is cheap to keep: it is not in memory. */
    if (!keep || (file_text_in_memory(s->text) && p->kept + file_text_size(s->text) > KEPT_MAX)) {
        file_text_free(s->text);
        s->text = NULL;
    } else if (file_text_in_memory(s->text)) {
        p->kept += (size_t)file_text_size(s->text);
    }
    return rc;
}

bool plan_reversible(const struct plan_item *item)
{
    const struct plan_script *s = &item->down;
    const struct section *section = &s->script.sections[SECTION_DOWN];

    return section->present && section->statements > 0 && !section->options.irreversible &&
           !item->up.script.sections[SECTION_UP].options.irreversible;
}

static int irreversible(const struct plan_item *item, struct dunlin_error *err)
{
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY, "migration %s (%s) cannot be reverted",
              item->version, item->name);
    error_detail(err, "it has no down section, an empty one, or is marked irreversible");
    error_hint(err, "write the down section, or go forward with a new migration");
    error_state(err, "nothing was run");
    return DUNLIN_CONFLICT;
}

/* Finds the script that reverts an item: a file of its own, the down section, or the kept text. */
static int scan_down(struct plan *p, struct plan_item *item, const struct plan_engine *engine,
                     struct dunlin_error *err)
{
    const struct migration *m = item->migration;
    const char *path;
    int rc;

    if (item->down.stored)
        item->down.file = NULL;
    else if (m)
        item->down.file = m->down.name ? &m->down : &m->up;
    else
        return irreversible(item, err);
    rc = plan_script_load(p, &item->down, &engine->dialect, true, err);
    if (rc)
        return rc;
    if (!plan_reversible(item))
        return strcmp(item->kind, "repeatable") == 0 ? DUNLIN_OK : irreversible(item, err);
    path = item->down.file ? item->down.file->path : NULL;
    return plan_mode(&item->down.script.sections[SECTION_DOWN], engine->tx_ddl, path, &item->mode,
                     err);
}

/* Only what is in a transaction with its row can have a row that does not know its checksum yet. */
static int hash_up(struct plan *p, struct plan_item *item, struct dunlin_error *err)
{
    const struct section_options *o = &item->up.script.sections[SECTION_UP].options;
    int rc;

    if (!item->up.text || item->checksum[0] ||
        (item->mode == RUN_TRANSACTION && !o->tolerate_missing))
        return DUNLIN_OK;
    rc = file_text_hash(item->up.text, err);
    if (!rc && checksum_keep(p, &item->up, item->up.text))
        rc = error_nomem(err);
    item->checksum = item->up.checksum;
    return rc;
}

static int scan_up(struct plan *p, struct plan_item *item, const struct plan_engine *engine,
                   struct dunlin_error *err)
{
    int rc;

    p->hash_late = engine->hash_late && !item->row && !item->migration->guards;
    rc = plan_script_load(p, &item->up, &engine->dialect, true, err);
    p->hash_late = false;
    if (rc)
        return rc;
    item->checksum = item->up.checksum;
    if (item->migration->down.name) {
        item->down.file = &item->migration->down;
        rc = plan_script_load(p, &item->down, &engine->dialect, true, err);
    } else {
        item->down.script = item->up.script;
    }
    if (rc)
        return rc;
    if (item->up.file->program)
        return program_mode(item, err);
    rc = plan_mode(&item->up.script.sections[SECTION_UP], engine->tx_ddl, item->up.file->path,
                   &item->mode, err);
    return rc ? rc : hash_up(p, item, err);
}

int plan_scan(struct plan *p, const struct plan_engine *engine, enum dunlin_direction direction,
              struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        int rc;

        if (!p->items[i].selected)
            continue;
        rc = direction == DUNLIN_UP ? scan_up(p, &p->items[i], engine, err)
                                    : scan_down(p, &p->items[i], engine, err);
        if (rc)
            return rc;
    }
    return DUNLIN_OK;
}
