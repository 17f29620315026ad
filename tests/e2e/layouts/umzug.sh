# SPDX-License-Identifier: MIT
umzug_table() { # as its engine quotes a name with capitals
    case $engine in
    postgres) echo '"SequelizeMeta"' ;;
    *) echo SequelizeMeta ;;
    esac
}
layout_sample umzug umzug migrations 3 "$(umzug_table)" 'name, name'

umzug_rows() {
    sql "SELECT name FROM $(umzug_table) ORDER BY name"
}

# down
fresh_db
layout_folder umzug
dunlin -u "$url" -d "$dir" --history layout up
exits 0 "umzug: is recognised by its times"
dunlin -u "$url" -d "$dir" --history layout down
exits 0 "umzug: down"
is "$(umzug_rows)" '2026.03.01T08.00.00.create-hives.up.sql
2026.03.02T09.30.00.frames-logic.up.sql' "umzug: takes the row away"

# the other pairs, in the order of their names
fresh_db
mkdir "$dir/down"
echo 'CREATE TABLE a (id int);' >"$dir/a.sql"
echo 'DROP TABLE a;' >"$dir/down/a.sql"
echo 'CREATE TABLE b (id int);' >"$dir/b.up.sql"
echo 'DROP TABLE b;' >"$dir/b.down.sql"
echo 'CREATE TABLE c (id int);' >"$dir/C.sql"
echo 'SELECT 1;' >"$dir/README.md"
dunlin -u "$url" -d "$dir" --layout umzug --json plan
is "$(printf '%s\n' "$out" | grep -o '"version":"[^"]*"' | cut -d'"' -f4 | tr '\n' ' ')" 'C a b ' \
    "umzug: the order of its files"
up_as umzug --history layout
exits 0 "umzug: files with what goes down beside or below"
is "$(umzug_rows | LC_ALL=C sort | tr '\n' ' ')" 'C.sql a.sql b.up.sql ' "umzug: whole names"
dunlin -u "$url" -d "$dir" --layout umzug --history layout down 2
exits 0 "umzug: both go down"
is "$(umzug_rows)" C.sql "umzug: without their rows"
dunlin -u "$url" -d "$dir" --layout umzug --history layout down
exits 6 "umzug: what has no other half stays"

# what is wrong
echo 'SELECT 1;' >"$dir/down/x.sql"
up_as umzug
exits 65 "umzug: half a pair"
like "$err" 'down/x.sql' "umzug: is named"
rm "$dir/down/x.sql"
echo 'exports.up = () => {};' >"$dir/d.js"
up_as umzug --history layout
exits 65 "umzug: JavaScript is refused"
like "$err" 'd\.js' "umzug: and named"
sql "INSERT INTO $(umzug_table) VALUES ('d.js')"
up_as umzug --history layout --foreign-code skip
exits 0 "umzug: or passed over, row and all"
sql "INSERT INTO $(umzug_table) VALUES ('gone.sql')"
up_as umzug --history layout --foreign-code skip
exits 6 "umzug: a row without a file"
like "$err" 'gone\.sql' "umzug: is named"
