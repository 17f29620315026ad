#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sql-migrate and dunlin. sql-migrate.sh ENGINE
tool=sql-migrate engines="sqlite postgres mariadb" commands=sql-migrate
. "$(dirname "$0")/common.sh"

project() {
    local dialect source
    fresh_db
    case $engine in
    postgres)
        dialect=postgres
        source="host=$host port=$port user=$(url_part user) dbname=$db sslmode=disable"
        ;;
    mariadb) dialect=mysql source="$(url_part user)@tcp($host:$port)/$db?parseTime=true" ;;
    sqlite) dialect=sqlite3 source="$work/$db.db" ;;
    esac
    printf 'development:\n  dialect: %s\n  datasource: %s\n  dir: %s\n' \
        "$dialect" "$source" "$dir" >"$work/dbconfig.yml"
}

add() { # N
    local option=
    ! is_outside "$1" || option=' notransaction'
    {
        printf -- '-- +migrate Up%s\n' "$option"
        if [ "$1" = 2 ]; then
            printf -- '-- +migrate StatementBegin\n%s\n-- +migrate StatementEnd\n' "$(body_sql)"
            up_sql 2 | tail -n 1
        else
            up_sql "$1"
        fi
        printf '\n-- +migrate Down%s\n' "$option"
        down_sql "$1"
    } >"$dir/2026030${1}080000-number_$1.sql"
}

sql_migrate() {
    run sql-migrate "$@" -config="$work/dbconfig.yml"
}

tool_up() { sql_migrate up; }
tool_down() { sql_migrate down; }
tool_done() {
    sql_migrate status
    exits 0 "$who: sql-migrate status"
    is "$(printf '%s\n' "$out" | grep -c '| *20.*|.*:.*|$')" "$1" "$who: .. $1 applied"
    unlike "$out" '\| no ' "$who: .. none pending"
    sql_migrate up -dryrun
    is "$out" '' "$who: .. and up would run nothing"
}
rows() { sql 'SELECT id FROM gorp_migrations ORDER BY id'; }

take_turns
dunlin_first
take_over
done_testing
