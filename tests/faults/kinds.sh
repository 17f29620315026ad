# SPDX-License-Identifier: MIT
# The commands beside up and down, each as a line of a table: what database and folder look like before,
# how it ends where nothing fails, and what has to hold where something does. A run without a fault
# tells what is expected.

# ---- what was there before ----------------------------------------------------------------------
inserts() { # NUMBER...: migrations that any engine can rehearse
    local n
    for n; do
        migration "0${n}_plain.sql" "$n"
        printf -- '-- migrate:verify\nSELECT count(*) > 0 FROM counter WHERE v = %d;\n' "$n" >>"$folder/0${n}_plain.sql"
    done
}

applied() { # ARGUMENT...
    faulty all:0 "$@"
    [ "$status" = 0 ] || diag "cannot prepare: $err"
}

make_part() { first_migration; inserts 2 3 4; applied up 2; }
make_full() { first_migration; inserts 2 3 4; applied up; }

make_edited() { # one edited, one late, one whose file is gone
    make_full
    sed -i 's/DELETE/delete/' "$folder/02_plain.sql"
    rm "$folder/03_plain.sql"
    migration 00_late.sql 8
}

make_broken() { first_migration; inserts 2; echo "INSERT INTO counter VALUES ('" >"$folder/03_broken.sql"; }

make_untrue() { make_full; echo 'DELETE FROM counter WHERE v = 3' | client; }

make_branch() { # what the other branch has, and this one has not, and the other way around
    make_full
    rm "$folder/03_plain.sql" "$folder/04_plain.sql"
    inserts 5 6
}

make_gone() { make_full; rm "$folder"/03* "$folder"/04*; }

# Of servers PostgreSQL reports it as rolled back: resume then has nothing to do.
make_stopped() { # in the middle, at a statement that can run now
    first_migration
    if [ "$engine" = sqlite ]; then # which takes a whole file else
        migration 02_off.sql 2 "VACUUM INTO '$work/copy.db';
INSERT INTO late VALUES (1);"
    else
        migration 02_off.sql 2 'INSERT INTO late VALUES (1);'
    fi
    sed -i 's/^-- migrate:.*/& transaction:off/' "$folder/02_off.sql"
    echo 'CREATE TABLE late (id integer PRIMARY KEY); INSERT INTO late VALUES (1);' | client
    faulty all:0 up
    [ "$status" = 3 ] || [ "$engine" != sqlite ] || diag "cannot prepare: exit $status $err"
    echo 'DELETE FROM late;' | client
    rm -f "$work/copy.db"
}

make_rebased() { # two files of one number, a pair among them, and one behind
    first_migration
    inserts 2 3
    applied up
    printf 'INSERT INTO counter VALUES (5);\n' >"$folder/02_other.up.sql"
    printf 'DELETE FROM counter WHERE v = 5;\n' >"$folder/02_other.down.sql"
    inserts 4
}

make_bare() { first_migration; inserts 2 3; }

make_dumped() { make_bare; printf 'CREATE TABLE base (id integer);\nINSERT INTO base VALUES (1);\n' >"$work/base.sql"; }

make_none() { make_bare; rm -f "$work/$db.db"; }

# Database and folder as make_NAME leaves them; what nothing has changed is left as it is.
state() { # NAME
    local saved=$work/states/$1
    dir=$work/now
    [ "$stands" != "$1" ] || return
    rm -rf "$dir" "$work/$db.db-journal" "$work/copy.db"
    if [ ! -d "$saved" ]; then
        mkdir -p "$saved" "$dir"
        folder=$dir
        empty_database
        "make_$1"
        cp -a "$dir" "$saved/folder"
        case $engine in
        sqlite) [ ! -e "$work/$db.db" ] || cp "$work/$db.db" "$saved/database" ;;
        postgres) pg_dump -h "$(url_part host)" -p "$(url_part port)" -U "$(url_part user)" "$db" | grep -v '^\\[a-z]' >"$saved/database" ;;
        mariadb) mariadb-dump --no-defaults -h "$(url_part host)" -P "$(url_part port)" -u "$(url_part user)" "$db" >"$saved/database" ;;
        esac
        return
    fi
    cp -a "$saved/folder" "$dir"
    if [ "$engine" != sqlite ]; then
        empty_database
        client <"$saved/database" >/dev/null
    elif [ -e "$saved/database" ]; then
        cp "$saved/database" "$work/$db.db"
    else
        rm -f "$work/$db.db"
    fi
}

# ---- what is there ------------------------------------------------------------------------------
look() { # history, schema and files in $seen
    local names="SELECT 'table', name FROM sqlite_master ORDER BY name;"
    case $engine in
    postgres) names="SELECT 'table', relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 2;" ;;
    mariadb) names="SELECT 'table', table_name FROM information_schema.tables WHERE table_schema = '$db' ORDER BY 2;" ;;
    esac
    seen=$(ask <<<"SELECT 'row', version, status, kind, statements_done, statements_total FROM dunlin_migrations ORDER BY version, kind;
SELECT 'ran', v, count(*) FROM counter GROUP BY v ORDER BY v; $names"
        [ "$engine" != sqlite ] || ls "$work/$db.db" 2>/dev/null
        cd "$dir" && find . -type f -exec cksum {} + | sort -k 3)
}

plainly() { # without what differs from run to run, and without the lines of files that are a courtesy
    sed -E 's/ +[0-9.]+ (ms|s)\b/ T/g; s/"(duration_ms|duration|micros)":[0-9]+//g; /^ +[0-9]* \| /d' <<<"$1"
}

before_kind() { # STATE ARGUMENT...
    state "$1"
    if [ "$prepared" != "$kind" ]; then
        prepared=$kind
        look
        before=$seen
        faulty all:0 "${@:2}"
        clean=$(plainly "$out")
        clean_err=$(plainly "$err")
        look
        after=$seen
        clean_errors=$(grep -c '^error: ' <<<"$err")
        stands=
        [ "$before" != "$after" ] || stands=$1
        state "$1"
    fi
}

# ---- what has to hold ---------------------------------------------------------------------------
# What failed is what it tells of; and who is told that all went well is told what a good run tells.
judge_told() {
    local said
    said=${out,,}${err,,}
    if [ "$first_status" = "$passes" ]; then
        [ "$(plainly "$out$err")" != "$clean$clean_err" ] || return
        case $class:$passes:$said in
        write:*'cannot write to standard output'* | own:*'cannot write to standard output'*) return ;;
        own:0:*memory* | own:0:*'cannot be loaded: '* | own:0:*'//***'* | own:0:*':***'*) return ;; # a URL that was not taken apart is not shown
        own:0:*) finding "it ends as a good run does, and says other things: $out $err" && return ;;
        esac
    fi
    case $class:$said:$hit in
    own:*memory*) ;;
    own:*'cannot be loaded: '*/ld-linux* | own:*'cannot start a thread'*) ;; # in the words of libc
    own:*) finding "memory ran out, and it says: $out $err" ;;
    read:*'input/output error'* | read:*'too many open files'* | read:*memory* | read:*'disk i/o'* | read:*'unable to open'*) ;;
    read:*'cannot be read; the text that was kept'* | read:*'its down section cannot be read'*) ;;
    read:*'"state":"pending"'*) ;; # a file that cannot be read is listed without what it says of itself
    read:*'disk image is malformed'* | read:*'readonly database'*) ;; # in the words of SQLite
    read:*) finding "a file could not be read, and it says: $out $err" ;;
    esac
}

judge_same() {
    look
    [ "$seen" != "$before" ] || stands=$made
    [ "$seen" = "$before" ] || finding "it changed something: $seen"
    judge_told
}

# Changed as a whole or not at all; or, where that takes several steps, in one that the next run goes on from.
judge_whole() {
    look
    [ "$seen" = "$before" ] || [ "$seen" = "$after" ] || finding "half done: $seen"
    judge_done
}

judge_done() {
    judge_told
    look
    [ "$first_status" != "$passes" ] || [ "$seen" = "$after" ] || finding "exit $first_status, and it is not done: $seen"
    # shellcheck disable=SC2046
    recover ${1:-$("arguments_$kind")}
    look
    [ "$seen" = "$after" ] || finding "after the next run: $seen"
}

judge_redone() { judge_done up; }

# Where not all got their numbers the next run gives other ones, in the same order.
judge_renumbered() {
    judge_told
    look
    [ "$first_status" != 0 ] || [ "$seen" = "$after" ] || finding "exit 0, and it is not done: $seen"
    recover renumber
    look
    [ "$(sed 's#[.]/0[0-9]_##' <<<"$seen")" = "$(sed 's#[.]/0[0-9]_##' <<<"$after")" ] || finding "after the next run: $seen"
}

# The file is there with all that belongs into it, or it is not there.
judge_created() {
    judge_told
    look
    [ "$seen" = "$before" ] || [ "$seen" = "$after" ] || finding "exit $first_status: $seen"
    [ "$first_status" != "$passes" ] || [ "$seen" = "$after" ] || finding "exit $first_status, and it is not there: $seen"
    # shellcheck disable=SC2046
    faulty all:0 $("arguments_$kind")
    [ "$status" = 0 ] || finding "the next run exits with $status: $err"
}

kind() { # NAME EXIT-CODE STATE JUDGE ARGUMENT...
    eval "passes_$1=$2
before_$1() { made=$3; before_kind $3 ${*:5}; }
arguments_$1() { echo ${*:5}; }
judge_$1() { judge_$4; }"
    more_kinds="$more_kinds $1"
}

stands=
more_kinds=
# shellcheck disable=SC2016
{
    kind pending 1 part same status --check --pending
    kind listed 0 part same --json status
    kind planned 0 part same plan
    kind rehearse 0 part same plan --execute
    kind drift 1 edited same check
    kind unread 1 broken same check --no-db --dialect '$dialect'
    kind untrue 1 untrue same verify
    kind drydown 0 full same down --to 01 -n
    kind dryswitch 0 branch same switch -n
    kind drynumber 0 rebased same renumber -n
    kind dryconvert 0 part same convert --to '$work/fresh' -n
    kind ready 0 part same wait --timeout 2s
    kind drivers 0 part same drivers
    kind version 0 part same version -v
    kind all 0 bare done up --transaction all
    kind dumped 0 dumped done up --baseline-schema '$work/base.sql'
    kind to 0 part done to 03
    kind back 0 full done to 02
    kind switch 0 branch done switch
    kind redo 0 full redone redo 2
    kind gone 0 gone done down --to 01
    kind resume 0 stopped done resume
    kind skip 0 stopped done resume --skip
    kind markapplied 0 part whole mark 03 applied -y
    kind markpending 0 full whole mark 04 pending -y
    kind markfailed 0 full whole mark 04 failed -y
    kind baseline 0 part whole baseline 03
    kind renumber 0 rebased renumbered renumber
    kind new 0 part created new more
    kind pair 0 part created new more --pair
    # SQLite only: a server's database would have to be there again for the next N
    [ "$engine" != sqlite ] || kind create 0 none done create
    [ "$engine" != sqlite ] || kind drop 0 part done drop -y
}
