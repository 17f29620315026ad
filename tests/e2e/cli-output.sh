#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Output: colours, terminals, pipes that close, disks that are full, text that lies. On SQLite.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
[[ " $DUNLIN_TEST_DRIVERS " == *" sqlite "* ]] || skip_all "the sqlite driver is not built"
export DUNLIN_URL=sqlite:app.db
mkdir migrations
echo 'CREATE TABLE t (id integer);' >migrations/1_t.sql
esc=$(printf '\033')

dunlin status
unlike "$out" "$esc" "no colours in a pipe"
dunlin status --color always
like "$out" "$esc\[33mpending$esc\[0m" "--color always"
if command -v script >/dev/null && script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    tty() { script -qec "env TERM=${term:-xterm} $DUNLIN $*" /dev/null </dev/null 2>&1; }
    like "$(tty status)" "$esc\[33mpending" "colours on a terminal"
    unlike "$(NO_COLOR=1 tty status)" "$esc" "not with NO_COLOR"
    unlike "$(term=dumb tty status)" "$esc" "not on a dumb terminal"
    unlike "$(tty status --color never)" "$esc" "not with --color never"

    # Of a large file a terminal is told how much of its bytes the server has had, in percent.
    mkdir large
    awk 'BEGIN {
        print "CREATE TABLE large (note text);"
        for (i = 1; i <= 100; i++)
            printf "INSERT INTO large VALUES (%c%080000d%c);\n", 39, i, 39
    }' >large/1_large.sql
    shown=$(tty up -u sqlite:large.db -d large)
    like "$shown" '1_large  [0-9]+% of 8 MB' "progress by bytes"
    like "$shown" '^done: 1 applied' "and what came of it"
    unlike "$("$DUNLIN" up -u sqlite:large2.db -d large 2>&1)" '% of ' "not in a pipe"
    # A line that wraps could not be wiped.
    long=$(printf 'long_%.0s' {1..20})
    mv large/1_large.sql "large/2_$long.sql"
    echo 'SELECT nothing;' >>"large/2_$long.sql"
    shown=$(tty up -u sqlite:large3.db -d large)
    like "$shown" "^.*  [0-9]+% of 8 MB" "progress of a long name"
    unlike "$shown" "$long +[0-9]+% of" "without that name"
    like "$shown" "2_$long.sql:102:" "and how it failed"
    rm -r large large.db large2.db large3.db
fi

"$DUNLIN" up 2>err | true
is "${PIPESTATUS[0]} $(cat err)" "0 " "a reader that is gone does not stop a run"
dunlin status --check
exits 0 "and everything was applied"
if [ -w /dev/full ]; then
    "$DUNLIN" status >/dev/full 2>err
    is "$? $(cat err)" "2 error: cannot write to standard output: No space left on device" \
        "a full disk is told"
    "$DUNLIN" help >/dev/full 2>err
    is "$?" 2 "also by help"
fi

# What stands in files and comes from servers is shown, not sent.
printf -- '-- Description: \033]0;title\007 \342\200\256evil\nSELECT 1;' >migrations/2_evil.sql
dunlin status
exits 0 "an unsafe description"
is "$(LC_ALL=C tr -d '\011\012\040-\176' <"$work/.out" | wc -c | tr -d ' ')" 0 "nothing unsafe on standard output"
is "$(LC_ALL=C tr -d '\011\012\040-\176' <"$work/.err" | wc -c | tr -d ' ')" 0 "nor on standard error"
printf 'SELECT 1 AS "##vso[task]\033[31m" FROM "x\033[31m##[y]";' >migrations/2_evil.sql
dunlin up
exits 2 "a message with an escape sequence"
is "$(LC_ALL=C tr -d '\011\012\040-\176' <"$work/.err" | wc -c | tr -d ' ')" 0 "is shown, not sent"
unlike "$err" '##(vso)?\[' "and no log command is left"
like "$err" 'x\\x1b\[31m' "the escape is visible"
rm migrations/2_evil.sql

# The arguments of a running process are there for all to see.
if [ -r /proc/self/cmdline ]; then
    printf 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000000) SELECT count(*) FROM n;\n' \
        >migrations/3_slow.sql
    "$DUNLIN" up -u sqlite:secret.db >running 2>&1 </dev/null &
    pid=$!
    wait_until 60 grep -q '^applied   1_t ' running
    shown=$(tr '\0' ' ' <"/proc/$pid/cmdline")
    kill -TERM $pid
    wait $pid
    is "$?" 130 "SIGTERM ends a run with 130"
    like "$(cat running)" '^stopped   3_slow ' "and names what was stopped"
    unlike "$shown" secret "the URL is overwritten in the arguments"
    dunlin status -u sqlite:secret.db
    like "$out" '^3 +pending ' "the interrupted migration is pending"
    like "$out" '^1 +applied ' "the one before it is applied"
fi
done_testing
