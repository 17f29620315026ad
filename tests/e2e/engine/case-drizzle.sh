# SPDX-License-Identifier: MIT
# Folders of drizzle-kit and the table of drizzle-orm, which the test writes as drizzle-orm would
# (tests/interop runs the real one).

drizzle_step() { # CODE NAME ARGUMENTS
    local code=$1 name=$2
    shift 2
    dunlin -u "$url" -d "$dir" "$@"
    exits "$code" "$name"
}

drizzle_table() {
    case $engine in
    postgres) echo 'drizzle.__drizzle_migrations' ;;
    *) echo '__drizzle_migrations' ;;
    esac
}

drizzle_create() { # the statements of drizzle-orm 0.45
    case $engine in
    postgres)
        sql 'CREATE SCHEMA IF NOT EXISTS "drizzle"' 2>/dev/null
        sql 'CREATE TABLE IF NOT EXISTS "drizzle"."__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)'
        ;;
    mariadb) sql 'create table if not exists `__drizzle_migrations` (id serial primary key, hash text not null, created_at bigint)' ;;
    sqlite) sql 'CREATE TABLE IF NOT EXISTS "__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)' ;;
    esac
}

drizzle_row() { # TAG WHEN: as drizzle-orm after it ran the file
    sql "INSERT INTO $(drizzle_table) (hash, created_at) VALUES ('$(sha256sum <"$dir/$1.sql" | cut -c1-64)', $2)"
}

journal() { # TAG WHEN .. -> meta/_journal.json
    local sep=
    mkdir -p "$dir/meta"
    {
        printf '{\n  "version": "7",\n  "dialect": "postgresql",\n  "entries": ['
        while [ $# -gt 0 ]; do
            printf '%s\n    { "idx": 0, "version": "7", "when": %s, "tag": "%s", "breakpoints": true }' \
                "$sep" "$2" "$1"
            sep=,
            shift 2
        done
        printf '\n  ]\n}'
    } >"$dir/meta/_journal.json"
}

drizzle_project() { # three migrations: pieces without ';', a mark that is none, several in a piece
    printf 'CREATE TABLE a (id int)\n--> statement-breakpoint\nCREATE TABLE b (id int) -- second\n' |
        file 0000_quiet_drone.sql
    printf -- '-- migrate:down\nCREATE TABLE c (id int);--> statement-breakpoint\nINSERT INTO c VALUES (1);\nINSERT INTO c VALUES (2);\n' |
        file 0001_bold_queen.sql
    printf "INSERT INTO c VALUES (3)--> statement-breakpoint\nUPDATE c SET id = 30 WHERE id = 3" |
        file 0002_brave_worker.sql
    journal 0000_quiet_drone 1772352000123 0001_bold_queen 1772352001000 \
        0002_brave_worker 1772352002000
}

# ---- the layout, with dunlin's own history ----

fresh_db
drizzle_project
drizzle_step 0 "$engine: drizzle folder from zero" up
is "$(sql 'SELECT count(*), sum(id) FROM c')" '3|33' "$engine: every piece ran"
is "$(sql 'SELECT version, name, status FROM dunlin_migrations ORDER BY version')" \
    "0000_quiet_drone|quiet_drone|applied
0001_bold_queen|bold_queen|applied
0002_brave_worker|brave_worker|applied" "$engine: recorded by their tags"
drizzle_step 0 "$engine: drizzle folder a second time" up
like "$out" '0 applied, 3 already applied' "$engine: nothing to do"
drizzle_step 6 "$engine: drizzle migrations have no way back" down
like "$err" 'cannot be reverted' "$engine: and that is said"

printf 'CREATE TABLE late1 (id int);\n' | file 0002_late.sql
drizzle_step 65 "$engine: a file that the journal does not name" up
like "$err" 'does not name 1 file.*0002_late.sql' "$engine: is named"
journal 0000_quiet_drone 1772352000123 0001_bold_queen 1772352001000 \
    0002_brave_worker 1772352002000 0002_late 1772352001500
drizzle_step 6 "$engine: merged late with an older time" up
like "$err" '0002_late.sql comes before one that is applied' "$engine: the late one is named"
drizzle_step 0 "$engine: merged late, allowed" up --out-of-order allow
is "$(sql 'SELECT count(*) FROM late1')" 0 "$engine: the late one ran"

printf ' ' >>"$dir/0000_quiet_drone.sql"
drizzle_step 6 "$engine: an edited drizzle file" up
like "$err" '0000_quiet_drone.sql was edited' "$engine: is named"

# ---- taking turns: the table of drizzle-orm itself ----

fresh_db
drizzle_project
drizzle_create
client <"$dir/0000_quiet_drone.sql" >/dev/null 2>&1 || true
case $engine in
mariadb) sql 'CREATE TABLE IF NOT EXISTS a (id int)'; sql 'CREATE TABLE IF NOT EXISTS b (id int)' ;;
*) sql 'DROP TABLE a' 2>/dev/null; sql 'DROP TABLE b' 2>/dev/null
   sql 'CREATE TABLE a (id int)'; sql 'CREATE TABLE b (id int)' ;;
esac
drizzle_row 0000_quiet_drone 1772352000123
drizzle_step 0 "$engine: turns: status" status --history layout
like "$out" 'applied.*quiet_drone' "$engine: turns: what drizzle-orm applied is applied"
drizzle_step 0 "$engine: turns: dunlin goes on" up --history layout
like "$out" '2 applied, 1 already applied' "$engine: turns: only what was left"
is "$(sql "SELECT hash, created_at FROM $(drizzle_table) ORDER BY created_at")" \
    "$(for t in 0000_quiet_drone:1772352000123 0001_bold_queen:1772352001000 0002_brave_worker:1772352002000; do
        echo "$(sha256sum <"$dir/${t%:*}.sql" | cut -c1-64)|${t#*:}"
    done)" "$engine: turns: its rows are those of drizzle-orm"
case $engine in
postgres) own="SELECT count(*) FROM pg_tables WHERE tablename = 'dunlin_migrations'" ;;
mariadb) own="SELECT count(*) FROM information_schema.tables WHERE table_schema = '$db' AND table_name = 'dunlin_migrations'" ;;
sqlite) own="SELECT count(*) FROM sqlite_master WHERE name = 'dunlin_migrations'" ;;
esac
is "$(sql "$own")" 0 "$engine: turns: no table of dunlin's own"
drizzle_step 0 "$engine: turns: a second time" up --history layout
like "$out" '0 applied, 3 already applied' "$engine: turns: nothing to do"

printf 'CREATE TABLE late2 (id int);\n' | file 0002_late.sql
printf 'CREATE TABLE next2 (id int);\n' | file 0003_next.sql
journal 0000_quiet_drone 1772352000123 0001_bold_queen 1772352001000 \
    0002_brave_worker 1772352002000 0002_late 1772352001500 0003_next 1772352003000
drizzle_step 6 "$engine: turns: late" up --history layout
like "$err" '0002_late.sql comes before' "$engine: turns: late is named"
like "$err" 'drizzle-orm passes over it in silence' "$engine: turns: and what drizzle-orm does"
drizzle_step 0 "$engine: turns: late allowed" up --history layout --out-of-order allow
is "$(sql 'SELECT count(*) FROM late2'):$(sql 'SELECT count(*) FROM next2')" 0:0 \
    "$engine: turns: both ran"
is "$(sql "SELECT max(created_at), count(*) FROM $(drizzle_table)")" '1772352003000|5' \
    "$engine: turns: five rows, the newest for drizzle-orm to go by"
drizzle_step 78 "$engine: turns: mark cannot write that table" mark 0003_next pending --yes --history layout
sql "INSERT INTO $(drizzle_table) (hash, created_at) VALUES ('beef', 1772352004000)"
drizzle_step 6 "$engine: turns: a row without a file" up --history layout
like "$err" '1772352004000.*missing' "$engine: turns: the row is named"

# two of one time, as a merge by hand leaves them: each has its own row
fresh_db
echo 'CREATE TABLE one (id int);' | file 0000_one.sql
echo 'CREATE TABLE two (id int);' | file 0001_two.sql
journal 0000_one 1772352000123 0001_two 1772352000123
drizzle_step 0 "$engine: turns: two of one time" up --history layout
drizzle_step 0 "$engine: turns: two of one time, once more" up --history layout
like "$out" '0 applied, 2 already applied' "$engine: turns: both are known"
sql "DELETE FROM $(drizzle_table) WHERE hash = '$(sha256sum <"$dir/0000_one.sql" | cut -c1-64)'"
drizzle_step 0 "$engine: turns: one of two of one time" status --history layout
like "$out" '0000_one +late' "$engine: turns: the row of the second is not that of the first"
like "$out" '0001_two +applied' "$engine: turns: but its own"
drizzle_row 0000_one 1772352000123
echo '-- more' >>"$dir/0001_two.sql"
drizzle_step 6 "$engine: turns: the second of one time was edited" up --history layout
like "$err" '0001_two.sql was edited' "$engine: turns: which is named"

# a failure: where the engine rolls back, no row; where it commits, that is said
fresh_db
printf 'CREATE TABLE f (id int);--> statement-breakpoint\nINSERT INTO missing_here VALUES (1);' |
    file 0000_fails.sql
journal 0000_fails 1772352000123
if [ "$engine" = mariadb ]; then
    drizzle_step 3 "$engine: turns: failed in the middle" up --history layout
    like "$err" 'at least 1 of 2 statements.*are in the database' "$engine: turns: how far is said"
else
    drizzle_step 2 "$engine: turns: failed in the middle" up --history layout
    like "$err" 'nothing of .* is in the database' "$engine: turns: nothing is left"
fi
is "$(sql "SELECT count(*) FROM $(drizzle_table)")" 0 "$engine: turns: no row for what failed"

# ---- taking over ----

fresh_db
drizzle_project
drizzle_step 6 "$engine: adopt without a table" adopt
like "$err" 'there is no table' "$engine: adopt: and says so"
drizzle_create
drizzle_row 0000_quiet_drone 1772352000123
drizzle_row 0001_bold_queen 1772352001000
sql 'CREATE TABLE c (id int)'
drizzle_step 0 "$engine: adopt --dry-run" adopt --dry-run
like "$out" '2 to record' "$engine: adopt: dry run counts"
is "$(sql "$own" | sed "s/$db/$db/")" 0 "$engine: adopt: dry run writes nothing"
drizzle_step 0 "$engine: adopt" adopt
like "$out" '2 recorded' "$engine: adopt: two recorded"
drizzle_step 0 "$engine: adopt: status" status
like "$out" '2026-03-01' "$engine: adopt: applied when the journal says"
drizzle_step 0 "$engine: adopt: up goes on" up
like "$out" '1 applied, 2 already applied' "$engine: adopt: only the third ran"
is "$(sql "SELECT count(*) FROM $(drizzle_table)")" 2 "$engine: adopt: the old table is as it was"
drizzle_step 0 "$engine: adopt again" adopt
like "$out" '0 recorded, 2 were before' "$engine: adopt again: nothing new"

fresh_db
drizzle_project
drizzle_create
sql "INSERT INTO $(drizzle_table) (hash, created_at) VALUES ('beef', 1772352000123)" # edited
drizzle_row 0002_brave_worker 1772352002000                                          # 0001: late
sql "INSERT INTO $(drizzle_table) (hash, created_at) VALUES ('dead', 1772352009000)" # no file
drizzle_step 6 "$engine: adopt what does not match" adopt
like "$out" 'edited.*quiet_drone' "$engine: adopt: edited is listed"
like "$out" 'late.*bold_queen' "$engine: adopt: late is listed"
like "$out" '1772352009000 +missing' "$engine: adopt: missing is listed"
like "$err" '3 of the migrations and rows do not match' "$engine: adopt: counted"
is "$(sql "$own")" 0 "$engine: adopt: nothing was written"
drizzle_step 6 "$engine: adopt what does not match, JSON" adopt --json
is "$(printf %s "$out" | grep -o '"version"' | wc -l)" 4 "$engine: adopt: JSON lists all"

# ---- a drizzle folder, then a manual one ----

fresh_db
drizzle_project
mkdir "$work/manual$db"
echo 'CREATE TABLE m1 (id int);' >"$work/manual$db/001_m1.sql"
run_manual() { dunlin -u "$url" -d "schema=$dir" -d "manual=$work/manual$db" "$@"; }
run_manual up --history layout
exits 0 "$engine: two layouts, shared history"
is "$(sql 'SELECT source, version FROM dunlin_migrations')" 'manual|001' \
    "$engine: the manual folder is in dunlin's table"
is "$(sql "SELECT count(*) FROM $(drizzle_table)")" 3 "$engine: the other in drizzle-orm's"
run_manual up --history layout
like "$out" '0 applied, 4 already applied' "$engine: two layouts, second time"
run_manual new x
exits 78 "$engine: new refuses a folder of drizzle-kit"
