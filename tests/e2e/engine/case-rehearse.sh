# SPDX-License-Identifier: MIT
# plan --execute: everything runs, is reported statement by statement, and nothing of it stays.
dump() {
    case $engine in
    sqlite) sqlite3 "$work/$db.db" .dump ;;
    postgres)
        pg_dump -h "$(url_part host)" -p "$(url_part port)" -U "$(url_part user)" "$db" |
            grep -v '^\\\(un\)\?restrict '
        ;;
    esac
}
rehearse() {
    dunlin -u "$url" -d "$dir" plan --execute "$@"
}

fresh_db
file 1_start.sql <<'S'
CREATE TABLE users (id integer NOT NULL PRIMARY KEY, name varchar(40));
INSERT INTO users VALUES (1, 'ada'), (2, 'jo');
CREATE TABLE logs (what varchar(20) NOT NULL);
S
if [ "$engine" = mariadb ]; then
    rehearse
    exits 64 "rehearse: refused where schema changes commit by themselves"
    like "$err" 'commit by themselves' "rehearse: with the reason"
    is "$(sql 'SHOW TABLES')" "" "rehearse: nothing ran"
    return 0
fi
dump >"$work/before"
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
like "$out" '2_more.sql:4: INSERT INTO notes .*, 3 rows' "rehearse: rows of a statement"
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
-- migrate:up transaction:off
CREATE TABLE bad (id integer);
S
rehearse
exits 65 "rehearse: what runs outside a transaction is refused"
like "$err" '4_bad.sql.* cannot be rehearsed' "rehearse: by name"
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
    return 0
fi

# PostgreSQL: what a statement does to tables that were there.
fresh_db
file 1_t.sql <<'S'
CREATE TABLE t (id integer NOT NULL PRIMARY KEY, a varchar(10), b integer);
CREATE TABLE u (id integer);
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
like "$out" 'COPY t .*2 rows' "rehearse: COPY data"
is "$(dump)" "$(cat "$work/before")" "rehearse: the database is as it was"
like "$(rehearse --json; printf '%s' "$out")" '"detail":"t: AccessExclusiveLock"' "rehearse: locks in JSON"
file 3_cic.sql <<'S'
CREATE INDEX CONCURRENTLY i ON t (a);
S
rehearse
exits 65 "rehearse: CONCURRENTLY is refused"
like "$err" '3_cic.sql:1:1.*' "rehearse: before anything runs"
