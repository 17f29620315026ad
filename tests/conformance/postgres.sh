# SPDX-License-Identifier: MIT
exec "${abs_top_srcdir:?}/tests/support/with-server" postgres \
    "${abs_top_builddir:?}/tests/conformance/conformance"
