#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A thousand kills of the client at a moment, one at each event and before each call, and 200 of the
# server, on every engine.
# TORTURE_ENGINES names fewer engines.
. "${abs_top_srcdir:?}/tests/torture/lib.sh"
for engine in ${TORTURE_ENGINES:-sqlite postgres mariadb mysql}; do
    # A third for each way, which is more than there are events and calls: each of them.
    DUNLIN_TEST_KILL_TRIALS=3000 DUNLIN_TEST_CRASH_TRIALS=200 torture "$engine" kill
done
torture_end
