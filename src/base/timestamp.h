/* SPDX-License-Identifier: MIT */
/* Times as texts. Pure. */
#ifndef DUNLIN_BASE_TIMESTAMP_H
#define DUNLIN_BASE_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>

#define TIMESTAMP_LEN 19 /* bytes of "2026-01-31T12:00:00" */

/* Whether the text begins with a time in that form, of a day that there is. */
bool timestamp_begins(const char *text, size_t len);

#endif
