/* SPDX-License-Identifier: MIT */
/* Which of the tables that other tools keep the database may have, by one query. */
#include "history/foreign.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"

/* The names stand in between. */
static const struct {
    const char *driver, *before, *after;
} probes[] = {
    {"postgres",
     "SELECT c.relname FROM pg_catalog.pg_class c WHERE c.relkind::pg_catalog.text"
     " OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p']) AND c.relname::pg_catalog.text"
     " OPERATOR(pg_catalog.=) ANY (ARRAY[",
     "])"},
    {"mysql",
     "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
     " AND table_name IN (",
     ")"},
    {"sqlite", "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN (", ")"},
};

static const char *bare_name(const struct foreign_on *on)
{
    const char *dot = strrchr(on->table, '.');

    return dot ? dot + 1 : on->table;
}

struct marks {
    const struct dunlin_driver *driver;
    bool *present;
};

static int mark(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    const struct marks *m = user;

    (void)lens;
    for (size_t i = 0; n > 0 && v[0] && foreigns[i]; i++) {
        const struct foreign_on *on = foreign_on(foreigns[i], m->driver);

        if (on && strcasecmp(bare_name(on), v[0]) == 0)
            m->present[i] = true;
    }
    return 0;
}

int foreign_present(const struct dunlin_driver *driver, struct dunlin_conn *conn, bool *present,
                    struct dunlin_error *err)
{
    struct marks m = {driver, present};
    struct buf sql = BUF_INIT(16384);
    const char *part = "";
    int kind = 0;

    for (size_t p = 0; p < sizeof(probes) / sizeof(probes[0]); p++) {
        if (strcmp(probes[p].driver, driver->name) != 0)
            continue;
        buf_adds(&sql, probes[p].before);
        for (size_t i = 0; foreigns[i]; i++) {
            const struct foreign_on *on = foreign_on(foreigns[i], driver);

            if (!on)
                continue;
            buf_adds(&sql, part);
            buf_addf(&sql, "'%s'", bare_name(on));
            part = ", ";
        }
        buf_adds(&sql, probes[p].after);
        if (!sql.failed)
            kind = driver->query(conn, sql.data, sql.len, mark, &m, err);
        else if (error_nomem(err))
            kind = DUNLIN_KIND_NOMEM;
    }
    buf_free(&sql);
    return kind;
}
