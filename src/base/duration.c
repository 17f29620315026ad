/* SPDX-License-Identifier: MIT */
#include "base/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    uint64_t ms;
};

/* Largest first: duration_print takes the first that fits. */
static const struct unit units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

#define UNITS (sizeof(units) / sizeof(units[0]))

bool duration_parse(const char *text, size_t len, uint64_t *ms)
{
    uint64_t number = 0;
    size_t digits = 0;

    while (digits < len && text[digits] >= '0' && text[digits] <= '9') {
        number = number * 10 + (uint64_t)(text[digits++] - '0');
        if (number > DURATION_MAX_MS)
            return false;
    }
    if (digits == 0)
        return false;
    if (digits == len && number == 0) {
        *ms = 0;
        return true;
    }
    for (size_t i = 0; i < UNITS; i++) {
        if (strlen(units[i].name) != len - digits ||
            memcmp(units[i].name, text + digits, len - digits) != 0)
            continue;
        if (number > DURATION_MAX_MS / units[i].ms)
            return false;
        *ms = number * units[i].ms;
        return true;
    }
    return false;
}

void duration_print(uint64_t ms, char to[DURATION_SIZE])
{
    size_t i = 0;

    while (ms % units[i].ms != 0)
        i++;
    if (ms == 0)
        snprintf(to, DURATION_SIZE, "0");
    else
        snprintf(to, DURATION_SIZE, "%" PRIu64 "%s", ms / units[i].ms, units[i].name);
}
