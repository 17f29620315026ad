# SPDX-License-Identifier: MIT
# Commands beside up and down: up --only, to, redo, resume, mark, baseline, create, drop, wait, and a
# base schema.

run_in() { # COMMAND...: on the case's database and folder
    dunlin -u "$url" -d "$dir" "$@"
}

states() { # "1:applied 2:pending", as status has it
    "$DUNLIN" -u "$url" -d "$dir" status --json </dev/null |
        grep -oE '"version":"[^"]*"|"state":"[^"]*"' | sed 's/.*:"\(.*\)"/\1/' | paste -sd' \n' |
        sed 's/ /:/' | paste -sd' '
}

field() { # COLUMN VERSION
    sql "SELECT $1 FROM dunlin_migrations WHERE version = '$2'"
}

four() { # tables t1 to t4, each with its way back
    local n
    fresh_db
    for n in 1 2 3 4; do
        file "000${n}_t$n.sql" <<S
-- migrate:up
CREATE TABLE t$n (id integer NOT NULL PRIMARY KEY);
-- migrate:down
DROP TABLE t$n;
S
    done
}

# ---- up --only --------------------------------------------------------------------------------
four
up --only 3
exits 0 "up --only: exit code"
like "$out" '^done: 1 applied, 0 already applied, 4 total' "up --only: the last line"
is "$(states)" "0001:late 0002:late 0003:applied 0004:pending" "up --only: that one alone"
up --only 3
like "$out" '^done: 0 applied' "up --only: nothing to do the second time"
up
exits 6 "those before it are late, and up says so"
up --only 2 --only main/0001
exits 0 "up --only twice: late ones, because they are named"
is "$(states)" "0001:applied 0002:applied 0003:applied 0004:pending" "up --only twice: both"
up --only 9
exits 64 "up --only: a version that is not there"
like "$err" 'there is no migration 9' "up --only: says so"
up --only 4 --to 4
exits 64 "up --only with --to"
run_in plan --only 4
like "$out" '^plan: 1 to apply' "plan --only"

# ---- to ---------------------------------------------------------------------------------------
four
run_in to 3
exits 0 "to: up"
like "$out" '^done: 3 applied, 4 total' "to: up, the last line"
run_in goto 1
exits 0 "goto: down"
like "$out" '^done: 2 reverted, 0 applied, 4 total' "goto: the last line"
is "$(states)" "0001:applied 0002:pending 0003:pending 0004:pending" "goto: down to it"
run_in to 1
like "$out" '^done: 0 applied, 4 total' "to: there already"
run_in to 4 --json
exits 0 "to --json"
is "$(printf '%s\n' "$out" | sed -n '1s/.*"event":"\([a-z_]*\)".*/\1/p')" \
    "$([ "$engine" = sqlite ] && echo run_begin || echo lock_held)" "to --json: events"
like "$out" '"event":"done","reverted":0,"applied":3,"total":4' "to --json: the last event"
run_in to 7
exits 64 "to: a version that is not there"
is "$(states)" "0001:applied 0002:applied 0003:applied 0004:applied" "to: and changes nothing"
up --only 1
rm "$dir/0002_t2.sql"
run_in to 1
exits 0 "to: down also over one whose file is gone"
is "$(states)" "0001:applied 0003:pending 0004:pending" "to: with the kept script"

# ---- redo -------------------------------------------------------------------------------------
four
up
sql "INSERT INTO t4 VALUES (1)"
run_in redo
exits 0 "redo: exit code"
like "$out" '^done: 1 reverted, 1 applied, 4 total' "redo: the last line"
is "$(sql 'SELECT count(*) FROM t4')" 0 "redo: really down and up"
file 0004_t4.sql <<'S'
-- migrate:up
CREATE TABLE t4 (id integer NOT NULL PRIMARY KEY, more integer);
-- migrate:down
DROP TABLE t4;
S
run_in redo 2
exits 0 "redo 2: an edited file is what redo is for"
like "$out" '^done: 2 reverted, 2 applied' "redo 2: both"
is "$(sql 'SELECT count(more) FROM t4')" 0 "redo 2: as the file is now"
printf -- '-- migrate:up\nCREATE TABLE t4 (x "\n-- migrate:down\nDROP TABLE t4;\n' >"$dir/0004_t4.sql"
run_in redo
exits 65 "redo: a file that cannot be parsed is refused"
is "$(sql 'SELECT count(*) FROM t4')" 0 "redo: before anything is reverted"
rm "$dir/0004_t4.sql"
run_in redo
exits 6 "redo: what has no file is not reverted"
is "$(sql 'SELECT count(*) FROM t4')" 0 "redo: it is still there"
four
run_in redo
like "$out" '^done: 0 applied, 4 total' "redo: nothing is applied"

# ---- mark -------------------------------------------------------------------------------------
four
up 1
run_in mark 2 applied
exits 64 "mark without a terminal needs --yes"
like "$err" '^hint: answer beforehand with --yes' "mark: says so"
is "$(field 'count(*)' 0002)" 0 "mark: and changes nothing"
run_in mark 2 applied --yes
exits 0 "mark applied"
like "$out" '^recorded  0002_t2 +applied$' "mark applied: told"
is "$(states)" "0001:applied 0002:applied 0003:pending 0004:pending" "mark applied: recorded"
is "$(field "concat(status, '|', kind, '|', statements_done, '|', statements_total)" 0002 2>/dev/null ||
    field "status || '|' || kind || '|' || statements_done || '|' || statements_total" 0002)" \
    "applied|versioned|1|1" "mark applied: the whole row"
is "$(field checksum 0002)" "v1:sha256:$(sha256sum <"$dir/0002_t2.sql" | cut -c1-64)" \
    "mark applied: with the file's checksum"
echo '-- a remark' >>"$dir/0001_t1.sql"
up
exits 6 "an edited file"
run_in mark 1 applied -y
up
exits 0 "mark applied: records the file as it is now"
run_in mark 3 pending -y --json
exits 0 "mark pending --json"
like "$out" '"event":"record",.*"version":"0003".*"recorded":"pending"' "mark --json: the event"
like "$out" '"event":"done","recorded":1,"total":4' "mark --json: the last line"
is "$(field 'count(*)' 0003)" 0 "mark pending: no row"
run_in mark 3 pending -y
like "$out" '^done: 0 recorded' "mark pending: nothing to do"
run_in mark 4 failed -y
is "$(states)" "0001:applied 0002:applied 0003:pending 0004:failed" "mark failed"
run_in mark 4 edited -y
exits 64 "mark: a word that is none"
run_in mark 8 applied -y
exits 64 "mark: a version that is not there"
rm "$dir/0002_t2.sql"
run_in mark 2 pending -y
exits 0 "mark pending: a row without a file"
is "$(field 'count(*)' 0002)" 0 "mark pending: it is gone"
# The kept way back of a migration that was only marked.
four
up
sql "DELETE FROM dunlin_migrations WHERE version = '0004'"
run_in mark 4 applied -y
rm "$dir/0004_t4.sql"
run_in down
exits 0 "mark applied: keeps the down script, too"
not_ok "mark applied: which really reverts" sql 'SELECT * FROM t4'

# ---- baseline ---------------------------------------------------------------------------------
four
sql 'CREATE TABLE t1 (id integer)'
sql 'CREATE TABLE t2 (id integer)'
printf 'SELECT 1;\n' >"$dir/R__again.sql"
run_in baseline 2
exits 0 "baseline"
like "$out" '^recorded  0001_t1 +baseline$' "baseline: each is told"
like "$out" '^done: 2 recorded, 5 total' "baseline: the last line"
is "$(sql "SELECT kind FROM dunlin_migrations WHERE status = 'applied' ORDER BY version" | paste -sd' ')" \
    "baseline baseline" "baseline: rows of that kind"
run_in baseline 2
like "$out" '^done: 0 recorded' "baseline: again is nothing"
up
exits 0 "baseline: up runs what is behind it"
like "$out" '^done: 3 applied, 2 already applied, 5 total' "baseline: and the repeatable"
run_in baseline 1
exits 6 "baseline: too late when something behind it is applied"
like "$err" 'too late for a baseline' "baseline: says so"
run_in down --all
exits 0 "down --all passes over a baseline"
is "$(sql 'SELECT count(*) FROM t1')" 0 "a baseline is not reverted"
run_in baseline 9
exits 64 "baseline: a version that is not there"

# ---- a statement in doubt ---------------------------------------------------------------------
# The third statement fails because its result is there already; then the row says "running", as
# after a crash between the statement and its note.
doubt() {
    fresh_db
    rm -f "$work/copy.db"
    case $engine in
    mariadb) third='CREATE TABLE c (id integer)' there=$third away='DROP TABLE c' ;;
    postgres)
        # Of an index that is built concurrently up can see whether it is there: case-doubt.sh.
        third='SELECT lo_create(4711)' there=$third away='SELECT lo_unlink(4711)'
        ;;
    sqlite)
        third="VACUUM INTO '$work/copy.db'"
        there= away=
        echo there >"$work/copy.db"
        ;;
    esac
    [ -z "$there" ] || sql "$there" >/dev/null
    file 0001_steps.sql <<S
-- migrate:up transaction:off
CREATE TABLE a (id integer);
CREATE TABLE b (id integer);
$third;
CREATE TABLE d (id integer);
S
    file 0002_more.sql <<'S'
CREATE TABLE e (id integer);
S
    up
    exits 3 "doubt: stops in the middle"
    is "$(field statements_done 0001)" 2 "doubt: two statements are done"
}
crash() {
    sql "UPDATE dunlin_migrations SET status = 'running', error = NULL WHERE version = '0001'"
}

doubt
crash
up
exits 3 "doubt: up stops with 3"
like "$err" 'ended in statement 3 of .*0001_steps.sql: it is not known' "doubt: names the statement"
like "$err" ':4:1' "doubt: and its line"
like "$err" '^hint: .*dunlin resume --skip.*dunlin resume.*dunlin mark 0001' "doubt: three ways out"
like "$err" '^next: dunlin resume' "doubt: the next command"
is "$(field status 0001)" running "doubt: the row is as it was"
up --only 2
exits 6 "doubt: no other one runs meanwhile"
run_in resume --skip
exits 0 "resume --skip"
like "$err" '^warning: statement 3 of .* counts as done' "resume --skip: says what it does"
like "$out" '^done: 1 applied, 2 total' "resume --skip: that migration alone"
is "$(states)" "0001:applied 0002:pending" "resume --skip: applied"
ok "resume --skip: what is behind ran" sql 'SELECT * FROM d'
is "$(field statements_done 0001)" 4 "resume --skip: all statements are done"
run_in resume
exits 0 "resume: nothing to do"
like "$out" '^done: 0 applied, 2 total' "resume: says so"
up
exits 0 "resume --skip: and up goes on"

doubt
crash
run_in resume
exits 3 "resume: runs the statement again, and it fails again"
is "$(field status 0001)" partial "resume: which is recorded"
[ -z "$away" ] || sql "$away" >/dev/null
rm -f "$work/copy.db"
crash
run_in resume
exits 0 "resume: with the way free"
is "$(states)" "0001:applied 0002:pending" "resume: applied"
ok "resume: what is behind ran" sql 'SELECT * FROM d'

doubt
run_in resume --skip
exits 0 "resume --skip: also a statement that failed"
is "$(states)" "0001:applied 0002:pending" "resume --skip: applied as well"

doubt
crash
run_in mark 1 applied -y
exits 0 "doubt: mark applied"
is "$(states)" "0001:applied 0002:pending" "doubt: it is out of doubt"
up
exits 0 "doubt: up goes on behind it"
doubt
crash
run_in mark 1 pending -y
is "$(states)" "0001:pending 0002:pending" "doubt: mark pending"
# The finished statements must still be those that ran.
doubt
crash
sed -i 's/TABLE a/TABLE aa/' "$dir/0001_steps.sql"
run_in resume --skip
exits 6 "resume: not when a finished statement was changed"

if [ "$engine" = mariadb ]; then
    fresh_db
    file 0001_ab.sql <<'S'
-- migrate:up
CREATE TABLE a (id integer);
CREATE TABLE b (id integer);
-- migrate:down
DROP TABLE a;
DROP TABLE b;
S
    up
    sql 'DROP TABLE b'
    run_in down
    exits 3 "resume: a migration that is half reverted"
    sql 'CREATE TABLE b (id integer)'
    run_in resume
    exits 0 "resume: reverts the rest"
    like "$out" '^done: 1 reverted, 0 applied, 1 total' "resume: says so"
    is "$(states)" "0001:pending" "resume: it is reverted"
fi

# ---- a base schema ----------------------------------------------------------------------------
fresh_db
file 0001_more.sql <<'S'
ALTER TABLE people ADD COLUMN name varchar(40);
S
cat >"$work/base.sql" <<'S'
CREATE TABLE people (id integer NOT NULL PRIMARY KEY);
INSERT INTO people VALUES (1);
S
up --baseline-schema "$work/base.sql"
exits 0 "base schema: loaded, then migrated"
is "$(sql 'SELECT count(*) FROM people WHERE name IS NULL')" 1 "base schema: both are there"
is "$(sql "SELECT version FROM dunlin_migrations WHERE kind = 'baseline'")" base \
    "base schema: recorded as a baseline"
is "$(sql "SELECT source FROM dunlin_migrations WHERE kind = 'baseline'")" baseline-schema \
    "base schema: under a source that no folder has"
up --baseline-schema "$work/base.sql"
exits 0 "base schema: the second start"
like "$out" '^done: 0 applied, 1 already applied, 1 total' "base schema: is not loaded again"
is "$err" "" "base schema: in silence"
up
exits 0 "base schema: up without it goes on as ever"
run_in status --check
exits 0 "base schema: nothing is pending"
fresh_db
sql 'CREATE TABLE people (id integer)'
file 0001_more.sql <<'S'
ALTER TABLE people ADD COLUMN name varchar(40);
S
up --baseline-schema "$work/base.sql"
exits 0 "base schema: a database that holds something"
like "$err" 'not empty: its base schema is not loaded' "base schema: is told"
is "$(sql 'SELECT count(*) FROM people')" 0 "base schema: is not loaded into it"
fresh_db
printf 'CREATE TABLE x (id integer);\nINSERT INTO nowhere VALUES (1);\n' >"$work/bad.sql"
printf 'CREATE TABLE z (id integer);\n' >"$dir/0001_z.sql"
up --baseline-schema "$work/bad.sql" --tolerate missing
if [ "$engine" = mariadb ]; then
    exits 3 "base schema: does not wait for what is missing"
    up
    exits 6 "base schema: does not wait for what is missing: nor do migrations run over it"
else
    exits 2 "base schema: does not wait for what is missing"
    is "$(sql 'SELECT * FROM dunlin_migrations')" "" "base schema: does not wait for what is missing: nothing is left"
fi
like "$err" 'bad(\.sql)?' "base schema: does not wait for what is missing: which one"
fresh_db
printf 'CREATE TABLE x (id integer);\nCREATE TABLE y (id integer,);\n' >"$work/bad.sql"
printf 'CREATE TABLE z (id integer);\n' >"$dir/0001_z.sql"
up --baseline-schema "$work/bad.sql"
if [ "$engine" = mariadb ]; then
    exits 3 "base schema: a broken one"
    up
    exits 6 "base schema: begun and not finished, it stops the migrations"
    like "$err" 'loaded in part' "base schema: says so"
else
    exits 2 "base schema: a broken one"
    not_ok "base schema: leaves nothing" sql 'SELECT * FROM x'
fi
like "$err" 'bad(\.sql)?' "base schema: names the file"
printf 'CREATE TABLE x (id integer);\nCREATE TABLE y (id integer);\n' >"$work/bad.sql"
up --baseline-schema "$work/bad.sql"
exits 0 "base schema: mended, it goes on"
ok "base schema: the rest is there" sql 'SELECT * FROM y, z'
up --baseline-schema "$work/nowhere.sql"
exits 0 "base schema: the file is not even read once there is a history"
fresh_db
printf 'SELECT 1;\n' >"$dir/0001_x.sql"
up --baseline-schema "$work/nowhere.sql"
not_ok "base schema: a missing file" [ "$status" = 0 ]
like "$err" 'nowhere.sql' "base schema: is named"

# ---- the database itself ----------------------------------------------------------------------
fresh_db
case $engine in
sqlite) new_url="sqlite:$work/brand new.db" ;;
*) new_url="${DUNLIN_TEST_URL%/*}/brand%20%22%60new" ;;
esac
dunlin -u "$new_url" wait --timeout 0ms
exits 4 "wait: a database that is not there"
like "$err" '^error: the database cannot be reached' "wait: says so"
if [ "$engine" != sqlite ]; then
    dunlin -u "$new_url" -d "$dir" status
    exits 4 "create: status of a database that is not there"
    is "$(tail -n 1 <<<"$err")" 'next: dunlin create' "create: is named as the way out"
fi
run "$abs_top_builddir/tests/support/embed" "$new_url" "$dir" : wait 1
is "$out" "130 1" "wait: a program's call, asked to stop when it tells what it waits for"
is "$err" "embed: interrupted" "wait: a program's call: which it says"
dunlin -u "$new_url" create
exits 0 "create"
like "$out" '^created: ' "create: says so"
dunlin -u "$new_url" create
exits 0 "create: a database that is there"
like "$out" '^exists already: ' "create: says so"
dunlin -u "$new_url" create --json
like "$out" '^\{"v":1,"database":"[^"]*","state":"exists already"\}$' "create --json"
dunlin -u "$new_url" wait --timeout 5s
exits 0 "wait: it is there"
like "$out" '^ready: ' "wait: says so"
printf 'CREATE TABLE x (id integer);\n' >"$dir/0001_x.sql"
dunlin -u "$new_url" -d "$dir" up
exits 0 "create, then up"
dunlin -u "$new_url" drop
exits 64 "drop without a terminal needs --yes"
dunlin -u "$new_url" -d "$dir" status --check
exits 0 "drop: nothing was done"
dunlin -u "$new_url" drop --yes
exits 0 "drop --yes"
like "$out" '^dropped: ' "drop: says so"
dunlin -u "$new_url" drop --yes
exits 0 "drop: a database that is not there"
like "$out" '^does not exist: ' "drop: says so"
dunlin -u "$new_url" drop --yes --json
like "$out" '"state":"does not exist"' "drop --json"
(sleep 0.3; "$DUNLIN" -u "$new_url" create >/dev/null </dev/null) &
dunlin -u "$new_url" wait --timeout 60s
exits 0 "wait: until somebody creates it"
like "$err" '^waiting for the database: ' "wait: says what it waits for"
wait
dunlin -u "$new_url" drop -y
if command -v script >/dev/null && script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    on_terminal() { # ANSWER COMMAND...
        local answer=$1
        shift
        run bash -c 'script -qec "$2" /dev/null <<<"$1"' - "$answer" "$DUNLIN -u '$new_url' $*"
    }
    dunlin -u "$new_url" create
    on_terminal n drop
    exits 1 "drop on a terminal: no"
    like "$out" '^drop .* with everything in it\? \[y/N\] nothing was changed' "drop asks"
    on_terminal "" drop
    exits 1 "drop on a terminal: no answer is no"
    dunlin -u "$new_url" wait --timeout 5s
    exits 0 "drop: it is still there"
    on_terminal y drop
    exits 0 "drop on a terminal: yes"
    like "$out" 'dropped: ' "drop: says so"
fi
if [ "$engine" = sqlite ]; then
    is "$(ls "$work" | grep -c brand)" 0 "drop: nothing of the file is left"
    echo 'not a database, and long enough to be sure of that' >"$work/letter.txt"
    dunlin -u "sqlite:$work/letter.txt" drop -y
    exits 4 "drop: a file that is no database"
    ok "drop: is left alone" [ -e "$work/letter.txt" ]
    dunlin -u sqlite::memory: create
    exits 78 "create: a database in memory"
    for command in create 'drop -y'; do
        # shellcheck disable=SC2086
        dunlin -u sqlite: $command
        exits 78 "$command: no file"
        like "$err" 'names no database file' "$command: no file: says so"
    done
    ln -s loop "$work/loop"
    dunlin -u "sqlite:$work/loop" drop -y
    exits 2 "drop: a link to itself"
    like "$err" "cannot find $work/loop: " "drop: a link to itself: why"
    fresh_db
    sql 'CREATE TABLE t (id integer)'
    mkdir "$work/$db.db-shm"
    dunlin -u "$url" drop -y
    exits 2 "drop: a folder where a file of the database would be"
    like "$err" "cannot remove $work/$db.db-shm: " "drop: a folder where a file of the database would be: is named"
else
    dunlin -u "${new_url%/*}/" create
    exits 78 "create: a URL without a database"
    if [ "$engine" = mariadb ]; then
        dunlin -u "${new_url%/*}/" -d "$dir" up
        exits 2 "create: up without a database"
        like "$err" '^hint: name one in the URL' "create: up without a database: what is missing"
    fi
    dunlin -u "$(printf %s "$new_url" | sed "s/:$(url_part port)/:1/")" wait --timeout 0s
    exits 4 "wait: no server"
    dunlin -u "$new_url?nonsense=1" wait
    exits 78 "wait: a bad parameter does not heal"
fi

# What was begun is no past, and cannot be rehearsed.
fresh_db
printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
printf -- '-- migrate:up transaction:off\nSELECT 1;\nSELECT * FROM nowhere;\n' >"$dir/2_begun.sql"
printf 'INSERT INTO t VALUES (3);\n' >"$dir/4_t.sql"
up
exits 3 "commands: one that is begun"
dunlin -u "$url" -d "$dir" baseline 4
exits 6 "commands: baseline over one that is begun"
like "$err" 'migration 2 \(begun\) was begun and is not finished' "commands: baseline over one that is begun: names it"
like "$err" 'state: nothing was recorded' "commands: baseline over one that is begun: records nothing"
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 2 "commands: baseline over one that is begun: not a row"
dunlin -u "$url" -d "$dir" plan --execute
exits 65 "commands: a rehearsal of one that is begun"
like "$err" '2_begun.sql cannot be rehearsed: a part of it is in the database already' "commands: a rehearsal of one that is begun: says why"
printf -- '-- migrate:up transaction:off\nSELECT 1;\nSELECT * FROM t;\n' >"$dir/2_begun.sql"
up
printf 'INSERT INTO t VALUES (3);\n' >"$dir/3_late.sql"
up --out-of-order warn
exits 0 "commands: a late one, with a warning"
like "$err" '^warning: .*3_late.sql comes before one that is applied already' "commands: a late one: the warning"

# A history that refuses what mark writes.
history_refuses UPDATE "NEW.status = 'failed'"
dunlin -u "$url" -d "$dir" mark 3 failed -y
exits 2 "commands: mark that the history refuses"
like "$err" 'not now' "commands: mark that the history refuses: why"
is "$(sql "SELECT status FROM dunlin_migrations WHERE version = '3'")" applied "commands: mark that the history refuses: the row stays"
history_allows

# A way down that is kept in the history alone, and fails: with its line all the same.
fresh_db
printf -- '-- migrate:up\nCREATE TABLE t (id integer);\n-- migrate:down\nDROP TABLE t;\nDROP TABLE nowhere;\n' >"$dir/1_t.sql"
up
rm "$dir/1_t.sql"
dunlin -u "$url" -d "$dir" down
like "$err" '^error: down script in the history:3:1: .*nowhere' "commands: a kept way down that fails: its place"
like "$err" '^ +3 \| DROP TABLE nowhere;$' "commands: a kept way down that fails: its line"

# What cannot be read cannot be recorded as applied: its checksum would be missing.
fresh_db
printf 'CREATE TABLE a (id integer);\n' >"$dir/1_a.sql"
up
printf 'no gzip\n' >"$dir/2_b.sql.gz"
dunlin -u "$url" -d "$dir" mark 2 applied -y
exits 65 "mark: a file that cannot be read"
like "$err" '^error: cannot decompress .*2_b.sql.gz' "mark: a file that cannot be read: why"
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 1 "mark: a file that cannot be read: nothing is recorded"
