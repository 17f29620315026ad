# SPDX-License-Identifier: MIT
#
# A tool and dunlin take turns on one database. Sourced by each test of this folder:
#
#     tool=knex engines="postgres sqlite" modules="knex pg" commands=node
#     . "$(dirname "$0")/common.sh"
#
# which starts the test again under the server of its first argument, or skips it where the tool is
# not installed. The test then defines
#
#     project     a database, and a folder of the tool without migrations
#     add N       writes migration N, of up_sql N and down_sql N, as the tool has it
#     tool_up     the tool applies all that is pending
#     tool_down   the tool takes the last one back (only with has_down=yes)
#     tool_done N checks what the tool itself says: all of N are applied, and none differs
#     rows        the tool's table, without times
#
# and calls take_turns, dunlin_first, take_over and so on. Each migration leaves a row in the table
# "ran", so that one which ran twice, or not at all, shows.
. "${abs_top_srcdir:?}/tests/support/tap.sh"

# Before a server is started in vain.
for name in ${commands:-}; do
    needs_command "$name"
done
for name in ${modules:-}; do
    [ -d "${INTEROP_NODE:?}/node_modules/$name" ] || skip_all "npm has not installed $name"
done

if [ -z "${DUNLIN_TEST_URL:-}" ]; then
    case " ${engines:?} " in
    *" $1 "*) ;;
    *)
        tap_plan=given
        echo "1..0 # SKIP $tool does not know $1"
        exit 0
        ;;
    esac
    tap_plan=given
    cd / && rm -rf "$work"
    exec "$abs_top_srcdir/tests/support/with-server" "$1" "$BASH" "$tap_script" "$1"
fi
. "$abs_top_srcdir/tests/e2e/engine/common.sh"

who="$tool on $engine"
host=$(url_part host) port=$(url_part port)
has_down=yes
leaves=yes # a migration can leave the transaction
called=$tool # .. by dunlin, in its errors
gated=     # the number of the migration that waits at the gate

# ---- migrations ----------------------------------------------------------------------------------

body_sql() { # what has a semicolon inside
    case $engine in
    postgres)
        printf 'CREATE FUNCTION note(n integer) RETURNS integer LANGUAGE plpgsql AS $fn$\n'
        printf 'BEGIN\n  n := n + 1; -- one; and another\n  RETURN n;\nEND;\n$fn$;\n'
        ;;
    mariadb)
        printf 'CREATE TRIGGER note BEFORE INSERT ON ran FOR EACH ROW\n'
        printf 'BEGIN\n  SET @n = 1; -- one; and another\n  SET @n = @n + 1;\nEND;\n'
        ;;
    sqlite)
        printf 'CREATE TRIGGER note AFTER DELETE ON ran\n'
        printf 'BEGIN\n  SELECT 1; -- one; and another\n  SELECT 2;\nEND;\n'
        ;;
    esac
}

outside_sql() { # what may be outside a transaction only
    case $engine-$leaves in
    postgres-yes) echo 'CREATE INDEX CONCURRENTLY ran_tag ON ran (tag);' ;;
    postgres-*) echo 'CREATE INDEX ran_tag ON ran (tag);' ;;
    sqlite-yes) printf 'VACUUM;\nINSERT INTO ran VALUES (3);\n' ;;
    *) printf 'CREATE INDEX ran_tag ON ran (tag);\nINSERT INTO ran VALUES (3);\n' ;;
    esac
}

gate_sql() {
    case $engine in
    postgres) echo 'SELECT pg_advisory_lock_shared(99), pg_advisory_unlock_shared(99);' ;;
    mariadb) printf "DO GET_LOCK('gate', 60);\nDO RELEASE_LOCK('gate');\n" ;;
    esac
}

up_sql() { # N
    case $1 in
    1) printf 'CREATE TABLE ran (tag integer NOT NULL);\nINSERT INTO ran VALUES (1);\n' ;;
    2)
        body_sql
        echo 'INSERT INTO ran VALUES (2);'
        ;;
    3) outside_sql ;;
    *)
        [ "$1" != "$gated" ] || gate_sql
        printf 'CREATE TABLE t%d (id integer);\nINSERT INTO ran VALUES (%d);\n' "$1" "$1"
        ;;
    esac
}

down_sql() { # N
    case $1-$engine in
    1-*) echo 'DROP TABLE ran;' ;;
    2-postgres) printf 'DROP FUNCTION note(integer);\nDELETE FROM ran WHERE tag = 2;\n' ;;
    2-*) printf 'DROP TRIGGER note;\nDELETE FROM ran WHERE tag = 2;\n' ;;
    3-postgres) echo 'DROP INDEX ran_tag;' ;;
    3-mariadb) printf 'DROP INDEX ran_tag ON ran;\nDELETE FROM ran WHERE tag = 3;\n' ;;
    3-sqlite) echo 'DELETE FROM ran WHERE tag = 3;' ;;
    *) printf 'DROP TABLE t%d;\nDELETE FROM ran WHERE tag = %d;\n' "$1" "$1" ;;
    esac
}

is_outside() { # N: whether it has to leave the transaction
    [ "$1$leaves" = 3yes ]
}

add_all() { # N: the first N
    local n
    for ((n = 1; n <= $1; n++)); do
        add "$n"
    done
}

ran() { # "1x1 2x1 ": each number, and how often it ran
    local index=
    [ "$engine" != postgres ] || index="UNION ALL SELECT 3 FROM pg_indexes WHERE indexname = 'ran_tag'"
    sql "SELECT tag, count(*) FROM (SELECT tag FROM ran $index) all_of GROUP BY tag ORDER BY tag" |
        tr '|\n' 'x '
}

once() { # N: what ran says when each of N ran once
    local n
    for ((n = 1; n <= $1; n++)); do
        printf '%dx1 ' "$n"
    done
}

# ---- the tool and dunlin -------------------------------------------------------------------------

as_dunlin() {
    dunlin -u "$url" -d "${folder:-$dir}" --layout "$tool" --history layout "$@"
}

dunlin_up() { # APPLIED ALREADY NAME: what it is to say
    as_dunlin up
    exits 0 "$who: $3" || return
    like "$out" "^done: $1 applied, $2 already applied" "$who: .. $1 applied, $2 already"
}

tool_does() { # NAME: it applies what is pending
    tool_up
    exits 0 "$who: $1"
}

all_ran() { # N
    is "$(ran)" "$(once "$1")" "$who: .. each of $1 ran once"
}

take_turns() {
    local before after
    project
    add_all 4
    tool_does "the tool alone applies four"
    tool_rows=$(rows)
    tool_done 4

    project
    add_all 2
    tool_does "the tool applies two"
    tool_done 2
    before=$(rows)
    dunlin_up 0 2 "dunlin behind it"
    is "$(rows)" "$before" "$who: .. leaves the table as it is"
    add 3
    add 4
    dunlin_up 2 2 "dunlin applies two more"
    all_ran 4
    is "$(rows)" "$tool_rows" "$who: .. its rows are those that the tool writes"
    tool_done 4
    tool_does "the tool behind dunlin"
    all_ran 4
    is "$(rows)" "$tool_rows" "$who: .. leaves the table as it is"
    [ "$has_down" = yes ] || return 0

    tool_down
    exits 0 "$who: the tool takes back what dunlin applied"
    is "$(ran)" "$(once 3)" "$who: .. the fourth alone"
    dunlin_up 1 3 "dunlin applies it again"
    all_ran 4
    after=$(rows)
    is "$after" "$tool_rows" "$who: .. the rows are the same"
    tool_down
    exits 0 "$who: the tool takes it back once more"
    tool_does "and applies it"
    as_dunlin down
    exits 0 "$who: dunlin takes back what the tool applied"
    is "$(ran)" "$(once 3)" "$who: .. the fourth alone"
    tool_does "the tool applies it again"
    all_ran 4
    dunlin_up 0 4 "dunlin finds nothing to do"
}

dunlin_first() {
    project
    add_all 4
    dunlin_up 4 0 "dunlin begins"
    all_ran 4
    is "$(rows)" "$tool_rows" "$who: .. its rows are those that the tool writes"
    tool_done 4
    tool_does "the tool finds nothing to do"
    all_ran 4
    add 5
    tool_does "the tool applies a fifth"
    all_ran 5
    tool_done 5
    dunlin_up 0 5 "dunlin finds nothing to do"
    as_dunlin status --check
    exits 0 "$who: nothing is pending for dunlin"
    add 6
    dunlin_up 1 5 "dunlin applies a sixth"
    tool_done 6
}

take_over() {
    local before
    project
    add_all 4
    tool_does "the tool applies four"
    before=$(rows)
    dunlin -u "$url" -d "${folder:-$dir}" --layout "$tool" adopt
    exits 0 "$who: adopt"
    like "$out" '4 recorded' "$who: .. records four"
    dunlin -u "$url" -d "${folder:-$dir}" --layout "$tool" up
    like "$out" '^done: 0 applied, 4 already applied' "$who: .. and up has nothing to do"
    add 5
    dunlin -u "$url" -d "${folder:-$dir}" --layout "$tool" up
    like "$out" '^done: 1 applied, 4 already applied' "$who: dunlin goes on in its own table"
    all_ran 5
    is "$(rows)" "$before" "$who: .. and leaves the tool's alone"
}

# ---- locks ---------------------------------------------------------------------------------------

# A client that holds the gate, where a migration then waits.
gate_close() {
    mkfifo "$work/gate"
    client <"$work/gate" >"$work/gate-said" 2>&1 &
    gate_keeper=$!
    exec 7>"$work/gate"
    case $engine in
    postgres) echo 'SELECT pg_advisory_lock(99);' >&7 ;;
    mariadb) echo "DO GET_LOCK('gate', 0);" >&7 ;;
    esac
    wait_until 20 gate_is_closed || diag "the gate is open: $(cat "$work/gate-said")"
}

gate_is_closed() {
    case $engine in
    postgres) [ "$(sql "SELECT count(*) FROM pg_locks WHERE objid = 99 AND granted")" = 1 ] ;;
    mariadb) [ "$(sql "SELECT IS_FREE_LOCK('gate')")" = 0 ] ;;
    esac
}

somebody_at_gate() {
    case $engine in
    postgres) [ "$(sql "SELECT count(*) FROM pg_locks WHERE objid = 99 AND NOT granted")" = 1 ] ;;
    mariadb) [ "$(sql "SELECT count(*) FROM information_schema.processlist
        WHERE info LIKE '%GET_LOCK(''gate''%' AND id <> connection_id()")" != 0 ] ;;
    esac
}

gate_open() {
    exec 7>&-
    wait "$gate_keeper"
    rm -f "$work/gate"
}

ended() { # PID NAME
    wait "$1"
    status=$? out=$(cat "$work/waited") err=
    exits 0 "$who: $2"
}

# While the tool is in a migration dunlin waits; and the other way round the tool, run by
# tool_while_locked, has to leave the fifth to dunlin.
take_locks() { # ERE: what the tool says when it finds dunlin at work
    local pid
    gated=5
    project
    add_all 4
    tool_up
    add 5
    gate_close
    mkdir -p "$work/beside"
    (
        work=$work/beside # where run keeps what was said
        tool_up
        exit "$status"
    ) 7>&- & # the gate is open when nobody has it
    pid=$!
    ok "$who: the tool is in a migration" wait_until 60 somebody_at_gate
    as_dunlin up --lock-wait 100ms
    exits 5 "$who: dunlin waits for it"
    like "$err" "$called is at work" "$who: .. and says so"
    "$DUNLIN" -u "$url" -d "${folder:-$dir}" --layout "$tool" --history layout up \
        >"$work/waited" 2>&1 </dev/null 7>&- &
    waiting=$!
    gate_open
    ended "$pid" "the tool ends"
    ended "$waiting" "dunlin, which waited longer, ends"
    like "$out" '^done: 0 applied, 5 already applied' "$who: .. with nothing to do"
    all_ran 5

    project
    add_all 4
    as_dunlin up
    add 5
    gate_close
    "$DUNLIN" -u "$url" -d "${folder:-$dir}" --layout "$tool" --history layout up \
        --lock-timeout 60s >"$work/waited" 2>&1 </dev/null 7>&- &
    waiting=$!
    ok "$who: dunlin is in a migration" wait_until 60 somebody_at_gate
    tool_while_locked
    not_ok "$who: the tool does not go on" test "$status" = 0
    like "$out$err" "$1" "$who: .. and says why"
    gate_open
    ended "$waiting" "dunlin ends"
    tool_does "the tool goes on"
    all_ran 5
    tool_done 5
    gated=
}
