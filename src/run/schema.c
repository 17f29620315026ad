/* SPDX-License-Identifier: MIT */
/*
 * The base schema: one SQL file (a dump, say) that an empty database gets before its first
 * migration. It runs like a migration, and the history keeps a row of kind baseline for it, under a
 * source that no folder has.
 */
#include "run/run.h"

#include <string.h>

#include "base/error.h"
#include "history/sql.h"
#include "source/folder.h"

#define SQL_MAX 65536u

/* The file as if it were alone in a folder. */
struct base_file {
    struct folder folder;
    struct migration migration;
};

static int base_open(struct base_file *b, const char *path, struct arena *arena,
                     struct dunlin_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t stem = strlen(name);
    bool gzip = false;

    memset(b, 0, sizeof(*b));
    b->folder.fd = -1;
    b->folder.label = PLAN_BASE_SCHEMA;
    b->folder.path = !slash          ? "."
                     : slash == path ? "/"
                                     : arena_strndup(arena, path, (size_t)(slash - path));
    if (!sql_file_name(name, &stem, &gzip))
        stem = strlen(name);
    b->migration.source = PLAN_BASE_SCHEMA;
    b->migration.version = arena_strndup(arena, name, stem);
    b->migration.name = "";
    b->migration.up =
        (struct source_file){.folder = &b->folder, .name = name, .path = path, .gzip = gzip};
    if (!b->folder.path || !b->migration.version)
        return error_nomem(err);
    return folder_open(&b->folder, arena, err);
}

static int first_value(void *user, uint32_t n, const char *const *v, const uint64_t *lens)
{
    bool *yes = user;

    (void)lens;
    *yes = n > 0 && v[0] && strcmp(v[0], "1") == 0;
    return 0;
}

static int database_empty(struct run *r, bool *empty, struct dunlin_error *err)
{
    struct buf sql = BUF_INIT(SQL_MAX), schema = BUF_INIT(SQL_MAX), name = BUF_INIT(SQL_MAX);
    int kind = DUNLIN_KIND_UNSUPPORTED;

    *empty = false;
    sql_literal(&schema, r->dialect, r->table.schema ? r->table.schema : "");
    sql_literal(&name, r->dialect, r->table.name);
    if (r->dialect->database_empty) {
        const struct sql_var vars[] = {
            {"schema", buf_str(&schema)}, {"name", buf_str(&name)}, {NULL, NULL}};

        sql_template(&sql, r->dialect->database_empty, vars);
        sql.failed = sql.failed || schema.failed || name.failed;
        kind = run_query(r, &sql, first_value, empty, err);
    } else {
        error_set(err, DUNLIN_FAILED, DUNLIN_KIND_UNSUPPORTED,
                  "the driver cannot tell whether a database is empty");
    }
    buf_free(&sql);
    buf_free(&schema);
    buf_free(&name);
    return kind ? run_status(r, kind, err) : DUNLIN_OK;
}

static const struct history_row *base_row(const struct history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        if (strcmp(h->rows[i].source, PLAN_BASE_SCHEMA) == 0)
            return &h->rows[i];
    }
    return NULL;
}

/* Whether there may be something to load: nothing was ever applied, or the loading was not ended.
 */
static bool base_wanted(const struct history *h)
{
    const struct history_row *row = base_row(h);

    return row ? row->status != HISTORY_APPLIED : h->count == 0;
}

static int base_run(struct run *r, struct base_file *b, const struct history_row *row,
                    struct dunlin_error *err)
{
    struct plan_item item = {.migration = &b->migration,
                             .row = row,
                             .source = b->migration.source,
                             .version = row ? row->version : b->migration.version,
                             .name = b->migration.name,
                             .kind = "baseline",
                             .state = DUNLIN_STATE_PENDING,
                             .selected = true};
    struct plan p = {.items = &item, .count = 1};
    const struct plan_engine engine = {.dialect = r->lexing,
                                       .tx_ddl = (r->driver->caps & DUNLIN_CAP_TX_DDL) != 0};
    int rc;

    item.up.file = &b->migration.up;
    item.up.section = SECTION_UP;
    item.down.section = SECTION_DOWN;
    rc = plan_scan(&p, &engine, DUNLIN_UP, err);
    if (!rc)
        rc = run_item(r, &p, &item, DUNLIN_UP, err);
    plan_free(&p);
    return rc == RUN_RACE ? DUNLIN_OK : rc; /* another one has loaded it */
}

static int base_load(struct run *r, struct base_file *b, struct arena *arena,
                     struct dunlin_error *err)
{
    struct history h;
    bool empty = true;
    int rc = history_read(r->driver, r->conn, &r->table, arena, &h, err);

    if (rc || !base_wanted(&h))
        return rc;
    if (!base_row(&h))
        rc = database_empty(r, &empty, err);
    if (!rc && !empty) {
        struct dunlin_event event = {.type = DUNLIN_EVENT_NOTICE,
                                     .file = b->migration.up.path,
                                     .text = "the database is not empty: its base schema is not "
                                             "loaded"};

        run_emit(r, &event);
        return DUNLIN_OK;
    }
    if (!rc && !h.exists)
        rc = run_create_table(r, err);
    return rc ? rc : base_run(r, b, base_row(&h), err);
}

static int base_locked(struct run *r, struct arena *arena, struct dunlin_error *err)
{
    struct base_file b;
    bool held = false;
    int rc = base_open(&b, r->options.baseline_schema, arena, err);

    if (!rc)
        rc = run_session(r, err);
    if (!rc)
        rc = run_lock(r, &held, err);
    if (!rc)
        rc = base_load(r, &b, arena, err);
    if (held)
        run_unlock(r);
    folder_close(&b.folder);
    return rc;
}

int run_schema(struct run *r, struct dunlin_error *err)
{
    struct arena arena = ARENA_INIT;
    struct history h;
    int rc = history_read(r->driver, r->conn, &r->table, &arena, &h, err);

    if (!rc && base_wanted(&h))
        rc = base_locked(r, &arena, err);
    arena_free(&arena);
    return rc;
}
