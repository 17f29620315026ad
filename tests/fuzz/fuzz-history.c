/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the rows of the history, as a server could send them that is broken or hostile:
 * rows end with a line end, columns with "|", "~" alone is NULL, and "#" stands for a word that
 * would be right there. Reading them ends with an error that says something, or with rows that
 * planning can take, whatever they say.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CELLS_MAX 20

struct dunlin_conn {
    const char *text;
    size_t len;
};

static const char *const usual[CELLS_MAX] = {
    "main", "1",  "a",    "versioned", "applied", "v1:sha256:00", "1", "1", "2026-01-01T00:00:00Z",
    "5",    "me", "oops", "hash",      "0"};

/* Takes the next row off rest; false at the end. cells are in row, which is changed. */
static bool next_row(char **rest, const char *cells[CELLS_MAX], uint64_t lens[CELLS_MAX],
                     uint32_t *n)
{
    char *row = *rest, *end, *bar;

    *n = 0;
    if (!*row)
        return false;
    end = strchr(row, '\n');
    *rest = end ? end + 1 : row + strlen(row);
    if (end)
        *end = '\0';
    for (; row && *n < CELLS_MAX; row = bar) {
        bar = strchr(row, '|');
        if (bar)
            *bar++ = '\0';
        cells[*n] = strcmp(row, "~") == 0 ? NULL : strcmp(row, "#") == 0 ? usual[*n] : row;
        lens[*n] = cells[*n] ? strlen(cells[*n]) : 0;
        ++*n;
    }
    return true;
}

static int query(struct dunlin_conn *conn, const char *sql, uint64_t len, dunlin_row_fn row,
                 void *user, struct dunlin_error *err)
{
    char *copy = calloc(1, conn->len + 1), *rest = copy;
    const char *cells[CELLS_MAX];
    uint64_t lens[CELLS_MAX];
    uint32_t n;
    int rc = 0;

    (void)sql, (void)len, (void)err;
    if (copy)
        memcpy(copy, conn->text, conn->len);
    while (copy && rc == 0 && next_row(&rest, cells, lens, &n))
        rc = row(user, n, cells, lens);
    free(copy);
    return rc;
}

static const struct dunlin_dialect dialect = {
    .size = sizeof(dialect), .quote = "\"\"", .time_text = "{column}", .bytes_hex = "{column}"};
static const struct dunlin_driver driver = {.dialect = &dialect, .query = query};

/* A folder that needs no file: as long as nothing is hashed, names are enough. */
static void plan_rows(const struct history *history, struct dunlin_error *err)
{
    struct migration list[] = {{.source = "main", .version = "1", .digits = "1", .name = "a"},
                               {.source = "main", .version = "02", .digits = "2", .name = "b"},
                               {.kind = MIGRATION_REPEATABLE, .source = "main", .version = "R__c"}};
    struct folder folder = {.label = "main", .path = "m", .migrations = list, .count = 3};
    struct source source = {.folders = &folder, .count = 1};
    const struct dunlin_goal goal = {.size = sizeof(goal), .count = 3};
    size_t selected = 0, found;
    struct plan plan;

    for (size_t i = 0; i < 3; i++) {
        list[i].name = "x";
        list[i].up = (struct source_file){.folder = &folder, .name = "f.sql", .path = "m/f.sql"};
    }
    if (plan_match(&source, history, &plan, err) != DUNLIN_OK)
        return;
    if (plan.count < history->count || plan.count > history->count + 3)
        abort();
    if (plan_conflicts(&plan, DUNLIN_ORDER_REJECT, err) != DUNLIN_OK && !err->message[0])
        abort();
    (void)plan_find(&plan, "02", &found, err);
    (void)plan_missing(&plan, &selected, err);
    if (plan_down(&plan, &goal, &selected, err) == DUNLIN_OK && selected > plan.count)
        abort();
    if (plan_up(&plan, NULL, &selected, err) == DUNLIN_OK && selected > plan.count)
        abort();
    plan_free(&plan);
}

static void read_down(struct dunlin_conn *conn, const struct history_table *table,
                      const struct history_row *row, struct arena *arena)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    char *text;
    size_t len;

    if (history_read_down(&driver, conn, table, row, arena, &text, &len, &err) != DUNLIN_OK &&
        !err.message[0])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct dunlin_conn conn = {(const char *)data, size};
    static const struct history_row row = {.source = "main", .version = "1"};
    struct arena arena = ARENA_INIT;
    struct history_table table;
    struct history history;

    if (history_table_init(&table, &dialect, NULL, &arena, &err) == DUNLIN_OK) {
        if (history_read(&driver, &conn, &table, &arena, &history, &err) == DUNLIN_OK)
            plan_rows(&history, &err);
        else if (err.status != DUNLIN_CONFLICT || !err.message[0])
            abort();
        read_down(&conn, &table, &row, &arena);
    }
    arena_free(&arena);
    return 0;
}
