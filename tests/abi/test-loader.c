/* SPDX-License-Identifier: MIT */
/*
 * The loader, with real modules: built from the frozen headers, copied into a folder of our own
 * under the name of each defect. Nothing here needs a database.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* vasprintf */
#endif
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/error.h"
#include "driver/driver.h"

struct folder {
    char *modules; /* where the build put them */
    char *path;    /* ours, real */
};

/* ---- files --------------------------------------------------------------------------------- */

static char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *text(const char *format, ...)
{
    char *out = NULL;
    va_list ap;
    int n;

    va_start(ap, format);
    n = vasprintf(&out, format, ap);
    va_end(ap);
    assert_true(n >= 0);
    return out;
}

static void write_file(const char *path, const void *data, size_t len)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0644), 0);
}

/* Copies a module of the build to NAME.so in our folder; the caller frees the path. A new file
 * each time: the dynamic linker knows a file by its inode. */
static char *install(const struct folder *f, const char *module, const char *sub, const char *name)
{
    char *from = text("%s/%s.so", f->modules, module);
    char *to = text("%s%s/%s.so", f->path, sub, name);
    FILE *in = fopen(from, "rb");
    struct buf data = BUF_INIT(64u << 20);
    char block[65536];
    size_t n;

    assert_non_null(in);
    while ((n = fread(block, 1, sizeof(block), in)) > 0)
        assert_true(buf_add(&data, block, n));
    fclose(in);
    unlink(to);
    write_file(to, data.data, data.len);
    buf_free(&data);
    free(from);
    return to;
}

static int run(const char *command, const char *path)
{
    char *line = text("%s '%s'", command, path);
    int status = system(line);

    free(line);
    return status;
}

static int setup(void **state)
{
    struct folder *f = calloc(1, sizeof(*f));
    const char *build = getenv("abs_top_builddir");
    const char *tmp = getenv("TMPDIR");
    char *pattern = text("%s/dunlin-abi-XXXXXX", tmp ? tmp : "/tmp");

    assert_non_null(f);
    assert_non_null(mkdtemp(pattern));
    f->path = realpath(pattern, NULL);
    f->modules = text("%s/tests/abi/.libs", build ? build : ".");
    assert_non_null(f->path);
    free(pattern);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct folder *f = *state;
    int status = run("rm -rf", f->path);

    free(f->modules);
    free(f->path);
    free(f);
    return status;
}

/* ---- what loads ---------------------------------------------------------------------------- */

static void on_notice(void *context, const char *severity, const char *message)
{
    assert_string_equal(severity, "NOTE");
    assert_string_equal(message, "done");
    ++*(int *)context;
}

static int on_fail(struct dunlin_error *err, int kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int on_fail(struct dunlin_error *err, int kind, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(err->message, sizeof(err->message), format, ap);
    va_end(ap);
    err->kind = kind;
    return kind;
}

static int on_row(void *user, uint32_t n, const char *const *values, const uint64_t *lens)
{
    assert_int_equal(n, 2);
    assert_int_equal(lens[0], 5);
    assert_memory_equal(values[0], "hello", 5);
    assert_null(values[1]);
    return *(int *)user;
}

static void use_connection(const struct dunlin_driver *d, struct dunlin_conn *conn,
                           const int *notices)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    const struct dunlin_stmt stmts[] = {{"a", 1, 0, 0}, {"fail", 4, 0, 0}, {"b", 1, 0, 0}};
    uint64_t rows[3] = {0, 0, 0};
    struct dunlin_batch batch = {sizeof(batch), 3, stmts, rows, 0, 0};
    int stop = 0;

    assert_string_equal(d->server_version(conn), "no server 1.0");
    assert_int_equal(d->exec(conn, &batch, &err), DUNLIN_KIND_SYNTAX);
    assert_string_equal(err.message, "as told");
    assert_int_equal(batch.completed, 1);
    assert_int_equal(batch.failed, 1);
    assert_int_equal(rows[0], 1);
    assert_int_equal(*notices, 1);
    assert_int_equal(d->query(conn, "hello", 5, on_row, &stop, &err), 0);
    stop = 7;
    assert_int_equal(d->query(conn, "hello", 5, on_row, &stop, &err), 7);
    assert_int_equal(d->tx_state(conn), DUNLIN_TX_IDLE);
    assert_int_equal(d->cancel(conn, &err), DUNLIN_KIND_UNSUPPORTED);
    assert_int_equal(d->copy_begin(conn, stmts, &err), DUNLIN_KIND_UNSUPPORTED);
}

static void use_driver(const struct driver *driver)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    int notices = 0;
    struct dunlin_host host = {sizeof(host), 0, &notices, on_notice, on_fail};
    struct dunlin_param params[] = {{"scheme", "fake"}, {"nonsense", "1"}};
    const struct dunlin_driver *d = &driver->table;
    struct dunlin_conn *conn = NULL;

    assert_string_equal(d->client_version(), "no client 1.0");
    assert_string_equal(d->dialect->bytes_hex, "hex({column})");
    assert_null(d->dialect->lock);
    assert_null(d->dialect->foreign_keys_check);
    assert_int_equal(d->open(&host, params, 2, &conn, &err), DUNLIN_KIND_CONFIG);
    assert_string_equal(err.message, "unknown key nonsense");
    assert_null(conn);
    assert_int_equal(d->open(&host, params, 1, &conn, &err), 0);
    use_connection(d, conn, &notices);
    d->close(conn);
    d->close(NULL);
}

static void load_and_use(const struct folder *f, const char *module, const char *name)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    const struct driver *driver = NULL;
    char *file = install(f, module, "", name);

    if (driver_load(file, NULL, true, &arena, &driver, &err) != DUNLIN_OK)
        fail_msg("%s", err.message);
    assert_string_equal(driver->path, file);
    assert_string_equal(driver->table.name, name);
    assert_int_equal(driver->abi_minor, 0);
    use_driver(driver);
    arena_free(&arena);
    free(file);
}

static void test_frozen_header(void **state)
{
    load_and_use(*state, "module", "good");
}

static void test_short_header(void **state)
{
    load_and_use(*state, "module-short", "short1");
}

/* ---- what is refused ----------------------------------------------------------------------- */

struct refusal {
    const char *module, *name;
    const char *message; /* what follows the file's name */
};

#define MISSING(member)                                                                            \
    {                                                                                              \
        "module", "missing_" member, "required member " member " is missing"                       \
    }

static const struct refusal refusals[] = {
    MISSING("name"),
    MISSING("version"),
    MISSING("description"),
    MISSING("schemes"),
    MISSING("dialect"),
    MISSING("client_version"),
    MISSING("open"),
    MISSING("close"),
    MISSING("server_version"),
    MISSING("exec"),
    MISSING("query"),
    MISSING("tx_state"),
    {"module", "returns_null", "the module does not serve driver ABI 1"},
    {"module", "bad_magic", "magic is 0x464c457f, wanted 0x6e6c6e64"},
    {"module", "bad_major", "abi_major is 2, wanted 1"},
    {"module", "bad_name", "name is \"good\", wanted \"bad_name\""},
    {"module", "bad_size", "struct_size is 64, wanted at least "},
    {"module", "caps_cancel", "caps promises cancel, and member cancel is missing"},
    {"module", "caps_copy", "caps promises copy, and member copy_begin is missing"},
    {"module", "Upper", "the file name is not of the form [a-z][a-z0-9_]*.so"},
    {"module", "a-b", "the file name is not of the form [a-z][a-z0-9_]*.so"},
    {"module-none", "none", "symbol dunlin_driver_entry_v1 is missing: not a driver of dunlin"},
    {"module-v2", "later",
     "the module is for driver ABI 2 (dunlin_driver_entry_v2), wanted 1 "
     "(dunlin_driver_entry_v1)"},
};

static void assert_refused(const char *file, const char *message)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    const struct driver *driver = NULL;
    char *start = text("%s: %s", file, message);

    assert_int_equal(driver_load(file, NULL, true, &arena, &driver, &err), DUNLIN_NO_CONNECTION);
    assert_null(driver);
    assert_int_equal(err.kind, DUNLIN_KIND_DRIVER);
    if (strncmp(err.message, start, strlen(start)) != 0)
        fail_msg("\"%s\", wanted \"%s\"", err.message, start);
    assert_int_equal(driver_load(file, NULL, true, &arena, &driver, NULL), DUNLIN_NO_CONNECTION);
    arena_free(&arena);
    free(start);
}

static void test_refused(void **state)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        char *file = install(*state, refusals[i].module, "", refusals[i].name);

        assert_refused(file, refusals[i].message);
        free(file);
    }
}

static void test_no_module(void **state)
{
    const struct folder *f = *state;
    char *file = text("%s/words.so", f->path);

    assert_refused(file, "No such file or directory");
    write_file(file, "not a shared object\n", 20);
    assert_refused(file, "the module cannot be loaded: ");
    write_file(file, "", 0);
    assert_refused(file, "the module cannot be loaded: ");
    assert_int_equal(unlink(file), 0);
    assert_int_equal(mkdir(file, 0755), 0);
    assert_refused(file, "not a regular file");
    assert_int_equal(rmdir(file), 0);
    assert_int_equal(mkfifo(file, 0644), 0);
    assert_refused(file, "not a regular file");
    assert_int_equal(unlink(file), 0);
    if (mknod(file, S_IFSOCK | 0644, 0) == 0) {
        assert_refused(file, strerror(ENXIO));
        assert_int_equal(unlink(file), 0);
    }
    assert_refused("words.so", "the path of a driver module is not absolute");
    free(file);
}

static void assert_file_mode(const char *file, mode_t mode, bool refused)
{
    char message[64];

    assert_int_equal(chmod(file, mode), 0);
    snprintf(message, sizeof(message), "mode is %04o, wanted ", (unsigned)mode);
    if (refused) {
        assert_refused(file, message);
    } else {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct arena arena = ARENA_INIT;
        const struct driver *driver;

        if (driver_load(file, NULL, true, &arena, &driver, &err) != DUNLIN_OK)
            fail_msg("%s", err.message);
        arena_free(&arena);
    }
}

/* As root also a file that another user owns, or that another group can write. */
static void test_trust(void **state)
{
    const struct folder *f = *state;
    char *file = install(f, "module", "", "trusted");
    const bool root = geteuid() == 0;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    const struct driver *driver;

    assert_file_mode(file, 0755, false);
    assert_file_mode(file, 0646, true);
    assert_file_mode(file, 0666, true);
    assert_file_mode(file, 0664, root && getegid() != 0);
    assert_file_mode(file, 0644, false);
    assert_int_equal(chmod(f->path, 0777), 0);
    assert_int_equal(driver_load(file, NULL, true, &arena, &driver, &err), DUNLIN_NO_CONNECTION);
    assert_non_null(strstr(err.message, f->path));
    assert_non_null(strstr(err.message, ": mode is 0777, wanted 07"));
    assert_int_equal(chmod(f->path, 0700), 0);
    /* in some containers root has only one user to give files to */
    if (root && chown(file, 1, 1) == 0) {
        assert_refused(file, "owner is user 1, wanted root or user 0");
        assert_int_equal(chown(file, 0, 1), 0);
        assert_file_mode(file, 0664, true);
        assert_file_mode(file, 0644, false);
        assert_int_equal(chown(f->path, 1, 0), 0);
        assert_int_equal(driver_load(file, NULL, true, &arena, &driver, &err),
                         DUNLIN_NO_CONNECTION);
        assert_non_null(strstr(err.message, "owner is user 1"));
        assert_int_equal(chown(f->path, 0, 0), 0);
    }
    arena_free(&arena);
    free(file);
}

/* A link in a good folder to a file in a bad one: the bad one is what counts. */
static void test_link(void **state)
{
    const struct folder *f = *state;
    char *open_folder = text("%s/open", f->path);
    char *link = text("%s/linked.so", f->path);
    char *target;

    assert_int_equal(mkdir(open_folder, 0755), 0);
    target = install(f, "module", "/open", "linked");
    assert_int_equal(symlink(target, link), 0);
    assert_file_mode(link, 0644, false);
    assert_int_equal(chmod(open_folder, 0777), 0);
    {
        struct dunlin_error err = DUNLIN_ERROR_INIT;
        struct arena arena = ARENA_INIT;
        const struct driver *driver;

        assert_int_equal(driver_load(link, NULL, true, &arena, &driver, &err),
                         DUNLIN_NO_CONNECTION);
        assert_non_null(strstr(err.message, "/open: mode is 0777"));
        arena_free(&arena);
    }
    assert_int_equal(unlink(link), 0);
    assert_int_equal(run("rm -rf", open_folder), 0);
    free(target);
    free(link);
    free(open_folder);
}

/* ---- by scheme ----------------------------------------------------------------------------- */

struct paths {
    char *first, *second, *both;
};

static struct paths paths_make(const struct folder *f, const char *name)
{
    struct paths p;

    p.first = text("%s/%s1", f->path, name);
    p.second = text("%s/%s2", f->path, name);
    p.both = text("%s:/nowhere/at/all::%s", p.first, p.second);
    assert_int_equal(mkdir(p.first, 0755), 0);
    assert_int_equal(mkdir(p.second, 0755), 0);
    return p;
}

static void paths_free(struct paths *p)
{
    free(p->first);
    free(p->second);
    free(p->both);
}

static void test_scheme(void **state)
{
    const struct folder *f = *state;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    const struct driver *driver = NULL;
    struct paths p = paths_make(f, "scheme");

    free(install(f, "module", "/scheme2", "engine"));
    free(install(f, "module", "/scheme2", "fake"));
    if (driver_for_scheme("engine", p.both, &arena, &driver, &err) != DUNLIN_OK)
        fail_msg("%s", err.message);
    assert_string_equal(driver->table.name, "engine");
    assert_non_null(strstr(driver->path, "/scheme2/engine.so"));
    /* in the first folder lies a broken one of the same name: it is not passed over */
    free(install(f, "module-none", "/scheme1", "engine"));
    assert_int_equal(driver_for_scheme("engine", p.both, &arena, &driver, &err),
                     DUNLIN_NO_CONNECTION);
    assert_non_null(strstr(err.message, "/scheme1/engine.so: symbol"));
    free(install(f, "module", "/scheme1", "bad_schemes"));
    assert_int_equal(driver_for_scheme("bad_schemes", p.both, &arena, &driver, &err),
                     DUNLIN_NO_CONNECTION);
    assert_non_null(strstr(err.message, "bad_schemes.so: schemes lacks \"bad_schemes\""));
    arena_free(&arena);
    paths_free(&p);
}

static void assert_no_driver(const char *scheme, const char *path, const char *message,
                             const char *hint)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    const struct driver *driver = NULL;

    assert_int_equal(driver_for_scheme(scheme, path, &arena, &driver, &err), DUNLIN_NO_CONNECTION);
    assert_int_equal(err.kind, DUNLIN_KIND_DRIVER);
    assert_string_equal(err.message, message);
    if (!strstr(err.hint, hint))
        fail_msg("hint \"%s\", wanted \"%s\"", err.hint, hint);
    arena_free(&arena);
}

static void test_unknown_scheme(void **state)
{
    struct paths p = paths_make(*state, "unknown");
    char *holds = text("; %s holds no driver; /nowhere/at/all holds no driver; %s holds b one two",
                       p.first, p.second);

    free(install(*state, "module", "/unknown2", "two"));
    free(install(*state, "module", "/unknown2", "one"));
    free(install(*state, "module", "/unknown2", "b"));
    assert_no_driver("oracle", p.both, "no driver for the scheme \"oracle\"",
                     "install a driver oracle.so");
    assert_no_driver("oracle", p.both, "no driver for the scheme \"oracle\"", holds);
    assert_no_driver("my+sql", p.both, "no driver for the scheme \"my+sql\"",
                     "write postgres://, mysql:// or sqlite:");
    assert_no_driver("../one", p.second, "no driver for the scheme \"../one\"", "write postgres");
    free(holds);
    paths_free(&p);
}

/* Only where they are no part of the library. */
static void test_known_scheme(void **state)
{
    struct paths p = paths_make(*state, "known");

#ifndef BUILTIN_POSTGRES
    assert_no_driver("postgresql", p.both, "no driver for the scheme \"postgresql\"",
                     "install the package with dunlin's postgres driver, or configure "
                     "--with-postgres");
#endif
#ifndef BUILTIN_MYSQL
    assert_no_driver("mariadb", "", "no driver for the scheme \"mariadb\"",
                     "install the package with dunlin's mysql driver, or configure --with-mysql");
#endif
    paths_free(&p);
}

static void test_relative_path(void **state)
{
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct arena arena = ARENA_INIT;
    const struct driver *driver = NULL;

    (void)state;
    assert_int_equal(driver_for_scheme("fake", "/usr/lib:lib", &arena, &driver, &err),
                     DUNLIN_CONFIG);
    assert_string_equal(err.message, "driver folder \"lib\" is not an absolute path");
    assert_int_equal(driver_for_scheme("fake", ".", &arena, &driver, &err), DUNLIN_CONFIG);
    arena_free(&arena);
}

/* ---- list ---------------------------------------------------------------------------------- */

struct listing {
    struct buf text;
    int left; /* callbacks until it stops; negative = never */
};

static int on_driver(const struct dunlin_driver_info *info, void *user)
{
    struct listing *l = user;

    assert_int_equal(info->size, sizeof(*info));
    if (strcmp(info->path, "built-in") == 0)
        return 0;
    if (info->refused)
        buf_addf(&l->text, "%s refused %s\n", info->name, strrchr(info->refused->message, '/'));
    else
        buf_addf(&l->text, "%s %s %s %s %u.%u: %s; %s\n", info->name, strrchr(info->path, '/'),
                 info->version, info->client, info->abi_major, info->abi_minor, info->schemes,
                 info->capabilities);
    return l->left-- == 0;
}

static void test_list(void **state)
{
    const struct folder *f = *state;
    struct dunlin_error err = DUNLIN_ERROR_INIT;
    struct listing l = {BUF_INIT(65536), -1};
    struct paths p = paths_make(f, "list");
    char *other = text("%s/readme.txt", p.first);

    write_file(other, "x", 1);
    free(install(f, "module", "/list1", "zeta"));
    free(install(f, "module-none", "/list1", "beta"));
    free(install(f, "module-short", "/list2", "alpha"));
    free(install(f, "module", "/list2", "beta"));
    free(install(f, "module", "/list2", "Bad-name"));
    assert_int_equal(driver_list(p.both, on_driver, &l, &err), DUNLIN_OK);
    assert_string_equal(
        buf_str(&l.text),
        "Bad-name refused /Bad-name.so: the file name is not of the form [a-z][a-z0-9_]*.so\n"
        "alpha /alpha.so 1.0 no client 1.0 1.0: alpha fake; transactional-ddl batch\n"
        "beta refused /beta.so: symbol dunlin_driver_entry_v1 is missing: not a driver of dunlin\n"
        "beta refused /beta.so, which comes first in the driver path\n"
        "zeta /zeta.so 1.0 no client 1.0 1.0: zeta fake; transactional-ddl batch\n");
    buf_clear(&l.text);
    l.left = 1;
    assert_int_equal(driver_list(p.both, on_driver, &l, &err), DUNLIN_INTERRUPTED);
    buf_clear(&l.text);
    l.left = -1;
    assert_int_equal(driver_list("/nowhere/at/all", on_driver, &l, &err), DUNLIN_OK);
    assert_string_equal(buf_str(&l.text), "");
    assert_int_equal(driver_list("lib", on_driver, &l, &err), DUNLIN_CONFIG);
    buf_free(&l.text);
    free(other);
    paths_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frozen_header), cmocka_unit_test(test_short_header),
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_no_module),
        cmocka_unit_test(test_trust),         cmocka_unit_test(test_link),
        cmocka_unit_test(test_scheme),        cmocka_unit_test(test_unknown_scheme),
        cmocka_unit_test(test_known_scheme),  cmocka_unit_test(test_relative_path),
        cmocka_unit_test(test_list),
    };

    return cmocka_run_group_tests_name("loader", tests, setup, teardown);
}
