# SPDX-License-Identifier: MIT
graphile_first() { # the next file that is committed is the first of a folder
    fresh_db
    : >"$work/last"
}

graphile_commit() { # NUMBER[-slug] HEADER...: behind the last one, body on standard input
    local file=$dir/committed/$1.sql last body hash
    last=$(cat "$work/last")
    shift
    mkdir -p "$dir/committed"
    body=$(cat)
    hash=$(printf '%s\n' "${last:+$last
}$body" | sha1sum)
    hash="sha1:${hash%% *}"
    {
        printf -- '--! Previous: %s\n--! Hash: %s\n' "${last:--}" "$hash"
        [ $# = 0 ] || printf -- '--! %s\n' "$@"
        printf '\n%s\n' "$body"
    } >"$file"
    echo "$hash" >"$work/last"
}

graphile_refuses() { # ERE NAME
    up_as graphile-migrate
    exits 65 "graphile-migrate: $2"
    like "$err" "$1" "graphile-migrate: with its place"
}

graphile_folders() {
    layout_sample graphile-migrate graphile-migrate migrations 3 graphile_migrate.migrations \
        'filename, hash, previous_hash'
    is "$(sql 'SELECT count(*) FROM graphile_migrate.current')" 0 \
        "graphile-migrate: both tables are made"
    not_ok "graphile-migrate: what is not committed is not run" sql 'SELECT * FROM swarm'
    layout_sample graphile-migrate graphile-migrate migrations/committed 3 \
        graphile_migrate.migrations 'filename, hash, previous_hash'

    fresh_db
    layout_folder graphile-migrate migrations
    dunlin -u "$url" -d "$dir" up --history layout
    exits 0 "graphile-migrate: auto runs the folder"
    like "$err" 'because of its folder committed' "graphile-migrate: that it knows by itself"
    dunlin -u "$url" -d "$dir/committed" up --history layout
    exits 0 "graphile-migrate: or the one in it"
    like "$out" '^done: 0 applied, 3 already' "graphile-migrate: which is the same history"
    is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'inspection_hive_idx'::regclass")" t \
        "graphile-migrate: no-transaction lets an index be made concurrently"
    dunlin -u "$url" -d "$dir" --layout graphile-migrate down --history layout --yes
    not_ok "graphile-migrate: there is no way back" test "$status" = 0
    echo sha1:399632552e83149b31521abdd329ad74c8b4a107 >"$work/last"
    echo 'SELECT 1;' | graphile_commit 000004
    layout_locked graphile-migrate graphile-migrate 'pg_advisory_lock(4727445306447283)'
    sql "UPDATE graphile_migrate.migrations SET hash = 'sha1:0' WHERE filename = '000004.sql'" >/dev/null
    up_as graphile-migrate --history layout
    exits 6 "graphile-migrate: a hash in the table that is not that of the file"
    dunlin -u "$url" -d "$dir" --layout graphile-migrate adopt
    exits 6 "graphile-migrate: is not adopted"
}

graphile_chain() {
    graphile_first
    echo 'CREATE TABLE t (id int);' | graphile_commit 000001-t
    like "$(cat "$dir/committed/000001-t.sql")" sha1:9d425143f6c0084d58f4289ec9a78d367155bf76 \
        "graphile-migrate: the hash of a first migration"
    echo 'SELECT 2;' | graphile_commit 000003-two Message:\ two
    like "$(cat "$dir/committed/000003-two.sql")" sha1:3a924e2bf927ada030d7e2f6cc0487c49bf62ff0 \
        "graphile-migrate: and of one behind it"
    echo 'no migration' >"$dir/committed/notes.txt"
    up_as graphile-migrate --history layout
    exits 0 "graphile-migrate: numbers may have gaps"
    is "$(sql 'SELECT filename, previous_hash IS NULL FROM graphile_migrate.migrations ORDER BY 1')" \
        "$(printf '000001.sql|t\n000003.sql|f')" "graphile-migrate: the number is what is recorded"
    cp "$dir/committed/000003-two.sql" "$work/two"
    echo 'SELECT 3;' >>"$dir/committed/000003-two.sql"
    graphile_refuses '000003-two.sql was edited' "an edited file is refused"
    sed '2a --! AllowInvalidHash' "$work/two" >"$dir/committed/000003-two.sql"
    graphile_refuses 'the hash is valid' "a hash that need not be valid, and is"
    echo 'SELECT 3;' >>"$dir/committed/000003-two.sql"
    up_as graphile-migrate --history layout
    exits 0 "graphile-migrate: AllowInvalidHash"
    sed '1s/.*/--! Previous: sha1:0/' "$work/two" >"$dir/committed/000003-two.sql"
    graphile_refuses '000003-two.sql does not belong behind committed/000001-t.sql' \
        "a file that does not belong behind the one before it"
    cp "$work/two" "$dir/committed/000003-two.sql"
    rm "$dir/committed/000001-t.sql"
    graphile_refuses 'does not belong behind nothing' "the first one is missing"
}

graphile_heads() {
    graphile_first
    echo 'SELECT 1;' | graphile_commit 000001 'Author: me'
    graphile_refuses '000001.sql:3' "an unknown header is refused"
    sed -i '3s/.*/--! Hash: sha1:0/' "$dir/committed/000001.sql"
    graphile_refuses '000001.sql:3' "a header that is there twice"
    sed -i '3d' "$dir/committed/000001.sql"
    sed 's/$/\r/' "$dir/committed/000001.sql" >"$work/crlf"
    mv "$dir/committed/000001.sql" "$work/one"
    cp "$work/crlf" "$dir/committed/000001.sql"
    graphile_refuses 'CRLF' "CRLF line ends are told as such"
    sed '3d' "$work/one" >"$dir/committed/000001.sql"
    graphile_refuses '000001.sql:3' "the empty line behind the head is missing"
    sed '2d' "$work/one" >"$dir/committed/000001.sql"
    graphile_refuses '000001.sql:1' "a file without its hash"
}

graphile_directives() {
    local line
    for line in include\ x.sql no-transaction frobnicate; do
        graphile_first
        printf 'SELECT 1;\n--! %s\n' "$line" | graphile_commit 000001
        graphile_refuses '000001.sql:5' "--! $line in the middle of a body is refused"
    done
    graphile_first
    printf -- '--! split: 001-a.sql\nSELECT 1;\n--! Included x.sql\nSELECT 2;\n--! EndIncluded x.sql\n' |
        graphile_commit 000001
    printf -- '--!no-transaction\nVACUUM;\n' | graphile_commit 000002
    up_as graphile-migrate
    exits 0 "graphile-migrate: marks of what a file was put together from"
}

graphile_placeholders() {
    graphile_first
    graphile_commit 000001 <<'END'
-- of :DATABASE_OWNER
CREATE TABLE :TABLE_NAME (at text DEFAULT to_char(now(), 'HH24:MI:SS'), n text DEFAULT $${x}$$);
COMMENT ON TABLE :TABLE_NAME IS 'kept in :DATABASE_NAME, not in :DATABASE_NAMEx ${y}';
END
    graphile_refuses '000001.sql:5' "a placeholder without a value is refused"
    like "$err" 'TABLE_NAME is not defined' "graphile-migrate: by its name"
    up_as graphile-migrate --set TABLE_NAME=kept --set "DATABASE_NAME=$db"
    exits 0 "graphile-migrate: with values it runs"
    is "$(sql "SELECT obj_description('kept'::regclass)")" "kept in $db, not in :DATABASE_NAMEx \${y}" \
        "graphile-migrate: and has them where they belong"
    sql 'INSERT INTO kept DEFAULT VALUES' >/dev/null
    is "$(sql 'SELECT n FROM kept')" '{x}' "graphile-migrate: what dunlin itself would replace stays"
}

if [ "$engine" = postgres ]; then
    graphile_folders
    graphile_chain
    graphile_heads
    graphile_directives
    graphile_placeholders
fi
