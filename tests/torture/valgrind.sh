#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The commands under valgrind, on every engine: an invalid access, a value that was never set, or
# memory that is lost for good fails. What a client library keeps until the process ends is still
# reachable, and no leak. TORTURE_ENGINES names fewer engines.
: "${abs_top_srcdir:?run by make torture}"
if [ -z "${DUNLIN_TEST_URL:-}" ]; then
    failed=0
    for engine in ${TORTURE_ENGINES:-sqlite postgres mariadb}; do
        echo "# $engine valgrind"
        "$abs_top_srcdir/tests/support/with-server" "$engine" "$BASH" "$0" || failed=1
    done
    exit "$failed"
fi
. "$abs_top_srcdir/tests/support/tap.sh"
. "$abs_top_srcdir/tests/e2e/engine/common.sh"
needs_command valgrind

# The program itself: what libtool puts before it would be looked at too.
program=$DUNLIN
if [ -x "$abs_top_builddir/.libs/dunlin" ]; then
    program=$abs_top_builddir/.libs/dunlin
    export LD_LIBRARY_PATH=$abs_top_builddir/.libs
fi

clean() { # EXIT-CODE ARGUMENT...: it exits so, and valgrind finds nothing
    local expected=$1
    shift
    rm -f "$work/found"
    run timeout -k 5 600 valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
        --errors-for-leak-kinds=definite --log-file="$work/found" \
        --suppressions="$abs_top_srcdir/tests/faults/valgrind.supp" "$program" -u "$url" -d "$dir" "$@"
    exits "$expected" "valgrind: $engine: $*: exit code"
    is "$(cat "$work/found")" "" "valgrind: $engine: $*: finds nothing"
}

fresh_db
printf -- '-- migrate:up\nCREATE TABLE t (id integer);\nINSERT INTO t VALUES (1);\n-- migrate:down\nDROP TABLE t;\n' >"$dir/1_t.sql"
printf -- '-- migrate:up\nINSERT INTO t VALUES (2);\n-- migrate:down\nDELETE FROM t WHERE id = 2;\n' >"$dir/2_u.sql"
printf 'SELECT nonsense FROM nothing;\n' >"$dir/3_bad.sql"
clean 2 up
clean 0 status
rm "$dir/3_bad.sql"
printf 'INSERT INTO t VALUES (3);\n' >"$dir/4_v.sql"
clean 0 plan
clean 0 plan --execute
clean 0 up
clean 0 check
clean 6 down # there is no way back
printf -- '-- migrate:up\nINSERT INTO t VALUES (4);\n-- migrate:down\nDELETE FROM t WHERE id = 4;\n' >"$dir/5_w.sql"
clean 0 --format json up
clean 0 down

fresh_db
sql 'CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)'
sql "INSERT INTO schema_migrations VALUES ('1')"
rm -f "$dir"/*
printf -- '-- migrate:up\nCREATE TABLE t (id integer);\n-- migrate:down\nDROP TABLE t;\n' >"$dir/1_t.sql"
clean 6 up
clean 0 adopt --from dbmate --dry-run
clean 0 adopt --from dbmate
clean 0 status
done_testing
