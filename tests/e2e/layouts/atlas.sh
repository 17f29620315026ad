# SPDX-License-Identifier: MIT
atlas_base64() { # SHA-256 of standard input
    local hex
    hex=$(sha256sum)
    # shellcheck disable=SC2059
    printf "$(printf %.64s "$hex" | sed 's/../\\x&/g')" | base64
}

atlas_hash() { # writes atlas.sum for the case's folder
    local LC_ALL=C path name # for the order
    : >"$work/running"
    : >"$work/sums"
    rm -f "$dir/atlas.sum"
    for path in "$dir"/*.sql; do
        name=${path##*/}
        printf %s "$name" >>"$work/running"
        head -n 1 "$path" | grep -q 'atlas:sum ignore$' && continue
        cat "$path" >>"$work/running"
        echo "$name h1:$(atlas_base64 <"$work/running")" >>"$work/sums"
    done
    echo "h1:$(sed 's/ h1:/ /' "$work/sums" | tr -d ' \n' | atlas_base64)" >"$dir/atlas.sum"
    cat "$work/sums" >>"$dir/atlas.sum"
}

atlas_refuses() { # ERE NAME
    up_as atlas
    exits 65 "atlas: $2"
    like "$err" "$1" "atlas: with its place"
}

atlas_rows() {
    layout_rows atlas_schema_revisions "${1:-version, type, applied, total}"
}

atlas_columns='version, description, type, applied, total, error, error_stmt, hash'
atlas_lock() {
    case $engine in
    postgres) layout_locked atlas atlas 'pg_try_advisory_lock(2686470616)' ;;
    mariadb) layout_locked atlas atlas "GET_LOCK('atlas_migrate_execute', 0)" ;;
    esac
}

atlas_folders() {
    case $engine in
    sqlite) layout_sample atlas atlas migrations 3 atlas_schema_revisions \
        "$atlas_columns, typeof(partial_hashes), hex(partial_hashes)" ;;
    *) layout_sample atlas atlas migrations 3 atlas_schema_revisions "$atlas_columns, partial_hashes" ;;
    esac
    is "$(atlas_rows "$atlas_columns" | sed 's/.*|//')" \
        "$(sed -n 's/.*h1:\(.*\)/\1/p' "$dir/atlas.sum" | sed 1d)" "atlas: with the sums of atlas.sum"
    echo 'CREATE TABLE more (id int);' | file 20260304000000.sql
    atlas_hash
    dunlin -u "$url" -d "$dir" up --history layout
    exits 0 "atlas: auto runs the folder"
    like "$err" 'because of its atlas.sum' "atlas: that it knows by itself"
    like "$(atlas_rows version,description)" '^20260304000000\|$' "atlas: a file may have no description"
    echo 'CREATE TABLE most (id int);' | file 20260305000000_most.sql
    atlas_hash
    atlas_lock
    echo 'SELECT 1;' >>"$dir/20260301080000_create_hives.sql"
    atlas_hash
    up_as atlas --history layout
    exits 6 "atlas: a file that was edited and summed anew after it was applied"
    dunlin -u "$url" -d "$dir" --layout atlas adopt
    exits 6 "atlas: is not adopted"
}

atlas_sums() {
    fresh_db
    printf 'CREATE TABLE t (id int);\n' | file 1_create_t.sql
    atlas_hash
    is "$(cat "$dir/atlas.sum")" "h1:Ex5m0ZLfzjLYtMgfvRPNgcjl0YItXiZ6nbiy4GtELvE=
1_create_t.sql h1:9In3UYX6E1bzzT6ROQeuEVa8GLFoKxJxHGnlHxA0DvI=" "atlas: the worked example"
    up_as atlas --history layout
    exits 0 "atlas: whose sum fits"
    is "$(atlas_rows version,hash)" '1|9In3UYX6E1bzzT6ROQeuEVa8GLFoKxJxHGnlHxA0DvI=' \
        "atlas: and is recorded"
    cp "$dir/1_create_t.sql" "$work/one"
    echo '-- more' >>"$dir/1_create_t.sql"
    atlas_refuses 'atlas.sum:2' "an edited file is refused"
    like "$err" '1_create_t.sql was changed' "atlas: by its name"
    cp "$work/one" "$dir/1_create_t.sql"
    echo 'SELECT 1;' | file 0_early.sql
    atlas_refuses '0_early.sql was added' "a file that was added before others"
    mv "$dir/0_early.sql" "$dir/2_late.sql"
    atlas_refuses '2_late.sql was added' "a file that was added at the end"
    atlas_hash
    rm "$dir/1_create_t.sql"
    atlas_refuses '1_create_t.sql is missing' "a file that is missing"
    cp "$work/one" "$dir/1_create_t.sql"
    sed -i '1s/.*/h1:x/' "$dir/atlas.sum"
    atlas_refuses 'atlas.sum:1' "a sum over the sums that is not theirs"
    echo '<<<<<<< HEAD' >>"$dir/atlas.sum"
    atlas_refuses 'atlas.sum:4' "a line that is no sum"
    rm "$dir/atlas.sum"
    atlas_refuses 'atlas.sum does not exist' "no sums at all"
    rm "$dir"/*.sql
    up_as atlas
    exits 0 "atlas: an empty folder needs none"

    printf -- '-- atlas:sum ignore\n\nCREATE TABLE u (id int);\n' | file 1_u.sql
    echo 'CREATE TABLE v (id int);' | file 2_v.sql
    echo 'CREATE TABLE w (id int);' | file 2_v.down.sql
    atlas_hash
    atlas_refuses 'golang-migrate' "a file to go down with is not run upwards"
    rm "$dir/2_v.down.sql"
    atlas_hash
    echo '-- more' >>"$dir/1_u.sql"
    up_as atlas --history anew
    exits 0 "atlas: a file that the sums leave out may change"
}

atlas_directives() {
    local line
    fresh_db
    for line in 'txmode all' 'txmode some' 'import x.sql' 'frobnicate'; do
        printf -- '-- a comment\n-- atlas:%s\n\nSELECT 1;\n' "$line" | file 1_a.sql
        atlas_hash
        atlas_refuses '1_a.sql:2' "atlas:$line is refused"
    done
    printf -- '-- atlas:txmode none\n-- atlas:txmode none\n\nSELECT 1;\n' | file 1_a.sql
    atlas_hash
    atlas_refuses '1_a.sql:2' "a second txmode"
    printf -- '-- atlas:txmode file\n-- atlas:nolint\n\nCREATE TABLE a (id int);\n' | file 1_a.sql
    printf -- '-- atlas:txmode some\nCREATE TABLE b (id int);\n' | file 2_b.sql
    printf -- '# atlas:txmode none' | file 3_c.sql
    atlas_hash
    up_as atlas
    exits 0 "atlas: what no empty line parts from a statement is no directive of the file"
    if [ "$engine" = postgres ]; then
        printf -- '-- atlas:txmode none\n\nINSERT INTO a VALUES (1);\nVACUUM;\nINSERT INTO a VALUES (2);\n' |
            file 4_d.sql
        atlas_hash
        up_as atlas --history own
        exits 0 "atlas: txmode none runs outside a transaction"
    fi
}

atlas_delimiters() {
    fresh_db
    printf -- '-- atlas:delimiter \\n\\n\nCREATE TABLE a (\n\n  id int,\n  n varchar(20)\n)\n\nINSERT INTO a VALUES (1, '"'x\n\ny'"')\n-- it'"'"'s a comment\n\nINSERT INTO a VALUES (2, '"''"');\n\n\n\nINSERT INTO a VALUES (3, '"'z'"')\n' |
        file 1_a.sql
    printf -- '-- atlas:delimiter -- end\nINSERT INTO a VALUES (4, '"'-- end'"')\n-- end\nINSERT INTO a VALUES (5, '"'b'"') -- end\n' |
        file 2_b.sql
    printf -- '-- atlas:delimiter \\nGO\\n\n-- atlas:nolint\n\nINSERT INTO a VALUES (6, '"'GO\nGO'"')\nGO\nINSERT INTO a VALUES (7, '"'GO'"')\n' |
        file 3_c.sql
    printf -- '-- atlas:delimiter \\n\nINSERT INTO a VALUES (8, '"'c'"')\n\nINSERT INTO a VALUES (9, /*\n*/ '"'d'"')\n' | file 4_d.sql
    printf -- '-- atlas:delimiter ;\\n\\n\\n\nINSERT INTO a VALUES (10, '"'e'"');\nINSERT INTO a VALUES (11, '"'f'"');\n' |
        file 5_e.sql
    atlas_hash
    up_as atlas --history layout
    exits 0 "atlas: delimiters"
    is "$(sql 'SELECT count(*) FROM a')" 11 "atlas: end the statements"
    is "$(sql 'SELECT LENGTH(n) FROM a WHERE id = 1')" 4 "atlas: but not in a string"
    is "$(sql 'SELECT n FROM a WHERE id = 4')" '-- end' "atlas: which stays as it is"
    printf -- '-- atlas:delimiter a\\nb\nSELECT 1;\n' | file 6_f.sql
    atlas_hash
    atlas_refuses '6_f.sql:1' "a delimiter of several lines is refused"
    rm "$dir/6_f.sql"
    # shellcheck disable=SC2016
    case $engine in
    postgres) printf -- '-- atlas:delimiter //\n\nCREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $x$ BEGIN\nRETURN '"'it//'"'; END $x$//\nSELECT E'"'\\\\'//'"'//\n' ;;
    mariadb) printf -- '-- atlas:delimiter //\n\nCREATE FUNCTION f() RETURNS text BEGIN\nRETURN '"'it\\\\'s //'"'; END// # it'"'"'s //\nSELECT 1//\n' ;;
    sqlite) printf -- '-- atlas:delimiter //\n\nCREATE TRIGGER f AFTER INSERT ON a BEGIN\nDELETE FROM a; SELECT '"'//'"'; END//\nSELECT 1//\n' ;;
    esac | file 6_f.sql
    atlas_hash
    up_as atlas --history layout
    exits 0 "atlas: a body between delimiters"
    is "$(atlas_rows | tail -n 1)" '6|2|2|2' "atlas: is one statement"
    # shellcheck disable=SC2016
    case $engine in
    postgres) printf 'SELECT 1 AS "a//" /* // /* // */ it'"'"'s // */ // SELECT 2//\n' ;;
    mariadb) printf 'SELECT 1 AS `a//`, "b\\"//" /* // */ // SELECT 2//\n' ;;
    sqlite) printf 'SELECT 1 AS "a//", 2 AS `b//` /* // */ // SELECT 2//\n' ;;
    esac | { printf -- '-- atlas:delimiter //\n\n'; cat; } | file 7_g.sql
    printf -- '-- atlas:delimiter \\nGO\n\nSELECT 1 AS aGO\nGO\nSELECT 2\n' | file 8_h.sql
    atlas_hash
    up_as atlas --history layout
    exits 0 "atlas: quoted names, comments and words are no delimiters"
    is "$(atlas_rows | tail -n 2)" "$(printf '7|2|2|2\n8|2|2|2')" "atlas: but what stands between them is"
    # the head of a file
    case $engine in
    mariadb) atlas_outside='SELECT 1' ;;
    *) atlas_outside=VACUUM ;;
    esac
    printf -- '-- atlas: comes later\n-- atlas:txmode none\n \t\n%s;\n' "$atlas_outside" | file 9_i.sql
    atlas_hash
    up_as atlas --history layout
    exits 0 "atlas: a head with a comment and blank behind it"
}

atlas_more() { # VERSION TYPE APPLIED TOTAL: a row of Atlas, like one that is there
    sql "INSERT INTO atlas_schema_revisions (version, description, type, applied, total, executed_at,
        execution_time, hash, operator_version) SELECT '$1', 'more', $2, $3, $4, executed_at, 0, 'x', 'Atlas'
        FROM atlas_schema_revisions ORDER BY version LIMIT 1" >/dev/null
}

atlas_unfinished() { # WHAT: Atlas was stopped in the checkpoint 3
    up_as atlas --history layout
    exits 6 "atlas: an unfinished checkpoint, $1"
    like "$err" '^error: Atlas left 3 unfinished' "atlas: is named"
    dunlin -u "$url" -d "$dir" --layout atlas adopt
    exits 6 "atlas: and not adopted"
}

atlas_checkpoints() {
    local checkpoint
    fresh_db
    echo 'CREATE TABLE a (id int);' | file 1_a.sql
    echo 'CREATE TABLE b (id int);' | file 2_b.sql
    printf -- '-- atlas:checkpoint\n\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\n' | file 3_checkpoint.sql
    printf -- '-- atlas:checkpoint v2\n\nCREATE TABLE a (id int);\nCREATE TABLE b (id int);\n' | file 4_checkpoint.sql
    echo 'CREATE TABLE e (id int);' | file 5_e.sql
    atlas_hash
    up_as atlas --history layout
    exits 0 "atlas: a checkpoint is passed over where the files before it are there"
    is "$(atlas_rows version,type)" "$(printf '1|2\n2|2\n5|2')" "atlas: also in the table"
    atlas_more 3 4 0 2
    up_as atlas --history layout
    like "$out" '^done: 0 applied, 3 already' "atlas: the row of a checkpoint beside those of the files before it"
    sql "UPDATE atlas_schema_revisions SET type = 2, applied = 1 WHERE version = '3'" >/dev/null
    atlas_unfinished "beside them"
    sql "DELETE FROM atlas_schema_revisions WHERE version <> '3'" >/dev/null
    atlas_unfinished "alone"
    atlas_more 5 2 1 1
    for checkpoint in 3 4; do
        sql "DELETE FROM atlas_schema_revisions WHERE version < '5'" >/dev/null
        sql "UPDATE atlas_schema_revisions SET version = '$checkpoint', hash = 'x'" >/dev/null
        sql 'DROP TABLE e' >/dev/null
        up_as atlas --history layout
        exits 0 "atlas: where Atlas began with checkpoint $checkpoint dunlin goes on behind it"
        is "$(atlas_rows version,type)" "$(printf '%s|2\n5|2' "$checkpoint")" "atlas: which is one file"
    done
    dunlin -u "$url" -d "$dir" --layout atlas adopt
    exits 0 "atlas: that is adopted, too"
    up_as atlas
    like "$out" '^done: 0 applied, 3 already' "atlas: with everything that the checkpoint stands for"

    fresh_db
    printf -- '-- atlas:checkpoint\n\nCREATE TABLE a (id int);\n' | file 3_checkpoint.sql
    echo 'CREATE TABLE e (id int);' | file 5_e.sql
    atlas_hash
    up_as atlas --history layout
    exits 0 "atlas: a checkpoint is run where nothing is before it"
    is "$(atlas_rows version,type)" "$(printf '3|2\n5|2')" "atlas: like any other file"
}

atlas_states() {
    fresh_db
    echo 'CREATE TABLE a (id int);' | file 1_a.sql
    echo 'CREATE TABLE b (id int);' | file 2_b.sql
    printf 'CREATE TABLE c (id int);\nCREATE TABLE d (id int);\n' | file 3_c.sql
    atlas_hash
    up_as atlas --history layout
    sql "DELETE FROM atlas_schema_revisions WHERE version = '1'" >/dev/null
    sql "UPDATE atlas_schema_revisions SET type = 1, applied = 0, total = 0, hash = '' WHERE version = '2'" >/dev/null
    up_as atlas --history layout
    like "$out" '^done: 0 applied, 3 already' "atlas: a baseline stands for what is before it"
    sql "UPDATE atlas_schema_revisions SET applied = 1, error = 'it broke' WHERE version = '3'" >/dev/null
    up_as atlas --history layout
    exits 6 "atlas: a file that was left unfinished"
    like "$err" '1 of 2 statements were carried out; it broke' "atlas: with how far it came, and why"
    dunlin -u "$url" -d "$dir" --layout atlas adopt
    exits 6 "atlas: is not adopted"
    sql "UPDATE atlas_schema_revisions SET type = 6 WHERE version = '3'" >/dev/null
    up_as atlas --history layout
    exits 0 "atlas: what was put right by hand counts as applied"
    sql "INSERT INTO atlas_schema_revisions (version, description, executed_at, execution_time, hash,
        operator_version) SELECT '.atlas_cloud_identifier', 'x', executed_at, 0, '', 'Atlas'
        FROM atlas_schema_revisions WHERE version = '3'" >/dev/null
    up_as atlas --history layout
    exits 0 "atlas: its own identifier is no migration"

    fresh_db
    case $engine in
    mariadb) printf 'CREATE TABLE a (id int);\nSELECT * FROM nowhere;\n' ;;
    *) printf -- '-- atlas:txmode none\n\nVACUUM;\nSELECT * FROM nowhere;\n' ;;
    esac | file 1_a.sql
    atlas_hash
    up_as atlas --history layout
    exits 3 "atlas: a file of which something is in the database when it fails"
    is "$(atlas_rows)" '1|2|0|2' "atlas: is begun in the table"
    up_as atlas --history layout
    exits 6 "atlas: and not begun again by itself"
    case $engine in
    mariadb) printf 'CREATE TABLE c (id frobnicate);\n' ;;
    *) printf -- '-- atlas:txmode none\n\nSELECT * FROM nowhere;\n' ;;
    esac | file 1_a.sql
    atlas_hash
    sql 'DELETE FROM atlas_schema_revisions' >/dev/null
    up_as atlas --history layout
    is "$(atlas_rows)" '' "atlas: one of which nothing is there leaves nothing"
}

atlas_schema() { # PostgreSQL: without a schema in its URL Atlas makes one
    fresh_db
    echo 'CREATE TABLE a (id int);' | file 1_a.sql
    atlas_hash
    up_as atlas --history layout --layout-table atlas_schema_revisions.atlas_schema_revisions
    exits 0 "atlas: the schema that Atlas makes for its table"
    up_as atlas --history layout
    not_ok "atlas: no second table is made beside it" test "$status" = 0
    like "$err" 'say so with --layout-table' "atlas: and the way is told"
}

atlas_folders
atlas_sums
atlas_directives
atlas_delimiters
atlas_checkpoints
atlas_states
[ "$engine" != postgres ] || atlas_schema
