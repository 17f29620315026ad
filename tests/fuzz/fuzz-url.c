/* SPDX-License-Identifier: MIT */
/* Any text as a URL: parsing ends, and what is printed of it never holds the password. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "driver/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *value_of(const struct url *url, const char *key)
{
    for (uint32_t i = 0; i < url->count; i++) {
        if (strcmp(url->params[i].key, key) == 0)
            return url->params[i].value;
    }
    return NULL;
}

/* A password that also stands elsewhere in the URL, or is too short to tell, proves nothing. */
static int is_secret(const struct url *url, const char *password)
{
    if (strlen(password) < 4 || strstr(url->scheme, password))
        return 0;
    for (uint32_t i = 0; i < url->count; i++) {
        if (strcmp(url->params[i].key, "password") != 0 && strstr(url->params[i].value, password))
            return 0;
    }
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct url url;
    char *text = malloc(size + 1);
    char shown[256];

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    url_redact(text, shown, sizeof(shown));
    if (url_parse(text, &arena, &url, &err) == 0) {
        const char *password = value_of(&url, "password");

        if (password && is_secret(&url, password) && strstr(shown, password))
            abort();
    } else if (err.message[0] == 0) {
        abort();
    }
    arena_free(&arena);
    free(text);
    return 0;
}
