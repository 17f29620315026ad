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
	%D%/test_mysql.c \
	%D%/test_postgres.c \
	%D%/test_query.c \
	%D%/test_sqlite.c
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

# The lexer against the real parsers: the same texts, cut at the same places.
lexer_headers = %D%/lexer-gen.h %D%/lexer-same.h tests/unit/lex-dialects.h tests/unit/torture.h

if HAVE_PG_QUERY
check_PROGRAMS += tests/conformance/lexer-postgres
tests_conformance_lexer_postgres_SOURCES = %D%/lexer-postgres.c $(lexer_headers)
tests_conformance_lexer_postgres_LDADD = libdunlin-core.la $(PG_QUERY_LIBS)
unit_tests += tests/conformance/lexer-postgres
endif

if MODULE_SQLITE
check_PROGRAMS += tests/conformance/lexer-sqlite
tests_conformance_lexer_sqlite_SOURCES = %D%/lexer-sqlite.c $(lexer_headers)
tests_conformance_lexer_sqlite_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_conformance_lexer_sqlite_LDADD = libdunlin-core.la $(SQLITE_LIBS)
unit_tests += tests/conformance/lexer-sqlite

if HAVE_CMOCKA
check_PROGRAMS += tests/conformance/memory
tests_conformance_memory_SOURCES = %D%/memory.c
tests_conformance_memory_CPPFLAGS = $(unit_cppflags) $(SQLITE_CFLAGS)
tests_conformance_memory_LDADD = libdunlin.la $(CMOCKA_LIBS) $(SQLITE_LIBS)
unit_tests += tests/conformance/memory

check_PROGRAMS += tests/conformance/embedding
tests_conformance_embedding_SOURCES = %D%/embedding.c tests/unit/scratch.c tests/unit/scratch.h
tests_conformance_embedding_CPPFLAGS = $(unit_cppflags) $(ZLIB_CFLAGS) -I$(top_srcdir)/tests
tests_conformance_embedding_LDADD = libdunlin.la $(CMOCKA_LIBS) $(ZLIB_LIBS)
unit_tests += tests/conformance/embedding
endif
endif

if MODULE_MYSQL
check_PROGRAMS += tests/conformance/lexer-mysql
tests_conformance_lexer_mysql_SOURCES = %D%/lexer-mysql.c $(lexer_headers)
tests_conformance_lexer_mysql_CPPFLAGS = $(AM_CPPFLAGS) $(MYSQL_CFLAGS)
tests_conformance_lexer_mysql_LDADD = libdunlin-core.la $(MYSQL_LIBS)
endif
script_tests += %D%/lexer-mysql.sh
