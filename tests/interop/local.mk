# The real other tools, from npm: not part of "make check".
EXTRA_DIST += \
	%D%/drizzle.mjs \
	%D%/drizzle.sh \
	%D%/package.json
dist_check_SCRIPTS += %D%/run

interop: all
	. $(abs_top_srcdir)/tests/support/clean-env; \
	abs_top_srcdir='$(abs_top_srcdir)' abs_top_builddir='$(abs_top_builddir)' \
	DUNLIN='$(abs_top_builddir)/dunlin' DUNLIN_DRIVER_PATH='$(abs_top_builddir)/drivers/.libs' \
	$(BASH) $(top_srcdir)/tests/interop/run '$(abs_top_builddir)/interop'

.PHONY: interop
