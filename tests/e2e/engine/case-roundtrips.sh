# SPDX-License-Identifier: MIT
# What a run costs on the network, counted by a proxy: the same number on every machine.
small_ones() { # N: a table, an index and a row each
    local i
    for i in $(seq "$1"); do
        printf 'CREATE TABLE t%d (id integer NOT NULL PRIMARY KEY, name varchar(40));\nCREATE INDEX t%d_name ON t%d (name);\nINSERT INTO t%d VALUES (%d, '"'x'"');\n' \
            "$i" "$i" "$i" "$i" "$i" >"$dir/$(printf %04d "$i")_t$i.sql"
    done
}

if [ "$engine" != sqlite ]; then
    fresh_db
    [ "$engine" = postgres ] && limit=12 || limit=16
    small_ones 200
    counted up
    exits 0 "round trips: 200 small migrations"
    ok "round trips: in at most $limit ($round_trips)" test "$round_trips" -le "$limit"
    is "$(printf '%s\n' "$out" | grep -c '^applied')" 200 "round trips: each reported by itself"
    is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied' AND statements_done = 3")" \
        200 "round trips: each with its row"
    counted up
    ok "round trips: nothing pending in at most 4 ($round_trips)" test "$round_trips" -le 4
fi

# Small migrations are sent together; that is not to be seen, but for the time it takes.
for broken in "2 INSERT INTO t99 VALUES (99, 'x');" '3 CREATE TABEL broken (id integer);'; do
    done=${broken%% *} # of its own statements, where they are noted: rows share a transaction
    broken=${broken#* }
    fresh_db
    small_ones 150
    printf '%s\n' "$broken" >>"$dir/0100_t100.sql"
    up
    [ "$engine" = mariadb ] && code=3 || code=2
    exits "$code" "round trips: a failure in the middle"
    like "$err" '0100_t100.sql:4:[0-9]+: ' "round trips: names file, line and column"
    is "$(sql "SELECT count(*), max(version) FROM dunlin_migrations WHERE status = 'applied'")" \
        '99|0099' "round trips: leaves exactly the ones before it applied"
    is "$(printf '%s\n' "$out" | grep -c '^applied')" 99 "round trips: each of them told once"
    is "$(printf '%s\n' "$out" | grep -c '^failed')" 1 "round trips: and the failed one"
    like "$err" 'applied before it in this run: 99' "round trips: and counted"
    [ "$engine" != mariadb ] ||
        is "$(sql "SELECT status, statements_done FROM dunlin_migrations WHERE version = '0100'")" \
            "partial|$done" "round trips: the journal says how far it came"
    sed -i '$d' "$dir/0100_t100.sql"
    up
    like "$out" '^done: 51 applied, 99 already applied, 150 total in ' \
        "round trips: the next run goes on there"
    is "$(sql 'SELECT count(*) FROM t100')" 1 "round trips: and nothing ran twice"
    is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied' AND statements_done = statements_total")" \
        150 "round trips: all of them are there"
done

# Events come in order, each migration with its own, and say what --durable each says.
fresh_db
small_ones 5
printf 'INSERT INTO nowhere VALUES (1);\n' >>"$dir/0004_t4.sql"
up --json
together=$(printf '%s\n' "$out" | sed 's/"micros":[0-9]*//; s/case[0-9]*//g')
fresh_db
small_ones 5
printf 'INSERT INTO nowhere VALUES (1);\n' >>"$dir/0004_t4.sql"
up --json --durable each
is "$(printf '%s\n' "$out" | sed 's/"micros":[0-9]*//; s/case[0-9]*//g')" \
    "$together" "round trips: events are those of one by one"

if [ "$engine" = postgres ]; then
    fresh_db
    small_ones 20
    up
    is "$(sql 'SELECT count(DISTINCT xmin::text) FROM dunlin_migrations')" 20 \
        "round trips: each in a transaction of its own"

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

if [ "$engine" = sqlite ]; then
    # What cannot share a transaction keeps its place between the others.
    fresh_db
    small_ones 3
    printf 'PRAGMA user_version = 7;\nINSERT INTO t1 VALUES (7, NULL);\n' >"$dir/0004_pragma.sql"
    printf "ATTACH ':memory:' AS other;\n" >"$dir/0005_attach.sql"
    printf 'INSERT INTO t2 SELECT 8, id FROM t1 WHERE id = 7;\n' >"$dir/0006_after.sql"
    printf 'INSERT OR ROLLBACK INTO t3 VALUES (9, 0);\n' >"$dir/0007_or.sql"
    up
    exits 0 "round trips: with migrations that cannot share a transaction"
    is "$(sql 'SELECT name FROM t2 WHERE id = 8')" 7 "round trips: the order is kept"

    # The statement takes the whole transaction with it: those before it run again.
    printf 'INSERT INTO t3 VALUES (10, 0);\n' >"$dir/0008_ten.sql"
    printf 'INSERT OR ROLLBACK INTO t3 VALUES (10, 1);\n' >"$dir/0009_again.sql"
    up
    exits 2 "round trips: a statement that ends the shared transaction"
    like "$err" '0009_again.sql:1:1: ' "round trips: is named"
    is "$(sql 'SELECT name FROM t3 WHERE id = 10')" 0 "round trips: the one before it is kept"
    is "$(printf '%s\n' "$out" | grep -c '^applied')" 1 "round trips: and told once"

    # A deferred foreign key fails where the transaction ends.
    printf 'DELETE FROM t3 WHERE id = 10;\n' >"$dir/0009_again.sql"
    printf 'CREATE TABLE child (id integer REFERENCES t3 (id) DEFERRABLE INITIALLY DEFERRED);\n' >"$dir/0010_child.sql"
    printf 'INSERT INTO child VALUES (99);\n' >"$dir/0011_orphan.sql"
    printf 'CREATE TABLE t12 (id integer);\n' >"$dir/0012_t12.sql"
    dunlin -u "$url?foreign_keys=on" -d "$dir" up
    exits 2 "round trips: a deferred foreign key that is broken"
    like "$err" '0011_orphan.sql' "round trips: names the migration"
    is "$(sql "SELECT max(version) FROM dunlin_migrations WHERE status = 'applied'")" 0010 \
        "round trips: those before it are kept"
fi

# However many are applied: the history is one answer, and only what is pending is sent.
ten_thousand() {
    seq 10000 | awk -v dir="$dir" '{
        file = sprintf("%s/%05d_t.sql", dir, $1)
        print "SELECT " $1 ";" >file
        close(file)
    }'
}

if [ "$engine" != sqlite ]; then
    fresh_db
    ten_thousand
    dunlin -u "$url" -d "$dir" -q baseline 10000
    exits 0 "round trips: 10,000 recorded as applied"
    counted up
    like "$out" '^done: 0 applied, 10000 already applied, 10000 total in ' \
        "round trips: 10,000 applied, nothing pending"
    ok "round trips: in at most 4 ($round_trips)" test "$round_trips" -le 4
    echo 'CREATE TABLE pending (id integer NOT NULL PRIMARY KEY);' | file 10001_pending.sql
    counted up
    like "$out" '^done: 1 applied, 10000 already applied, 10001 total in ' \
        "round trips: 10,000 applied, 1 pending"
    ok "round trips: in at most 8 ($round_trips)" test "$round_trips" -le 8
    echo 'SELECT 5001;' | file 05000_t.sql
    up
    exits 6 "round trips: one of 10,000 was edited"
    like "$err" '05000_t.sql was edited after it was applied' "round trips: it is named"
fi

# A row that dunlin cannot have written is no missing table.
fresh_db
echo 'CREATE TABLE a (id integer NOT NULL PRIMARY KEY);' | file 1_a.sql
echo 'CREATE TABLE b (id integer NOT NULL PRIMARY KEY);' | file 2_b.sql
up 1
sql "UPDATE dunlin_migrations SET status = 'bogus'"
up
exits 6 "round trips: a status that dunlin does not know"
like "$err" 'the row of version 1 in dunlin_migrations has a status that dunlin did not write' \
    "round trips: it is told"
is "$(sql "SELECT count(*) FROM dunlin_migrations")" 1 "round trips: and nothing was run"

if [ "$engine" = sqlite ]; then
    fresh_db
    mkdir "$dir/meta"
    echo 'CREATE TABLE a (id integer);' | file 0000_a.sql
    echo '{"version": "7", "dialect": "sqlite", "entries": [{"idx": 0, "version": "6", "when": 1700000000000, "tag": "0000_a", "breakpoints": true}]}' |
        file meta/_journal.json
    sql "CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)"
    sql "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 'yesterday')"
    dunlin -u "$url" -d "$dir" --history layout up
    exits 6 "round trips: a time in the table of drizzle-orm that is none"
    like "$err" 'has a created_at that is no number' "round trips: it is told"
fi
