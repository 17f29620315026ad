# One program, run once for each engine: see conformance.h.

if HAVE_CMOCKA
check_PROGRAMS += tests/conformance/conformance
tests_conformance_conformance_SOURCES = \
	%D%/conformance.c \
	%D%/conformance.h \
	%D%/harness.c \
	%D%/quirks.c \
	%D%/samples_mysql.c \
	%D%/samples_postgres.c \
	%D%/samples_sqlite.c \
	%D%/test_connect.c \
	%D%/test_copy.c \
	%D%/test_dialect.c \
	%D%/test_effect.c \
	%D%/test_error.c \
	%D%/test_exec.c \
	%D%/test_postgres.c \
	%D%/test_query.c
tests_conformance_conformance_LDADD = $(unit_ldadd) $(THREAD_LIBS)
tests_conformance_conformance_CPPFLAGS = $(unit_cppflags)

script_tests += \
	%D%/conformance-mariadb.sh \
	%D%/conformance-postgres.sh \
	%D%/conformance-sqlite.sh
EXTRA_DIST += %D%/conformance-mysql.sh %D%/run
if HAVE_MYSQLD
script_tests += %D%/conformance-mysql.sh
endif
endif
