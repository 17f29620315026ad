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

# What leaves a trace, one line each: M, migration, statement, name.
marks_marks() {
    cat "$dir"/*.sql | grep -oE '\b[mr][0-9]+_[0-9]+\b' | sort -u |
        sed -E 's/^(.)([0-9]+)_([0-9]+)$/M \2 \3 \1\2_\3/'
}

marks_state() { # "H version status done", and the name of each mark that is there, as often as it is
    case $engine in
    sqlite)
        sqlite3 -separator ' ' "$work/$db.db" "SELECT 'H', version + 0, status, statements_done FROM dunlin_migrations;" \
            "SELECT name FROM sqlite_master WHERE name GLOB 'm[0-9]*';" 'SELECT name FROM ran;' 2>/dev/null
        ;;
    postgres)
        # A table that is not there ends nothing here.
        printf '%s\n' "SELECT concat_ws(' ', 'H', version::integer, status, statements_done) FROM dunlin_migrations;" \
            "SELECT relname FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid WHERE relname ~ '^m[0-9_]+\$' AND coalesce(indisvalid, true);" \
            'SELECT name FROM ran;' |
            psql -X -q -A -t -h "$(url_part host)" -p "$(url_part port)" -U "$(url_part user)" -d "$db" 2>/dev/null
        ;;
    mariadb)
        printf '%s\n' "SELECT CONCAT_WS(' ', 'H', version + 0, status, statements_done) FROM dunlin_migrations;" \
            "SELECT table_name FROM information_schema.tables WHERE table_schema = '$db' AND table_name REGEXP '^m[0-9]+_'
             UNION ALL SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = '$db' AND index_name REGEXP '^m[0-9]+_'
             UNION ALL SELECT column_name FROM information_schema.columns WHERE table_schema = '$db' AND column_name REGEXP '^m[0-9]+_'
             UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = '$db';" \
            'SELECT name FROM ran;' |
            mariadb --no-defaults -f -N -B -h "$(url_part host)" -P "$(url_part port)" -u "$(url_part user)" "$db" 2>/dev/null
        ;;
    esac
}

# What the history says against what is there. m2_1 is replaced and m8_1 dropped by a later one.
marks_disagreements() {
    { printf '%s\n' "$marks_list"; marks_state; } | awk '
        $1 == "M" { v[++n] = $2; s[n] = $3; name[n] = $4; next }
        $1 == "H" { status[$2] = $3; done[$2] = $4; next }
        { there[$1]++ }
        END {
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
        }'
}

marks_orphan_gone() { # the server may still be at what the dead client had sent
    case $engine in
    sqlite) true ;;
    postgres) [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = '$db' AND application_name = 'dunlin'")" = 0 ] ;;
    # Not from information_schema.processlist: MariaDB 10.11 has crashed in a query of it when a
    # connection ended meanwhile.
    mariadb) [ "$(sql 'SHOW PROCESSLIST' | awk -F'|' -v db="$db" '$4 == db' | wc -l)" = 1 ] ;;
    esac
}

marks_empty() { # the database, for the next trial
    case $engine in
    sqlite) rm -f "$work/$db.db"* ;;
    postgres) sql 'SET synchronous_commit = on; DROP SCHEMA public CASCADE; CREATE SCHEMA public' 2>/dev/null ;;
    mariadb)
        # Another one, under a new name: a server that dies right after a DROP DATABASE may bring the
        # old tables back.
        local new=case${db_number}_$((marks_emptied += 1))
        sql "SET GLOBAL innodb_flush_log_at_trx_commit = 1; DROP DATABASE $db; CREATE DATABASE $new"
        url=${url/\/$db//$new}
        db=$new
        ;;
    esac
}

marks_decide() { # whether the statement in doubt was done can be seen
    local version statement
    read -r version statement < <(marks_state | awk '$1 == "H" && $3 == "running" { print $2, $4 + 1 }')
    marks_decisions=$((marks_decisions + 1))
    if marks_state | grep -qx "[mr]${version}_$statement"; then
        dunlin -u "$url" -d "$dir" resume --skip
    else
        dunlin -u "$url" -d "$dir" resume
    fi
}

# After a run that died: the history agrees with what is there, "status" works, and up finishes the
# job. Adds to $wrong what is not so. Every other time what comes next has to wait by itself for
# what the server is still at.
marks_finish() {
    local told
    marks_trials=$((marks_trials + 1))
    if [ $((marks_trials % 2)) = 1 ]; then
        wait_until 60 marks_orphan_gone || wrong="$wrong; a session of the dead run stays"
        told=$(marks_disagreements)
        [ -z "$told" ] || wrong="$wrong; $told"
        dunlin -u "$url" -d "$dir" status
        [ "$status" = 0 ] || wrong="$wrong; status: $status $err"
    fi
    up
    if [ "$engine" = mariadb ] && [ "$status" = 3 ]; then
        printf '%s' "$err" | grep -q 'dunlin resume' || wrong="$wrong; no way out is named: $err"
        marks_decide
        up
    fi
    [ "$status" = 0 ] || wrong="$wrong; up: $status $out $err"
    told=$(marks_disagreements)
    [ -z "$told" ] || wrong="$wrong; afterwards $told"
    told=$(marks_state | awk '$1 == "H" && $3 == "applied"' | wc -l)
    [ "$told" = "$marks_total" ] || wrong="$wrong; $told of $marks_total are applied"
}

marks_emptied=0
marks_begin() {
    fresh_db
    marks_folder
    [ $# = 0 ] || rm "$dir"/"$1"
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
