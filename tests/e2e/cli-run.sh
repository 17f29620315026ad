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
mkdir tools
printf '#!/bin/sh\necho "SELECT 1;" >"$1"\n' >tools/vi
chmod +x tools/vi
PATH=$work/tools:$PATH run env -u EDITOR VISUAL= "$DUNLIN" new by_vi --edit
is "$status $(cat migrations/0003_by_vi.sql)" "0 SELECT 1;" "new --edit: vi, where no other editor is named"
rm migrations/0003_by_vi.sql
# A parent that ignores SIGCHLD hands that on, and then the system forgets how a child ended.
if env --ignore-signal=CHLD true 2>/dev/null; then
    EDITOR=true run env --ignore-signal=CHLD "$DUNLIN" new names --edit
    exits 0 "new --edit below a parent that ignores SIGCHLD"
    EDITOR=false run env --ignore-signal=CHLD "$DUNLIN" new never --edit
    exits 2 "new --edit: a failing editor there"
    rm migrations/000[34]_*
    mkdir programs
    printf '#!/bin/sh\ntrue\n' >programs/1_good.sh
    printf '#!/bin/sh\nexit 3\n' >programs/2_bad.sh
    chmod +x programs/*
    run env --ignore-signal=CHLD "$DUNLIN" -u sqlite:programs.db -d programs up --allow-exec
    exits 3 "programs below a parent that ignores SIGCHLD"
    like "$out" '^applied +1_good' "one that succeeds is applied"
    like "$err" '^error: programs/2_bad.sh ended with status 3$' "and how another one ended is known"
fi
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
DUNLIN_DRIVER_PATH=bad run "$DUNLIN" drivers --json
like "$out" '"name":"broken","path":"[^"]*/bad/broken.so","usable":false,"error":\{"message":' "in JSON, too"
mkdir none
DUNLIN_DRIVER_PATH=none run "$DUNLIN" drivers
is "$status $out" "0 no drivers are installed" "drivers: none at all"
DUNLIN_DRIVER_PATH=none run "$DUNLIN" check --no-db --dialect sqlite
exits 4 "check --no-db: the dialect is the driver's"
run env -u DUNLIN_DRIVER_PATH "$DUNLIN" drivers
exits 0 "drivers: where they are installed"
ln -s loop loop
DUNLIN_DRIVER_PATH=loop run "$DUNLIN" drivers
exits 4 "drivers: a link to itself"
like "$err" "^error: $work/loop: the driver folder cannot be read$" "drivers: a link to itself: says so"
for i in {10..44}; do echo 'not a module' >"bad/m$i.so"; done
DUNLIN_DRIVER_PATH=bad:bad run "$DUNLIN" drivers
is "$(grep -c '^  refused' <<<"$out")" 36 "drivers: a folder of many, named twice, is listed once"
(
    mkdir "$work/gone"
    cd "$work/gone" && rmdir "$work/gone"
    DUNLIN_DRIVER_PATH=lib exec "$DUNLIN" drivers
) >"$work/.out" 2>"$work/.err"
is "$? $(tail -n 1 "$work/.err")" "78 error: DUNLIN_DRIVER_PATH is relative, and the working folder is gone" \
    "drivers: relative to a folder that is gone"

# -q: what is asked for by the exit code alone.
printf -- '-- Description: edited\n-- migrate:up\nSELECT 2;\n' >migrations/0001_create_users.sql
dunlin check -q
is "$status $out" "1 " "check -q: the exit code only"
dunlin status -q
is "$status $out" "0 " "status -q"
rm migrations/*
mkdir quiet
echo 'SELECT 1;' >quiet/2_b.sql
dunlin up -q -d quiet -u sqlite:quiet.db
echo 'SELECT 1;' >quiet/1_a.sql
dunlin convert -q --no-db --dialect sqlite -d quiet --to quiet2
is "$status $out $(ls quiet2 | tr '\n' ' ')" "0  1_a.sql 2_b.sql " "convert -q"
dunlin renumber -q -d quiet -u sqlite:quiet.db
is "$status $out $(ls quiet | tr '\n' ' ')" "0  2_b.sql 3_a.sql " "renumber -q"

dunlin up -u "postgres://u:secret@127.0.0.1:1/db?connect_timeout=1"
unlike "$out$err" secret "a password is not printed"
dunlin up -u nope:x
exits 4 "no driver for the scheme"
done_testing
