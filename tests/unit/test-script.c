/* SPDX-License-Identifier: MIT */
/* The inside of a file: sections, options, and what decides how a section can run. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/stream.h"
#include "script/options.h"
#include "script/script.h"

#define NL "\n"
#define CRLF "\r\n"

static const struct dunlin_rule rules[] = {
    {"BEGIN", DUNLIN_EFFECT_BEGIN, 0},
    {"COMMIT", DUNLIN_EFFECT_COMMIT, 0},
    {"ROLLBACK TO", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"ROLLBACK", DUNLIN_EFFECT_ROLLBACK, 0},
    {"SAVEPOINT", DUNLIN_EFFECT_SAVEPOINT, 0},
    {"PREPARE TRANSACTION", DUNLIN_EFFECT_TX_CONTROL, 0},
    {"VACUUM", DUNLIN_EFFECT_NO_TX, 0},
    {"PRAGMA foreign_keys", DUNLIN_EFFECT_FOREIGN_KEYS, 0},
    {NULL, 0, 0},
};

static const struct script_dialect dialect = {
    .lex = DUNLIN_LEX_E_STRING | DUNLIN_LEX_DOLLAR_QUOTE | DUNLIN_LEX_NESTED_COMMENT |
           DUNLIN_LEX_PAREN | DUNLIN_LEX_COPY | DUNLIN_LEX_META_BACKSLASH,
    .rules = rules,
    .max_statement = 1u << 20,
};

static int scan(const char *text, enum section_kind whole, struct arena *arena, struct script *out,
                struct dunlin_error *err)
{
    struct memory_stream m;

    memory_stream_init(&m, text, strlen(text));
    return script_scan(&m.stream, "dir/1_a.sql", whole, &dialect, arena, out, err);
}

/* ---- what a text holds ---------------------------------------------------------------------- */

static void describe_ref(struct buf *b, const char *name, const struct statement_ref *ref)
{
    if (ref->line)
        buf_addf(b, " %s=%" PRIu32 "@%" PRIu32 ":%" PRIu32, name, ref->number, ref->line,
                 ref->column);
}

static void describe_options(struct buf *b, const struct section_options *o)
{
    static const char *const transactions[] = {"", " tx:on", " tx:off"};

    buf_adds(b, transactions[o->transaction]);
    buf_adds(b, o->tolerate_exists ? " exists" : "");
    buf_adds(b, o->tolerate_missing ? " missing" : "");
    buf_adds(b, o->foreign_keys_off ? " fk:off" : "");
    buf_adds(b, o->substitute ? " substitute" : "");
    buf_adds(b, o->irreversible ? " irreversible" : "");
    if (o->timeout_given)
        buf_addf(b, " timeout:%" PRIu64, o->timeout_ms);
    if (o->lock_timeout_given)
        buf_addf(b, " lock:%" PRIu64, o->lock_timeout_ms);
}

/* "up 3 [offset line:column bytes mark]" and whatever is not as usual. */
static void describe(struct buf *b, const struct script *s)
{
    if (s->description)
        buf_addf(b, "<%s> ", s->description);
    for (unsigned k = 0; k < SECTION_COUNT; k++) {
        const struct section *x = &s->sections[k];

        if (!x->present)
            continue;
        buf_addf(b, "%s %" PRIu32 " [%" PRIu64 " %" PRIu32 ":%" PRIu32 " %" PRIu64 " %" PRIu32 "]",
                 section_name((enum section_kind)k), x->statements, x->start.offset, x->start.line,
                 x->start.column, x->bytes, x->mark_line);
        if (x->no_tx_count)
            buf_addf(b, " notx:%" PRIu32, x->no_tx_count);
        describe_ref(b, "notx", &x->first_no_tx);
        describe_ref(b, "intx", &x->first_in_tx);
        describe_ref(b, "control", &x->tx_control);
        buf_adds(b, x->folded ? " folded" : "");
        buf_adds(b, x->foreign_keys ? " fk" : "");
        describe_options(b, &x->options);
        buf_adds(b, "; ");
    }
}

/* Lexing a section from where it begins gives the same statements at the same places. */
static void check_again(const char *text, const struct section *x)
{
    struct memory_stream m;
    struct lexer *lx;
    struct piece piece;
    uint32_t count = 0;

    memory_stream_init(&m, text + x->start.offset, (size_t)x->bytes);
    assert_int_equal(lexer_new(&m.stream, dialect.lex, dialect.modes, &x->start,
                               dialect.max_statement, &lx, NULL),
                     DUNLIN_OK);
    do {
        assert_int_equal(lexer_next(lx, &piece, NULL), DUNLIN_OK);
        if (piece.kind != PIECE_STATEMENT)
            continue;
        count++;
        assert_memory_equal(text + piece.offset, piece.sql, piece.sql_len);
        if (count == x->first_in_tx.number) {
            assert_int_equal(piece.line, x->first_in_tx.line);
            assert_int_equal(piece.column, x->first_in_tx.column);
        }
    } while (piece.kind != PIECE_END);
    assert_int_equal(count, x->statements);
    lexer_free(lx);
}

struct good {
    enum section_kind whole;
    const char *text;
    const char *found;
};

#define SINGLE SECTION_COUNT

static const struct good goods[] = {
    /* a text without marks is all up */
    {SINGLE, "", "up 0 [0 0:0 0 0]; "},
    {SINGLE, "-- nothing" NL "/* here */;;" NL, "up 0 [0 0:0 24 0]; "},
    {SINGLE, "SELECT 1", "up 1 [0 0:0 8 0] intx=1@1:1; "},
    {SINGLE, NL "  SELECT 1;" NL "SELECT 2;", "up 2 [0 0:0 22 0] intx=1@2:3; "},
    {SECTION_UP, "SELECT 1;", "up 1 [0 0:0 9 0] intx=1@1:1; "},
    {SECTION_DOWN, "SELECT 1;", "down 1 [0 0:0 9 0] intx=1@1:1; "},
    /* marks */
    {SINGLE, "-- migrate:up" NL "SELECT 1;" NL, "up 1 [14 2:1 10 1] intx=1@2:1; "},
    {SINGLE, "-- migrate:up", "up 0 [13 1:14 0 1]; "},
    {SINGLE, "-- migrate:up" CRLF "SELECT 1;" CRLF, "up 1 [15 2:1 11 1] intx=1@2:1; "},
    {SINGLE, "-- migrate:up" NL "SELECT 1;" NL "-- migrate:down" NL "SELECT 2;" NL "SELECT 3;",
     "up 1 [14 2:1 10 1] intx=1@2:1; down 2 [40 4:1 19 3] intx=1@4:1; "},
    {SINGLE,
     "-- migrate:up" NL "SELECT 1" NL "-- migrate:down" NL NL "-- migrate:verify" NL "SELECT 2",
     "up 1 [14 2:1 9 1] intx=1@2:1; down 0 [39 4:1 1 3]; verify 1 [58 6:1 8 5] intx=1@6:1; "},
    {SINGLE, "-- migrate:down" NL "SELECT 2;" NL "-- migrate:up" NL "SELECT 1;",
     "up 1 [40 4:1 9 3] intx=1@4:1; down 1 [16 2:1 10 1] intx=1@2:1; "},
    {SINGLE, "-- a comment" NL NL "/* and -- another */" NL "-- migrate:up" NL "SELECT 1;",
     "up 1 [49 5:1 9 4] intx=1@5:1; "},
    {SINGLE, "-- migrate:up" NL "SELECT '" NL "-- migrate:down" NL "';",
     "up 1 [14 2:1 27 1] intx=1@2:1; "},
    {SINGLE, "SELECT $$" NL "-- migrate:down" NL "$$;", "up 1 [0 0:0 29 0] intx=1@1:1; "},
    {SECTION_UP, "-- migrate:up transaction:off" NL "SELECT 1;",
     "up 1 [30 2:1 9 1] intx=1@2:1 tx:off; "},
    {SECTION_UP, "-- migrate:up" NL "SELECT 1;" NL "-- migrate:verify" NL "SELECT 2",
     "up 1 [14 2:1 10 1] intx=1@2:1; verify 1 [42 4:1 8 3] intx=1@4:1; "},
    {SECTION_DOWN, "-- migrate:down timeout:1s" NL "SELECT 1;",
     "down 1 [27 2:1 9 1] intx=1@2:1 timeout:1000; "},
    /* descriptions */
    {SINGLE, "-- Description: add users  " NL "SELECT 1;",
     "<add users> up 1 [0 0:0 37 0] intx=1@2:1; "},
    {SINGLE, "-- Description: caf\xc3\xa9" CRLF "-- migrate:up" NL "SELECT 1;",
     "<caf\xc3\xa9> up 1 [37 3:1 9 2] intx=1@3:1; "},
    {SINGLE, "-- migrate:up" NL "-- Description: x" NL "SELECT 1;",
     "<x> up 1 [14 2:1 27 1] intx=1@3:1; "},
    {SINGLE, "-- Description: x" NL "-- Description: y" NL, "<x> up 0 [0 0:0 36 0]; "},
    {SINGLE, "-- Description:" NL "-- Description:  y" NL, "<y> up 0 [0 0:0 35 0]; "},
    {SINGLE, "SELECT 1;" NL "-- Description: of something else" NL "SELECT 2;",
     "up 2 [0 0:0 53 0] intx=1@1:1; "},
    /* options */
    {SINGLE, "-- migrate:up transaction:auto" NL, "up 0 [31 2:1 0 1]; "},
    {SINGLE, "-- migrate:up transaction:on" NL, "up 0 [29 2:1 0 1] tx:on; "},
    {SINGLE, "-- migrate:up transaction:true" NL, "up 0 [31 2:1 0 1] tx:on; "},
    {SINGLE, "-- migrate:up transaction:false" NL, "up 0 [32 2:1 0 1] tx:off; "},
    {SINGLE, "-- migrate:up timeout:500ms  lock-timeout:0 " NL,
     "up 0 [45 2:1 0 1] timeout:500 lock:0; "},
    {SINGLE, "-- migrate:up tolerate:exists" NL, "up 0 [30 2:1 0 1] exists; "},
    {SINGLE, "-- migrate:up tolerate:missing,exists" NL, "up 0 [38 2:1 0 1] exists missing; "},
    {SINGLE, "-- migrate:up\tforeign-keys:off\tsubstitute:on irreversible" NL,
     "up 0 [58 2:1 0 1] fk:off substitute irreversible; "},
    {SINGLE, "-- migrate:up" NL "-- migrate:verify timeout:2m" NL,
     "up 0 [14 2:1 0 1]; verify 0 [43 3:1 0 2] timeout:120000; "},
    /* statements that decide */
    {SINGLE, "VACUUM;", "up 1 [0 0:0 7 0] notx:1 notx=1@1:1; "},
    {SINGLE, "SELECT 1; VACUUM;" NL " vacuum t;",
     "up 3 [0 0:0 28 0] notx:2 notx=2@1:11 intx=1@1:1; "},
    {SINGLE, "VACUUM; SELECT 1", "up 2 [0 0:0 16 0] notx:1 notx=1@1:1 intx=2@1:9; "},
    {SINGLE, "BEGIN; SELECT 1; COMMIT;", "up 3 [0 0:0 24 0] intx=2@1:8 folded; "},
    {SINGLE, "begin;" NL "commit", "up 2 [0 0:0 13 0] folded; "},
    {SINGLE, "BEGIN; SAVEPOINT a; SELECT 1; ROLLBACK TO a; COMMIT;",
     "up 5 [0 0:0 52 0] intx=2@1:8 folded; "},
    {SINGLE, "SAVEPOINT a; SELECT 1", "up 2 [0 0:0 21 0] intx=1@1:1; "},
    {SINGLE, "PRAGMA foreign_keys=off; BEGIN; SELECT 1; COMMIT; PRAGMA foreign_keys=on;",
     "up 5 [0 0:0 73 0] intx=3@1:33 folded fk; "},
    {SINGLE, "PRAGMA foreign_keys=off; SELECT 1;", "up 2 [0 0:0 34 0] intx=2@1:26 fk; "},
    {SINGLE, "PRAGMA foreign_keys=off;", "up 1 [0 0:0 24 0] fk; "},
    {SINGLE, "BEGIN; VACUUM; COMMIT;", "up 3 [0 0:0 22 0] notx:1 notx=2@1:8 folded; "},
    {SINGLE, "BEGIN; SELECT 1; COMMIT; SELECT 2;", "up 4 [0 0:0 34 0] intx=1@1:1 control=3@1:18; "},
    {SINGLE, "BEGIN; SELECT 1; COMMIT; VACUUM;",
     "up 4 [0 0:0 32 0] notx:1 notx=4@1:26 intx=1@1:1 control=3@1:18; "},
    {SINGLE, "SELECT 1; BEGIN; SELECT 2; COMMIT;", "up 4 [0 0:0 34 0] intx=1@1:1 control=2@1:11; "},
    {SINGLE, "VACUUM; BEGIN; SELECT 2; COMMIT;",
     "up 4 [0 0:0 32 0] notx:1 notx=1@1:1 intx=2@1:9 control=2@1:9; "},
    {SINGLE, "BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; COMMIT;",
     "up 6 [0 0:0 49 0] intx=1@1:1 control=4@1:26; "},
    {SINGLE, "BEGIN; SELECT 1;", "up 2 [0 0:0 16 0] intx=1@1:1 control=1@1:1; "},
    {SINGLE, "BEGIN; BEGIN; COMMIT;", "up 3 [0 0:0 21 0] intx=1@1:1 control=2@1:8; "},
    {SINGLE, "BEGIN; SELECT 1; ROLLBACK;", "up 3 [0 0:0 26 0] intx=1@1:1 control=3@1:18; "},
    {SINGLE, "SELECT 1; COMMIT;", "up 2 [0 0:0 17 0] intx=1@1:1 control=2@1:11; "},
    {SINGLE, "BEGIN; PREPARE TRANSACTION 'x';", "up 2 [0 0:0 31 0] intx=1@1:1 control=2@1:8; "},
    {SINGLE, "-- migrate:up" NL "BEGIN; COMMIT;" NL "-- migrate:down" NL "SELECT 1;",
     "up 2 [14 2:1 15 1] folded; down 1 [45 4:1 9 3] intx=1@4:1; "},
    {SINGLE, "-- migrate:up" NL "BEGIN;" NL "-- migrate:down" NL "COMMIT;",
     "up 1 [14 2:1 7 1] intx=1@2:1 control=1@2:1; "
     "down 1 [37 4:1 7 3] intx=1@4:1 control=1@4:1; "},
    /* what is not sent is not counted */
    {SINGLE, "COPY t FROM stdin;" NL "1;2" NL "\\." NL "SELECT 1;" NL,
     "up 2 [0 0:0 36 0] intx=1@1:1; "},
    {SINGLE, "\\restrict abc" NL "SELECT 1;" NL "\\unrestrict abc" NL,
     "up 1 [0 0:0 40 0] intx=1@2:1; "},
};

static void test_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct buf text = BUF_INIT(8192);
        struct arena arena = ARENA_INIT;
        struct script script;
        int rc = scan(goods[i].text, goods[i].whole, &arena, &script, &err);

        if (rc != DUNLIN_OK)
            fail_msg("%s: %" PRIu32 ":%" PRIu32 " %s", goods[i].text, err.line, err.column,
                     err.message);
        describe(&text, &script);
        if (strcmp(buf_str(&text), goods[i].found) != 0)
            fail_msg("%s\n  is       %s\n  expected %s", goods[i].text, buf_str(&text),
                     goods[i].found);
        for (unsigned k = 0; k < SECTION_COUNT; k++)
            if (script.sections[k].present)
                check_again(goods[i].text, &script.sections[k]);
        buf_free(&text);
        arena_free(&arena);
    }
}

/* ---- what is refused ------------------------------------------------------------------------ */

struct bad {
    enum section_kind whole;
    const char *text;
    uint32_t line, column;
    const char *message; /* whole */
    const char *hint;    /* a part */
};

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X200 X50 X50 X50 X50

static const struct bad bads[] = {
    {SINGLE, "-- migrate:foo" NL, 1, 4, "unknown mark \"migrate:foo\"", "migrate:up, migrate:down"},
    {SINGLE, NL NL "  -- migrate:Up" NL, 3, 6, "unknown mark \"migrate:Up\"", "migrate:up"},
    {SINGLE, "-- migrate:" NL, 1, 4, "unknown mark \"migrate:\"", "migrate:up"},
    {SINGLE, "-- migrate:upper" NL, 1, 4, "unknown mark \"migrate:upper\"", "migrate:up"},
    {SINGLE, "-- migrate:up transactoin:off", 1, 15, "unknown option \"transactoin:off\"",
     "did you mean transaction? write transaction:auto"},
    {SINGLE, "-- migrate:up transaction=off", 1, 15, "unknown option \"transaction=off\"",
     "did you mean transaction?"},
    {SINGLE, "-- migrate:up time-out:5s", 1, 15, "unknown option \"time-out:5s\"",
     "did you mean timeout?"},
    {SINGLE, "-- migrate:up lock_timeout:5s", 1, 15, "unknown option \"lock_timeout:5s\"",
     "did you mean lock-timeout?"},
    {SINGLE, "-- migrate:up irreversable", 1, 15, "unknown option \"irreversable\"",
     "did you mean irreversible?"},
    {SINGLE, "-- migrate:up caf\xc3\xa9 x:y", 1, 15, "unknown option \"caf\xc3\xa9\"",
     "options are transaction, timeout"},
    {SINGLE, "-- migrate:up substitute:on x:y", 1, 29, "unknown option \"x:y\"",
     "options are transaction"},
    {SINGLE, "-- migrate:up :off", 1, 15, "unknown option \":off\"", "options are"},
    {SINGLE, NL "-- migrate:up" NL NL "-- migrate:down transaction:maybe", 4, 17,
     "option \"transaction\" cannot be \"maybe\"", "transaction:auto"},
    {SINGLE, "-- migrate:up transaction", 1, 15, "option \"transaction\" needs a value",
     "transaction:auto"},
    {SINGLE, "-- migrate:up transaction:", 1, 15, "option \"transaction\" cannot be \"\"",
     "transaction:auto"},
    {SINGLE, "-- migrate:up timeout:5", 1, 15, "option \"timeout\" cannot be \"5\"", "timeout:30s"},
    {SINGLE, "-- migrate:up timeout", 1, 15, "option \"timeout\" needs a value", "timeout:30s"},
    {SINGLE, "-- migrate:up lock-timeout:-1s", 1, 15, "option \"lock-timeout\" cannot be \"-1s\"",
     "lock-timeout:5s"},
    {SINGLE, "-- migrate:up timeout:" X200 "y", 1, 15, "option \"timeout\" cannot be \"" X200 "\"",
     "timeout:30s"},
    {SINGLE, "-- migrate:up " X200 "y", 1, 15, "unknown option \"" X200 "\"", "options are"},
    {SINGLE, "-- migrate:up tolerate:exists,", 1, 15, "option \"tolerate\" cannot be \"exists,\"",
     "tolerate:exists"},
    {SINGLE, "-- migrate:up tolerate:all", 1, 15, "option \"tolerate\" cannot be \"all\"",
     "tolerate:exists"},
    {SINGLE, "-- migrate:up tolerate", 1, 15, "option \"tolerate\" needs a value",
     "tolerate:exists"},
    {SINGLE, "-- migrate:up foreign-keys:on", 1, 15, "option \"foreign-keys\" cannot be \"on\"",
     "foreign-keys:off"},
    {SINGLE, "-- migrate:up substitute", 1, 15, "option \"substitute\" needs a value",
     "substitute:on"},
    {SINGLE, "-- migrate:up irreversible:yes", 1, 15, "option \"irreversible\" cannot be \"yes\"",
     "without a value"},
    {SINGLE, "-- migrate:up timeout:1s timeout:2s", 1, 26, "option \"timeout\" is given twice", ""},
    {SINGLE, "-- migrate:up" NL "-- migrate:verify transaction:off", 2, 19,
     "a verify section has no option \"transaction\"", ""},
    /* sections */
    {SINGLE, "-- migrate:up" NL "SELECT 1;" NL "-- migrate:up" NL, 3, 1,
     "two up sections: lines 1 and 3", ""},
    {SINGLE, "-- migrate:up" NL "-- migrate:down" NL "-- migrate:verify" NL "-- migrate:down" NL, 4,
     1, "two down sections: lines 2 and 4", ""},
    {SINGLE, NL " SELECT 1;" NL "SELECT 2;" NL "-- migrate:up" NL, 2, 2,
     "a statement stands before the first section mark, which is in line 4", "-- migrate:up"},
    {SINGLE, "SELECT 1" NL "-- migrate:down" NL, 1, 1,
     "a statement stands before the first section mark, which is in line 2", ""},
    {SINGLE, NL "-- migrate:down" NL "SELECT 1;" NL, 2, 1, "the file has sections, but none for up",
     "-- migrate:up"},
    {SINGLE, "-- migrate:verify" NL "-- migrate:down" NL, 1, 1,
     "the file has sections, but none for up", ""},
    {SECTION_UP, "SELECT 1;" NL "-- migrate:down" NL, 2, 1,
     "a down section in the up file of a pair", ".down.sql"},
    {SECTION_UP, "-- migrate:up" NL "-- migrate:down" NL, 2, 1,
     "a down section in the up file of a pair", ".down.sql"},
    {SECTION_DOWN, "-- migrate:up" NL, 1, 1, "an up section in the down file of a pair", ".up.sql"},
    {SECTION_DOWN, "-- migrate:verify" NL, 1, 1, "a verify section in the down file of a pair",
     ".up.sql"},
    {SECTION_UP, "-- migrate:verify" NL "SELECT 1", 1, 1, "the file has sections, but none for up",
     "-- migrate:up"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct arena arena = ARENA_INIT;
        struct script script;
        int rc = scan(bads[i].text, bads[i].whole, &arena, &script, &err);

        if (rc != DUNLIN_BAD_FILE)
            fail_msg("%s: %d", bads[i].text, rc);
        if (strcmp(err.message, bads[i].message) != 0 || !strstr(err.hint, bads[i].hint) ||
            err.line != bads[i].line || err.column != bads[i].column)
            fail_msg("%s: %" PRIu32 ":%" PRIu32 " %s (%s)", bads[i].text, err.line, err.column,
                     err.message, err.hint);
        assert_int_equal(err.kind, DUNLIN_KIND_FILE);
        assert_string_equal(err.file, "dir/1_a.sql");
        arena_free(&arena);
    }
}

/* What the lexer refuses gets the file's name. */
static void test_unfinished(void **state)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    struct script script;

    (void)state;
    assert_int_equal(scan("SELECT 1;" NL "SELECT 'x", SINGLE, &arena, &script, &err),
                     DUNLIN_BAD_FILE);
    assert_string_equal(err.file, "dir/1_a.sql");
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 8);
    assert_int_equal(scan("SELECT 'x", SINGLE, &arena, &script, NULL), DUNLIN_BAD_FILE);
    arena_free(&arena);
}

static int fail_read(struct stream *s, char *to, size_t size, size_t *got, struct dunlin_error *err)
{
    (void)s;
    (void)to;
    (void)size;
    (void)err;
    *got = 0;
    return DUNLIN_CONFIG;
}

static void test_stream_fails(void **state)
{
    struct stream stream = {fail_read};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    struct script script;

    (void)state;
    assert_int_equal(script_scan(&stream, "x", SINGLE, &dialect, &arena, &script, &err),
                     DUNLIN_CONFIG);
    arena_free(&arena);
}

/* ---- marks that are written ----------------------------------------------------------------- */

/* A section that is kept elsewhere keeps its options: written and read again they are the same. */
static void test_written(void **state)
{
    static const char *const options[] = {
        "",
        "transaction:on",
        "transaction:off",
        "timeout:1500ms",
        "lock-timeout:250ms",
        "tolerate:exists",
        "tolerate:missing",
        "tolerate:exists,missing",
        "foreign-keys:off",
        "substitute:on",
        "irreversible",
        "transaction:off timeout:0ms lock-timeout:0ms tolerate:exists,missing substitute:on",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct buf text = BUF_INIT(1024);
        struct section_options read;
        const char *mark = "-- migrate:down";

        assert_int_equal(section_options_parse(options[i], "1_a.sql", &read, &err), DUNLIN_OK);
        mark_write(&text, SECTION_DOWN, &read);
        if (strncmp(buf_str(&text), mark, strlen(mark)) != 0 ||
            strcmp(buf_str(&text) + strlen(mark) + (options[i][0] != 0), options[i]) != 0)
            fail_msg("%s: %s", options[i], buf_str(&text));
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_unfinished), cmocka_unit_test(test_stream_fails),
        cmocka_unit_test(test_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
