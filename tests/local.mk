# make check: every test speaks TAP. Programs are unit tests; scripts (.sh) start the servers they
# need themselves (tests/support/with-server) and are skipped, with the reason, where one is absent.

TESTS = $(unit_tests) $(script_tests)
TEST_EXTENSIONS = .sh
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(BASH)

# What is in the user's environment must not decide a test.
AM_TESTS_ENVIRONMENT = \
	. $(abs_top_srcdir)/tests/support/clean-env; \
	export CC='$(CC)' CMOCKA_MESSAGE_OUTPUT=TAP; \
	export abs_top_srcdir='$(abs_top_srcdir)' abs_top_builddir='$(abs_top_builddir)'; \
	export DUNLIN='$(abs_top_builddir)/dunlin'; \
	export DUNLIN_DRIVER_PATH='$(abs_top_builddir)/drivers/.libs'; \
	export DUNLIN_MIGRATIONS='$(abs_top_srcdir)/migrations'; \
	export DUNLIN_TEST_DRIVERS='$(DUNLIN_DRIVERS)'; \
	export DUNLIN_TEST_MYSQLD="$${DUNLIN_TEST_MYSQLD:-$(DUNLIN_TEST_MYSQLD)}"; \
	export LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/support/lsan.supp:print_suppressions=0'; \
	export UBSAN_OPTIONS=print_stacktrace=1;

dist_check_SCRIPTS += \
	%D%/support/analyse \
	%D%/support/certificates \
	%D%/support/check-style \
	%D%/support/coverage \
	%D%/support/coverage-exceptions \
	%D%/support/installed-check \
	%D%/support/mysql97 \
	%D%/support/with-server
EXTRA_DIST += \
	%D%/support/clean-env \
	%D%/support/lsan.supp \
	%D%/support/tap.sh \
	$(script_tests)

EXTRA_DIST += %D%/unit/no-cmocka.sh
if HAVE_CMOCKA
include tests/unit/local.mk
else
script_tests += %D%/unit/no-cmocka.sh
endif
include tests/conformance/local.mk
include tests/e2e/local.mk
include tests/abi/local.mk
include tests/fuzz/local.mk
include tests/interop/local.mk
include tests/torture/local.mk
include tests/faults/local.mk

# The lists of what to pack are complete only where every test is configured.
dist-hook:
if !HAVE_CMOCKA
	@echo "make dist: configure with cmocka first" >&2; exit 1
endif
