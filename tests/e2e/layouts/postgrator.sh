# SPDX-License-Identifier: MIT
layout_sample postgrator postgrator migrations 3 schemaversion 'version, name, md5'
layout_edited postgrator postgrator migrations 002.do.frames-logic.sql

postgrator_up() {
    up_as postgrator --history layout "$@"
}

postgrator_rows() {
    sql 'SELECT version FROM schemaversion ORDER BY version' | tr '\n' ' '
}

postgrator_files() { # NUMBER...: that create the tables tNUMBER
    local n
    for n; do
        echo "CREATE TABLE t$n (id int);" >"$dir/$n.do.t$n.sql"
        echo "DROP TABLE t$n;" >"$dir/$n.undo.t$n.sql"
    done
}

# the example of its checksum, with every kind of line end
fresh_db
printf 'CREATE TABLE t (id int);\n' >"$dir/1.do.sql"
dunlin -u "$url" -d "$dir" --history layout up
exits 0 "postgrator: is recognised"
is "$(sql 'SELECT name, md5 FROM schemaversion WHERE version = 1')" '|cd693128f6e326e5b6817a24ba8764af' \
    "postgrator: md5, and a migration without words"
printf 'CREATE TABLE t (id int);\r\n' >"$dir/1.do.sql"
postgrator_up
exits 0 "postgrator: other line ends are the same text"
printf 'CREATE TABLE t (id  int);\n' >"$dir/1.do.sql"
postgrator_up
exits 6 "postgrator: other text is not"
sql 'UPDATE schemaversion SET md5 = NULL'
postgrator_up
exits 0 "postgrator: a row without md5 is not compared"

# down
fresh_db
layout_folder postgrator
postgrator_up
dunlin -u "$url" -d "$dir" --layout postgrator --history layout down 2
exits 0 "postgrator: down"
is "$(postgrator_rows)" '0 1 ' "postgrator: takes the rows away"
postgrator_up
exits 0 "postgrator: and up again"
is "$(postgrator_rows)" '0 1 2 3 ' "postgrator: with all rows"

# what is not newer than its highest row
fresh_db
postgrator_files 1 2 10 4
postgrator_up
is "$(postgrator_rows)" '0 1 2 4 10 ' "postgrator: numbers in their order"
postgrator_files 7
postgrator_up
exits 6 "postgrator: what it would pass over"
like "$err" 'postgrator passes over it' "postgrator: is named"
dunlin -u "$url" -d "$dir" --layout postgrator adopt
exits 6 "postgrator: and is not adopted"
like "$out" '^7 +late' "postgrator: as it did not run"
postgrator_up --out-of-order allow
exits 0 "postgrator: unless that is allowed"
ok "postgrator: then it runs" sql 'SELECT * FROM t7'

# a database that had a schema before
fresh_db
postgrator_files 1 2 3
postgrator_up 1
sql 'DELETE FROM schemaversion WHERE version > 0'
sql 'INSERT INTO schemaversion (version) VALUES (2)'
postgrator_up
exits 0 "postgrator: what lies below the lowest row is applied"
like "$out" '^done: 1 applied, 2 already applied' "postgrator: and only what is above it runs"
is "$(postgrator_rows)" '0 2 3 ' "postgrator: with one row more"

# names
fresh_db
postgrator_files 1
echo 'SELECT 1;' >"$dir/create.sql"
echo 'SELECT 1;' >"$dir/x1.do.sql"
postgrator_up
exits 0 "postgrator: other names are left alone"
echo 'SELECT 1;' >"$dir/001.do.again.sql"
postgrator_up
exits 65 "postgrator: two of one number"
like "$err" 'version 1:' "postgrator: are named"
rm "$dir/001.do.again.sql"
echo 'SELECT 1;' >"$dir/2.undo.alone.sql"
postgrator_up
exits 65 "postgrator: an undo without a do"
rm "$dir/2.undo.alone.sql"
echo 'exports.generateSql = () => "";' >"$dir/2.do.code.js"
postgrator_up
exits 65 "postgrator: JavaScript is refused"
like "$err" '2.do.code.js' "postgrator: and named"
echo 'SELECT 1;' >"$dir/2.undo.code.sql"
dunlin -u "$url" -d "$dir" --layout postgrator check
exits 1 "postgrator: check: JavaScript with a way down in SQL"
like "$out" '^file: 1 migration in .*: 2.do.code.js$' "postgrator: check: is a finding"
like "$out" '^check: 1 finding in ' "postgrator: check: the only one"
rm "$dir/2.undo.code.sql"
postgrator_up --foreign-code skip
exits 0 "postgrator: or passed over"
sql "INSERT INTO schemaversion (version, name, md5) VALUES (2, 'code', 'undefined')"
postgrator_up --foreign-code skip
exits 0 "postgrator: with a row or without"
