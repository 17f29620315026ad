#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# knex, whose migrations are JavaScript, and dunlin, which takes its history over. knex.sh ENGINE
tool=knex engines="sqlite postgres mariadb" modules="knex libsql mysql2 pg" commands=node
. "$(dirname "$0")/common.sh"

project() {
    fresh_db
    sources="$work/js$db_number"
    mkdir "$sources"
}

text() { # of JavaScript: a literal with standard input
    printf 'String.raw`'
    cat
    printf '`'
}

add() { # N
    local name=2026030${1}080000_number_$1 option=
    ! is_outside "$1" || option='exports.config = { transaction: false };'
    {
        printf 'exports.up = (knex) => script(knex, %s);\n' "$(up_sql "$1" | text)"
        printf 'exports.down = (knex) => script(knex, %s);\n%s\n' "$(down_sql "$1" | text)" "$option"
    } >"$sources/$name.cjs"
    # What somebody wrote after it.
    up_sql "$1" >"$dir/$name.sql"
}

knex() {
    run node "$INTEROP_NODE/knex.mjs" "$engine" "$url" "$sources" "$@"
}

adopt() {
    dunlin -u "$url" -d "$dir" adopt --from knex "$@"
}

tool_up() { knex up; }
rows() { sql 'SELECT name, batch FROM knex_migrations ORDER BY id'; }

project
add_all 2
tool_does "the tool applies two"
add 3
add 4
tool_does "and two more"
all_ran 4
before=$(rows)
sql 'UPDATE knex_migrations_lock SET is_locked = 1'
adopt
exits 6 "$who: while the tool is at work nothing is taken over"
like "$err" 'knex is at work' "$who: .. and why"
sql 'UPDATE knex_migrations_lock SET is_locked = 0'
mv "$dir/20260304080000_number_4.sql" "$work/"
adopt
exits 6 "$who: a migration without a file of dunlin's"
like "$out$err" number_4 "$who: .. is named"
mv "$work/20260304080000_number_4.sql" "$dir/"
adopt --dry-run
exits 0 "$who: adopt --dry-run"
adopt
exits 0 "$who: adopt"
like "$out" '4 recorded' "$who: .. records four"
up
like "$out" '^done: 0 applied, 4 already applied' "$who: .. and up has nothing to do"
add 5
up
like "$out" '^done: 1 applied, 4 already applied' "$who: dunlin goes on"
all_ran 5
is "$(rows)" "$before" "$who: .. and leaves the tool's table alone"
knex status
is "$out" 'completed 4, pending 1' "$who: which says what it did before"
done_testing
