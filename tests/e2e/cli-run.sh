#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The life of a small project, and the exact words at each step. On SQLite.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
[[ " $DUNLIN_TEST_DRIVERS " == *" sqlite "* ]] || skip_all "the sqlite driver is not built"
export DUNLIN_URL=sqlite:app.db

# Times differ from run to run: a duration becomes T, a date D.
plain() {
    sed -E -e 's/ +([0-9]+ ms|[0-9.]+ s|[0-9]+ min [0-9]+ s)( |$)/ T\2/' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}/D/' -e 's/ +$//' \
        -e 's/(took|D T) +/\1  /' <<<"$1"
}
# says EXIT TEXT NAME: the last run's exit code and standard output, and no word on standard error.
says() {
    exits "$1" "$3: exit code $1"
    is "$(plain "$out")" "$2" "$3"
    is "$err" "" "$3: nothing on standard error"
}

dunlin new 'create users'
says 0 migrations/0001_create_users.sql "new"
dunlin new add_email --pair
says 0 "migrations/0002_add_email.up.sql
migrations/0002_add_email.down.sql" "new --pair"
dunlin add notes --timestamp -q
says 0 "" "new -q"
rm -f migrations/[0-9]*_notes.sql
EDITOR='echo "CREATE VIEW names AS SELECT name FROM users;" >' run "$DUNLIN" generate names --edit
exits 0 "new --edit"
mv migrations/0003_names.sql migrations/R__names.sql
like "$(cat migrations/R__names.sql)" 'CREATE VIEW' "new --edit runs the editor on the file"
cat >migrations/R__names.sql <<'S'
DROP VIEW IF EXISTS names;
CREATE VIEW names AS SELECT name FROM users;
S
EDITOR=false run "$DUNLIN" new never --edit
exits 2 "new --edit with a failing editor"
like "$err" '^state: migrations/0003_never.sql was created and is there$' "says that the file is there"
rm migrations/0003_never.sql
cat >migrations/0001_create_users.sql <<'S'
-- Description: the people
-- migrate:up
CREATE TABLE users (id integer PRIMARY KEY, name text);
INSERT INTO users (name) VALUES ('Ada');
-- migrate:down
DROP TABLE users;
S
echo 'ALTER TABLE users ADD COLUMN email text;' >migrations/0002_add_email.up.sql
echo 'ALTER TABLE users DROP COLUMN email;' >migrations/0002_add_email.down.sql

dunlin status
says 0 "version   state    applied at (UTC)  took  description
0001      pending                          the people
0002      pending                          add_email
R__names  pending                          names
3 migrations: 3 pending" "status of an empty database"
dunlin status --check
exits 1 "status --check with something pending"
dunlin plan
says 0 "up  0001_create_users  2 statements  transaction
up  0002_add_email     1 statement   transaction
up  R__names           2 statements  transaction
plan: 3 to apply, 0 already applied" "plan"
text=$out
dunlin up --dry-run
says 0 "$text" "up --dry-run is plan"
dunlin up -n 1
says 0 "up  0001_create_users  2 statements  transaction
plan: 1 to apply, 0 already applied" "up -n 1"
dunlin up 1
says 0 "applied   0001_create_users T
done: 1 applied, 0 already applied, 3 total in T" "up 1"
dunlin up --to 2
says 0 "applied   0002_add_email T
done: 1 applied, 1 already applied, 3 total in T" "up --to"
dunlin migrate
says 0 "applied   R__names T  2 statements
done: 1 applied, 2 already applied, 3 total in T" "migrate is up"
dunlin deploy
says 0 "done: 0 applied, 3 already applied, 3 total in T" "nothing to do"
dunlin status --check
exits 0 "status --check with nothing pending"
dunlin info
says 0 "version   state    applied at (UTC)     took  description
0001      applied  D T  the people
0002      applied  D T  add_email
R__names  applied  D T  names
3 migrations: 3 applied" "status"
dunlin status --pending
says 0 "0 migrations" "status --pending with nothing pending"
dunlin apply -q
says 0 "" "up -q"

echo 'SELECT 1;' >>migrations/R__names.sql
dunlin status --pending
like "$out" '^R__names  changed ' "a changed repeatable is pending"
dunlin up
is "$(plain "$out")" "applied   R__names T  3 statements
done: 1 applied, 2 already applied, 3 total in T" "and runs again"

dunlin rollback
exits 0 "down"
like "$out" '^reverted  0002_add_email ' "down reverts the newest one"
like "$out" '^done: 1 reverted, [0-9]+ still applied in [0-9]+\.[0-9]{2} s$' "and counts"
dunlin down --all
exits 0 "down --all"
like "$out" '^reverted  0001_create_users ' "down --all goes on to the first"
dunlin up
exits 0 "up again"

dunlin up -v
says 0 "done: 0 applied, 3 already applied, 3 total in T" "up -v with nothing to do"
printf 'CREATE TABLE a (id integer);\nCREATE TABEL b (id integer);\n' >migrations/0005_wrong.sql
dunlin up -v
exits 2 "a failing migration"
is "$(plain "$out")" "failed    0005_wrong T" "names the migration that failed"
like "$err" '^error: migrations/0005_wrong.sql:2:8: near "TABEL": syntax error \[1\]$' "the place and the message"
like "$err" '^     2 \| CREATE TABEL b \(id integer\);$' "the line"
like "$err" '^       \|        \^$' "the caret"
like "$err" '^state: nothing of migrations/0005_wrong.sql is in the database' "what is in the database"
like "$err" '^next: ' "the next step"
like "$err" '^  1/2 migrations/0005_wrong.sql:1: CREATE TABLE a \(id integer\)' "-v shows statements"
dunlin status
like "$out" '^0005      pending ' "and it is pending as before"

# Several folders: the label is told.
rm migrations/0005_wrong.sql
mkdir extra
echo 'CREATE TABLE extra (id integer);' >extra/1_x.sql
dunlin up -d migrations -d extra
like "$out" '^applied   extra/1_x ' "up tells the label where there are several"
dunlin status -d migrations -d extra
like "$out" '^source  version ' "status too"
like "$out" '^extra   1 ' "and which is which"

dunlin drivers
exits 0 "drivers"
like "$out" '^sqlite$' "lists the driver"
like "$out" '^  client +SQLite [0-9.]+$' "and its client library"
mkdir bad
echo 'not a module' >bad/broken.so
DUNLIN_DRIVER_PATH=bad run "$DUNLIN" drivers
exits 0 "drivers with a broken one"
like "$out" "^  path +$work/bad/broken.so$" "is told with its absolute path"
like "$out" '^  refused +.' "and the reason"

dunlin up -u "postgres://u:secret@127.0.0.1:1/db?connect_timeout=1"
unlike "$out$err" secret "a password is not printed"
dunlin up -u nope:x
exits 4 "no driver for the scheme"
done_testing
