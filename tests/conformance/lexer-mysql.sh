#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The lexer against MariaDB's own cutting of texts into statements.

: "${abs_top_srcdir:?run by make check}" "${abs_top_builddir:?run by make check}"

program=$abs_top_builddir/tests/conformance/lexer-mysql
if [ ! -x "$program" ]; then
    echo "1..0 # SKIP the driver mysql is not built"
    exit 0
fi
exec "$abs_top_srcdir/tests/support/with-server" mariadb "$program"
