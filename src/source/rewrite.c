/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "source/rewrite.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mark.h"

#define BLOCK 65536u

/* ---- what layouts say ------------------------------------------------------------------------ */

void rewrite_mark(struct rewrite *w, const char *mark)
{
    buf_addf(&w->out, "--%cmigrate:%s", MARK_BYTE, mark);
    w->replaced = true;
}

void rewrite_drop(struct rewrite *w)
{
    w->replaced = true;
}

void rewrite_text(struct rewrite *w, const char *text, size_t len)
{
    buf_add(&w->out, text, len);
    w->replaced = true;
}

int(rewrite_refuse)(const struct rewrite *w, struct dunlin_error *err, const char *hint,
                    const char *format, ...)
{
    char message[512];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    error_set(err, DUNLIN_BAD_FILE, DUNLIN_KIND_FILE, "%s", message);
    error_place(err, w->file->path, w->line, 1);
    if (hint)
        error_hint(err, "%s", hint);
    return DUNLIN_BAD_FILE;
}

int rewrite_passing(const struct rewrite *w, struct dunlin_error *err)
{
    if (!w->file->folder->kept)
        return DUNLIN_OK;
    return rewrite_refuse(w, err,
                          "write ${NAME} in a section with substitute:on by hand, and give the "
                          "value with --set NAME=VALUE",
                          "a value from the environment, which another run would not know");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

void text_trim(const char **text, size_t *len)
{
    while (*len && is_blank(**text)) {
        ++*text;
        --*len;
    }
    while (*len && is_blank((*text)[*len - 1]))
        --*len;
}

bool text_begins(const char *text, size_t len, const char *word, const char **rest, size_t *left)
{
    size_t n = strlen(word);

    if (len < n || memcmp(text, word, n) != 0)
        return false;
    *rest = text + n;
    *left = len - n;
    while (*left && is_blank(**rest)) {
        ++*rest;
        --*left;
    }
    return true;
}

/* ---- line by line ---------------------------------------------------------------------------- */

static int refuse_long(const struct rewrite *w, struct dunlin_error *err)
{
    return rewrite_refuse(w, err, "break it",
                          "a line of more than %u MiB: the layout %s needs it whole",
                          REWRITE_WHOLE_MAX >> 20, w->file->folder->layout->name);
}

/* One line without its end, which is passed on; of one that is too long its start. */
static int line_rewrite(struct rewrite *w, const char *line, size_t len, bool whole,
                        struct dunlin_error *err)
{
    const struct source_file *file = w->file;
    const struct layout *layout = file->folder->layout;
    int rc = DUNLIN_OK;

    w->line++;
    w->replaced = false;
    if (w->line < file->first_line || (file->last_line && w->line > file->last_line))
        rewrite_drop(w);
    else if (!whole && layout->whole_lines)
        rc = refuse_long(w, err);
    else if (layout->rewrite)
        rc = layout->rewrite(w, line, len, err);
    if (!rc && !w->replaced)
        buf_add(&w->out, line, len);
    return rc;
}

static size_t line_max(const struct rewrite *w)
{
    return w->file->folder->layout->whole_lines ? REWRITE_WHOLE_MAX : REWRITE_LINE;
}

/* Deals with one line, or with what is there of a long one. Returns false when more is needed. */
static bool line_take(struct rewrite *w, int *rc, struct dunlin_error *err)
{
    const char *line = w->in.data + w->taken;
    size_t left = w->in.len - w->taken;
    const char *end = left ? memchr(line + w->clear, '\n', left - w->clear) : NULL;
    size_t len = end ? (size_t)(end - line) : left;
    size_t cr = end && len && line[len - 1] == '\r';
    bool more = left == 0 || (!end && !w->ended && left < line_max(w));

    w->clear = more ? left : 0;
    if (more)
        return false;
    if (!w->inside)
        *rc = line_rewrite(w, line, len - cr, end || w->ended, err);
    else if (!w->replaced) /* what was put for its start was put for the line */
        buf_add(&w->out, line, len - cr);
    if (cr)
        buf_addc(&w->out, '\r');
    if (end)
        buf_addc(&w->out, '\n');
    w->inside = !end;
    w->taken += len + (end != NULL);
    return *rc == DUNLIN_OK;
}

static int fill(struct rewrite *w, struct dunlin_error *err)
{
    size_t got = 0;
    int rc;

    buf_drop(&w->in, w->taken);
    w->taken = 0;
    if (!buf_reserve(&w->in, BLOCK))
        return error_nomem(err);
    rc = w->from->read(w->from, w->in.data + w->in.len, BLOCK, &got, err);
    w->in.len += got;
    w->ended = rc == DUNLIN_OK && got == 0;
    return rc;
}

/* The end of the text: what is open now stays open. */
static int finish(struct rewrite *w, struct dunlin_error *err)
{
    const struct layout *layout = w->file->folder->layout;

    w->replaced = false;
    return layout->rewrite ? layout->rewrite(w, NULL, 0, err) : DUNLIN_OK;
}

static int rewrite_read(struct stream *s, char *to, size_t size, size_t *got,
                        struct dunlin_error *err)
{
    struct rewrite *w = (struct rewrite *)s;
    int rc = DUNLIN_OK;

    *got = 0;
    while (w->used == w->out.len && !w->ended && !rc) {
        buf_clear(&w->out);
        w->used = 0;
        rc = fill(w, err);
        while (!rc && line_take(w, &rc, err))
            ;
        if (!rc && w->ended)
            rc = finish(w, err);
        /* here, as the next round would forget it */
        if (!rc && (w->out.failed || w->in.failed))
            rc = error_nomem(err);
    }
    if (rc)
        return rc;
    *got = w->out.len - w->used < size ? w->out.len - w->used : size;
    if (*got)
        memcpy(to, w->out.data + w->used, *got);
    w->used += *got;
    return DUNLIN_OK;
}

void rewrite_init(struct rewrite *w, const struct source_file *file, struct stream *from)
{
    size_t max = file->folder->layout->whole_lines ? REWRITE_WHOLE_MAX : REWRITE_LINE;

    buf_free(&w->in);
    buf_free(&w->out);
    *w = (struct rewrite){.stream = {rewrite_read},
                          .from = from,
                          .file = file,
                          .in = BUF_INIT(max + 2 * BLOCK),
                          .out = BUF_INIT(4 * max + 8 * BLOCK)};
}

void rewrite_free(struct rewrite *w)
{
    buf_free(&w->in);
    buf_free(&w->out);
}
