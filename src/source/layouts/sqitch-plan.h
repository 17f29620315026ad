/* SPDX-License-Identifier: MIT */
/*
 * sqitch.plan: the changes of a project in their order, with what each requires and conflicts with,
 * and the tags behind them. Each is known by a SHA-1 over all that the plan says of it, its
 * predecessor's included.
 */
#ifndef DUNLIN_SOURCE_LAYOUTS_SQITCH_PLAN_H
#define DUNLIN_SOURCE_LAYOUTS_SQITCH_PLAN_H

#include <dunlin/error.h>
#include "base/arena.h"
#include "source/source.h"

#define SQITCH_PLAN "sqitch.plan"
#define SQITCH_CONF "sqitch.conf"
#define SQITCH_ID_SIZE 41 /* SHA-1 in hex, and NUL */

/* When and by whom a line was planned, and why. */
struct sqitch_planned {
    const char *date; /* "2026-03-01T08:00:00Z" */
    const char *name, *email;
    const char *note; /* never NULL */
};

struct sqitch_change;

struct sqitch_depend {
    bool conflict;
    const char *text;               /* as the registry has it, without "!" */
    const char *project;            /* another one; NULL = the plan's own */
    const char *change, *tag;       /* NULL = not given; the tag without "@" */
    const char *id;                 /* given instead of these */
    const struct sqitch_change *on; /* NULL = it is not in this plan */
};

struct sqitch_tag {
    const char *name; /* with "@" */
    struct sqitch_planned planned;
    size_t change; /* index of the one that it stands behind */
    uint32_t line;
    char id[SQITCH_ID_SIZE];
};

struct sqitch_plan;
struct sqitch_change {
    const struct sqitch_plan *plan;
    const char *name;
    struct sqitch_planned planned;
    struct sqitch_depend *depends; /* what is required comes first */
    size_t ndepends;
    size_t first_tag, ntags; /* of the plan's tags */
    size_t reworked;         /* index of the change that replaces it; 0 = none does */
    unsigned copy;           /* of those with its name, in their order: 1, and when reworked 2 .. */
    uint32_t line;
    char id[SQITCH_ID_SIZE];
};

struct sqitch_plan {
    const struct folder *folder;
    const char *path; /* for messages */
    struct arena *arena;
    const char *project;
    const char *uri; /* NULL = none */
    struct sqitch_change *changes;
    size_t count;
    struct sqitch_tag *tags;
    size_t ntags;
};

/* Reads and checks the folder's plan; what it points to is in the arena. */
int sqitch_plan_read(const struct folder *f, struct arena *arena, struct sqitch_plan **out,
                     struct dunlin_error *err);
/* An error about a line of the plan, with a hint (NULL = none). */
int sqitch_refuse(const struct sqitch_plan *p, uint32_t line, struct dunlin_error *err,
                  const char *hint, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* ---- sqitch-line.c ---- */

/* A line as it stands there; name and depends (what is in the brackets) are borrowed from it. */
struct sqitch_line {
    bool tag;
    const char *name, *depends; /* depends NULL = none */
    size_t name_len, depends_len;
    struct sqitch_planned planned;
};
int sqitch_line_parse(const struct sqitch_plan *p, uint32_t number, const char *text, size_t len,
                      const char *note, size_t note_len, struct sqitch_line *out,
                      struct dunlin_error *err);

/* ---- sqitch-depend.c ---- */

/* Whether these bytes are a name that sqitch takes, for a project, a change or a tag. */
bool sqitch_name(const char *text, size_t len);
/* What stands in the brackets of a change. */
int sqitch_depends(struct sqitch_plan *p, struct sqitch_change *c, const char *text, size_t len,
                   struct dunlin_error *err);
/* Finds what every change depends on, and refuses what would never be fulfilled. */
int sqitch_resolve(struct sqitch_plan *p, struct dunlin_error *err);

/* ---- sqitch-id.c ---- */

/* Whether its canonical form is known. */
bool sqitch_uri(const char *text, size_t len);
/* Fills in the ids of all changes and tags. */
int sqitch_identify(struct sqitch_plan *p, struct dunlin_error *err);

/* ---- sqitch-conf.c ---- */

/* The last value of a key in the text of a sqitch.conf, without its quotes; line (may be NULL) gets
 * where it stands. False where there is none, or it does not fit. */
bool sqitch_conf_value(const char *text, const char *section, const char *key, char *out,
                       size_t size, uint32_t *line);
/* The registry's name that it gives for databases with URLs of this scheme (NULL = not known). */
#define SQITCH_VALUE_SIZE 1024
bool sqitch_conf_registry(const char *text, const char *scheme, char out[SQITCH_VALUE_SIZE]);

#endif
