# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
#
# The lexer's speed, and instruction counts by callgrind, which do not depend on what else the
# machine does: the lexer for a megabyte of text, and a whole run with nothing pending. A line of
# $counted each: what, number, unit.

counted="$data/counted-$engine.tsv"
: >"$counted"

note() { # WHAT NUMBER UNIT
    [ -n "$2" ] || die "nothing measured: $1"
    printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$counted"
}

instructions() { # [NAME=VALUE...] COMMAND...
    local variables=()
    while [[ $1 == *=* ]]; do
        variables+=("$1")
        shift
    done
    env "${variables[@]}" valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" \
        2>&1 </dev/null | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

# A text of at least so many megabytes, in $text.
lexer_text() { # small|insert|copy MEGABYTES
    text="$scratch/lexer-$1-$2.sql"
    [ ! -f "$text" ] || return 0
    if [ "$1" = small ]; then
        use_workload small "$migrations"
        awk -v bytes="${2}000000" '{ line[NR] = $0 } END {
            while (n < bytes)
                for (i = 1; i <= NR; i++) {
                    print line[i]
                    n += length(line[i]) + 1
                }
        }' "$folder/client.sql" >"$text"
    else
        bash "$bench/workload-seed.sh" "$2" "$1" "$text" >/dev/null
    fi || die "cannot make text for the lexer"
}

lexer_instructions() { # KIND: for each megabyte, without what starting the program costs
    local less more size
    lexer_text "$1" 1
    less=$(instructions "$builddir/bench/lexer-bench" "$engine" "$text")
    size=$(stat -c %s "$text")
    lexer_text "$1" 3
    more=$(instructions "$builddir/bench/lexer-bench" "$engine" "$text")
    awk -v a="$less" -v b="$more" -v bytes="$(($(stat -c %s "$text") - size))" \
        'BEGIN { if (a && b) printf "%.1f", (b - a) / bytes }'
}

lexer_speed() { # KIND: the median, in MB/s
    local i seconds statements
    lexer_text "$1" 30
    for ((i = 0; i < pairs; i++)); do
        statements=$("$builddir/bench/measure" "$scratch/result" \
            "$builddir/bench/lexer-bench" "$engine" "$text") || die "lexer-bench failed"
        [ "$statements" -gt 1 ] || die "lexer-bench saw only $statements statements"
        read -r seconds _ <"$scratch/result"
        echo "$seconds"
    done | sort -n | awk -v bytes="$(stat -c %s "$text")" '{ t[NR] = $1 } END {
        printf "%.0f", bytes / 1e6 / t[int((NR + 1) / 2)]
    }'
}

kinds='small insert'
[ "$engine" != postgres ] || kinds='small insert copy'
say "$engine: $question"
for kind in $kinds; do
    note "lexer: $kind" "$(lexer_speed "$kind")" 'MB/s'
    ! command -v valgrind >/dev/null ||
        note "lexer: $kind" "$(lexer_instructions "$kind")" 'instructions a byte'
done
if command -v valgrind >/dev/null; then
    use_workload small 10
    fresh_db_for dunlin
    unmeasured dunlin || die "dunlin failed on $engine"
    command_dunlin
    note 'run with nothing pending' "$(instructions "${cmd[@]}")" instructions
fi
