#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The migrator of drizzle-orm and dunlin take turns on one database, and dunlin takes over. Every
# migration inserts a row into "ran", so that one which ran twice, or not at all, shows.
# drizzle.sh ENGINE; the modules are in $INTEROP_NODE (see run).
. "${abs_top_srcdir:?}/tests/support/tap.sh"
if [ -z "${DUNLIN_TEST_URL:-}" ]; then
    cd / && rm -rf "$work"
    tap_plan=given
    exec "$abs_top_srcdir/tests/support/with-server" "$1" "$BASH" "$tap_script" "$1"
fi
. "$abs_top_srcdir/tests/e2e/engine/common.sh"

entries=
add() { # TAG WHEN: an entry at the end of the journal, and its file of two statements
    {
        printf 'CREATE TABLE t_%s (id integer);\n--> statement-breakpoint\n' "$1"
        printf "INSERT INTO ran (tag) VALUES ('%s');" "$1"
    } >"$dir/$1.sql"
    entries="$entries${entries:+,}
    { \"idx\": 0, \"version\": \"7\", \"when\": $2, \"tag\": \"$1\", \"breakpoints\": true }"
    printf '{\n  "version": "7",\n  "dialect": "any",\n  "entries": [%s\n  ]\n}' "$entries" \
        >"$dir/meta/_journal.json"
}

project() { # a database and a folder with two migrations
    fresh_db
    entries=
    mkdir "$dir/meta"
    sql 'CREATE TABLE ran (tag varchar(50))'
    add 0000_first 1772352000123
    add 0001_second 1772352001000
}

drizzle_up() {
    run node "$INTEROP_NODE/drizzle.mjs" "$engine" "$url" "$dir"
}

dunlin_up() {
    dunlin -u "$url" -d "$dir" --history layout up "$@"
}

ran() {
    sql 'SELECT tag, count(*) FROM ran GROUP BY tag ORDER BY tag' | tr '\n' ' '
}

case $engine in
postgres) table='drizzle.__drizzle_migrations' ;;
*) table='__drizzle_migrations' ;;
esac
rows() {
    sql "SELECT hash, created_at FROM $table ORDER BY created_at"
}

# ---- drizzle-orm first, then turns ----
project
drizzle_up
exits 0 "$engine: drizzle-orm applies two"
drizzle_rows=$(rows)
dunlin_up
exits 0 "$engine: dunlin behind it"
like "$out" '0 applied, 2 already applied' "$engine: .. finds nothing to do"
is "$(rows)" "$drizzle_rows" "$engine: .. and leaves the table as it is"
add 0002_third 1772352002000
dunlin_up
like "$out" '1 applied, 2 already applied' "$engine: dunlin applies the third"
drizzle_up
exits 0 "$engine: drizzle-orm behind dunlin"
is "$(ran)" '0000_first|1 0001_second|1 0002_third|1 ' "$engine: each ran once"
add 0003_fourth 1772352003000
add 0004_fifth 1772352004000
drizzle_up
exits 0 "$engine: drizzle-orm applies two more"
dunlin_up
like "$out" '0 applied, 5 already applied' "$engine: dunlin has nothing to do"
is "$(ran)" '0000_first|1 0001_second|1 0002_third|1 0003_fourth|1 0004_fifth|1 ' \
    "$engine: each ran once, none was skipped"

# ---- merged late, with an older time ----
add 0002_other_branch 1772352002500
drizzle_up
exits 0 "$engine: drizzle-orm says nothing of a late one"
unlike "$(ran)" other_branch "$engine: .. and has not run it"
dunlin_up
exits 6 "$engine: dunlin stops at the late one"
like "$err" '0002_other_branch' "$engine: .. and names it"
dunlin_up --out-of-order allow
exits 0 "$engine: dunlin runs it when told to"
add 0005_sixth 1772352005000
drizzle_up
exits 0 "$engine: drizzle-orm goes on behind it"
dunlin_up
like "$out" '0 applied, 7 already applied' "$engine: all seven are applied"
is "$(ran | tr ' ' '\n' | grep -c '|1$')" 7 "$engine: each ran once"

# ---- dunlin first ----
project
dunlin_up
exits 0 "$engine: dunlin applies two"
is "$(rows)" "$drizzle_rows" "$engine: its rows are what drizzle-orm would have written"
drizzle_up
exits 0 "$engine: drizzle-orm behind it finds nothing to do"
add 0002_third 1772352002000
drizzle_up
is "$(ran)" '0000_first|1 0001_second|1 0002_third|1 ' "$engine: each ran once"
dunlin -u "$url" -d "$dir" --history layout status --check
exits 0 "$engine: nothing is pending for dunlin"

# ---- taking over ----
dunlin -u "$url" -d "$dir" adopt
exits 0 "$engine: adopt"
like "$out" '3 recorded' "$engine: adopt: three migrations"
add 0003_fourth 1772352003000
dunlin -u "$url" -d "$dir" up
like "$out" '1 applied, 3 already applied' "$engine: dunlin goes on in its own table"
printf -- '-- edited' >>"$dir/0000_first.sql"
dunlin -u "$url" -d "$dir" up
exits 6 "$engine: an edited file is found from now on"
done_testing
