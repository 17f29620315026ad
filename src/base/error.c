/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_copy(char *to, size_t size, const char *text, size_t len)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t n = len;

    if (size == 0)
        return;
    if (n >= size) {
        n = size > sizeof(ellipsis) ? size - sizeof(ellipsis) : 0;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
    }
    if (n)
        memcpy(to, text, n);
    to[n] = '\0';
    if (n < len && size - n >= sizeof(ellipsis))
        memcpy(to + n, ellipsis, sizeof(ellipsis));
}

/* Formats into a field. Longer texts than the scratch buffer are cut there: fields are shorter. */
static void __attribute__((format(printf, 3, 0)))
field_format(char *to, size_t size, const char *format, va_list ap)
{
    char scratch[2048];
    int n = vsnprintf(scratch, sizeof(scratch), format, ap);

    if (n < 0)
        return;
    if ((size_t)n >= sizeof(scratch))
        n = (int)sizeof(scratch) - 1;
    text_copy(to, size, scratch, (size_t)n);
}

int(error_set)(struct dunlin_error *err, enum dunlin_status status, enum dunlin_kind kind,
               const char *format, ...)
{
    va_list ap;

    if (!err)
        return (int)status;
    memset(err, 0, sizeof(*err));
    err->size = sizeof(*err);
    err->status = (int32_t)status;
    err->kind = (int32_t)kind;
    va_start(ap, format);
    field_format(err->message, sizeof(err->message), format, ap);
    va_end(ap);
    return (int)status;
}

int(error_nomem)(struct dunlin_error *err)
{
    return error_set(err, DUNLIN_FAILED, DUNLIN_KIND_NOMEM, "out of memory");
}

#define FIELD_SETTER(name)                                                                         \
    void error_##name(struct dunlin_error *err, const char *format, ...)                           \
    {                                                                                              \
        va_list ap;                                                                                \
                                                                                                   \
        if (!err)                                                                                  \
            return;                                                                                \
        va_start(ap, format);                                                                      \
        field_format(err->name, sizeof(err->name), format, ap);                                    \
        va_end(ap);                                                                                \
    }

FIELD_SETTER(hint)
FIELD_SETTER(detail)
FIELD_SETTER(state)
FIELD_SETTER(next)

void error_place(struct dunlin_error *err, const char *file, uint32_t line, uint32_t column)
{
    if (!err)
        return;
    if (file)
        text_copy(err->file, sizeof(err->file), file, strlen(file));
    err->line = line;
    err->column = column;
}

struct kind_entry {
    const char *name;
    enum dunlin_status status;
};

static const struct kind_entry kinds[] = {
    [DUNLIN_KIND_NONE] = {"none", DUNLIN_OK},
    [DUNLIN_KIND_CONNECT] = {"connection", DUNLIN_NO_CONNECTION},
    [DUNLIN_KIND_AUTH] = {"authentication", DUNLIN_NO_CONNECTION},
    [DUNLIN_KIND_LOST] = {"connection_lost", DUNLIN_FAILED},
    [DUNLIN_KIND_PERMISSION] = {"permission", DUNLIN_FAILED},
    [DUNLIN_KIND_SYNTAX] = {"syntax", DUNLIN_FAILED},
    [DUNLIN_KIND_MISSING_TABLE] = {"missing_table", DUNLIN_FAILED},
    [DUNLIN_KIND_MISSING_COLUMN] = {"missing_column", DUNLIN_FAILED},
    [DUNLIN_KIND_MISSING] = {"missing", DUNLIN_FAILED},
    [DUNLIN_KIND_EXISTS] = {"exists", DUNLIN_FAILED},
    [DUNLIN_KIND_DUPLICATE] = {"duplicate", DUNLIN_FAILED},
    [DUNLIN_KIND_CONSTRAINT] = {"constraint", DUNLIN_FAILED},
    [DUNLIN_KIND_DATA] = {"data", DUNLIN_FAILED},
    [DUNLIN_KIND_LOCKED] = {"locked", DUNLIN_LOCKED},
    [DUNLIN_KIND_DEADLOCK] = {"deadlock", DUNLIN_FAILED},
    [DUNLIN_KIND_TIMEOUT] = {"timeout", DUNLIN_FAILED},
    [DUNLIN_KIND_CANCELLED] = {"cancelled", DUNLIN_INTERRUPTED},
    [DUNLIN_KIND_TRANSACTION] = {"transaction", DUNLIN_FAILED},
    [DUNLIN_KIND_READONLY] = {"read_only", DUNLIN_FAILED},
    [DUNLIN_KIND_FULL] = {"disk_full", DUNLIN_FAILED},
    [DUNLIN_KIND_UNSUPPORTED] = {"unsupported", DUNLIN_FAILED},
    [DUNLIN_KIND_CONFIG] = {"configuration", DUNLIN_CONFIG},
    [DUNLIN_KIND_DRIVER] = {"driver", DUNLIN_NO_CONNECTION},
    [DUNLIN_KIND_NOMEM] = {"out_of_memory", DUNLIN_FAILED},
    [DUNLIN_KIND_SERVER] = {"server", DUNLIN_FAILED},
    [DUNLIN_KIND_FILE] = {"file", DUNLIN_BAD_FILE},
    [DUNLIN_KIND_HISTORY] = {"history", DUNLIN_CONFLICT},
    [DUNLIN_KIND_USAGE] = {"usage", DUNLIN_USAGE},
    [DUNLIN_KIND_INTERNAL] = {"internal", DUNLIN_FAILED},
};

enum dunlin_status status_of_kind(enum dunlin_kind kind)
{
    if ((size_t)kind >= sizeof(kinds) / sizeof(kinds[0]))
        return DUNLIN_FAILED;
    return kinds[kind].status;
}

const char *kind_name(int kind)
{
    if (kind < 0 || (size_t)kind >= sizeof(kinds) / sizeof(kinds[0]))
        return "unknown";
    return kinds[kind].name;
}
