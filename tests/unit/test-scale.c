/* SPDX-License-Identifier: MIT */
/*
 * What one migration costs when nothing is to do, by counts that are the same on every machine:
 * system calls that read, bytes that are kept. And that many files, which several threads hash,
 * give the same answer as few.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/error.h"
#include "plan/plan.h"
#include "scratch.h"

#define FILES 2000u

struct project {
    struct scratch folder;
    struct source source;
    struct arena arena;
    struct history history;
};

static const char *file_name(size_t i)
{
    static char name[64];

    snprintf(name, sizeof(name), "%05zu_table_%zu.sql", i, i);
    return name;
}

static void project_make(struct project *p)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    const char *dirs[] = {p->folder.path};
    char *block = malloc(FILE_BLOCK_SIZE);

    memset(p, 0, sizeof(*p));
    scratch_make(&p->folder);
    for (size_t i = 1; i <= FILES; i++) {
        char text[64];
        int n = snprintf(text, sizeof(text), "CREATE TABLE t%zu (id integer);\n", i);

        scratch_write(&p->folder, file_name(i), text, (size_t)n);
    }
    assert_int_equal(source_open(dirs, 1, UNNUMBERED_ERROR, &p->source, &err), DUNLIN_OK);
    assert_int_equal(p->source.folders[0].count, FILES);
    p->history.exists = true;
    p->history.count = FILES;
    p->history.rows = arena_calloc(&p->arena, FILES, sizeof(*p->history.rows));
    assert_true(p->history.rows && block);
    for (size_t i = 0; i < FILES; i++) {
        const struct migration *m = &p->source.folders[0].migrations[i];
        char sum[CHECKSUM_SIZE];

        assert_int_equal(file_checksum(&m->up, NULL, block, sum, &err), DUNLIN_OK);
        p->history.rows[i] = (struct history_row){.source = "main",
                                                  .version = m->version,
                                                  .name = m->name,
                                                  .kind = "versioned",
                                                  .status = HISTORY_APPLIED,
                                                  .checksum = arena_strdup(&p->arena, sum)};
    }
    free(block);
}

static void project_free(struct project *p)
{
    source_close(&p->source);
    arena_free(&p->arena);
    scratch_remove(&p->folder);
}

/* System calls of this process that read, or -1 where the system does not count them. */
static long reads_so_far(void)
{
    char line[64];
    long n = -1;
    FILE *io = fopen("/proc/self/io", "r");

    while (io && fgets(line, sizeof(line), io)) {
        if (sscanf(line, "syscr: %ld", &n) == 1)
            break;
    }
    if (io)
        fclose(io);
    return n;
}

static void test_reads(void **state)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct project p;
    struct plan plan;
    long before, after;

    (void)state;
    project_make(&p);
    assert_int_equal(plan_match(&p.source, &p.history, &plan, &err), DUNLIN_OK);
    before = reads_so_far();
    assert_int_equal(plan_hash(&plan, &err), DUNLIN_OK);
    after = reads_so_far();
    if (before >= 0)
        assert_in_range(after - before, FILES, FILES + 8); /* 8: the counter's own file */
    for (size_t i = 0; i < plan.count; i++) {
        assert_int_equal(plan.items[i].state, DUNLIN_STATE_APPLIED);
        assert_ptr_equal(plan.items[i].checksum, p.history.rows[i].checksum);
    }
    plan_free(&plan);
    project_free(&p);
}

/* What is shown of a long line is its start: the end of the line is not looked for. */
static void test_long_line(void **state)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct file_text *text;
    struct source source;
    struct scratch s;
    const char *dirs[] = {s.path};
    char line[32];
    long before, after;

    (void)state;
    scratch_make(&s);
    scratch_write(&s, "1_a.sql", "SELECT 1", 8);
    assert_int_equal(truncate(scratch_path(&s, "1_a.sql"), 256L << 20), 0);
    assert_int_equal(source_open(dirs, 1, UNNUMBERED_ERROR, &source, &err), DUNLIN_OK);
    assert_int_equal(file_text_open(&source.folders[0].migrations[0].up, true, &text, &err), 0);
    before = reads_so_far();
    assert_int_equal(file_text_line(text, 1, line, sizeof(line), NULL), DUNLIN_OK);
    after = reads_so_far();
    assert_memory_equal(line, "SELECT 1", 8);
    if (before >= 0)
        assert_in_range(after - before, 1, 1 + 8);
    file_text_free(text);
    source_close(&source);
    scratch_remove(&s);
}

/* 10,000 applied migrations are to fit into 16 MiB with the program, its libraries and the page
 * cache of SQLite, which need 7. */
static void test_bytes(void **state)
{
    (void)state;
    assert_in_range(
        sizeof(struct plan_item) + sizeof(struct migration) + sizeof(struct history_row), 1, 512);
}

/* Of the same size and, as far as a checkout goes, of the same time: only the bytes tell. */
static void test_edited(void **state)
{
    static const size_t edited[] = {1, 64, 65, 777, 1024, FILES};
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct project p;
    struct plan plan;
    size_t next = 0;

    (void)state;
    project_make(&p);
    for (size_t i = 0; i < sizeof(edited) / sizeof(edited[0]); i++) {
        char text[64];
        int n = snprintf(text, sizeof(text), "CREATE TABLE t%zu (id numeric);\n", edited[i]);

        scratch_write(&p.folder, file_name(edited[i]), text, (size_t)n);
    }
    assert_int_equal(plan_match(&p.source, &p.history, &plan, &err), DUNLIN_OK);
    assert_int_equal(plan_hash(&plan, &err), DUNLIN_OK);
    for (size_t i = 0; i < plan.count; i++) {
        bool is = next < sizeof(edited) / sizeof(edited[0]) && edited[next] == i + 1;

        assert_int_equal(plan.items[i].state, is ? DUNLIN_STATE_EDITED : DUNLIN_STATE_APPLIED);
        assert_int_equal(strlen(plan.items[i].checksum), CHECKSUM_SIZE - 6);
        next += is;
    }
    assert_int_equal(next, sizeof(edited) / sizeof(edited[0]));
    assert_int_equal(plan_conflicts(&plan, DUNLIN_ORDER_REJECT, &err), DUNLIN_CONFLICT);
    assert_non_null(strstr(err.message, "00001_table_1.sql was edited"));
    plan_free(&plan);
    project_free(&p);
}

/* Whichever thread comes upon which: the first of them is told. */
static void test_first_failure(void **state)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct project p;
    struct plan plan;

    (void)state;
    project_make(&p);
    for (size_t i = 300; i <= FILES; i += 50)
        assert_int_equal(unlink(scratch_path(&p.folder, file_name(i))), 0);
    for (unsigned again = 0; again < 20; again++) {
        assert_int_equal(plan_match(&p.source, &p.history, &plan, &err), DUNLIN_OK);
        assert_int_equal(plan_hash(&plan, &err), DUNLIN_BAD_FILE);
        assert_non_null(strstr(err.message, "00300_table_300.sql does not exist any more"));
        plan_free(&plan);
    }
    project_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),         cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_bytes),         cmocka_unit_test(test_edited),
        cmocka_unit_test(test_first_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
