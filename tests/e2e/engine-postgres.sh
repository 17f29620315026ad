#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every case of the folder engine/ on postgres.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
needs_server postgres
. "$abs_top_srcdir/tests/e2e/engine/common.sh"
for case in $(engine_cases); do
    . "$abs_top_srcdir/tests/e2e/engine/case-$case.sh"
done
done_testing
