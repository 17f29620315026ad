/* SPDX-License-Identifier: MIT */
/* Durations as people write them: 500ms, 5s, 2m, 1h, 0. */
#ifndef DUNLIN_BASE_DURATION_H
#define DUNLIN_BASE_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DURATION_SIZE 24
#define DURATION_MAX_MS UINT64_C(2147483647) /* what every server's settings can hold: 24 days */

/* Parses len bytes into milliseconds: digits and a unit (ms, s, m, h); only 0 needs no unit. False
 * where it is anything else, or longer than DURATION_MAX_MS; *ms is then untouched. */
bool duration_parse(const char *text, size_t len, uint64_t *ms);
/* In the largest unit that divides it: "0", "500ms", "90s", "2m". duration_parse reads it back. */
void duration_print(uint64_t ms, char to[DURATION_SIZE]);

#endif
