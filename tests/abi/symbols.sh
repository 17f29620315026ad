# SPDX-License-Identifier: MIT
# What the built objects show to the world: a driver module its one entry function, and nothing of
# dunlin taken from outside; the library exactly the functions that dunlin.h declares.
. "${abs_top_srcdir:?}/tests/support/tap.sh"

needs_command nm
[ "$(uname)" != Darwin ] || skip_all "the symbols of ELF objects"

defined() { # OBJECT
    nm -D -P "$1" | awk '$2 ~ /^[TDBRVWi]$/ { sub("@.*", "", $1); print $1 }' | LC_ALL=C sort
}

undefined() {
    nm -D -P "$1" | awk '$2 ~ /^[Uvw]$/ { sub("@.*", "", $1); print $1 }' | LC_ALL=C sort
}

modules=0
for module in "${abs_top_builddir:?}"/drivers/.libs/*.so; do
    [ -e "$module" ] || continue
    modules=$((modules + 1))
    name=$(basename "$module")
    is "$(defined "$module")" dunlin_driver_entry_v1 "$name exports its entry function only"
    is "$(undefined "$module" | grep '^dunlin_')" "" "$name needs no symbol of dunlin"
done

library=$abs_top_builddir/.libs/libdunlin.so
if [ -e "$library" ]; then
    declared=$(sed -nE '/^DUNLIN_API/ { s/^DUNLIN_API .*[ *](dunlin_[a-z_]+)\(.*/\1/p; }' \
        "$abs_top_srcdir/include/dunlin/dunlin.h" | LC_ALL=C sort)
    is "$(defined "$library")" "$declared" "libdunlin exports what dunlin.h declares"
elif [ "$modules" = 0 ]; then
    skip_all "a static build has no symbols to show"
fi
done_testing
