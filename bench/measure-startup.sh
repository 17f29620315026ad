# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
#
# Starting, connecting, reading the history, finding nothing to do: against the engine's client
# with one query.

use_workload small 10
small_rows=$(rows_of_small 10)
fresh_db_for dunlin
unmeasured dunlin || die "dunlin failed on $engine"

prepare() {
    db=${database[dunlin]}
}
verify() {
    same "$(sql "$small_rows")" 10
}
command_client() {
    client_command
    case $engine in
    sqlite) cmd+=('SELECT count(*) FROM dunlin_migrations') ;;
    postgres) cmd+=(-c 'SELECT count(*) FROM dunlin_migrations') ;;
    mariadb) cmd+=(-e 'SELECT count(*) FROM dunlin_migrations') ;;
    esac
}
pairs=$((pairs * 4))
compare nothing-pending 10 dunlin client
pairs=$((pairs / 4))
