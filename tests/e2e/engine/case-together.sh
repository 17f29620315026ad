# SPDX-License-Identifier: MIT
# --transaction all: everything pending in one transaction, or nothing.
fresh_db
printf 'CREATE TABLE a (id integer NOT NULL PRIMARY KEY);\n' >"$dir/1_a.sql"
printf 'CREATE TABLE b (id integer NOT NULL PRIMARY KEY);\n' >"$dir/2_b.sql"
printf 'INSERT INTO nowhere VALUES (1);\n' >"$dir/3_c.sql"
up --transaction all
if [ "$engine" = mariadb ]; then
    exits 78 "together: refused where schema changes commit by themselves"
    like "$err" 'commit by themselves' "together: with the reason"
else
    exits 2 "together: a failure"
    like "$err" 'nothing of this run is in the database' "together: says that nothing is left"
    not_ok "together: undoes the migrations before it too" sql 'SELECT count(*) FROM a'
    printf 'INSERT INTO b VALUES (1);\n' >"$dir/3_c.sql"
    up --transaction all
    exits 0 "together: and without one"
    is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied'")" 3 \
        "together: each has its row"
    printf 'VACUUM;\n' >"$dir/4_vacuum.sql"
    up --transaction all
    exits 65 "together: refused when one cannot be part of it"
    like "$err" '4_vacuum.sql cannot be part of one transaction' "together: which is named"

    # What only the COMMIT finds.
    fresh_db
    [ "$engine" != sqlite ] || url="$url?foreign_keys=on"
    printf 'CREATE TABLE p (id integer PRIMARY KEY);\nCREATE TABLE c (id integer REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED);\n' >"$dir/1_p.sql"
    printf 'INSERT INTO c VALUES (1);\n' >"$dir/2_c.sql"
    up --transaction all
    exits 2 "together: a COMMIT that is refused"
    like "$err" '(violates foreign key constraint|FOREIGN KEY constraint failed)' "together: a COMMIT that is refused: why"
    like "$err" 'nothing of this run is in the database' "together: a COMMIT that is refused: what is there"
    unlike "$out" '^done' "together: a COMMIT that is refused: nothing counts as done"
    dunlin -u "$url" -d "$dir" status
    like "$out" '2 migrations: 2 pending' "together: a COMMIT that is refused: nor in the history"
fi
