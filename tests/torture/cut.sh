#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The network breaks after every byte that a run sends.
# TORTURE_ENGINES names fewer engines.
. "${abs_top_srcdir:?}/tests/torture/lib.sh"
for engine in ${TORTURE_ENGINES:-postgres mariadb mysql}; do
    DUNLIN_TEST_CUT_STEP=${DUNLIN_TEST_CUT_STEP:-1} \
        DUNLIN_TEST_CUT_WORKERS=${DUNLIN_TEST_CUT_WORKERS:-$(getconf _NPROCESSORS_ONLN)} torture "$engine" cut
done
torture_end
