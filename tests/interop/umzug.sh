#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# umzug, with the storage of Sequelize, and dunlin. umzug.sh ENGINE
tool=umzug engines="sqlite postgres mariadb" modules="umzug sequelize libsql mysql2 pg" commands=node
. "$(dirname "$0")/common.sh"
[ "$engine" != sqlite ] || leaves=no # only where the whole file is one that has to

project() {
    fresh_db
}

add() { # N
    up_sql "$1" >"$dir/2026.03.0${1}T08.00.00.number-$1.up.sql"
    down_sql "$1" >"$dir/2026.03.0${1}T08.00.00.number-$1.down.sql"
}

umzug() {
    run node "$INTEROP_NODE/umzug.mjs" "$engine" "$url" "$dir" "$@"
}

tool_up() { umzug up; }
tool_down() { umzug down; }
tool_done() {
    umzug status
    exits 0 "$who: umzug knows its names"
    is "$out" "executed $1, pending 0" "$who: .. $1 applied, none pending"
}
case $engine in
postgres) rows() { sql 'SELECT name FROM "SequelizeMeta" ORDER BY name'; } ;;
*) rows() { sql 'SELECT name FROM SequelizeMeta ORDER BY name'; } ;;
esac

take_turns
dunlin_first
take_over
done_testing
