/* SPDX-License-Identifier: MIT */
/*
 * The driver ABI: what a module must export so that dunlin can talk to a database.
 *
 * A module is one shared object, NAME.so, that exports one symbol, DUNLIN_DRIVER_ENTRY, and links
 * to no symbol of dunlin: what it needs from the core comes as callbacks in struct dunlin_host.
 * A driver executes and classifies. It never retries, rolls back, reconnects, logs or decides.
 * What can be said as data (quoting, lexing, the SQL of the history table) is said in the dialect,
 * so that a new SQL engine is one file. dunlin-driver(7) is the guide to writing one.
 *
 * Rules of change: the first four members of struct dunlin_driver never change; members are only
 * appended, with DUNLIN_ABI_MINOR + 1; anything else is a new DUNLIN_ABI_MAJOR, which is part of
 * the entry symbol's name. The core copies min(its size, the module's size) and supplies stubs
 * for absent optional members.
 *
 * Unless said otherwise a function returns 0 or an enum dunlin_kind, in which case it has filled
 * *err (never NULL here) with that kind; a connection is used by one thread at a time; strings are
 * UTF-8; what a driver passes out is borrowed until its next call on the same connection.
 */
#ifndef DUNLIN_DRIVER_H
#define DUNLIN_DRIVER_H

#include <stdint.h>
#include <dunlin/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DUNLIN_ABI_MAJOR 1u
#define DUNLIN_ABI_MINOR 0u
#define DUNLIN_DRIVER_MAGIC 0x6e6c6e64u /* "dnln" */
#define DUNLIN_DRIVER_ENTRY "dunlin_driver_entry_v1"

/* ---- lexing -------------------------------------------------------------------------------- */

/* How the server reads text: struct dunlin_dialect.lex is a set of these. */
#define DUNLIN_LEX_BACKSLASH (UINT64_C(1) << 0)      /* '..' (and string "..") take \ escapes */
#define DUNLIN_LEX_E_STRING (UINT64_C(1) << 1)       /* E'..' takes \ escapes */
#define DUNLIN_LEX_DOUBLE_STRING (UINT64_C(1) << 2)  /* ".." is a string, not an identifier */
#define DUNLIN_LEX_BACKTICK (UINT64_C(1) << 3)       /* `..` is an identifier */
#define DUNLIN_LEX_BRACKET (UINT64_C(1) << 4)        /* [..] is an identifier, without escapes */
#define DUNLIN_LEX_DOLLAR_QUOTE (UINT64_C(1) << 5)   /* $tag$ .. $tag$ */
#define DUNLIN_LEX_NESTED_COMMENT (UINT64_C(1) << 6) /* block comments nest */
#define DUNLIN_LEX_OPEN_COMMENT (UINT64_C(1) << 7)   /* a block comment may run to the end */
#define DUNLIN_LEX_EXEC_COMMENT (UINT64_C(1) << 8)   /* the text of an executable comment is code */
#define DUNLIN_LEX_HASH_COMMENT (UINT64_C(1) << 9)   /* # to end of line */
#define DUNLIN_LEX_DASH_SPACE (UINT64_C(1) << 10)    /* -- is a comment only before white space */
#define DUNLIN_LEX_PAREN (UINT64_C(1) << 11)         /* ; inside parentheses does not end */
#define DUNLIN_LEX_BEGIN_ATOMIC (UINT64_C(1) << 12)  /* routine bodies BEGIN ATOMIC .. END */
#define DUNLIN_LEX_COMPOUND (UINT64_C(1) << 13)      /* stored-program bodies, IF, LOOP, CASE .. */
#define DUNLIN_LEX_ORACLE (UINT64_C(1) << 14)        /* .. also with AS|IS .. BEGIN .. END */
#define DUNLIN_LEX_TRIGGER (UINT64_C(1) << 15)       /* CREATE TRIGGER .. BEGIN ..; END */
#define DUNLIN_LEX_COPY (UINT64_C(1) << 16)          /* COPY .. FROM STDIN is followed by data */
#define DUNLIN_LEX_DELIMITER (UINT64_C(1) << 17)     /* the client command DELIMITER */
#define DUNLIN_LEX_META_BACKSLASH (UINT64_C(1) << 18) /* \word is a client command */
#define DUNLIN_LEX_META_DOT (UINT64_C(1) << 19)       /* .word at a line's start is one */
#define DUNLIN_LEX_CR_COMMENT (UINT64_C(1) << 20)     /* a lone CR ends a -- comment, too */

/* A setting that changes how text is read: "SET variable = .. value ..", or the server's answer
 * to dialect.session. A list ends with variable = NULL. */
struct dunlin_lex_mode {
    const char *variable;
    const char *value; /* one word of the setting's comma-separated value, any case */
    uint64_t set, clear;
};

/* What a statement does to transactions. */
enum dunlin_effect {
    DUNLIN_EFFECT_NONE = 0,
    DUNLIN_EFFECT_NO_TX = 1,         /* cannot run inside a transaction: alone in its message */
    DUNLIN_EFFECT_COMMITS = 2,       /* commits what is open, and itself */
    DUNLIN_EFFECT_BEGIN = 3,         /* opens a transaction */
    DUNLIN_EFFECT_COMMIT = 4,        /* ends it */
    DUNLIN_EFFECT_ROLLBACK = 5,      /* undoes it */
    DUNLIN_EFFECT_SAVEPOINT = 6,     /* SAVEPOINT, RELEASE, ROLLBACK TO: harmless inside one */
    DUNLIN_EFFECT_TX_CONTROL = 7,    /* other transaction control: two-phase, autocommit */
    DUNLIN_EFFECT_LOCK_TABLES = 8,   /* only the tables that it names can be used after it */
    DUNLIN_EFFECT_UNLOCK_TABLES = 9, /* ends that */
    DUNLIN_EFFECT_FOREIGN_KEYS = 10, /* switches foreign keys, without effect in a transaction */
    DUNLIN_EFFECT_LEX_MODE = 11,     /* changes how later text is read: ends a message */
    DUNLIN_EFFECT_SESSION = 12       /* changes only the session: done again on resume */
};

/* A pattern is words and punctuation parted by single spaces, compared without case to the first
 * tokens of a statement. "WORD?" may be absent, "A|B" is either, "*" is any number of tokens,
 * "_" is exactly one. The statement may go on after the pattern unless it ends with "$". The first
 * rule that matches counts. A list ends with pattern = NULL. */
struct dunlin_rule {
    const char *pattern;
    uint32_t effect; /* enum dunlin_effect */
    uint32_t reserved;
};

/* ---- dialect ------------------------------------------------------------------------------- */

enum dunlin_literal {
    DUNLIN_LITERAL_STANDARD = 0, /* 'it''s' */
    DUNLIN_LITERAL_ESCAPE = 1,   /* E'it''s' with doubled backslashes */
    DUNLIN_LITERAL_HEX = 2       /* _utf8mb4 X'..' */
};

/*
 * Data, not code. In the templates {table} is the quoted, qualified history table, {column} a
 * column, {key} a signed 64-bit number and {name} a 40-character hex digest that stand for this
 * database and table, {ms} and {s} a duration (seconds rounded up), {local} is LOCAL inside a
 * transaction and SESSION outside. NULL = the engine has none.
 */
struct dunlin_dialect {
    uint32_t size;    /* sizeof(struct dunlin_dialect) in the module */
    uint32_t literal; /* enum dunlin_literal */
    uint64_t lex;     /* DUNLIN_LEX_* */
    const struct dunlin_lex_mode *modes;
    const struct dunlin_rule *rules;
    const char *quote; /* opening and closing identifier quote; the closing one doubles inside */
    const char *begin, *commit, *rollback;
    const char *reset; /* undoes what a migration left in the session, between two */
    /* query, one row: schema for {table} or NULL, user, lex setting or NULL; and where it has more:
     * the session's number or NULL, 1 when the lock binds only this node of a cluster */
    const char *session;
    const char *history_create; /* CREATE TABLE {table} .. */
    const char *now;            /* expression: the time, of the type that the columns have */
    const char *elapsed_ms;     /* expression: milliseconds since {column} */
    const char *time_text;      /* expression: {column} as YYYY-MM-DDTHH:MM:SS.mmmZ */
    const char *bytes_prefix;   /* a binary literal is prefix, hex digits, suffix */
    const char *bytes_suffix;
    const char *bytes_hex;    /* expression: {column} as hex digits */
    const char *lock;         /* query, one row, 1 = obtained; never waits */
    const char *unlock;       /* query or statement */
    const char *lock_holder;  /* query, one text per row: who holds it */
    const char *lock_timeout; /* statement, inside the transaction */
    const char *statement_timeout;
    const char *foreign_keys_get; /* query, one row, 1 = on */
    const char *foreign_keys_off; /* statement, outside a transaction */
    const char *foreign_keys_on;
    const char *foreign_keys_check; /* query, a row per violation */
    const char *blockers;           /* query, one text per row: other transactions that are open */
    /* query, a row for each unusable index of the table {of}: its full name, quoted, and 1 when it
     * is the one called {name}; both are literals of what the statement says, {name} may be '' */
    const char *invalid_index;
    const char *drop_index;      /* statement, alone: drops {index}, such a full name */
    const char *use_schema;      /* statement: makes {schema} the current one again */
    const char *lock_breakers;   /* words, parted by |, of statements that may drop the lock */
    const char *database_empty;  /* query, one row, 1 = no tables but {schema}.{name} (literals) */
    const char *database_exists; /* query, a row when the database {name} (a literal) exists */
    const char *database_create; /* statement, alone: creates {database} */
    const char *database_drop;
    const char *maintenance;    /* what to be connected to for these, parted by |; "" = nothing */
    const char *database_files; /* the database is a file: endings, parted by |, of what belongs to
                                   it; then the four above are NULL */
    /* query, for a rehearsal, a row per thing that the open transaction holds or that may change
     * under it: object, its name or NULL, what, value or NULL. Reported is a "what" that is new, or
     * whose value changed, of objects that had a name when the transaction began. A "what" that
     * begins with ! tells why a rollback would not undo changes of the object: there is no
     * rehearsal beside it, and a transaction in which a run died is in doubt. Without
     * DUNLIN_CAP_TX_DDL NULL means that this is not known: there is no rehearsal at all. */
    const char *trace;
    const char *leftovers; /* query, one statement per row, that undoes what reset cannot name */
    /* statement, before commit: that commit need not wait for the disk. Later ones that do make it
     * safe too; lost with them, it is lost as a whole. */
    const char *commit_async;
    /* query, one row: 1 when the table {of} has a usable index called {name}, else 0; as literals,
     * like those of invalid_index */
    const char *valid_index;
    /* Statements that, run a second time, do what running once does: outside a transaction they
     * run again when it is not known whether they were carried out. Effects play no part. */
    const struct dunlin_rule *repeatable;
    /* the operator that compares texts where "=" may be somebody else's; NULL = "=" */
    const char *equal;
    /* What surely leaves the session as it was, whatever is in the database, has the effect
     * DUNLIN_EFFECT_NONE here; the last rule is {"", DUNLIN_EFFECT_SESSION}. After a migration of
     * such statements nothing is reset. NULL = it always is. */
    const struct dunlin_rule *quiet;
    /* Bytes of a table's or a schema's name that the server keeps where it cuts a longer one
     * without an error; the core refuses that then. 0 = the server refuses it itself. */
    uint64_t name_max;
};

/* ---- calls --------------------------------------------------------------------------------- */

struct dunlin_conn; /* the driver's own */

struct dunlin_param {
    const char *key;   /* scheme user password host port database, then the URL's query keys */
    const char *value; /* decoded, never NULL */
};

/* What the core offers to a driver. Valid as long as the connection. */
struct dunlin_host {
    uint32_t size, reserved;
    void *context;
    /* A message of the server that is not an error: severity as the server words it. During open
     * also the driver's own warnings about the connection. */
    void (*notice)(void *context, const char *severity, const char *text);
    /* Fills *err: kind, and message from the format, cut to fit. Returns kind. */
    int (*fail)(struct dunlin_error *err, int kind, const char *format, ...);
};

/* One statement, without its terminator. Not NUL-terminated. */
struct dunlin_stmt {
    const char *sql;
    uint64_t len;
    uint32_t flags, reserved; /* 0 */
};

/*
 * Statements to run in order, in as few messages as the protocol allows, stopping at the first
 * that fails. The caller sees to it that they may share one. When the whole message is refused
 * before anything of it ran (PostgreSQL parses it first), completed is 0 and failed names the
 * culprit where the server tells it.
 */
struct dunlin_batch {
    uint32_t size;  /* sizeof(struct dunlin_batch) in the core */
    uint32_t count; /* in: statements */
    const struct dunlin_stmt *stmts;
    uint64_t *rows;     /* out: rows changed or returned per statement; count long, or NULL */
    uint32_t completed; /* out: how many succeeded, from the first on */
    uint32_t failed;    /* out: index of the one that failed; UINT32_MAX = not known or none */
};

/* One row of a query: n texts, values[i] is NULL for SQL NULL, else lens[i] bytes and a NUL.
 * Non-zero stops the query, and is what query() then returns. */
typedef int (*dunlin_row_fn)(void *user, uint32_t n, const char *const *values,
                             const uint64_t *lens);

enum dunlin_tx_state {
    DUNLIN_TX_IDLE = 0,
    DUNLIN_TX_OPEN = 1,
    DUNLIN_TX_FAILED = 2, /* only ROLLBACK is possible */
    DUNLIN_TX_UNKNOWN = 3 /* the connection is lost, or the engine does not tell */
};

#define DUNLIN_CAP_TX_DDL (UINT64_C(1) << 0) /* schema changes roll back */
#define DUNLIN_CAP_BATCH (UINT64_C(1) << 1)  /* several statements share one network message */
#define DUNLIN_CAP_COPY (UINT64_C(1) << 2)   /* copy_begin, copy_write, copy_end */
#define DUNLIN_CAP_CANCEL (UINT64_C(1) << 3) /* cancel */

struct dunlin_driver {
    /* frozen header */
    uint32_t magic; /* DUNLIN_DRIVER_MAGIC */
    uint16_t abi_major, abi_minor;
    uint32_t struct_size, reserved;

    /* required */
    const char *name;           /* as in NAME.so */
    const char *version;        /* of the module */
    const char *description;    /* one line */
    const char *const *schemes; /* URL schemes, NULL-terminated */
    uint64_t caps;              /* DUNLIN_CAP_* */
    const struct dunlin_dialect *dialect;
    /* Name and version of the client library in use, never NULL. */
    const char *(*client_version)(void);
    /* Connects. On failure *out stays untouched. An unknown key is DUNLIN_KIND_CONFIG. */
    int (*open)(const struct dunlin_host *host, const struct dunlin_param *params, uint32_t nparams,
                struct dunlin_conn **out, struct dunlin_error *err);
    /* Closes and frees; NULL is allowed. */
    void (*close)(struct dunlin_conn *conn);
    /* Name and version of the server, "PostgreSQL 15.8", say; never NULL. */
    const char *(*server_version)(struct dunlin_conn *conn);
    int (*exec)(struct dunlin_conn *conn, struct dunlin_batch *batch, struct dunlin_error *err);
    int (*query)(struct dunlin_conn *conn, const char *sql, uint64_t len, dunlin_row_fn row,
                 void *user, struct dunlin_error *err);
    /* Without a round trip. */
    int (*tx_state)(struct dunlin_conn *conn);

    /* optional, by caps */
    /* Stops what runs on the connection. May be called from any thread while another one is
     * inside exec, query or copy_*; not from a signal handler. */
    int (*cancel)(struct dunlin_conn *conn, struct dunlin_error *err);
    /* Streams the data of a COPY FROM STDIN statement; any number of writes of any size. end with
     * abort != NULL makes the server drop it with that reason (and returns CANCELLED). */
    int (*copy_begin)(struct dunlin_conn *conn, const struct dunlin_stmt *stmt,
                      struct dunlin_error *err);
    int (*copy_write)(struct dunlin_conn *conn, const char *data, uint64_t len,
                      struct dunlin_error *err);
    int (*copy_end)(struct dunlin_conn *conn, const char *abort, uint64_t *rows,
                    struct dunlin_error *err);
    /* append only, each with DUNLIN_ABI_MINOR + 1 */

    /* optional: the number that the server gave to this session when it was opened, 0 = none. Where
     * dialect.session says another one, a pooler stands between. */
    uint64_t (*session_number)(struct dunlin_conn *conn);
    /* optional, where dialect.lock is NULL: on = 1 keeps apart those who ask for it, with the same
     * database, until on = 0, close, or death. Never waits: LOCKED where another has it. */
    int (*apart)(struct dunlin_conn *conn, int on, struct dunlin_error *err);
};

/* The module's one exported symbol: returns a table that lives as long as the process, or NULL
 * when it cannot serve host_abi_major. */
typedef const struct dunlin_driver *(*dunlin_driver_entry_fn)(uint32_t host_abi_major);

#ifdef __cplusplus
}
#endif
#endif
