/* SPDX-License-Identifier: MIT */
/*
 * Stands in for a fuzzing engine in make check: runs a target over the files of its corpus,
 * tests/fuzz/corpus/NAME for the target fuzz-NAME, or over the files and folders given, and says
 * in TAP which ones it came back from.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (1 << 20)

static unsigned count;

static int replay_file(const char *path)
{
    uint8_t *data = malloc(INPUT_MAX);
    FILE *file = fopen(path, "rb");
    size_t size = data && file ? fread(data, 1, INPUT_MAX, file) : 0;
    /* The exact size, so that a sanitizer sees a byte too far. */
    uint8_t *exact = data && file ? malloc(size ? size : 1) : NULL;

    if (file)
        (void)fclose(file);
    if (exact) {
        memcpy(exact, data, size);
        (void)LLVMFuzzerTestOneInput(exact, size);
        printf("ok %u - %s\n", ++count, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
        (void)fflush(stdout);
    } else {
        printf("Bail out! cannot read %s\n", path);
    }
    free(exact);
    free(data);
    return exact ? 0 : 1;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay(const char *path)
{
    struct dirent **names;
    struct stat st;
    int failed = 0;
    int n;

    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return replay_file(path);
    n = scandir(path, &names, visible, alphasort);
    if (n < 0) {
        printf("Bail out! cannot read %s\n", path);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        char inner[4096];

        if (!failed &&
            (size_t)snprintf(inner, sizeof(inner), "%s/%s", path, names[i]->d_name) < sizeof(inner))
            failed = replay(inner);
        free(names[i]);
    }
    free(names);
    return failed;
}

/* program: tests/fuzz/fuzz-NAME, or what libtool makes of it. */
static int replay_corpus(const char *program)
{
    const char *top = getenv("abs_top_srcdir");
    const char *slash = strrchr(program, '/');
    const char *name = strstr(slash ? slash : program, "fuzz-");
    char path[4096];

    if ((size_t)snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", top ? top : ".",
                         name ? name + strlen("fuzz-") : "") >= sizeof(path))
        return 1;
    return replay(path);
}

int main(int argc, char **argv)
{
    int failed = 0;

    if (argc < 2)
        failed = replay_corpus(argv[0]);
    for (int i = 1; i < argc && !failed; i++)
        failed = replay(argv[i]);
    if (!failed)
        printf("1..%u\n", count);
    return failed;
}
