/* SPDX-License-Identifier: MIT */
/*
 * One folder, read through the descriptor that was opened first. Nothing is opened through a
 * symbolic link unless the link stays inside the folder, and nothing but regular files is read.
 */
#ifndef DUNLIN_SOURCE_FOLDER_H
#define DUNLIN_SOURCE_FOLDER_H

#include <stdbool.h>
#include <sys/stat.h>
#include <dunlin/error.h>
#include "base/arena.h"
#include "base/buf.h"
#include "source/source.h"

#define DEFAULT_FOLDER "migrations"
#define LABEL_MAX 64

/* Takes "[LABEL=]PATH" apart. Without a label the first folder is "main", others are called by
 * the last part of their path. label and path are in the arena. */
int folder_spec(const char *spec, bool first, struct arena *arena, struct folder *out,
                struct dunlin_error *err);
/* Opens f->path: sets fd and real. On failure fd is -1. */
int folder_open(struct folder *f, struct arena *arena, struct dunlin_error *err);
void folder_close(struct folder *f);

/* Called with each visible .sql or .sql.gz file; returns a dunlin_status. */
typedef int (*folder_name_fn)(const char *name, void *user, struct dunlin_error *err);
/* Calls visit with the SQL files of the folder, or of a sub-folder of it (a missing sub-folder is
 * empty). Refuses those whose name cannot be shown or that are no files. */
int folder_list(const struct folder *f, const char *sub, folder_name_fn visit, void *user,
                struct dunlin_error *err);

/* Calls visit also with programs: files that are not SQL, have their run bit, and a name that
 * begins with a version number. */
int folder_list_all(const struct folder *f, folder_name_fn visit, void *user,
                    struct dunlin_error *err);

/* Calls visit with every visible file and folder in the folder, or in a sub-folder of it (a missing
 * one is empty); what is neither is passed over. */
typedef int (*folder_entry_fn)(const char *name, bool folder, void *user, struct dunlin_error *err);
int folder_entries(const struct folder *f, const char *sub, folder_entry_fn visit, void *user,
                   struct dunlin_error *err);

/* Whether there is a file, not a folder, of that name. */
bool folder_has(const struct folder *f, const char *name);
/* Whether there is a folder of that name. */
bool folder_has_folder(const struct folder *f, const char *name);
/* The same for what must not be passed over: what cannot be looked at may be there, and whoever
 * opens it then is told why it cannot be read. */
bool folder_lacks(const struct folder *f, const char *name);
bool folder_lacks_folder(const struct folder *f, const char *name);
/* Appends a whole file; one larger than what out may grow to is refused. */
int folder_read(const struct folder *f, const char *name, struct buf *out,
                struct dunlin_error *err);

/* Opens a file for reading and checks that it is one; name may lie in a sub-folder. */
int folder_open_file(const struct folder *f, const char *name, int *fd, struct stat *st,
                     struct dunlin_error *err);

/* Opens whatever has that name and lies right in the folder, without a look at what it is; reading
 * from it does not wait. -1 where that cannot be done, for whatever reason. */
int folder_open_look(const struct folder *f, const char *name);

/* "folder/name", in the arena; NULL when out of memory. */
char *folder_join(const struct folder *f, const char *name, struct arena *arena);

/* Whether the name ends with .sql or .sql.gz; *stem gets the length of what stands before it. */
bool sql_file_name(const char *name, size_t *stem, bool *gzip);
/* Digits and what may stand behind them in the name of a program. *stem gets the length without the
 * extension, *digits how many there are. */
bool program_name(const char *name, size_t *stem, size_t *digits);

#endif
