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

check_PROGRAMS += tests/unit/test-arena-buf
tests_unit_test_arena_buf_SOURCES = %D%/test-arena-buf.c
tests_unit_test_arena_buf_CPPFLAGS = $(unit_cppflags)
tests_unit_test_arena_buf_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-arena-buf

check_PROGRAMS += tests/unit/test-checksum
tests_unit_test_checksum_SOURCES = %D%/test-checksum.c
tests_unit_test_checksum_CPPFLAGS = $(unit_cppflags) $(NETTLE_CFLAGS)
tests_unit_test_checksum_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-checksum

check_PROGRAMS += tests/unit/test-duration
tests_unit_test_duration_SOURCES = %D%/test-duration.c
tests_unit_test_duration_CPPFLAGS = $(unit_cppflags)
tests_unit_test_duration_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-duration

check_PROGRAMS += tests/unit/test-secret
tests_unit_test_secret_SOURCES = %D%/test-secret.c
tests_unit_test_secret_CPPFLAGS = $(unit_cppflags)
tests_unit_test_secret_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-secret

check_PROGRAMS += tests/unit/test-utf8
tests_unit_test_utf8_SOURCES = %D%/test-utf8.c
tests_unit_test_utf8_CPPFLAGS = $(unit_cppflags)
tests_unit_test_utf8_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-utf8

check_PROGRAMS += tests/unit/test-prefixes
tests_unit_test_prefixes_SOURCES = %D%/test-prefixes.c %D%/lex-dialects.h %D%/lex-run.h %D%/torture.h
tests_unit_test_prefixes_CPPFLAGS = $(unit_cppflags)
tests_unit_test_prefixes_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-prefixes

check_PROGRAMS += tests/unit/test-drizzle
tests_unit_test_drizzle_SOURCES = %D%/test-drizzle.c %D%/scratch.c %D%/scratch.h
tests_unit_test_drizzle_CPPFLAGS = $(unit_cppflags) $(NETTLE_CFLAGS) $(ZLIB_CFLAGS)
tests_unit_test_drizzle_LDADD = $(unit_ldadd) $(ZLIB_LIBS)
unit_tests += tests/unit/test-drizzle

check_PROGRAMS += tests/unit/test-layouts
tests_unit_test_layouts_SOURCES = %D%/test-layouts.c %D%/layouts-cases.h %D%/scratch.c %D%/scratch.h
tests_unit_test_layouts_CPPFLAGS = $(unit_cppflags) $(NETTLE_CFLAGS) $(ZLIB_CFLAGS)
tests_unit_test_layouts_LDADD = $(unit_ldadd) $(ZLIB_LIBS)
unit_tests += tests/unit/test-layouts

check_PROGRAMS += tests/unit/test-new-folder
tests_unit_test_new_folder_SOURCES = %D%/test-new-folder.c %D%/scratch.c %D%/scratch.h
tests_unit_test_new_folder_CPPFLAGS = $(unit_cppflags) $(NETTLE_CFLAGS) $(ZLIB_CFLAGS)
tests_unit_test_new_folder_LDADD = $(unit_ldadd) $(ZLIB_LIBS)
unit_tests += tests/unit/test-new-folder

check_PROGRAMS += tests/unit/test-source
tests_unit_test_source_SOURCES = %D%/test-source.c %D%/scratch.c %D%/scratch.h
tests_unit_test_source_CPPFLAGS = $(unit_cppflags) $(NETTLE_CFLAGS) $(ZLIB_CFLAGS)
tests_unit_test_source_LDADD = $(unit_ldadd) $(ZLIB_LIBS)
unit_tests += tests/unit/test-source

check_PROGRAMS += tests/unit/test-scale
tests_unit_test_scale_SOURCES = %D%/test-scale.c %D%/scratch.c %D%/scratch.h
tests_unit_test_scale_CPPFLAGS = $(unit_cppflags) $(NETTLE_CFLAGS) $(ZLIB_CFLAGS)
tests_unit_test_scale_LDADD = $(unit_ldadd) $(ZLIB_LIBS)
unit_tests += tests/unit/test-scale

check_PROGRAMS += tests/unit/test-text
tests_unit_test_text_SOURCES = %D%/test-text.c %D%/scratch.c %D%/scratch.h
tests_unit_test_text_CPPFLAGS = $(unit_cppflags) $(NETTLE_CFLAGS) $(ZLIB_CFLAGS)
tests_unit_test_text_LDADD = $(unit_ldadd) $(ZLIB_LIBS)
unit_tests += tests/unit/test-text

check_PROGRAMS += tests/unit/test-script
tests_unit_test_script_SOURCES = %D%/test-script.c
tests_unit_test_script_CPPFLAGS = $(unit_cppflags)
tests_unit_test_script_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-script

check_PROGRAMS += tests/unit/test-substitute
tests_unit_test_substitute_SOURCES = %D%/test-substitute.c %D%/lex-dialects.h
tests_unit_test_substitute_CPPFLAGS = $(unit_cppflags)
tests_unit_test_substitute_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-substitute

check_PROGRAMS += tests/unit/test-options
tests_unit_test_options_SOURCES = %D%/test-options.c
tests_unit_test_options_CPPFLAGS = $(unit_cppflags)
tests_unit_test_options_LDADD = libdunlin-cli.la $(unit_ldadd)
unit_tests += tests/unit/test-options

check_PROGRAMS += tests/unit/test-settings
tests_unit_test_settings_SOURCES = %D%/test-settings.c %D%/scratch.c %D%/scratch.h
tests_unit_test_settings_CPPFLAGS = $(unit_cppflags)
tests_unit_test_settings_LDADD = libdunlin-cli.la $(unit_ldadd) $(ZLIB_LIBS)
unit_tests += tests/unit/test-settings

check_PROGRAMS += tests/unit/test-cli-text
tests_unit_test_cli_text_SOURCES = %D%/test-cli-text.c
tests_unit_test_cli_text_CPPFLAGS = $(unit_cppflags)
tests_unit_test_cli_text_LDADD = libdunlin-cli.la $(unit_ldadd)
unit_tests += tests/unit/test-cli-text

check_PROGRAMS += tests/unit/test-sinks
tests_unit_test_sinks_SOURCES = %D%/test-sinks.c
tests_unit_test_sinks_CPPFLAGS = $(unit_cppflags) $(JANSSON_CFLAGS)
tests_unit_test_sinks_LDADD = libdunlin-cli.la $(unit_ldadd) $(JANSSON_LIBS)
unit_tests += tests/unit/test-sinks

if MODULE_POSTGRES
check_PROGRAMS += tests/unit/test-classify-postgres
tests_unit_test_classify_postgres_SOURCES = %D%/test-classify-postgres.c drivers/postgres_error.c
tests_unit_test_classify_postgres_CPPFLAGS = $(unit_cppflags) $(POSTGRES_CFLAGS)
tests_unit_test_classify_postgres_LDADD = $(CMOCKA_LIBS) $(POSTGRES_LIBS)
unit_tests += tests/unit/test-classify-postgres
endif

check_PROGRAMS += tests/unit/test-classify-mysql
tests_unit_test_classify_mysql_SOURCES = %D%/test-classify-mysql.c %D%/classify-rules.h \
	drivers/mysql_dialect.c drivers/mysql_dialect.h
tests_unit_test_classify_mysql_CPPFLAGS = $(unit_cppflags) -I$(top_srcdir)/drivers
tests_unit_test_classify_mysql_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-classify-mysql

if MODULE_SQLITE
check_PROGRAMS += tests/unit/test-classify-sqlite
tests_unit_test_classify_sqlite_SOURCES = %D%/test-classify-sqlite.c %D%/classify-rules.h
tests_unit_test_classify_sqlite_CPPFLAGS = $(unit_cppflags) -I$(top_srcdir)/drivers $(SQLITE_CFLAGS)
tests_unit_test_classify_sqlite_LDADD = $(unit_ldadd) $(SQLITE_LIBS) $(THREAD_LIBS)
unit_tests += tests/unit/test-classify-sqlite
endif

check_PROGRAMS += tests/unit/test-lexer
tests_unit_test_lexer_SOURCES = %D%/test-lexer.c %D%/lex-dialects.h %D%/lex-run.h %D%/torture.h
tests_unit_test_lexer_CPPFLAGS = $(unit_cppflags)
tests_unit_test_lexer_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-lexer

check_PROGRAMS += tests/unit/test-classify
tests_unit_test_classify_SOURCES = %D%/test-classify.c %D%/lex-dialects.h
tests_unit_test_classify_CPPFLAGS = $(unit_cppflags)
tests_unit_test_classify_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-classify

check_PROGRAMS += tests/unit/test-drift
tests_unit_test_drift_SOURCES = %D%/test-drift.c
tests_unit_test_drift_CPPFLAGS = $(unit_cppflags)
tests_unit_test_drift_LDADD = $(unit_ldadd)
unit_tests += tests/unit/test-drift
