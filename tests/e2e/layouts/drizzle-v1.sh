# SPDX-License-Identifier: MIT
case $engine in
postgres) drizzle_v1_table=drizzle.__drizzle_migrations ;;
*) drizzle_v1_table=__drizzle_migrations ;;
esac
layout_sample drizzle-folders-v1 drizzle-v1 drizzle 3 "$drizzle_v1_table" \
    'created_at, name, hash, applied_at IS NOT NULL'
layout_edited drizzle-folders-v1 drizzle-v1 drizzle 20260301080000_quiet_drone/migration.sql

drizzle_v1_names() {
    sql "SELECT name FROM $drizzle_v1_table WHERE name IS NOT NULL ORDER BY id"
}

# ---- folders ----

fresh_db
layout_folder drizzle-folders-v1 drizzle
for folder in "$dir"/*; do echo '{}' >"$folder/snapshot.json"; done
mkdir "$dir/nothing"
up_as auto
exits 0 "drizzle-v1: its folders are recognised by snapshot.json"
like "$out" '^done: 3 applied' "drizzle-v1: and run"
mkdir "$dir/meta"
echo '{}' >"$dir/meta/_journal.json"
up_as drizzle-v1
exits 65 "drizzle-v1: a journal says that it is an older folder"
like "$err" 'drizzle-kit up' "drizzle-v1: and what converts it"
rm -r "$dir/meta"
mkdir "$dir/2026_x"
echo 'SELECT 1;' >"$dir/2026_x/migration.sql"
up_as drizzle-v1
exits 65 "drizzle-v1: a folder that does not begin with a time"
# A migration that is there and cannot be looked at (here, a link in a circle) is not passed over.
rm -r "$dir/2026_x"
mkdir "$dir/20260304101500_circle"
ln -s migration.sql "$dir/20260304101500_circle/migration.sql"
up_as drizzle-v1
exits 65 "drizzle-v1: a migration that cannot be read"
like "$err" '20260304101500_circle/migration.sql' "drizzle-v1: is named"

fresh_db
for folder in 20260301080000_a 20260301080000-B 20260301080000_C 20240229235959_leap; do
    mkdir "$dir/$folder"
    echo "SELECT 1--> statement-breakpoint" >"$dir/$folder/migration.sql"
done
up_as drizzle-v1 --history layout
exits 0 "drizzle-v1: names that localeCompare sorts otherwise than by bytes"
is "$(drizzle_v1_names)" "20240229235959_leap
20260301080000_a
20260301080000_C
20260301080000-B" "drizzle-v1: run in its order"
is "$(sql "SELECT created_at FROM $drizzle_v1_table ORDER BY id LIMIT 1")" 1709251199000 \
    "drizzle-v1: with the folder's time in milliseconds"
mkdir "$dir/20270101000000_sum"
echo 'CREATE TABLE t (id int);' >"$dir/20270101000000_sum/migration.sql"
up_as drizzle-v1 --history layout
is "$(sql "SELECT hash FROM $drizzle_v1_table WHERE name = '20270101000000_sum'")" \
    12c83f983b0c94b9c7010dcc92149589d5fb01a3d32af8f6d699545d95db9040 "drizzle-v1: and the SHA-256 of the file"
mkdir "$dir/20250101000000_late"
echo 'CREATE TABLE late (id int);' >"$dir/20250101000000_late/migration.sql"
up_as drizzle-v1 --history layout --out-of-order allow
exits 0 "drizzle-v1: an older folder that comes late runs"
dunlin -u "$url" -d "$dir" --layout drizzle-v1 --history layout down
exits 6 "drizzle-v1: there is no way back"

# ---- tables of before ----

fresh_db
layout_folder drizzle-folders-v1 drizzle
layout_load "$samples/drizzle-folders-v1/tracking-$(layout_engine)-upgraded-from-v0.sql"
up_as drizzle-v1 --history layout
exits 0 "drizzle-v1: a table that drizzle-orm 1.0 has upgraded"
like "$out" '^done: 0 applied, 3 already applied' "drizzle-v1: says that all is done"

fresh_db
layout_folder drizzle-folders-v1 drizzle
layout_load "$samples/drizzle-journal/tracking-$(layout_engine).sql"
up_as drizzle-v1 --history layout
exits 6 "drizzle-v1: a table without names cannot be shared"
like "$err" 'let drizzle-orm 1.0 migrate once' "drizzle-v1: and what adds them"
dunlin -u "$url" -d "$dir" --layout drizzle-v1 adopt
exits 0 "drizzle-v1: but it can be adopted, by the hashes"
up_as drizzle-v1
like "$out" '^done: 0 applied, 3 already applied' "drizzle-v1: then nothing is left to do"

fresh_db
layout_folder drizzle-folders-v1 drizzle
layout_load "$samples/drizzle-journal/tracking-$(layout_engine).sql"
printf '\n' >>"$dir/20260302093000_bold_queen/migration.sql"
dunlin -u "$url" -d "$dir" --layout drizzle-v1 adopt
exits 6 "drizzle-v1: unless a file was edited"
like "$out" '1772443800456 +missing' "drizzle-v1: whose row is listed by its time"
