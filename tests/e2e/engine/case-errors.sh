# SPDX-License-Identifier: MIT
# What a person sees when a migration fails: compared with golden/ENGINE.txt. After a change that is
# meant, write it anew with DUNLIN_GOLDEN=write and read the difference.
golden="$abs_top_srcdir/tests/e2e/golden/$engine.txt"
got="$work/golden.txt"
: >"$got"

golden_case() { # NAME FILE, text on standard input: the failing file is the second migration
    local name=$1 base=$2
    fresh_db
    printf 'CREATE TABLE people (id integer NOT NULL PRIMARY KEY, email varchar(40) UNIQUE);\n' \
        >"$dir/0001_people.sql"
    cat >"$dir/$base"
    up
    {
        printf '== %s\n' "$name"
        printf '%s\n' "$out" "$err" | sed -e "s|$dir/||g" -e "s|$db|DATABASE|g" \
            -e 's/ *[0-9.]* ms$//' -e 's/ in [0-9.]* s$//'
        printf 'exit code %s\n\n' "$status"
    } >>"$got"
}

golden_case 'a misspelt keyword, in the third line of a statement' 0002_pets.sql <<'S'
CREATE TABLE pets (
    id integer NOT NULL PRIMARY KEY,
    name varchar(40) NOTT NULL
);
S
golden_case 'a table that is not there' 0002_column.sql <<'S'
-- the token comes behind characters of several bytes, and a tab
INSERT INTO people VALUES (1, 'ädå');
UPDATE	persons SET email = 'ü' WHERE id = 1;
S
golden_case 'a column that is not there' 0002_index.sql <<'S'
CREATE TABLE a (id integer);
CREATE INDEX people_by_name ON people (name);
CREATE TABLE b (id integer);
S
golden_case 'a value twice' 0002_seed.sql <<'S'
INSERT INTO people VALUES (1, 'ada@example.org');
INSERT INTO people VALUES (2, 'ada@example.org');
S
golden_case 'a table that exists' 0002_again.sql <<'S'
CREATE TABLE people (id integer);
S
golden_case 'an unterminated string' 0002_quote.sql <<'S'
INSERT INTO people VALUES (1, 'ada');
INSERT INTO people VALUES (2, 'jo);
S
golden_case 'an unknown option' 0002_option.sql <<'S'
-- migrate:up transactions:off
SELECT 1;
S
golden_case 'terminal escapes in a file do not reach the terminal' 0002_escape.sql <<'S'
SELECT * FROM "[31mred";
S
if [ "$engine" = postgres ]; then
    golden_case 'inside a function' 0002_function.sql <<'S'
CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1;
    RETURN (SELECT missing FROM people);
END $$;
SELECT f();
S
    golden_case 'a bad row of COPY data' 0002_copy.sql <<'S'
COPY people (id, email) FROM stdin;
1	ada@example.org
two	jo@example.org
\.
S
fi
if [ "$engine" = mariadb ]; then
    golden_case 'in the middle of statements that commit' 0002_middle.sql <<'S'
CREATE TABLE a (id integer);
CREATE TABLE b (id integer);
CREATE TABLE c (id integer,);
CREATE TABLE d (id integer);
S
fi

if [ "${DUNLIN_GOLDEN:-}" = write ]; then
    cp "$got" "$golden"
fi
ok "errors: as in golden/$engine.txt" diff -u "$golden" "$got"
unlike "$(cat -v "$got")" '\^\[' "errors: no escape character in any of them"
