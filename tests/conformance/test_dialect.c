/* SPDX-License-Identifier: MIT */
/* The dialect's texts do on the server what driver.h says of them. */
#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "history/sql.h"

/* Unusual, and longer than it looks: every character is one that some quoting gets wrong. */
#define NASTY_TABLE "conf we\"i`r]d'; --\\ n\xc3\xa4me"

static const char *nasty_table(struct suite *s)
{
    struct buf b = BUF_INIT(1024);
    char *copy;

    sql_ident(&b, s->dialect, NASTY_TABLE);
    copy = arena_strndup(&s->arena, buf_str(&b), b.len);
    buf_free(&b);
    return copy ? copy : "";
}

static bool test_history_create(struct suite *s)
{
    const char *sql = fill(s, s->dialect->history_create, "conf_history", "");

    EXPECT(s, run_sql(s, s->a, sql) == 0, "%s: %s", sql, s->err.message);
    EXPECT(s, run_sql(s, s->a, sql) == 0, "second time: %s", s->err.message);
    (void)ask(s, s->a,
              "SELECT count(*) FROM (SELECT source, version, name, kind, status, checksum, "
              "statements_done, statements_total, started_at, applied_at, duration_ms, "
              "applied_by, tool_version, error, down_sql, statements_hash FROM conf_history) x");
    EXPECT(s, s->answer && strcmp(s->answer, "0") == 0, "columns: %s", s->err.message);
    return true;
}

static bool insert_history(struct suite *s, const char *source, const char *version)
{
    char sql[1024];

    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO conf_history (source, version, name, kind, status, checksum, "
                   "statements_done, statements_total, started_at) VALUES ('%s', '%s', 'n', "
                   "'versioned', 'running', 'v1:sha256:00', 0, 9000000000, %s)",
                   source, version, s->dialect->now);
    return run_sql(s, s->a, sql) == 0;
}

/* (source, version) is the key, and case and trailing blanks count. */
static bool test_history_key(struct suite *s)
{
    EXPECT(s, run_sql(s, s->a, fill(s, s->dialect->history_create, "conf_history", "")) == 0, "%s",
           s->err.message);
    EXPECT(s, insert_history(s, "main", "0001"), "%s", s->err.message);
    EXPECT(s, insert_history(s, "main", "1"), "%s", s->err.message);
    EXPECT(s, insert_history(s, "Main", "1"), "%s", s->err.message);
    EXPECT(s, insert_history(s, "other", "1"), "%s", s->err.message);
    EXPECT(s, !insert_history(s, "main", "1") && s->err.kind == DUNLIN_KIND_DUPLICATE,
           "kind %d: %s", s->err.kind, s->err.message);
    return true;
}

static bool test_time(struct suite *s)
{
    char sql[1024];
    int y, mo, d, h, mi, sec, ms, end = 0;

    EXPECT(s, run_sql(s, s->a, fill(s, s->dialect->history_create, "conf_history", "")) == 0, "%s",
           s->err.message);
    EXPECT(s, insert_history(s, "main", "1"), "%s", s->err.message);
    (void)snprintf(sql, sizeof(sql), "SELECT %s FROM conf_history",
                   fill(s, s->dialect->time_text, "conf_history", "started_at"));
    (void)ask(s, s->a, sql);
    EXPECT(s, s->answer, "%s: %s", sql, s->err.message);
    EXPECT(s,
           sscanf(s->answer, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &y, &mo, &d, &h, &mi, &sec, &ms,
                  &end) == 7 &&
               end == 24 && s->answer[24] == '\0',
           "time %s", s->answer);
    (void)snprintf(sql, sizeof(sql), "SELECT %s FROM conf_history",
                   fill(s, s->dialect->time_text, "conf_history", "applied_at"));
    EXPECT(s, !ask(s, s->a, sql) && s->err.kind == 0, "NULL gives %s", s->answer);
    return true;
}

static bool test_elapsed(struct suite *s)
{
    char sql[1024];
    long ms;

    EXPECT(s, run_sql(s, s->a, fill(s, s->dialect->history_create, "conf_history", "")) == 0, "%s",
           s->err.message);
    EXPECT(s, run_sql(s, s->a, s->dialect->begin) == 0, "%s", s->err.message);
    EXPECT(s, insert_history(s, "main", "1"), "%s", s->err.message);
    pause_ms(300);
    (void)snprintf(sql, sizeof(sql), "UPDATE conf_history SET duration_ms = %s, applied_at = %s",
                   fill(s, s->dialect->elapsed_ms, "conf_history", "started_at"), s->dialect->now);
    EXPECT(s, run_sql(s, s->a, sql) == 0, "%s: %s", sql, s->err.message);
    EXPECT(s, run_sql(s, s->a, s->dialect->commit) == 0, "%s", s->err.message);
    (void)ask(s, s->a, "SELECT duration_ms FROM conf_history");
    ms = s->answer ? atol(s->answer) : -1;
    EXPECT(s, ms >= 290 && ms < 60000, "%s ms", s->answer ? s->answer : "NULL");
    return true;
}

static bool test_bytes(struct suite *s)
{
    struct buf b = BUF_INIT(8192);
    unsigned char bytes[256];
    char want[513];
    bool good;

    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)(255 - i);
        (void)snprintf(want + 2 * i, 3, "%02x", bytes[i]);
    }
    EXPECT(s, run_sql(s, s->a, fill(s, s->dialect->history_create, "conf_history", "")) == 0, "%s",
           s->err.message);
    EXPECT(s, insert_history(s, "main", "1"), "%s", s->err.message);
    buf_adds(&b, "UPDATE conf_history SET down_sql = ");
    sql_bytes(&b, s->dialect, bytes, sizeof(bytes));
    good = run_sql(s, s->a, buf_str(&b)) == 0;
    buf_clear(&b);
    buf_addf(&b, "SELECT %s FROM conf_history",
             fill(s, s->dialect->bytes_hex, "conf_history", "down_sql"));
    (void)ask(s, s->a, buf_str(&b));
    buf_free(&b);
    EXPECT(s, good && s->answer, "%s", s->err.message);
    for (char *c = s->answer; *c; c++)
        *c = *c >= 'A' && *c <= 'F' ? (char)(*c - 'A' + 'a') : *c;
    EXPECT(s, strcmp(s->answer, want) == 0, "hex %s", s->answer);
    return true;
}

static bool test_quote(struct suite *s)
{
    const char *table = nasty_table(s);
    char sql[512];

    (void)snprintf(sql, sizeof(sql), "CREATE TABLE %s (id INTEGER)", table);
    EXPECT(s, run_sql(s, s->a, sql) == 0, "%s: %s", sql, s->err.message);
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
    (void)ask(s, s->a, sql);
    EXPECT(s, s->answer && strcmp(s->answer, "0") == 0, "%s", s->err.message);
    (void)snprintf(sql, sizeof(sql), "DROP TABLE %s", table);
    EXPECT(s, run_sql(s, s->a, sql) == 0, "%s", s->err.message);
    return true;
}

static bool literal_round_trip(struct suite *s, const char *text)
{
    struct buf b = BUF_INIT(8192);
    bool good;

    buf_adds(&b, "INSERT INTO conf_s VALUES (");
    sql_literal(&b, s->dialect, text);
    buf_addc(&b, ')');
    good = run_sql(s, s->a, "DELETE FROM conf_s") == 0 && run_sql(s, s->a, buf_str(&b)) == 0;
    if (good)
        (void)ask(s, s->a, "SELECT v FROM conf_s");
    buf_free(&b);
    EXPECT(s, good, "%s: %s", text, s->err.message);
    EXPECT(s, s->answer && strcmp(s->answer, text) == 0, "\"%s\" came back as \"%s\"", text,
           s->answer ? s->answer : "NULL");
    return true;
}

static bool test_literals(struct suite *s)
{
    static const char *const texts[] = {"",
                                        "plain",
                                        "it's",
                                        "''",
                                        "'",
                                        "\\",
                                        "\\'",
                                        "\\\\' ; --",
                                        "a\nb\r\nc\td",
                                        "\x01\x1a\x1b[31m\x7f",
                                        "100% \"x\" `y` [z] $$ $1 ? :a",
                                        "zażółć \xf0\x9f\x90\xa6 \xe2\x80\xae",
                                        NULL};

    EXPECT(s, run_sql(s, s->a, "CREATE TABLE conf_s (v VARCHAR(200))") == 0, "%s", s->err.message);
    for (const char *const *text = texts; *text; text++) {
        if (!literal_round_trip(s, *text))
            return false;
    }
    return true;
}

static int keep_session(void *user, uint32_t n, const char *const *values, const uint64_t *lens)
{
    char *text = user;

    (void)lens;
    (void)snprintf(text, 256, "%u|%s|%s|%s", n, n > 0 && values[0] ? values[0] : "",
                   n > 1 && values[1] ? values[1] : "", n > 2 && values[2] ? values[2] : "");
    return 0;
}

static bool test_session(struct suite *s)
{
    const char *sql = s->dialect->session;
    char text[256] = "";

    EXPECT(s, s->driver->query(s->a, sql, strlen(sql), keep_session, text, &s->err) == 0, "%s: %s",
           sql, s->err.message);
    EXPECT(s, text[0] >= '3' && text[0] <= '5' && text[1] == '|' && text[2] != '|', "session %s", text);
    return true;
}

/* The session's schema is where {table} is found when it is written before it. */
static bool test_session_schema(struct suite *s)
{
    struct buf b = BUF_INIT(8192);
    const char *schema = ask(s, s->a, s->dialect->session);
    int create, count;

    EXPECT(s, schema, "the engine names no schema");
    sql_ident(&b, s->dialect, schema);
    buf_adds(&b, ".conf_history");
    create = run_sql(s, s->a, fill(s, s->dialect->history_create, buf_str(&b), ""));
    buf_free(&b);
    EXPECT(s, create == 0, "%s", s->err.message);
    count = run_sql(s, s->a, "SELECT source FROM conf_history");
    EXPECT(s, count == 0, "%s", s->err.message);
    return true;
}

static bool answers_one(struct suite *s, struct dunlin_conn *conn, const char *sql)
{
    const char *answer = ask(s, conn, sql);

    return answer && strcmp(answer, "1") == 0;
}

static bool test_lock(struct suite *s)
{
    const char *lock, *unlock;

    EXPECT(s, s->dialect->lock, "the engine has no session lock");
    lock = fill(s, s->dialect->lock, "conf_history", "");
    unlock = fill(s, s->dialect->unlock, "conf_history", "");
    EXPECT(s, answers_one(s, s->a, lock), "not obtained: %s", s->err.message);
    EXPECT(s, !answers_one(s, s->b, lock) && s->err.kind == 0, "obtained twice: %s",
           s->err.message);
    EXPECT(s, run_sql(s, s->a, unlock) == 0, "%s", s->err.message);
    EXPECT(s, answers_one(s, s->b, lock), "not released: %s", s->err.message);
    s->driver->close(s->b);
    s->b = NULL;
    for (int tries = 0; tries < 100; tries++) { /* the server notices in its own time */
        if (answers_one(s, s->a, lock))
            return suite_open(s, NULL, &s->b) == 0;
        pause_ms(50);
    }
    return suite_bad(s, __FILE__, __LINE__, "not released by close");
}

/* Transactions come and go while the lock is held. */
static bool test_lock_survives(struct suite *s)
{
    const char *lock;

    EXPECT(s, s->dialect->lock, "the engine has no session lock");
    lock = fill(s, s->dialect->lock, "conf_history", "");
    EXPECT(s, answers_one(s, s->a, lock), "not obtained: %s", s->err.message);
    EXPECT(s, run_sql(s, s->a, s->dialect->begin) == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, "CREATE TABLE conf_t (id INTEGER)") == 0, "%s", s->err.message);
    roll_back(s, s->a);
    EXPECT(s, run_sql(s, s->a, s->dialect->begin) == 0, "%s", s->err.message);
    EXPECT(s, run_sql(s, s->a, s->dialect->commit) == 0, "%s", s->err.message);
    EXPECT(s, !answers_one(s, s->b, lock), "lost by a transaction");
    return true;
}

static bool test_lock_holder(struct suite *s)
{
    const char *holder;

    EXPECT(s, s->dialect->lock_holder, "the engine does not tell the holder");
    holder = fill(s, s->dialect->lock_holder, "conf_history", "");
    EXPECT(s, !ask(s, s->b, holder) && s->err.kind == 0, "held by %s: %s",
           s->answer ? s->answer : "nobody", s->err.message);
    EXPECT(s, answers_one(s, s->a, fill(s, s->dialect->lock, "conf_history", "")), "%s",
           s->err.message);
    EXPECT(s, ask(s, s->b, holder) && strlen(s->answer) > 2, "no holder: %s", s->err.message);
    return true;
}

/* dialect.reset is a list: ';' stands between its statements, and nowhere else. */
static bool reset(struct suite *s)
{
    const char *text = s->dialect->reset;

    while (*text) {
        size_t n = strcspn(text, ";");
        char *sql = arena_strndup(&s->arena, text, n);

        EXPECT(s, sql && run_sql(s, s->a, sql) == 0, "%s: %s", sql ? sql : "", s->err.message);
        text += n + (text[n] == ';');
    }
    return true;
}

static bool test_reset(struct suite *s)
{
    char before[256];

    EXPECT(s, s->dialect->reset, "the engine cannot reset a session");
    EXPECT(s, ask(s, s->a, s->samples->show), "%s: %s", s->samples->show, s->err.message);
    (void)snprintf(before, sizeof(before), "%s", s->answer);
    if (!run_all(s, s->a, s->samples->change))
        return false;
    EXPECT(s, !ask(s, s->a, s->samples->show) || strcmp(before, s->answer) != 0,
           "the sample changes nothing");
    if (!reset(s))
        return false;
    EXPECT(s, ask(s, s->a, s->samples->show) && strcmp(before, s->answer) == 0, "%s became %s",
           before, s->answer ? s->answer : "NULL");
    return true;
}

/* The lock is kept by a reset. */
static bool test_reset_keeps_lock(struct suite *s)
{
    const char *lock;

    EXPECT(s, s->dialect->lock && s->dialect->reset, "no lock, or no reset");
    lock = fill(s, s->dialect->lock, "conf_history", "");
    EXPECT(s, answers_one(s, s->a, lock), "not obtained: %s", s->err.message);
    if (!reset(s))
        return false;
    EXPECT(s, !answers_one(s, s->b, lock), "lost by the reset");
    return true;
}

static bool test_timeout_texts(struct suite *s)
{
    const char *const texts[] = {s->dialect->lock_timeout, s->dialect->statement_timeout};

    EXPECT(s, texts[0] || texts[1], "the engine has no timeouts");
    EXPECT(s, run_sql(s, s->a, s->dialect->begin) == 0, "%s", s->err.message);
    for (size_t i = 0; i < 2; i++) {
        const char *sql = texts[i] ? fill(s, texts[i], "", "") : "SELECT 1";

        EXPECT(s, run_sql(s, s->a, sql) == 0, "%s: %s", sql, s->err.message);
    }
    EXPECT(s, run_sql(s, s->a, s->dialect->commit) == 0, "%s", s->err.message);
    return true;
}

static bool test_foreign_keys(struct suite *s)
{
    const struct dunlin_dialect *d = s->dialect;

    EXPECT(s, d->foreign_keys_get, "the engine cannot switch foreign keys");
    EXPECT(s, run_sql(s, s->a, d->foreign_keys_on) == 0, "%s", s->err.message);
    EXPECT(s, answers_one(s, s->a, d->foreign_keys_get), "not on");
    EXPECT(s, run_sql(s, s->a, d->foreign_keys_off) == 0, "%s", s->err.message);
    EXPECT(s, !answers_one(s, s->a, d->foreign_keys_get) && s->answer, "not off");
    EXPECT(s, !d->foreign_keys_check || (!ask(s, s->a, d->foreign_keys_check) && !s->err.kind),
           "violations: %s", s->err.message);
    return true;
}

static bool test_database(struct suite *s)
{
    const struct dunlin_dialect *d = s->dialect;

    EXPECT(s, !d->database_files || !d->database_exists, "a database is a file and SQL");
    EXPECT(s, !d->database_exists || (d->database_create && d->database_drop && d->maintenance),
           "databases can be looked for, but not created or dropped");
    return true;
}

const struct suite_test dialect_tests[] = {
    {"history_create", test_history_create},
    {"history_key", test_history_key},
    {"time", test_time},
    {"elapsed", test_elapsed},
    {"bytes", test_bytes},
    {"quote", test_quote},
    {"literals", test_literals},
    {"session", test_session},
    {"session_schema", test_session_schema},
    {"lock", test_lock},
    {"lock_survives", test_lock_survives},
    {"lock_holder", test_lock_holder},
    {"reset", test_reset},
    {"reset_keeps_lock", test_reset_keeps_lock},
    {"timeout_texts", test_timeout_texts},
    {"foreign_keys", test_foreign_keys},
    {"database", test_database},
    {NULL, NULL},
};
