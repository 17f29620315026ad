# SPDX-License-Identifier: MIT
#
# Folders of other tools, and the tables that the real tools wrote for them, in tests/samples/layouts.
# Sourced by layouts-ENGINE.sh under that engine's server; each tool has a file beside this one, which
# calls layout_sample, and then tests what is special about it.
#
# The sample of every tool makes the tables hive and inspection.
. "$abs_top_srcdir/tests/e2e/engine/common.sh"
samples=$abs_top_srcdir/tests/samples/layouts

layout_engine() { # the name of the engine's folders in the samples
    case $engine in
    postgres) echo pg ;;
    mariadb) echo mysql ;;
    sqlite) echo sqlite ;;
    esac
}

layout_dump() { # TOOL: the table as the real tool left it; fails where there is none
    local file
    for file in "$samples/$1/tracking-$(layout_engine)".sql \
        "$samples/$1/tracking-$(layout_engine)"*.sql; do
        [ -f "$file" ] || continue
        echo "$file"
        return
    done
    return 1
}

layout_load() { # FILE: into the case's database
    grep -v '^-- written by' "$1" | client >"$work/load" 2>&1 || diag "cannot load $1: $(cat "$work/load")"
}

layout_has() { # TOOL: the sample has a folder for the engine; leaves where it is in $layout_from
    layout_from=$samples/$1/$(layout_engine)
    # The samples of tools for one engine alone have no folder for each.
    [ -d "$layout_from" ] || [ "$engine" != postgres ] || layout_from=$samples/$1
    [ -d "$layout_from" ]
}

layout_folder() { # TOOL [PATH]: a copy of the sample's folder becomes the case's
    layout_has "$1"
    rm -rf "$dir"
    cp -R "$layout_from/${2:-migrations}" "$dir"
    chmod -R u+w "$dir" # the sources may be for reading only
}

layout_rows() { # TABLE COLUMNS: of the case's database, times and other chance left out
    sql "SELECT $2 FROM $1 ORDER BY 1, 2" 2>&1
}

up_as() { # LAYOUT OPTION...
    local layout=$1
    shift
    dunlin -u "$url" -d "$dir" --layout "$layout" up "$@"
}

# TOOL LAYOUT PATH COUNT TABLE COLUMNS: the sample has COUNT migrations; COLUMNS of TABLE are those
# that do not depend on when and by whom. Without a dump for the engine only what runs is tested.
layout_sample() {
    local tool=$1 layout=$2 path=$3 count=$4 table=$5 columns=$6 dump wanted
    fresh_db
    layout_folder "$tool" "$path"
    up_as "$layout"
    exits 0 "$tool: the folder runs from zero"
    like "$out" "^done: $count applied" "$tool: all of it"
    ok "$tool: its tables are there" sql 'SELECT * FROM hive, inspection'
    up_as "$layout"
    like "$out" "^done: 0 applied, $count already applied" "$tool: nothing is left to do"

    dump=$(layout_dump "$tool") || return 0
    fresh_db
    layout_folder "$tool" "$path"
    layout_load "$dump"
    wanted=$(layout_rows "$table" "$columns")
    up_as "$layout"
    exits 6 "$tool: a history of dunlin's own does not begin where its table tells of these migrations"
    like "$err" "has applied [0-9]+ of these migrations" "$tool: .. it says so"
    is "$(layout_rows "$table" "$columns")" "$wanted" "$tool: .. and changes nothing"
    up_as "$layout" --history layout
    exits 0 "$tool: dunlin goes on from the table that the tool wrote"
    like "$out" "^done: 0 applied, $count already applied" "$tool: which says that all is done"
    is "$(layout_rows "$table" "$columns")" "$wanted" "$tool: and leaves it alone"

    dunlin -u "$url" -d "$dir" --layout "$layout" adopt --dry-run
    exits 0 "$tool: adopt --dry-run"
    ok "$tool: writes nothing" test -z "$(sql 'SELECT 1 FROM dunlin_migrations' 2>/dev/null)"
    dunlin -u "$url" -d "$dir" --layout "$layout" adopt
    exits 0 "$tool: adopt"
    up_as "$layout"
    like "$out" "^done: 0 applied, $count already applied" "$tool: takes the history over"
    is "$(layout_rows "$table" "$columns")" "$wanted" "$tool: and leaves the old table alone"

    fresh_db
    layout_folder "$tool" "$path"
    up_as "$layout" --history layout
    exits 0 "$tool: from zero into the tool's own table"
    is "$(layout_rows "$table" "$columns")" "$wanted" "$tool: the rows are those that it would write"
    ok "$tool: dunlin has no table beside it" test -z "$(sql 'SELECT 1 FROM dunlin_migrations' 2>/dev/null)"
    up_as "$layout" --history layout
    like "$out" "^done: 0 applied, $count already applied" "$tool: and tell that all is done"
}

# TOOL LAYOUT PATH FILE: with a changed file, the tool's checksum tells.
layout_edited() {
    local tool=$1 layout=$2 path=$3 file=$4
    fresh_db
    layout_folder "$tool" "$path"
    layout_load "$(layout_dump "$tool")"
    printf '\nSELECT 1;\n' >>"$dir/$file"
    up_as "$layout" --history layout
    exits 6 "$tool: a file that was edited after the tool applied it"
    dunlin -u "$url" -d "$dir" --layout "$layout" adopt
    exits 6 "$tool: is not adopted"
}

# TOOL LAYOUT QUERY [BEGUN ENDED]: while a session holds what the query takes, which is the tool's own
# lock, dunlin waits. The case has a database, and a folder with something to do. The statement BEGUN
# makes a row one that the tool has not finished yet, ENDED is its end.
layout_locked() {
    local tool=$1 layout=$2 query=$3 pid waiter
    rm -f "$work/lock.in" "$work/lock.out"
    mkfifo "$work/lock.in"
    client <"$work/lock.in" >"$work/lock.out" &
    pid=$!
    exec 7>"$work/lock.in"
    printf "SELECT 'held' FROM (SELECT %s) held;\n" "$query" >&7
    wait_until 30 lock_holds "$query"
    [ -z "${4:-}" ] || sql "$4"
    up_as "$layout" --history layout --lock-wait 100ms
    exits 5 "$tool: waits for a $tool that is at work${4:+ and has begun a migration}"
    "$DUNLIN" -u "$url" -d "$dir" --layout "$layout" --history layout up --lock-wait 1h >"$work/waits" 2>&1 </dev/null 7>&- &
    waiter=$!
    ok "$tool: it waits" wait_until 30 grep -q waiting "$work/waits"
    kill -TERM "$waiter"
    wait "$waiter"
    is "$?" 130 "$tool: it can be interrupted"
    like "$(cat "$work/waits")" '^error: interrupted$' "$tool: .. and says so"
    [ -z "${5:-}" ] || sql "$5"
    exec 7>&-
    wait "$pid"
    up_as "$layout" --history layout
    exits 0 "$tool: and goes on when it has ended"
}

lock_holds() { # QUERY: somebody else does
    case $engine in
    postgres) grep -q held "$work/lock.out" ;;
    mariadb)
        local name=${1#*\'}
        test "$(sql "SELECT IS_USED_LOCK('${name%%\'*}') IS NOT NULL")" = 1
        ;;
    esac
}
