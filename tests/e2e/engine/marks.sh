# SPDX-License-Identifier: MIT
# A folder in which every statement leaves a mark, so that what the history says can be held against
# what is there: for the cases in which a run dies in the middle. A table, an index, a column or a
# routine m<migration>_<statement>, or a row r<migration>_<statement> of the table "ran".

marks_folder() {
    local v
    {
        printf 'CREATE TABLE ran (name varchar(20));\nCREATE TABLE m1_2 (id integer);\n'
        printf "INSERT INTO ran VALUES ('r1_3');\n"
    } >"$dir/01_first.sql"
    for v in 2 3 4 14; do
        printf "CREATE TABLE m%d_1 (id integer);\nINSERT INTO ran VALUES ('r%d_2');\nINSERT INTO ran VALUES ('r%d_3');\n" \
            $v $v $v >"$dir/$(printf %02d $v)_small.sql"
    done
    {
        printf "CREATE TABLE m5_1 (t text);\nINSERT INTO m5_1 VALUES ('%065500d');\n" 0
        printf "INSERT INTO ran VALUES ('r5_3');\n"
    } >"$dir/05_large.sql"
    printf -- "-- migrate:up transaction:off\nINSERT INTO ran VALUES ('r6_1');\nCREATE TABLE m6_2 (id integer);\nINSERT INTO ran VALUES ('r6_3');\nINSERT INTO ran VALUES ('r6_4');\nCREATE TABLE m6_5 (id integer);\n" \
        >"$dir/06_off.sql"
    printf "BEGIN;\nINSERT INTO ran VALUES ('r7_2');\nINSERT INTO ran VALUES ('r7_3');\nCOMMIT;\n" >"$dir/07_own.sql"
    printf -- "-- migrate:up\nCREATE TABLE m10_1 (id integer);\nINSERT INTO ran VALUES ('r10_2');\n-- migrate:verify\nSELECT count(*) = 1 FROM ran WHERE name = 'r10_2';\n" >"$dir/10_verify.sql"
    "marks_folder_$engine"
}

marks_folder_sqlite() {
    printf 'VACUUM;\n' >"$dir/08_vacuum.sql"
    printf -- '-- migrate:up transaction:off\nCREATE INDEX m9_1 ON m3_1 (id);\nANALYZE;\n' >"$dir/09_analyze.sql"
    printf -- '-- migrate:up foreign-keys:off\nCREATE TABLE m12_1 (id integer PRIMARY KEY);\nINSERT INTO m12_1 SELECT id FROM m2_1;\nDROP TABLE m2_1;\nALTER TABLE m12_1 RENAME TO m2_1;\nCREATE TABLE m12_5 (id integer);\n' >"$dir/12_rebuild.sql"
    printf 'PRAGMA journal_mode = WAL;\n' >"$dir/13_wal.sql"
}

marks_folder_postgres() {
    printf 'CREATE INDEX CONCURRENTLY m8_1 ON m2_1 (id);\n' >"$dir/08_index.sql"
    printf 'VACUUM (ANALYZE) m2_1;\n' >"$dir/09_vacuum.sql"
    printf "COPY ran FROM stdin;\nr12_1\n\\.\nCREATE TABLE m12_2 (id integer);\n" >"$dir/12_copy.sql"
    printf -- "-- migrate:up transaction:off\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS m13_1 ON m3_1 (id);\nDROP INDEX CONCURRENTLY IF EXISTS m8_1;\nINSERT INTO ran VALUES ('r13_3');\nREINDEX TABLE CONCURRENTLY m3_1;\nCREATE INDEX CONCURRENTLY m13_5 ON m3_1 (id);\n" >"$dir/13_indexes.sql"
}

marks_folder_mariadb() {
    printf 'CREATE INDEX m8_1 ON m2_1 (id);\n' >"$dir/08_index.sql"
    printf 'ANALYZE TABLE m2_1;\nOPTIMIZE TABLE m2_1;\n' >"$dir/09_analyze.sql"
    printf "DELIMITER //\nCREATE PROCEDURE m11_1() BEGIN INSERT INTO ran VALUES ('r11_2'); END//\nDELIMITER ;\nCALL m11_1();\n" >"$dir/11_call.sql"
    printf "LOCK TABLES ran WRITE;\nINSERT INTO ran VALUES ('r12_2');\nUNLOCK TABLES;\nALTER TABLE m2_1 ADD COLUMN m12_4 integer;\n" >"$dir/12_lock.sql"
    printf "BEGIN;\nINSERT INTO ran VALUES ('r13_2');\nCREATE TABLE m13_3 (id integer);\nINSERT INTO ran VALUES ('r13_4');\nCOMMIT;\n" >"$dir/13_torn.sql"
}

# What leaves a trace, one line each: M, migration, statement, name. The first is the table "ran".
marks_marks() {
    echo 'M 1 1 ran'
    cat "$dir"/*.sql | grep -oE '\b[mr][0-9]+_[0-9]+\b' | sort -u |
        sed -E 's/^(.)([0-9]+)_([0-9]+)$/M \2 \3 \1\2_\3/'
}

# ---- the engine's own client, kept open: a trial asks it several times -----------------------

marks_client() { # statements on standard input; one that fails ends nothing
    case $engine in
    sqlite) exec sqlite3 -separator ' ' "$work/$db.db" ;;
    postgres)
        exec psql -X -q -A -t -h "$(url_part host)" -p "$(url_part port)" -U "$(url_part user)" -d "$db"
        ;;
    mariadb)
        exec mariadb --no-defaults -f -n -N -B -h "$(url_part host)" -P "$(url_part port)" -u "$(url_part user)" "$db"
        ;;
    esac
}

marks_hang_up() {
    [ -n "$marks_session" ] || return 0
    exec 7>&- 8<&-
    kill "$marks_session" 2>/dev/null
    wait "$marks_session" 2>/dev/null
    marks_session=
}

marks_dial() {
    rm -f "$work/ask" "$work/told"
    mkfifo "$work/ask" "$work/told"
    marks_client <"$work/ask" >"$work/told" 2>/dev/null &
    marks_session=$!
    # Both ways, so that asking one that has died kills nobody.
    exec 7<>"$work/ask" 8<"$work/told"
}

marks_ask() { # STATEMENTS...: leaves their rows in $marks_told; fails where the client has died
    local line
    [ -n "$marks_session" ] || marks_dial
    printf '%s\n' "$@" "SELECT 'all told';" >&7
    marks_told=
    while IFS= read -r line <&8; do
        [ "$line" != 'all told' ] || return 0
        marks_told+=$line$'\n'
    done
    marks_hang_up
    return 1
}

# Leaves in $marks_told "H version status done", and the name of each mark that is there, as often as
# it is.
marks_look() {
    case $engine in
    sqlite) # a session of its own each time: one that stayed open would be a reader of the database
        marks_told=$(printf '%s\n' "SELECT 'H', version + 0, status, statements_done FROM dunlin_migrations;" \
            "SELECT name FROM sqlite_master WHERE name GLOB 'm[0-9]*' OR name = 'ran';" 'SELECT name FROM ran;' |
            marks_client 2>/dev/null) || : # a table that is not there
        ;;
    postgres)
        marks_ask "SELECT concat_ws(' ', 'H', version::integer, status, statements_done) FROM dunlin_migrations;" \
            "SELECT relname FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid WHERE relname ~ '^(m[0-9_]+|ran)\$' AND coalesce(indisvalid, true);" \
            'SELECT name FROM ran;'
        ;;
    mariadb)
        marks_ask "SELECT CONCAT_WS(' ', 'H', version + 0, status, statements_done) FROM dunlin_migrations;" \
            "SELECT table_name FROM information_schema.tables WHERE table_schema = '$db' AND table_name REGEXP '^(m[0-9]+_|ran$)'
             UNION ALL SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = '$db' AND index_name REGEXP '^m[0-9]+_'
             UNION ALL SELECT column_name FROM information_schema.columns WHERE table_schema = '$db' AND column_name REGEXP '^m[0-9]+_'
             UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = '$db';" \
            'SELECT name FROM ran;'
        ;;
    esac
}

marks_count() { # PATTERN: leaves in $marks_counted how many lines of $marks_told match
    local line
    marks_counted=0
    while IFS= read -r line; do
        # shellcheck disable=SC2254
        case $line in
        $1) marks_counted=$((marks_counted + 1)) ;;
        esac
    done <<<"$marks_told"
}

# Leaves in $marks_wrong what the history says and is not there, or the other way round; nothing else.
# m2_1 is replaced and m8_1 dropped by a later one.
marks_compare() { # [ALL]: then so many migrations have to be applied
    marks_look || marks_told='the client has died'
    marks_wrong=$(awk -v all="${1:-0}" '
        $1 == "M" { v[++n] = $2; s[n] = $3; name[n] = $4; next }
        $1 == "H" { status[$2] = $3; done[$2] = $4; applied += $3 == "applied"; next }
        NF == 1 { there[$1]++ }
        NF > 1 { print }
        END {
            if (all && applied != all)
                print applied + 0 " of " all " are applied"
            for (i = 1; i <= n; i++) {
                x = name[i]; st = status[v[i]]; gone = x == "m2_1" || x == "m8_1" || x == "m12_1"
                if (there[x] > 1)
                    print x " ran " there[x] " times"
                if (st == "applied" && !there[x] && !gone)
                    print x " is missing, and its migration is applied"
                if (st == "" && there[x])
                    print x " is there, and its migration has no row"
                if (st != "applied" && st != "" && s[i] <= done[v[i]] && !there[x] && !gone)
                    print x " is missing, and noted"
                if (st != "applied" && st != "" && s[i] > done[v[i]] + 1 && there[x])
                    print x " is there, and statement " done[v[i]] + 1 " of its migration is not done"
            }
        }' <<<"$marks_list"$'\n'"$marks_told")
}

marks_orphan_gone() { # the server may still be at what the dead client had sent
    local left tries
    [ "$engine" != sqlite ] || return 0
    for ((tries = 0; tries < 6000; tries++)); do
        case $engine in
        postgres)
            marks_ask "SELECT count(*) FROM pg_stat_activity WHERE datname = '$db' AND application_name = 'dunlin';"
            left=${marks_told%$'\n'}
            ;;
        # Not from information_schema.processlist: MariaDB 10.11 has crashed in a query of it when a
        # connection ended meanwhile.
        mariadb)
            marks_ask 'SHOW PROCESSLIST;'
            marks_count "*"$'\t'"$db"$'\t'"*"
            left=$((marks_counted - 1))
            ;;
        esac
        [ "$left" != 0 ] || return 0
        sleep 0.01
    done
    return 1
}

marks_empty() { # the database, for the next trial
    case $engine in
    sqlite) rm -f "$work/$db.db"* ;;
    postgres) marks_ask 'SET synchronous_commit = on; DROP SCHEMA public CASCADE; CREATE SCHEMA public;' ;;
    mariadb)
        # Another one, under a new name: a server that dies right after a DROP DATABASE may bring the
        # old tables back. All names are of one length.
        local new
        marks_emptied=$((marks_emptied + 1))
        printf -v new 'case%s_%06d' "$db_number" "$marks_emptied"
        marks_ask "SET GLOBAL innodb_flush_log_at_trx_commit = 1; DROP DATABASE $db; CREATE DATABASE $new; USE $new;"
        url=${url/\/$db//$new}
        db=$new
        ;;
    esac
}

# The program itself, not the script that libtool may have put around it.
marks_real="$abs_top_builddir/.libs/dunlin"
[ -x "$marks_real" ] || marks_real=$DUNLIN
marks_library=$abs_top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

marks_run() { # COMMAND [OPTION...]
    LD_LIBRARY_PATH=$marks_library run "$marks_real" -u "$url" -d "$dir" "$@"
}

marks_decide() { # whether the statement in doubt was done can be seen
    local version statement name
    marks_look
    read -r version statement < <(printf '%s' "$marks_told" | awk '$1 == "H" && $3 == "running" { print $2, $4 + 1 }')
    marks_decisions=$((marks_decisions + 1))
    name="[mr]${version}_$statement"
    [ "$name" != '[mr]1_1' ] || name=ran
    if printf '%s' "$marks_told" | grep -qx "$name"; then
        marks_run resume --skip
    else
        marks_run resume
    fi
}

# After a run that died: the history agrees with what is there, "status" works, and up finishes the
# job. Adds to $wrong what is not so. Every other time what comes next has to wait by itself for
# what the server is still at.
marks_finish() {
    marks_trials=$((marks_trials + 1))
    if [ $((marks_trials % 2)) = 1 ]; then
        marks_orphan_gone || wrong="$wrong; a session of the dead run stays"
        marks_compare
        [ -z "$marks_wrong" ] || wrong="$wrong; $marks_wrong"
        marks_run status
        [ "$status" = 0 ] || wrong="$wrong; status: $status $err"
    fi
    marks_run up
    if [ "$engine" = mariadb ] && [ "$status" = 3 ]; then
        printf '%s' "$err" | grep -q 'dunlin resume' || wrong="$wrong; no way out is named: $err"
        marks_decide
        marks_run up
    fi
    [ "$status" = 0 ] || wrong="$wrong; up: $status $out $err"
    marks_compare "$marks_total"
    [ -z "$marks_wrong" ] || wrong="$wrong; afterwards $marks_wrong"
}

marks_emptied=0 marks_session=
marks_begin() { # [FILE...]: without these
    local name
    fresh_db
    marks_folder
    for name; do
        rm "$dir/$name"
    done
    marks_total=$(ls "$dir" | wc -l)
    marks_list=$(marks_marks)
    marks_trials=0 marks_decisions=0
}

marks_some() { # HOW_MANY OF: so many different numbers, spread evenly, beginning somewhere
    awk -v n="$1" -v of="$2" -v seed="$RANDOM" 'BEGIN {
        if (n > of) n = of
        start = seed / 32768
        for (i = 0; i < n; i++) printf "%d ", 1 + int((i + start) * of / n) }'
}
