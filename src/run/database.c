/* SPDX-License-Identifier: MIT */
/*
 * The database itself: creating it, dropping it, waiting until it can be reached. Servers do the
 * first two as SQL, over a connection to another database; where the database is a file, it is the
 * file.
 */
#include "run/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "history/sql.h"
#include "run/batch.h"

#define SQL_MAX 65536u
#define POLL_FIRST_MS 100u
#define POLL_MAX_MS 1000u

/* ---- names and connections ------------------------------------------------------------------- */

const char *run_database(const struct dunlin_param *params, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(params[i].key, "database") == 0)
            return params[i].value;
    }
    return "";
}

static int no_name(struct dunlin_error *err)
{
    error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG, "the URL names no database");
    return DUNLIN_CONFIG;
}

static int fail_open(int kind, struct dunlin_error *err)
{
    int rc = kind == DUNLIN_KIND_CONFIG ? DUNLIN_CONFIG : DUNLIN_NO_CONNECTION;

    if (err)
        err->status = rc;
    return rc;
}

static int connect_to(struct run *r, const struct dunlin_param *params, uint32_t n,
                      const char *database, struct dunlin_error *err)
{
    struct dunlin_param *with = calloc((size_t)n + 1, sizeof(*with));
    int kind;

    if (!with) {
        (void)error_nomem(err);
        return DUNLIN_KIND_NOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        with[i] = params[i];
        if (strcmp(with[i].key, "database") == 0)
            with[i].value = database;
    }
    kind = r->driver->open(&r->host, with, n, &r->conn, err);
    free(with);
    return kind;
}

/* Connects beside the database: the first of the dialect's list that is there. */
static int connect_beside(struct run *r, const struct dunlin_param *params, uint32_t n,
                          struct dunlin_error *err)
{
    const char *list = r->dialect->maintenance;
    int kind;

    if (!list || !r->dialect->database_exists)
        return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_UNSUPPORTED,
                         "the %s driver cannot create or drop databases", r->driver->name);
    do {
        char name[64];
        size_t len = strcspn(list, "|");

        snprintf(name, sizeof(name), "%.*s", (int)len, list);
        kind = connect_to(r, params, n, name, err);
        list += len + (list[len] == '|');
    } while (kind == DUNLIN_KIND_MISSING && *list);
    return kind ? fail_open(kind, err) : DUNLIN_OK;
}

/* ---- by SQL ---------------------------------------------------------------------------------- */

static void name_sql(const struct run *r, const char *text, const char *database, struct buf *sql)
{
    struct buf name = BUF_INIT(SQL_MAX), quoted = BUF_INIT(SQL_MAX);

    sql_literal(&name, r->dialect, database);
    sql_ident(&quoted, r->dialect, database);
    const struct sql_var vars[] = {
        {"name", buf_str(&name)}, {"database", buf_str(&quoted)}, {NULL, NULL}};

    if (name.failed || quoted.failed)
        sql->failed = true;
    else
        sql_template(sql, text, vars);
    buf_free(&name);
    buf_free(&quoted);
}

static int any_row(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    (void)n;
    (void)v;
    (void)lens;
    *(bool *)user = true;
    return 0;
}

static int exists(struct run *r, const char *database, bool *yes, struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(SQL_MAX);
    int kind;

    *yes = false;
    name_sql(r, r->dialect->database_exists, database, &sql);
    kind = run_query(r, &sql, any_row, yes, err);
    buf_free(&sql);
    return kind ? run_status(r, kind, err) : DUNLIN_OK;
}

/* there: what is wanted. Somebody else may have been faster, which is as good. */
static int change(struct run *r, const char *database, bool there, bool *changed,
                  struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    struct buf sql = BUF_INIT(SQL_MAX);
    bool now;
    int rc = exists(r, database, &now, err);

    if (rc || now == there)
        return rc;
    if (!err)
        err = &local;
    name_sql(r, there ? r->dialect->database_create : r->dialect->database_drop, database, &sql);
    rc = sql.failed ? error_nomem(err) : batch_now(r, ENTRY_CONTROL, buf_str(&sql), err);
    buf_free(&sql);
    *changed = rc == DUNLIN_OK;
    if (rc && err->kind == (there ? DUNLIN_KIND_EXISTS : DUNLIN_KIND_MISSING))
        rc = DUNLIN_OK;
    return rc;
}

static int change_by_sql(struct run *r, const struct dunlin_param *params, uint32_t n, bool there,
                         bool *changed, struct dunlin_error *err)
{
    const char *name = run_database(params, n);
    int rc = *name ? connect_beside(r, params, n, err) : no_name(err);

    if (!rc)
        rc = change(r, name, there, changed, err);
    run_disconnect(r);
    return rc;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int file_error(const char *doing, const char *path, struct dunlin_error *err)
{
    return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_PERMISSION, "cannot %s %s: %s", doing, path,
                     strerror(errno));
}

/* Opens it and asks something that makes the engine read the file. */
static int file_try(struct run *r, const struct dunlin_param *params, uint32_t n,
                    struct dunlin_error *err)
{
    const struct sql_var vars[] = {{"schema", "''"}, {"name", "''"}, {NULL, NULL}};
    struct buf sql = BUF_INIT(SQL_MAX);
    bool row = false;
    int kind = r->driver->open(&r->host, params, n, &r->conn, err);

    if (!kind && r->dialect->database_empty) {
        sql_template(&sql, r->dialect->database_empty, vars);
        kind = run_query(r, &sql, any_row, &row, err);
    }
    run_disconnect(r);
    buf_free(&sql);
    return kind;
}

static int file_path(const struct dunlin_param *params, uint32_t n, const char **path,
                     struct dunlin_error *err)
{
    *path = run_database(params, n);
    if (!**path)
        return no_name(err);
    if (strcmp(*path, ":memory:") == 0)
        return error_set(err, DUNLIN_CONFIG, DUNLIN_KIND_CONFIG,
                         "a database in memory is created and dropped with its connection");
    return DUNLIN_OK;
}

static int file_create(struct run *r, const struct dunlin_param *params, uint32_t n, bool *changed,
                       struct dunlin_error *err)
{
    const char *path;
    struct stat st;
    bool before;
    int kind, rc = file_path(params, n, &path, err);

    if (rc)
        return rc;
    before = stat(path, &st) == 0;
    kind = file_try(r, params, n, err);
    *changed = !kind && !before;
    return kind ? fail_open(kind, err) : DUNLIN_OK;
}

static int file_remove(const char *path, const char *endings, struct dunlin_error *err)
{
    struct buf b = BUF_INIT(SQL_MAX);
    int rc = DUNLIN_OK;

    if (unlink(path) != 0)
        return file_error("remove", path, err);
    while (!rc && *endings) {
        size_t len = strcspn(endings, "|");

        buf_clear(&b);
        buf_adds(&b, path);
        buf_add(&b, endings, len);
        if (b.failed)
            rc = error_nomem(err);
        else if (unlink(buf_str(&b)) != 0 && errno != ENOENT)
            rc = file_error("remove", buf_str(&b), err);
        endings += len + (endings[len] == '|');
    }
    buf_free(&b);
    return rc;
}

/* Only what is a database is removed, and the file itself rather than a link to it. */
static int file_drop(struct run *r, const struct dunlin_param *params, uint32_t n, bool *changed,
                     struct dunlin_error *err)
{
    const char *path;
    char *real;
    int kind, rc = file_path(params, n, &path, err);

    if (rc)
        return rc;
    real = realpath(path, NULL);
    if (!real)
        return errno == ENOENT ? DUNLIN_OK : file_error("find", path, err);
    kind = file_try(r, params, n, err);
    rc = kind ? fail_open(kind, err) : file_remove(real, r->dialect->database_files, err);
    *changed = rc == DUNLIN_OK;
    free(real);
    return rc;
}

/* ---- create and drop ------------------------------------------------------------------------- */

int run_create_database(struct run *r, const struct dunlin_param *params, uint32_t nparams,
                        bool *changed, struct dunlin_error *err)
{
    *changed = false;
    r->dialect = r->driver->dialect;
    return r->dialect->database_files ? file_create(r, params, nparams, changed, err)
                                      : change_by_sql(r, params, nparams, true, changed, err);
}

int run_drop_database(struct run *r, const struct dunlin_param *params, uint32_t nparams,
                      bool *changed, struct dunlin_error *err)
{
    *changed = false;
    r->dialect = r->driver->dialect;
    return r->dialect->database_files ? file_drop(r, params, nparams, changed, err)
                                      : change_by_sql(r, params, nparams, false, changed, err);
}

/* ---- wait ------------------------------------------------------------------------------------ */

/* One attempt: 0, or the kind of what stands in the way. */
static int attempt(struct run *r, const struct dunlin_param *params, uint32_t n,
                   struct dunlin_error *err)
{
    const char *session = r->dialect->session;
    const char *path = run_database(params, n);
    bool row = false;
    int kind;

    /* Opening a file would create it. */
    if (r->dialect->database_files && *path && strcmp(path, ":memory:") != 0 &&
        access(path, F_OK) != 0) {
        (void)error_set(err, DUNLIN_NO_CONNECTION, DUNLIN_KIND_CONNECT, "%s does not exist", path);
        return DUNLIN_KIND_CONNECT;
    }
    if (r->dialect->database_files)
        return file_try(r, params, n, err);
    kind = r->driver->open(&r->host, params, n, &r->conn, err);
    if (!kind)
        kind = r->driver->query(r->conn, session, strlen(session), any_row, &row, err);
    run_disconnect(r);
    return kind;
}

static bool may_heal(int kind)
{
    return kind != DUNLIN_KIND_CONFIG && kind != DUNLIN_KIND_DRIVER && kind != DUNLIN_KIND_NOMEM &&
           kind != DUNLIN_KIND_UNSUPPORTED && kind != DUNLIN_KIND_INTERNAL;
}

static int waited_enough(uint64_t timeout_ms, struct dunlin_error *err)
{
    char last[sizeof(err->detail)];
    enum dunlin_kind kind = (enum dunlin_kind)err->kind;

    text_copy(last, sizeof(last), err->message, strlen(err->message));
    error_set(err, DUNLIN_NO_CONNECTION, kind, "the database cannot be reached after %.1f s",
              (double)timeout_ms / 1000.0);
    error_detail(err, "%s", last);
    error_hint(err, "wait longer with --timeout");
    return DUNLIN_NO_CONNECTION;
}

int run_wait(struct run *r, const struct dunlin_param *params, uint32_t nparams,
             uint64_t timeout_ms, struct dunlin_error *err)
{
    struct dunlin_error local = DUNLIN_ERROR_INIT;
    struct dunlin_event event = {.type = DUNLIN_EVENT_CONNECT_WAIT};
    uint64_t start = run_micros(), pause = POLL_FIRST_MS;
    char told[sizeof(local.message)] = "";

    if (!err)
        err = &local;
    r->dialect = r->driver->dialect;
    for (;;) {
        uint64_t waited;
        int kind = attempt(r, params, nparams, err);

        if (!kind)
            return DUNLIN_OK;
        if (!may_heal(kind))
            return fail_open(kind, err);
        waited = (run_micros() - start) / 1000;
        if (waited >= timeout_ms)
            return waited_enough(timeout_ms, err);
        /* Once for each reason. */
        if (strcmp(told, err->message) != 0) {
            memcpy(told, err->message, sizeof(told));
            event.text = told;
            run_emit(r, &event);
        }
        if (pause > timeout_ms - waited)
            pause = timeout_ms - waited;
        if (!run_sleep(r, pause))
            return run_interrupted(err);
        pause = pause * 2 > POLL_MAX_MS ? POLL_MAX_MS : pause * 2;
    }
}
