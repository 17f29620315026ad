/* SPDX-License-Identifier: MIT */
/* What a driver may be called, and which one serves a scheme. Pure. */
#include "driver/driver.h"

#include <string.h>

#define NAME_MAX_LENGTH 32u

bool driver_name_valid(const char *name)
{
    const size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return name[0] >= 'a' && name[0] <= 'z' && name[n] == '\0' && n <= NAME_MAX_LENGTH;
}

const char *scheme_driver_name(const char *scheme)
{
    static const char *const names[][2] = {
        {"sqlite3", "sqlite"},
        {"postgresql", "postgres"},
        {"mariadb", "mysql"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(scheme, names[i][0]) == 0)
            return names[i][1];
    }
    return driver_name_valid(scheme) ? scheme : NULL;
}
