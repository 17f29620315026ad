# SPDX-License-Identifier: MIT
# What has to hold after a fault. Each judge_ function prints what does not, and nothing else.

# The database as it is without migrations.
empty_database() {
    case $engine in
    sqlite) rm -f "$work/$db.db" "$work/$db.db-journal" ;;
    postgres) echo 'SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public;' | client ;;
    mariadb) echo "DROP DATABASE $db; CREATE DATABASE $db; USE $db;" | client ;;
    esac
}

# Several queries at once; one that cannot be answered gives no line.
ask() {
    case $engine in
    sqlite) [ ! -e "$work/$db.db" ] || sqlite3 -separator ' ' "$work/$db.db" ;;
    postgres) ON_ERROR_STOP=0 psql -X -q -A -t -F ' ' -h "$(url_part host)" -p "$(url_part port)" -U "$(url_part user)" -d "$db" ;;
    mariadb) mariadb --no-defaults -f -N -B -h "$(url_part host)" -P "$(url_part port)" -u "$(url_part user)" "$db" | tr '\t' ' ' ;;
    esac 2>/dev/null
}

# The facts: what the history says of each version, and how often its number is in the counter.
look_at_database() {
    local what version state
    facts=$(ask <<<"SELECT 'row', version, status, statements_done FROM dunlin_migrations ORDER BY version;
SELECT 'ran', v, count(*) FROM counter GROUP BY v ORDER BY v;")
    states=()
    counts=()
    ran=
    while read -r what version state _; do
        case $what in
        row) states[10#${version/#R*/10}]=$state ;;
        ran) counts[version]=$state && ran+="${ran:+,}$version $state" ;;
        esac
    done <<<"$facts"
}

exists() { # TABLE OR VIEW
    [ -n "$(ask <<<"SELECT 'yes', count(*) FROM $1;")" ]
}

index_is_valid() { # NAME
    [ "$(ask <<<"SELECT indisvalid FROM pg_index WHERE indexrelid = '$1'::regclass;")" = t ]
}

finding() {
    printf '%s\n' "$*"
}

# The end of the run with the fault: its exit code and its one error.
judge_end() {
    local line errors=0 unwritten=0
    while read -r line; do
        case $line in
        'error: cannot write to standard output: '*) unwritten=1 ;;
        'error: '* | *'"event":"error"'* | '{"v":1,"error"'*) errors=$((errors + 1)) ;;
        *AddressSanitizer* | *LeakSanitizer* | *'runtime error'*) finding "$err" ;;
        esac
    done <<<"$out
$err"
    case $status in
    0) [ "$errors$unwritten" = 00 ] || finding "exit 0, with an error: $err" ;;
    "$passes") [ "$errors" = "$clean_errors" ] || [ "$errors$unwritten" = 01 ] || finding "exit $status, $errors error lines: $err" ;;
    2 | 3 | 4 | 65 | 78) [ "$errors" = 1 ] || [ "$errors$unwritten" = 01 ] || finding "exit $status, $errors error lines: $err" ;;
    99) finding "the tool found something: $err" ;;
    *) finding "exit $status is another matter: $err" ;;
    esac
}

# What is applied is in effect once, what is not known to the history not at all. What a journal
# tells of is in between: the next run has to know. (The index and the view have no number.)
judge_agreement() {
    local version
    for version in 1 2 3 4 5 6 7 8; do
        [ -e "$dir/0${version}_"* ] || continue
        case ${states[version]:-none}:${counts[version]:-0} in
        applied:1 | none:0 | running:* | partial:* | failed:0) ;;
        *) finding "version $version is ${states[version]:-none}, and in effect ${counts[version]:-0} times" ;;
        esac
    done
}

# Somebody looks whether the statement in doubt was carried out.
decide() {
    local statement name
    statement=$(sed -n 's/^ *[0-9][0-9]* | //p' <<<"$err" | head -n 1)
    name=$(sed -E 's/^(CREATE|DROP) (TABLE|VIEW|INDEX CONCURRENTLY)( IF EXISTS)? ([a-z0-9]+).*/\4/' <<<"$statement")
    case $statement in
    'CREATE INDEX'*) index_is_valid "$name" && again=--skip ;;
    'DROP INDEX'*) index_is_valid "$name" || again=--skip ;;
    CREATE*) exists "$name" && again=--skip ;;
    DROP*) exists "$name" || again=--skip ;;
    *) finding "in doubt: $statement" ;;
    esac
}

# The next run, without faults, and somebody who decides where that is asked for.
recover() { # COMMAND...
    local tries again
    faulty all:0 "$@"
    for tries in 1 2 3; do
        [ "$status" = 3 ] && [[ $err == *'next: dunlin resume'* ]] || break
        again=
        decide
        # shellcheck disable=SC2086
        faulty all:0 resume $again
        [ "$status" != 0 ] || faulty all:0 "$@"
    done
    [ "$status" = 0 ] || finding "the next run exits with $status: $err"
}

judge_up_of() { # EXPECTED
    local before
    look_at_database
    before=$facts
    judge_agreement
    [ "$first_status" != 0 ] || [ "$ran" = "$1" ] || finding "exit 0, and in effect: $ran"
    recover up
    look_at_database
    [ "$ran" = "$1" ] || finding "after the next run in effect: $ran; before it: $before"
    case "${states[*]}" in
    *[!a-z\ ]* | *running* | *partial* | *failed*) finding "after the next run: $facts" ;;
    esac
}

before_up() { dir=$work/mixed; empty_database; }
arguments_up() { echo up; }
judge_up() { judge_up_of "$expected_mixed"; }

before_hooks() { dir=$work/hooked; empty_database; }
arguments_hooks() { echo up; }
judge_hooks() { judge_up_of "$expected_hooked"; }

before_large() { # PostgreSQL only: it has the rows of COPY
    dir=$work/large
    [ -d "$dir" ] || large_folder "$dir" "${DUNLIN_TEST_FAULT_BYTES:-12000000}"
    empty_database
}
arguments_large() { echo up; }
judge_large() { judge_up_of "$expected_large"; }

before_other() { dir=$work/other; empty_database; }
arguments_other() { echo --layout goose up; }
judge_other() { judge_up_of "$expected_other"; }

# A precondition that was not answered decides nothing, although an error of the query would.
before_guarded() {
    dir=$work/guarded
    mkdir -p "$dir"
    printf '%s\n' '--liquibase formatted sql' '--changeset me:1' 'CREATE TABLE counter (v integer);' \
        '--changeset me:2' '--preconditions onFail:MARK_RAN onError:MARK_RAN' \
        '--precondition-sql-check expectedResult:0 SELECT count(*) FROM counter' \
        '--precondition-sql-check expectedResult:0 SELECT count(*) FROM counter WHERE v > 0' \
        'INSERT INTO counter VALUES (2);' >"$dir/changelog.sql"
    empty_database
}
arguments_guarded() { echo --layout liquibase up; }
judge_guarded() {
    case $err in # what comes from the disk is an answer of the database
    *'disk I/O error: it counts as applied'* | *'disk image is malformed: it counts as applied'*) return ;;
    esac
    recover --layout liquibase up
    [ "$(ask <<<'SELECT v FROM counter;')" = 2 ] || finding "exit $first_status; the changeset did not run, nor in the next run"
}

# Another tool has applied what is in the folder: whatever fails while that is found out, it does not
# run again.
before_elsewhere() {
    dir=$work/elsewhere
    mkdir -p "$dir"
    printf 'CREATE TABLE once_more (id integer);\n' >"$dir/7_once.sql"
    empty_database
    sql 'CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY)' >/dev/null
    sql "INSERT INTO schema_migrations VALUES ('7')" >/dev/null
}
arguments_elsewhere() { echo up; }
passes_elsewhere=6
judge_elsewhere() { ! sql 'SELECT * FROM once_more' >/dev/null 2>&1 || echo "it ran once more"; }

# The new folder is there with a history that fits it, or it can be written anew.
before_convert() {
    dir=$work/other
    rm -rf "$work/new"
    if [ "$engine" = sqlite ] && [ -e "$work/ready" ]; then
        cp "$work/ready" "$work/$db.db"
        rm -f "$work/$db.db-journal"
        return
    fi
    empty_database
    faulty all:0 --layout goose up
    [ "$status" = 0 ] || diag "cannot prepare: $err"
    [ "$engine" != sqlite ] || cp "$work/$db.db" "$work/ready"
}
arguments_convert() { echo --layout goose convert --to "$work/new"; }
judge_convert() {
    local told=$err
    [[ $told != *'cannot be written as a file of dunlin'* ]] || finding "a failed call is taken for what stands in a file: $told"
    if [ -e "$work/new" ]; then
        dir=$work/new
        faulty all:0 up
        dir=$work/other
        [[ $status:$out != "0:done: 0 applied, 3 already applied"* ]] || return
        [[ $told == *'whether the history tells of it is not known'* ]] || finding "exit $first_status, and the new folder exits with $status: $out $err"
        rm -rf "$work/new"
    fi
    [ "$first_status" != 0 ] || finding "exit 0, and there is no folder"
    # shellcheck disable=SC2046
    faulty all:0 $(arguments_convert)
    [ "$status" = 0 ] || finding "the next run exits with $status: $err"
    look_at_database
    [ "$ran" = "$expected_other" ] || finding "in effect: $ran"
}

before_json() { dir=$work/mixed; empty_database; }
arguments_json() { echo --format json up; }
judge_json() { judge_up_of "$expected_mixed"; }

# The migrated database, from a copy where that is quick.
migrated_database() {
    dir=$work/mixed
    if [ "$engine" = sqlite ] && [ -e "$work/migrated" ]; then
        cp "$work/migrated" "$work/$db.db"
        rm -f "$work/$db.db-journal"
        return
    fi
    empty_database
    faulty all:0 up
    [ "$status" = 0 ] || diag "cannot prepare: $err"
    [ "$engine" != sqlite ] || cp "$work/$db.db" "$work/migrated"
}

before_down() { migrated_database; }
arguments_down() { echo down --to 01; }
judge_down() {
    look_at_database
    judge_agreement
    [ "$first_status" != 0 ] || [ "$ran" = "1 1" ] || finding "exit 0, and in effect: $ran"
    recover down --to 01
    look_at_database
    [ "$ran" = "1 1" ] || finding "after the next down in effect: $ran"
    # A repeatable has no version to go back behind.
    [ "${states[*]}" = 'applied applied' ] || finding "after the next down: $facts"
}

# What only looks leaves everything as it is.
before_look() {
    migrated_database
    look_at_database
    expected_facts=$facts
}
judge_look() {
    look_at_database
    [ "$facts" = "$expected_facts" ] || finding "it changed the database: $facts"
}

before_status() { before_look; }
arguments_status() { echo status; }
judge_status() { judge_look; }

before_list() { before_look; }
arguments_list() { echo --format json status; }
judge_list() { judge_look; }

before_check() { before_look; }
arguments_check() { echo check; }
judge_check() { judge_look; }

before_verify() { before_look; }
arguments_verify() { echo verify; }
judge_verify() { judge_look; }

before_plan() { dir=$work/mixed; empty_database; look_at_database; expected_facts=$facts; }
arguments_plan() { echo plan; }
judge_plan() { judge_look; }

# The history of another tool is taken over as a whole, or not at all. (SQLite: the database that the
# tool left is a file to copy.)
history_rows() { # none where there is no table
    echo "SELECT count(*) FROM dunlin_migrations;" | ask
}

before_adopt() {
    local samples=$abs_top_srcdir/tests/samples/layouts tables
    dir=$samples/${sample#*=}
    if [ "$prepared" != "$sample" ]; then
        empty_database
        rm -f "$work/sample"
        tables=${dir#"$samples"/}
        tables=$(printf '%s\n' "$samples/${tables%%/*}"/tracking-sqlite*.sql | sort -r | head -n 1)
        grep -v sqlite_sequence "$tables" | sqlite3 "$work/sample"
        cp "$work/sample" "$work/$db.db"
        # shellcheck disable=SC2046
        faulty all:0 $(arguments_adopt)
        expected_rows=$(history_rows)
        prepared=$sample
    fi
    rm -f "$work/$db.db-journal"
    cp "$work/sample" "$work/$db.db"
}
arguments_adopt() { echo --layout "${sample%%=*}" adopt; }
judge_adopt() {
    local rows
    rows=$(history_rows)
    case $first_status:${rows:-0} in
    *":$expected_rows") return ;;
    0:* | *:[!0]*) finding "exit $first_status, and $rows rows of $expected_rows" ;;
    esac
    # shellcheck disable=SC2046
    faulty all:0 $(arguments_adopt)
    [ "$status:$(history_rows)" = "0:$expected_rows" ] || finding "the next run exits with $status: $err"
}
