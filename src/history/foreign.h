/* SPDX-License-Identifier: MIT */
/*
 * The tables in which other tools keep what they have applied. What dunlin writes there is what the
 * tool would have written, so that both can take turns. A table is described by statements; only
 * what these cannot say is a function. See history/tools/ for each.
 */
#ifndef DUNLIN_HISTORY_FOREIGN_H
#define DUNLIN_HISTORY_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>
#include <dunlin/driver.h>
#include "base/arena.h"
#include "base/buf.h"

struct folder;
struct history_table;
struct history_entry;
struct migration;
struct sql_var;

/* A row, or what the tool makes of several. */
struct foreign_row {
    const char *key;        /* what the tool knows the migration by, as migration.key has it */
    const char *checksum;   /* NULL = the tool keeps none */
    const char *applied_at; /* "YYYY-MM-DDTHH:MM:SS.mmmZ", NULL = not known */
    const char *note;       /* why it failed; NULL = not known */
    const char *title;      /* another name of it, for adopt --from; NULL = none */
    const char *kind;       /* "versioned" (also for NULL), "repeatable", "baseline" */
    enum {
        FOREIGN_APPLIED = 0,
        FOREIGN_UP_TO, /* applied, as is everything before it, which has no row */
        FOREIGN_FAILED /* begun, and not finished: the tool refuses to go on */
    } state;
};

struct foreign_rows {
    bool exists; /* the table does */
    struct foreign_row *rows;
    size_t count;
    const struct folder *folder; /* that they are about */
    const void *extra;           /* what fold keeps for more */
    const char *outdated; /* why it can be taken over, but not be shared; NULL = it can; by fold */
};

/*
 * The table on one engine. Several statements are parted by "\n;\n". In statements {table} and
 * {schema} stand for the quoted names, {name} for the table's between quotes of the statement's
 * own; {key}, {checksum}, {title}, {file}, {version}, {user} and {previous} for values of the
 * migration, as literals, NULL where there is none; {position} for its number in the folder's
 * order, {total} for how many statements it has; {lock} for what lock_name gave; {=} for the
 * engine's own operator, whatever the search path says; {marked} for TRUE where nothing of the
 * migration ran.
 */
struct foreign_on {
    const char *table; /* "[SCHEMA.]NAME" by default; NULL = the tool does not know this engine */
    const char *create;
    /* One query with up to 6 columns: key, checksum, state ("applied", "upto", "failed"), when it
     * was applied, note, title. In the order in which things happened, unless fold puts them right.
     */
    const char *read;
    const char *applied;  /* the migration is applied */
    const char *begun;    /* it is about to be, outside a transaction; NULL = not noted */
    const char *claim;    /* like applied, but changes no row where it was applied already; for
                           * engines where a transaction is the lock. NULL = applied will do */
    const char *reverted; /* NULL = the tool never goes back */
    /* Queries that answer 1 where they were successful, and what else is to be done before and
     * between them; NULL = none. */
    const char *lock, *unlock;
    const char
        *holder;       /* a query for whose the lock is, and since when; NULL = that is not known */
    const char *freed; /* for a hint: how a lock is taken from one that died; NULL = it ends then */
    bool beside;       /* SQLite: the schema is a file of its name beside the database's own */
};

/* What more is asked about. */
struct foreign_ask {
    const struct folder *folder;
    const struct migration *migration; /* NULL = none: the table is created */
    const struct foreign_rows *rows;
    const struct dunlin_driver *driver;
    const char *user; /* who applies it; NULL = not known */
    bool down;
};
#define FOREIGN_MORE_MAX 24u

enum foreign_engine { FOREIGN_POSTGRES = 0, FOREIGN_MYSQL, FOREIGN_SQLITE, FOREIGN_ENGINES };

struct foreign {
    const char *name; /* of the layout whose folders it is about; or for --from alone */
    const char *tool; /* as its users call it */
    struct foreign_on on[FOREIGN_ENGINES];
    bool failed_stays; /* what failed keeps its row of a start, also when nothing of it remained */
    bool by_checksum;  /* a row whose key fits nothing may be told by its checksum */
    bool ordered;      /* it goes on only where its rows came in the order of the files */
    bool by_folder;    /* its rows mean nothing without its own folder */
    /* Reads in its own way, with what foreign_read() was given; NULL = as on[].read says. */
    int (*read)(const struct foreign *f, const struct dunlin_driver *driver,
                struct dunlin_conn *conn, const struct history_table *t, struct arena *arena,
                struct foreign_rows *out, struct dunlin_error *err);
    /* Makes of the rows what the tool itself makes of them: leaves one for each migration that
     * counts as applied, or failed. NULL = each row counts by itself. */
    int (*fold)(struct foreign_rows *rows, struct arena *arena, struct dunlin_error *err);
    /* Fills in what statements name beside the values above: literals or other SQL, in the arena,
     * at most FOREIGN_MORE_MAX and then a name that is NULL. May refuse the migration. */
    int (*more)(const struct foreign_ask *ask, struct arena *arena, const struct sql_var **out,
                struct dunlin_error *err);
    /* What {lock} stands for. schema is NULL where the name has none. */
    void (*lock_name)(const char *database, const char *schema, const char *table, char *out,
                      size_t size);
};

#define FOREIGNS_MAX 32u
/* All of them, NULL at the end, at most FOREIGNS_MAX. */
extern const struct foreign *const foreigns[];
/* The one of that name, or NULL. */
const struct foreign *foreign_named(const char *name);
/* What it is on the driver's engine, or NULL. */
const struct foreign_on *foreign_on(const struct foreign *f, const struct dunlin_driver *driver);

/* spec: "[SCHEMA.]NAME", NULL = where the tool has it on this engine. */
int foreign_table_init(struct history_table *t, const struct foreign *f,
                       const struct dunlin_driver *driver, const char *spec, struct arena *arena,
                       struct dunlin_error *err);
/* One query; a missing table is empty. folder is what the table is about. */
int foreign_read(const struct foreign *f, const struct dunlin_driver *driver,
                 struct dunlin_conn *conn, const struct history_table *t,
                 const struct folder *folder, struct arena *arena, struct foreign_rows *out,
                 struct dunlin_error *err);

/* For each of them, in the order of foreigns, whether the database may have the table where the tool
 * has it by default: one query, that knows names and no schemas. present has to be all false. An
 * enum dunlin_kind; 0 also on an engine that is not known here. */
int foreign_present(const struct dunlin_driver *driver, struct dunlin_conn *conn, bool *present,
                    struct dunlin_error *err);

/* Appends statements about one migration (entry NULL: about none), parted by NUL bytes. */
void foreign_sql(struct buf *b, const char *statements, const struct history_table *t,
                 const struct history_entry *e, const char *lock);

#endif
