# One stanza for each program. unit_ldadd is the library with everything it hides; a test of the
# command's own code puts libdunlin-cli.la before it.

unit_cppflags = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
unit_ldadd = libdunlin-core.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-url
tests_unit_test_url_SOURCES = %D%/test-url.c
tests_unit_test_url_CPPFLAGS = $(unit_cppflags)
tests_unit_test_url_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-url

check_PROGRAMS += tests/unit/test-driver-check
tests_unit_test_driver_check_SOURCES = %D%/test-driver-check.c
tests_unit_test_driver_check_CPPFLAGS = $(unit_cppflags)
tests_unit_test_driver_check_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-driver-check
