# SPDX-License-Identifier: MIT
# Migrations that are sent together: the claim of one shares the COMMIT of the one before it. When it
# is refused that one is not to blame, and is applied all the same.

claims_three() {
    local i
    fresh_db
    printf 'CREATE TABLE t0 (id integer);\n' >"$dir/0000_t.sql"
    up
    for i in 1 2 3; do
        printf 'CREATE TABLE t%d (id integer NOT NULL PRIMARY KEY);\nINSERT INTO t%d VALUES (%d);\n' "$i" "$i" "$i" \
            >"$dir/$(printf %04d "$i")_t.sql"
    done
}

claims_refuse() { # the row of 0002
    case $engine in
    sqlite)
        echo "CREATE TRIGGER refuse BEFORE INSERT ON dunlin_migrations WHEN NEW.version = '0002' BEGIN SELECT RAISE(ABORT, 'not this one'); END;"
        ;;
    postgres)
        echo "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''not this one''; END';"
        echo "CREATE TRIGGER refuse BEFORE INSERT ON dunlin_migrations FOR EACH ROW WHEN (NEW.version = '0002') EXECUTE FUNCTION refuse();"
        ;;
    mariadb)
        printf '%s\n' 'delimiter //' \
            "CREATE TRIGGER refuse BEFORE INSERT ON dunlin_migrations FOR EACH ROW IF NEW.version = '0002' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'; END IF//"
        ;;
    esac | client
}

claims_done() { # how often the row of the first is there, and what is applied
    echo "$(sql 'SELECT count(*) FROM t1') $(sql "SELECT version FROM dunlin_migrations WHERE status = 'applied' ORDER BY version" | tr '\n' ' ')"
}

claims_three
claims_refuse
up
exits 2 "claims: one is refused"
like "$err" 'not this one' "claims: why"
like "$err" 'nothing of .*0002_t.sql is in the database' "claims: that one is named"
like "$out" '^applied +0001_t ' "claims: the one before it is told"
is "$(claims_done)" '1 0000 0001 ' "claims: it is applied, once"
case $engine in
postgres) sql 'DROP TRIGGER refuse ON dunlin_migrations' ;;
*) sql 'DROP TRIGGER refuse' ;;
esac
up
exits 0 "claims: and the next run"
is "$(claims_done)" '1 0000 0001 0002 0003 ' "claims: does the others"

# Somebody without a lock is quicker with the second, while the first is under way.
if [ "$engine" != sqlite ]; then
    claims_three
    case $engine in
    postgres) nap='SELECT pg_sleep(3)' ;;
    mariadb) nap='DO SLEEP(3)' ;;
    esac
    sed -i "1a $nap;" "$dir/0001_t.sql"
    { "$DUNLIN" -u "$url" -d "$dir" up; echo "exit $?"; } >"$work/claims" 2>&1 </dev/null &
    runner=$!
    napping() {
        case $engine in
        postgres) sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = '$db'" ;;
        mariadb) sql "SELECT count(*) FROM information_schema.PROCESSLIST WHERE state = 'User sleep' AND db = '$db'" ;;
        esac | grep -qx 1
    }
    ok "claims: one that naps" wait_until 60 napping
    client <"$dir/0002_t.sql"
    sql "INSERT INTO dunlin_migrations (source, version, name, kind, status, checksum, statements_done, statements_total, started_at)
         SELECT source, '0002', name, kind, 'applied', 'v1:sha256:$(sha256sum <"$dir/0002_t.sql" | cut -d' ' -f1)', 2, 2, started_at
         FROM dunlin_migrations WHERE version = '0000'"
    wait "$runner"
    like "$(cat "$work/claims")" 'exit 0' "claims: another was quicker"
    is "$(claims_done)" '1 0000 0001 0002 0003 ' "claims: another was quicker: each is there once"
fi

# The rows that close a migration are there with its row, and the note of the statement before them is
# spared: only where all of it dies in between is that statement in doubt.
if [ "$engine" = mariadb ]; then
    claims_three
    sed -i 's/INTO t2/INTO held/' "$dir/0002_t.sql"
    sql 'CREATE TABLE held (id integer NOT NULL PRIMARY KEY)'
    mkfifo "$work/hold"
    client <"$work/hold" >/dev/null 2>&1 &
    holder=$!
    exec 7>"$work/hold"
    printf 'BEGIN;\nINSERT INTO held VALUES (2);\n' >&7
    "$DUNLIN" -u "$url" -d "$dir" up >"$work/claims" 2>&1 </dev/null 7>&- &
    runner=$!
    held() {
        sql "SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'" | grep -qx 1
    }
    ok "claims: rows that have to wait" wait_until 60 held
    kill -9 "$runner"
    wait "$runner" 2>/dev/null
    # The server would carry out the rest of the message, whoever is there for the answers.
    sql "KILL $(sql "SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'")"
    printf 'ROLLBACK;\n' >&7
    exec 7>&-
    wait "$holder"
    up
    exits 3 "claims: killed in the rows at the end"
    like "$err" '0002_t.sql' "claims: killed in the rows at the end: which"
    like "$err" 'the run before ended in statement 1 of' "claims: killed in the rows at the end: what is in doubt"
    is "$(claims_done) $(sql 'SELECT count(*) FROM held')" '1 0000 0001  0' "claims: killed in the rows at the end: they are not there"
    dunlin -u "$url" -d "$dir" resume --skip
    exits 0 "claims: with the one decision"
    up
    is "$(claims_done) $(sql 'SELECT count(*) FROM held')" '1 0000 0001 0002 0003  1' "claims: all of it is there"
fi
