/* SPDX-License-Identifier: MIT */
/*
 * Executing a plan: session, lock, batches, transactions, journal. The only part that talks to a
 * driver; it reports through events only.
 */
#ifndef DUNLIN_RUN_RUN_H
#define DUNLIN_RUN_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <dunlin/dunlin.h>
#include <dunlin/driver.h>
#include "base/arena.h"
#include "base/buf.h"
#include "history/history.h"
#include "plan/plan.h"
#include "source/source.h"

#define LOCK_NAME_SIZE 41 /* 40 hex digits and NUL */

/* What becomes of the statement that an earlier run stopped at. */
enum run_resume {
    RESUME_ASK = 0, /* where it is not known whether it was carried out, the run stops */
    RESUME_AGAIN,   /* it runs again */
    RESUME_SKIP     /* it counts as done */
};

/* What the caller of the library chose. Strings are owned by the context. */
struct run_options {
    const char *applied_by; /* NULL = the database user */
    enum dunlin_order order;
    bool allow_exec;                /* executable migrations may run, */
    const char *const *environment; /* .. with these variables */
    const char *url;                /* .. and this, secrets and all */
    uint64_t lock_wait_ms, lock_timeout_ms, statement_timeout_ms;
    uint32_t tolerate, lock_retries;
    bool single_transaction;
    bool durable_each; /* every migration waits for the disk before the next begins */
    enum run_resume resume;
    const char *baseline_schema; /* NULL = none */
    enum dunlin_history history;
};

/* One connection and what is known of its session. */
struct run {
    const struct dunlin_driver *driver;
    const struct dunlin_dialect *dialect;
    struct dunlin_conn *conn;
    const struct dunlin_param *params; /* that it was opened with */
    uint32_t nparams;
    struct dunlin_host host;
    struct run_options options;
    struct source *source;
    struct history_table table;
    struct history_table shared; /* the table of .. */
    const struct foreign *tool;  /* .. the tool whose folder is there; NULL = there is none */
    bool tool_named;             /* adopt: it was named, whatever the folder's layout */
    const char *tool_files;      /* .. and a folder with its own files; NULL = look where we are */
    bool shared_missing;         /* it has to be created */
    struct foreign_rows shared_rows; /* what was last read there, as long as what asked for it */
    struct script_dialect lexing;    /* with the session's settings, once session_known */
    struct arena arena;              /* lives as long as the connection */
    const char *user;                /* database user, NULL = not known */
    const char *schema;              /* current schema or database at the start, NULL = none */
    const char *again;               /* what the user should type again, NULL = up or down */
    bool session_touched;            /* a statement changed the session since the last reset */
    bool lex_touched;                /* a statement changed how the server reads text */
    bool lock_doubt;                 /* a statement may have let go of the run lock */
    bool session_known;
    bool pooled;         /* a pooler may give each transaction another session of the server */
    bool lock_local;     /* the run lock does not keep out every other runner */
    bool only_missing;   /* a switch is under way: down takes what has no file */
    bool enclosed;       /* one transaction of ours is open around several migrations */
    uint64_t skipped;    /* statements that were passed over in this run */
    bool dirty;          /* a migration ran in this session: reset before the next */
    bool timed;          /* the timeouts of the options are in force in the session */
    unsigned lock_depth; /* holders of the run lock, one inside the other; 0 = it is not held */
    bool tool_locked;    /* the other tool's lock is held */
    bool beside;         /* the other tool's file is attached */
    bool tool_begun;     /* what was refused is a row that the other tool has not finished */
    unsigned lock_takes; /* how often the session took it: the server counts */
    int64_t lock_key;
    char lock_name[LOCK_NAME_SIZE];
    atomic_bool cancelled;
    atomic_bool expired; /* .. because the time for the whole run is over */
    dunlin_event_fn on_event;
    void *event_user;
    uint64_t seq;
    struct observation
        *observation; /* of a rehearsal: statements are observed; NULL = they are not */
};

/* ---- session.c ---- */

/* Connects and runs the connect hooks. */
int run_connect(struct run *r, const struct dunlin_param *params, uint32_t nparams,
                struct dunlin_error *err);
void run_disconnect(struct run *r);
/* Asks once for schema, user and lexing; then the table's name is qualified. */
int run_session(struct run *r, struct dunlin_error *err);
/* Every connect hook, as on a new connection. */
int run_connect_hooks(struct run *r, struct dunlin_error *err);
/* Ends the transaction that is open, if one is, also when the run was cancelled. */
void run_rollback(struct run *r);

/* ---- shares.c: whose history it is ---- */

/* Whether that of a folder stands in a table of another tool. */
bool run_folder_shares(const struct run *r, const struct folder *f);
/* The first folder of which it does; NULL = all have it in dunlin's own table. */
const struct folder *run_shared_folder(const struct run *r);
/* Whether that of this item does. */
bool run_shares(const struct run *r, const struct plan_item *item);
/* Whether dunlin's own table has a part in this run. */
bool run_owns_history(const struct run *r);

/* ---- shared.c: reading the table of the tool that a layout is of ---- */

/* Every row of every table that belongs to the folders. */
int run_history(struct run *r, struct arena *arena, struct history *h, struct dunlin_error *err);
/* What the other tool's table says about a folder. Where the tool locks it against readers, waits
 * as long as for a lock. */
int run_shared_read(struct run *r, const struct folder *f, struct arena *arena,
                    struct foreign_rows *out, struct dunlin_error *err);

/* ---- shared_lock.c: that tool's own lock, beside dunlin's ---- */

int run_shared_lock(struct run *r, struct dunlin_error *err);
void run_shared_unlock(struct run *r);
/* Whether the table was refused for a row that the tool may be about to finish: with its lock held,
 * one would know. */
bool run_maybe_at_work(const struct run *r);
/* The error for what stayed locked: says who has it, where that can be known. */
int run_tool_works(struct run *r, const struct foreign_on *on, struct dunlin_error *err);

/* ---- shared_write.c: the tables and rows of that tool ---- */

/* Creates the other tool's table, where that is missing. */
int run_shared_create(struct run *r, struct dunlin_error *err);
/* Refuses what can only be done with dunlin's own table. */
int run_refuse_shared(const struct run *r, const struct plan_item *item, struct dunlin_error *err);

/* ---- beside.c: history in a file beside the database ---- */

/* Whether that is where the tool has it. */
bool run_has_beside(const struct run *r);
/* Attaches the file, where there is one to be attached, and it is not yet. create: also where it is
 * missing. */
int run_beside(struct run *r, bool create, struct dunlin_error *err);
/* Once more, after everything that was attached was detached. */
int run_beside_again(struct run *r, struct dunlin_error *err);
void run_beside_end(struct run *r);
/* Explains an error of the engine, which says that it cannot write there. */
int run_beside_readonly(struct run *r, struct dunlin_error *err);

/* ---- adopt.c ---- */

typedef int (*run_item_fn)(const struct plan_item *item, void *user);
/* Takes the rows of another tool over into dunlin's own table, all or none. */
int run_adopt(struct run *r, bool dry, run_item_fn fn, void *user, struct dunlin_summary *summary,
              struct dunlin_error *err);

/* ---- convert.c ---- */

struct conversion;
typedef int (*run_publish_fn)(void *user, struct dunlin_error *err);
/* Fills in the states of list, one for each migration of the only folder, and calls ready; then,
 * unless dry, gives the rows of the folder their new versions, names and checksums. publish is
 * called when all is written but not yet there for good. *rows = how many. */
int run_convert(struct run *r, struct conversion *list, bool dry, run_publish_fn ready,
                run_publish_fn publish, void *user, uint64_t *rows, struct dunlin_error *err);

/* ---- lock.c ---- */

/* Polls for the run lock, holding no transaction. *held stays false on engines that need none.
 * Who holds it may ask for it again: the outermost run_unlock lets go of it. */
int run_lock(struct run *r, bool *held, struct dunlin_error *err);
void run_unlock(struct run *r);
/* Takes it again after a statement that may have let go of it. */
int run_lock_again(struct run *r, struct dunlin_error *err);

/* Where the engine's own write lock is the run lock, and a migration has more than one transaction:
 * keeps other runners out of it, until on is false. */
int run_apart(struct run *r, bool on, struct dunlin_error *err);

/* ---- wait.c ---- */

/* Where the engine's own write lock is the run lock: one wait for it, from {0} on. False when the
 * time is over or the run was cancelled; else a pause was made, and it can be tried again. */
struct busy_wait {
    uint64_t start; /* 0 = not begun */
};
bool run_busy_wait(struct run *r, struct busy_wait *w);
/* What such a wait ended with: a run that was cancelled meanwhile tells that, not what it waited
 * for. */
int run_busy_end(struct run *r, int rc, struct dunlin_error *err);
/* Sleeps in slices; false when the run was cancelled meanwhile. */
bool run_sleep(struct run *r, uint64_t ms);

/* ---- lost.c ---- */

/* After a run that ended with rc: where the connection was lost, looks what became of it. first is
 * from before the run, which had selected so many. The status that the run really ended with. */
int run_lost(struct run *r, enum dunlin_direction direction, const struct dunlin_summary *first,
             uint64_t selected, struct dunlin_summary *s, int rc, struct dunlin_error *err);

/* ---- report.c ---- */

void run_emit(struct run *r, struct dunlin_event *event);
void run_warn(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Warns of each section that does not run as an editor shows it. */
void run_warn_turns(struct run *r, const struct plan_script *s);
/* Milliseconds become what the dialect's template asks for. */
void run_timeout_sql(struct buf *b, const char *text, uint64_t ms, bool in_transaction);
uint64_t run_micros(void); /* monotonic */
/* Gives an error that a driver filled the status that it means, and returns that. */
int run_status(const struct run *r, int kind, struct dunlin_error *err);
/* Asks what is in sql, whose text may have been lost for want of memory; returns the kind of the
 * failure. */
int run_query(struct run *r, const struct buf *sql, dunlin_row_fn row, void *user,
              struct dunlin_error *err);
/* The error for a run that was asked to stop. */
int run_interrupted(struct dunlin_error *err);
/* The same, or that the time for the run is over. */
int run_stopped(const struct run *r, struct dunlin_error *err);
/* The command that goes on where a run in this direction ended. */
const char *run_again(const struct run *r, enum dunlin_direction direction);
/* What is true is written down also of a cancelled run: between the two it does not count as
 * cancelled. Release takes what hold returned; a cancel that came meanwhile stays. */
bool run_cancel_hold(struct run *r);
void run_cancel_release(struct run *r, bool cancelled);

/* ---- stored.c ---- */

/* The down script kept with a row; *text NULL when there is none. */
int run_stored_text(struct run *r, const struct history_row *row, struct arena *arena, char **text,
                    size_t *len, struct dunlin_error *err);
/* Chooses for each selected item between its file and the kept down script. */
int run_stored_scripts(struct run *r, struct plan *p, struct dunlin_error *err);

/* ---- switch.c ---- */

/* Reverts what has no file, then applies what is pending. Refuses before anything runs. */
int run_switch(struct run *r, struct dunlin_summary *summary, struct dunlin_error *err);
/* Selects and scans both halves: reverted ones have item->reverts. */
int run_switch_plan(struct run *r, struct plan *p, struct dunlin_summary *s,
                    struct dunlin_error *err);

/* ---- verify.c ---- */

/* Called with each thing that is wrong; non-zero ends the search. */
typedef int (*run_problem_fn)(void *user, const struct plan_item *item,
                              const struct dunlin_error *problem);
/* The verify section of an applied migration, outside a transaction; *queries counts. */
int run_verify_item(struct run *r, struct plan_item *item, run_problem_fn fn, void *user,
                    uint64_t *queries, struct dunlin_error *err);
/* Looks for the required tables, "[SCHEMA.]NAME" each; one query when all are there. */
int run_required(struct run *r, const char *const *tables, size_t count, run_problem_fn fn,
                 void *user, struct dunlin_error *err);

/* ---- migrate.c ---- */

/* Returned when another runner applied or reverted the migration first: plan again. */
#define RUN_RACE (-1)
/* Returned when a migration misses what it needs and may wait for it. */
#define RUN_DEFERRED (-2)
/* Returned when a migration cannot share a message with others. */
#define RUN_ALONE (-3)

/* Runs one item of the plan. */
int run_item(struct run *r, struct plan *p, struct plan_item *item, enum dunlin_direction direction,
             struct dunlin_error *err);

/* ---- look.c ---- */

/* Creates the history table where there is none. */
int run_create_table(struct run *r, struct dunlin_error *err);
/* History and folder, matched and hashed. One query. h and p belong to the caller, also on failure
 * (p may be freed at any time). */
int run_match(struct run *r, struct arena *arena, struct history *h, struct plan *p,
              struct dunlin_error *err);
/* Counts what is applied and what is pending before a run. */
void run_count(const struct plan *p, struct dunlin_summary *s);
/* A first look without the lock: when there is nothing to do, one query was all. *again = only the
 * lock gives an answer. */
int run_look(struct run *r, enum dunlin_direction direction, const struct dunlin_goal *goal,
             struct dunlin_summary *s, size_t *selected, bool *again, struct dunlin_error *err);
/* Plans without changing anything: what run_up or run_down would do. */
int run_plan(struct run *r, struct plan *p, enum dunlin_direction direction,
             const struct dunlin_goal *goal, size_t *selected, struct dunlin_error *err);

/* ---- run.c ---- */

int run_up(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
           struct dunlin_error *err);
int run_down(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
             struct dunlin_error *err);
/* Tells that a run begins or ends. */
void run_event(struct run *r, uint32_t type, enum dunlin_direction direction, uint64_t total,
               const struct dunlin_summary *s, const struct dunlin_error *err);

/* ---- adopt.c, elsewhere.c ---- */

/* How many migrations of the folder have a row in the table of r->tool, which is r->shared. */
int run_adoptable(struct run *r, const struct folder *f, uint64_t *matched,
                  struct dunlin_error *err);
/* Refuses to begin a history where another tool has applied these migrations. */
int run_elsewhere(struct run *r, struct dunlin_error *err);

/* ---- rehearse.c ---- */

/* Really runs what run_up would, in one transaction that is rolled back. */
int run_rehearse(struct run *r, const struct dunlin_goal *goal, struct dunlin_summary *summary,
                 struct dunlin_error *err);

/* ---- steer.c ---- */

int run_to(struct run *r, const char *version, struct dunlin_summary *summary,
           struct dunlin_error *err);
int run_redo(struct run *r, uint64_t count, struct dunlin_summary *summary,
             struct dunlin_error *err);
int run_resume(struct run *r, bool skip, struct dunlin_summary *summary, struct dunlin_error *err);

/* ---- repair.c ---- */

int run_mark(struct run *r, const char *version, enum dunlin_state state,
             struct dunlin_summary *summary, struct dunlin_error *err);
int run_baseline(struct run *r, const char *version, struct dunlin_summary *summary,
                 struct dunlin_error *err);

/* ---- schema.c ---- */

/* Loads options.baseline_schema where the database is empty, or goes on with loading it. */
int run_schema(struct run *r, struct dunlin_error *err);

/* ---- database.c: before there is a connection to the database itself; conn stays NULL ---- */

/* The database that a URL names; "" = it names none. */
const char *run_database(const struct dunlin_param *params, uint32_t n);
int run_create_database(struct run *r, const struct dunlin_param *params, uint32_t nparams,
                        bool *changed, struct dunlin_error *err);
int run_drop_database(struct run *r, const struct dunlin_param *params, uint32_t nparams,
                      bool *changed, struct dunlin_error *err);
int run_wait(struct run *r, const struct dunlin_param *params, uint32_t nparams,
             uint64_t timeout_ms, struct dunlin_error *err);

#endif
