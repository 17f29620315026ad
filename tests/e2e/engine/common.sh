# SPDX-License-Identifier: MIT
#
# What the cases in this folder share: they run against each engine, sourced by engine-NAME.sh
# under that engine's server. fresh_db gives each case a database of its own.
#
# $engine is postgres, mariadb (also for MySQL) or sqlite; $url is the database of the case.

engine=$DUNLIN_TEST_ENGINE
if [ "$engine" = mysql ]; then
    engine=mariadb
    if ! command -v mariadb >/dev/null; then
        mkdir "$work/bin"
        ln -s "$(command -v mysql)" "$work/bin/mariadb"
        PATH=$work/bin:$PATH
    fi
fi
PROXY=${PROXY:-$abs_top_builddir/tests/support/proxy}
db_number=100 # three digits: MariaDB cuts its messages by their length

url_part() { # user|host|port of the test server's URL
    local rest=${DUNLIN_TEST_URL#*://}
    local authority=${rest%%/*}
    case $1 in
    user) echo "${authority%%@*}" ;;
    host) authority=${authority#*@}; echo "${authority%%:*}" ;;
    port) echo "${authority##*:}" ;;
    esac
}

client() { # the engine's own client on the case's database: statements on standard input
    case $engine in
    sqlite) sqlite3 -bail "$work/$db.db" ;;
    postgres)
        psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$(url_part host)" -p "$(url_part port)" \
            -U "$(url_part user)" -d "$db"
        ;;
    mariadb)
        mariadb --no-defaults --default-character-set=utf8mb4 -N -B -h "$(url_part host)" -P "$(url_part port)" \
            -u "$(url_part user)" "$db"
        ;;
    esac
}

sql() { # the result of one statement, columns parted by |
    (set -o pipefail; printf '%s;\n' "$1" | client | tr '\t' '|')
}

fresh_db() {
    db_number=$((db_number + 1))
    local new="case$db_number"
    case $engine in
    sqlite) url="sqlite:$work/$new.db" ;;
    postgres) db=postgres; sql "CREATE DATABASE $new" ;;
    mariadb) db=test; sql "CREATE DATABASE $new CHARACTER SET utf8mb4" ;;
    esac
    db=$new
    [ "$engine" = sqlite ] || url="${DUNLIN_TEST_URL%/*}/$db"
    dir="$work/$new"
    mkdir "$dir"
}

file() { # writes a migration of the case: file NAME, text on standard input
    cat >"$dir/$1"
}

up() {
    dunlin -u "$url" -d "$dir" up "$@"
}

# Through a proxy that counts round trips, without TLS; the number is left in $round_trips.
counted() {
    local report="$work/report" port pid through
    rm -f "$report"
    mkfifo "$work/port"
    "$PROXY" "$(url_part host)" "$(url_part port)" "$report" >"$work/port" &
    pid=$!
    read -r port <"$work/port"
    rm "$work/port"
    through=$(printf %s "$url" | sed "s/:$(url_part port)\//:$port\//")
    dunlin -u "$through?sslmode=disable" -d "$dir" "$@" # TLS would be counted too
    # The proxy reports when it has seen the end of the connection.
    wait_until 10 grep -q 'connections=[1-9]' "$report"
    kill "$pid"
    wait "$pid" 2>/dev/null
    round_trips=$(sed 's/.*round_trips=\([0-9]*\).*/\1/' "$report")
}

# A trigger makes the history refuse what somebody writes to it: INSERT or UPDATE, where a condition
# about NEW is true.
history_refuses() { # INSERT|UPDATE CONDITION
    case $engine in
    sqlite)
        sql "CREATE TRIGGER refuse BEFORE $1 ON dunlin_migrations WHEN $2 BEGIN SELECT RAISE(ABORT, 'not now'); END"
        ;;
    postgres)
        sql "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RAISE 'not now'; END \$\$"
        sql "CREATE TRIGGER refuse BEFORE $1 ON dunlin_migrations FOR EACH ROW WHEN ($2) EXECUTE FUNCTION refuse()"
        ;;
    mariadb)
        printf "DELIMITER //\nCREATE TRIGGER refuse BEFORE %s ON dunlin_migrations FOR EACH ROW
            IF %s THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not now'; END IF//\n" "$1" "$2" | client
        ;;
    esac
}

history_allows() {
    sql "DROP TRIGGER refuse$([ "$engine" != postgres ] || echo ' ON dunlin_migrations')"
}

# The names of the cases in this folder, or of those in DUNLIN_TEST_CASES: "interrupt timeouts".
engine_cases() {
    local file
    if [ -n "${DUNLIN_TEST_CASES:-}" ]; then
        printf '%s\n' "$DUNLIN_TEST_CASES"
        return
    fi
    for file in "$abs_top_srcdir"/tests/e2e/engine/case-*.sh; do
        file=${file##*/case-}
        printf '%s\n' "${file%.sh}"
    done
}
