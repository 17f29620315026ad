# The real other tools, from npm and the system: not part of "make check".
EXTRA_DIST += \
	%D%/alembic.sh \
	%D%/common.sh \
	%D%/dbmate.sh \
	%D%/drivers.mjs \
	%D%/drizzle-kit.config.mjs \
	%D%/drizzle-kit.sh \
	%D%/drizzle.mjs \
	%D%/drizzle.sh \
	%D%/graphile-migrate.sh \
	%D%/knex.mjs \
	%D%/knex.sh \
	%D%/liquibase.sh \
	%D%/node-pg-migrate.sh \
	%D%/package-drizzle-v1.json \
	%D%/package.json \
	%D%/postgrator.mjs \
	%D%/postgrator.sh \
	%D%/prisma.mjs \
	%D%/prisma.sh \
	%D%/sql-migrate.sh \
	%D%/sqitch.sh \
	%D%/umzug.mjs \
	%D%/umzug.sh
dist_check_SCRIPTS += %D%/run

interop: all
	. $(abs_top_srcdir)/tests/support/clean-env; \
	abs_top_srcdir='$(abs_top_srcdir)' abs_top_builddir='$(abs_top_builddir)' \
	DUNLIN='$(abs_top_builddir)/dunlin' DUNLIN_DRIVER_PATH='$(abs_top_builddir)/drivers/.libs' \
	$(BASH) $(top_srcdir)/tests/interop/run '$(abs_top_builddir)/interop'

.PHONY: interop
