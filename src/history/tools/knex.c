/* SPDX-License-Identifier: MIT */
/*
 * knex: file names with their extension. Its migrations are JavaScript, so that its history can be
 * taken over, but not shared. A row of a second table says that knex is at work, or that it was
 * killed.
 */
#include "history/tools/tools.h"

#include <string.h>

#include "base/error.h"
#include "history/history.h"
#include "history/sql.h"

#define READ(time) "SELECT name, NULL, 'applied', " time ", NULL FROM {table} ORDER BY id"

static int lock_take(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    (void)lens;
    if (n > 0 && v[0] && strcmp(v[0], "0") != 0)
        *(bool *)user = true;
    return 0;
}

/* The lock's table is called like the other, with _lock behind it. */
static int check_lock(const struct dunlin_driver *driver, struct dunlin_conn *conn,
                      const struct history_table *t, struct dunlin_error *err)
{
    struct dunlin_error ignored = DUNLIN_ERROR_INIT;
    struct buf name = BUF_INIT(4096), sql = BUF_INIT(8192);
    bool locked = false, failed;

    buf_addf(&name, "%s_lock", t->name);
    buf_adds(&sql, "SELECT is_locked FROM ");
    if (t->schema) {
        sql_ident(&sql, t->dialect, t->schema);
        buf_addc(&sql, '.');
    }
    sql_ident(&sql, t->dialect, buf_str(&name));
    failed = name.failed || sql.failed;
    if (!failed)
        (void)driver->query(conn, sql.data, sql.len, lock_take, &locked, &ignored);
    buf_free(&name);
    buf_free(&sql);
    if (failed)
        return error_nomem(err);
    if (!locked)
        return DUNLIN_OK;
    error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
              "knex is at work on this database, or was killed: %s_lock is locked", t->name);
    error_hint(err, "wait for it; after a crash: knex migrate:unlock");
    return DUNLIN_CONFLICT;
}

static int knex_read(const struct foreign *f, const struct dunlin_driver *driver,
                     struct dunlin_conn *conn, const struct history_table *t, struct arena *arena,
                     struct foreign_rows *out, struct dunlin_error *err)
{
    struct foreign told = *f;
    int rc;

    told.read = NULL;
    rc = foreign_read(&told, driver, conn, t, out->folder, arena, out, err);
    return rc || !out->exists ? rc : check_lock(driver, conn, t, err);
}

const struct foreign foreign_knex = {
    .name = "knex",
    .tool = "knex",
    .read = knex_read,
    .on = {
        [FOREIGN_POSTGRES] = {.table = "knex_migrations",
                              .read = READ("pg_catalog.to_char(migration_time AT TIME ZONE 'UTC',"
                                           " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")},
        [FOREIGN_MYSQL] = {.table = "knex_migrations",
                           .read = READ("DATE_FORMAT(migration_time, '%Y-%m-%dT%H:%i:%s.000Z')")},
        [FOREIGN_SQLITE] = {.table = "knex_migrations",
                            .read = READ("strftime('%Y-%m-%dT%H:%M:%fZ',"
                                         " migration_time / 1000.0, 'unixepoch')")}}};
