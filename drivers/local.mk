# A driver is a module, or part of the library (--with-builtin-drivers), from the same source: built
# in it is compiled with another name for its entry function. A module exports that one symbol.

driver_cppflags = -I$(top_srcdir)/include $(HARDENING_CPPFLAGS)
driver_ldflags = $(AM_LDFLAGS) $(DRIVER_LDFLAGS) -module -avoid-version -shared -no-undefined \
	-export-symbols-regex '^dunlin_driver_entry_v1$$'

postgres_sources = \
	%D%/peer.h \
	%D%/postgres.c \
	%D%/postgres.h \
	%D%/postgres_dialect.c \
	%D%/postgres_error.c \
	%D%/postgres_exec.c
sqlite_sources = %D%/sqlite.c
mysql_sources = %D%/mysql.c %D%/mysql_connect.c %D%/mysql_connect.h %D%/mysql_dialect.c \
	%D%/mysql_dialect.h %D%/peer.h

if MODULE_POSTGRES
driver_LTLIBRARIES += drivers/postgres.la
drivers_postgres_la_SOURCES = $(postgres_sources)
drivers_postgres_la_CPPFLAGS = $(driver_cppflags) $(POSTGRES_CFLAGS)
drivers_postgres_la_CFLAGS = $(common_cflags)
drivers_postgres_la_LDFLAGS = $(driver_ldflags)
drivers_postgres_la_LIBADD = $(POSTGRES_LIBS) $(THREAD_LIBS)
endif

if MODULE_SQLITE
driver_LTLIBRARIES += drivers/sqlite.la
drivers_sqlite_la_SOURCES = $(sqlite_sources)
drivers_sqlite_la_CPPFLAGS = $(driver_cppflags) $(SQLITE_CFLAGS)
drivers_sqlite_la_CFLAGS = $(common_cflags)
drivers_sqlite_la_LDFLAGS = $(driver_ldflags)
drivers_sqlite_la_LIBADD = $(SQLITE_LIBS) $(THREAD_LIBS)
endif

if MODULE_MYSQL
driver_LTLIBRARIES += drivers/mysql.la
drivers_mysql_la_SOURCES = $(mysql_sources)
drivers_mysql_la_CPPFLAGS = $(driver_cppflags) $(MYSQL_CFLAGS)
drivers_mysql_la_CFLAGS = $(common_cflags)
drivers_mysql_la_LDFLAGS = $(driver_ldflags)
drivers_mysql_la_LIBADD = $(MYSQL_LIBS) $(THREAD_LIBS)
endif

if BUILTIN_POSTGRES
noinst_LTLIBRARIES += drivers/libpostgres.la
drivers_libpostgres_la_SOURCES = $(postgres_sources)
drivers_libpostgres_la_CPPFLAGS = $(driver_cppflags) $(POSTGRES_CFLAGS) \
	-DDUNLIN_BUILTIN_ENTRY=dunlin_driver_entry_postgres
drivers_libpostgres_la_LIBADD = $(POSTGRES_LIBS)
libdunlin_core_la_LIBADD += drivers/libpostgres.la
endif

if BUILTIN_SQLITE
noinst_LTLIBRARIES += drivers/libsqlite.la
drivers_libsqlite_la_SOURCES = $(sqlite_sources)
drivers_libsqlite_la_CPPFLAGS = $(driver_cppflags) $(SQLITE_CFLAGS) \
	-DDUNLIN_BUILTIN_ENTRY=dunlin_driver_entry_sqlite
drivers_libsqlite_la_LIBADD = $(SQLITE_LIBS)
libdunlin_core_la_LIBADD += drivers/libsqlite.la
endif

if BUILTIN_MYSQL
noinst_LTLIBRARIES += drivers/libmysql.la
drivers_libmysql_la_SOURCES = $(mysql_sources)
drivers_libmysql_la_CPPFLAGS = $(driver_cppflags) $(MYSQL_CFLAGS) \
	-DDUNLIN_BUILTIN_ENTRY=dunlin_driver_entry_mysql
drivers_libmysql_la_LIBADD = $(MYSQL_LIBS)
libdunlin_core_la_LIBADD += drivers/libmysql.la
endif

# dlopen wants NAME.so only.
install-data-hook:
	for file in $(driver_LTLIBRARIES); do \
	  rm -f "$(DESTDIR)$(driverdir)/$${file##*/}"; \
	done

uninstall-hook:
	for file in $(driver_LTLIBRARIES); do \
	  file=$${file##*/}; rm -f "$(DESTDIR)$(driverdir)/$${file%.la}.so"; \
	done
	-rmdir "$(DESTDIR)$(driverdir)" "$(DESTDIR)$(libdir)/dunlin" \
	  "$(DESTDIR)$(dunlinincludedir)" 2>/dev/null || :
