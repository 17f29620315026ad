/* SPDX-License-Identifier: MIT */
/* Looking afterwards whether what migrations promise is still true. Only queries are sent. */
#include "run/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "history/sql.h"
#include "run/batch.h"
#include "run/body.h"

#define SQL_MAX 65536u

struct verifying {
    struct run *run;
    struct plan_item *item;
    struct batch_script *of;
    run_problem_fn fn;
    void *user;
    uint64_t *queries;
};

static int truth(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    int *verdict = user;
    bool yes = n > 0 && v[0] && lens[0] > 0 && strcmp(v[0], "f") != 0 &&
               strcmp(v[0], "false") != 0 && !(atof(v[0]) == 0.0 && strchr("0+-.", v[0][0]));

    *verdict = *verdict != 0 && yes;
    return 0;
}

/* What ends the whole search, as against a query that says no. */
static bool is_fatal(const struct run *r, int kind)
{
    return kind == DUNLIN_KIND_LOST || kind == DUNLIN_KIND_NOMEM || atomic_load(&r->cancelled);
}

static int tell(struct run *r, run_problem_fn fn, void *user, const struct plan_item *item,
                struct dunlin_error *problem, struct dunlin_error *err)
{
    problem->status = DUNLIN_NO;
    return fn(user, item, problem) ? run_stopped(r, err) : DUNLIN_OK;
}

static int on_query(void *user, const struct piece *piece, uint32_t number,
                    enum dunlin_effect effect, struct dunlin_error *err)
{
    struct verifying *v = user;
    struct dunlin_error problem = DUNLIN_ERROR_INIT;
    int verdict = -1, kind;

    (void)effect;
    if (piece->kind != PIECE_STATEMENT)
        return DUNLIN_OK;
    if (atomic_load(&v->run->cancelled))
        return run_stopped(v->run, err);
    ++*v->queries;
    kind =
        v->run->driver->query(v->run->conn, piece->sql, piece->sql_len, truth, &verdict, &problem);
    if (kind == 0 && verdict == 1)
        return DUNLIN_OK;
    if (kind && is_fatal(v->run, kind)) {
        if (err)
            *err = problem;
        return run_status(v->run, kind, err);
    }
    if (kind == 0)
        error_set(&problem, DUNLIN_NO, DUNLIN_KIND_DATA, "verify query %" PRIu32 " %s", number,
                  verdict < 0 ? "returned no row" : "is not true");
    problem.statement = number;
    place_fill(v->of, piece->sql, piece->sql_len, piece->line, piece->column, &problem);
    return tell(v->run, v->fn, v->user, v->item, &problem, err);
}

int run_verify_item(struct run *r, struct plan_item *item, run_problem_fn fn, void *user,
                    uint64_t *queries, struct dunlin_error *err)
{
    struct plan scratch = {.arena = ARENA_INIT};
    struct plan_script script = {.file = &item->migration->up, .section = SECTION_VERIFY};
    struct batch_script of = {.script = &script};
    struct verifying v = {r, item, &of, fn, user, queries};
    struct dunlin_error problem = DUNLIN_ERROR_INIT;
    int rc = plan_script_load(&scratch, &script, &r->lexing, true, &problem);

    if (rc == DUNLIN_BAD_FILE)
        rc = tell(r, fn, user, item, &problem, err);
    else if (rc && err)
        *err = problem;
    else if (!rc && script.script.sections[SECTION_VERIFY].statements)
        rc = body_each(r, &script, on_query, &v, err);
    file_text_free(script.text);
    arena_free(&scratch.arena);
    return rc;
}

/* ---- required tables ------------------------------------------------------------------------- */

static void add_table(struct buf *sql, const struct dunlin_dialect *d, const char *table)
{
    const char *dot = strchr(table, '.');
    char schema[256];

    if (dot && (size_t)(dot - table) < sizeof(schema)) {
        memcpy(schema, table, (size_t)(dot - table));
        schema[dot - table] = '\0';
        sql_ident(sql, d, schema);
        buf_addc(sql, '.');
        table = dot + 1;
    }
    sql_ident(sql, d, table);
}

static int no_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    (void)user;
    (void)n;
    (void)v;
    (void)lens;
    return 0;
}

/* Asks for these tables in one query that reads nothing; returns the kind of the failure. */
static int probe(struct run *r, const char *const *tables, size_t count, struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(SQL_MAX);
    int kind;

    buf_adds(&sql, "SELECT 1 FROM ");
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_addf(&sql, " t%zu, ", i);
        add_table(&sql, r->dialect, tables[i]);
    }
    buf_addf(&sql, " t%zu WHERE 1 = 0", count);
    kind = run_query(r, &sql, no_row, NULL, err);
    buf_free(&sql);
    return kind;
}

/* From the server's words to ours, with theirs as the detail. */
static void missing(const char *table, int kind, struct dunlin_error *problem)
{
    bool absent = kind == DUNLIN_KIND_MISSING_TABLE || kind == DUNLIN_KIND_MISSING;
    char server[sizeof(problem->detail)];

    text_copy(server, sizeof(server), problem->message, strlen(problem->message));
    error_set(problem, DUNLIN_NO, (enum dunlin_kind)kind, "the required table %.200s %s", table,
              absent ? "is missing" : "cannot be read");
    error_detail(problem, "%s", server);
}

int run_required(struct run *r, const char *const *tables, size_t count, run_problem_fn fn,
                 void *user, struct dunlin_error *err)
{
    struct dunlin_error problem = DUNLIN_ERROR_INIT;

    if (count == 0 || probe(r, tables, count, &problem) == 0)
        return DUNLIN_OK;
    for (size_t i = 0; i < count; i++) {
        int kind = probe(r, &tables[i], 1, &problem), rc;

        if (kind == 0)
            continue;
        if (is_fatal(r, kind)) {
            if (err)
                *err = problem;
            return run_status(r, kind, err);
        }
        missing(tables[i], kind, &problem);
        rc = tell(r, fn, user, NULL, &problem, err);
        if (rc)
            return rc;
    }
    return DUNLIN_OK;
}
