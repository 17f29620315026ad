/* SPDX-License-Identifier: MIT */
/*
 * libdunlin: brings a database to the state that folders of SQL files describe.
 *
 *     struct dunlin_options options = DUNLIN_OPTIONS_INIT;
 *     struct dunlin_error err = DUNLIN_ERROR_INIT;
 *     struct dunlin *d;
 *
 *     options.url = "sqlite:app.db";
 *     if (dunlin_open(&options, &d, &err) == DUNLIN_OK) {
 *         dunlin_up(d, NULL, NULL, &err);
 *         dunlin_close(d);
 *     }
 *
 * Every call returns an enum dunlin_status: 0, or what the command would exit with. Contexts are
 * independent of each other; one context is used by one thread at a time, except for
 * dunlin_cancel. The library prints nothing, reads no environment, installs no signal handler and
 * never ends the process. All functions since 0.1.
 */
#ifndef DUNLIN_DUNLIN_H
#define DUNLIN_DUNLIN_H

#include <stddef.h>
#include <stdint.h>
#include <dunlin/error.h>
#include <dunlin/event.h>
#include <dunlin/version.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DUNLIN_API __attribute__((visibility("default")))
#else
#define DUNLIN_API
#endif

struct dunlin; /* one database and its folders */

enum dunlin_order { DUNLIN_ORDER_REJECT = 0, DUNLIN_ORDER_WARN = 1, DUNLIN_ORDER_ALLOW = 2 };
enum dunlin_unnumbered {
    DUNLIN_UNNUMBERED_ERROR = 0,
    DUNLIN_UNNUMBERED_LAST = 1,
    DUNLIN_UNNUMBERED_IGNORE = 2
};

#define DUNLIN_TOLERATE_EXISTS 1u  /* a statement whose object exists is skipped */
#define DUNLIN_TOLERATE_MISSING 2u /* a migration that misses a table or column waits: deferred */

#define DUNLIN_LOOK_LENIENT                                                                        \
    1u /* for dunlin_check, dunlin_renumber: take in refused files as well */
/* do not connect: dunlin_check and dunlin_convert then deal with the folders alone */
#define DUNLIN_LOOK_OFFLINE 2u

/* What becomes of a folder's files in a language that dunlin does not run. */
enum dunlin_foreign_code {
    DUNLIN_FOREIGN_CODE_REFUSE = 0,
    DUNLIN_FOREIGN_CODE_SKIP = 1,
    DUNLIN_FOREIGN_CODE_EXEC = 2 /* as programs, where allow_exec is set */
};
/* Where the history of a folder is kept that another tool made: in dunlin's own table, or in that
 * tool's, so that both can take turns. Dunlin's own does not begin in a database where another
 * tool's table tells of the same migrations, except ANEW. */
enum dunlin_history {
    DUNLIN_HISTORY_OWN = 0,
    DUNLIN_HISTORY_LAYOUT = 1,
    DUNLIN_HISTORY_ANEW = 2
};

/* Strings are copied by dunlin_open. Append only; always start from DUNLIN_OPTIONS_INIT. */
struct dunlin_options {
    size_t size;             /* sizeof(struct dunlin_options) */
    const char *url;         /* required, except for dunlin_new and dunlin_drivers */
    const char *const *dirs; /* "[LABEL=]PATH"; NULL = one folder, "migrations" */
    size_t ndirs;
    const char *table;        /* "[SCHEMA.]NAME"; NULL = "dunlin_migrations" */
    const char *driver_path;  /* folders with driver modules, ':' between; NULL = as installed */
    const char *applied_by;   /* recorded with each migration; NULL = the database user */
    uint32_t out_of_order;    /* enum dunlin_order */
    uint32_t unnumbered;      /* enum dunlin_unnumbered */
    uint64_t lock_wait_ms;    /* for the run lock; default 60000 */
    uint64_t lock_timeout_ms; /* for the locks of each statement; 0 = the server's; default 5000 */
    uint64_t statement_timeout_ms; /* 0 = the server's default */
    uint64_t max_statement;        /* bytes of the largest statement; default 1 GiB - 1 */
    dunlin_event_fn on_event;      /* may be NULL */
    void *user;                    /* passed to on_event */
    uint32_t tolerate;             /* DUNLIN_TOLERATE_*, for every migration */
    uint32_t lock_retries;       /* of a migration that did not get its locks in time; default 3 */
    uint32_t single_transaction; /* 1 = everything pending in one transaction, or nothing */
    uint32_t durable_each;       /* 1 = each migration waits for the disk, not only the last one */
    /* SQL file that up loads first where the database is empty; NULL = none */
    const char *baseline_schema;
    const char *const *set; /* "NAME=VALUE" for the placeholders of sections with substitute:on */
    size_t nset;
    const char *const *environment; /* of executable migrations, NULL-terminated; NULL = empty */
    uint32_t allow_exec;            /* 1 = executable migrations may run */
    uint32_t reserved3;
    const char *const *required_tables; /* "[SCHEMA.]NAME": must be there after up */
    size_t nrequired_tables;
    const char *sslmode; /* as in a URL, where the URL says nothing of it; not for SQLite */
    const char *schema;  /* PostgreSQL: the session's search_path; MySQL: the database */
    uint32_t look;       /* DUNLIN_LOOK_* */
    uint32_t reserved2;
    const char *dialect;      /* DUNLIN_LOOK_OFFLINE without a URL: the scheme of one */
    uint32_t foreign_code;    /* enum dunlin_foreign_code */
    uint32_t history;         /* enum dunlin_history */
    const char *layout_table; /* "[SCHEMA.]NAME" of the other tool; NULL = its default */
    /* What the files of every folder mean, such as "native" or "flyway"; NULL = look into each */
    const char *layout;
    /* For dunlin_adopt, "TOOL[:DIR]": whose table it is, where the folder is not of that tool's
     * layout; DIR has that tool's own files, where they are needed. NULL = as the folder says */
    const char *from;
};

#define DUNLIN_OPTIONS_INIT                                                                        \
    {                                                                                              \
        .size = sizeof(struct dunlin_options), .lock_wait_ms = 60000, .lock_timeout_ms = 5000,     \
        .max_statement = 0x3fffffff, .lock_retries = 3                                             \
    }

/* How far up or down goes. NULL instead of a goal: up = everything, down = one. */
struct dunlin_goal {
    size_t size;
    uint64_t count; /* this many migrations; 0 = no limit by number */
    const char *to; /* up: up to and with it; down: until it is the newest; NULL = no limit */
    uint32_t all;   /* down: everything (count and to are ignored) */
    uint32_t reserved;
    const char *const *only; /* these, and no others (count, to and all are ignored) */
    size_t nonly;
};

#define DUNLIN_GOAL_INIT                                                                           \
    {                                                                                              \
        .size = sizeof(struct dunlin_goal)                                                         \
    }

/* What a run did, filled also when it failed. */
struct dunlin_summary {
    size_t size;
    uint64_t run;     /* applied by up, reverted by down */
    uint64_t before;  /* up: were applied already */
    uint64_t total;   /* up: migrations known; down: applied ones left */
    uint64_t pending; /* left to apply */
    uint64_t micros;
    uint64_t deferred; /* wait for a table or column that is not there yet */
    uint64_t skipped;  /* statements whose object was there already */
    uint64_t reverted; /* redo, to: reverted before; run is then what was applied */
};

#define DUNLIN_SUMMARY_INIT                                                                        \
    {                                                                                              \
        .size = sizeof(struct dunlin_summary)                                                      \
    }

enum dunlin_state {
    DUNLIN_STATE_PENDING = 1,
    DUNLIN_STATE_APPLIED = 2,
    DUNLIN_STATE_PARTIAL = 3, /* stopped in the middle; `up` continues */
    DUNLIN_STATE_CHANGED = 4, /* repeatable: applied, and its file changed: will run again */
    DUNLIN_STATE_EDITED = 5,  /* versioned: applied, and its file changed since */
    DUNLIN_STATE_MISSING = 6, /* applied, and there is no file */
    DUNLIN_STATE_LATE = 7,    /* pending, and a later one is applied */
    DUNLIN_STATE_FAILED = 8,
    DUNLIN_STATE_RUNNING = 9,
    DUNLIN_STATE_DEFERRED = 10
};

/* One migration of status and plan. Borrowed until the callback returns; NULL = not known. */
struct dunlin_item {
    size_t size;
    uint32_t state;     /* enum dunlin_state */
    uint32_t direction; /* plan: enum dunlin_direction */
    const char *source, *version, *name, *kind;
    const char *description;
    const char *file;
    const char *applied_at; /* UTC, YYYY-MM-DDTHH:MM:SS.mmmZ */
    const char *applied_by;
    const char *checksum; /* of the file; of the history where there is no file */
    int64_t duration_ms;  /* -1 = not known */
    uint64_t statements_done, statements_total;
    uint32_t transactional; /* plan: 1 = in a transaction of its own */
    uint32_t reversible;    /* plan: 1 = has a down section */
    uint32_t from_history;  /* plan down: 1 = with the text that the history kept */
};

/* Returns 0 to go on; anything else ends the listing with DUNLIN_INTERRUPTED. */
typedef int (*dunlin_item_fn)(const struct dunlin_item *item, void *user);

/* One driver, usable or refused. Borrowed until the callback returns. */
struct dunlin_driver_info {
    size_t size;
    const char *name, *path; /* path "built-in" for those linked in */
    const char *description, *version, *client;
    const char *schemes;      /* parted by spaces */
    const char *capabilities; /* parted by spaces */
    uint32_t abi_major, abi_minor;
    const struct dunlin_error *refused; /* NULL = usable */
};
typedef int (*dunlin_driver_fn)(const struct dunlin_driver_info *info, void *user);

/* Version of the library at run time: "0.1.0". Thread-safe. */
DUNLIN_API const char *dunlin_version(void);

/* Reads the folders and connects. On failure *out is untouched and nothing needs freeing. */
DUNLIN_API int dunlin_open(const struct dunlin_options *options, struct dunlin **out,
                           struct dunlin_error *err);
/* Closes the connection and frees everything. NULL is allowed. */
DUNLIN_API void dunlin_close(struct dunlin *d);

/* Applies what is pending. goal, summary and err may be NULL. */
DUNLIN_API int dunlin_up(struct dunlin *d, const struct dunlin_goal *goal,
                         struct dunlin_summary *summary, struct dunlin_error *err);
/* Reverts what was applied last, newest first. */
DUNLIN_API int dunlin_down(struct dunlin *d, const struct dunlin_goal *goal,
                           struct dunlin_summary *summary, struct dunlin_error *err);
/* Lists what up (or down) would run, in order, and fails as it would; changes nothing. */
DUNLIN_API int dunlin_plan(struct dunlin *d, enum dunlin_direction direction,
                           const struct dunlin_goal *goal, dunlin_item_fn item, void *user,
                           struct dunlin_summary *summary, struct dunlin_error *err);
/* A rehearsal: really runs what up would run, in one transaction that is rolled back, and reports
 * each statement's time, rows and locks as STATEMENT_END. Refused, before anything runs, where a
 * statement would commit. Only sequences and AUTO_INCREMENT keep what they gave out. */
DUNLIN_API int dunlin_rehearse(struct dunlin *d, const struct dunlin_goal *goal,
                               struct dunlin_summary *summary, struct dunlin_error *err);
/* Lists every migration of folder and history; changes nothing. */
DUNLIN_API int dunlin_status(struct dunlin *d, dunlin_item_fn item, void *user,
                             struct dunlin_summary *summary, struct dunlin_error *err);

/* Brings the database to version: reverts what is behind it, or applies what is up to it. */
DUNLIN_API int dunlin_to(struct dunlin *d, const char *version, struct dunlin_summary *summary,
                         struct dunlin_error *err);
/* Reverts the last count migrations (0 = one) and applies the same ones again. */
DUNLIN_API int dunlin_redo(struct dunlin *d, uint64_t count, struct dunlin_summary *summary,
                           struct dunlin_error *err);

enum dunlin_resume {
    DUNLIN_RESUME_AGAIN = 0, /* the statement that it stopped at runs again */
    DUNLIN_RESUME_SKIP = 1   /* that statement counts as done */
};
/* Continues the migration that is partly applied (or partly reverted), and no other. A base schema
 * needs options.baseline_schema. */
DUNLIN_API int dunlin_resume(struct dunlin *d, enum dunlin_resume how,
                             struct dunlin_summary *summary, struct dunlin_error *err);

/* Repairs one history row by hand, running nothing: APPLIED records the file as it is now, FAILED
 * that nothing of it is in the database, PENDING removes the row. summary->run = rows written. */
DUNLIN_API int dunlin_mark(struct dunlin *d, const char *version, enum dunlin_state state,
                           struct dunlin_summary *summary, struct dunlin_error *err);
/* Records everything up to version as applied, as of kind baseline, without running it. Refused
 * where something behind version is applied. */
DUNLIN_API int dunlin_baseline(struct dunlin *d, const char *version,
                               struct dunlin_summary *summary, struct dunlin_error *err);

/* The database itself; none of these reads the folders. *changed (may be NULL) = 0 when it was
 * there, or was not there, already. */
DUNLIN_API int dunlin_create_database(const struct dunlin_options *options, int *changed,
                                      struct dunlin_error *err);
DUNLIN_API int dunlin_drop_database(const struct dunlin_options *options, int *changed,
                                    struct dunlin_error *err);
/* Tries until a connection works. DUNLIN_NO_CONNECTION when none did in time. */
DUNLIN_API int dunlin_wait(const struct dunlin_options *options, uint64_t timeout_ms,
                           struct dunlin_error *err);

/* What a search found, wrong one by one. Borrowed until the callback returns. */
struct dunlin_finding {
    size_t size;
    const char *what; /* edited missing late duplicate unfinished file verify table */
    const char *source, *version, *name; /* NULL = not about one migration */
    const struct dunlin_error *problem;  /* in words, with the place */
    const char *difference;              /* lines with - and +, NULL = not known */
    const char *recorded, *current;      /* edited: the checksums */
    const char *applied_at, *applied_by; /* NULL = not applied */
};
typedef int (*dunlin_finding_fn)(const struct dunlin_finding *finding, void *user);

/* Looks for edited, missing, late, duplicate and unfinished migrations and files that cannot be
 * parsed. DUNLIN_NO when there are any; *found (may be NULL) counts them. Open with LENIENT. */
DUNLIN_API int dunlin_check(struct dunlin *d, dunlin_finding_fn finding, void *user,
                            uint64_t *found, struct dunlin_summary *summary,
                            struct dunlin_error *err);
/* Runs the verify sections of applied migrations and looks for the required tables. DUNLIN_NO when
 * one is not true. summary: run = queries, before = migrations that have some. */
DUNLIN_API int dunlin_verify(struct dunlin *d, dunlin_finding_fn finding, void *user,
                             uint64_t *found, struct dunlin_summary *summary,
                             struct dunlin_error *err);

/* Takes the table of another tool over: lists each migration and row, and records what is applied
 * there in dunlin's own table, all or nothing. DUNLIN_CONFLICT, and nothing is written, where
 * folder and table do not match. dry = only tell. summary->run = rows. */
DUNLIN_API int dunlin_adopt(struct dunlin *d, int dry, dunlin_item_fn item, void *user,
                            struct dunlin_summary *summary, struct dunlin_error *err);

/* Reverts what is applied and has no file, with the kept down scripts, then applies what is
 * pending, late ones too. Refuses before anything runs. */
DUNLIN_API int dunlin_switch(struct dunlin *d, struct dunlin_summary *summary,
                             struct dunlin_error *err);
/* Lists what dunlin_switch would run. */
DUNLIN_API int dunlin_switch_plan(struct dunlin *d, dunlin_item_fn item, void *user,
                                  struct dunlin_summary *summary, struct dunlin_error *err);

typedef int (*dunlin_rename_fn)(const char *from, const char *to, void *user);
/* Gives late files, and those of a number that an applied one has, numbers behind the newest. Never
 * renames onto an existing file; where that ends in the middle, what is left is in its order. Tells
 * at the end. dry = only tell. summary->run = migrations. Open with LENIENT. */
DUNLIN_API int dunlin_renumber(struct dunlin *d, int dry, dunlin_rename_fn renamed, void *user,
                               struct dunlin_summary *summary, struct dunlin_error *err);

/* One migration as it was, and as dunlin_convert writes it. Borrowed until the callback returns. */
struct dunlin_conversion {
    size_t size;
    const char *from, *from_down; /* files; NULL = there is no down file */
    const char *from_version, *to_version;
    const char *to;    /* file */
    uint32_t state;    /* enum dunlin_state; 0 = not known, without a database */
    uint32_t recorded; /* 1 = the history has a row, which gets the new version */
};
typedef int (*dunlin_conversion_fn)(const struct dunlin_conversion *conversion, void *user);
/* Writes the only folder, of whatever layout, as one of dunlin's own: dir, which is absent or
 * empty. With a connection the rows of its history follow, with their checksums where these are
 * those of the files: states stay what they are. All or nothing; dry = only tell. summary: run =
 * migrations, before = rows. */
DUNLIN_API int dunlin_convert(struct dunlin *d, const char *dir, int dry, dunlin_conversion_fn fn,
                              void *user, struct dunlin_summary *summary, struct dunlin_error *err);

/* As dunlin_cancel, because the time for the whole run is over: the call returns DUNLIN_FAILED. */
DUNLIN_API void dunlin_expire(struct dunlin *d);

/* Asks a running call to stop: the running statement is cancelled on the server, its transaction
 * rolled back, the lock released, and the call returns DUNLIN_INTERRUPTED. May be called from any
 * thread and from the event callback; not from a signal handler. */
DUNLIN_API void dunlin_cancel(struct dunlin *d);

/* Lists the drivers that are built in or lie in the driver folders, refused ones with the reason.
 */
DUNLIN_API int dunlin_drivers(const struct dunlin_options *options, dunlin_driver_fn driver,
                              void *user, struct dunlin_error *err);

#define DUNLIN_NEW_TIMESTAMP 1u /* number = time (UTC); else the next of the sequence */
#define DUNLIN_NEW_PAIR 2u      /* NAME.up.sql and NAME.down.sql */

/* Creates the next migration file in the first folder. path gets the (first) file's path; 4096
 * bytes are always enough. */
DUNLIN_API int dunlin_new(const struct dunlin_options *options, const char *name, uint32_t flags,
                          char *path, size_t size, struct dunlin_error *err);

/* The stable word for a state or an error's kind: "pending", "missing_table". Never NULL. */
DUNLIN_API const char *dunlin_state_name(uint32_t state);
DUNLIN_API const char *dunlin_kind_name(int32_t kind);
/* "scheme://user:***@host:port/db" of a URL, never its secrets, also when it cannot be parsed. */
DUNLIN_API void dunlin_url_redact(const char *url, char *to, size_t size);

#ifdef __cplusplus
}
#endif
#endif
