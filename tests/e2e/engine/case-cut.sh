# SPDX-License-Identifier: MIT
# The network breaks once the client has sent so many bytes: those reach the server, which may act on
# them, and no answer comes back. History and schema agree afterwards, and up finishes the job.
# DUNLIN_TEST_CUT_STEP=N cuts after every N-th byte that a run sends, in place of a few;
# DUNLIN_TEST_CUT_WORKERS=N does so many trials at a time, each worker on a database of its own.
# DUNLIN_TEST_CUT_PLACES="N N..." are the bytes of a failure, to try again.

# ---- a proxy that stays, and is told where to cut the next connection ------------------------

cut_proxy_begin() {
    rm -f "$work/cut.port" "$work/cut.at"
    mkfifo "$work/cut.port" "$work/cut.at"
    "$PROXY" "$(url_part host)" "$(url_part port)" "$work/cut.report" - <"$work/cut.at" >"$work/cut.port" &
    cut_proxy=$!
    exec 5>"$work/cut.at" 6<"$work/cut.port"
    read -r cut_port <&6
}

cut_proxy_end() { # leaves in $cut_sent what went through it
    kill -HUP "$cut_proxy" # the end of its input may be held open by other children
    wait "$cut_proxy"
    exec 5>&- 6<&-
    cut_sent=$(sed 's/.* sent=\([0-9]*\).*/\1/' "$work/cut.report")
}

cut_run() { # BYTES [COMMAND]: 0 cuts nothing
    local url=${url/:$cut_server_port\//:$cut_port/}
    echo "$1" >&5
    read -r _ <&6
    # shellcheck disable=SC2086
    marks_run "${2:-up}" ${cut_options:-}
}

cut_begin() { # what a run sends is the statements, and always the same number of bytes
    marks_begin 04_small.sql 05_large.sql 14_small.sql # two like others, and one of many bytes
    url="$url?sslmode=disable"
}

cut_measured() { # leaves in $cut_total what a whole run sends
    marks_empty
    cut_proxy_begin
    cut_run 0
    cut_proxy_end
    cut_total=$cut_sent
}

# ---- one trial, and many ---------------------------------------------------------------------

cut_once() { # BYTES
    local wrong=
    marks_empty
    cut_run "$1"
    echo "$status" >>"$work/cut.codes"
    case $status in
    # Where the last answer is lost, the history tells that everything was carried out.
    0)
        marks_look
        marks_count 'H * applied*'
        [ "$marks_counted" = "$marks_total" ] || wrong="; the run ended with 0"
        ;;
    2 | 3 | 4) ;;
    *) wrong="; the run ended with $status: $err" ;;
    esac
    marks_finish
    [ -z "$wrong" ] || diag "cut after $1: ${wrong#; }"
    [ -z "$wrong" ]
}

cut_try() { # BYTES: counts
    cut_once "$1" || cut_failed=$((cut_failed + 1))
    cut_trials=$((cut_trials + 1))
    [ $((cut_trials % 1000)) != 0 ] || diag "$cut_trials trials, at byte $1: $cut_failed failed"
}

cut_worker() { # NUMBER STEP WORKERS: its share, in a folder and a database of its own
    local place
    work=$work/worker.$1
    mkdir "$work"
    db_number=$((db_number + $1))
    cut_begin
    cut_proxy_begin
    for ((place = 1 + ($1 - 1) * $2; place <= cut_total; place += $2 * $3)); do
        cut_try "$place"
    done
    cut_proxy_end
    marks_hang_up
    echo "$cut_trials $cut_failed $marks_decisions" >"$work/cut.done"
}

cut_sweep() { # STEP WORKERS
    local n pids=
    marks_hang_up # each worker has a client of its own
    for ((n = 1; n <= $2; n++)); do
        cut_worker "$n" "$1" "$2" &
        pids="$pids $!"
    done
    for n in $pids; do
        wait "$n"
    done
    db_number=$((db_number + 1 + $2))
    cat "$work"/worker.*/cut.codes >"$work/cut.codes"
    is "$(cat "$work"/worker.*/cut.done | wc -l)" "$2" "cut: each worker comes to its end"
    read -r cut_trials cut_failed marks_decisions < <(
        awk '{ t += $1; f += $2; d += $3 } END { print t, f, d }' "$work"/worker.*/cut.done)
}

# ---- around a COMMIT -------------------------------------------------------------------------

# What the run of $status and $err may leave, as "applied rows, tables": leaves in $cut_says whether it
# says that everything was done although the answer was lost; fails where it does not say the truth.
cut_true() { # up|down|all
    local rows
    marks_look
    marks_count 'H * applied*'
    rows=$marks_counted
    marks_count 'm*'
    cut_says=
    case "$1 $status $rows $marks_counted" in
    'up 0 1 1' | 'down 0 0 0')
        [[ $err != *'the history, read again, says that everything was done'* ]] || cut_says=1
        [ "$1" = up ] || { [[ $out == *'done: 1 reverted, 0 still applied'* ]] && [ -z "${marks_told//[$'\n']/}" ]; }
        ;;
    'up '[234]' 0 '[01] | 'down '[234]' 1 1') ;;
    'all 0 2 2') [[ $err != *'again, says that'* ]] ;;
    'all 2 0 0') [[ $err == *'again, says that 0 of 2'* ]] ;;
    'all 2 2 2') [[ $err == *'again, says that 2 of 2'* ]] && cut_says=1 ;;
    *) return 1 ;;
    esac
}

# Cuts so many bytes before the end of what a run of $cut_total sends; leaves in $cut_behind where the
# answer was lost. That may be a single byte, and a migration that took a millisecond sends one less
# than one that took ten: all of them again, where none was met.
cut_around() { # up|down|all BYTES...
    local what=$1 before round
    shift
    cut_failed=0 cut_behind=()
    cut_proxy_begin
    for round in 1 2 3; do
        for before; do
            marks_empty
            [ "$what" != down ] || marks_run up
            cut_run $((cut_total - before)) "${what/all/up}"
            if ! cut_true "$what"; then
                cut_failed=$((cut_failed + 1))
                diag "cut $before before the end of $what: exit code $status: $out $err: $marks_told"
            fi
            [ -z "$cut_says" ] || cut_behind+=("$before")
        done
        [ "${#cut_behind[@]}" = 0 ] || break
    done
    cut_proxy_end
}

if [ "$engine" != sqlite ]; then
    . "$abs_top_srcdir/tests/e2e/engine/marks.sh"
    cut_server_port=$(url_part port)
    cut_begin
    cut_measured
    exits 0 "cut: a run of $marks_total migrations that is left alone"
    cut_trials=0 cut_failed=0
    if [ -n "${DUNLIN_TEST_CUT_STEP:-}" ]; then
        cut_sweep "$DUNLIN_TEST_CUT_STEP" "${DUNLIN_TEST_CUT_WORKERS:-1}"
    else
        cut_proxy_begin
        for cut_place in ${DUNLIN_TEST_CUT_PLACES:-$(marks_some 12 "$cut_total")}; do
            cut_try "$cut_place"
        done
        cut_proxy_end
    fi
    is "$cut_failed" 0 "cut: nothing is lost, and nothing ran twice"
    diag "a run sends $cut_total bytes; cut at $cut_trials places; decisions: $marks_decisions"
    diag "exit codes: $(sort "$work/cut.codes" | uniq -c | awk '{ printf "%s times %s, ", $1, $2 }')"
    marks_hang_up

    # Around the COMMIT of a single migration, whose answer is lost: the exit code is true, and says
    # 0 where it was carried out.
    fresh_db
    url="$url?sslmode=disable"
    printf -- '-- migrate:up\nCREATE TABLE m1_1 (id integer);\n-- migrate:down\nDROP TABLE m1_1;\n' >"$dir/1_m.sql"
    cut_measured
    cut_around up $(seq 95 -1 55)
    is "$cut_failed" 0 "cut: the exit code tells whether the migration is applied"
    ok "cut: also where the answer to COMMIT is lost: ${#cut_behind[@]} times" test "${#cut_behind[@]}" -gt 0

    # The same of a way down: what is sent behind the COMMIT is the same.
    marks_empty
    marks_run up
    cut_proxy_begin
    cut_run 0 down
    cut_proxy_end
    exits 0 "cut: a way down that is left alone"
    cut_total=$cut_sent
    cut_around down $(seq $((cut_behind[0] + 4)) -1 $((cut_behind[-1] - 4)))
    is "$cut_failed" 0 "cut: behind the COMMIT of a way down: the table is gone, and its row, and that is told"
    ok "cut: also where the answer to the COMMIT of a way down is lost: ${#cut_behind[@]} times" test "${#cut_behind[@]}" -gt 0

    # The same around the one COMMIT of several; a hook behind them, so that nobody can say that it was
    # all.
    if [ "$engine" = postgres ]; then
        printf 'CREATE TABLE m2_1 (id integer);\n' >"$dir/2_m.sql"
        mkdir "$dir/hooks"
        echo 'SELECT 1;' >"$dir/hooks/after_all.sql"
        cut_options='--transaction all'
        cut_measured
        cut_around all $(seq 130 -3 70)
        unset cut_options
        is "$cut_failed" 0 "cut: around the COMMIT of several: all is there, or nothing, and is told"
        ok "cut: around the COMMIT of several: also behind it: ${#cut_behind[@]} times" test "${#cut_behind[@]}" -gt 0
    fi
    marks_hang_up
fi
