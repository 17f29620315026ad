# SPDX-License-Identifier: MIT
# A program that uses the library asks a call to stop at its first event, at its second, and so on to
# the last: each time the call returns with nothing open and no lock held, says that it was stopped,
# and the next run, begun while the connection is still there, finishes; each migration is in effect
# once.
stop_folder() {
    fresh_db
    printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
    printf 'INSERT INTO t VALUES (2);\n' >"$dir/2_t.sql"
    printf -- '-- migrate:up\nINSERT INTO t VALUES (3);\n-- migrate:verify\nSELECT count(*) = 2 FROM t;\n' >"$dir/3_t.sql"
}

# What stands by itself: statements that are noted, and a program, which may run again.
stop_folder_more() {
    local client
    printf -- '-- migrate:up transaction:off\nINSERT INTO t VALUES (4);\nSELECT 1;\nINSERT INTO t VALUES (5);\n' >"$dir/4_off.sql"
    case $engine in
    sqlite) client="sqlite3 -bail '$work/$db.db'" ;;
    postgres) client="psql -X -q -h $(url_part host) -p $(url_part port) -U $(url_part user) -d $db" ;;
    mariadb) client="mariadb --no-defaults -h $(url_part host) -P $(url_part port) -u $(url_part user) $db" ;;
    esac
    printf '#!/bin/sh\necho "DELETE FROM t WHERE id = 6; INSERT INTO t VALUES (6);" | %s\n' "$client" >"$dir/5_program.sh"
    chmod +x "$dir/5_program.sh"
    printf 'INSERT INTO t VALUES (7);\n' >"$dir/6_t.sql"
}

stops() { # CALL ROWS
    local at=1 wrong=0 said rows
    while :; do
        run "$abs_top_builddir/tests/support/embed" "$url" "$dir" \
            "'$DUNLIN' -u '$url' -d '$dir' up --allow-exec --lock-wait 0s >'$work/stop.next' 2>&1" "$1" "$at"
        said=$out
        rows=$(sql 'SELECT id FROM t ORDER BY id' | paste -sd,)
        if [ "$status $rows" != "0 $2" ] || ! [[ $said =~ ^(0|130)\  ]]; then
            wrong=$((wrong + 1))
            diag "$1, event $at: the call's status, events: $said; the next run: $status; rows: $rows"
            diag "$err"
            diag "$(cat "$work/stop.next")"
        fi
        sql 'DROP TABLE t'
        sql 'DROP TABLE dunlin_migrations'
        [ "${said#* }" -ge "$at" ] 2>/dev/null || break
        at=$((at + 1))
    done
    like "$said" '^0 ' "stop: $1: it ends by itself where it is not asked to stop"
    is "$wrong" 0 "stop: $1: at each of $((at - 1)) events"
}

stop_folder
[ "$engine" = mariadb ] || stops all 2,3
[ "$engine" != sqlite ] || stops rehearse 2,3
stop_folder_more
stops up 2,3,4,5,6,7
