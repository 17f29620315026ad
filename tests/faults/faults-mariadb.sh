#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A sample of what "make torture" tries in full: see run.
DUNLIN_TEST_FAULT_KINDS='up' \
    exec "$BASH" "${abs_top_srcdir:?}/tests/faults/run" mariadb alloc/331 net/7 wait/3 client/11
