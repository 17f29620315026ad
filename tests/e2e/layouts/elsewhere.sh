# SPDX-License-Identifier: MIT
# A database that another tool has migrated, and dunlin without a word of that: the very migrations
# are not run a second time. See also layout_sample in common.sh.
elsewhere_case() { # TOOL PATH HINT: its sample, taken for a folder of dunlin's own
    local dump
    fresh_db
    layout_folder "$1" "$2"
    dump=$(layout_dump "$1") || return 0
    layout_load "$dump"
    dunlin -u "$url" -d "$dir" plan
    exits 6 "elsewhere: plan says what up would say"
    dunlin -u "$url" -d "$dir" up
    exits 6 "elsewhere: $1 was here before"
    like "$err" "$1 has applied 3 of these migrations" "elsewhere: which is told"
    like "$err" "hint: .*$3" "elsewhere: with what to do"
    not_ok "elsewhere: and nothing has run" sql 'SELECT * FROM hive'
    not_ok "elsewhere: nor is there a history" sql 'SELECT * FROM dunlin_migrations'
}

elsewhere_all() {
    elsewhere_case golang-migrate . 'adopt --from golang-migrate.*--layout golang-migrate --history layout'
    elsewhere_case dbmate db/migrations 'adopt --from dbmate.*--layout dbmate --history layout'
    dunlin -u "$url" -d "$dir" adopt --from dbmate
    exits 0 "elsewhere: adopt, as it says"
    dunlin -u "$url" -d "$dir" up
    like "$out" '^done: 0 applied, 3 already applied' "elsewhere: and that is that"

    elsewhere_case dbmate db/migrations 'history anew'
    dunlin -u "$url" -d "$dir" --history anew up
    like "$out" '^done: 3 applied' "elsewhere: or a history anew"
    printf 'CREATE TABLE late (id integer);\n' >"$dir/20990101000000_late.sql"
    dunlin -u "$url" -d "$dir" up
    like "$out" '^done: 1 applied, 3 already applied' "elsewhere: which is asked for once"

    fresh_db
    printf 'CREATE TABLE t (id integer);\n' >"$dir/20990101000000_t.sql"
    layout_load "$(layout_dump dbmate)"
    up
    like "$out" '^done: 1 applied' "elsewhere: other migrations are none of that tool's"

    fresh_db
    printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
    sql 'CREATE TABLE schema_migrations (id integer, remark varchar(20))' >/dev/null
    sql "INSERT INTO schema_migrations VALUES (77, 'x')" >/dev/null
    sql 'CREATE TABLE goose_db_version (id integer)' >/dev/null
    up
    like "$out" '^done: 1 applied' "elsewhere: a table of that name may be somebody else's"
}

elsewhere_all
