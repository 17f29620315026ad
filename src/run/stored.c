/* SPDX-License-Identifier: MIT */
/*
 * Which text reverts a migration: the file's, or the one that was kept when it was applied. What
 * was applied belongs to the kept one; the file is used where both say the same, so that places in
 * it can be told.
 */
#include "run/run.h"

#include <string.h>

#include "base/error.h"

#define TEXT_MAX ((size_t)2 * HISTORY_DOWN_MAX)

int run_stored_text(struct run *r, const struct history_row *row, struct arena *arena, char **text,
                    size_t *len, struct dunlin_error *err)
{
    *text = NULL;
    *len = 0;
    if (!row || !row->has_down)
        return DUNLIN_OK;
    return history_read_down(r->driver, r->conn, &r->table, row, arena, text, len, err);
}

/* Sets what differs between the file and the kept text, and says so. */
static int choose(struct run *r, struct plan *p, struct plan_item *item, struct dunlin_error *err)
{
    struct dunlin_error unread = DUNLIN_ERROR_INIT;
    struct buf now = BUF_INIT(TEXT_MAX);
    char *text;
    size_t len;
    int rc = run_stored_text(r, item->row, &p->arena, &text, &len, err);

    if (rc || !text)
        return rc;
    if (item->migration) {
        rc = plan_down_text(item->migration, &r->lexing, &now, &unread);
        if (unread.kind == DUNLIN_KIND_NOMEM) { /* it says nothing about the file */
            buf_free(&now);
            return error_nomem(err);
        }
        if (rc == DUNLIN_OK && plan_same_down(buf_str(&now), now.len, text, len)) {
            buf_free(&now);
            return DUNLIN_OK;
        }
        run_warn(r,
                 "%s %s; the text that was kept when it was applied is used instead of the file's",
                 plan_file(item),
                 rc        ? "cannot be read"
                 : now.len ? "has another down section than the one that was applied"
                           : "has no down section any more");
        buf_free(&now);
    }
    item->down.stored = text;
    item->down.stored_len = len;
    return DUNLIN_OK;
}

int run_stored_scripts(struct run *r, struct plan *p, struct dunlin_error *err)
{
    for (size_t i = 0; i < p->count; i++) {
        int rc = p->items[i].selected ? choose(r, p, &p->items[i], err) : DUNLIN_OK;

        if (rc)
            return rc;
    }
    return DUNLIN_OK;
}
