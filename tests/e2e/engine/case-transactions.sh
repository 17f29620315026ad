# SPDX-License-Identifier: MIT
# What a failure leaves behind, and what is refused before anything runs.
fresh_db
file 1_people.sql <<'S'
CREATE TABLE people (id integer NOT NULL PRIMARY KEY);
S
file 2_broken.sql <<'S'
CREATE TABLE pets (id integer NOT NULL PRIMARY KEY);
INSERT INTO pets VALUES (1);
INSERT INTO nowhere VALUES (1);
INSERT INTO pets VALUES (2);
S
file 3_later.sql <<'S'
CREATE TABLE later (id integer NOT NULL PRIMARY KEY);
S
up
is "$(sql 'SELECT count(*) FROM people')" 0 "transactions: what came before the failure stays"
not_ok "transactions: what comes behind it does not run" sql 'SELECT count(*) FROM later'
if [ "$engine" = mariadb ]; then
    exits 3 "transactions: partly changed is exit code 3"
    is "$(sql 'SELECT status, statements_done, statements_total FROM dunlin_migrations WHERE version = 2')" \
        'partial|1|4' "transactions: the journal knows how far it came"
    is "$(sql 'SELECT count(*) FROM pets')" 0 "transactions: rows of the failed group are undone"
    like "$err" 'statements 1 to 1 of 4 are in the database' "transactions: says what is done"
    dunlin -u "$url" -d "$dir" status
    like "$out" 'partial' "transactions: status shows it"
    file 2_broken.sql <<'S'
CREATE TABLE pets_of_another_name (id integer NOT NULL PRIMARY KEY);
INSERT INTO pets VALUES (1);
S
    up
    exits 6 "transactions: a finished statement must not be changed"
    file 2_broken.sql <<'S'
CREATE TABLE pets (id integer NOT NULL PRIMARY KEY);
INSERT INTO pets VALUES (1);
INSERT INTO people VALUES (1);
INSERT INTO pets VALUES (2);
S
    up
    exits 0 "transactions: up continues behind the finished statements"
else
    exits 2 "transactions: rolled back is exit code 2"
    not_ok "transactions: nothing of the failed one is there" sql 'SELECT count(*) FROM pets'
    is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 1 "transactions: and no row either"
    like "$err" 'nothing of .*2_broken.sql is in the database' "transactions: says so"
    sed -i 's/nowhere/people/' "$dir/2_broken.sql"
    up
    exits 0 "transactions: the next up simply tries again"
fi
like "$out" '^done: 2 applied, 1 already applied, 3 total in ' "transactions: and goes on"
is "$(sql 'SELECT count(*) FROM pets')" 2 "transactions: each statement ran once"
is "$(sql "SELECT count(*) FROM dunlin_migrations WHERE status = 'applied' AND statements_done = statements_total")" \
    3 "transactions: three are applied"

# The failing statement stands behind a group that shares a transaction with its note.
fresh_db
printf 'CREATE TABLE a (id integer);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nCREATE TABLE b (id integer,);\n' \
    >"$dir/1_group.sql"
up
sed -i 's/integer,/integer/' "$dir/1_group.sql"
up
exits 0 "transactions: a mended statement behind a group"
is "$(sql 'SELECT count(*) FROM a')" 2 "transactions: and the group ran once"

fresh_db
printf -- '-- migrate:up\nCREATE TABLE a (id integer);\n-- migrate:down\nDROP TABLE a;\n' >"$dir/1_a.sql"
printf 'CREATE TABLE b (id integer,);\n' >"$dir/2_b.sql"
up
exits 2 "transactions: a first statement that fails leaves nothing"
dunlin -u "$url" -d "$dir" down
exits 0 "transactions: so that down can revert what is before it"
like "$out" '^done: 1 reverted, 0 still applied' "transactions: and does"

fresh_db
file 1_folded.sql <<'S'
-- whole projects write every file so
BEGIN;
CREATE TABLE a (id integer NOT NULL PRIMARY KEY);
INSERT INTO a VALUES (1);
COMMIT;
S
up
exits 0 "transactions: a file's own BEGIN and COMMIT are folded in"
is "$(sql 'SELECT count(*) FROM a')" 1 "transactions: and its statements ran"
if [ "$engine" != mariadb ]; then
    file 2_half.sql <<'S'
CREATE TABLE b (id integer);
COMMIT;
CREATE TABLE c (id integer);
S
    up
    exits 65 "transactions: other transaction control is refused"
    like "$err" '2_half.sql:2:1: transaction control' "transactions: with its line"
    not_ok "transactions: before anything ran" sql 'SELECT count(*) FROM b'
    rm "$dir/2_half.sql"
    printf 'CREATE TABLE d (id integer);\nVACUUM;\n' >"$dir/3_mixed.sql"
    up
    exits 65 "transactions: a mixture is refused"
    like "$err" '3_mixed.sql:2:1: this statement cannot run in a transaction' \
        "transactions: with the line of the statement"
    printf -- '-- no mark is needed\nVACUUM;\n' >"$dir/3_mixed.sql"
    up
    exits 0 "transactions: a file of such statements runs outside a transaction"
fi
if [ "$engine" = postgres ]; then
    printf "SET lock_timeout = '10s';\nCREATE INDEX CONCURRENTLY a_id ON a (id);\n" \
        >"$dir/4_index.sql"
    up
    exits 0 "transactions: CREATE INDEX CONCURRENTLY"
    is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass")" t \
        "transactions: and its index is valid"
fi

# A statement that ends the transaction and is not known to: MySQL takes a quoted name of a setting,
# which no rule looks into. What ran before it is not run again.
if [ "$engine" = mariadb ]; then
    fresh_db
    printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
    up
    printf 'SET `autocommit` = 0;\nINSERT INTO t VALUES (1);\nSET `autocommit` = 1;\nINSERT INTO nowhere VALUES (1);\n' >"$dir/2_torn.sql"
    up
    exits 3 "transactions: torn by a statement of the script"
    like "$err" '2_torn.sql:4:1: ' "transactions: torn: the statement that failed"
    like "$err" '^state: a statement of .*2_torn.sql ended the transaction, so that some of what ran' "transactions: torn: what is there"
    like "$err" '^next: finish it by hand, or undo it, then: dunlin mark 2 applied' "transactions: torn: the way out"
    is "$(sql 'SELECT count(*) FROM t')" 1 "transactions: torn: what ran before is there"
    for again in up resume 'resume --skip'; do
        # shellcheck disable=SC2086
        dunlin -u "$url" -d "$dir" $again
        exits 3 "transactions: torn: $again stops"
        like "$err" '^error: a statement of .*2_torn.sql ended the transaction of the run before' "transactions: torn: and says why"
        is "$(sql 'SELECT count(*) FROM t')" 1 "transactions: torn: nothing of it runs twice"
    done
    dunlin -u "$url" -d "$dir" mark 2 pending -y
    exits 0 "transactions: torn: undone by hand"
    printf -- '-- migrate:up transaction:off\nINSERT INTO t VALUES (1);\n' >"$dir/2_torn.sql"
    up
    exits 0 "transactions: torn: it is recorded, and runs again"
    printf -- '-- migrate:up\nDO 1;\n-- migrate:down\nSET `autocommit` = 0;\nINSERT INTO t VALUES (3);\nSET `autocommit` = 1;\nINSERT INTO nowhere VALUES (1);\n' >"$dir/3_down.sql"
    up
    dunlin -u "$url" -d "$dir" down
    exits 3 "transactions: torn on the way back"
    like "$err" '^state: a statement of .*3_down.sql ended the transaction, so that some' "transactions: torn on the way back: what is there"
    for again in down 'resume --skip' up; do
        # shellcheck disable=SC2086
        dunlin -u "$url" -d "$dir" $again
        [ "$status" != 0 ]
        is "$?" 0 "transactions: torn on the way back: $again stops"
        is "$(sql 'SELECT count(*) FROM t WHERE id = 3')" 1 "transactions: torn on the way back: nothing of it runs twice"
    done
    dunlin -u "$url" -d "$dir" mark 3 pending -y
    exits 0 "transactions: torn on the way back: settled"
    sed -i '/nowhere/d' "$dir/3_down.sql"
    up
    exits 0 "transactions: torn on the way back: up applies it again"
    dunlin -u "$url" -d "$dir" down
    exits 0 "transactions: torn on the way back: and down reverts it"
    is "$(sql 'SELECT version FROM dunlin_migrations ORDER BY version' | paste -sd,)" 1,2 "transactions: torn on the way back: its row is gone"
fi

# transaction:on where it cannot be kept.
fresh_db
printf 'CREATE TABLE t (id integer);\n' >"$dir/1_t.sql"
case $engine in
mariadb) printf -- '-- migrate:up transaction:on\nINSERT INTO t VALUES (1);\nCREATE TABLE u (id integer);\n' ;;
*) printf -- '-- migrate:up transaction:on\nVACUUM;\n' ;;
esac >"$dir/2_on.sql"
up
exits 65 "transactions: transaction:on cannot be kept: exit code"
like "$err" '2_on.sql:[23]:1: this statement .*, and the section says transaction:on' "transactions: transaction:on cannot be kept: the statement"
like "$err" 'state: nothing was run' "transactions: transaction:on cannot be kept: nothing ran"
