# make bench: dunlin and the peers that are here, side by side. See bench/README.md. The programs
# are built by make check too, so that they cannot rot unseen.

check_PROGRAMS += bench/measure bench/lexer-bench
bench_measure_SOURCES = %D%/measure.c
bench_lexer_bench_SOURCES = %D%/lexer-bench.c tests/unit/lex-dialects.h
bench_lexer_bench_LDADD = libdunlin-core.la

dist_check_SCRIPTS += %D%/run %D%/report
EXTRA_DIST += \
	%D%/README.md \
	%D%/RESULTS.md \
	%D%/plots \
	%D%/lib.sh \
	%D%/measure-delay.sh \
	%D%/measure-files.sh \
	%D%/measure-instructions.sh \
	%D%/measure-local.sh \
	%D%/measure-size.sh \
	%D%/measure-startup.sh \
	%D%/peers.sh \
	%D%/plot.gp \
	%D%/workload-files.sh \
	%D%/workload-seed.sh \
	%D%/workload-small.sh

bench_env = builddir='$(abs_top_builddir)' srcdir='$(abs_top_srcdir)' BENCH_CFLAGS='$(CC) $(CFLAGS)'

bench: all bench/measure bench/lexer-bench tests/support/proxy
	$(bench_env) $(BASH) $(srcdir)/%D%/run

# The table and the plots again, from what was measured last.
bench-report:
	$(bench_env) $(BASH) $(srcdir)/%D%/report

.PHONY: bench bench-report
