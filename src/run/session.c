/* SPDX-License-Identifier: MIT */
/* The connection's life, and what is asked of the session before something is changed. */
#include "run/run.h"

#include <string.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "run/body.h"

int run_connect_hooks(struct run *r, struct dunlin_error *err)
{
    return hooks_run(r, HOOK_CONNECT, NULL, err);
}

int run_connect(struct run *r, const struct dunlin_param *params, uint32_t nparams,
                struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    int kind, rc;

    if (!err)
        err = &local;
    r->dialect = r->driver->dialect;
    r->lexing.lex = r->dialect->lex;
    r->lexing.modes = r->dialect->modes;
    r->lexing.rules = r->dialect->rules;
    r->params = params;
    r->nparams = nparams;
    kind = r->driver->open(&r->host, params, nparams, &r->conn, err);
    if (kind) {
        /* Whatever the server says while connecting, nothing was changed by it. */
        rc = kind == DUNLIN_KIND_CONFIG ? DUNLIN_CONFIG : DUNLIN_NO_CONNECTION;
        err->status = rc;
        if (kind == DUNLIN_KIND_MISSING) /* the server was reached */
            error_next(err, "dunlin create");
        return rc;
    }
    rc = run_connect_hooks(r, err);
    if (rc)
        run_disconnect(r);
    return rc;
}

void run_disconnect(struct run *r)
{
    if (r->conn)
        r->driver->close(r->conn);
    r->conn = NULL;
    arena_free(&r->arena);
}

struct session_reader {
    struct run *r;
    const char *setting, *number;
    bool failed, one_node;
};

static const char *keep(struct session_reader *s, const char *text)
{
    const char *copy = text ? arena_strdup(&s->r->arena, text) : NULL;

    if (text && !copy)
        s->failed = true;
    return copy;
}

static int session_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct session_reader *s = user;

    (void)lens;
    s->r->schema = n > 0 ? keep(s, v[0]) : NULL;
    s->r->user = n > 1 ? keep(s, v[1]) : NULL;
    s->setting = n > 2 ? keep(s, v[2]) : NULL;
    s->number = n > 3 ? keep(s, v[3]) : NULL;
    s->one_node = n > 4 && v[4] && strcmp(v[4], "1") == 0;
    return 0;
}

/* A lock of the session would be taken in one session of the server and let go of in another, and
 * keep out nobody, or everybody for good. */
static void find_pooler(struct run *r, const struct session_reader *s)
{
    uint64_t number = r->driver->session_number ? r->driver->session_number(r->conn) : 0;

    r->pooled = number && s->number && strtoull(s->number, NULL, 10) != number;
    r->lock_local = r->pooled || s->one_node;
    if (r->pooled)
        run_warn(r, "the connection leads through a pooler: there is no run lock, the rows of the "
                    "history keep runners apart; settings of the session may not last");
}

void run_rollback(struct run *r)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct dunlin_stmt stmt = {.sql = r->dialect->rollback, .len = strlen(r->dialect->rollback)};
    struct dunlin_batch batch = {
        .size = sizeof(batch), .count = 1, .stmts = &stmt, .failed = UINT32_MAX};
    int state = r->driver->tx_state(r->conn);

    if (state == DUNLIN_TX_OPEN || state == DUNLIN_TX_FAILED)
        (void)r->driver->exec(r->conn, &batch, &ignored);
}

int run_session(struct run *r, struct dunlin_error *err)
{
    struct session_reader s = {.r = r};
    int kind, rc;

    if (r->session_known)
        return DUNLIN_OK;
    kind = r->driver->query(r->conn, r->dialect->session, strlen(r->dialect->session), session_row,
                            &s, err);
    if (kind)
        return run_status(r, kind, err);
    if (s.failed)
        return error_nomem(err);
    if (s.setting && r->dialect->modes && r->dialect->modes->variable)
        r->lexing.lex = lex_apply_mode(r->dialect->lex, r->dialect->modes,
                                       r->dialect->modes->variable, s.setting);
    find_pooler(r, &s);
    rc = history_table_qualify(&r->table, r->schema, &r->arena, err);
    if (!rc && r->shared.name)
        rc = history_table_qualify(&r->shared, r->schema, &r->arena, err);
    r->session_known = rc == DUNLIN_OK;
    return rc;
}
