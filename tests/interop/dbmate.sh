#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# dbmate and dunlin. dbmate.sh ENGINE
tool=dbmate engines="sqlite postgres mariadb" modules=dbmate
. "$(dirname "$0")/common.sh"

project() {
    fresh_db
    case $engine in
    postgres) at="postgres://postgres@$host:$port/$db?sslmode=disable" ;;
    mariadb) at="mysql://$(url_part user)@$host:$port/$db" ;;
    sqlite) at=$url ;;
    esac
}

add() { # N
    local option=
    ! is_outside "$1" || option=' transaction:false'
    {
        printf -- '-- migrate:up%s\n' "$option"
        up_sql "$1"
        printf '\n-- migrate:down%s\n' "$option"
        down_sql "$1"
    } >"$dir/2026030${1}080000_number_$1.sql"
}

dbmate() {
    run "$INTEROP_NODE/node_modules/.bin/dbmate" --url "$at" -d "$dir" --no-dump-schema "$@"
}

tool_up() { dbmate migrate; }
tool_down() { dbmate rollback; }
tool_done() {
    dbmate status --exit-code
    exits 0 "$who: dbmate status"
    like "$out" "^Applied: $1\$" "$who: .. $1 applied"
    like "$out" '^Pending: 0$' "$who: .. none pending"
    dbmate migrate --strict
    exits 0 "$who: .. strictly so"
}
rows() { sql 'SELECT version FROM schema_migrations ORDER BY version'; }

take_turns
dunlin_first
take_over
done_testing
