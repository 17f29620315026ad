#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Passwords: not in arguments, output, JSON, errors or the history, however a connection or a
# statement fails; modules only from folders that nobody else can write. On SQLite, and where nobody
# listens.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
[[ " $DUNLIN_TEST_DRIVERS " == *" sqlite "* ]] || skip_all "the sqlite driver is not built"
mkdir migrations
echo 'CREATE TABLE t (id integer);' >migrations/1_t.sql

silent() { # NAME TEXT: the last run printed nothing of it
    unlike "$out$err" "$2" "$1: not printed"
}

# Each kind of failure, with passwords that look like other parts of a URL.
for scheme in postgres mysql; do
    [[ " $DUNLIN_TEST_DRIVERS " == *" $scheme "* ]] || continue
    for password in geheim 'ge:heim' 'a@geheim' 'geheim%2Fx' 'geheim%25%20%22' "geheim'x" 'geheim?x=1' \
        'geheim#x' 'x/geheim' '%zzgeheim' 'geheim%0a' '[geheim]' 'geheim%'; do
        for rest in '127.0.0.1:1/db?connect_timeout=2' '127.0.0.1:99999/db' '127.0.0.1:1/db?sslmod=x' \
            '127.0.0.1:1/db?sslmode=x' 'no such host/db' '127.0.0.1:1/db?password=geheim'; do
            for form in "-v" "-vv --json" "wait --timeout 1ms" "create" "drop --yes"; do
                case $form in
                -*) command="up $form" ;;
                *) [ "$password" = geheim ] || continue; command=$form ;;
                esac
                run "$DUNLIN" -u "$scheme://user:$password@$rest" -d migrations $command
                if [ "$status" != 4 ] && [ "$status" != 78 ] || grep -q geheim .out .err; then
                    tap_result not "$command on $scheme://user:$password@$rest"
                    show_run
                fi
            done
        done
    done
    tap_result ok "$scheme: no password is printed, whatever is wrong with the URL"
done
DATABASE_URL='postgres://u:geheim%zz@h/d' dunlin up
silent "a broken URL in DATABASE_URL" geheim
echo 'DATABASE_URL="nonsense:geheim"' >.env
dunlin up -vv --json
silent "a broken URL in .env" geheim
printf 'url = postgres://u:geheim@h:port/d\n' >dunlin.conf
rm .env
dunlin up
silent "a broken URL in dunlin.conf" geheim
rm dunlin.conf

# What the process and its children show. The program gets DATABASE_URL: that is what it is for.
cat >migrations/2_program.sh <<'SH'
#!/bin/sh
tr '\0' ' ' <"/proc/$PPID/cmdline" >arguments
tr '\0' ' ' <"/proc/$$/cmdline" >own-arguments
env >environment
SH
chmod +x migrations/2_program.sh
if [ -r /proc/self/cmdline ]; then
    printf -- '-- migrate:up substitute:on\nCREATE TABLE s (n text DEFAULT ${lit:word});\n' >migrations/3_s.sql
    dunlin -u "sqlite:$work/urlgeheim.db" up --allow-exec --set 'word=setgeheim' --set=other=setgeheim
    exits 0 "a program and a placeholder"
    unlike "$(cat migrations/arguments migrations/own-arguments)" geheim "no URL and no value in any arguments"
    like "$(cat migrations/arguments)" '--set word=\*+ --set=other=\*+' "values are overwritten, names stay"
    is "$(grep -c geheim migrations/environment)" "$(grep -c ^DATABASE_URL= migrations/environment)" \
        "the program's environment has the URL in DATABASE_URL only"
    rm migrations/3_s.sql
fi
rm -f migrations/2_program.sh migrations/arguments migrations/own-arguments migrations/environment

# Passwords in statements.
export DUNLIN_URL=sqlite:app.db
rm -f app.db
cat >migrations/4_user.sql <<'SQL'
CREATE TABLE u (id integer);
CREATE USER 'joe'@'%' IDENTIFIED BY 'geheim1' PASSWORD EXPIRE; -- PASSWORD 'geheim2'
SQL
for form in '' '-v' '-vv' '--json' '-vv --json' '--log-format timestamp'; do
    dunlin up $form
    exits 2 "up $form: a statement with a password fails"
    silent "up $form" geheim
    like "$out$err" "IDENTIFIED BY '\*\*\*'" "up $form: the rest of the line is"
done
dunlin status --json
silent "the history" geheim
cat >migrations/4_user.sql <<'SQL'
BEGIN;
ALTER ROLE joe PASSWORD 'geheim3'; COMMIT; SELECT 'geheim
SQL
dunlin up
exits 65 "a file that cannot be parsed"
rm migrations/4_user.sql
printf "INSERT INTO t SELECT 1 WHERE 'geheim' <> 'password';\nUPDATE t SET id = 2 WHERE 'password' = 'geheim4';" \
    >migrations/4_v.sql
dunlin up -vv
exits 0 "statements that are told"
silent "up -vv" geheim4

# A path is a path, and a statement loads no code.
mkdir paths
cp migrations/1_t.sql paths/
dunlin -u 'sqlite:file:a.db%3Fmode=memory&vfs=x' -d paths up
exits 0 "a path that looks like a URI"
ok "is a file of that name" test -s 'file:a.db?mode=memory&vfs=x'
dunlin -u 'sqlite:file:b.db?mode=rw' -d paths up
exits 4 "and mode=rw is ours"
echo "SELECT load_extension('/nonexistent.so');" >paths/2_load.sql
dunlin -u sqlite:ext.db -d paths up
like "$err" 'not authorized' "no extension is loaded"

# A module is code: it comes from the environment only where the program has no more rights than its
# caller.
setuid_program() { # linked so that no variable is needed to find the library, which would not count
    "$abs_top_builddir/libtool" --silent --tag=CC --mode=link $CC -no-install -o bin/dunlin \
        "$abs_top_builddir/src/cli/dunlin-main.o" "$abs_top_builddir/libdunlin-cli.la" \
        "$abs_top_builddir/libdunlin.la" >/dev/null 2>&1 && chmod 4755 bin/dunlin
}
as_nobody() {
    run setpriv --reuid=65534 --regid=65534 --clear-groups env DUNLIN_DRIVER_PATH="$work/drivers" \
        "$work/bin/dunlin" drivers
}
mkdir bin drivers
chmod 755 "$work" bin drivers
if [ "$(id -u)" != 0 ] || ! setpriv --help 2>&1 | grep -q reuid || ! setuid_program; then
    diag "only root can make a setuid program, and have another user start it"
elif cp "$DUNLIN_DRIVER_PATH/sqlite.so" drivers/ && chmod u-s bin/dunlin && as_nobody && [ "$status" != 0 ]; then
    diag "the build is closed to other users: no setuid program is tried"
else
    like "$out" "^  path +$work/drivers/sqlite.so$" "DUNLIN_DRIVER_PATH counts for any user"
    chmod u+s bin/dunlin
    as_nobody
    unlike "$out" "$work/drivers" "but not for a setuid program"
fi
done_testing
