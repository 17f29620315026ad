/* SPDX-License-Identifier: MIT */
/* What the tests are written with: opening, running and asking. */
#include "conformance.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "history/sql.h"

#define PARAMS_MAX 32
#define BATCH_MAX 64

bool suite_bad(struct suite *s, const char *file, int line, const char *format, ...)
{
    int n = snprintf(s->why, sizeof(s->why), "%s:%d: ", file, line);
    va_list ap;

    va_start(ap, format);
    if (n >= 0 && (size_t)n < sizeof(s->why))
        (void)vsnprintf(s->why + n, sizeof(s->why) - (size_t)n, format, ap);
    va_end(ap);
    return false;
}

static const struct dunlin_param * override(const struct dunlin_param *params, const char *key)
{
    for (; params && params->key; params++) {
        if (strcmp(params->key, key) == 0)
            return params;
    }
    return NULL;
}

int suite_open(struct suite *s, const struct dunlin_param *params, struct dunlin_conn **out)
{
    struct dunlin_param all[PARAMS_MAX];
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->url.count && n < PARAMS_MAX; i++) {
        if (!override(params, s->url.params[i].key))
            all[n++] = s->url.params[i];
    }
    for (; params && params->key && n < PARAMS_MAX; params++) {
        if (params->value)
            all[n++] = *params;
    }
    s->err = (struct dunlin_error)DUNLIN_ERROR_INIT;
    return s->driver->open(&s->host, all, n, out, &s->err);
}

int run_batch(struct suite *s, struct dunlin_conn *conn, const char *const *texts, uint64_t *rows,
              struct dunlin_batch *batch)
{
    struct dunlin_stmt stmts[BATCH_MAX];
    uint32_t n = 0;
    int kind;

    memset(stmts, 0, sizeof(stmts));
    for (; texts[n] && n < BATCH_MAX; n++) {
        stmts[n].sql = texts[n];
        stmts[n].len = strlen(texts[n]);
    }
    *batch = (struct dunlin_batch){.size = sizeof(*batch),
                                   .count = n,
                                   .stmts = stmts,
                                   .rows = rows,
                                   .completed = 77,
                                   .failed = 77};
    s->err = (struct dunlin_error)DUNLIN_ERROR_INIT;
    kind = s->driver->exec(conn, batch, &s->err);
    batch->stmts = NULL;
    return kind;
}

int run_sql(struct suite *s, struct dunlin_conn *conn, const char *sql)
{
    const char *const texts[] = {sql, NULL};
    struct dunlin_batch batch;

    return run_batch(s, conn, texts, NULL, &batch);
}

bool run_all(struct suite *s, struct dunlin_conn *conn, const char *const *texts)
{
    for (; *texts; texts++)
        EXPECT(s, run_sql(s, conn, *texts) == 0, "%s: %s", *texts, s->err.message);
    return true;
}

static int keep_first(void *user, uint32_t n, const char *const *values, const uint64_t *lens)
{
    struct suite *s = user;

    if (n == 0 || !values[0] || s->answer)
        return 0;
    s->answer = malloc(lens[0] + 1);
    if (s->answer)
        memcpy(s->answer, values[0], lens[0] + 1);
    return 0;
}

const char *ask(struct suite *s, struct dunlin_conn *conn, const char *sql)
{
    free(s->answer);
    s->answer = NULL;
    s->err = (struct dunlin_error)DUNLIN_ERROR_INIT;
    if (s->driver->query(conn, sql, strlen(sql), keep_first, s, &s->err)) {
        free(s->answer);
        s->answer = NULL;
    }
    return s->answer;
}

void roll_back(struct suite *s, struct dunlin_conn *conn)
{
    struct dunlin_error err = s->err;

    if (s->driver->tx_state(conn) != DUNLIN_TX_IDLE)
        (void)run_sql(s, conn, s->dialect->rollback);
    s->err = err;
}

const char *fill(struct suite *s, const char *text, const char *table, const char *column)
{
    const struct sql_var vars[] = {{"table", table},    {"column", column}, {"key", LOCK_KEY},
                                   {"name", LOCK_NAME}, {"ms", "300"},      {"s", "1"},
                                   {"local", "LOCAL"},  {NULL, NULL}};
    struct buf b = BUF_INIT(1u << 20);
    char *copy;

    sql_template(&b, text, vars);
    copy = arena_strndup(&s->arena, buf_str(&b), b.len);
    buf_free(&b);
    return copy ? copy : "";
}

static void *background_run(void *arg)
{
    struct background *bg = arg;
    struct dunlin_stmt stmt = {.sql = bg->sql, .len = strlen(bg->sql)};
    struct dunlin_batch batch = {.size = sizeof(batch), .count = 1, .stmts = &stmt};

    bg->kind = bg->suite->driver->exec(bg->conn, &batch, &bg->err);
    bg->done = 1;
    return NULL;
}

bool background_start(struct background *bg, struct suite *s, struct dunlin_conn *conn,
                      const char *sql)
{
    pthread_t thread;

    memset(bg, 0, sizeof(*bg));
    bg->suite = s;
    bg->conn = conn;
    bg->sql = sql;
    bg->err = (struct dunlin_error)DUNLIN_ERROR_INIT;
    EXPECT(s, pthread_create(&thread, NULL, background_run, bg) == 0, "no thread");
    bg->thread = (unsigned long)thread;
    return true;
}

int background_join(struct background *bg)
{
    (void)pthread_join((pthread_t)bg->thread, NULL);
    return bg->kind;
}

void pause_ms(unsigned ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    while (nanosleep(&t, &t) && errno == EINTR)
        continue;
}
