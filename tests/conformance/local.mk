# One program, run against each engine by a script of its name.

if HAVE_CMOCKA
check_PROGRAMS += tests/conformance/conformance
tests_conformance_conformance_SOURCES = \
	%D%/conformance.c \
	%D%/conformance.h \
	%D%/harness.c
tests_conformance_conformance_CPPFLAGS = $(unit_cppflags) -I$(srcdir)/%D%
tests_conformance_conformance_LDADD = $(unit_ldadd) $(THREAD_LIBS)

script_tests += \
	%D%/mariadb.sh \
	%D%/postgres.sh \
	%D%/sqlite.sh
endif
