# SPDX-License-Identifier: MIT
# Each public header compiles alone, as strict C99 and as C++11.
. "${abs_top_srcdir:?}/tests/support/tap.sh"

compiles() { # COMPILER LANGUAGE STANDARD HEADER
    printf '#include <dunlin/%s>\n#include <dunlin/%s>\nextern int nothing;\n' "$4" "$4" |
        $1 -x "$2" -std="$3" -pedantic -Wall -Wextra -Werror -fsyntax-only \
            -I"$abs_top_srcdir/include" -
}

cxx=
for cxx in "${CXX:-c++}" g++ clang++ none; do
    command -v "$cxx" >/dev/null && break
done
if [ "$cxx" = none ] && [ "${DUNLIN_TEST_REQUIRE:-0}" = 1 ]; then
    skip_all "no C++ compiler"
fi
for header in "$abs_top_srcdir"/include/dunlin/*.h; do
    header=$(basename "$header")
    ok "$header alone is C99" compiles "${CC:-cc}" c c99 "$header"
    if [ "$cxx" = none ]; then
        diag "no C++ compiler: $header is not tried as C++"
    else
        ok "$header alone is C++11" compiles "$cxx" c++ c++11 "$header"
    fi
done
done_testing
