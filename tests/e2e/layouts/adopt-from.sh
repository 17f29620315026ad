# SPDX-License-Identifier: MIT
#
# Taking over the history of a tool whose own files dunlin does not run: beside its table there is a
# folder that somebody wrote after them.

from_files() { # NAME...: a folder of dunlin's own with nothing to do
    local name
    rm -rf "$dir"
    mkdir "$dir"
    for name; do echo 'SELECT 1;' >"$dir/$name"; done
}

from_adopt() { # OPTION...
    dunlin -u "$url" -d "$dir" adopt "$@"
}

from_taken() { # COUNT WHAT: everything is applied in dunlin's own table
    exits 0 "$2: adopted"
    like "$out" "$1 " "$2: says how many"
    dunlin -u "$url" -d "$dir" up
    like "$out" "^done: 0 applied, $1 already applied" "$2: nothing is left to do"
}

from_refused() { # WORD WHAT: names what does not fit, and writes nothing
    exits 6 "$2: refused"
    like "$out$err" "$1" "$2: names it"
    ok "$2: nothing was written" test -z "$(sql 'SELECT 1 FROM dunlin_migrations' 2>/dev/null)"
}

# ---- tools with their own dumps

fresh_db
layout_load "$samples/rails/tracking-$(layout_engine).sql"
from_files 20260301080000_create_hives.sql 20260302093000_frames_logic.sql
from_adopt --from rails
from_refused 20260303101500 "rails, a row without a file"
from_files 20260301080000_create_hives.sql 20260302093000_frames_logic.sql \
    20260303101500_anything.sql
from_adopt --from rails --dry-run
exits 0 "rails: adopt --dry-run"
ok "rails: writes nothing" test -z "$(sql 'SELECT 1 FROM dunlin_migrations' 2>/dev/null)"
from_adopt --from rails
from_taken 3 rails
is "$(sql 'SELECT COUNT(*) FROM schema_migrations')" 3 "rails: the old table stays"
from_adopt --from rails
exits 0 "rails: once more"
is "$(sql 'SELECT COUNT(*) FROM dunlin_migrations')" 3 "rails: adds nothing"
echo 'SELECT 2;' >"$dir/20260401000000_new.sql"
dunlin -u "$url" -d "$dir" up
like "$out" '^done: 1 applied, 3 already applied' "rails: and dunlin goes on from there"

# its folder may be of any layout
fresh_db
layout_load "$samples/rails/tracking-$(layout_engine).sql"
from_files
for name in 20260301080000_a 20260302093000_b 20260303101500_c; do
    mkdir "$dir/$name"
    echo 'SELECT 1;' >"$dir/$name/migration.sql"
done
dunlin -u "$url" -d "$dir" --layout prisma adopt --from rails
exits 0 "rails: into a folder of another layout"
up_as prisma
like "$out" '^done: 0 applied, 3 already applied' "rails: it is taken over there, too"

fresh_db
layout_load "$samples/knex/tracking-$(layout_engine).sql"
from_files 20260301080000_create_hives.sql 20260302093000_frames_logic.sql \
    20260303101500_inspection_index.sql
sql 'UPDATE knex_migrations_lock SET is_locked = 1'
from_adopt --from knex
from_refused 'unlock' "knex, locked"
sql 'UPDATE knex_migrations_lock SET is_locked = 0'
from_adopt --from knex
from_taken 3 knex
like "$(sql 'SELECT applied_at FROM dunlin_migrations ORDER BY version')" '2026-11-21.07:31:58' \
    "knex: with the times"

fresh_db
layout_load "$samples/knex/tracking-$(layout_engine).sql"
from_files 001_create_hives.sql 002-frames-logic.sql 003_Inspection_Index.sql 004_more.sql
from_adopt --from knex
exits 0 "knex, matched by name"
dunlin -u "$url" -d "$dir" up
like "$out" '^done: 1 applied, 3 already applied' "knex, matched by name: the rest is pending"

fresh_db
layout_load "$samples/umzug/tracking-$(layout_engine).sql"
from_files 1_create-hives.sql 2_frames-logic.sql 3_inspection-index.sql
from_adopt --from umzug
from_taken 3 umzug

fresh_db
layout_load "$samples/golang-migrate/tracking-$(layout_engine).sql"
from_files 1_a.sql 2_b.sql 3_c.sql 20270101000000_d.sql
last=$(sql 'SELECT version FROM schema_migrations')
[ "$last" = 3 ] || mv "$dir/3_c.sql" "$dir/${last}_c.sql"
from_adopt --from golang-migrate
exits 0 "golang-migrate: one row for all"
dunlin -u "$url" -d "$dir" up
like "$out" '^done: 1 applied, 3 already applied' "golang-migrate: speaks for those before it"
fresh_db
layout_load "$samples/golang-migrate/tracking-$(layout_engine).sql"
from_files "${last}_c.sql"
from_adopt --from rails
from_refused 'golang-migrate' "the table of another tool for rails"
from_adopt --from plain
from_refused 'golang-migrate' "the table of golang-migrate for plain"

# ---- alembic: its table has heads alone

fresh_db
layout_load "$samples/alembic/tracking-$(layout_engine).sql"
from_files 001_create_hives.sql 002_add_inspection.sql 003_add_keeper.sql
from_adopt --from alembic
exits 78 "alembic without its files"
like "$err" 'from alembic:DIR' "alembic without its files: where to name them"
from_adopt --from "alembic:$samples/alembic/migrations"
from_taken 3 alembic

fresh_db
layout_load "$samples/alembic/tracking-$(layout_engine).sql"
sql "DELETE FROM alembic_version WHERE version_num = '90aa71d2c3e4'"
from_files 001_create_hives.sql 002_add_inspection.sql 003_add_keeper.sql
cp -R "$samples/alembic/migrations/versions" "$dir/versions"
chmod -R u+w "$dir/versions"
cat >"$dir/versions/late.py" <<'PY'
"""a merge"""
from typing import Sequence, Union
revision: str = 'aaaa0001'
down_revision: Union[str, Sequence[str], None] = (
    '7be2d40c5512',  # one line for each
    "90aa71d2c3e4",
)
branch_labels = None
depends_on: Union[str, Sequence[str], None] = None
PY
from_adopt --from alembic
exits 0 "alembic, one head: adopted"
dunlin -u "$url" -d "$dir" up
like "$out" '^done: 1 applied, 2 already applied' "alembic, one head: what is not before it is pending"

fresh_db
layout_load "$samples/alembic/tracking-$(layout_engine).sql"
sql 'DELETE FROM alembic_version'
sql "INSERT INTO alembic_version VALUES ('aaaa0001')"
cp -R "$work/case$((db_number - 1))/versions" "$dir/versions"
chmod -R u+w "$dir/versions"
from_list=(001_create_hives.sql 002_add_inspection.sql 003_add_keeper.sql 004_late.sql)
for name in "${from_list[@]}"; do echo 'SELECT 1;' >"$dir/$name"; done
from_adopt --from alembic
from_taken 4 "alembic, a merge"

fresh_db
layout_load "$samples/alembic/tracking-$(layout_engine).sql"
sql 'DELETE FROM alembic_version'
sql "INSERT INTO alembic_version VALUES ('bbbb0002')"
from_files 001_create_hives.sql
cp -R "$samples/alembic/migrations/versions" "$dir/versions"
chmod -R u+w "$dir/versions"
from_adopt --from alembic
from_refused bbbb0002 "alembic, a head without a file"

# A long line of them: more files than there is room for at first.
fresh_db
layout_load "$samples/alembic/tracking-$(layout_engine).sql"
sql 'DELETE FROM alembic_version'
sql "INSERT INTO alembic_version VALUES ('r169')"
from_files
mkdir "$dir/versions"
for n in {101..170}; do
    printf "revision = 'r%d'\ndown_revision = 'r%d'\n" "$n" "$((n - 1))" >"$dir/versions/r${n}_step_$n.py"
    echo 'SELECT 1;' >"$dir/${n}_step_$n.sql"
done
sed -i "s/^down_revision = .*/down_revision = None/" "$dir/versions/r101_step_101.py"
from_adopt --from alembic
exits 0 "alembic, seventy files"
is "$(sql 'SELECT COUNT(*), MIN(version), MAX(version) FROM dunlin_migrations')" '69|101|169' "alembic, seventy files: all but the newest"

# What depends on a label, and on what no file has.
fresh_db
layout_load "$samples/alembic/tracking-$(layout_engine).sql"
sql 'DELETE FROM alembic_version'
from_files 001_first.sql 002_second.sql
mkdir "$dir/versions"
printf "revision = 'aaaa0001'  # the first\ndown_revision = None\nbranch_labels = ('hives',)\ndepends_on = None\n" >"$dir/versions/aaaa0001_first.py"
printf "revision = 'bbbb0002'\ndown_revision = None\ndepends_on = 'hives'  # a label" >"$dir/versions/bbbb0002_second.py"
from_adopt --from alembic
exits 0 "alembic, a table without a head"
ok "alembic, a table without a head: nothing is applied" test -z "$(sql 'SELECT 1 FROM dunlin_migrations' 2>/dev/null)"
sql "INSERT INTO alembic_version VALUES ('bbbb0002')"
from_adopt --from alembic
from_taken 2 "alembic, what a label stands for"
sql 'DROP TABLE dunlin_migrations'
rm "$dir/versions/aaaa0001_first.py"
from_adopt --from alembic
from_refused 'bbbb0002_second.py comes after revision hives, which no file has' "alembic, one that needs a file that is gone"

# ---- Liquibase with changes in XML: told by their ids, or by the files, where each has one

case $engine in
mariadb) changelog=DATABASECHANGELOG ;;
*) changelog=databasechangelog ;;
esac
fresh_db
layout_load "$samples/liquibase/tracking-$(layout_engine)-4.28-v9.sql"
sql "UPDATE $changelog SET filename = 'db/log.xml'"
sql "DELETE FROM $changelog WHERE id = 'hive-view'"
from_files 1_tables.sql 2_frames-logic.sql 3_index.sql
from_adopt --from liquibase
from_refused 'frames-logic' "liquibase, ids of two kinds"
sql "UPDATE $changelog SET id = '2-frames' WHERE id = 'frames-logic'"
from_adopt --from liquibase
from_taken 3 "liquibase, by id"

fresh_db
layout_load "$samples/liquibase/tracking-$(layout_engine)-4.28-v9.sql"
sql "DELETE FROM $changelog WHERE id = 'hive-view'"
sql "UPDATE $changelog SET filename = 'db/001-hives.xml' WHERE orderexecuted = 1"
sql "UPDATE $changelog SET filename = 'db/002-logic.xml' WHERE orderexecuted = 2"
sql "UPDATE $changelog SET filename = 'db/003-index.xml' WHERE orderexecuted = 3"
sql "UPDATE $changelog SET id = '1'"
from_files 001-hives.sql 002-logic.sql 003-index.sql
from_adopt --from liquibase
from_taken 3 "liquibase, by file"

# ---- tables of runners that somebody wrote

fresh_db
sql 'CREATE TABLE schema_migrations (version varchar(40) PRIMARY KEY, applied_at timestamp NULL)'
sql "INSERT INTO schema_migrations VALUES ('001', '2026-02-03 04:05:06'), ('2', NULL)"
from_files 1_a.sql 002_b.sql 3_c.sql
from_adopt --from plain
exits 0 "plain, by version: adopted"
dunlin -u "$url" -d "$dir" up
like "$out" '^done: 1 applied, 2 already applied' "plain, by version: the rest is pending"
like "$(sql "SELECT applied_at FROM dunlin_migrations WHERE name = 'a'")" '2026-02-03.04:05:06' \
    "plain, by version: with the time"

fresh_db
sql "CREATE TABLE migrations (id integer PRIMARY KEY, name varchar(80), batch integer, status varchar(20))"
sql "INSERT INTO migrations VALUES (1, '001_hives', 1, 'applied'), (2, '003_logic', 1, 'SUCCESS'), (3, '002_gone', 1, 'reverted')"
from_files 001_hives.sql 002_gone.sql 003_logic.sql
from_adopt --from plain --layout-table migrations
exits 0 "plain, by name and status: adopted"
is "$(sql 'SELECT version FROM dunlin_migrations ORDER BY version')" '001
003' "plain, by name and status: not what was reverted, and not by its count"

fresh_db
sql "CREATE TABLE migrations (id integer PRIMARY KEY, name varchar(80), status varchar(20))"
sql "INSERT INTO migrations VALUES (1, '001_hives', 'applied'), (2, '002_logic', 'failed')"
from_files 001_hives.sql 002_logic.sql
from_adopt --from plain --layout-table migrations
from_refused 002 "plain, a failed one"
sql "UPDATE migrations SET status = 'quux' WHERE id = 2"
from_adopt --from plain --layout-table migrations
from_refused 002 "plain, a status that nobody knows"

fresh_db
sql "CREATE TABLE migrations (filename varchar(80) PRIMARY KEY)"
sql "INSERT INTO migrations VALUES ('db/001_hives.sql'), ('db/002_logic.sql')"
from_files 001_hives.sql 002_logic.sql
from_adopt --from plain --layout-table migrations
from_taken 2 "plain, by file name"

fresh_db
sql "CREATE TABLE migrations (a integer, b integer)"
from_files 001_hives.sql
from_adopt --from plain --layout-table migrations
from_refused 'no column' "plain, another table"

# Many columns, and more rows than are read in one piece; what failed, and what was taken back.
fresh_db
sql "CREATE TABLE migrations (version varchar(20) PRIMARY KEY, name varchar(20), success integer, rolled_back_at varchar(30)$(printf ', c%d integer' {1..20}))"
{
    printf "INSERT INTO migrations (version, name, success, rolled_back_at) VALUES ('1', 'a', 1, NULL)"
    printf ", ('%d', 'a', 1, NULL)" {2..140}
    printf ";\n"
} | client
# shellcheck disable=SC2046
from_files $(printf '%d_a.sql ' {1..140})
sql "UPDATE migrations SET success = 0 WHERE version = '70'"
from_adopt --from plain --layout-table migrations
from_refused 70 "plain, one that failed among those that could be taken back"
sql "UPDATE migrations SET rolled_back_at = '2026-01-01' WHERE version = '70'"
from_adopt --from plain --layout-table migrations
exits 0 "plain, one that failed and was taken back"
is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 139 "plain, all rows but that"
is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE version = '70'")" 0 "plain, it is pending"

# ---- what cannot be

fresh_db
from_files 1_a.sql
from_adopt --from rails
exits 6 "no such table"
like "$err" 'schema_migrations' "no such table: named"
from_adopt --from nobody
exits 78 "no such tool"
like "$err" 'nobody' "no such tool: named"
from_adopt --from sqitch
exits 78 "sqitch without its plan"
like "$err" 'without its own folder' "sqitch without its plan: says why"
mkdir "$work/other$db_number"
dunlin -u "$url" -d "$dir" -d "$work/other$db_number" adopt --from rails
like "$err" 'one folder' "two folders"

# A folder that could be dunlin's own is taken for it: its history is not the tool's.
fresh_db
layout_folder golang-migrate .
layout_load "$samples/golang-migrate/tracking-$(layout_engine).sql"
dunlin -u "$url" -d "$dir" up --history layout
exits 78 "--history layout, and nobody said whose"
like "$err" '^hint: .*--layout NAME' "--history layout: what says it"
not_ok "--history layout: nothing runs once more" sql 'SELECT * FROM hive'
up_as golang-migrate --history layout
like "$out" '^done: 0 applied, 3 already applied' "--history layout: whose table says that all is done"
