# SPDX-License-Identifier: MIT
# Between migrations that surely leave the session as it was nothing is reset; all others are
# followed by a reset, whatever their statements run behind the scenes.
resets() { # NUMBER: of resets that the log of up has to show; one message is one line there
    sql "SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = 1" >/dev/null
    up
    sql 'SET GLOBAL general_log = 0' >/dev/null
    is "$(sql 'SELECT argument FROM mysql.general_log' | grep -o 'SET sql_mode = @dunlin' | wc -l)" "$1" "$2"
}

sets_function() {
    printf 'DELIMITER //\nCREATE FUNCTION sets() RETURNS integer BEGIN SET SESSION time_zone = "+05:00"; RETURN 1; END//\n' | client
}

if [ "$engine" = mariadb ]; then
    fresh_db
    for i in 1 2 3 4; do
        printf 'CREATE TABLE t%d (id integer NOT NULL PRIMARY KEY, name varchar(20));\nCREATE INDEX n%d ON t%d (name);\nINSERT INTO t%d (id, name) VALUES (-1, NULL), (2, "x");\n' \
            $i $i $i $i >"$dir/${i}_table.sql"
    done
    printf 'ALTER TABLE t1 ADD COLUMN seen bigint DEFAULT 1;\nDROP INDEX n2 ON t2;\nRENAME TABLE t3 TO t5;\n' >"$dir/5_more.sql"
    printf 'DROP TABLE t4;\n' >"$dir/6_drop.sql"
    resets 0 "quiet: tables, indexes and rows of literals in new tables leave nothing to reset"
    exits 0 "quiet: and are applied"
    is "$(sql 'SELECT count(*) FROM t2')" 2 "quiet: with their rows"

    printf 'INSERT INTO t2 VALUES (3, "y");\n' >"$dir/7_row.sql"
    printf 'CREATE TABLE t7 (id integer);\n' >"$dir/8_table.sql"
    resets 1 "quiet: rows in a table that was there before may have run a trigger"

    # The server keeps stored functions out of what DDL evaluates later.
    sets_function
    for column in 'b integer DEFAULT (sets())' 'b integer AS (sets())' 'b integer CHECK (sets() = 1)' \
        'b integer AS (sets()) STORED' 'c integer, CHECK (sets() = 1)'; do
        run sh -c 'mariadb --no-defaults -h "$1" -P "$2" -u "$3" "$4" -e "CREATE TABLE refused (a integer, $5)"' sh \
            "$(url_part host)" "$(url_part port)" "$(url_part user)" "$db" "$column"
        like "$err" "sets.*cannot be used" "quiet: the server refuses $column"
    done

    # One after the other: what may disturb, and a look at the session that the next one has.
    fresh_db
    sets_function
    sql 'CREATE TABLE seen (at_version integer, zone varchar(20), seconds integer)'
    sql 'CREATE TABLE fires (id integer); CREATE VIEW calls AS SELECT sets() AS n' >/dev/null
    sql 'CREATE TRIGGER fires BEFORE INSERT ON fires FOR EACH ROW SET SESSION time_zone = "+05:00"' >/dev/null
    v=0
    while IFS= read -r disturbs; do
        v=$((v + 2))
        printf '%s\n' "$disturbs" >"$dir/$((v - 1))_disturbs.sql"
        printf 'INSERT INTO seen VALUES (%d, @@time_zone, @@lock_wait_timeout);\n' $v >"$dir/${v}_look.sql"
    done <<'END'
INSERT INTO fires VALUES (1);
CREATE TABLE a1 (id integer); INSERT INTO a1 VALUES (sets());
CREATE TABLE a2 (id integer); INSERT INTO a2 VALUES (1); INSERT INTO fires VALUES (1);
CREATE TABLE a3 (id integer); DROP TABLE a3; RENAME TABLE fires TO a3; INSERT INTO a3 VALUES (1); RENAME TABLE a3 TO fires;
CREATE TABLE IF NOT EXISTS fires (id integer); INSERT INTO fires VALUES (1);
CREATE TABLE a4 (id integer) AS SELECT sets() AS id;
CREATE TABLE a5 AS (WITH w AS (SELECT sets() AS id) SELECT id FROM w);
CREATE TABLE a6 (id integer); INSERT INTO a6 (SELECT * FROM calls);
CREATE TABLE a7 (id integer); INSERT INTO a7 (id) VALUES ((SELECT n FROM calls));
CREATE TABLE a8 (id integer); INSERT INTO a8 (id) SELECT sets() UNION VALUES (1);
CREATE TABLE a9 (id integer); INSERT INTO a9 (id) VALUES (1) ON DUPLICATE KEY UPDATE id = sets(); INSERT INTO a9 VALUES (`sets`());
CREATE TABLE b1 (id integer); CREATE TRIGGER b1 BEFORE INSERT ON b1 FOR EACH ROW SET SESSION time_zone = '+05:00'; INSERT INTO b1 VALUES (1);
CREATE TABLE b2 (id integer) /*!40000 SELECT sets() AS id */;
CREATE TABLE b3 (id integer); INSERT INTO b3 VALUES (1) /*!40000 , (sets()) */;
CREATE OR REPLACE TABLE b4 (id integer) SELECT n AS id FROM calls;
CREATE TABLE b5 (a1 integer, a2 integer, a3 integer, a4 integer, a5 integer, a6 integer, a7 integer, a8 integer, a9 integer, b1 integer, b2 integer, b3 integer, b4 integer, b5 integer, b6 integer, b7 integer, b8 integer, b9 integer, c1 integer, c2 integer, c3 integer) SELECT sets() AS a1;
SET SESSION time_zone = '+05:00';
SET SESSION lock_wait_timeout = 77;
END
    # Several statements where the file cuts none.
    v=$((v + 2))
    printf 'DELIMITER //\nCREATE TABLE c1 (id integer); SET SESSION time_zone = "+05:00"//\n' >"$dir/$((v - 1))_cut.sql"
    printf 'INSERT INTO seen VALUES (%d, @@time_zone, @@lock_wait_timeout);\n' $v >"$dir/${v}_look.sql"
    # A time of its own ends with its migration, also among those that leave the session alone.
    for i in 1 2 3; do
        v=$((v + 1))
        printf '%s\nCREATE TABLE d%d (id integer);\n' "$([ $i = 2 ] && echo '-- migrate:up lock-timeout:2s')" $i >"$dir/${v}_timed.sql"
    done
    v=$((v + 1))
    printf 'INSERT INTO seen VALUES (%d, @@time_zone, @@lock_wait_timeout);\n' $v >"$dir/${v}_look.sql"
    up --lock-timeout 9s
    exits 0 "quiet: what may disturb the session"
    is "$(sql 'SELECT count(*) FROM seen')" 20 "quiet: with a look behind each"
    is "$(sql 'SELECT * FROM seen WHERE zone <> "SYSTEM" OR seconds <> 9')" "" "quiet: does not reach the next migration"
fi
