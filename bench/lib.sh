# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the measure-*.sh share: settings, databases, one measured run, rounds of runs. They are
# sourced by bench/run under the server of one engine (tests/support/with-server), and define
#
#     prepare CONTENDER   brings $db and what else is needed into place; its time does not count
#     verify CONTENDER    fails where the run did not do what it had to; says what is wrong
#
# The command of a contender is in the function command_CONTENDER, mostly in peers.sh.

set -u
export LC_ALL=C

bench="$srcdir/bench"
data="$builddir/bench/data"
scratch="$data/scratch"

pairs=${BENCH_PAIRS:-5}
full=${BENCH_FULL:-0}
migrations=${BENCH_MIGRATIONS:-200}
delays=${BENCH_DELAYS:-0 1 5 20}
sizes=${BENCH_SIZES:-10 30 100 300}
counts=${BENCH_FILES:-100 1000 10000}
once_after=${BENCH_ONCE_AFTER:-2} # seconds: what takes longer is run once, not $pairs times
give_up=${BENCH_GIVE_UP:-45}      # seconds: a peer that would take longer is not run
if [ "$full" = 1 ]; then
    sizes=${BENCH_SIZES:-10 30 100 300 1000}
    counts=${BENCH_FILES:-100 1000 10000 100000}
    once_after=${BENCH_ONCE_AFTER:-30}
    give_up=${BENCH_GIVE_UP:-600}
fi

engine=${DUNLIN_TEST_ENGINE:-}
authority=${DUNLIN_TEST_URL:-}
authority=${authority#*://}
authority=${authority%%/*}
user=${authority%%@*}
host=${authority#*@}
host=${host%%:*}
server_port=${authority##*:}
port=$server_port
db=
db_number=0

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "bench: $*"
    exit 1
}

# ---- databases ---------------------------------------------------------------------------------

client_on() { # DATABASE: the engine's own client on it, statements on standard input
    case $engine in
    sqlite) sqlite3 -bail "$1" ;;
    postgres)
        psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$host" -p "$server_port" -U "$user" -d "$1"
        ;;
    mariadb) mariadb --no-defaults -N -B -h "$host" -P "$server_port" -u "$user" "$1" ;;
    esac
}

sql() { # STATEMENT: its result
    printf '%s;\n' "$1" | client_on "$db"
}

admin() { # STATEMENT
    case $engine in
    postgres) printf '%s;\n' "$1" | client_on postgres ;;
    mariadb) printf '%s;\n' "$1" | client_on test ;;
    esac
}

fresh_db() { # an empty database, in $db
    db_number=$((db_number + 1))
    case $engine in
    sqlite) db="$scratch/bench$db_number.db" ;;
    *)
        db="bench$db_number"
        admin "CREATE DATABASE $db" || die "cannot create a database"
        ;;
    esac
}

drop_db() { # DATABASE
    [ -n "$1" ] || return 0
    case $engine in
    sqlite) rm -f "$1" "$1"-* "${1%.db}.sqitch" ;;
    postgres) admin "DROP DATABASE $1 WITH (FORCE)" ;;
    mariadb) admin "DROP DATABASE $1; DROP DATABASE IF EXISTS sqitch_$1" ;;
    esac
}

# Each contender has a database of its own, which outlives the run: what is applied there is what
# the next question starts from.
declare -A database

fresh_db_for() { # CONTENDER
    drop_db "${database[$1]:-}"
    fresh_db
    database[$1]=$db
}

drop_databases() {
    local contender
    for contender in "${!database[@]}"; do
        drop_db "${database[$contender]}"
    done
    database=()
}

same() { # GOT WANTED: for verify
    [ "$1" = "$2" ] && return 0
    echo "wrong rows: $1 instead of $2"
    return 1
}

# ---- the network -------------------------------------------------------------------------------

network=   # the delay in ms; empty: no proxy
proxy_pid=

open_network() {
    [ -n "$network" ] || return 0
    rm -f "$scratch/report" "$scratch/port"
    mkfifo "$scratch/port"
    "$builddir/tests/support/proxy" "$host" "$server_port" "$scratch/report" 0 "$network" \
        >"$scratch/port" &
    proxy_pid=$!
    read -r port <"$scratch/port" || die "the proxy did not start"
}

# Leaves the number of round trips in $trips.
close_network() {
    trips=-
    [ -n "$network" ] || return 0
    kill -HUP "$proxy_pid"
    wait "$proxy_pid" || die "the proxy failed"
    trips=$(sed 's/.*round_trips=\([0-9]*\).*/\1/' "$scratch/report")
    port=$server_port
}

# ---- runs --------------------------------------------------------------------------------------

reason_of_failure() { # the first line that looks like one, else the last
    grep -im 1 error "$scratch/log" || grep -v '^ *$' "$scratch/log" | tail -n 1
}

# One measured run: a line in $table. Leaves the time in $seconds and the outcome in $state.
attempt() { # WORKLOAD X ROUND CONTENDER
    local status reason
    input=/dev/null
    cmd=()
    prepare "$4"
    open_network
    "command_${4//-/_}"
    rm -f "$scratch/result"
    "$builddir/bench/measure" "$scratch/result" "${cmd[@]}" <"$input" >"$scratch/log" 2>&1
    status=$?
    close_network
    seconds=- kilobytes=-
    [ ! -f "$scratch/result" ] || read -r seconds kilobytes _ <"$scratch/result"
    state=ok
    if [ "$status" != 0 ]; then
        state=failed
        reason=$(reason_of_failure | tr '\t|' '  ' | cut -c 1-160)
    elif ! reason=$(verify "$4" 2>&1); then
        state=failed
    fi
    if [ "$state" = failed ]; then
        [ "$4" != dunlin ] || { cat "$scratch/log" >&2; }
        printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$4" "$reason" >>"$failures"
        say "  $4 failed: $reason"
        [ "$4" != dunlin ] || die "dunlin failed in $1 $2 on $engine"
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$state" "$seconds" \
        "$kilobytes" "$trips" >>"$table"
}

# One run whose cost does not matter.
unmeasured() { # CONTENDER
    input=/dev/null
    "command_${1//-/_}"
    env "${cmd[@]}" <"$input" >"$scratch/log" 2>&1
}

# Those of the contenders whose database holds what it should.
complete() { # CONTENDER...
    local contender
    for contender; do
        db=${database[$contender]:-}
        [ -z "$db" ] || ! verify "$contender" >/dev/null 2>&1 || echo "$contender"
    done
}

longer_than() { # SECONDS LIMIT
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 > b + 0) }'
}

# The last x and time of a workload and contender, to see what more of it would take.
declare -A last

takes_too_long() { # WORKLOAD X CONTENDER: a peer, if its time grows with x
    local before
    case $3 in
    dunlin | client*) return 1 ;;
    esac
    read -r before seconds <<<"${last["$1 $3"]:-0 0}"
    longer_than "$(awk -v t="$seconds" -v a="$before" -v b="$2" \
        'BEGIN { print (a > 0 && b > a ? t * b / a : t) }')" "$give_up"
}

# Rounds in which each contender runs once, so that a pair of times lies close together; every
# other round goes the other way round. X is what grows from one call to the next.
compare() { # WORKLOAD X CONTENDER...
    local workload=$1 x=$2 round contender order
    local -A over=()
    shift 2
    say "$engine: $question: $workload $x: $*"
    for contender; do
        takes_too_long "$workload" "$x" "$contender" || continue
        printf '%s\t%s\t1\t%s\tslow\t-\t-\t-\n' "$workload" "$x" "$contender" >>"$table"
        over[$contender]=1
    done
    for ((round = 1; round <= pairs; round++)); do
        order=("$@")
        ((round % 2)) || mapfile -t order < <(printf '%s\n' "$@" | tac)
        for contender in "${order[@]}"; do
            [ -z "${over[$contender]:-}" ] || continue
            attempt "$workload" "$x" "$round" "$contender"
            if [ "$state" != ok ] || longer_than "$seconds" "$once_after"; then
                over[$contender]=1
            fi
            [ "$state" != ok ] || last["$workload $contender"]="$x $seconds"
        done
    done
}

# ---- workloads ---------------------------------------------------------------------------------

# Makes a workload once for all engines, in $folder, and the scripts for this engine's client. Where
# statements that change the schema commit by themselves, the transaction begins behind them, as
# dunlin's does.
use_workload() { # KIND COUNT
    folder="$scratch/$1-$2"
    script="$folder/client-$engine.sql"
    tracked="$folder/tracked-$engine.sql"
    if [ ! -d "$folder" ]; then
        bash "$bench/workload-$1.sh" "$2" "$folder.part" && golang_layout "$folder.part" ||
            die "cannot make the workload $1 $2"
        [ "$1" != small ] || sqitch_layout "$folder.part"
        mv "$folder.part" "$folder"
    fi
    script_for_engine "$folder/client.sql" >"$script"
    [ ! -f "$folder/tracked.sql" ] || script_for_engine "$folder/tracked.sql" >"$tracked"
}

script_for_engine() { # FILE
    case $engine in
    mariadb)
        awk '$0 == "BEGIN;" { begin = $0; next }
            begin && !/^CREATE/ { print begin; begin = "" }
            { print }' "$1"
        ;;
    *) cat "$1" ;;
    esac
}

rows_of_small() { # COUNT: a query that adds up the rows of all tables of workload-small.sh
    awk -v n="$1" 'BEGIN {
        printf "SELECT 0"
        for (i = 1; i <= n; i++) printf " + (SELECT count(*) FROM t%d WHERE id = %d)", i, i
    }'
}
