# SPDX-License-Identifier: MIT
history=flyway_schema_history
row='installed_rank, version, description, type, script, checksum, success'

flyway() { # OPTION...: with Flyway's own table
    up_as flyway --history layout "$@"
}

rows() { # COLUMNS [TABLE]
    sql "SELECT $1 FROM ${2:-$history} ORDER BY installed_rank" 2>&1
}

put() { # RANK VERSION DESCRIPTION TYPE CHECKSUM SUCCESS: a row that Flyway would have written
    local version="'$2'"
    [ -n "$2" ] || version=NULL
    sql "INSERT INTO $history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) VALUES ($1, $version, '$3', '$4', 'x', $5, 'x', 0, $6)"
}

numbers() { # N...: the folder has these, each makes table tN and is undone
    local n
    for n; do
        file "V${n}__make_t$n.sql" <<<"CREATE TABLE t$n (id int);"
        file "U${n}__make_t$n.sql" <<<"DROP TABLE t$n;"
    done
}

case_name() { # of the case: a new database and folder, inside a project of its own
    fresh_db
    rm -rf "$work/project"
    mkdir -p "$work/project/db/migration" "$work/project/.git"
    rmdir "$dir"
    dir=$work/project/db/migration
}

# ---- the sample ----------------------------------------------------------------------------------

export FLYWAY_PLACEHOLDERS_SEASON=2026
layout_sample flyway flyway db/migration 4 "$history" "$row"
layout_edited flyway flyway db/migration V2__frames_logic.sql
unset FLYWAY_PLACEHOLDERS_SEASON

# ---- checksums -----------------------------------------------------------------------------------

case_name
file V1__create_t.sql <<<'CREATE TABLE t (id int);'
printf '\xef\xbb\xbfCREATE TABLE u (id int);\r\n' | sed 's/ u / u2 /' | file V2__create_u.sql
printf 'SELECT 1;\nSELECT 2;\n' | file V3__select.sql
flyway
exits 0 'flyway: checksums'
like "$(rows 'checksum')" '^92137680$' 'flyway: of a line'
like "$(rows 'checksum')" '^-1665099012$' 'flyway: of two lines'
printf '\xef\xbb\xbfCREATE TABLE t (id int);\r\n' | file V1__create_t.sql
printf 'SELECT 1;SELECT 2;' | file V3__select.sql
flyway
exits 0 'flyway: the same with a BOM and other line ends, or none'
like "$out" '^done: 0 applied, 3 already applied' 'flyway: and nothing runs again'

# ---- versions and names --------------------------------------------------------------------------

case_name
mkdir -p "$dir/a/b"
file V1.9__i.sql <<<'CREATE TABLE i (id int);'
file a/V1_10__j.sql <<<'INSERT INTO i VALUES (10);'
file a/b/V002__k.SQL <<<'CREATE TABLE k (id int);'
file V10.sql <<<'CREATE TABLE l (id int);'
file notes.sql <<<'this is none'
flyway
exits 0 'flyway: versions of several parts, folders in the folder, no description'
is "$(rows 'version, description, script')" "1.9|i|V1.9__i.sql
1.10|j|a/V1_10__j.sql
002|k|a/b/V002__k.SQL
10||V10.sql" 'flyway: in the order of their numbers'
mv "$dir/a/b/V002__k.SQL" "$dir/V2.0__k.sql"
flyway
exits 0 'flyway: 2.0 is 002'
like "$out" '^done: 0 applied, 4 already applied' 'flyway: and is not run again'
file V02__same.sql <<<'SELECT 1;'
flyway
exits 65 'flyway: two files of one version'
like "$err" 'V02__same.sql|V2.0__k.sql' 'flyway: are named'
rm "$dir/V02__same.sql"
file V3_typo.sql <<<'SELECT 1;'
flyway
exits 65 'flyway: a name that is nearly one of a migration'
flyway --unnumbered ignore
exits 0 'flyway: is passed over when wanted'
rm "$dir/V3_typo.sql"
file U77__nothing.sql <<<'SELECT 1;'
flyway
exits 65 'flyway: a U file without its V file'
like "$err" '--layout refinery' 'flyway: may be of refinery'

# ---- repeatable migrations -----------------------------------------------------------------------

case_name
echo 'flyway.placeholders.word=one' >"$work/project/flyway.conf"
file V1__log.sql <<<'CREATE TABLE log (word varchar(20));'
file R__b_two.sql <<<"INSERT INTO log VALUES ('b');"
file R__a_one.sql <<<"INSERT INTO log VALUES ('\${WORD}');"
flyway
exits 0 'flyway: repeatable migrations'
is "$(rows 'description')" "log
a one
b two" 'flyway: behind the versions, by description'
is "$(sql "SELECT word FROM log WHERE word <> 'b'")" one 'flyway: a placeholder of flyway.conf'
flyway
like "$out" '^done: 0 applied, 3 already' 'flyway: once'
echo 'flyway.placeholders.word=two' >"$work/project/flyway.conf"
flyway
exits 0 'flyway: another value of a placeholder'
like "$out" '^done: 1 applied' 'flyway: makes it run again'
is "$(rows 'installed_rank, description' | tail -1)" '4|a one' 'flyway: with a row more'
flyway
like "$out" '^done: 0 applied, 3 already' 'flyway: the newest row counts'
sql "UPDATE $history SET checksum = -1326072813 WHERE installed_rank = 4"
flyway
like "$out" '^done: 0 applied, 3 already' 'flyway: so does the checksum of the text as it is'
rm "$dir/R__b_two.sql"
flyway
exits 0 'flyway: a repeatable migration may go'

# ---- placeholders --------------------------------------------------------------------------------

case_name
cat >"$work/project/flyway.toml" <<'END'
environment = "x"
[environments.x]
url = "jdbc:none"
[flyway]
locations = [
  "filesystem:db/migration",
]
table = "history_of_flyway" # a comment
[flyway.placeholders]
"word" = 'toml'
other = "a \"b\" ${env.SOME_NAME}"
END
file V1__log.sql <<<'CREATE TABLE log (word varchar(80));'
file V2__words.sql <<<"INSERT INTO log VALUES ('\${word}'), ('\${other}'), ('\${flyway:filename}'), ('\${flyway:table}');"
flyway
exits 65 'flyway: a variable that is not set'
like "$err" 'V2__words.sql:1' 'flyway: is told with its place'
is "$(sql 'SELECT * FROM log' 2>/dev/null)" '' 'flyway: and nothing runs'
SOME_NAME=c flyway
exits 0 'flyway: flyway.toml'
is "$(sql 'SELECT word FROM log')" "toml
a \"b\" c
V2__words.sql
history_of_flyway" 'flyway: its values, variables in them, and what Flyway knows by itself'
is "$(rows 'version' history_of_flyway)" "1
2" 'flyway: the table of flyway.toml'
cat >"$work/project/flyway.user.toml" <<'END'
flyway.placeholders = { word = "user" }
END
file V3__more.sql <<<"INSERT INTO log VALUES ('\${word}');"
SOME_NAME=c flyway
file V4__more.sql <<<"INSERT INTO log VALUES ('\${word}');"
SOME_NAME=c FLYWAY_PLACEHOLDERS_WORD=environment flyway
is "$(sql 'SELECT word FROM log' | tail -2)" "user
environment" 'flyway: flyway.user.toml, and the environment before it'
printf 'SELECT 1;\nSELECT ${nobody};\n' | file V5__unknown.sql
SOME_NAME=c flyway
exits 65 'flyway: a placeholder without a value'
like "$err" 'V5__unknown.sql:2' 'flyway: with file and line'
like "$err" 'FLYWAY_PLACEHOLDERS_NAME' 'flyway: and where to set it'
file V5__unknown.sql <<<"SELECT '\${flyway:user}';"
SOME_NAME=c flyway
exits 65 'flyway: a placeholder that only Flyway knows'
file V5__unknown.sql <<<"INSERT INTO log VALUES ('\${nobody}');"
echo placeholderReplacement=false >"$dir/V5__unknown.sql.conf"
SOME_NAME=c flyway
exits 0 'flyway: a .conf beside the file'
is "$(sql 'SELECT word FROM log' | tail -1)" '${nobody}' 'flyway: turns placeholders off'
echo 'executeInTransactions=false' >"$dir/V5__unknown.sql.conf"
SOME_NAME=c flyway
exits 65 'flyway: an unknown setting in it'
like "$err" 'V5__unknown.sql.conf:1' 'flyway: with file and line'
rm "$dir/V5__unknown.sql.conf" "$dir/V5__unknown.sql"
file V6__never.sql <<<'this is no SQL'
echo shouldExecute=false >"$dir/V6__never.sql.conf"
SOME_NAME=c flyway -q
unlike "$err" V6 'flyway: shouldExecute=false leaves a file out'
rm "$dir"/V6*
file R__now.sql <<<"SELECT '\${flyway:timestamp}';"
SOME_NAME=c flyway
exits 65 'flyway: the time in a repeatable migration would never be run again'

case_name
cat >"$work/project/flyway.conf" <<'END'
# a comment
flyway.placeholderPrefix = <<
flyway.placeholderSuffix: >>
flyway.placeholders.x = 7
flyway.url=jdbc:none
END
file V1__t.sql <<<'CREATE TABLE t AS SELECT <<x>> AS x;'
up_as flyway
exits 0 'flyway: other signs around placeholders'
is "$(sql 'SELECT x FROM t')" 7 'flyway: are followed'
for setting in sqlMigrationPrefix=X initSql='SELECT 1' encoding=ISO-8859-1; do
    echo "flyway.$setting" >"$work/project/flyway.conf"
    up_as flyway
    exits 78 "flyway: $setting cannot be followed"
    like "$err" 'flyway.conf:1' 'flyway: with file and line'
done

cat >"$work/project/flyway.toml" <<'END'
[flyway]
initSql = """
SELECT 1"""
END
up_as flyway
exits 78 'flyway: a setting over several lines'
like "$err" 'flyway.toml:2' 'flyway: is told with its place'

# ---- down ----------------------------------------------------------------------------------------

case_name
numbers 1 2
flyway
exits 0 'flyway: two migrations that can be undone'
dunlin -u "$url" -d "$dir" --layout flyway --history layout down
exits 0 'flyway: down'
not_ok 'flyway: runs the U file' sql 'SELECT * FROM t2'
is "$(rows 'version')" 1 'flyway: and takes the row away'
flyway
exits 0 'flyway: up again'
is "$(rows 'version, type')" "1|SQL
2|SQL" 'flyway: with a row again'
case_name
numbers 1
up_as flyway
dunlin -u "$url" -d "$dir" --layout flyway down
exits 0 'flyway: down with a history of dunlin'
not_ok 'flyway: runs the U file, too' sql 'SELECT * FROM t1'

# ---- what the rows come to -----------------------------------------------------------------------

case_name
numbers 1
flyway
numbers 2 3
rm "$dir"/U* "$dir/V1__make_t1.sql"
sql "DELETE FROM $history"
put 1 2.5 '<< Flyway Baseline >>' BASELINE NULL true
file V1__old.sql <<<'this is no SQL'
file V2__make_t2.sql <<<'neither is this'
flyway
exits 0 'flyway: behind a baseline that no file has'
like "$out" '^done: 1 applied, 2 already applied' 'flyway: only what is newer runs'
is "$(rows 'installed_rank, version, type')" "1|2.5|BASELINE
2|3|SQL" 'flyway: as the next row'
dunlin -u "$url" -d "$dir" --layout flyway adopt
exits 0 'flyway: adopt behind a baseline'
is "$(sql 'SELECT version, kind FROM dunlin_migrations ORDER BY version')" "1|baseline
2|baseline
3|versioned" 'flyway: which stays one'

case_name
numbers 1 2
file R__r.sql <<<'SELECT 1;'
flyway
sql 'DROP TABLE t2'
put 4 2 'make t2' DELETE 1 true
put 5 '' r DELETE 1 true
flyway
exits 0 'flyway: DELETE rows'
like "$out" '^done: 2 applied, 1 already applied' 'flyway: take back what was applied'
sql 'DROP TABLE t2'
put 8 2 'make t2' UNDO_SQL 1 true
flyway
exits 0 'flyway: an UNDO row'
like "$out" '^done: 1 applied, 2 already applied' 'flyway: does, too'
is "$(rows 'version, type' | tail -1)" '2|SQL' 'flyway: and the version is applied anew'
put 10 0 '<< Flyway Schema Creation >>' SCHEMA NULL true
sql "UPDATE $history SET version = NULL WHERE installed_rank = 10"
flyway
like "$out" '^done: 0 applied, 3 already' 'flyway: a SCHEMA row is none of a migration'
put 11 4 'lost' SQL 4 true
flyway
exits 6 'flyway: a row without a file'
sql "DELETE FROM $history WHERE installed_rank = 11"
put 12 3 'broken' SQL 3 false
file V3__broken.sql <<<'CREATE TABLE t3 (id int);'
flyway
exits 6 'flyway: a row without success'
like "$err" 'Flyway left 3 unfinished' 'flyway: stops'
dunlin -u "$url" -d "$dir" --layout flyway adopt
exits 6 'flyway: it is not adopted'
if [ "$engine" = mariadb ]; then
    fresh_db
    layout_folder flyway db/migration
    layout_load "$samples/flyway/tracking-mysql-failed.sql"
    file V4__bad.sql <<<'SELECT 1;'
    FLYWAY_PLACEHOLDERS_SEASON=2026 flyway
    exits 6 'flyway: the row that Flyway wrote when it failed'
    case_name
    printf 'CREATE TABLE t1 (id int);\nCREATE TABLE t1 (id int);\n' | file V1__bad.sql
    flyway
    exits 3 'flyway: a failure in the middle'
    is "$(rows 'version, success')" '1|0' 'flyway: leaves the row that Flyway leaves'
    like "$err" 'state: at least 1 of 2 statements .* its row .* not finished' 'flyway: and says so'
    flyway
    exits 6 'flyway: and stops the next run, as it stops Flyway'
fi

case_name
file V1__apart.sql <<<'CREATE TABLE t1 (id int);'
echo executeInTransaction=false >"$dir/V1__apart.sql.conf"
flyway
exits 0 'flyway: executeInTransaction=false'
is "$(rows 'version, type, script, success')" "$(sql "SELECT '1', 'SQL', 'V1__apart.sql', success FROM $history")" \
    'flyway: one row, with success'
is "$(sql "SELECT count(*) FROM $history WHERE success")" 1 'flyway: which is finished'
file V2__apart.sql <<<'CREATE TABLE t1 (id int);'
cp "$dir/V1__apart.sql.conf" "$dir/V2__apart.sql.conf"
flyway
not_ok 'flyway: one that fails outside a transaction' [ "$status" = 0 ]
is "$(sql "SELECT version FROM $history WHERE NOT success")" 2 'flyway: leaves a row without success'
like "$err" 'state: 0 of 1 statements .* its row .* not finished' 'flyway: and the error says so'
flyway
exits 6 'flyway: which stops the next run'

# ---- baseline scripts ----------------------------------------------------------------------------

case_name
numbers 1
file B2__base.sql <<<'this is no SQL'
flyway
exits 0 'flyway: a baseline script beside the files that it stands for'
rm "$dir"/[VU]1*
case_name
file B1__older.sql <<<'this is no SQL'
file B2__base.sql <<<'CREATE TABLE t2 (id int);'
numbers 3
flyway
exits 0 'flyway: a baseline script without them'
is "$(rows 'version, description, type, script')" "2|base|SQL_BASELINE|B2__base.sql
3|make t3|SQL|V3__make_t3.sql" 'flyway: runs first'
flyway
like "$out" '^done: 0 applied, 2 already' 'flyway: once'

# ---- callbacks -----------------------------------------------------------------------------------

case_name
file V1__log.sql <<<'CREATE TABLE log (word varchar(80));'
up_as flyway
echo 'flyway.placeholders.word=all' >"$work/project/flyway.conf"
file beforeMigrate__note.sql <<<"INSERT INTO log VALUES ('before \${word}');"
file beforeEachMigrate.sql <<<"INSERT INTO log VALUES ('before each');"
file afterEachMigrate.sql <<<"INSERT INTO log VALUES ('after each');"
file afterMigrate.sql <<<"INSERT INTO log VALUES ('after all');"
file beforeClean.sql <<<'this is no SQL'
file V2__word.sql <<<"INSERT INTO log VALUES ('two');"
up_as flyway
exits 0 'flyway: callbacks'
is "$(sql 'SELECT word FROM log')" "before all
before each
two
after each
after all" 'flyway: at their moments, placeholders replaced'
file afterMigrate__more.sql <<<'SELECT 1;'
up_as flyway
exits 65 'flyway: two callbacks at one moment'
like "$err" 'afterMigrate.sql' 'flyway: are named'
rm "$dir/afterMigrate__more.sql"
file afterVersioned.sql <<<'SELECT 1;'
up_as flyway
exits 65 'flyway: a callback that dunlin has no moment for'
like "$err" 'afterVersioned.sql' 'flyway: is named'
up_as flyway --unnumbered ignore
exits 0 'flyway: and passed over when wanted'

case_name
numbers 1
flyway_long=$(printf 'x%.0s' {1..250})
flyway_long=$flyway_long/$flyway_long/$flyway_long/$flyway_long
mkdir -p "$dir/$flyway_long"
echo 'CREATE TABLE deep (id int);' | file real.txt
ln -s ../../../../real.txt "$dir/$flyway_long/V2__b.sql"
up_as flyway
exits 0 'flyway: a path of 1013 bytes, which is a link'
ok 'flyway: to what it names' sql 'SELECT * FROM deep'
ln -s /etc/passwd "$dir/$flyway_long/V3__x.sql"
up_as flyway
exits 65 'flyway: such a link that leaves the folder'
like "$err" 'x/\.\./V3__x.sql is a symbolic link that leaves the folder' 'flyway: is named'
rm "$dir/$flyway_long/V3__x.sql"
: >"$dir/$flyway_long/V3__whose_path_is_longer.sql"
up_as flyway
exits 65 'flyway: a path that is too long'
like "$err" "$dir/x+/\.\./V3__whose_path_is_longer\.sql has a path" 'flyway: is named from where it begins to where it ends'
like "$err" '^hint: .* 1023 bytes' 'flyway: with how long it may be'

case_name
file V1__log.sql <<<'CREATE TABLE log (word varchar(4000));'
file V2__own.sql <<<"INSERT INTO log VALUES ('\${flyway:workingDirectory}'); INSERT INTO log VALUES ('\${flyway:timestamp}');"
up_as flyway
exits 0 'flyway: placeholders of its own'
is "$(sql "SELECT word FROM log WHERE word LIKE '/%'")" "$PWD" 'flyway: where it was started'
like "$(sql "SELECT word FROM log WHERE word NOT LIKE '/%'")" '^20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$' \
    'flyway: and when'
if [ "$(id -u)" = 0 ]; then
    echo 'flyway.placeholders.who=somebody' >"$dir/flyway.conf"
    file V3__who.sql <<<"INSERT INTO log VALUES ('\${who}');"
    chown 12345 "$dir/flyway.conf"
    up_as flyway
    exits 65 'flyway: settings of somebody else are not followed'
    chown 12345 "$dir"
    up_as flyway
    exits 0 "flyway: those of the folder's owner are"
fi

# ---- other languages -----------------------------------------------------------------------------

case_name
numbers 1
file V2__Code.java <<<'class Code {}'
printf '#!/bin/sh\necho done\n' | file V3__script.sh
up_as flyway
exits 65 'flyway: migrations in other languages'
like "$err" 'V2__Code.java' 'flyway: are named'
like "$err" 'V3__script.sh' 'flyway: scripts, too'
up_as flyway --foreign-code skip
exits 0 'flyway: and passed over when wanted'
like "$out" '^done: 1 applied' 'flyway: the others run'
rm "$dir/V2__Code.java"
chmod +x "$dir/V3__script.sh"
up_as flyway --foreign-code exec --allow-exec
exits 0 'flyway: a script is run as a program when wanted'
is "$(sql 'SELECT version FROM dunlin_migrations ORDER BY version')" "1
3" 'flyway: by its version'

# ---- who is asked --------------------------------------------------------------------------------

auto() {
    dunlin -u "$url" -d "$dir" status
}

case_name
file V1__a.sql <<<'SELECT 1;'
auto
exits 78 'flyway: names that may be of two tools'
like "$err" 'flyway .* or refinery' 'flyway: are asked about'
for evidence in 'R__r.sql' 'V1.2__b.sql' 'V2__b-c.sql' 'V1__a.sql.conf' 'U1__a.sql' '../../pom.xml' '../../flyway.conf'; do
    : >"$dir/$evidence"
    auto
    exits 0 "flyway: is told by $evidence"
    rm "$dir/$evidence"
done
mkdir "$dir/2026"
mv "$dir/V1__a.sql" "$dir/2026/V1.1__a.sql"
auto
exits 0 'flyway: is told by names in a folder of the folder'
like "$out$err" Flyway 'flyway: status says so'
rm -r "$dir"/*
file 1_a.sql <<<'SELECT 1;'
file R__a.sql <<<'SELECT 1;'
auto
exits 0 'flyway: a repeatable migration alone is also of dunlin'

# ---- its lock ------------------------------------------------------------------------------------

if [ "$engine" != sqlite ]; then
    case_name
    numbers 1
    mkfifo "$work/hold"
    client <"$work/hold" >"$work/held" 2>&1 &
    holder=$!
    exec 7>"$work/hold"
    if [ "$engine" = postgres ]; then
        # .. and that of a table with a quote in its name, and what Java has as two halves
        echo 'BEGIN; SELECT pg_advisory_xact_lock(77433833903597), pg_advisory_xact_lock(77432970691827);' >&7
        is_held() { [ "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")" = 2 ]; }
    else
        # the name for a database called shop is the one of the specification
        sql 'CREATE DATABASE IF NOT EXISTS shop'
        db=shop url=${url%/*}/shop
        echo "SELECT GET_LOCK('Flyway--1695041341', 0);" >&7
        is_held() { [ "$(sql "SELECT IS_USED_LOCK('Flyway--1695041341') IS NOT NULL")" = 1 ]; }
    fi
    wait_until 10 is_held
    flyway --lock-wait 100ms
    exits 5 'flyway: waits while Flyway is at work'
    like "$err" 'Flyway is at work' 'flyway: and says so'
    if [ "$engine" = postgres ]; then
        flyway --lock-wait 100ms --layout-table 'fl"y🐝'
        exits 5 'flyway: also in a table of such a name'
    fi
    exec 7>&-
    wait "$holder"
    flyway
    exits 0 'flyway: and goes on when it is done'
fi
