/* SPDX-License-Identifier: MIT */
/* A folder that is written: dunlin's own names for the migrations of another one, and the files
 * under a temporary name until all of them are there. */
#ifndef DUNLIN_SOURCE_CONVERT_H
#define DUNLIN_SOURCE_CONVERT_H

#include <stdbool.h>
#include <sys/types.h>
#include <dunlin/error.h>
#include "base/arena.h"
#include "source/source.h"

/* What a migration is called in a folder of dunlin's own. In the arena. */
struct native_as {
    const char *file;    /* "0001_users.sql", or of a program "0001_users.sh" */
    const char *version; /* as dunlin will read it in that name */
    const char *name;
};

/* Names all migrations of f, in their order, into out. *numbered tells that they do not keep their
 * versions. *behind gets a migration that will run behind others that it stood before, or NULL. */
int native_names(const struct folder *f, struct arena *arena, struct native_as *out, bool *numbered,
                 const struct migration **behind, struct dunlin_error *err);

/* The folder while it is written; set up by new_folder_init. */
struct new_folder {
    struct folder folder;  /* for reading what is there, by its later path */
    const char *path;      /* where it is to be, links resolved */
    const char *temporary; /* where it is meanwhile; NULL = nowhere */
    bool exists;           /* path is there, and empty */
    mode_t mode;           /* .. and has these rights */
    bool published;
};

/* Whether path can become a folder beside from: it is absent or empty, and not inside. */
int new_folder_init(struct new_folder *n, const char *path, const struct folder *from,
                    struct arena *arena, struct dunlin_error *err);
/* Creates it under its temporary name. */
int new_folder_create(struct new_folder *n, struct arena *arena, struct dunlin_error *err);
/* Creates a file in it, which may lie in a sub-folder. mode is 0666, with 0111 for a program. */
int new_folder_file(struct new_folder *n, const char *name, mode_t mode, int *fd,
                    struct dunlin_error *err);
/* Gives it its name. Never replaces anything but an empty folder. */
int new_folder_publish(struct new_folder *n, struct dunlin_error *err);
/* Removes it, whatever name it has by now. */
void new_folder_withdraw(struct new_folder *n);
/* Removes what is not published; n can be all 0. */
void new_folder_free(struct new_folder *n);

#endif
