/* SPDX-License-Identifier: MIT */
#include "run/body.h"

#include <string.h>

#include "base/error.h"
#include "base/mark.h"
#include "run/observe.h"
#include "script/classify.h"
#include "script/substitute.h"

/* "-- migrate:" as against "-- Description:" and what is for all sections. */
static bool is_section_mark(const struct piece *piece)
{
    static const char word[] = "migrate:", all[] = "migrate:all";
    size_t i = 0;

    while (i < piece->sql_len && (piece->sql[i] == '-' || piece->sql[i] == ' ' ||
                                  piece->sql[i] == '\t' || piece->sql[i] == MARK_BYTE))
        i++;
    return piece->sql_len - i >= sizeof(word) - 1 &&
           memcmp(piece->sql + i, word, sizeof(word) - 1) == 0 &&
           (piece->sql_len - i < sizeof(all) - 1 ||
            memcmp(piece->sql + i, all, sizeof(all) - 1) != 0);
}

/* The next piece, with its placeholders replaced where the section asks for it. */
static int next_piece(struct lexer *lx, const struct script_dialect *dialect, bool replaces,
                      struct substitution *replaced, struct piece *piece, struct dunlin_error *err)
{
    uint64_t flags = lexer_flags(lx);
    int rc = lexer_next(lx, piece, err);

    return rc || !replaces ? rc : substitute(replaced, dialect, flags, piece, err);
}

static int body_walk(struct lexer *lx, const struct script_dialect *dialect, bool replaces,
                     body_fn fn, void *user, struct dunlin_error *err)
{
    struct substitution replaced = {.lexer = NULL};
    enum dunlin_effect effect = DUNLIN_EFFECT_NONE;
    uint32_t number = 0;
    struct piece piece;
    int rc;

    while ((rc = next_piece(lx, dialect, replaces, &replaced, &piece, err)) == DUNLIN_OK) {
        if (piece.kind == PIECE_END || (piece.kind == PIECE_MARK && is_section_mark(&piece)))
            break;
        if (piece.kind == PIECE_STATEMENT) {
            number++;
            effect = classify(dialect->rules, &piece);
        } else if (piece.kind != PIECE_COPY_DATA) {
            continue;
        }
        rc = fn(user, &piece, number, effect, err);
        if (rc)
            break;
    }
    substitution_free(&replaced);
    return rc;
}

int body_each(struct run *r, struct plan_script *s, body_fn fn, void *user,
              struct dunlin_error *err)
{
    const struct section *section = &s->script.sections[s->section];
    struct memory_stream memory;
    struct stream *stream = &memory.stream;
    struct lexer *lx;
    int rc = plan_script_open(s, err);

    if (rc || !section->present)
        return rc;
    if (s->stored)
        memory_stream_init(&memory, s->stored + section->start.offset,
                           s->stored_len - (size_t)section->start.offset);
    else
        rc = file_text_stream(s->text, section->start.offset, &stream, err);
    if (rc)
        return rc;
    rc = lexer_new(stream, plan_lex(s, r->lexing.lex), r->lexing.modes, &section->start,
                   r->lexing.max_statement, &lx, err);
    if (rc)
        return rc;
    rc = body_walk(lx, &r->lexing, section->options.substitute, fn, user, err);
    lexer_free(lx);
    if (rc > 0 && err && err->line && !err->file[0])
        error_place(err, s->file ? s->file->path : NULL, err->line, err->column);
    return rc;
}

int copy_feed_begin(struct copy_feed *c, struct batch *b, struct batch_script *of,
                    const struct piece *piece, uint32_t number, struct dunlin_error *err)
{
    struct dunlin_stmt stmt = {.sql = piece->sql, .len = piece->sql_len};
    int rc = batch_send(b, err);
    int kind;

    if (rc)
        return rc;
    *c = (struct copy_feed){
        .batch = b, .of = of, .number = number, .line = piece->line, .column = piece->column};
    text_copy(c->text, sizeof(c->text), piece->sql, piece->sql_len);
    rc = observe_before(b->run, err);
    if (rc)
        return rc;
    kind = b->run->driver->copy_begin(b->run->conn, &stmt, err);
    if (kind == 0) {
        c->open = true;
        return DUNLIN_OK;
    }
    b->failure = (struct batch_failure){kind, ENTRY_BODY, true, number, 0};
    place_fill(of, piece->sql, piece->sql_len, piece->line, piece->column, err);
    if (err)
        err->statement = number;
    return run_status(b->run, kind, err);
}

static int copy_failed(struct copy_feed *c, int kind, struct dunlin_error *err)
{
    c->open = false;
    c->batch->failure = (struct batch_failure){kind, ENTRY_BODY, true, c->number, 0};
    if (err) {
        err->statement = c->number;
        err->stmt_pos = 0;
        err->stmt_line = 0;
    }
    place_fill(c->of, "", 0, c->line, c->column, err);
    return run_status(c->batch->run, kind, err);
}

int copy_feed_data(struct copy_feed *c, const struct piece *piece, struct dunlin_error *err)
{
    struct run *r = c->batch->run;
    uint64_t rows = 0;
    int kind;

    if (atomic_load(&r->cancelled)) {
        kind = r->driver->copy_end(r->conn, "interrupted", &rows, err);
        return copy_failed(c, kind ? kind : DUNLIN_KIND_CANCELLED, err);
    }
    kind = piece->sql_len ? r->driver->copy_write(r->conn, piece->sql, piece->sql_len, err) : 0;
    if (kind == 0 && piece->copy_end)
        kind = r->driver->copy_end(r->conn, NULL, &rows, err);
    if (kind)
        return copy_failed(c, kind, err);
    if (piece->copy_end) {
        struct dunlin_event event = {.type = DUNLIN_EVENT_STATEMENT_END,
                                     .rows = rows,
                                     .done = c->number,
                                     .total = c->of->total,
                                     .line = c->line,
                                     .text = c->text,
                                     .file =
                                         c->of->script->file ? c->of->script->file->path : NULL};
        int rc;

        c->open = false;
        c->batch->sent++;
        rc = observe_after(r, &event, err);
        run_emit(r, &event);
        return rc;
    }
    return DUNLIN_OK;
}

void copy_feed_abort(struct copy_feed *c)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    uint64_t rows;

    if (c->open) {
        const struct run *r = c->batch->run;

        (void)r->driver->copy_end(r->conn, "the migration was given up", &rows, &ignored);
    }
    c->open = false;
}

struct hook_walk {
    struct batch *batch;
    struct batch_script *of;
    bool inside; /* a connect hook, again, between two migrations of one transaction */
};

static int hook_statement(void *user, const struct piece *piece, uint32_t number,
                          enum dunlin_effect effect, struct dunlin_error *err)
{
    struct hook_walk *w = user;

    /* What cannot run in a transaction was not changed in it, either. */
    if (w->inside && effect == DUNLIN_EFFECT_NO_TX)
        return DUNLIN_OK;
    if (piece->kind != PIECE_STATEMENT || piece->copy_stdin) {
        error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "COPY data in a hook");
        place_fill(w->of, piece->sql, piece->sql_len, piece->line, piece->column, err);
        return DUNLIN_BAD_FILE;
    }
    return batch_body(w->batch, w->of, piece, number, err);
}

/* Not for connect.sql, which runs before there is anything to tell of. */
static void hook_event(struct run *r, const char *name, const struct source_file *file,
                       uint64_t statements, uint64_t micros, const struct dunlin_error *err)
{
    struct dunlin_event event = {.type = DUNLIN_EVENT_HOOK_END,
                                 .source = file->folder->label,
                                 .name = name,
                                 .file = file->path,
                                 .done = statements,
                                 .micros = micros,
                                 .error = err};

    run_emit(r, &event);
}

static int file_run(struct run *r, const struct source_file *file, const char *event,
                    struct dunlin_error *err)
{
    struct plan scratch = {.arena = ARENA_INIT};
    struct plan_script script = {.file = file, .section = SECTION_UP};
    struct batch_script of = {.script = &script};
    struct hook_walk walk = {.of = &of, .inside = r->enclosed && !event};
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    uint64_t start = run_micros();
    struct batch batch;
    int rc;

    if (!err)
        err = &local;
    batch_init(&batch, r);
    walk.batch = &batch;
    rc = plan_script_load(&scratch, &script, &r->lexing, true, err);
    if (!rc)
        rc = body_each(r, &script, hook_statement, &walk, err);
    if (!rc)
        rc = batch_send(&batch, err);
    if (event)
        hook_event(r, event, file, batch.sent, run_micros() - start, rc ? err : NULL);
    batch_free(&batch);
    file_text_free(script.text);
    arena_free(&scratch.arena);
    return rc;
}

bool hooks_any(const struct run *r, enum hook hook, const char *label)
{
    for (size_t i = 0; i < r->source->count; i++) {
        const struct folder *f = &r->source->folders[i];

        if (f->hooks[hook].name && (!label || strcmp(label, f->label) == 0))
            return true;
    }
    return false;
}

int hooks_run(struct run *r, enum hook hook, const char *label, struct dunlin_error *err)
{
    static const char *const events[HOOK_COUNT] = {[HOOK_BEFORE_ALL] = "before_all",
                                                   [HOOK_BEFORE_EACH] = "before_each",
                                                   [HOOK_AFTER_EACH] = "after_each",
                                                   [HOOK_AFTER_ALL] = "after_all"};

    for (size_t i = 0; i < r->source->count; i++) {
        const struct folder *f = &r->source->folders[i];
        int rc;

        if (!f->hooks[hook].name || (label && strcmp(label, f->label) != 0))
            continue;
        rc = file_run(r, &f->hooks[hook], events[hook], err);
        if (rc)
            return rc;
    }
    return DUNLIN_OK;
}
