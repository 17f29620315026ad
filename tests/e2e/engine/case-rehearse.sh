# SPDX-License-Identifier: MIT
# plan --execute: everything runs, is reported statement by statement, and nothing of it stays.
dump() {
    case $engine in
    sqlite) sqlite3 "$work/$db.db" .dump ;;
    postgres)
        pg_dump -h "$(url_part host)" -p "$(url_part port)" -U "$(url_part user)" "$db" |
            grep -v '^\\\(un\)\?restrict '
        ;;
    mariadb)
        mariadb-dump --no-defaults --skip-comments --skip-dump-date --routines --triggers \
            -h "$(url_part host)" -P "$(url_part port)" -u "$(url_part user)" "$db"
        ;;
    esac
}
rehearse() {
    dunlin -u "$url" -d "$dir" plan --execute "$@"
}

# Where schema changes commit by themselves: changes of rows only, and nothing that a rollback would
# not undo.
rehearse_rows() {
rehearse
exits 65 "rehearse: a schema change is refused"
like "$err" '1_start.sql:1:1: .*on this engine this statement commits by itself' "rehearse: with place and reason"
is "$(sql 'SHOW TABLES')" "" "rehearse: nothing ran"
up
exits 0 "rehearse: up, for the tables"
sql 'CREATE TABLE refused (id integer)'

mkdir "$dir/hooks"
for hook in before_all before_each after_each after_all; do
    printf "INSERT INTO logs VALUES ('%s');\n" "$hook" >"$dir/hooks/$hook.sql"
done
printf "SET time_zone = '+01:00', @dunlin_test = 1;\n" >"$dir/hooks/connect.sql"
file 2_more.sql <<'S'
-- migrate:up
START TRANSACTION;
INSERT INTO logs VALUES ('a;b'), ('c'), ('into');
UPDATE users SET name = 'x' WHERE id = 1;
COMMIT;
-- migrate:verify
SELECT count(*) = 3 FROM logs WHERE what NOT LIKE '%e%' AND what NOT LIKE '%l%';
S
file 3_rest.sql <<'S'
-- migrate:up lock-timeout:2s
REPLACE INTO users VALUES (2, 'jim');
DELETE FROM users WHERE id = 1;
SELECT name FROM users;
S
dump >"$work/before"
rehearse
exits 0 "rehearse: changes of rows"
like "$out" '^rehearsed 2_more ' "rehearse: a line for each migration"
like "$out" '2_more.sql:3: INSERT INTO logs .*  [0-9.]+ (ms|s), 3 rows$' "rehearse: time and rows of a statement"
like "$out" '3_rest.sql:4: SELECT name FROM users  [0-9.]+ (ms|s), 1 row$' "rehearse: in the state that those before it left"
like "$out" '^done: 2 rehearsed and rolled back, 1 already applied in ' "rehearse: counted"
is "$(dump)" "$(cat "$work/before")" "rehearse: the database is as it was, row for row"
rehearse --json
exits 0 "rehearse: as JSON"
like "$out" '"event":"statement_end".*"rows":3.*"micros":[0-9]' "rehearse: an event for each statement"
dunlin -u "$url" -d "$dir" up --dry-run=execute 1
exits 0 "rehearse: up --dry-run=execute"
is "$(dump)" "$(cat "$work/before")" "rehearse: changes nothing either"

printf "INSERT INTO logs VALUES ('y');\nINSERT INTO nowhere VALUES (1);\n" >"$dir/4_bad.sql"
rehearse
exits 2 "rehearse: fails as up would"
like "$err" '4_bad.sql:2:1: ' "rehearse: with the place"
like "$err" 'nothing was changed: this was a rehearsal' "rehearse: and the truth"
is "$(dump)" "$(cat "$work/before")" "rehearse: also then nothing stays"

refused() { # STATEMENT: stands in line 2, column 3 of a migration that is pending
    printf "INSERT INTO logs VALUES ('y');\n  %s;\n" "$1" >"$dir/4_bad.sql"
    rehearse
    exits 65 "rehearse: refused: $1"
    like "$err" '4_bad.sql:2:3: ' "rehearse: with the place"
}
refused 'CREATE TABLE t (id integer)'
refused 'DROP TABLE refused'
refused 'TRUNCATE refused'
refused 'CREATE TEMPORARY TABLE t (id integer)'
refused 'ANALYZE TABLE refused'
refused 'LOCK TABLES refused WRITE'
refused 'CALL nothing()'
refused 'SET @x = 1'
refused "LOAD DATA INFILE '/nowhere' INTO TABLE refused"
refused "SELECT 1 INTO OUTFILE '$work/out'"
refused '/*!40000 INSERT */ INTO refused VALUES (1)'
refused 'INSERT IGNORE INTO mysql.time_zone (Use_leap_seconds) VALUES (1)'
refused 'DELETE FROM `mysql`.`time_zone`'
printf 'DELIMITER //\n  INSERT INTO refused VALUES (1); DROP TABLE refused //\n' >"$dir/4_bad.sql"
rehearse
exits 65 "rehearse: several statements under one delimiter"
like "$err" '4_bad.sql:2:3: ' "rehearse: have a place"
printf -- '-- migrate:up\nDELETE FROM refused;\n-- migrate:verify\nOPTIMIZE TABLE refused;\n' >"$dir/4_bad.sql"
rehearse
exits 65 "rehearse: a verify section is looked into"
like "$err" '4_bad.sql:4:1: ' "rehearse: by place"
printf -- '-- migrate:up transaction:off\nDELETE FROM refused;\n' >"$dir/4_bad.sql"
rehearse
exits 65 "rehearse: what runs outside a transaction"
printf 'CREATE TABLE t (id integer);\n' >"$dir/hooks/after_all.sql"
rm "$dir/4_bad.sql"
rehearse
exits 65 "rehearse: a hook is looked into"
like "$err" 'after_all.sql:1:1: ' "rehearse: by place, too"
rm "$dir/hooks/after_all.sql"
printf 'SET autocommit = 0;\n' >"$dir/hooks/connect.sql"
rehearse
exits 65 "rehearse: a connect hook that would commit between two migrations"
rm "$dir/hooks/connect.sql"
sql "INSERT INTO dunlin_migrations (source, version, name, kind, status, started_at)
    SELECT source, '2', 'more', kind, 'running', started_at FROM dunlin_migrations"
rehearse
exits 65 "rehearse: a migration that a run before ended in"
like "$err" '2_more.sql cannot be rehearsed: a run before ended in it' "rehearse: with the reason"
sql "DELETE FROM dunlin_migrations WHERE status = 'running'"
is "$(dump)" "$(cat "$work/before")" "rehearse: none of these ran"

# Tables that no rollback brings back.
for table in "$db.old" "elsewhere.old"; do
    sql "CREATE DATABASE IF NOT EXISTS ${table%.old}; CREATE TABLE $table (id integer) ENGINE = MyISAM"
    dump >"$work/before"
    rehearse
    exits 64 "rehearse: refused beside a table without transactions: $table"
    like "$err" "nothing can be rehearsed beside $table: .*\(engine MyISAM\)" "rehearse: with its name and engine"
    is "$(dump)" "$(cat "$work/before")" "rehearse: nothing ran"
    unlike "$err" '^detail' "rehearse: the only one"
    sql "DROP TABLE $table"
done
sql "CREATE TABLE elsewhere.old (id integer) ENGINE = MyISAM; CREATE TABLE elsewhere.older (id integer) ENGINE = MyISAM"
rehearse
like "$err" '^detail: it is one of 2 such tables$' "rehearse: one of two"
sql "DROP TABLE elsewhere.old, elsewhere.older"

# One that is not to be seen is only noticed by the server.
sql "CREATE TABLE elsewhere.hidden (id integer) ENGINE = MyISAM"
sql "CREATE TRIGGER users_hidden AFTER DELETE ON users FOR EACH ROW INSERT INTO elsewhere.hidden VALUES (OLD.id)"
sql "CREATE USER narrow@'%'; GRANT ALL ON $db.* TO narrow@'%'"
all=$url
url=$(printf %s "$url" | sed "s|//[^@]*@|//narrow@|")
rehearse
exits 3 "rehearse: a trigger that writes to a table without transactions"
like "$err" 'the server did not undo all of it' "rehearse: is told of"
is "$(sql 'SELECT count(*) FROM elsewhere.hidden')|$(sql 'SELECT count(*) FROM users')" "2|2" "rehearse: the rest was undone"
printf 'INSERT INTO nowhere VALUES (1);\n' >"$dir/4_bad.sql"
rehearse
exits 3 "rehearse: also behind a failure"
rm "$dir/4_bad.sql"
url=$all
sql "DROP TRIGGER users_hidden; DROP DATABASE elsewhere"
up
exits 0 "rehearse: up works afterwards"
is "$(sql 'SELECT id, name FROM users')" "2|jim" "rehearse: and does what was rehearsed"

fresh_db
sql 'CREATE TABLE t (id integer)'
file 1_data.sql <<'S'
INSERT INTO t VALUES (1);
S
rehearse
exits 64 "rehearse: refused where the history table would have to be created"
like "$err" 'before there is a history table: creating it would commit' "rehearse: with the reason"
like "$err" 'run "dunlin up" first' "rehearse: and a way out"
is "$(sql 'SHOW TABLES')|$(sql 'SELECT count(*) FROM t')" "t|0" "rehearse: nothing ran"
}

fresh_db
file 1_start.sql <<'S'
CREATE TABLE users (id integer NOT NULL PRIMARY KEY, name varchar(40));
INSERT INTO users VALUES (1, 'ada'), (2, 'jo');
CREATE TABLE logs (what varchar(20) NOT NULL);
S
if [ "$engine" = mariadb ]; then
    rehearse_rows
    return 0
fi
dump >"$work/before"
echo 'CREATE TABLE base (id integer);' >"$work/base.sql"
dunlin -u "$url" -d "$dir" up --dry-run=execute --baseline-schema "$work/base.sql"
exits 65 "rehearse: a base schema that would be loaded first"
like "$err" 'base.sql.*: a base schema is loaded before all else' "rehearse: is refused by name"
rehearse
exits 0 "rehearse: an empty database"
like "$out" '^done: 1 rehearsed and rolled back, 0 already applied in ' "rehearse: the last line"
is "$(dump)" "$(cat "$work/before")" "rehearse: not even the history table is there"
up
exits 0 "rehearse: up works afterwards"

mkdir "$dir/hooks"
for hook in before_all before_each after_each after_all; do
    printf "INSERT INTO logs VALUES ('%s');\n" "$hook" >"$dir/hooks/$hook.sql"
done
file 2_more.sql <<'S'
BEGIN;
CREATE TABLE notes (id integer NOT NULL PRIMARY KEY);
INSERT INTO notes VALUES (1), (2), (3);
UPDATE users SET name = 'x' WHERE id = 1;
COMMIT;
-- migrate:verify
SELECT count(*) = 3 FROM notes
S
sed -i '1i -- migrate:up' "$dir/2_more.sql"
file 3_alter.sql <<'S'
ALTER TABLE users ADD COLUMN age integer;
CREATE INDEX users_name ON users (name);
S
dump >"$work/before"
rehearse
exits 0 "rehearse: two migrations"
like "$out" '^rehearsed 2_more ' "rehearse: a line for each migration"
like "$out" '2_more.sql:4: INSERT INTO notes .*  [0-9.]+ (ms|s), 3 rows$' "rehearse: time and rows of a statement"
like "$out" '2_more.sql:3: CREATE TABLE notes .*  [0-9.]+ (ms|s)$' "rehearse: the time alone where there are no rows"
like "$out" '3_alter.sql:1: ALTER TABLE users ADD COLUMN age integer' "rehearse: statements with their places"
like "$out" '^done: 2 rehearsed and rolled back, 1 already applied in ' "rehearse: counted"
is "$(dump)" "$(cat "$work/before")" "rehearse: the database is as it was, row for row"
rehearse --json
exits 0 "rehearse: as JSON"
like "$out" '"event":"statement_end".*"rows":3.*"micros":[0-9]' "rehearse: an event for each statement"
like "$out" '"event":"done","rehearsed":2,"already_applied":1' "rehearse: and one at the end"
dunlin -u "$url" -d "$dir" up --dry-run=execute 1
exits 0 "rehearse: up --dry-run=execute"
like "$out" '^done: 1 rehearsed' "rehearse: with its limit"
is "$(dump)" "$(cat "$work/before")" "rehearse: changes nothing either"

file 4_bad.sql <<'S'
CREATE TABLE bad (id integer);
INSERT INTO nowhere VALUES (1);
S
rehearse
exits 2 "rehearse: fails as up would"
like "$err" '4_bad.sql:2' "rehearse: with the place"
like "$err" 'nothing was changed: this was a rehearsal' "rehearse: and the truth"
is "$(dump)" "$(cat "$work/before")" "rehearse: also then nothing stays"
file 4_bad.sql <<'S'
-- migrate:up
CREATE TABLE bad (id integer);
-- migrate:verify
SELECT 1 = 0;
S
rehearse
exits 2 "rehearse: verify sections are run"
file 4_bad.sql <<'S'
-- migrate:up
CREATE TABLE bad (id integer);
-- migrate:verify
SELECT 1 = 1;
  COMMIT;
S
rehearse
exits 65 "rehearse: a verify section that would end the transaction"
like "$err" '4_bad.sql:5:3' "rehearse: has the place"
is "$(dump)" "$(cat "$work/before")" "rehearse: nothing was committed"
file 4_bad.sql <<'S'
-- migrate:up transaction:off
CREATE TABLE bad (id integer);
S
rehearse
exits 65 "rehearse: what runs outside a transaction is refused"
like "$err" '4_bad.sql.* cannot be rehearsed' "rehearse: by name"
printf -- '-- migrate:up transaction:off\nCREATE TABLE bad (id integer);\n  COMMIT;\nCREATE TABLE worse (id integer);\n' >"$dir/4_bad.sql"
rehearse
exits 65 "rehearse: what ends a transaction of its own"
like "$err" '4_bad.sql:3:3: .*this statement would end the transaction' "rehearse: has its place"
file 4_bad.sql <<'S'
VACUUM;
S
rehearse
exits 65 "rehearse: a statement that cannot run in a transaction"
like "$err" '4_bad.sql:1:1' "rehearse: has its place"
is "$(dump)" "$(cat "$work/before")" "rehearse: and nothing ran before it"
rm "$dir/4_bad.sql"
printf 'COMMIT;\n' >"$dir/hooks/after_all.sql"
rehearse
exits 65 "rehearse: a hook that would end the transaction"
rm "$dir/hooks/after_all.sql"
printf 'BEGIN;\nSELECT 1;\nCOMMIT;\n' >"$dir/hooks/connect.sql"
rehearse
exits 65 "rehearse: a connect hook that would end it between two migrations"
rm "$dir/hooks/connect.sql"
is "$(dump)" "$(cat "$work/before")" "rehearse: neither has run"
sql "INSERT INTO dunlin_migrations (source, version, name, kind, status, started_at)
    SELECT source, '2', 'more', kind, 'running', started_at FROM dunlin_migrations"
rehearse
exits 65 "rehearse: a migration that a run before ended in"
like "$err" '2_more.sql cannot be rehearsed: a run before ended in it' "rehearse: with the reason"
sql "DELETE FROM dunlin_migrations WHERE status = 'running'"
printf '#!/bin/sh\n' >"$dir/5_program"
chmod +x "$dir/5_program"
rehearse --allow-exec
exits 65 "rehearse: a program cannot be rehearsed"
rm "$dir/5_program"

if [ "$engine" = sqlite ]; then
    fresh_db
    mkdir "$dir/hooks"
    printf 'PRAGMA foreign_keys = ON;\n' >"$dir/hooks/connect.sql"
    file 1_p.sql <<'S'
CREATE TABLE p (id integer PRIMARY KEY);
CREATE TABLE c (id integer PRIMARY KEY, p integer REFERENCES p (id) ON DELETE CASCADE);
INSERT INTO p VALUES (1);
INSERT INTO c VALUES (1, 1);
S
    up
    file 2_rebuild.sql <<'S'
-- migrate:up foreign-keys:off
CREATE TABLE p2 (id integer PRIMARY KEY, name text);
INSERT INTO p2 SELECT id, 'x' FROM p;
DROP TABLE p;
ALTER TABLE p2 RENAME TO p;
-- migrate:verify
SELECT count(*) = 1 FROM c;
S
    dump >"$work/before"
    rehearse
    exits 0 "rehearse: a rebuild with foreign keys off"
    like "$err" 'a migration switches foreign keys off' "rehearse: says what that means here"
    is "$(dump)" "$(cat "$work/before")" "rehearse: leaves everything"
    file 2_rebuild.sql <<'S'
-- migrate:up foreign-keys:off
DELETE FROM p;
S
    rehearse
    exits 2 "rehearse: rows that lost their parent are found"
    like "$err" '2_rebuild.sql, rows of table c break a foreign key' "rehearse: with the table"
    is "$(dump)" "$(cat "$work/before")" "rehearse: and brought back"

    # Without connect hook nobody else would switch them on again.
    rm "$dir"/2_rebuild.sql "$dir/hooks/connect.sql"
    file 3_orphan.sql <<'S'
INSERT INTO c VALUES (9, 9);
S
    dunlin -u "$url?foreign_keys=on" -d "$dir" plan --execute
    exits 2 "rehearse: foreign keys are in force"
    rm "$dir/3_orphan.sql"

    mkfifo "$work/holder"
    sqlite3 -batch "$work/$db.db" <"$work/holder" >"$work/holds" &
    holder=$!
    exec 9>"$work/holder"
    printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&9
    wait_until 10 grep -q 1 "$work/holds"
    file 4_more.sql <<'S'
CREATE TABLE more (id integer);
S
    rehearse --lock-wait 1ms
    exits 5 "rehearse: somebody else is writing"
    like "$err" 'nothing was changed: this was a rehearsal' "rehearse: nothing was run"
    printf 'COMMIT;\n' >&9
    exec 9>&-
    wait "$holder"
    rm "$work/holder"
    rehearse
    exits 0 "rehearse: and has ended"

    # Connect hooks run again between two migrations, here in the transaction.
    printf 'PRAGMA synchronous = NORMAL;\nPRAGMA journal_mode = WAL;\n' >"$dir/hooks/connect.sql"
    file 5_most.sql <<'S'
CREATE TABLE most (id integer);
S
    rehearse
    exits 0 "rehearse: a connect hook with what cannot run in a transaction"
    up --transaction all
    exits 0 "rehearse: nor is it in the way of the transaction that stays"
    is "$(sql 'SELECT count(*) FROM more, most')" 0 "rehearse: and everything is there"
    return 0
fi

# PostgreSQL: what a statement does to tables that were there.
fresh_db
file 1_t.sql <<'S'
CREATE TABLE t (id integer NOT NULL PRIMARY KEY, a varchar(10), b integer);
CREATE TABLE u (id integer);
CREATE TABLE v (t integer);
INSERT INTO t VALUES (1, 'x', 2);
S
up
file 2_locks.sql <<'S'
ALTER TABLE t ADD COLUMN c integer DEFAULT 1;
ALTER TABLE t ALTER COLUMN b TYPE bigint;
ALTER TABLE t ALTER COLUMN b SET NOT NULL;
ALTER TABLE t ADD CONSTRAINT ck CHECK (b > 0) NOT VALID;
ALTER TABLE t VALIDATE CONSTRAINT ck;
INSERT INTO u VALUES (1);
CREATE TABLE fresh (id integer);
CREATE INDEX ON u (id);
REINDEX INDEX t_pkey;
ALTER TABLE v ADD FOREIGN KEY (t) REFERENCES t (id);
TRUNCATE v;
DROP TABLE u;
COPY t (id, b) FROM STDIN;
7	7
8	8
\.
SELECT 1;
S
dump >"$work/before"
rehearse
exits 0 "rehearse: locks"
detail() { # of the statement that begins so
    printf '%s\n' "$out" | grep -A1 -F ": $1" | sed -n '2s/^      //p'
}
is "$(detail 'ALTER TABLE t ADD COLUMN')" "t: AccessExclusiveLock" "rehearse: an added column: the lock alone"
like "$(detail 'ALTER TABLE t ALTER COLUMN b TYPE')" '\<t: .*rewritten' "rehearse: a rewrite"
is "$(detail 'ALTER TABLE t ALTER COLUMN b SET')" "t: scanned" "rehearse: a scan, even of one row"
like "$(detail 'ALTER TABLE t VALIDATE')" 'scanned' "rehearse: validating scans"
is "$(detail 'INSERT INTO u')" "u: RowExclusiveLock" "rehearse: a row lock"
unlike "$out" 'fresh: ' "rehearse: nothing of what it made itself"
like "$(detail 'CREATE INDEX ON u')" 'u: ShareLock' "rehearse: an index without CONCURRENTLY"
like "$(detail 'DROP TABLE u')" 'u: AccessExclusiveLock' "rehearse: a dropped table keeps its name"
like "$(detail 'REINDEX INDEX t_pkey')" 't_pkey: rebuilt' "rehearse: an index that is built again"
like "$(detail 'ALTER TABLE v ADD FOREIGN')" 't: .*ShareRowExclusiveLock; v: .*ShareRowExclusiveLock, scanned' "rehearse: each table that is locked"
like "$(detail 'TRUNCATE v')" 'v: AccessExclusiveLock, .*rewritten' "rehearse: a lock and what was done under it"
like "$out" 'COPY t .*  [0-9.]+ (ms|s), 2 rows' "rehearse: COPY data"
is "$(dump)" "$(cat "$work/before")" "rehearse: the database is as it was"
like "$(rehearse --json; printf '%s' "$out")" '"detail":"t: AccessExclusiveLock"' "rehearse: locks in JSON"
file 3_cic.sql <<'S'
CREATE INDEX CONCURRENTLY i ON t (a);
S
rehearse
exits 65 "rehearse: CONCURRENTLY is refused"
like "$err" '3_cic.sql:1:1.*' "rehearse: before anything runs"

# Refused for what a hook says, or as another runner came between: here the first hook.
fresh_db
printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
up
printf 'INSERT INTO t VALUES (1);\n' >"$dir/2_t.sql"
mkdir "$dir/hooks"
printf 'VACUUM;\n' >"$dir/hooks/after_each.sql"
dunlin -u "$url" -d "$dir" plan --execute
exits 65 "rehearse: a hook that cannot run in a transaction"
like "$err" 'hooks/after_each.sql:1:1: .*cannot be rehearsed: (this statement cannot run in a transaction|on this engine)' \
    "rehearse: a hook that cannot run in a transaction: its place"
rm "$dir/hooks/after_each.sql"
printf "INSERT INTO dunlin_migrations (source, version, name, kind, status, statements_done, statements_total, started_at)
    SELECT 'main', '2', 't', kind, 'applied', 1, 1, started_at FROM dunlin_migrations WHERE version = '1';\n" >"$dir/hooks/before_all.sql"
dunlin -u "$url" -d "$dir" plan --execute
exits 5 "rehearse: another runner was first"
like "$err" 'another dunlin was at work on this database at the same time' "rehearse: another runner was first: says so"
is "$(sql 'SELECT version FROM dunlin_migrations')" 1 "rehearse: another runner was first: nothing stays"
