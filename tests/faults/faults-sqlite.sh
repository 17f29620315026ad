#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A sample of what "make torture" tries in full: see run.
DUNLIN_TEST_FAULT_KINDS='up hooks json down' \
    exec "$BASH" "${abs_top_srcdir:?}/tests/faults/run" sqlite alloc/151 alloc+/311 own/23 read/17 read+/29 write/9 write+/17 client/2 client+/23
