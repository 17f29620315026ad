# SPDX-License-Identifier: MIT
# Several runs at once: one works, the others wait and find nothing to do. On PostgreSQL they wait
# while an index is built concurrently; on SQLite others read and write the database meanwhile, and
# change its schema.
# DUNLIN_TEST_RACE_RUNNERS and _ROUNDS ask for more.
race_runners=${DUNLIN_TEST_RACE_RUNNERS:-6}
race_rounds=${DUNLIN_TEST_RACE_ROUNDS:-2}

race_folder() {
    local i
    fresh_db
    for i in 1 2 3 4 5; do
        printf 'CREATE TABLE r%d (id integer);\nINSERT INTO r%d VALUES (1);\n' $i $i >"$dir/${i}_r.sql"
    done
    printf -- '-- migrate:up transaction:off\nINSERT INTO r1 VALUES (6);\nCREATE TABLE r6 (id integer);\nINSERT INTO r6 VALUES (1);\n' >"$dir/6_off.sql"
    race_count=6
    [ "$engine" = postgres ] || return 0
    printf "INSERT INTO r2 SELECT 7 FROM generate_series(1, 20000);\n" >"$dir/7_rows.sql"
    printf 'CREATE INDEX CONCURRENTLY r2_id ON r2 (id);\n' >"$dir/8_index.sql"
    race_count=8
}

race_others() { # reads and writes of somebody else, until it is told to end
    while [ -e "$work/race.on" ]; do
        printf '.timeout 60000\nINSERT INTO others VALUES (1);\nSELECT count(*) FROM others;\n' |
            sqlite3 "$work/$db.db" || echo failed
    done >"$work/others.out" 2>&1
}

race_round() { # adds what is wrong to $wrong
    local i pid pids= others= ran
    if [ "$engine" = sqlite ]; then
        sql 'CREATE TABLE others (id integer)'
        : >"$work/race.on"
        race_others &
        others=$!
    fi
    for i in $(seq "$race_runners"); do
        "$DUNLIN" -u "$url" -d "$dir" up --lock-wait 120s >"$work/race.$i" 2>&1 </dev/null &
        pids="$pids $!"
    done
    for pid in $pids; do
        wait "$pid" || wrong="$wrong; one fails"
    done
    if [ -n "$others" ]; then
        rm "$work/race.on"
        wait "$others"
        ! grep -Ei 'failed|error' "$work/others.out" || wrong="$wrong; others fail"
    fi
    ran=$(cat "$work"/race.* | sed -n 's/^done: \([0-9]*\) applied.*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
    [ "$ran" = $race_count ] || wrong="$wrong; $ran ran"
    ran=$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied'")
    [ "$ran" = $race_count ] || wrong="$wrong; $ran are recorded"
    ran=$(sql 'SELECT (SELECT count(*) FROM r1) + (SELECT count(*) FROM r3) + (SELECT count(*) FROM r6)')
    [ "$ran" = 4 ] || wrong="$wrong; $ran rows of 4"
    [ "$engine" != postgres ] || [ "$(sql 'SELECT count(*) FROM pg_index WHERE NOT indisvalid')" = 0 ] ||
        wrong="$wrong; an index is not valid"
}

race_failed=0
for race_trial in $(seq "$race_rounds"); do
    race_folder
    wrong=
    race_round
    if [ -n "$wrong" ]; then
        race_failed=$((race_failed + 1))
        diag "round $race_trial:${wrong#;}"
        diag "$(cat "$work"/race.[0-9]*)"
    fi
    case $engine in
    postgres) db=postgres; sql "DROP DATABASE ${url##*/}" ;;
    mariadb) sql "DROP DATABASE $db" ;;
    esac
done
is "$race_failed" 0 "race: $race_runners runs at once, $race_rounds times: each migration ran once"

# Tables of others come and go while dunlin looks for one that is not there.
race_schema() { # until it is told to end
    while [ -e "$work/race.on" ]; do
        printf 'CREATE TABLE come (id integer);\nDROP TABLE come;\n%.0s' {1..50}
    done | sqlite3 -cmd 'PRAGMA synchronous = off' -cmd '.timeout 60000' "$work/$db.db" >/dev/null
}
if [ "$engine" = sqlite ]; then
    fresh_db
    printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
    : >"$work/race.on"
    race_schema &
    race_other=$!
    race_failed=0
    wait_until 30 test -s "$work/$db.db"
    for race_trial in {1..60}; do
        dunlin -u "$url?busy_timeout=60000" -d "$dir" status
        [ "$status" = 0 ] || race_failed=$((race_failed + 1))
        [ "$status" = 0 ] || diag "$err"
    done
    rm "$work/race.on"
    wait "$race_other"
    is "$race_failed" 0 "race: status, 60 times, while others change the schema"
fi
