# SPDX-License-Identifier: MIT
# Migrations that are programs.
fresh_db
printf 'CREATE TABLE t (id integer NOT NULL PRIMARY KEY);\n' >"$dir/1_t.sql"
program() { # NAME, text on standard input
    cat >"$dir/$1"
    chmod +x "$dir/$1"
}
program 2_fill.sh <<'S'
#!/bin/sh
pwd >"$OUT"
echo "$DATABASE_URL" >>"$OUT"
echo "$DUNLIN_MIGRATION_VERSION $DUNLIN_MIGRATION_NAME $DUNLIN_MIGRATION_SOURCE" >>"$OUT"
wc -c >>"$OUT"
echo "first line"
echo "second line" >&2
printf 'INSERT INTO t VALUES (2);\n' | eval "$CLIENT"
S
printf 'INSERT INTO t VALUES (3);\n' >"$dir/3_more.sql"
printf 'not run\n' >"$dir/4_notes.txt"
printf '#!/bin/sh\n' >"$dir/helper.sh"
chmod +x "$dir/helper.sh"
export OUT="$work/out$db"
case $engine in
sqlite) CLIENT="sqlite3 -bail '$work/$db.db'" ;;
postgres) CLIENT="psql -X -q -v ON_ERROR_STOP=1 -h $(url_part host) -p $(url_part port) -U $(url_part user) -d $db" ;;
mariadb) CLIENT="mariadb --no-defaults -h $(url_part host) -P $(url_part port) -u $(url_part user) $db" ;;
esac
export CLIENT

# One that does not want to end is waited for at the end of this case: it is given some seconds.
if [ "$engine" = sqlite ]; then
    mkdir "$work/deaf"
    printf '#!/bin/sh\ntrap "" TERM\necho begun >"$OUT.deaf"\nwhile :; do sleep 1; done\n' >"$work/deaf/1_deaf.sh"
    chmod +x "$work/deaf/1_deaf.sh"
    "$DUNLIN" -u "sqlite:$work/deaf.db" -d "$work/deaf" up --allow-exec >"$work/deaf.out" 2>&1 </dev/null &
    deaf=$!
    wait_until 30 test -e "$OUT.deaf"
    kill -TERM "$deaf"
fi

up
exits 65 "exec: a program does not run without being allowed"
like "$err" '2_fill.sh is a program' "exec: it is named"
like "$err" '\-\-allow-exec' "exec: with the way to allow it"
is "$(sql 'SELECT count(*) FROM t' 2>/dev/null)" "" "exec: before anything runs"
dunlin -u "$url" -d "$dir" status
like "$out" 'fill' "exec: status lists it"
dunlin -u "$url" -d "$dir" plan --allow-exec
exits 0 "exec: plan"
like "$out" 'fill' "exec: plan lists it"
up --allow-exec
exits 0 "exec: up --allow-exec"
like "$out" '^done: 3 applied' "exec: in its turn"
is "$(sql 'SELECT id FROM t ORDER BY id')" "$(printf '2\n3')" "exec: it worked through its URL"
is "$(cat "$OUT")" "$(cd "$dir" && pwd -P
    echo "$url"
    echo "2 fill main"
    echo 0)" "exec: folder, URL, version, and no input"
like "$err" '2_fill.sh: first line' "exec: its output becomes notices"
like "$err" 'second line' "exec: from both streams"
is "$(sql "SELECT status, statements_done, statements_total FROM dunlin_migrations WHERE version = '2'")" \
    "applied|1|1" "exec: recorded like one statement"
up
exits 0 "exec: what is applied needs no permission"
like "$out" '^done: 0 applied, 3 already' "exec: and does not run again"
printf '# edited\n' >>"$dir/2_fill.sh"
up --allow-exec
exits 6 "exec: an edited program is a conflict"
sed -i '$d' "$dir/2_fill.sh"
dunlin -u "$url" -d "$dir" down 2
exits 6 "exec: a program is irreversible"

program 5_fail <<'S'
#!/bin/sh
[ -e "$OUT.mended" ] && exit 0
echo "cannot go on" >&2
exit 7
S
up --allow-exec
exits 3 "exec: a status other than 0 fails, and may have changed something"
like "$err" '5_fail ended with status 7' "exec: and tells it"
like "$err" 'cannot go on' "exec: with what it said"
is "$(sql "SELECT status, statements_done FROM dunlin_migrations WHERE version = '5'")" "partial|0" \
    "exec: recorded as partial"
touch "$OUT.mended"
up --allow-exec
exits 0 "exec: the next up runs it again"
is "$(sql "SELECT status FROM dunlin_migrations WHERE version = '5'")" applied "exec: applied"

printf '#!%s/nowhere/sh\n' "$work" >"$dir/6_broken"
chmod +x "$dir/6_broken"
up --allow-exec
exits 2 "exec: a program that cannot start"
like "$err" 'cannot run .*6_broken' "exec: is named"
printf '#!/bin/sh\n' >"$dir/6_broken"
up --allow-exec
exits 0 "exec: and runs when it can"

program 7_slow <<'S'
#!/bin/sh
trap 'echo ended >"$OUT.ended"; exit 1' TERM
echo begun >"$OUT.begun"
sleep 60 &
wait
S
"$DUNLIN" -u "$url" -d "$dir" up --allow-exec >"$work/slow.out" 2>"$work/slow.err" &
pid=$!
for _ in $(seq 200); do
    [ -e "$OUT.begun" ] && break
    sleep 0.05
done
kill -TERM "$pid"
wait "$pid"
is "$?" 130 "exec: interrupted"
is "$(cat "$OUT.ended")" ended "exec: the program is asked to end"
is "$(sql "SELECT status FROM dunlin_migrations WHERE version = '7'")" partial "exec: and recorded"
rm "$dir/7_slow"
sql "UPDATE dunlin_migrations SET status = 'running' WHERE version = '7'"
program 7_slow <<'S'
#!/bin/sh
exit 0
S
up --allow-exec
exits 3 "exec: a run that died while it ran leaves a doubt"
like "$err" 'not known how far it came' "exec: and says so"
sql "DELETE FROM dunlin_migrations WHERE version = '7'"
up --allow-exec
exits 0 "exec: at the end"

# A link that leaves the folder would run something else.
printf '#!/bin/sh\n' >"$work/outside$db"
chmod +x "$work/outside$db"
ln -s "$work/outside$db" "$dir/8_link"
up --allow-exec
exits 65 "exec: a link that leaves the folder is refused"
like "$err" '8_link is a symbolic link that leaves the folder' "exec: and named"

# ---- the runner is killed while a program runs: the program goes on, and nobody notes its end ----
program_doubt() {
    local runner
    fresh_db
    rm -f "$OUT.runs"
    program 1_wait.sh <<'S'
#!/bin/sh
echo begun >>"$OUT.runs"
[ ! -p "$OUT.gate" ] || cat "$OUT.gate"
echo ended >>"$OUT.runs"
S
    printf 'CREATE TABLE behind (id integer);\n' >"$dir/2_behind.sql"
    mkfifo "$OUT.gate"
    "$DUNLIN" -u "$url" -d "$dir" up --allow-exec >"$work/killed" 2>&1 </dev/null &
    runner=$!
    wait_until 30 grep begun "$OUT.runs" || diag "it does not run: $(cat "$work/killed")"
    kill -KILL "$runner"
    wait "$runner" 2>/dev/null
    : >"$OUT.gate"
    wait_until 30 grep ended "$OUT.runs"
    rm "$OUT.gate"
}
runs() {
    grep -c begun "$OUT.runs"
}
program_row() {
    sql "SELECT status, statements_done FROM dunlin_migrations WHERE version = '1'"
}

program_doubt
is "$(program_row)" 'running|0' "exec: a killed runner leaves the row running"
up --allow-exec
exits 3 "exec: up does not guess"
like "$err" 'while .*1_wait.sh ran: it is not known how far it came' "exec: names the program"
like "$err" '^hint: .*dunlin resume --skip.*dunlin resume.*dunlin mark 1 applied' \
    "exec: and three ways out"
is "$(runs)" 1 "exec: it did not run again"
not_ok "exec: nor what is behind it" sql 'SELECT * FROM behind'
up --allow-exec --only 2
exits 6 "exec: not even when that is named"
dunlin -u "$url" -d "$dir" resume
exits 65 "exec: resume has to be allowed to run a program, too"
is "$(program_row)" 'running|0' "exec: and leaves the doubt"
dunlin -u "$url" -d "$dir" resume --allow-exec
exits 0 "exec: resume"
is "$(runs)" 2 "exec: resume runs it again"
is "$(program_row)" 'applied|1' "exec: and notes it"
up
exits 0 "exec: up goes on"
like "$out" '^done: 1 applied, 1 already' "exec: behind it"

program_doubt
dunlin -u "$url" -d "$dir" resume --skip --allow-exec
exits 0 "exec: resume --skip"
like "$err" '^warning: .*1_wait.sh counts as done' "exec: says what it does"
is "$(runs)" 1 "exec: and does not run it"
is "$(program_row)" 'applied|1' "exec: but counts it as done"

program_doubt
dunlin -u "$url" -d "$dir" mark 1 applied -y
exits 0 "exec: mark applied"
up
exits 0 "exec: mark ends the doubt"
is "$(runs)" 1 "exec: without running it"

program_doubt
dunlin -u "$url" -d "$dir" mark 1 pending -y
exits 0 "exec: mark pending"
up --allow-exec
exits 0 "exec: as if it had never run"
is "$(runs)" 2 "exec: it runs"

# ---- what changes while it runs, and a history that refuses ---------------------------------------
# A program edits the file that comes after it.
fresh_db
program 1_edits.sh <<'S'
#!/bin/sh
printf '# edited\n' >>2_edited.sh
S
program 2_edited.sh <<'S'
#!/bin/sh
echo ran >"$OUT.edited"
S
up --allow-exec
exits 65 "exec: a program that was changed since it was hashed"
like "$err" '2_edited.sh changed while dunlin was running' "exec: .. is named"
like "$err" 'nothing of .*2_edited.sh is in the database: it did not run' "exec: .. and what is there"
not_ok "exec: .. it did not run" test -e "$OUT.edited"
up --allow-exec
exits 0 "exec: .. the next run runs what is there now"
ok "exec: .. it ran" test -e "$OUT.edited"

# Its start cannot be written: it does not start. Its end cannot be: it does not start again.
fresh_db
rm -f "$OUT.runs"
printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
program 2_runs.sh <<'S'
#!/bin/sh
echo begun >>"$OUT.runs"
S
up 1
history_refuses INSERT "NEW.version = '2'"
up --allow-exec
exits 2 "exec: a start that cannot be written"
like "$err" 'not now' "exec: .. why"
like "$err" 'nothing of .*2_runs.sh is in the database: it did not run' "exec: .. what is there"
not_ok "exec: .. it did not run" test -e "$OUT.runs"
history_allows
history_refuses UPDATE "NEW.status = 'applied'"
up --allow-exec
exits 3 "exec: an end that cannot be written"
like "$err" '2_runs.sh ran to its end, but the history does not say so' "exec: .. what is there"
history_allows
up --allow-exec
exits 3 "exec: .. the next run asks"
is "$(runs)" 1 "exec: .. it did not run again"
dunlin -u "$url" -d "$dir" resume --skip --allow-exec
exits 0 "exec: .. resume --skip"
is "$(runs)" 1 "exec: .. nor by that"

# Another runner is first, between the look and the claim: as the hook before it is here.
fresh_db
rm -f "$OUT.runs"
mkdir "$dir/hooks"
printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
up
program 2_runs.sh <<'S'
#!/bin/sh
echo begun >>"$OUT.runs"
S
first_is() { # VERSION FILE
    printf "INSERT INTO dunlin_migrations (source, version, name, kind, status, checksum, statements_done, statements_total, started_at, applied_by)
        SELECT 'main', '%s', 'runs', kind, 'applied', 'v1:sha256:%s', 1, 1, started_at, 'another'
        FROM dunlin_migrations WHERE version = '1';\n" "$1" "$(sha256sum <"$dir/$2" | cut -d' ' -f1)" >"$dir/hooks/before_each.sql"
}
first_is 2 2_runs.sh
up --allow-exec
exits 0 "exec: a program that another runner claimed first"
like "$out" '^done: 0 applied, 2 already' "exec: .. counts as applied by that"
not_ok "exec: .. and does not run" test -e "$OUT.runs"
printf -- '-- migrate:up transaction:off\nINSERT INTO t VALUES (3);\nSELECT 1;\n' >"$dir/3_runs.sql"
first_is 3 3_runs.sql
up
exits 0 "exec: statements that another runner claimed first"
like "$out" '^done: 0 applied, 3 already' "exec: .. count as applied by that"
is "$(sql 'SELECT count(*) FROM t')" 0 "exec: .. and do not run"

# What a program says: lines of any end and length, and one that does not end.
fresh_db
program 1_says.sh <<'S'
#!/bin/sh
printf 'one\r\n'
printf '%05000d\n' 0
printf 'the last'
S
up --allow-exec
exits 0 "exec: lines of any kind"
like "$err" '1_says.sh: one$' "exec: a line that ends as on Windows"
is "$(sed "s/.*1_says.sh: //" <<<"$err" | tr -dc 0 | wc -c | tr -d " ")" 5000 "exec: a long line is cut, and nothing of it lost"
like "$err" '1_says.sh: the last$' "exec: a line without an end"

# More text than is kept in memory is read again when it runs: as it was planned, or not at all.
if [ "$engine" = sqlite ]; then
    fresh_db
    program 1_edits.sh <<'S'
#!/bin/sh
echo 'INSERT INTO large VALUES (0);' >>7_large.sql
S
    printf 'CREATE TABLE large (text text);\n' >"$dir/2_large.sql"
    for i in 3 4 5 6 7; do
        printf "INSERT INTO large VALUES ('%03900000d');\n" "$i" >"$dir/${i}_large.sql"
    done
    up --allow-exec
    exits 65 "exec: a large file that was changed since it was planned"
    like "$err" '7_large.sql changed while dunlin was running' "exec: .. is named"
    like "$err" 'hint: run dunlin again' "exec: .. and what to do"
    is "$(sql 'SELECT count(*) FROM large')" 4 "exec: .. nothing of it ran"
    up --allow-exec
    exits 0 "exec: .. the next run runs what is there now"
    is "$(sql 'SELECT count(*) FROM large')" 6 "exec: .. all of it"
fi

# Rows of COPY are on their way when the file turns out to be another: they are taken back.
if [ "$engine" = postgres ]; then
    for way in on off; do
        fresh_db
        program 1_edits.sh <<'S'
#!/bin/sh
printf 6 | dd of=2_copy.sql bs=1 seek="$(($(wc -c <2_copy.sql) - 6))" conv=notrunc 2>/dev/null
S
        {
            printf -- '-- migrate:up transaction:%s\nCREATE TABLE large (id bigint, text text);\nCOPY large FROM stdin;\n' $way
            seq 100000 | sed 's/$/\tthe same text in each of the rows, of 5/'
            printf '\\.\n\n'
        } >"$dir/2_copy.sql"
        up --allow-exec
        if [ $way = on ]; then
            exits 65 "exec: rows of a file that was changed since it was planned"
            like "$err" 'state: nothing of .*2_copy.sql is in the database' "exec: rows, in a transaction: none is there"
        else
            exits 3 "exec: rows of a file that was changed since it was planned, without a transaction"
            like "$err" 'state: statements 1 to 1 of 2 are in the database and recorded; 2 and those' \
                "exec: rows, without a transaction: none of that COPY is there"
            is "$(sql 'SELECT count(*) FROM large')" 0 "exec: rows, without a transaction: none at all"
        fi
        like "$err" '2_copy.sql changed while dunlin was running' "exec: rows: the file is named"
        up --allow-exec
        exits 0 "exec: rows: the next run copies what is there now"
        is "$(sql 'SELECT count(*), count(DISTINCT id) FROM large')" '100000|100000' "exec: rows: each is there once"
        is "$(sql "SELECT text FROM large WHERE id = 100000")" 'the same text in each of the rows, of 6' \
            "exec: rows: as the file says now"
    done
fi
unset OUT CLIENT

if [ "$engine" = sqlite ]; then
    wait "$deaf"
    is "$?" 130 "exec: a program that does not end when it is asked to is made to"
    like "$(cat "$work/deaf.out")" '^state: what .*1_deaf.sh did before it ended' "exec: a program that does not end: is told of"
    is "$(sqlite3 "$work/deaf.db" 'SELECT status FROM dunlin_migrations')" partial "exec: a program that does not end: and recorded"
fi
