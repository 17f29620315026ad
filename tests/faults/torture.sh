#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every N of every class on every engine, and a sample under valgrind; an hour and more.
run="${abs_top_srcdir:?}/tests/faults/run"
failed=0
for engine in ${TORTURE_ENGINES:-sqlite postgres mariadb}; do
    "$BASH" "$run" "$engine" || failed=1
done
case " ${TORTURE_ENGINES:-sqlite} " in
*' sqlite '*) "$BASH" "${run%/*}/samples.sh" own read client || failed=1 ;;
esac
case " ${TORTURE_ENGINES:-postgres} " in
*' postgres '*) DUNLIN_TEST_FAULT_KINDS=large "$BASH" "$run" postgres net/5 wait client/5 || failed=1 ;;
esac
if command -v valgrind >/dev/null; then
    # What a client library keeps until the process ends is still reachable, and no leak.
    tool="valgrind -q --error-exitcode=99 --leak-check=full --soname-synonyms=somalloc=nouserintercepts"
    DUNLIN_TEST_FAULT_TOOL="$tool --suppressions=${run%/*}/valgrind.supp" \
        DUNLIN_TEST_FAULT_KINDS='up down' "$BASH" "$run" sqlite alloc/97 read/17 write/17 client/17 || failed=1
else
    echo "# valgrind is not installed: leaks are not looked for"
fi
exit "$failed"
