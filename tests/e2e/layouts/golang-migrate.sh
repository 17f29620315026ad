# SPDX-License-Identifier: MIT
layout_sample golang-migrate golang-migrate . 3 schema_migrations 'version, dirty'

case $engine in
sqlite) gm_no=0 gm_yes=1 ;;
*) gm_no=false gm_yes=true ;;
esac
gm_row() { # the one row, "version|0" or "version|1"
    sql 'SELECT version, CASE WHEN dirty THEN 1 ELSE 0 END FROM schema_migrations'
}

# ---- files ----

fresh_db
echo 'CREATE TABLE a (id int);' | file 1_a.up.pgsql
echo 'DROP TABLE a;' | file 01_a.down.txt
echo 'CREATE TABLE b (id int);' | file 010_b.up.down.up.sql
echo 'CREATE TABLE c (id int);' | file 9_.up.
echo 'DROP TABLE c;' | file 9_.down.x
echo 'not for golang-migrate' | file 11_c.sql
echo 'not for golang-migrate' | file README.md
up_as golang-migrate --history layout
exits 0 "golang-migrate: any extension"
like "$out" '^done: 3 applied' "golang-migrate: in the order of the numbers"
is "$(gm_row)" '10|0' "golang-migrate: one row with the last"
dunlin -u "$url" -d "$dir" --layout golang-migrate --history layout down
exits 6 "golang-migrate: without a down file there is no way back"
echo 'DROP TABLE b;' | file 10_b.down.sql
dunlin -u "$url" -d "$dir" --layout golang-migrate --history layout down
exits 0 "golang-migrate: down"
is "$(gm_row)" '9|0' "golang-migrate: to the file before"
dunlin -u "$url" -d "$dir" --layout golang-migrate --history layout down 2
exits 0 "golang-migrate: all the way down"
is "$(gm_row)" '' "golang-migrate: leaves no row"
not_ok "golang-migrate: and no table" sql 'SELECT 1 FROM a'
cp "$dir/1_a.up.pgsql" "$dir/001_other.up.sql"
up_as golang-migrate
exits 65 "golang-migrate: two up files of one number"
like "$err" 'version 1: ' "golang-migrate: are named"
rm "$dir/001_other.up.sql"

fresh_db
echo 'CREATE TABLE a (id int);' | file 1_a.up.sql
echo 'DROP TABLE gone;' | file 2_b.down.sql
echo 'CREATE TABLE c (id int);' | file 3_c.up.sql
up_as golang-migrate --history layout
exits 0 "golang-migrate: a missing up file is an empty step"
is "$(gm_row)" '3|0' "golang-migrate: and the next one runs"
fresh_db
echo 'DROP TABLE gone;' | file 2_b.down.sql
up_as golang-migrate --history layout
exits 0 "golang-migrate: also as the last step"
is "$(gm_row)" '2|0' "golang-migrate: which counts"
sql 'CREATE TABLE gone (id int)'
dunlin -u "$url" -d "$dir" --layout golang-migrate --history layout down
exits 0 "golang-migrate: its down file is run"
not_ok "golang-migrate: as a whole" sql 'SELECT 1 FROM gone'
is "$(gm_row)" '' "golang-migrate: and there is no row"
fresh_db
sql 'CREATE TABLE kept (id int)'
printf 'SELECT 1;%100000s DROP TABLE kept;\n' '' | file 2_b.down.sql
up_as golang-migrate --history layout
exits 0 "golang-migrate: a missing up file beside a down file with a long line"
ok "golang-migrate: nothing of which is run" sql 'SELECT * FROM kept'

# ---- its row ----

fresh_db
layout_folder golang-migrate .
layout_load "$(layout_dump golang-migrate)"
sql "UPDATE schema_migrations SET dirty = $gm_yes"
up_as golang-migrate --history layout
exits 6 "golang-migrate: dirty"
like "$err" 'golang-migrate left (00000)?3 unfinished' "golang-migrate: is named"
dunlin -u "$url" -d "$dir" --layout golang-migrate adopt
exits 6 "golang-migrate: and is not adopted"
sql "UPDATE schema_migrations SET version = -1"
up_as golang-migrate --history layout
exits 6 "golang-migrate: dirty from the way down of the first"
sql "UPDATE schema_migrations SET version = 2, dirty = $gm_no"
sed 's/ CONCURRENTLY//' "$dir/000001_create_hives.up.sql" | client >/dev/null
up_as golang-migrate --history layout
exits 0 "golang-migrate: everything up to the row's version is applied"
like "$out" '^done: 1 applied, 2 already applied' "golang-migrate: and the rest runs"
is "$(gm_row)" '3|0' "golang-migrate: the row moves"
sql "UPDATE schema_migrations SET version = 7"
up_as golang-migrate --history layout
exits 6 "golang-migrate: a version that no file has"

fresh_db
printf 'CREATE TABLE half (id int);\nINSERT INTO nowhere VALUES (1);\n' | file 1_half.up.sql
up_as golang-migrate --history layout
if [ "$engine" = mariadb ]; then
    exits 3 "golang-migrate: a failure in the middle"
    is "$(gm_row)" '1|1' "golang-migrate: leaves it dirty, where statements commit by themselves"
    up_as golang-migrate --history layout
    exits 6 "golang-migrate: so that nothing goes on behind it"
else
    exits 2 "golang-migrate: a failure in the middle"
    is "$(gm_row)" '' "golang-migrate: leaves nothing, where there is a transaction"
fi

# ---- its locks ----

gm_crc() { # of standard input, as a number
    gzip -c | tail -c 8 | od -A n -N 4 -t u4 | tr -d ' '
}

gm_wait() { # NAME STATEMENT: dunlin waits for whoever runs that, and then goes on
    fresh_db
    layout_folder golang-migrate .
    gm_statement=$("$2")
    mkfifo "$work/gm-holder"
    client <"$work/gm-holder" >"$work/gm-held" 2>&1 &
    gm_holder=$!
    exec 7>"$work/gm-holder"
    printf '%s;\n' "$gm_statement" >&7
    wait_until 10 "gm_is_held"
    up_as golang-migrate --history layout --lock-wait 100ms
    exits 5 "golang-migrate: while $1 is at work dunlin waits"
    sql 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)'
    sql 'INSERT INTO schema_migrations VALUES (1, true)'
    up_as golang-migrate --history layout --lock-wait 100ms
    exits 5 "golang-migrate: also while $1 has its row dirty, as it is when it runs one"
    sql 'DELETE FROM schema_migrations'
    like "$err" 'golang-migrate is at work' "golang-migrate: and tells why"
    exec 7>&-
    wait "$gm_holder"
    rm "$work/gm-holder" "$work/gm-held"
    up_as golang-migrate --history layout
    exits 0 "golang-migrate: the lock is free again"
}
gm_pg_id() { # DATABASE
    echo $(($(printf 'public\0schema_migrations\0%s' "$1" | gm_crc) * 1486364155 % 4294967296))
}
gm_pg_command() { echo "SELECT pg_try_advisory_lock($(gm_pg_id "/$db"))"; }
gm_pg_library() { echo "SELECT pg_try_advisory_lock($(gm_pg_id "$db"))"; }
gm_my_id() { # DATABASE
    echo $(($(printf '%s:schema_migrations' "$1" | gm_crc) * 1486364155 % 4294967296))
}
gm_my() { echo "SELECT GET_LOCK('$(gm_my_id "$db")', 0)"; }

case $engine in
postgres)
    gm_is_held() { test -s "$work/gm-held"; }
    is "$(gm_pg_id /shop) $(gm_pg_id shop)" "2101699660 3689236698" "golang-migrate: its locks for a database called shop"
    gm_wait "its command" gm_pg_command
    gm_wait "its library" gm_pg_library
    ;;
mariadb)
    gm_is_held() { [ "$(sql "SELECT IS_FREE_LOCK('$(gm_my_id "$db")')")" = 0 ]; }
    is "$(gm_my_id shop)" 2821548460 "golang-migrate: its lock for a database called shop"
    gm_wait it gm_my
    ;;
esac
