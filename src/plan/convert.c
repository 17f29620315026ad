/* SPDX-License-Identifier: MIT */
/*
 * Writes sections piece by piece, as the lexer cuts them, so that what is written reads the same.
 * Changed is only what a file of dunlin's own cannot hold: breakpoints become semicolons, a comment
 * that would be a mark gets dashes before it, and what only the end of a file closes is closed.
 */
#include "plan/convert.h"

#include <string.h>

#include "base/error.h"
#include "script/options.h"
#include "source/layout.h"

#define HELD_MAX 65536u
#define MARK_MAX 1024u

struct writing {
    text_write_fn write; /* NULL = it is only summed up */
    void *user;
    bool own;        /* the text is dunlin's own: a mark that is not a section's may stay */
    bool behind;     /* .. unless it is that of a down file, behind the text of the up file */
    bool begun;      /* something was written of this section, */
    bool any;        /* .. or of the file */
    char last;       /* byte that was written */
    char row;        /* last byte of the rows so far, 0 = there are none */
    struct buf held; /* blank, of which is not known yet whether something comes behind it */
    struct sha256_ctx sha;
    uint64_t statements;
    int rc;
    struct dunlin_error *err;
};

/* ---- bytes ----------------------------------------------------------------------------------- */

static void put_exactly(struct writing *w, const char *data, size_t len)
{
    if (!w->write || len == 0 || w->rc)
        return;
    w->rc = w->write(w->user, data, len, w->err);
    w->last = data[len - 1];
    w->begun = w->any = true;
}

static void put_held(struct writing *w)
{
    put_exactly(w, buf_str(&w->held), w->held.len);
    buf_clear(&w->held);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Blank at both ends of a section is left out. */
static void put(struct writing *w, const char *data, size_t len)
{
    size_t end = len;

    if (!w->write)
        return;
    while (!w->begun && len > 0 && is_blank(*data)) {
        data++;
        len--;
        end--;
    }
    while (end > 0 && is_blank(data[end - 1]))
        end--;
    if (end > 0) {
        put_held(w);
        put_exactly(w, data, end);
    }
    if (w->held.len + len - end > HELD_MAX)
        put_held(w);
    if (len - end > HELD_MAX)
        put_exactly(w, data + end, len - end);
    else if (len > end && !buf_add(&w->held, data + end, len - end))
        w->rc = error_nomem(w->err);
}

static void put_text(struct writing *w, const char *text)
{
    put(w, text, strlen(text));
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static void hash(struct writing *w, const char *data, size_t len)
{
    sha256_update(&w->sha, len, (const uint8_t *)data);
}

/* A part of a piece, with the marks in it made comments. */
static void range(struct writing *w, const struct piece *p, size_t from, size_t to,
                  void (*add)(struct writing *w, const char *data, size_t len))
{
    for (size_t i = 0; i < p->nmarks; i++) {
        size_t at = p->marks[i];

        if (at < from || at > to || (at == to && to < p->raw_len))
            continue;
        add(w, p->raw + from, at - from);
        add(w, "-- ", 3);
        from = at;
    }
    add(w, p->raw + from, to - from);
}

/* Whether a line comment may be open at the end: then a line end does no harm. */
static bool may_comment(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '#' || (text[i] == '-' && i + 1 < len && text[i + 1] == '-'))
            return true;
    }
    return false;
}

static void blank_or_statement(struct writing *w, const struct piece *p)
{
    size_t end = p->raw_len - p->breakpoint, code = 0;

    if (p->kind == PIECE_STATEMENT) {
        size_t sql = (size_t)(p->sql - p->raw);
        uint64_t number = ++w->statements;

        code = sql + p->sql_len;
        hash(w, (const char *)&number, sizeof(number));
        range(w, p, sql, code, hash);
    }
    if (p->breakpoint && code) {
        range(w, p, 0, code, put);
        put_text(w, ";");
        range(w, p, code, end, put);
    } else {
        range(w, p, 0, end, put);
    }
    if (p->breakpoint && may_comment(p->raw + code, end - code)) {
        put_held(w);
        put_exactly(w, "\n", 1);
    }
    if (p->comment_open)
        put_text(w, " */");
}

/* Rows of COPY: not a byte of them is blank. */
static void copy_rows(struct writing *w, const struct piece *p)
{
    put_held(w);
    put_exactly(w, p->raw, p->raw_len);
    hash(w, p->sql, p->sql_len);
    if (p->sql_len)
        w->row = p->sql[p->sql_len - 1];
    if (!p->copy_end)
        return;
    if (w->row && w->row != '\n')
        hash(w, "\n", 1);
    if (p->raw_len == p->sql_len) { /* they ended with the file */
        if (w->write && w->last != '\n')
            put_exactly(w, "\n", 1);
        put_exactly(w, "\\.\n", 3);
    }
    w->row = 0;
}

static void piece_take(struct writing *w, const struct piece *p)
{
    if (p->kind == PIECE_COPY_DATA) {
        copy_rows(w, p);
    } else if (p->kind != PIECE_MARK) {
        blank_or_statement(w, p);
    } else if (w->own) { /* a description; other layouts have put in what the section's mark has */
        if (w->behind)
            put_text(w, "-- ");
        put(w, p->raw, p->raw_len);
    }
}

/* ---- sections -------------------------------------------------------------------------------- */

/* Takes the pieces from start on: to the mark in that line, or so many bytes where that is 0. */
static int pieces_take(struct writing *w, const struct plan_script *s,
                       const struct script_dialect *dialect, const struct lexer_start *start,
                       uint32_t mark_line, uint64_t bytes, struct dunlin_error *err)
{
    struct stream *stream;
    struct lexer *lx;
    struct piece piece;
    uint64_t taken = 0;
    int rc = file_text_stream(s->text, start->offset, &stream, err);

    if (!rc)
        rc = lexer_new(stream, plan_lex(s, dialect->lex), dialect->modes, start,
                       dialect->max_statement, &lx, err);
    if (rc)
        return rc;
    w->err = err;
    while (mark_line || taken < bytes) {
        rc = lexer_next(lx, &piece, err);
        if (rc || piece.kind == PIECE_END ||
            (mark_line && piece.kind == PIECE_MARK && piece.line == mark_line))
            break;
        piece_take(w, &piece);
        taken += piece.raw_len;
        if (w->rc)
            break;
    }
    lexer_free(lx);
    return rc ? rc : w->rc;
}

/* The end of a section's text: the next mark stands in a line of its own. */
static int text_end(struct writing *w)
{
    buf_clear(&w->held);
    if (w->begun && w->last != '\n')
        put_exactly(w, "\n", 1);
    w->begun = false;
    return w->rc;
}

/* Options that a verify section has not were meant for others. */
static struct section_options options_of(const struct section *section, enum section_kind kind)
{
    struct section_options o = section->options;

    if (kind == SECTION_VERIFY) {
        o.transaction = TRANSACTION_AUTO;
        o.tolerate_exists = o.tolerate_missing = o.foreign_keys_off = o.irreversible = false;
    }
    return o;
}

static int mark_put(struct writing *w, struct plan_script *s, enum section_kind kind,
                    struct text_sum *sum)
{
    const struct section *section = &s->script.sections[kind];
    const struct section_options o = options_of(section, kind);
    struct buf mark = BUF_INIT(MARK_MAX);
    char line[MARK_MAX] = "";
    int rc = DUNLIN_OK;

    mark_write(&mark, kind, &o);
    if (mark.failed)
        w->rc = error_nomem(w->err);
    text_copy(sum->sections[kind].mark, sizeof(sum->sections[kind].mark), buf_str(&mark), mark.len);
    if (w->any)
        put_exactly(w, "\n", 1);
    /* Its own line as it is, because the history may have kept it with the down section. */
    if (w->own && section->mark_line)
        rc = file_text_line(s->text, section->mark_line, line, sizeof(line), w->err);
    if (rc && rc != DUNLIN_NO)
        w->rc = rc;
    if (*line && strlen(line) < sizeof(line) - 8)
        put_exactly(w, line, strlen(line));
    else
        put_exactly(w, buf_str(&mark), mark.len);
    put_exactly(w, "\n", 1);
    w->begun = false;
    buf_free(&mark);
    return w->rc;
}

static int section_take(struct writing *w, struct plan_script *s,
                        const struct script_dialect *dialect, enum section_kind kind,
                        struct text_sum *sum, struct dunlin_error *err)
{
    const struct section *section = &s->script.sections[kind];
    int rc;

    if (!section->present)
        return DUNLIN_OK;
    w->err = err;
    w->statements = 0;
    sha256_init(&w->sha);
    rc = mark_put(w, s, kind, sum);
    if (!rc)
        rc = pieces_take(w, s, dialect, &section->start, 0, section->bytes, err);
    if (!rc)
        rc = text_end(w);
    sum->sections[kind].present = true;
    sum->sections[kind].statements = w->statements;
    sha256_end_hex(&w->sha, sum->sections[kind].digest);
    return rc;
}

/* What stands above the first mark: comments. */
static int head_take(struct writing *w, const struct plan_script *s,
                     const struct script_dialect *dialect, struct dunlin_error *err)
{
    const struct lexer_start start = {0, 1, 1};
    uint32_t line = 0;
    int rc;

    for (unsigned k = 0; k < SECTION_COUNT; k++) {
        const struct section *section = &s->script.sections[k];

        if (section->present && section->mark_line && (line == 0 || section->mark_line < line))
            line = section->mark_line;
    }
    if (line < 2)
        return DUNLIN_OK;
    if (w->write && w->any)
        put_exactly(w, "\n", 1);
    w->begun = false;
    rc = pieces_take(w, s, dialect, &start, line, 0, err);
    return rc ? rc : text_end(w);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static int script_load(struct plan *scratch, struct plan_script *s,
                       const struct script_dialect *dialect, struct dunlin_error *err)
{
    struct script_dialect reading = *dialect;

    reading.keeps_placeholders = true;
    return plan_script_load(scratch, s, &reading, true, err);
}

static void scratch_free(struct plan *scratch, struct plan_script *s)
{
    file_text_free(s->text);
    s->text = NULL;
    arena_free(&scratch->arena);
}

static int up_take(struct writing *w, const struct source_file *file, bool down,
                   const struct script_dialect *dialect, struct text_sum *sum,
                   char checksum[CHECKSUM_SIZE], struct dunlin_error *err)
{
    struct plan scratch = {.arena = ARENA_INIT};
    struct plan_script s = {.file = file, .section = SECTION_UP};
    int rc = script_load(&scratch, &s, dialect, err);

    w->own = layout_is_own(file);
    if (!rc)
        memcpy(checksum, s.checksum, strlen(s.checksum) + 1);
    if (!rc)
        rc = head_take(w, &s, dialect, err);
    if (!rc)
        rc = section_take(w, &s, dialect, SECTION_UP, sum, err);
    if (!rc)
        rc = section_take(w, &s, dialect, SECTION_VERIFY, sum, err);
    if (!rc && down)
        rc = section_take(w, &s, dialect, SECTION_DOWN, sum, err);
    scratch_free(&scratch, &s);
    return rc;
}

static int down_take(struct writing *w, const struct source_file *file,
                     const struct script_dialect *dialect, struct text_sum *sum,
                     struct dunlin_error *err)
{
    struct plan scratch = {.arena = ARENA_INIT};
    struct plan_script s = {.file = file, .section = SECTION_DOWN};
    int rc = script_load(&scratch, &s, dialect, err);

    w->own = layout_is_own(file);
    w->behind = true;
    if (!rc && s.script.sections[SECTION_DOWN].present) {
        rc = head_take(w, &s, dialect, err);
        if (!rc)
            rc = section_take(w, &s, dialect, SECTION_DOWN, sum, err);
    }
    scratch_free(&scratch, &s);
    return rc;
}

int plan_convert(const struct source_file *up, const struct source_file *down,
                 const struct script_dialect *dialect, text_write_fn write, void *user,
                 struct text_sum *sum, char was[CHECKSUM_SIZE], struct dunlin_error *err)
{
    struct writing w = {.write = write, .user = user, .held = BUF_INIT(2 * HELD_MAX)};
    bool pair = down && down->name && !down->program;
    int rc;

    memset(sum, 0, sizeof(*sum));
    rc = up_take(&w, up, !pair, dialect, sum, was, err);
    if (!rc && pair)
        rc = down_take(&w, down, dialect, sum, err);
    buf_free(&w.held);
    return rc;
}

static bool same_sum(const struct text_sum *a, const struct text_sum *b)
{
    for (unsigned k = 0; k < SECTION_COUNT; k++) {
        if (a->sections[k].present != b->sections[k].present ||
            a->sections[k].statements != b->sections[k].statements ||
            strcmp(a->sections[k].digest, b->sections[k].digest) != 0 ||
            strcmp(a->sections[k].mark, b->sections[k].mark) != 0)
            return false;
    }
    return true;
}

int plan_convert_check(const struct source_file *file, const struct source_file *from,
                       const struct script_dialect *dialect, const struct text_sum *sum,
                       char is[CHECKSUM_SIZE], struct dunlin_error *err)
{
    struct dunlin_error why = DUNLIN_ERROR_INIT;
    struct writing w = {.held = BUF_INIT(1)};
    struct text_sum now = {.sections = {{.present = false}}};
    int rc = up_take(&w, file, true, dialect, &now, is, &why);

    if (rc && !why.line) { /* it was not read, and so says nothing yet */
        if (err)
            *err = why;
        return rc;
    }
    if (!rc && same_sum(sum, &now))
        return DUNLIN_OK;
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE,
              "%s cannot be written as a file of dunlin's own that says the same", from->path);
    if (why.message[0])
        error_detail(err, "it would be: line %u: %s", (unsigned)why.line, why.message);
    error_hint(err, "look for what stays open at the end of a section, such as a parenthesis");
    return DUNLIN_BAD_FILE;
}
