#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A folder is written anew, and its history with it, while calls fail.
DUNLIN_TEST_FAULT_KINDS=convert \
    exec "$BASH" "${abs_top_srcdir:?}/tests/faults/run" sqlite own/29 read/2 write/11 client/7
