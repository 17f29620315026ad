# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
#
# Many files: from zero, and a run with nothing to do. Where a peer would take too long to apply
# them all, the first file is applied and the rest of its history written by SQL.

fill_history() { # CONTENDER COUNT: versions 2 to COUNT
    awk -v name="$1" -v count="$2" 'BEGIN {
        head["dbmate"] = "INSERT INTO schema_migrations (version) VALUES"
        row["dbmate"] = "('\''%06d'\'')"
        head["goose"] = "INSERT INTO goose_db_version (version_id, is_applied) VALUES"
        row["goose"] = "(%d, true)"
        head["sql-migrate"] = "INSERT INTO gorp_migrations (id, applied_at) VALUES"
        row["sql-migrate"] = "('\''%06d_n.sql'\'', '\''2026-01-01 00:00:00'\'')"
        if (name == "golang-migrate") print "UPDATE schema_migrations SET version = " count ";"
        if (!(name in head)) exit
        print "BEGIN;"
        for (i = 2; i <= count; i++)
            print (i % 500 == 2 ? head[name] " " : ",") sprintf(row[name], i) \
                (i % 500 == 1 || i == count ? ";" : "")
        print "COMMIT;"
    }' | client_on "$db"
}

# Applies the first file with the contender itself, in a fresh database.
apply_first() { # CONTENDER
    local all=$folder status
    fresh_db_for "$1"
    folder="$scratch/first"
    if [ ! -d "$folder" ]; then
        mkdir -p "$folder/plain"
        cp "$all/plain/000001_n.sql" "$folder/plain"
        golang_layout "$folder"
    fi
    unmeasured "$1"
    status=$?
    folder=$all
    return $status
}

declare -A wanted_rows
for count in $counts; do
    use_workload files "$count"
    prepare() {
        fresh_db_for "$1"
    }
    verify() {
        same "$(sql 'SELECT count(*) FROM n')" "$count"
    }
    others=()
    [ "$count" -gt 1000 ] && [ "$full" != 1 ] ||
        mapfile -t others < <(echo client; peers_without sqitch)
    compare from-zero "$count" dunlin "${others[@]}"

    wanted_rows=([dunlin]=$count)
    idle=()
    for contender in "${peers[@]}"; do
        [ "$contender" != sqitch ] || continue
        if apply_first "$contender" && fill_history "$contender" "$count"; then
            wanted_rows[$contender]=1
            idle+=("$contender")
        fi
    done
    prepare() {
        db=${database[$1]}
    }
    verify() {
        same "$(sql 'SELECT count(*) FROM n')" "${wanted_rows[$1]}"
    }
    compare nothing-pending "$count" dunlin "${idle[@]}"
    drop_databases
done
