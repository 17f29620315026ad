# SPDX-License-Identifier: MIT
# Tolerant start-up: what exists is passed over, what is missing is waited for; only on request.
fresh_db
sql 'CREATE TABLE old (id integer NOT NULL PRIMARY KEY)'
file 1_old.sql <<'S'
CREATE TABLE old (id integer NOT NULL PRIMARY KEY);
CREATE TABLE fresh (id integer NOT NULL PRIMARY KEY);
ALTER TABLE fresh ADD COLUMN a integer;
ALTER TABLE fresh ADD COLUMN a integer;
INSERT INTO fresh (id) VALUES (1);
S
file 2_needs.sql <<'S'
-- migrate:up tolerate:missing
CREATE TABLE before_it (id integer NOT NULL PRIMARY KEY);
INSERT INTO comes_later VALUES (1);
S
file 3_after.sql <<'S'
CREATE TABLE after_it (id integer NOT NULL PRIMARY KEY);
S
up
exits 2 "tolerant: nothing is tolerated without the option"
up --tolerate exists
exits 0 "tolerant: --tolerate exists"
like "$out" '^done: 2 applied, 0 already applied, 3 total, 1 deferred, 2 skipped in ' \
    "tolerant: counts what was deferred and skipped"
like "$err" '1_old.sql:1: passed over: ' "tolerant: notes the statement that was passed over"
like "$err" '2_needs.sql:3: deferred until the next run: ' "tolerant: warns of what waits"
is "$(sql 'SELECT count(*) FROM fresh')" 1 "tolerant: the statements behind it ran"
is "$(sql 'SELECT count(*) FROM after_it')" 0 "tolerant: and the migrations behind it"
is "$(sql "SELECT status FROM dunlin_migrations WHERE version = '2'")" deferred \
    "tolerant: the history says deferred"
[ "$engine" = mariadb ] ||
    not_ok "tolerant: nothing of the deferred one is there" sql 'SELECT count(*) FROM before_it'
dunlin -u "$url" -d "$dir" status
like "$out" '^2 +deferred' "tolerant: status shows it"
up --tolerate exists
exits 0 "tolerant: still missing"
like "$out" '^done: 0 applied, 2 already applied, 3 total, 1 deferred in ' "tolerant: still waits"
file 4_old.sql <<'S'
CREATE TABLE old (id integer NOT NULL PRIMARY KEY);
S
up --tolerate exists --json
like "$(tail -n 1 <<<"$out")" '"event":"done","applied":1,"already_applied":2,"total":4,.*"deferred":1,"skipped":1,' \
    "tolerant: JSON: counts them too"
sql 'CREATE TABLE comes_later (id integer NOT NULL PRIMARY KEY)'
up
exits 0 "tolerant: the next run tries again"
like "$out" '^done: 1 applied, 3 already applied, 4 total in ' "tolerant: and applies it"
is "$(sql 'SELECT count(*) FROM comes_later')" 1 "tolerant: once"

fresh_db
file 1_wrong.sql <<'S'
CREATE TABLE t (id integer NOT NULL PRIMARY KEY);
INSERT INTO t VALUES (1);
INSERT INTO t VALUES (1);
S
up --tolerate exists,missing
[ "$engine" = mariadb ] && want=3 || want=2
exits $want "tolerant: any other error fails"
