/* SPDX-License-Identifier: MIT */
/* What the layouts of other tools have in common: collecting the migrations of a folder, taking
 * their names apart, and putting them in order. */
#ifndef DUNLIN_SOURCE_LISTING_H
#define DUNLIN_SOURCE_LISTING_H

#include "base/buf.h"
#include "source/folder.h"
#include "source/layout.h"

/* The migrations of a folder so far. */
struct listing {
    struct folder *folder;
    struct arena *arena;
    struct migration *list;
    size_t count, cap;
    struct buf foreign; /* names of files in other languages */
    size_t nforeign;
    struct buf skipped; /* those that are passed over, each with its NUL */
    void *user;         /* the layout's own */
};

#define LISTING_INIT(folder_, arena_)                                                              \
    {                                                                                              \
        .folder = (folder_), .arena = (arena_), .foreign = BUF_INIT(4096),                         \
        .skipped = BUF_INIT(16u * 1024u * 1024u)                                                   \
    }

/* Another migration, known by version (copied), or NULL when out of memory. Pointers to those
 * before it are no longer valid. Versions that do not suit the history are refused by
 * listing_done(). */
struct migration *listing_add(struct listing *l, const char *version, size_t len);
/* Fills in a file of the folder (name is copied). */
int listing_file(struct listing *l, const char *name, enum file_part part, struct source_file *out,
                 struct dunlin_error *err);
/* A copy of a text in the arena, with every byte of from changed into to (0 = none). */
char *listing_text(struct listing *l, const char *text, size_t len, char from, char to);
/* Whether a name ends as one of a file in another language: .go .ts .js .rb and the like. */
bool code_name(const char *name);
/* Notes a file in another language, if it is one by its name. With FOREIGN_CODE_EXEC it becomes a
 * migration that is a program. */
bool listing_foreign(struct listing *l, const char *name, int *rc, struct dunlin_error *err);

/* Calls take with every file of the folder and of those below it: way is "sub/name", base its last
 * part. dunlin's own hooks are passed over. */
typedef int (*listing_take_fn)(const char *way, const char *base, void *user,
                               struct dunlin_error *err);
int listing_walk(const struct folder *f, listing_take_fn take, void *user,
                 struct dunlin_error *err);
/* Where each file was added as a migration with either up or down: joins those that have the same
 * key (where there is none the same version), and puts them in its order, as numbers. Two of one
 * direction are refused; a lenient listing keeps the first. */
int listing_join(struct listing *l, struct dunlin_error *err);
/* A file downwards without one upwards is an error; up is what such a one is called. It is dropped by
 * a lenient listing, and where it may belong to a file in another language that is refused. */
int listing_refuse_halves(struct listing *l, const char *up, struct dunlin_error *err);

/* In the order of compare, which qsort() calls with two struct migration; NULL = as they were
 * added. */
typedef int (*listing_order)(const void *a, const void *b);
/* Sorts, refuses two of one version and files in other languages, and hands everything over to the
 * folder. Frees what the listing holds, also on failure; rc is what came before it. */
int listing_done(struct listing *l, listing_order order, int rc, struct dunlin_error *err);

/* ---- orders ---- */

int by_number(const void *a, const void *b); /* the number of the version, then its bytes */
int by_name(const void *a, const void *b);   /* bytes of the version */
int by_locale(const void *a, const void *b); /* JavaScript's localeCompare of the version */
int by_file(const void *a, const void *b);   /* bytes of the up file's name */
int locale_compare(const char *a, const char *b);

/* ---- names ---- */

/* How many digits the text begins with. */
size_t leading_digits(const char *text);
/* Whether the name has this end; *stem gets the length of what stands before it. */
bool name_ends(const char *name, const char *end, size_t *stem);
/* The last extension ("" = none), which stands in the name. */
const char *name_extension(const char *name);

/* ---- lines of a small file ---- */

/* The next line of a text that ends with NUL: *line without its end, *len its length. *at moves
 * behind it. False at the end. */
bool next_line(const char **at, const char **line, size_t *len);

#endif
