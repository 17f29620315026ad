/* SPDX-License-Identifier: MIT */
/*
 * What a failed CREATE INDEX CONCURRENTLY leaves: an index that is not valid. It is never used, but
 * is kept up with every write, and IF NOT EXISTS takes it for the real one.
 */
#include "run/migrate.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "history/sql.h"
#include "script/classify.h"

#define NAME_BYTES 1024u
#define SQL_BYTES 16384u

/* An index as its statement names it, and what the server says of it. */
struct index_seen {
    struct buf name, table; /* as written; no name when the server is to choose one */
    char broken[200];       /* an index of that table that is not valid, in full; "" = none */
    bool named;             /* it is the one that the statement names */
};

static uint32_t add_name(const struct piece *piece, uint32_t i, struct buf *name)
{
    bool dot = true;

    for (; i < piece->ntokens; i++) {
        const struct token *t = &piece->tokens[i];
        bool is_dot = t->kind == TOKEN_PUNCT && piece->sql[t->offset] == '.';

        if (is_dot == dot)
            break;
        buf_add(name, piece->sql + t->offset, t->len);
        dot = is_dot;
    }
    return i;
}

/* CREATE [UNIQUE] INDEX CONCURRENTLY [[IF NOT EXISTS] name] ON [ONLY] table */
static bool index_parse(const struct piece *piece, struct index_seen *x)
{
    uint32_t i = piece_word_is(piece, 1, "UNIQUE") ? 2 : 1;

    if (!piece_word_is(piece, 0, "CREATE") || !piece_word_is(piece, i, "INDEX") ||
        !piece_word_is(piece, i + 1, "CONCURRENTLY"))
        return false;
    i += 2;
    if (piece_word_is(piece, i, "IF"))
        i += 3;
    if (!piece_word_is(piece, i, "ON"))
        i = add_name(piece, i, &x->name);
    if (!piece_word_is(piece, i, "ON"))
        return false;
    i += piece_word_is(piece, i + 1, "ONLY") ? 2 : 1;
    (void)add_name(piece, i, &x->table);
    return x->table.len > 0 && !x->table.failed && !x->name.failed;
}

static int index_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct index_seen *x = user;
    bool named = n > 1 && v[1] && strcmp(v[1], "1") == 0;

    if (n > 0 && v[0] && (named || !x->named)) {
        text_copy(x->broken, sizeof(x->broken), v[0], (size_t)lens[0]);
        x->named = named;
    }
    return 0;
}

/* A query of the dialect about an index. A kind of error, or 0. */
static int ask(struct run *r, const char *query, const struct index_seen *x, dunlin_row_fn row,
               void *user, struct dunlin_error *err)
{
    struct buf name = BUF_INIT(SQL_BYTES), table = BUF_INIT(SQL_BYTES), sql = BUF_INIT(SQL_BYTES);
    struct sql_var vars[] = {{"name", NULL}, {"of", NULL}, {NULL, NULL}};
    int kind;

    sql_literal(&name, r->dialect, buf_str(&x->name));
    sql_literal(&table, r->dialect, buf_str(&x->table));
    vars[0].value = buf_str(&name);
    vars[1].value = buf_str(&table);
    sql_template(&sql, query, vars);
    kind = name.failed || table.failed || sql.failed
               ? DUNLIN_KIND_NOMEM
               : r->driver->query(r->conn, buf_str(&sql), sql.len, row, user, err);
    buf_free(&name);
    buf_free(&table);
    buf_free(&sql);
    return kind;
}

/* A kind of error, or 0 also where the statement builds no index. */
static int look(struct run *r, const struct piece *piece, struct index_seen *x,
                struct dunlin_error *err)
{
    const struct dunlin_dialect *d = r->dialect;

    if (!d->invalid_index || !d->drop_index || !index_parse(piece, x))
        return 0;
    return ask(r, d->invalid_index, x, index_row, x, err);
}

static void seen_init(struct index_seen *x)
{
    memset(x, 0, sizeof(*x));
    x->name = x->table = (struct buf)BUF_INIT(NAME_BYTES);
}

static void seen_free(struct index_seen *x)
{
    buf_free(&x->name);
    buf_free(&x->table);
}

static int drop(struct migrating *m, const struct piece *piece, const char *index,
                struct dunlin_error *err)
{
    const struct sql_var vars[] = {{"index", index}, {NULL, NULL}};
    struct buf sql = BUF_INIT(SQL_BYTES);
    int rc;

    run_warn(m->run,
             "%s:%u: the index %s is not valid, from an attempt that failed: it is dropped and "
             "built again",
             migrate_path(m), piece->line, index);
    sql_template(&sql, m->run->dialect->drop_index, vars);
    rc = sql.failed ? error_nomem(err) : batch_now(m->run, ENTRY_CONTROL, buf_str(&sql), err);
    buf_free(&sql);
    return rc;
}

int concurrent_prepare(struct migrating *m, const struct piece *piece, struct dunlin_error *err)
{
    struct index_seen x;
    int kind, rc = DUNLIN_OK;

    seen_init(&x);
    kind = look(m->run, piece, &x, err);
    if (kind)
        rc = run_status(m->run, kind, err);
    else if (x.named)
        rc = drop(m, piece, x.broken, err);
    else if (x.broken[0])
        run_warn(m->run,
                 "%s:%u: the index %s is not valid, and nothing says whose it is: drop it when "
                 "nobody is building it",
                 migrate_path(m), piece->line, x.broken);
    seen_free(&x);
    return rc;
}

static int valid_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    bool *there = user;

    (void)lens;
    *there = n > 0 && v[0] && strcmp(v[0], "1") == 0;
    return 0;
}

int concurrent_doubt(struct migrating *m, const struct piece *piece, enum doubt *doubt,
                     struct dunlin_error *err)
{
    struct run *r = m->run;
    struct index_seen x;
    bool there = false;
    int kind = 0;

    seen_init(&x);
    if (r->dialect->valid_index && index_parse(piece, &x) && x.name.len > 0) {
        kind = ask(r, r->dialect->valid_index, &x, valid_row, &there, err);
        if (!kind)
            *doubt = there ? DOUBT_DONE : DOUBT_AGAIN;
    }
    seen_free(&x);
    return kind ? run_status(r, kind, err) : DUNLIN_OK;
}

static bool is_concurrent(const struct piece *piece)
{
    for (uint32_t i = 0; i < piece->ntokens; i++) {
        if (piece_word_is(piece, i, "CONCURRENTLY"))
            return true;
    }
    return false;
}

void concurrent_failed(struct migrating *m, const struct piece *piece)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct index_seen x;
    bool known;

    if (!is_concurrent(piece))
        return;
    seen_init(&x);
    known = look(m->run, piece, &x, &ignored) == 0 && x.table.len > 0;
    m->may_remain = !known || x.broken[0];
    if (!known)
        snprintf(m->remains, sizeof(m->remains),
                 "may have left something behind, such as an index that is not valid");
    else if (x.named)
        snprintf(m->remains, sizeof(m->remains),
                 "left the index %s, which is not valid: the next run drops it and builds it again",
                 x.broken);
    else
        snprintf(m->remains, sizeof(m->remains),
                 "left the index %s, which is not valid: drop it before the next run", x.broken);
    seen_free(&x);
}
