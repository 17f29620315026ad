# SPDX-License-Identifier: MIT
layout_sample sqlx-simple sqlx migrations 2 _sqlx_migrations 'version, description, success'
case $engine in
mariadb) sqlx_sum='lower(hex(checksum))' ;;
sqlite) sqlx_sum='lower(hex(checksum))' ;;
postgres) sqlx_sum="encode(checksum, 'hex')" ;;
esac
layout_sample sqlx-reversible sqlx migrations 3 _sqlx_migrations "version, description, success, $sqlx_sum"
layout_edited sqlx-reversible sqlx migrations 20260301080000_create_hives.up.sql

# ---- names ----

fresh_db
printf 'CREATE TABLE t (id int);\n' | file 01_create_the_t.sql.sql
printf 'CREATE TABLE u (id int);\n' | file 2_u.up.sql
printf 'DROP TABLE u;\n' | file 2_u.down.sql
printf 'not for sqlx' | file README.sql
printf 'not for sqlx' | file 3_notes.txt
mkdir "$dir/4_folder.sql"
up_as sqlx --history layout
exits 0 "sqlx: simple and reversible files in one folder"
is "$(sql "SELECT version, description, $sqlx_sum FROM _sqlx_migrations ORDER BY version")" \
    "1|create the t|e1cc0b49a7d453bb345d9fc52670c0bfd4a694b2befb7061a9bad55916701e1ef4ddd22ee7cb1c80b4317a1b5780422c
2|u|$(sha384sum <"$dir/2_u.up.sql" | cut -c1-96)" "sqlx: number, description and SHA-384"
dunlin -u "$url" -d "$dir" --layout sqlx --history layout down
exits 0 "sqlx: down"
not_ok "sqlx: takes it back" sql 'SELECT 1 FROM u'
is "$(sql 'SELECT max(version) FROM _sqlx_migrations')" 1 "sqlx: and its row is gone"
dunlin -u "$url" -d "$dir" --layout sqlx --history layout down
exits 6 "sqlx: a simple file has no way back"

printf 'SELECT 1;\n' | file x_name.sql
up_as sqlx
exits 65 "sqlx: no number before the first _"
like "$err" 'x_name.sql has no version' "sqlx: is an error, as it is there"
rm "$dir/x_name.sql"
printf 'SELECT 1;\n' | file 9223372036854775808_a.sql
up_as sqlx
exits 65 "sqlx: a number that is too large"
dunlin -u "$url" -d "$dir" --layout sqlx check
exits 1 "sqlx: check: a number that is too large"
like "$out" '^file: .*9223372036854775808_a.sql has no version' "sqlx: check: is a finding"
like "$out" '^check: 1 finding in ' "sqlx: check: the only one"
rm "$dir/9223372036854775808_a.sql"
printf 'SELECT 1;\n' | file 002_again.sql
up_as sqlx
exits 65 "sqlx: two files of one version"
like "$err" 'version 2' "sqlx: whatever the zeros"
rm "$dir/002_again.sql"
printf 'SELECT 1;\n' | file 5_back.down.sql
up_as sqlx
exits 65 "sqlx: a way back alone"

# ---- the one directive ----

if [ "$engine" = postgres ]; then
    fresh_db
    printf -- '-- no-transaction, as it is concurrent\nCREATE TABLE n (id int);\nCREATE INDEX CONCURRENTLY n_id ON n (id);\n' |
        file 1_n.sql
    up_as sqlx --history layout
    exits 0 "sqlx: -- no-transaction at the start"
    fresh_db
    printf -- '\n-- no-transaction\nCREATE TABLE n (id int);\nCREATE INDEX CONCURRENTLY n_id ON n (id);\n' |
        file 1_n.sql
    up_as sqlx
    exits 65 "sqlx: -- no-transaction further down is a comment"
fi
fresh_db
printf -- '-- migrate:up\nCREATE TABLE n (id int);\n-- migrate:down\nDROP TABLE n;\n' | file 1_n.sql
up_as sqlx
not_ok "sqlx: what looks like a mark is a comment" sql 'SELECT 1 FROM n'

# ---- its table ----

fresh_db
layout_folder sqlx-reversible
layout_load "$(layout_dump sqlx-reversible)"
sql 'UPDATE _sqlx_migrations SET success = false WHERE version = 20260303101500'
up_as sqlx --history layout
exits 6 "sqlx: a row without success"
like "$err" 'sqlx left 20260303101500 unfinished' "sqlx: is named"
dunlin -u "$url" -d "$dir" --layout sqlx adopt
exits 6 "sqlx: and is not adopted"
fresh_db
layout_folder sqlx-reversible
layout_load "$(layout_dump sqlx-reversible)"
rm "$dir/20260301080000_create_hives.up.sql" "$dir/20260301080000_create_hives.down.sql"
up_as sqlx --history layout
exits 6 "sqlx: a row without a file"
if [ "$engine" = mariadb ]; then
    fresh_db
    layout_folder sqlx-reversible
    layout_load "$samples/sqlx-reversible/tracking-mysql-dirty.sql"
    up_as sqlx --history layout
    exits 6 "sqlx: a failed migration of the real tool"
    like "$err" 'sqlx left 20260401000000 unfinished' "sqlx: is named"
    fresh_db
    printf 'CREATE TABLE half (id int);\nINSERT INTO nowhere VALUES (1);\n' | file 1_half.sql
    up_as sqlx --history layout
    exits 3 "sqlx: a failure in the middle"
    is "$(sql 'SELECT version, description, success, execution_time FROM _sqlx_migrations')" '1|half|0|-1' \
        "sqlx: leaves the row that sqlx leaves"
    up_as sqlx --history layout
    exits 6 "sqlx: behind which nothing goes on"
fi

# ---- its lock ----

sqlx_crc() { # of a text, as a number
    printf %s "$1" | gzip -c | tail -c 8 | od -A n -N 4 -t u4 | tr -d ' '
}

if [ "$engine" != sqlite ]; then
    is $((0x3d32ad9e * $(sqlx_crc shop))) 2969972169318647292 "sqlx: its lock for a database called shop"
    fresh_db
    layout_folder sqlx-reversible
    sqlx_id=$((0x3d32ad9e * $(sqlx_crc "$db")))
    mkfifo "$work/sqlx-holder"
    client <"$work/sqlx-holder" >"$work/sqlx-held" 2>&1 &
    sqlx_holder=$!
    exec 7>"$work/sqlx-holder"
    if [ "$engine" = postgres ]; then
        printf 'SELECT pg_try_advisory_lock(%s);\n' "$sqlx_id" >&7
        wait_until 10 test -s "$work/sqlx-held"
    else
        printf "SELECT GET_LOCK('%x', 0);\n" "$sqlx_id" >&7
        sqlx_is_held() { [ "$(sql "SELECT IS_FREE_LOCK('$(printf %x "$sqlx_id")')")" = 0 ]; }
        wait_until 10 sqlx_is_held
    fi
    up_as sqlx --history layout --lock-wait 100ms
    exits 5 "sqlx: while sqlx is at work dunlin waits"
    like "$err" 'sqlx is at work' "sqlx: and tells why"
    exec 7>&-
    wait "$sqlx_holder"
    rm "$work/sqlx-holder"
    up_as sqlx --history layout
    exits 0 "sqlx: the lock is free again"
fi
