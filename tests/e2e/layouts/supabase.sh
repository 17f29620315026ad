# SPDX-License-Identifier: MIT
# The sample is no project of the real tool, and has no table that it wrote: the statements for that are
# those that it runs itself.
if [ "$engine" = postgres ]; then
    supabase_table() {
        sql 'CREATE SCHEMA supabase_migrations;
             CREATE TABLE supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY);
             ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS statements text[];
             ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS name text'
    }
    supabase_folder() {
        printf 'CREATE TABLE s1 (id int);\n' | file 20260301080000_first_one.sql
        printf 'CREATE TABLE s2 (id int);\nCREATE FUNCTION s3() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\n' |
            file 20260302080000_second.sql
        printf 'not for supabase' | file seed.sql
    }
    supabase_rows="SELECT version, name FROM supabase_migrations.schema_migrations ORDER BY version"

    layout_sample supabase supabase supabase/migrations 3 '' ''

    fresh_db
    supabase_folder
    printf 'CREATE TABLE old (id int);\n' | file 20211208999999_init.sql
    up_as supabase --history layout
    exits 0 "supabase: from zero into its own table"
    is "$(sql "$supabase_rows")" "20260301080000|first_one
20260302080000|second" "supabase: rows with version and name"
    not_ok "supabase: a first file called init, of before 2021-12-09, is passed over" sql 'SELECT 1 FROM old'
    is "$(sql "SELECT version, statements FROM supabase_migrations.schema_migrations ORDER BY version")" \
        '20260301080000|{"CREATE TABLE s1 (id int)"}
20260302080000|{"CREATE TABLE s2 (id int)","CREATE FUNCTION s3() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$"}' \
        "supabase: and the statements"
    up_as supabase --history layout
    like "$out" '^done: 0 applied, 2 already applied' "supabase: nothing is left to do"
    dunlin -u "$url" -d "$dir" --layout supabase --history layout down
    exits 6 "supabase: there is no way back"

    fresh_db
    file 1_cut.sql <<'END'
-- of "it"; and 'more'
CREATE TABLE "a;b" (t text DEFAULT 'x;''y' /* ; /* ; */ */);;
CREATE FUNCTION one() RETURNS int LANGUAGE sql
  BEGIN  ATOMIC SELECT 1; SELECT 2; END;
DO $x$ BEGIN PERFORM 1; END $x$; SELECT $y$;$x$;$y$
END
    up_as supabase --history layout
    is "$(sql "SELECT unnest(statements) FROM supabase_migrations.schema_migrations")" \
        "-- of \"it\"; and 'more'
CREATE TABLE \"a;b\" (t text DEFAULT 'x;''y' /* ; /* ; */ */)
CREATE FUNCTION one() RETURNS int LANGUAGE sql
  BEGIN  ATOMIC SELECT 1; SELECT 2; END
DO \$x\$ BEGIN PERFORM 1; END \$x\$
SELECT \$y\$;\$x\$;\$y\$" "supabase: statements are cut as it cuts them"
    printf 'CREATE TABLE signs (a$b int, t text);\nCOPY signs FROM stdin;\n1\tx\\;y\n\\.\nSELECT 1; -- it; ends' |
        file 2_signs.sql
    up_as supabase --history layout
    exits 0 "supabase: a name with a dollar sign, rows, and a comment at the end"
    is "$(sql 'SELECT * FROM signs')" '1|x;y' "supabase: whose rows are there"
    is "$(sql "SELECT unnest(statements) FROM supabase_migrations.schema_migrations WHERE version = '2'")" \
        'CREATE TABLE signs (a$b int, t text)
COPY signs FROM stdin
1|x\;y
\.
SELECT 1
-- it; ends' "supabase: are cut at its own places"

    fresh_db
    supabase_folder
    supabase_table
    sql "INSERT INTO supabase_migrations.schema_migrations (version, name, statements) VALUES ('20260301080000', 'first_one', ARRAY['CREATE TABLE s1 (id int)'])"
    sql 'CREATE TABLE s1 (id int)'
    up_as supabase --history layout
    exits 0 "supabase: goes on from its table"
    like "$out" '^done: 1 applied, 1 already applied' "supabase: with what is left"
    dunlin -u "$url" -d "$dir" --layout supabase adopt
    exits 0 "supabase: adopt"
    up_as supabase
    like "$out" '^done: 0 applied, 2 already applied' "supabase: takes the history over"
    printf 'CREATE TABLE late (id int);\n' | file 20260301090000_late.sql
    up_as supabase --history layout
    exits 6 "supabase: a late file is refused, as it is there"
    sql "INSERT INTO supabase_migrations.schema_migrations (version) VALUES ('20250101000000')"
    up_as supabase --history layout --out-of-order allow
    exits 6 "supabase: a row without a file"
else
    fresh_db
    printf 'CREATE TABLE s1 (id int);\n' | file 20260301080000_first.sql
    up_as supabase
    exits 0 "supabase: runs from zero"
    up_as supabase --history layout
    exits 78 "supabase: has no table on this engine"
fi
