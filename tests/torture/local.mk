# make torture: the cases of make check with large numbers, for hours. TORTURE="kill.sh" runs one,
# TORTURE_ENGINES="sqlite postgres" fewer engines.
torture_scripts = \
	%D%/cut.sh \
	%D%/galera.sh \
	%D%/kill.sh \
	%D%/race.sh \
	%D%/valgrind.sh

EXTRA_DIST += $(torture_scripts) %D%/lib.sh
dist_check_SCRIPTS += %D%/run

torture: all $(check_PROGRAMS) $(check_LTLIBRARIES)
	@failed=0; $(AM_TESTS_ENVIRONMENT) \
	for script in $(if $(TORTURE),$(addprefix $(srcdir)/tests/torture/,$(TORTURE)),$(addprefix $(srcdir)/,$(torture_scripts))); do \
		$(BASH) $$script || { echo "torture: $$script failed"; failed=1; }; \
	done; exit $$failed

.PHONY: torture
