#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is too large to be sent at once: the waits in between fail, over a connection that is whole.
DUNLIN_TEST_FAULT_KINDS=large exec "$BASH" "${abs_top_srcdir:?}/tests/faults/run" postgres wait/2
