/* SPDX-License-Identifier: MIT */
/* Small text files of the user: read whole, with a cap, and not from where anybody can write. */
#ifndef DUNLIN_CLI_FILE_H
#define DUNLIN_CLI_FILE_H

#include <stdbool.h>
#include <dunlin/error.h>
#include "base/buf.h"

#define SETTINGS_FILE_MAX (1024u * 1024u)

/* Reads a file into text. named: the user asked for it, so that it must be there, and may be a
 * pipe; otherwise a missing file is *found = false and DUNLIN_OK. Fails on a file that everybody
 * can write, on one over SETTINGS_FILE_MAX, and on NUL bytes. */
int file_read(const char *path, bool named, struct buf *text, bool *found,
              struct dunlin_error *err);

#endif
