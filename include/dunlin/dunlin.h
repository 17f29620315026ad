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
};

#define DUNLIN_OPTIONS_INIT                                                                        \
    {                                                                                              \
        .size = sizeof(struct dunlin_options), .lock_wait_ms = 60000, .lock_timeout_ms = 5000,     \
        .max_statement = 0x3fffffff                                                                \
    }

/* How far up or down goes. NULL instead of a goal: up = everything, down = one. */
struct dunlin_goal {
    size_t size;
    uint64_t count; /* this many migrations; 0 = no limit by number */
    const char *to; /* up: up to and with it; down: until it is the newest; NULL = no limit */
    uint32_t all;   /* down: everything (count and to are ignored) */
    uint32_t reserved;
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
/* Lists every migration of folder and history; changes nothing. */
DUNLIN_API int dunlin_status(struct dunlin *d, dunlin_item_fn item, void *user,
                             struct dunlin_summary *summary, struct dunlin_error *err);

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
