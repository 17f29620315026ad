/* SPDX-License-Identifier: MIT */
/*
 * Active Record: versions as text, and nothing else. Its migrations are Ruby, so that its history
 * can be taken over, but not shared. Others call their tables the same.
 */
#include "history/tools/tools.h"

#include "base/error.h"
#include "history/history.h"

#define READ "SELECT version, NULL, 'applied', NULL, NULL FROM {table} ORDER BY version"

static int rails_read(const struct foreign *f, const struct dunlin_driver *driver,
                      struct dunlin_conn *conn, const struct history_table *t, struct arena *arena,
                      struct foreign_rows *out, struct dunlin_error *err)
{
    struct foreign told = *f;
    struct columns columns;
    int rc = foreign_columns(driver, conn, t, arena, &columns, err);

    if (rc || columns.count == 0)
        return rc;
    if (columns.count > 1 || !column_named(&columns, "version")) {
        error_set(err, DUNLIN_CONFLICT, DUNLIN_KIND_HISTORY,
                  "%s is not the table of Rails: that has one column, version", t->quoted);
        error_hint(err, column_named(&columns, "dirty") ? "it may be one of golang-migrate: --from "
                                                          "golang-migrate"
                                                        : "--from plain reads other tables");
        return DUNLIN_CONFLICT;
    }
    told.read = NULL;
    return foreign_read(&told, driver, conn, t, out->folder, arena, out, err);
}

#define HERE                                                                                       \
    {                                                                                              \
        .table = "schema_migrations", .read = READ                                                 \
    }

const struct foreign foreign_rails = {
    .name = "rails",
    .tool = "Rails",
    .read = rails_read,
    .on = {[FOREIGN_POSTGRES] = HERE, [FOREIGN_MYSQL] = HERE, [FOREIGN_SQLITE] = HERE}};
