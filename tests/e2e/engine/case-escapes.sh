# SPDX-License-Identifier: MIT
# What servers say may hold anything that somebody could put into a name or a row. It is shown, and
# moves no cursor, sets no title, and is no command to what collects the log.

strange() { # FILE: bytes beyond ASCII text and the ellipsis of a line that was cut
    sed $'s/\342\200\246//g' "$1" | LC_ALL=C tr -d '\011\012\040-\176' | wc -c | tr -d ' '
}

harmless() { # NAME
    is "$(strange "$work/.out")" 0 "$1: standard output is plain text"
    is "$(strange "$work/.err")" 0 "$1: standard error is plain text"
    unlike "$out$err" '##(\[|vso)' "$1: no command in the line"
    unlike "$out
$err" '^[[:blank:]]*::' "$1: no command at the start of a line"
}

evil=$(printf '\033]8;;http://x\007 \033[2K\302\233A\342\200\256')

fresh_db
case $engine in
postgres) quoted="\"$evil##vso[x]\"" ;;
*) quoted="\`$evil##vso[x]\`" ;;
esac
printf 'CREATE TABLE t (id integer);\nINSERT INTO %s VALUES (1);' "$quoted" | file 1_evil.sql
for form in '' -v -vv '--log-format timestamp'; do
    up $form
    [ "$status" = 2 ] || [ "$status" = 3 ] || tap_result not "up $form: fails"
    harmless "a name in an error, $form"
done
dunlin -u "$url" -d "$dir" status
harmless "status after it"
rm "$dir/1_evil.sql"

if [ "$engine" = postgres ]; then
    fresh_db
    { cat <<SQL
DO \$\$BEGIN
  RAISE NOTICE E'%\r\n::set-output name=x::y\n  ::add-mask::z\n##[group]g', '$evil';
  RAISE WARNING '::error::x';
  RAISE EXCEPTION E'::error::%\n::stop-commands::x', '$evil' USING DETAIL = E'::warning::d\n ::x', HINT = '::debug::h';
END\$\$;
SQL
    } | file 1_raise.sql
    for form in '' -vv '--log-format timestamp'; do
        up $form
        exits 2 "an exception $form"
        harmless "what a server raises, $form"
    done
    up --json
    harmless "what a server raises, JSON"

    # Before it lets the client in a server may say something, too.
    sql "UPDATE pg_database SET datcollversion = '0' WHERE datname = current_database()"
    dunlin -u "$url" -d "$dir" status
    exits 0 "a server that warns while connecting"
    is "$(grep -c '^warning: .*version' <<<"$err")" 1 "its warning is told as one, once"
    is "$(wc -l <"$work/.err" | tr -d ' ')" 1 "and nothing else is"
    dunlin -u "$url" -d "$dir" status --json
    is "$err" "" "JSON: nothing on standard error"
    dunlin -u "$url?connect_timeout=30" -d "$dir" status
    is "$(grep -c '^warning: .*version' <<<"$err")" 1 "also with a time limit for connecting"
fi
