# SPDX-License-Identifier: MIT
# A signal ends the running statement on the server too, rolls back, lets the lock go and records what
# is true; a second one changes nothing about that.
case $engine in
postgres) slow='SELECT pg_sleep(300)' ;;
mariadb) slow='INSERT INTO t SELECT SLEEP(300)' ;;
sqlite) slow='INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n' ;;
esac

# How many slow statements run on the server. SQLite is no server: there one shows in a file that
# grows, which rolling back makes small again. A journal alone may be that of a migration before it.
at_work() {
    case $engine in
    postgres) sql "SELECT count(*) FROM pg_stat_activity WHERE datname = '$db' AND state = 'active' AND wait_event = 'PgSleep'" ;;
    mariadb) sql "SELECT count(*) FROM information_schema.processlist WHERE db = '$db' AND id <> connection_id() AND info LIKE '%SLEEP(300)%'" ;;
    sqlite) find "$work" -name "$db.db" -size +4096k | wc -l | tr -d ' ' ;;
    esac
}
works() { [ "$(at_work)" != 0 ]; }
rests() { [ "$(at_work)" = 0 ]; }

locks_held() {
    case $engine in
    postgres) sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = '$db')" ;;
    mariadb) sql "SELECT count(*) FROM information_schema.processlist WHERE db = '$db' AND id <> connection_id()" ;;
    sqlite) sql 'BEGIN IMMEDIATE; ROLLBACK' >/dev/null 2>&1 && echo 0 ;;
    esac
}
lock_is_free() { [ "$(locks_held)" = 0 ]; }

# In the background, as $runner. A background command of a shell without job control would start with
# SIGINT ignored, and so does all that was started by one.
not_ignored=
env --default-signal=INT true 2>/dev/null && not_ignored='env --default-signal=INT'
begin_up() { # [NAME OF THE OUTPUT [OPTION...]]
    local name=${1:-int}
    shift $(($# > 0))
    rm -f "$work/$name.out" "$work/$name.err" # what is waited for is not what the last one said
    set -m
    # shellcheck disable=SC2086
    $not_ignored "$DUNLIN" -u "$url" -d "$dir" up "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null &
    runner=$!
    set +m
}

# Interrupts it while its slow statement is at work; its exit code is left in $status.
interrupt() { # NAME SIGNAL...
    local name=$1 signal
    shift
    ok "interrupt: $name: it is at work" wait_until 60 works
    for signal; do
        kill -"$signal" "$runner"
    done
    wait "$runner"
    status=$?
    err=$(cat "$work/int.err")
    out=$(cat "$work/int.out")
    exits 130 "interrupt: $name: exit code"
    ok "interrupt: $name: nothing runs on the server any more" wait_until 10 rests
    ok "interrupt: $name: the lock is free" wait_until 10 lock_is_free
}

for signals in INT TERM 'INT INT' 'TERM INT TERM'; do
    fresh_db
    printf 'CREATE TABLE t (id bigint);\n' >"$dir/1_t.sql"
    printf 'INSERT INTO t VALUES (2);\n' >"$dir/2_more.sql"
    printf 'INSERT INTO t VALUES (3);\n%s;\n' "$slow" >"$dir/3_slow.sql"
    printf 'INSERT INTO t VALUES (4);\n' >"$dir/4_behind.sql"
    begin_up
    # shellcheck disable=SC2086
    interrupt "a group, $signals" $signals
    unlike "$(sql 'SELECT id FROM t')" '^3$' "interrupt: a group, $signals: rolled back"
    like "$err" 'next: dunlin up$' "interrupt: a group, $signals: says what next"
    dunlin -u "$url" -d "$dir" status
    like "$out" '^2 +applied ' "interrupt: a group, $signals: what was done is in the history"
    unlike "$out" '^[34] +applied ' "interrupt: a group, $signals: what was not is not"
    printf 'INSERT INTO t VALUES (3);\n' >"$dir/3_slow.sql"
    up --lock-wait 5s
    exits 0 "interrupt: a group, $signals: the next run finishes"
    is "$(sql 'SELECT id FROM t ORDER BY id' | paste -sd,)" 2,3,4 "interrupt: a group, $signals: each ran once"
done

# Statement by statement, outside a transaction.
fresh_db
printf 'CREATE TABLE t (id bigint);\n' >"$dir/1_t.sql"
printf -- '-- migrate:up transaction:off\nINSERT INTO t VALUES (1);\nCREATE TABLE u (id bigint);\n%s;\nINSERT INTO t VALUES (2);\n' \
    "$slow" >"$dir/2_off.sql"
begin_up
interrupt "a journal" TERM
row=$(sql "SELECT status, statements_done FROM dunlin_migrations WHERE version = '2'")
if [ "$engine" = sqlite ]; then # all of it would share one transaction
    like "$row" '^(failed.0|partial.2)$' "interrupt: a journal: how far it came is recorded"
else
    is "$row" 'partial|2' "interrupt: a journal: how far it came is recorded"
    like "$err" 'statements 1 to 2 of 4 are in the database and recorded' "interrupt: a journal: and told"
fi
sed -i.bak "3,4s/^INSERT INTO t .*SELECT.*\|^SELECT.*/SELECT 1;/" "$dir/2_off.sql"
rm "$dir/2_off.sql.bak"
up
exits 0 "interrupt: a journal: the next run goes on behind it"
is "$(sql 'SELECT id FROM t ORDER BY id' | paste -sd,)" 1,2 "interrupt: a journal: each statement ran once"

# Rows of COPY: more than the connection holds, and a trigger that takes its time with the first.
if [ "$engine" = postgres ]; then
    fresh_db
    cat >"$dir/1_t.sql" <<'S'
CREATE TABLE t (id bigint, text text);
CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(300); RETURN NEW; END $$;
CREATE TRIGGER slowly BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION slowly();
S
    {
        echo 'COPY t FROM stdin;'
        seq 200000 | sed 's/$/\tthe same text in each of the rows/'
        printf '\\.\n\n'
    } >"$dir/2_copy.sql"
    begin_up
    interrupt "a COPY" INT
    is "$(sql 'SELECT count(*) FROM t')" 0 "interrupt: a COPY: rolled back"
    sql 'DROP TRIGGER slowly ON t'
    up
    exits 0 "interrupt: a COPY: the next run finishes"
    is "$(sql 'SELECT count(*) FROM t')" 200000 "interrupt: a COPY: every row is there once"
fi

# While it connects, to what accepts and never answers.
silent() { # COMMAND... with its $url
    local url port proxy
    rm -f "$work/port"
    mkfifo "$work/port"
    "$PROXY" "$(url_part host)" "$(url_part port)" "$work/report" >"$work/port" &
    proxy=$!
    read -r port <"$work/port"
    kill -STOP "$proxy"
    url="${DUNLIN_TEST_URL/:$(url_part port)\//:$port\/}?sslmode=disable"
    "$@"
    kill -KILL "$proxy"
    wait "$proxy" 2>/dev/null
}
connects() { find "/proc/$runner/fd" -lname 'socket:*' | grep -q .; }
interrupt_connecting() {
    begin_up
    [ ! -d /proc/self/fd ] || wait_until 10 connects
    kill -INT "$runner"
    wait "$runner"
    is "$?" 130 "interrupt: while it connects: exit code"
}
expire_connecting() {
    MIGRATION_TIMEOUT=300 up
    exits 4 "interrupt: the time for the run is over while it connects"
    is "$err" "error: the time for the whole run was over before a connection" \
        "interrupt: the time for the run is over while it connects: says so"
}
if [ "$engine" != sqlite ]; then
    fresh_db
    silent interrupt_connecting
    silent expire_connecting
fi

# Somebody else cancels the statement: that is a failure, and nobody has asked this run to stop.
cancel_slow() {
    case $engine in
    postgres) sql "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = '$db' AND wait_event = 'PgSleep'" ;;
    mariadb) sql "KILL QUERY $(sql "SELECT id FROM information_schema.processlist WHERE db = '$db' AND info LIKE '%SLEEP(300)%' AND id <> connection_id()")" ;;
    esac >/dev/null
}
if [ "$engine" != sqlite ]; then
    fresh_db
    printf 'CREATE TABLE t (id bigint);\n' >"$dir/1_t.sql"
    up # of several that share a message, one that fails is run again by itself
    printf '%s;\n' "$slow" >"$dir/2_slow.sql"
    begin_up
    ok "interrupt: cancelled by another: it is at work" wait_until 60 works
    cancel_slow
    wait "$runner"
    status=$? err=$(cat "$work/int.err") out=$(cat "$work/int.out")
    exits 2 "interrupt: cancelled by another: exit code"
    like "$err" '^error: .*2_slow.sql:1:1: ' "interrupt: cancelled by another: the statement"
    like "$err" '^next: dunlin up$' "interrupt: cancelled by another: the file is as it should be"
fi

# The server cannot be asked to cancel: the statement comes to its end, and what is behind it does not
# begin.
if [ "$engine" = postgres ]; then
    fresh_db
    mkdir "$work/socket"
    ln -s "$(sql 'SHOW unix_socket_directories')/.s.PGSQL.$(url_part port)" "$work/socket"
    url="postgres:///$db?host=$work/socket&port=$(url_part port)&user=$(url_part user)"
    printf 'CREATE TABLE t (id bigint);\n' >"$dir/1_t.sql"
    printf 'SELECT pg_sleep(1);\nINSERT INTO t VALUES (1);\n' >"$dir/2_slow.sql"
    printf -- '-- migrate:up\nINSERT INTO t VALUES (2);\n-- migrate:verify\nSELECT true;\n' >"$dir/3_alone.sql"
    begin_up
    ok "interrupt: no way to cancel: it is at work" wait_until 60 works
    rm "$work/socket"/.s*
    kill -INT "$runner"
    wait "$runner"
    is "$?" 130 "interrupt: no way to cancel: exit code"
    like "$(cat "$work/int.out")" '^applied +2_slow ' "interrupt: no way to cancel: what ran is applied"
    is "$(sql 'SELECT * FROM t')" 1 "interrupt: no way to cancel: and what is behind it did not run"
fi

# Waiting for another run: that one goes on.
if [ "$engine" != sqlite ]; then
    fresh_db
    printf 'CREATE TABLE t (id bigint);\n' >"$dir/1_t.sql"
    printf '%s;\n' "$slow" >"$dir/2_slow.sql"
    begin_up
    first=$runner
    ok "interrupt: another run is at work" wait_until 60 works
    begin_up wait --lock-wait 1h
    second=$runner
    ok "interrupt: this one waits for it" wait_until 60 grep -q waiting "$work/wait.out" "$work/wait.err"
    kill -INT "$second"
    wait "$second"
    is "$?" 130 "interrupt: waiting for the lock: exit code"
    # A program that may not wait at all, and is asked to stop when it is told that it would have to.
    run "$abs_top_builddir/tests/support/embed" "$url" "$dir" : up 1
    like "$out" '^130 ' "interrupt: no time to wait for the lock: a program's call tells that it was stopped"
    ok "interrupt: the run that was waited for goes on" works
    runner=$first
    interrupt "the run that was waited for" TERM

    # In the pause before it tries again.
    fresh_db
    printf 'CREATE TABLE t (id bigint);\n' >"$dir/1_t.sql"
    up
    printf 'ALTER TABLE t ADD u bigint;\n' >"$dir/2_u.sql"
    rm -f "$work/hold"
    mkfifo "$work/hold"
    client <"$work/hold" >"$work/held" &
    holder=$!
    exec 7>"$work/hold"
    printf "BEGIN; DELETE FROM t; SELECT 'held';\n" >&7
    wait_until 30 grep -q held "$work/held"
    begin_up int --lock-timeout 100ms --lock-retries 100
    ok "interrupt: a statement waits for a lock" wait_until 60 grep -q 'trying again, 3 of' "$work/int.err"
    kill -INT "$runner"
    wait "$runner"
    is "$?" 130 "interrupt: before it is tried again: exit code"
    like "$(cat "$work/int.err")" '^state: nothing of .*2_u.sql is in the database' \
        "interrupt: before it is tried again: rolled back"
    printf 'ROLLBACK;\n' >&7
    exec 7>&-
    wait "$holder"
    up
    exits 0 "interrupt: before it is tried again: the next run finishes"
else
    # It waits inside SQLite, or in a pause of its own between two tries: to create the history table, to
    # begin what several small migrations share, for one migration, and for one whose statements are
    # noted.
    fresh_db
    rm -f "$work/hold"
    mkfifo "$work/hold"
    plain=$url
    n=0
    for before in table group one noted; do
        n=$((n + 1))
        printf 'CREATE TABLE t%s (id bigint);\n' $n >"$dir/${n}1_t.sql"
        [ $before != noted ] || sed -i '1i -- migrate:up transaction:off' "$dir/${n}1_t.sql"
        [ $before != group ] || printf 'CREATE TABLE more (id bigint);\n' >"$dir/${n}2_u.sql"
        sqlite3 "$work/$db.db" <"$work/hold" &
        holder=$!
        exec 7>"$work/hold"
        printf 'CREATE TABLE IF NOT EXISTS other (id integer);\nBEGIN IMMEDIATE;\n.shell touch %s/held\n' "$work" >&7
        wait_until 10 test -e "$work/held"
        up --lock-wait 300ms
        exits 5 "interrupt: $before: waits no longer than --lock-wait"
        for inside in 1 100; do
            url="$plain?busy_timeout=$inside"
            begin_up int --lock-wait 1h
            ok "interrupt: $before: this one waits" \
                wait_until 60 grep -q waiting "$work/int.out" "$work/int.err"
            kill -INT "$runner"
            wait "$runner"
            is "$?" 130 "interrupt: $before, busy_timeout $inside: exit code"
            like "$(cat "$work/int.err")" '^error: interrupted$' "interrupt: $before, busy_timeout $inside: is told"
        done
        exec 7>&-
        wait "$holder"
        rm "$work/held"
        up
        exits 0 "interrupt: $before: and the next run finishes"
    done
fi
