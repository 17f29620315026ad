# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
#
# What a run costs without a network: small migrations from zero against the engine's client with
# the same statements in the same transactions, and with nothing pending. On a server the peers
# are in the rows of delay 0 of measure-delay.sh.

use_workload small "$migrations"
small_rows=$(rows_of_small "$migrations")
local_peers=()
[ "$engine" != sqlite ] || local_peers=("${peers[@]}")

prepare() {
    fresh_db_for "$1"
}
verify() {
    same "$(sql "$small_rows")" "$migrations"
}
compare from-zero "$migrations" dunlin client client-tracked "${local_peers[@]}"

mapfile -t idle < <(complete "${local_peers[@]}")
prepare() {
    db=${database[$1]}
}
compare nothing-pending "$migrations" dunlin "${idle[@]}"
