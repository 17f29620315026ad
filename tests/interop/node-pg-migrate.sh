#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# node-pg-migrate and dunlin. node-pg-migrate.sh ENGINE
tool=node-pg-migrate engines=postgres modules="node-pg-migrate pg" commands=node
. "$(dirname "$0")/common.sh"
leaves=no # only its JavaScript can

project() {
    fresh_db
}

add() { # N
    {
        printf -- '-- Up Migration\n'
        up_sql "$1"
        printf '\n-- Down Migration\n'
        down_sql "$1"
    } >"$dir/177235200000${1}_number-$1.sql"
}

node_pg_migrate() {
    DATABASE_URL=$url run "$INTEROP_NODE/node_modules/.bin/node-pg-migrate" "$@" -m "$dir" \
        --verbose=false
}

tool_up() { node_pg_migrate up; }
tool_down() { node_pg_migrate down; }
tool_done() { # the order of the rows is checked, too
    node_pg_migrate up --dry-run
    exits 0 "$who: node-pg-migrate up --dry-run"
    like "$out" 'No migrations to run' "$who: .. none is pending"
    is "$(rows | wc -l)" "$1" "$who: .. $1 applied"
}
rows() { sql 'SELECT name FROM pgmigrations ORDER BY run_on, id'; }
tool_while_locked() { tool_up; }

take_turns
dunlin_first
take_over
take_locks 'Another migration is already running'
done_testing
