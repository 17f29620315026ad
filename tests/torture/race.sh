#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# 32 runs at once, 50 times, on every engine and through PgBouncer.
# TORTURE_ENGINES names fewer engines.
. "${abs_top_srcdir:?}/tests/torture/lib.sh"
for engine in ${TORTURE_ENGINES:-sqlite postgres mariadb mysql}; do
    DUNLIN_TEST_RACE_RUNNERS=32 DUNLIN_TEST_RACE_ROUNDS=50 torture "$engine" race
done
DUNLIN_TEST_RACE_RUNNERS=32 DUNLIN_TEST_RACE_ROUNDS=50 torture_script tests/e2e/pgbouncer.sh
torture_end
