# SPDX-License-Identifier: MIT
layout_sample refinery refinery migrations 3 refinery_schema_history 'version, name, checksum'
[ "$engine" = mariadb ] || layout_edited refinery refinery migrations V2__frames_logic.sql

refinery() { # OPTION...: with refinery's own table
    up_as refinery --history layout "$@"
}
sums() {
    sql 'SELECT version, checksum FROM refinery_schema_history ORDER BY version'
}

# ---- checksums -----------------------------------------------------------------------------------

fresh_db
file V1__create_t.sql <<<'CREATE TABLE t (id int);'
refinery
exits 0 'refinery: a number of four bytes'
is "$(sums)" '1|2108062287993664270' 'refinery: its checksum'
sql "UPDATE refinery_schema_history SET checksum = '6006276746260113690', applied_on = '2026-02-03T04:05:06.7Z'"
refinery
exits 0 'refinery: the checksum of a build for larger numbers'
like "$out" '^done: 0 applied, 1 already' 'refinery: is taken, too'
dunlin -u "$url" -d "$dir" --layout refinery adopt
exits 0 'refinery: adopt'
like "$(sql 'SELECT applied_at FROM dunlin_migrations')" '2026-02-03.04:05:06\.7' 'refinery: with the time of its row'
fresh_db
for n in {1..9}; do file "V${n}__n.sql" <<<'SELECT 1;'; done
refinery
n=0
for time in NULL "'2026-02-03T04:05:06'" "'2026-02-03T04:05:06+02:00'" "'this is no time, but long'" "'this is no time, eitherZ'" \
    "'2026-02-29T04:05:06Z'" "'2026-02-03T24:05:06.1Z'" "'2024-02-29T23:59:59.123456789+00:00'" "'2000-02-29T00:00:00Z'"; do
    n=$((n + 1))
    sql "UPDATE refinery_schema_history SET applied_on = $time WHERE version = $n"
done
dunlin -u "$url" -d "$dir" --layout refinery adopt
exits 0 'refinery: rows with what is no time of theirs'
is "$(sql 'SELECT MAX(version) FROM dunlin_migrations WHERE applied_at IS NULL')" 7 'refinery: it tells nothing'
like "$(sql "SELECT applied_at FROM dunlin_migrations WHERE version = '8'")" '2024-02-29.23:59:59\.123' 'refinery: a long one is cut'
like "$(sql "SELECT applied_at FROM dunlin_migrations WHERE version = '9'")" '2000-02-29.00:00:00' 'refinery: and one needs no parts'
fresh_db
file V1__create_t.sql <<<'CREATE TABLE t (id int);'
file V3000000000__large.sql <<<'SELECT 1;'
refinery
exits 0 'refinery: a number that needs eight bytes'
like "$(sums)" '^1\|6006276746260113690$' 'refinery: makes it eight for all of them'
refinery
like "$out" '^done: 0 applied, 2 already' 'refinery: and they are found again'

# ---- names ---------------------------------------------------------------------------------------

fresh_db
mkdir -p "$dir/2026/more"
file V10__ten.sql <<<'INSERT INTO t VALUES (10);'
file 2026/V9__nine.sql <<<'CREATE TABLE t (id int);'
file 2026/more/U011__café.sql <<<'INSERT INTO t VALUES (11);'
file README.sql <<<'this is none'
refinery
exits 0 'refinery: folders in the folder'
is "$(sql 'SELECT version, name FROM refinery_schema_history ORDER BY version')" "9|nine
10|ten
11|café" 'refinery: in the order of their numbers'
file U5__late.sql <<<'INSERT INTO t VALUES (5);'
refinery
exits 0 'refinery: a U file may come late'
is "$(sql 'SELECT count(*) FROM t WHERE id = 5')" 1 'refinery: and runs'
file V6__late.sql <<<'INSERT INTO t VALUES (6);'
refinery
exits 6 'refinery: a V file may not'
rm "$dir/V6__late.sql"
file U9__same.sql <<<'SELECT 1;'
refinery
exits 65 'refinery: two files of one number'
like "$err" 'V9__nine.sql' 'refinery: are named'
rm "$dir/U9__same.sql"
for name in V12_typo.sql V12__with-dash.sql V1.5__part.sql V99999999999999999999__large.sql; do
    file "$name" <<<'SELECT 1;'
    refinery
    exits 65 "refinery: the name $name"
    refinery --unnumbered ignore
    exits 0 'refinery: is passed over when wanted'
    rm "$dir/$name"
done
file V12__code.rs <<<'fn main() {}'
refinery
exits 65 'refinery: a migration in Rust'
like "$err" 'V12__code.rs' 'refinery: is named'
refinery --foreign-code skip
exits 0 'refinery: and passed over when wanted'
rm "$dir/V12__code.rs"
dunlin -u "$url" -d "$dir" --layout refinery --history layout down
exits 6 'refinery: there is no way down'
mv "$dir/V10__ten.sql" "$dir/V10__other.sql"
refinery
exits 6 'refinery: another name is another migration'
rm "$dir/V10__other.sql"
refinery
exits 6 'refinery: a row without a file'

# ---- who is asked --------------------------------------------------------------------------------

fresh_db
mkdir -p "$work/rust/migrations" "$work/rust/.git"
rmdir "$dir"
dir=$work/rust/migrations
file V1__a.sql <<<'SELECT 1;'
dunlin -u "$url" -d "$dir" status
exits 78 'refinery: names that may be of two tools'
for evidence in U2__late.sql ../Cargo.toml; do
    : >"$dir/$evidence"
    dunlin -u "$url" -d "$dir" status
    exits 0 "refinery: is told by $evidence"
    like "$out$err" refinery 'refinery: and status says so'
    rm "$dir/$evidence"
done
