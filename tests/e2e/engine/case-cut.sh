# SPDX-License-Identifier: MIT
# The network breaks once the client has sent so many bytes: those reach the server, which may act on
# them, and no answer comes back. History and schema agree afterwards, and up finishes the job.
# DUNLIN_TEST_CUT_STEP=N cuts after every N-th byte that a run sends, in place of a few.
cut_run() { # BYTES: leaves in $cut_sent what the run sent through the proxy
    local port pid
    rm -f "$work/cut.report"
    mkfifo "$work/cut.port"
    "$PROXY" "$(url_part host)" "$(url_part port)" "$work/cut.report" "$1" >"$work/cut.port" &
    pid=$!
    read -r port <"$work/cut.port"
    rm "$work/cut.port"
    dunlin -u "$(printf %s "$url" | sed "s/:$(url_part port)\//:$port\//")" -d "$dir" up
    kill -HUP "$pid"
    wait "$pid"
    cut_sent=$(sed 's/.* sent=\([0-9]*\).*/\1/' "$work/cut.report")
}

cut_once() { # BYTES
    local wrong=
    marks_empty
    cut_run "$1"
    cut_codes="$cut_codes $status"
    case $status in
    # Where the last answer is lost, the history tells that everything was carried out.
    0) [ "$(marks_state | awk '$1 == "H" && $3 == "applied"' | wc -l)" = "$marks_total" ] ||
        wrong="; the run ended with 0" ;;
    2 | 3 | 4) ;;
    *) wrong="; the run ended with $status: $err" ;;
    esac
    marks_finish
    [ -z "$wrong" ] || diag "cut after $1: ${wrong#; }"
    [ -z "$wrong" ]
}

if [ "$engine" != sqlite ]; then
    . "$abs_top_srcdir/tests/e2e/engine/marks.sh"
    marks_begin 05_large.sql
    cut_failed=0 cut_codes=
    cut_run 0
    exits 0 "cut: a run of $marks_total migrations that is left alone"
    cut_total=$cut_sent
    if [ -n "${DUNLIN_TEST_CUT_STEP:-}" ]; then
        cut_places=$(seq 1 "$DUNLIN_TEST_CUT_STEP" "$cut_total")
    else
        cut_places=$(marks_some 12 "$cut_total")
    fi
    for cut_place in $cut_places; do
        cut_once "$cut_place" || cut_failed=$((cut_failed + 1))
    done
    is "$cut_failed" 0 "cut: nothing is lost, and nothing ran twice"
    diag "a run sends $cut_total bytes; cut at $marks_trials places; decisions: $marks_decisions"
    diag "exit codes: $(printf '%s\n' $cut_codes | sort | uniq -c | awk '{ printf "%s times %s, ", $1, $2 }')"

    # Around the COMMIT of a single migration, whose answer is lost: the exit code is true, and says
    # 0 where it was carried out.
    fresh_db
    url="$url?sslmode=disable" # so that a run always sends the same number of bytes
    printf 'CREATE TABLE m1_1 (id integer);\n' >"$dir/1_m.sql"
    cut_run 0
    cut_total=$cut_sent cut_failed=0 cut_told=0
    for cut_place in $(seq $((cut_total - 95)) $((cut_total - 55))); do
        marks_empty
        cut_run "$cut_place"
        cut_state=$(marks_state | grep -c applied)
        case "$status $cut_state" in
        '0 1' | '2 0' | '3 0' | '4 0') ;;
        *)
            cut_failed=$((cut_failed + 1))
            diag "cut after $cut_place of $cut_total: exit code $status, applied $cut_state: $err"
            ;;
        esac
        ! printf '%s' "$err" | grep -q 'the history, read again, says that everything was done' ||
            cut_told=$((cut_told + 1))
    done
    is "$cut_failed" 0 "cut: the exit code tells whether the migration is applied"
    ok "cut: also where the answer to COMMIT is lost: $cut_told times" test "$cut_told" -gt 0
fi
