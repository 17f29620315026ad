# SPDX-License-Identifier: MIT
# A base schema whose runner was killed in the middle: up stops; resume, resume --skip and mark are
# the ways out.
base="$work/doubt.sql"

gate_close() { # a session of its own holds what the base schema waits for
    rm -f "$work/gate" "$work/gate.db"*
    mkfifo "$work/gate"
    case $engine in
    sqlite)
        sqlite3 "$work/gate.db" 'CREATE TABLE g (id integer)'
        sqlite3 "$work/gate.db" <"$work/gate" >"$work/gate.out" &
        ;;
    *) client <"$work/gate" >"$work/gate.out" & ;;
    esac
    gate_pid=$!
    exec 7>"$work/gate"
    case $engine in
    sqlite) printf '.timeout 30000\nBEGIN EXCLUSIVE;\n' >&7 ;;
    postgres) printf 'SELECT 1 FROM pg_advisory_lock(77);\n' >&7 ;;
    mariadb) printf "SELECT GET_LOCK('gate', 0);\n" >&7 ;;
    esac
    wait_until 30 holder_holds
}

holder_holds() {
    case $engine in
    sqlite) ! sqlite3 "$work/gate.db" 'SELECT count(*) FROM g' ;;
    postgres) test "$(sql 'SELECT count(*) FROM pg_locks WHERE objid = 77 AND granted')" = 1 ;;
    mariadb) test "$(sql "SELECT IS_USED_LOCK('gate') IS NOT NULL")" = 1 ;;
    esac
}

gate_open() {
    exec 7>&-
    wait "$gate_pid"
}

waiter() { # the server's sessions that wait at the gate
    case $engine in
    postgres)
        sql "SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = '$db'"
        ;;
    mariadb)
        sql "SELECT id FROM information_schema.processlist WHERE state = 'User lock' AND db = '$db'"
        ;;
    esac
}

at_gate() {
    case $engine in
    sqlite) test "$(sql 'SELECT statements_done FROM dunlin_migrations')" = 1 ;;
    *) test -n "$(waiter)" ;;
    esac
}

# The dead runner's session would go on when the gate opens, as it does not look at its client.
end_waiter() {
    case $engine in
    postgres) sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE wait_event = 'advisory' AND datname = '$db'" >/dev/null ;;
    mariadb) sql "KILL $(waiter)" ;;
    esac
    wait_until 30 nobody_waits
}

nobody_waits() {
    test -z "$(waiter)"
}

base_doubt() { # the runner is killed while the second statement of the schema waits
    local runner
    fresh_db
    file 0001_name.sql <<'S'
ALTER TABLE a ADD COLUMN name varchar(20);
S
    case $engine in
    sqlite)
        wait_statement="ATTACH '$work/gate.db' AS gate"
        url="$url?busy_timeout=600000"
        ;;
    postgres) wait_statement='SELECT pg_advisory_lock(77)' ;;
    mariadb) wait_statement="DO GET_LOCK('gate', 3600)" ;;
    esac
    cat >"$base" <<S
-- migrate:up transaction:off
CREATE TABLE a (id integer NOT NULL PRIMARY KEY);
$wait_statement;
CREATE TABLE b (id integer NOT NULL PRIMARY KEY);
S
    gate_close
    "$DUNLIN" -u "$url" -d "$dir" up --baseline-schema "$base" >"$work/killed" 2>&1 </dev/null 7>&- &
    runner=$!
    wait_until 30 at_gate || diag "it does not wait: $(cat "$work/killed")"
    kill -KILL "$runner"
    wait "$runner" 2>/dev/null
    end_waiter
    gate_open
}

base_row() {
    sql "SELECT version, status FROM dunlin_migrations WHERE source = 'baseline-schema'"
}

base_doubt
is "$(base_row)" 'doubt|running' "doubt: a killed runner leaves the base schema's row running"
up
exits 6 "doubt: up without the base schema runs nothing over it"
like "$err" 'loaded in part' "doubt: and says why"
like "$err" '^hint: .*--baseline-schema FILE' "doubt: and what goes on with it"
up --baseline-schema "$base"
exits 3 "doubt: up with it stops"
like "$err" "ended in statement 2 of .*doubt.sql: it is not known" "doubt: names the statement"
like "$err" '^hint: .*resume --skip --baseline-schema FILE.*resume --baseline-schema FILE.*mark baseline-schema/doubt applied' \
    "doubt: three ways out, as they have to be typed"
dunlin -u "$url" -d "$dir" resume
exits 6 "doubt: resume has to be told the file"
like "$err" 'base schema doubt was loaded in part' "doubt: which it says"
like "$err" '^hint: .*dunlin resume --baseline-schema FILE' "doubt: and how"
is "$(base_row)" 'doubt|running' "doubt: nothing of that changes the row"
dunlin -u "$url" -d "$dir" resume --baseline-schema "$base"
exits 0 "doubt: resume"
is "$(base_row)" 'doubt|applied' "doubt: resume ends the loading"
ok "doubt: what is behind the statement ran" sql 'SELECT * FROM b'
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 1 "doubt: and no migration"
dunlin -u "$url" -d "$dir" resume
exits 0 "doubt: then there is nothing to resume"
up
exits 0 "doubt: and up goes on"
like "$out" '^done: 1 applied' "doubt: with the first migration"

base_doubt
dunlin -u "$url" -d "$dir" resume --skip --baseline-schema "$base"
exits 0 "doubt: resume --skip"
like "$err" "^warning: statement 2 of .*doubt.sql counts as done" "doubt: says what it skips"
is "$(base_row)" 'doubt|applied' "doubt: resume --skip ends the loading"
ok "doubt: the rest ran" sql 'SELECT * FROM b'

base_doubt
dunlin -u "$url" -d "$dir" mark baseline-schema/doubt applied -y
exits 0 "doubt: mark applied"
is "$(base_row)" 'doubt|applied' "doubt: mark ends the doubt"
not_ok "doubt: and runs nothing" sql 'SELECT * FROM b'
up --baseline-schema "$base"
exits 0 "doubt: up goes on behind it"
ok "doubt: with the first migration" sql 'SELECT name FROM a'

base_doubt
dunlin -u "$url" -d "$dir" mark baseline-schema/doubt pending -y
exits 0 "doubt: mark pending"
is "$(base_row)" '' "doubt: the row is gone"
sql 'DROP TABLE a'
up --baseline-schema "$base"
exits 0 "doubt: undone by hand, it is loaded from the start"
is "$(base_row)" 'doubt|applied' "doubt: and recorded"
ok "doubt: as a whole" sql 'SELECT * FROM b'
unset base

# Where it can be known whether the statement was carried out, or it may run twice, up decides.
settle() { # VERSION: as a run leaves it that dies behind the first statement and before its note
    sql "UPDATE dunlin_migrations SET status = 'running', statements_done = 0, statements_hash = NULL WHERE version = '$1'"
}

if [ "$engine" = postgres ]; then
    fresh_db
    sql 'CREATE TABLE a (id integer)'
    printf 'CREATE INDEX CONCURRENTLY a_id ON a (id);\n' >"$dir/1_index.sql"
    printf 'VACUUM a;\n' >"$dir/2_vacuum.sql"
    printf 'CREATE INDEX CONCURRENTLY ON a (id);\n' >"$dir/3_unnamed.sql"
    printf -- '-- migrate:up transaction:off\nBEGIN;\nINSERT INTO a VALUES (1);\nCOMMIT;\n' >"$dir/4_own.sql"
    up
    exits 0 "doubt: statements outside a transaction"
    oid=$(sql "SELECT 'a_id'::regclass::oid")
    settle 1
    up
    exits 0 "doubt: an index that is there and valid is no doubt"
    like "$err" '^warning: statement 1 of .*1_index.sql counts as done, as its index is there and valid' "doubt: up says why"
    is "$(sql "SELECT 'a_id'::regclass::oid")" "$oid" "doubt: it is not built again"
    settle 1
    sql "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'a_id'::regclass"
    up
    exits 0 "doubt: nor is one that is not valid"
    is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass")" t "doubt: it is built again"
    settle 1
    sql 'DROP INDEX a_id'
    up
    exits 0 "doubt: nor one that is not there"
    is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass")" t "doubt: it is built"
    settle 2
    up
    exits 0 "doubt: what may run twice runs again"
    settle 3
    up
    exits 3 "doubt: an index without a name stays in doubt"
    dunlin -u "$url" -d "$dir" resume --skip
    exits 0 "doubt: until somebody says that it is there"
    sql 'DELETE FROM a'
    settle 4
    up
    exits 0 "doubt: a transaction that was not noted left nothing"
    is "$(sql 'SELECT count(*) FROM a')" 1 "doubt: it runs again"
    settle 1
    printf 'CREATE INDEX CONCURRENTLY a_id ON a (id); -- edited\n' >"$dir/1_index.sql"
    up
    exits 3 "doubt: of a file that was edited nothing is known"

    # The client dies while the server waits for a transaction that is older than the index.
    fresh_db
    sql 'CREATE TABLE a (id integer)'
    printf 'CREATE INDEX CONCURRENTLY IF NOT EXISTS a_id ON a (id);\n' >"$dir/1_index.sql"
    rm -f "$work/gate"
    mkfifo "$work/gate"
    client <"$work/gate" >/dev/null &
    gate_pid=$!
    exec 7>"$work/gate"
    printf 'BEGIN; INSERT INTO a VALUES (1);\n' >&7
    wait_until 30 test "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 'a'::regclass")" = 1
    "$DUNLIN" -u "$url" -d "$dir" up >"$work/killed" 2>&1 </dev/null 7>&- &
    runner=$!
    index_waits() { test "$(sql "SELECT count(*) FROM pg_stat_activity WHERE query ~ '^CREATE INDEX CONC' AND wait_event_type = 'Lock'")" = 1; }
    wait_until 30 index_waits
    kill -KILL "$runner"
    wait "$runner" 2>/dev/null
    is "$(sql "SELECT status FROM dunlin_migrations")" running "doubt: killed while an index is built"
    up --lock-wait 300ms
    exits 5 "doubt: as long as the server is at it, its lock is held"
    like "$err" 'held by process [0-9]+ \(dunlin\)' "doubt: and the holder is named"
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ '^CREATE INDEX CONC'" >/dev/null
    exec 7>&-
    wait "$gate_pid"
    up --lock-wait 30s
    exits 0 "doubt: a lock whose holder died is free, and up finishes"
    like "$err" 'a_id is not valid, from an attempt that failed' "doubt: what was left is dropped"
    is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass")" t "doubt: and built again"
fi
if [ "$engine" = sqlite ]; then
    fresh_db
    printf 'VACUUM;\n' >"$dir/1_vacuum.sql"
    printf "VACUUM INTO '$work/into.db';\n" >"$dir/2_into.sql"
    up
    exits 0 "doubt: VACUUM"
    settle 1
    up
    exits 0 "doubt: may run twice"
    settle 2
    up
    exits 3 "doubt: VACUUM INTO may not"
fi
