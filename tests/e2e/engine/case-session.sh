# SPDX-License-Identifier: MIT
# What one migration leaves behind in the session does not reach the next, nor the history table.
fresh_db
case $engine in
postgres)
    sql 'CREATE SCHEMA elsewhere; CREATE ROLE reader'
    sql 'GRANT CREATE ON SCHEMA elsewhere TO reader; GRANT USAGE ON SCHEMA public TO reader'
    printf "SELECT set_config('search_path', '', false);\n" >"$dir/1_path.sql"
    printf "SET search_path = elsewhere;\n" >"$dir/2_path.sql"
    printf "SET ROLE reader;\n" >"$dir/3_role.sql"
    printf "SET statement_timeout = '1ms'; SET default_transaction_read_only = on;\n" >"$dir/4_set.sql"
    printf "SELECT pg_advisory_unlock_all();\n" >"$dir/5_unlock.sql"
    ;;
mariadb)
    sql "CREATE DATABASE ${db}_other"
    printf "USE ${db}_other;\n" >"$dir/1_use.sql"
    printf "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';\n" >"$dir/2_mode.sql"
    printf "SET foreign_key_checks = 0; SET NAMES latin1; SET time_zone = '+05:00';\n" >"$dir/3_set.sql"
    printf "SET autocommit = 0;\n" >"$dir/4_auto.sql"
    printf "DO RELEASE_ALL_LOCKS();\n" >"$dir/5_unlock.sql"
    ;;
sqlite)
    printf "PRAGMA writable_schema = on;\n" >"$dir/1_schema.sql"
    printf "PRAGMA legacy_alter_table = on;\n" >"$dir/2_legacy.sql"
    printf "PRAGMA defer_foreign_keys = on;\n" >"$dir/3_defer.sql"
    printf "ATTACH 'other.db' AS other;\nCREATE TABLE other.lands_there (id integer);\n" >"$dir/4_attach.sql"
    printf "ATTACH 'other.db' AS other;\n" >"$dir/5_again.sql"
    ;;
esac
printf "CREATE TABLE lands_here (id integer NOT NULL PRIMARY KEY, name varchar(20));\n" >"$dir/6_table.sql"
printf 'INSERT INTO lands_here VALUES (1, '"'it''s'"');\n' >"$dir/7_row.sql"
up
exits 0 "session: seven migrations, five of which leave something behind"
is "$(sql 'SELECT name FROM lands_here')" "it's" "session: the next ones run where they belong"
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 7 "session: and so does the history"
if [ "$engine" = mariadb ]; then
    is "$(sql "SELECT TIMESTAMPDIFF(MINUTE, MIN(started_at), MAX(applied_at)) FROM dunlin_migrations")" 0 \
        "session: times stay UTC"
fi

fresh_db
mkdir "$dir/hooks"
case $engine in
postgres) printf 'CREATE SCHEMA IF NOT EXISTS app;\nSET search_path = app;\n' >"$dir/hooks/connect.sql" ;;
mariadb) printf 'SET foreign_key_checks = 0;\n' >"$dir/hooks/connect.sql" ;;
sqlite) printf 'PRAGMA foreign_keys = on;\n' >"$dir/hooks/connect.sql" ;;
esac
printf 'CREATE TABLE one (id integer NOT NULL PRIMARY KEY);\n' >"$dir/1_one.sql"
printf 'CREATE TABLE two (id integer NOT NULL PRIMARY KEY, one_id integer, FOREIGN KEY (one_id) REFERENCES one (id));\n' \
    >"$dir/2_two.sql"
printf 'INSERT INTO two VALUES (1, 99);\n' >"$dir/3_orphan.sql"
up
case $engine in
postgres)
    exits 2 "session: hooks/connect.sql"
    is "$(sql "SELECT count(*) FROM pg_tables WHERE schemaname = 'app'")" 3 \
        "session: what a connect hook sets holds for every migration"
    ;;
mariadb) exits 0 "session: what a connect hook sets holds for every migration" ;;
sqlite) exits 2 "session: what a connect hook sets holds for every migration" ;;
esac
