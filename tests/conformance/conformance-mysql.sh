#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
ENGINE=mysql
DRIVER=mysql
. "${abs_top_srcdir:?run by make check}/tests/conformance/run"
