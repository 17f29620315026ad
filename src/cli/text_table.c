/* SPDX-License-Identifier: MIT */
#include "cli/text_table.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include "cli/escape.h"

#define CELL_MAX 65536

void table_init(struct table *t)
{
    memset(t, 0, sizeof(*t));
    t->last = &t->first;
}

void table_free(struct table *t)
{
    arena_free(&t->arena);
    table_init(t);
}

struct table_row *table_row(struct table *t)
{
    struct table_row *row = arena_calloc(&t->arena, 1, sizeof(*row));

    if (!row)
        return NULL;
    *t->last = row;
    t->last = &row->next;
    t->count++;
    return row;
}

bool table_cell(struct table *t, struct table_row *row, size_t column, struct buf *b)
{
    bool ok = !b->failed;

    if (ok && b->len > 0) {
        row->cells[column] = arena_strndup(&t->arena, b->data, b->len);
        ok = row->cells[column] != NULL;
    }
    buf_free(b);
    return ok;
}

static void print_row(const struct table_row *row, const size_t *widths, struct buf *to, bool color)
{
    size_t pad = 0; /* written only when something follows */

    for (size_t i = 0; i < TABLE_COLUMNS; i++) {
        const char *cell = row->cells[i] ? row->cells[i] : "";
        enum color c = i == 2 ? row->color : COLOR_NONE;

        if (widths[i] == 0)
            continue;
        if (*cell) {
            for (; pad > 0; pad--)
                buf_addc(to, ' ');
            buf_addf(to, "%s%s%s", color_begin(color, c), cell, color_end(color, c));
        }
        pad += widths[i] - text_width(cell) + 2;
    }
    buf_addc(to, '\n');
}

void table_print(const struct table *t, struct buf *to, bool color)
{
    size_t widths[TABLE_COLUMNS] = {0};

    for (const struct table_row *row = t->first; row; row = row->next) {
        for (size_t i = t->several ? 0 : 1; i < TABLE_COLUMNS; i++) {
            size_t width = row->cells[i] ? text_width(row->cells[i]) : 0;

            if (width > widths[i])
                widths[i] = width;
        }
    }
    for (const struct table_row *row = t->first; row; row = row->next)
        print_row(row, widths, to, color);
}

/* ---- words ----------------------------------------------------------------------------------- */

void text_duration(struct buf *to, uint64_t micros)
{
    uint64_t ms = (micros + 500) / 1000;

    if (ms < 1000)
        buf_addf(to, "%" PRIu64 " ms", ms);
    else if (ms < 60000)
        buf_addf(to, "%" PRIu64 ".%02" PRIu64 " s", ms / 1000, ms % 1000 / 10);
    else
        buf_addf(to, "%" PRIu64 " min %02" PRIu64 " s", ms / 60000, ms / 1000 % 60);
}

/* Whether a version says its name itself: 0000_quiet_drone. */
static bool has_name(const char *version, const char *name)
{
    size_t v = strlen(version), n = strlen(name);

    return v > n && version[v - n - 1] == '_' && strcmp(version + v - n, name) == 0;
}

void text_migration(struct buf *to, const char *label, const char *version, const char *name)
{
    if (label && *label) {
        escape_add(to, label, 0);
        buf_addc(to, '/');
    }
    escape_add(to, version ? version : "?", 0);
    /* Without a number the version is the whole name already. */
    if (name && *name && version && isdigit((unsigned char)*version) && !has_name(version, name)) {
        buf_addc(to, '_');
        escape_add(to, name, 0);
    }
}

static enum color state_color(uint32_t state)
{
    switch (state) {
    case DUNLIN_STATE_APPLIED:
        return COLOR_GOOD;
    case DUNLIN_STATE_PARTIAL:
    case DUNLIN_STATE_FAILED:
    case DUNLIN_STATE_EDITED:
    case DUNLIN_STATE_MISSING:
        return COLOR_BAD;
    default:
        return COLOR_WAITING;
    }
}

/* "2026-11-21T09:12:33.250Z" as "2026-11-21 09:12:33". */
static void text_time(struct buf *to, const char *time)
{
    size_t len = time ? strcspn(time, ".Z") : 0;

    for (size_t i = 0; i < len; i++)
        buf_addc(to, time[i] == 'T' ? ' ' : isprint((unsigned char)time[i]) ? time[i] : '?');
}

/* ---- status and plan ------------------------------------------------------------------------- */

static bool source_cell(struct table *t, struct table_row *row, const char *source)
{
    struct buf b = BUF_INIT(CELL_MAX);

    escape_add(&b, source ? source : "", 0);
    if (!table_cell(t, row, 0, &b))
        return false;
    if (!row->cells[0])
        return true;
    if (t->source && strcmp(t->source, row->cells[0]) != 0)
        t->several = true;
    t->source = row->cells[0];
    return true;
}

/* Columns of status: source, version, state, applied at, took, what. */
bool table_status_head(struct table *t)
{
    static const char *const head[] = {"source",           "version", "state",
                                       "applied at (UTC)", "took",    "description"};
    struct table_row *row = table_row(t);

    if (!row)
        return false;
    for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
        row->cells[i] = head[i];
    return true;
}

/* A state and what is special about it: "partial 3/7". */
static void text_state(struct buf *to, const struct dunlin_item *item)
{
    buf_adds(to, dunlin_state_name(item->state));
    if (item->state == DUNLIN_STATE_PARTIAL && item->statements_total)
        buf_addf(to, " %" PRIu64 "/%" PRIu64, item->statements_done, item->statements_total);
}

bool table_status_item(struct table *t, const struct dunlin_item *item)
{
    const char *what = item->description && *item->description ? item->description : item->name;
    struct table_row *row = table_row(t);
    struct buf b = BUF_INIT(CELL_MAX);
    bool ok;

    if (!row || !source_cell(t, row, item->source))
        return false;
    row->color = state_color(item->state);
    escape_add(&b, item->version ? item->version : "?", 0);
    ok = table_cell(t, row, 1, &b);
    text_state(&b, item);
    ok = table_cell(t, row, 2, &b) && ok;
    text_time(&b, item->applied_at);
    ok = table_cell(t, row, 3, &b) && ok;
    if (item->duration_ms >= 0)
        text_duration(&b, (uint64_t)item->duration_ms * 1000);
    ok = table_cell(t, row, 4, &b) && ok;
    escape_add(&b, what ? what : "", 0);
    return table_cell(t, row, 5, &b) && ok;
}

/* Columns of plan: source, direction, what, statements, transaction, no way back. */
bool table_plan_item(struct table *t, const struct dunlin_item *item)
{
    uint64_t left = item->statements_total - item->statements_done;
    struct table_row *row = table_row(t);
    struct buf b = BUF_INIT(CELL_MAX);
    bool ok;

    if (!row || !source_cell(t, row, item->source))
        return false;
    row->cells[1] = item->direction == DUNLIN_DOWN ? "down" : "up";
    text_migration(&b, NULL, item->version, item->name);
    ok = table_cell(t, row, 2, &b);
    if (item->statements_done)
        buf_addf(&b, "%" PRIu64 " of ", left);
    buf_addf(&b, "%" PRIu64 " statement%s", item->statements_total,
             item->statements_total == 1 ? "" : "s");
    ok = table_cell(t, row, 3, &b) && ok;
    row->cells[4] = item->transactional ? "transaction" : "no transaction";
    if (item->direction != DUNLIN_DOWN && !item->reversible && item->kind &&
        strcmp(item->kind, "versioned") == 0)
        row->cells[5] = "irreversible";
    if (item->from_history)
        row->cells[5] = "from the history";
    return ok;
}
