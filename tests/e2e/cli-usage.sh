#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Arguments: what is refused, with which exit code, and where it is told. Needs no database.
. "${abs_top_srcdir:?}/tests/support/tap.sh"

refuses() { # EXIT TEXT ARGUMENT...: that exit code, TEXT on standard error, and nothing else
    local code=$1 text=$2
    shift 2
    dunlin "$@"
    exits "$code" "dunlin $*: exit code $code" &&
        is "$out" "" "dunlin $*: nothing on standard output"
    like "$err" "$text" "dunlin $*: says why"
}

refuses 64 '^error: no command is given$'
refuses 64 '^error: unknown option --nope$' up --nope
refuses 64 '^hint: did you mean --format\?$' up --formta json
refuses 64 '^error: unknown command "upp"$' upp
refuses 64 '^hint: did you mean "status"\?$' stauts
refuses 64 '^hint: .*"dunlin new NAME"$' create users
refuses 64 "^error: --dialect is for check --no-db" check --dialect sqlite
refuses 64 '^error: --dialect is for convert --no-db' convert --to new --dialect sqlite -u sqlite:app.db
refuses 64 '^error: --tolerate takes exists, missing, or exists,missing$' up -u sqlite:app.db --tolerate exists,all
refuses 64 '^error: "up" has no option --no-db$' up --no-db
refuses 64 '^error: "status" has no option --all$' status --all
refuses 64 '^error: too many arguments for "up"$' up 1 2
refuses 64 '^error: only one of \[N \| --to VERSION \| --only VERSION\] can be given$' up 1 --to 2
refuses 64 '^hint: a version is given with --to 0003$' up 0003
refuses 64 '^error: "0" is not a number of migrations$' up 0
refuses 64 '^error: "new" needs NAME$' new
refuses 64 '^error: only one of --timestamp and --seq can be given$' new x --seq --timestamp
refuses 64 '^error: --lock-wait must be a duration' up --lock-wait 60
refuses 64 '^error: --dry-run can be plan or execute, not "nope"$' up --dry-run=nope
refuses 64 '^error: --set must be NAME=VALUE$' up --set secret
refuses 64 '^error: "up" has no option --execute$' up --execute
refuses 64 '^error: unknown command "nope"$' help nope
refuses 78 '^error: no database is given$' up
like "$err" '^next: dunlin --url' "no database: tells what to type"
refuses 78 '^error: no database is given$' create
refuses 78 '^error: no database is given$' drop --yes
refuses 78 '^error: no database is given$' wait
refuses 78 '^error: no database is given$' mark 1 applied
refuses 64 '^error: a migration is marked as applied, pending or failed, not "done"$' mark 1 done

# A URL in the wrong place is not repeated: it may hold a password.
refuses 64 '^error: a URL is not a command$' postgres://u:secret@h/d up
unlike "$err" secret "the password is not printed"

dunlin up --nope --json
is "$out" '{"v":1,"event":"error","error":{"message":"unknown option --nope","exit_code":64,"kind":"usage","next":"dunlin help"}}' \
    "up --json tells of a wrong option as an event"
is "$err" "" "and on standard output only"
dunlin --json --nope status
is "$out" '{"v":1,"error":{"message":"unknown option --nope","exit_code":64,"kind":"usage","next":"dunlin help"}}' \
    "status --json as a document"

version=$(sed -n 's/^#define DUNLIN_VERSION "\(.*\)"$/\1/p' \
    "$abs_top_srcdir/include/dunlin/version.h")
for arguments in version -V --version "up --version"; do
    dunlin $arguments
    is "$status $out" "0 dunlin $version" "dunlin $arguments"
done
dunlin version -v
like "$out" '^driver ABI [0-9]+\.[0-9]+$' "version -v tells the driver interface"
dunlin version --json
like "$out" "^\{\"v\":1,\"version\":\"$version\",\"driver_abi\":\"[0-9.]+\"\}$" "version --json"

dunlin help
exits 0 "help"
is "$(awk 'length > 80' "$work/.out")" "" "help fits 80 columns"
overview=$out
dunlin --help
is "$out" "$overview" "--help is the same"
for command in up down check verify switch convert renumber to redo baseline mark resume create drop wait status plan new drivers version help; do
    dunlin help $command
    exits 0 "help $command"
    is "$(awk 'length > 80' "$work/.out")" "" "help $command fits 80 columns"
    text=$out
    dunlin $command --help
    is "$out" "$text" "$command --help is the same"
done
# A broken config file must not keep the help from its reader.
echo 'nonsense' >dunlin.conf
dunlin help
exits 0 "help does not read the config file"
dunlin version
exits 0 "version does not either"
done_testing
