# SPDX-License-Identifier: MIT
# Statements that are noted one by one: what is said to be done is done and noted, whatever stands
# beside it, and the next run goes on behind it.
journal_folder() { # text of the section on standard input
    fresh_db
    printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
    { echo '-- migrate:up transaction:off'; cat; } >"$dir/2_noted.sql"
}

journal_row() {
    sql "SELECT status, statements_done FROM dunlin_migrations WHERE version = '2'"
}

journal_ids() {
    sql 'SELECT id FROM t ORDER BY id' | paste -sd,
}

# The statement that fails is mended: what ran before it must not run again.
journal_mended() { # DONE IDS NAME
    up
    exits "$([ "$1" = 0 ] && echo 2 || echo 3)" "journal: $3: exit code"
    if [ "$1" = 0 ]; then
        like "$err" 'nothing of .*2_noted.sql is in the database' "journal: $3: what is there"
        is "$(journal_row)" 'failed|0' "journal: $3: is what the row says"
    else
        like "$err" "statements 1 to $1 of [0-9]+ are in the database and recorded" "journal: $3: what is there"
        is "$(journal_row)" "partial|$1" "journal: $3: is what the row says"
    fi
    sed 's/ nowhere/ t/' "$dir/2_noted.sql" >"$work/mended.sql"
    cp "$work/mended.sql" "$dir/2_noted.sql"
    up
    exits 0 "journal: $3: the next run finishes"
    is "$(journal_ids)" "$2" "journal: $3: each statement ran once"
}

# A transaction that the file leaves open is committed with the note of its statements.
journal_folder <<'S'
BEGIN;
INSERT INTO t VALUES (1);
S
up 1
history_refuses UPDATE "NEW.status = 'applied'"
up
exits 3 "journal: an end that cannot be written: exit code"
like "$err" 'not now' "journal: an end that cannot be written: why"
like "$err" 'all 2 statements are in the database and recorded; what failed came behind them' \
    "journal: an end that cannot be written: what is there"
is "$(journal_row)" 'partial|2' "journal: an end that cannot be written: the statements are noted"
history_allows
up
exits 0 "journal: an end that cannot be written: the next run writes it"
is "$(journal_ids)" 1 "journal: an end that cannot be written: nothing ran twice"

journal_folder <<'S'
SELECT 1;
SELECT 2;
SELECT 3 FROM nowhere;
S
up
printf -- '-- migrate:up transaction:off\nSELECT 1;\n' >"$dir/2_noted.sql"
up
exits 6 "journal: a file that became shorter than what ran: exit code"
like "$err" '2_noted.sql has fewer statements than have already run' "journal: a file that became shorter: says so"
is "$(journal_row)" 'partial|2' "journal: a file that became shorter: its row stays"

if [ "$engine" != sqlite ]; then
    journal_folder <<'S'
BEGIN;
INSERT INTO t VALUES (1);
COMMIT AND CHAIN;
INSERT INTO t VALUES (2);
ROLLBACK AND CHAIN;
INSERT INTO t VALUES (3);
INSERT INTO nowhere VALUES (4);
COMMIT;
S
    journal_mended 3 1,3,4 "a transaction that is chained to another"
fi

case $engine in
sqlite)
    journal_folder <<'S'
SAVEPOINT s;
INSERT INTO t VALUES (1);
SAVEPOINT inner;
RELEASE inner;
INSERT INTO nowhere VALUES (2);
RELEASE s;
SELECT 1;
S
    journal_mended 0 1,2 "a transaction that begins by SAVEPOINT"
    journal_folder <<'S'
SAVEPOINT s;
INSERT INTO t VALUES (1);
RELEASE s;
INSERT INTO nowhere VALUES (2);
S
    journal_mended 3 1,2 "and is over by RELEASE"
    journal_folder <<'S'
SAVEPOINT s;
INSERT INTO t VALUES (1);
COMMIT;
S
    up
    exits 0 "journal: a SAVEPOINT that COMMIT ends"
    is "$(journal_row) $(journal_ids)" 'applied|3 1' "journal: a SAVEPOINT that COMMIT ends: all of it is there"
    ;;
postgres)
    # In one message with a BEGIN the note would be part of its transaction, and rolled back with it.
    journal_folder <<'S'
INSERT INTO t VALUES (1);
CREATE INDEX CONCURRENTLY t_id ON t (id);
INSERT INTO t VALUES (2);
INSERT INTO nowhere VALUES (3);
S
    journal_mended 2 1,2,3 "a note before a transaction of ours"
    journal_folder <<'S'
SELECT 1;
BEGIN;
INSERT INTO t VALUES (1);
INSERT INTO nowhere VALUES (2);
COMMIT;
S
    journal_mended 1 1,2 "a note before one of the file"
    journal_folder <<'S'
INSERT INTO t VALUES (1);
COPY t FROM stdin;
2
3
\.
INSERT INTO t VALUES (4);
INSERT INTO nowhere VALUES (5);
S
    journal_mended 2 1,2,3,4,5 "COPY"
    journal_folder <<'S'
SELECT 1;
BEGIN;
COPY t FROM stdin;
2
3
\.
INSERT INTO nowhere VALUES (4);
S
    journal_mended 1 2,3,4 "COPY in a transaction of the file"
    journal_folder <<'S'
INSERT INTO t VALUES (1);
COPY t FROM stdin;
2
x
\.
S
    up
    exits 3 "journal: rows of COPY that are refused: exit code"
    like "$err" '2_noted.sql:3:1: invalid input syntax.*"x"' "journal: rows of COPY that are refused: the place"
    is "$(journal_row) $(journal_ids)" 'partial|1 1' "journal: rows of COPY that are refused: nothing of them is there"
    # The rows belong to what is proved to be unchanged, however long they are.
    for rows in 2 30000; do
        { echo 'COPY t FROM stdin;' && seq "$rows" && printf '\\.\nINSERT INTO nowhere VALUES (0);\n'; } >"$work/rows"
        journal_folder <"$work/rows"
        up
        is "$(journal_row)" 'partial|1' "journal: $rows rows of COPY are noted"
        sed -i '3s/.*/7/; s/ nowhere/ t/' "$dir/2_noted.sql"
        up
        exits 6 "journal: $rows rows of COPY, one of them edited: exit code"
        like "$err" 'the first 1 statements of .* are not those that ran' "journal: $rows rows of COPY, one of them edited: is told"
        sed -i '3s/.*/1/' "$dir/2_noted.sql"
        up
        exits 0 "journal: $rows rows of COPY as they were: goes on"
        is "$(sql 'SELECT count(*), sum(id) FROM t')" "$((rows + 1))|$((rows * (rows + 1) / 2))" "journal: $rows rows of COPY: ran once"
    done
    # One that somebody says is done.
    journal_folder <<'S'
COPY t FROM stdin;
1
2
\.
INSERT INTO t VALUES (3);
SELECT 1 FROM nowhere;
S
    up
    is "$(journal_row) $(journal_ids)" 'partial|2 1,2,3' "journal: COPY, a row, and what fails"
    sql "DELETE FROM t WHERE id = 3; UPDATE dunlin_migrations SET status = 'running', statements_done = 0, statements_hash = NULL, error = NULL WHERE version = '2'"
    dunlin -u "$url" -d "$dir" resume --skip
    exits 3 "journal: COPY that counts as done: the last statement fails again"
    is "$(journal_row) $(journal_ids)" 'partial|2 1,2,3' "journal: COPY that counts as done: is noted, and not run"
    sed -i 's/ nowhere/ t/' "$dir/2_noted.sql"
    up
    exits 0 "journal: COPY that counts as done: the next run proves it"
    is "$(journal_row) $(journal_ids)" 'applied|3 1,2,3' "journal: COPY that counts as done: and finishes"
    journal_folder <<'S'
SELECT 1;
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO t VALUES (1);
SELECT 2;
INSERT INTO nowhere VALUES (2);
COMMIT;
S
    journal_mended 1 1,2 "a transaction with an isolation level"
    # What another tool runs in a transaction of its own.
    journal_folder <<'S'
INSERT INTO t VALUES (1);
COMMIT;
INSERT INTO t VALUES (2);
S
    up
    exits 0 "journal: a COMMIT with nothing open"
    is "$(journal_row) $(journal_ids)" 'applied|3 1,2' "journal: a COMMIT with nothing open: all of it is there"
    unlike "$err" 'no transaction in progress' "journal: a COMMIT with nothing open: is not sent"
    ;;
esac
