# SPDX-License-Identifier: MIT
# --statement-timeout, and timeout: of a section, end a statement that takes too long.
fresh_db
case $engine in
postgres) slow='SELECT pg_sleep(30)' ;;
mariadb) slow='INSERT INTO t SELECT count(*) FROM information_schema.COLUMNS a, information_schema.COLUMNS b, information_schema.COLUMNS c' ;;
sqlite) slow='WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n' ;;
esac
printf 'CREATE TABLE t (id bigint);\n' >"$dir/1_t.sql"
printf 'INSERT INTO t VALUES (1);\n%s;\n' "$slow" >"$dir/2_slow.sql"
up --statement-timeout 300ms
exits 2 "timeouts: --statement-timeout"
like "$err" '2_slow.sql:2:1: .*(timeout|max_statement_time)' "timeouts: names the statement"
is "$(sql 'SELECT count(*) FROM t')" 0 "timeouts: and the migration is undone"
printf -- '-- migrate:up timeout:300ms\nINSERT INTO t VALUES (1);\n%s;\n' "$slow" >"$dir/2_slow.sql"
up
exits 2 "timeouts: timeout: of a section"
printf 'INSERT INTO t VALUES (2);\n' >"$dir/2_slow.sql"
up --statement-timeout 60s
exits 0 "timeouts: one that is not reached"
