#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The variables of applications with migrators of their own, and lines for log collectors. On SQLite.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
[[ " $DUNLIN_TEST_DRIVERS " == *" sqlite "* ]] || skip_all "the sqlite driver is not built"
export DUNLIN_URL=sqlite:app.db
mkdir migrations
echo 'CREATE TABLE t (id integer);' >migrations/1_t.sql

for no in false 0 no off; do
    MIGRATION_AUTO_RUN=$no dunlin up
    exits 0 "MIGRATION_AUTO_RUN=$no"
    like "$err" '^notice: MIGRATION_AUTO_RUN is off: nothing is looked at and nothing is run$' \
        "MIGRATION_AUTO_RUN=$no: says so"
    not_ok "MIGRATION_AUTO_RUN=$no: does nothing" test -e app.db
done
MIGRATION_AUTO_RUN=false dunlin up --json
exits 0 "MIGRATION_AUTO_RUN: JSON"
like "$(tail -n 1 <<<"$out")" '"event":"done","applied":0' "MIGRATION_AUTO_RUN: JSON ends with done"
MIGRATION_AUTO_RUN=perhaps dunlin up
exits 78 "MIGRATION_AUTO_RUN: a wrong value"
echo 'MIGRATION_AUTO_RUN=no' >.env
dunlin up
not_ok "MIGRATION_AUTO_RUN in .env" test -e app.db
MIGRATION_AUTO_RUN=true dunlin status
exits 0 "MIGRATION_AUTO_RUN is for up only"
rm -f .env app.db

line='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z (INFO |WARN |ERROR) '
stamped() { # TEXT NAME: every line begins with time and level
    is "$(grep -Evc -e "$line" <<<"$1")" 0 "$2"
}
MIGRATION_AUTO_RUN=true dunlin up --log-format timestamp
exits 0 "--log-format timestamp"
stamped "$out" "--log-format: each line"
like "$out" 'Z INFO  applied   1_t' "--log-format: INFO"
printf -- '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n' >migrations/2_u.sql
dunlin up -q
printf -- '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 3;\n' >migrations/2_u.sql
DUNLIN_LOG_FORMAT=timestamp dunlin down
stamped "$out" "--log-format: down"
stamped "$err" "--log-format: standard error"
like "$err" 'Z WARN  warning: .*2_u.sql has another down section' "--log-format: WARN"
echo 'CREATE TABLE t (id integer);' >migrations/2_u.sql
dunlin up --log-format timestamp
exits 2 "--log-format: a failure"
stamped "$out" "--log-format: a failure: results"
stamped "$err" "--log-format: a failure: all lines of the error"
like "$err" 'Z ERROR error: migrations/2_u.sql:1:' "--log-format: ERROR"
dunlin status --log-format timestamp
like "$out" '^version ' "--log-format: lists stay lists"
dunlin up --log-format epoch
exits 64 "--log-format: a wrong value"
rm migrations/2_u.sql

MIGRATION_TIMEOUT=soon dunlin up
exits 78 "MIGRATION_TIMEOUT: a wrong value"
like "$err" '^error: MIGRATION_TIMEOUT must be a number of milliseconds$' "MIGRATION_TIMEOUT: says what it is"
MIGRATION_TIMEOUT=60000 dunlin up
exits 0 "MIGRATION_TIMEOUT: in time"
DATABASE_SSL=perhaps dunlin up
exits 78 "DATABASE_SSL: a wrong value"
printf 'required_tables = t, "weird"\n' >dunlin.conf
dunlin up
exits 1 "required_tables in dunlin.conf"
rm dunlin.conf
dunlin check --no-db --dialect sqlite
exits 0 "check --no-db"
is "$out" "check: 0 findings in 1 migration" "check --no-db: says so"
unset DUNLIN_URL
dunlin check --no-db --dialect sqlite
exits 0 "check --no-db: needs no URL"
done_testing
