# SPDX-License-Identifier: MIT
# Folder against history: check, the kept down scripts, switch, renumber; repeatables that count.
d() {
    dunlin -u "$url" -d "$dir" "$@"
}
migration() { # NUMBER NAME: a table of that name, and its way back
    printf -- '-- migrate:up\nCREATE TABLE %s (id integer NOT NULL PRIMARY KEY);\n' "$2"
    printf -- '-- migrate:down\nDROP TABLE %s;\n' "$2"
}

# ---- check
fresh_db
migration 1 one | file 1_one.sql
migration 2 two | file 2_two.sql
migration 4 four | file 4_four.sql
up
exits 0 "check: a folder to look at"
d check
exits 0 "check: nothing is wrong"
is "$out" "check: 0 findings in 3 migrations" "check: and says so"
sed -i 's/DROP TABLE two/DROP TABLE IF EXISTS two/' "$dir/2_two.sql"
mv "$dir/1_one.sql" "$work/kept_one"
migration 3 three | file 3_three.sql
printf 'SELECT 1;\n' | file 04_again.sql
printf "SELECT 'open;\n" | file 5_open.sql
printf 'SELECT 1;\n' | file unnumbered.sql
d validate
exits 1 "check: findings are a no"
like "$out" '^edited: .*2_two.sql was edited after it was applied$' "check: edited"
like "$out" '^detail: recorded v1:sha256:.*the file has v1:sha256:' "check: edited: what is known of the text"
like "$out" '^  -DROP TABLE two;$' "check: edited: the difference of the down section"
like "$out" '^  \+DROP TABLE IF EXISTS two;$' "check: edited: both sides of it"
like "$out" '^missing: version 1 \(one\) is applied, but has no file$' "check: missing"
like "$out" '^late: .*3_three.sql comes before one that is applied already$' "check: late"
like "$out" '^duplicate: .*two files of .* have version 4: ' "check: duplicate"
like "$out" '^file: .*5_open.sql:1:8: ' "check: a file that cannot be parsed, with its place"
like "$out" '^file: .*unnumbered.sql' "check: a file without a number"
like "$out" '^check: 6 findings in 6 migrations$' "check: all are listed"
d check --out-of-order allow
unlike "$out" '^late: ' "check: an order that is allowed is no finding"
d check --json
exits 1 "check: JSON"
is "$(wc -l <<<"$out")" 1 "check: JSON is one document"
like "$out" '^\{"v":1,"findings":\[.*"what":"edited".*"difference":"-DROP TABLE two;' \
    "check: JSON has the findings"
d check --no-db
exits 1 "check --no-db: the folder alone"
is "$(grep -c '^file: \|^duplicate: ' <<<"$out")" 3 "check --no-db: parses, and finds the duplicate"
unlike "$out" '^(edited|missing|late): ' "check --no-db: knows of no history"
dunlin -d "$dir" check --no-db
exits 78 "check --no-db: without a URL the dialect is not known"
case $engine in mariadb) dialect=mysql ;; *) dialect=$engine ;; esac
dunlin -d "$dir" check --no-db --dialect "$dialect"
exits 1 "check --no-db --dialect"
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 3 "check: changes nothing"
{
    migration 2 two
    printf 'SELECT %d;\n' {1..50}
} | file 2_two.sql
d check
is "$(grep -c '^  +SELECT' <<<"$out")" 40 "check: edited: forty lines of a long difference"
like "$out" '^  \+\.\.$' "check: edited: and that there are more"

# What has no way back, and what stopped in the middle of one of both ways.
fresh_db
printf 'CREATE TABLE one (id integer);\n' | file 1_one.sql
alone='SELECT 1' # on PostgreSQL, what cannot share an implicit transaction with what is before it
[ "$engine" != postgres ] || alone='VACUUM one'
printf -- '-- migrate:up\nCREATE TABLE two (id integer);\n-- migrate:down transaction:off\nDROP TABLE two;\n%s;\nDROP TABLE nowhere;\n' "$alone" |
    file 2_two.sql
printf -- '-- migrate:up transaction:off\nCREATE TABLE three (id integer);\nSELECT nothing FROM nowhere;\n' | file 3_three.sql
up
rm "$dir/1_one.sql"
d check
exits 1 "check: unfinished"
like "$out" '^missing: version 1 \(one\) is applied' "check: missing, without a way back"
like "$out" '^detail: .*no down script of it is kept$' "check: missing: says so"
like "$out" '^hint: bring the file back, for example from the branch' "check: missing: and does not advise to revert it"
like "$out" '^unfinished: version 3 \(three\) is partial$' "check: unfinished: which"
like "$out" '^detail: .*no(where|thing)' "check: unfinished: why"
like "$out" '^next: dunlin up$' "check: unfinished: what to do"
printf 'CREATE TABLE one (id integer);\n' | file 1_one.sql
d plan
[ "$engine" != mariadb ] || like "$out" '3_three +1 of 2 statements' "plan: what is left of it"
d mark 3 pending --yes
sql 'DROP TABLE three'
rm "$dir/3_three.sql"
printf 'CREATE TABLE one (id integer);\n' | file 1_one.sql
d down
not_ok "check: a way back that fails" test "$status" = 0
d check
exits 1 "check: half reverted"
like "$out" '^unfinished: version 2 \(two\) is half reverted$' "check: half reverted: which"
like "$out" '^next: dunlin down$' "check: half reverted: what to do"

# ---- down scripts in the history
fresh_db
migration 1 one | file 1_one.sql
printf 'CREATE TABLE two (id integer);\n' | file 2_two.up.sql
printf 'DROP TABLE two;\n' | file 2_two.down.sql
migration 3 three | file 3_three.sql
up
exits 0 "stored: three are applied"
d down --dry-run --json
like "$out" '"file":"[^"]*/3_three.sql",.*"direction":"down","from_history":false,' "stored: from the file, while it is there"
rm "$dir/3_three.sql"
d down --dry-run --json
like "$out" '"direction":"down","from_history":true,' "stored: down --dry-run --json"
unlike "$out" '"file"' "stored: which names no file then"
d down --dry-run
exits 0 "stored: down --dry-run"
like "$out" '^down +3_three .*from the history$' "stored: it says which text"
like "$out" '^plan: 1 to revert, 0 to apply' "stored: and how many"
d down
exits 0 "stored: a file that is gone"
like "$out" '^reverted .*with the down script in the history$' "stored: says which text it used"
printf 'DROP TABLE two_typo;\n' | file 2_two.down.sql
d down
exits 0 "stored: a file that differs"
like "$err" '^warning: .*2_two.up.sql has another down section than the one that was applied; the text that was kept' \
    "stored: warns of it"
like "$out" '^reverted .*with the down script in the history$' "stored: and uses what was kept"
sed -i 's/$/\r/' "$dir/1_one.sql"
d down --json
exits 0 "stored: both agree"
like "$(tail -n 1 <<<"$out")" '"event":"done","reverted":1,"still_applied":0,' "stored: JSON: the end"
up --to 1
d down
like "$out" '^reverted .*with .*1_one.sql$' "stored: then the file is used"
is "$err" "" "stored: without a warning"
up --to 1
case $engine in # more than a down script can be
postgres) too_long="pg_catalog.decode(pg_catalog.repeat('00', 4194304), 'hex')" ;;
mariadb) too_long="REPEAT('x', 4194304)" ;;
sqlite) too_long='zeroblob(4194304)' ;;
esac
for spoilt in "'x'" "$too_long"; do
    sql "UPDATE dunlin_migrations SET down_sql = $spoilt"
    d down
    exits 6 "stored: a text that dunlin did not write"
    like "$err" '^error: the down script kept for version 1 cannot be read$' "stored: of which version it is"
    ok "stored: it does not run" sql 'SELECT * FROM one'
done
like "$err" '^hint: .*down_sql to NULL' "stored: the way out is told"
sql 'UPDATE dunlin_migrations SET down_sql = NULL'
d down
exits 0 "stored: and leads on"
like "$out" '^reverted .*with .*1_one.sql$' "stored: with the file"

# ---- switch
fresh_db
migration 1 one | file 1_one.sql
migration 2 mine | file 2_mine.sql
migration 3 mine3 | file 3_mine3.sql
up
mkdir "$work/away$db"
mv "$dir/2_mine.sql" "$dir/3_mine3.sql" "$work/away$db"
migration 2 theirs | file 02_theirs.sql
rm "$dir/02_theirs.sql"
migration 4 theirs | file 4_theirs.sql
up
exits 6 "switch: up refuses a missing file"
d switch --dry-run
exits 0 "switch: --dry-run"
is "$(grep -oE '^(down|up) +[0-9]+_[a-z0-9]+' <<<"$out" | tr -s ' ' | tr '\n' ' ')" \
    "down 3_mine3 down 2_mine up 4_theirs " "switch: --dry-run lists both halves"
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 3 "switch: --dry-run changes nothing"
d switch
exits 0 "switch: reverts theirs, applies ours"
like "$out" '^done: 2 reverted, 1 applied, 2 total' "switch: and counts"
is "$(sql 'SELECT version FROM dunlin_migrations ORDER BY version')" "$(printf '1\n4')" \
    "switch: the history is that of the folder"
mv "$work/away$db"/* "$dir"
rm "$dir/4_theirs.sql"
d switch
exits 0 "switch: and back, with late files"
is "$(sql 'SELECT version FROM dunlin_migrations ORDER BY version')" "$(printf '1\n2\n3')" \
    "switch: back to the first branch"
printf 'CREATE TABLE no_way_back (id integer);\n' | file 9_no_way.sql
up
rm "$dir/9_no_way.sql" "$dir/3_mine3.sql"
migration 5 five | file 5_five.sql
d switch
exits 6 "switch: an irreversible one is refused"
like "$err" '9.*cannot be reverted' "switch: and named"
is "$(sql 'SELECT version FROM dunlin_migrations ORDER BY version')" "$(printf '1\n2\n3\n9')" \
    "switch: before anything runs"

# ---- renumber
fresh_db
migration 1 one | file 0001_one.sql
migration 5 five | file 0005_five.sql
up
printf 'CREATE TABLE late_a (id integer);\n' | file 0002_late_a.up.sql
printf 'DROP TABLE late_a;\n' | file 0002_late_a.down.sql
migration 6 after | file 0006_after.sql
migration 5 mine | file 0005_mine.sql
d renumber --dry-run
exits 0 "renumber: --dry-run"
is "$(sed -E 's,[^ ]*/,,g' <<<"$out")" "0002_late_a.up.sql -> 0007_late_a.up.sql
0002_late_a.down.sql -> 0007_late_a.down.sql
0005_mine.sql -> 0008_mine.sql
0006_after.sql -> 0009_after.sql
to renumber: 3 of 5 migrations" "renumber: late, the same number, and what stands behind them"
d renumber --dry-run --json
like "$out" '^\{"v":1,"renamed":\[\{"from":"[^"]*/0002_late_a.up.sql","to":"[^"]*/0007_late_a.up.sql"\},.*"dry_run":true\}$' \
    "renumber: JSON"
is "$(ls "$dir" | wc -l)" 6 "renumber: --dry-run renames nothing"
ok "renumber: --dry-run: the file is there" test -e "$dir/0002_late_a.up.sql"
d renumber
exits 0 "renumber"
is "$(ls "$dir" | tr '\n' ' ')" "0001_one.sql 0005_five.sql 0007_late_a.down.sql 0007_late_a.up.sql 0008_mine.sql 0009_after.sql " \
    "renumber: pairs together, applied ones untouched"
up
exits 0 "renumber: and up runs them"
d renumber --json
is "$out" '{"v":1,"renamed":[],"dry_run":false}' "renumber: then nothing is to do"
migration 10 ten | file 0010_ten.sql
migration 10 tenth | file 0010_tenth.sql
d renumber
exits 6 "renumber: of two that are not applied it does not choose"
like "$err" '0010_ten.*have the same number|0010_ten.sql and 0010_tenth.sql' "renumber: but names both"
rm "$dir"/0010_*
migration 1 stamp | file 20260101120000_stamp.sql
up
migration 1 late | file 20250101120000_late.sql
d renumber
exits 0 "renumber: timestamps"
like "$(ls "$dir")" '^20[0-9]{12}_late.sql$' "renumber: a timestamp"
unlike "$(ls "$dir")" '^2025' "renumber: which is a new one"

# What it cannot decide, or would have to leave half done, it leaves alone.
renumber_refuses() { # EXIT TEXT NAME
    local before
    before=$(ls "$dir")
    d renumber
    exits "$1" "renumber: $3"
    like "$err" "$2" "renumber: $3: says why"
    like "$err" '^state: nothing was renamed$' "renumber: $3: and what was done"
    is "$(ls "$dir")" "$before" "renumber: $3: nothing"
}
fresh_db
migration 7 seven | file 0007_seven.sql
up
printf 'SELECT 1;\n' | file 0007_other.sql
mv "$dir/0007_seven.sql" "$dir/0007_same.sql"
cp "$dir/0007_same.sql" "$dir/0007_other.sql"
renumber_refuses 6 '0007_other.sql and 0007_same.sql have the same number, and which of them is applied cannot be told' \
    "two files with the bytes of the applied one"
printf 'SELECT 1;\n' | file 0007_same.sql
printf 'SELECT 2;\n' | file 0007_other.sql
renumber_refuses 6 'which of them is applied cannot be told' "two files of which none is the applied one"
rm "$dir"/0007_*
migration 7 seven | file 0007_seven.sql
printf 'SELECT 1;\n' | file unnumbered.sql
printf 'SELECT 1;\n' | file 0003_late.sql
renumber_refuses 65 'unnumbered.sql' "a file that is refused"
rm "$dir/unnumbered.sql"
nines=9999999999999999999999999999999999999999
printf 'SELECT 1;\n' | file "${nines}_last.sql"
d up --only $nines
exits 0 "renumber: the highest number is taken"
renumber_refuses 78 "no number comes after $nines" "no number is left"

# A name that is taken: what stands behind the late one was renamed first, and stays behind it.
fresh_db
migration 5 five | file 0005_five.sql
up
printf 'CREATE TABLE late_a (id integer);\n' | file 0002_late_a.up.sql
printf 'DROP TABLE late_a;\n' | file 0002_late_a.down.sql
printf 'INSERT INTO late_a VALUES (1);\n' | file 0006_after.sql
mkdir "$dir/0007_late_a.down.sql"
d renumber
exits 78 "renumber: a name that is taken"
is "$(sed -E 's,[^ ]*/,,g' <<<"$out")" "0006_after.sql -> 0008_after.sql" "renumber: a name that is taken: what was done is told"
like "$err" '^error: cannot rename .*/0002_late_a.down.sql to 0007_late_a.down.sql: ' "renumber: a name that is taken: which"
like "$err" '^state: 1 migration is renamed' "renumber: a name that is taken: and how far it came"
rmdir "$dir/0007_late_a.down.sql"
is "$(ls "$dir" | tr '\n' ' ')" "0002_late_a.down.sql 0002_late_a.up.sql 0005_five.sql 0008_after.sql " \
    "renumber: a name that is taken: the pair stays together"
d renumber
exits 0 "renumber: it goes on"
is "$(ls "$dir" | tr '\n' ' ')" "0005_five.sql 0009_late_a.down.sql 0009_late_a.up.sql 0010_after.sql " \
    "renumber: the order is what it was"
up
exits 0 "renumber: and up runs them"

# Each folder has numbers of its own.
fresh_db
mkdir "$work/beside$db"
migration 1 one | file 01_one.sql
migration 3 three | file 03_three.sql
migration 8 eight >"$work/beside$db/08_eight.sql"
both() {
    dunlin -u "$url" -d a="$dir" -d b="$work/beside$db" "$@"
}
both up
exits 0 "renumber: two folders"
migration 2 two | file 02_two.sql
migration 7 seven >"$work/beside$db/07_seven.sql"
both renumber
exits 0 "renumber: a late one in each of two folders"
is "$( (ls "$dir"; ls "$work/beside$db") | tr '\n' ' ')" \
    "01_one.sql 03_three.sql 04_two.sql 08_eight.sql 09_seven.sql " "renumber: two folders: each by its own numbers"
both up
exits 0 "renumber: two folders: and up runs them"

# ---- repeatables and hooks count their statements
fresh_db
mkdir "$dir/hooks"
migration 1 one | file 1_one.sql
printf 'DELETE FROM one;\nDELETE FROM one;\n' | file hooks/after_all.sql
case $engine in
postgres)
    file R__policies.sql <<'S'
ALTER TABLE one ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS mine ON one;
CREATE POLICY mine ON one USING (id > 0);
S
    ;;
*)
    file R__policies.sql <<'S'
DROP VIEW IF EXISTS mine;
DROP VIEW IF EXISTS ours;
CREATE VIEW mine AS SELECT id FROM one WHERE id > 0;
S
    ;;
esac
up
exits 0 "after-all: policies and a hook"
like "$out" '^applied +R__policies .* 3 statements$' "after-all: a repeatable tells its statements"
like "$out" '^ran +.*hooks/after_all.sql .* 2 statements$' "after-all: the hook tells its own"
[ "$engine" != postgres ] ||
    is "$(sql "SELECT polname FROM pg_policy")" mine "after-all: the policy is there"
up
unlike "$out" 'R__policies|after_all' "after-all: unchanged, it does not run again"
sed -i 's/id > 0/id > 1/' "$dir/R__policies.sql"
up --json
exits 0 "after-all: changed, it runs again"
like "$out" '"event":"migration_end".*"version":"R__policies".*"executed":3' "after-all: JSON: statements"
like "$out" '"event":"hook_end".*"name":"after_all".*"done":2' "after-all: JSON: the hook"
[ "$engine" != postgres ] ||
    like "$(sql "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy")" 'id > 1' \
        "after-all: with the new text"
# ---- name, description, duration and status
fresh_db
printf -- '-- Description: the first table\n-- migrate:up\nCREATE TABLE one (id integer);\n' | file 1_one.sql
up
d status
like "$out" '^1 +applied +20.*[0-9] (ms|s|min).* the first table$' "status: state, when, how long, description"
is "$(sql "SELECT name, status FROM dunlin_migrations WHERE duration_ms >= 0")" "one|applied" \
    "status: name, status and duration in the table"
