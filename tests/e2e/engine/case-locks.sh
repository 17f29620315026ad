# SPDX-License-Identifier: MIT
# A migration that does not get its locks in time steps back, tells who may be in the way, and is
# tried again; a failed CREATE INDEX CONCURRENTLY is built again.
stops_waiting() { # WHAT URL: a run waits for the one that holds the descriptor 7, and is interrupted
    local waiter
    "$DUNLIN" -u "$2" -d "$dir" up --lock-wait 1h >"$work/apart" 2>&1 </dev/null 7>&- &
    waiter=$!
    ok "$1: this one waits" wait_until 60 grep -q waiting "$work/apart"
    kill -TERM "$waiter"
    wait "$waiter"
    is "$?" 130 "$1: interrupted: exit code"
    like "$(cat "$work/apart")" '^error: interrupted$' "$1: interrupted: is told"
}

if [ "$engine" = postgres ]; then
    fresh_db
    sql 'CREATE TABLE busy (id integer)'
    printf 'ALTER TABLE busy ADD COLUMN a integer;\n' >"$dir/1_busy.sql"
    rm -f "$work/hold"
    mkfifo "$work/hold"
    client <"$work/hold" >/dev/null 2>&1 &
    holder=$!
    exec 7>"$work/hold"
    printf 'BEGIN; LOCK TABLE busy;\n' >&7
    wait_until 10 test "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 'busy'::regclass")" = 1
    up --lock-timeout 100ms --lock-retries 0
    exits 5 "locks: --lock-retries 0 fails at once"
    like "$err" 'lock timeout' "locks: with the server's words"
    up --lock-timeout 100ms --lock-retries 2
    exits 5 "locks: still held after two more tries"
    like "$err" 'trying again, 1 of 2; open transactions: pid [0-9]+, psql of user' "locks: names who is in the way"
    like "$err" 'open for [0-9]+ s, idle in transaction for [0-9]+ s' "locks: how long it is open, and without a query"
    printf 'SELECT pg_sleep(300);\n' >&7
    wait_until 10 test "$(sql "SELECT count(*) FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep' AND state = 'active'")" = 1
    up --lock-timeout 100ms --lock-retries 1
    like "$err" 'open for [0-9]+ s, its query runs for [0-9]+ s' "locks: or how long its query runs"
    sql "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep' AND state = 'active'" >"$work/cancelled"
    exec 7>&-
    wait "$holder"
    client <"$work/hold" >/dev/null 2>&1 &
    holder=$!
    exec 7>"$work/hold"
    printf 'BEGIN; LOCK TABLE busy;\n' >&7
    wait_until 10 test "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 'busy'::regclass")" = 1
    set -m
    "$DUNLIN" -u "$url" -d "$dir" up --lock-timeout 100ms --lock-retries 20 >"$work/retry.out" 2>"$work/retry.err" </dev/null &
    retries=$!
    set +m
    ok "locks: between two tries" wait_until 60 grep -q 'trying again, 3 of 20' "$work/retry.out" "$work/retry.err"
    kill -INT "$retries"
    wait "$retries"
    is "$?" 130 "locks: it can be interrupted"
    like "$(cat "$work/retry.err")" 'nothing of .*1_busy.sql is in the database' "locks: and says what is there"
    is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 0 "locks: nothing is left"
    (sleep 1; printf 'COMMIT;\n' >&7) &
    up --lock-timeout 200ms --lock-retries 20
    exits 0 "locks: succeeds when the lock is free"
    exec 7>&-
    wait "$holder"
    is "$(sql 'SELECT count(a) FROM busy')" 0 "locks: and the change is there"

    fresh_db
    sql 'CREATE TABLE dup (id integer)'
    sql 'INSERT INTO dup VALUES (1), (1)'
    printf 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS dup_id ON dup (id);\n' >"$dir/1_index.sql"
    up
    exits 3 "locks: CREATE INDEX CONCURRENTLY that fails leaves something behind"
    like "$err" 'left the index public.dup_id, which is not valid' "locks: it is looked for at once, and named"
    dunlin -u "$url" -d "$dir" status
    like "$out" 'partial' "locks: status tells that it is not whole"
    is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'dup_id'::regclass")" f \
        "locks: an index that is not valid"
    sql 'DELETE FROM dup'
    up
    exits 0 "locks: the next run builds it again"
    like "$err" 'dup_id is not valid' "locks: and says that it does"
    is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'dup_id'::regclass")" t \
        "locks: IF NOT EXISTS did not pass over it"

    fresh_db
    sql 'CREATE SCHEMA "Other"; CREATE TABLE "Other"."Dup" (id integer); CREATE TABLE plain (id integer)'
    sql 'INSERT INTO "Other"."Dup" VALUES (1), (1)'
    printf 'CREATE UNIQUE INDEX CONCURRENTLY "The ""Index" ON "Other"."Dup" (id);\n' >"$dir/1_index.sql"
    up
    exits 3 "locks: an index in a schema that the search path does not lead to"
    like "$err" 'left the index "Other"."The ""Index"' "locks: is found"
    sql 'DELETE FROM "Other"."Dup"'
    up
    exits 0 "locks: and built again"
    is "$(sql "SELECT count(*) FROM pg_index WHERE indrelid = '\"Other\".\"Dup\"'::regclass AND indisvalid")" 1 \
        "locks: there is one, and it is valid"
    printf 'CREATE INDEX CONCURRENTLY late ON plain (no_such_column);\n' >"$dir/2_index.sql"
    up
    exits 2 "locks: a statement that failed before there was an index"
    like "$err" 'nothing of .*2_index.sql is in the database' "locks: has left nothing, and says so"
    is "$(sql "SELECT status FROM dunlin_migrations WHERE version = '2'")" failed "locks: the history, too"
    sql 'INSERT INTO plain VALUES (1), (1)'
    printf 'CREATE UNIQUE INDEX CONCURRENTLY ON plain (id);\n' >"$dir/2_index.sql"
    up
    exits 3 "locks: an index that the server named"
    like "$err" 'left the index public.plain_id_idx.*drop it' "locks: is named, for the user to drop"
    sql 'DELETE FROM plain'
    up
    exits 0 "locks: the next run builds another"
    like "$err" 'plain_id_idx is not valid, and nothing says whose it is' "locks: and tells of the first"
fi

if [ "$engine" = mariadb ]; then
    fresh_db
    sql 'CREATE TABLE busy (id integer)'
    file 1_busy.sql <<'S'
CREATE TABLE before_it (id integer);
ALTER TABLE busy ADD COLUMN a integer;
CREATE TABLE behind_it (id integer);
S
    mkfifo "$work/hold.my"
    client <"$work/hold.my" >/dev/null &
    holder=$!
    exec 7>"$work/hold.my"
    printf 'BEGIN; SELECT * FROM busy; INSERT INTO busy VALUES (1);\n' >&7
    wait_until 10 test "$(sql 'SELECT count(*) FROM information_schema.INNODB_TRX')" -ge 1
    up --lock-timeout 1s --lock-retries 1
    exits 3 "locks: a statement in the middle that does not get its lock"
    like "$err" 'trying again, 1 of 1; open transactions: connection [0-9]+ of .*, open for [0-9]+ s, idle for [0-9]+ s' \
        "locks: names who is in the way"
    is "$(sql "SELECT status, statements_done FROM dunlin_migrations WHERE version = '1'")" \
        'partial|1' "locks: the journal stays true"
    is "$(tail -n 1 <<<"$err")" 'next: dunlin up' "locks: the file is as it should be"
    (sleep 1; printf 'COMMIT;\n' >&7) &
    up --lock-timeout 1s --lock-retries 20
    exits 0 "locks: continues at that statement when the lock is free"
    exec 7>&-
    wait "$holder"
    is "$(sql 'SELECT count(a) FROM busy')" 0 "locks: and the change is there"

    # The first of several that share a message: it is helped over, and the others follow.
    client <"$work/hold.my" >/dev/null &
    holder=$!
    exec 7>"$work/hold.my"
    printf 'BEGIN; SELECT * FROM busy; INSERT INTO busy VALUES (2, 2);\n' >&7
    wait_until 10 test "$(sql 'SELECT count(*) FROM information_schema.INNODB_TRX')" -ge 1
    printf 'CREATE TABLE c (id integer);\nALTER TABLE busy ADD COLUMN c integer;\n' >"$dir/2_busy.sql"
    printf 'INSERT INTO c VALUES (3);\n' >"$dir/3_c.sql"
    printf 'INSERT INTO c VALUES (4);\n' >"$dir/4_c.sql"
    rm -f "$work/.err"
    (wait_until 30 grep -q 'trying again' "$work/.err"; printf 'COMMIT;\n' >&7) &
    up --lock-timeout 1s --lock-retries 20
    exits 0 "locks: one of several that share a message"
    like "$err" 'trying again, 1 of 20' "locks: one of several that share a message: not at once"
    like "$out" '^done: 3 applied, 1 already' "locks: one of several that share a message: all count"
    exec 7>&-
    wait "$holder"
    is "$(sql 'SELECT id FROM c ORDER BY id' | paste -sd,)" 3,4 "locks: one of several that share a message: each ran once"
fi

if [ "$engine" = sqlite ]; then
    fresh_db
    sql 'CREATE TABLE busy (id integer)'
    printf 'ALTER TABLE busy ADD COLUMN a integer;\n' >"$dir/1_busy.sql"
    mkfifo "$work/hold.lite"
    client <"$work/hold.lite" >/dev/null &
    holder=$!
    exec 7>"$work/hold.lite"
    printf 'BEGIN IMMEDIATE;\nINSERT INTO busy VALUES (1);\n' >&7
    wait_until 10 test -e "$work/$db.db-journal"
    dunlin -u "$url?busy_timeout=100" -d "$dir" up --lock-wait 300ms
    exits 5 "locks: a writer that does not finish"
    (sleep 1; printf 'COMMIT;\n' >&7) &
    dunlin -u "$url?busy_timeout=100" -d "$dir" up --lock-wait 30s
    exits 0 "locks: waits for it"
    exec 7>&-
    wait "$holder"
    is "$(sql 'SELECT count(a) FROM busy')" 0 "locks: and the change is there"

    # Without a transaction a locked file beside the database keeps runs apart: never one elsewhere.
    printf -- '-- migrate:up transaction:off\nCREATE TABLE apart (id integer);\n' >"$dir/2_apart.sql"
    ln -s elsewhere "$work/$db.db-dunlin"
    up
    exits 2 "locks: a link where the locked file would be"
    like "$err" "cannot create .*$db.db-dunlin: " "locks: is named"
    ok "locks: and not followed" test ! -e "$work/elsewhere"
    rm "$work/$db.db-dunlin"
    exec 7>"$work/$db.db-dunlin"
    flock 7
    up --lock-wait 200ms
    exits 5 "locks: another run holds the file"
    ok "locks: nothing ran" test -z "$(sql 'SELECT id FROM apart' 2>/dev/null)"
    is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE version = '2'")" 0 "locks: nor was noted"
    stops_waiting "locks" "$url"
    exec 7>&-
    up
    exits 0 "locks: that run is over"

    # Two have planned the same, and wait for that file: the second one finds that the first has done it.
    sql 'CREATE TABLE again (id integer)'
    printf -- '-- migrate:up transaction:off\nINSERT INTO again VALUES (3);\n' >"$dir/3_once.sql"
    printf -- '-- migrate:up transaction:off\nINSERT INTO again VALUES (4);\n' >"$dir/R__again.sql"
    for change in new edited; do
        [ $change = new ] || printf 'INSERT INTO again VALUES (5);\n' >>"$dir/R__again.sql"
        exec 7>"$work/$db.db-dunlin"
        flock 7
        for n in 1 2; do
            "$DUNLIN" -u "$url" -d "$dir" up >"$work/apart.$n" 2>&1 </dev/null 7>&- &
            pids[n]=$!
            ok "locks: $change: run $n of two waits" wait_until 60 grep -q waiting "$work/apart.$n"
        done
        exec 7>&-
        for n in 1 2; do
            wait "${pids[n]}"
            is "$?" 0 "locks: $change: run $n of two: exit code"
        done
        like "$(cat "$work"/apart.[12])" '^elsewhere ' "locks: $change: of two runs one says that the other was first"
    done
    is "$(sql 'SELECT id FROM again ORDER BY id' | paste -sd,)" 3,4,4,5 "locks: of two runs each migration ran in one"
    is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied'")" 4 "locks: of two runs: the rows"
    rm "$dir/3_once.sql" "$dir/R__again.sql"
    printf -- '-- migrate:up transaction:off\nCREATE TABLE busy (id integer);\n' >"$dir/1_busy.sql"
    files=$(find . "$work" "$dir" -name '*-dunlin' | sort)
    dunlin -u sqlite::memory: -d "$dir" up
    exits 0 "locks: a database in memory needs no such file"
    is "$(find . "$work" "$dir" -name '*-dunlin' | sort)" "$files" "locks: and has none"
fi

# Rows that two transactions want of each other: MariaDB and MySQL roll back the one that changed
# less, at once and as a whole.
if [ "$engine" = mariadb ]; then
    deadlock() { # OPTION...: up runs into one, and is the one that is given up
        rm -f "$work/hold"
        mkfifo "$work/hold"
        client <"$work/hold" >"$work/held" 2>&1 7>&- &
        holder=$!
        exec 7>"$work/hold"
        printf 'BEGIN;\n%s%s\nSELECT 1;\n' "$(for id in 2 3 4 5 6; do echo "UPDATE t SET v = v + 1 WHERE id = $id;"; done)" \
            'INSERT INTO t (v) VALUES (1), (1), (1);' >&7
        wait_until 30 grep -q 1 "$work/held"
        "$DUNLIN" -u "$url" -d "$dir" up "$@" >"$work/dead.out" 2>"$work/dead.err" </dev/null 7>&- &
        upper=$!
        wait_until 30 lock_waits
        printf 'UPDATE t SET v = v + 1 WHERE id = 1;\nCOMMIT;\n' >&7
        exec 7>&-
        wait "$upper"
        status=$?
        out=$(<"$work/dead.out")
        err=$(<"$work/dead.err")
        wait "$holder"
    }
    lock_waits() {
        test "$(sql "SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'")" = 1
    }
    fresh_db
    sql 'CREATE TABLE t (id integer PRIMARY KEY AUTO_INCREMENT, v integer)'
    sql 'INSERT INTO t (v) VALUES (0), (0), (0), (0), (0), (0)'
    printf 'CREATE TABLE p (id integer);\n' >"$dir/1_p.sql"
    up
    printf 'INSERT INTO p VALUES (1);\nUPDATE t SET v = 9 WHERE id = 1;\nUPDATE t SET v = 9 WHERE id = 2;\n' >"$dir/2_t.sql"
    deadlock --lock-retries 0
    exits 2 "locks: a deadlock, and nothing is tried again"
    like "$err" '2_t.sql:3:1: Deadlock found' "locks: deadlock: the statement"
    like "$err" '^state: nothing of .*2_t.sql is in the database: its transaction was rolled back' "locks: deadlock: what is there"
    is "$(tail -n 1 <<<"$err")" 'next: dunlin up' "locks: deadlock: the file is as it should be"
    is "$(sql 'SELECT count(*) FROM p')|$(sql 'SELECT count(*) FROM dunlin_migrations')" '0|1' "locks: deadlock: and is so"
    deadlock
    exits 0 "locks: a deadlock is tried again"
    like "$err" '2_t.sql: Deadlock found.*; trying again, 1 of 3' "locks: deadlock: which is told"
    is "$(sql 'SELECT count(*) FROM p')|$(sql 'SELECT count(*) FROM t WHERE v = 9')" '1|2' "locks: deadlock: once"
    # With its row in the table of another tool, which has none before the end.
    fresh_db
    sql 'CREATE TABLE t (id integer PRIMARY KEY AUTO_INCREMENT, v integer)'
    sql 'INSERT INTO t (v) VALUES (0), (0), (0), (0), (0), (0)'
    sql 'CREATE TABLE p (id integer)'
    printf -- '-- +goose Up\nINSERT INTO p VALUES (3);\nUPDATE t SET v = 8 WHERE id = 1;\nUPDATE t SET v = 8 WHERE id = 2;\n' >"$dir/3_t.sql"
    deadlock --layout goose --history layout --lock-retries 0
    exits 2 "locks: a deadlock beside another tool"
    like "$err" '^state: nothing of .*3_t.sql is in the database: its transaction was rolled back' "locks: a deadlock beside another tool: what is there"
    is "$(sql 'SELECT count(*) FROM p')" 0 "locks: a deadlock beside another tool: and is so"
fi

# A run that writes much on SQLite locks out readers, too: those wait for it as long as for any run.
if [ "$engine" = sqlite ]; then
    fresh_db
    sql 'CREATE TABLE busy (id integer)'
    printf 'ALTER TABLE busy ADD COLUMN a integer;\n' >"$dir/1_busy.sql"
    client <"$work/hold.lite" >"$work/held" &
    holder=$!
    exec 7>"$work/hold.lite"
    printf "BEGIN EXCLUSIVE;\nSELECT 'held';\n" >&7
    wait_until 10 test -s "$work/held"
    dunlin -u "$url?busy_timeout=100" -d "$dir" up --lock-wait 300ms
    exits 5 "locks: a writer that locks out readers"
    like "$out$err" '^waiting for another run' "locks: a writer that locks out readers: is waited for"
    stops_waiting "locks: a writer that locks out readers" "$url?busy_timeout=300"
    (sleep 1; printf 'COMMIT;\n' >&7) &
    dunlin -u "$url?busy_timeout=100" -d "$dir" up --lock-wait 30s
    exits 0 "locks: a writer that locks out readers: and up goes on behind it"
    exec 7>&-
    wait "$holder"
fi
