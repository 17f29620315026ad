# SPDX-License-Identifier: MIT
#
# Test Anything Protocol for shell tests (bash). A test begins with
#
#     . "${abs_top_srcdir:?}/tests/support/tap.sh"
#     needs_server postgres        # or mariadb, mysql, sqlite: runs the test under with-server
#
# and ends with "done_testing". $work is an empty folder that is the working folder and goes away
# with the test. $DUNLIN is the program. A check never ends the test.

set -u
tap_count=0
tap_failed=0
tap_plan=
status=0
out=
err=

tap_result() { # ok|not NAME
    tap_count=$((tap_count + 1))
    if [ "$1" = ok ]; then
        printf 'ok %d - %s\n' "$tap_count" "$2"
        return 0
    fi
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$2"
    return 1
}

diag() {
    printf '%s\n' "$*" | sed 's/^/# /'
}

show_run() {
    diag "exit code: $status"
    diag "standard output: ${out:-(empty)}"
    diag "standard error: ${err:-(empty)}"
}

# Runs a command; leaves its exit code in $status, its output in $out and $err (without final line
# ends) and in the files $work/.out and $work/.err.
run() {
    "$@" >"$work/.out" 2>"$work/.err" </dev/null
    status=$?
    out=$(<"$work/.out")
    err=$(<"$work/.err")
}

dunlin() {
    run "$DUNLIN" "$@"
}

# exits N NAME: the last run exited with N.
exits() {
    if [ "$status" = "$1" ]; then
        tap_result ok "$2"
    else
        tap_result not "$2"
        diag "expected exit code: $1"
        show_run
        return 1
    fi
}

# is GOT EXPECTED NAME
is() {
    if [ "$1" = "$2" ]; then
        tap_result ok "$3"
    else
        tap_result not "$3"
        diag "expected: $2"
        diag "got:      $1"
        return 1
    fi
}

# like TEXT ERE NAME: some line of TEXT matches (within the line). unlike: none does.
like() {
    if printf '%s\n' "$1" | grep -Eq -e "$2"; then
        tap_result ok "$3"
    else
        tap_result not "$3"
        diag "expected a match of: $2"
        diag "got: $1"
        return 1
    fi
}

unlike() {
    if ! printf '%s\n' "$1" | grep -Eq -e "$2"; then
        tap_result ok "$3"
    else
        tap_result not "$3"
        diag "expected no match of: $2"
        diag "got: $1"
        return 1
    fi
}

# ok NAME COMMAND...: the command succeeds. not_ok: it fails.
ok() {
    local name=$1 text
    shift
    if text=$("$@" 2>&1); then
        tap_result ok "$name"
    else
        tap_result not "$name"
        diag "failed: $*"
        [ -z "$text" ] || diag "$text"
        return 1
    fi
}

not_ok() {
    local name=$1 text
    shift
    if ! text=$("$@" 2>&1); then
        tap_result ok "$name"
    else
        tap_result not "$name"
        diag "succeeded, and should not: $*"
        [ -z "$text" ] || diag "$text"
        return 1
    fi
}

# wait_until SECONDS COMMAND...: tries until it succeeds. For what another process will do soon;
# the time is a bound for hanging, not a measurement.
wait_until() {
    local tenths=$(($1 * 10)) i
    shift
    for ((i = 0; i < tenths; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    return 1
}

# A whole test may be skipped; with DUNLIN_TEST_REQUIRE=1 that is a failure.
skip_all() {
    tap_plan=given
    if [ "${DUNLIN_TEST_REQUIRE:-0}" = 1 ]; then
        echo "Bail out! $* (and DUNLIN_TEST_REQUIRE=1 allows no skipping)"
        exit 1
    fi
    echo "1..0 # SKIP $*"
    exit 0
}

needs_command() {
    local name
    for name; do
        command -v "$name" >/dev/null || skip_all "$name is not installed"
    done
}

# Starts this script again under the engine's server, unless it already runs under one.
needs_server() {
    [ -z "${DUNLIN_TEST_URL:-}" ] || return 0
    tap_plan=given
    cd / && rm -rf "$work"
    exec "$abs_top_srcdir/tests/support/with-server" "$1" "$BASH" "$tap_script"
}

done_testing() {
    tap_plan=given
    echo "1..$tap_count"
    [ "$tap_failed" = 0 ]
    exit
}

tap_exit() {
    local status=$?
    [ -n "$tap_plan" ] || echo "Bail out! ended with exit code $status before done_testing"
    cd / && rm -rf "$work"
    exit "$status"
}

tap_script=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
work=$(mktemp -d "${TMPDIR:-/tmp}/dunlin-e2e.XXXXXX") || exit 1
trap tap_exit EXIT
cd "$work" || exit 1
