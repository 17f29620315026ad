# SPDX-License-Identifier: MIT
#
# PostgreSQL alone. Of the sample's three migrations one is JavaScript.
if [ "$engine" != postgres ]; then
    fresh_db
    echo 'SELECT 1;' >"$dir/1_a.sql"
    up_as node-pg-migrate --history layout
    exits 78 "node-pg-migrate: no table for another engine"
    like "$err" 'node-pg-migrate' "node-pg-migrate: says so"
    return
fi

npm_folder() {
    rm -rf "$dir"
    cp -R "$samples/node-pg-migrate/migrations" "$dir"
    chmod -R u+w "$dir"
}

npm_up() {
    up_as node-pg-migrate "$@"
}

npm_rows() {
    sql 'SELECT name FROM public.pgmigrations ORDER BY run_on, id'
}

npm_plan() { # the names in their order
    dunlin -u "$url" -d "$dir" --layout node-pg-migrate --json plan
    printf '%s\n' "$out" | grep -o '"version":"[^"]*"' | cut -d'"' -f4 | tr '\n' ' '
}

fresh_db
npm_folder
npm_up
exits 65 "node-pg-migrate: JavaScript is refused"
like "$err" '1772532900000_inspection-index.js' "node-pg-migrate: and named"
dunlin -u "$url" -d "$dir" --foreign-code skip up
exits 0 "node-pg-migrate: recognised, and without the JavaScript it runs"
like "$out" '^done: 2 applied' "node-pg-migrate: all the rest"
ok "node-pg-migrate: its tables are there" sql 'SELECT hive_frames(1) FROM hive, inspection'
dunlin -u "$url" -d "$dir" --foreign-code skip down
exits 0 "node-pg-migrate: down"
not_ok "node-pg-migrate: runs the lower part" sql 'SELECT hive_frames(1)'

fresh_db
npm_folder
layout_load "$(layout_dump node-pg-migrate)"
npm_up --history layout --foreign-code skip
exits 0 "node-pg-migrate: goes on from its table"
like "$out" '^done: 0 applied, 2 already applied' "node-pg-migrate: the row of a skipped file is not missing"
is "$(sql 'SELECT COUNT(*) FROM pgmigrations')" 3 "node-pg-migrate: and stays"
dunlin -u "$url" -d "$dir" --foreign-code skip adopt
exits 0 "node-pg-migrate: adopt"
like "$err" '^warning: .* 1 row of .*: 1772532900000_inspection-index$' "node-pg-migrate: names what it leaves behind"
npm_up --foreign-code skip
like "$out" '^done: 0 applied, 2 already applied' "node-pg-migrate: takes the history over"
is "$(sql 'SELECT COUNT(*) FROM pgmigrations')" 3 "node-pg-migrate: and leaves the old table alone"

fresh_db
npm_folder
npm_up --history layout --foreign-code skip
exits 0 "node-pg-migrate: from zero into its table"
is "$(npm_rows)" '1772352000000_create-hives
1772443800000_frames-logic' "node-pg-migrate: the rows are those that it would write"
npm_up --history layout --foreign-code skip
like "$out" '^done: 0 applied, 2 already applied' "node-pg-migrate: and tell that all is done"
dunlin -u "$url" -d "$dir" --layout node-pg-migrate --history layout --foreign-code skip down
is "$(npm_rows)" '1772352000000_create-hives' "node-pg-migrate: down takes the row away"

# its lock
mkfifo "$work/npm"
client <"$work/npm" >/dev/null &
exec 7>"$work/npm"
echo 'SELECT pg_advisory_lock(7241865325823964);' >&7
npm_held="SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
wait_until 20 test -n "$(wait_until 20 eval '[ -n "$(sql "$npm_held")" ]' && echo held)"
npm_up --history layout --foreign-code skip --lock-wait 100ms
exits 5 "node-pg-migrate: waits for its lock"
like "$err" 'node-pg-migrate is at work' "node-pg-migrate: says for whom"
exec 7>&-
wait $!
npm_up --history layout --foreign-code skip
exits 0 "node-pg-migrate: and goes on without it"
is "$(sql "$npm_held")" '' "node-pg-migrate: lets go of it"

# comments
fresh_db
file 1_a.sql <<'SQL'
-- a few words
--   --  UP   Migration of a
CREATE TABLE a (id int);
-- an up migration; of another kind
-- Up Migration
INSERT INTO a VALUES (1);
	-----down migration
DROP TABLE a;
-- Down Migration
SELECT 1;
SQL
file 2_b.sql <<'SQL'
-- Setup migration
CREATE TABLE b (id int);
SQL
file 3_c.sql <<'SQL'
-- Down Migration
DROP TABLE c;
-- Up Migration
CREATE TABLE c (id int);
SQL
npm_up --history layout
exits 0 "node-pg-migrate: forms of its comments"
is "$(sql 'SELECT id FROM a')" 1 "node-pg-migrate: the first of each counts"
ok "node-pg-migrate: a file without them goes up" sql 'SELECT * FROM b'
ok "node-pg-migrate: they may stand the other way round" sql 'SELECT * FROM c'
dunlin -u "$url" -d "$dir" --layout node-pg-migrate --history layout down
exits 0 "node-pg-migrate: down of such a file"
dunlin -u "$url" -d "$dir" --layout node-pg-migrate --history layout down
exits 6 "node-pg-migrate: a file without a lower part stays"

fresh_db
printf 'CREATE TABLE a (id int);\n-- Down Migration\nDROP TABLE a;\n' >"$dir/1_a.sql"
npm_up
exits 65 "node-pg-migrate: Down without Up is refused"
like "$err" '1_a\.sql:2:.*Down Migration without an Up' "node-pg-migrate: with the place"
not_ok "node-pg-migrate: nothing ran" sql 'SELECT * FROM a'

# pairs
fresh_db
echo 'CREATE TABLE a (id int);' >"$dir/1_a.up.sql"
echo 'DROP TABLE a;' >"$dir/1_a.down.sql"
npm_up --history layout
exits 0 "node-pg-migrate: a pair of files"
is "$(npm_rows)" 1_a "node-pg-migrate: has the name of both"
dunlin -u "$url" -d "$dir" --layout node-pg-migrate --history layout down
exits 0 "node-pg-migrate: goes down again"
rm "$dir/1_a.up.sql"
npm_up
exits 65 "node-pg-migrate: half a pair is refused"
for name in 2_b.up 2_b 3_c 3_c.down; do echo 'SELECT 1;' >"$dir/$name.sql"; done
dunlin -u "$url" -d "$dir" --layout node-pg-migrate check
exits 1 "node-pg-migrate: check"
like "$out" '^duplicate: two files of .* have version 2_b: 2_b\.sql and 2_b\.up\.sql$' \
    "node-pg-migrate: check: one migration in two files"
like "$out" '^file: .*/1_a\.down\.sql has no \.up\.sql beside it$' "node-pg-migrate: check: half a pair"
like "$out" '^file: .*/3_c\.down\.sql goes with an \.up\.sql, not with 3_c\.sql$' \
    "node-pg-migrate: check: a way down beside a file of both ways"
like "$out" '^check: 3 findings in 2 migrations$' "node-pg-migrate: check: all are listed"
rm "$dir"/[23]_*
echo 'SELECT 1;' >"$dir/words.sql"
rm "$dir/1_a.down.sql"
npm_up
exits 65 "node-pg-migrate: a name without a number is refused"
like "$err" 'words\.sql' "node-pg-migrate: and named"

# order: 17 digits are a time, which others give in milliseconds
fresh_db
for name in 1772352000001_b 20260301080000000_a 20260301080000002_c 3_b10 3_b9 12_Z 12_y; do
    echo 'SELECT 1;' >"$dir/$name.sql"
done
is "$(npm_plan)" '3_b9 3_b10 12_y 12_Z 20260301080000000_a 1772352000001_b 20260301080000002_c ' \
    "node-pg-migrate: the order of its files"

# .. which is that of the rows
fresh_db
for name in 1_a 2_b 3_c; do echo 'SELECT 1;' >"$dir/$name.sql"; done
npm_up --history layout
sql "UPDATE pgmigrations SET run_on = run_on + interval '1 day' WHERE name = '1_a'"
npm_up --history layout
exits 6 "node-pg-migrate: rows in another order"
like "$err" '2_b was applied before 1_a' "node-pg-migrate: says which"
npm_up --history layout --out-of-order allow
exits 0 "node-pg-migrate: unless that is allowed"
dunlin -u "$url" -d "$dir" --layout node-pg-migrate adopt
exits 0 "node-pg-migrate: it does not matter to adopt"
sql "DELETE FROM pgmigrations WHERE name = '1_a'"
sql 'DROP TABLE dunlin_migrations'
npm_up --history layout
exits 6 "node-pg-migrate: a late file"
like "$err" '1_a' "node-pg-migrate: named"
