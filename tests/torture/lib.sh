# SPDX-License-Identifier: MIT
# Sourced by the scripts of "make torture": runs cases with large numbers and passes their output on.
set -u
torture_failed=0

torture() { # ENGINE CASE...
    echo "# $*"
    "$BASH" "$abs_top_srcdir/tests/torture/run" "$@" || torture_failed=1
}

torture_script() { # SCRIPT
    echo "# $1"
    "$BASH" "$abs_top_srcdir/$1" || torture_failed=1
}

torture_end() {
    exit "$torture_failed"
}
