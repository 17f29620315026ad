# SPDX-License-Identifier: MIT
# sqitch keeps its registry in a schema of its own, on MySQL in a database, on SQLite in a file beside
# the database.
sqitch_who='Ann <a@b.c>'
sqitch_at=2026-01-02T03:04:05Z
case $engine in
mariadb) sqitch_change='`change`' ;;
*) sqitch_change=change ;;
esac

sqitch_plan() { # PLAN: becomes the case's, with a first line for its project
    printf '%%syntax-version=1.0.0\n%%project=%s\n\n%s\n' "${sqitch_project:-p}" "$1" | file sqitch.plan
}

sqitch_script() { # NAME: deploy and revert, which make and drop a table of the name before "@"
    local table=${1%@*}
    table=${table##*/}
    mkdir -p "$(dirname "$dir/deploy/$1")" "$(dirname "$dir/revert/$1")"
    printf 'BEGIN;\n\nCREATE TABLE %s (id int);\n\nCOMMIT;\n' "$table" | file "deploy/$1.sql"
    printf 'BEGIN;\n\nDROP TABLE %s;\n\nCOMMIT;\n' "$table" | file "revert/$1.sql"
}

sqitch_refuses() { # PLACE TEXT NAME: the folder is refused, with the place and the text
    dunlin -u "$url" -d "$dir" --layout sqitch plan
    exits 65 "sqitch: $3"
    like "$err" "$1:.*$2" "sqitch: with its place"
}

sqitch_bad() { # LINE TEXT PLAN
    sqitch_plan "$3"
    sqitch_refuses "sqitch.plan:$1" "$2" "a plan is refused: $2"
}

sqitch_shared() { # COMMAND OPTION...: with the registry as history
    dunlin -u "$url" -d "$dir" --layout sqitch --history layout "$@"
}

sqitch_from() { # TABLE: as it is called in a query; on MySQL a case has it in its own database
    if [ "$engine" = mariadb ]; then echo "$1"; else echo "sqitch.$1"; fi
}

sqitch_registry() { # every row, without the times when it was written
    local people="committer_name, committer_email, planned_at, planner_name, planner_email"
    sql "SELECT change_id, script_hash, $sqitch_change, project, note, $people FROM $(sqitch_from changes) ORDER BY 1"
    sql "SELECT tag_id, tag, project, change_id, note, $people FROM $(sqitch_from tags) ORDER BY 1"
    sql "SELECT change_id, type, dependency, dependency_id FROM $(sqitch_from dependencies) ORDER BY 1, 3"
    sql "SELECT event, change_id, $sqitch_change, project, note, requires, conflicts, tags, $people
        FROM $(sqitch_from events) ORDER BY committed_at, change_id"
    sql "SELECT project, uri, creator_name, creator_email FROM $(sqitch_from projects)"
    sql "SELECT version, installer_name, installer_email FROM $(sqitch_from releases)"
}

# ---- the sample ------------------------------------------------------------------------------------

sqitch_columns="$sqitch_change, change_id, script_hash, project, note, planned_at, planner_name, planner_email"

sqitch_samples() {
    local wanted
    export SQITCH_FULLNAME='Peer Tester' SQITCH_EMAIL=peer@example.org
    layout_sample sqitch sqitch . 3 "$(sqitch_from changes)" "$sqitch_columns"
    layout_edited sqitch sqitch . deploy/hives.sql

    fresh_db
    layout_folder sqitch .
    layout_load "$(layout_dump sqitch)"
    wanted=$(sqitch_registry)
    fresh_db
    layout_folder sqitch .
    sqitch_shared up
    exits 0 "sqitch: everything is deployed"
    is "$(sqitch_registry)" "$wanted" "sqitch: every table of the registry is as the tool fills it"

    sqitch_shared down --all --yes
    exits 0 "sqitch: and reverted"
    like "$out" '^done: 3 reverted' "sqitch: all of it"
    not_ok "sqitch: by its revert scripts" sql 'SELECT * FROM hive'
    for table in changes tags dependencies; do
        is "$(sql "SELECT COUNT(*) FROM $(sqitch_from $table)")" 0 "sqitch: $table are empty then"
    done
    is "$(sql "SELECT event, $sqitch_change, requires, conflicts, tags FROM $(sqitch_from events)
        WHERE event = 'revert' ORDER BY committed_at" | tr -d '{}')" \
        'revert|inspection_index|hives|beekeeping:swarm_index|
revert|frames_logic|hives||@v1.0
revert|hives|||' "sqitch: events tell of it"
    unset SQITCH_FULLNAME SQITCH_EMAIL
}

# ---- ids, names and people -------------------------------------------------------------------------

sqitch_ids() {
    fresh_db
    sqitch_plan "create_t $sqitch_at $sqitch_who"
    sqitch_script create_t
    printf 'CREATE TABLE t (id int);\n' | file deploy/create_t.sql
    printf '[core]\n\tengine = x\n[user]\n\tname = "Otto # Smoker" ; comment\n\temail = otto@example.org\n' |
        file sqitch.conf
    sqitch_shared up
    exits 0 "sqitch: a plan of one change"
    is "$(sql "SELECT change_id, script_hash, committer_name, committer_email FROM $(sqitch_from changes)")" \
        'e034594c4506d48d336cb3c6bf0f47cf3f39435f|9d425143f6c0084d58f4289ec9a78d367155bf76|Otto # Smoker|otto@example.org' \
        "sqitch: its id and its script's hash; who it was stands in sqitch.conf"

    fresh_db
    sqitch_plan "create_t $sqitch_at $sqitch_who"
    sqitch_script create_t
    HOME=$work/nobody sqitch_shared up
    like "$(sql "SELECT committer_name, committer_email FROM $(sqitch_from changes)")" \
        "^$(id -un)\|$(id -un)@." "sqitch: or it is dunlin's own user"

    # What the configuration of a user says comes behind that of the project.
    mkdir -p "$work/somebody/.sqitch"
    printf '[user]\n\tname = At Home\n\temail = home@example.org\n' >"$work/somebody/.sqitch/sqitch.conf"
    printf '[user]\n\tname = Named\n' >"$work/named.conf"
    printf '[user]\n\temail = project@example.org\n' | file sqitch.conf
    sqitch_by "$work/somebody" '' 'At Home|project@example.org' "the user's configuration"
    rm "$dir/sqitch.conf"
    sqitch_by "$work/somebody" '' 'At Home|home@example.org' "nothing of the project's"
    sqitch_by "$work/somebody" "$work/named.conf" "Named|$(id -un)@.*" "another file than the one at home"
    sqitch_by "$work/somebody" "$work" "$(id -un)|$(id -un)@.*" "a folder, which says nothing"
}

sqitch_by() { # HOME SQITCH_USER_CONFIG NAME|EMAIL WHAT: who reverts and deploys again
    HOME=$1 SQITCH_USER_CONFIG=$2 sqitch_shared down --yes
    HOME=$1 SQITCH_USER_CONFIG=$2 sqitch_shared up
    like "$(sql "SELECT committer_name, committer_email FROM $(sqitch_from changes)")" "^${3/|/\\|}\$" "sqitch: who it was, with $4"
}

# Where it is by sqitch.conf; on MariaDB the cases say it themselves, on SQLite it is a file.
sqitch_registry_name() {
    [ "$engine" = postgres ] || return 0
    fresh_db
    layout_folder sqitch .
    printf '[core]\nengine = pg\nregistry = none\n[engine "pg"]\nregistry = "my meta.data"\n' | file sqitch.conf
    sqitch_shared up
    exits 0 "sqitch: a registry of another name"
    is "$(sql 'SELECT COUNT(*) FROM "my meta.data".changes')" 3 "sqitch: is there"
    sqitch_shared up
    like "$out" '^done: 0 applied, 3 already applied' "sqitch: and is read"
}

# A change that comes again behind a tag: the scripts of the older one have the tag in their name.
sqitch_reworked() {
    fresh_db
    sqitch_plan "users $sqitch_at $sqitch_who
a/b [users] $sqitch_at $sqitch_who # a folder
@v1 $sqitch_at $sqitch_who
@v1.1 $sqitch_at $sqitch_who # two tags

users [users@v1] $sqitch_at $sqitch_who # again
# that was it"
    for name in users@v1.1 a/b; do
        sqitch_script "$name"
    done
    printf -- '-- migrate:down\nALTER TABLE users ADD email varchar(80);\n' | file deploy/users.sql
    printf 'ALTER TABLE users DROP COLUMN email;\n' | file revert/users.sql
    sqitch_shared up
    exits 0 "sqitch: a reworked change"
    ok "sqitch: both scripts ran, and a mark of dunlin's means nothing" sql 'SELECT email FROM users'
    is "$(sql "SELECT dependency, $sqitch_change FROM $(sqitch_from dependencies) d
        JOIN $(sqitch_from changes) c ON c.change_id = d.dependency_id ORDER BY 1")" 'users|users
users@v1|users' "sqitch: what it depends on"
    is "$(sql "SELECT COUNT(*) FROM $(sqitch_from tags)")" 2 "sqitch: a change may have two tags"
    sqitch_shared status
    like "$out" '^users  *applied' "sqitch: the older one is known by its name"
    like "$out" '^users#2  *applied' "sqitch: the newer one by its number, too"
    sqitch_shared down --yes
    exits 0 "sqitch: one step back"
    not_ok "sqitch: with the newer script" sql 'SELECT email FROM users'
    ok "sqitch: and not the older one" sql 'SELECT * FROM users'
    cp "$dir/deploy/users@v1.1.sql" "$dir/deploy/users.sql"
    sqitch_shared up
    exits 6 "sqitch: one script for two changes"
    like "$err" 'sqitch.plan:9.*is that of users, which is deployed' "sqitch: is refused"
}

# In dunlin's own history: the first copy is applied from NAME.sql, which is NAME@TAG.sql when it is
# reworked.
sqitch_reworked_own() {
    local line=" $sqitch_at $sqitch_who" plan n
    plan="users$line
@v1$line"
    fresh_db
    sqitch_plan "$plan"
    sqitch_script users
    up_as sqitch
    exits 0 "sqitch: a change with a tag, in dunlin's own history"
    for n in 1 2; do
        cp "$dir/deploy/users.sql" "$dir/deploy/users@v$n.sql"
        cp "$dir/revert/users.sql" "$dir/revert/users@v$n.sql"
        printf 'ALTER TABLE users ADD v%d int;\n' $n | file deploy/users.sql
        printf 'ALTER TABLE users DROP COLUMN v%d;\n' $n | file revert/users.sql
        plan="$plan
users [users@v$n]$line
@v$((n + 1))$line"
        sqitch_plan "$plan"
        up_as sqitch
        exits 0 "sqitch: it is reworked"
        like "$out" "^done: 1 applied, $n already applied" "sqitch: the new copy runs alone"
        ok "sqitch: with its own script" sql "SELECT v$n FROM users"
    done
    up_as sqitch
    like "$out" '^done: 0 applied, 3 already applied' "sqitch: then there is nothing to do"
    dunlin -u "$url" -d "$dir" --layout sqitch check
    exits 0 "sqitch: nothing was edited"
    dunlin -u "$url" -d "$dir" --layout sqitch down --yes
    exits 0 "sqitch: one step back"
    not_ok "sqitch: is the newest copy" sql 'SELECT v2 FROM users'
    ok "sqitch: alone" sql 'SELECT v1 FROM users'
    dunlin -u "$url" -d "$dir" --layout sqitch up --to users#2
    like "$out" '^done: 0 applied, 2 already applied' "sqitch: a copy can be named"
    printf '\nSELECT 1;\n' >>"$dir/deploy/users@v1.sql"
    up_as sqitch
    exits 6 "sqitch: an edited older copy"
    like "$err" 'users@v1.sql was edited' "sqitch: is told by its file"

    plan=$dir
    fresh_db
    cp -r "$plan"/* "$dir"
    up_as sqitch
    exits 0 "sqitch: all copies from zero"
    like "$out" '^done: 3 applied' "sqitch: one behind the other"
    ok "sqitch: with the script of each" sql 'SELECT v1, v2 FROM users'
    dunlin -u "$url" -d "$dir" --layout sqitch down --all --yes
    exits 0 "sqitch: and all back"
    not_ok "sqitch: each with its own" sql 'SELECT * FROM users'
}

# ---- what is refused -------------------------------------------------------------------------------

sqitch_plans() {
    local line=" $sqitch_at $sqitch_who"
    fresh_db
    for name in a b c; do
        sqitch_script $name
    done
    sqitch_bad 4 'a time should stand' "a"
    sqitch_bad 4 'a time should stand' "a 2026-02-29T00:00:00Z $sqitch_who"
    sqitch_bad 4 'the planner' "a $sqitch_at <a@b.c>"
    sqitch_bad 4 'keeps the name "HEAD"' "HEAD$line"
    sqitch_bad 4 'no name that sqitch takes' ".a$line"
    sqitch_bad 4 'no name that sqitch takes' "a:b$line"
    sqitch_bad 4 'no name that sqitch takes' "a~2$line"
    sqitch_bad 4 'plans to revert' "-a$line"
    sqitch_bad 4 'leads out of its folder' "a/../../x$line"
    sqitch_bad 4 'no change before it' "@v1$line"
    sqitch_bad 5 'stands in line 4 already' "a$line
a$line"
    sqitch_bad 6 'the tag @v1 stands in line 5' "a$line
@v1$line
@v1$line"
    sqitch_bad 5 'depends on nothing' "a$line
@v1 [a]$line"
    sqitch_bad 4 'requires x, which is not in the plan' "a [x]$line"
    sqitch_bad 4 'conflicts with x, which is not in the plan' "a [!x]$line"
    sqitch_bad 4 'requires b, which does not come before' "a [b]$line
b$line"
    sqitch_bad 5 'requires a@v1, which does not come before' "a$line
b [a@v1]$line
@v1$line"
    sqitch_bad 5 'conflicts with a, which comes before' "a$line
b [!a]$line"
    sqitch_bad 4 'nothing that a change can depend on' "a [x::y]$line"
    sqitch_bad 5 'depends on a twice' "a$line
b [a p:a]$line"
    sqitch_bad 5 'deploy/none.sql does not exist' "a$line
none$line"
    dunlin -u "$url" -d "$dir" --layout sqitch check
    exits 1 "sqitch: check: a script that is missing"
    like "$out" '^file: .*sqitch.plan:5:1: .*deploy/none.sql does not exist$' "sqitch: check: is a finding"
    like "$out" '^check: 1 finding in 1 migration$' "sqitch: check: and no migration"
    sqitch_bad 4 'deploy/a@v1.sql does not exist' "a$line
@v1$line
a [a@v1]$line"
}

sqitch_pragmas() {
    fresh_db
    printf '%%project=p\na %s %s\n' "$sqitch_at" "$sqitch_who" | file sqitch.plan
    sqitch_refuses sqitch.plan:2 'an empty line has to stand' "changes right behind the pragmas"
    printf '%%syntax-version=2.0.0\n%%project=p\n' | file sqitch.plan
    sqitch_refuses sqitch.plan:1 'known as 1.0.0' "a syntax of the future"
    printf '%%foo=1\n\n' | file sqitch.plan
    sqitch_refuses sqitch.plan:2 'names no project' "a plan without a project"
    printf '%%project=p\n%%uri=urn:X:y\n\n' | file sqitch.plan
    sqitch_refuses sqitch.plan:2 'canonical form' "a URI of which no id can be told"
    printf '%%project=p\n\n\377 %s %s\n' "$sqitch_at" "$sqitch_who" | file sqitch.plan
    sqitch_refuses sqitch.plan:3 'no valid UTF-8' "what is no text"

    sqitch_plan "a $sqitch_at $sqitch_who"
    printf '[core]\n\textension = ddl\n' | file sqitch.conf
    sqitch_refuses sqitch.plan:4 'deploy/a.ddl does not exist' "another extension is looked for"
    printf '[core]\n\tdeploy_dir = elsewhere\n' | file sqitch.conf
    sqitch_refuses sqitch.conf:2 'another folder' "scripts in another folder"
}

sqitch_commands() {
    fresh_db
    sqitch_plan "a $sqitch_at $sqitch_who"
    sqitch_script a
    case $engine in
    postgres)
        printf 'SELECT 1;\n\\i other.sql\n' | file deploy/a.sql
        sqitch_refuses 'deploy/a.sql:2' 'client command \\i' "a command of psql"
        printf "SELECT 'a:';\nSELECT :'name'::text;\n" | file deploy/a.sql
        sqitch_refuses 'deploy/a.sql:2' "client variable :'name'" "a variable of psql"
        printf 'CREATE TABLE a (id text);\nCOPY a FROM STDIN;\nsource x\n:'"'b'"'\n\\.\nSELECT 1;\n' |
            file deploy/a.sql
        up_as sqitch
        exits 0 "sqitch: rows are no commands"
        is "$(sql 'SELECT COUNT(*) FROM a')" 2 "sqitch: and all there"
        ;;
    mariadb)
        printf 'SELECT 1;\nsource other.sql\n' | file deploy/a.sql
        sqitch_refuses 'deploy/a.sql:2' 'client command source other.sql' "a command of the client"
        printf 'SELECT 1;\n\\. other.sql\n' | file deploy/a.sql
        sqitch_refuses 'deploy/a.sql:2' 'client command' "and its short form"
        printf "CREATE TABLE a (\nsource int\n);\nSELECT 'a;\nsource of it';\n" | file deploy/a.sql
        up_as sqitch
        exits 0 "sqitch: a column is no command, nor is a text"
        ;;
    sqlite)
        printf 'SELECT 1;\n.read other.sql\n' | file deploy/a.sql
        sqitch_refuses 'deploy/a.sql:2' 'client command .read' "a command of the shell"
        ;;
    esac
}

# ---- projects that share a registry ----------------------------------------------------------------

sqitch_projects() {
    local one
    fresh_db
    one=$dir
    sqitch_plan "a $sqitch_at $sqitch_who
@v1 $sqitch_at $sqitch_who"
    sqitch_script a
    dir=$one-two
    mkdir "$dir"
    sqitch_project=q
    sqitch_plan "b [p:a p:@v1 p:a@v1 !r:x] $sqitch_at $sqitch_who"
    sqitch_script b
    sqitch_shared up
    exits 6 "sqitch: a change of another project is required"
    like "$err" 'sqitch.plan:4.*b requires p:a, which is not deployed' "sqitch: with its place"
    not_ok "sqitch: and nothing ran" sql 'SELECT * FROM b'
    dir=$one
    sqitch_shared up
    dir=$one-two
    sqitch_shared up
    exits 0 "sqitch: it is there now"
    like "$out" '^done: 1 applied, 0 already applied, 1 total' "sqitch: each project has its own changes"
    is "$(sql "SELECT COUNT(*), COUNT(DISTINCT dependency_id) FROM $(sqitch_from dependencies)
        WHERE type = 'require'")" '3|1' "sqitch: what it depends on is found"
    dir=$one
    sqitch_shared down --yes
    exits 6 "sqitch: what another project requires is not reverted"
    like "$err" 'another project requires a: q b' "sqitch: it says who"
    ok "sqitch: and stays" sql 'SELECT * FROM a'
    sqitch_shared status
    exits 0 "sqitch: status of one project"
    like "$out" '^1 migrations?: 1 applied' "sqitch: knows only its own changes"

    dir=$one-three
    mkdir "$dir"
    sqitch_project=r
    sqitch_plan "x [!p:a] $sqitch_at $sqitch_who"
    sqitch_script x
    sqitch_shared up
    exits 6 "sqitch: a conflict with a change of another project"
    like "$err" 'x conflicts with p:a, which is deployed' "sqitch: that is there"
    unset sqitch_project

    fresh_db
    sqitch_plan "a $sqitch_at $sqitch_who"
    sqitch_script a
    sqitch_shared up
    sqitch_shared down --yes
    printf '%%project=p\n%%uri=https://example.org\n\na %s %s\n' "$sqitch_at" "$sqitch_who" |
        file sqitch.plan
    sqitch_shared up
    exits 6 "sqitch: another project of the same name"
    like "$err" 'knows another project p, with the URI ""' "sqitch: is told by its URI"
}

# ---- its lock --------------------------------------------------------------------------------------

sqitch_interrupted() { # NAME: a run that waits, most of the time inside SQLite
    local runner url="${url%\?*}?busy_timeout=300"
    "$DUNLIN" -u "$url" -d "$dir" --layout sqitch --history layout up --lock-wait 1h \
        >"$work/sqitch-waits" 2>&1 </dev/null 7>&- &
    runner=$!
    ok "sqitch: $1: this run waits" wait_until 60 grep -q waiting "$work/sqitch-waits"
    kill -TERM "$runner"
    wait "$runner"
    is $? 130 "sqitch: $1: interrupted meanwhile: exit code"
    like "$(cat "$work/sqitch-waits")" '^error: interrupted$' "sqitch: $1: interrupted meanwhile: says so"
}

sqitch_lock() {
    local holder
    fresh_db
    layout_folder sqitch .
    sqitch_shared up 1
    exits 0 "sqitch: the first change is there"
    rm -f "$work/sqitch-held"
    mkfifo "$work/sqitch-holder"
    if [ "$engine" = sqlite ]; then # which is no more than the file's
        sqlite3 "$(sqitch_file)" <"$work/sqitch-holder" >"$work/sqitch-held" 2>&1 &
    else
        client <"$work/sqitch-holder" >"$work/sqitch-held" 2>&1 &
    fi
    holder=$!
    exec 7>"$work/sqitch-holder"
    if [ "$engine" = sqlite ]; then
        printf "BEGIN IMMEDIATE;\nSELECT 'held';\n" >&7
        wait_until 10 test -s "$work/sqitch-held"
    elif [ "$engine" = postgres ]; then
        printf 'SELECT pg_try_advisory_lock(75474063);\n' >&7
        wait_until 10 test -s "$work/sqitch-held"
    else
        printf 'LOCK TABLES %s WRITE' "$(sqitch_from releases)" >&7
        for table in changes dependencies events projects tags; do
            printf ', %s WRITE' "$(sqitch_from $table)" >&7
        done
        printf ";\nSELECT GET_LOCK('sqitch working on %s', 0);\n" "$db" >&7
        sqitch_is_held() { [ "$(sql "SELECT IS_FREE_LOCK('sqitch working on $db')")" = 0 ]; }
        wait_until 10 sqitch_is_held
    fi
    [ "$engine" != sqlite ] || url="$url?busy_timeout=50"
    sqitch_shared up --lock-wait 100ms
    exits 5 "sqitch: while sqitch is at work dunlin waits"
    like "$err" 'sqitch( or another dunlin)? is at work' "sqitch: and tells why"
    if [ "$engine" = sqlite ]; then
        ok "sqitch: the database is free meanwhile" sql 'CREATE TABLE free (id int)'
        sqitch_interrupted "its lock"
    fi
    if [ "$engine" = mariadb ]; then # against readers too
        sqitch_shared status --lock-wait 100ms
        exits 5 "sqitch: so does status"
        dunlin -u "$url" -d "$dir" --layout sqitch adopt --lock-wait 100ms
        exits 5 "sqitch: and adopt"
        like "$err" 'sqitch is at work' "sqitch: which tells why"
    fi
    exec 7>&-
    wait "$holder"
    rm "$work/sqitch-holder"
    sqitch_shared up
    exits 0 "sqitch: the lock is free again"
}

# Functions and operators of somebody else, before the server's own in the search path.
sqitch_hostile() {
    [ "$engine" = postgres ] || return 0
    fresh_db
    layout_folder sqitch .
    client <<'SQL'
CREATE SCHEMA evil;
CREATE FUNCTION evil.current_database() RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'trap'; END$$;
CREATE FUNCTION evil.concat(text, text, text, text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'trap'; END$$;
CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$BEGIN RAISE 'trap'; END$$;
CREATE FUNCTION evil.same(text, text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'trap'; END$$;
CREATE OPERATOR evil.= (FUNCTION = evil.same, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR evil.|| (FUNCTION = evil.same, LEFTARG = text, RIGHTARG = text);
SQL
    sql "ALTER DATABASE $db SET search_path = public, evil, pg_catalog"
    sqitch_shared up
    exits 0 "sqitch: nothing of an attacker is called to deploy"
    sqitch_shared down --all --yes
    exits 0 "sqitch: nor to revert"
    like "$out" '^done: 3 reverted' "sqitch: all is reverted"
}

# ---- SQLite: a registry beside the database --------------------------------------------------------

sqitch_file() { # the registry of the case
    echo "$work/${db%/*}/sqitch.db"
}

# A folder for each database, where it is apiary.db; its client knows the registry, too.
sqitch_in_folders() {
    sqitch_before=$(declare -f fresh_db client layout_load)
    eval "$(declare -f fresh_db | sed '1s/fresh_db/sqitch_fresh_db/')"
    fresh_db() {
        sqitch_fresh_db
        mkdir "$work/$db.d"
        db=$db.d/apiary
        url=sqlite:$work/$db.db
    }
    client() {
        if [ -s "$(sqitch_file)" ]; then
            sqlite3 -bail -cmd "ATTACH '$(sqitch_file)' AS sqitch" "$work/$db.db"
        else
            sqlite3 -bail "$work/$db.db"
        fi
    }
    layout_load() {
        grep -v '^-- written by' "$1" | sqlite3 "$(sqitch_file)"
    }
}

sqitch_one() { # TEXT: a plan of one change, with this script
    sqitch_plan "a $sqitch_at $sqitch_who"
    sqitch_script a
    printf '%s\n' "$1" | file deploy/a.sql
}

sqitch_changes() { # how many the registry knows
    sqlite3 "$(sqitch_file)" 'SELECT COUNT(*) FROM changes'
}

sqitch_beside() {
    fresh_db
    layout_folder sqitch .
    dunlin -u "$url" -d "$dir" up
    exits 0 "sqitch: auto runs the folder"
    like "$err" 'taken for a folder of sqitch' "sqitch: that it knows by itself"
    not_ok "sqitch: without a registry" test -e "$(sqitch_file)"

    fresh_db
    layout_folder sqitch .
    dunlin -u "$url" -d "$dir" adopt
    exits 6 "sqitch: without a registry there is nothing to adopt"
    sqitch_shared status
    like "$out" '^3 migrations: 3 pending' "sqitch: and everything is pending"
    sqitch_shared plan --execute
    exits 0 "sqitch: it can be rehearsed"
    not_ok "sqitch: and none is made of that" test -e "$(sqitch_file)"
    sqitch_shared up --transaction all
    exits 0 "sqitch: all in one transaction"
    is "$(sqitch_changes)" 3 "sqitch: has all rows"
    printf '\nSELECT 1;\n' >>"$dir/deploy/hives.sql"
    sqitch_shared up
    exits 6 "sqitch: an edited script"
    printf 'x' >"$dir/deploy/none.sql"
    printf 'none %s %s\n' "$sqitch_at" "$sqitch_who" >>"$dir/sqitch.plan"
    sqitch_shared mark none applied --yes
    exits 78 "sqitch: what only dunlin's own table can hold is refused"
}

# The tables are those that sqitch makes: columns, keys and references.
sqitch_schema() {
    local made wanted query="SELECT m.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk
            FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, c.cid;
        SELECT m.name, f.\"table\", f.\"from\", f.\"to\", f.on_update, f.on_delete
            FROM sqlite_master m, pragma_foreign_key_list(m.name) f ORDER BY 1, 2, 3;
        SELECT m.name, i.\"unique\", i.origin, group_concat(x.name)
            FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) x
            GROUP BY i.name ORDER BY 1, 3, 4;
        PRAGMA table_list"
    fresh_db
    layout_folder sqitch .
    sqitch_shared up
    made=$(sqlite3 "$(sqitch_file)" "$query")
    fresh_db
    layout_load "$(layout_dump sqitch)"
    wanted=$(sqlite3 "$(sqitch_file)" "$query")
    is "$made" "$wanted" "sqitch: the registry is as sqitch makes it"
}

sqitch_names() { # DATABASE CONF REGISTRY: where it is, from the folder of the case on
    fresh_db
    sqitch_one 'CREATE TABLE a (id int);'
    mkdir "$dir/x"
    printf '%s' "$2" | sed "s|HERE|$dir|" | file sqitch.conf
    url="sqlite:$dir/$1"
    sqitch_shared up
    exits 0 "sqitch: a database $1"
    is "$(sqlite3 "$dir/$3" 'SELECT change FROM changes')" a "sqitch: has its registry in $3"
    sqitch_shared status
    like "$out" '^1 migrations?: 1 applied' "sqitch: and is read from there"
}

sqitch_all_names() {
    sqitch_names x/a.db '' x/sqitch.db
    sqitch_names x/a '' x/sqitch
    sqitch_names x/a.b.c '' x/sqitch.b.c
    sqitch_names x/a.db $'[engine "sqlite"]\nregistry = meta\n[core]\nregistry = none\n' x/meta.db
    sqitch_names x/a.db $'[core]\nregistry = meta.reg\n' x/meta.reg
    sqitch_names x/a.db $'[core]\nregistry = HERE/meta\n' meta
    sqitch_names x/a.db $'[engine "sqlite"]\nregistry = none\ntarget = t\n[target "t"]\nregistry = it"s"\n' x/its.db
    url=sqlite::memory:
    sqitch_shared up
    exits 0 "sqitch: a database in memory"
    like "$out" '^done: 1 applied' "sqitch: has its registry there, too"
}

# What scripts name without a schema must not be found in the registry.
sqitch_private() {
    local n=0 text
    for text in 'SELECT * FROM changes' 'DROP TABLE changes' 'DELETE FROM releases' 'ALTER TABLE tags RENAME TO x' \
        'INSERT INTO projects SELECT 1, 2, 3, 4, 5' 'CREATE INDEX i ON changes (note)' \
        'ALTER TABLE events ADD x' 'WITH x AS (SELECT * FROM dependencies) SELECT * FROM x'; do
        fresh_db
        sqitch_one "CREATE TABLE a (id int); $text;"
        sqitch_shared up
        exits 2 "sqitch: scripts do not see the registry: $text"
        like "$err" 'a.sql:1:26: no such table' "sqitch: with its place"
        n=$((n + $(sqitch_changes)))
    done
    is $n 0 "sqitch: and no change is deployed"
    fresh_db
    sqitch_one 'DROP TABLE IF EXISTS tags; CREATE TABLE tags (id int); INSERT INTO tags VALUES (1);
        CREATE TABLE events (id int); DROP TABLE events; ANALYZE; REINDEX; PRAGMA optimize;'
    sqitch_shared up
    exits 0 "sqitch: they may have tables of the same names"
    is "$(sqlite3 "$work/$db.db" 'SELECT * FROM tags')|$(sqitch_changes)" '1|1' "sqitch: of their own"
    is "$(sqlite3 "$(sqitch_file)" "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('events', 'tags')")" 2 \
        "sqitch: and the registry has its"
}

# A script that attaches a database itself, one that leaves the transaction, and one that fails.
sqitch_session() {
    local line=" $sqitch_at $sqitch_who"
    fresh_db
    sqitch_plan "a$line
b$line
c$line
d$line"
    for name in a b c d; do
        sqitch_script $name
    done
    printf "ATTACH '%s' AS other;\nCREATE TABLE other.t (id int);\nCREATE TABLE a (id int);\n" "$work/$db.other" |
        file deploy/a.sql
    printf 'PRAGMA foreign_keys = ON;\nCREATE TABLE b (id int);\n' | file deploy/b.sql
    printf 'VACUUM;\n' | file deploy/c.sql
    printf 'CREATE TABLE d (id int);\nSELECT * FROM none;\n' | file deploy/d.sql
    sqitch_shared up
    exits 2 "sqitch: the last one fails"
    like "$out" '^applied  *c' "sqitch: those before it are applied"
    is "$(sql "SELECT group_concat(change) FROM (SELECT change FROM sqitch.changes ORDER BY committed_at)")" a,b,c \
        "sqitch: and registered, in their order"
    not_ok "sqitch: nothing of the failed one is there" sql 'SELECT * FROM d'
    sqitch_script d
    sqitch_shared up
    like "$out" '^done: 1 applied, 3 already applied' "sqitch: mended it goes on"
}

# Several at a time: every change is there once, with its row.
sqitch_together() {
    local pids=() pid n
    fresh_db
    for n in 1 2 3 4 5 6 7 8; do
        sqitch_script "t$n"
        printf 't%d %s %s\n' $n "$sqitch_at" "$sqitch_who"
    done >"$work/plan"
    sqitch_plan "$(cat "$work/plan")"
    for n in 1 2 3 4; do
        "$DUNLIN" -u "$url" -d "$dir" --layout sqitch --history layout up >"$work/together-$n" 2>&1 </dev/null &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid"
        is $? 0 "sqitch: one of four at a time"
    done
    is "$(sqitch_changes)|$(sql 'SELECT COUNT(*) FROM sqitch.events')" '8|8' "sqitch: each change is there once"
    is "$(sql 'SELECT COUNT(DISTINCT committed_at) FROM sqitch.changes')" 8 "sqitch: each at a time of its own"
}

# Killed at any moment, database and registry agree.
sqitch_killed() {
    local pid n wrong=0
    for n in 1 2 3 4 5 6 7 8; do
        fresh_db
        layout_folder sqitch .
        "$DUNLIN" -u "$url" -d "$dir" --layout sqitch --history layout up >/dev/null 2>&1 </dev/null &
        pid=$!
        sleep "0.$(printf %02d $((n * 2)))"
        kill -9 $pid 2>/dev/null
        wait $pid 2>/dev/null
        [ -e "$work/$db.db" ] || continue
        [ "$(sql "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('hive', 'inspection_frames', 'inspection_hive_idx')")" = \
            "$(sqitch_changes 2>/dev/null || echo 0)" ] || wrong=$((wrong + 1))
        sqitch_shared up
        [ "$status" = 0 ] || wrong=$((wrong + 1))
    done
    is $wrong 0 "sqitch: killed, a run leaves database and registry as they belong together"
}

sqitch_refused_file() { # CODE TEXT NAME: up ends so, and nothing ran
    sqitch_shared up
    exits "$1" "sqitch: $3"
    like "$err" "registry of sqitch, .*/sqitch.db.*$2" "sqitch: which is said"
    is "$(sqlite3 "$work/$db.db" 'SELECT COUNT(*) FROM sqlite_master')" 0 "sqitch: and nothing ran"
}

sqitch_bad_files() {
    fresh_db
    sqitch_one 'CREATE TABLE a (id int);'
    mkdir "$(sqitch_file)"
    sqitch_refused_file 4 'folder' "a registry that is a folder"
    rmdir "$(sqitch_file)"
    printf 'this is no database, and long enough to be read as one; %0100d' 0 >"$(sqitch_file)"
    sqitch_refused_file 4 'not a database' "a registry that is no database"
    sqitch_shared status
    exits 4 "sqitch: nor has status one"
    rm "$(sqitch_file)"
    for made in no yes; do
        sqlite3 "$(sqitch_file)" 'CREATE TABLE t (id int)'
        [ $made = no ] || layout_load "$(layout_dump sqitch)"
        printf '\003' | dd of="$(sqitch_file)" bs=1 seek=18 conv=notrunc 2>/dev/null # of a later SQLite
        sqitch_refused_file 2 'readonly' "a registry that cannot be written"
        rm "$(sqitch_file)"
    done
    sqitch_shared up
    exits 0 "sqitch: without it all is well"
}

# Somebody has the registry to himself, so that it cannot even be read.
sqitch_exclusive() {
    local holder
    fresh_db
    sqitch_one 'CREATE TABLE a (id int);'
    sqlite3 "$(sqitch_file)" 'CREATE TABLE t (id integer)'
    rm -f "$work/sqitch-holder" "$work/sqitch-held"
    mkfifo "$work/sqitch-holder"
    sqlite3 "$(sqitch_file)" <"$work/sqitch-holder" >"$work/sqitch-held" &
    holder=$!
    exec 7>"$work/sqitch-holder"
    printf "BEGIN EXCLUSIVE;\nSELECT 'held';\n" >&7
    wait_until 10 test -s "$work/sqitch-held"
    url="$url?busy_timeout=50"
    sqitch_shared up --lock-wait 100ms
    exits 5 "sqitch: a registry that somebody has to himself"
    like "$err" 'sqitch is at work' "sqitch: is waited for"
    sqitch_interrupted "a registry that somebody has to himself"
    exec 7>&-
    wait "$holder"
    rm "$work/sqitch-holder"
    sqitch_shared up
    exits 0 "sqitch: when it is free the change is deployed"
}

sqitch_adopted() {
    fresh_db
    layout_folder sqitch .
    layout_load "$(layout_dump sqitch)"
    sqitch_shared status
    like "$out" '^3 migrations: 3 applied' "sqitch: its own history can be looked at"
    printf '\nSELECT 1;\n' >>"$dir/deploy/hives.sql"
    dunlin -u "$url" -d "$dir" adopt
    exits 6 "sqitch: an edited script is not adopted"
    layout_folder sqitch .
    dunlin -u "$url" -d "$dir" adopt
    exits 0 "sqitch: adopt"
    up_as sqitch
    like "$out" '^done: 0 applied, 3 already applied' "sqitch: takes the history over"
    sqitch_shared up
    exits 6 "sqitch: then it is not shared any more"
}

# ---- all of it -------------------------------------------------------------------------------------

sqitch_all() {
    sqitch_plans
    sqitch_pragmas
    sqitch_commands
    sqitch_reworked_own
    if [ "$engine" = sqlite ]; then
        sqitch_beside
        sqitch_schema
        sqitch_all_names
        sqitch_private
        sqitch_session
        sqitch_together
        sqitch_killed
        sqitch_bad_files
        sqitch_exclusive
        sqitch_adopted
    fi
    sqitch_samples
    sqitch_ids
    sqitch_registry_name
    sqitch_reworked
    sqitch_projects
    sqitch_lock
    sqitch_hostile
}

if [ "$engine" = mariadb ]; then
    # A database for all: the cases have registries of their own, but for one.
    fresh_db
    sql 'DROP DATABASE IF EXISTS sqitch'
    layout_folder sqitch .
    sqitch_shared up
    exits 0 "sqitch: the registry is made where sqitch has it"
    is "$(sql 'SELECT COUNT(*) FROM sqitch.changes')" 3 "sqitch: in its database"
    sql 'DROP DATABASE sqitch'
    DUNLIN_LAYOUT_TABLE=changes sqitch_all
elif [ "$engine" = sqlite ]; then
    sqitch_in_folders
    sqitch_all
    eval "$sqitch_before"
else
    sqitch_all
fi
