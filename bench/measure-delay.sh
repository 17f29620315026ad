# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the network costs: small migrations from zero, and again with nothing pending, through a
# proxy that delays and counts round trips.

[ "$engine" != sqlite ] || return 0
use_workload small "$migrations"
small_rows=$(rows_of_small "$migrations")

verify() {
    same "$(sql "$small_rows")" "$migrations"
}

for network in $delays; do
    prepare() {
        fresh_db_for "$1"
    }
    compare from-zero "$network" dunlin client "${peers[@]}"
done

# In the databases that the last runs left.
mapfile -t idle < <(complete "${peers[@]}")
for network in $delays; do
    prepare() {
        db=${database[$1]}
    }
    compare nothing-pending "$network" dunlin "${idle[@]}"
done
network=
