#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sslmode on PostgreSQL, with real certificates.
. "${abs_top_srcdir:?}/tests/support/tap.sh"
wanted=postgres
. "$abs_top_srcdir/tests/e2e/tls.sh"

if [ -n "$private" ]; then
    dunlin -u "$(at "$private" sslmode=disable)" -d migrations status
    exits 0 "another machine, in plain text"
    is "$(grep -c '^warning: the connection to 10.77.77.77 is not encrypted: ' <<<"$err")" 1 "is warned of, once"
    dunlin -u "$(at "$private" sslmode=disable)" -d migrations up --json
    is "$(grep -c '"event":"warning",.*is not encrypted' <<<"$out")" 1 "in JSON too"
    dunlin -u "$(at "$private" 'sslmode=disable&connect_timeout=30')" -d migrations status
    like "$err" '^warning: the connection to 10.77.77.77 is not encrypted: ' "and with a time limit"
    dunlin -u "$(at "$private" sslmode=require)" -d migrations status
    unlike "$err" 'not encrypted' "not with TLS"
    dunlin -u "$(at near.test "sslmode=disable&hostaddr=127.0.0.1")" -d migrations status
    exits 0 "the address counts, not the name"
    unlike "$err" 'not encrypted' "and a name for this machine is not warned of"
else
    diag "no network of our own: plain text to another machine is not tried"
fi
dunlin -u "$scheme://$user@/test?host=$DUNLIN_TEST_SOCKET&port=$port" -d migrations verify
exits $PLAIN "a socket has no TLS"
unlike "$err" 'not encrypted' "and needs none"
done_testing
