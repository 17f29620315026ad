#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The cases that need no words of MariaDB's, on MySQL. Not one of the tests of make check, because few
# machines have that server: tests/support/mysql97 runs it.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
needs_server mysql
. "$abs_top_srcdir/tests/e2e/engine/common.sh"
for case in bothways claims commands crash doubt drift exec large locks race rehearse roundtrips sample sections \
    session thousand together transactions verify; do
    . "$abs_top_srcdir/tests/e2e/engine/case-$case.sh"
done
done_testing
