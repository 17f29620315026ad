/* SPDX-License-Identifier: MIT */
/*
 * A preloaded object that makes the N-th call of one class fail, whoever makes it: dunlin, its
 * drivers or a client library. tests/faults/run asks for it by environment:
 *
 *     DUNLIN_FAULT=CLASS:N     alloc:17 fails the 17th allocation, alloc:17+ it and all behind it
 *     DUNLIN_FAULT_REPORT=FILE gets a line for the first failure: the function, and who called it
 *
 * Classes: alloc, own (the allocations that are not a client library's: those of dunlin, its
 * drivers and the C library), read (opening, reading and looking at files), write (writing,
 * syncing, removing and renaming them, and standard output), net (a connection breaks while it
 * sends or receives), wait (for an answer, over a connection that is whole), client (calls of the
 * client libraries: the connection is cut right before them; an SQLite call reports an input/output
 * error), all. A program that dunlin starts is left alone.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
/* Each name is defined here as the linker knows it. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <stdlib.h>

#ifdef __GLIBC__ /* other systems have other names for the same functions: there the test is       \
                    skipped */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

enum fault_class { ALLOC = 1, READ = 2, WRITE = 4, NET = 8, CLIENT = 16, WAIT = 32, OWN = 64 };

static const struct {
    const char *name;
    unsigned mask;
} classes[] = {{"alloc", ALLOC}, {"own", OWN},
               {"read", READ},   {"write", WRITE},
               {"net", NET},     {"client", CLIENT},
               {"wait", WAIT},   {"all", ALLOC | READ | WRITE | NET | CLIENT | WAIT}};

/* One for the process, as what it stands in for is: there is nobody to hand it on. */
static struct {
    atomic_ulong calls;
    unsigned long at; /* which call fails, 0 = none */
    unsigned mask;
    bool onwards;
    atomic_bool begun, hit;
    int report;    /* where the first failure is told of, -1 = nowhere */
    atomic_int fd; /* of the last connection */
    void *fake_db; /* the SQLite connection that our last failure is an error of */
} fault = {.report = -1, .fd = -1};

/* While it looks for the real function of that name, a thread is let through. */
static __thread bool inside __attribute__((tls_model("initial-exec")));

typedef void (*any_fn)(void);

/* ---- the real ones ----------------------------------------------------------------------------
 */

struct library {
    char path[4096];
    const char *part;
};

static int library_match(struct dl_phdr_info *info, size_t size, void *user)
{
    struct library *l = user;

    (void)size;
    if (!info->dlpi_name || !strstr(info->dlpi_name, l->part))
        return 0;
    snprintf(l->path, sizeof(l->path), "%s", info->dlpi_name);
    return 1;
}

/* A driver's client library is not where the linker looks for the next of the name. */
static void *find_in_client(const char *name)
{
    static const char *const parts[] = {"libsqlite3.so", "libpq.so", "libmariadb.so",
                                        "libmysqlclient.so"};
    void *found = NULL;

    for (size_t i = 0; !found && i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct library l = {.part = parts[i]};
        void *handle;

        if (!dl_iterate_phdr(library_match, &l))
            continue;
        handle = dlopen(l.path, RTLD_LAZY | RTLD_NOLOAD);
        found = handle ? dlsym(handle, name) : NULL;
    }
    return found;
}

static any_fn find(const char *name, _Atomic(any_fn) *cache)
{
    any_fn known = atomic_load(cache);
    bool before = inside;
    void *found;

    if (known)
        return known;
    inside = true;
    found = dlsym(RTLD_NEXT, name);
    if (!found)
        found = find_in_client(name);
    inside = before;
    if (!found) {
        static const char text[] = "inject: a function was not found: ";

        (void)!syscall(SYS_write, 2, text, sizeof(text) - 1);
        (void)!syscall(SYS_write, 2, name, strlen(name));
        (void)!syscall(SYS_write, 2, "\n", 1);
        abort();
    }
    memcpy(&known, &found, sizeof(known));
    atomic_store(cache, known);
    return known;
}

#define REAL(name)                                                                                 \
    __extension__({                                                                                \
        static _Atomic(any_fn) cache;                                                              \
        (__typeof__(&name))find(#name, &cache);                                                    \
    })

/* ---- whether it is this one -------------------------------------------------------------------
 */

static void report(const char *name, void *caller)
{
    char line[4400];
    Dl_info info = {0};
    int n;

    inside = true;
    if (caller && dladdr(caller, &info) && info.dli_fname)
        n = snprintf(line, sizeof(line), "%s called from %s+0x%lx %s\n", name, info.dli_fname,
                     (unsigned long)((char *)caller - (char *)info.dli_fbase),
                     info.dli_sname ? info.dli_sname : "");
    else
        n = snprintf(line, sizeof(line), "%s\n", name);
    (void)!syscall(SYS_write, fault.report, line, n);
    inside = false;
}

/* A place for a breakpoint. */
static __attribute__((noinline)) void first_hit(const char *name, void *caller)
{
    if (fault.report >= 0)
        report(name, caller);
    __asm__ volatile("");
}

static bool is_own(const void *caller)
{
    static const char *const parts[] = {"dunlin",   "/drivers/",   "/libc.so", "/ld-",
                                        "/libinih", "/libjansson", "/libz."};
    Dl_info info = {0};
    bool found = false;

    inside = true;
    if (dladdr(caller, &info) && info.dli_fname)
        for (size_t i = 0; !found && i < sizeof(parts) / sizeof(parts[0]); i++)
            found = strstr(info.dli_fname, parts[i]) != NULL;
    inside = false;
    return found;
}

static void stop(void)
{
    fault.mask = 0;
}

static bool due(unsigned class, const char *name, void *caller)
{
    unsigned long number;
    int saved;

    if (!(fault.mask & class) || inside)
        return false;
    if (fault.mask == OWN && !is_own(caller))
        return false;
    /* What runs behind main and the handlers of exit is no part of the program: in a coverage build
     * it writes the counters, and trusts malloc. This handler is the first one, and so the last. */
    if (!atomic_exchange(&fault.begun, true)) {
        inside = true;
        (void)atexit(stop);
        inside = false;
    }
    number = atomic_fetch_add(&fault.calls, 1) + 1;
    if (number != fault.at && !(fault.onwards && number > fault.at))
        return false;
    saved = errno;
    if (!atomic_exchange(&fault.hit, true))
        first_hit(name, caller);
    errno = saved;
    return true;
}

static __attribute__((constructor)) void start(void)
{
    const char *what = getenv("DUNLIN_FAULT"), *file = getenv("DUNLIN_FAULT_REPORT"), *colon;
    unsigned mask = 0;
    char *end;

    /* A shell script that starts it, as valgrind is one, hands everything on. */
    if (!what || !(colon = strchr(what, ':')) || !strstr(program_invocation_short_name, "dunlin"))
        return;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strlen(classes[i].name) == (size_t)(colon - what) &&
            strncmp(what, classes[i].name, (size_t)(colon - what)) == 0)
            mask = classes[i].mask;
    }
    fault.at = strtoul(colon + 1, &end, 10);
    fault.onwards = *end == '+';
    if (file)
        fault.report = (int)syscall(SYS_openat, AT_FDCWD, file,
                                    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    unsetenv("LD_PRELOAD");
    unsetenv("DUNLIN_FAULT");
    unsetenv("DUNLIN_FAULT_REPORT");
    atomic_store(&fault.calls, 0);
    fault.mask = mask;
}

/* ---- alloc ------------------------------------------------------------------------------------
 */

/* What the search for the real malloc itself asks for; it is never given back. */
static char early[8192];
static size_t early_used;

static void *early_take(size_t size)
{
    size_t at = early_used;

    size = (size + 15) & ~(size_t)15;
    if (size > sizeof(early) - at)
        return NULL;
    early_used += size;
    return early + at;
}

static bool is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + sizeof(early);
}

static _Atomic(any_fn) real_malloc, real_calloc, real_realloc, real_free;

static bool no_memory(const char *name, void *caller)
{
    if (!due(ALLOC | OWN, name, caller))
        return false;
    errno = ENOMEM;
    return true;
}

EXPORT void *malloc(size_t size)
{
    if (inside && !atomic_load(&real_malloc))
        return early_take(size);
    if (no_memory("malloc", CALLER))
        return NULL;
    return ((void *(*)(size_t))find("malloc", &real_malloc))(size);
}

EXPORT void *calloc(size_t n, size_t size)
{
    if (inside && !atomic_load(&real_calloc))
        return n && size > sizeof(early) / n ? NULL : early_take(n * size);
    if (no_memory("calloc", CALLER))
        return NULL;
    return ((void *(*)(size_t, size_t))find("calloc", &real_calloc))(n, size);
}

EXPORT void *realloc(void *p, size_t size)
{
    if (is_early(p)) {
        size_t left = (size_t)(early + sizeof(early) - (char *)p);
        void *grown = malloc(size);

        return grown ? memcpy(grown, p, size < left ? size : left) : NULL;
    }
    if (inside && !p && !atomic_load(&real_realloc))
        return malloc(size);
    if (no_memory("realloc", CALLER))
        return NULL;
    return ((void *(*)(void *, size_t))find("realloc", &real_realloc))(p, size);
}

EXPORT void free(void *p)
{
    if (p && !is_early(p))
        ((void (*)(void *))find("free", &real_free))(p);
}

EXPORT int posix_memalign(void **out, size_t align, size_t size)
{
    return no_memory("posix_memalign", CALLER) ? ENOMEM : REAL(posix_memalign)(out, align, size);
}

/* ---- the name service -------------------------------------------------------------------------
 */

/* glibc's own (2.36: nss_database.c) does not survive what is tested here. */
EXPORT int getpwuid_r(uid_t uid, struct passwd *entry, char *text, size_t size, struct passwd **out)
{
    bool before = inside;
    int rc;

    inside = true;
    rc = REAL(getpwuid_r)(uid, entry, text, size, out);
    inside = before;
    return rc;
}

EXPORT int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out)
{
    bool before = inside;
    int rc;

    if (due(NET | ALLOC | OWN, "getaddrinfo", CALLER))
        return EAI_MEMORY;
    inside = true;
    rc = REAL(getaddrinfo)(node, service, hints, out);
    inside = before;
    return rc;
}

/* ---- read, write, net -------------------------------------------------------------------------
 */

/* FAILS(class, name, errno, what it then returns, the call that it otherwise is) */
#define FAILS(class, name, number, result, call)                                                   \
    do {                                                                                           \
        if (due(class, #name, CALLER)) {                                                           \
            errno = number;                                                                        \
            return result;                                                                         \
        }                                                                                          \
        return REAL(name) call;                                                                    \
    } while (0)

static mode_t mode_of(int flags, va_list ap)
{
    return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(ap, int) : 0;
}

#define OPEN(name)                                                                                 \
    EXPORT int name(const char *path, int flags, ...)                                              \
    {                                                                                              \
        va_list ap;                                                                                \
        mode_t mode;                                                                               \
                                                                                                   \
        va_start(ap, flags);                                                                       \
        mode = mode_of(flags, ap);                                                                 \
        va_end(ap);                                                                                \
        FAILS(READ, name, EMFILE, -1, (path, flags, mode));                                        \
    }
#define OPENAT(name)                                                                               \
    EXPORT int name(int at, const char *path, int flags, ...)                                      \
    {                                                                                              \
        va_list ap;                                                                                \
        mode_t mode;                                                                               \
                                                                                                   \
        va_start(ap, flags);                                                                       \
        mode = mode_of(flags, ap);                                                                 \
        va_end(ap);                                                                                \
        FAILS(READ, name, EMFILE, -1, (at, path, flags, mode));                                    \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

EXPORT FILE *fopen(const char *path, const char *mode)
{
    FAILS(READ, fopen, EMFILE, NULL, (path, mode));
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
    FAILS(READ, fopen64, EMFILE, NULL, (path, mode));
}

EXPORT DIR *opendir(const char *path)
{
    FAILS(READ, opendir, EMFILE, NULL, (path));
}

EXPORT DIR *fdopendir(int fd)
{
    FAILS(READ, fdopendir, ENOMEM, NULL, (fd));
}

EXPORT struct dirent *readdir(DIR *dir)
{
    FAILS(READ, readdir, EIO, NULL, (dir));
}

EXPORT struct dirent64 *readdir64(DIR *dir)
{
    FAILS(READ, readdir64, EIO, NULL, (dir));
}

EXPORT ssize_t read(int fd, void *to, size_t n)
{
    FAILS(READ, read, EIO, -1, (fd, to, n));
}

EXPORT ssize_t pread(int fd, void *to, size_t n, off_t at)
{
    FAILS(READ, pread, EIO, -1, (fd, to, n, at));
}

EXPORT ssize_t pread64(int fd, void *to, size_t n, off64_t at)
{
    FAILS(READ, pread64, EIO, -1, (fd, to, n, at));
}

EXPORT int fstat(int fd, struct stat *st)
{
    FAILS(READ, fstat, EIO, -1, (fd, st));
}

EXPORT int fstat64(int fd, struct stat64 *st)
{
    FAILS(READ, fstat64, EIO, -1, (fd, st));
}

EXPORT int stat(const char *path, struct stat *st)
{
    FAILS(READ, stat, EIO, -1, (path, st));
}

EXPORT int stat64(const char *path, struct stat64 *st)
{
    FAILS(READ, stat64, EIO, -1, (path, st));
}

EXPORT int lstat(const char *path, struct stat *st)
{
    FAILS(READ, lstat, EIO, -1, (path, st));
}

EXPORT int lstat64(const char *path, struct stat64 *st)
{
    FAILS(READ, lstat64, EIO, -1, (path, st));
}

EXPORT int dup(int fd)
{
    FAILS(READ, dup, EMFILE, -1, (fd));
}

EXPORT int fstatat(int at, const char *path, struct stat *st, int flags)
{
    FAILS(READ, fstatat, EIO, -1, (at, path, st, flags));
}

EXPORT int fstatat64(int at, const char *path, struct stat64 *st, int flags)
{
    FAILS(READ, fstatat64, EIO, -1, (at, path, st, flags));
}

EXPORT char *realpath(const char *path, char *resolved)
{
    FAILS(READ, realpath, EIO, NULL, (path, resolved));
}

EXPORT ssize_t write(int fd, const void *from, size_t n)
{
    FAILS(WRITE, write, ENOSPC, -1, (fd, from, n));
}

EXPORT ssize_t pwrite(int fd, const void *from, size_t n, off_t at)
{
    FAILS(WRITE, pwrite, ENOSPC, -1, (fd, from, n, at));
}

EXPORT ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at)
{
    FAILS(WRITE, pwrite64, ENOSPC, -1, (fd, from, n, at));
}

/* Nobody pulls the plug here, and thousands of runs need not wait for the disk. */
EXPORT int fsync(int fd)
{
    if (due(WRITE, "fsync", CALLER)) {
        errno = EIO;
        return -1;
    }
    return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

EXPORT int fdatasync(int fd)
{
    if (due(WRITE, "fdatasync", CALLER)) {
        errno = EIO;
        return -1;
    }
    return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

EXPORT int ftruncate(int fd, off_t size)
{
    FAILS(WRITE, ftruncate, EIO, -1, (fd, size));
}

EXPORT int ftruncate64(int fd, off64_t size)
{
    FAILS(WRITE, ftruncate64, EIO, -1, (fd, size));
}

EXPORT int unlink(const char *path)
{
    FAILS(WRITE, unlink, EIO, -1, (path));
}

EXPORT int rename(const char *from, const char *to)
{
    FAILS(WRITE, rename, EIO, -1, (from, to));
}

#ifdef RENAME_NOREPLACE
EXPORT int renameat2(int at, const char *from, int under, const char *to, unsigned flags)
{
    FAILS(WRITE, renameat2, EIO, -1, (at, from, under, to, flags));
}
#endif

EXPORT int linkat(int at, const char *from, int under, const char *to, int flags)
{
    FAILS(WRITE, linkat, EIO, -1, (at, from, under, to, flags));
}

EXPORT int unlinkat(int at, const char *path, int flags)
{
    FAILS(WRITE, unlinkat, EIO, -1, (at, path, flags));
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    FAILS(WRITE, mkdir, ENOSPC, -1, (path, mode));
}

EXPORT int mkdirat(int at, const char *path, mode_t mode)
{
    FAILS(WRITE, mkdirat, ENOSPC, -1, (at, path, mode));
}

EXPORT int rmdir(const char *path)
{
    FAILS(WRITE, rmdir, EIO, -1, (path));
}

/* Standard error stays: it has to tell of the failure. */
EXPORT size_t fwrite(const void *from, size_t size, size_t n, FILE *to)
{
    if (to == stdout)
        FAILS(WRITE, fwrite, ENOSPC, 0, (from, size, n, to));
    return REAL(fwrite)(from, size, n, to);
}

EXPORT int fflush(FILE *to)
{
    if (to == stdout)
        FAILS(WRITE, fflush, ENOSPC, EOF, (to));
    return REAL(fflush)(to);
}

EXPORT int connect(int fd, const struct sockaddr *to, socklen_t len)
{
    atomic_store(&fault.fd, fd);
    FAILS(NET, connect, ECONNREFUSED, -1, (fd, to, len));
}

/* A connection that cannot send or receive once never will again: libpq waits for what it said
 * last. */
EXPORT ssize_t recv(int fd, void *to, size_t n, int flags)
{
    if (due(NET, "recv", CALLER))
        (void)shutdown(fd, SHUT_RDWR);
    return REAL(recv)(fd, to, n, flags);
}

EXPORT ssize_t send(int fd, const void *from, size_t n, int flags)
{
    if (due(NET, "send", CALLER))
        (void)shutdown(fd, SHUT_RDWR);
    return REAL(send)(fd, from, n, flags);
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    FAILS(WAIT, poll, ENOMEM, -1, (fds, n, timeout));
}

/* ---- client: servers --------------------------------------------------------------------------
 */

/* What the library then finds is a real broken connection, wherever the server just was. */
static void cut(const char *name, void *caller)
{
    int fd = atomic_load(&fault.fd);

    if (due(CLIENT, name, caller) && fd >= 0)
        (void)shutdown(fd, SHUT_RDWR);
}

/* CUT(type, name, parameters, arguments): types as the linker sees them. */
#define CUT(type, name, parameters, arguments)                                                     \
    EXPORT type name parameters;                                                                   \
    EXPORT type name parameters                                                                    \
    {                                                                                              \
        cut(#name, CALLER);                                                                        \
        return REAL(name) arguments;                                                               \
    }

CUT(int, PQsendQuery, (void *c, const char *sql), (c, sql))
CUT(void *, PQexec, (void *c, const char *sql), (c, sql))
CUT(void *, PQgetResult, (void *c), (c))
CUT(int, PQputCopyData, (void *c, const char *data, int n), (c, data, n))
CUT(int, PQputCopyEnd, (void *c, const char *error), (c, error))
CUT(int, mysql_query, (void *c, const char *sql), (c, sql))
CUT(int, mysql_real_query, (void *c, const char *sql, unsigned long n), (c, sql, n))
CUT(int, mysql_next_result, (void *c), (c))
CUT(void *, mysql_use_result, (void *c), (c))
CUT(void *, mysql_store_result, (void *c), (c))
CUT(void *, mysql_fetch_row, (void *result), (result))

/* ---- client: SQLite ---------------------------------------------------------------------------
 */

#define LITE_IOERR 10
#define LITE_IOERR_WRITE 778

void *sqlite3_db_handle(void *st);
int sqlite3_errcode(void *db);
int sqlite3_extended_errcode(void *db);
const char *sqlite3_errmsg(void *db);
int sqlite3_step(void *st);
int sqlite3_prepare_v2(void *db, const char *sql, int n, void **out, const char **tail);
int sqlite3_prepare_v3(void *db, const char *sql, int n, unsigned flags, void **out,
                       const char **tail);

/* Until its next call the connection goes on telling of the failure. */
static bool lite_fails(void *db, const char *name, void *caller)
{
    bool fails = due(CLIENT, name, caller);

    fault.fake_db = fails ? db : NULL;
    return fails;
}

EXPORT int sqlite3_errcode(void *db)
{
    return db && db == fault.fake_db ? LITE_IOERR : REAL(sqlite3_errcode)(db);
}

EXPORT int sqlite3_extended_errcode(void *db)
{
    return db && db == fault.fake_db ? LITE_IOERR_WRITE : REAL(sqlite3_extended_errcode)(db);
}

EXPORT const char *sqlite3_errmsg(void *db)
{
    return db && db == fault.fake_db ? "disk I/O error" : REAL(sqlite3_errmsg)(db);
}

EXPORT int sqlite3_step(void *st)
{
    return lite_fails(REAL(sqlite3_db_handle)(st), "sqlite3_step", CALLER) ? LITE_IOERR_WRITE
                                                                           : REAL(sqlite3_step)(st);
}

EXPORT int sqlite3_prepare_v2(void *db, const char *sql, int n, void **out, const char **tail)
{
    if (!lite_fails(db, "sqlite3_prepare_v2", CALLER))
        return REAL(sqlite3_prepare_v2)(db, sql, n, out, tail);
    *out = NULL;
    return LITE_IOERR_WRITE;
}

EXPORT int sqlite3_prepare_v3(void *db, const char *sql, int n, unsigned flags, void **out,
                              const char **tail)
{
    if (!lite_fails(db, "sqlite3_prepare_v3", CALLER))
        return REAL(sqlite3_prepare_v3)(db, sql, n, flags, out, tail);
    *out = NULL;
    return LITE_IOERR_WRITE;
}

#else

typedef int nothing_here;

#endif
