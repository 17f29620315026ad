# SPDX-License-Identifier: MIT
# convert: the folder of any tool as one of dunlin's own, and its history with it.
new=$work/converted

old() { # dunlin with the old folder
    dunlin -u "$url" -d "$dir" --layout "$layout" "${old_options[@]}" "$@"
}
new() { # .. and with the new one
    dunlin -u "$url" -d "$new" "$@"
}
convert_rows() {
    sql "SELECT $1 FROM dunlin_migrations ORDER BY 1"
}
convert_states() { # of status: what a migration is, in the order of the list
    dunlin -u "$url" "$@" status --json
    sed 's/},{/},\n{/g' <<<"$out" | sed -n 's/.*"state":"\([a-z]*\)".*/\1/p' | tr '\n' ' '
}
database_dump() { # schema and rows, without dunlin's own
    case $engine in
    sqlite)
        sql "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name <> 'dunlin_migrations' ORDER BY 1, 2"
        printf 'SELECT * FROM hive; SELECT * FROM inspection;\n' | client
        ;;
    postgres)
        pg_dump -h "$(url_part host)" -p "$(url_part port)" -U "$(url_part user)" -d "$db" -T dunlin_migrations |
            grep -v '^\\'
        ;;
    mariadb)
        mariadb-dump --no-defaults --skip-comments --routines --triggers --skip-dump-date \
            --ignore-table="$db.dunlin_migrations" -h "$(url_part host)" -P "$(url_part port)" \
            -u "$(url_part user)" "$db" | grep -v "^-- \|$db"
        ;;
    esac
}
fresh_case() { # LAYOUT OPTION...: these are given with the old folder
    layout=$1
    shift
    old_options=("$@")
    fresh_db
    rm -rf "$new"
}

# ---- the samples: the same database, whichever folder made it

# TOOL LAYOUT PATH OPTION...
convert_sample() {
    local tool=$1 path=$3 before
    ok "convert: $tool: there is a sample" test -d "$samples/$tool"
    layout_has "$tool" || return 0 # for this engine
    fresh_case "$2" "${@:4}"
    layout_folder "$tool" "$path"
    case $tool in # what stands in the way in these samples
    flyway) echo flyway.placeholders.season=2026 | file flyway.conf ;;
    liquibase) sed -i '/^--precondition/d' "$dir/changelog.sql" ;;
    tern) rm "$dir/004_season_table.sql" ;; # a template
    esac
    old up
    exits 0 "convert: $tool: the unconverted folder"
    database_dump >"$work/unconverted"
    before=$(convert_states -d "$dir" --layout "$layout" "${old_options[@]}")
    old convert --to "$new"
    exits 0 "convert: $tool"
    unlike "$err" 'may be taken' "convert: $tool: the new folder is dunlin's own"
    new up
    exits 0 "convert: $tool: up goes on with the new folder"
    like "$out" '^done: 0 applied' "convert: $tool: and knows that all is done"
    is "$(convert_states -d "$new")" "$before" "convert: $tool: the states are the same"
    new check
    exits 0 "convert: $tool: check finds nothing"
    dunlin -d "$dir" --layout "$layout" "${old_options[@]}" convert --to "$work/second" \
        --dialect "$(dialect)"
    exits 0 "convert: $tool: without a database"
    is "$(diff -r "$new" "$work/second")" "" "convert: $tool: gives the same files"
    rm -rf "$work/second"
    fresh_db
    new up
    exits 0 "convert: $tool: the new folder from zero"
    database_dump >"$work/from_zero"
    is "$(diff "$work/unconverted" "$work/from_zero")" "" "convert: $tool: makes the same database"
}
dialect() {
    case $engine in mariadb) echo mysql ;; *) echo "$engine" ;; esac
}

convert_sample atlas atlas migrations
convert_sample dbmate dbmate db/migrations
convert_sample diesel diesel migrations
convert_sample drizzle-folders-v1 drizzle-v1 drizzle
convert_sample drizzle-journal drizzle drizzle
convert_sample flyway flyway db/migration
convert_sample golang-migrate golang-migrate .
convert_sample goose goose .
convert_sample graphile-migrate graphile-migrate migrations
convert_sample liquibase liquibase .
convert_sample node-pg-migrate node-pg-migrate migrations --foreign-code skip # one is JavaScript
convert_sample postgrator postgrator migrations
convert_sample prisma prisma prisma/migrations
convert_sample refinery refinery migrations
convert_sample sql-migrate sql-migrate migrations
convert_sample sqitch sqitch .
convert_sample sqlx-reversible sqlx migrations
convert_sample sqlx-simple sqlx migrations
convert_sample supabase supabase supabase/migrations
convert_sample tern tern .
convert_sample umzug umzug migrations

# ---- what a file of dunlin's own cannot say
fresh_case liquibase
layout_folder liquibase .
old convert --to "$new"
exits 65 "convert: a precondition of Liquibase's"
like "$err" 'changelog.sql:[0-9]+: migration otto:hive-view@.* asks the database' "convert: is refused, with its place"
not_ok "convert: and nothing is written" test -e "$new"
fresh_case node-pg-migrate
if layout_has node-pg-migrate; then
    layout_folder node-pg-migrate
    old convert --to "$new"
    exits 65 "convert: JavaScript"
    like "$err" 'inspection-index.js' "convert: is named"
    not_ok "convert: and is not left out unasked" test -e "$new"
fi

# ---- applied, edited, pending; the way down
fresh_case goose
for i in 1 2 3; do
    printf -- '-- +goose Up\nCREATE TABLE t%s (a integer);\n-- +goose Down\n\nDROP TABLE t%s;\n' $i $i |
        file "$i"_t$i.sql
done
old up 2
exits 0 "convert: states: a folder, of which two are applied"
echo '-- edited' >>"$dir/2_t2.sql"
before=$(convert_states -d "$dir" --layout goose)
is "$before" "applied edited pending " "convert: states: one of each"
sums=$(convert_rows 'version, name, checksum')
old convert --to "$new" --dry-run
exits 0 "convert --dry-run"
is "$out" "$dir/1_t1.sql (1) -> $new/1_t1.sql (1), applied
$dir/2_t2.sql (2) -> $new/2_t2.sql (2), edited
$dir/3_t3.sql (3) -> $new/3_t3.sql (3), pending
dry run: 3 migrations to write, 2 rows of the history to change" "convert --dry-run: lists the mapping"
not_ok "convert --dry-run: writes no folder" test -e "$new"
is "$(convert_rows 'version, name, checksum')" "$sums" "convert --dry-run: changes no row"
old convert --to "$new" --json
exits 0 "convert: states"
like "$out" '^\{"v":1,"migrations":\[\{"from":"[^"]*/1_t1.sql","from_version":"1","to":"[^"]*/1_t1.sql","to_version":"1","state":"applied","recorded":true\},.*"rows_changed":2,"dry_run":false\}$' "convert: JSON"
is "$(convert_states -d "$new")" "$before" "convert: what was edited stays edited"
is "$(convert_rows 'version, name, checksum' | sed -n 2p)" "$(sed -n 2p <<<"$sums")" "convert: its row keeps the checksum"
new up
exits 6 "convert: up refuses it as before"

fresh_case goose
printf -- '-- +goose Up\nCREATE TABLE t1 (a integer);\n-- +goose Down\n\nDROP TABLE t1;\n' | file 1_t1.sql
old up
exits 0 "convert: a way down is kept in the history"
old convert --to "$new"
new down
exits 0 "convert: down with the new folder"
unlike "$err" 'the text that was kept' "convert: which says what was kept"
new up
exits 0 "convert: and up again"
old status
like "$out" ' edited' "convert: the old folder does not follow"
fresh_case goose
printf -- '-- +goose Up\nCREATE TABLE t1 (a integer);\n-- +goose Down\nDROP TABLE t1;\n' | file 1_t1.sql
printf -- '-- +goose Up\nCREATE TABLE t2 (a integer);\n-- +goose Down\nDROP TABLE t2;\n' | file 2_t2.sql
old up
old convert --to "$new"
rm "$new/2_t2.sql"
new switch
exits 0 "convert: switch with what goose's file said"
not_ok "convert: which reverts it" sql 'SELECT * FROM t2'
fresh_case golang-migrate
printf 'CREATE TABLE t1 (a integer);\n' | file 1_t1.up.sql
printf '\nDROP TABLE t1' | file 1_t1.down.sql
old up
old convert --to "$new"
new down
exits 0 "convert: a way down in a file of its own"
unlike "$err" 'the text that was kept' "convert: is what was kept, too"

# ---- versions that are no numbers; one that stopped in the middle
fresh_case prisma
mkdir "$dir/b_two" "$dir/a_one" "$dir/0002_three"
echo 'CREATE TABLE one (a integer);' >"$dir/a_one/migration.sql"
printf 'CREATE TABLE two (a integer);\nSELECT nonsense;\n' >"$dir/b_two/migration.sql"
echo 'CREATE TABLE zero (a integer);' >"$dir/0002_three/migration.sql"
echo 'provider = "x"' >"$dir/migration_lock.toml"
old up
not_ok "convert: sequence: the last one fails" test "$status" = 0
before=$(convert_states -d "$dir" --layout prisma)
old convert --to "$new"
exits 0 "convert: sequence"
is "$(ls "$new")" "0001_three.sql
0002_a_one.sql
0003_b_two.sql" "convert: sequence: numbered in their order"
is "$(convert_states -d "$new")" "$before" "convert: sequence: the states are the same"
[ "$engine" != mariadb ] || is "$(convert_rows 'version, status')" "0001|applied
0002|applied
0003|partial" "convert: sequence: with what is not finished"
is "$(convert_rows version | grep -c convert)" 0 "convert: sequence: every row has its new version"
sed -i 's/SELECT nonsense/SELECT 1/' "$new/0003_b_two.sql"
new up
exits 0 "convert: sequence: the new folder continues"

# ---- a version that another one had
fresh_case prisma
mkdir "$dir/0002" "$dir/0003x"
echo 'CREATE TABLE two (a integer);' >"$dir/0002/migration.sql"
echo 'CREATE TABLE three (a integer);' >"$dir/0003x/migration.sql"
mkdir "$dir/0004"
echo 'CREATE TABLE four (a integer);' >"$dir/0004/migration.sql"
old up
mkdir -p "$work/beside"
printf 'CREATE TABLE beside (a integer);\n' >"$work/beside/0002_b.sql"
dunlin -u "$url" -d b="$work/beside" up
exits 0 "convert: another folder, with the same version"
old convert --to "$new"
exits 0 "convert: 0002 becomes 0001, and 0003x 0002"
is "$(convert_rows 'source, version, name')" 'b|0002|b
main|0001|0002
main|0002|0003x
main|0003|0004' "convert: none of them in the way of another, and the other folder's stays"
new up
like "$out" '^done: 0 applied, 3 already applied' "convert: and all is applied"

# ---- rows that would be lost from sight
fresh_case goose
printf -- '-- +goose Up\nCREATE TABLE t1 (a integer);\n' | file 1_t1.sql
printf -- '-- +goose Up\nCREATE TABLE t2 (a integer);\n' | file 2_t2.sql
old up --history layout
old convert --to "$new"
exits 6 "convert: the history is goose's"
like "$err" 'dunlin adopt' "convert: and has to be adopted first"
not_ok "convert: nothing is written" test -e "$new"
old --history layout convert --to "$new"
exits 6 "convert: also with --history layout"
old adopt --json
like "$out" '^\{"v":1,"migrations":\[.*\],"recorded":2,"already_recorded":0' "convert: adopt first"
old convert --to "$new"
exits 0 "convert: after adopt"
new up
like "$out" '^done: 0 applied, 2 already applied' "convert: after adopt nothing is to do"
fresh_case goose
printf -- '-- +goose Up\nCREATE TABLE t1 (a integer);\n' | file 1_t1.sql
printf -- '-- +goose Up\nCREATE TABLE t2 (a integer);\n' | file 2_t2.sql
old up
rm "$dir/1_t1.sql"
old convert --to "$new"
exits 6 "convert: a row without a file"
like "$err" 'version 1 \(t1\) is in the history, but has no file' "convert: is named"
not_ok "convert: and nothing is written" test -e "$new"

fresh_case liquibase
printf -- '--liquibase formatted sql\n--changeset ann:b runOnChange:true\nSELECT 1;\n' | file changelog.sql
old up
old convert --to "$new"
exits 0 "convert: a repeatable"
rm -rf "$new"
old up
like "$out" '^done: 1 applied' "convert: and back to the old folder, which does not know its row"
old convert --to "$new"
exits 6 "convert: a row that has the name of a new file"
like "$err" 'version R__ann_b_changelog_sql .* is in the history, but has no file' "convert: is named, too"
not_ok "convert: and nothing is written over it" test -e "$new"
is "$(convert_rows version)" 'R__ann_b_changelog_sql
ann:b@changelog.sql' "convert: both rows are as they were"
old mark R__ann_b_changelog_sql pending --yes
old convert --to "$new"
exits 0 "convert: when that row is away, as the hint says"
new up
like "$out" '^done: 0 applied, 1 already applied' "convert: it goes on"

# ---- where the new folder may be
fresh_case goose
printf -- '-- +goose Up\nCREATE TABLE t1 (a integer);\n' | file 1_t1.sql
mkdir "$new"
old convert --to "$new/"
exits 0 "convert: into an empty folder"
is "$(ls "$new")" 1_t1.sql "convert: which has the file then"
cp -R "$new" "$work/kept"
old convert --to "$new"
exits 78 "convert: into a folder that is not empty"
like "$err" 'is not empty' "convert: says so"
is "$(diff -r "$new" "$work/kept")" "" "convert: and leaves it alone"
rm -rf "$new" "$work/kept"
echo kept >"$new"
old convert --to "$new"
exits 78 "convert: onto a file"
is "$(cat "$new")" kept "convert: which stays"
rm "$new"
ln -s nowhere "$new"
old convert --to "$new"
exits 78 "convert: onto a link to nothing"
ok "convert: which stays a link" test -L "$new"
rm "$new"
mkdir "$work/real"
ln -s real "$new"
old convert --to "$new"
exits 0 "convert: through a link to an empty folder"
ok "convert: the link stays" test -L "$new"
is "$(ls "$work/real")" 1_t1.sql "convert: and leads to the files"
rm -rf "$new" "$work/real"
old convert --to "$dir/new"
exits 78 "convert: not inside the old folder"
old convert --to "$work/nowhere/new"
exits 78 "convert: not where there is no folder above"
old convert
exits 64 "convert: needs --to"
dunlin -u "$url" -d "$dir" -d b="$work" convert --to "$new"
not_ok "convert: one folder at a time" test "$status" = 0
dunlin -d "$dir" convert --to "$new"
exits 78 "convert: without a URL the dialect is not known"
mkdir "$dir/hooks"
printf "SELECT 1;\n" | file hooks/connect.sql
printf "SELECT 'open;\n" | file hooks/after_all.sql
old convert --to "$new"
exits 65 "convert: a hook that cannot be read"
like "$err" 'after_all.sql:1:8' "convert: a hook: with its place"
not_ok "convert: a hook: leaves nothing" test -e "$new"
rm -r "$dir/hooks"
printf -- "-- +goose Up\nSELECT 'open;\n" | file 2_t2.sql
old convert --to "$new"
exits 65 "convert: a file that cannot be read"
like "$err" '2_t2.sql:2:8' "convert: with its place"
not_ok "convert: leaves nothing" test -e "$new"
is "$(find "$work" -maxdepth 1 -name '.dunlin-*')" "" "convert: not under another name either"

# ---- the order
fresh_case dbmate
printf -- '-- migrate:up\nCREATE TABLE a (x integer);\n-- migrate:down\n' | file 10_a.sql
printf -- '-- migrate:up\nCREATE TABLE b (x integer);\n-- migrate:down\n' | file 9_b.sql
old convert --to "$new"
exits 0 "convert: numbers that do not rise"
is "$(ls "$new" | tr '\n' ' ')" '0001_a.sql 0002_b.sql ' "convert: become others, in the old order"
fresh_case liquibase
file changelog.sql <<'S'
--liquibase formatted sql
--changeset ann:1
CREATE TABLE t (x integer);
--changeset ann:b runOnChange:true
INSERT INTO t VALUES (1);
--changeset ann:a runOnChange:true
UPDATE t SET x = x + 1;
--changeset ann:2
CREATE TABLE u (x integer);
S
old convert --to "$new"
exits 0 "convert: repeatables"
like "$err" '^warning: .*changelog.sql runs again whenever it changes' "convert: one in front of others is told of"
is "$(ls "$new" | tr '\n' ' ')" '0001_ann_1_changelog_sql.sql 0002_ann_2_changelog_sql.sql R__0001_ann_b_changelog_sql.sql R__0002_ann_a_changelog_sql.sql ' \
    "convert: they keep their order by a number"
new up
exits 0 "convert: repeatables: run"
is "$(sql 'SELECT x FROM t')" 2 "convert: repeatables: in that order"
fresh_case flyway --foreign-code exec --allow-exec
printf '#!/bin/sh\n' | file R__r.sh
chmod +x "$dir/R__r.sh"
old convert --to "$new"
exits 65 "convert: a program that runs again and again"
like "$err" 'R__r.sh is a program' "convert: is named"
not_ok "convert: is named: and nothing is written" test -e "$new"

# ---- names
fresh_case golang-migrate
printf 'SELECT 1;\n' | file "1_it's \"a\" \$(name); x.up.y.up.sql"
printf 'SELECT 1;\n' | file "2_..down.x.up.sql"
printf 'SELECT 1;\n' | file "3_-n käse 日本.up.sql"
printf 'SELECT 1;\n' | file "4_$(printf 'x%.0s' {1..220}).up.sql"
printf 'SELECT 1;\n' | file "5_...up.sql"
printf 'SELECT 1;\n' | file $'6_a\xe3\x80\x80b.up.sql'
old convert --to "$new"
exits 0 "convert: hostile names"
is "$(ls "$new" | sed 's/xxx*/xx/')" "1_it_s_a_name_x_up_y.sql
2_down_x.sql
3_-n_käse_日本.sql
4_xx.sql
5.sql
6_a_b.sql" "convert: are safe then"
new up
exits 0 "convert: and run"
like "$out" '^done: 6 applied' "convert: all of them"

# ---- text
fresh_case golang-migrate
printf -- '-- Description: mine\n-- migrate:down\nCREATE TABLE t (a integer,\n  -- migrate:up transaction:off\n  b text);\n  --  migrate:verify\n-- Description: another\nINSERT INTO t VALUES (1, '"'"'\n-- migrate:down\n'"'"');\n/*\n-- migrate:up\n*/\nINSERT INTO t VALUES (2, '"'x'"')' |
    file 3_marks.up.sql
printf 'DROP TABLE t -- the end' | file 3_marks.down.sql
printf '\xef\xbb\xbfCREATE TABLE crlf (a integer);\r\n\r\nINSERT INTO crlf VALUES (1);\r\n' | gzip | cat >"$dir/1_zip.up.sql.gz"
: | file 2_empty.up.sql
old convert --to "$new"
exits 0 "convert: text that looks like marks"
like "$(cat "$new/3_marks.sql")" '^  -- -- migrate:up transaction:off$' "convert: becomes comments"
like "$(cat "$new/3_marks.sql")" '^-- migrate:down$' "convert: but not in a string"
is "$(tail -n 2 "$new/3_marks.sql")" "-- migrate:down
DROP TABLE t -- the end" "convert: the way down is a section"
new up
exits 0 "convert: they run"
is "$(sql 'SELECT count(*) FROM t WHERE b LIKE '"'%migrate:down%'")" 1 "convert: the string is what it was"
new status
unlike "$out" 'mine|another' "convert: and none is a description"
new down
exits 0 "convert: and back"

fresh_case drizzle
mkdir -p "$dir/meta"
printf '{"version":"7","dialect":"x","entries":[{"idx":0,"version":"7","when":1700000000000,"tag":"0000_a","breakpoints":true}]}\n' |
    file meta/_journal.json
printf 'CREATE TABLE a (x integer)--> statement-breakpoint\nCREATE TABLE b (x integer); -- why --> statement-breakpoint\n-- migrate:down --> statement-breakpoint\nINSERT INTO a VALUES (1) -- one --> statement-breakpoint INSERT INTO b VALUES (2)' |
    file 0000_a.sql
old convert --to "$new"
exits 0 "convert: breakpoints"
unlike "$(cat "$new/0001_a.sql")" breakpoint "convert: are semicolons then"
new up
exits 0 "convert: which end the same statements"
is "$(sql 'SELECT (SELECT x FROM a), (SELECT x FROM b)')" '1|2' "convert: also behind a comment"

if [ "$engine" = postgres ]; then
    fresh_case golang-migrate
    printf 'CREATE TABLE t (a integer, b text);\nCOPY t FROM stdin;\n1\t-- migrate:down\n2\t  \n\\.\nCOPY t FROM stdin;\n3\tlast' |
        file 1_copy.up.sql
    printf 'DROP TABLE t;\n' | file 1_copy.down.sql
    old convert --to "$new"
    exits 0 "convert: rows of COPY"
    new up
    exits 0 "convert: are copied"
    is "$(sql "SELECT a, '<' || b || '>' FROM t ORDER BY 1")" '1|<-- migrate:down>
2|<  >
3|<last>' "convert: byte by byte"
    new down
    exits 0 "convert: and what stands behind them is no row"
fi
if [ "$engine" = mariadb ]; then
    fresh_case golang-migrate
    printf 'DELIMITER $$\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\n  -- migrate:up\n  SELECT 2;\nEND$$\nDELIMITER ;\nCREATE TABLE t (a int)' | file 1_p.up.sql
    printf 'DELIMITER //\nDROP PROCEDURE p//\nDROP TABLE t//' | file 1_p.down.sql
    old convert --to "$new"
    exits 0 "convert: DELIMITER"
    new up
    exits 0 "convert: DELIMITER: runs"
    new down
    exits 0 "convert: DELIMITER: and back"
fi
if [ "$engine" = sqlite ]; then
    fresh_case golang-migrate
    printf 'CREATE TABLE t (a integer);\n/* not closed' | file 1_open.up.sql
    printf 'DROP TABLE t;\n' | file 1_open.down.sql
    old convert --to "$new"
    exits 0 "convert: a comment that only the file ends"
    new up
    new down
    exits 0 "convert: does not hide the way down"
    is "$(sql "SELECT count(*) FROM sqlite_schema WHERE name = 't'")" 0 "convert: which was gone"
fi

# ---- dunlin's own: pairs, options, hooks, programs, repeatables
fresh_case native
printf -- '-- Description: the first\n-- a licence\n-- migrate:up timeout:30s\nCREATE TABLE t (a integer);\n-- migrate:verify\nSELECT 1;\n-- migrate:down  timeout:2m\nDROP TABLE t;\n' |
    file 001_t.sql
printf 'INSERT INTO t VALUES (1);\n' | file 2_row.up.sql
printf -- '-- Description: back\nDELETE FROM t;\n' | file 2_row.down.sql
printf 'INSERT INTO t VALUES (3);\n' | file R__again.sql
printf '#!/bin/sh\nexit 0\n' | file 3_run.sh
printf '#!/bin/sh\nexit 0\n' | file 4_plain
chmod +x "$dir/3_run.sh" "$dir/4_plain"
mkdir "$dir/hooks"
printf 'INSERT INTO t VALUES (100);\n' | file hooks/after_all.sql
old up --allow-exec
exits 0 "convert: own: before"
sed -i 's/VALUES (3)/VALUES (4)/' "$dir/R__again.sql"
before=$(convert_states -d "$dir" --allow-exec)
old convert --to "$new"
exits 0 "convert: own"
is "$(cd "$new" && find . -type f | sort)" "./001_t.sql
./2_row.sql
./3_run.sh
./4_plain
./R__again.sql
./hooks/after_all.sql" "convert: own: every file"
ok "convert: own: a program keeps its run bit" test -x "$new/3_run.sh"
ok "convert: own: also one without an extension" test -x "$new/4_plain"
is "$(convert_states -d "$new" --allow-exec)" "$before" "convert: own: the states are the same"
is "$(head -n 4 "$new/001_t.sql")" "-- Description: the first
-- a licence

-- migrate:up timeout:30s" "convert: own: what stands above the first mark"
new check --allow-exec
exits 0 "convert: own: check"
new up --allow-exec
like "$out" '^done: 1 applied' "convert: own: a repeatable that has changed runs again"
new verify
exits 0 "convert: own: verify"
new down --allow-exec --to 001
exits 6 "convert: own: a program is still not reverted"
old convert --to "$work/again" --no-db --dialect "$(dialect)"
dunlin -d "$new" convert --to "$work/twice" --dialect "$(dialect)"
exits 0 "convert: once more"
is "$(diff -r "$work/again" "$work/twice")" "" "convert: changes nothing"
rm -rf "$work/again" "$work/twice"

mkdir "$work/other"
printf 'SELECT 1;\n' >"$work/other/1_a.sql"
dunlin -u "$url" -d a="$dir" -d b="$work/other" --allow-exec convert --to "$work/twice"
exits 64 "convert: of two folders it takes none"
like "$err" 'one folder at a time' "convert: of two folders: says so"
rm -r "$work/other"

# ---- what the new folder looks like, and what it cannot keep
fresh_case native
printf -- '-- +goose was before\n-- %02100d\n-- migrate:up\nSELECT 1;\n' 1 | file 1_a.sql
old convert --to "$new"
exits 0 "convert: a text that another tool knows, far above the first mark"
like "$err" "^warning: $new may be taken for a folder of another tool: give --layout native with it" \
    "convert: a text that another tool knows: says how to go on"
fresh_case flyway
printf 'CREATE TABLE a (x integer);\n' | file V1__a.sql
printf '#!/bin/sh\nexit 0\n' | file V2__run.sh
old --foreign-code exec --allow-exec convert --to "$new"
exits 65 "convert: a program without a run bit"
like "$err" 'V2__run.sh is a program without a run bit' "convert: a program without a run bit: is named"
not_ok "convert: a program without a run bit: nothing is written" test -e "$new"
fresh_case liquibase
file changelog.sql <<'S'
--liquibase formatted sql
--changeset otto:1
CREATE TABLE a (x integer);
--changeset otto:2 runOnChange:true
INSERT INTO a VALUES (2);
--changeset otto:3
INSERT INTO a VALUES (3);
S
old convert --to "$new"
exits 0 "convert: one that runs again, in the middle"
like "$err" '^warning: .*changelog.sql.* runs again whenever it changes: in the new folder it runs behind all others' \
    "convert: one that runs again: says that its place changes"
rm -rf "$new"
printf -- '--changeset otto:4\nINSERT INTO a VALUES (%05000d);\n' 4 >>"$dir/changelog.sql"
no_room='trap "" XFSZ; ulimit -f 4; exec "$@"' # in blocks of 1 KiB
run "$BASH" -c "$no_room" - "$DUNLIN" -d "$dir" --layout liquibase convert --to "$new" --dialect "$(dialect)"
exits 78 "convert: where it cannot write"
like "$err" '^error: cannot write .*0003.*: ' "convert: where it cannot write: says what"
like "$err" '^state: nothing was written$' "convert: where it cannot write: and that is so"
is "$(find "$work" -maxdepth 1 '(' -name converted -o -name '.dunlin-*' ')')" "" "convert: where it cannot write: no folder is left"

# ---- the connection breaks behind so many bytes: folder and history agree, or it is told
convert_cut() { # BYTES; what is sent in all is left in $sent
    local port pid
    rm -rf "$new" "$work/port"
    sql 'DELETE FROM dunlin_migrations'
    sql 'INSERT INTO dunlin_migrations SELECT * FROM kept'
    mkfifo "$work/port"
    "$PROXY" "$(url_part host)" "$(url_part port)" "$work/report" "$1" >"$work/port" &
    pid=$!
    read -r port <"$work/port"
    dunlin -u "${url/:$(url_part port)\//:$port\/}?sslmode=disable" -d "$dir" --layout prisma convert --to "$new"
    kill -HUP "$pid"
    wait "$pid"
    sent=$(sed 's/.* sent=\([0-9]*\).*/\1/' "$work/report")
}
convert_agrees() { # the last run against folder and history
    local rows folder=no
    rows=$(convert_rows version | paste -sd,)
    [ ! -e "$new" ] || folder=yes
    case $status,$folder,$rows in
    0,yes,0001,0002) ;;
    0,*) false ;;
    *,yes,*) grep -q 'is written; whether the history tells of it is not known' <<<"$err" && told=yes ;;
    *,no,b_one,c_two) grep -q '^state: nothing was written$' <<<"$err" ;;
    *) false ;;
    esac
}
if [ "$engine" != sqlite ]; then
    fresh_case prisma
    old_options=()
    mkdir "$dir/b_one" "$dir/c_two"
    echo 'CREATE TABLE one (a integer);' >"$dir/b_one/migration.sql"
    echo 'CREATE TABLE two (a integer);' >"$dir/c_two/migration.sql"
    echo 'provider = "x"' >"$dir/migration_lock.toml"
    old up
    exits 0 "convert: a connection that breaks: before"
    sql 'CREATE TABLE kept AS SELECT * FROM dunlin_migrations'
    convert_cut 0
    exits 0 "convert: a connection that does not break"
    told= wrong=
    for ((cut = sent - 1; cut > sent - 200; cut -= 8)); do
        convert_cut $cut
        convert_agrees || wrong="$wrong $cut ($status, $(ls "$new" 2>&1 | paste -sd,), $(convert_rows version | paste -sd,)): $err"
    done
    is "$wrong" "" "convert: a connection that breaks: folder and history agree"
    is "$told" yes "convert: a connection that breaks: what is not known is told"
fi

# ---- large
fresh_case golang-migrate
{
    echo 'CREATE TABLE t (a integer);'
    printf 'INSERT INTO t VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10); -- a row of numbers\n%.0s' {1..60000}
} | file 1_large.up.sql
echo 'DROP TABLE t;' | file 1_large.down.sql
old convert --to "$new"
exits 0 "convert: a file that does not stay in memory"
is "$(sed '1d' "$new/1_large.sql" | head -n 60001 | cksum)" "$(cksum <"$dir/1_large.up.sql")" "convert: all of it"

# ---- variables of the environment
fresh_case goose
printf -- '-- +goose ENVSUB ON\n-- +goose Up\nCREATE TABLE ${NAME} (a integer);\n' | file 1_env.sql
NAME=x old convert --to "$new"
exits 65 "convert: a text that depends on the environment"
like "$err" '1_env.sql:3:' "convert: is refused, with its place"
like "$err" 'substitute:on' "convert: and a hint"
fresh_case flyway
echo 'flyway.placeholders.name=${TABLE_NAME}' >"$dir/flyway.conf"
printf 'CREATE TABLE ${name} (a integer);\n' | file V1__a.sql
TABLE_NAME=x old convert --to "$new"
exits 65 "convert: a setting that depends on the environment"
like "$err" 'V1__a.sql:1:' "convert: a setting: is refused, with its place"
printf 'flyway.table=${TABLE_NAME}\nflyway.defaultSchema=s\n' >"$dir/flyway.conf"
printf "SELECT '\${flyway:table}';\n" | file V1__a.sql
TABLE_NAME=x old convert --to "$new"
exits 65 "convert: a table that depends on the environment"
echo flyway.table=x >"$dir/flyway.conf"
old convert --to "$new"
exits 0 "convert: one that does not"
like "$(cat "$new/1_a.sql")" "^SELECT 'x';" "convert: one that does not: is put in"
if [ -d "$samples/flyway/$(layout_engine)" ]; then
    fresh_case flyway
    layout_folder flyway db/migration
    FLYWAY_PLACEHOLDERS_SEASON=2026 old convert --to "$new"
    exits 65 "convert: also one that Flyway would replace"
    like "$err" 'R__hive_summary.sql:[12]:' "convert: with its place"
fi

# ---- what the new file has to keep apart: much blank, and what stands above a way down's mark
fresh_case native
{
    printf 'CREATE TABLE t (a integer);\n'
    printf '\n%.0s' {1..70000}
    printf 'INSERT INTO t VALUES (1);\n'
    printf ' %.0s' {1..70000}
} | file 1_blank.up.sql
printf -- '-- how it goes back\n-- migrate:down timeout:2m\nDROP TABLE t;\n' | file 1_blank.down.sql
old convert --to "$new"
exits 0 "convert: much blank"
is "$(head -n 70002 "$new/1_blank.sql" | tail -n 70001 | cksum)" "$(head -n 70001 "$dir/1_blank.up.sql" | cksum)" "convert: much blank: is kept between statements"
like "$(tail -n 4 "$new/1_blank.sql")" '^-- how it goes back$' "convert: what stands above the mark of a way down"
like "$(tail -n 4 "$new/1_blank.sql")" '^-- migrate:down timeout:2m$' "convert: stays above the next one"
new up
exits 0 "convert: much blank: runs"
new down
exits 0 "convert: much blank: and back"

# A mark behind it would be inside of what is open.
fresh_case golang-migrate
printf 'CREATE TABLE t (a integer);\nSELECT (1' | file 1_open.up.sql
printf 'DROP TABLE t;\n' | file 1_open.down.sql
old convert --to "$new"
exits 65 "convert: what stays open at the end of the way up"
[ "$engine" != sqlite ] ||
    like "$err" "1_open.up.sql cannot be written as a file of dunlin's own that says the same" "convert: what stays open: is named"
like "$err" 'unterminated parenthesis' "convert: what stays open: is told"
ok "convert: what stays open: there is no new folder" test ! -e "$new"

# The history refuses the new versions: all or nothing.
fresh_case golang-migrate
printf 'CREATE TABLE t (a integer);\n' | file 20260101_a.up.sql
printf 'CREATE TABLE u (a integer);\n' | file 20260102_b.up.sql
old up
before=$(convert_rows 'version, checksum')
history_refuses UPDATE "NEW.version LIKE '%2'"
old convert --to "$new"
exits 2 "convert: a history that refuses"
is "$(convert_rows 'version, checksum')" "$before" "convert: a history that refuses: its rows stay"
ok "convert: a history that refuses: there is no new folder" test ! -e "$new"
history_allows

if [ "$engine" = postgres ]; then # only at the COMMIT, when the folder is there already
    sql 'CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON dunlin_migrations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        EXECUTE FUNCTION refuse()'
    old convert --to "$new"
    exits 2 "convert: a COMMIT that is refused"
    is "$(convert_rows 'version, checksum')" "$before" "convert: a COMMIT that is refused: its rows stay"
    ok "convert: a COMMIT that is refused: there is no new folder" test ! -e "$new"
fi

if [ "$engine" = postgres ]; then
    fresh_case golang-migrate
    {
        printf 'CREATE TABLE t (a integer, b text);\nCOPY t FROM stdin;\n'
        seq 20000 | sed 's/$/\trows of more than one block/'
        printf '\\.\n'
    } | file 1_copy.up.sql
    printf 'DROP TABLE t;\n' | file 1_copy.down.sql
    old convert --to "$new"
    exits 0 "convert: many rows of COPY"
    new up
    is "$(sql 'SELECT count(*), count(DISTINCT a) FROM t')" '20000|20000' "convert: many rows of COPY: all of them"
fi

# .. and would be one of the rows that COPY waits for.
if [ "$engine" = postgres ]; then
    fresh_case golang-migrate
    printf 'CREATE TABLE t (a integer);\nCOPY t FROM stdin;\n' | file 1_rows.up.sql
    printf 'DROP TABLE t;\n' | file 1_rows.down.sql
    old convert --to "$new"
    exits 65 "convert: a COPY without rows at the end of the way up"
    like "$err" "1_rows.up.sql cannot be written as a file of dunlin's own that says the same" "convert: a COPY without rows: is named"
    not_ok "convert: a COPY without rows: nothing is written" test -e "$new"
fi
