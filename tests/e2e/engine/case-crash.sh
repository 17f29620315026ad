# SPDX-License-Identifier: MIT
# The server (on SQLite: the program, which is the server) dies without warning in the middle of a
# run. Afterwards folder, history and schema have to agree, and every migration ends up having run
# once: each adds one to a counter. DUNLIN_TEST_CRASH_TRIALS=N asks for more than a few trials.
crash_folder() {
    local i
    fresh_db
    case $engine in # the test servers do not wait for the disk
    postgres) url="$url?options=-csynchronous_commit%3Don" ;;
    mariadb) sql "SET GLOBAL innodb_flush_log_at_trx_commit = 1" ;;
    esac
    printf 'CREATE TABLE counter (n integer NOT NULL);\nINSERT INTO counter VALUES (1);\n' \
        >"$dir/0001_counter.sql"
    for i in $(seq 2 60 | grep -Ev "^(20|40)$"); do
        printf 'CREATE TABLE t%d (id integer NOT NULL PRIMARY KEY, name varchar(40));\nUPDATE counter SET n = n + 1;\nINSERT INTO t%d VALUES (%d, NULL);\n' \
            "$i" "$i" "$i" >"$dir/$(printf %04d "$i")_t$i.sql"
    done
    # Behind a large one and one outside a transaction, what is sent before them has to be safe.
    { printf 'CREATE TABLE large (t text);\nUPDATE counter SET n = n + 1;\nINSERT INTO large VALUES ('
        printf "'%060000d');\n" 0; } >"$dir/0020_large.sql"
    printf -- '-- migrate:up transaction:off\nUPDATE counter SET n = n + 1;\nINSERT INTO t5 VALUES (0, NULL);\n' \
        >"$dir/0040_off.sql"
}

crash_disagreements() { # what the history says and the schema does not, or the other way round
    local applied tables
    # What is partly applied or in doubt is known as such.
    applied=$(sql "SELECT version FROM dunlin_migrations WHERE status = 'applied' ORDER BY version" 2>/dev/null)
    case $engine in
    sqlite) tables="SELECT name FROM sqlite_master WHERE type = 'table'" ;;
    postgres) tables="SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^t[0-9]'" ;;
    mariadb) tables="SELECT table_name FROM information_schema.tables WHERE table_schema = '$db'" ;;
    esac
    tables=$(sql "$tables" | grep '^t[0-9]' | sed 's/^t//; s/^/000/; s/.*\(....\)$/\1/' | sort)
    local known=$applied
    [ "$engine" = mariadb ] &&
        known=$(sql "SELECT version FROM dunlin_migrations ORDER BY version" 2>/dev/null)
    comm -13 <(printf '%s\n' "$known" | sort) <(printf '%s\n' "$tables") | grep -v '^0*$' | sed 's/^/table only: /'
    comm -23 <(printf '%s\n' "$applied" | grep -Ev '^(|0001|0020|0040)$' | sort) <(printf '%s\n' "$tables") |
        sed 's/^/row only: /'
}

crash_server() {
    local crashes
    if [ "$engine" = sqlite ]; then
        kill -KILL "$runner"
        return
    fi
    crashes=$(cat "$DUNLIN_TEST_CRASHES" 2>/dev/null | wc -l)
    kill -USR1 "$DUNLIN_TEST_SERVER_OWNER"
    wait_until 60 eval '[ "$(cat "$DUNLIN_TEST_CRASHES" 2>/dev/null | wc -l)" -gt '"$crashes"' ]'
}

# The one decision that is left to somebody who looks: whether the statement in doubt was done.
crash_decide() { # TABLE: what the first statement of the migration creates
    local done_there
    done_there=$(sql "SELECT statements_done FROM dunlin_migrations WHERE status = 'running'")
    if [ "$done_there" = 0 ] && sql "SELECT 1 FROM $1" >/dev/null 2>&1; then
        dunlin -u "$url" -d "$dir" resume --skip
    else
        dunlin -u "$url" -d "$dir" resume
    fi
}

crash_table_of() { # VERSION: the table that its first statement creates
    case $1 in
    0001) echo counter ;;
    0020) echo large ;;
    *) echo "t$((10#$1))" ;;
    esac
}

crash_trials=${DUNLIN_TEST_CRASH_TRIALS:-4}
crash_in_time=0
crash_span=200 # ms: about as long as a run takes
[ "$engine" != sqlite ] || crash_span=50
for trial in $(seq "$crash_trials"); do
    crash_folder
    "$DUNLIN" -u "$url" -d "$dir" up >"$work/crash.out" 2>&1 &
    runner=$!
    sleep "0.$(printf %03d $((RANDOM % crash_span)))"
    kill -0 "$runner" 2>/dev/null && crash_in_time=$((crash_in_time + 1))
    crash_server
    wait "$runner" 2>/dev/null
    is "$(crash_disagreements)" '' "crash $trial: history and schema agree"
    up
    if [ "$engine" = mariadb ] && [ "$status" = 3 ]; then
        like "$err" 'dunlin resume' "crash $trial: one statement is in doubt, and named"
        crash_decide "$(crash_table_of "$(sql "SELECT version FROM dunlin_migrations WHERE status = 'running'")")"
        up
    fi
    exits 0 "crash $trial: the next run finishes"
    is "$(sql 'SELECT n FROM counter')" 60 "crash $trial: each ran once"
    is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied'")" 60 "crash $trial: and is in the history"
    is "$(sql 'SELECT count(*) FROM t5')" 2 "crash $trial: also outside a transaction"
done
diag "crashed while at work: $crash_in_time of $crash_trials"
