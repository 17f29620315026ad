# SPDX-License-Identifier: MIT
layout_sample goose goose . 3 goose_db_version 'version_id, is_applied'

goose_up() { # CODE NAME: a folder of the one file on standard input
    fresh_db
    file 1_a.sql
    up_as goose
    exits "$1" "goose: $2"
}

# ---- annotations ----

goose_up 0 "annotations in any case, and with blank" <<'END'

-- a comment, with $dollars
--   +goose up	
CREATE TABLE a (id int);
-- +goose STATEMENTBEGIN
CREATE TABLE b (id int)
-- +goose statementend
CREATE TABLE c (id int);
-- --+goose Down --
DROP TABLE a;
DROP TABLE b;
DROP TABLE c;
END
is "$(sql 'SELECT count(*) FROM a, b, c')" 0 "goose: StatementEnd ends a statement without a semicolon"
dunlin -u "$url" -d "$dir" --layout goose down
exits 0 "goose: down"
not_ok "goose: takes all of it back" sql 'SELECT 1 FROM b'
goose_up 65 "an unknown annotation" <<'END'
-- +goose Up
-- +goose Upp
END
like "$err" '1_a.sql:2.*unknown annotation of goose "Upp"' "goose: with its line and what it says"
goose_up 65 "a comment with +goose in it" <<'END'
-- +goose Up
-- see +goose
END
like "$err" '1_a.sql:2' "goose: is one, too"
goose_up 65 "blank before an annotation" <<'END'
-- +goose Up
 -- +goose Down
END
like "$err" '1_a.sql:2' "goose: with its line"
goose_up 65 "no Up" <<'END'
SELECT 1;
END
goose_up 65 "Down first" <<'END'
-- +goose Down
-- +goose Up
END
goose_up 65 "two Up" <<'END'
-- +goose Up
-- +goose Up
END
goose_up 65 "StatementBegin before Up" <<'END'
-- +goose StatementBegin
-- +goose Up
END
goose_up 65 "StatementBegin twice" <<'END'
-- +goose Up
-- +goose StatementBegin
-- +goose StatementBegin
-- +goose StatementEnd
END
goose_up 65 "StatementEnd alone" <<'END'
-- +goose Up
-- +goose StatementEnd
END
goose_up 65 "StatementBegin without an end" <<'END'
-- +goose Up
-- +goose StatementBegin
SELECT 1;
-- +goose Down
END
like "$err" 'StatementBegin in line 2 has no StatementEnd' "goose: with its line"
if [ "$engine" = postgres ]; then
    goose_up 65 "what cannot run in a transaction, beside what can" <<'END'
-- +goose Up
CREATE TABLE e (id int);
CREATE INDEX CONCURRENTLY e_id ON e (id);
END
    goose_up 0 "NO TRANSACTION, wherever it stands" <<'END'
-- +goose Up
CREATE TABLE e (id int);
CREATE INDEX CONCURRENTLY e_id ON e (id);
-- +goose Down
DROP INDEX CONCURRENTLY e_id;
DROP TABLE e;
-- +goose NO TRANSACTION
END
    dunlin -u "$url" -d "$dir" --layout goose down
    exits 0 "goose: NO TRANSACTION is for both ways"
fi

# ---- ENVSUB ----

case $engine in
postgres)
    fresh_db
    cp "$samples/goose/pg-envsub/00001_owner.sql" "$dir"
    up_as goose
    exits 0 "goose: ENVSUB"
    sql "INSERT INTO keeper (id) VALUES (1)"
    is "$(sql 'SELECT town FROM keeper')" Ulm "goose: ENVSUB: a default"
    fresh_db
    cp "$samples/goose/pg-envsub/00001_owner.sql" "$dir"
    export KEEPER_TOWN=Bremen
    up_as goose
    unset KEEPER_TOWN
    sql "INSERT INTO keeper (id) VALUES (1)"
    is "$(sql 'SELECT town FROM keeper')" Bremen "goose: ENVSUB: the variable"
    ;;
esac

goose_sub() { # TEXT WANTED: what becomes of the text in a quoted string
    fresh_db
    printf -- '-- +goose Up\n-- +goose ENVSUB ON\n-- between statements this is free: $5\nCREATE TABLE v AS SELECT '\''%s'\'' AS t;\n-- +goose ENVSUB OFF\nCREATE TABLE w AS SELECT '\''$HIVE'\'' AS t;\n' "$1" |
        file 1_v.sql
    up_as goose
    if [ "${2-none}" = none ]; then
        exits 65 "goose: ENVSUB: $1 is refused"
        like "$err" '1_v.sql:4' "goose: ENVSUB: with its line"
    else
        is "$(sql 'SELECT t FROM v')" "$2" "goose: ENVSUB: $1"
    fi
}
export HIVE=nucleus EMPTY=
goose_sub 'a $HIVE b' 'a nucleus b'
is "$(sql 'SELECT t FROM w')" '$HIVE' "goose: ENVSUB OFF"
goose_sub '${HIVE}s' nucleuss
goose_sub '[$NOT_SET]' '[]'
goose_sub '${EMPTY:-x}${EMPTY-y}${NOT_SET-z}' xz
goose_sub '${NOT_SET:-${HIVE:-a}}' nucleus
goose_sub '${HIVE:-${NOT_SET?deep}}' nucleus
goose_sub '${HIVE:2}:${HIVE:2:3}:${HIVE: -3}:${HIVE:1:-2}:${HIVE:9}:${NOT_SET:1}' 'cleus:cle:eus:ucle::'
goose_sub '$$HIVE \$HIVE $(x)' '$HIVE $HIVE $(x)'
goose_sub '${HIVE?needed}' nucleus
goose_sub '${NOT_SET?needed}'
like "$err" 'NOT_SET is not set: needed' "goose: ENVSUB: with the message"
goose_sub '$1'
goose_sub '${HIVE:+x}'
goose_sub '${HIVE:?x}'
goose_sub '${HIVE'
goose_sub '$HIVEä'
unset HIVE EMPTY

# ---- names ----

fresh_db
printf -- '-- +goose Up\nCREATE TABLE a (id int);\n' | file 0010_a.sql
printf -- '-- +goose Up\nCREATE TABLE b (id int);\n' | file 2_b.sql
up_as auto --history layout
exits 0 "goose: is recognised by its annotations"
is "$(sql 'SELECT version_id FROM goose_db_version ORDER BY id')" "0
2
10" "goose: in the order of the numbers, behind version zero"
dunlin -u "$url" -d "$dir" --history layout down
exits 6 "goose: without Down there is no way back"
echo x >"$dir/name.sql"
up_as goose
exits 65 "goose: a file without a number"
rm "$dir/name.sql"
printf -- '-- +goose Up\n' | file 002_c.sql
up_as goose
exits 65 "goose: two files of one number"
rm "$dir/002_c.sql"
echo 'package main' >"$dir/3_code.go"
up_as goose
exits 65 "goose: a migration in Go"
like "$err" '3_code.go' "goose: is named"
up_as goose --foreign-code skip --history layout
exits 0 "goose: and can be passed over"

# ---- its table ----

fresh_db
layout_folder goose .
up_as goose --history layout
dunlin -u "$url" -d "$dir" --layout goose --history layout down
exits 0 "goose: down in its table"
is "$(sql 'SELECT max(version_id) FROM goose_db_version')" 20260302093000 "goose: deletes the row"
up_as goose --history layout
exits 0 "goose: and up again"
is "$(sql 'SELECT count(*) FROM goose_db_version')" 4 "goose: adds it"
# An old goose wrote a row for the way down as well: to each of its commands that says something else.
case $engine in
sqlite) goose_no=0 goose_yes=1 ;;
*) goose_no=false goose_yes=true ;;
esac
sql "INSERT INTO goose_db_version (version_id, is_applied) VALUES (20260303101500, $goose_no)"
up_as goose --history layout
exits 6 "goose: a version whose newest row is not applied"
like "$err" '20260303101500 unfinished' "goose: is named"
like "$err" 'goose up passes over it, goose down takes it as reverted' "goose: with what its commands make of it"
dunlin -u "$url" -d "$dir" --layout goose adopt
exits 6 "goose: and is not adopted"
sql "INSERT INTO goose_db_version (version_id, is_applied) VALUES (20260303101500, $goose_yes)"
up_as goose --history layout
exits 0 "goose: the newest row counts"
dunlin -u "$url" -d "$dir" --layout goose --history layout down
is "$(sql 'SELECT count(*) FROM goose_db_version WHERE version_id = 20260303101500')" 0 \
    "goose: down deletes every row of the version"

# ---- hooks, which are of dunlin ----

fresh_db
printf -- '-- +goose Up\nCREATE TABLE t (x integer);\n' | file 1_t.sql
mkdir "$dir/hooks"
printf 'INSERT INTO t VALUES (1);\n-- +goose Down\nINSERT INTO t VALUES (2);\n' | file hooks/after_all.sql
up_as goose
exits 0 "goose: a hook has no directives"
is "$(sql 'SELECT sum(x) FROM t')" 3 "goose: all of it runs"
printf -- '-- migrate:up substitute:on\nINSERT INTO t VALUES (${lit:x});\n\n-- migrate:down\nDELETE FROM t;\n' | file hooks/after_all.sql
printf -- '-- +goose Up\nSELECT 1;\n' | file 2_again.sql
up_as goose --set x=10
exits 0 "goose: but dunlin's sections and their options"
is "$(sql 'SELECT sum(x) FROM t')" 13 "goose: of which that upwards runs"
dunlin -u "$url" -d "$dir" --layout goose convert --to "$work/hooked$db"
exits 0 "goose: converted, such a hook"
is "$(cat "$work/hooked$db/hooks/after_all.sql")" "$(cat "$dir/hooks/after_all.sql")" "goose: is the same"

# ---- locks of its library ----

if [ "$engine" = postgres ]; then
    for goose_id in 4097083626 5887940537704921958; do
        fresh_db
        layout_folder goose .
        mkfifo "$work/goose-holder"
        client <"$work/goose-holder" >"$work/goose-held" 2>&1 &
        goose_holder=$!
        exec 7>"$work/goose-holder"
        printf 'SELECT pg_try_advisory_lock(%s);\n' "$goose_id" >&7
        wait_until 10 test -s "$work/goose-held"
        up_as goose --history layout --lock-wait 100ms
        exits 5 "goose: while its library is at work dunlin waits ($goose_id)"
        exec 7>&-
        wait "$goose_holder"
        rm "$work/goose-holder" "$work/goose-held"
        up_as goose --history layout
        exits 0 "goose: the lock is free again ($goose_id)"
    done
fi

# ---- adopt: all rows or none; and of one folder ----

fresh_db
layout_folder goose .
layout_load "$(layout_dump goose)"
dunlin -u "$url" -d "$dir" --layout goose adopt
sql 'DELETE FROM dunlin_migrations'
history_refuses INSERT "NEW.version = '20260303101500'"
dunlin -u "$url" -d "$dir" --layout goose adopt
exits 2 "goose: adopt that the history refuses"
like "$err" 'not now' "goose: .. why"
like "$err" '^state: nothing was written' "goose: .. what is there"
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 0 "goose: .. not a row of it"
history_allows
mkdir "$work/own$db"
printf 'CREATE TABLE own (id integer);\n' >"$work/own$db/1_own.sql"
dunlin -u "$url" -d "$work/own$db" adopt
exits 78 "goose: adopt without a folder of another tool"
like "$err" 'no folder is one of another tool' "goose: .. says so"
cp -R "$dir" "$work/second$db"
for command in adopt 'up --history layout'; do
    # shellcheck disable=SC2086
    dunlin -u "$url" -d "$dir" -d "second=$work/second$db" --layout goose $command
    exits 78 "goose: $command with two folders of another tool"
    like "$err" "are both folders of another tool" "goose: .. says so"
done
dunlin -u "$url" -d "$dir" -d "own=$work/own$db" adopt
exits 0 "goose: adopt beside a folder of dunlin's own"
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 3 "goose: .. takes over what is of the other one"

# ---- a connection that breaks where nothing can be noted ----

if [ "$engine" != sqlite ]; then
    case $engine in
    postgres) kill_it='SELECT pg_terminate_backend(pg_backend_pid())' ;;
    mariadb) kill_it='KILL CONNECTION_ID()' ;;
    esac
    fresh_db
    printf -- '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a (id int);\n%s;\nINSERT INTO a VALUES (1);\n' "$kill_it" >"$dir/1_a.sql"
    up_as goose --history layout
    exits 3 "goose: a connection that breaks in a file without a transaction"
    like "$err" 'at least 1 of 3 statements of .*1_a.sql are in the database; the table of goose has no place to note' \
        "goose: .. what is there"
    like "$err" 'next: mend the database, then: dunlin up' "goose: .. and what to do, as the next run would begin anew"
    is "$(sql 'SELECT count(*) FROM a')" 0 "goose: .. what ran stays"
fi
