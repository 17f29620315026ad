/* SPDX-License-Identifier: MIT */
/*
 * Any text as .env: it ends with an error that has a line of the text, or with entries that have a
 * name of ours and stand in the order of their lines.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/env.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    struct dotenv d = {.path = ".env"};
    uint32_t lines = 1;

    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    if (dotenv_parse(&d, &arena, text, &err) != DUNLIN_OK &&
        (err.status != DUNLIN_CONFIG || !err.message[0] || err.line == 0 || err.line > lines))
        abort();
    for (const struct dotenv_entry *e = d.entries; e; e = e->next) {
        if (e->line == 0 || e->line > lines || (e->next && e->next->line >= e->line))
            abort();
        if (!strchr(e->name, '_') || dotenv_find(&d, e->name) == NULL)
            abort();
    }
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1);

    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    check(text);
    free(text);
    return 0;
}
