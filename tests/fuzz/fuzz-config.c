/* SPDX-License-Identifier: MIT */
/*
 * Any text as dunlin.conf, with and without --env: it ends with an error that has a line of the
 * text, or with settings that the library's options can be made of.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/conffile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t lines_of(const char *text)
{
    uint32_t lines = 1;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void check(const char *text, const char *env)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct dunlin_options options;
    struct settings s;

    settings_init(&s);
    memset(&options, 0, sizeof(options));
    if (conffile_parse(&s, "dunlin.conf", text, env, &err) != DUNLIN_OK) {
        if (err.status != DUNLIN_CONFIG || !err.message[0] || err.line > lines_of(text))
            abort();
    } else if (settings_options(&s, &options, &err) != DUNLIN_OK && !err.message[0]) {
        abort();
    }
    settings_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1);

    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    check(text, NULL);
    check(text, "a");
    free(text);
    return 0;
}
