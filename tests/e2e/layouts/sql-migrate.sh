# SPDX-License-Identifier: MIT
layout_sample sql-migrate sql-migrate migrations 3 gorp_migrations 'id, applied_at IS NULL'

sql_migrate_refused() { # LINE ERE WHAT: of 1_a.sql, which is refused
    up_as sql-migrate
    exits 65 "sql-migrate: $3 is refused"
    like "$err" "$2" "sql-migrate: $3: says what"
    like "$err" "1_a\.sql:$1:" "sql-migrate: $3: says where"
    ok "sql-migrate: $3: nothing ran" test -z "$(sql 'SELECT 1 FROM a' 2>/dev/null)"
}

# rows go, and come again
fresh_db
layout_folder sql-migrate
up_as sql-migrate --history layout
dunlin -u "$url" -d "$dir" --layout sql-migrate --history layout down
exits 0 "sql-migrate: down"
is "$(sql 'SELECT id FROM gorp_migrations ORDER BY id')" '20260301080000-create_hives.sql
20260302093000-frames_logic.sql' "sql-migrate: down takes the row away"
dunlin -u "$url" -d "$dir" --layout sql-migrate --history layout down --all
exits 0 "sql-migrate: down --all"
not_ok "sql-migrate: down takes the tables away" sql 'SELECT * FROM hive'
up_as sql-migrate --history layout
like "$out" '^done: 3 applied' "sql-migrate: up again"

# a row without a file
sql "INSERT INTO gorp_migrations (id) VALUES ('99-gone.sql')"
up_as sql-migrate --history layout
exits 6 "sql-migrate: a row without a file stops it"
like "$err" '99-gone.sql' "sql-migrate: and is named"

# commands
fresh_db
file 1_a.sql <<'SQL'
CREATE TABLE never (id int);
-- +migrate StatementEnd
-- +migrate Up
-- a comment; of two parts
CREATE TABLE a (id int);
-- +migrate StatementBegin
INSERT INTO a VALUES (1)
-- +migrate StatementEnd
-- +migrate StatementBegin
INSERT INTO a VALUES (2);
-- +migrate StatementEnd
-- +other words

-- +migrate Down
DROP TABLE a;
SQL
dunlin -u "$url" -d "$dir" up
exits 0 "sql-migrate: is recognised"
like "$out$err" 'sql-migrate' "sql-migrate: and told"
is "$(sql 'SELECT id FROM a ORDER BY id')" '1
2' "sql-migrate: StatementEnd ends a statement"
not_ok "sql-migrate: what stands before Up does not run" sql 'SELECT * FROM never'

fresh_db
printf -- '-- +migrate Down\nDROP TABLE a;\n-- +migrate Up\nCREATE TABLE a (id int);\n' >"$dir/1_a.sql"
up_as sql-migrate
exits 0 "sql-migrate: Down may come first"
ok "sql-migrate: Up runs all the same" sql 'SELECT * FROM a'
dunlin -u "$url" -d "$dir" --layout sql-migrate down
exits 0 "sql-migrate: and Down runs afterwards"

fresh_db
printf -- '-- +migrate Up\r\nCREATE TABLE a (id int);\r\n-- +migrate Down notransaction\r\nDROP TABLE a;\r\n' >"$dir/1_a.sql"
up_as sql-migrate
exits 0 "sql-migrate: lines that end with CR LF"

fresh_db
printf -- '-- +migrate Up\nCREATE TABLE a (id int);\n-- +migrate Upp\n' >"$dir/1_a.sql"
sql_migrate_refused 3 'unknown command of sql-migrate "Upp"' "an unknown command"
printf -- '-- +migrate Up\n-- +migrate Down now\n' >"$dir/1_a.sql"
sql_migrate_refused 2 'unknown option of sql-migrate "now"' "an unknown option"
printf -- '-- +migrate Up\nCREATE TABLE a (id int);\n-- +migrate Up\nSELECT 1;\n' >"$dir/1_a.sql"
sql_migrate_refused 3 'a second Up section' "a second Up"
printf -- '-- +migrate Up\n-- +migrate StatementBegin\nCREATE TABLE a (id int);\n' >"$dir/1_a.sql"
sql_migrate_refused 3 'StatementBegin in line 2 has no StatementEnd' "StatementBegin alone"
printf -- '-- +migrate Up\nCREATE TABLE a (id int);\n-- +migrate StatementEnd\n' >"$dir/1_a.sql"
sql_migrate_refused 3 'StatementEnd without a StatementBegin' "StatementEnd alone"
printf 'CREATE TABLE a (id int);\n' >"$dir/1_a.sql"
sql_migrate_refused 1 'no Up section' "a file without commands"

# order: numbers as numbers, before names
fresh_db
for name in 10_c.sql 2_b.sql 002_a.sql x.sql Y.sql; do
    printf -- '-- +migrate Up\nSELECT 1;\n' >"$dir/$name"
done
dunlin -u "$url" -d "$dir" --layout sql-migrate --json plan
is "$(printf '%s\n' "$out" | grep -o '"version":"[^"]*"' | cut -d'"' -f4 | tr '\n' ' ')" \
    '002_a 2_b 10_c Y x ' "sql-migrate: the order of its files"

# notransaction
fresh_db
printf -- '-- +migrate Up notransaction\nCREATE TABLE a (id int);\nSELECT nothing;\n' >"$dir/1_a.sql"
up_as sql-migrate
exits 3 "sql-migrate: notransaction leaves what ran"
ok "sql-migrate: its first statement stays" sql 'SELECT * FROM a'
if [ "$engine" != mariadb ]; then
    fresh_db
    printf -- '-- +migrate Up\nCREATE TABLE a (id int);\nSELECT nothing;\n' >"$dir/1_a.sql"
    up_as sql-migrate --history layout
    exits 2 "sql-migrate: else a failure leaves nothing"
    not_ok "sql-migrate: no table" sql 'SELECT * FROM a'
    is "$(sql 'SELECT COUNT(*) FROM gorp_migrations')" 0 "sql-migrate: and no row"
fi
