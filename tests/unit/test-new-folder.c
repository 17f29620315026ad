/* SPDX-License-Identifier: MIT */
/* The folder that convert writes, and files that get another name, where something is in the way:
 * either all is done or nothing, and what others have there stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/error.h"
#include "scratch.h"
#include "source/convert.h"
#include "source/folder.h"

#define KEPT_MODE 0750

struct fixture {
    struct scratch scratch;
    struct arena arena;
    struct dunlin_error err;
    struct folder from;
    struct new_folder to;
};

static void fixture_make(struct fixture *f)
{
    *f = (struct fixture){.arena = ARENA_INIT, .err = DUNLIN_ERROR_INIT};
    scratch_make(&f->scratch);
    scratch_add(&f->scratch, "old/");
    scratch_add(&f->scratch, "above/");
    f->from = (struct folder){.label = "main", .path = "old", .fd = -1};
    f->from.real = arena_strdup(&f->arena, scratch_path(&f->scratch, "old"));
}

static int fixture_init(struct fixture *f, const char *name)
{
    return new_folder_init(&f->to, scratch_path(&f->scratch, name), &f->from, &f->arena, &f->err);
}

static int make_file(struct fixture *f, const char *name)
{
    int fd = -1, rc = new_folder_file(&f->to, name, 0666, &fd, &f->err);

    if (fd >= 0)
        close(fd);
    return rc;
}

static void fixture_remove(struct fixture *f)
{
    new_folder_free(&f->to);
    arena_free(&f->arena);
    scratch_remove(&f->scratch);
}

static bool is_there(struct fixture *f, const char *name)
{
    return access(scratch_path(&f->scratch, name), F_OK) == 0;
}

/* The folder above is left as it was, without a temporary one in it. */
static void assert_nothing_above(struct fixture *f)
{
    assert_int_equal(rmdir(scratch_path(&f->scratch, "above")), 0);
}

static void test_filled_meanwhile(void **state)
{
    struct fixture f;

    (void)state;
    fixture_make(&f);
    scratch_add(&f.scratch, "above/new/");
    assert_int_equal(fixture_init(&f, "above/new"), DUNLIN_OK);
    assert_int_equal(new_folder_create(&f.to, &f.arena, &f.err), DUNLIN_OK);
    assert_int_equal(make_file(&f, "1_a.sql"), DUNLIN_OK);
    assert_int_equal(make_file(&f, "hooks/connect.sql"), DUNLIN_OK);
    scratch_add(&f.scratch, "above/new/mine");
    assert_int_equal(new_folder_publish(&f.to, &f.err), DUNLIN_CONFIG);
    assert_non_null(strstr(f.err.message, "above/new: it is not empty any more"));
    new_folder_withdraw(&f.to);
    assert_true(is_there(&f, "above/new/mine"));
    assert_false(is_there(&f, "above/new/1_a.sql"));
    assert_int_equal(unlink(scratch_path(&f.scratch, "above/new/mine")), 0);
    assert_int_equal(rmdir(scratch_path(&f.scratch, "above/new")), 0);
    assert_nothing_above(&f);
    fixture_remove(&f);
}

/* An empty folder that was there is there again, for those who could enter it before. */
static void test_taken_back(void **state)
{
    struct fixture f;
    struct stat st;

    (void)state;
    fixture_make(&f);
    scratch_add(&f.scratch, "above/new/");
    assert_int_equal(chmod(scratch_path(&f.scratch, "above/new"), KEPT_MODE), 0);
    assert_int_equal(fixture_init(&f, "above/new"), DUNLIN_OK);
    assert_int_equal(new_folder_create(&f.to, &f.arena, &f.err), DUNLIN_OK);
    assert_int_equal(make_file(&f, "1_a.sql"), DUNLIN_OK);
    assert_int_equal(make_file(&f, "hooks/connect.sql"), DUNLIN_OK);
    assert_int_equal(new_folder_publish(&f.to, &f.err), DUNLIN_OK);
    assert_true(is_there(&f, "above/new/hooks/connect.sql"));
    new_folder_withdraw(&f.to);
    assert_false(is_there(&f, "above/new/1_a.sql"));
    assert_int_equal(stat(scratch_path(&f.scratch, "above/new"), &st), 0);
    assert_int_equal(st.st_mode & 07777, KEPT_MODE);
    assert_int_equal(rmdir(scratch_path(&f.scratch, "above/new")), 0);
    assert_nothing_above(&f);
    fixture_remove(&f);
}

static void test_in_the_way(void **state)
{
    struct fixture f;
    char name[300];

    (void)state;
    fixture_make(&f);
    assert_int_equal(fixture_init(&f, "above/new"), DUNLIN_OK);
    /* as a run left it that was killed and had the same number */
    snprintf(name, sizeof(name), "above/.dunlin-%ld-0/mine", (long)getpid());
    scratch_add(&f.scratch, name);
    assert_int_equal(new_folder_create(&f.to, &f.arena, &f.err), DUNLIN_OK);
    assert_int_equal(make_file(&f, "1_a.sql"), DUNLIN_OK);
    assert_int_equal(make_file(&f, "1_a.sql"), DUNLIN_CONFIG);
    assert_non_null(strstr(f.err.message, "above/new/1_a.sql: File exists"));
    assert_int_equal(make_file(&f, "hooks"), DUNLIN_OK);
    assert_int_equal(make_file(&f, "hooks/connect.sql"), DUNLIN_CONFIG);
    assert_non_null(strstr(f.err.message, "above/new/hooks/connect.sql: Not a directory"));
    new_folder_withdraw(&f.to);
    assert_true(is_there(&f, name));
    fixture_remove(&f);
}

/* What was there when the folder was named is gone when it is written. */
static void test_gone_meanwhile(void **state)
{
    struct fixture f;

    (void)state;
    fixture_make(&f);
    assert_int_equal(fixture_init(&f, "above/new"), DUNLIN_OK);
    assert_int_equal(new_folder_create(&f.to, &f.arena, &f.err), DUNLIN_OK);
    assert_int_equal(rmdir(f.to.temporary), 0);
    assert_int_equal(make_file(&f, "hooks/connect.sql"), DUNLIN_CONFIG);
    assert_non_null(strstr(f.err.message, "cannot create the folder hooks: No such file"));
    assert_int_equal(new_folder_publish(&f.to, &f.err), DUNLIN_CONFIG);
    assert_non_null(strstr(f.err.message, "above/new: No such file"));
    new_folder_withdraw(&f.to);
    assert_int_equal(fixture_init(&f, "above/new"), DUNLIN_OK);
    assert_nothing_above(&f);
    assert_int_equal(new_folder_create(&f.to, &f.arena, &f.err), DUNLIN_CONFIG);
    assert_non_null(strstr(f.err.message, "cannot create the folder "));
    fixture_remove(&f);
}

/* ---- another number ---------------------------------------------------------------------------
 */

/* A file of a pair whose new name is taken: neither gets it. */
static void test_number_taken(void **state)
{
    static const char *const taken[] = {"7_a.up.sql", "7_a.down.sql"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        struct source source;
        const char *dirs[1], *to[2];
        char name[64];

        fixture_make(&f);
        scratch_add(&f.scratch, "old/2_a.up.sql");
        scratch_add(&f.scratch, "old/2_a.down.sql");
        snprintf(name, sizeof(name), "old/%s/mine", taken[i]);
        scratch_add(&f.scratch, name);
        dirs[0] = f.from.real;
        assert_int_equal(source_open(dirs, 1, UNNUMBERED_ERROR, &source, &f.err), DUNLIN_OK);
        assert_int_equal(
            source_renumber(&source.folders[0].migrations[0], "7", false, &f.arena, to, &f.err),
            DUNLIN_CONFIG);
        snprintf(name, sizeof(name), "old/2_a.%s.sql to %s: File exists", i ? "down" : "up",
                 taken[i]);
        assert_non_null(strstr(f.err.message, name));
        assert_true(is_there(&f, "old/2_a.up.sql") && is_there(&f, "old/2_a.down.sql"));
        assert_false(is_there(&f, i ? "old/7_a.up.sql" : "old/7_a.down.sql"));
        source_close(&source);
        fixture_remove(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filled_meanwhile), cmocka_unit_test(test_taken_back),
        cmocka_unit_test(test_in_the_way),       cmocka_unit_test(test_gone_meanwhile),
        cmocka_unit_test(test_number_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
