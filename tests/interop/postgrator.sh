#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# postgrator and dunlin. postgrator.sh ENGINE
tool=postgrator engines="sqlite postgres mariadb" modules="postgrator libsql mysql2 pg" commands=node
. "$(dirname "$0")/common.sh"
[ "$engine" != sqlite ] || leaves=no # only where the whole file is one that has to

project() {
    fresh_db
}

add() { # N
    up_sql "$1" >"$dir/00$1.do.number-$1.sql"
    down_sql "$1" >"$dir/00$1.undo.number-$1.sql"
}

postgrator() {
    run node "$INTEROP_NODE/postgrator.mjs" "$engine" "$url" "$dir" "$@"
}

tool_up() { postgrator up; }
tool_down() { postgrator down; }
tool_done() { # it compares the checksums
    postgrator status
    exits 0 "$who: postgrator compares"
    is "$out" "at $1 of $1, $1 compared" "$who: .. $1 applied, none pending"
}
rows() { sql 'SELECT version, name, md5 FROM schemaversion ORDER BY version'; }

take_turns
dunlin_first
take_over

project
add_all 2
dunlin_up 2 0 "dunlin begins"
echo >>"$dir/001.do.number-1.sql"
postgrator up
exits 1 "$who: the tool sees an edit by the checksum that dunlin wrote"
like "$err" 'MD5 checksum failed' "$who: .. and says so"
as_dunlin up
exits 6 "$who: so does dunlin"
done_testing
