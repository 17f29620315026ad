# SPDX-License-Identifier: MIT
# What only the tests need: sanitizers, fuzzing, coverage, PostgreSQL's own parser.

# DUNLIN_NEED_FLAG(FLAG, OPTION): an error unless a program can be built with FLAG.
AC_DEFUN([DUNLIN_NEED_FLAG], [
    AC_MSG_CHECKING([whether $CC builds with $1])
    dunlin_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS $1"
    AC_LINK_IFELSE([AC_LANG_PROGRAM], [AC_MSG_RESULT([yes])],
        [AC_MSG_RESULT([no]); AC_MSG_ERROR([$2: $CC cannot build with $1])])
    CFLAGS=$dunlin_save_CFLAGS
])

AC_DEFUN([DUNLIN_SANITIZER], [
    AC_ARG_WITH([sanitizer],
        [AS_HELP_STRING([--with-sanitizer=LIST],
            [build with these sanitizers: address,undefined or thread, say @<:@no@:>@])],
        [], [with_sanitizer=no])
    AS_CASE([$with_sanitizer], [yes], [with_sanitizer=address,undefined], ['' | no],
        [with_sanitizer=no])
    AS_IF([test "$with_sanitizer" != no], [
        SANITIZER_CFLAGS="-fsanitize=$with_sanitizer -fno-sanitize-recover=all"
        DUNLIN_NEED_FLAG([$SANITIZER_CFLAGS], [--with-sanitizer])
        SANITIZER_LDFLAGS="-fsanitize=$with_sanitizer"
        SANITIZER_CFLAGS="$SANITIZER_CFLAGS -fno-omit-frame-pointer"
    ])
    AC_SUBST([SANITIZER_CFLAGS])
    AC_SUBST([SANITIZER_LDFLAGS])
])

# The targets are built by make check in any case, as tests that run over their corpus; this makes
# them real fuzzers: libfuzzer, or the flags or library of another engine ($LIB_FUZZING_ENGINE).
AC_DEFUN([DUNLIN_FUZZING], [
    AC_ARG_WITH([fuzzing],
        [AS_HELP_STRING([--with-fuzzing=libfuzzer|ENGINE],
            [link tests/fuzz with this engine (needs clang) @<:@no@:>@])],
        [], [with_fuzzing=no])
    AS_CASE([$with_fuzzing],
        [no|''], [with_fuzzing=no],
        [yes|libfuzzer], [
            DUNLIN_NEED_FLAG([-fsanitize=fuzzer-no-link], [--with-fuzzing])
            FUZZ_CFLAGS=-fsanitize=fuzzer-no-link
            FUZZ_LIBS=-fsanitize=fuzzer],
        [FUZZ_LIBS=$with_fuzzing])
    AM_CONDITIONAL([FUZZING], [test "$with_fuzzing" != no])
    AC_SUBST([FUZZ_CFLAGS])
    AC_SUBST([FUZZ_LIBS])
])

AC_DEFUN([DUNLIN_COVERAGE], [
    AC_ARG_ENABLE([code-coverage],
        [AS_HELP_STRING([--enable-code-coverage],
            [count the lines that tests reach; "make coverage" reports them @<:@no@:>@])],
        [], [enable_code_coverage=no])
    AS_IF([test "$enable_code_coverage" = yes], [
        DUNLIN_NEED_FLAG([--coverage], [--enable-code-coverage])
        COVERAGE_CFLAGS='--coverage -O0'
        COVERAGE_LDFLAGS=--coverage
        enable_hardening=no
    ])
    AC_SUBST([COVERAGE_CFLAGS])
    AC_SUBST([COVERAGE_LDFLAGS])
    AC_CHECK_TOOL([GCOV], [gcov], [gcov])
])

# libpg_query has no .pc file. A test compares our lexer with it.
AC_DEFUN([DUNLIN_CHECK_PG_QUERY], [
    have_pg_query=no
    AC_CHECK_HEADER([pg_query.h],
        [AC_CHECK_LIB([pg_query], [pg_query_split_with_parser],
            [have_pg_query=yes; PG_QUERY_LIBS=-lpg_query])])
    AM_CONDITIONAL([HAVE_PG_QUERY], [test "$have_pg_query" = yes])
    AC_SUBST([PG_QUERY_LIBS])
    AS_IF([test "$have_cmocka" != yes], [unit_tests_summary='no (cmocka >= 1.1.5 not found)'],
        [test "$have_pg_query" = yes], [unit_tests_summary='yes, with libpg_query'],
        [unit_tests_summary='yes, without libpg_query (not found)'])
])

# MySQL itself, beside MariaDB, is tested where it is installed: in the PATH, or named by
# DUNLIN_TEST_MYSQLD.
AC_DEFUN([DUNLIN_CHECK_MYSQLD], [
    AC_ARG_VAR([DUNLIN_TEST_MYSQLD], [a mysqld of MySQL (not MariaDB) to test against])
    AC_MSG_CHECKING([for a MySQL server to test against])
    AS_IF([test -z "$DUNLIN_TEST_MYSQLD"], [
        dunlin_mysqld=`PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec command -v mysqld`
        AS_IF([test -n "$dunlin_mysqld"], [
            AS_CASE([`"$dunlin_mysqld" --no-defaults --version 2>/dev/null`],
                [*[[Mm]]aria*|''], [], [DUNLIN_TEST_MYSQLD=$dunlin_mysqld])])])
    AM_CONDITIONAL([HAVE_MYSQLD], [test -n "$DUNLIN_TEST_MYSQLD"])
    AC_MSG_RESULT([${DUNLIN_TEST_MYSQLD:-no}])
])
