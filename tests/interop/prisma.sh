#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The engine of Prisma Migrate and dunlin. prisma.sh ENGINE
# MariaDB is missing: the engine that npm has refuses it.
tool=prisma engines="sqlite postgres" modules="@prisma/schema-engine-wasm pg @libsql/client" commands=node
. "$(dirname "$0")/common.sh"
has_down=no
[ "$engine" != sqlite ] || leaves=no # only where the whole file is one that has to
called='Prisma Migrate'

# The adapter for PostgreSQL cuts at every semicolon, which Prisma's own command does not.
[ "$engine" != postgres ] || body_sql() {
    printf 'CREATE FUNCTION note(n integer) RETURNS integer LANGUAGE sql AS $fn$\n  SELECT n + 1 -- one\n$fn$;\n'
}

project() {
    fresh_db
    echo "provider = \"${engine/postgres/postgresql}\"" | file migration_lock.toml
}

add() { # N
    mkdir "$dir/2026030${1}080000_number_$1"
    up_sql "$1" | file "2026030${1}080000_number_$1/migration.sql"
}

prisma() {
    run node "$INTEROP_NODE/prisma.mjs" "$engine" "$url" "$dir" "$@"
}

tool_up() { prisma deploy; }
tool_while_locked() { tool_up; }
tool_done() { # it compares the checksums
    prisma status
    exits 0 "$who: the engine looks at its table"
    is "$out" 'history alike, failed 0, edited 0' "$who: .. all are applied, and none was edited"
    is "$(rows | wc -l)" "$1" "$who: .. $1 rows"
}
rows() {
    sql 'SELECT migration_name, checksum, finished_at IS NOT NULL, rolled_back_at, logs, applied_steps_count
        FROM _prisma_migrations ORDER BY migration_name'
}

take_turns
dunlin_first
take_over
[ "$engine" = sqlite ] || take_locks 'timed out|Timed out|timeout'

project
add_all 2
dunlin_up 2 0 "dunlin begins"
echo >>"$dir/20260301080000_number_1/migration.sql"
prisma status
like "$out" 'edited 1' "$who: the engine sees an edit by the checksum that dunlin wrote"
as_dunlin up
exits 6 "$who: so does dunlin"
done_testing
