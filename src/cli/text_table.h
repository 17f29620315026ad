/* SPDX-License-Identifier: MIT */
/* The lists of status, plan and drivers: collected first, since columns need their widths. */
#ifndef DUNLIN_CLI_TEXT_TABLE_H
#define DUNLIN_CLI_TEXT_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <dunlin/dunlin.h>
#include "base/arena.h"
#include "base/buf.h"
#include "cli/color.h"

#define TABLE_COLUMNS 6 /* the first is the source */

struct table_row {
    const char *cells[TABLE_COLUMNS]; /* escaped; NULL = empty */
    enum color color;                 /* of the third column */
    struct table_row *next;
};

struct table {
    struct arena arena;
    struct table_row *first, **last;
    size_t count;
    const char *source;
    bool several; /* sources: else their column is not printed */
};

void table_init(struct table *t);
void table_free(struct table *t);
/* A row of empty cells at the end, NULL when out of memory. */
struct table_row *table_row(struct table *t);
/* Puts the text of b into a cell and empties b. */
bool table_cell(struct table *t, struct table_row *row, size_t column, struct buf *b);
/* Appends all rows, columns two blanks apart; a column that is empty in every row, or
 * tells only one source, is left out. */
void table_print(const struct table *t, struct buf *to, bool color);

/* Rows of the lists. Each returns false when out of memory. */
bool table_status_head(struct table *t);
bool table_status_item(struct table *t, const struct dunlin_item *item);
bool table_plan_item(struct table *t, const struct dunlin_item *item);

/* "12 ms", "1.25 s", "3 min 07 s". */
void text_duration(struct buf *to, uint64_t micros);
/* "0003_add_users", or "R__views" where the version says it all. With a label when it is not NULL.
 */
void text_migration(struct buf *to, const char *label, const char *version, const char *name);

#endif
