# SPDX-License-Identifier: MIT
layout_sample diesel diesel migrations 3 __diesel_schema_migrations 'version, 1'

diesel_case() { # FOLDER: a migration with the up.sql on standard input
    mkdir "$dir/$1"
    cat >"$dir/$1/up.sql"
}

fresh_db
echo 'CREATE TABLE a (id int);' | diesel_case 2026-03-01-080000_a-b_c
echo 'DROP TABLE a;' >"$dir/2026-03-01-080000_a-b_c/down.sql"
echo 'CREATE TABLE b (id int);' | diesel_case 00000000000000_diesel_initial_setup
mkdir "$dir/empty" "$dir/.hidden"
echo 'not for diesel' >"$dir/1_file.sql"
up_as auto --history layout
exits 0 "diesel: its folders are recognised"
is "$(sql 'SELECT version FROM __diesel_schema_migrations ORDER BY version')" "00000000000000
20260301080000" "diesel: versions without dashes"
dunlin -u "$url" -d "$dir" --history layout down
exits 0 "diesel: down"
not_ok "diesel: takes it back" sql 'SELECT 1 FROM a'
is "$(sql 'SELECT version FROM __diesel_schema_migrations')" 00000000000000 "diesel: and its row is gone"
dunlin -u "$url" -d "$dir" --history layout down
exits 6 "diesel: without a down.sql there is no way back"
echo 'SELECT 1;' | diesel_case 2026-0301-080000_again
up_as diesel
exits 65 "diesel: two folders of one version"
rm -r "$dir/2026-0301-080000_again"
mkdir "$dir/20270101000000_no_up"
echo 'SELECT 1;' >"$dir/20270101000000_no_up/down.sql"
up_as diesel
exits 65 "diesel: a folder without up.sql"
like "$err" 'no_up/up.sql does not exist' "diesel: is named"
rm -r "$dir/20270101000000_no_up"
diesel_case 20270101000000_nothing </dev/null
up_as diesel
exits 65 "diesel: an empty up.sql"
like "$err" 'nothing/up.sql.*is empty' "diesel: is named"
printf -- '-- nothing\n' >"$dir/20270101000000_nothing/up.sql"
: >"$dir/20270101000000_nothing/down.sql"
up_as diesel --history layout
exits 0 "diesel: a comment is not empty"
sql "INSERT INTO __diesel_schema_migrations (version) VALUES ('19990101000000')"
up_as diesel --history layout
exits 6 "diesel: a row without a folder"

# ---- metadata.toml ----

# Both statements together need to be outside a transaction.
if [ "$engine" = postgres ]; then
    diesel_toml() { # CODE NAME: the metadata.toml on standard input
        fresh_db
        printf 'CREATE TABLE i (id int);\nCREATE INDEX CONCURRENTLY i_id ON i (id);\n' | diesel_case 1_i
        cat >"$dir/1_i/metadata.toml"
        up_as diesel --history layout
        exits "$1" "diesel: metadata.toml: $2"
    }
    diesel_toml 0 "run_in_transaction = false" <<<'run_in_transaction = false # because'
    diesel_toml 65 "run_in_transaction = true" <<<'run_in_transaction=true'
    diesel_toml 0 "an empty file says false" </dev/null
    diesel_toml 0 "so does one with other keys" <<<'author = "Ann"'
    diesel_toml 65 "one that is no TOML is as if it were not there" <<<'run_in_transaction: false'
    diesel_toml 65 "so is one with a text for it" <<<'run_in_transaction = "false"'
    diesel_toml 65 "or with it twice" <<'END'
run_in_transaction = false
run_in_transaction = false
END
    diesel_toml 0 "a key of a table is another one" <<'END'
[other]
run_in_transaction = true
END
    diesel_toml 65 "between other things" <<'END'
# comment
text = """
run_in_transaction = false
"""
list = [ "a]", # comment
  'b', { c = 1 } ]
"run_in_transaction" = true
day = 2026-03-01
[table]
x = 1
END
    diesel_toml 65 "a broken line further down spoils all of it" <<'END'
run_in_transaction = false
[table]
x = = 1
END
    fresh_db
    printf 'CREATE TABLE i (id int);\nCREATE INDEX CONCURRENTLY i_id ON i (id);\n' | diesel_case 1_i
    up_as diesel
    exits 65 "diesel: without metadata.toml there is a transaction"
fi
