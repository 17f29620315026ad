# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
#
# Large files: a seed of INSERTs with 1,000 rows each, and COPY data where the engine has it, plain
# and compressed, against the engine's client in one transaction. Peers that read neither COPY data
# nor compressed files take part in the first one.

prepare() {
    fresh_db_for "$1"
}
verify() {
    same "$(sql 'SELECT count(*) FROM seed')" "$rows"
}

command_client() {
    client_command
    case $engine in
    sqlite) cmd+=(BEGIN ".read $script" COMMIT) ;;
    postgres) cmd+=(-1 -f "$script") ;;
    mariadb) input=$script ;;
    esac
}

# The same from a pipe of gzip.
command_client_gz() {
    client_command
    case $engine in
    sqlite) pipe='{ echo "BEGIN;"; gzip -dc "$0"; echo "COMMIT;"; } | "$@"' ;;
    postgres) pipe='gzip -dc "$0" | "$@" -1 -f -' ;;
    *) pipe='gzip -dc "$0" | "$@"' ;;
    esac
    cmd=(bash -o pipefail -c "$pipe" "$script" "${cmd[@]}")
}

seed() { # KIND MEGABYTES: the folders for a size, in $folder and $folder-gz
    folder="$scratch/seed-$1-$2"
    script="$folder/plain/00001_seed.sql"
    if [ ! -f "$folder/rows" ]; then
        mkdir -p "$folder/plain" "$folder-gz/plain"
        bash "$bench/workload-seed.sh" "$2" "$1" "$script" >"$folder/rows.part" &&
            gzip -1 -c "$script" >"$folder-gz/plain/00001_seed.sql.gz" && golang_layout "$folder" &&
            mv "$folder/rows.part" "$folder/rows" || die "cannot make the seed file"
    fi
    rows=$(cat "$folder/rows")
}

kinds=insert
[ "$engine" != postgres ] || kinds='insert copy'
for kind in $kinds; do
    for size in $sizes; do
        seed "$kind" "$size"
        readers=()
        [ "$kind" = copy ] || mapfile -t readers < <(peers_without sqitch)
        compare "$kind" "$size" dunlin client "${readers[@]}"
        if [ "$size" -le 100 ] || [ "$full" = 1 ]; then
            folder="$folder-gz"
            script="$folder/plain/00001_seed.sql.gz"
            compare "$kind.gz" "$size" dunlin client-gz
        fi
        drop_databases
    done
done
