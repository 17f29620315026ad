# SPDX-License-Identifier: MIT
# redo, to and switch revert and apply: no other run comes in between, as they hold the run lock over
# both. Where there is nothing to do they do not take it. (SQLite has no run lock.)
table() { # VERSION: creates a table, with its way back
    file "$1_t$1.sql" <<S
-- migrate:up
CREATE TABLE t$1 (id integer NOT NULL PRIMARY KEY);
-- migrate:down
DROP TABLE t$1;
S
}

locked() { # COMMAND...: exit code, how often the lock was taken, and how many runs ended with it held
    dunlin -u "$url" -d "$dir" --json "$@"
    printf '%s ' "$status" "$(printf '%s\n' "$out" | grep -c '"event":"lock_held"')" \
        "$(printf '%s\n' "$out" | awk '/"event":"lock_held"/ { held = 1 } held' | grep -c '"event":"run_end"')"
}

if [ "$engine" != sqlite ]; then
    fresh_db
    for n in 1 3 4; do table $n; done
    up
    exits 0 "both ways: three migrations"

    is "$(locked redo 2)" '0 1 2 ' "both ways: redo takes the lock once for both runs"
    is "$(locked to 4)" '0 0 0 ' "both ways: to, where it is already, takes none"

    table 2
    is "$(locked to 2 --out-of-order allow)" '0 1 2 ' "both ways: to takes it once"
    is "$(sql 'SELECT version FROM dunlin_migrations ORDER BY version')" "$(printf '1\n2')" \
        "both ways: and went there"
    is "$(locked to 1)" '0 1 1 ' "both ways: one way needs it once, as ever"

    table 2
    up
    mkdir "$work/aside$db"
    mv "$dir/4_t4.sql" "$work/aside$db"
    table 5
    is "$(locked switch)" '0 1 2 ' "both ways: switch takes it once"
    is "$(sql 'SELECT version FROM dunlin_migrations ORDER BY version')" "$(printf '1\n2\n3\n5')" \
        "both ways: and switched"
    is "$(locked switch)" '0 0 0 ' "both ways: switch with nothing to do takes none"
    is "$(sql 'DELETE FROM dunlin_migrations')" '' "both ways: nothing applied"
    is "$(locked redo)" '0 0 0 ' "both ways: redo with nothing to do takes none"

    # A half that fails lets go of it, too.
    fresh_db
    table 1
    up
    printf -- '-- migrate:up\nINSERT INTO nowhere VALUES (1);\n-- migrate:down\nDROP TABLE t1;\n' >"$dir/1_t1.sql"
    dunlin -u "$url" -d "$dir" redo
    exits 2 "both ways: redo with an up that fails"
    table 1
    up --lock-wait 0s
    exits 0 "both ways: the lock is free afterwards"
fi
