/* SPDX-License-Identifier: MIT */
/* Formatted SQL of Liquibase: what its files have in common. Each file is read once, when the
 * folder is listed; what becomes of each line is decided then. */
#ifndef DUNLIN_SOURCE_LAYOUTS_LIQUIBASE_H
#define DUNLIN_SOURCE_LAYOUTS_LIQUIBASE_H

#include "base/buf.h"
#include "source/listing.h"

/* ---- a changelog: all files of a folder, in order ---- */

/* A value for ${name}. Of those that all files know the first counts, of a file's own the last. */
struct changelog_property {
    const char *name, *value;
    const char *file; /* whose own it is; NULL = all files know it */
    const struct changelog_property *before;
};

struct changelog {
    struct listing list;
    const struct changelog_property *properties; /* the newest */
    unsigned depth;                              /* of files that include each other */
    bool others;                                 /* files of another kind are passed over */
};

/* A place in a file, for messages. */
struct changelog_place {
    const struct folder *folder;
    const char *file;
    uint32_t line;
};
int changelog_refuse(const struct changelog_place *at, struct dunlin_error *err, const char *hint,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
int changelog_set(struct changelog *c, const char *name, const char *value, const char *file,
                  struct dunlin_error *err);
/* Appends the text with its properties replaced; one without a value is refused. */
int changelog_expand(const struct changelog *c, const struct changelog_place *at, const char *text,
                     size_t len, struct buf *out, struct dunlin_error *err);
/* The same as a text of its own. */
int changelog_text(struct changelog *c, const struct changelog_place *at, const char *text,
                   size_t len, const char **out, struct dunlin_error *err);
/* What stands behind "--property". */
int changelog_property(struct changelog *c, const struct changelog_place *at, const char *text,
                       size_t len, struct dunlin_error *err);
/* Whether a list such as "postgresql,!mysql" means the engine that the folder is for. */
bool changelog_dbms(const struct folder *f, const char *list);

/* ---- liquibase-text.c ---- */

/* Adds the changesets of a file of formatted SQL; path is what the table calls it. */
int changelog_sql(struct changelog *c, const char *file, const char *path,
                  struct dunlin_error *err);
/* Whether the text begins as one. */
bool changelog_is_sql(const char *text, size_t len);

/* ---- liquibase-root.c ---- */

/* Adds what a changelog in XML or YAML includes. */
int changelog_root(struct changelog *c, const char *file, struct dunlin_error *err);
/* Adds a file by its kind; one that another file names has to be of a kind that can be read. */
int changelog_file(struct changelog *c, const char *file, bool named, struct dunlin_error *err);

/* ---- liquibase-markup.c ---- */

#define ELEMENT_ATTRIBUTES 8u

/* An element of a changelog in XML or YAML. */
struct element {
    const char *name;
    const char *names[ELEMENT_ATTRIBUTES], *values[ELEMENT_ATTRIBUTES];
    size_t count;
};
struct scan {
    struct changelog *c;
    struct changelog_place at;
    const char *text, *end; /* what is left; it ends with NUL */
    bool changesets;        /* one that cannot run was told of */
};
char *scan_copy(struct scan *s, const char *text, size_t len);
int scan_xml(struct scan *s, struct dunlin_error *err);
int scan_yaml(struct scan *s, struct dunlin_error *err);
/* What an element says is done. */
int scan_element(struct scan *s, const struct element *e, struct dunlin_error *err);

/* ---- changesets: liquibase-attribute.c ---- */

enum { SHOWN_UP = 1, SHOWN_DOWN = 2 };

struct changeset_line {
    const char *text; /* that stands in its place; NULL = its own */
    uint32_t crc;     /* of its own: a file that changes while it is read is found out */
    uint32_t shown;   /* in which scripts */
};

/* One of the two scripts of a changeset. */
struct changeset_script {
    const struct changeset *of;
    uint32_t shown;
    const char *head; /* in place of its first line */
};

struct changeset {
    const char *id, *author, *path; /* as the table knows it */
    const char *comment, *contexts, *labels;
    const char *dbms;
    const char *given_delimiter;                /* as it stands there; NULL = none, and so for */
    const char *delimiter, *rollback_delimiter; /* .. what it means */
    const char *valid;                          /* checksums that are accepted, in lines */
    bool split, split_v8, strip, rollback_split;
    bool on_change, always, no_transaction, ignored;
    uint32_t first_line;
    enum { ROLLBACK_NONE = 0, ROLLBACK_SQL, ROLLBACK_NOTHING, ROLLBACK_OTHER } rollback;
    const char *rollback_key; /* ROLLBACK_OTHER: of the changeset whose SQL it is */
    struct guards guards;
    struct changeset_line *lines;
    uint32_t nlines;
    struct changeset_script up, down;
    char v9[36], v8[36]; /* checksums */
};

/* Takes the line "--changeset author:id attribute:value .." apart. */
int changeset_head(struct changelog *c, const struct changelog_place *at, const char *text,
                   size_t len, const char *path, struct changeset *out, struct dunlin_error *err);
/* The line behind "--preconditions", and behind "--precondition-": what has to be checked. */
int changeset_preconditions(struct changelog *c, const struct changelog_place *at, const char *text,
                            size_t len, struct changeset *out, struct dunlin_error *err);
int changeset_precondition(struct changelog *c, const struct changelog_place *at, const char *text,
                           size_t len, struct changeset *out, struct dunlin_error *err);
/* ---- liquibase-changeset.c ---- */

/* Without blank and control characters at both ends. */
void changeset_trim(const char **text, size_t *len);
/* The checksums over its trimmed SQL; last = the file ends with it. */
void changeset_sums(struct changeset *s, const char *sql, size_t len, bool last);
/* What its rollback is: text holds all lines of it. */
int changeset_rollback(struct changelog *c, const struct changelog_place *at, struct changeset *s,
                       const char *text, size_t len, struct dunlin_error *err);
/* Makes a migration of it. */
int changeset_add(struct changelog *c, const struct changelog_place *at, struct changeset *s,
                  struct dunlin_error *err);

/* ---- liquibase-line.c ---- */

enum directive_kind {
    DIRECTIVE_NONE = 0, /* a line of SQL */
    DIRECTIVE_CHANGESET,
    DIRECTIVE_PROPERTY,
    DIRECTIVE_COMMENT,
    DIRECTIVE_VALID,
    DIRECTIVE_ROLLBACK,
    DIRECTIVE_ROLLBACK_OPEN, /* a block comment that holds one */
    DIRECTIVE_PRECONDITIONS,
    DIRECTIVE_PRECONDITION,
    DIRECTIVE_IGNORE,
    DIRECTIVE_WRONG, /* inside a changeset; text is what it should be */
    DIRECTIVE_SLIP   /* the same, wherever it stands */
};
struct directive {
    enum directive_kind kind;
    const char *text; /* what stands behind its word */
    size_t len;
};
void directive_of(const char *line, size_t len, struct directive *out);

/* "name:value" or name:"a value"; false at the end. *bad = there is no name. */
struct attribute {
    const char *name, *value;
    size_t name_len, value_len;
};
bool attribute_next(const char **text, size_t *len, struct attribute *out);
bool text_is(const char *text, size_t len, const char *word); /* whatever the case */

/* Where a script is in quotes or comments. */
struct quoting {
    char open; /* 0 = not, else the quote, '*' a comment, '$' a dollar quote */
    char tag[64];
    size_t tag_len;
};
/* Moves over a part of a line; false = its end is in quotes or a comment. */
bool quoting_over(struct quoting *q, const char *text, size_t len);

/* Where the statement ends that a line holds, by the delimiter, in lower case, of the changeset
 * (NULL = "go" or "/" alone). len = it does not. */
size_t delimiter_at(const char *line, size_t len, const char *delimiter, struct quoting *q);

/* ---- liquibase-script.c: a file on its way ---- */

#define CHANGELOG_MAX (64u * 1024u * 1024u) /* bytes of a file */

struct reading {
    struct changelog *c;
    struct changelog_place at;
    const char *path;
    struct changeset *set;    /* the one at hand; NULL = none has begun */
    struct buf lines;         /* struct changeset_line of it */
    struct buf sql, rollback; /* with properties replaced */
    struct quoting quoting, rollback_quoting;
    uint32_t last; /* line of it that is not blank */
    uint32_t skip; /* lines to ignore; UINT32_MAX = up to the end */
    bool block;    /* in a block comment that is a rollback */
    bool client;   /* the delimiter is told to the lexer, which knows better where it stands */
};

/* A line begins another changeset: d is its directive. */
int reading_begin(struct reading *r, const char *line, size_t len, const struct directive *d,
                  struct dunlin_error *err);
/* The one at hand has ended; last = with its file. */
int reading_end(struct reading *r, bool last, struct dunlin_error *err);
/* Keeps a line of it: shown in these scripts, with this text in its place (NULL = its own). */
int reading_keep(struct reading *r, const char *line, size_t len, uint32_t shown, const char *text,
                 struct dunlin_error *err);
/* A line of a script: from behind how much of the line, with properties and delimiters dealt with.
 * What is left away in front of it becomes blank, so that columns stay. */
int reading_line(struct reading *r, const char *line, size_t len, size_t from, bool down,
                 struct dunlin_error *err);
/* A line of a rollback in a comment, which ends it maybe. */
int reading_block(struct reading *r, const char *line, size_t len, struct dunlin_error *err);

#endif
