#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A Galera cluster of three nodes: GET_LOCK keeps apart only the runs on one node, so that the row of
# the history has to. DUNLIN_TEST_RACE_ROUNDS times, runs on every node begin at once: each migration
# runs once.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
export PATH=$PATH:/usr/sbin:/usr/local/sbin
for galera_lib in /usr/lib/galera/libgalera_smm.so /usr/lib/*/galera*/libgalera_smm.so /usr/lib64/galera*/libgalera_smm.so ''; do
    [ ! -e "$galera_lib" ] || break
done
[ -n "$galera_lib" ] || skip_all "galera is not installed"
needs_command mariadbd mariadb-install-db mariadb rsync

home=$(mktemp -d "${TMPDIR:-/tmp}/dunlin-galera.XXXXXX")
user=$(id -un)
[ "$user" != root ] || user=mysql
base=$((20000 + RANDOM % 200 * 40))
declare -A node_pid

leave() {
    local n
    for n in "${!node_pid[@]}"; do
        kill -KILL "${node_pid[$n]}" 2>/dev/null
    done
    wait 2>/dev/null
    rm -rf "$home"
    tap_exit
}
trap leave EXIT

galera_port() { echo $((base + 10 * $1)); } # of the server; those behind it are of the cluster

node_start() { # N OPTIONS...
    local n=$1 port
    shift
    port=$(galera_port "$n")
    mariadbd --no-defaults $([ "$(id -u)" != 0 ] || echo --user="$user") \
        --datadir="$home/$n" --tmpdir="$home/tmp$n" --port="$port" --bind-address=127.0.0.1 --socket="$home/run/$n" \
        --pid-file="$home/run/$n.pid" --skip-name-resolve --binlog-format=ROW \
        --default-storage-engine=InnoDB --innodb-autoinc-lock-mode=2 --innodb-buffer-pool-size=32M \
        --innodb-flush-log-at-trx-commit=0 --innodb-use-native-aio=0 --wsrep-on=ON --wsrep-provider="$galera_lib" \
        --wsrep-cluster-address="gcomm://127.0.0.1:$(($(galera_port 1) + 1)),127.0.0.1:$(($(galera_port 2) + 1)),127.0.0.1:$(($(galera_port 3) + 1))" \
        --wsrep-provider-options="base_port=$((port + 1));gmcast.listen_addr=tcp://127.0.0.1:$((port + 1));ist.recv_addr=127.0.0.1:$((port + 2));gcache.size=16M" \
        --wsrep-node-address=127.0.0.1 --wsrep-sst-method=rsync \
        --wsrep-sst-receive-address="127.0.0.1:$((port + 3))" "$@" >"$home/$n.log" 2>&1 &
    node_pid[$n]=$!
}

sql_on() { # N STATEMENT
    printf '%s;\n' "$2" | mariadb --no-defaults -N -B -h 127.0.0.1 -P "$(galera_port "$1")" -u root | tr '\t' '|'
}

synced() { # N
    [ "$(sql_on "$1" "SHOW STATUS LIKE 'wsrep_local_state_comment'")" = 'wsrep_local_state_comment|Synced' ]
}

node_ready() { # N
    wait_until 90 synced "$1" || {
        diag "$(tail -n 30 "$home/$1.log")"
        echo "Bail out! node $1 does not join"
        tap_plan=given
        exit 1
    }
}

mkdir "$home/run" "$home/dir"
chmod 755 "$home"
for n in 1 2 3; do
    mkdir "$home/$n" "$home/tmp$n"
    chmod 700 "$home/$n" "$home/tmp$n"
done
[ "$(id -u)" != 0 ] || chown "$user" "$home/run" "$home"/[123] "$home"/tmp[123]
mariadb-install-db --no-defaults $([ "$(id -u)" != 0 ] || echo --user="$user") --datadir="$home/1" \
    --tmpdir="$home/tmp1" --skip-test-db --auth-root-authentication-method=normal >"$home/install.log" 2>&1
printf "CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '';\nGRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n" >"$home/init.sql"
node_start 1 --wsrep-new-cluster --init-file="$home/init.sql"
node_ready 1
for n in 2 3; do
    node_start $n
    node_ready $n
done
is "$(sql_on 3 "SHOW STATUS LIKE 'wsrep_cluster_size'")" 'wsrep_cluster_size|3' "galera: three nodes"

dir=$home/dir
printf 'CREATE TABLE ran (name varchar(20), id integer NOT NULL AUTO_INCREMENT PRIMARY KEY);\n' >"$dir/01_ran.sql"
for n in $(seq 2 9); do
    printf "CREATE TABLE g%d (id integer NOT NULL PRIMARY KEY);\nINSERT INTO ran (name) VALUES ('%d');\nALTER TABLE g%d ADD COLUMN a integer;\n" "$n" "$n" "$n" >"$dir/0${n}_g.sql"
done
printf "INSERT INTO ran (name) VALUES ('10');\n" >"$dir/10_rows.sql"
printf "INSERT INTO ran (name) VALUES ('11');\nUPDATE ran SET name = name;\n" >"$dir/11_rows.sql"

galera_runs() { # DATABASE RUNNERS: how many fail is left in $failures
    local i pid pids=
    failures=0
    for i in $(seq "$2"); do
        "$DUNLIN" -u "mysql://root@127.0.0.1:$(galera_port $((i % 3 + 1)))/$1" -d "$dir" up --lock-wait 120s \
            >"$work/run.$i" 2>&1 </dev/null &
        pids="$pids $!"
    done
    for pid in $pids; do
        wait "$pid" || failures=$((failures + 1))
    done
}

rounds=${DUNLIN_TEST_RACE_ROUNDS:-50} runners=${DUNLIN_TEST_RACE_RUNNERS:-32} wrong=0 claims=0
for round in $(seq "$rounds"); do
    sql_on 1 "CREATE DATABASE race$round"
    galera_runs "race$round" "$runners"
    ran=$(cat "$work"/run.* | sed -n 's/^done: \([0-9]*\) applied.*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
    rows=$(sql_on 2 "SELECT GROUP_CONCAT(name ORDER BY name + 0) FROM race$round.ran")
    # What counts is what is there. Seen once in a hundred rounds: two runs were both told OK for the
    # COMMIT of the same rows, and both claim what is there once.
    [ "$ran" -le 11 ] || claims=$((claims + ran - 11))
    applied=$(sql_on 3 "SELECT COUNT(*) FROM race$round.dunlin_migrations WHERE status = 'applied'")
    if [ "$failures $applied $rows" != '0 11 2,3,4,5,6,7,8,9,10,11' ] || [ "$ran" -lt 11 ]; then
        wrong=$((wrong + 1))
        diag "round $round: failed, said to be applied, applied, rows: $failures $ran $applied $rows"
        diag "$(cat "$work"/run.*)"
    fi
    sql_on 1 "DROP DATABASE race$round"
done
is "$wrong" 0 "galera: $runners runs at once on three nodes, $rounds times: each migration ran once"
diag "migrations that a second run claims to have applied: $claims"
done_testing
