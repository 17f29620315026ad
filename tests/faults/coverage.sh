#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# For "make coverage": each allocation of our own fails, and a part of the other calls, so that the
# lines behind them count. Some minutes.
faults=$abs_top_srcdir/tests/faults
failed=0
"$BASH" "$faults/samples.sh" own read/3 client/3 || failed=1
DUNLIN_TEST_FAULT_KINDS='up hooks other elsewhere down convert status plan check verify' \
    "$BASH" "$faults/run" sqlite own read/3 write/3 client/3 || failed=1
DUNLIN_TEST_FAULT_KINDS='json list' "$BASH" "$faults/run" sqlite own/3 || failed=1
DUNLIN_TEST_FAULT_KINDS='listed rehearse drift switch redo resume dumped baseline renumber new pair create drop ready' \
    "$BASH" "$faults/run" sqlite own read/3 write/3 client/3 || failed=1
for engine in postgres mariadb; do
    DUNLIN_TEST_FAULT_KINDS=up "$BASH" "$faults/run" "$engine" own/3 net/3 wait client/3 || failed=1
done
exit "$failed"
