# SPDX-License-Identifier: MIT
# A thousand generated files; numeric order whatever the width.
fresh_db
for i in $(seq 1000); do
    printf 'CREATE TABLE t%d (id integer NOT NULL PRIMARY KEY);\nINSERT INTO t%d VALUES (%d);\n' \
        "$i" "$i" "$i" >"$dir/${i}_table_$i.sql"
done
up
exits 0 "thousand: up"
like "$out" '^done: 1000 applied, 0 already applied, 1000 total in ' "thousand: all applied"
is "$(sql 'SELECT id FROM t1000')" 1000 "thousand: the last one ran"
is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied'")" 1000 \
    "thousand: a row for each"
up
like "$out" '^done: 0 applied, 1000 already applied, 1000 total in ' "thousand: nothing left"
