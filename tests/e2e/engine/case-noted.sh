# SPDX-License-Identifier: MIT
# A statement that committed by itself has to be noted in the history. When the note fails it is
# sent again; when that fails too the statement is in doubt, and does not run twice.

noted_file() { # LOCK-TIMEOUT: a sleep in the middle, in which the row can be taken
    local nap
    case $engine in
    postgres) nap='SELECT pg_sleep(1)' ;;
    mariadb) nap='DO SLEEP(1)' ;;
    esac
    fresh_db
    file 0001_a.sql <<S
-- migrate:up transaction:off lock-timeout:$1
CREATE TABLE a (id integer NOT NULL PRIMARY KEY);
$nap;
CREATE TABLE b (id integer NOT NULL PRIMARY KEY);
S
}

row_there() {
    sql 'SELECT count(*) FROM dunlin_migrations' 2>/dev/null | grep -qx 1
}

note_waits() { # for the lock that take_row holds
    case $engine in
    postgres) sql "SELECT count(*) FROM pg_locks WHERE NOT granted" ;;
    mariadb) sql "SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'" ;;
    esac | grep -qx 1
}

noting() { # the transaction of the note that waits for it
    case $engine in
    postgres) sql "SELECT virtualtransaction FROM pg_locks WHERE NOT granted" ;;
    mariadb) sql "SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'" ;;
    esac
}
note_waits_again() {
    local now
    now=$(noting)
    [ -n "$now" ] && [ "$now" != "$first_note" ]
}

take_row() {
    mkfifo "$work/holder"
    client <"$work/holder" >"$work/holder.out" 2>&1 &
    holder=$!
    exec 7>"$work/holder"
    rm "$work/holder"
    printf 'BEGIN;\nSELECT 1 FROM dunlin_migrations FOR UPDATE;\n' >&7
}

let_go() {
    exec 7>&-
    wait "$holder"
}

if [ "$engine" != sqlite ]; then
    noted_file 2s
    { "$DUNLIN" -u "$url" -d "$dir" up; echo "exit $?"; } >"$work/noted" 2>&1 </dev/null &
    runner=$!
    wait_until 10 row_there
    take_row
    wait_until 20 note_waits
    sleep 2.8 # the first note has given up, the second one waits
    let_go
    wait "$runner"
    like "$(cat "$work/noted")" '^exit 0' "noted: a note that failed once is sent again"
    is "$(sql 'SELECT status, statements_done FROM dunlin_migrations')" 'applied|3' \
        "noted: and the migration is finished"

    noted_file 2s
    { "$DUNLIN" -u "$url" -d "$dir" up; echo "exit $?"; } >"$work/noted" 2>&1 </dev/null &
    runner=$!
    wait_until 10 row_there
    take_row
    wait "$runner"
    let_go
    like "$(cat "$work/noted")" '^exit 3' "noted: one that cannot be written ends the run"
    like "$(cat "$work/noted")" 'statement 2 of 3 has run, but that is not recorded' "noted: which says what ran"
    is "$(sql 'SELECT status, statements_done FROM dunlin_migrations')" 'running|1' \
        "noted: the row does not say that it failed"
    up
    exits 3 "noted: up does not run the statement again by itself"
    like "$err" 'ended in statement 2' "noted: and names it"
    dunlin -u "$url" -d "$dir" resume --skip
    exits 0 "noted: resume --skip"
    ok "noted: runs what is behind it" sql 'SELECT * FROM b'

    # A note that is cancelled is sent again, and what is behind it does not run any more.
    noted_file 60s
    { "$DUNLIN" -u "$url" -d "$dir" up & echo $! >"$work/pid"; wait $!; echo "exit $?"; } >"$work/noted" 2>&1 </dev/null &
    runner=$!
    wait_until 10 row_there
    take_row
    wait_until 20 note_waits
    first_note=$(noting)
    kill -TERM "$(cat "$work/pid")"
    ok "noted: one that is cancelled is sent again" wait_until 20 note_waits_again
    let_go
    wait "$runner"
    like "$(cat "$work/noted")" '^exit 130' "noted: and the run ends as one that was interrupted"
    like "$(cat "$work/noted")" 'statements 1 to 2 of 3 are in the database and recorded; 3 and those' \
        "noted: which says what is done"
    is "$(sql 'SELECT status, statements_done FROM dunlin_migrations')" 'partial|2' "noted: as does the row"
    not_ok "noted: what is behind it did not run" sql 'SELECT * FROM b'
    up
    exits 0 "noted: the next run goes on behind it"
    ok "noted: with the rest" sql 'SELECT * FROM b'
fi
