# SPDX-License-Identifier: MIT
# The history table: a table of that name that is somebody else's is left as it is.
fresh_db
printf 'CREATE TABLE t (id bigint);\n' >"$dir/1_t.sql"
sql 'CREATE TABLE ledger (version varchar(20), amount bigint)'
sql "INSERT INTO ledger VALUES ('1', 100)"
for command in up status down check; do
    dunlin -u "$url" -d "$dir" --table ledger "$command"
    exits 78 "table: $command: somebody else's: exit code"
    like "$err" 'the table ledger exists and is not a history table of dunlin' "table: $command: says so"
    like "$err" 'choose another name with --table NAME' "table: $command: and what to do"
done
is "$(sql 'SELECT count(*) FROM ledger')" 1 "table: its rows are as they were"
is "$(sql "SELECT amount FROM ledger WHERE version = '1'")" 100 "table: all of them"
ok "table: no migration ran" test -z "$(sql 'SELECT id FROM t' 2>/dev/null)"

for name in . .x a.b.c x. "$(printf '%02000d' 0)"; do
    dunlin -u "$url" -d "$dir" --table "$name" up
    exits 78 "table: \"${name:0:10}\": exit code"
    like "$err" 'is not a table name' "table: \"${name:0:10}\": is no name"
done

dunlin -u "$url" -d "$dir" --table other_ledger up
exits 0 "table: another name"
is "$(sql "SELECT count(*) FROM other_ledger")" 1 "table: is used"

# PostgreSQL cuts what is longer than 63 bytes without an error, so that two names were one table.
longest=$(printf '%063d' 0 | tr 0 n)
dunlin -u "$url" -d "$dir" --table "$longest" status
exits 0 "table: a name of 63 bytes"
for command in up status; do
    case $engine in
    postgres)
        dunlin -u "$url" -d "$dir" --table "${longest}a" "$command"
        exits 78 "table: a name of 64 bytes: $command: exit code"
        like "$err" "the name \"${longest}a\" is too long: 64 bytes, of which the server keeps 63" "table: $command: says so"
        like "$err" 'every name that begins like that' "table: $command: and why it matters"
        dunlin -u "$url" -d "$dir" --table "${longest}s.history" "$command"
        exits 78 "table: a schema of 64 bytes: $command: exit code"
        ;;
    mariadb)
        dunlin -u "$url" -d "$dir" --table "${longest}ab" "$command"
        exits 2 "table: a name of 65 characters: $command: exit code"
        like "$err" 'Incorrect table name|too long' "table: $command: the server refuses it"
        ;;
    esac
done
