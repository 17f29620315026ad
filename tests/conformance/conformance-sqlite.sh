#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
ENGINE=sqlite
DRIVER=sqlite
. "${abs_top_srcdir:?run by make check}/tests/conformance/run"
