/* SPDX-License-Identifier: MIT */
/* A folder for one test, removed with everything in it. A failed step ends the test. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

struct scratch {
    char path[256];
};

/* Makes an empty folder below $TMPDIR. */
void scratch_make(struct scratch *s);
void scratch_remove(struct scratch *s);
/* "folder/name"; good until the next call but three. */
const char *scratch_path(struct scratch *s, const char *name);
/* Writes a file; the folders on its way are made. */
void scratch_write(struct scratch *s, const char *name, const void *data, size_t len);
/* The same, compressed. */
void scratch_gzip(struct scratch *s, const char *name, const void *data, size_t len);
/*
 * Makes one thing from a short description: "name" an empty file, "name/" a folder, "name>target"
 * a symbolic link, "name|" a named pipe, "name=" a socket.
 */
void scratch_add(struct scratch *s, const char *what);

#endif
