/* SPDX-License-Identifier: MIT */
/*
 * Folders and files: which migrations there are, in what order, and their bytes. Knows nothing of
 * statements or databases. A layout says what the files of a folder mean.
 */
#ifndef DUNLIN_SOURCE_SOURCE_H
#define DUNLIN_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <dunlin/error.h>
#include "base/arena.h"
#include "base/checksum.h"
#include "base/stream.h"

#define FILE_IN_MEMORY_MAX (4u * 1024u * 1024u) /* larger files are streamed, twice */
#define FILE_BLOCK_SIZE 65536u

enum unnumbered { UNNUMBERED_ERROR = 0, UNNUMBERED_LAST, UNNUMBERED_IGNORE };
enum migration_kind { MIGRATION_VERSIONED = 0, MIGRATION_REPEATABLE, MIGRATION_UNNUMBERED };

struct folder;
struct layout;

/* What a text without marks is. */
enum file_part {
    PART_BY_NAME = 0, /* up; as an .up.sql or .down.sql that half of it */
    PART_UP,
    PART_DOWN
};

/* Queries that a migration asks first: each has to answer with this text. */
struct guard {
    const char *sql, *expected;
    uint32_t line;
};
/* What becomes of the migration when one does not. */
enum guard_end {
    GUARD_HALT = 0,  /* it fails */
    GUARD_PASS_OVER, /* it waits for the next run */
    GUARD_MARK,      /* it counts as applied, and nothing of it runs */
    GUARD_WARN       /* it runs */
};
struct guards {
    const struct guard *list;
    size_t count;
    enum guard_end on_answer, on_error; /* another answer; none, because the query failed */
};

/* A file of a folder. */
struct source_file {
    struct folder *folder;
    const char *name; /* inside the folder: "003_users.up.sql", "hooks/connect.sql" */
    const char *path; /* folder path as the user gave it + name: for messages */
    bool gzip;
    bool program; /* not SQL: it is run */
    enum file_part part;
    /* What stands for marks that it does not have, as on a mark's line; NULL = none. */
    const char *options;
    uint32_t first_line, last_line; /* of the text that is meant; 0, 0 = all of it */
    const void *extra;              /* what its layout knows of it */
};

struct migration {
    enum migration_kind kind;
    bool doubtful;      /* lenient: one of several of this version */
    bool listed;        /* its place is where a list names it, whatever its number */
    bool always;        /* a repeatable that every run repeats */
    const char *source; /* label */
    const char
        *version;       /* as in the file name; a repeatable's and an unnumbered one's whole stem */
    const char *digits; /* version without leading zeros, "0" for none; NULL without a number */
    const char *name;   /* "create_users"; never NULL, may be empty */
    struct source_file up;
    struct source_file down;     /* a .down.sql of its own; name NULL = there is none */
    const char *key;             /* what its tool's table knows it by; NULL = version */
    const char *title;           /* what its tool's table calls it; NULL = name */
    const char *place;           /* file and line, where it is a part of its file; NULL = up.path */
    const struct guards *guards; /* NULL = none */
    const void *extra;           /* what its layout and its tool's table know of it */
};

/* What a lenient listing passed over instead of failing. */
struct source_problem {
    struct dunlin_error error;
    const char *source; /* label */
    bool duplicate;
    struct source_problem *next;
};

/* Files in a language that dunlin does not run. */
enum foreign_code { FOREIGN_CODE_REFUSE = 0, FOREIGN_CODE_SKIP, FOREIGN_CODE_EXEC };

enum hook {
    HOOK_CONNECT = 0,
    HOOK_BEFORE_ALL,
    HOOK_BEFORE_EACH,
    HOOK_AFTER_EACH,
    HOOK_AFTER_ALL,
    HOOK_COUNT
};

/* One folder, open (a directory descriptor is kept, so that what was listed is what is read). */
struct folder {
    const char *label, *path;
    const char *real; /* absolute path without links: for judging symbolic links */
    const struct layout *layout;
    int fd;
    struct migration *migrations; /* in the order in which they run */
    size_t count;
    struct source_file hooks[HOOK_COUNT]; /* name NULL = there is none */
    bool allow_exec;                      /* its programs may run; set by whoever opened it */
    enum foreign_code foreign_code;       /* what becomes of files in other languages */
    const char *engine;                   /* the scheme of the database's URL; NULL = not known */
    const char *skipped; /* names of those that are passed over, each with its NUL, and another NUL
                          * behind them; NULL = none */
    const char *const *environment; /* "NAME=VALUE", NULL at the end; NULL = empty */
    const char *history_table;      /* where its tool's settings say that its history is */
    const char *history_schema;     /* .. or in which schema, whatever it is called */
    uint64_t lex;                   /* DUNLIN_LEX_* of the engine, once it is known */
    const char *recognised;         /* what told the layout; NULL = it was named, or own */
    struct source *lenient;         /* takes what is refused, NULL = the listing fails */
    bool kept; /* its texts are written down, and must not depend on the environment */
};

struct source {
    struct arena arena;
    struct folder *folders;
    size_t count;
    struct source_problem *problems; /* lenient only; the newest first */
};

/* Lists every folder. dirs are "[LABEL=]PATH"; ndirs 0 means "migrations". On failure nothing is
 * left open, and *out needs no close. Errors name both files of a conflict and carry a hint. */
int source_open(const char *const *dirs, size_t ndirs, enum unnumbered unnumbered,
                struct source *out, struct dunlin_error *err);
struct source_options {
    enum unnumbered unnumbered;
    const char *layout; /* of every folder; NULL or "auto" looks into each */
    enum foreign_code foreign_code;
    const char *engine;             /* of the folders, as there */
    const char *const *environment; /* the same */
    bool lenient;                   /* files that would be refused are collected in problems */
};
int source_open_as(const char *const *dirs, size_t ndirs, const struct source_options *options,
                   struct source *out, struct dunlin_error *err);
/* For layouts: keeps *err as a problem where f is lenient, and returns DUNLIN_OK; else rc. */
int source_refused(const struct folder *f, int rc, bool duplicate, struct dunlin_error *err);
void source_close(struct source *s);

/* For qsort() of pointers to migrations. */
int migration_by_version(const void *a, const void *b);
/* Compares two digit strings without leading zeros as numbers: <0, 0, >0. */
int digits_compare(const char *a, const char *b);
/* Points behind the leading zeros of a digit text ("000" gives "0"). */
const char *digits_trim(const char *text);

/*
 * The bytes of one file. Small ones are read once and stay in memory; a large one is read twice,
 * hashed in its first reading and compared with that, block by block and before a block is handed
 * out, in later ones: so that what was hashed is what runs.
 */
struct file_text;

/* Opens; a small text is read and hashed. Of a large one the first stream, from offset 0, hashes,
 * and has to be read to its end before there is a checksum, a size or another stream. keep = there
 * will be streams (else file_text_read() is of more use). */
int file_text_open(const struct source_file *file, bool keep, struct file_text **out,
                   struct dunlin_error *err);
/* Opens, reads and hashes; keep = the text will be needed (else only checksum and size are kept).
 */
int file_text_read(const struct source_file *file, bool keep, struct file_text **out,
                   struct dunlin_error *err);
/* Only the checksum. known is the one that it probably has, or NULL: then less is asked of the
 * system. block is room for FILE_BLOCK_SIZE bytes, used again from file to file. Several threads
 * may do this at a time. */
int file_checksum(const struct source_file *file, const char *known, char *block,
                  char out[CHECKSUM_SIZE], struct dunlin_error *err);
/* For a large text that nothing was read of: its checksum is left to the reading in which it runs,
 * where the database is the slower one. Until then it is "". */
void file_text_late(struct file_text *t);
/* The next stream is that reading; nothing else is read in between. */
void file_text_hash_next(struct file_text *t);
/* Reads what the stream has left, and the checksum is there. */
int file_text_hash_end(struct file_text *t, struct dunlin_error *err);
/* Reads it once more for the checksum alone. */
int file_text_hash(struct file_text *t, struct dunlin_error *err);
void file_text_free(struct file_text *t);                  /* NULL is allowed */
const char *file_text_checksum(const struct file_text *t); /* "v1:sha256:..", "" = not yet */
uint64_t file_text_size(const struct file_text *t);        /* bytes, BOM and CR included */
bool file_text_in_memory(const struct file_text *t);
/* A stream of the text from a byte offset. A BOM is never given out and never counted: offset 0 is
 * the first byte behind it, so that the offsets of a lexer that read the stream fit. Only one at a
 * time, only with keep; valid as long as the text. */
int file_text_stream(struct file_text *t, uint64_t offset, struct stream **out,
                     struct dunlin_error *err);
/* The line with this number, without line end, cut to size. DUNLIN_NO (and an empty text) when
 * there is no such line or the text was not kept, any other failure when it cannot be had. */
int file_text_line(struct file_text *t, uint32_t line, char *to, size_t size,
                   struct dunlin_error *err);

/* What `new` creates. */
struct new_file {
    const char *name;      /* as the user typed it: any text */
    const char *timestamp; /* 14 digits UTC, or NULL: take the next number of the sequence */
    bool pair;             /* .up.sql and .down.sql */
};
/* Creates the next file(s), never over an existing one, and the folder where there is none. dir is
 * "[LABEL=]PATH", NULL means "migrations". paths gets one or two paths, in the arena. */
int source_new(const char *dir, const struct new_file *what, struct arena *arena,
               const char *paths[2], struct dunlin_error *err);

/* ---- renumber.c ---- */

#define VERSION_TEXT_SIZE 42 /* 40 digits, one that 9 + 1 may add, NUL */

/* The highest number so far. */
struct numbering {
    char highest[VERSION_TEXT_SIZE]; /* without leading zeros, "" = none */
    size_t width;                    /* as it was written */
};
void numbering_init(struct numbering *n);
void numbering_seen(struct numbering *n, const char *version);
/* The next number: now (14 digits) where the highest is a time, and before it; else one more. False
 * when there is none. */
bool numbering_next(struct numbering *n, const char *now, char version[VERSION_TEXT_SIZE]);
/* Gives the files of m that number. to gets one or two paths, in the arena. */
int source_renumber(const struct migration *m, const char *version, bool dry, struct arena *arena,
                    const char *to[2], struct dunlin_error *err);

#endif
