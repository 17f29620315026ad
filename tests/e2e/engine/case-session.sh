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

# A migration that lets go of the run lock: the next one has it again.
busy_is_locked() {
    case $engine in
    postgres) test "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 'busy'::regclass AND granted")" = 1 ;;
    mariadb) test -n "$(sql "SHOW OPEN TABLES FROM $db WHERE In_use > 0 AND \`Table\` = 'busy'")" ;;
    esac
}
eighth_is_applied() {
    test "$(sql "SELECT status FROM dunlin_migrations WHERE version = '8'")" = applied
}
if [ "$engine" != sqlite ]; then
    fresh_db
    sql 'CREATE TABLE busy (id integer)'
    sql 'CREATE TABLE held (at_version integer, n integer)'
    case $engine in
    postgres)
        own="SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        printf 'SELECT pg_advisory_unlock_all();\n' >"$dir/1_unlock.sql"
        printf 'DISCARD ALL;\n' >"$dir/3_discard.sql"
        # One that is not the run lock: the server then counts the lock twice.
        printf 'SELECT pg_advisory_unlock(42);\n' >"$dir/5_other.sql"
        printf 'DO $$ BEGIN PERFORM pg_advisory_unlock_all(); END $$;\n' >"$dir/7_block.sql"
        ;;
    mariadb)
        name=dunlin-$(printf 'dunlin\n%s\ndunlin_migrations' "$db" | sha256sum | cut -c1-40)
        own="SELECT IS_USED_LOCK('$name') = CONNECTION_ID()"
        printf 'SELECT RELEASE_ALL_LOCKS();\n' >"$dir/1_unlock.sql"
        printf 'DO RELEASE_LOCK("%s");\n' "$name" >"$dir/3_release.sql"
        printf 'DO RELEASE_LOCK("another");\n' >"$dir/5_other.sql"
        printf "PREPARE s FROM 'SELECT RELEASE_ALL_LOCKS()';\nEXECUTE s;\n" >"$dir/7_text.sql"
        ;;
    esac
    for v in 2 4 6 8; do
        printf 'INSERT INTO held VALUES (%d, (%s));\n' $v "$own" >"$dir/${v}_held.sql"
    done
    printf 'DELETE FROM busy;\n' >"$dir/9_wait.sql"
    mkfifo "$work/hold.lock"
    client <"$work/hold.lock" >/dev/null &
    holder=$!
    exec 7>"$work/hold.lock"
    case $engine in
    postgres) printf 'BEGIN; LOCK TABLE busy;\n' >&7 ;;
    mariadb) printf 'LOCK TABLES busy WRITE;\n' >&7 ;;
    esac
    wait_until 30 busy_is_locked
    "$DUNLIN" -u "$url" -d "$dir" up --json --lock-timeout 10m >"$work/held.json" 2>&1 </dev/null 7>&- &
    first=$!
    wait_until 30 eighth_is_applied || diag "$(cat "$work/held.json")"
    up --lock-wait 0s
    exits 5 "session: the lock that a migration let go of keeps others out again"
    like "$err" 'another dunlin is at work' "session: as ever"
    exec 7>&-
    wait "$holder"
    wait "$first"
    is "$?" 0 "session: the run that let go of it goes on to its end"
    is "$(sql 'SELECT at_version, n FROM held ORDER BY 1')" "$(printf '2|1\n4|1\n6|1\n8|1')" \
        "session: and held it in each migration behind"
    is "$(grep -c '"event":"lock_held"' "$work/held.json")" 5 "session: taken once for each"
    is "$(grep -c "you don't own a lock" "$work/held.json")" "$([ "$engine" = postgres ] && echo 1 || echo 0)" \
        "session: and released without a complaint beside that of the migration itself"

    # A server counts how often a session took the lock: a program that keeps its connection open
    # after a run has to let go of it as often.
    fresh_db
    case $engine in
    postgres) printf 'SELECT pg_advisory_unlock(42);\n' >"$dir/1_other.sql" ;;
    mariadb) printf 'DO RELEASE_LOCK("another");\n' >"$dir/1_other.sql" ;;
    esac
    printf 'SELECT 1;\n' >"$dir/2_more.sql"
    cp -r "$dir" "$work/more"
    printf 'SELECT 2;\n' >"$work/more/3_later.sql"
    run "$abs_top_builddir/tests/support/embed" "$url" "$dir" "'$DUNLIN' -u '$url' -d '$work/more' up --lock-wait 0s"
    exits 0 "session: the library lets go of the lock while its connection stays open"
    like "$out" '^done: 1 applied, 2 already' "session: so that another run can work"
fi

# A server that turns the connection away with the first thing that it is asked.
if [ "$engine" = mariadb ]; then
    fresh_db
    printf 'CREATE TABLE a (id integer);\n' >"$dir/1_a.sql"
    sql "CREATE USER plain@'%'; GRANT ALL ON $db.* TO plain@'%'; SET GLOBAL init_connect = 'nonsense', GLOBAL autocommit = 0"
    all=$url
    url=$(printf %s "$url" | sed "s|//[^@]*@|//plain@|")
    up
    exits 4 "session: init_connect that fails"
    sql "SET GLOBAL init_connect = ''"
    up
    exits 0 "session: autocommit is off on the server"
    url=$all
    sql "SET GLOBAL autocommit = 1; DROP USER plain@'%'"
    is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 1 "session: autocommit is off on the server: recorded all the same"
fi
