/* SPDX-License-Identifier: MIT */
/*
 * A tool whose history, on SQLite, is in a file beside the database. The file is attached under the
 * name of the history's schema, so that a transaction covers both; scripts do not see it.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "history/sql.h"
#include "run/batch.h"

#define SQL_MAX 65536u
#define IN_MEMORY ":memory:"

bool run_has_beside(const struct run *r)
{
    const struct foreign_on *on = r->tool ? foreign_on(r->tool, r->driver) : NULL;

    return on && on->beside && r->shared.schema && strcmp(r->shared.schema, "main") != 0;
}

/* ---- where it is ----------------------------------------------------------------------------- */

/* In the folder of the database, with what stands behind the first point of that one's name, unless
 * the file's own name has one. "./" keeps a name from being read as anything else. */
static void path_of(const struct run *r, struct buf *out)
{
    const char *database = run_database(r->params, r->nparams), *name = r->shared.schema;
    const char *slash = strrchr(database, '/');
    const char *base = slash ? slash + 1 : database, *end = strchr(base, '.');

    if (strcmp(database, IN_MEMORY) == 0) {
        buf_adds(out, IN_MEMORY);
        return;
    }
    if (*name != '/') {
        buf_adds(out, *database == '/' ? "" : "./");
        buf_add(out, database, (size_t)(base - database));
    }
    buf_adds(out, name);
    if (*name != '/' && end && !strchr(name, '.'))
        buf_adds(out, end);
}

/* ---- attaching ------------------------------------------------------------------------------- */

static int refuse(const struct run *r, int kind, const char *path, const char *why,
                  struct dunlin_error *err)
{
    char text[512];

    text_copy(text, sizeof(text), why, strlen(why));
    error_set(err, kind == DUNLIN_KIND_CONNECT ? DUNLIN_NO_CONNECTION : DUNLIN_FAILED,
              (enum dunlin_kind)kind, "cannot open the registry of %s, %s: %s", r->tool->tool, path,
              text);
    error_state(err, "nothing was run");
    error_hint(err, "it is beside the database, or where %s is told to have it", r->tool->tool);
    return err->status;
}

/* Nothing is read of a file by attaching it. */
static int look(struct run *r, struct buf *sql, struct dunlin_error *err)
{
    buf_clear(sql);
    buf_adds(sql, "PRAGMA ");
    sql_ident(sql, r->dialect, r->shared.schema);
    buf_adds(sql, ".schema_version");
    return run_query(r, sql, NULL, NULL, err);
}

static int attach(struct run *r, const char *path, struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(SQL_MAX);
    int kind, rc = DUNLIN_OK;

    buf_adds(&sql, "ATTACH ");
    sql_literal(&sql, r->dialect, path);
    buf_adds(&sql, " AS ");
    sql_ident(&sql, r->dialect, r->shared.schema);
    kind = run_query(r, &sql, NULL, NULL, err);
    r->beside = kind == 0;
    if (!kind)
        kind = look(r, &sql, err);
    if (kind)
        run_beside_end(r);
    buf_clear(&sql);
    buf_addf(&sql, "PRAGMA dunlin_private = %s", r->shared.schema);
    if (kind == DUNLIN_KIND_LOCKED || kind == DUNLIN_KIND_NOMEM || kind == DUNLIN_KIND_CANCELLED)
        rc = run_busy_end(r, run_status(r, kind, err), err);
    else if (kind)
        rc = refuse(r, kind, path, err->message, err);
    else
        rc = sql.failed ? error_nomem(err) : batch_now(r, ENTRY_CONTROL, buf_str(&sql), err);
    buf_free(&sql);
    return rc;
}

int run_beside(struct run *r, bool create, struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    struct buf path = BUF_INIT(SQL_MAX);
    struct stat st;
    bool memory, there;
    int rc = DUNLIN_OK;

    err = err ? err : &local;
    if (r->beside || !run_has_beside(r))
        return DUNLIN_OK;
    path_of(r, &path);
    memory = strcmp(buf_str(&path), IN_MEMORY) == 0;
    there = memory || stat(buf_str(&path), &st) == 0 || errno != ENOENT;
    if (path.failed)
        rc = error_nomem(err);
    else if (!memory && there && S_ISDIR(st.st_mode))
        rc = refuse(r, DUNLIN_KIND_CONNECT, buf_str(&path), "it is a folder", err);
    else if (there || create) /* a rehearsal must not leave a file */
        rc = attach(r, !there && r->enclosed ? IN_MEMORY : buf_str(&path), err);
    buf_free(&path);
    return rc;
}

int run_beside_again(struct run *r, struct dunlin_error *err)
{
    if (!r->beside)
        return DUNLIN_OK;
    r->beside = false;
    return run_beside(r, true, err);
}

void run_beside_end(struct run *r)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct buf sql = BUF_INIT(SQL_MAX);

    if (!r->beside)
        return;
    buf_adds(&sql, "DETACH ");
    sql_ident(&sql, r->dialect, r->shared.schema);
    (void)run_query(r, &sql, NULL, NULL, &ignored);
    (void)batch_now(r, ENTRY_CONTROL, "PRAGMA dunlin_private = ", &ignored);
    buf_free(&sql);
    r->beside = false;
}

int run_beside_readonly(struct run *r, struct dunlin_error *err)
{
    char why[sizeof(err->message)];
    struct buf path = BUF_INIT(SQL_MAX);

    path_of(r, &path);
    text_copy(why, sizeof(why), err->message, strlen(err->message));
    error_set(err, (enum dunlin_status)err->status, (enum dunlin_kind)err->kind,
              "the registry of %s, %s, cannot be written: %s", r->tool->tool, buf_str(&path), why);
    error_state(err, "nothing was run");
    buf_free(&path);
    return err->status;
}
