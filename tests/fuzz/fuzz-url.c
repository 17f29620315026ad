/* SPDX-License-Identifier: MIT */
/*
 * Any text as a URL: parsing ends, what comes out of it is clean, and a password that stands in
 * the middle of the text, whatever is around it, comes back in no message and in no redacted URL.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "driver/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECRET "hUnTeR2"

/* Whether the word comes back in anything that people see. */
static int shows(const char *text, const char *word)
{
    struct arena arena = ARENA_INIT;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct url url;
    char redacted[512];
    int shown;

    url_redact(text, redacted, sizeof(redacted));
    shown = strstr(redacted, word) != NULL;
    if (url_parse(text, &arena, &url, &err) != DUNLIN_OK) {
        if (err.message[0] == '\0' || err.status != DUNLIN_CONFIG)
            abort();
        shown |= strstr(err.message, word) != NULL || strstr(err.hint, word) != NULL;
    } else {
        if (url.count == 0 || strcmp(url.params[0].key, "scheme") != 0)
            abort();
        for (uint32_t i = 0; i < url.count; i++) {
            for (const char *p = url.params[i].value; *p; p++) {
                if ((unsigned char)*p < 0x20 || *p == 0x7f)
                    abort();
            }
        }
    }
    arena_free(&arena);
    return shown;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1);
    char *around = malloc(size + 64);
    size_t half;

    if (text && around) {
        if (size)
            memcpy(text, data, size);
        (void)shows(text, SECRET);
        size = strlen(text);
        half = size / 2;
        snprintf(around, size + 64, "postgres://u:%.*s" SECRET "%s@h/db", (int)half, text,
                 text + half);
        if (!strstr(text, SECRET) && shows(around, SECRET))
            abort();
    }
    free(around);
    free(text);
    return 0;
}
