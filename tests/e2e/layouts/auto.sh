# SPDX-License-Identifier: MIT
# What a folder is taken for when nobody says it: for the sample of every layout the name and the
# reason, and where it may be of two, the question.

auto_status() {
    dunlin -u "$url" -d "$dir" --foreign-code skip status "$@"
}

auto_notices() {
    grep '^notice: ' <<<"$err"
}

# TOOL PATH LAYOUT NAME REASON
auto_sample() {
    local tool=$1 layout=$3
    auto_seen="$auto_seen $layout"
    layout_has "$tool" || return 0
    fresh_db
    layout_folder "$tool" "$2"
    case $tool in
    drizzle-folders-v1) # drizzle-kit writes these
        for name in "$dir"/*; do echo '{}' >"$name/snapshot.json"; done
        ;;
    flyway) echo flyway.placeholders.season=2026 | file flyway.conf ;;
    tern) rm "$dir/004_season_table.sql" ;; # a template, which dunlin does not run
    esac
    auto_status
    exits 0 "auto: $tool"
    like "$out" '^[1-9][0-9]* migrations: ' "auto: $tool: finds its migrations"
    if [ "$4" ]; then
        is "$(auto_notices)" \
            "notice: $dir is taken for a folder of $4, because of $5 (--layout $layout)" \
            "auto: $tool: says which it is, and why"
        dunlin -u "$url" -d "$dir" --layout "$layout" --foreign-code skip status
        is "$(auto_notices)" '' "auto: $tool: who says it is not told"
    else
        is "$(auto_notices)" '' "auto: $tool: is one of dunlin's own, and runs as one"
        auto_status --history layout
        exits 78 "auto: $tool: whose history is shared has to be said"
        like "$err" '^hint: .*--layout NAME' "auto: $tool: with this option"
        dunlin -u "$url" -d "$dir" --layout "$layout" status --history own
        exits 0 "auto: $tool: which it is then"
    fi
}

auto_seen=
auto_sample atlas migrations atlas Atlas 'its atlas.sum'
auto_sample dbmate db/migrations dbmate '' ''
auto_sample diesel migrations diesel diesel 'its folders with an up.sql'
auto_sample drizzle-journal drizzle drizzle drizzle-orm 'its meta/_journal.json'
auto_sample drizzle-folders-v1 drizzle drizzle-v1 'drizzle-orm 1.0' \
    'its folders with migration.sql and snapshot.json'
auto_sample flyway db/migration flyway Flyway 'names that only Flyway has'
auto_sample golang-migrate . golang-migrate '' ''
auto_sample goose . goose goose 'a line "-- +goose"'
auto_sample graphile-migrate migrations graphile-migrate graphile-migrate 'its folder committed'
auto_sample liquibase . liquibase Liquibase 'a line "--liquibase formatted sql"'
auto_sample node-pg-migrate migrations node-pg-migrate node-pg-migrate 'a line "-- Up Migration"'
auto_sample postgrator migrations postgrator postgrator 'files N.do.sql'
auto_sample prisma prisma/migrations prisma 'Prisma Migrate' 'its migration_lock.toml'
auto_sample refinery migrations refinery refinery 'U files with numbers of their own'
auto_sample sqitch . sqitch sqitch 'its sqitch.plan'
auto_sample sql-migrate migrations sql-migrate sql-migrate 'a line "-- +migrate"'
auto_sample sqlx-reversible migrations sqlx '' ''
auto_sample sqlx-simple migrations sqlx '' ''
auto_sample supabase supabase/migrations supabase '' ''
auto_sample tern . tern tern 'its tern.conf'
auto_sample umzug migrations umzug umzug 'names that begin with a time as umzug writes it'
for name in $(sed -n 's/^\.Ss \([a-z0-9-]*\)$/\1/p' "$abs_top_srcdir/man/dunlin-layouts.7"); do
    like "$auto_seen " " $name " "auto: $name, which the manual has, is among these"
done

# ---- other reasons than the samples have

# LAYOUT REASON: the case's folder is taken for it
auto_told() {
    auto_status
    like "$err" "^[a-z]+: $dir is taken for .*, because of $2 [(]--layout $1[)]\$" "auto: $1: $2"
    fresh_db
}
fresh_db
echo '--! Previous: -' | file 000001.sql
auto_status
exits 65 "auto: a file that is none of the tool's"
like "$err" '^error: .*/000001.sql' "auto: is the error"
is "$(auto_notices)" '' "auto: which has no notice before it"
auto_told graphile-migrate 'a line "--! Previous:"' # but the reason with it
echo '<databaseChangeLog/>' | file changelog.xml
auto_told liquibase 'its root changelog'
echo '---- create above / drop below ----' | file 001_a.sql
auto_told tern 'a line "---- create above / drop below ----"'
echo '---- tern: disable-tx ----' | file 001_a.sql
auto_told tern 'a line "---- tern: disable-tx ----"'

# ---- two at once

# LAYOUT: what tells of it, added to the case's folder
auto_plant() {
    case $1 in
    atlas) : | file atlas.sum ;;
    diesel) mkdir "$dir/1_a" && : | file 1_a/up.sql ;;
    drizzle) mkdir "$dir/meta" && echo '{}' | file meta/_journal.json ;;
    drizzle-v1) mkdir "$dir/20260101000000_a" && : | file 20260101000000_a/migration.sql &&
        : | file 20260101000000_a/snapshot.json ;;
    flyway) : | file V1.1__a.sql ;;
    goose) echo '-- +goose Up' | file 1_goose.sql ;;
    graphile-migrate) mkdir "$dir/committed" && : | file committed/000001.sql ;;
    liquibase) echo '--liquibase formatted sql' | file 2_liquibase.sql ;;
    node-pg-migrate) echo '-- Up Migration' | file 1_npm.sql ;;
    postgrator) : | file 1.do.sql ;;
    prisma) : | file migration_lock.toml ;;
    refinery) : | file V1__a.sql && : | file U2__b.sql ;;
    sqitch) : | file sqitch.plan ;;
    sql-migrate) echo '-- +migrate Up' | file 2_migrate.sql ;;
    tern) : | file tern.conf ;;
    umzug) : | file 2026.01.01T00.00.00.a.sql ;;
    esac
}

# LAYOUT LAYOUT: both are named, in this order, with their reasons, and nothing runs
auto_asked() {
    up_as auto
    exits 78 "auto: $1 and $2: nothing runs"
    like "$err" "may be one of $1 \(.+\) or $2 \(.+\)$" "auto: $1 and $2: both are named"
    like "$err" '^hint: say which with --layout NAME' "auto: $1 and $2: and asked about"
}
auto_list=(atlas diesel drizzle flyway goose graphile-migrate liquibase node-pg-migrate postgrator
    prisma sqitch sql-migrate tern umzug)
for ((i = 1; i < ${#auto_list[@]}; i++)); do
    fresh_db
    auto_plant "${auto_list[i - 1]}"
    auto_plant "${auto_list[i]}"
    auto_asked "${auto_list[i - 1]}" "${auto_list[i]}"
done
fresh_db
auto_plant drizzle-v1
auto_plant prisma
auto_asked drizzle-v1 prisma
fresh_db
auto_plant refinery
auto_plant sqitch
auto_asked refinery sqitch
fresh_db
: | file V1__a.sql
auto_asked flyway refinery
if layout_has drizzle-folders-v1; then # without what tells it
    fresh_db
    layout_folder drizzle-folders-v1 drizzle
    auto_asked drizzle-v1 prisma
    up_as drizzle-v1
    exits 0 "auto: which it is is said then"
fi
fresh_db
printf -- '-- migrate:up\n-- +goose Up\nSELECT 1;\n' | file 1_a.sql
auto_status
is "$status $(auto_notices)" "0 " "auto: a mark of dunlin's own says more than a line of a tool"

# ---- dunlin's own, and nothing in it

auto_empty() { # NOTICE NAME
    auto_status --foreign-code refuse
    exits 0 "auto: $2"
    is "$err" "${1:+notice: $dir has no migrations$1}" "auto: $2: says so"
}
fresh_db
mkdir "$dir/hooks"
: | file README.md
auto_empty '' "a folder in which nothing is yet"
mkdir "$dir/migrations" "$dir/seeds"
auto_empty '; are they in its folder migrations?' "the folder above"
rm -r "$dir/migrations" "$dir/seeds"
: | file 20260301080000_a.rb
: | file 20260302080000_b.rb
auto_empty ', and dunlin does not run files like 20260301080000_a.rb' "one of Ruby"
auto_status
is "$err" '' "auto: who passes over it is not told"
echo 'SELECT 1;' | file 1_a.sql
auto_empty '' "one with a migration of dunlin's own"
