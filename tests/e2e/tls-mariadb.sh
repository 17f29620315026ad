#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sslmode on MariaDB, with real certificates.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
wanted=mariadb
. "$abs_top_srcdir/tests/e2e/tls.sh"

mode 78 127.0.0.1 sslmode=verify-ca "verify-ca needs sslrootcert"
MARIADB_TLS_DISABLE_PEER_VERIFICATION=1 mode 78 127.0.0.1 "sslmode=verify-full&$ca" \
    "the variable that switches verification off is not overlooked"
if [ -n "$private" ]; then
    admin "CREATE USER root@'%'; GRANT ALL ON *.* TO root@'%'"
    dunlin -u "$(at "$private" sslmode=disable)" -d migrations status
    exits 0 "another machine, in plain text"
    is "$(grep -c '^warning: the connection to 10.77.77.77 is not encrypted: ' <<<"$err")" 1 "is warned of, once"
    dunlin -u "$(at "$private" sslmode=require)" -d migrations status
    unlike "$err" 'not encrypted' "not with TLS"
else
    diag "no network of our own: plain text to another machine is not tried"
fi
dunlin -u "$scheme://$user@localhost/test?socket=$DUNLIN_TEST_SOCKET&sslmode=disable" -d migrations verify
exits $PLAIN "a socket"
unlike "$err" 'not encrypted' "needs no TLS"
done_testing
