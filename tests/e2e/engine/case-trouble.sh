# SPDX-License-Identifier: MIT
# What the world does to a run: no room, no rights, a database that may not be written, a server that
# is away for a while. A clear error with the right exit code, nothing changed that is not told, and
# once it is mended the next run finishes.
trouble_folder() {
    fresh_db
    printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
    printf 'CREATE TABLE u (id integer);\nINSERT INTO t VALUES (2);\n' >"$dir/2_u.sql"
    printf 'INSERT INTO t VALUES (3);\n' >"$dir/3_t.sql"
}

# After mending: the next run finishes, and each migration is in effect once.
mended() { # NAME
    up
    exits 0 "trouble: $1: the next run finishes"
    is "$(sql 'SELECT id FROM t ORDER BY id' | paste -sd,)" 2,3 "trouble: $1: each ran once"
}

# Rows that need some megabytes, in a migration of their own.
large_migration() { # FILE
    {
        echo 'CREATE TABLE large (text text);'
        for _ in 1 2 3; do
            printf "INSERT INTO large VALUES ('%01000000d');\n" 0
        done
    } >"$dir/$1"
}

trouble_umount() {
    umount "$work/small" && rmdir "$work/small"
}

# ---- no room ---------------------------------------------------------------------------------

# A small file system; only root can have one. What is not possible here is said, not passed over.
small_filesystem() { # SIZE [OPTION...]
    mkdir -p "$work/small"
    [ "$(id -u)" = 0 ] && mount -t tmpfs -o "size=$1${2:+,$2}" none "$work/small" 2>/dev/null
}

trouble_sqlite_full() {
    if ! small_filesystem 1m; then
        tap_result ok "trouble: disk full # SKIP mounting a file system needs root"
        return
    fi
    local database=$work/small/$db.db
    ln -s "$database" "$work/$db.db"
    url="sqlite:$database"
    large_migration 2_large.sql
    rm "$dir/2_u.sql"
    up
    exits 2 "trouble: disk full: exit code"
    like "$err" '(2_large.sql:|error: ).*database or disk is full' "trouble: disk full: is what it says"
    like "$err" 'nothing of .*2_large.sql is in the database' "trouble: disk full: and what is there"
    like "$err" 'next: make room, then: dunlin up' "trouble: disk full: and what to do"
    is "$(sql "SELECT version || status FROM dunlin_migrations")" 1applied "trouble: disk full: what came before it stays"
    is "$(sql 'PRAGMA integrity_check')" ok "trouble: disk full: the file is whole"
    mount -o remount,size=20m "$work/small"
    printf 'INSERT INTO t VALUES (2);\n' >"$dir/4_t.sql"
    mended "disk full"
    mount -o remount,ro "$work/small"
    printf 'INSERT INTO t VALUES (5);\n' >"$dir/5_t.sql"
    up
    exits 2 "trouble: read-only file system: exit code"
    like "$err" 'readonly database|unable to open database file' "trouble: read-only file system: is what it says"
    dunlin -u "$url" -d "$dir" status
    exits 0 "trouble: read-only file system: it can be looked at"
    trouble_umount
}

# A tablespace of its own for the rows: the server itself has to go on.
trouble_postgres_full() {
    if ! small_filesystem 2m mode=777; then
        tap_result ok "trouble: disk full # SKIP mounting a file system needs root"
        return
    fi
    local owner
    chmod 755 "$work"
    owner=$(stat -c %U "$DUNLIN_TEST_SOCKET")
    mkdir "$work/small/space"
    chown "$owner" "$work/small/space"
    sql "CREATE TABLESPACE small$db LOCATION '$work/small/space'"
    {
        echo "CREATE TABLE large (text text) TABLESPACE small$db;"
        echo "INSERT INTO large SELECT repeat(md5(i::text), 20) FROM generate_series(1, 20000) i;"
    } >"$dir/2_large.sql"
    rm "$dir/2_u.sql"
    up
    exits 2 "trouble: disk full: exit code"
    like "$err" '2_large.sql:2:1: could not (extend|write).*53100' "trouble: disk full: is what it says"
    like "$err" 'next: make room, then: dunlin up' "trouble: disk full: and what to do"
    is "$(sql "SELECT version || status FROM dunlin_migrations")" 1applied "trouble: disk full: what came before it stays"
    mount -o remount,size=50m "$work/small"
    printf 'INSERT INTO t VALUES (2);\n' >"$dir/4_t.sql"
    mended "disk full"
    sql 'DROP TABLE large'
    sql "DROP TABLESPACE small$db"
    trouble_umount
}

# ---- no rights -------------------------------------------------------------------------------

as_user() { # NAME: the URL with that user
    printf %s "$url" | sed "s,//[^@]*@,//$1@,"
}

may_use_all() {
    case $engine in
    postgres) sql "GRANT ALL ON SCHEMA public TO $1" >/dev/null ;;
    mariadb) sql "GRANT ALL ON $db.* TO $1@'%'" ;;
    esac
}

trouble_rights() {
    local user=poor$db root=$url
    case $engine in
    postgres)
        sql "CREATE USER $user"
        sql 'REVOKE CREATE ON SCHEMA public FROM public'
        ;;
    mariadb)
        sql "CREATE USER $user@'%'"
        sql "GRANT SELECT, INSERT ON $db.* TO $user@'%'"
        ;;
    esac
    url=$(as_user "$user")
    up
    exits 2 "trouble: no right to create: exit code"
    like "$err" 'history table .* cannot be created' "trouble: no right to create: what cannot be done"
    like "$err" '^detail: .*(permission denied|denied)' "trouble: no right to create: and why"
    case $engine in
    postgres) is "$(sql "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")" 0 "trouble: no right to create: nothing is changed" ;;
    mariadb) is "$(sql 'SHOW TABLES')" '' "trouble: no right to create: nothing is changed" ;;
    esac
    may_use_all "$user"
    mended "no right to create"

    # One that is lost in the middle: by the second migration, before its end.
    fresh_db
    root=$url
    url=$(as_user "$user")
    may_use_all "$user"
    printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
    printf 'CREATE TABLE u (id integer);\nINSERT INTO t VALUES (2);\n' >"$dir/2_u.sql"
    mkdir "$dir/hooks"
    case $engine in
    postgres)
        sql "CREATE FUNCTION revoke_it() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS \$\$ BEGIN REVOKE ALL ON SCHEMA public FROM $user; END \$\$"
        printf 'SELECT public.revoke_it();\nCREATE TABLE w (id integer);\n' >"$dir/3_revoked.sql"
        ;;
    mariadb)
        printf "DELIMITER //\nCREATE PROCEDURE revoke_it() SQL SECURITY DEFINER BEGIN REVOKE CREATE ON %s.* FROM %s@'%%'; END//\n" "$db" "$user" | client
        # It holds for who chooses the database anew.
        printf 'CALL revoke_it();\nUSE %s;\nCREATE TABLE w (id integer);\n' "$db" >"$dir/3_revoked.sql"
        ;;
    esac
    up
    like "$err" '3_revoked.sql:[23]:[0-9]+: .*denied' "trouble: a right that is lost: names the statement"
    like "$err" 'next: grant what is missing, or mend the file, then: dunlin up' "trouble: a right that is lost: and what to do"
    if [ "$engine" = postgres ]; then
        exits 2 "trouble: a right that is lost: rolled back"
        like "$err" 'nothing of .*3_revoked.sql is in the database' "trouble: a right that is lost: and told"
    else
        exits 3 "trouble: a right that is lost: what ran before it stays"
        like "$err" 'statements 1 to 2 of 3 are in the database and recorded' "trouble: a right that is lost: and told"
    fi
    may_use_all "$user"
    printf 'INSERT INTO t VALUES (3);\n' >"$dir/4_t.sql"
    if [ "$engine" = postgres ]; then
        printf 'CREATE TABLE w (id integer);\n' >"$dir/3_revoked.sql"
    fi
    mended "a right that is lost"
    url=$root
}

# ---- read-only -------------------------------------------------------------------------------

trouble_read_only() {
    local root=$url
    case $engine in
    sqlite)
        up 1
        url="$url?mode=ro"
        ;;
    postgres)
        up 1
        sql "ALTER DATABASE $db SET default_transaction_read_only = on"
        ;;
    mariadb)
        up 1
        sql "CREATE USER reader$db@'%'"
        sql "GRANT ALL ON $db.* TO reader$db@'%'"
        sql 'SET GLOBAL read_only = 1'
        url=$(as_user "reader$db")
        ;;
    esac
    up
    exits 2 "trouble: a database that refuses writes: exit code"
    like "$err" 'error: .*(read-?only)' "trouble: a database that refuses writes: is what it says"
    like "$err" 'next: make the database writable, then: dunlin up' "trouble: a database that refuses writes: and what to do"
    dunlin -u "$url" -d "$dir" status
    like "$out" '^2 +pending' "trouble: a database that refuses writes: can be looked at"
    url=$root
    case $engine in
    postgres) sql "SET default_transaction_read_only = off; ALTER DATABASE $db RESET default_transaction_read_only" ;;
    mariadb) sql 'SET GLOBAL read_only = 0' ;;
    esac
    mended "a database that refuses writes"
}

# ---- a server that is away -------------------------------------------------------------------

server_pids() {
    # By the program's name: this test has an engine in its own.
    ps -o pid= -o comm= --ppid "$DUNLIN_TEST_SERVER_OWNER" |
        awk '$2 == "postgres" || $2 == "mysqld" || $2 == "mariadbd" { print $1 }'
    [ "$engine" != postgres ] || sql 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()'
}

# It stops for five seconds, as a machine that swaps or migrates does: a run only takes longer.
trouble_stopped() {
    local pids runner
    printf '%s;\n' "$1" >>"$dir/2_u.sql"
    "$DUNLIN" -u "$url" -d "$dir" up >"$work/stop.out" 2>"$work/stop.err" </dev/null &
    runner=$!
    wait_until 60 applied_version 1
    pids=$(server_pids)
    # shellcheck disable=SC2086
    kill -STOP $pids
    sleep 5
    # shellcheck disable=SC2086
    kill -CONT $pids
    wait "$runner"
    is "$?" 0 "trouble: a server that stands still for 5 seconds: the run goes on"
    mended "a server that stands still"
}

applied_version() {
    [ "$(sql "SELECT status FROM dunlin_migrations WHERE version = '$1'")" = applied ]
}

# It dies and comes back five seconds later.
trouble_restarted() {
    local crashes runner
    case $engine in # the test servers do not wait for the disk
    postgres) url="$url?options=-csynchronous_commit%3Don" ;;
    mariadb) sql "SET GLOBAL innodb_flush_log_at_trx_commit = 1" ;;
    esac
    printf '%s;\n' "$1" >"$dir/2_u.sql"
    "$DUNLIN" -u "$url" -d "$dir" up >"$work/stop.out" 2>"$work/stop.err" </dev/null &
    runner=$!
    wait_until 60 applied_version 1
    crashes=$(cat "$DUNLIN_TEST_CRASHES" 2>/dev/null | wc -l)
    kill -USR1 "$DUNLIN_TEST_SERVER_OWNER"
    wait "$runner"
    status=$?
    err=$(cat "$work/stop.err")
    out=$(cat "$work/stop.out")
    wait_until 60 eval '[ "$(cat "$DUNLIN_TEST_CRASHES" 2>/dev/null | wc -l)" -gt '"$crashes"' ]'
    like "$status" '^[23]$' "trouble: a server that dies: exit code"
    is "$(grep -c '^error: ' "$work/stop.err")" 1 "trouble: a server that dies: one error"
    like "$err" '^state: ' "trouble: a server that dies: what is in the database"
    like "$err" '^next: dunlin ' "trouble: a server that dies: what to do"
    up
    if [ "$status" = 3 ]; then # MariaDB: the statement in doubt did nothing but wait
        like "$err" 'next: dunlin resume --skip' "trouble: a server that dies: what is in doubt is asked"
        dunlin -u "$url" -d "$dir" resume
    fi
    printf 'INSERT INTO t VALUES (2);\n' >"$dir/4_t.sql"
    mended "a server that dies"
}

trouble_folder
case $engine in
sqlite) trouble_sqlite_full ;;
postgres) trouble_postgres_full ;;
esac
trouble_folder
trouble_read_only
if [ "$engine" != sqlite ]; then
    trouble_folder
    trouble_rights
    case $engine in
    postgres) slow='SELECT pg_sleep(4)' ;;
    mariadb) slow='DO SLEEP(4)' ;;
    esac
    trouble_folder
    trouble_stopped "$slow"
    trouble_folder
    trouble_restarted "$slow"
fi
