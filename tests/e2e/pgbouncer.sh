#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Behind PgBouncer in transaction mode each statement may reach another session of the server: a
# session's lock would keep out nobody, or everybody for good. dunlin notices, takes none, and every
# migration still runs once.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
export PATH=$PATH:/usr/sbin:/usr/local/sbin
needs_command pgbouncer
needs_server postgres
. "$abs_top_srcdir/tests/e2e/engine/common.sh"

bouncer_user=$(id -un)
[ "$bouncer_user" != root ] || bouncer_user=nobody

bouncer_launch() { # PORT
    cat >"$bouncer/ini" <<S
[databases]
* = host=$(url_part host) port=$(url_part port)
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $1
unix_socket_dir =
auth_type = trust
auth_file = $bouncer/users
pool_mode = transaction
default_pool_size = 5
ignore_startup_parameters = extra_float_digits
logfile = $bouncer/log
S
    chmod 644 "$bouncer/ini"
    if [ "$(id -u)" = 0 ]; then
        pgbouncer -q -u "$bouncer_user" "$bouncer/ini" >"$work/bouncer.out" 2>&1 &
    else
        pgbouncer -q "$bouncer/ini" >"$work/bouncer.out" 2>&1 &
    fi
    bouncer_pid=$!
}

bouncer_listens() {
    psql -X -q -h 127.0.0.1 -p "$bouncer_port" -U "$(url_part user)" -d "$db" -c 'SELECT 1' >/dev/null 2>&1 ||
        ! kill -0 "$bouncer_pid" 2>/dev/null
}

# What several runs at once say, in $work/run.N; how many fail is left in $failures.
runs() { # HOW_MANY
    local i pid pids=
    failures=0
    for i in $(seq "$1"); do
        "$DUNLIN" -u "$pooled" -d "$dir" up --lock-wait 60s >"$work/run.$i" 2>&1 </dev/null &
        pids="$pids $!"
    done
    for pid in $pids; do
        wait "$pid" || failures=$((failures + 1))
    done
}

fresh_db
bouncer=$(mktemp -d "${TMPDIR:-/tmp}/dunlin-bouncer.XXXXXX")
printf '"%s" ""\n' "$(url_part user)" >"$bouncer/users"
chmod 755 "$bouncer"
[ "$(id -u)" != 0 ] || chown "$bouncer_user" "$bouncer"
for bouncer_try in 1 2 3 4 5 6 7 8; do
    bouncer_port=$((10000 + RANDOM % 20000))
    bouncer_launch "$bouncer_port"
    wait_until 20 bouncer_listens
    kill -0 "$bouncer_pid" 2>/dev/null && break
done
kill -0 "$bouncer_pid" 2>/dev/null || diag "$(cat "$work/bouncer.out" "$bouncer/log")"
pooled="postgres://$(url_part user)@127.0.0.1:$bouncer_port/$db"

for i in 1 2 3 4; do
    printf 'CREATE TABLE p%d (id integer);\nINSERT INTO p%d VALUES (1);\n' $i $i >"$dir/${i}_p.sql"
done
printf -- '-- migrate:up transaction:off\nINSERT INTO p1 VALUES (5);\nCREATE INDEX CONCURRENTLY p1_id ON p1 (id);\nINSERT INTO p1 VALUES (6);\n' \
    >"$dir/5_index.sql"
dunlin -u "$pooled" -d "$dir" up
exits 0 "pgbouncer: up"
like "$err" '^warning: .*pooler.*no run lock' "pgbouncer: says that there is a pooler"
like "$out" '^done: 5 applied' "pgbouncer: applies all"
is "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" 0 "pgbouncer: no lock is left behind"
is "$(sql 'SELECT string_agg(id::text, $$ $$ ORDER BY id) FROM p1')" '1 5 6' "pgbouncer: each statement ran once"
dunlin -u "$pooled" -d "$dir" up
exits 0 "pgbouncer: nothing to do"
unlike "$err" pooler "pgbouncer: then nothing is said"
dunlin -u "$url" -d "$dir" status
unlike "$err" pooler "pgbouncer: nor without it"

rounds=${DUNLIN_TEST_RACE_ROUNDS:-2} runners=${DUNLIN_TEST_RACE_RUNNERS:-6} wrong=0
for round in $(seq "$rounds"); do
    sql 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' 2>/dev/null
    runs "$runners"
    ran=$(cat "$work"/run.* | sed -n 's/^done: \([0-9]*\) applied.*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
    rows=$(sql "SELECT string_agg(id::text, ' ' ORDER BY id) FROM p1")
    valid=$(sql 'SELECT count(*) FROM pg_index WHERE NOT indisvalid')
    if [ "$failures $ran $rows $valid" != '0 5 1 5 6 0' ]; then
        wrong=$((wrong + 1))
        diag "round $round: failed, applied, rows, invalid indexes: $failures $ran $rows $valid"
        diag "$(cat "$work"/run.*)"
    fi
done
is "$wrong" 0 "pgbouncer: $runners runs at once, $rounds times: each migration ran once"
is "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" 0 "pgbouncer: no lock is left behind"

# One that died in the middle cannot be told from one that is at work: nothing is decided.
sql "UPDATE dunlin_migrations SET status = 'running', statements_done = 0 WHERE version = '5'"
dunlin -u "$pooled" -d "$dir" up --lock-wait 1s
exits 3 "pgbouncer: a migration that stays at a statement is left to somebody who looks"
like "$err" 'statement 1 of .*5_index.sql: it is not known' "pgbouncer: the statement is named"
is "$(sql 'SELECT count(*) FROM p1')" 3 "pgbouncer: nothing ran"

# While it waits for the one that may be at work it can be interrupted.
set -m
"$DUNLIN" -u "$pooled" -d "$dir" up --lock-wait 60s >"$work/wait.out" 2>"$work/wait.err" </dev/null &
waiter=$!
set +m
ok "pgbouncer: waits for one that may be at work" wait_until 30 grep -q waiting "$work/wait.out" "$work/wait.err"
kill -INT "$waiter"
wait "$waiter"
is "$?" 130 "pgbouncer: and can be interrupted"
sql "DELETE FROM dunlin_migrations WHERE version = '5'; DROP INDEX p1_id; DELETE FROM p1 WHERE id > 1"
rm "$dir/5_index.sql"

# A row that is taken over only as it was read: to go on behind a failure, and to revert.
row_6() {
    sql "SELECT status, statements_done FROM dunlin_migrations WHERE version = '6'"
}
printf -- '-- migrate:up transaction:off\nINSERT INTO p1 VALUES (7);\nSELECT 1;\nINSERT INTO nowhere VALUES (8);\n-- migrate:down transaction:off\nDELETE FROM p1 WHERE id = 7;\nSELECT 1;\nDELETE FROM p1 WHERE id = 8;\n' >"$dir/6_off.sql"
dunlin -u "$pooled" -d "$dir" up
exits 3 "pgbouncer: a statement fails"
is "$(row_6)" 'partial|2' "pgbouncer: how far it came is noted"
sed 's/VALUES (7)/VALUES (70)/; s/nowhere/p1/' "$dir/6_off.sql" >"$work/edited.sql"
sed 's/nowhere/p1/' "$dir/6_off.sql" >"$work/mended.sql"
cp "$work/edited.sql" "$dir/6_off.sql"
dunlin -u "$pooled" -d "$dir" up
exits 6 "pgbouncer: what ran was edited"
is "$(row_6)" 'partial|2' "pgbouncer: the row stays what it was"
cp "$work/mended.sql" "$dir/6_off.sql"
dunlin -u "$pooled" -d "$dir" up --lock-wait 1s
exits 0 "pgbouncer: goes on behind what is done"
is "$(sql 'SELECT string_agg(id::text, $$ $$ ORDER BY id) FROM p1')" '1 7 8' "pgbouncer: each statement ran once"
dunlin -u "$pooled" -d "$dir" down 1
exits 0 "pgbouncer: down"
is "$(sql 'SELECT string_agg(id::text, $$ $$ ORDER BY id) FROM p1') $(row_6)" '1 ' "pgbouncer: reverts it, and its row is gone"

kill "$bouncer_pid"
wait "$bouncer_pid" 2>/dev/null
rm -rf "$bouncer"
done_testing
