# SPDX-License-Identifier: MIT
# What a run costs on the network, counted by a proxy: the same number on every machine.
small_ones() { # N: a table, an index and a row each
    local i
    for i in $(seq "$1"); do
        printf 'CREATE TABLE t%d (id integer NOT NULL PRIMARY KEY, name varchar(40));\nCREATE INDEX t%d_name ON t%d (name);\nINSERT INTO t%d VALUES (%d, '"'x'"');\n' \
            "$i" "$i" "$i" "$i" "$i" >"$dir/$(printf %04d "$i")_t$i.sql"
    done
}

if [ "$engine" = postgres ]; then
    fresh_db
    url="$url?sslmode=disable"
    small_ones 200
    counted up
    exits 0 "round trips: 200 small migrations"
    ok "round trips: in at most 12 ($round_trips)" test "$round_trips" -le 12
    is "$(printf '%s\n' "$out" | grep -c '^applied')" 200 "round trips: each reported by itself"
    is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied' AND statements_done = 3")" \
        200 "round trips: each with its row"
    is "$(sql 'SELECT count(DISTINCT xmin::text) FROM dunlin_migrations')" 200 \
        "round trips: each in a transaction of its own"
    counted up
    ok "round trips: nothing pending in at most 4 ($round_trips)" test "$round_trips" -le 4

    for broken in 'INSERT INTO t99 VALUES (1 / 0, 1);' 'CREATE TABLE broken (id integerr NOTT);'; do
        fresh_db
        small_ones 150
        printf '%s\n' "$broken" >>"$dir/0100_t100.sql"
        up
        exits 2 "round trips: a failure in the middle"
        like "$err" '0100_t100.sql:4:[0-9]+: ' "round trips: names file, line and column"
        is "$(sql "SELECT count(*), max(version) FROM dunlin_migrations WHERE status = 'applied'")" \
            '99|0099' "round trips: leaves exactly the ones before it applied"
        is "$(printf '%s\n' "$out" | grep -c '^applied')" 99 "round trips: each of them told once"
        like "$err" 'applied before it in this run: 99' "round trips: and counted"
        sed -i '$d' "$dir/0100_t100.sql"
        up
        like "$out" '^done: 51 applied, 99 already applied, 150 total in ' \
            "round trips: the next run goes on there"
    done

    # What needs a message of its own keeps its place between the others.
    fresh_db
    small_ones 3
    printf 'COPY t1 (id, name) FROM stdin;\n7\tseven\n\\.\n' >"$dir/0004_copy.sql"
    printf 'INSERT INTO t2 SELECT 8, name FROM t1 WHERE id = 7;\n' >"$dir/0005_after.sql"
    printf 'CREATE INDEX CONCURRENTLY t3_i ON t3 (id);\n' >"$dir/0006_index.sql"
    printf 'SET standard_conforming_strings = off;\n' >"$dir/0007_mode.sql"
    printf "INSERT INTO t3 VALUES (9, 'a\\\\');\n" >"$dir/0008_string.sql"
    up
    exits 0 "round trips: with migrations that cannot share a message"
    is "$(sql 'SELECT name FROM t2 WHERE id = 8')" seven "round trips: the order is kept"
    is "$(sql 'SELECT name FROM t3 WHERE id = 9')" 'a\' "round trips: settings are undone between"
fi
