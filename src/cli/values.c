/* SPDX-License-Identifier: MIT */
#include "cli/values.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool parse_count(const char *text, uint64_t *count)
{
    uint64_t n = 0;
    size_t i;

    if (text[0] == '0')
        return false;
    for (i = 0; i < 7 && isdigit((unsigned char)text[i]); i++)
        n = n * 10 + (uint64_t)(text[i] - '0');
    if (i == 0 || i > 6 || text[i])
        return false;
    *count = n;
    return true;
}

bool parse_switch(const char *text, unsigned *value)
{
    static const char *const words[2][3] = {{"no", "false", "off"}, {"yes", "true", "on"}};

    if (isdigit((unsigned char)text[0]) && !text[1]) {
        *value = (unsigned)(text[0] - '0');
        return true;
    }
    for (unsigned v = 0; v < 2; v++) {
        for (size_t i = 0; i < 3; i++) {
            if (strcasecmp(text, words[v][i]) == 0) {
                *value = v;
                return true;
            }
        }
    }
    return false;
}

int word_index(const char *words, const char *text)
{
    size_t len = strlen(text);

    for (int i = 0;; i++) {
        size_t word = strcspn(words, "|");

        if (word == len && memcmp(words, text, len) == 0)
            return i;
        if (words[word] == '\0')
            return -1;
        words += word + 1;
    }
}

#define WORD_MAX 63

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

unsigned word_distance(const char *a, const char *b)
{
    unsigned rows[3][WORD_MAX + 1];
    size_t la = strlen(a), lb = strlen(b);

    if (la > WORD_MAX || lb > WORD_MAX)
        return WORD_MAX + 1;
    for (size_t j = 0; j <= lb; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= la; i++) {
        unsigned *row = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= lb; j++) {
            unsigned cost = a[i - 1] != b[j - 1];

            row[j] = min3(up[j] + 1, row[j - 1] + 1, up[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                up2[j - 2] + 1 < row[j])
                row[j] = up2[j - 2] + 1;
        }
    }
    return rows[la % 3][lb];
}

bool word_near(const char *text, const char *word, unsigned *best)
{
    unsigned distance = word_distance(text, word);
    size_t len = strlen(word);

    /* A beginning of three letters or more is near, whatever follows it. */
    if (strlen(text) >= 3 && strncmp(text, word, strlen(text)) == 0)
        distance = 1;
    if (distance >= *best || distance > (len > 5 ? 2u : 1u))
        return false;
    *best = distance;
    return true;
}
