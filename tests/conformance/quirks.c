/* SPDX-License-Identifier: MIT */
/* Declared deviations: which engine cannot keep which promise, and why. */
#include "conformance.h"

#include <string.h>

struct deviation {
    const char *engine, *test, *reason;
};

#define NO_COPY "the engine has no COPY FROM STDIN"
#define NO_SERVER "there is no server that could end a connection"
#define NO_LOCK "no session lock: BEGIN IMMEDIATE is the lock"

static const struct deviation deviations[] = {
    {"postgres", "foreign_keys", "foreign keys are not switched by session"},

    {"mysql", "copy", NO_COPY},
    {"mysql", "copy_empty", NO_COPY},
    {"mysql", "copy_bad_row", NO_COPY},
    {"mysql", "copy_abort", NO_COPY},
    {"mysql", "copy_in_tx", NO_COPY},
    {"mysql", "copy_large", NO_COPY},
    {"mysql", "copy_not_a_copy", NO_COPY},
    {"mysql", "copy_in_batch", NO_COPY},
    {"mysql", "foreign_keys", "connect hooks and files set foreign_key_checks themselves"},

    {"sqlite", "copy", NO_COPY},
    {"sqlite", "copy_empty", NO_COPY},
    {"sqlite", "copy_bad_row", NO_COPY},
    {"sqlite", "copy_abort", NO_COPY},
    {"sqlite", "copy_in_tx", NO_COPY},
    {"sqlite", "copy_large", NO_COPY},
    {"sqlite", "copy_not_a_copy", NO_COPY},
    {"sqlite", "copy_in_batch", NO_COPY},
    {"sqlite", "lost_idle", NO_SERVER},
    {"sqlite", "lost_query", NO_SERVER},
    {"sqlite", "lost_commit", NO_SERVER},
    {"sqlite", "lost_running", NO_SERVER},
    {"sqlite", "notice", "the library gives no notices"},
    {"sqlite", "deadlock", "a writer locks the whole database at once"},
    {"sqlite", "timeout", "no statement timeout"},
    {"sqlite", "lock", NO_LOCK},
    {"sqlite", "lock_survives", NO_LOCK},
    {"sqlite", "lock_holder", NO_LOCK},
    {"sqlite", "reset_keeps_lock", NO_LOCK},
};

const char *quirk(const char *engine, const char *test)
{
    if (strcmp(engine, "mariadb") == 0)
        engine = "mysql";
    for (size_t i = 0; i < sizeof(deviations) / sizeof(deviations[0]); i++) {
        if (strcmp(deviations[i].engine, engine) == 0 && strcmp(deviations[i].test, test) == 0)
            return deviations[i].reason;
    }
    return NULL;
}
