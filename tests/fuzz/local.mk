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

fuzz_targets += tests/fuzz/fuzz-lexer-fast
tests_fuzz_fuzz_lexer_fast_SOURCES = %D%/fuzz-lexer-fast.c $(fuzz_main) tests/unit/lex-dialects.h
tests_fuzz_fuzz_lexer_fast_LDADD = $(fuzz_ldadd)

fuzz_targets += tests/fuzz/fuzz-folder
tests_fuzz_fuzz_folder_SOURCES = %D%/fuzz-folder.c %D%/folder.h $(fuzz_main)
tests_fuzz_fuzz_folder_LDADD = $(fuzz_ldadd)

fuzz_targets += tests/fuzz/fuzz-journal
tests_fuzz_fuzz_journal_SOURCES = %D%/fuzz-journal.c %D%/folder.h $(fuzz_main)
tests_fuzz_fuzz_journal_LDADD = $(fuzz_ldadd)

fuzz_targets += tests/fuzz/fuzz-gzip
tests_fuzz_fuzz_gzip_SOURCES = %D%/fuzz-gzip.c $(fuzz_main)
tests_fuzz_fuzz_gzip_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS)
tests_fuzz_fuzz_gzip_LDADD = $(fuzz_ldadd) $(ZLIB_LIBS)

fuzz_targets += tests/fuzz/fuzz-config
tests_fuzz_fuzz_config_SOURCES = %D%/fuzz-config.c $(fuzz_main)
tests_fuzz_fuzz_config_LDADD = libdunlin-cli.la $(fuzz_ldadd)

fuzz_targets += tests/fuzz/fuzz-dotenv
tests_fuzz_fuzz_dotenv_SOURCES = %D%/fuzz-dotenv.c $(fuzz_main)
tests_fuzz_fuzz_dotenv_LDADD = libdunlin-cli.la $(fuzz_ldadd)

fuzz_targets += tests/fuzz/fuzz-history
tests_fuzz_fuzz_history_SOURCES = %D%/fuzz-history.c $(fuzz_main)
tests_fuzz_fuzz_history_LDADD = $(fuzz_ldadd)
