/* SPDX-License-Identifier: MIT */
/* Whether a migration surely left the session as it was: then nothing needs to be reset. */
#ifndef DUNLIN_RUN_QUIET_H
#define DUNLIN_RUN_QUIET_H

#include <stdbool.h>
#include <stddef.h>

#include <dunlin/driver.h>
#include "script/lexer.h"

#define QUIET_NAME 128 /* bytes of a table's name, with its quotes */

/* Of a migration whose statements have been added; all 0 at its start. */
struct quiet {
    bool disturbed; /* by a statement that may change the session */
    size_t len;     /* of table, 0 = none */
    char table[QUIET_NAME];
};

void quiet_add(struct quiet *q, const struct dunlin_dialect *d, const struct piece *piece);

#endif
