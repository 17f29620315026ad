# SPDX-License-Identifier: MIT
# Sections, pairs, gz, repeatables, verify, hooks, several folders: on a real engine.
fresh_db
file 1_users.up.sql <<'S'
CREATE TABLE users (id integer NOT NULL PRIMARY KEY, email varchar(100));
S
file 1_users.down.sql <<'S'
DROP TABLE users;
S
file 2_seed.sql <<'S'
-- Description: two people
-- migrate:up
INSERT INTO users VALUES (1, 'ada@example.org');
INSERT INTO users VALUES (2, 'jo@example.org')
-- migrate:verify
SELECT count(*) = 2 FROM users;
-- migrate:down
DELETE FROM users;
S
printf 'CREATE TABLE zipped (id integer NOT NULL PRIMARY KEY);\n' | gzip >"$dir/3_zipped.sql.gz"
printf -- '-- nothing to do here\n' >"$dir/4_empty.sql"
printf 'DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT 1 AS n;\n' >"$dir/R__view.sql"
up 2
exits 0 "sections: up 2"
like "$out" '^done: 2 applied, 0 already applied, 5 total in ' "sections: two of five"
up --to 4
exits 0 "sections: up --to"
like "$out" '^done: 2 applied, 2 already applied, 5 total in ' "sections: up to and with it"
up
like "$out" '^done: 1 applied, 4 already applied, 5 total in ' "sections: the repeatable comes last"
is "$(sql 'SELECT n FROM v')" 1 "sections: and ran"
printf 'DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT 2 AS n;\n' >"$dir/R__view.sql"
dunlin -u "$url" -d "$dir" plan
like "$out" 'view' "sections: plan lists the changed repeatable"
is "$(sql 'SELECT n FROM v')" 1 "sections: plan changes nothing"
up
like "$out" '^done: 1 applied, 4 already applied, 5 total in ' "sections: it runs again when changed"
is "$(sql 'SELECT n FROM v')" 2 "sections: with the new text"

dunlin -u "$url" -d "$dir" down
exits 6 "sections: a migration without down is irreversible"
like "$err" '4' "sections: and is named"
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 5 "sections: nothing was reverted"

file 5_wrong.sql <<'S'
-- migrate:up
INSERT INTO users VALUES (3, 'x');
-- migrate:verify
SELECT count(*) = 99 FROM users;
S
up
exits 2 "sections: a verify query that is not true fails the migration"
like "$err" '5_wrong.sql:4:1' "sections: with its place"
is "$(sql 'SELECT count(*) FROM users')" 2 "sections: and undoes it"
rm "$dir/5_wrong.sql"

mv "$dir/2_seed.sql" "$work/kept"
up
exits 6 "sections: a missing file is a conflict"
mv "$work/kept" "$dir/2_seed.sql"
printf -- '-- edited\n' >>"$dir/2_seed.sql"
up
exits 6 "sections: an edited file is a conflict"
like "$err" '2_seed.sql was edited after it was applied' "sections: and says so"
sed -i '$d' "$dir/2_seed.sql"
sed -i 's/$/\r/' "$dir/2_seed.sql"
up
exits 0 "sections: line ends do not make an edited file"
printf 'SELECT 1;\n' >"$dir/02.sql"
up
exits 65 "sections: two files of one number"
like "$err" '02.sql' "sections: one is named"
like "$err" '2_seed.sql' "sections: and the other"
rm "$dir/02.sql"
printf 'CREATE TABLE late (id integer);\n' >"$dir/0_late.sql"
up
exits 6 "sections: a late file is rejected"
up --out-of-order allow
exits 0 "sections: unless it is allowed"

fresh_db
mkdir "$dir/hooks" "$work/second$db"
printf 'CREATE TABLE log (what varchar(20) NOT NULL);\n' >"$dir/1_log.sql"
printf 'CREATE TABLE one (id integer);\n' >"$dir/2_one.sql"
printf 'CREATE TABLE two (id integer);\n' >"$work/second$db/1_two.sql"
up 1
printf "INSERT INTO log VALUES ('before_all');\n" >"$dir/hooks/before_all.sql"
printf "INSERT INTO log VALUES ('before_each');\n" >"$dir/hooks/before_each.sql"
printf "INSERT INTO log VALUES ('after_each');\n" >"$dir/hooks/after_each.sql"
printf "INSERT INTO log VALUES ('after_all');\n" >"$dir/hooks/after_all.sql"
dunlin -u "$url" -d "$dir" -d "extra=$work/second$db" up
exits 0 "hooks: two folders"
is "$(grep -o '[12]_[a-z]*' <<<"$out" | tr '\n' ' ')" '2_one 1_two ' "hooks: the first folder first"
is "$(sql "SELECT source, version FROM dunlin_migrations ORDER BY source DESC, version")" \
    "$(printf 'main|1\nmain|2\nextra|1')" "hooks: each with its label"
for hook in before_all before_each after_each after_all; do
    is "$(sql "SELECT count(*) FROM log WHERE what = '$hook'")" 1 "hooks: $hook ran once"
done

if [ "$engine" = postgres ]; then
    fresh_db
    mkdir "$dir/hooks"
    printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
    printf 'SELECT 1;\nCOPY t FROM stdin;\n1\n\\.\n' >"$dir/hooks/before_each.sql"
    up
    exits 65 "sections: COPY in a hook"
    like "$err" 'hooks/before_each.sql:2:1: COPY data in a hook' "sections: COPY in a hook: its place"
    is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 0 "sections: COPY in a hook: nothing ran"
fi
