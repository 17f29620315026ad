#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A MySQL server that wants the client's files and passwords gets neither.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
[[ " $DUNLIN_TEST_DRIVERS " == *" mysql "* ]] || skip_all "the mysql driver is not built"
mkdir migrations
echo "LOAD DATA LOCAL INFILE 'mine.csv' INTO TABLE t;" >migrations/1_load.sql
echo 'SELECT 1;' >migrations/2_select.sql
seq 1000 >mine.csv

hostile() { # ARGUMENT...
    rm -f told
    "$abs_top_builddir/tests/support/hostile-mysql" "$@" >told 2>&1 &
    server=$!
    wait_until 20 test -s told
    port=$(head -n 1 told)
}

stop() {
    kill "$server"
    wait "$server" 2>/dev/null
}

hostile infile /etc/passwd
for command in status up check verify plan "mark 1 applied --yes" "down --all --yes" wait; do
    dunlin -u "mysql://u:hunter2@127.0.0.1:$port/test" -d migrations $command
    unlike "$out$err" 'root:' "$command: no file is shown"
done
like "$(cat told)" '^query$' "it was asked"
like "$(cat told)" '^file 0$' "it asked for a file"
unlike "$(cat told)" '^file [1-9]' "and was never given one"
stop

hostile infile "$work/mine.csv"
dunlin -u "mysql://u@127.0.0.1:$port/test" -d migrations up
unlike "$(cat told)" '^file [1-9]' "nor one that a migration names"
stop

hostile clear
for mode in disable prefer require; do
    dunlin -u "mysql://u:hunter2@127.0.0.1:$port/test?sslmode=$mode" -d migrations status
    exits 4 "sslmode=$mode: the password in clear text is refused"
done
like "$(cat told)" '^login$' "it was talked to"
unlike "$(cat told)" hunter2 "and was not told the password"
unlike "$out$err" hunter2 "nor is it printed"
stop

# Who is to prove who he is proves it first.
hostile clear
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=ca 2>/dev/null
for mode in verify-ca verify-full; do
    dunlin -u "mysql://u:hunter2@127.0.0.1:$port/test?sslmode=$mode&sslrootcert=$work/ca.crt" -d migrations status
    exits 4 "sslmode=$mode: a server without TLS is refused"
done
like "$(cat told)" '^connected$' "it was connected to"
unlike "$(cat told)" '^login$' "and not even told the user"
stop
done_testing
