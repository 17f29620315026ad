# A target is fuzz-NAME.c. make check runs it over tests/fuzz/corpus/NAME; configured with
# --with-fuzzing, "make fuzzers" links it with the engine instead.

fuzz_targets =
fuzz_ldadd = libdunlin-core.la $(FUZZ_LIBS)
if FUZZING
fuzz_main =
EXTRA_PROGRAMS = $(fuzz_targets)
fuzzers: $(fuzz_targets)
else
fuzz_main = %D%/replay.c
check_PROGRAMS += $(fuzz_targets)
unit_tests += $(fuzz_targets)
fuzzers:
	@echo "configure with --with-fuzzing first" >&2; exit 1
endif
EXTRA_DIST += %D%/corpus

fuzz_targets += tests/fuzz/fuzz-url
tests_fuzz_fuzz_url_SOURCES = %D%/fuzz-url.c $(fuzz_main)
tests_fuzz_fuzz_url_LDADD = $(fuzz_ldadd)

fuzz_targets += tests/fuzz/fuzz-script
tests_fuzz_fuzz_script_SOURCES = %D%/fuzz-script.c $(fuzz_main) tests/unit/lex-dialects.h
tests_fuzz_fuzz_script_LDADD = $(fuzz_ldadd)

fuzz_targets += tests/fuzz/fuzz-lexer
tests_fuzz_fuzz_lexer_SOURCES = %D%/fuzz-lexer.c $(fuzz_main) tests/unit/lex-dialects.h \
	tests/unit/lex-run.h
tests_fuzz_fuzz_lexer_LDADD = $(fuzz_ldadd)
