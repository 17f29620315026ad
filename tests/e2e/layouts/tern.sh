# SPDX-License-Identifier: MIT
# The sample is one folder, with a file in it that is a template. tern/pg is what is left without
# it, and templates/pg the whole.
tern_samples() {
    mkdir -p "$work/samples/tern" "$work/samples/templates"
    cp -R "$samples/tern" "$work/samples/templates/pg"
    chmod -R u+w "$work/samples/templates/pg"
    cp -R "$samples/tern" "$work/samples/tern/pg"
    chmod -R u+w "$work/samples/tern/pg"
    rm "$work/samples/tern/pg/004_season_table.sql"
    sed 's/VALUES (4)/VALUES (3)/' "$samples/tern/tracking-pg.sql" >"$work/samples/tern/tracking-pg.sql"
    samples=$work/samples
}

tern_version() {
    sql 'SELECT version FROM schema_version'
}

tern_refuses() { # FILE[:LINE] NAME
    up_as tern
    exits 65 "tern: $2"
    like "$err" "$1" "tern: with its place"
}

tern_folders() {
    layout_sample tern tern . 3 schema_version 'version, version'

    fresh_db
    layout_folder tern .
    dunlin -u "$url" -d "$dir" up --history layout
    exits 0 "tern: auto runs the folder"
    like "$err" 'taken for a folder of tern' "tern: that it knows by itself"
    is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'inspection_hive_idx'::regclass")" t \
        "tern: disable-tx lets an index be made concurrently"
    dunlin -u "$url" -d "$dir" --layout tern down --history layout --yes
    exits 0 "tern: one step back, outside a transaction"
    is "$(tern_version)" 2 "tern: the row says so"
    dunlin -u "$url" -d "$dir" --layout tern down --history layout --yes
    dunlin -u "$url" -d "$dir" --layout tern down --history layout --yes
    exits 0 "tern: all the way back"
    is "$(tern_version)" 0 "tern: to 0"
    not_ok "tern: and nothing is left" sql 'SELECT * FROM hive'
    layout_locked tern tern 'pg_advisory_lock(9628173550095224)'
}

tern_templates() {
    fresh_db
    layout_folder templates .
    tern_refuses '004_season_table.sql:3' "a template is refused"
    not_ok "tern: before anything runs" sql 'SELECT * FROM hive'
    layout_load "$abs_top_srcdir/tests/samples/layouts/tern/tracking-pg.sql"
    up_as tern --history layout
    exits 0 "tern: one that was applied is in nobody's way"
    like "$out" '^done: 0 applied, 4 already applied' "tern: as it is not read"
}

tern_numbers() {
    fresh_db
    echo 'CREATE TABLE a (x int);' | file 001_a.sql
    echo 'CREATE TABLE c (x int);' | file 003_c.sql
    tern_refuses 'migration 2 is missing' "a gap is refused"
    echo 'CREATE TABLE b (x int);' | file 2_b.sql
    echo 'CREATE TABLE b (x int);' | file 02_b.sql
    tern_refuses 'number 2: 02_b.sql and 2_b.sql' "a number that is there twice is refused"
    rm "$dir/02_b.sql"
    mkdir "$dir/shared"
    echo '{{ . }}' | file shared/x.sql
    echo 'no migration' | file notes.sql
    up_as tern --history layout
    exits 0 "tern: numbers of any width; folders and files without a number are left alone"
    dunlin -u "$url" -d "$dir" --layout tern down --history layout --yes
    exits 6 "tern: without a separator there is no way back"
    is "$(tern_version)" 3 "tern: and nothing changes"
}

tern_text() { # goes on with the database of tern_numbers
    printf -- '-- nothing\n\n---- create above / drop below ----\nSELECT 1;\n' | file 004_d.sql
    tern_refuses '004_d.sql:4' "nothing but comments above the separator is refused"
    printf 'SELECT 1; ---- create above / drop below ----\nSELECT 1;\n' | file 004_d.sql
    tern_refuses '004_d.sql:1' "a separator beside something else is refused"
    printf 'SELECT 1;\n---- tern: no-tx ----\n' | file 004_d.sql
    tern_refuses '004_d.sql:2' "an unknown directive is refused"
    printf 'SET search_path = pg_catalog;\r\n---- create above / drop below ----\r\nSELECT 1;\r\n' |
        file 004_d.sql
    echo 'CREATE TABLE e (x int);' | file 005_e.sql
    up_as tern --history layout
    exits 0 "tern: what a file sets is not in force in the next one; CRLF is no matter"
    is "$(sql 'SELECT count(*) FROM public.e')" 0 "tern: which is where it should be"
    is "$(tern_version)" 5 "tern: and the number is written"
    sql 'UPDATE schema_version SET version = 9' >/dev/null
    up_as tern --history layout
    exits 6 "tern: a number that no file has"

    fresh_db
    echo 'CREATE TABLE a (x int);' | file 001_a.sql
    sql 'CREATE TABLE schema_version (version int4 NOT NULL PRIMARY KEY)' >/dev/null
    up_as tern --history layout
    is "$(tern_version)" 1 "tern: a table that lost its row gets one"
}

tern_conf() {
    fresh_db
    echo 'CREATE TABLE a (x int);' | file 001_a.sql
    printf '[data]\nversion_table = none\n[database]\nversion_table = Public.Progress\n' | file tern.conf
    up_as tern --history layout
    exits 0 "tern: tern.conf names the table"
    is "$(sql 'SELECT version FROM public.progress')" 1 "tern: as SQL has it"
}

if [ "$engine" = postgres ]; then
    tern_before=$samples
    tern_samples
    tern_folders
    tern_templates
    tern_numbers
    tern_text
    tern_conf
    samples=$tern_before
fi
