# SPDX-License-Identifier: MIT
# A migration that does not get its locks in time steps back, tells who may be in the way, and is
# tried again; a failed CREATE INDEX CONCURRENTLY is built again.
if [ "$engine" = postgres ]; then
    fresh_db
    sql 'CREATE TABLE busy (id integer)'
    printf 'ALTER TABLE busy ADD COLUMN a integer;\n' >"$dir/1_busy.sql"
    mkfifo "$work/hold"
    client <"$work/hold" >/dev/null &
    holder=$!
    exec 7>"$work/hold"
    printf 'BEGIN; LOCK TABLE busy;\n' >&7
    wait_until 10 test "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 'busy'::regclass")" = 1
    up --lock-timeout 100ms --lock-retries 0
    exits 5 "locks: --lock-retries 0 fails at once"
    like "$err" 'lock timeout' "locks: with the server's words"
    up --lock-timeout 100ms --lock-retries 2
    exits 5 "locks: still held after two more tries"
    like "$err" 'trying again, 1 of 2; open transactions: pid [0-9]+' "locks: names who is in the way"
    is "$(sql 'SELECT count(*) FROM dunlin_migrations')" 0 "locks: nothing is left"
    (sleep 1; printf 'COMMIT;\n' >&7) &
    up --lock-timeout 200ms --lock-retries 20
    exits 0 "locks: succeeds when the lock is free"
    exec 7>&-
    wait "$holder"
    is "$(sql 'SELECT count(a) FROM busy')" 0 "locks: and the change is there"

    fresh_db
    sql 'CREATE TABLE dup (id integer)'
    sql 'INSERT INTO dup VALUES (1), (1)'
    printf 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS dup_id ON dup (id);\n' >"$dir/1_index.sql"
    up
    exits 3 "locks: CREATE INDEX CONCURRENTLY that fails leaves something behind"
    like "$err" 'may have left something behind' "locks: and says so"
    is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'dup_id'::regclass")" f \
        "locks: an index that is not valid"
    sql 'DELETE FROM dup'
    up
    exits 0 "locks: the next run builds it again"
    like "$err" 'dup_id is not valid' "locks: and says that it does"
    is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'dup_id'::regclass")" t \
        "locks: IF NOT EXISTS did not pass over it"
fi

if [ "$engine" = mariadb ]; then
    fresh_db
    sql 'CREATE TABLE busy (id integer)'
    file 1_busy.sql <<'S'
CREATE TABLE before_it (id integer);
ALTER TABLE busy ADD COLUMN a integer;
CREATE TABLE behind_it (id integer);
S
    mkfifo "$work/hold.my"
    client <"$work/hold.my" >/dev/null &
    holder=$!
    exec 7>"$work/hold.my"
    printf 'BEGIN; SELECT * FROM busy; INSERT INTO busy VALUES (1);\n' >&7
    wait_until 10 test "$(sql 'SELECT count(*) FROM information_schema.INNODB_TRX')" -ge 1
    up --lock-timeout 1s --lock-retries 1
    exits 3 "locks: a statement in the middle that does not get its lock"
    like "$err" 'trying again, 1 of 1; open transactions: connection [0-9]+' \
        "locks: names who is in the way"
    is "$(sql "SELECT status, statements_done FROM dunlin_migrations WHERE version = '1'")" \
        'partial|1' "locks: the journal stays true"
    (sleep 1; printf 'COMMIT;\n' >&7) &
    up --lock-timeout 1s --lock-retries 20
    exits 0 "locks: continues at that statement when the lock is free"
    exec 7>&-
    wait "$holder"
    is "$(sql 'SELECT count(a) FROM busy')" 0 "locks: and the change is there"
fi

if [ "$engine" = sqlite ]; then
    fresh_db
    sql 'CREATE TABLE busy (id integer)'
    printf 'ALTER TABLE busy ADD COLUMN a integer;\n' >"$dir/1_busy.sql"
    mkfifo "$work/hold.lite"
    client <"$work/hold.lite" >/dev/null &
    holder=$!
    exec 7>"$work/hold.lite"
    printf 'BEGIN IMMEDIATE;\nINSERT INTO busy VALUES (1);\n' >&7
    wait_until 10 test -e "$work/$db.db-journal"
    dunlin -u "$url?busy_timeout=100" -d "$dir" up --lock-wait 300ms
    exits 5 "locks: a writer that does not finish"
    (sleep 1; printf 'COMMIT;\n' >&7) &
    dunlin -u "$url?busy_timeout=100" -d "$dir" up --lock-wait 30s
    exits 0 "locks: waits for it"
    exec 7>&-
    wait "$holder"
    is "$(sql 'SELECT count(a) FROM busy')" 0 "locks: and the change is there"
fi
