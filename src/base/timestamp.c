/* SPDX-License-Identifier: MIT */
#include "base/timestamp.h"

#include <stdlib.h>

bool timestamp_begins(const char *text, size_t len)
{
    static const char pattern[TIMESTAMP_LEN + 1] = "0000-00-00T00:00:00";
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    bool leap;

    if (len < TIMESTAMP_LEN)
        return false;
    for (size_t i = 0; i < TIMESTAMP_LEN; i++) {
        if (pattern[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != pattern[i])
            return false;
    }
    year = atoi(text);
    month = atoi(text + 5);
    day = atoi(text + 8);
    leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + leap &&
           atoi(text + 11) < 24 && atoi(text + 14) < 60 && atoi(text + 17) < 60;
}
