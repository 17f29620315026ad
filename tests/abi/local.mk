# Modules as of another time, built from frozen headers, and programs that are no drivers; the
# loader's test copies them around. Without an -rpath libtool would build no shared object.

EXTRA_DIST += %D%/driver-1.0.h %D%/driver-short.h %D%/error-1.0.h
if HAVE_CMOCKA
if SHARED
abi_ldflags = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere

check_LTLIBRARIES += tests/abi/module.la
tests_abi_module_la_SOURCES = %D%/module.c
tests_abi_module_la_CPPFLAGS = $(HARDENING_CPPFLAGS)
tests_abi_module_la_CFLAGS = $(common_cflags)
tests_abi_module_la_LDFLAGS = $(abi_ldflags)
tests_abi_module_la_LIBADD = $(DL_LIBS)

check_LTLIBRARIES += tests/abi/module-short.la
tests_abi_module_short_la_SOURCES = %D%/module.c
tests_abi_module_short_la_CPPFLAGS = $(HARDENING_CPPFLAGS) -DABI_SHORT
tests_abi_module_short_la_CFLAGS = $(common_cflags)
tests_abi_module_short_la_LDFLAGS = $(abi_ldflags)
tests_abi_module_short_la_LIBADD = $(DL_LIBS)

check_LTLIBRARIES += tests/abi/module-v2.la
tests_abi_module_v2_la_SOURCES = %D%/module-v2.c
tests_abi_module_v2_la_CFLAGS = $(common_cflags)
tests_abi_module_v2_la_LDFLAGS = $(abi_ldflags)

check_LTLIBRARIES += tests/abi/module-none.la
tests_abi_module_none_la_SOURCES = %D%/module-none.c
tests_abi_module_none_la_CFLAGS = $(common_cflags)
tests_abi_module_none_la_LDFLAGS = $(abi_ldflags)

check_PROGRAMS += tests/abi/test-loader
tests_abi_test_loader_SOURCES = %D%/test-loader.c %D%/pins.c
tests_abi_test_loader_CPPFLAGS = $(unit_cppflags)
tests_abi_test_loader_LDADD = $(unit_ldadd)
unit_tests += tests/abi/test-loader
endif
endif

script_tests += %D%/headers.sh %D%/symbols.sh
