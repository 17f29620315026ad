#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where settings come from: arguments, environment, .env and config file. On SQLite.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
[[ " $DUNLIN_TEST_DRIVERS " == *" sqlite "* ]] || skip_all "the sqlite driver is not built"
mkdir migrations other
echo 'CREATE TABLE t (id integer);' >migrations/1_t.sql

# opens FILE NAME [ARGUMENT...]: up works on that database.
opens() {
    local file=$1 name=$2
    shift 2
    rm -f ./*.db
    dunlin up "$@"
    exits 0 "$name"
    is "$(ls ./*.db)" "./$file.db" "$name: opens $file"
}

echo 'url = sqlite:conf.db
[env prod]
url = sqlite:section.db
[env none]' >dunlin.conf
opens conf "config file"
opens section "a section" -E prod
opens conf "an empty section" --env none
echo 'DATABASE_URL=sqlite:dotenv2.db' >.env
opens dotenv2 ".env before the config file" -E prod
echo "export DUNLIN_URL='sqlite:dotenv1.db' # comment" >>.env
opens dotenv1 ".env: DUNLIN_URL before DATABASE_URL"
export DATABASE_URL=sqlite:env2.db
opens env2 "the environment before .env"
export DUNLIN_URL=sqlite:env1.db
opens env1 "DUNLIN_URL before DATABASE_URL"
opens flag "an argument before all" -u sqlite:flag.db
unset DATABASE_URL DUNLIN_URL
echo 'DUNLIN_URL=sqlite:named.db' >other/vars
opens named "--env-file" --env-file other/vars
DUNLIN_ENV_FILE=other/vars opens named "DUNLIN_ENV_FILE"
rm .env
echo 'url = sqlite:other.db' >other/d.conf
opens other "--config" -c other/d.conf
DUNLIN_CONFIG=other/d.conf opens other "DUNLIN_CONFIG"
DUNLIN_ENV=prod opens section "DUNLIN_ENV"

# Nothing in .env is executed or expanded.
echo 'DUNLIN_URL=sqlite:$(touch hacked)`touch hacked`.db' >.env
dunlin up
not_ok "commands in .env are not run" test -e hacked
rm -f .env ./*.db ./*.db-* ./*'`'*

refuses() { # TEXT NAME ARGUMENT...
    local text=$1 name=$2
    shift 2
    dunlin status "$@"
    exits 78 "$name"
    like "$err" "$text" "$name: says why"
}
refuses '^error: dunlin.conf: there is no section \[env prd\]$' "an unknown section" -E prd
echo 'ulr = x' >dunlin.conf
refuses '^error: dunlin.conf:1: unknown key "ulr"$' "an unknown key"
like "$err" '^hint: did you mean "url"\?$' "an unknown key: proposes one"
printf '# comment\nlock-wait = 60\n' >dunlin.conf
refuses '^error: dunlin.conf:2: lock-wait must be a duration' "a wrong value"
echo 'to = 3' >dunlin.conf
refuses '^error: dunlin.conf:1: unknown key "to"$' "an option of one command"
echo 'url = sqlite:x.db' >dunlin.conf
chmod o+w dunlin.conf
refuses '^error: dunlin.conf can be written by everybody$' "a file that everybody can write"
rm dunlin.conf
echo 'what is this' >.env
refuses '^error: .env:1: expected NAME=value$' "a broken .env"
printf 'A=1\nDUNLIN_COLOR=blue\n' >.env
refuses '^error: .env:2: DUNLIN_COLOR must be auto or always or never, not "blue"$' "a wrong value in .env"
rm .env
DUNLIN_COLOR=blue refuses '^error: DUNLIN_COLOR must be ' "a wrong value in the environment"
refuses '^error: cannot read none: No such file or directory$' "a config file that is not there" -c none
refuses '^error: cannot read none: No such file or directory$' "an env file that is not there" --env-file none
[ ! -r /proc/self/mem ] ||
    refuses '^error: cannot read /proc/self/mem: Input/output error$' "a file that cannot be read" -c /proc/self/mem

export DUNLIN_URL=sqlite:app.db
echo 'CREATE TABLE o (id integer);' >other/1_o.sql
DUNLIN_DIR=main=migrations:second=other run "$DUNLIN" up
like "$out" '^applied   second/1_o ' "DUNLIN_DIR holds several folders"
DUNLIN_QUIET=yes run "$DUNLIN" up
is "$out" "" "DUNLIN_QUIET=yes"
DUNLIN_QUIET=no run "$DUNLIN" up
like "$out" '^done: ' "DUNLIN_QUIET=no"
dunlin up -t main.elsewhere -u sqlite:table.db
exits 0 "--table with a schema"
done_testing
