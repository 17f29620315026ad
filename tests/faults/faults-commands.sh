#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The commands beside up and down: where memory runs out while they look at files and at what the history
# keeps, and decide with it.
DUNLIN_TEST_FAULT_KINDS='listed drift gone markapplied ready dumped' DUNLIN_TEST_FAULT_FROM=27 \
    exec "$BASH" "${abs_top_srcdir:?}/tests/faults/run" sqlite own/5
