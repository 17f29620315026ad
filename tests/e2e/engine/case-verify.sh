# SPDX-License-Identifier: MIT
# Verify sections of what is applied, required tables, and the time for a whole run.
fresh_db
file 1_users.sql <<'S'
-- migrate:up
CREATE TABLE users (id integer NOT NULL PRIMARY KEY);
-- migrate:verify
SELECT count(*) = 0 FROM users WHERE id < 0;
S
file 2_more.sql <<'S'
-- migrate:up
CREATE TABLE more (id integer NOT NULL PRIMARY KEY);
-- migrate:verify

SELECT count(*) = 0 FROM more;
SELECT 1;
S
dunlin -u "$url" -d "$dir" verify
exits 0 "verify: nothing is applied"
up
dunlin -u "$url" -d "$dir" verify
exits 0 "verify: everything is true"
is "$out" "verify: 0 findings, 3 queries of 2 migrations" "verify: and says how much"
sql "INSERT INTO more VALUES (1)"
dunlin -u "$url" -d "$dir" verify
exits 1 "verify: something is not"
like "$out" '^verify: .*2_more.sql:5:1: verify query 1 is not true$' "verify: with file and line"
like "$out" '^verify: 1 finding, 3 queries of 2 migrations$' "verify: and goes on"
sql "DROP TABLE users"
dunlin -u "$url" -d "$dir" verify --json
exits 1 "verify: a query that fails is a finding"
is "$(wc -l <<<"$out")" 1 "verify: JSON is one document"
like "$out" '"what":"verify","source":"main","version":"1".*"kind":"missing_table".*"line":4' \
    "verify: JSON tells which"
like "$out" '"version":"2".*"queries":3' "verify: JSON: and the next one"
is "$(sql 'SELECT count(*) FROM more')" 1 "verify: changes nothing"

# Required tables: after up and by verify, from the option, the environment and the config file.
case $engine in
postgres) schema=public ;;
mariadb) schema=$db ;;
sqlite) schema=main ;;
esac
up --required-tables "more, $schema.more"
exits 0 "required: they are there"
up --required-tables 'more, gone , other'
exits 1 "required: one is missing"
like "$out" '^done: 0 applied, 2 already applied' "required: what ran is told"
like "$err" '^error: the required table gone is missing$' "required: it is named"
like "$err" '^state: 1 more: the required table other is missing$' "required: and the next"
DUNLIN_REQUIRED_TABLES=gone up --json
exits 1 "required: from the environment"
like "$out" '"error":\{"message":"the required table gone is missing","exit_code":1,"kind":"missing_table"' \
    "required: JSON"
printf 'required_tables = more, gone\n' >"$work/required.conf"
dunlin -u "$url" -d "$dir" -c "$work/required.conf" verify
exits 1 "required: by verify, from the config file"
like "$out" '^table: the required table gone is missing$' "required: verify names it"
printf 'CREATE TABLE gone (id integer);\n' | file 3_gone.sql
dunlin -u "$url" -d "$dir" -c "$work/required.conf" up
exits 0 "required: a migration brings it"

# MIGRATION_TIMEOUT: stopped on the server, undone, and the next run works.
fresh_db
printf 'CREATE TABLE before_it (id integer);\n' | file 1_before.sql
case $engine in
postgres) printf 'CREATE TABLE slow (id integer);\nSELECT pg_sleep(60);\n' ;;
mariadb) printf 'CREATE TABLE slow (id integer);\nSELECT count(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c;\n' ;;
sqlite)
    printf 'CREATE TABLE slow (id integer);\nINSERT INTO slow WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT max(i) FROM n;\n'
    ;;
esac | file 2_slow.sql
MIGRATION_TIMEOUT=1500 up
case $engine in
mariadb) exits 3 "timeout: partly changed" ;;
*) exits 2 "timeout: rolled back" ;;
esac
like "$out" '^applied +1_before' "timeout: what came before stays"
like "$err" '^hint: the run was stopped after 1500 ms, as MIGRATION_TIMEOUT says$' "timeout: says why"
is "$(sql 'SELECT count(*) FROM dunlin_migrations WHERE status = '"'applied'")" 1 \
    "timeout: the history is true"
[ "$engine" = mariadb ] || not_ok "timeout: nothing of it is there" sql 'SELECT * FROM slow'
printf 'CREATE TABLE slow (id integer);\n' | file 2_slow.sql
[ "$engine" = mariadb ] || { MIGRATION_TIMEOUT=600000 up && exits 0 "timeout: no lock is left behind"; }

# DATABASE_SCHEMA and DATABASE_SSL.
if [ "$engine" = postgres ]; then
    sql 'CREATE SCHEMA "My app"'
    mkdir "$work/schema$db"
    printf 'CREATE TABLE inside (id integer);\n' >"$work/schema$db/1_inside.sql"
    printf 'CREATE TABLE inside2 (id integer);\n' >"$work/schema$db/2_inside.sql"
    DATABASE_SCHEMA='My app' dunlin -u "$url" -d "$work/schema$db" up
    exits 0 "DATABASE_SCHEMA"
    is "$(sql "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'My app'")" \
        "dunlin_migrations,inside,inside2" "DATABASE_SCHEMA: everything is in it, between two migrations too"
    sql 'CREATE SCHEMA "the ""other"" \one"'
    DATABASE_SCHEMA='the "other" \one' dunlin -u "$url?options=-cwork_mem%3D7MB" -d "$work/schema$db" up
    exits 0 "DATABASE_SCHEMA: any name, and a URL with options"
    is "$(sql "SELECT count(*) FROM pg_tables WHERE schemaname = 'the \"other\" \one'")" 3 "DATABASE_SCHEMA: that one"
    printf "SELECT 1 / (current_setting('work_mem') = '7MB')::integer;\n" >"$work/schema$db/3_option.sql"
    DATABASE_SCHEMA='My app' dunlin -u "$url?options=-cwork_mem%3D7MB" -d "$work/schema$db" up
    exits 0 "DATABASE_SCHEMA: the options of the URL stay"
    DATABASE_SSL=true dunlin -u "$url" -d "$dir" status
    exits 4 "DATABASE_SSL=true: this server has no TLS"
    DATABASE_SSL=true dunlin -u "$url?sslmode=disable" -d "$dir" status
    exits 0 "DATABASE_SSL: the URL goes before it"
elif [ "$engine" = mariadb ]; then
    sql 'CREATE DATABASE elsewhere'
    DATABASE_SCHEMA=elsewhere dunlin -u "$url" -d "$dir" up --to 1
    exits 0 "DATABASE_SCHEMA: the database"
    is "$(sql 'SELECT count(*) FROM elsewhere.dunlin_migrations')" 1 "DATABASE_SCHEMA: everything is in it"
    DATABASE_SCHEMA=elsewhere dunlin -u "${url%/*}" -d "$dir" status
    exits 0 "DATABASE_SCHEMA: a URL without a database"
    like "$out" '^1 +applied' "DATABASE_SCHEMA: it is the one"
    sql 'DROP DATABASE elsewhere'
    DATABASE_SSL=false dunlin -u "$url" -d "$dir" status
    exits 0 "DATABASE_SSL=false"
else
    DATABASE_SCHEMA=nowhere DATABASE_SSL=true dunlin -u "$url" -d "$dir" status
    exits 0 "DATABASE_SCHEMA, DATABASE_SSL: not for a file"
fi

# What stands in an applied file now, and a connection that breaks.
verify_now() { # text of the file's verify section and beyond on standard input
    { printf -- '-- migrate:up\nCREATE TABLE t (id integer);\n'; cat; } >"$dir/1_t.sql"
    sql "UPDATE dunlin_migrations SET checksum = 'v1:sha256:$(sha256sum <"$dir/1_t.sql" | cut -d' ' -f1)'"
    dunlin -u "$url" -d "$dir" verify
}
fresh_db
printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
up
verify_now < <(printf -- '-- migrate:verfy\nSELECT 1;\n')
exits 1 "verify: a file that cannot be read any more"
like "$out$err" '1_t.sql:3' "verify: a file that cannot be read any more: is a finding, with its place"
like "$out$err" '1 finding, 0 queries' "verify: a file that cannot be read any more: and the only one"
case $engine in
postgres)
    verify_now < <(printf -- '-- migrate:verify\nCOPY t FROM stdin;\n1\n\\.\nSELECT true;\n')
    exits 1 "verify: COPY"
    like "$out$err" '1_t.sql:4:1: COPY FROM STDIN has no data here' "verify: COPY: is a finding"
    like "$out$err" '1 finding, 2 queries' "verify: COPY: and what is behind its rows is asked"
    is "$(sql 'SELECT count(*) FROM t')" 0 "verify: COPY: writes nothing"
    verify_now < <(printf -- '-- migrate:verify\nSELECT pg_terminate_backend(pg_backend_pid());\nSELECT 1;\n')
    ;;
mariadb) verify_now < <(printf -- '-- migrate:verify\nKILL CONNECTION_ID();\nSELECT 1;\n') ;;
esac
if [ "$engine" != sqlite ]; then
    exits 2 "verify: a connection that breaks is no finding"
    like "$err" '^error: .*(terminating connection|Connection was killed)' "verify: a connection that breaks: says so"
    unlike "$out" 'finding' "verify: a connection that breaks: and nothing about the rest"
fi
