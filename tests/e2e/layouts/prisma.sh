# SPDX-License-Identifier: MIT
case $engine in
postgres) prisma_count=3 ;;
*) prisma_count=2 ;;
esac
prisma_path=prisma/migrations
layout_sample prisma prisma "$prisma_path" "$prisma_count" \
    '_prisma_migrations WHERE rolled_back_at IS NULL' \
    'migration_name, checksum, applied_steps_count'
layout_edited prisma prisma "$prisma_path" 20260302093000_frames_logic/migration.sql

# Its rows are written before what they are about is run, and everybody sees them.
prisma_at_work() { # QUERY: what takes its lock
    fresh_db
    layout_folder prisma "$prisma_path"
    up_as prisma --history layout 1
    layout_locked prisma prisma "$1" 'UPDATE _prisma_migrations SET finished_at = NULL' \
        'UPDATE _prisma_migrations SET finished_at = started_at'
    sql 'UPDATE _prisma_migrations SET finished_at = NULL'
    up_as prisma --history layout
    exits 6 "prisma: when it is not at work, it has left that unfinished"
    like "$err" 'Prisma Migrate left 20260301080000_create_hives unfinished' "prisma: which is told"
}
case $engine in
postgres) prisma_at_work 'pg_advisory_lock(72707369)' ;;
mariadb) prisma_at_work "GET_LOCK('prisma_migrate', 0)" ;;
esac

prisma_up() {
    up_as prisma --history layout "$@"
}

prisma_make() { # NAME...: migrations that create a table tNUMBER each
    local name n=0
    for name; do
        n=$((n + 1))
        mkdir -p "$dir/$name"
        printf 'CREATE TABLE t%d (id int);\n' "$n" >"$dir/$name/migration.sql"
    done
}

prisma_row() { # NAME CHECKSUM COLUMNS VALUES: one more
    sql "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, applied_steps_count, $3)
         VALUES ('$1-$RANDOM$RANDOM', '$2', '$1', '2026-01-02 03:04:05', 0, $4)"
}

# the example of its checksum, and what it tolerates
fresh_db
mkdir "$dir/1_t"
printf 'CREATE TABLE t (id int);\n' >"$dir/1_t/migration.sql"
prisma_up
exits 0 "prisma: one migration"
is "$(sql 'SELECT checksum FROM _prisma_migrations')" \
    12c83f983b0c94b9c7010dcc92149589d5fb01a3d32af8f6d699545d95db9040 "prisma: sha256"
printf 'CREATE TABLE t (id int);\r\n' >"$dir/1_t/migration.sql"
prisma_up
exits 0 "prisma: CR LF in the file, LF when it ran"
sql "UPDATE _prisma_migrations SET checksum = '$(sha256sum <"$dir/1_t/migration.sql" | cut -d' ' -f1)'"
printf 'CREATE TABLE t (id int);\n' >"$dir/1_t/migration.sql"
prisma_up
exits 0 "prisma: LF in the file, CR LF when it ran"
# every byte without its leading zero, as old engines wrote it
sql "UPDATE _prisma_migrations SET checksum = '$(sha256sum <"$dir/1_t/migration.sql" | cut -c1-64 |
    sed 's/../& /g; s/\b0//g; s/ //g')'"
prisma_up
exits 0 "prisma: checksums of old engines"
printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t/migration.sql"
prisma_up
exits 6 "prisma: other text is not the same"

# begun, and neither finished nor rolled back
fresh_db
prisma_make 1_a 2_b
prisma_up 1
prisma_row 2_b abc logs "'it was full'"
prisma_up
exits 6 "prisma: an unfinished row stops it"
like "$err" 'Prisma Migrate left 2_b unfinished' "prisma: it is named"
like "$err" 'it was full' "prisma: with what Prisma noted"
dunlin -u "$url" -d "$dir" --layout prisma adopt
exits 6 "prisma: it is not adopted"
like "$out" '^2_b +failed' "prisma: but told"
sql "UPDATE _prisma_migrations SET rolled_back_at = '2026-01-02 03:04:06' WHERE migration_name = '2_b'"
prisma_up
exits 0 "prisma: rolled back it may run"
ok "prisma: and does" sql 'SELECT * FROM t2'
is "$(sql "SELECT COUNT(*) FROM _prisma_migrations WHERE migration_name = '2_b'")" 2 \
    "prisma: the row of the failure stays"
prisma_up
like "$out" '^done: 0 applied, 2 already applied' "prisma: nothing is left to do"

# a migration that dunlin rolled back is none
fresh_db
prisma_make 1_a
printf 'SELECT nothing;\n' >"$dir/1_a/migration.sql"
prisma_up
exits 2 "prisma: a migration fails"
is "$(sql 'SELECT COUNT(*) FROM _prisma_migrations WHERE finished_at IS NOT NULL')" 0 \
    "prisma: no row says that it is done"

# line ends of a file that has all of them
fresh_db
prisma_make 1_a
prisma_up
printf 'CREATE TABLE t1 (id int);\r\n-- one\r-- two\n\r' >"$dir/1_a/migration.sql"
prisma_sum() { # FORMAT: the table has the sum of that text; or of another one
    sql "UPDATE _prisma_migrations SET checksum = '$(printf "$1" | sha256sum | cut -c1-64)'"
    prisma_up
}
prisma_sum 'CREATE TABLE t1 (id int);\n-- one\r-- two\n\r'
exits 0 "prisma: the sum of the text with LF"
prisma_sum 'CREATE TABLE t1 (id int);\r\n-- one\r-- two\r\n\r'
exits 0 "prisma: the sum of the text with CRLF"
prisma_sum 'CREATE TABLE t1 (id int);\n-- one\n-- two\n'
exits 6 "prisma: a CR alone is no line end"
sql "UPDATE _prisma_migrations SET checksum = '$(sha256sum <"$dir/1_a/migration.sql" | cut -c1-63)x'"
prisma_up
exits 6 "prisma: a sum that differs in its last digit"

# names that are sorted by bytes elsewhere
fresh_db
prisma_make 20260101_a 202601010_b 2026_z
dunlin -u "$url" -d "$dir" --layout prisma --json plan
is "$(printf '%s\n' "$out" | grep -o '"version":"[^"]*"' | cut -d'"' -f4 | tr '\n' ' ')" \
    '2026_z 20260101_a 202601010_b ' "prisma: the order of its folders"

# marked as applied by hand, as Prisma does it
if [ "$engine" = sqlite ]; then
    fresh_db
    layout_folder prisma "$prisma_path"
    layout_load "$samples/prisma/tracking-sqlite-resolved.sql"
    for name in 20260101000000_old 20260401000000_new 20260402000000_bad; do
        mkdir "$dir/$name"
        echo 'SELECT 1;' >"$dir/$name/migration.sql"
        sql "UPDATE _prisma_migrations SET checksum = '$(sha256sum <"$dir/$name/migration.sql" |
            cut -c1-64)' WHERE migration_name = '$name'"
    done
    prisma_up
    exits 0 "prisma: migrations that were resolved by hand"
    like "$out" "^done: 0 applied, 5 already applied" "prisma: count as applied"
fi

# what is wrong with the folder
fresh_db
prisma_make 1_a
mkdir "$dir/2_b"
prisma_up
exits 65 "prisma: a folder without migration.sql"
like "$err" '2_b/migration.sql' "prisma: is named"
rmdir "$dir/2_b"
prisma_up
dunlin -u "$url" -d "$dir" --layout prisma --history layout down
exits 6 "prisma: there is no way down"
