/* SPDX-License-Identifier: MIT */
/* From "byte 17 of the statement" or "line 2 of it" to file, line, column and caret. */
#include "run/batch.h"

#include <string.h>

#include "base/error.h"
#include "base/secret.h"

struct position {
    uint32_t line, column;
};

/* CRLF, LF and a lone CR end a line. */
static bool ends_line(const char *sql, size_t n, size_t i)
{
    return sql[i] == '\n' || (sql[i] == '\r' && !(i + 1 < n && sql[i + 1] == '\n'));
}

/* Walks n bytes of a statement that begins at start. */
static struct position walk(const char *sql, size_t n, struct position start)
{
    for (size_t i = 0; i < n; i++) {
        if (ends_line(sql, n, i)) {
            start.line++;
            start.column = 1;
        } else if (((unsigned char)sql[i] & 0xc0) != 0x80 && sql[i] != '\r') {
            start.column++;
        }
    }
    return start;
}

/* The byte at which line number line (1-based) of the statement begins. */
static size_t line_start(const char *sql, size_t len, uint32_t line)
{
    size_t i = 0;

    for (; line > 1 && i < len; i++) {
        if (ends_line(sql, len, i))
            line--;
    }
    return i;
}

static void source_line_of(struct plan_script *s, uint32_t line, struct dunlin_error *err)
{
    const char *text = s->stored;
    size_t start, end;

    if (s->text) {
        file_text_line(s->text, line, err->source_line, sizeof(err->source_line), NULL);
        return;
    }
    start = line_start(text, s->stored_len, line);
    end = start;
    while (end < s->stored_len && text[end] != '\n' && text[end] != '\r')
        end++;
    text_copy(err->source_line, sizeof(err->source_line), text + start, end - start);
}

void place_replaced(const char *sql, size_t len, size_t intact, struct dunlin_error *err)
{
    const struct position start = {1, 1};

    if (!err || err->stmt_pos <= intact || err->stmt_pos > len + 1)
        return;
    err->stmt_line = walk(sql, (size_t)err->stmt_pos - 1, start).line;
    err->stmt_pos = 0;
}

void place_fill(const struct batch_script *of, const char *sql, size_t len, uint32_t line,
                uint32_t column, struct dunlin_error *err)
{
    struct position at = {line, column};
    struct plan_script *s = of->script;

    if (err->stmt_pos > 0 && err->stmt_pos <= len + 1) {
        at = walk(sql, (size_t)err->stmt_pos - 1, at);
        err->caret = at.column;
    } else if (err->stmt_line > 1) {
        at = walk(sql, line_start(sql, len, err->stmt_line), at);
    }
    error_place(err, s->file ? s->file->path : "down script in the history", at.line, at.column);
    source_line_of(s, at.line, err);
    secret_hide_error(sql, len, err);
}
