# The N-th call fails: a sample in make check, all of it in make torture.
EXTRA_DIST += %D%/coverage.sh %D%/folder.sh %D%/judge.sh %D%/kinds.sh %D%/samples.sh %D%/valgrind.supp
dist_check_SCRIPTS += %D%/run
if PRELOAD
check_LTLIBRARIES += tests/faults/inject.la
tests_faults_inject_la_SOURCES = %D%/inject.c
tests_faults_inject_la_CPPFLAGS =
tests_faults_inject_la_CFLAGS = $(WARN_CFLAGS) $(VISIBILITY_CFLAGS) -fno-builtin
tests_faults_inject_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_faults_inject_la_LIBADD = $(DL_LIBS)

script_tests += \
	%D%/faults-commands.sh \
	%D%/faults-convert.sh \
	%D%/faults-large.sh \
	%D%/faults-layout.sh \
	%D%/faults-mariadb.sh \
	%D%/faults-postgres.sh \
	%D%/faults-sqlite.sh
torture_scripts += %D%/torture.sh
endif
