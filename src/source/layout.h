/* SPDX-License-Identifier: MIT */
/*
 * A layout: what the files of a folder mean. dunlin's own is one; each of the others is that of a
 * tool whose folders are run as they are. A layout owns which migrations there are, what each is
 * known by, and their order; and it says what the lines mean that are directives in that tool.
 */
#ifndef DUNLIN_SOURCE_LAYOUT_H
#define DUNLIN_SOURCE_LAYOUT_H

#include <dunlin/error.h>
#include "base/arena.h"
#include "source/source.h"

#define FOREIGN_SUM_SIZE 160 /* of the text that a tool calls a checksum */

struct rewrite;

/* A look at a folder: some of its entries, as the system gives them, and what some of its SQL files
 * begin with. */
struct glance {
    const struct folder *folder;
    struct {
        char name[256];
        bool folder;
    } entries[64];
    size_t count;
    char *heads; /* lines; NULL = nothing was read yet */
    bool failed;
};
/* Whether a line in the beginning of one of the files begins with this text. */
bool glance_line(struct glance *g, const char *start);
/* Whether a sub-folder has a file of this name. */
bool glance_below(const struct glance *g, const char *name);
/* Whether one of the files has a name of which this is true. */
bool glance_name(const struct glance *g, bool (*is)(const char *name));
/* Whether there is a folder for each migration, as two tools have it. */
bool glance_migrations(const struct glance *g);
#define GLANCE_MIGRATIONS "its folders with a migration.sql"

struct layout {
    const char *name;
    const char *tool;   /* as its users call it; NULL = dunlin itself */
    bool breakpoints;   /* "--> statement-breakpoint" ends a statement; files have no sections */
    bool listed;        /* the order is that of the list, and a migration is known by its whole
                         * version: also a number is no number */
    bool by_time;       /* the tool passes over what is not newer than what it applied last */
    bool dash_comments; /* "--" begins a comment also on MySQL, whatever stands behind it */
    bool whole_lines;   /* rewrite sees each line whole; otherwise the start of a long one */
    /* What tells that the folder is of this tool, for messages; NULL = nothing does. Only what is
     * no folder of dunlin's own, or would not run as one. */
    const char *(*recognise)(struct glance *g);
    /* Fills migrations (in the order in which they run), count and hooks of an open folder. */
    int (*list)(struct folder *f, enum unnumbered unnumbered, struct arena *arena,
                struct dunlin_error *err);
    /* Deals with one line of a file, without its end; or, with NULL, with the end of the file. A
     * line that it does nothing about stays as it is. NULL = the text is read as it is. */
    int (*rewrite)(struct rewrite *w, const char *line, size_t len, struct dunlin_error *err);
    /* What the tool keeps as checksum of a migration; NULL = it keeps none. */
    int (*checksum)(const struct migration *m, char out[FOREIGN_SUM_SIZE],
                    struct dunlin_error *err);
    /* Whether a row that speaks for everything up to key speaks for this migration. NULL = key is
     * one of the folder's own, and the order of the folder tells. */
    bool (*reached)(const struct migration *m, const char *key);
    /* Whether the key of a row is one of a migration in a form that this layout does not read, be
     * its file there or not; NULL = only a file can tell. */
    bool (*elsewhere)(const char *key);
    /* Whether a stored checksum is one of this migration although it is not the one of above; NULL
     * = it never is. */
    int (*accepts)(const struct migration *m, const char *stored, bool *same,
                   struct dunlin_error *err);
};

extern const struct layout native_layout;

/* All of them, NULL at the end; the first is dunlin's own. */
extern const struct layout *const layouts[];
/* The one of that name, or NULL. */
const struct layout *layout_named(const char *name);
/* The one that the folder is of. Fails where it may be of two, or of one that there is no telling
 * from another, and asks for the name. *why gets what told it, NULL for dunlin's own. */
int layout_recognise(struct folder *f, const struct layout **out, const char **why,
                     struct dunlin_error *err);
/* What the folder was taken for, and why, as a sentence; false where somebody said what it is, or
 * it is dunlin's own. */
bool layout_reason(const struct folder *f, char *text, size_t size);
/* Where a folder of dunlin's own has no migration at all: whether there is something in it that
 * looks as if it were one to somebody else, or may hold some. *name gets the first such entry. */
bool layout_overlooks(const struct folder *f, char name[256], bool *folder);
/* Whether it is one of dunlin's own: in a folder of its own, or a hook in any. */
bool layout_is_own(const struct source_file *file);
/* Whether its texts are not dunlin's own as they stand in the file. */
bool layout_rewrites(const struct source_file *file);

extern const char *const hook_names[HOOK_COUNT]; /* "connect" .. */
/* Fills the hooks of an open folder. */
int native_hooks(struct folder *f, struct arena *arena, struct dunlin_error *err);

#define VERSION_DIGITS_MAX 40

/* What the name of a file says in the native layout. Texts are in the arena or in the name. */
enum file_role { ROLE_SINGLE = 0, ROLE_UP, ROLE_DOWN };
struct native_name {
    const char *file; /* as in the folder */
    const char *path; /* with the folder; NULL unless it was listed */
    enum migration_kind kind;
    enum file_role role;
    bool gzip;
    bool program;
    const char *version, *digits, *name; /* as in struct migration */
    size_t ndigits;                      /* length of digits */
};

/* Takes a name apart for which sql_file_name or program_name is true. Fails only for a version with
 * too many digits, a repeatable that is half of a pair, and out of memory. */
int native_parse(const char *file, const struct folder *f, struct arena *arena,
                 struct native_name *out, struct dunlin_error *err);

#endif
