/* SPDX-License-Identifier: MIT */
/*
 * The SQLite driver: one file, from the dialect to the error classes.
 *
 * URL parameters: the path (":memory:" for one in memory), mode=ro|rw|rwc (rwc), busy_timeout in
 * milliseconds (5000), foreign_keys=on|off (the library's default, which is off). A path is a
 * path: one that begins "file:" is not taken for a URI, whatever the library was compiled with.
 *
 * Loading extensions stays off, and the connection is defensive: statements cannot corrupt the
 * file, which also means that PRAGMA writable_schema has no effect.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <sqlite3.h>
#include <dunlin/driver.h>
#include <dunlin/version.h>

#ifndef DUNLIN_BUILTIN_ENTRY
#define DUNLIN_BUILTIN_ENTRY dunlin_driver_entry_v1
#endif

#define BUSY_TIMEOUT_MS 5000
#define TIMEOUT_PRAGMA "PRAGMA dunlin_timeout = "
#define TIMEOUT_STEPS 10000 /* of the virtual machine, between two looks at the clock */
#define PRIVATE_PRAGMA "PRAGMA dunlin_private = "
#define SCHEMA_TRIES 50 /* as many as the library makes for a statement that it has prepared */
#define PARAMETERS "known parameters: mode, busy_timeout, foreign_keys"

struct dunlin_conn {
    sqlite3 *db;
    const struct dunlin_host *host;
    uint64_t timeout_ms; /* of a statement, 0 = none */
    uint64_t deadline;   /* of the running one, monotonic milliseconds; 0 = none */
    int timed_out;
    int apart; /* the file whose lock keeps other runners apart, -1 = none */
    char apart_path[PATH_MAX];
    char *private_db;        /* an attached database that scripts do not see, NULL = none */
    char *private_mark;      /* .. how a statement names it that means it */
    int private_named;       /* the statement that is prepared does, */
    int private_if;          /* .. and may do without what it drops */
    char private_table[256]; /* what was refused to it */
};

/* ---- dialect ------------------------------------------------------------------------------- */

/* "=" and "(" both assign; without either a pragma only asks. */
static const struct dunlin_rule lite_rules[] = {
    {"BEGIN", DUNLIN_EFFECT_BEGIN, 0},
    {"COMMIT|END", DUNLIN_EFFECT_COMMIT, 0},
    {"ROLLBACK TRANSACTION? TO", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"ROLLBACK TRANSACTION _ TO", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"ROLLBACK", DUNLIN_EFFECT_ROLLBACK, 0},
    {"SAVEPOINT|RELEASE", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"VACUUM|DETACH", DUNLIN_EFFECT_NO_TX, 0},
    {"ATTACH", DUNLIN_EFFECT_SESSION, 0},
    {"PRAGMA foreign_keys =|(", DUNLIN_EFFECT_FOREIGN_KEYS, 0},
    {"PRAGMA _ . foreign_keys =|(", DUNLIN_EFFECT_FOREIGN_KEYS, 0},
    {"PRAGMA journal_mode|synchronous =|(", DUNLIN_EFFECT_NO_TX, 0},
    {"PRAGMA _ . journal_mode|synchronous =|(", DUNLIN_EFFECT_NO_TX, 0},
    {"PRAGMA wal_checkpoint", DUNLIN_EFFECT_NO_TX, 0},
    {"PRAGMA _ . wal_checkpoint", DUNLIN_EFFECT_NO_TX, 0},
    {NULL, 0, 0},
};

/* What VACUUM INTO writes is there already the second time. A database that was attached is
 * attached again before its DETACH is. */
static const struct dunlin_rule lite_repeatable[] = {
    {"VACUUM $", 0, 0},
    {"VACUUM _ $", 0, 0},
    {"ANALYZE|REINDEX|PRAGMA|DETACH", 0, 0},
    {NULL, 0, 0},
};

static const struct dunlin_dialect lite_dialect = {
    .size = sizeof(struct dunlin_dialect),
    .literal = DUNLIN_LITERAL_STANDARD,
    .lex = DUNLIN_LEX_BACKTICK | DUNLIN_LEX_BRACKET | DUNLIN_LEX_OPEN_COMMENT | DUNLIN_LEX_TRIGGER |
           DUNLIN_LEX_META_DOT,
    .rules = lite_rules,
    .repeatable = lite_repeatable,
    .quote = "\"\"",
    /* A deferred transaction that reads before it writes fails at once when another one writes:
     * the busy timeout does not apply to it. */
    .begin = "BEGIN IMMEDIATE",
    .commit = "COMMIT",
    .rollback = "ROLLBACK",
    .reset = "PRAGMA writable_schema = 0; PRAGMA legacy_alter_table = 0;"
             " PRAGMA defer_foreign_keys = 0; PRAGMA ignore_check_constraints = 0;"
             " " TIMEOUT_PRAGMA "0",
    .leftovers = "SELECT 'DETACH DATABASE ' || quote(name) FROM pragma_database_list WHERE seq > 1",
    .session = "SELECT 'main', NULL, NULL",
    .history_create = "CREATE TABLE IF NOT EXISTS {table} (\n"
                      "  source TEXT NOT NULL,\n"
                      "  version TEXT NOT NULL,\n"
                      "  name TEXT NOT NULL,\n"
                      "  kind TEXT NOT NULL,\n"
                      "  status TEXT NOT NULL,\n"
                      "  checksum TEXT,\n"
                      "  statements_done INTEGER NOT NULL DEFAULT 0,\n"
                      "  statements_total INTEGER NOT NULL DEFAULT 0,\n"
                      "  started_at TEXT NOT NULL,\n"
                      "  applied_at TEXT,\n"
                      "  duration_ms INTEGER,\n"
                      "  applied_by TEXT,\n"
                      "  tool_version TEXT,\n"
                      "  error TEXT,\n"
                      "  down_sql BLOB,\n"
                      "  statements_hash TEXT,\n"
                      "  PRIMARY KEY (source, version)\n"
                      ")",
    .now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    .elapsed_ms = "CAST(ROUND((julianday('now') - julianday({column})) * 86400000) AS INTEGER)",
    .time_text = "{column}",
    .bytes_prefix = "X'",
    .bytes_suffix = "'",
    .bytes_hex = "hex({column})",
    .lock_timeout = "PRAGMA busy_timeout = {ms}",
    .statement_timeout = TIMEOUT_PRAGMA "{ms}",
    .foreign_keys_get = "PRAGMA foreign_keys",
    .foreign_keys_off = "PRAGMA foreign_keys = OFF",
    .foreign_keys_on = "PRAGMA foreign_keys = ON",
    .foreign_keys_check = "PRAGMA foreign_key_check",
    .database_empty =
        "SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> {name})",
    .database_files = "-wal|-shm|-journal|-dunlin",
};

/* ---- errors -------------------------------------------------------------------------------- */

struct code_kind {
    int code, kind;
};

static const struct code_kind lite_codes[] = {
    {SQLITE_CONSTRAINT_UNIQUE, DUNLIN_KIND_DUPLICATE},
    {SQLITE_CONSTRAINT_PRIMARYKEY, DUNLIN_KIND_DUPLICATE},
    {SQLITE_CONSTRAINT_ROWID, DUNLIN_KIND_DUPLICATE},
    {SQLITE_IOERR_NOMEM, DUNLIN_KIND_NOMEM},
    {SQLITE_CONSTRAINT, DUNLIN_KIND_CONSTRAINT},
    {SQLITE_MISMATCH, DUNLIN_KIND_DATA},
    {SQLITE_TOOBIG, DUNLIN_KIND_DATA},
    {SQLITE_BUSY, DUNLIN_KIND_LOCKED},
    {SQLITE_LOCKED, DUNLIN_KIND_LOCKED},
    {SQLITE_INTERRUPT, DUNLIN_KIND_CANCELLED},
    {SQLITE_READONLY, DUNLIN_KIND_READONLY},
    {SQLITE_FULL, DUNLIN_KIND_FULL},
    {SQLITE_NOMEM, DUNLIN_KIND_NOMEM},
    {SQLITE_PERM, DUNLIN_KIND_PERMISSION},
    {SQLITE_AUTH, DUNLIN_KIND_PERMISSION},
    {SQLITE_CANTOPEN, DUNLIN_KIND_CONNECT},
    {SQLITE_NOTADB, DUNLIN_KIND_CONNECT},
    {SQLITE_MISUSE, DUNLIN_KIND_INTERNAL},
};

/* Most errors of SQL share one code, and only the text tells them apart: begin is how it begins,
 * part what it holds somewhere behind. Anchored at the start, so that "error in view v: no such
 * table: t", which is another matter, stays a general error. */
struct text_kind {
    const char *begin, *part;
    int kind;
};

static const struct text_kind lite_texts[] = {
    {"no such table", "", DUNLIN_KIND_MISSING_TABLE},
    {"no such view", "", DUNLIN_KIND_MISSING_TABLE},
    {"no such column", "", DUNLIN_KIND_MISSING_COLUMN},
    {"table ", " has no column named ", DUNLIN_KIND_MISSING_COLUMN},
    {"unknown column ", "", DUNLIN_KIND_MISSING_COLUMN},
    {"no such savepoint", "", DUNLIN_KIND_TRANSACTION},
    {"no such ", "", DUNLIN_KIND_MISSING},
    {"unknown database ", "", DUNLIN_KIND_MISSING},
    {"unknown function", "", DUNLIN_KIND_MISSING},
    {"duplicate column name", "", DUNLIN_KIND_EXISTS},
    {"there is already ", "", DUNLIN_KIND_EXISTS},
    {"table ", " already exists", DUNLIN_KIND_EXISTS},
    {"view ", " already exists", DUNLIN_KIND_EXISTS},
    {"index ", " already exists", DUNLIN_KIND_EXISTS},
    {"trigger ", " already exists", DUNLIN_KIND_EXISTS},
    {"database ", " is already in use", DUNLIN_KIND_EXISTS},
    {"database ", " is locked", DUNLIN_KIND_LOCKED},
    {"table ", " may not be ", DUNLIN_KIND_PERMISSION},
    {"not authorized", "", DUNLIN_KIND_PERMISSION},
    {"near ", ": syntax error", DUNLIN_KIND_SYNTAX},
    {"incomplete input", "", DUNLIN_KIND_SYNTAX},
    {"unrecognized token", "", DUNLIN_KIND_SYNTAX},
    {"cannot ", " transaction", DUNLIN_KIND_TRANSACTION},
    {"Safety level ", " transaction", DUNLIN_KIND_TRANSACTION},
    {"temporary storage ", " transaction", DUNLIN_KIND_TRANSACTION},
    {"foreign key mismatch", "", DUNLIN_KIND_CONSTRAINT},
    {"datatype mismatch", "", DUNLIN_KIND_DATA},
    {"integer overflow", "", DUNLIN_KIND_DATA},
};

static int lite_classify(int code, const char *text)
{
    for (size_t i = 0; i < sizeof(lite_codes) / sizeof(lite_codes[0]); i++) {
        if (lite_codes[i].code == code || lite_codes[i].code == (code & 0xff))
            return lite_codes[i].kind;
    }
    if ((code & 0xff) != SQLITE_ERROR || !text)
        return DUNLIN_KIND_SERVER;
    for (size_t i = 0; i < sizeof(lite_texts) / sizeof(lite_texts[0]); i++) {
        const struct text_kind *t = &lite_texts[i];
        const size_t n = strlen(t->begin);

        if (strncmp(text, t->begin, n) == 0 && strstr(text + n, t->part))
            return t->kind;
    }
    return DUNLIN_KIND_SERVER;
}

/* pos: where in the statement, 1-based, 0 = not known. */
static int lite_fail(struct dunlin_conn *conn, uint64_t pos, struct dunlin_error *err)
{
    const int code = sqlite3_extended_errcode(conn->db);
    const char *text = sqlite3_errmsg(conn->db);
    const int kind = lite_classify(code, text);

    if (conn->timed_out && kind == DUNLIN_KIND_CANCELLED) {
        conn->host->fail(err, DUNLIN_KIND_TIMEOUT, "statement timeout after %llu ms",
                         (unsigned long long)conn->timeout_ms);
        err->native = code;
        return DUNLIN_KIND_TIMEOUT;
    }
    if (code == SQLITE_AUTH && conn->private_table[0]) {
        conn->host->fail(err, DUNLIN_KIND_MISSING_TABLE, "no such table: %s", conn->private_table);
        return DUNLIN_KIND_MISSING_TABLE;
    }
    conn->host->fail(err, kind, "%s", text);
    err->native = kind == DUNLIN_KIND_CANCELLED ? 0 : code; /* it would say no more */
    err->stmt_pos = pos;
    return kind;
}

static uint64_t error_position(sqlite3 *db)
{
#if SQLITE_VERSION_NUMBER >= 3038000
    const int offset = sqlite3_error_offset(db);

    return offset < 0 ? 0 : (uint64_t)offset + 1;
#else
    (void)db;
    return 0;
#endif
}

/* ---- opening ------------------------------------------------------------------------------- */

struct settings {
    const char *path;
    int flags;
    int busy_timeout;
    int foreign_keys; /* -1 = as the library has it */
};

static int config_error(const struct dunlin_host *host, const struct dunlin_param *p,
                        const char *wanted, struct dunlin_error *err)
{
    return host->fail(err, DUNLIN_KIND_CONFIG, "parameter %s is not %s", p->key, wanted);
}

static int set_mode(struct settings *s, const char *value)
{
    if (strcmp(value, "ro") == 0)
        s->flags = SQLITE_OPEN_READONLY;
    else if (strcmp(value, "rw") == 0)
        s->flags = SQLITE_OPEN_READWRITE;
    else if (strcmp(value, "rwc") == 0)
        s->flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    else
        return -1;
    return 0;
}

static int set_busy_timeout(struct settings *s, const char *value)
{
    char *end;
    long n;

    errno = 0;
    n = strtol(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end || errno || n > INT_MAX)
        return -1;
    s->busy_timeout = (int)n;
    return 0;
}

static int set_foreign_keys(struct settings *s, const char *value)
{
    if (strcasecmp(value, "on") == 0)
        s->foreign_keys = 1;
    else if (strcasecmp(value, "off") == 0)
        s->foreign_keys = 0;
    else
        return -1;
    return 0;
}

static int set_param(struct settings *s, const struct dunlin_host *host,
                     const struct dunlin_param *p, struct dunlin_error *err)
{
    static const char *const server_keys[] = {"user", "password", "host", "port"};

    if (strcmp(p->key, "scheme") == 0)
        return 0;
    if (strcmp(p->key, "database") == 0) {
        s->path = p->value;
        return 0;
    }
    if (strcmp(p->key, "mode") == 0)
        return set_mode(s, p->value) ? config_error(host, p, "ro, rw or rwc", err) : 0;
    if (strcmp(p->key, "busy_timeout") == 0)
        return set_busy_timeout(s, p->value) ? config_error(host, p, "milliseconds", err) : 0;
    if (strcmp(p->key, "foreign_keys") == 0)
        return set_foreign_keys(s, p->value) ? config_error(host, p, "on or off", err) : 0;
    for (size_t i = 0; i < sizeof(server_keys) / sizeof(server_keys[0]); i++) {
        if (strcmp(p->key, server_keys[i]) != 0)
            continue;
        if (p->value[0] == '\0')
            return 0;
        return host->fail(err, DUNLIN_KIND_CONFIG, "SQLite has no %s", p->key);
    }
    host->fail(err, DUNLIN_KIND_CONFIG, "unknown parameter \"%s\" for SQLite", p->key);
    snprintf(err->hint, sizeof(err->hint), PARAMETERS);
    return DUNLIN_KIND_CONFIG;
}

static int read_settings(struct settings *s, const struct dunlin_host *host,
                         const struct dunlin_param *params, uint32_t n, struct dunlin_error *err)
{
    for (uint32_t i = 0; i < n; i++) {
        const int kind = set_param(s, host, &params[i], err);

        if (kind)
            return kind;
    }
    if (s->path[0] == '\0')
        return host->fail(err, DUNLIN_KIND_CONFIG, "the URL names no database file");
    return 0;
}

/* What the library tries after the call that failed tells of another cause. */
static bool is_there(const char *path, int len)
{
    char *folder = sqlite3_mprintf("%.*s", len, path);
    bool there = !folder || access(folder, F_OK) == 0;

    sqlite3_free(folder);
    return there;
}

/* The library's own text is "unable to open database file" for every cause. */
static int open_error(sqlite3 *db, const struct dunlin_host *host, const char *path,
                      struct dunlin_error *err)
{
    const int code = db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
    const int system = db ? sqlite3_system_errno(db) : 0;
    const char *slash = strrchr(path, '/');
    const int folder_len = slash && slash != path ? (int)(slash - path) : 0;
    struct stat st;
    int kind = lite_classify(code, NULL);

    if (kind == DUNLIN_KIND_NOMEM)
        return host->fail(err, kind, "out of memory");
    if (kind == DUNLIN_KIND_SERVER)
        kind = DUNLIN_KIND_CONNECT;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        host->fail(err, kind, "cannot open database %s: it is a folder", path);
    else if (system == ENOENT && folder_len && !is_there(path, folder_len))
        host->fail(err, kind, "cannot open database %s: folder %.*s does not exist", path,
                   folder_len, path);
    else if (system && !(system == ENOENT && folder_len))
        host->fail(err, kind, "cannot open database %s: %s", path, strerror(system));
    else
        host->fail(err, kind, "cannot open database %s: %s", path, sqlite3_errstr(code));
    err->native = code;
    return kind;
}

static int open_file(sqlite3 **db, const struct settings *s, const struct dunlin_host *host,
                     struct dunlin_error *err)
{
    /* "./" keeps a relative path from being read as a URI or as a special name. */
    const char *prefix = s->path[0] == '/' || strcmp(s->path, ":memory:") == 0 ? "" : "./";
    char *path = sqlite3_mprintf("%s%s", prefix, s->path);
    int kind = 0;

    if (!path)
        return host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    /* One thread at a time uses a connection, and the one call from another thread,
     * sqlite3_interrupt(), needs no mutex: without it large INSERTs run a sixth faster. */
    if (sqlite3_open_v2(path, db, s->flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        kind = open_error(*db, host, s->path, err);
        sqlite3_close(*db);
        *db = NULL;
    }
    sqlite3_free(path);
    return kind;
}

static int configure(struct dunlin_conn *conn, const struct settings *s, struct dunlin_error *err)
{
    int rc;

    sqlite3_extended_result_codes(conn->db, 1);
    rc = sqlite3_db_config(conn->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (rc == SQLITE_OK && s->foreign_keys >= 0)
        rc = sqlite3_db_config(conn->db, SQLITE_DBCONFIG_ENABLE_FKEY, s->foreign_keys, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(conn->db, s->busy_timeout);
    return rc == SQLITE_OK ? 0 : lite_fail(conn, 0, err);
}

/* ---- keeping runners apart ----------------------------------------------------------------- */

/* Between the transactions of a migration that runs without one, the write lock is free. So there
 * is a file beside the database, locked as long as that takes: not the database itself, as closing
 * it would drop the locks that the library has on it. */
static int apart_path(struct dunlin_conn *conn)
{
    const char *file = sqlite3_db_filename(conn->db, "main");

    if (!file || !*file)
        return 0; /* in memory: nobody else is there */
    return snprintf(conn->apart_path, sizeof(conn->apart_path), "%s-dunlin", file) <
           (int)sizeof(conn->apart_path);
}

/* 1 where the locked file is still the one of that name: who had it before may have removed it. */
static int apart_current(const char *path, int fd)
{
    struct stat named, locked;

    return stat(path, &named) == 0 && fstat(fd, &locked) == 0 && named.st_ino == locked.st_ino &&
           named.st_dev == locked.st_dev;
}

static int lite_apart(struct dunlin_conn *conn, int on, struct dunlin_error *err)
{
    int fd;

    if (!on || conn->apart >= 0) {
        if (!on && conn->apart >= 0) {
            (void)unlink(conn->apart_path);
            (void)close(conn->apart);
            conn->apart = -1;
        }
        return 0;
    }
    if (!apart_path(conn))
        return 0;
    fd = open(conn->apart_path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return conn->host->fail(err, DUNLIN_KIND_PERMISSION, "cannot create %s: %s",
                                conn->apart_path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && apart_current(conn->apart_path, fd)) {
        conn->apart = fd;
        return 0;
    }
    (void)close(fd);
    return conn->host->fail(err, DUNLIN_KIND_LOCKED, "another run holds %s", conn->apart_path);
}

static void lite_close(struct dunlin_conn *conn)
{
    if (!conn)
        return;
    sqlite3_close(conn->db);
    sqlite3_free(conn->private_db);
    sqlite3_free(conn->private_mark);
    (void)lite_apart(conn, 0, NULL);
    free(conn);
}

static int lite_open(const struct dunlin_host *host, const struct dunlin_param *params,
                     uint32_t nparams, struct dunlin_conn **out, struct dunlin_error *err)
{
    struct settings s = {"", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, BUSY_TIMEOUT_MS, -1};
    struct dunlin_conn *conn;
    int kind = read_settings(&s, host, params, nparams, err);

    if (kind)
        return kind;
    conn = calloc(1, sizeof(*conn));
    if (!conn)
        return host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    conn->host = host;
    conn->apart = -1;
    kind = open_file(&conn->db, &s, host, err);
    if (!kind)
        kind = configure(conn, &s, err);
    if (kind) {
        lite_close(conn);
        return kind;
    }
    *out = conn;
    return 0;
}

/* ---- running ------------------------------------------------------------------------------- */

/* What a table is called that is not in the main database is looked for in attached ones. In the
 * private one only a statement finds it that names that; to others it is as if it were not there.
 * The library's own tables are those of statements for all databases, such as ANALYZE. */
static int authorize(void *user, int action, const char *first, const char *second,
                     const char *database, const char *cause)
{
    struct dunlin_conn *conn = user;
    const char *db = action == SQLITE_ALTER_TABLE ? first : database;
    const char *table = action == SQLITE_ALTER_TABLE || action == SQLITE_CREATE_INDEX ||
                                action == SQLITE_CREATE_TRIGGER
                            ? second
                            : first;

    (void)cause;
    if (conn->private_named || !db || strcmp(db, conn->private_db) != 0 || !table ||
        strncmp(table, "sqlite_", 7) == 0)
        return SQLITE_OK;
    if (action == SQLITE_ANALYZE || action == SQLITE_REINDEX ||
        (action == SQLITE_DROP_TABLE && conn->private_if))
        return SQLITE_IGNORE;
    snprintf(conn->private_table, sizeof(conn->private_table), "%s", table);
    return SQLITE_DENY;
}

/* Looks for a word of ASCII, whatever its case. */
static int has_word(const char *text, size_t len, const char *word)
{
    const size_t n = strlen(word);

    for (size_t i = 0; i + n <= len; i++) {
        if (strncasecmp(text + i, word, n) == 0)
            return 1;
    }
    return 0;
}

static void private_look(struct dunlin_conn *conn, const char *sql, size_t len)
{
    conn->private_table[0] = '\0';
    if (!conn->private_db)
        return;
    conn->private_named = has_word(sql, len, conn->private_mark);
    conn->private_if = has_word(sql, len, "EXISTS");
}

/* The library reads the schema once more where that has changed, and then reports whatever the old
 * one led to, such as a table that is missing, as SQLITE_SCHEMA. */
static int prepare(struct dunlin_conn *conn, const char *sql, size_t len, sqlite3_stmt **out,
                   const char **tail)
{
    int rc, tries = 0;

    do
        rc = sqlite3_prepare_v3(conn->db, sql, (int)len, 0, out, tail);
    while (rc == SQLITE_SCHEMA && ++tries < SCHEMA_TRIES);
    return rc;
}

/* *out is the next statement of the text, NULL at its end; blank and comments are passed over. */
static int prepare_next(struct dunlin_conn *conn, const char **sql, const char *end,
                        sqlite3_stmt **out)
{
    *out = NULL;
    while (*sql < end && !*out) {
        const char *tail = end;
        const int rc = prepare(conn, *sql, (size_t)(end - *sql), out, &tail);

        if (rc != SQLITE_OK)
            return rc;
        *sql = tail > *sql ? tail : end; /* at a NUL byte the library reads no further */
    }
    return SQLITE_OK;
}

/* Whether the text goes on behind the statement: anything but blank and comments. */
static int goes_on(struct dunlin_conn *conn, const char *rest, const char *end)
{
    sqlite3_stmt *second = NULL;
    const int rc = prepare_next(conn, &rest, end, &second);
    const int more = rc != SQLITE_OK || second != NULL;

    sqlite3_finalize(second);
    return more;
}

/* The caller cuts the text into statements. Running only the first of two would be a silent loss,
 * so what goes on is refused before it runs. *out is NULL where there is no statement. */
static int prepare_only(struct dunlin_conn *conn, const char *sql, uint64_t len, sqlite3_stmt **out,
                        struct dunlin_error *err)
{
    const char *const end = sql + len;
    const char *rest = sql;

    *out = NULL;
    private_look(conn, sql, (size_t)len);
    if (len > INT_MAX)
        return conn->host->fail(err, DUNLIN_KIND_DATA,
                                "a statement of %llu bytes is longer than SQLite accepts",
                                (unsigned long long)len);
    if (len && memchr(sql, '\0', (size_t)len))
        return conn->host->fail(err, DUNLIN_KIND_SYNTAX, "the statement holds a NUL byte");
    if (prepare_next(conn, &rest, end, out) != SQLITE_OK) {
        /* The library counts from the text that it was given: empty statements may precede. */
        const uint64_t pos = error_position(conn->db);

        return lite_fail(conn, pos ? pos + (uint64_t)(rest - sql) : 0, err);
    }
    if (!*out || rest == end || !goes_on(conn, rest, end))
        return 0;
    sqlite3_finalize(*out);
    *out = NULL;
    conn->host->fail(err, DUNLIN_KIND_SYNTAX, "text behind the end of the statement");
    err->stmt_pos = (uint64_t)(rest - sql) + 1;
    return DUNLIN_KIND_SYNTAX;
}

static sqlite3_int64 changes_total(sqlite3 *db)
{
#if SQLITE_VERSION_NUMBER >= 3037000
    return sqlite3_total_changes64(db);
#else
    return sqlite3_total_changes(db);
#endif
}

/* What the last INSERT, UPDATE or DELETE changed itself, without triggers and cascades. */
static uint64_t changes_direct(sqlite3 *db)
{
#if SQLITE_VERSION_NUMBER >= 3037000
    return (uint64_t)sqlite3_changes64(db);
#else
    return (uint64_t)sqlite3_changes(db);
#endif
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* Called by the library every so many steps of a statement: non-zero interrupts it. */
static int over_time(void *user)
{
    struct dunlin_conn *conn = user;

    conn->timed_out = conn->deadline && now_ms() >= conn->deadline;
    return conn->timed_out;
}

/* The rest of a statement that begins with a pragma of ours, of which not a word reaches the
 * library; NULL where it is another one. */
static const char *own_pragma(const struct dunlin_stmt *stmt, const char *pragma, uint64_t *len)
{
    const size_t n = strlen(pragma);

    *len = stmt->len > n ? stmt->len - n : 0;
    return stmt->len >= n && memcmp(stmt->sql, pragma, n) == 0 ? stmt->sql + n : NULL;
}

/* SQLite has no setting for it, so the dialect makes one up: "PRAGMA dunlin_timeout = MS". */
static int set_timeout(struct dunlin_conn *conn, const struct dunlin_stmt *stmt)
{
    char text[24];
    uint64_t len;
    const char *ms = own_pragma(stmt, TIMEOUT_PRAGMA, &len);

    if (!ms || len == 0 || len >= sizeof(text))
        return 0;
    memcpy(text, ms, len);
    text[len] = '\0';
    conn->timeout_ms = strtoull(text, NULL, 10);
    sqlite3_progress_handler(conn->db, conn->timeout_ms ? TIMEOUT_STEPS : 0, over_time, conn);
    return 1;
}

static void private_free(struct dunlin_conn *conn)
{
    sqlite3_free(conn->private_db);
    sqlite3_free(conn->private_mark);
    conn->private_db = conn->private_mark = NULL;
}

/* "PRAGMA dunlin_private = NAME", the rest of it as it is: the attached database of that name is
 * not for scripts. Nothing behind it ends that. */
static int set_private(struct dunlin_conn *conn, const struct dunlin_stmt *stmt, int *kind,
                       struct dunlin_error *err)
{
    uint64_t len;
    const char *name = own_pragma(stmt, PRIVATE_PRAGMA, &len);

    if (!name || len > PATH_MAX)
        return 0;
    (void)sqlite3_set_authorizer(conn->db, NULL, NULL);
    private_free(conn);
    if (len > 0) {
        conn->private_db = sqlite3_mprintf("%.*s", (int)len, name);
        conn->private_mark = sqlite3_mprintf("\"%.*w\".", (int)len, name);
        if (!conn->private_db || !conn->private_mark) {
            private_free(conn);
            *kind = conn->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
            return 1;
        }
        (void)sqlite3_set_authorizer(conn->db, authorize, conn);
    }
    return 1;
}

static int run_one(struct dunlin_conn *conn, const struct dunlin_stmt *stmt, uint64_t *rows,
                   struct dunlin_error *err)
{
    const sqlite3_int64 before = changes_total(conn->db);
    sqlite3_stmt *st;
    uint64_t returned = 0;
    int rc, kind = 0;

    *rows = 0;
    if (set_timeout(conn, stmt) || set_private(conn, stmt, &kind, err))
        return kind;
    conn->timed_out = 0;
    conn->deadline = conn->timeout_ms ? now_ms() + conn->timeout_ms : 0;
    kind = prepare_only(conn, stmt->sql, stmt->len, &st, err);
    if (kind || !st)
        return kind;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW)
        returned++;
    if (rc != SQLITE_DONE)
        kind = lite_fail(conn, 0, err);
    else if (returned)
        *rows = returned;
    else if (changes_total(conn->db) != before)
        *rows = changes_direct(conn->db);
    sqlite3_finalize(st);
    conn->deadline = 0;
    return kind;
}

static int lite_exec(struct dunlin_conn *conn, struct dunlin_batch *batch, struct dunlin_error *err)
{
    batch->completed = 0;
    batch->failed = UINT32_MAX;
    for (uint32_t i = 0; i < batch->count; i++) {
        uint64_t rows;
        const int kind = run_one(conn, &batch->stmts[i], &rows, err);

        if (kind) {
            batch->failed = i;
            return kind;
        }
        if (batch->rows)
            batch->rows[i] = rows;
        batch->completed++;
    }
    return 0;
}

struct row {
    uint32_t n;
    const char **values;
    uint64_t *lens;
};

static int fetch_row(struct dunlin_conn *conn, sqlite3_stmt *st, struct row *row,
                     struct dunlin_error *err)
{
    for (uint32_t i = 0; i < row->n; i++) {
        const int column = (int)i;

        row->lens[i] = 0;
        row->values[i] = (const char *)sqlite3_column_text(st, column);
        if (!row->values[i] && sqlite3_column_type(st, column) == SQLITE_NULL)
            continue;
        if (!row->values[i])
            return conn->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
        row->lens[i] = (uint64_t)sqlite3_column_bytes(st, column);
    }
    return 0;
}

static int step_rows(struct dunlin_conn *conn, sqlite3_stmt *st, struct row *row,
                     dunlin_row_fn callback, void *user, struct dunlin_error *err)
{
    int rc;

    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        int result = fetch_row(conn, st, row, err);

        if (!result && callback)
            result = callback(user, row->n, row->values, row->lens);
        if (result)
            return result;
    }
    return rc == SQLITE_DONE ? 0 : lite_fail(conn, 0, err);
}

static int lite_query(struct dunlin_conn *conn, const char *sql, uint64_t len,
                      dunlin_row_fn callback, void *user, struct dunlin_error *err)
{
    struct row row = {0, NULL, NULL};
    sqlite3_stmt *st;
    int result = prepare_only(conn, sql, len, &st, err);

    if (result || !st)
        return result;
    row.n = (uint32_t)sqlite3_column_count(st);
    row.values = calloc(row.n + 1u, sizeof(*row.values));
    row.lens = calloc(row.n + 1u, sizeof(*row.lens));
    if (row.values && row.lens)
        result = step_rows(conn, st, &row, callback, user, err);
    else
        result = conn->host->fail(err, DUNLIN_KIND_NOMEM, "out of memory");
    free(row.values);
    free(row.lens);
    /* Also after a callback that stopped early: an open statement would keep tables locked. */
    sqlite3_finalize(st);
    return result;
}

/* Some errors (disk full, input or output, out of memory) roll back by themselves. */
static int lite_tx_state(struct dunlin_conn *conn)
{
    return sqlite3_get_autocommit(conn->db) ? DUNLIN_TX_IDLE : DUNLIN_TX_OPEN;
}

static int lite_cancel(struct dunlin_conn *conn, struct dunlin_error *err)
{
    (void)err;
    sqlite3_interrupt(conn->db);
    return 0;
}

/* ---- entry --------------------------------------------------------------------------------- */

/* The library of the running process, not the header that this was compiled with. */
static char lite_version_text[32];
static pthread_once_t lite_version_once = PTHREAD_ONCE_INIT;

static void lite_version_make(void)
{
    snprintf(lite_version_text, sizeof(lite_version_text), "SQLite %s", sqlite3_libversion());
}

static const char *lite_client_version(void)
{
    pthread_once(&lite_version_once, lite_version_make);
    return lite_version_text;
}

static const char *lite_server_version(struct dunlin_conn *conn)
{
    (void)conn;
    return lite_client_version();
}

static const char *const lite_schemes[] = {"sqlite", "sqlite3", NULL};

static const struct dunlin_driver lite_driver = {
    .magic = DUNLIN_DRIVER_MAGIC,
    .abi_major = DUNLIN_ABI_MAJOR,
    .abi_minor = DUNLIN_ABI_MINOR,
    .struct_size = sizeof(struct dunlin_driver),
    .name = "sqlite",
    .version = DUNLIN_VERSION,
    .description = "SQLite 3",
    .schemes = lite_schemes,
    .caps = DUNLIN_CAP_TX_DDL | DUNLIN_CAP_BATCH | DUNLIN_CAP_CANCEL,
    .dialect = &lite_dialect,
    .client_version = lite_client_version,
    .open = lite_open,
    .close = lite_close,
    .server_version = lite_server_version,
    .exec = lite_exec,
    .query = lite_query,
    .tx_state = lite_tx_state,
    .cancel = lite_cancel,
    .apart = lite_apart,
};

const struct dunlin_driver *DUNLIN_BUILTIN_ENTRY(uint32_t host_abi_major);

__attribute__((visibility("default"))) const struct dunlin_driver *
DUNLIN_BUILTIN_ENTRY(uint32_t host_abi_major)
{
    return host_abi_major == DUNLIN_ABI_MAJOR ? &lite_driver : NULL;
}
