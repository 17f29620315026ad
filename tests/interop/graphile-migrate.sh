#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# graphile-migrate, which also makes the folder, and dunlin. graphile-migrate.sh ENGINE
tool=graphile-migrate engines=postgres modules=graphile-migrate commands=node
. "$(dirname "$0")/common.sh"
has_down=no
root=$work/graphile

graphile() { # COMMAND OPTION...: for the folder $dir
    mkdir -p "$root"
    printf '{ "migrationsFolder": "%s" }' "$dir" >"$root/.gmrc"
    DATABASE_URL=$url SHADOW_DATABASE_URL=${DUNLIN_TEST_URL%/*}/shadow ROOT_DATABASE_URL=$DUNLIN_TEST_URL \
        run "$INTEROP_NODE/node_modules/.bin/graphile-migrate" "$@" --config "$root/.gmrc"
}

# What "commit" makes of a current.sql; "add" gives it out.
make_folder() { # COUNT
    local n
    fresh_db
    graphile init --folder
    for ((n = 1; n <= $1; n++)); do
        commit "$n"
    done
    mv "$dir" "$work/made"
}

commit() { # N
    {
        ! is_outside "$1" || echo '--! no-transaction'
        up_sql "$1"
    } >"$dir/current.sql"
    graphile commit --message "number $1"
    exits 0 "$who: graphile-migrate commit"
}

project() {
    fresh_db
    mkdir "$dir/committed"
}

add() { # N
    cp "$work/made/committed/00000$1-number-$1.sql" "$dir/committed/"
}

tool_up() { graphile migrate; }
tool_done() { # it compares the hashes of the table with the files
    graphile status
    exits 0 "$who: graphile-migrate status: nothing is left to run"
    is "$(rows | wc -l)" "$1" "$who: .. $1 applied"
}
rows() { sql 'SELECT filename, hash, previous_hash FROM graphile_migrate.migrations ORDER BY filename'; }
tool_while_locked() { tool_up; }

gated=5 # in the folder, too
make_folder 6
take_turns
dunlin_first
take_over
take_locks 'Failed to get exclusive lock'

project
add_all 2
dunlin_up 2 0 "dunlin applies two"
commit 3
dunlin_up 0 3 "what is committed then has run"
all_ran 3
dunlin -u "$url" -d "$dir" up --history layout
like "$err" '[(]--layout graphile-migrate[)]' "$who: dunlin knows the folder by itself"
done_testing
