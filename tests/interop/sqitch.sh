#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sqitch and dunlin. sqitch.sh ENGINE
tool=sqitch engines="sqlite postgres mariadb" commands=sqitch
. "$(dirname "$0")/common.sh"
[ "$engine" != sqlite ] || leaves=no # VACUUM beside other statements is for sqitch alone
case $engine in
postgres) perl -MDBD::Pg -e 1 2>/dev/null || skip_all "sqitch has no driver for PostgreSQL" ;;
mariadb) perl -MDBD::mysql -e 1 2>/dev/null || skip_all "sqitch has no driver for MySQL" ;;
sqlite) perl -MDBD::SQLite -e 1 2>/dev/null || skip_all "sqitch has no driver for SQLite" ;;
esac
export HOME=$work SQITCH_FULLNAME='Ilse Keeper' SQITCH_EMAIL=ilse@example.org
export SQITCH_USER_CONFIG="$work/none" SQITCH_SYSTEM_CONFIG="$work/none"

project() {
    fresh_db
    mkdir "$dir/deploy" "$dir/revert" "$dir/verify"
    case $engine in
    postgres) at="db:pg://$(url_part user)@$host:$port/$db" name=pg ;;
    mariadb)
        at="db:mysql://$(url_part user)@$host:$port/$db" name=mysql
        sql 'DROP DATABASE IF EXISTS sqitch' # its registry is one for the server
        ;;
    sqlite) # its registry is a file beside the database
        db=$db/apiary url="sqlite:$dir/apiary.db" at="db:sqlite:$dir/apiary.db" name=sqlite
        ;;
    esac
    printf '[core]\n\tengine = %s\n' "$name" >"$dir/sqitch.conf"
    printf '%%syntax-version=1.0.0\n%%project=apiary\n\n' >"$dir/sqitch.plan"
}

script() { # deploy|revert N: in a transaction, unless it has to leave it
    local text
    text=$("$([ "$1" = deploy ] && echo up_sql || echo down_sql)" "$2")
    case $2-$1-$engine in
    3-*) printf '%s\n' "$text" ;;
    2-deploy-mariadb)
        printf 'DELIMITER //\n%s//\nDELIMITER ;\n' "$(body_sql)"
        printf '%s\n' "$text" | tail -n 1
        ;;
    *) printf 'BEGIN;\n%s\nCOMMIT;\n' "$text" ;;
    esac
}

add() { # N
    local needs=
    [ "$1" = 1 ] || needs=" [number_$(($1 - 1))]"
    printf -- '-- Deploy apiary:number_%s\n%s\n' "$1" "$(script deploy "$1")" >"$dir/deploy/number_$1.sql"
    script revert "$1" >"$dir/revert/number_$1.sql"
    echo 'SELECT count(*) FROM ran;' >"$dir/verify/number_$1.sql"
    printf 'number_%s%s 2026-03-0%sT08:00:00Z Ilse Keeper <ilse@example.org> # the note of %s\n' \
        "$1" "$needs" "$1" "$1" >>"$dir/sqitch.plan"
    [ "$1" != 2 ] ||
        echo '@v1.0 2026-03-02T10:00:00Z Ilse Keeper <ilse@example.org> # a tag' >>"$dir/sqitch.plan"
}

sqitch() {
    cd "$dir" || return
    run command sqitch "$@"
    cd "$work" || return
}

tool_up() {
    sqitch deploy "$at" "$@"
    case $status-$err$out in # it says so, and exits with 1
    1-*'Nothing to deploy'*) status=0 ;;
    esac
}
tool_down() { sqitch revert -y --to @HEAD^ "$at"; }
tool_while_locked() { tool_up --lock-timeout 1; }
tool_done() {
    sqitch status "$at"
    exits 0 "$who: sqitch status"
    like "$out" 'Nothing to deploy' "$who: .. none pending"
    like "$out" "^# Change: *number_$1\$|^# Name: *number_$1\$" "$who: .. at number $1"
    sqitch verify "$at"
    exits 0 "$who: sqitch verify"
}

rows() {
    local at=sqitch.
    [ "$engine" != sqlite ] || at=
    case $engine in
    sqlite) rows_of() { printf '%s;\n' "$1" | sqlite3 "$dir/sqitch.db"; } ;;
    *) rows_of() { sql "$1"; } ;;
    esac
    rows_of "SELECT project, uri, creator_name, creator_email FROM ${at}projects"
    rows_of "SELECT change_id, script_hash, \"change\", project, note, committer_name, committer_email, planned_at,
        planner_name, planner_email FROM ${at}changes ORDER BY planned_at" | cat
    rows_of "SELECT tag_id, tag, project, change_id, note, committer_name, planned_at FROM ${at}tags"
    rows_of "SELECT change_id, type, dependency, dependency_id FROM ${at}dependencies ORDER BY 1, 2"
}
[ "$engine" != mariadb ] || rows() {
    sql "SELECT project, uri, creator_name, creator_email FROM sqitch.projects"
    sql "SELECT change_id, script_hash, \`change\`, project, note, committer_name, committer_email, planned_at,
        planner_name, planner_email FROM sqitch.changes ORDER BY planned_at"
    sql "SELECT tag_id, tag, project, change_id, note, committer_name, planned_at FROM sqitch.tags"
    sql "SELECT change_id, type, dependency, dependency_id FROM sqitch.dependencies ORDER BY 1, 2"
}

events() { # of deploys and reverts, how each is told
    local query="SELECT event, change_id, note, requires, conflicts, tags, committer_name, planned_at"
    if [ "$engine" = sqlite ]; then
        sqlite3 "$dir/sqitch.db" "$query FROM events ORDER BY committed_at"
    else
        sql "$query FROM sqitch.events ORDER BY committed_at"
    fi
}

rework() { # N: by the tool, behind the tag
    sqitch rework "number_$1" -n 'once more'
    exits 0 "$who: sqitch reworks the change $1"
    echo 'CREATE TABLE reworked (id integer);' >"$dir/deploy/number_$1.sql"
    echo 'DROP TABLE reworked;' >"$dir/revert/number_$1.sql"
}

own() { # COMMAND..: in dunlin's own history
    dunlin -u "$url" -d "$dir" --layout sqitch "$@"
}

own_rework() {
    local first
    project
    add_all 2
    own up
    rework 1
    own up
    exits 0 "$who: a change is reworked that dunlin applied"
    like "$out" '^done: 1 applied, 2 already applied' "$who: .. and the new copy runs"
    own check
    exits 0 "$who: .. nothing counts as edited"
    own down
    not_ok "$who: .. it is taken back" sql 'SELECT * FROM reworked'
    all_ran 2
    first=$dir
    project
    cp -R "$first"/* "$dir"
    rm -f "$dir"/*.db
    own up
    like "$out" '^done: 3 applied, 0 already applied' "$who: and all of it from zero"
    all_ran 2
}

# sqitch has no lock on SQLite, but a script of its has that of the database: here until the other end
# of a pipe is opened.
file_is_locked() { ! sqlite3 "$dir/apiary.db" 'BEGIN IMMEDIATE' 2>/dev/null; }
take_file_locks() {
    local pid
    project
    add_all 4
    tool_up
    add 5
    mkfifo "$dir/gate"
    printf "BEGIN;\nCREATE TABLE t5 (id integer);\nSELECT writefile('%s', '');\nINSERT INTO ran VALUES (5);\nCOMMIT;\n" \
        "$dir/gate" >"$dir/deploy/number_5.sql"
    mkdir -p "$work/beside"
    (
        work=$work/beside # where run keeps what was said
        tool_up
        exit "$status"
    ) &
    pid=$!
    ok "$who: the tool is in a migration" wait_until 60 file_is_locked
    as_dunlin status
    like "$out" '^5 migrations: 4 applied, 1 pending' "$who: dunlin can look meanwhile"
    url="$url?busy_timeout=50" as_dunlin up --lock-wait 100ms
    exits 5 "$who: .. and waits for it"
    cat "$dir/gate"
    wait "$pid"
    is $? 0 "$who: the tool ends"
    dunlin_up 0 5 "dunlin has nothing to do"
    all_ran 5
    tool_done 5
}

take_turns
dunlin_first

project
add_all 4
tool_does "the tool alone"
tool_events=$(events)
project
add_all 4
as_dunlin up
is "$(events)" "$tool_events" "$who: dunlin writes the events that the tool would write"

own_rework

project
add_all 2
tool_does "the tool applies two"
rework 1
dunlin_up 1 2 "dunlin applies the reworked one"
tool_up
like "$out$err" 'Nothing to deploy' "$who: the tool has nothing to do"
tool_down
exits 0 "$who: the tool takes it back"
not_ok "$who: .. that one alone" sql 'SELECT * FROM reworked'
all_ran 2
tool_does "and applies it again"
dunlin_up 0 3 "dunlin finds nothing to do"

take_over
if [ "$engine" = sqlite ]; then
    take_file_locks
else
    take_locks 'another instance of Sqitch'
fi
done_testing
