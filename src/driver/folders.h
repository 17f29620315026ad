/* SPDX-License-Identifier: MIT */
/* Where modules lie: the folders of a driver path, the files in them, and whether to trust one. */
#ifndef DUNLIN_DRIVER_FOLDERS_H
#define DUNLIN_DRIVER_FOLDERS_H

#include <dunlin/error.h>
#include "base/arena.h"

/* Splits "FOLDER:FOLDER" (NULL = the installed folder) into a NULL-terminated list without empty
 * and repeated ones. A relative folder is a CONFIG error: it would mean another one in every
 * working folder. */
int folders_split(const char *path, struct arena *arena, const char *const **out,
                  struct dunlin_error *err);
/* The names of the files *.so in a folder, without .so, sorted, NULL-terminated. A folder that does
 * not exist holds none. */
int folder_modules(const char *folder, struct arena *arena, const char *const **out,
                   struct dunlin_error *err);
/* "FOLDER/NAME.so"; NULL when out of memory. */
const char *module_path(const char *folder, const char *name, struct arena *arena);
/* Refuses a file that somebody else could have put there or can change: *real is the path to load
 * when nobody can. */
int module_trusted(const char *file, struct arena *arena, const char **real,
                   struct dunlin_error *err);

#endif
