/* SPDX-License-Identifier: MIT */
/*
 * The one conformance suite that every driver passes on its real server. A test is a function that
 * returns true when the driver keeps the promise; what an engine cannot keep is declared in
 * quirks.c, and a declared deviation that turns out to work is a failure, so that no excuse goes
 * stale. All that differs between engines is data: struct engine_samples, one file per driver.
 */
#ifndef DUNLIN_CONFORMANCE_H
#define DUNLIN_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <dunlin/driver.h>
#include "base/arena.h"
#include "driver/driver.h"
#include "driver/url.h"

/* ---- what differs between engines ---------------------------------------------------------- */

#define SAMPLE_STATEMENTS 8 /* longest list of statements in a sample, with its NULL */

/* Opening with these parameters in place of those of the URL fails with this kind. */
struct bad_connection {
    const char *what;
    const char *setup[SAMPLE_STATEMENTS]; /* by the administrator, before */
    struct dunlin_param params[4];        /* up to key = NULL */
    int kind;
};

/* After the setup sql fails with this kind. */
struct kind_sample {
    int kind;
    const char *setup[SAMPLE_STATEMENTS];
    const char *sql;
    const char *user; /* runs sql in a connection of this user, with an empty password */
};

/* A statement that the server cannot parse, and where. */
struct syntax_sample {
    const char *sql;
    uint64_t pos;  /* expected stmt_pos, 0 = the engine does not tell */
    uint32_t line; /* expected stmt_line, 0 = the engine does not tell */
};

enum effect_how {
    EFFECT_RUN = 0,     /* behaves on the server as its effect says */
    EFFECT_TEXT = 1,    /* is only classified: cannot run here, or has no visible effect */
    EFFECT_OUTSIDE = 2, /* as RUN, and works outside a transaction */
    EFFECT_NEW = 3      /* as OUTSIDE, on servers that know the syntax */
};
/* What classify() must say of a statement, checked against the server. */
struct effect_sample {
    const char *sql;
    uint32_t effect; /* enum dunlin_effect */
    uint32_t how;    /* enum effect_how */
    const char *setup[SAMPLE_STATEMENTS];
};

/* first, on one connection, succeeds; then the last of second, on another, fails as LOCKED. */
struct locked_sample {
    const char *setup[SAMPLE_STATEMENTS];
    const char *first[SAMPLE_STATEMENTS];
    const char *second[SAMPLE_STATEMENTS];
};

/* In two connections with an open transaction each: a1, b1, then a2 and b2 at once. */
struct deadlock_sample {
    const char *setup[SAMPLE_STATEMENTS];
    const char *a1, *b1, *a2, *b2;
};

struct copy_sample {
    const char *create, *statement, *count;
    const char *good; /* two rows */
    const char *bad;  /* a good row, then a bad one: kind DATA */
};

struct suite_test; /* below */
struct engine_samples {
    const char *engine;           /* as in DUNLIN_TEST_ENGINE */
    const struct suite_test *own; /* tests of this engine alone, up to name = NULL; or NULL */
    const char *const *cleanup;   /* run before each test; errors are ignored. NULL-terminated */
    const char *missing_setting;  /* a parameter no engine has, one letter off: hint must name .. */
    const char *near_setting;     /* .. this one; NULL = the driver gives no such hint */
    const struct bad_connection *bad_connections; /* up to what = NULL */
    const struct kind_sample *kinds;              /* up to sql = NULL */
    const struct syntax_sample *syntax;           /* up to sql = NULL */
    const struct effect_sample *effects;          /* up to sql = NULL */
    const struct locked_sample *locked;           /* each pointer may be NULL = impossible here */
    const struct deadlock_sample *deadlock;
    const struct copy_sample *copy;
    const char *slow;                       /* runs for more than 20 seconds */
    const char *timeout[SAMPLE_STATEMENTS]; /* the last fails as TIMEOUT */
    const char *many_rows;                  /* query of 100000 rows of (number, text) */
    const char *notice, *notice_text;       /* statement, part of the notice it gives */
    const char *connection_id, *kill_before, *kill_after; /* query; statement around its answer */
    const char *change[SAMPLE_STATEMENTS]; /* changes in the session that reset undoes */
    const char *show;                      /* query that shows them as one text */
    const char *big_before, *big_after;    /* query around 16 MiB of x: gives "16777216" */
};

extern const struct engine_samples samples_postgres, samples_mysql, samples_mariadb, samples_sqlite;

/* Why the engine cannot keep what the test of this name demands, or NULL when it must. */
const char *quirk(const char *engine, const char *test);

/* ---- harness ------------------------------------------------------------------------------- */

struct suite {
    const struct dunlin_driver *driver;
    const struct dunlin_dialect *dialect;
    const struct engine_samples *samples;
    struct url url;
    struct dunlin_host host;
    struct arena arena;
    struct dunlin_conn *a, *b; /* opened for each test */
    struct dunlin_error err;   /* of the last call through a helper */
    char notices[4096];        /* "severity: text" lines since the test began */
    char *answer;              /* of ask() */
    char why[1400];            /* the test's verdict, where it is bad */
};

typedef bool (*suite_fn)(struct suite *s);
struct suite_test {
    const char *name;
    suite_fn run;
};
/* Each ends with name = NULL. */
extern const struct suite_test postgres_tests[], mysql_tests[], sqlite_tests[];
extern const struct suite_test connect_tests[], exec_tests[], error_tests[], query_tests[],
    dialect_tests[], copy_tests[], effect_tests[];

/* Writes why the test failed; returns false. */
bool suite_bad(struct suite *s, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
#define EXPECT(s, condition, ...)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return suite_bad((s), __FILE__, __LINE__, __VA_ARGS__);                                \
    } while (0)

/* Opens with the URL's parameters; those in params (up to key = NULL; NULL = none) go over them,
 * and a NULL value takes one away. Returns a kind. */
int suite_open(struct suite *s, const struct dunlin_param *params, struct dunlin_conn **out);
/* One statement. Returns a kind. */
int run_sql(struct suite *s, struct dunlin_conn *conn, const char *sql);
/* A batch of texts up to NULL. Returns a kind; batch has the outcome. */
int run_batch(struct suite *s, struct dunlin_conn *conn, const char *const *texts, uint64_t *rows,
              struct dunlin_batch *batch);
/* Statements up to NULL, one by one; false at the first that fails, whose text is in why. */
bool run_all(struct suite *s, struct dunlin_conn *conn, const char *const *texts);
/* First column of the first row, valid until the next ask(); NULL = none, NULL or an error. */
const char *ask(struct suite *s, struct dunlin_conn *conn, const char *sql);
/* dialect.rollback when anything but idle. */
void roll_back(struct suite *s, struct dunlin_conn *conn);
/* A dialect's template with {table}, {column}, {key}, {name}, {ms}, {s}; in the suite's arena. */
const char *fill(struct suite *s, const char *text, const char *table, const char *column);
#define LOCK_KEY "-6148914691236517206"
#define LOCK_NAME "0123456789abcdef0123456789abcdef01234567"

/* A call in a thread of its own. */
struct background {
    struct suite *suite;
    struct dunlin_conn *conn;
    const char *sql;
    int kind;
    struct dunlin_error err;
    _Atomic int done;
    unsigned long thread;
};
bool background_start(struct background *bg, struct suite *s, struct dunlin_conn *conn,
                      const char *sql);
int background_join(struct background *bg); /* returns the kind */
void pause_ms(unsigned ms);

#endif
