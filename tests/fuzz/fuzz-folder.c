/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the names in a folder, one a line: "name" is a file, "name/" a folder, "name|" a
 * named pipe, "name>target" a link, "name*" a program. Listing it ends with an error that says
 * something, or with migrations in their order that can be shown and opened.
 */
#include <stdint.h>

#include "base/error.h"
#include "base/utf8.h"
#include "source/source.h"
#include "folder.h"

#define NAMES_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(const struct fuzz_folder *f, char *name, size_t len)
{
    char path[1024];
    char kind = name[len - 1];
    char *link = strchr(name, '>');

    if (kind == '/' || kind == '|' || kind == '*')
        name[len - 1] = '\0';
    if (link)
        *link++ = '\0';
    if (!name[0] || strchr(name, '/') ||
        (size_t)snprintf(path, sizeof(path), "%s/%s", f->path, name) >= sizeof(path))
        return;
    if (link          ? symlink(link, path)
        : kind == '/' ? mkdir(path, 0700)
        : kind == '|' ? mkfifo(path, 0600)
                      : fuzz_folder_write(f, name, "", 0))
        return; /* of the same name as another one */
    if (!link && kind == '*')
        (void)chmod(path, 0700);
}

static void put_all(const struct fuzz_folder *f, const char *data, size_t size)
{
    for (size_t count = 0; size > 0 && count < NAMES_MAX; count++) {
        const char *end = memchr(data, '\n', size);
        size_t len = end ? (size_t)(end - data) : size;
        char name[300] = "";

        if (len > 0 && len < sizeof(name) && !memchr(data, '\0', len)) {
            memcpy(name, data, len);
            put(f, name, len);
        }
        len += end ? 1 : 0;
        data += len;
        size -= len;
    }
}

/* What stands in a list can be shown, opened, and told from what stands before it. */
static void check_folder(const struct folder *f)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct file_text *text;

    for (size_t i = 0; i < f->count; i++) {
        const struct migration *m = &f->migrations[i], *before = i ? m - 1 : NULL;

        if (!m->up.name || !text_is_safe(m->up.name, strlen(m->up.name)))
            abort();
        if (before && before->digits && m->digits && !m->doubtful &&
            digits_compare(before->digits, m->digits) >= 0)
            abort();
        if (before && m->digits && !before->digits)
            abort();
        if (file_text_open(&m->up, false, &text, &err) == DUNLIN_OK)
            file_text_free(text);
        else if (!err.message[0])
            abort();
    }
}

static void list(const struct fuzz_folder *f, uint8_t pick)
{
    const char *const dirs[] = {f->path};
    const struct source_options options = {.unnumbered = pick % 3u, .lenient = (pick & 0x80) != 0};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct source source;
    int rc = source_open_as(dirs, 1, &options, &source, &err);

    if (rc != DUNLIN_OK) {
        if ((rc != DUNLIN_BAD_FILE && rc != DUNLIN_CONFIG) || !err.message[0])
            abort();
        return;
    }
    check_folder(&source.folders[0]);
    source_close(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_folder f;

    if (size == 0 || fuzz_folder_make(&f) != 0)
        return 0;
    put_all(&f, (const char *)data + 1, size - 1);
    list(&f, data[0]);
    fuzz_folder_remove(&f, NULL);
    return 0;
}
