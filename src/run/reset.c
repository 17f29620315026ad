/* SPDX-License-Identifier: MIT */
/* Between two migrations: the session becomes what it was when the connection was new. */
#include "run/migrate.h"

#include <string.h>

#include "base/error.h"
#include "history/sql.h"

#define LEFTOVERS_MAX 65536u

static int leftover(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    struct buf *list = user;

    (void)lens;
    if (n > 0 && v[0])
        buf_addf(list, "%s%c", v[0], '\n');
    return 0;
}

/* What can only be undone by name, such as attached databases: the engine lists the statements. */
static int undo_leftovers(struct migrating *m, struct dunlin_error *err)
{
    struct run *r = m->run;
    const char *query = r->dialect->leftovers;
    struct buf list = BUF_INIT(LEFTOVERS_MAX);
    int kind, rc = DUNLIN_OK;
    char *line, *end;

    if (!query || !r->session_touched || r->enclosed)
        return DUNLIN_OK;
    r->session_touched = false;
    kind = r->driver->query(r->conn, query, strlen(query), leftover, &list, err);
    if (kind)
        rc = run_status(r, kind, err);
    if (!rc && list.failed)
        rc = error_nomem(err);
    for (line = list.data; !rc && line && *line; line = end + 1) {
        end = line + strcspn(line, "\n");
        *end = '\0';
        rc = batch_now(r, ENTRY_CONTROL, line, err);
    }
    buf_free(&list);
    return rc ? rc : run_beside_again(r, err);
}

/* The current database is no setting: it is chosen again by name. */
static int choose_schema(struct migrating *m, struct dunlin_error *err)
{
    struct run *r = m->run;
    struct buf name = BUF_INIT(4096);
    struct sql_var vars[] = {{"schema", NULL}, {NULL, NULL}};
    int rc;

    if (!r->dialect->use_schema || !r->schema)
        return DUNLIN_OK;
    sql_ident(&name, r->dialect, r->schema);
    vars[0].value = buf_str(&name);
    sql_template(&m->sql, r->dialect->use_schema, vars);
    rc = name.failed ? error_nomem(err) : migrate_add_sql(m, ENTRY_CONTROL, err);
    buf_free(&name);
    return rc;
}

int migrate_reset(struct migrating *m, struct dunlin_error *err)
{
    struct run *r = m->run;
    int rc;

    if (!r->dirty) {
        r->dirty = true;
        return DUNLIN_OK;
    }
    r->timed = false;
    rc = undo_leftovers(m, err);
    if (!rc)
        rc = batch_control_list(&m->batch, r->dialect->reset, err);
    if (!rc)
        rc = choose_schema(m, err);
    /* The server reads a whole message before it carries out the reset in it. */
    if (!rc && r->lex_touched) {
        r->lex_touched = false;
        rc = batch_send(&m->batch, err);
    }
    if (!rc && hooks_any(r, HOOK_CONNECT, NULL)) {
        /* The reset took away what the connect hooks had set. */
        rc = batch_send(&m->batch, err);
        if (!rc)
            rc = run_connect_hooks(r, err);
    }
    /* Inside one transaction it is not polled for: there the history row excludes others. */
    if (!rc && r->lock_doubt && !r->enclosed) {
        /* Only after the reset: a timeout of the migration before would be in force. */
        rc = batch_send(&m->batch, err);
        if (!rc)
            rc = run_lock_again(r, err);
    }
    return rc;
}
