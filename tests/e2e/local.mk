# The command: arguments, settings, output, manual.
script_tests += \
	%D%/cli-docs.sh \
	%D%/cli-environment.sh \
	%D%/cli-hostile.sh \
	%D%/cli-json.sh \
	%D%/cli-output.sh \
	%D%/cli-run.sh \
	%D%/cli-settings.sh \
	%D%/cli-usage.sh

# Every engine runs the same cases.
script_tests += \
	%D%/engine-mariadb.sh \
	%D%/engine-postgres.sh \
	%D%/engine-sqlite.sh

# What is hostile, secret or in plain text.
script_tests += \
	%D%/cli-secrets.sh \
	%D%/hostile-mysql.sh \
	%D%/tls-mariadb.sh \
	%D%/tls-postgres.sh
EXTRA_DIST += %D%/tls.sh
check_PROGRAMS += tests/support/hostile-mysql
tests_support_hostile_mysql_SOURCES = tests/support/hostile-mysql.c

# On MySQL some of them, by tests/support/mysql97.
EXTRA_DIST += %D%/engine-mysql.sh

script_tests += %D%/pgbouncer.sh

EXTRA_DIST += \
	%D%/engine/case-bothways.sh \
	%D%/engine/case-claims.sh \
	%D%/engine/case-commands.sh \
	%D%/engine/case-crash.sh \
	%D%/engine/case-cut.sh \
	%D%/engine/case-doubt.sh \
	%D%/engine/case-drift.sh \
	%D%/engine/case-drizzle.sh \
	%D%/engine/case-dump.sh \
	%D%/engine/case-errors.sh \
	%D%/engine/case-escapes.sh \
	%D%/engine/case-exec.sh \
	%D%/engine/case-interrupt.sh \
	%D%/engine/case-journal.sh \
	%D%/engine/case-kill.sh \
	%D%/engine/case-large.sh \
	%D%/engine/case-locked.sh \
	%D%/engine/case-locks.sh \
	%D%/engine/case-noted.sh \
	%D%/engine/case-quiet.sh \
	%D%/engine/case-race.sh \
	%D%/engine/case-rebuild.sh \
	%D%/engine/case-rehearse.sh \
	%D%/engine/case-roundtrips.sh \
	%D%/engine/case-sample.sh \
	%D%/engine/case-searchpath.sh \
	%D%/engine/case-sections.sh \
	%D%/engine/case-session.sh \
	%D%/engine/case-stop.sh \
	%D%/engine/case-styles.sh \
	%D%/engine/case-substitute.sh \
	%D%/engine/case-table.sh \
	%D%/engine/case-thousand.sh \
	%D%/engine/case-together.sh \
	%D%/engine/case-timeouts.sh \
	%D%/engine/case-tolerant.sh \
	%D%/engine/case-transactions.sh \
	%D%/engine/case-trouble.sh \
	%D%/engine/case-verify.sh \
	%D%/engine/common.sh \
	%D%/engine/marks.sh \
	%D%/golden/mariadb.txt \
	%D%/golden/postgres.txt \
	%D%/golden/sqlite.txt

check_PROGRAMS += tests/support/proxy
tests_support_proxy_SOURCES = tests/support/proxy.c

check_PROGRAMS += tests/support/killer
tests_support_killer_SOURCES = tests/support/killer.c

check_PROGRAMS += tests/support/peak
tests_support_peak_SOURCES = tests/support/peak.c

check_PROGRAMS += tests/support/embed
tests_support_embed_SOURCES = tests/support/embed.c
tests_support_embed_LDADD = libdunlin.la

# Folders and histories of other tools, the same for every engine; the samples were made by the tools.
script_tests += \
	%D%/layouts-mariadb.sh \
	%D%/layouts-postgres.sh \
	%D%/layouts-sqlite.sh
EXTRA_DIST += \
	%D%/layouts \
	tests/samples/layouts
