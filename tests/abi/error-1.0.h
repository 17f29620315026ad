/* SPDX-License-Identifier: MIT */
/*
 * FROZEN: error.h of driver ABI 1.0, as it was released. A module built from it must load into
 * every later version of dunlin with the same major number. Never edit it.
 */
/*
 * Errors. One caller-owned struct with inline buffers: filling it never allocates, works after
 * out-of-memory, and needs no free. It is the last parameter of every function that can fail, and
 * may be NULL where the caller only wants the status.
 */
#ifndef DUNLIN_ERROR_H
#define DUNLIN_ERROR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a call came to. The numbers are the exit codes of the command, and never change. Since 0.1.
 */
enum dunlin_status {
    DUNLIN_OK = 0,            /* done, also when there was nothing to do */
    DUNLIN_NO = 1,            /* a question was answered no */
    DUNLIN_FAILED = 2,        /* failed, and nothing of it is in the database */
    DUNLIN_PARTIAL = 3,       /* failed, and the database is partly changed */
    DUNLIN_NO_CONNECTION = 4, /* cannot connect, authenticate or load the driver */
    DUNLIN_LOCKED = 5,        /* the lock was not obtained in time */
    DUNLIN_CONFLICT = 6,      /* folder and history do not agree */
    DUNLIN_USAGE = 64,        /* wrong arguments */
    DUNLIN_BAD_FILE = 65,     /* a migration file cannot be read or parsed */
    DUNLIN_CONFIG = 78,       /* bad configuration: URL, folder, config file, table */
    DUNLIN_INTERRUPTED = 130  /* cancelled by the caller */
};

/*
 * The portable class of what a server or a client library reported: what code may decide on.
 * Drivers return one of these; 0 is success. Append only. Since 0.1.
 */
enum dunlin_kind {
    DUNLIN_KIND_NONE = 0,
    DUNLIN_KIND_CONNECT = 1,        /* cannot reach the server */
    DUNLIN_KIND_AUTH = 2,           /* reached, and refused the credentials */
    DUNLIN_KIND_LOST = 3,           /* the connection broke */
    DUNLIN_KIND_PERMISSION = 4,     /* the user may not do that */
    DUNLIN_KIND_SYNTAX = 5,         /* the server cannot parse the statement */
    DUNLIN_KIND_MISSING_TABLE = 6,  /* a table or view does not exist */
    DUNLIN_KIND_MISSING_COLUMN = 7, /* a column does not exist */
    DUNLIN_KIND_MISSING = 8,        /* another object does not exist */
    DUNLIN_KIND_EXISTS = 9,         /* an object exists already */
    DUNLIN_KIND_DUPLICATE = 10,     /* a unique or primary key is violated */
    DUNLIN_KIND_CONSTRAINT = 11,    /* another constraint is violated */
    DUNLIN_KIND_DATA = 12,          /* a value does not fit */
    DUNLIN_KIND_LOCKED = 13,        /* a lock was not obtained; the same statement may work later */
    DUNLIN_KIND_DEADLOCK = 14,      /* chosen as a deadlock or serialization victim */
    DUNLIN_KIND_TIMEOUT = 15,       /* a statement or transaction timeout */
    DUNLIN_KIND_CANCELLED = 16,     /* cancelled on request */
    DUNLIN_KIND_TRANSACTION = 17,   /* not allowed in, or only allowed in, a transaction */
    DUNLIN_KIND_READONLY = 18,      /* the database refuses writes */
    DUNLIN_KIND_FULL = 19,          /* disk or quota exhausted */
    DUNLIN_KIND_UNSUPPORTED = 20,   /* driver or server lacks the feature */
    DUNLIN_KIND_CONFIG = 21,        /* a connection parameter is unknown or invalid */
    DUNLIN_KIND_DRIVER = 22,        /* the driver cannot be loaded or was refused */
    DUNLIN_KIND_NOMEM = 23,         /* out of memory */
    DUNLIN_KIND_SERVER = 24,        /* anything else that the server reported */
    DUNLIN_KIND_FILE = 25,          /* a migration file is unreadable or malformed */
    DUNLIN_KIND_HISTORY = 26,       /* history table and folder disagree */
    DUNLIN_KIND_USAGE = 27,         /* wrong arguments */
    DUNLIN_KIND_INTERNAL = 28       /* a broken promise inside dunlin or a driver */
};

#define DUNLIN_ERROR_OUTCOME_UNKNOWN 1u /* connection lost while COMMIT was under way */

/* Text fields are UTF-8, NUL-terminated, cut at a character border; empty = not known. */
struct dunlin_error {
    uint32_t size;      /* sizeof(struct dunlin_error), set by DUNLIN_ERROR_INIT */
    int32_t status;     /* enum dunlin_status */
    int32_t kind;       /* enum dunlin_kind */
    int32_t native;     /* the engine's own number, 0 = none */
    uint32_t flags;     /* DUNLIN_ERROR_* */
    uint32_t line;      /* in the file, 1-based, 0 = unknown */
    uint32_t column;    /* in characters, 1-based, 0 = unknown */
    uint32_t statement; /* number of the failed statement in its section, 1-based, 0 = unknown */
    uint32_t stmt_line; /* driver: line inside the failed statement, 1-based, 0 = unknown */
    uint32_t caret;     /* column of the caret in source_line, in characters, 1-based, 0 = none */
    uint64_t stmt_pos; /* driver: byte position inside the failed statement, 1-based, 0 = unknown */
    char sqlstate[8];
    char file[256];
    char source_line[256]; /* the line of the file that the error is in, raw (escape to print) */
    char message[1024];
    char detail[512];
    char hint[512];
    char context[512]; /* where inside the server: a function's call stack, say */
    char state[512];   /* what is in the database now, and what is not */
    char next[256];    /* the next command to type */
};

#define DUNLIN_ERROR_INIT                                                                          \
    {                                                                                              \
        .size = sizeof(struct dunlin_error)                                                        \
    }

#ifdef __cplusplus
}
#endif
#endif
