# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
#
# The contenders: how each is called. command_NAME sets the array cmd, and input where it reads one,
# from $folder (see the end), $script, and the database: $engine, $host, $port, $user, $db.
#
# "client" is the engine's own: psql, mariadb or sqlite3, with the same statements in one script;
# "client-tracked" is the same with a history, as a start-up script that somebody wrote by hand.

every_peer="dbmate goose golang-migrate sql-migrate sqitch"

peer_program() { # NAME
    case $1 in
    dbmate) echo "${BENCH_DBMATE:-dbmate}" ;;
    goose) echo "${BENCH_GOOSE:-goose}" ;;
    golang-migrate) echo "${BENCH_MIGRATE:-migrate}" ;;
    sql-migrate) echo "${BENCH_SQL_MIGRATE:-sql-migrate}" ;;
    sqitch) echo "${BENCH_SQITCH:-sqitch}" ;;
    esac
}

# Debian's psql is a script that looks for the real one, and takes longer for that than it.
real_psql() {
    local bindir
    bindir=$(pg_config --bindir 2>/dev/null) && [ -x "$bindir/psql" ] && echo "$bindir/psql" && return
    find /usr/lib/postgresql -path '*/bin/psql' 2>/dev/null | sort -V | tail -n 1 | grep . || echo psql
}

client_program() {
    case $engine in
    sqlite) echo sqlite3 ;;
    postgres) real_psql ;;
    mariadb) echo mariadb ;;
    esac
}

is_present() { # NAME: installed, and wanted
    case " ${BENCH_PEERS-$every_peer} " in
    *" $1 "*) command -v "$(peer_program "$1")" >/dev/null ;;
    *) false ;;
    esac
}

peer_version() { # NAME: one line
    local program
    program=$(peer_program "$1")
    case $1 in
    goose | golang-migrate) "$program" -version ;;
    sql-migrate)
        # The first releases know no such option, but a package knows its version.
        "$program" --version 2>/dev/null | grep '[0-9]' ||
            dpkg-query -W -f '${Version}\n' sql-migrate 2>/dev/null || echo unknown
        ;;
    *) "$program" --version ;;
    esac 2>&1 | head -n 1 | grep -oE '[0-9]+\.[0-9][^ )]*|dev|unknown' | head -n 1
}

peers=()
for peer in $every_peer; do
    ! is_present "$peer" || peers+=("$peer")
done

peers_without() { # NAME
    [ ${#peers[@]} = 0 ] || printf '%s\n' "${peers[@]}" | grep -vx "$1"
}

# ---- dunlin ------------------------------------------------------------------------------------

# The program itself, not the script that libtool puts in its place in a build folder.
dunlin=("${BENCH_DUNLIN:-$builddir/dunlin}")
if [ -z "${BENCH_DUNLIN:-}" ]; then
    dunlin=("DUNLIN_DRIVER_PATH=$builddir/drivers/.libs" "$builddir/dunlin")
    [ ! -x "$builddir/.libs/dunlin" ] || dunlin=("LD_LIBRARY_PATH=$builddir/.libs"
        "DUNLIN_DRIVER_PATH=$builddir/drivers/.libs" "$builddir/.libs/dunlin")
fi

database_url() {
    case $engine in
    sqlite) echo "sqlite:$db" ;;
    postgres) echo "postgres://$user@$host:$port/$db?sslmode=disable" ;;
    mariadb) echo "mysql://$user@$host:$port/$db" ;;
    esac
}

command_dunlin() {
    cmd=("${dunlin[@]}" -u "$(database_url)" -d "$folder/plain" up)
}

# ---- the engines' own clients ------------------------------------------------------------------

client_command() {
    case $engine in
    sqlite) cmd=(sqlite3 -bail "$db") ;;
    postgres) cmd=("$(real_psql)" -X -q -v ON_ERROR_STOP=1 "$(database_url)") ;;
    mariadb) cmd=(mariadb --no-defaults -h "$host" -P "$port" -u "$user" "$db") ;;
    esac
}

client_reads() { # SCRIPT
    client_command
    case $engine in
    sqlite) cmd+=(".read $1") ;;
    postgres) cmd+=(-f "$1") ;;
    mariadb) input=$1 ;;
    esac
}

command_client() {
    client_reads "$script"
}

command_client_tracked() {
    client_reads "$tracked"
}

# ---- peers -------------------------------------------------------------------------------------

command_dbmate() {
    cmd=("$(peer_program dbmate)" --url "$(database_url)" --no-dump-schema
        --migrations-dir "$folder/plain" migrate)
}

# What the Go driver of the engine takes. OPTION...: for MySQL.
go_source() {
    case $engine in
    sqlite) echo "$db" ;;
    postgres) echo "host=$host port=$port user=$user dbname=$db sslmode=disable" ;;
    mariadb) echo "$user@tcp($host:$port)/$db?parseTime=true$1" ;;
    esac
}

go_dialect() {
    case $engine in
    sqlite) echo sqlite3 ;;
    postgres) echo postgres ;;
    mariadb) echo mysql ;;
    esac
}

command_goose() {
    cmd=("$(peer_program goose)" -dir "$folder/plain" "$(go_dialect)"
        "$(go_source '&multiStatements=true')" up)
}

command_golang_migrate() {
    local url
    case $engine in
    sqlite) url="sqlite3://$db" ;;
    postgres) url=$(database_url) ;;
    mariadb) url="mysql://$user@tcp($host:$port)/$db?multiStatements=true" ;;
    esac
    cmd=("$(peer_program golang-migrate)" -path "$folder/golang" -database "$url" up)
}

command_sql_migrate() {
    cat >"$scratch/dbconfig.yml" <<YAML
bench:
  dialect: $(go_dialect)
  datasource: $(go_source '')
  dir: $folder/plain
YAML
    cmd=("$(peer_program sql-migrate)" up -config="$scratch/dbconfig.yml" -env=bench)
}

command_sqitch() {
    local target registry
    case $engine in
    sqlite) target="db:sqlite:$db" registry=$(basename "${db%.db}.sqitch") ;;
    postgres) target="db:pg://$user@$host:$port/$db" registry=sqitch ;;
    mariadb) target="db:mysql://$user@$host:$port/$db" registry="sqitch_$db" ;;
    esac
    cmd=(SQITCH_FULLNAME=bench SQITCH_EMAIL=bench@example.org "$(peer_program sqitch)"
        --chdir "$folder/sqitch" deploy --registry "$registry" "$target")
}

# ---- folders -----------------------------------------------------------------------------------

# FOLDER/plain has files with the marks of dbmate, goose and sql-migrate, all in comments. These make
# the same migrations as the others want them, where those are here.
golang_layout() { # FOLDER
    local file base
    is_present golang-migrate || return 0
    mkdir -p "$1/golang"
    for file in "$1"/plain/*.sql; do
        base=${file##*/}
        ln -f "$file" "$1/golang/${base%.sql}.up.sql"
    done
}

# The client that sqitch runs leaves transactions to the script.
sqitch_layout() { # FOLDER
    local file name
    is_present sqitch || return 0
    mkdir -p "$1/sqitch/deploy"
    printf '[core]\n\tengine = pg\n' >"$1/sqitch/sqitch.conf"
    printf '%%syntax-version=1.0.0\n%%project=bench\n\n' >"$1/sqitch/sqitch.plan"
    for file in "$1"/plain/*.sql; do
        name=${file##*/}
        name="m${name%.sql}"
        printf 'BEGIN;\n%s\nCOMMIT;\n' "$(<"$file")" >"$1/sqitch/deploy/$name.sql"
        printf '%s 2026-01-01T00:00:00Z bench <bench@example.org>\n' "$name" \
            >>"$1/sqitch/sqitch.plan"
    done
}
