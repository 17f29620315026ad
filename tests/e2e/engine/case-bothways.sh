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

# The place in a down script that only the history has, where a CR ends a line.
if [ "$engine" != mariadb ]; then # which does not say where
    fresh_db
    printf -- '-- migrate:up\rSELECT 1;\r-- migrate:down\rSELECT 1,\r2,\rnope;\r' >"$dir/1_cr.sql"
    up
    rm "$dir/1_cr.sql"
    table 2
    dunlin -u "$url" -d "$dir" down
    exits 2 "both ways: a kept down script that fails"
    like "$err" '^error: down script in the history:4:1: ' "both ways: a kept down script: the place"
    like "$err" '^ +4 \| nope;' "both ways: a kept down script: and its line"
fi

# The way back worked, and the hook before the way forth fails.
fresh_db
table 1
up
sql 'CREATE TABLE once (id integer NOT NULL PRIMARY KEY)'
mkdir "$dir/hooks"
printf 'INSERT INTO once VALUES (1);\n' >"$dir/hooks/before_all.sql"
dunlin -u "$url" -d "$dir" redo
exits 2 "both ways: redo, and its second half is refused by a hook"
like "$err" 'before_all.sql:1:1: ' "both ways: redo, and its second half: which"
is "$(tail -n 1 <<<"$err")" 'next: dunlin up' "both ways: redo, and its second half: what is left to do"
not_ok "both ways: redo, and its second half: reverted" sql 'SELECT * FROM t1'
rm "$dir/hooks/before_all.sql"
up
exits 0 "both ways: redo, and its second half: that finishes it"
rm "$dir/1_t1.sql"
table 2
printf 'INSERT INTO once VALUES (2);\n' >"$dir/hooks/before_all.sql"
dunlin -u "$url" -d "$dir" switch
exits 2 "both ways: switch, and its second half is refused by a hook"
is "$(tail -n 1 <<<"$err")" 'next: dunlin switch' "both ways: switch, and its second half: what is left to do"
rm "$dir/hooks/before_all.sql"
dunlin -u "$url" -d "$dir" switch
exits 0 "both ways: switch, and its second half: that finishes it"
is "$(sql 'SELECT version FROM dunlin_migrations')" 2 "both ways: switch, and its second half: and arrives"

# What fails in the first half comes with the command that was given: down would go on otherwise.
fresh_db
printf -- '-- migrate:up\nCREATE TABLE t1 (id integer);\n-- migrate:down\nDROP TABLE t1;\n' >"$dir/1_t1.sql"
printf -- '-- migrate:up\nCREATE TABLE t2 (id integer);\n-- migrate:down\nDROP TABLE nowhere;\n' >"$dir/2_t2.sql"
up
for again in redo 'to 1'; do
    # shellcheck disable=SC2086
    dunlin -u "$url" -d "$dir" $again
    exits 2 "both ways: $again, and its first half fails"
    like "$(tail -n 1 <<<"$err")" "^next: .*dunlin $again\$" "both ways: $again, and its first half fails: what is left to do"
done
mv "$dir/2_t2.sql" "$work/2_t2.sql"
dunlin -u "$url" -d "$dir" switch
exits 2 "both ways: switch, and its first half fails"
like "$(tail -n 1 <<<"$err")" '^next: .*dunlin switch$' "both ways: switch, and its first half fails: what is left to do"
ok "both ways: and all is there" sql 'SELECT * FROM t1, t2'
