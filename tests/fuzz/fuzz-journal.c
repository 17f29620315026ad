/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as meta/_journal.json in a folder of drizzle-kit that holds a few files: an error that
 * says something, or migrations that all have a file and are named once.
 */
#include <stdint.h>

#include "base/error.h"
#include "source/source.h"
#include "folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_folder(const struct folder *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct migration *m = &f->migrations[i];

        if (!m->listed || !m->key || !m->up.name || strchr(m->up.name, '/'))
            abort();
        for (size_t j = 0; j < i; j++) {
            if (strcmp(m->version, f->migrations[j].version) == 0)
                abort();
        }
    }
}

static void list(const struct fuzz_folder *f, bool lenient)
{
    const char *const dirs[] = {f->path};
    const struct source_options options = {
        .unnumbered = UNNUMBERED_IGNORE, .layout = "drizzle", .lenient = lenient};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct source source;
    int rc = source_open_as(dirs, 1, &options, &source, &err);

    if (rc != DUNLIN_OK) {
        if (rc != DUNLIN_BAD_FILE || !err.message[0])
            abort();
        return;
    }
    check_folder(&source.folders[0]);
    source_close(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_folder f;
    char meta[512];

    if (fuzz_folder_make(&f) != 0)
        return 0;
    if ((size_t)snprintf(meta, sizeof(meta), "%s/meta", f.path) < sizeof(meta) &&
        mkdir(meta, 0700) == 0 && fuzz_folder_write(&f, "meta/_journal.json", data, size) == 0 &&
        fuzz_folder_write(&f, "0000_a.sql", "", 0) == 0 &&
        fuzz_folder_write(&f, "0001_b.sql", "", 0) == 0 &&
        fuzz_folder_write(&f, "\xc3\xa9.sql", "", 0) == 0) {
        list(&f, false);
        list(&f, true);
    }
    fuzz_folder_remove(&f, "meta");
    return 0;
}
