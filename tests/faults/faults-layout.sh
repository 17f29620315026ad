#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same for a folder of another tool, whose text is rewritten before it runs; and where another
# tool has applied the folder already, and where memory runs out in a question that decides whether a
# migration runs.
DUNLIN_TEST_FAULT_KINDS="other elsewhere guarded" exec "$BASH" "${abs_top_srcdir:?}/tests/faults/run" sqlite alloc/29 read/7
