#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Layouts and histories of other tools, on this engine.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
needs_server mariadb
. "$abs_top_srcdir/tests/e2e/layouts/common.sh"
for tool in "$abs_top_srcdir"/tests/e2e/layouts/*.sh; do
    [ "${tool##*/}" = common.sh ] || . "$tool"
done
done_testing
