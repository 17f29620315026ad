# SPDX-License-Identifier: MIT
# Under LOCK TABLES, and in tables that know no transactions, every statement commits by itself. One
# that committed, and was not noted before the server died, must not run again; and what runs after
# that runs under the same locks.
locked_dies() { # in the second statement: it committed, and its note is lost
    up
    [ "$status" != 0 ] || tap_result not "locked: the second statement fails"
    sql "ALTER TABLE ran ADD COLUMN name varchar(20);
        INSERT INTO ran (name) VALUES ('$1');
        UPDATE dunlin_migrations SET status = 'running', error = NULL WHERE version = '2'"
}

locked_files() { # STATEMENTS: the migration that will die in its second
    fresh_db
    printf 'CREATE TABLE ran (id integer NOT NULL AUTO_INCREMENT PRIMARY KEY);\nCREATE TABLE other (id integer);\n%s' "${2:-}" |
        file 1_ran.sql
    file 2_rows.sql <<<"$1"
}

locked_row() {
    sql "SELECT status, statements_done FROM dunlin_migrations WHERE version = '2'"
}

if [ "$engine" = mariadb ]; then
    locked_files "LOCK TABLES ran WRITE;
INSERT INTO ran (name) VALUES ('a');
UNLOCK TABLES;
ALTER TABLE other ADD COLUMN name varchar(20);"
    locked_dies a
    is "$(locked_row)" 'running|1' "locked: a row that was inserted under LOCK TABLES, and its note lost"
    up
    exits 3 "locked: it is in doubt"
    like "$err" 'not known whether it was carried out' "locked: and says so"
    is "$(sql 'SELECT count(*) FROM ran')" 1 "locked: nothing ran twice"
    dunlin -u "$url" -d "$dir" resume --skip
    exits 0 "locked: resume --skip goes on behind it"
    is "$(sql 'SELECT count(*) FROM ran') $(locked_row)" '1 applied|4' "locked: and that is done once"

    # What went on without the lock would see what another session does in between.
    locked_files "LOCK TABLES ran WRITE;
INSERT INTO ran (id) VALUES (1);
SELECT count(*) FROM other;
UNLOCK TABLES;"
    for again in first second; do
        up
        like "$err" "'other' was not locked" "locked: the third statement runs under the lock, the $again time too"
        is "$(locked_row)" 'partial|2' "locked: and the second is done, the $again time"
    done
    sed -i '3d' "$dir/2_rows.sql"
    up
    exits 0 "locked: mended, it goes on"
    is "$(sql 'SELECT count(*) FROM ran') $(locked_row)" '1 applied|3' "locked: to the end"

    # A table that was locked, and let go of, may be gone.
    for ends in 'UNLOCK TABLES' 'START TRANSACTION; COMMIT'; do
        locked_files "LOCK TABLES other WRITE;
INSERT INTO other VALUES (1);
$ends;
DROP TABLE other;
INSERT INTO nowhere VALUES (1);"
        up
        like "$(locked_row)" '^partial.[45]$' "locked: fails behind $ends"
        sed -i '$d' "$dir/2_rows.sql"
        echo 'INSERT INTO ran (id) VALUES (1);' >>"$dir/2_rows.sql"
        up
        exits 0 "locked: nothing is locked again behind $ends"
        is "$(sql 'SELECT count(*) FROM ran')" 1 "locked: and the last statement ran"
    done

    locked_files "CREATE INDEX other_id ON other (id);
INSERT INTO ran (name) VALUES ('b');
ALTER TABLE other ADD COLUMN name varchar(20);" 'ALTER TABLE ran ENGINE = MyISAM;'
    locked_dies b
    up
    exits 3 "locked: a row in a table without transactions is in doubt"
    is "$(sql 'SELECT count(*) FROM ran')" 1 "locked: it did not run twice"
    dunlin -u "$url" -d "$dir" resume --skip
    exits 0 "locked: and resume --skip goes on behind it"
    is "$(sql 'SELECT count(*) FROM ran') $(locked_row)" '1 applied|3' "locked: once"
    sql 'DROP TABLE ran' # beside such a table nothing is rehearsed, in whatever database it is
fi
