/* SPDX-License-Identifier: MIT */
/*
 * A rehearsal: everything that up would run, in one transaction that is rolled back, statement by
 * statement and observed. Where schema changes commit by themselves, only changes of rows are
 * rehearsed, and only where a rollback undoes them.
 */
#include "run/run.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "run/keys.h"
#include "run/migrate.h"
#include "run/observe.h"
#include "script/classify.h"

/* ---- what can be rehearsed ------------------------------------------------------------------- */

static int refuse(const char *path, const struct statement_ref *at, const char *why,
                  struct dunlin_error *err)
{
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_UNSUPPORTED, "%s cannot be rehearsed: %s", path,
              why);
    if (at && at->line)
        error_place(err, path, at->line, at->column);
    error_hint(err, "run what comes before it with \"dunlin up --to VERSION\", or try it on a copy "
                    "of the database");
    error_state(err, "nothing was run");
    return DUNLIN_BAD_FILE;
}

static bool commits_by_itself(const struct run *r)
{
    return !(r->driver->caps & DUNLIN_CAP_TX_DDL);
}

/* ---- .. where schema changes commit by themselves ---- */

/* A delimiter of the file's own may hold together what are several statements to the server. */
static bool is_one(const struct run *r, const struct piece *piece)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct memory_stream text;
    struct lexer *lx;
    struct piece first;
    bool one;

    if (!memchr(piece->sql, ';', piece->sql_len))
        return true;
    memory_stream_init(&text, piece->sql, piece->sql_len);
    if (lexer_new(&text.stream, r->lexing.lex, r->lexing.modes, NULL, r->lexing.max_statement, &lx,
                  &ignored))
        return false;
    one = lexer_next(lx, &first, &ignored) == DUNLIN_OK && first.kind == PIECE_STATEMENT &&
          first.raw_len == piece->sql_len;
    lexer_free(lx);
    return one;
}

/* SELECT .. INTO may write a file, which stays. Too many are refused rather than one too few. */
static bool only_reads(const struct piece *piece)
{
    if (!piece_word_is(piece, 0, "SELECT"))
        return false;
    for (size_t i = 0; i + 4 <= piece->sql_len; i++) {
        if (strncasecmp(piece->sql + i, "INTO", 4) == 0)
            return false;
    }
    return true;
}

/* The rules do not look into quotes, because a quoted word is no keyword; but it may be a name that
 * they know. */
static enum dunlin_effect unquoted_effect(const struct run *r, const struct piece *piece)
{
    struct token plain[PIECE_TOKENS];
    struct piece copy = *piece;

    for (uint32_t i = 0; i < piece->ntokens; i++) {
        plain[i] = piece->tokens[i];
        if (plain[i].kind == TOKEN_QUOTED && plain[i].len > 2) {
            plain[i].kind = TOKEN_WORD;
            plain[i].offset++;
            plain[i].len -= 2;
        }
    }
    copy.tokens = plain;
    return classify(r->lexing.rules, &copy);
}

struct undoable {
    const struct run *run;
    const char *path;
    const struct section *section;
};

static int check_undoable(void *user, const struct piece *piece, uint32_t number,
                          enum dunlin_effect effect, struct dunlin_error *err)
{
    const struct undoable *u = user;
    const struct statement_ref at = {number, piece->line, piece->column};

    if (u->section->folded && (effect == DUNLIN_EFFECT_BEGIN || effect == DUNLIN_EFFECT_COMMIT))
        return DUNLIN_OK;
    if (effect == DUNLIN_EFFECT_NONE)
        effect = unquoted_effect(u->run, piece);
    if (effect == DUNLIN_EFFECT_COMMITS)
        return refuse(u->path, &at, "on this engine this statement commits by itself", err);
    /* A first word inside an executable comment is not there for every server. */
    if (effect == DUNLIN_EFFECT_NONE && piece->ntokens > 0 && piece->tokens[0].offset == 0 &&
        (journal_changes_rows(piece) || only_reads(piece)) && is_one(u->run, piece))
        return DUNLIN_OK;
    return refuse(u->path, &at,
                  "on this engine only a plain INSERT, UPDATE, DELETE, REPLACE or SELECT surely "
                  "does not commit",
                  err);
}

static int check_statements(struct run *r, struct plan_script *s, enum section_kind kind,
                            struct dunlin_error *err)
{
    struct undoable u = {r, s->file->path, &s->script.sections[kind]};
    enum section_kind section = s->section;
    bool kept = s->text != NULL;
    int rc;

    s->section = kind;
    rc = body_each(r, s, check_undoable, &u, err);
    s->section = section;
    if (!kept) {
        file_text_free(s->text);
        s->text = NULL;
    }
    return rc;
}

/* ---- .. everywhere ---- */

static int check_mode(const struct plan_item *item, struct dunlin_error *err)
{
    const struct section *up = &item->up.script.sections[SECTION_UP];
    const char *path = plan_file(item);
    struct statement_ref mark = {.line = up->mark_line, .column = 1};

    if (item->mode == RUN_TRANSACTION)
        return DUNLIN_OK;
    if (up->first_no_tx.line)
        return refuse(path, &up->first_no_tx, "this statement cannot run in a transaction", err);
    if (up->tx_control.line)
        return refuse(path, &up->tx_control, "this statement would end the transaction", err);
    return refuse(path, &mark, "it runs outside a transaction", err);
}

/* What runs as it stands: hooks and verify sections. */
static int check_section(const struct section *s, const char *path, struct dunlin_error *err)
{
    if (s->first_no_tx.line)
        return refuse(path, &s->first_no_tx, "this statement cannot run in a transaction", err);
    if (s->tx_control.line || s->folded)
        return refuse(path, s->tx_control.line ? &s->tx_control : NULL,
                      "it would end the transaction", err);
    return DUNLIN_OK;
}

static int check_item(struct run *r, struct plan_item *item, struct dunlin_error *err)
{
    const struct section *verify = &item->up.script.sections[SECTION_VERIFY];
    const char *path = plan_file(item);
    int rc = DUNLIN_OK;

    if (item->mode == RUN_PROGRAM)
        return refuse(path, NULL, "it is a program, which has its own connection", err);
    if (item->row && !plan_is_applied(item) && item->row->done > 0)
        return refuse(path, NULL, "a part of it is in the database already", err);
    if (item->row && item->row->status == HISTORY_RUNNING)
        return refuse(path, NULL, "a run before ended in it, and how far it came is not known",
                      err);
    if (commits_by_itself(r))
        rc = check_statements(r, &item->up, SECTION_UP, err);
    if (!rc)
        rc = check_mode(item, err);
    if (!rc)
        rc = check_section(verify, path, err);
    if (!rc && commits_by_itself(r))
        rc = check_statements(r, &item->up, SECTION_VERIFY, err);
    return rc;
}

/* Connect hooks run again between two migrations. They may do to the session what they like. */
static int check_connect(const struct section *s, const char *path, struct dunlin_error *err)
{
    const struct statement_ref *at = s->tx_control.line ? &s->tx_control : &s->commits;

    if (at->line || s->folded)
        return refuse(path, at, "it would end the transaction", err);
    return DUNLIN_OK;
}

static int check_hook(struct run *r, const struct source_file *file, enum hook hook,
                      struct dunlin_error *err)
{
    struct plan scratch = {.arena = ARENA_INIT};
    struct plan_script script = {.file = file, .section = SECTION_UP};
    int rc = plan_script_load(&scratch, &script, &r->lexing, false, err);

    if (!rc && hook == HOOK_CONNECT)
        rc = check_connect(&script.script.sections[SECTION_UP], file->path, err);
    else if (!rc)
        rc = check_section(&script.script.sections[SECTION_UP], file->path, err);
    if (!rc && hook != HOOK_CONNECT && commits_by_itself(r))
        rc = check_statements(r, &script, SECTION_UP, err);
    file_text_free(script.text);
    arena_free(&scratch.arena);
    return rc;
}

static int check_all(struct run *r, struct plan *p, struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        int rc = p->items[i].selected ? check_item(r, &p->items[i], err) : DUNLIN_OK;

        if (rc)
            return rc;
    }
    for (size_t i = 0; i < r->source->count; i++) {
        for (int hook = 0; hook < HOOK_COUNT; hook++) {
            const struct source_file *file = &r->source->folders[i].hooks[hook];
            int rc = file->name ? check_hook(r, file, (enum hook)hook, err) : DUNLIN_OK;

            if (rc)
                return rc;
        }
    }
    return DUNLIN_OK;
}

static int check_engine(const struct run *r, struct dunlin_error *err)
{
    /* Without the query nobody knows whether a rollback undoes even changes of rows. */
    if (!commits_by_itself(r) || r->dialect->trace)
        return DUNLIN_OK;
    error_set(err, DUNLIN_USAGE, DUNLIN_KIND_UNSUPPORTED,
              "nothing can be rehearsed on this engine: its schema changes commit by themselves");
    error_hint(err, "\"dunlin plan\" lists what would run; rehearse on a copy of the database");
    error_state(err, "nothing was run");
    return DUNLIN_USAGE;
}

static int check_history(const struct run *r, const struct history *h, struct dunlin_error *err)
{
    if (r->options.baseline_schema && !h->exists)
        return refuse(r->options.baseline_schema, NULL, "a base schema is loaded before all else",
                      err);
    if (h->exists || !commits_by_itself(r))
        return DUNLIN_OK;
    error_set(err, DUNLIN_USAGE, DUNLIN_KIND_UNSUPPORTED,
              "nothing can be rehearsed before there is a history table: creating it would commit "
              "by itself on this engine");
    error_hint(err, "run \"dunlin up\" first, or try it on a copy of the database");
    error_state(err, "nothing was run");
    return DUNLIN_USAGE;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Listens to what the server says once the transaction is over: that it could not undo all of it,
 * because something wrote to a table that this user does not even see, say. */
struct witness {
    struct run *run;
    dunlin_event_fn on_event;
    void *user;
    char remark[sizeof(((struct dunlin_error *)NULL)->detail)];
};

static int witness_event(const struct dunlin_event *event, void *user)
{
    struct witness *w = user;

    if (event->type == DUNLIN_EVENT_NOTICE && event->text && !w->remark[0] &&
        w->run->driver->tx_state(w->run->conn) == DUNLIN_TX_IDLE)
        text_copy(w->remark, sizeof(w->remark), event->text, strlen(event->text));
    return w->on_event ? w->on_event(event, w->user) : 0;
}

static void witness_begin(struct witness *w, struct run *r)
{
    *w = (struct witness){.run = r, .on_event = r->on_event, .user = r->event_user};
    if (!commits_by_itself(r))
        return;
    r->on_event = witness_event;
    r->event_user = w;
}

static void witness_end(struct witness *w)
{
    w->run->on_event = w->on_event;
    w->run->event_user = w->user;
}

static int witness_says(const struct witness *w, int rc, struct dunlin_error *err)
{
    if (!w->remark[0])
        return rc;
    error_set(err, DUNLIN_PARTIAL, DUNLIN_KIND_TRANSACTION,
              "the rehearsal was rolled back, but the server did not undo all of it");
    error_detail(err, "%s", w->remark);
    error_state(err, "what a statement or a trigger wrote to tables without transactions stays");
    return DUNLIN_PARTIAL;
}

/* Leaves the session as it was: also what no rollback brings back. */
static void restore(struct run *r, bool keys_off, struct witness *w)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    bool cancelled = run_cancel_hold(r);
    struct batch b;

    run_rollback(r);
    witness_end(w); /* the rest may have its own warnings */
    if (keys_off)
        (void)keys_restore(r, &ignored);
    batch_init(&b, r);
    (void)batch_control_list(&b, r->dialect->reset, &ignored);
    (void)batch_send(&b, &ignored);
    batch_free(&b);
    r->dirty = true;
    run_beside_end(r); /* it may be one of the rehearsal's own */
    run_cancel_release(r, cancelled);
}

/* ---- the rehearsal --------------------------------------------------------------------------- */

/* They can only be switched outside the transaction, which is one for all here. */
static int suspend_keys(struct run *r, const struct plan *p, bool *off, struct dunlin_error *err)
{
    bool wanted = false;
    int rc;

    for (size_t i = 0; i < p->count && !wanted; i++)
        wanted = p->items[i].selected && keys_wanted(&p->items[i].up.script.sections[SECTION_UP]);
    if (!wanted)
        return DUNLIN_OK;
    rc = keys_suspend(r, off, err);
    if (!rc && *off)
        run_warn(r, "a migration switches foreign keys off: here they are off for all of them, and "
                    "are checked after each");
    return rc;
}

/* Where the transaction itself is the run lock it may have to be waited for. */
static int begin(struct run *r, struct dunlin_error *err)
{
    struct busy_wait wait = {0};
    int rc;

    do {
        rc = batch_now(r, ENTRY_BEGIN, r->dialect->begin, err);
    } while (rc == DUNLIN_LOCKED && run_busy_wait(r, &wait));
    return run_busy_end(r, rc, err);
}

static int each(struct run *r, struct plan *p, bool keys_off, struct dunlin_summary *s,
                struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        struct plan_item *item = &p->items[i];
        int rc;

        if (!item->selected)
            continue;
        if (atomic_load(&r->cancelled))
            return run_stopped(r, err);
        observe_stale(r);
        rc = run_item(r, p, item, DUNLIN_UP, err);
        if (!rc)
            rc = observe_open(r, err);
        if (!rc && keys_off)
            rc = keys_check(r, plan_file(item), err);
        if (rc)
            return rc;
        s->run++;
    }
    return DUNLIN_OK;
}

static int inside(struct run *r, struct plan *p, bool create, bool keys_off,
                  struct dunlin_summary *s, struct dunlin_error *err)
{
    int rc = create ? run_create_table(r, err) : DUNLIN_OK;

    if (!rc)
        rc = hooks_run(r, HOOK_BEFORE_ALL, NULL, err);
    if (!rc)
        rc = each(r, p, keys_off, s, err);
    if (!rc)
        rc = hooks_run(r, HOOK_AFTER_ALL, NULL, err);
    return rc;
}

static int rehearse(struct run *r, struct plan *p, bool create, struct dunlin_summary *s,
                    struct dunlin_error *err)
{
    bool keys_off = false;
    struct witness witness;
    int rc = suspend_keys(r, p, &keys_off, err);

    witness_begin(&witness, r);
    if (!rc)
        rc = begin(r, err);
    if (!rc)
        rc = observe_begin(r, err);
    if (!rc) {
        r->enclosed = true;
        rc = inside(r, p, create, keys_off, s, err);
        r->enclosed = false;
    }
    observe_end(r);
    restore(r, keys_off, &witness);
    if (rc == RUN_RACE || rc == RUN_DEFERRED)
        rc = error_set(err, DUNLIN_LOCKED, DUNLIN_KIND_LOCKED,
                       "another dunlin was at work on this database at the same time");
    if (rc && rc != DUNLIN_PARTIAL)
        error_state(err, "nothing was changed: this was a rehearsal");
    return witness_says(&witness, rc, err);
}

static int planned(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *s,
                   struct dunlin_error *err)
{
    struct arena arena = ARENA_INIT;
    struct plan p = {.count = 0};
    struct history h;
    size_t selected = 0;
    int rc = run_match(r, &arena, &h, &p, err);

    if (!rc) {
        run_count(&p, s);
        rc = run_plan(r, &p, DUNLIN_UP, goal, &selected, err);
    }
    if (!rc && selected > 0)
        rc = check_all(r, &p, err);
    if (!rc && selected > 0)
        rc = check_history(r, &h, err);
    if (!rc && selected > 0 && !h.exists)
        rc = run_elsewhere(r, err);
    if (!rc && selected > 0) {
        run_event(r, DUNLIN_EVENT_RUN_BEGIN, DUNLIN_UP, selected, s, NULL);
        rc = rehearse(r, &p, !h.exists, s, err);
    }
    run_event(r, DUNLIN_EVENT_RUN_END, DUNLIN_UP, selected, s, rc ? err : NULL);
    plan_free(&p);
    arena_free(&arena);
    return rc;
}

int run_rehearse(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
                 struct dunlin_error *err)
{
    struct dunlin_summary s = DUNLIN_SUMMARY_INIT;
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    uint64_t start = run_micros();
    bool held = false;
    int rc;

    if (!err)
        err = &local;
    rc = check_engine(r, err);
    if (!rc)
        rc = run_session(r, err);
    if (!rc)
        rc = run_lock(r, &held, err);
    if (!rc)
        rc = planned(r, goal, &s, err);
    if (held)
        run_unlock(r);
    s.micros = run_micros() - start;
    if (summary)
        *summary = s;
    return rc;
}
