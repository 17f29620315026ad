#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
ENGINE=postgres
DRIVER=postgres
. "${abs_top_srcdir:?run by make check}/tests/conformance/run"
