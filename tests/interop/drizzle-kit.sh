#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# drizzle-kit, which makes the folder and applies it, and dunlin: the folder with a journal, and that
# of 1.0 with a folder for each migration. drizzle-kit.sh ENGINE
tool=drizzle engines="sqlite postgres mariadb" modules="drizzle-kit mysql2 pg @libsql/client" commands=node
. "$(dirname "$0")/common.sh"
has_down=no
leaves=no # a run is one transaction

# ---- the folder, as drizzle-kit makes it ----

schema() { # N: the tables that the first N migrations make
    local n
    case $engine in
    postgres) printf 'import { pgTable as table, integer as int } from "drizzle-orm/pg-core";\n' ;;
    mariadb) printf 'import { mysqlTable as table, int } from "drizzle-orm/mysql-core";\n' ;;
    sqlite) printf 'import { sqliteTable as table, integer as int } from "drizzle-orm/sqlite-core";\n' ;;
    esac
    echo 'export const ran = table("ran", { tag: int().notNull() });'
    for ((n = 4; n <= $1; n++)); do
        echo "export const t$n = table(\"t$n\", { id: int() });"
    done
}

kit() { # COMMAND OPTION...: in the project, whose folder is $dir
    cd "$root" || return
    KIT_ENGINE=$engine KIT_URL=$url \
        run "$modules/node_modules/.bin/drizzle-kit" "$@" --config drizzle-kit.config.mjs
    cd "$work" || return
}

# What drizzle-kit generates from a schema, or an empty file of its own to be filled, with statements
# between breakpoints. All it writes is kept after each migration, and given out by "add".
make_folder() { # COUNT
    local n made custom
    for ((n = 1; n <= $1; n++)); do
        schema "$n" >"$root/schema.mjs"
        find "$root/drizzle" -name '*.sql' | sort >"$work/before"
        custom=
        case $n in 2 | 3) custom=--custom ;; esac
        kit generate $custom --name "number-$n"
        exits 0 "$who: generate${custom:+ $custom}"
        made=$(find "$root/drizzle" -name '*.sql' | sort | comm -13 "$work/before" -)
        is "$(wc -l <<<"$made")" 1 "$who: .. writes one file"
        if [ "$custom" ]; then
            up_sql "$n" | sed '2,$s/^INSERT/--> statement-breakpoint\n&/' >"$made"
        else
            printf -- '--> statement-breakpoint\nINSERT INTO ran VALUES (%d);' "$n" >>"$made"
        fi
        cp -R "$root/drizzle" "$work/$layout-$n"
    done
    kit check
    exits 0 "$who: drizzle-kit check finds nothing in it"
}

project() {
    fresh_db
}

add() { # N
    rm -rf "$dir"
    cp -R "$work/$layout-$1" "$dir"
    rm -rf "$root/drizzle"
    ln -s "$dir" "$root/drizzle"
}

tool_up() { kit migrate; }
tool_done() { # it has no command that says so
    is "$(rows | wc -l)" "$1" "$who: .. $1 rows"
}

# ---- both layouts ----

case $engine in
postgres) table=drizzle.__drizzle_migrations ;;
*) table=__drizzle_migrations ;;
esac
rows() { sql "SELECT $columns FROM $table ORDER BY created_at, $columns"; }

in_project() { # LAYOUT FOLDER: with the drizzle-kit that is installed in FOLDER
    layout=$1 tool=$1 modules=$2 root=$work/$1-project
    if [ ! -e "$root" ]; then
        mkdir -p "$root/drizzle"
        ln -s "$modules/node_modules" "$root/node_modules"
        cp "$INTEROP_NODE/drizzle-kit.config.mjs" "$root/"
    fi
}

share() { # LAYOUT FOLDER
    in_project "$@"
    url=sqlite:none
    kit --version
    who="drizzle-kit $(grep -Eo 'v[0-9][0-9a-z.-]*' <<<"$out" | head -n 1) on $engine"
    make_folder 6
    take_turns
    dunlin_first
    take_over
    dunlin -u "$url" -d "$dir" status
    like "$err" "[(]--layout ${layout}[)]" "$who: dunlin knows the folder by itself"
}

# A project goes from 0.31 to 1.0: its folder and its table are rewritten by the newer drizzle-kit.
upgrade() {
    local before
    in_project drizzle "$INTEROP_NODE"
    project
    add 2
    tool_does "the older one applies two"
    add 4
    dunlin_up 2 2 "dunlin two more"
    rm -r "${root:?}" # which has the link to the folder
    in_project drizzle "$INTEROP_NODE/drizzle-v1"
    tool=drizzle-v1
    rm -r "$root/drizzle"
    ln -s "$dir" "$root/drizzle"
    kit up
    exits 0 "$who: drizzle-kit up rewrites the folder"
    not_ok "$who: .. which has no journal then" test -e "$dir/meta"
    as_dunlin up
    exits 6 "$who: dunlin cannot share the table before it is rewritten, too"
    tool_does "migrate rewrites the table"
    before=$(rows)
    dunlin_up 0 4 "dunlin finds all done in it"
    is "$(rows)" "$before" "$who: .. and leaves it as it is"
    all_ran 4
}

columns='hash, created_at'
share drizzle "$INTEROP_NODE"
columns='created_at, name, hash'
share drizzle-v1 "$INTEROP_NODE/drizzle-v1"
upgrade
done_testing
