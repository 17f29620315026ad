/* SPDX-License-Identifier: MIT */
/*
 * Events: the only way in which the library reports. It never prints, logs, reads the environment
 * or installs a signal handler.
 */
#ifndef DUNLIN_EVENT_H
#define DUNLIN_EVENT_H

#include <stdint.h>
#include <dunlin/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Begin and end come in pairs; the end carries the error, if there was one. Append only. Since 0.1.
 */
enum dunlin_event_type {
    DUNLIN_EVENT_RUN_BEGIN = 1,       /* total = migrations to run */
    DUNLIN_EVENT_RUN_END = 2,         /* done = migrations run, micros, error */
    DUNLIN_EVENT_LOCK_WAIT = 3,       /* text = who holds the lock, as far as known */
    DUNLIN_EVENT_LOCK_HELD = 4,       /* micros = time waited */
    DUNLIN_EVENT_MIGRATION_BEGIN = 5, /* source, version, name, direction, total = statements */
    DUNLIN_EVENT_MIGRATION_END = 6,   /* the same, micros, error */
    DUNLIN_EVENT_STATEMENT_BEGIN =
        7,                          /* done = number, total, line, text = start of the statement */
    DUNLIN_EVENT_STATEMENT_END = 8, /* the same, rows, micros, error */
    DUNLIN_EVENT_PROGRESS = 9,      /* done, total = bytes of the file */
    DUNLIN_EVENT_NOTICE = 10,       /* text = what the server said */
    DUNLIN_EVENT_WARNING = 11,      /* text = what dunlin warns of */
    DUNLIN_EVENT_DEBUG = 12,        /* text = a step of dunlin itself */
    DUNLIN_EVENT_RECORD = 13,       /* a history row was written by hand: source, version, name,
                                       kind, file, text = what it says now */
    DUNLIN_EVENT_CONNECT_WAIT = 14, /* text = why the database cannot be reached yet */
    DUNLIN_EVENT_HOOK_END = 15      /* name = "after_all" .., done = statements, micros, error */
};

enum dunlin_direction { DUNLIN_UP = 1, DUNLIN_DOWN = 2 };

/*
 * Everything is borrowed until the callback returns; pointers that do not apply are NULL, numbers
 * 0. Text from files and servers is raw: escape it before it reaches a terminal.
 */
struct dunlin_event {
    uint32_t size;
    uint32_t type;      /* enum dunlin_event_type */
    uint32_t direction; /* enum dunlin_direction, 0 = none */
    uint32_t line;      /* in the file, 1-based */
    uint64_t seq;       /* 1, 2, 3 … within one context */
    uint64_t done, total;
    uint64_t rows;
    uint64_t micros; /* elapsed */
    const char *source, *version, *name, *kind;
    const char *file;
    const char *text;
    const struct dunlin_error *error;
    uint32_t state; /* MIGRATION_END: enum dunlin_state that it left, 0 = reverted or failed */
    uint32_t reserved;
    const char *detail; /* STATEMENT_END of a rehearsal: "users: AccessExclusiveLock, rewritten" */
};

/* Returns 0 to go on; anything else asks for cancel at the next safe point. Called in the thread
 * that called into the library; it must not call back into the same context except dunlin_cancel.
 */
typedef int (*dunlin_event_fn)(const struct dunlin_event *event, void *user);

#ifdef __cplusplus
}
#endif
#endif
