# SPDX-License-Identifier: MIT
# The migrations that faults meet: a few of each sort. Each puts its number into the table counter;
# its down section takes it away again.

migration() { # FILE NUMBER [STATEMENT-UP [STATEMENT-DOWN]]
    printf -- '-- migrate:up\nINSERT INTO counter VALUES (%d);\n%s\n-- migrate:down\nDELETE FROM counter WHERE v = %d;\n%s\n' \
        "$2" "${3:-}" "$2" "${4:-}" >"$folder/$1"
}

first_migration() {
    printf 'CREATE TABLE counter (v integer NOT NULL);\nINSERT INTO counter VALUES (1);\n' \
        >"$folder/01_counter.sql"
}

mixed_folder() {
    folder=$1
    mkdir "$folder"
    first_migration
    migration 02_plain.sql 2
    migration 03_multi.sql 3 'CREATE TABLE t3 (id integer);
INSERT INTO t3 VALUES (1);' 'DROP TABLE t3;'
    migration 04_off.sql 4 'CREATE TABLE t4 (id integer);' 'DROP TABLE t4;'
    sed -i 's/^-- migrate:.*/& transaction:off/' "$folder/04_off.sql"
    migration 05_verified.sql 5
    printf -- '-- migrate:verify\nSELECT count(*) = 1 FROM counter WHERE v = 5;\n' \
        >>"$folder/05_verified.sql"
    migration 06_packed.sql 6
    gzip "$folder/06_packed.sql"
    migration 07_own.sql 7
    sed -i 's/^INSERT.*/BEGIN;\n&\nCOMMIT;/' "$folder/07_own.sql"
    if [ "$engine" = postgres ]; then
        printf -- '-- migrate:up\nCOPY counter FROM stdin;\n8\n\\.\n\n-- migrate:down\nDELETE FROM counter WHERE v = 8;\n' \
            >"$folder/08_copy.sql"
        printf -- '-- migrate:up\nCREATE INDEX CONCURRENTLY i9 ON counter (v);\n-- migrate:down\nDROP INDEX CONCURRENTLY i9;\n' \
            >"$folder/09_index.sql"
    fi
    printf -- '-- migrate:up\nDROP VIEW IF EXISTS v10;\nCREATE VIEW v10 AS SELECT v FROM counter;\n-- migrate:down\nDROP VIEW v10;\n' \
        >"$folder/R__view.sql"
}

hooks_folder() {
    local hook
    folder=$1
    mkdir -p "$folder/hooks"
    first_migration
    migration 02_plain.sql 2
    migration 03_table.sql 3 'CREATE TABLE t3 (id integer);' 'DROP TABLE t3;'
    echo 'SELECT 1;' >"$folder/hooks/connect.sql"
    for hook in before_all before_each after_each after_all; do
        printf 'SELECT %d;\nSELECT 2;\n' "${#hook}" >"$folder/hooks/$hook.sql"
    done
}

# As another tool has them: their text is rewritten on its way.
other_folder() {
    local n
    folder=$1
    mkdir "$folder"
    for n in 1 2 3; do
        {
            echo '-- +goose Up'
            [ $n != 1 ] || echo 'CREATE TABLE counter (v integer NOT NULL);'
            printf 'INSERT INTO counter VALUES (%d);\n-- +goose Down\nDELETE FROM counter WHERE v = %d;\n' $n $n
        } >"$folder/0${n}_other.sql"
    done
}

# Statement and rows of more bytes than the system takes off our hands at once: sending has to wait.
large_folder() { # BYTES
    local text
    folder=$1
    mkdir "$folder"
    first_migration
    text=$(head -c "$2" /dev/zero | tr '\0' x)
    printf -- "-- migrate:up transaction:off\nINSERT INTO counter SELECT 2 WHERE length('%s') > 1;\n" "$text" >"$folder/02_large.sql"
    # the server is in no hurry to read them
    printf '%s\n' "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END';" \
        'CREATE TABLE rows (t text);' 'CREATE TRIGGER slow BEFORE INSERT ON rows EXECUTE FUNCTION slow();' >"$folder/03_copy.sql"
    printf 'COPY rows FROM stdin;\n%s\n%s\n\\.\nINSERT INTO counter VALUES (3);\n' "$text" "$text" >>"$folder/03_copy.sql"
}

make_folders() {
    other_folder "$work/other"
    mixed_folder "$work/mixed"
    hooks_folder "$work/hooked"
    expected_mixed="1 1,2 1,3 1,4 1,5 1,6 1,7 1"
    [ "$engine" != postgres ] || expected_mixed="$expected_mixed,8 1"
    expected_hooked="1 1,2 1,3 1"
    expected_other=$expected_hooked
    expected_large=$expected_hooked
}
