# SPDX-License-Identifier: MIT
# Takes the place of all unit tests where cmocka is absent, so that the summary tells of it.
echo "1..0 # SKIP unit tests: cmocka is not installed"
